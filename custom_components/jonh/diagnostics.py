"""What a bug report needs, without secrets and without anything said."""

from collections import Counter
from dataclasses import asdict
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from homeassistant.components.diagnostics import async_redact_data
from homeassistant.const import CONF_API_KEY, CONF_PROMPT, CONF_URL
from homeassistant.helpers import entity_registry as er

from .const import (
    CONF_BASE_URL,
    CONF_CONFIRM_ENTITIES,
    CONF_FACTS,
    CONF_PIN_HASH,
    SUBENTRY_CONVERSATION,
)

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

    from .agent.home import Home
    from .coordinator import JonhConfigEntry, JonhData

TO_REDACT = {
    CONF_API_KEY,
    CONF_BASE_URL,
    CONF_CONFIRM_ENTITIES,
    CONF_FACTS,
    CONF_PIN_HASH,
    CONF_PROMPT,
    CONF_URL,
}
ENTITY_FACTS = ("disabled_by", "entity_id", "hidden_by", "translation_key", "unique_id")
"""Of a registry entry; its names are the user's."""


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: JonhConfigEntry
) -> dict[str, Any]:
    """Return the state of the entry, its providers, its agents and the size of the home."""
    data = entry.runtime_data
    return {
        "clients": {name: version(name) for name in ("groq", "ollama")},
        "entry_version": f"{entry.version}.{entry.minor_version}",
        "state": entry.state.value,
        "data": async_redact_data(entry.data, TO_REDACT),
        "home": _sizes(data.home.index.home),
        "providers": {key: _provider(data, key) for key in data.coordinators},
        "agents": {
            subentry.subentry_id: {
                "type": subentry.subentry_type,
                "data": async_redact_data(subentry.data, TO_REDACT),
                "turns": [asdict(report) for report in data.turns[subentry.subentry_id].reports]
                if subentry.subentry_type == SUBENTRY_CONVERSATION
                else [],
            }
            for subentry in entry.subentries.values()
        },
        "entities": [
            {fact: getattr(entity, fact) for fact in ENTITY_FACTS}
            for entity in er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
        ],
    }


def _sizes(home: Home) -> dict[str, Any]:
    """Return how much there is to speak of; names of the home stay at home."""
    return {
        "entities": len(home.entities),
        "areas": len(home.areas),
        "floors": len(home.floors),
        "domains": Counter(entity.domain for entity in home.entities),
    }


def _provider(data: JonhData, key: str) -> dict[str, Any]:
    """Return the health of a provider, its models and how it is doing."""
    coordinator = data.coordinators[key]
    error = coordinator.last_exception
    status = data.statuses[key].data
    return {
        "reachable": coordinator.last_update_success,
        "error": type(error).__name__ if error else None,
        "models": [asdict(model) for model in coordinator.data or []],
        "loaded": sorted(status.loaded) if status.loaded is not None else None,
        "limits": asdict(status.limits) if status.limits else None,
        "is_limited": status.limited_until_s is not None,
    }
