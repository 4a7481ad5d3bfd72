"""Targets of a plain command: names, kinds of devices and places, only where they are sure."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from custom_components.jonh.agent.names.lexicon import (
    HERE_WORDS,
    content_words,
    is_article,
    is_known,
)
from custom_components.jonh.agent.names.resolver import Quality

from .kinds import is_kind, is_lighting, is_of, is_plural, kind_concepts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from custom_components.jonh.agent.home import Entity, Home
    from custom_components.jonh.agent.names.resolver import Resolver

KIND_WORDS_MAX = 4
"""Longest kind of the lexicon: "maquina de lavar louca"."""

PARTS_MAX = 4
"""Longer lists than anybody says without a doubt."""


@dataclass(frozen=True, slots=True)
class Targets:
    """What a phrase stands for."""

    entities: tuple[Entity, ...]
    is_wide: bool = False
    """They were found by kind and place, not by names."""


class TargetReader:
    """Reads the targets of one utterance; `here` is the speaker's area."""

    def __init__(self, home: Home, resolver: Resolver, here: str | None) -> None:
        self._home = home
        self._resolver = resolver
        self._here = here if here in home.area_by_id else None

    def read(self, said: Sequence[str], allowed: frozenset[str]) -> Targets | None:
        """Return what a phrase names among the allowed domains; None where it is not sure."""
        said = tuple(said)
        if not said or said[0] in _JOINTS or said[-1] in _JOINTS:
            return None
        return self._one(said, allowed) or self._several(said, allowed)

    def having(self, said: Sequence[str], domains: frozenset[str]) -> Targets | None:
        """Return what has an attribute: a target, the things of a place, or those of the room."""
        said = without_joints(said)
        if not said:
            return self._sole(self._in_areas(self._near(), domains), domains) or self._sole(
                self._in_areas(None, domains), domains - {"light"}
            )
        if (found := self.read(said, domains)) is not None:
            return found
        areas = self._place(said)
        return self._sole(self._in_areas(areas, domains), domains) if areas else None

    def named(self, said: Sequence[str], domains: frozenset[str]) -> Targets | None:
        """Return what bears just this name."""
        found = self._by_name(tuple(said), domains) if said else None
        return found[0] if found else None

    def within(self, place: Sequence[str]) -> list[Entity]:
        """Return the things of a place, or of the speaker's room where none is named."""
        areas = self._place(place) if without_joints(place) else self._near()
        every = frozenset(entity.domain for entity in self._home.entities)
        return self._in_areas(areas, every) if areas else []

    def _one(self, said: tuple[str, ...], allowed: frozenset[str]) -> Targets | None:
        rest = _after(said, _EVERY)
        is_every = rest is not None
        said = without_articles(said if rest is None else rest)
        if said[0] in _EVERYTHING:
            return self._everything(said[1:], allowed)
        if is_every:
            return self._by_kind(said, allowed, is_every=True)
        named = self._by_name(said, allowed)
        if is_kind(said):
            return self._by_bare_kind(said, allowed, named)
        if named is not None and (named[1] is Quality.EXACT or not _is_plural_kind(said)):
            return named[0]
        return self._by_kind(said, allowed) or (named[0] if named else None)

    def _by_bare_kind(
        self, said: tuple[str, ...], allowed: frozenset[str], named: tuple[Targets, Quality] | None
    ) -> Targets | None:
        """Read "a luz": what is called just so must not win over the room of the speaker."""
        found = self._by_kind(said, allowed)
        if found is not None or named is None or self._here or is_lighting(said):
            return found
        return named[0]

    def _by_name(
        self, said: tuple[str, ...], allowed: frozenset[str]
    ) -> tuple[Targets, Quality] | None:
        found = self._resolver.entity(" ".join(said), domains=allowed, here=self._here)
        entity = found.entity
        if entity is None or entity.domain not in allowed or found.quality is Quality.FUZZY:
            return None
        if found.quality is not Quality.EXACT and self._is_only_place(said, entity):
            return None
        return Targets((entity,)), found.quality

    def _is_only_place(self, said: tuple[str, ...], entity: Entity) -> bool:
        """Return True for "a garagem", which is no name of the one thing that is known by it."""
        named = content_words(" ".join(said))
        if any(content_words(name) == named for name in entity.names):
            return False
        return self._place(said) is not None

    def _by_kind(
        self, said: tuple[str, ...], allowed: frozenset[str], *, is_every: bool = False
    ) -> Targets | None:
        for kind, place in _splits(said):
            if not (members := self._members(kind, allowed)):
                continue
            areas = self._place(place)
            if place and areas is None:
                continue
            if place and place_is_home(place):
                is_every = is_every or is_plural(kind)
                areas = frozenset()
            return self._of_kind(kind, members, areas, is_every=is_every)
        return None

    def _of_kind(
        self,
        kind: tuple[str, ...],
        members: list[Entity],
        areas: frozenset[str] | None,
        *,
        is_every: bool,
    ) -> Targets | None:
        """Choose among the things of a kind: those of the place, of the room, or the only one."""
        if areas:
            members = [one for one in members if one.area_id in areas]
            is_group = is_every or is_plural(kind) or is_lighting(kind)
            return _chosen(members, is_group=is_group, is_wide=is_every or is_plural(kind))
        if is_every:
            return _chosen(members, is_group=True, is_wide=True)
        near = [one for one in members if one.area_id in (self._near() or ())]
        if is_plural(kind):
            return _chosen(near, is_group=True, is_wide=True)
        if near:
            return _chosen(near, is_group=is_lighting(kind), is_wide=False)
        if is_lighting(kind) and self._here:
            return None
        return _chosen(members, is_group=False, is_wide=False)

    def _members(self, kind: tuple[str, ...], allowed: frozenset[str]) -> list[Entity]:
        """Return the things of a kind: all of a domain or class, or what is called so."""
        wanted = kind_concepts(kind)
        return [
            entity
            for entity in self._home.entities
            if entity.domain in allowed and wanted and is_of(entity, wanted)
        ]

    def _everything(self, place: tuple[str, ...], allowed: frozenset[str]) -> Targets | None:
        if not (areas := self._place(place)) or not allowed >= _EVERYTHING_DOMAINS:
            return None
        members = self._in_areas(areas, _EVERYTHING_DOMAINS)
        return _chosen(members, is_group=True, is_wide=True)

    def _several(self, said: tuple[str, ...], allowed: frozenset[str]) -> Targets | None:
        """Read "a luz da sala e o abajur", "as luzes da sala e da cozinha"."""
        parts = _parts(said)
        if not 1 < len(parts) <= PARTS_MAX:
            return None
        head = _head(parts[0])
        tail = () if any(_tail(part) for part in parts[:-1]) else _tail(parts[-1])
        found: list[Targets] = []
        for part in parts:
            whole = head + part if part[0] in _OF and head else part
            if is_kind(without_articles(part)) and tail:
                # "a luz e o ventilador do quarto": both of that room.
                whole = part + tail
            one = self._one(whole, allowed)
            if one is None and is_kind(parts[-1][-1:]):
                # "the kitchen and bedroom lights"
                one = self._one(part + parts[-1][-1:], allowed)
            if one is None:
                return None
            found.append(one)
        entities = tuple(dict.fromkeys(entity for one in found for entity in one.entities))
        return Targets(entities, any(one.is_wide for one in found))

    def _place(self, said: Sequence[str]) -> frozenset[str] | None:
        """Return the areas that a phrase stands for, none of them for the whole home."""
        said = without_joints(said)
        if not said:
            return None
        if said in _HERE or (len(said) == 1 and said[0] in HERE_WORDS):
            return self._near()
        if place_is_home(said):
            return frozenset(self._home.area_by_id)
        text = " ".join(said)
        area = self._resolver.area(text)
        if area and _is_sure(said, area.names):
            return frozenset({area.id})
        floor = self._resolver.floor(text)
        if floor and _is_sure(said, (floor.name, *floor.aliases)):
            return frozenset(one.id for one in self._home.areas if one.floor_id == floor.id)
        return None

    def _near(self) -> frozenset[str] | None:
        return frozenset({self._here}) if self._here else None

    def _in_areas(self, areas: frozenset[str] | None, domains: frozenset[str]) -> list[Entity]:
        """Return the things of some areas; of the whole home where `areas` is None."""
        return [
            entity
            for entity in self._home.entities
            if entity.domain in domains and (areas is None or entity.area_id in areas)
        ]

    def _sole(self, members: list[Entity], domains: frozenset[str]) -> Targets | None:
        """Return the only one, or all the lights."""
        members = [one for one in members if one.domain in domains]
        return _chosen(members, is_group=domains == {"light"}, is_wide=False)


