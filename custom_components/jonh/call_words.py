"""What words spoken over an answer mean: nothing, go on, stop, or something new."""

import re
from difflib import SequenceMatcher, get_close_matches
from enum import StrEnum

from .agent.languages import Language, language_of
from .agent.words import words

ECHO_SHARE = 0.7
"""Share of the words, in order, that has to be ours: a recogniser garbles some of an echo."""
OWN_CHARS_MIN = 4
"""A word that long tells something; shorter ones are alike in every sentence."""
WORDS_PER_SLIP = 6
"""A recogniser that hears an echo makes one word in so many out of nothing."""
GARBLED_LIKENESS = 0.7
"""How like a word of ours a longer word has to be to count as one."""
ECHO_WORDS_MIN = 3
"""Fewer words of ours are as likely a question about them; an echo that short is let through."""
NODS_MAX = 4
"""More of them in a row are no nod any more."""

_PT_NODS = (
    "uhum uhm ahum aham ahan hum hm hmm hã tá tá bom tá certo sei ok okay certo isso é pois é "
    "entendi entendo beleza legal ah ahã uhu mhm sim sim claro"
)
_NODS = {
    Language.PT_BR: _PT_NODS,
    Language.PT: f"{_PT_NODS} pois está bem pronto",
    Language.EN: (
        "uh huh uhhuh mm mmm hmm hm mhm mm hmm right yeah yep ok okay sure i see got it ah oh uh um"
    ),
    Language.ES: "ajá aja hum hm hmm mhm ya ok okay vale claro sí sí bien entiendo ah eh",
}
"""Words with which people show that they listen, written one after another."""

_PT_STOPS = (
    "para|pare|para aí|pare aí|pode parar|espera|espera aí|espere|peraí|pera aí|chega|chega disso"
    "|silêncio|quieto|cala a boca|cale se|stop|já chega|tá bom chega|para para|espera espera"
    "|para por favor|para de falar|pare de falar"
)
_STOPS = {
    Language.PT_BR: _PT_STOPS,
    Language.PT: f"{_PT_STOPS}|cala te|alto|pára|basta",
    Language.EN: (
        "stop|stop it|stop stop|stop talking|please stop|wait|wait a moment|wait a second|hold on"
        "|enough|that's enough|quiet|be quiet|shut up|silence|cancel"
    ),
    Language.ES: "para|párate|para para|espera|espera un momento|basta|ya basta|silencio|alto|stop",
}
"""Whole utterances that end an answer and ask for nothing else."""


class Verdict(StrEnum):
    """What somebody meant who spoke over an answer."""

    NOTHING = "nothing"
    """No word was understood."""
    NOD = "nod"
    """They listen; the answer goes on."""
    ECHO = "echo"
    """The microphone heard the answer itself."""
    STOP = "stop"
    """The answer is to end, and nothing else."""
    WORDS = "words"
    """Something new was said."""


def judge(text: str, spoken: str, language: str) -> Verdict:
    """Say what a text means that was heard while `spoken` was said.

    A nod after a question is an answer to it.
    """
    heard = words(text)
    if not heard:
        return Verdict.NOTHING
    tongue = language_of(language)
    if heard in _table(_STOPS[tongue]):
        return Verdict.STOP
    is_asked = spoken.rstrip().endswith("?")
    if len(heard) <= NODS_MAX and set(heard) <= _words_of(_NODS[tongue]) and not is_asked:
        return Verdict.NOD
    if len(heard) >= ECHO_WORDS_MIN and _is_in(heard, words(spoken)):
        return Verdict.ECHO
    return Verdict.WORDS


def _is_in(heard: tuple[str, ...], spoken: tuple[str, ...]) -> bool:
    """Return True when most of the words stand in the spoken ones, in the same order.

    A longer word that is not like any of ours is somebody's own: "apague a luz da sala" while
    "a luz da sala está acesa" is said.
    """
    alike = tuple(_nearest(word, spoken) for word in heard)
    own = sum(len(word) >= OWN_CHARS_MIN and word not in spoken for word in alike)
    if own > len(heard) // WORDS_PER_SLIP:
        return False
    matcher = SequenceMatcher(None, alike, spoken, autojunk=False)
    same = sum(block.size for block in matcher.get_matching_blocks())
    return same >= ECHO_SHARE * len(heard)


def _nearest(word: str, spoken: tuple[str, ...]) -> str:
    """Return the spoken word that a recogniser may have taken for this one, else this one."""
    if word in spoken or len(word) < OWN_CHARS_MIN:
        return word
    near = get_close_matches(word, spoken, n=1, cutoff=GARBLED_LIKENESS)
    return near[0] if near else word


def joined(*texts: str) -> str:
    """Return what was said in several breaths as one text."""
    return " ".join(part for text in texts if (part := text.strip()))


def cut_at_word(text: str, chars: float) -> str:
    """Return the start of a text, at most so many characters and no word in part."""
    end = int(chars)
    if end >= len(text):
        return text
    found = re.match(r".*\s", text[: end + 1], re.DOTALL)
    return found[0].rstrip() if found else ""


def sentence_start(text: str, position: int) -> int:
    """Return where the sentence begins in which a position lies."""
    starts = [found.end() for found in re.finditer(r"[.!?…]\s+|\n+", text)]
    return max((start for start in starts if start <= position), default=0)


def _table(utterances: str) -> set[tuple[str, ...]]:
    return {words(utterance) for utterance in utterances.split("|")}


def _words_of(text: str) -> set[str]:
    return set(words(text))
