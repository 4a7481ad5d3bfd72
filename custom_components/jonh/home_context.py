"""The exposed home as the agent's library knows it, kept up to date."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from homeassistant.components.homeassistant.exposed_entities import (
    async_listen_entity_updates,
    async_should_expose,
)
from homeassistant.const import ATTR_ENTITY_ID, MATCH_ALL
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, State, callback
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import floor_registry as fr
from homeassistant.helpers import intent
from homeassistant.helpers.debounce import Debouncer
from homeassistant.helpers.event import (
    async_track_state_added_domain,
    async_track_state_removed_domain,
)

from .agent.home import Area, Entity, Floor, Home
from .agent.home_map import summary_map
from .agent.names.resolver import Resolver
from .agent.names.retrieve import Retriever
from .agent.prompt import home_map
from .agent.safety.risk import is_guarded
from .agent.speech.grammar import agreement
from .agent.speech.states import EntityState, state_words
from .const import DOMAIN, LOGGER

if TYPE_CHECKING:
    from collections.abc import Callable

    from .agent.languages import Language

ASSISTANT = "conversation"
"""Name under which Home Assistant keeps what is exposed to Assist."""

QUIET_S = 3.0
"""Changes come in bursts while integrations load; the index follows when they pause."""

GROUPS_MAX = 4
"""Groups within groups that are looked into; one that holds itself would never end."""

_REGISTRY_EVENTS = (
    ar.EVENT_AREA_REGISTRY_UPDATED,
    dr.EVENT_DEVICE_REGISTRY_UPDATED,
    er.EVENT_ENTITY_REGISTRY_UPDATED,
    fr.EVENT_FLOOR_REGISTRY_UPDATED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeIndex:
    """The home, and how to find things in it."""

    home: Home
    resolver: Resolver
    retriever: Retriever
    map: str
    """The home as the model reads it, in as much detail as is worth its tokens."""
    summary: str
    """The home with only the kinds of things in each area."""

    @classmethod
    def of(cls, home: Home) -> HomeIndex:
        """Index a home; tens of milliseconds for a thousand entities."""
        return cls(
            home=home,
            resolver=Resolver(home),
            retriever=Retriever(home),
            map=home_map(home),
            summary=summary_map(home),
        )

    @property
    def has_full_map(self) -> bool:
        """Return True when the map names every entity."""
        return self.map != self.summary


class HomeContext:
    """The exposed home of now; states are read when they are asked for."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Know nothing until `async_start`."""
        self._hass = hass
        self._index: HomeIndex | None = None
        self._changes = 0
        self._listeners: list[Callable[[], None]] = []
        self._unsubscribe: list[CALLBACK_TYPE] = []
        self._debouncer = Debouncer(
            hass, LOGGER, cooldown=QUIET_S, immediate=False, function=self._async_tell
        )

    @callback
    def async_start(self) -> None:
        """Follow the registries, what is exposed, and entities that come and go."""
        hass = self._hass
        self._unsubscribe = [
            *(hass.bus.async_listen(name, self._async_on_event) for name in _REGISTRY_EVENTS),
            async_listen_entity_updates(hass, ASSISTANT, self._async_forget),
            async_track_state_added_domain(hass, MATCH_ALL, self._async_on_event),
            async_track_state_removed_domain(hass, MATCH_ALL, self._async_on_event),
        ]

    @callback
    def async_stop(self) -> None:
        """Follow nothing any more."""
        while self._unsubscribe:
            self._unsubscribe.pop()()
        self._debouncer.async_shutdown()

    @callback
    def async_add_listener(self, listener: Callable[[], None]) -> CALLBACK_TYPE:
        """Tell `listener` when the home has changed and come to rest."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    @property
    def index(self) -> HomeIndex:
        """The home as it is now; built again after a change."""
        if self._index is None:
            self._index = HomeIndex.of(async_read_home(self._hass))
        return self._index

    async def async_index(self) -> HomeIndex:
        """Return the home as it is now; where it has to be built, the event loop goes on."""
        if self._index is not None:
            return self._index
        changes = self._changes
        index = await self._hass.async_add_executor_job(HomeIndex.of, async_read_home(self._hass))
        if changes == self._changes:
            self._index = index
        return index

    def area_of_device(self, device_id: str | None) -> str | None:
        """Return the id of the area that a satellite stands in."""
        if device_id is None:
            return None
        device = dr.async_get(self._hass).async_get(device_id)
        return dr.async_get_effective_area_id(self._hass, device) if device else None

    def state_words(self, entity: Entity, language: Language) -> str:
        """Describe the state of an entity: "ligada, 50 %", "23,5 °C"."""
        state = self._hass.states.get(entity.entity_id)
        return state_words(
            _entity_state(entity, state),
            language,
            ending=agreement(entity.name, language, entity.domain).ending,
        )

    @callback
    def _async_on_event(self, _event: Event[Any]) -> None:
        self._async_forget()

    @callback
    def _async_forget(self) -> None:
        self._index = None
        self._changes += 1
        self._debouncer.async_schedule_call()

    async def _async_tell(self) -> None:
        """Build the index while nobody waits for it, and tell who depends on it."""
        await self.async_index()
        for listener in [*self._listeners]:
            listener()


@callback
def async_read_home(hass: HomeAssistant) -> Home:
    """Read the exposed entities, with every area and floor."""
    entities = er.async_get(hass)
    exposed = [
        state
        for state in sorted(hass.states.async_all(), key=lambda state: state.entity_id)
        if state.domain != DOMAIN and async_should_expose(hass, ASSISTANT, state.entity_id)
    ]
    return Home(
        entities=tuple(
            _entity(hass, state, entities.async_get(state.entity_id)) for state in exposed
        ),
        areas=tuple(
            Area(
                id=area.id,
                name=area.name,
                aliases=tuple(sorted(area.aliases)),
                floor_id=area.floor_id,
            )
            for area in ar.async_get(hass).async_list_areas()
        ),
        floors=tuple(
            Floor(id=floor.floor_id, name=floor.name, aliases=tuple(sorted(floor.aliases)))
            for floor in fr.async_get(hass).async_list_floors()
        ),
    )


def _entity(hass: HomeAssistant, state: State, entry: er.RegistryEntry | None) -> Entity:
    # The list may repeat a name, or hold nothing but blanks.
    names = [name.strip() for name in intent.async_get_entity_aliases(hass, entry, state=state)]
    unique = list(dict.fromkeys(name for name in names if name)) or [state.name]
    return Entity(
        entity_id=state.entity_id,
        holds_entrance=_holds_entrance(hass, state),
        name=unique[0],
        aliases=tuple(unique[1:]),
        area_id=_area_id(hass, entry),
        device_class=state.attributes.get("device_class"),
    )


def _holds_entrance(hass: HomeAssistant, state: State, depth: int = 0) -> bool:
    """Look into a group or a scene, whose name may tell nothing of the lock in it."""
    members = state.attributes.get(ATTR_ENTITY_ID)
    if not isinstance(members, list | tuple) or depth == GROUPS_MAX:
        return False
    return any(
        is_guarded(
            Entity(
                entity_id=member.entity_id,
                name=member.name,
                device_class=member.attributes.get("device_class"),
                holds_entrance=_holds_entrance(hass, member, depth + 1),
            )
        )
        for member in map(hass.states.get, members)
        if member
    )


def _area_id(hass: HomeAssistant, entry: er.RegistryEntry | None) -> str | None:
    if entry is None or entry.area_id:
        return entry.area_id if entry else None
    device = dr.async_get(hass).async_get(entry.device_id) if entry.device_id else None
    return dr.async_get_effective_area_id(hass, device) if device else None


def _entity_state(entity: Entity, state: State | None) -> EntityState:
    attributes = state.attributes if state else {}
    return EntityState(
        domain=entity.domain,
        state=state.state if state else "unavailable",
        device_class=entity.device_class,
        unit=attributes.get("unit_of_measurement"),
        attributes=attributes,
    )
