"""A made-up home inside a real Home Assistant: its registries, states, and what is done to it."""

import logging
import tempfile
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from homeassistant import loader
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.components.intent import async_register_timer_handler
from homeassistant.const import EVENT_CALL_SERVICE
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import floor_registry as fr
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_test_home_assistant,
)

# The harness ships a package of that name; ours must be imported first.
import custom_components.jonh  # noqa: F401

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from custom_components.jonh.agent.home import Entity, Home

PLATFORM = "made_up"

STATES: dict[str, tuple[str, dict[str, Any]]] = {
    "alarm_control_panel": ("armed_away", {"supported_features": 3, "code_arm_required": False}),
    "binary_sensor": ("off", {}),
    "climate": (
        "off",
        {
            "supported_features": 385,
            "hvac_modes": ["off", "cool", "heat"],
            "temperature": 22,
            "current_temperature": 24.5,
            "min_temp": 16,
            "max_temp": 30,
        },
    ),
    "cover": ("closed", {"supported_features": 15, "current_position": 0}),
    "fan": ("off", {"supported_features": 49, "percentage": 0}),
    "humidifier": ("off", {"humidity": 50, "min_humidity": 30, "max_humidity": 80}),
    "light": (
        "off",
        {"supported_color_modes": ["hs", "color_temp"], "color_mode": None, "brightness": None},
    ),
    "lock": ("locked", {"supported_features": 1}),
    "media_player": ("off", {"supported_features": 152461}),
    "scene": ("unknown", {}),
    "script": ("off", {}),
    "sensor": ("21.5", {}),
    "siren": ("off", {"supported_features": 3}),
    "switch": ("off", {}),
    "todo": ("3", {"supported_features": 7}),
    "vacuum": ("docked", {"supported_features": 12316}),
    "valve": ("closed", {"supported_features": 3}),
    "water_heater": ("eco", {"temperature": 45, "supported_features": 3}),
}
"""State and attributes of each domain, as common integrations write them."""

UNITS = {"temperature": "°C", "humidity": "%", "energy": "kWh", "power": "W", "battery": "%"}

SEARCHING_PLAYER = {"supported_features": 152461 | 512 | 4194304}
"""A player that is on, and only then can search and play."""


BECOMES = {
    "turn_on": "on",
    "turn_off": "off",
    "open_cover": "open",
    "close_cover": "closed",
    "open_valve": "open",
    "close_valve": "closed",
    "lock": "locked",
    "unlock": "unlocked",
}
"""State after a service that a person would see."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of a service for one entity."""

    domain: str
    service: str
    entity_id: str


@dataclass(slots=True, kw_only=True)
class House:
    """A running Home Assistant with one home in it."""

    hass: HomeAssistant
    home: Home
    area_ids: dict[str, str]
    """Area ids of the home and those of the registry."""
    calls: list[Call] = field(default_factory=list)
    """What was done, in order."""

    def satellite(self, name: str, area_id: str, *, has_timers: bool = True) -> str:
        """Add a voice device in an area of the home and return its id."""
        entry = self.hass.config_entries.async_entries(PLATFORM)[0]
        registry = dr.async_get(self.hass)
        device = registry.async_get_or_create(
            config_entry_id=entry.entry_id, identifiers={(PLATFORM, name)}, name=name
        )
        registry.async_update_device(device.id, area_id=self.area_ids[area_id])
        if has_timers:
            async_register_timer_handler(self.hass, device.id, lambda *_: None)
        return device.id

    def reset(self) -> None:
        """Bring every state back to what it was in the beginning."""
        for entity in self.home.entities:
            _set_state(self.hass, entity)
        self.calls.clear()

    def plant(self, entity_id: str, text: str) -> None:
        """Let a text appear in a state, and as title and message of what has such."""
        state = self.hass.states.get(entity_id)
        attributes = dict(state.attributes) if state else {}
        attributes |= {"media_title": text, "message": text}
        self.hass.states.async_set(entity_id, text[:255], attributes)

    def play(self, entity_id: str) -> None:
        """Let a media player be switched on by somebody else."""
        state = self.hass.states.get(entity_id)
        attributes = dict(state.attributes) if state else {}
        self.hass.states.async_set(entity_id, "playing", attributes | SEARCHING_PLAYER)

    def stop(self, entity_id: str) -> None:
        """Let a media player be switched off by somebody else."""
        state = self.hass.states.get(entity_id)
        attributes = dict(state.attributes) if state else {}
        self.hass.states.async_set(entity_id, "off", attributes | STATES["media_player"][1])


