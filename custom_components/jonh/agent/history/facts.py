"""The facts that an agent always knows: a short list of lines that people keep."""

from typing import TYPE_CHECKING

from custom_components.jonh.agent.limits import MAX_FACT_CHARS, MAX_FACTS
from custom_components.jonh.agent.words import fold

if TYPE_CHECKING:
    from collections.abc import Sequence


class TooManyFactsError(Exception):
    """The list is full."""


class FactTooLongError(Exception):
    """A fact is a sentence or two, not a text."""


class FactNotFoundError(Exception):
    """No line, or more than one, is meant."""


def with_fact(facts: Sequence[str], text: str) -> tuple[str, ...]:
    """Return the list with one more line, or as it was when it says so already.

    Raises FactTooLongError and TooManyFactsError.
    """
    line = " ".join(text.split())
    if not fold(line) or fold(line) in map(fold, facts):
        return tuple(facts)
    if len(line) > MAX_FACT_CHARS:
        raise FactTooLongError
    if len(facts) >= MAX_FACTS:
        raise TooManyFactsError
    return (*facts, line)


def without_fact(facts: Sequence[str], text: str) -> tuple[str, ...]:
    """Return the list without the line of these words, or else the only one that has them all.

    Raises FactNotFoundError.
    """
    said = fold(text)
    meant = [fact for fact in facts if fold(fact) == said]
    if not meant and said:
        meant = [fact for fact in facts if set(said.split()) <= set(fold(fact).split())]
    if len(meant) != 1:
        raise FactNotFoundError
    return tuple(fact for fact in facts if fact is not meant[0])
