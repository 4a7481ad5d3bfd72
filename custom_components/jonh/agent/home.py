"""The home as the agent knows it: floors, areas and exposed entities, without their states."""

from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """A storey of the home."""

    id: str
    name: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A room, or another place that people name."""

    id: str
    name: str
    aliases: tuple[str, ...] = ()
    floor_id: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Every name, the one that is shown first."""
        return (self.name, *self.aliases)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """Something exposed to the assistant."""

    entity_id: str
    name: str
    aliases: tuple[str, ...] = ()
    area_id: str | None = None
    device_class: str | None = None
    """As Home Assistant spells it: "garage", "temperature"; None where the domain has none."""
    holds_entrance: bool = False
    """A group or scene with something in it that lets somebody in."""
    domain: str = field(init=False)
    """Part of the entity id before the dot."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "domain", self.entity_id.partition(".")[0])

    @property
    def names(self) -> tuple[str, ...]:
        """Every name, the one that is shown first."""
        return (self.name, *self.aliases)


@dataclass(frozen=True, kw_only=True)
class Home:
    """Everything the agent may speak of; a change makes a new one."""

    entities: tuple[Entity, ...] = ()
    areas: tuple[Area, ...] = ()
    floors: tuple[Floor, ...] = ()

    @cached_property
    def by_id(self) -> dict[str, Entity]:
        """Entities by entity id."""
        return {entity.entity_id: entity for entity in self.entities}

    @cached_property
    def area_by_id(self) -> dict[str, Area]:
        """Areas by id."""
        return {area.id: area for area in self.areas}

    @cached_property
    def floor_by_id(self) -> dict[str, Floor]:
        """Floors by id."""
        return {floor.id: floor for floor in self.floors}

    @cached_property
    def by_area(self) -> dict[str | None, tuple[Entity, ...]]:
        """Entities by area id, in the order of the home; None for those without an area."""
        found: dict[str | None, list[Entity]] = {}
        for entity in self.entities:
            found.setdefault(entity.area_id, []).append(entity)
        return {area_id: tuple(entities) for area_id, entities in found.items()}

    def area_of(self, entity: Entity) -> Area | None:
        """Return the area of an entity."""
        return self.area_by_id.get(entity.area_id) if entity.area_id else None
