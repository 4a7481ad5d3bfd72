"""Kinds of devices as people name them, and which things of a home are of a kind."""

from functools import lru_cache
from typing import TYPE_CHECKING

from custom_components.jonh.agent.names.lexicon import (
    concepts,
    content_words,
    kind_of,
    kind_of_concept,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from custom_components.jonh.agent.home import Entity

CACHED_PHRASES = 4096
"""Names of a large home, and what was lately said of it."""


def is_plural(kind: Sequence[str]) -> bool:
    """Return True where the noun of a kind is plural: "luzes de led", "ceiling lights"."""
    return any(word.endswith("s") and word not in _SINGULAR for word in (kind[0], kind[-1]))


def is_kind(said: Sequence[str]) -> bool:
    """Return True where the whole phrase is nothing but a kind."""
    return bool(kind_concepts(tuple(said)))


def is_lighting(kind: tuple[str, ...]) -> bool:
    """Return True for lights in general: "a luz", "lights"."""
    return "LIGHT" in kind_concepts(kind)


@lru_cache(CACHED_PHRASES)
def kind_concepts(kind: tuple[str, ...]) -> frozenset[str]:
    """Return the concepts of a phrase that names a kind of device and nothing else."""
    text = " ".join(kind)
    return concepts(content_words(text)) if kind and kind_of(text) else frozenset()


@lru_cache(CACHED_PHRASES)
def _named_concepts(names: tuple[str, ...]) -> frozenset[str]:
    """Return what the names of an entity say it is."""
    return frozenset[str]().union(*(concepts(content_words(name)) for name in names))


def is_of(entity: Entity, wanted: Iterable[str]) -> bool:
    """Return True for a thing of one of the concepts, by its domain and class or by its name."""
    named = _named_concepts(entity.names)
    for concept in wanted:
        kind = kind_of_concept(concept)
        if kind is None or entity.domain not in kind.domains | _STANDING_IN.get(concept, set()):
            continue
        if concept in named or (concept in _GENERIC and kind.includes(entity)):
            return True
    return False


_SINGULAR = frozenset({"gas", "lava", "loucas", "roupas", "lavaloucas", "compras"})

_GENERIC = frozenset(
    {
        "LIGHT", "FAN", "AIR_CONDITIONER", "THERMOSTAT", "CURTAIN", "BLIND", "SHUTTER", "AWNING",
        "WINDOW", "DOOR", "GATE", "GARAGE_DOOR", "LOCK", "TV", "SPEAKER", "STEREO", "SOUNDBAR",
        "SOCKET", "VACUUM", "MOWER", "HUMIDIFIER", "DEHUMIDIFIER", "VALVE", "ALARM",
        "TEMPERATURE", "HUMIDITY", "MOTION", "PRESENCE", "SMOKE", "LEAK", "BATTERY", "ENERGY",
        "POWER", "ILLUMINANCE", "CO2", "PRESSURE",
    }
)  # fmt: skip
"""Concepts that stand for all of their domain or class; others only for what is called so."""

_STANDING_IN: dict[str, set[str]] = {
    "LIGHT": {"switch", "input_boolean", "group"},
    "FAN": {"switch"},
    "AIR_CONDITIONER": {"switch", "remote"},
    "TV": {"switch", "remote"},
    "SPEAKER": {"switch"},
}
"""Domains through which such a thing is often wired, when it bears the name."""
