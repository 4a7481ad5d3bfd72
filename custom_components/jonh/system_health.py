"""Jonh on Home Assistant's system health page."""

from typing import TYPE_CHECKING, Any

from homeassistant.core import HomeAssistant, callback
from homeassistant.loader import async_get_integration

from .const import DOMAIN, PROVIDER_OLLAMA, SUBENTRY_CONVERSATION
from .providers.base import ProviderError

if TYPE_CHECKING:
    from homeassistant.components import system_health

    from .coordinator import JonhConfigEntry, ProviderCoordinator

NOTHING = "-"


@callback
def async_register(hass: HomeAssistant, register: system_health.SystemHealthRegistration) -> None:
    """Register the information."""
    register.async_register_info(_async_info)


async def _async_info(hass: HomeAssistant) -> dict[str, Any]:
    """Return the version, which providers answer, and which models are in memory."""
    integration = await async_get_integration(hass, DOMAIN)
    info: dict[str, Any] = {"version": str(integration.version), "agents": 0}
    entries: list[JonhConfigEntry] = hass.config_entries.async_loaded_entries(DOMAIN)
    for entry in entries:
        info["agents"] = len(entry.get_subentries_of_type(SUBENTRY_CONVERSATION))
        coordinators = entry.runtime_data.coordinators
        for key, coordinator in coordinators.items():
            info[key] = (
                f"ok, {len(coordinator.data)} models"
                if coordinator.last_update_success
                else {"type": "failed", "error": "unreachable"}
            )
        if ollama := coordinators.get(PROVIDER_OLLAMA):
            info["model_loaded"] = _async_loaded(ollama)
    return info


async def _async_loaded(coordinator: ProviderCoordinator) -> str | dict[str, str]:
    """Return the models in memory; the page waits for it by itself."""
    try:
        status = await coordinator.provider.status()
    except ProviderError:
        return {"type": "failed", "error": "unreachable"}
    return ", ".join(sorted(status.loaded or ())) or NOTHING
