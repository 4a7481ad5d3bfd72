"""Tasks of automations, and the form that adds a model for them."""

import json
from typing import TYPE_CHECKING, Any

import probatio
import pytest
from homeassistant.components import ai_task
from homeassistant.config_entries import SOURCE_RECONFIGURE, SOURCE_USER, ConfigSubentryDataWithId
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers import llm
from homeassistant.helpers.selector import NumberSelector, SelectSelector, TextSelector
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.jonh.const import DOMAIN
from tests.fakes.groq import API_KEY, FakeGroq
from tests.jonh.conftest import GROQ_MODEL, OLLAMA_AGENT, OLLAMA_MODEL, set_up
from tests.jonh.turns import DEAD_URL, TURN_ON

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

    from tests.fakes.ollama import FakeOllama
    from tests.fakes.scripted_model import Step

ENTITY = "ai_task.tarefas"
OLLAMA_TASK = {"provider": "ollama", "model": OLLAMA_MODEL, "max_tokens": 900}
GROQ_TASK = {"provider": "groq", "model": GROQ_MODEL, "max_tokens": 900}
STRUCTURE = probatio.Schema(
    {
        probatio.Required("cor", description="Cor da luz"): TextSelector(),
        probatio.Optional("nivel"): NumberSelector({"min": 0, "max": 100}),
        probatio.Optional("modo"): SelectSelector({"options": ["dia", "noite"]}),
    }
)
DATA = {"cor": "azul", "nivel": 40, "modo": "noite"}
CHAT = {"ollama": "/api/chat", "groq": "/openai/v1/chat/completions"}


async def set_up_task(
    hass: HomeAssistant,
    task: dict[str, Any],
    *,
    agent: dict[str, Any] | None = None,
    ollama_url: str | None = None,
    groq_url: str | None = None,
) -> MockConfigEntry:
    """Add Jonh with a model for tasks, and an agent where one is given."""
    data: dict[str, Any] = {}
    if ollama_url:
        data["ollama"] = {"url": ollama_url}
    if groq_url:
        data["groq"] = {"api_key": API_KEY, "base_url": groq_url}
    parts = [("ai_task_data", "task1", "Tarefas", task)]
    parts += [("conversation", "agent1", "Jonh", agent)] if agent is not None else []
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="Jonh",
        data=data,
        subentries_data=[
            ConfigSubentryDataWithId(
                data=fields, subentry_id=key, subentry_type=kind, title=title, unique_id=None
            )
            for kind, key, title, fields in parts
        ],
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    # An agent gets its model ready first.
    await hass.async_block_till_done(wait_background_tasks=True)
    return entry


async def solve(hass: HomeAssistant, **fields: Any) -> Any:
    """Give the entity a task and return the data."""
    result = await ai_task.async_generate_data(
        hass,
        task_name="test",
        entity_id=ENTITY,
        instructions="Sugira uma luz para ler.",
        **fields,
    )
    return result.data


def key_of(error: pytest.ExceptionInfo[HomeAssistantError]) -> str | None:
    """Return the key of a translated error of ours."""
    assert error.value.translation_domain == DOMAIN
    return error.value.translation_key


async def test_free_text(home: HomeAssistant, ollama: FakeOllama) -> None:
    """A task without a structure gets the words of the model, as they are."""
    await set_up_task(home, OLLAMA_TASK, ollama_url=ollama.url)
    ollama.script({"content": "Uma **luz**"}, {"content": " quente."})
    assert await solve(home) == "Uma **luz** quente."
    (body,) = ollama.bodies(CHAT["ollama"])
    assert body["options"]["num_predict"] == 900
    assert "format" not in body
    assert [message["role"] for message in body["messages"]] == ["system", "user"]


async def test_ollama_gets_the_structure_as_format(home: HomeAssistant, ollama: FakeOllama) -> None:
    """The server lets the model write nothing else."""
    await set_up_task(home, OLLAMA_TASK, ollama_url=ollama.url)
    ollama.script({"content": json.dumps(DATA)})
    assert await solve(home, structure=STRUCTURE) == DATA
    schema = ollama.bodies(CHAT["ollama"])[0]["format"]
    assert schema["required"] == ["cor"]
    assert schema["properties"]["cor"] == {"type": "string", "description": "Cor da luz"}
    assert schema["properties"]["modo"]["enum"] == ["dia", "noite"]


