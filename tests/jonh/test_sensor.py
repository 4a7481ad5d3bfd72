"""Figures of the turns, sums of the day, and what is left of a quota."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import State
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import (
    async_fire_time_changed,
    mock_restore_cache_with_extra_data,
)

from custom_components.jonh.agent.telemetry import AnsweredBy, TurnReport
from custom_components.jonh.const import DOMAIN
from custom_components.jonh.providers.base import ChatRequest, UserMessage
from tests.jonh.conftest import BOTH_AGENT, GROQ_AGENT, GROQ_MODEL, set_up
from tests.jonh.reports import BY_FAST_PATH, BY_MODEL, FAILED, end_turn, entity_id, shown

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

    from tests.fakes.groq import FakeGroq
    from tests.fakes.ollama import FakeOllama

TURN_KEYS = (
    "first_token",
    "turn_duration",
    "prompt_tokens",
    "cached_tokens",
    "completion_tokens",
    "provider",
    "answered_by",
)


async def test_two_sensors_are_enabled(home: HomeAssistant, groq: FakeGroq) -> None:
    """Who wants the other figures switches them on."""
    entry = await set_up(home, GROQ_AGENT, groq_url=groq.url)
    registry = er.async_get(home)
    sensors = [
        entity
        for entity in er.async_entries_for_config_entry(registry, entry.entry_id)
        if entity.domain == "sensor"
    ]
    assert {e.unique_id for e in sensors if not e.disabled} == {
        "agent1_first_token",
        "agent1_provider",
    }
    assert len(sensors) == len(TURN_KEYS) + 4
    assert all(entity.entity_category == "diagnostic" for entity in sensors)


@pytest.mark.usefixtures("all_entities")
async def test_unknown_before_the_first_turn(home: HomeAssistant, groq: FakeGroq) -> None:
    """No figure is invented; only the tokens of a day without a turn are known."""
    entry = await set_up(home, GROQ_AGENT, groq_url=groq.url)
    states = {key: shown(home, entry, "sensor", key).state for key in TURN_KEYS}
    assert set(states.values()) == {STATE_UNKNOWN}
    assert shown(home, entry, "sensor", "tokens_today").state == "0"
    assert shown(home, entry, "sensor", "cost_today").state == STATE_UNKNOWN


@pytest.mark.usefixtures("all_entities")
async def test_figures_of_the_latest_turn(home: HomeAssistant, groq: FakeGroq) -> None:
    """Each sensor shows its part of the report, in its unit."""
    entry = await set_up(home, GROQ_AGENT, groq_url=groq.url)
    await end_turn(home, entry, BY_MODEL)
    states = {key: shown(home, entry, "sensor", key).state for key in TURN_KEYS}
    assert states == {
        "first_token": "0.5",
        "turn_duration": "1.23456",
        "prompt_tokens": "1400",
        "cached_tokens": "1200",
        "completion_tokens": "20",
        "provider": "groq",
        "answered_by": "model",
    }
    units = [
        shown(home, entry, "sensor", key).attributes["unit_of_measurement"]
        for key in ("first_token", "prompt_tokens", "cost_today")
    ]
    assert units == ["s", "tokens", "USD"]


@pytest.mark.usefixtures("all_entities")
async def test_a_turn_without_a_model(home: HomeAssistant, groq: FakeGroq) -> None:
    """Figures of the turn before do not stay."""
    entry = await set_up(home, GROQ_AGENT, groq_url=groq.url)
    await end_turn(home, entry, BY_MODEL)
    await end_turn(home, entry, BY_FAST_PATH)
    assert shown(home, entry, "sensor", "provider").state == "none"
    assert shown(home, entry, "sensor", "answered_by").state == "fast_path"
    assert shown(home, entry, "sensor", "prompt_tokens").state == STATE_UNKNOWN


@pytest.mark.usefixtures("all_entities")
async def test_a_failed_turn(home: HomeAssistant, groq: FakeGroq) -> None:
    """What took long and said nothing has a duration and no first word."""
    entry = await set_up(home, GROQ_AGENT, groq_url=groq.url)
    await end_turn(home, entry, FAILED)
    assert shown(home, entry, "sensor", "turn_duration").state == "8.0"
    assert shown(home, entry, "sensor", "first_token").state == STATE_UNKNOWN
    assert shown(home, entry, "sensor", "answered_by").state == "error"


async def test_a_provider_we_do_not_know(home: HomeAssistant, groq: FakeGroq) -> None:
    """An unlisted name is unknown, not an error of the state machine."""
    entry = await set_up(home, GROQ_AGENT, groq_url=groq.url)
    await end_turn(
        home, entry, TurnReport(answered_by=AnsweredBy.MODEL, total_s=1.0, provider="Other")
    )
    assert shown(home, entry, "sensor", "provider").state == STATE_UNKNOWN


@pytest.mark.usefixtures("all_entities")
async def test_sums_of_the_day(home: HomeAssistant, groq: FakeGroq) -> None:
    """Tokens of both kinds and known prices add up; a turn without a model adds nothing."""
    entry = await set_up(home, GROQ_AGENT, groq_url=groq.url)
    for report in (BY_MODEL, BY_FAST_PATH, BY_MODEL):
        await end_turn(home, entry, report)
    tokens, cost = (shown(home, entry, "sensor", key) for key in ("tokens_today", "cost_today"))
    assert tokens.state == "2840"
    assert float(cost.state) == pytest.approx(0.0006)
    assert tokens.attributes["state_class"] == cost.attributes["state_class"] == "total"
    assert tokens.attributes["last_reset"] == dt_util.start_of_local_day().isoformat()


@pytest.mark.usefixtures("all_entities")
async def test_a_new_day_begins_at_midnight(
    home: HomeAssistant, groq: FakeGroq, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sums start over, with the moment of it."""
    entry = await set_up(home, GROQ_AGENT, groq_url=groq.url)
    await end_turn(home, entry, BY_MODEL)
    midnight = dt_util.start_of_local_day() + timedelta(days=1)
    monkeypatch.setattr(dt_util, "start_of_local_day", lambda: midnight)
    async_fire_time_changed(home, midnight + timedelta(seconds=1))
    await home.async_block_till_done(wait_background_tasks=True)
    tokens, cost = (shown(home, entry, "sensor", key) for key in ("tokens_today", "cost_today"))
    assert (tokens.state, cost.state) == ("0", STATE_UNKNOWN)
    assert tokens.attributes["last_reset"] == midnight.isoformat()
    await end_turn(home, entry, BY_MODEL)
    assert shown(home, entry, "sensor", "tokens_today").state == "1420"