@asynccontextmanager
async def open_house(home: Home, *, language: str = "pt-BR") -> AsyncGenerator[House]:
    """Run Home Assistant with a home, every entity of which is exposed."""
    with tempfile.TemporaryDirectory(prefix="jonh-bench-") as folder:
        async with async_test_home_assistant(config_dir=folder) as hass:
            # Without this, only the integrations of Home Assistant itself are looked for.
            hass.data.pop(loader.DATA_CUSTOM_COMPONENTS, None)
            hass.config.language = language
            hass.config.country = "BR"
            await _async_set_up(hass, home)
            house = House(hass=hass, home=home, area_ids=_furnish(hass, home))
            hass.bus.async_listen(EVENT_CALL_SERVICE, _Recorder(house).note)
            await hass.async_block_till_done()
            try:
                yield house
            finally:
                await hass.async_stop(force=True)


async def _async_set_up(hass: HomeAssistant, home: Home) -> None:
    domains = sorted({entity.domain for entity in home.entities})
    for domain in ("homeassistant", "intent", "conversation", "assist_pipeline", *domains):
        if not await async_setup_component(hass, domain, {}):
            raise RuntimeError(f"Home Assistant did not set up {domain}")
    MockConfigEntry(domain=PLATFORM, title="Made up").add_to_hass(hass)
    await hass.async_block_till_done()


def _furnish(hass: HomeAssistant, home: Home) -> dict[str, str]:
    """Write a home into the registries; return the area ids there by those of the home."""
    floors = {
        floor.id: fr.async_get(hass).async_create(floor.name, aliases=set(floor.aliases)).floor_id
        for floor in home.floors
    }
    areas = {
        area.id: ar.async_get(hass)
        .async_create(
            area.name, aliases=set(area.aliases), floor_id=floors.get(area.floor_id or "")
        )
        .id
        for area in home.areas
    }
    for entity in home.entities:
        _add(hass, entity, areas)
    return areas


def _add(hass: HomeAssistant, entity: Entity, areas: dict[str, str]) -> None:
    registry = er.async_get(hass)
    _, attributes = STATES.get(entity.domain, ("on", {}))
    entry = registry.async_get_or_create(
        entity.domain,
        PLATFORM,
        entity.entity_id,
        suggested_object_id=entity.entity_id.partition(".")[2],
        original_name=entity.name,
        original_device_class=entity.device_class,
        supported_features=attributes.get("supported_features", 0),
    )
    if entry.entity_id != entity.entity_id:
        raise RuntimeError(f"{entity.entity_id} became {entry.entity_id}")
    registry.async_update_entity(
        entity.entity_id,
        area_id=areas.get(entity.area_id or ""),
        aliases=[er.COMPUTED_NAME, *entity.aliases],
    )
    _set_state(hass, entity)
    async_expose_entity(hass, "conversation", entity.entity_id, should_expose=True)


def _set_state(hass: HomeAssistant, entity: Entity) -> None:
    state, attributes = STATES.get(entity.domain, ("on", {}))
    described = {"friendly_name": entity.name, **attributes}
    if entity.device_class:
        described["device_class"] = entity.device_class
        if unit := UNITS.get(entity.device_class):
            described["unit_of_measurement"] = unit
    hass.states.async_set(entity.entity_id, state, described)


class _Recorder:
    """Writes down which services were called, and lets the states follow."""

    def __init__(self, house: House) -> None:
        self._house = house

    @callback
    def note(self, event: Event) -> None:
        """Note one call for each of its entities; one that only passes it on is left out."""
        if event.data["domain"] == "homeassistant":
            return
        ids = event.data["service_data"].get("entity_id", "")
        for entity_id in [ids] if isinstance(ids, str) else ids:
            call = Call(
                domain=event.data["domain"], service=event.data["service"], entity_id=entity_id
            )
            self._house.calls.append(call)
            self._follow(call)

    def _follow(self, call: Call) -> None:
        states = self._house.hass.states
        state, after = states.get(call.entity_id), BECOMES.get(call.service)
        if state and after:
            states.async_set(call.entity_id, after, state.attributes)


def quiet() -> None:
    """Let only the program write; what Home Assistant logs of a made-up home says nothing."""
    logging.disable(logging.CRITICAL)