async def test_groq_gets_the_structure_as_a_tool(home: HomeAssistant, groq: FakeGroq) -> None:
    """Its JSON mode does not stream; a tool that must be called takes the answer."""
    await set_up_task(home, GROQ_TASK, groq_url=groq.url)
    empty = DATA | {"cor": ""}
    groq.script({"tool_calls": [{"name": "give_answer", "arguments": empty}], "pieces": 3})
    assert await solve(home, structure=STRUCTURE) == empty
    (body,) = groq.bodies(CHAT["groq"])
    (tool,) = body["tools"]
    assert tool["function"]["parameters"]["required"] == ["cor"]
    assert body["tool_choice"]["function"]["name"] == tool["function"]["name"]
    assert "response_format" not in body


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Claro! Aqui está.", id="words"),
        pytest.param('{"cor": "azul"', id="half an object"),
        pytest.param('["azul"]', id="a list"),
        pytest.param('{"nivel": 40}', id="something missing"),
        pytest.param('{"cor": "azul", "nivel": 400}', id="a value out of range"),
        pytest.param('{"cor": "azul", "brilho": 1}', id="something nobody asked for"),
    ],
)
async def test_data_of_another_shape(home: HomeAssistant, ollama: FakeOllama, text: str) -> None:
    """An automation gets what it asked for or an error, never something else."""
    await set_up_task(home, OLLAMA_TASK, ollama_url=ollama.url)
    ollama.script({"content": text})
    with pytest.raises(HomeAssistantError) as error:
        await solve(home, structure=STRUCTURE)
    assert key_of(error) == "task_not_of_shape"


@pytest.mark.parametrize("structure", [None, STRUCTURE], ids=["text", "data"])
async def test_a_cut_answer(
    home: HomeAssistant, ollama: FakeOllama, structure: probatio.Schema | None
) -> None:
    """Half an answer is none, and the error says how much was allowed."""
    await set_up_task(home, OLLAMA_TASK, ollama_url=ollama.url)
    ollama.script({"content": '{"cor": '}, {"length": True})
    with pytest.raises(HomeAssistantError) as error:
        await solve(home, structure=structure)
    assert key_of(error) == "task_too_long"
    assert error.value.translation_placeholders == {"max_tokens": "900"}


BAD_CALL = {"status": 400, "code": "tool_use_failed", "extra": {"failed_generation": "azul"}}
GOOD_CALL: Step = {"tool_calls": [{"name": "give_answer", "arguments": DATA}]}


async def test_the_shape_is_tried_twice(home: HomeAssistant, groq: FakeGroq) -> None:
    """Models sometimes miss the tool that takes the answer."""
    await set_up_task(home, GROQ_TASK, groq_url=groq.url)
    groq.script(BAD_CALL)
    groq.script(GOOD_CALL)
    assert await solve(home, structure=STRUCTURE) == DATA


async def test_the_shape_is_not_tried_for_ever(home: HomeAssistant, groq: FakeGroq) -> None:
    """The second miss ends the task."""
    await set_up_task(home, GROQ_TASK, groq_url=groq.url)
    groq.script(BAD_CALL)
    groq.script(BAD_CALL)
    with pytest.raises(HomeAssistantError) as error:
        await solve(home, structure=STRUCTURE)
    assert key_of(error) == "provider_failed"
    assert len(groq.bodies(CHAT["groq"])) == 2


async def test_a_dead_provider(home: HomeAssistant, socket_enabled: None) -> None:
    """The error names the provider and the trouble."""
    await set_up_task(home, OLLAMA_TASK, ollama_url=DEAD_URL)
    with pytest.raises(HomeAssistantError) as error:
        await solve(home)
    assert key_of(error) == "provider_failed"
    assert error.value.translation_placeholders["provider"] == "Ollama"
    await home.async_block_till_done(wait_background_tasks=True)


async def test_a_removed_provider(home: HomeAssistant, ollama: FakeOllama) -> None:
    """A task model whose provider is gone says so."""
    await set_up_task(home, GROQ_TASK, ollama_url=ollama.url)
    with pytest.raises(HomeAssistantError) as error:
        await solve(home)
    assert key_of(error) == "task_without_model"


async def test_attachments_are_refused(home: HomeAssistant, ollama: FakeOllama) -> None:
    """Home Assistant asks the entity first, and the answer is no."""
    await set_up_task(home, OLLAMA_TASK, ollama_url=ollama.url)
    with pytest.raises(HomeAssistantError, match="attachments"):
        await solve(home, attachments=[{"media_content_id": "media-source://camera/x"}])
    assert not ollama.bodies(CHAT["ollama"])


async def test_tools_then_data(home: HomeAssistant, groq: FakeGroq) -> None:
    """A task may use tools first; its shape is asked for when the model has nothing more to do."""
    await set_up_task(home, GROQ_TASK, groq_url=groq.url)
    (assist,) = [api for api in llm.async_get_apis(home) if api.id == "assist"]
    groq.script(TURN_ON)
    groq.script({"content": "Acendi a luz."})
    groq.script(GOOD_CALL)
    assert await solve(home, structure=STRUCTURE, llm_api=assist) == DATA
    first, _, last = groq.bodies(CHAT["groq"])
    assert len(first["tools"]) > 1
    assert "tool_choice" not in first
    assert [tool["function"]["name"] for tool in last["tools"]] == ["give_answer"]
    assert [message["role"] for message in last["messages"]][-3:] == ["tool", "assistant", "user"]


