"""What people say to set something to: numbers, shares, degrees, colours, whites, durations."""

from functools import lru_cache
from typing import TYPE_CHECKING

from custom_components.jonh.agent.commands import Value

from .colors import CSS, SHADES, WHITES
from .numbers import read_number, tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

CACHED_VALUES = 1024
"""The fast path tries every tail of an utterance as a value."""

KELVIN = range(1000, 12001)
"""From candle light to a blue sky."""

MINIMUM_PERCENT = 1.0
"""The least that is not off: what people mean by a light at its minimum."""


@lru_cache(CACHED_VALUES)
def parse_value(text: str) -> Value | None:
    """Understand a value if all of the text belongs to it: "50%", "vinte e dois", "azul claro".

    "máximo", "metade" and "baixo" are shares in percent. None when anything else was said.
    """
    said = tokens(text)
    body = _without_frame(said)
    if not body:
        return None
    spoken = text.strip()
    joined = " ".join(body)
    if (kelvin := _WHITES.get(joined) or _WHITES.get(" ".join(said))) is not None:
        return Value(text=spoken, kelvin=kelvin)
    if (percent := _LEVELS.get(joined)) is not None:
        return Value(text=spoken, number=percent, unit="%")
    color = _SHADES.get(joined) or "".join(body)
    if color in CSS:
        return Value(text=spoken, color=color)
    return _measured(spoken, body)


@lru_cache(CACHED_VALUES)
def parse_duration_s(text: str) -> int | None:
    """Understand a duration in seconds if all of the text belongs to it: "uma hora e meia"."""
    said = tokens(text)
    total_s, at = 0.0, 0
    while at < len(said):
        read = _duration_part(said, at)
        if read is None:
            return None
        part_s, at = read
        total_s += part_s
    return round(total_s) or None


def _measured(spoken: str, body: Sequence[str]) -> Value | None:
    """Read a number with its unit; nothing may follow."""
    is_negative = body[0] in _MINUS and len(body) > 1
    read = read_number(body, 1 if is_negative else 0)
    if read is None:
        return None
    number, end = read
    if is_negative:
        number = -number
    unit = " ".join(body[end:])
    if unit in _KELVINS:
        return Value(text=spoken, kelvin=round(number)) if number in KELVIN else None
    if unit not in _UNITS:
        return None
    return Value(text=spoken, number=number, unit=_UNITS[unit])


def _without_frame(said: Sequence[str]) -> Sequence[str]:
    """Drop what only leads to a value: "em", "para", "na cor", "with", "to the"."""
    start, end = 0, len(said)
    while start < end and said[start] in _LEADING:
        start += 1
    while end > start and said[end - 1] in _TRAILING:
        end -= 1
    return said[start:end]


def _duration_part(said: Sequence[str], at: int) -> tuple[float, int] | None:
    """Read one number with its unit of time, and a half of that unit behind it."""
    if said[at] in _JOINING and at > 0:
        at += 1
    for phrase, share in _SHARES:
        end = at + len(phrase)
        if tuple(said[at:end]) == phrase and end < len(said) and said[end] in _UNITS_S:
            return share * _UNITS_S[said[end]], end + 1
    read = read_number(said, at)
    if read is None and said[at : at + 1] and said[at] in ("a", "an"):
        read = 1.0, at + 1
    if read is None or read[1] >= len(said) or (unit_s := _UNITS_S.get(said[read[1]])) is None:
        return None
    number, end = read[0], read[1] + 1
    for half in _AND_A_HALF:
        if tuple(said[end : end + len(half)]) == half:
            return (number + 0.5) * unit_s, end + len(half)
    if unit_s == _HOUR_S and end + 1 == len(said) and said[end].isdigit():
        # "1h30": minutes without their unit.
        return number * unit_s + int(said[end]) * _MINUTE_S, end + 1
    return number * unit_s, end


_MINUTE_S = 60
_HOUR_S = 3600

_LEADING_WORDS = """
a o as os em no na nos nas de da do para pra por com ate pela pelo cor tom velocidade brilho
volume temperatura posicao intensidade nivel
to at by in on the of with color colour brightness temperature position speed level up down
al el la en hasta brillo volumen
"""
_LEADING = frozenset(_LEADING_WORDS.split())
_TRAILING = frozenset({"brilho", "volume", "brightness", "brillo", "volumen", "open", "speed"})
_MINUS = frozenset({"menos", "minus"})
_JOINING = frozenset({"e", "and", "y"})
_KELVINS = frozenset({"k", "kelvin", "kelvins"})

_UNITS = {
    "": None,
    "%": "%", "por cento": "%", "porcento": "%", "percent": "%", "per cent": "%",
    "por ciento": "%",
    "°": "°", "° c": "°", "° f": "°", "c": "°", "grau": "°", "graus": "°", "graus celsius": "°",
    "graus centigrados": "°", "degree": "°", "degrees": "°", "degrees celsius": "°",
    "degrees fahrenheit": "°", "celsius": "°", "grados": "°", "grado": "°",
}  # fmt: skip

_LEVELS = {
    "maximo": 100.0, "maxima": 100.0, "max": 100.0, "maximum": 100.0, "full": 100.0,
    "todo": 100.0, "total": 100.0, "tope": 100.0,
    "metade": 50.0, "meio": 50.0, "half": 50.0, "halfway": 50.0, "mitad": 50.0,
    "minimo": MINIMUM_PERCENT, "minima": MINIMUM_PERCENT, "min": MINIMUM_PERCENT,
    "minimum": MINIMUM_PERCENT,
    "baixo": 33.0, "baixa": 33.0, "low": 33.0, "bajo": 33.0, "baja": 33.0,
    "medio": 66.0, "media": 66.0, "medium": 66.0,
    "alto": 100.0, "alta": 100.0, "high": 100.0,
}  # fmt: skip
"""Shares in percent; low, medium and high as the thirds of a fan with three speeds."""

_UNITS_S = {
    "s": 1, "seg": 1, "sec": 1, "segundo": 1, "segundos": 1, "second": 1, "seconds": 1,
    "m": 60, "min": 60, "mins": 60, "minuto": 60, "minutos": 60, "minute": 60, "minutes": 60,
    "h": 3600, "hr": 3600, "hora": 3600, "horas": 3600, "hour": 3600, "hours": 3600,
    "dia": 86400, "dias": 86400, "day": 86400, "days": 86400,
}  # fmt: skip

_SHARES = (
    (("meia",), 0.5), (("meio",), 0.5), (("media",), 0.5), (("medio",), 0.5),
    (("half", "an"), 0.5), (("half", "a"), 0.5), (("half",), 0.5),
    (("um", "quarto", "de"), 0.25), (("a", "quarter", "of", "an"), 0.25),
    (("quarter", "of", "an"), 0.25), (("un", "cuarto", "de"), 0.25),
)  # fmt: skip
_AND_A_HALF = (("e", "meia"), ("e", "meio"), ("and", "a", "half"), ("y", "media"), ("y", "medio"))


def _folded(tables: Sequence[dict[str, str]] | Sequence[dict[str, int]]) -> dict[str, str | int]:
    """Merge tables under words without accents."""
    return {" ".join(tokens(said)): what for table in tables for said, what in table.items()}


_SHADES: dict[str, str] = {said: str(what) for said, what in _folded(SHADES).items()}
_WHITES: dict[str, int] = {said: int(what) for said, what in _folded(WHITES).items()}
