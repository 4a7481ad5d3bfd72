"""What a bug report needs, without secrets and without anything said."""

from dataclasses import asdict
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from homeassistant.components.diagnostics import async_redact_data, entity_entry_as_dict
from homeassistant.const import CONF_API_KEY, CONF_PROMPT, CONF_URL
from homeassistant.helpers import entity_registry as er

from .const import CONF_BASE_URL

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

    from .coordinator import JonhConfigEntry

TO_REDACT = {CONF_API_KEY, CONF_BASE_URL, CONF_PROMPT, CONF_URL}


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: JonhConfigEntry
) -> dict[str, Any]:
    """Return the state of the entry, its providers and its agents."""
    return {
        "clients": {name: version(name) for name in ("groq", "ollama")},
        "entry_version": f"{entry.version}.{entry.minor_version}",
        "state": entry.state.value,
        "data": async_redact_data(entry.data, TO_REDACT),
        "providers": {
            key: {
                "reachable": coordinator.last_update_success,
                "error": type(coordinator.last_exception).__name__
                if coordinator.last_exception
                else None,
                "models": [asdict(model) for model in coordinator.data or []],
            }
            for key, coordinator in entry.runtime_data.coordinators.items()
        },
        "agents": {
            subentry.subentry_id: {
                "title": subentry.title,
                "data": async_redact_data(subentry.data, TO_REDACT),
            }
            for subentry in entry.subentries.values()
        },
        "entities": [
            entity_entry_as_dict(entity)
            for entity in er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
        ],
    }
