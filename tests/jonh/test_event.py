"""The event after each turn."""

from typing import TYPE_CHECKING

from homeassistant.const import STATE_UNKNOWN

from tests.jonh.conftest import GROQ_AGENT, set_up
from tests.jonh.reports import BY_FAST_PATH, BY_MODEL, FAILED, end_turn, shown

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

    from tests.fakes.groq import FakeGroq


async def test_an_answered_turn(home: HomeAssistant, groq: FakeGroq) -> None:
    """The event tells what the turn cost and who answered."""
    entry = await set_up(home, GROQ_AGENT, groq_url=groq.url)
    assert shown(home, entry, "event", "turn").state == STATE_UNKNOWN
    await end_turn(home, entry, BY_MODEL)
    state = shown(home, entry, "event", "turn")
    told = {key: state.attributes[key] for key in ("event_type", "answered_by", "provider")}
    assert told == {"event_type": "answered", "answered_by": "model", "provider": "Groq"}
    assert state.attributes["total_s"] == 1.235
    assert state.attributes["prompt_tokens"] == 1400


async def test_a_failed_turn(home: HomeAssistant, groq: FakeGroq) -> None:
    """The event names the kind of the error, and figures that nobody knows are left out."""
    entry = await set_up(home, GROQ_AGENT, groq_url=groq.url)
    await end_turn(home, entry, FAILED)
    attributes = shown(home, entry, "event", "turn").attributes
    assert (attributes["event_type"], attributes["error"]) == ("failed", "unreachable")
    assert not {"first_token_s", "provider", "cost_usd"} & set(attributes)


async def test_each_turn_is_an_event(home: HomeAssistant, groq: FakeGroq) -> None:
    """Two equal turns are two events."""
    entry = await set_up(home, GROQ_AGENT, groq_url=groq.url)
    await end_turn(home, entry, BY_FAST_PATH)
    first = shown(home, entry, "event", "turn").state
    await end_turn(home, entry, BY_FAST_PATH)
    assert shown(home, entry, "event", "turn").state > first
