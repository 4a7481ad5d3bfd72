"""Setting up, health, reloading and removing."""

from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from homeassistant.config_entries import ConfigEntryState, ConfigSubentry
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.jonh.const import DOMAIN
from tests.jonh.conftest import AGENT, BOTH_AGENT, GROQ_AGENT, OLLAMA_AGENT, ask, set_up, speech

if TYPE_CHECKING:
    import pytest
    from homeassistant.core import HomeAssistant

    from tests.fakes.groq import FakeGroq
    from tests.fakes.ollama import FakeOllama

DEAD_URL = "http://127.0.0.1:9"


async def test_setup_and_unload(home: HomeAssistant, ollama: FakeOllama, groq: FakeGroq) -> None:
    """Both providers are listed at setup; unloading takes the agent away."""
    entry = await set_up(home, BOTH_AGENT, ollama_url=ollama.url, groq_url=groq.url)
    models = {
        key: [model.id for model in coordinator.data]
        for key, coordinator in entry.runtime_data.coordinators.items()
    }
    assert models["ollama"] == ["llama2:7b", "qwen3:4b-instruct"]
    assert "openai/gpt-oss-20b" in models["groq"]
    assert await home.config_entries.async_unload(entry.entry_id)
    assert entry.state is ConfigEntryState.NOT_LOADED
    assert home.states.get(AGENT).state == "unavailable"


async def test_dead_provider_does_not_keep_from_loading(
    home: HomeAssistant,
    ollama: FakeOllama,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The agent is there at once; the provider is looked for every minute and logged once."""
    entry = await set_up(home, OLLAMA_AGENT, ollama_url=DEAD_URL)
    assert entry.state is ConfigEntryState.LOADED
    coordinator = entry.runtime_data.coordinators["ollama"]
    assert not coordinator.last_update_success
    async_fire_time_changed(home, dt_util.utcnow() + timedelta(seconds=65))
    await home.async_block_till_done(wait_background_tasks=True)
    assert caplog.text.count("Error fetching Ollama data") == 1
    home.config_entries.async_update_entry(entry, data={"ollama": {"url": ollama.url}})
    await home.async_block_till_done()
    assert entry.runtime_data.coordinators["ollama"].last_update_success


async def test_recovers_within_a_minute(home: HomeAssistant, groq: FakeGroq) -> None:
    """A provider that comes back is found without a reload, and then left alone for hours."""
    right, groq.api_key = groq.api_key, "gsk_other"
    entry = await set_up(home, GROQ_AGENT, groq_url=groq.url)
    coordinator = entry.runtime_data.coordinators["groq"]
    assert not coordinator.last_update_success
    groq.api_key = right
    async_fire_time_changed(home, dt_util.utcnow() + timedelta(seconds=65))
    await home.async_block_till_done(wait_background_tasks=True)
    assert coordinator.last_update_success
    assert coordinator.update_interval == timedelta(hours=12)


async def test_failing_turn_makes_it_look_again(home: HomeAssistant, groq: FakeGroq) -> None:
    """Trouble that a turn meets is not left for twelve hours."""
    entry = await set_up(home, GROQ_AGENT, groq_url=groq.url)
    coordinator = entry.runtime_data.coordinators["groq"]
    groq.api_key = "gsk_other"
    await ask(home, "conte uma piada")
    await home.async_block_till_done(wait_background_tasks=True)
    assert not coordinator.last_update_success
    assert coordinator.update_interval == timedelta(minutes=1)


async def test_changed_agent_reloads(home: HomeAssistant, ollama: FakeOllama) -> None:
    """What is saved in an agent's form counts from the next turn on."""
    entry = await set_up(home, {"llm_hass_api": ["assist"]}, ollama_url=ollama.url)
    (subentry,) = entry.subentries.values()
    home.config_entries.async_update_subentry(entry, subentry, data=OLLAMA_AGENT)
    await home.async_block_till_done()
    ollama.script({"content": "Agora sim."})
    assert speech(await ask(home, "conte uma piada")) == "Agora sim."


async def test_each_agent_has_a_device(home: HomeAssistant, ollama: FakeOllama) -> None:
    """A removed agent takes its device and entity with it."""
    entry = await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    devices = dr.async_get(home)
    identity = ((DOMAIN, "agent1"), entry.entry_id)
    device = devices.async_get_device_by_identifier(*identity)
    assert device is not None
    assert device.model == "qwen3:4b-instruct"
    home.config_entries.async_remove_subentry(entry, "agent1")
    await home.async_block_till_done()
    assert devices.async_get_device_by_identifier(*identity) is None
    assert er.async_get(home).async_get(AGENT) is None


async def test_two_agents(home: HomeAssistant, ollama: FakeOllama, groq: FakeGroq) -> None:
    """Each agent answers over its own model."""
    entry = await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url, groq_url=groq.url)
    home.config_entries.async_add_subentry(
        entry,
        _subentry("Nuvem", GROQ_AGENT),
    )
    await home.async_block_till_done()
    assert home.states.get("conversation.nuvem") is not None
    groq.script({"content": "Da nuvem."})
    result = await ask(home, "conte uma piada", agent="conversation.nuvem")
    assert speech(result) == "Da nuvem."


async def test_remove(home: HomeAssistant) -> None:
    """Removing the entry leaves nothing but an honest error."""
    entry = await set_up(home, {})
    await home.config_entries.async_remove(entry.entry_id)
    await home.async_block_till_done()
    assert home.states.get(AGENT) is None


def _subentry(title: str, data: dict[str, object]) -> ConfigSubentry:
    return ConfigSubentry(
        data=MappingProxyType(data), subentry_type="conversation", title=title, unique_id=None
    )
