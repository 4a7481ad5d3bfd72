"""What a call of a tool is about: from names, rooms and kinds to entities, or to a question."""

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from custom_components.jonh.agent.names.lexicon import Kind, kind_of
from custom_components.jonh.agent.names.resolver import Quality
from custom_components.jonh.agent.words import fold, words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from custom_components.jonh.agent.home import Area, Entity, Home
    from custom_components.jonh.agent.names.resolver import Found, Resolver


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What a call names, as far as it does."""

    names: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A name that nothing has."""

    said: str
    candidates: tuple[Entity, ...] = ()
    """What may have been meant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """What was found."""

    entities: tuple[Entity, ...] = ()
    doubtful: tuple[tuple[Entity, ...], ...] = ()
    """Entities that fit a name equally well, to ask about."""
    missing: tuple[Missing, ...] = ()
    is_exact: bool = True
    """False when a misspelling was forgiven."""
    is_wide: bool = False
    """The entities come from a room or a kind, not from names of their own."""


@dataclass(slots=True, kw_only=True)
class _Scope:
    """Where and among what names are looked for."""

    area_ids: frozenset[str] | None
    """None for the whole home."""
    is_said: bool
    """The rooms were named, not taken from where the speaker is."""
    kinds: Sequence[Kind]
    wanted: frozenset[str]

    @property
    def area_id(self) -> str | None:
        """Area that was named, where it is a single one."""
        area_ids = self.area_ids if self.is_said else None
        return next(iter(area_ids)) if area_ids and len(area_ids) == 1 else None

    @property
    def domains(self) -> frozenset[str]:
        """Domains that come before others."""
        return frozenset[str]().union(*(kind.domains for kind in self.kinds)) or self.wanted


@dataclass(slots=True)
class _Gathered:
    """Targets while names are looked up one by one."""

    entities: dict[str, Entity] = field(default_factory=dict)
    doubtful: list[tuple[Entity, ...]] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    is_exact: bool = True
    is_wide: bool = False

    def add(self, found: Found) -> None:
        """Take entities that were found by a name."""
        self.entities |= {entity.entity_id: entity for entity in found.entities}
        self.is_exact &= found.quality is not Quality.FUZZY

    def add_some(self, entities: tuple[Entity, ...], *, is_all: bool) -> None:
        """Take entities of one kind: all of them, or the only one there is."""
        if is_all or len(entities) == 1:
            self.entities |= {entity.entity_id: entity for entity in entities}
            self.is_wide |= is_all
        else:
            self.doubtful.append(entities)

    def targets(self) -> Targets:
        """Return what came together."""
        return Targets(
            entities=tuple(self.entities.values()),
            doubtful=tuple(self.doubtful),
            missing=tuple(self.missing),
            is_exact=self.is_exact,
            is_wide=self.is_wide,
        )


class TargetFinder:
    """Finds what calls are about, for somebody who speaks in one room."""

    def __init__(
        self, home: Home, resolver: Resolver, *, here: str | None = None, utterance: str = ""
    ) -> None:
        """Take the area of the speaker, and what was said: "everywhere" widens a call."""
        self._home = home
        self._resolver = resolver
        self._here = here
        self._is_everywhere = bool(_EVERYWHERE & set(words(utterance)))

    def find(
        self, sought: Sought, *, wide: Collection[str] = (), wanted: Collection[str] = ()
    ) -> Targets:
        """Find the entities; `wide` are the domains that a room without a kind stands for.

        `wanted` are domains that decide between things of one name.
        """
        names = [name for name in sought.names if not _ALL.fullmatch(fold(name))]
        area_ids, missing = self._areas(sought.areas)
        is_said = bool(sought.areas) and not missing
        scope = _Scope(
            area_ids=area_ids if is_said else self._places(),
            is_said=is_said,
            kinds=[kind for said in sought.kinds if (kind := _kind(said))],
            wanted=frozenset(wanted),
        )
        if names:
            return self._named(names, scope)
        if missing:
            return Targets(missing=missing)
        if not (scope.kinds or is_said or sought.names):
            return Targets()
        return Targets(entities=tuple(self._wide(scope.kinds, scope.area_ids, wide)), is_wide=True)

    def _places(self) -> frozenset[str] | None:
        """Return the rooms that are meant where none was said; None for the whole home."""
        if self._is_everywhere or self._here is None:
            return None
        return frozenset({self._here})

    def _areas(self, said: Sequence[str]) -> tuple[frozenset[str] | None, tuple[Missing, ...]]:
        """Return the area ids, None for the whole home, and what is no room."""
        found: set[str] = set()
        missing: list[Missing] = []
        for name in said:
            if _ALL.fullmatch(fold(name)):
                return None, ()
            areas = self._area_ids(name)
            if areas is None:
                missing.append(Missing(said=name))
            else:
                found |= areas
        return frozenset(found) or self._places(), tuple(missing)

    def _area_ids(self, name: str) -> set[str] | None:
        """Return the areas of a room, a floor or a list of them; None for no such place."""
        if _HERE.fullmatch(fold(name)):
            return {self._here} if self._here else set()
        if area := self._resolver.area(name):
            return {area.id}
        if floor := self._resolver.floor(name):
            return {area.id for area in self._home.areas if area.floor_id == floor.id}
        parts = _PARTS.split(name)
        if len(parts) == 1:
            return None
        found = [ids for part in parts if (ids := self._area_ids(part))]
        return set[str]().union(*found) if found else None

    def _named(self, names: Sequence[str], scope: _Scope) -> Targets:
        """Find each name as a thing, as a plural of things, or as a list of names."""
        gathered = _Gathered()
        for name in names:
            found = self._resolve(name, scope)
            is_plural = _is_plural(name)
            # "luzes" would also be the one "Luz" of a room, but for a thing of just that name.
            if found.entity and (not is_plural or found.quality is Quality.EXACT):
                gathered.add(found)
            elif several := self._of_kind(name, scope, found.entities):
                gathered.add_some(several, is_all=is_plural)
            elif found.entity:
                gathered.add(found)
            elif found.entities:
                gathered.doubtful.append(found.entities)
            elif pieces := self._in_pieces(name, scope):
                for piece in pieces:
                    gathered.add(piece)
            else:
                gathered.missing.append(Missing(said=name, candidates=found.candidates))
        return gathered.targets()

    def _resolve(self, name: str, scope: _Scope) -> Found:
        return self._resolver.entity(
            name, area_id=scope.area_id, domains=scope.domains, here=self._here
        )

    def _in_pieces(self, name: str, scope: _Scope) -> list[Found]:
        """Return what the parts of "luz, ventilador e TV" are, where each of them is something."""
        parts = [part for part in _AND.split(name) if fold(part)]
        found = [self._resolve(part, scope) for part in parts] if len(parts) > 1 else []
        return found if all(part.entity for part in found) else []

    def _of_kind(self, name: str, scope: _Scope, same: tuple[Entity, ...]) -> tuple[Entity, ...]:
        """Take a word such as "luzes" or "as luzes da sala" for things of that kind."""
        is_plural = _is_plural(name)
        name = " ".join(word for word in name.split() if fold(word) not in _QUANTITIES)
        kind, area = kind_of(name), None
        if kind is None:
            kind, area = self._kind_in_area(name)
        if kind is None:
            return ()
        if same and not is_plural:
            # Several things have just this name: that is a question.
            return ()
        places = frozenset({area.id}) if area else scope.area_ids
        return tuple(self._wide([kind], places, ()))

    def _kind_in_area(self, name: str) -> tuple[Kind | None, Area | None]:
        """Part a name into a kind and a room: "luzes" and "da sala"."""
        parts = name.split()
        for at in range(1, len(parts)):
            kind = kind_of(" ".join(parts[:at]))
            area = self._resolver.area(" ".join(parts[at:]))
            if kind and area:
                return kind, area
        return None, None

    def _wide(
        self, kinds: Sequence[Kind], area_ids: frozenset[str] | None, wide: Collection[str]
    ) -> Iterator[Entity]:
        for entity in self._home.entities:
            if area_ids is not None and entity.area_id not in area_ids:
                continue
            if any(kind.includes(entity) for kind in kinds) if kinds else entity.domain in wide:
                yield entity


def _kind(said: str) -> Kind | None:
    """Return the kind of a domain of Home Assistant, or of a word for one."""
    domain = fold(said).replace(" ", "_")
    return Kind(domains=frozenset({domain})) if domain in _DOMAINS else kind_of(said)


def _is_plural(name: str) -> bool:
    said = words(name)
    return any(word in _QUANTITIES for word in said) or any(
        word.endswith("s") and kind_of(word) is not None for word in said
    )


_DOMAINS = frozenset(
    {
        "alarm_control_panel", "automation", "binary_sensor", "button", "calendar", "camera",
        "climate", "counter", "cover", "device_tracker", "event", "fan", "group", "humidifier",
        "input_boolean", "input_button", "input_number", "input_select", "input_text",
        "lawn_mower", "light", "lock", "media_player", "number", "person", "remote", "scene",
        "script", "select", "sensor", "siren", "sun", "switch", "text", "timer", "todo", "update",
        "vacuum", "valve", "water_heater", "weather", "zone",
    }
)  # fmt: skip
"""Domains of Home Assistant that models name."""

_PARTS = re.compile(r"[,;=/()]+|\s+(?:e|and|y)\s+")
_AND = re.compile(r"\s*[,;]\s*|\s+(?:e|and|y)\s+")
_ALL = re.compile(
    r"all|every(?:thing|where)|tudo|tod[oa]s?(?: [ao]s?(?: (?:casa|comodos?))?)?|casa(?: toda)?"
    r"|(?:the )?(?:whole |entire )?(?:home|house)|toda la casa"
)
"""Words for the whole home."""
_HERE = re.compile(r"aqui|ca|here|(?:this|current) room|n?este comodo|aca|current")
_EVERYWHERE = frozenset(
    {"all", "casa", "every", "everything", "everywhere", "house", "toda", "todas", "todos", "tudo"}
)
"""Words that ask for the whole home where no room is named."""
_QUANTITIES = frozenset({"all", "ambas", "ambos", "both", "every", "todas", "todos"})
