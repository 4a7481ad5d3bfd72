"""Numbers in words."""

import pytest

from tools.starter.spelling import spell_number


@pytest.mark.parametrize(
    ("number", "portuguese", "english"),
    [
        (0, "zero", "zero"),
        (16, "dezesseis", "sixteen"),
        (20, "vinte", "twenty"),
        (21, "vinte e um", "twenty one"),
        (100, "cem", "one hundred"),
        (101, "cento e um", "one hundred one"),
        (250, "duzentos e cinquenta", "two hundred fifty"),
        (1000, "mil", "one thousand"),
        (1500, "mil e quinhentos", "one thousand five hundred"),
        (2026, "dois mil e vinte e seis", "two thousand twenty six"),
        (3456, "três mil quatrocentos e cinquenta e seis", "three thousand four hundred fifty six"),
    ],
)
def test_number_in_both_languages(number: int, portuguese: str, english: str):
    """Portuguese joins with "e"; English does not join."""
    assert spell_number(number, "pt") == portuguese
    assert spell_number(number, "en") == english


@pytest.mark.parametrize("language", ["pt", "en"])
def test_no_two_numbers_sound_alike(language: str):
    """All ten thousand spellings differ."""
    assert len({spell_number(number, language) for number in range(10000)}) == 10000
