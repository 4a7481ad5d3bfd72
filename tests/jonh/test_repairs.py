"""Problems that a person has to solve."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.components.assist_pipeline import (
    async_get_pipeline,
    async_update_pipeline,
)
from homeassistant.components.assist_pipeline.pipeline import KEY_ASSIST_PIPELINE
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.jonh.const import DOMAIN
from custom_components.jonh.home_context import QUIET_S
from custom_components.jonh.issues import (
    async_report_budget_too_small,
    async_report_context_too_small,
)
from custom_components.jonh.repairs import async_create_fix_flow
from custom_components.jonh.settings import ModelChoice
from tests.fakes.ollama import FakeOllama, StoredModel
from tests.jonh.conftest import AGENT, BOTH_AGENT, GROQ_AGENT, OLLAMA_AGENT, OLLAMA_MODEL, set_up
from tests.jonh.reports import BY_MODEL, end_turn

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

    from tests.fakes.groq import FakeGroq

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


async def test_removed_entry_leaves_no_issue(home: HomeAssistant, ollama: FakeOllama) -> None:
    """Nobody can repair an agent that is gone."""
    ollama.models.clear()
    entry = await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    assert issue_of(home, MODEL_ISSUE) is not None
    await home.config_entries.async_remove(entry.entry_id)
    await home.async_block_till_done()
    assert issue_of(home, MODEL_ISSUE) is None


async def test_unknown_issue(home: HomeAssistant) -> None:
    """An issue of an older version can be confirmed away."""
    flow = await async_create_fix_flow(home, "old", None)
    assert flow is not None


def issue_of(hass: HomeAssistant, issue_id: str) -> ir.IssueEntry | None:
    """Return an issue of ours."""
    return ir.async_get(hass).async_get_issue(DOMAIN, issue_id)


async def test_model_without_tools_is_replaced(home: HomeAssistant, ollama: FakeOllama) -> None:
    """An agent with control whose model only talks is raised, and its form offers others."""
    entry = await set_up(home, OLLAMA_AGENT | {"model": "llama2:7b"}, ollama_url=ollama.url)
    issue = issue_of(home, "model_without_tools_agent1")
    assert issue.translation_placeholders["model"] == "llama2:7b"
    flow = await fix(home, issue.issue_id)
    form = await flow.async_step_init()
    offered = form["data_schema"].schema["model"].config["options"]
    assert [option["value"] for option in offered] == [OLLAMA_MODEL]
    await flow.async_step_init({"model": OLLAMA_MODEL})
    await home.async_block_till_done()
    assert entry.subentries["agent1"].data["model"] == OLLAMA_MODEL
    assert issue_of(home, issue.issue_id) is None


async def test_a_model_that_refuses_tools_is_noticed_after_the_turn(
    home: HomeAssistant, ollama: FakeOllama
) -> None:
    """What only a turn can find out is raised when it is over."""
    entry = await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    assert issue_of(home, "model_without_tools_agent1") is None
    choice = ModelChoice(provider="ollama", model=OLLAMA_MODEL)
    entry.runtime_data.toolless.add(choice)
    await end_turn(home, entry, BY_MODEL)
    assert issue_of(home, "model_without_tools_agent1") is not None


@pytest.mark.parametrize(
    "agent",
    [
        pytest.param({"provider": "ollama", "model": "llama2:7b"}, id="an agent that only talks"),
        pytest.param(BOTH_AGENT, id="a fallback whose provider is gone"),
    ],
)
async def test_agents_that_need_no_tools(
    home: HomeAssistant, ollama: FakeOllama, agent: dict[str, Any]
) -> None:
    """Nothing is wrong with a model that is not asked to act."""
    await set_up(home, agent, ollama_url=ollama.url)
    assert issue_of(home, "model_without_tools_agent1") is None


async def test_context_too_small_is_enlarged(home: HomeAssistant, ollama: FakeOllama) -> None:
    """The form gives the agent a window with room to spare, and a turn that fits ends the issue."""
    entry = await set_up(home, OLLAMA_AGENT | {"num_ctx": 4096}, ollama_url=ollama.url)
    subentry = entry.subentries["agent1"]
    async_report_context_too_small(home, entry, subentry, 5200, 4096)
    flow = await fix(home, "context_too_small_agent1")
    form = await flow.async_step_init()
    assert form["description_placeholders"] == {"agent": "Jonh", "suggested": "8192"}
    await flow.async_step_init({})
    await home.async_block_till_done()
    assert entry.subentries["agent1"].data["num_ctx"] == 8192
    assert entry.subentries["agent1"].data["model"] == OLLAMA_MODEL
    async_report_context_too_small(home, entry, subentry, 5200, 8192)
    assert issue_of(home, "context_too_small_agent1") is None


async def test_budget_too_small_is_explained(home: HomeAssistant, groq: FakeGroq) -> None:
    """Nobody but the person can change a quota; a request that fits ends the issue."""
    entry = await set_up(home, GROQ_AGENT, groq_url=groq.url)
    subentry = entry.subentries["agent1"]
    async_report_budget_too_small(home, entry, subentry, 9000, 8000)
    issue = issue_of(home, "budget_too_small_agent1")
    assert not issue.is_fixable
    assert issue.translation_placeholders == {"agent": "Jonh", "needed": "9000", "have": "8000"}
    async_report_budget_too_small(home, entry, subentry, 8000, 8000)
    assert issue_of(home, "budget_too_small_agent1") is None


LOCK = "lock.porta"
GUARDED_AGENT = {"llm_hass_api": ["assist"], "confirm_entities": ["light.cofre"]}


async def with_pipeline(hass: HomeAssistant, *, agent: str = AGENT) -> str:
    """Let the pipeline prefer local commands, and return the id that its issue would have."""
    pipeline = async_get_pipeline(hass)
    await async_update_pipeline(
        hass, pipeline, conversation_engine=agent, prefer_local_intents=True
    )
    return f"pipeline_bypasses_guard_{pipeline.id}"


def expose(hass: HomeAssistant, entity_id: str, **attributes: str) -> None:
    """Add a device that Assist may use."""
    hass.states.async_set(entity_id, "closed", {"friendly_name": entity_id, **attributes})
    async_expose_entity(hass, "conversation", entity_id, should_expose=True)


async def come_to_rest(hass: HomeAssistant) -> None:
    """Let the index of the home follow a change."""
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=QUIET_S + 1))
    await hass.async_block_till_done(wait_background_tasks=True)


@pytest.mark.parametrize(
    ("entity_id", "device_class"),
    [
        pytest.param(LOCK, None, id="a lock"),
        pytest.param("cover.portao", "garage", id="a garage"),
        pytest.param("valve.agua", "water", id="a valve"),
        pytest.param("alarm_control_panel.casa", None, id="an alarm"),
        pytest.param("light.cofre", None, id="what the user chose"),
    ],
)
async def test_pipeline_that_bypasses_the_guard(
    home: HomeAssistant, entity_id: str, device_class: str | None
) -> None:
    """The issue names what opens without asking, and its form lets the agent hear first."""
    issue_id = await with_pipeline(home)
    attributes = {"device_class": device_class} if device_class else {}
    expose(home, entity_id, **attributes)
    await set_up(home, GUARDED_AGENT)
    flow = await fix(home, issue_id)
    form = await flow.async_step_init()
    assert form["description_placeholders"]["devices"] == entity_id
    await flow.async_step_init({})
    assert not async_get_pipeline(home).prefer_local_intents
    await home.async_block_till_done()
    assert issue_of(home, issue_id) is None


async def test_harmless_devices_need_no_guard(home: HomeAssistant) -> None:
    """Lights and blinds may be opened by whoever is asked first."""
    issue_id = await with_pipeline(home)
    expose(home, "cover.persiana", device_class="blind")
    await set_up(home, GUARDED_AGENT)
    assert issue_of(home, issue_id) is None


async def test_pipelines_of_others_are_theirs(home: HomeAssistant) -> None:
    """Only a pipeline that speaks to us can lead around our guard."""
    issue_id = await with_pipeline(home, agent="conversation.home_assistant")
    expose(home, LOCK)
    await set_up(home, GUARDED_AGENT)
    assert issue_of(home, issue_id) is None


async def test_exposure_and_pipelines_are_followed(home: HomeAssistant) -> None:
    """The issue comes and goes with what it is about, without a restart."""
    await set_up(home, GUARDED_AGENT)
    issue_id = await with_pipeline(home)
    assert issue_of(home, issue_id) is None
    expose(home, LOCK)
    await come_to_rest(home)
    assert issue_of(home, issue_id).translation_placeholders["devices"] == LOCK
    async_expose_entity(home, "conversation", LOCK, should_expose=False)
    await come_to_rest(home)
    assert issue_of(home, issue_id) is None
    async_expose_entity(home, "conversation", LOCK, should_expose=True)
    await come_to_rest(home)
    await async_update_pipeline(home, async_get_pipeline(home), prefer_local_intents=False)
    assert issue_of(home, issue_id) is None


async def test_many_devices_are_not_all_named(home: HomeAssistant) -> None:
    """A sentence stays a sentence."""
    issue_id = await with_pipeline(home)
    for number in range(5):
        expose(home, f"lock.porta_{number}")
    await set_up(home, GUARDED_AGENT)
    devices = issue_of(home, issue_id).translation_placeholders["devices"]
    assert devices == "lock.porta_0, lock.porta_1, lock.porta_2 ..."


async def test_issue_of_a_deleted_pipeline_is_gone(home: HomeAssistant) -> None:
    """Nobody has to repair what is not there; a form that is open just closes."""
    await set_up(home, GUARDED_AGENT)
    expose(home, LOCK)
    store = home.data[KEY_ASSIST_PIPELINE].pipeline_store
    settings = async_get_pipeline(home).to_json() | {
        "name": "Outro",
        "conversation_engine": AGENT,
        "prefer_local_intents": True,
    }
    settings.pop("id")
    made = await store.async_create_item(settings)
    issue_id = f"pipeline_bypasses_guard_{made.id}"
    flow = await fix(home, issue_id)
    await store.async_delete_item(made.id)
    assert issue_of(home, issue_id) is None
    result = await flow.async_step_init()
    assert result["type"] is FlowResultType.CREATE_ENTRY
