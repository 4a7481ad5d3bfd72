"""Which words of a command are its value, and what the value goes with."""

from typing import TYPE_CHECKING

from .numbers import read_number, tokens
from .values import parse_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from custom_components.jonh.agent.commands import Value

DEGREES = (5.0, 95.0)
"""Of rooms and of water, in Celsius or Fahrenheit."""
PERCENT = (0.0, 100.0)


def split_value(said: tuple[str, ...]) -> Iterator[tuple[Value, str, tuple[str, ...]]]:
    """Yield each way to take a value off: the value, the word that leads to it, and the rest.

    "a luz em 50%" has its value behind, "22 graus no ar" before the target.
    """
    for at in range(len(said)):
        if (value := parse_value(" ".join(said[at:]))) is None:
            continue
        if said[at] not in _NO_LEADS and (at == 0 or said[at - 1] not in _DANGLING):
            yield value, said[at], said[:at]
    for at in range(len(said) - 1, 0, -1):
        if said[at] in _TARGET_LEADS and (value := parse_value(" ".join(said[:at]))) is not None:
            yield value, said[0], said[at + 1 :]


def fits(value: Value, domain: str, *, is_step: bool = False) -> bool:
    """Return True for a value that things of a domain can have, or be changed by."""
    if value.number is None:
        return domain == "light"
    said = tokens(value.text)
    if said and said[-1] in _SPEEDS:
        return domain == "fan"
    if domain in _TEMPERATURES:
        return value.unit != "%" and (0 if is_step else DEGREES[0]) <= value.number <= DEGREES[1]
    if domain in _SHARES:
        return value.unit != "°" and PERCENT[0] <= value.number <= PERCENT[1]
    return domain in ("number", "input_number")


def is_level(value: Value) -> bool:
    """Return True for "máximo", "metade", "low": a share that was said without a number."""
    said = tokens(value.text)
    return value.number is not None and not any(
        read_number(said, at) is not None for at in range(len(said))
    )


_NO_LEADS = frozenset({"da", "do", "de", "das", "dos", "of", "o", "as", "os", "the", "on"})
"""Words that lead on within a name: "a luz do meio" has no value."""
_DANGLING = _NO_LEADS | frozenset({"a", "na", "no", "nas", "nos", "em", "in", "on", "at", "e"})
_TARGET_LEADS = frozenset({"na", "no", "nas", "nos", "in", "on", "da", "do", "of"})

_TEMPERATURES = frozenset({"climate", "water_heater"})
_SHARES = frozenset({"light", "cover", "fan", "media_player", "humidifier", "valve"})
_SPEEDS = frozenset({"baixo", "baixa", "low", "medio", "media", "medium", "alto", "alta", "high"})
