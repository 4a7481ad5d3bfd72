"""How servers read what is not plain words: numbers, units, times, markup.

A table says what is written and which words a person would say for it. A server reads a line
right when its phonemes are those of the words. Punctuation, spaces and stress do not count, nor
what the same word changes beside others (weak vowels, s and z): espeak-ng does not do that where
it makes the words from digits. Neither does an English "and", which is as good left out.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from piper.phonemize_espeak import EspeakPhonemizer

from wyoming_servers.tts.normalize import normalize

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_TABLES = Path(__file__).parents[2] / "tests/wyoming_servers/tts/readings"
# The table of a language, the language as clients name it, and espeak's voice for it.
LANGUAGES = (("pt_BR", "pt-BR", "pt-br"), ("pt_PT", "pt-PT", "pt"), ("en", "en", "en-us"))

_AROUND_WORDS = re.compile(r"\*+([^*]+)\*+")
_AT_LINE_STARTS = re.compile(r"(?:^|(?<=\n))\s*\*+")
_STOPS = ".?!。？！．؟"
_ALIKE = str.maketrans("ɪᵻɨjeɛʊwoɔɐəzʃʒɾ", "iiiiiiuuuuaassst", "ˈˌʲ")
_OPTIONAL = re.compile(r"\band ")
_NASAL = "\u0303"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What is written, and the words a person says for it."""

    given: str
    expected: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How many lines are read right."""

    lines: int
    peer: int
    ours: int


def read_table(name: str) -> list[Reading]:
    """Read the lines of a table, none where there is no such table."""
    path = _TABLES / f"{name}.tsv"
    lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    rows = [line.split("\t") for line in lines if line and not line.startswith("# ")]
    return [Reading(given=_unescaped(row[0]), expected=row[1]) for row in rows]


def score(readings: Sequence[Reading], language: str, espeak_voice: str) -> Score:
    """Read each line as both servers do, and as the words that are expected."""
    speaker = _Speaker(espeak_voice)
    wanted = [speaker.sounds(each.expected) for each in readings]
    peer = [speaker.sounds(as_the_peer(each.given)) for each in readings]
    ours = [speaker.sounds(normalize(each.given, language)) for each in readings]
    return Score(lines=len(readings), peer=_equal(wanted, peer), ours=_equal(wanted, ours))


def as_the_peer(text: str) -> str:
    """Return what the peer has phonemized: without asterisks, in one line, with a stop."""
    text = _AT_LINE_STARTS.sub("", _AROUND_WORDS.sub(r"\1", text.strip()))
    text = " ".join(text.strip().splitlines())
    return text if text.endswith(tuple(_STOPS)) else f"{text}."


class _Speaker:
    """espeak-ng, as both servers use it."""

    def __init__(self, voice: str) -> None:
        self._voice = voice
        self._phonemizer = EspeakPhonemizer()

    def sounds(self, text: str) -> str:
        """Return the phonemes of a text, those that count."""
        text = _OPTIONAL.sub("", text)
        sentences: Iterable[Iterable[str]] = self._phonemizer.phonemize(self._voice, text)
        every = (phoneme for sentence in sentences for phoneme in sentence)
        kept = (phoneme for phoneme in every if phoneme.isalpha() or phoneme == _NASAL)
        return "".join(kept).translate(_ALIKE)


def _unescaped(text: str) -> str:
    return text.replace("\\n", "\n")


def _equal(wanted: Sequence[str], made: Sequence[str]) -> int:
    return sum(one == other for one, other in zip(wanted, made, strict=True))