async def test_tools_without_end(home: HomeAssistant, ollama: FakeOllama) -> None:
    """A model that only calls tools is stopped."""
    await set_up_task(home, OLLAMA_TASK, ollama_url=ollama.url)
    (assist,) = [api for api in llm.async_get_apis(home) if api.id == "assist"]
    for _ in range(10):
        ollama.script(TURN_ON)
    with pytest.raises(HomeAssistantError) as error:
        await solve(home, llm_api=assist)
    assert key_of(error) == "task_too_many_rounds"


@pytest.mark.parametrize(
    ("agent", "num_ctx", "keep_alive"),
    [
        pytest.param(
            OLLAMA_AGENT | {"num_ctx": 12288, "keep_alive_s": 600}, 12288, 600, id="same model"
        ),
        pytest.param(
            OLLAMA_AGENT | {"model": "llama2:7b", "num_ctx": 4096}, 8192, -1, id="another model"
        ),
        pytest.param(None, 8192, -1, id="no agent"),
    ],
)
async def test_context_window_of_the_agent(
    home: HomeAssistant,
    ollama: FakeOllama,
    agent: dict[str, Any] | None,
    num_ctx: int,
    keep_alive: int,
) -> None:
    """Another window would make Ollama load the agent's model again."""
    await set_up_task(home, OLLAMA_TASK, agent=agent, ollama_url=ollama.url)
    ollama.script({"content": "Azul."})
    await solve(home)
    body = ollama.bodies(CHAT["ollama"])[-1]
    assert (body["options"]["num_ctx"], body["keep_alive"]) == (num_ctx, keep_alive)


async def test_missing_model_of_a_task_is_a_repair(home: HomeAssistant, ollama: FakeOllama) -> None:
    """A task model that its provider no longer lists is raised like an agent's."""
    await set_up_task(home, OLLAMA_TASK | {"model": "gone"}, ollama_url=ollama.url)
    assert ir.async_get(home).async_get_issue(DOMAIN, "model_missing_task1") is not None


async def open_form(hass: HomeAssistant, entry: MockConfigEntry, **context: str) -> Any:
    """Open the form of a task model."""
    return await hass.config_entries.subentries.async_init(
        (entry.entry_id, "ai_task_data"), context={"source": SOURCE_USER, **context}
    )


async def fill(hass: HomeAssistant, form: Any, fields: dict[str, Any]) -> Any:
    """Send the form."""
    result = await hass.config_entries.subentries.async_configure(form["flow_id"], fields)
    await hass.async_block_till_done(wait_background_tasks=True)
    return result


async def test_the_form_adds_a_model(home: HomeAssistant, ollama: FakeOllama) -> None:
    """What was chosen works at once, without a reload by hand."""
    entry = await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    form = await open_form(home, entry)
    fields = {"name": "Tarefas", "model": f"ollama:{OLLAMA_MODEL}", "max_tokens": 300}
    result = await fill(home, form, fields)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["data"] == {"provider": "ollama", "model": OLLAMA_MODEL, "max_tokens": 300}
    ollama.script({"content": "Azul."})
    assert await solve(home) == "Azul."


async def test_the_form_explains_a_wrong_model(home: HomeAssistant, ollama: FakeOllama) -> None:
    """A name without its provider is corrected in the same form."""
    entry = await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    form = await open_form(home, entry)
    fields = {"name": "Tarefas", "model": "llama", "max_tokens": 300}
    again = await fill(home, form, fields)
    assert again["errors"] == {"model": "unknown_model"}
    result = await fill(home, again, fields | {"model": "ollama:llama2:7b"})
    assert result["data"]["model"] == "llama2:7b"


async def test_the_form_changes_a_model(home: HomeAssistant, ollama: FakeOllama) -> None:
    """It starts with what is set, and has no name to change."""
    entry = await set_up_task(home, OLLAMA_TASK, ollama_url=ollama.url)
    form = await open_form(home, entry, source=SOURCE_RECONFIGURE, subentry_id="task1")
    keys = list(form["data_schema"].schema)
    suggested = {str(key): key.description["suggested_value"] for key in keys}
    assert suggested == {"model": f"ollama:{OLLAMA_MODEL}", "max_tokens": 900}
    result = await fill(home, form, {"model": "ollama:llama2:7b", "max_tokens": 100})
    assert result["reason"] == "reconfigure_successful"
    assert dict(entry.subentries["task1"].data) == {
        "provider": "ollama",
        "model": "llama2:7b",
        "max_tokens": 100,
    }


async def test_the_form_needs_models(home: HomeAssistant, socket_enabled: None) -> None:
    """Without a provider that answers there is nothing to choose from."""
    entry = await set_up(home, OLLAMA_AGENT, ollama_url=DEAD_URL)
    form = await open_form(home, entry)
    assert (form["type"], form["reason"]) == (FlowResultType.ABORT, "no_models")


async def test_the_form_needs_a_loaded_entry(home: HomeAssistant, ollama: FakeOllama) -> None:
    """The list of models lives in the loaded entry."""
    entry = await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    await home.config_entries.async_unload(entry.entry_id)
    form = await open_form(home, entry)
    assert form["reason"] == "entry_not_loaded"