@pytest.mark.usefixtures("all_entities")
async def test_sums_survive_a_reload(home: HomeAssistant, groq: FakeGroq) -> None:
    """A changed setting does not forget what today cost."""
    entry = await set_up(home, GROQ_AGENT, groq_url=groq.url)
    await end_turn(home, entry, BY_MODEL)
    await home.config_entries.async_reload(entry.entry_id)
    await home.async_block_till_done()
    assert shown(home, entry, "sensor", "tokens_today").state == "1420"
    await end_turn(home, entry, BY_MODEL)
    assert shown(home, entry, "sensor", "tokens_today").state == "2840"


@pytest.mark.parametrize(
    ("ago", "tokens"),
    [
        pytest.param(timedelta(0), "500", id="today"),
        pytest.param(timedelta(days=1), "0", id="yesterday"),
    ],
)
@pytest.mark.usefixtures("all_entities")
async def test_only_the_sum_of_today_is_restored(
    home: HomeAssistant, groq: FakeGroq, ago: timedelta, tokens: str
) -> None:
    """A restart takes up what the same day cost, and nothing older."""
    name = "sensor.jonh_tokens_hoje"
    state = State(name, "500", last_updated=dt_util.utcnow() - ago)
    extra = {"native_value": 500, "native_unit_of_measurement": None}
    mock_restore_cache_with_extra_data(home, [(state, extra)])
    entry = await set_up(home, GROQ_AGENT, groq_url=groq.url)
    assert entity_id(home, entry, "sensor", "tokens_today") == name
    assert shown(home, entry, "sensor", "tokens_today").state == tokens


@pytest.mark.usefixtures("all_entities")
async def test_quota_is_told_after_a_turn(home: HomeAssistant, groq: FakeGroq) -> None:
    """What the service said with its last reply shows as soon as the turn is over."""
    entry = await set_up(home, GROQ_AGENT, groq_url=groq.url)
    await home.async_block_till_done(wait_background_tasks=True)
    keys = ("groq_tokens_left", "groq_requests_left")
    assert {shown(home, entry, "sensor", key).state for key in keys} == {STATE_UNKNOWN}
    provider = entry.runtime_data.coordinators["groq"].provider
    request = ChatRequest(model=GROQ_MODEL, messages=[UserMessage("olá")])
    assert [event async for event in provider.stream(request)]
    await end_turn(home, entry, BY_MODEL)
    tokens, requests = (shown(home, entry, "sensor", key) for key in keys)
    # Tokens come back by the second, requests once a day.
    assert 7868 <= int(tokens.state) <= 8000
    assert requests.state == "999"


async def test_providers_have_devices_of_their_own(
    home: HomeAssistant, ollama: FakeOllama, groq: FakeGroq
) -> None:
    """One service device for each provider; a removed one leaves with its entities."""
    entry = await set_up(home, BOTH_AGENT, ollama_url=ollama.url, groq_url=groq.url)
    devices = dr.async_get(home)

    def names() -> set[str | None]:
        found = dr.async_entries_for_config_entry(devices, entry.entry_id)
        return {device.name for device in found}

    assert names() == {"Jonh", "Ollama", "Groq"}
    home.config_entries.async_update_entry(entry, data={"ollama": {"url": ollama.url}})
    await home.async_block_till_done()
    assert names() == {"Jonh", "Ollama"}
    with pytest.raises(LookupError):
        entity_id(home, entry, "binary_sensor", "groq_reachable")


@pytest.mark.usefixtures("all_entities")
async def test_a_removed_agent_hears_nothing(home: HomeAssistant, groq: FakeGroq) -> None:
    """Its sensors are gone, and a late report disturbs nobody."""
    entry = await set_up(home, GROQ_AGENT, groq_url=groq.url)
    turns = entry.runtime_data.turns["agent1"]
    home.config_entries.async_remove_subentry(entry, "agent1")
    await home.async_block_till_done()
    turns.report(BY_MODEL)
    found = er.async_entries_for_config_entry(er.async_get(home), entry.entry_id)
    assert not [entity for entity in found if entity.unique_id.startswith("agent1")]


async def test_unloading_takes_the_figures_away(home: HomeAssistant, groq: FakeGroq) -> None:
    """An agent that is not loaded has none."""
    entry = await set_up(home, GROQ_AGENT, groq_url=groq.url)
    await end_turn(home, entry, BY_MODEL)
    await home.config_entries.async_unload(entry.entry_id)
    assert shown(home, entry, "sensor", "first_token").state == STATE_UNAVAILABLE
    assert DOMAIN not in {state.domain for state in home.states.async_all()}
