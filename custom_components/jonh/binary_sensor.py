"""Whether a provider is there, has its model in memory, and takes requests."""

import time
from typing import TYPE_CHECKING, override

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)

from .const import PROVIDER_GROQ, PROVIDER_OLLAMA, SUBENTRY_CONVERSATION
from .coordinator import ProviderCoordinator, model_ids
from .entity import ProviderEntity, StatusEntity
from .settings import AgentSettings

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

    from .coordinator import JonhConfigEntry, StatusCoordinator

PARALLEL_UPDATES = 0

REACHABLE = BinarySensorEntityDescription(
    key="reachable",
    translation_key="reachable",
    device_class=BinarySensorDeviceClass.CONNECTIVITY,
)
MODEL_LOADED = BinarySensorEntityDescription(
    key="model_loaded",
    translation_key="model_loaded",
    entity_registry_enabled_default=False,
)
RATE_LIMITED = BinarySensorEntityDescription(
    key="rate_limited",
    translation_key="rate_limited",
    device_class=BinarySensorDeviceClass.PROBLEM,
    entity_registry_enabled_default=False,
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: JonhConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the sensors of each provider."""
    data = entry.runtime_data
    async_add_entities(ReachableSensor(health) for health in data.coordinators.values())
    if status := data.statuses.get(PROVIDER_OLLAMA):
        async_add_entities([ModelLoadedSensor(status)])
    if status := data.statuses.get(PROVIDER_GROQ):
        async_add_entities([RateLimitedSensor(status)])


class ReachableSensor(ProviderEntity[ProviderCoordinator], BinarySensorEntity):
    """On while the provider answers."""

    def __init__(self, health: ProviderCoordinator) -> None:
        """Belong to a provider."""
        super().__init__(health, health, REACHABLE)

    @property
    @override
    def available(self) -> bool:
        """Return True always: that the provider is not there is what this has to tell."""
        return True

    @property
    @override
    def is_on(self) -> bool:
        """Return True when the last look found the provider."""
        return self.coordinator.last_update_success


class ModelLoadedSensor(StatusEntity, BinarySensorEntity):
    """On while every model that an agent asks first is in memory; a missing one costs seconds."""

    def __init__(self, status: StatusCoordinator) -> None:
        """Belong to a provider that loads models."""
        super().__init__(status, MODEL_LOADED)

    @property
    @override
    def is_on(self) -> bool | None:
        """Return None when the provider does not say, or no agent asks it first."""
        loaded = self.coordinator.data.loaded
        entry = self.coordinator.config_entry
        firsts = [
            choice.model
            for subentry in entry.get_subentries_of_type(SUBENTRY_CONVERSATION)
            for choice in AgentSettings.from_data(subentry.data).models[:1]
            if choice.provider == self.coordinator.health.key
        ]
        if loaded is None or not firsts:
            return None
        return all(model_ids(model) & loaded for model in firsts)


class RateLimitedSensor(StatusEntity, BinarySensorEntity):
    """On while the provider's quota is used up."""

    def __init__(self, status: StatusCoordinator) -> None:
        """Belong to a provider with a quota."""
        super().__init__(status, RATE_LIMITED)

    @property
    @override
    def is_on(self) -> bool:
        """Return True until the quota allows a request again."""
        until_s = self.coordinator.data.limited_until_s
        return until_s is not None and until_s > time.monotonic()
