"""Which misspellings are forgiven, and what misheard words may stand for."""

import pytest

from custom_components.jonh.agent.names import spelling
from custom_components.jonh.agent.names.spelling import (
    SIMILAR_MAX,
    Spellings,
    edit_distance,
    misspelling,
)


@pytest.mark.parametrize(
    ("first", "second", "limit", "expected"),
    [
        ("sala", "sala", 1, 0),
        ("sala", "salla", 1, 1),
        ("sala", "saa", 1, 1),
        ("sala", "saka", 1, 1),
        ("sala", "slaa", 1, 1),
        ("sala", "mola", 1, None),
        ("sala", "mola", 2, 2),
        ("sala", "salasa", 1, None),
        ("ab", "ba", 1, 1),
        ("abcdef", "xyzuvw", 2, None),
    ],
)
def test_distance_counts_letters(first: str, second: str, limit: int, expected: int | None) -> None:
    """Letters put in, left out, exchanged or swapped count one each, up to a limit."""
    assert edit_distance(first, second, limit=limit) == expected
    assert edit_distance(second, first, limit=limit) == expected


@pytest.mark.parametrize(
    ("said", "meant", "is_alone", "expected"),
    [
        ("cozinah", "cozinha", True, 1),
        ("cozihna", "cozinha", False, 1),
        ("cosimha", "cozinha", False, None),
        ("lavandaira", "lavanderia", False, 2),
        ("lus", "luz", False, 1),
        ("lus", "luz", True, None),
        ("tw", "tv", False, None),
        ("luz1", "luz2", False, None),
        ("1", "2", False, None),
    ],
)
def test_a_misspelling_is_small(
    said: str, meant: str, expected: int | None, *, is_alone: bool
) -> None:
    """One letter in a word, two in a long one, none in a very short one or a number."""
    assert misspelling(said, meant, is_alone=is_alone) == expected


def test_alike_words_come_most_alike_first() -> None:
    """A misheard word stands for known ones by the letters they share."""
    spellings = Spellings(["cozinha", "cortina", "quarto"])
    found = spellings.like("cosinha")
    assert found[0][0] == "cozinha"
    assert 0.45 <= found[0][1] < 1


def test_a_known_word_stands_for_itself() -> None:
    """Only unknown words may have been misheard."""
    assert Spellings(["sala", "salao"]).like("sala") == ()


def test_a_word_like_none_stands_for_none() -> None:
    """No letters in common, no guess."""
    assert Spellings(["sala"]).like("xyz") == ()


def test_few_words_are_guessed() -> None:
    """Many alike words do not all get a vote."""
    spellings = Spellings(f"cozinh{letter}" for letter in "abcdefgh")
    assert len(spellings.like("cozinhz")) == SIMILAR_MAX


def test_remembered_words_do_not_grow_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was remembered is let go, and found again."""
    monkeypatch.setattr(spelling, "REMEMBERED_WORDS", 2)
    spellings = Spellings(["cozinha"])
    first = [spellings.like(f"cozinh{letter}") for letter in "bcdefg"]
    assert [spellings.like(f"cozinh{letter}") for letter in "bcdefg"] == first
