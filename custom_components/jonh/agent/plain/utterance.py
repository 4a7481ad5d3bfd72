"""One utterance, as far as a plain command is concerned: its words without the politeness."""

import re
from typing import TYPE_CHECKING

from .fast_words import BLOCKING, POLITE_AFTER, POLITE_BEFORE
from .numbers import read_number, tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .fast_words import Phrases

WORDS_MAX = 20
"""A plain command is short; a longer request is for the model."""


def plain_words(text: str) -> tuple[str, ...]:
    """Return the words that matter; none for what a model has to think about."""
    said = tokens(_COMMA.sub(" e ", text))
    return () if len(said) > WORDS_MAX or _needs_thought(said) else _plain(said)


def without(said: tuple[str, ...], phrase: tuple[str, ...]) -> tuple[str, ...]:
    """Take a phrase off either end."""
    return _without_end(_without_start(said, (phrase,)), (phrase,))


def _needs_thought(said: Sequence[str]) -> bool:
    """Return True for negations, conditions and times."""
    if any(word in BLOCKING for word in said):
        return True
    return any(
        (word in _CLOCK and read_number(said, at + 1) is not None)
        or (word == "daqui" and said[at + 1 : at + 2] == ("a",))
        for at, word in enumerate(said)
    )


def _plain(said: tuple[str, ...]) -> tuple[str, ...]:
    """Take off what is only polite."""
    is_changed = True
    while is_changed and said:
        before = said
        said = _without_start(said, POLITE_BEFORE)
        said = _without_end(said, POLITE_AFTER)
        is_changed = said != before
    return said


def _without_start(said: tuple[str, ...], starts: Phrases) -> tuple[str, ...]:
    for start in starts:
        if said[: len(start)] == start:
            return said[len(start) :]
    return said


def _without_end(said: tuple[str, ...], ends: Phrases) -> tuple[str, ...]:
    for end in ends:
        if said[-len(end) :] == end and len(said) > len(end):
            return said[: -len(end)]
    return said


_COMMA = re.compile(r",(?!\d)")
_CLOCK = frozenset({"as"})
"""Before a number it is a time: "às 8"; the article has no accent left to tell."""
