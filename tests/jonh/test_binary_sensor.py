"""Whether a provider is there, has its model in memory, and takes requests."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.jonh.providers.base import ChatRequest, RateLimitedError, UserMessage
from tests.jonh.conftest import (
    BOTH_AGENT,
    GROQ_AGENT,
    GROQ_MODEL,
    OLLAMA_AGENT,
    OLLAMA_MODEL,
    set_up,
)
from tests.jonh.reports import BY_MODEL, end_turn, entity_id, shown
from tests.jonh.turns import DEAD_URL

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

    from tests.fakes.groq import FakeGroq
    from tests.fakes.ollama import FakeOllama


async def pass_time(hass: HomeAssistant, seconds: float) -> None:
    """Let Home Assistant's timers fire."""
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=seconds))
    await hass.async_block_till_done(wait_background_tasks=True)


async def test_reachable(home: HomeAssistant, ollama: FakeOllama) -> None:
    """One provider is there, the other is not, and both say so."""
    entry = await set_up(home, BOTH_AGENT, ollama_url=ollama.url, groq_url=DEAD_URL)
    assert shown(home, entry, "binary_sensor", "ollama_reachable").state == STATE_ON
    assert shown(home, entry, "binary_sensor", "groq_reachable").state == STATE_OFF


async def test_only_the_connection_is_enabled(home: HomeAssistant, ollama: FakeOllama) -> None:
    """Nobody is asked every minute for what nobody looks at."""
    entry = await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    # The model reads the home, and whether it then stays in memory is asked once.
    await pass_time(home, 65)
    asked = [path for path, _ in ollama.requests].count("/api/ps")
    await pass_time(home, 130)
    await end_turn(home, entry, BY_MODEL)
    assert [path for path, _ in ollama.requests].count("/api/ps") == asked
    assert home.states.get(entity_id(home, entry, "binary_sensor", "ollama_model_loaded")) is None


@pytest.mark.usefixtures("all_entities")
async def test_model_in_memory(home: HomeAssistant, ollama: FakeOllama) -> None:
    """It is asked at once, every minute, and after each turn."""
    entry = await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    await home.async_block_till_done(wait_background_tasks=True)
    assert shown(home, entry, "binary_sensor", "ollama_model_loaded").state == STATE_ON
    # Without the model on its disk, nobody gets it into the server's memory again.
    ollama.models.pop(OLLAMA_MODEL)
    ollama.loaded.clear()
    await pass_time(home, 65)
    assert shown(home, entry, "binary_sensor", "ollama_model_loaded").state == STATE_OFF
    ollama.loaded.add(OLLAMA_MODEL)
    await end_turn(home, entry, BY_MODEL)
    assert shown(home, entry, "binary_sensor", "ollama_model_loaded").state == STATE_ON


@pytest.mark.usefixtures("all_entities")
async def test_a_model_without_its_tag(home: HomeAssistant, ollama: FakeOllama) -> None:
    """Ollama adds the tag that a person leaves out."""
    ollama.loaded = {"mistral:latest"}
    entry = await set_up(home, OLLAMA_AGENT | {"model": "mistral"}, ollama_url=ollama.url)
    await home.async_block_till_done(wait_background_tasks=True)
    assert shown(home, entry, "binary_sensor", "ollama_model_loaded").state == STATE_ON


@pytest.mark.usefixtures("all_entities")
async def test_no_agent_asks_the_provider_first(
    home: HomeAssistant, ollama: FakeOllama, groq: FakeGroq
) -> None:
    """Without a model that should be in memory there is nothing to say."""
    entry = await set_up(home, GROQ_AGENT, ollama_url=ollama.url, groq_url=groq.url)
    await home.async_block_till_done(wait_background_tasks=True)
    assert shown(home, entry, "binary_sensor", "ollama_model_loaded").state == STATE_UNKNOWN


@pytest.mark.usefixtures("all_entities")
async def test_silence_is_noticed_within_a_minute(home: HomeAssistant, ollama: FakeOllama) -> None:
    """A server that stops answering is not believed to be there for twelve hours."""
    entry = await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    await home.async_block_till_done(wait_background_tasks=True)
    ollama.api_key = "other"
    await pass_time(home, 65)
    assert shown(home, entry, "binary_sensor", "ollama_model_loaded").state == STATE_UNAVAILABLE
    assert shown(home, entry, "binary_sensor", "ollama_reachable").state == STATE_OFF
    asked = len(ollama.bodies("/api/tags"))
    await end_turn(home, entry, BY_MODEL)
    assert len(ollama.bodies("/api/tags")) == asked, "known trouble is looked at every minute"
    ollama.api_key = None
    await pass_time(home, 65)
    await pass_time(home, 65)
    assert shown(home, entry, "binary_sensor", "ollama_model_loaded").state == STATE_ON


@pytest.mark.usefixtures("all_entities")
async def test_quota_used_up(home: HomeAssistant, groq: FakeGroq) -> None:
    """A refusal shows until the service takes requests again."""
    entry = await set_up(home, GROQ_AGENT, groq_url=groq.url)
    await home.async_block_till_done(wait_background_tasks=True)
    assert shown(home, entry, "binary_sensor", "groq_rate_limited").state == STATE_OFF
    groq.script({"status": 429, "code": "rate_limit_exceeded", "headers": {"retry-after": "900"}})
    provider = entry.runtime_data.coordinators["groq"].provider
    request = ChatRequest(model=GROQ_MODEL, messages=[UserMessage("olá")])
    with pytest.raises(RateLimitedError):
        assert [event async for event in provider.stream(request)]
    await end_turn(home, entry, BY_MODEL)
    assert shown(home, entry, "binary_sensor", "groq_rate_limited").state == STATE_ON
