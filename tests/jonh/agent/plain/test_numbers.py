"""Numbers as people say them."""

import pytest

from custom_components.jonh.agent.plain.numbers import read_number, tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("22,5 °C", ("22,5", "°", "c")),
        ("Ar-condicionado", ("ar", "condicionado")),
        ("50%", ("50", "%")),
        ("1.500 W", ("1.500", "w")),
        ("às -5º", ("as", "-5", "°")),
        ("Luz, 3.", ("luz", "3")),
        ("1h30", ("1", "h", "30")),
        ("¡!?", ()),
    ],
)
def test_splits_into_tokens(text: str, expected: tuple[str, ...]) -> None:
    """Numbers keep their decimals, words lose their accents, and signs go."""
    assert tokens(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", 0), ("7", 7), ("22,5", 22.5), ("22.5", 22.5), ("2.700", 2700), ("-5", -5),
        ("zero", 0), ("um", 1), ("duas", 2), ("quatorze", 14), ("dezenove", 19), ("vinte", 20),
        ("vinte e dois", 22), ("vinte dois", 22), ("noventa e nove", 99), ("cem", 100),
        ("cento e vinte e um", 121), ("duzentos e cinquenta", 250), ("mil", 1000),
        ("mil e quinhentos", 1500), ("dois mil e setecentos", 2700),
        ("seis mil e quinhentos", 6500), ("vinte e dois e meio", 22.5),
        ("vinte e dois vírgula cinco", 22.5), ("22 e meio", 22.5), ("três e meia", 3.5),
        ("twenty-two", 22), ("twenty two and a half", 22.5), ("one hundred", 100),
        ("a hundred", None), ("hundred", 100), ("one hundred and twenty", 120),
        ("two thousand seven hundred", 2700), ("twenty-one point five", 21.5),
        ("veintidós", 22), ("treinta y cinco", 35), ("veintidós y medio", 22.5), ("cien", 100),
        ("luz", None), ("", None), ("e cinco", None),
    ],
)  # fmt: skip
def test_reads_whole_numbers_and_halves(text: str, expected: float | None) -> None:
    """Digits and words are the same number in three languages."""
    said = tokens(text)
    read = read_number(said)
    assert (read[0] if read else None) == expected
    assert read is None or read[1] == len(said)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cinco três", (5, 1)),
        ("vinte e abajur", (20, 1)),
        ("vinte trinta", (20, 1)),
        ("vinte zero", (20, 1)),
        ("dez mil mil", (10000, 2)),
        ("vinte vírgula luz", (20, 1)),
        ("cinco graus", (5, 1)),
        ("five hundred hundred", (500, 2)),
    ],
)
def test_stops_where_the_number_ends(text: str, expected: tuple[float, int]) -> None:
    """What does not go on with the number is left where it is."""
    assert read_number(tokens(text)) == expected


def test_reads_from_the_middle() -> None:
    """A number is read where it is looked for."""
    assert read_number(tokens("luz em vinte e um por cento"), 2) == (21, 5)
