"""The list of facts."""

import pytest

from custom_components.jonh.agent.history.facts import (
    FactNotFoundError,
    FactTooLongError,
    TooManyFactsError,
    with_fact,
    without_fact,
)
from custom_components.jonh.agent.limits import MAX_FACT_CHARS, MAX_FACTS

FACTS = ("Bola é o gato da Ana.", "O lixo sai na terça.", "A Ana acorda às seis.")


def test_fact_is_added_at_the_end_on_one_line() -> None:
    """What stands before stays as it was, so that the model need not read it again."""
    assert with_fact(FACTS, " A Bia \n chega às oito. ") == (*FACTS, "A Bia chega às oito.")


@pytest.mark.parametrize("text", ["bola e o gato da ana", "BOLA É O GATO DA ANA!", " ", "..."])
def test_nothing_new_changes_nothing(text: str) -> None:
    """The same words, whatever their accents, and no words at all are no news."""
    assert with_fact(FACTS, text) == FACTS


def test_list_has_an_end() -> None:
    """One more fact than fits is refused, and one that is known is not."""
    full = tuple(f"fato {number}" for number in range(MAX_FACTS))
    assert with_fact(full[:-1], full[-1]) == full
    assert with_fact(full, "fato 0") == full
    with pytest.raises(TooManyFactsError):
        with_fact(full, "mais um")


def test_fact_has_an_end() -> None:
    """A text is refused, a long sentence is not."""
    longest = "a" * MAX_FACT_CHARS
    assert with_fact((), longest) == (longest,)
    with pytest.raises(FactTooLongError):
        with_fact((), longest + "a")


@pytest.mark.parametrize(
    ("text", "is_left"),
    [
        pytest.param("o lixo sai na terca", (FACTS[0], FACTS[2]), id="all of its words"),
        pytest.param("gato", FACTS[1:], id="a word of its own"),
        pytest.param("acorda Ana", FACTS[:2], id="words in any order"),
    ],
)
def test_fact_is_dropped(text: str, is_left: tuple[str, ...]) -> None:
    """The one fact that is meant goes, the others stay."""
    assert without_fact(FACTS, text) == is_left


@pytest.mark.parametrize("text", ["Ana", "cachorro", "", "..."])
def test_unclear_fact_is_not_dropped(text: str) -> None:
    """Two facts with that word, none, or no word at all: nothing is dropped."""
    with pytest.raises(FactNotFoundError):
        without_fact(FACTS, text)


def test_whole_fact_wins_over_a_part_of_another() -> None:
    """A fact that is contained in another can still be named."""
    facts = ("O lixo sai na terça.", "O lixo sai na terça de manhã.")
    assert without_fact(facts, "o lixo sai na terça") == facts[1:]
