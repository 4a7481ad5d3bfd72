"""An event after each turn, for automations; it holds no word that was said."""

from dataclasses import asdict
from typing import TYPE_CHECKING, override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.core import callback

from .agent.telemetry import AnsweredBy
from .const import SUBENTRY_CONVERSATION
from .entity import TurnEntity

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

    from .agent.telemetry import TurnReport
    from .coordinator import JonhConfigEntry

PARALLEL_UPDATES = 0

ANSWERED = "answered"
FAILED = "failed"

TURN = EventEntityDescription(key="turn", translation_key="turn", event_types=[ANSWERED, FAILED])

DECIMALS = 3
"""Of a second; more is noise in the database."""


async def async_setup_entry(
    hass: HomeAssistant,
    entry: JonhConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add one event for each agent."""
    for subentry in entry.get_subentries_of_type(SUBENTRY_CONVERSATION):
        async_add_entities(
            [TurnEvent(entry, subentry, TURN)], config_subentry_id=subentry.subentry_id
        )


class TurnEvent(TurnEntity, EventEntity):
    """Fires when a turn was answered, or could not be."""

    entity_description: EventEntityDescription

    @callback
    @override
    def _async_turn_ended(self, report: TurnReport) -> None:
        has_failed = report.answered_by is AnsweredBy.ERROR or report.error is not None
        figures = {
            key: round(value, DECIMALS) if key.endswith("_s") else value
            for key, value in asdict(report).items()
            if value is not None
        }
        self._trigger_event(FAILED if has_failed else ANSWERED, figures)
        self.async_write_ha_state()
