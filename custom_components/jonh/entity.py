"""What the entities of an agent, and those of a provider, share."""

from abc import abstractmethod
from typing import TYPE_CHECKING, override

from homeassistant.const import EntityCategory, Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .const import DEFAULT_TITLE, DOMAIN
from .coordinator import ProviderCoordinator, StatusCoordinator
from .settings import AgentSettings

if TYPE_CHECKING:
    from homeassistant.config_entries import ConfigSubentry
    from homeassistant.helpers.entity import EntityDescription

    from .agent.telemetry import TurnReport
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


class TurnEntity(JonhEntity):
    """An entity that shows something of an agent's turns."""

    _attr_should_poll = False
    _attr_entity_category = EntityCategory.DIAGNOSTIC

    def __init__(
        self, entry: JonhConfigEntry, subentry: ConfigSubentry, description: EntityDescription
    ) -> None:
        """Stand beside the agent of a subentry."""
        super().__init__(entry, subentry)
        self.entity_description = description
        self._attr_unique_id = f"{subentry.subentry_id}_{description.key}"

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the turns."""
        await super().async_added_to_hass()
        turns = self.entry.runtime_data.turns[self.subentry.subentry_id]
        self.async_on_remove(turns.async_add_listener(self._async_turn_ended))

    @callback
    @abstractmethod
    def _async_turn_ended(self, report: TurnReport) -> None:
        """Show the turn that is over."""


class ProviderEntity[CoordinatorT: ProviderCoordinator | StatusCoordinator](
    CoordinatorEntity[CoordinatorT]
):
    """An entity of the service device that stands for one provider."""

    _attr_has_entity_name = True
    _attr_entity_category = EntityCategory.DIAGNOSTIC

    def __init__(
        self,
        coordinator: CoordinatorT,
        health: ProviderCoordinator,
        description: EntityDescription,
    ) -> None:
        """Belong to the provider that `health` watches."""
        super().__init__(coordinator)
        self.entity_description = description
        entry = health.config_entry
        self._attr_unique_id = f"{entry.entry_id}_{health.key}_{description.key}"
        self._attr_device_info = DeviceInfo(
            identifiers={_provider_identifier(entry, health.key)},
            name=health.provider.name,
            manufacturer=health.provider.name,
            entry_type=DeviceEntryType.SERVICE,
        )


class StatusEntity(ProviderEntity[StatusCoordinator]):
    """An entity that shows how a provider is doing; it makes us ask."""

    def __init__(self, status: StatusCoordinator, description: EntityDescription) -> None:
        """Belong to the provider of a status."""
        super().__init__(status, status.health, description)

    @override
    async def async_added_to_hass(self) -> None:
        """Ask at once, not only after the first interval."""
        await super().async_added_to_hass()
        self.async_on_remove(
            self.coordinator.health.async_add_listener(self._handle_coordinator_update)
        )
        self.coordinator.async_ask_soon()

    @property
    @override
    def available(self) -> bool:
        """Return True while the provider answers."""
        return self.coordinator.health.last_update_success


@callback
def async_remove_stale_devices(hass: HomeAssistant, entry: JonhConfigEntry) -> None:
    """Remove the devices of providers that were taken out of the entry."""
    registry = dr.async_get(hass)
    current = {_provider_identifier(entry, key) for key in entry.data}
    ours = f"{entry.entry_id}_"
    for device in dr.async_entries_for_config_entry(registry, entry.entry_id):
        if any(
            domain == DOMAIN and name.startswith(ours) and (domain, name) not in current
            for domain, name in device.identifiers
        ):
            registry.async_remove_device(device.id)


def _provider_identifier(entry: JonhConfigEntry, key: str) -> tuple[str, str]:
    """Return what identifies the device of a provider."""
    return (DOMAIN, f"{entry.entry_id}_{key}")


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
