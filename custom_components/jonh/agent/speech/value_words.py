"""Values within a reply: "em 50 por cento", "na cor azul", "to 22 degrees"."""

import re
from typing import TYPE_CHECKING

from custom_components.jonh.agent.languages import Language
from custom_components.jonh.agent.plain.colors import color_words, white_words

from .states import number_words

if TYPE_CHECKING:
    from custom_components.jonh.agent.commands import Value


def value_words(value: Value | None, domain: str, language: Language) -> str:
    """Return the value with its preposition: " em 50 por cento", " to blue"."""
    words = _VALUES[language]
    if value is None:
        return ""
    if domain in _TEMPERATURES and not any(map(str.isdigit, value.text)):
        # "frio" is a white of a light, and a mode of everything that cools.
        return words["mode"].format(_MODE.sub("", value.text))
    if value.color and domain in _LIT:
        return words["color"].format(color_words(value.color, language))
    if value.kelvin and domain in _LIT:
        return words["to"].format(white_words(value.kelvin, language))
    if value.number is None:
        return words["to"].format(_LEADING.sub("", value.text))
    number = number_words(value.number, language)
    unit = value.unit or _UNITS.get(domain)
    if unit is None:
        return words["to"].format(number)
    name = "degree" if unit == "°" and abs(value.number) == 1 else unit
    return words["to"].format(f"{number} {words[name]}")


def spoken_units(words: str, language: Language) -> str:
    """Return state words with percent and degrees spelled out."""
    names = _VALUES[language]
    text = _FAHRENHEIT.sub(f" {names['°']} Fahrenheit", words)
    text = _ONE_DEGREE.sub(f"1 {names['degree']}", text)
    text = _DEGREES.sub(f" {names['°']}", text)
    return _PERCENT.sub(f" {names['%']}", text)


_FAHRENHEIT = re.compile(r"\s*°\s?F\b")
_ONE_DEGREE = re.compile(r"(?<![\d.,])1\s*°(?:\s?C\b)?")
_DEGREES = re.compile(r"\s*°(?:\s?C\b)?")
_PERCENT = re.compile(r"\s*%")
_LEADING = re.compile(r"^(?:em|no|na|para|to|in|en)\s+", re.IGNORECASE)
_MODE = re.compile(r"^(?:(?:em|no|na|para|to|in|en)\s+)?(?:modo\s+)?", re.IGNORECASE)
_TEMPERATURES = frozenset({"climate", "water_heater"})
_LIT = frozenset({"light", ""})
"""Domains whose values may be colours; things of several domains have none."""

_UNITS = {"light": "%", "cover": "%", "fan": "%", "media_player": "%", "humidifier": "%",
          "valve": "%", "climate": "°", "water_heater": "°"}  # fmt: skip
"""What a bare number means for a domain."""

_PT_VALUES = {
    "to": " em {}", "mode": " no modo {}", "color": " na cor {}", "%": "por cento",
    "°": "graus", "degree": "grau",
}  # fmt: skip
_VALUES = {
    Language.PT_BR: _PT_VALUES,
    Language.PT: _PT_VALUES,
    Language.EN: {
        "to": " to {}", "mode": " to {}", "color": " to {}", "%": "percent",
        "°": "degrees", "degree": "degree",
    },
    Language.ES: {
        "to": " en {}", "mode": " en modo {}", "color": " en color {}", "%": "por ciento",
        "°": "grados",
        "degree": "grado",
    },
}  # fmt: skip
