"""A home of demonstration devices that really switch, open and play."""

from typing import TYPE_CHECKING, Any, override

from homeassistant.components import demo
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.components.light import ColorMode, LightEntity
from homeassistant.components.lock import LockEntity
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity_component import DATA_INSTANCES
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry

if TYPE_CHECKING:
    import pytest
    from homeassistant.const import Platform
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity import Entity

LOCK = "lock.porta_da_frente"
LAMP = "light.abajur"
ROOM = "Sala de Estar"
"""Where the light of the home is."""


class Lock(LockEntity):
    """A lock that is locked until somebody unlocks it."""

    _attr_name = "Porta da Frente"
    _attr_unique_id = "porta_da_frente"
    _attr_is_locked = True

    @override
    async def async_lock(self, **_: Any) -> None:
        self._attr_is_locked = True
        self.async_write_ha_state()

    @override
    async def async_unlock(self, **_: Any) -> None:
        self._attr_is_locked = False
        self.async_write_ha_state()


class Lamp(LightEntity):
    """A light that is off until somebody turns it on."""

    _attr_name = "Abajur"
    _attr_unique_id = "abajur"
    _attr_is_on = False
    _attr_color_mode = ColorMode.ONOFF
    _attr_supported_color_modes = frozenset({ColorMode.ONOFF})

    @override
    async def async_turn_on(self, **_: Any) -> None:
        self._attr_is_on = True
        self.async_write_ha_state()

    @override
    async def async_turn_off(self, **_: Any) -> None:
        self._attr_is_on = False
        self.async_write_ha_state()


async def add_lock(hass: HomeAssistant, area: str = ROOM) -> None:
    """Add a locked lock to a home, exposed."""
    await _add(hass, "lock", Lock(), area)


async def add_lamp(hass: HomeAssistant, area: str = ROOM) -> None:
    """Add a light that is off to a home, exposed."""
    await _add(hass, "light", Lamp(), area)


async def _add(hass: HomeAssistant, domain: str, entity: Entity, area: str) -> None:
    assert await async_setup_component(hass, domain, {domain: {}})
    await hass.data[DATA_INSTANCES][domain].async_add_entities([entity])
    async_expose_entity(hass, "conversation", entity.entity_id, should_expose=True)
    place(hass, area, **{entity.entity_id.replace(".", "__"): str(entity.name)})
    await hass.async_block_till_done()


async def set_up_demo(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch, *platforms: Platform
) -> None:
    """Add the demonstration devices of some platforms."""
    monkeypatch.setattr(demo, "COMPONENTS_WITH_CONFIG_ENTRY_DEMO_PLATFORM", list(platforms))
    assert await async_setup_component(hass, "homeassistant", {})
    entry = MockConfigEntry(domain="demo")
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()


def place(hass: HomeAssistant, area: str, **entities: str) -> str:
    """Put entities in an area, under new names, and return the area's id."""
    found = ar.async_get(hass).async_get_or_create(area)
    for entity_id, name in entities.items():
        er.async_get(hass).async_update_entity(
            entity_id.replace("__", "."), area_id=found.id, name=name
        )
    return found.id