def without_articles(said: Sequence[str]) -> tuple[str, ...]:
    """Drop the articles that begin a phrase; its last word is kept."""
    said = tuple(said)
    while len(said) > 1 and is_article(said[0]):
        said = said[1:]
    return said


def without_joints(said: Sequence[str]) -> tuple[str, ...]:
    """Drop the prepositions and articles that begin a phrase."""
    said = tuple(said)
    while said and (said[0] in _JOINTS or (len(said) > 1 and is_article(said[0]))):
        said = said[1:]
    return said


def place_is_home(said: Sequence[str]) -> bool:
    """Return True for "da casa toda", "in the house"."""
    return without_joints(said) in _HOME


def _chosen(members: list[Entity], *, is_group: bool, is_wide: bool) -> Targets | None:
    if not members or (len(members) > 1 and not is_group):
        return None
    return Targets(tuple(members), is_wide or len(members) > 1)


def _is_plural_kind(said: tuple[str, ...]) -> bool:
    return any(is_plural(kind) for kind, _ in _splits(said) if is_kind(kind))


def _splits(said: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Yield every way to take a phrase as a kind and a place, the longest kind first."""
    for length in range(min(len(said), KIND_WORDS_MAX), 0, -1):
        if length == len(said) or said[length] in _JOINTS or said[length] in _HERE_ALONE:
            yield said[:length], said[length:]
        if length < len(said) and said[-length - 1] not in _JOINTS:
            yield said[-length:], said[:-length]


def _parts(said: tuple[str, ...]) -> list[tuple[str, ...]]:
    parts: list[list[str]] = [[]]
    for word in said:
        if word in _AND:
            parts.append([])
        else:
            parts[-1].append(word)
    return [tuple(part) for part in parts if part]


def _head(part: tuple[str, ...]) -> tuple[str, ...]:
    """Return what stands before the first "da": "as luzes" of "as luzes da sala"."""
    at = next((at for at, word in enumerate(part) if word in _OF), 0)
    return part[:at]


def _tail(part: tuple[str, ...]) -> tuple[str, ...]:
    """Return the place at the end of a part: "do quarto" of "o ventilador do quarto"."""
    at = next((at for at, word in enumerate(part) if at and word in _JOINTS), len(part))
    return part[at:]


def _after(said: tuple[str, ...], starts: Iterable[tuple[str, ...]]) -> tuple[str, ...] | None:
    for start in starts:
        if said[: len(start)] == start and len(said) > len(start):
            return said[len(start) :]
    return None


def _is_sure(said: Sequence[str], names: Sequence[str]) -> bool:
    """Return True unless a misspelling of a name was forgiven."""
    named = {word for name in names for word in content_words(name)}
    return all(word in named or is_known(word) for word in content_words(" ".join(said)))


_AND = frozenset({"e", "and"})
_OF = frozenset({"da", "do", "de", "das", "dos"})
_JOINTS = _OF | frozenset({"na", "no", "nas", "nos", "em", "d", "of", "in", "on", "at", "ao"})
_HERE_ALONE = HERE_WORDS | frozenset({"daqui", "upstairs", "downstairs"})
_EVERY = (
    ("todas", "as"), ("todos", "os"), ("todas",), ("todos",), ("all", "of", "the"),
    ("all", "the"), ("all",),
)  # fmt: skip
_EVERYTHING = frozenset({"tudo", "everything"})
_EVERYTHING_DOMAINS = frozenset({"light", "switch", "fan", "media_player"})
"""What "everything in the room" may touch: never what guards, heats or moves."""
_HERE = (
    ("daqui",), ("este", "comodo"), ("neste", "comodo"), ("deste", "comodo"), ("este", "quarto"),
    ("this", "room"), ("daqui", "de", "dentro"),
)  # fmt: skip
_HOME = (
    ("casa",), ("casa", "toda"), ("casa", "inteira"), ("toda", "casa"), ("toda", "a", "casa"),
    ("house",), ("home",), ("whole", "house"),
)  # fmt: skip
