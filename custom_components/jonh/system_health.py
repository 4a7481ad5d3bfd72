"""Jonh on Home Assistant's system health page."""

from typing import TYPE_CHECKING, Any

from homeassistant.core import HomeAssistant, callback

from .const import DOMAIN

if TYPE_CHECKING:
    from homeassistant.components import system_health

    from .coordinator import JonhConfigEntry


@callback
def async_register(hass: HomeAssistant, register: system_health.SystemHealthRegistration) -> None:
    """Register the information."""
    register.async_register_info(_async_info)


async def _async_info(hass: HomeAssistant) -> dict[str, Any]:
    """Return which providers answer."""
    info: dict[str, Any] = {"agents": 0}
    entries: list[JonhConfigEntry] = hass.config_entries.async_loaded_entries(DOMAIN)
    for entry in entries:
        info["agents"] = len(entry.subentries)
        for key, coordinator in entry.runtime_data.coordinators.items():
            info[key] = (
                f"ok, {len(coordinator.data)} models"
                if coordinator.last_update_success
                else {"type": "failed", "error": "unreachable"}
            )
    return info
