"""A home of demonstration devices that really switch, open and play."""

from typing import TYPE_CHECKING

from homeassistant.components import demo
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry

if TYPE_CHECKING:
    import pytest
    from homeassistant.const import Platform
    from homeassistant.core import HomeAssistant


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
