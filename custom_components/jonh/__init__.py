"""Jonh: a private voice assistant over Ollama and Groq."""

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from homeassistant.const import Platform
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers import entity_registry as er

from .const import DOMAIN
from .coordinator import (
    JonhConfigEntry,
    JonhData,
    ProviderCoordinator,
    async_create_provider,
)
from .providers.failover import Failover
from .repairs import async_check_models, async_check_pipelines, async_forget_issues
from .services import async_setup_services

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.typing import ConfigType

PLATFORMS = [Platform.CONVERSATION]
CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Register the actions."""
    async_setup_services(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: JonhConfigEntry) -> bool:
    """Set up the providers and the agents.

    A provider that does not answer keeps nothing from loading: the agent still answers
    local commands, and says what is wrong when it is asked more.
    """
    coordinators = {
        key: ProviderCoordinator(hass, entry, key, await async_create_provider(hass, key, config))
        for key, config in entry.data.items()
    }
    entry.runtime_data = JonhData(coordinators=coordinators, failover=Failover(hass.loop.time))
    await asyncio.gather(*(each.async_refresh() for each in coordinators.values()))
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    for coordinator in coordinators.values():
        entry.async_on_unload(
            coordinator.async_add_listener(partial(async_check_models, hass, entry))
        )
    entry.async_on_unload(entry.add_update_listener(_async_reload))
    async_check_models(hass, entry)
    async_check_pipelines(hass)
    return True


async def async_unload_entry(hass: HomeAssistant, entry: JonhConfigEntry) -> bool:
    """Unload the agents and close the connections."""
    unloaded = await hass.config_entries.async_unload_platforms(entry, PLATFORMS)
    if unloaded:
        for coordinator in entry.runtime_data.coordinators.values():
            await coordinator.provider.close()
    return unloaded


async def async_remove_entry(hass: HomeAssistant, entry: JonhConfigEntry) -> None:
    """Leave no repair issue behind, but say which pipelines lost their agent."""
    async_forget_issues(hass)
    # The registry forgets the agents only after this.
    entities = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    async_check_pipelines(hass, frozenset(entity.entity_id for entity in entities))


async def _async_reload(hass: HomeAssistant, entry: JonhConfigEntry) -> None:
    """Start over after a change of the entry or of one of its agents."""
    await hass.config_entries.async_reload(entry.entry_id)
