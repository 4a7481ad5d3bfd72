"""Jonh: a private voice assistant over Ollama and Groq."""

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from homeassistant.const import Platform
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers import entity_registry as er

from .call_api import async_setup_call_api
from .const import DOMAIN, SUBENTRY_AI_TASK
from .coordinator import (
    JonhConfigEntry,
    JonhData,
    ProviderCoordinator,
    StatusCoordinator,
    async_create_provider,
    async_follow_turns,
)
from .entity import async_remove_stale_devices
from .home_context import HomeContext
from .http import async_setup_http
from .issues import (
    async_check_models,
    async_check_pipelines,
    async_forget_issues,
    async_watch_pipelines,
)
from .panel import async_hide_panel, async_serve_panel, async_show_panel
from .providers.failover import Failover
from .recordings import async_remove_recordings
from .services import async_setup_services
from .speech_names import async_bring_names
from .store import async_load_sessions, async_remove_sessions
from .websocket_api import async_setup_websocket_api

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.typing import ConfigType

PLATFORMS = [
    Platform.BINARY_SENSOR,
    Platform.CONVERSATION,
    Platform.EVENT,
    Platform.SENSOR,
]
CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Register the actions, the WebSocket commands, the HTTP API and the files of the panel."""
    async_setup_services(hass)
    async_setup_websocket_api(hass)
    async_setup_http(hass)
    async_setup_call_api(hass)
    await async_serve_panel(hass)
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
    home = HomeContext(hass)
    home.async_start()
    entry.async_on_unload(home.async_stop)
    entry.runtime_data = JonhData(
        coordinators=coordinators,
        failover=Failover(hass.loop.time),
        home=home,
        platforms=_platforms(entry),
        statuses={
            key: StatusCoordinator(hass, entry, health) for key, health in coordinators.items()
        },
    )
    async_remove_stale_devices(hass, entry)
    await async_load_sessions(hass, entry)
    await asyncio.gather(*(each.async_refresh() for each in coordinators.values()))
    await hass.config_entries.async_forward_entry_setups(entry, entry.runtime_data.platforms)
    check_models = partial(async_check_models, hass, entry)
    for coordinator in coordinators.values():
        entry.async_on_unload(coordinator.async_add_listener(check_models))
    # A turn may learn what a provider does not say of its models.
    async_follow_turns(entry, check_models)
    entry.async_on_unload(entry.add_update_listener(_async_reload))
    check_models()
    async_watch_pipelines(hass, entry)
    async_bring_names(hass, entry)
    await async_show_panel(hass)
    return True


async def async_unload_entry(hass: HomeAssistant, entry: JonhConfigEntry) -> bool:
    """Unload the agents and close the connections."""
    unloaded = await hass.config_entries.async_unload_platforms(entry, entry.runtime_data.platforms)
    if unloaded:
        async_hide_panel(hass)
        for coordinator in entry.runtime_data.coordinators.values():
            await coordinator.provider.close()
    return unloaded


async def async_remove_entry(hass: HomeAssistant, entry: JonhConfigEntry) -> None:
    """Leave no conversation and no issue behind, but say which pipelines lost their agent."""
    await async_remove_sessions(hass)
    await async_remove_recordings(hass)
    async_forget_issues(hass)
    # The registry forgets the agents only after this.
    entities = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    async_check_pipelines(hass, frozenset(entity.entity_id for entity in entities))


def _platforms(entry: JonhConfigEntry) -> list[Platform]:
    """Return the platforms in use: AI tasks load cameras and media, which agents do not need."""
    has_tasks = any(entry.get_subentries_of_type(SUBENTRY_AI_TASK))
    return [*PLATFORMS, *([Platform.AI_TASK] if has_tasks else [])]


async def _async_reload(hass: HomeAssistant, entry: JonhConfigEntry) -> None:
    """Start over after a change of the entry or of one of its agents."""
    await hass.config_entries.async_reload(entry.entry_id)
