"""What the turns of an agent cost, and what is left of a provider's quota."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, override

from homeassistant.components.sensor import (
    RestoreSensor,
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import UnitOfTime
from homeassistant.core import callback
from homeassistant.helpers.event import async_track_time_change
from homeassistant.util import dt as dt_util

from .agent.telemetry import AnsweredBy, TurnReport
from .const import PROVIDER_GROQ, PROVIDERS, SUBENTRY_CONVERSATION
from .entity import StatusEntity, TurnEntity

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

    from .coordinator import JonhConfigEntry
    from .providers.base import Limits

PARALLEL_UPDATES = 0

NO_PROVIDER = "none"
"""Value of the sensor of the provider when a turn needed no model."""

CURRENCY = "USD"
"""In which the services publish their prices."""


@dataclass(frozen=True, kw_only=True)
class TurnSensorDescription(SensorEntityDescription):
    """A figure of the latest turn."""

    value_of: Callable[[TurnReport], float | str | None]
    entity_registry_enabled_default: bool = False


@dataclass(frozen=True, kw_only=True)
class DaySensorDescription(SensorEntityDescription):
    """A sum over the turns of a day."""

    value_of: Callable[[TurnReport], float | None]
    """What a turn adds; None when nobody knows."""
    at_midnight: float | None
    """Sum of a day without a turn; None where no figure is honest before the first."""
    state_class: SensorStateClass | None = SensorStateClass.TOTAL
    entity_registry_enabled_default: bool = False


@dataclass(frozen=True, kw_only=True)
class LimitSensorDescription(SensorEntityDescription):
    """What is left of a quota."""

    value_of: Callable[[Limits], int | None]
    state_class: SensorStateClass | None = SensorStateClass.MEASUREMENT
    entity_registry_enabled_default: bool = False


def _tokens(report: TurnReport) -> int | None:
    """Return what a turn cost in tokens of both kinds."""
    counts = [report.prompt_tokens, report.completion_tokens]
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


def _provider(report: TurnReport) -> str | None:
    """Return the key of the provider that answered."""
    key = (report.provider or NO_PROVIDER).lower()
    return key if key in (*PROVIDERS, NO_PROVIDER) else None


TURN_SENSORS = (
    TurnSensorDescription(
        key="first_token",
        translation_key="first_token",
        device_class=SensorDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.SECONDS,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=2,
        entity_registry_enabled_default=True,
        value_of=lambda report: report.first_token_s,
    ),
    TurnSensorDescription(
        key="turn_duration",
        translation_key="turn_duration",
        device_class=SensorDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.SECONDS,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=2,
        value_of=lambda report: report.total_s,
    ),
    TurnSensorDescription(
        key="prompt_tokens",
        translation_key="prompt_tokens",
        state_class=SensorStateClass.MEASUREMENT,
        value_of=lambda report: report.prompt_tokens,
    ),
    TurnSensorDescription(
        key="cached_tokens",
        translation_key="cached_tokens",
        state_class=SensorStateClass.MEASUREMENT,
        value_of=lambda report: report.cached_tokens,
    ),
    TurnSensorDescription(
        key="completion_tokens",
        translation_key="completion_tokens",
        state_class=SensorStateClass.MEASUREMENT,
        value_of=lambda report: report.completion_tokens,
    ),
    TurnSensorDescription(
        key="provider",
        translation_key="provider",
        device_class=SensorDeviceClass.ENUM,
        options=[*PROVIDERS, NO_PROVIDER],
        entity_registry_enabled_default=True,
        value_of=_provider,
    ),
    TurnSensorDescription(
        key="answered_by",
        translation_key="answered_by",
        device_class=SensorDeviceClass.ENUM,
        options=[who.value for who in AnsweredBy],
        value_of=lambda report: report.answered_by.value,
    ),
)

DAY_SENSORS = (
    DaySensorDescription(
        key="tokens_today",
        translation_key="tokens_today",
        value_of=_tokens,
        at_midnight=0,
    ),
    DaySensorDescription(
        key="cost_today",
        translation_key="cost_today",
        device_class=SensorDeviceClass.MONETARY,
        native_unit_of_measurement=CURRENCY,
        suggested_display_precision=4,
        value_of=lambda report: report.cost_usd,
        at_midnight=None,
    ),
)

LIMIT_SENSORS = (
    LimitSensorDescription(
        key="tokens_left",
        translation_key="tokens_left",
        value_of=lambda limits: limits.tokens_left,
    ),
    LimitSensorDescription(
        key="requests_left",
        translation_key="requests_left",
        value_of=lambda limits: limits.requests_left,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: JonhConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the sensors of each agent, and those of the provider that has a quota."""
    for subentry in entry.get_subentries_of_type(SUBENTRY_CONVERSATION):
        async_add_entities(
            [
                *(TurnSensor(entry, subentry, description) for description in TURN_SENSORS),
                *(DaySensor(entry, subentry, description) for description in DAY_SENSORS),
            ],
            config_subentry_id=subentry.subentry_id,
        )
    if status := entry.runtime_data.statuses.get(PROVIDER_GROQ):
        async_add_entities(LimitSensor(status, description) for description in LIMIT_SENSORS)


class TurnSensor(TurnEntity, SensorEntity):
    """A figure of the latest turn; unknown when that turn has none."""

    entity_description: TurnSensorDescription

    @callback
    @override
    def _async_turn_ended(self, report: TurnReport) -> None:
        self._attr_native_value = self.entity_description.value_of(report)
        self.async_write_ha_state()


class DaySensor(TurnEntity, RestoreSensor):
    """A sum since midnight, which survives a restart."""

    entity_description: DaySensorDescription
    _attr_native_value: float | None

    @override
    async def async_added_to_hass(self) -> None:
        """Take up the sum of today, and begin another one at midnight."""
        self._start_day()
        data, state = await self.async_get_last_sensor_data(), await self.async_get_last_state()
        if data and state and state.last_updated >= self._today:
            assert data.native_value is None or isinstance(data.native_value, int | float)
            self._attr_native_value = data.native_value
        await super().async_added_to_hass()
        self.async_on_remove(
            async_track_time_change(self.hass, self._async_midnight, hour=0, minute=0, second=0)
        )

    @callback
    @override
    def _async_turn_ended(self, report: TurnReport) -> None:
        if (added := self.entity_description.value_of(report)) is not None:
            self._attr_native_value = (self._attr_native_value or 0) + added
            self.async_write_ha_state()

    @callback
    def _async_midnight(self, _now: datetime) -> None:
        self._start_day()
        self.async_write_ha_state()

    def _start_day(self) -> None:
        self._today = self._attr_last_reset = dt_util.start_of_local_day()
        self._attr_native_value = self.entity_description.at_midnight


class LimitSensor(StatusEntity, SensorEntity):
    """What is left of a quota; unknown until the service has told it."""

    entity_description: LimitSensorDescription

    @property
    @override
    def native_value(self) -> int | None:
        """Return what is left."""
        limits = self.coordinator.data.limits
        return self.entity_description.value_of(limits) if limits else None
