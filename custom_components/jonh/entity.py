"""What the entities of an agent share."""

from typing import TYPE_CHECKING

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.entity import Entity

from .const import DEFAULT_TITLE, DOMAIN
from .settings import AgentSettings

if TYPE_CHECKING:
    from homeassistant.config_entries import ConfigSubentry

    from .coordinator import JonhConfigEntry


class JonhEntity(Entity):
    """An entity of the service device that stands for one agent."""

    _attr_has_entity_name = True

    def __init__(self, entry: JonhConfigEntry, subentry: ConfigSubentry) -> None:
        """Belong to the agent of a subentry."""
        self.entry = entry
        self.subentry = subentry
        self.settings = AgentSettings.from_data(subentry.data)
        self._attr_unique_id = subentry.subentry_id
        self._attr_device_info = DeviceInfo(
            identifiers={(DOMAIN, subentry.subentry_id)},
            name=subentry.title,
            manufacturer=DEFAULT_TITLE,
            model=", ".join(choice.model for choice in self.settings.models) or None,
            entry_type=DeviceEntryType.SERVICE,
        )


@callback
def async_agent_entity_ids(hass: HomeAssistant) -> list[str]:
    """Return the entity ids of the loaded agents, the first one created first."""
    registry = er.async_get(hass)
    return [
        entity_id
        for entry in hass.config_entries.async_loaded_entries(DOMAIN)
        for subentry_id in entry.subentries
        if (entity_id := registry.async_get_entity_id(Platform.CONVERSATION, DOMAIN, subentry_id))
    ]
