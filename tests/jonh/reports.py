"""Reports of turns, as the agent hands them over."""

from typing import TYPE_CHECKING, Any

from homeassistant.helpers import entity_registry as er

from custom_components.jonh.agent.telemetry import AnsweredBy, TurnReport

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

BY_MODEL = TurnReport(
    answered_by=AnsweredBy.MODEL,
    total_s=1.23456,
    first_token_s=0.5,
    provider="Groq",
    model="openai/gpt-oss-20b",
    rounds=2,
    tool_calls=1,
    prompt_tokens=1400,
    cached_tokens=1200,
    completion_tokens=20,
    cost_usd=0.0003,
)
BY_FAST_PATH = TurnReport(answered_by=AnsweredBy.FAST_PATH, total_s=0.004, first_token_s=0.003)
FAILED = TurnReport(answered_by=AnsweredBy.ERROR, total_s=8.0, error="unreachable")


async def end_turn(hass: HomeAssistant, entry: MockConfigEntry, report: TurnReport) -> None:
    """Let a turn of the agent be over."""
    entry.runtime_data.turns["agent1"].report(report)
    await hass.async_block_till_done(wait_background_tasks=True)


def entity_id(hass: HomeAssistant, entry: Any, platform: str, key: str) -> str:
    """Return the id of an entity of the agent, or of a provider: "groq_tokens_left"."""
    registry = er.async_get(hass)
    for owner in ("agent1", entry.entry_id):
        if found := registry.async_get_entity_id(platform, "jonh", f"{owner}_{key}"):
            return found
    raise LookupError(key)


def shown(hass: HomeAssistant, entry: Any, platform: str, key: str) -> Any:
    """Return the state of an entity of ours."""
    return hass.states.get(entity_id(hass, entry, platform, key))
