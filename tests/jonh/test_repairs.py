"""Problems that a person has to solve."""

from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.components.assist_pipeline import (
    async_get_pipeline,
    async_update_pipeline,
)
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir

from custom_components.jonh.const import DOMAIN
from custom_components.jonh.repairs import async_create_fix_flow
from tests.fakes.ollama import FakeOllama, StoredModel

from .conftest import AGENT, OLLAMA_AGENT, OLLAMA_MODEL, set_up

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

MODEL_ISSUE = "model_missing_agent1"


async def fix(hass: HomeAssistant, issue_id: str) -> Any:
    """Open the form that solves an issue."""
    issue = ir.async_get(hass).async_get_issue(DOMAIN, issue_id)
    assert issue is not None
    flow = await async_create_fix_flow(hass, issue_id, issue.data)
    flow.hass = hass
    flow.handler = DOMAIN
    return flow


async def test_missing_model_is_replaced(home: HomeAssistant, ollama: FakeOllama) -> None:
    """The issue names the model, and its form puts another one in its place."""
    del ollama.models[OLLAMA_MODEL]
    ollama.models["qwen3.5:4b"] = StoredModel(capabilities=["completion", "tools"])
    entry = await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    issue = ir.async_get(home).async_get_issue(DOMAIN, MODEL_ISSUE)
    assert issue.translation_placeholders == {
        "agent": "Jonh",
        "model": OLLAMA_MODEL,
        "provider": "Ollama",
    }
    flow = await fix(home, MODEL_ISSUE)
    form = await flow.async_step_init()
    assert form["type"] is FlowResultType.FORM
    result = await flow.async_step_init({"model": "qwen3.5:4b"})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await home.async_block_till_done()
    assert entry.subentries["agent1"].data["model"] == "qwen3.5:4b"
    assert ir.async_get(home).async_get_issue(DOMAIN, MODEL_ISSUE) is None


async def test_model_that_is_back_needs_no_repair(home: HomeAssistant, ollama: FakeOllama) -> None:
    """The form closes by itself, and the issue with the next look."""
    stored = ollama.models.pop(OLLAMA_MODEL)
    entry = await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    flow = await fix(home, MODEL_ISSUE)
    ollama.models[OLLAMA_MODEL] = stored
    await entry.runtime_data.coordinators["ollama"].async_refresh()
    result = await flow.async_step_init()
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert ir.async_get(home).async_get_issue(DOMAIN, MODEL_ISSUE) is None


async def test_no_model_at_all(home: HomeAssistant, ollama: FakeOllama) -> None:
    """Without anything to choose from the form says so."""
    ollama.models.clear()
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    result = await (await fix(home, MODEL_ISSUE)).async_step_init()
    assert result["reason"] == "no_models"


async def test_agent_removed_meanwhile(home: HomeAssistant, ollama: FakeOllama) -> None:
    """A form of an agent that is gone ends."""
    ollama.models.clear()
    entry = await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    flow = await fix(home, MODEL_ISSUE)
    home.config_entries.async_remove_subentry(entry, "agent1")
    await home.async_block_till_done()
    result = await flow.async_step_init()
    assert result["reason"] == "agent_removed"


async def test_unreachable_provider_is_no_missing_model(
    home: HomeAssistant, socket_enabled: None
) -> None:
    """Nobody knows what a silent server has."""
    await set_up(home, OLLAMA_AGENT, ollama_url="http://127.0.0.1:9")
    assert ir.async_get(home).async_get_issue(DOMAIN, MODEL_ISSUE) is None


@pytest.mark.parametrize(
    ("has_jonh", "agent"),
    [
        pytest.param(True, AGENT, id="Jonh takes over"),
        pytest.param(False, "conversation.home_assistant", id="Home Assistant takes over"),
    ],
)
async def test_pipeline_that_lost_its_agent(
    home: HomeAssistant, has_jonh: bool, agent: str
) -> None:
    """The issue names the pipeline, and its form connects it again."""
    pipeline = async_get_pipeline(home)
    await async_update_pipeline(home, pipeline, conversation_engine="conversation.gone")
    entry = await set_up(home, {"llm_hass_api": ["assist"]})
    issue_id = f"pipeline_without_agent_{pipeline.id}"
    flow = await fix(home, issue_id)
    form = await flow.async_step_init()
    assert form["description_placeholders"]["agent"] == AGENT
    if not has_jonh:
        await home.config_entries.async_unload(entry.entry_id)
    await flow.async_step_init({})
    assert async_get_pipeline(home).conversation_engine == agent


async def test_removed_entry_tells_of_its_pipelines(home: HomeAssistant) -> None:
    """Whoever removes Jonh learns that a pipeline still points to it."""
    entry = await set_up(home, {"llm_hass_api": ["assist"]})
    pipeline = async_get_pipeline(home)
    await async_update_pipeline(home, pipeline, conversation_engine=AGENT)
    await home.config_entries.async_remove(entry.entry_id)
    await home.async_block_till_done()
    issues = [issue_id for domain, issue_id in ir.async_get(home).issues if domain == DOMAIN]
    assert issues == [f"pipeline_without_agent_{pipeline.id}"]


async def test_unknown_issue(home: HomeAssistant) -> None:
    """An issue of an older version can be confirmed away."""
    flow = await async_create_fix_flow(home, "old", None)
    assert flow is not None
