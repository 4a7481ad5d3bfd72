"""Values and durations as people say them."""

import pytest
from homeassistant.util.color import COLORS

from custom_components.jonh.agent.languages import Language
from custom_components.jonh.agent.plain.colors import CSS, SHADES, WHITES, color_words, white_words
from custom_components.jonh.agent.plain.values import KELVIN, parse_duration_s, parse_value


@pytest.mark.parametrize(
    ("text", "number", "unit"),
    [
        ("50%", 50, "%"),
        ("50 %", 50, "%"),
        ("50 por cento", 50, "%"),
        ("cinquenta por cento", 50, "%"),
        ("fifty percent", 50, "%"),
        ("cincuenta por ciento", 50, "%"),
        ("em 50%", 50, "%"),
        ("brilho 50%", 50, "%"),
        ("50% brightness", 50, "%"),
        ("22", 22, None),
        ("vinte e dois", 22, None),
        ("para vinte e dois e meio", 22.5, None),
        ("twenty two", 22, None),
        ("22,5", 22.5, None),
        ("22 graus", 22, "°"),
        ("22 °C", 22, "°"),
        ("22º", 22, "°"),
        ("vinte graus celsius", 20, "°"),
        ("72 °F", 72, "°"),
        ("21 degrees", 21, "°"),
        ("-5 graus", -5, "°"),
        ("menos cinco", -5, None),
        ("no máximo", 100, "%"),
        ("máxima", 100, "%"),
        ("max", 100, "%"),
        ("mínimo", 1, "%"),
        ("to the minimum", 1, "%"),
        ("metade", 50, "%"),
        ("pela metade", 50, "%"),
        ("half", 50, "%"),
        ("baixa", 33, "%"),
        ("velocidade média", 66, "%"),
        ("high", 100, "%"),
    ],
)
def test_understands_numbers_with_units(text: str, number: float, unit: str | None) -> None:
    """Digits and words, with and without a unit, and shares that have a name."""
    value = parse_value(text)
    assert value is not None
    assert (value.number, value.unit, value.text) == (number, unit, text)
    assert value.color is None
    assert value.kelvin is None


@pytest.mark.parametrize(
    ("text", "color"),
    [
        ("azul", "blue"),
        ("na cor azul", "blue"),
        ("Azul claro", "lightblue"),
        ("vermelha", "red"),
        ("roxo", "purple"),
        ("verde-limão", "lime"),
        ("rosa choque", "hotpink"),
        ("branco", "white"),
        ("light blue", "lightblue"),
        ("skyblue", "skyblue"),
        ("in red", "red"),
        ("rojo", "red"),
        ("azul marino", "navy"),
    ],
)
def test_understands_colours(text: str, color: str) -> None:
    """Colours of three languages become names that lights take."""
    value = parse_value(text)
    assert value is not None
    assert (value.color, value.number, value.kelvin) == (color, None, None)


@pytest.mark.parametrize(
    ("text", "kelvin"),
    [
        ("branco quente", 2700),
        ("luz fria", 6000),
        ("luz do dia", 6500),
        ("warm white", 2700),
        ("daylight", 6500),
        ("blanco cálido", 2700),
        ("luz del día", 6500),
        ("2700k", 2700),
        ("4.000 kelvin", 4000),
        ("dois mil e setecentos kelvin", 2700),
    ],
)
def test_understands_whites(text: str, kelvin: int) -> None:
    """Whites become a colour temperature."""
    value = parse_value(text)
    assert value is not None
    assert (value.kelvin, value.color, value.number) == (kelvin, None, None)


@pytest.mark.parametrize(
    "text",
    ["", "  ", "em", "ligada", "50% da luz", "luz 5", "cinco três", "5 minutos", "100 kelvin",
     "menos", "azul bonito", "homeassistant"],
)  # fmt: skip
def test_refuses_what_is_no_value(text: str) -> None:
    """One word too many, and it is no value."""
    assert parse_value(text) is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("5 minutos", 300), ("cinco minutos", 300), ("30 segundos", 30), ("90s", 90),
        ("30min", 1800), ("1 hora", 3600), ("uma hora", 3600), ("meia hora", 1800),
        ("uma hora e meia", 5400), ("duas horas e meia", 9000), ("um minuto e meio", 90),
        ("1 hora e 20 minutos", 4800), ("1h30", 5400), ("2,5 horas", 9000),
        ("um quarto de hora", 900), ("dois dias", 172800), ("5 minutes", 300),
        ("an hour", 3600), ("an hour and a half", 5400), ("half an hour", 1800),
        ("a quarter of an hour", 900), ("two and a half hours", 9000),
        ("one hour and ten minutes", 4200), ("media hora", 1800), ("una hora", 3600),
        ("cinco minutos y medio", 330), ("treinta segundos", 30),
    ],
)  # fmt: skip
def test_understands_durations(text: str, seconds: int | None) -> None:
    """Durations of one or two parts become seconds."""
    assert parse_duration_s(text) == seconds


@pytest.mark.parametrize(
    "text",
    ["", "5", "hora", "minutos", "uma hora minutos", "e 5 minutos", "hora e meia", "5 graus",
     "cinco minutos depois", "meia", "0 minutos", "uma hora e"],
)  # fmt: skip
def test_refuses_what_is_no_duration(text: str) -> None:
    """A number without a unit of time, or a unit without a number, is no duration."""
    assert parse_duration_s(text) is None


def test_colours_are_those_of_home_assistant() -> None:
    """Every name that we may send is one that Home Assistant knows, and none of them is missing."""
    assert set(COLORS) - {"homeassistant"} == CSS
    assert {css for table in SHADES for css in table.values()} <= CSS


def test_whites_are_temperatures_of_light() -> None:
    """Every named white lies between candle light and a blue sky."""
    assert all(kelvin in KELVIN for table in WHITES for kelvin in table.values())


@pytest.mark.parametrize(
    ("color", "language", "expected"),
    [
        ("blue", Language.PT_BR, "azul"),
        ("lightblue", Language.PT, "azul claro"),
        ("blue", Language.EN, "blue"),
        ("red", Language.ES, "rojo"),
        ("peru", Language.PT_BR, "peru"),
    ],
)
def test_names_colours(color: str, language: Language, expected: str) -> None:
    """A colour is called as the language calls it, by its CSS name where it has none."""
    assert color_words(color, language) == expected


@pytest.mark.parametrize(
    ("kelvin", "language", "expected"),
    [
        (2700, Language.PT_BR, "branco quente"),
        (2700, Language.EN, "warm white"),
        (6000, Language.ES, "blanco frío"),
        (3456, Language.PT, "3456 kelvin"),
    ],
)
def test_names_whites(kelvin: int, language: Language, expected: str) -> None:
    """A white is called by its name, and by its temperature where it has none."""
    assert white_words(kelvin, language) == expected
