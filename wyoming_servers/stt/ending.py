"""Does a text sound finished? How long to wait for more depends on it.

Words decide. A recogniser that hears a pause writes a full stop after half a sentence as readily
as after a whole one, so its punctuation only counts where it says that more is to come.
"""

import re
import unicodedata
from collections.abc import Collection, Sequence
from enum import StrEnum

from .ending_words import ENGLISH, PORTUGUESE, EndingWords

_WORDS = {"pt": PORTUGUESE, "en": ENGLISH}
_TRAILING_OFF = (",", ";", ":", "-", "–", "—", "...", "…")
_STOPS = (".", "!", "?")
# A PIN has at least four digits.
_PIN_DIGITS = 4
# A statement with so many words that ends with a place has said what it is about.
_LONG = 6
# "à" is a preposition with an article, "a" alone may be anything; "é" is a filler at the end.
_KEPT = frozenset({"à", "às", "é"})


class Ending(StrEnum):
    """How an utterance stands at a pause."""

    FINISHED = "finished"
    """A whole command or sentence: hardly anybody goes on after it."""
    OPEN = "open"
    """It may be whole, and more may come."""
    UNFINISHED = "unfinished"
    """It ends where nobody stops: "acenda a luz da", "and", "é..."."""


def ending_of(text: str, language: str | None, names: Collection[str] = ()) -> Ending:
    """Tell how a transcript ends.

    `language` is Whisper's code, None when it is not known; `names` are those of the home's
    things and rooms, which finish a command.
    """
    text = text.strip()
    if text.endswith(_TRAILING_OFF):
        return Ending.UNFINISHED
    words, said = _WORDS.get(language or ""), plain(text)
    if words is None:
        return Ending.FINISHED if text.endswith(_STOPS) else Ending.OPEN
    if not said:
        return Ending.OPEN
    if " ".join(said) in words.answers:
        # "Pare" is all that somebody says who is in a hurry, and begins "pare a música" as well.
        return Ending.OPEN if said[-1] in words.verbs else Ending.FINISHED
    if _digits(said, words) >= _PIN_DIGITS:
        return Ending.FINISHED
    while len(said) > 1 and said[0] in words.openers:
        said = said[1:]
    if _is_number(said[-1], words):
        return Ending.OPEN
    if _wants_more(said, words):
        return Ending.UNFINISHED
    if said[0] in words.value_verbs and not _has_value(said, words):
        return Ending.UNFINISHED
    if _is_whole(said, text, words) or _ends_with_name(said, names, words):
        return Ending.FINISHED
    return Ending.OPEN


def plain(text: str) -> list[str]:
    """Return the words of a text in lower case, without the accents that recognisers drop."""
    found = re.findall(r"[\w%°-]+", text.casefold())
    return [word if word in _KEPT else _without_accents(word) for word in found]


def _without_accents(word: str) -> str:
    parts = unicodedata.normalize("NFD", word)
    return "".join(part for part in parts if not unicodedata.combining(part)).strip("-")


def _digits(said: Sequence[str], words: EndingWords) -> int:
    """Count the digits of what is nothing but digits."""
    if not all(word.isdigit() or word in words.digits for word in said):
        return 0
    return sum(len(word) if word.isdigit() else 1 for word in said)


def _is_number(word: str, words: EndingWords) -> bool:
    return word.isdigit() or word in words.numbers or word in words.digits


def _wants_more(said: Sequence[str], words: EndingWords) -> bool:
    """Tell whether nobody stops after the last word."""
    last = said[-1]
    if last in words.particles and len(said) > 2:
        return False  # "turn the light on"
    if last in words.unfinished:
        return True
    return last in words.verbs and (len(said) == 1 or said[-2] in words.joints)


def _has_value(said: Sequence[str], words: EndingWords) -> bool:
    return _is_value(said[-1], words) or said[-1] in words.closers or said[-1] in words.particles


def _is_value(word: str, words: EndingWords) -> bool:
    return word in words.values or word.endswith(("%", "°"))


def _is_whole(said: Sequence[str], text: str, words: EndingWords) -> bool:
    """Tell whether the last word fills the last place that a sentence has."""
    last = said[-1]
    is_command = said[0] in words.verbs
    is_question = text.endswith("?") or said[0] in words.questions
    if last in words.closers:
        return len(said) > 1
    if _is_value(last, words):
        return is_command or _is_number(said[0], words)
    if last in words.particles:
        return (is_command and len(said) > 2) or (is_question and len(said) > 3)
    if last in words.whole_things:
        return is_command and len(said) > 1
    if last in words.places:
        return _is_linked(said, words) or (words.is_noun_first and said[-2] in words.unfinished)
    is_long = len(said) >= _LONG
    return (
        (is_command or is_question or is_long)
        and last not in words.heads
        and _is_linked(said, words)
    )


def _is_linked(said: Sequence[str], words: EndingWords) -> bool:
    """Tell whether a thing is followed by where it is: "luz da mesa", "light in the attic"."""
    return any(word in words.links for word in said[max(2, len(said) - 4) : -1])


def _ends_with_name(said: Sequence[str], names: Collection[str], words: EndingWords) -> bool:
    """Tell whether a command ends with the whole name of something and is more than the name."""
    tail = f" {' '.join(said)}"
    return said[0] in words.verbs and any(
        tail.endswith(f" {spelt}") for name in names if (spelt := " ".join(plain(name)))
    )
