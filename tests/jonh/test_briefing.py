"""What a model is told: the same first bytes in every turn, and what is true right now."""

import json
from typing import TYPE_CHECKING, Any, override

import probatio
from homeassistant.components import conversation
from homeassistant.components.conversation.trace import (
    ConversationTraceEventType,
    async_get_traces,
)
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import intent, llm

from custom_components.jonh.agent.telemetry import AnsweredBy
from tests.jonh.conftest import (
    AGENT,
    LIGHT,
    OLLAMA_AGENT,
    OLLAMA_MODEL,
    agent_data,
    ask,
    satellite,
    set_up,
    speech,
)
from tests.jonh.devices import add_lamp
from tests.jonh.turns import TURN_ON, VAGUE, chats, said, warm_ups

if TYPE_CHECKING:
    from homeassistant.auth.models import User

    from tests.fakes.ollama import FakeOllama


def prefix(body: dict[str, Any]) -> str:
    """Return the part of a request that a server reads first, as it is written."""
    return json.dumps([body["messages"][0], body["tools"]], ensure_ascii=False)


def last(body: dict[str, Any]) -> str:
    """Return the last message of a request."""
    text: str = body["messages"][-1]["content"]
    return text


async def test_every_turn_begins_with_the_same_bytes(
    home: HomeAssistant, ollama: FakeOllama, hass_admin_user: User
) -> None:
    """Who asks, where, in which conversation and in which state of the home changes nothing."""
    await add_lamp(home)
    facts = {"facts": ["Ana mora aqui."], "prompt": "Trate todos por você."}
    await set_up(home, OLLAMA_AGENT | facts, ollama_url=ollama.url)
    await home.async_block_till_done(wait_background_tasks=True)
    for _ in range(4):
        ollama.script({"content": "Oi."})
    first = await ask(home, VAGUE)
    await ask(home, "e agora?", conversation_id=first.conversation_id)
    await home.services.async_call("light", "turn_on", {"entity_id": LIGHT}, blocking=True)
    await ask(home, VAGUE, device_id=satellite(home))
    await ask(home, VAGUE, user_id=hass_admin_user.id)
    (warm,) = warm_ups(ollama)
    prefixes = {prefix(body) for body in (warm, *chats(ollama))}
    assert len(prefixes) == 1
    (told,) = prefixes
    for part in ("Abajur", "Ana mora aqui.", "Trate todos por você."):
        assert part in told


async def test_the_last_message_is_the_present(home: HomeAssistant, ollama: FakeOllama) -> None:
    """Time, room, states that may matter, and the request; of old turns the words only."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    device = satellite(home)
    ollama.script({"content": "Quer que eu acenda?"})
    await ask(home, VAGUE, device_id=device)
    context, *states, request = last(chats(ollama)[0]).splitlines()
    assert context.startswith("CONTEXTO: ")
    assert "Sala de Estar" in context
    assert states == ["Sala de Estar: Luz da Sala = desligada"]
    assert request == f"PEDIDO: {VAGUE}"
    ollama.script({"content": "Certo."})
    await ask(home, "melhor não", device_id=device)
    assert said(chats(ollama)[1])[:-1] == [VAGUE, "Quer que eu acenda?"]


async def test_all_rounds_of_a_turn_begin_with_the_same_bytes(
    home: HomeAssistant, ollama: FakeOllama
) -> None:
    """A tool changed a state, and still the model need not read the request once more."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    ollama.script(TURN_ON)
    ollama.script({"content": "Acesa."})
    await ask(home, VAGUE)
    assert home.states.get(LIGHT).state == "on"
    first, second = (body["messages"] for body in chats(ollama))
    assert second[: len(first)] == first


async def test_what_the_turn_before_was_about_stays_relevant(
    home: HomeAssistant, ollama: FakeOllama
) -> None:
    """A request without a name is told the state of what was switched, thanks in between or not."""
    for number in range(6):
        home.states.async_set(f"light.quarto_{number}", "off", {"friendly_name": f"Luz {number}"})
    await add_lamp(home, "Sótão")
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    device = satellite(home)
    ollama.script(
        {"tool_calls": [{"name": "HassTurnOn", "arguments": {"name": "Abajur"}}]},
    )
    ollama.script({"content": "Acendi o abajur."})
    await ask(home, "quero ler", device_id=device)
    for request in ("obrigado", "já basta"):
        ollama.script({"content": "Certo."})
        await ask(home, request, device_id=device)
        assert "Abajur = ligado" in last(chats(ollama)[-1])
    await ask(home, "esquece tudo que conversamos", device_id=device)
    ollama.script({"content": "Certo."})
    await ask(home, "já basta", device_id=device)
    assert "Abajur = " not in last(chats(ollama)[-1])


async def test_an_instruction_for_one_turn(home: HomeAssistant, ollama: FakeOllama) -> None:
    """What an automation wants of this turn reaches the model, and is forgotten with it."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    ollama.script({"content": "Ahoy."})
    first = await home.async_create_task(
        conversation.async_converse(
            home, "oi", None, Context(), "pt-BR", AGENT, extra_system_prompt="Fale como pirata."
        )
    )
    assert "Fale como pirata." in last(chats(ollama)[0])
    assert "pirata" not in prefix(chats(ollama)[0])
    ollama.script({"content": "Oi."})
    await ask(home, "oi", conversation_id=first.conversation_id)
    before = json.dumps(chats(ollama)[1]["messages"][:-1], ensure_ascii=False)
    assert "Ahoy." in before
    assert "pirata" not in before


async def test_instructions_are_a_template(
    home: HomeAssistant, ollama: FakeOllama, hass_admin_user: User
) -> None:
    """The user's own words may name the home and whoever speaks."""
    prompt = "{{ ha_name }}: {{ user_name }}, {{ llm_context.language }}"
    await set_up(home, OLLAMA_AGENT | {"prompt": prompt}, ollama_url=ollama.url)
    ollama.script({"content": "Oi."})
    ollama.script({"content": "Oi."})
    await ask(home, VAGUE, user_id=hass_admin_user.id)
    await ask(home, VAGUE)
    known, unknown = (body["messages"][0]["content"] for body in chats(ollama))
    assert f"{home.config.location_name}: {hass_admin_user.name}, pt-BR" in known
    assert f"{home.config.location_name}: None, pt-BR" in unknown


async def test_broken_instructions_end_in_a_sentence(
    home: HomeAssistant, ollama: FakeOllama
) -> None:
    """A template that cannot be rendered is a defect that the person hears of."""
    entry = await set_up(home, OLLAMA_AGENT | {"prompt": "{{ nada() }}"}, ollama_url=ollama.url)
    result = await ask(home, VAGUE)
    assert result.response.response_type is intent.IntentResponseType.ERROR
    assert "Algo deu errado" in speech(result)
    report = entry.runtime_data.turns["agent1"].last
    assert (report.answered_by, report.error) == (AnsweredBy.ERROR, "unknown")
    assert not chats(ollama)


class Send(llm.Tool):
    """A tool of somebody else's that may fail."""

    name = "send_message"
    description = "Sends a message"
    integration = "test"
    parameters = probatio.Schema({probatio.Required("text"): str})

    @override
    async def async_call(
        self, hass: HomeAssistant, tool_input: llm.ToolInput, llm_context: llm.LLMContext
    ) -> llm.ToolResult:
        return llm.ToolResult(data={"sent": tool_input.tool_args["text"]})


class Messages(llm.API):
    """The LLM API of another integration."""

    @override
    async def async_get_api_instance(self, llm_context: llm.LLMContext) -> llm.APIInstance:
        return llm.APIInstance(
            api=self, api_prompt="Mensagens são curtas.", llm_context=llm_context, tools=[Send()]
        )


async def test_an_agent_with_tools_of_others_only(home: HomeAssistant, ollama: FakeOllama) -> None:
    """It gets those and their prompt, and a deed that a tool confirmed may be told."""
    llm.async_register_api(home, Messages(hass=home, id="messages", name="Mensagens"))
    await set_up(home, OLLAMA_AGENT | {"llm_hass_api": ["messages"]}, ollama_url=ollama.url)
    ollama.script({"tool_calls": [{"name": "send_message", "arguments": {"text": "Oi"}}]})
    ollama.script({"content": "Pronto, enviei a mensagem."})
    assert speech(await ask(home, "avisa a Ana")) == "Pronto, enviei a mensagem."
    first, second = chats(ollama)
    assert [tool["function"]["name"] for tool in first["tools"]] == ["send_message"]
    assert "Mensagens são curtas." in first["messages"][0]["content"]
    assert json.loads(second["messages"][-1]["content"]) == {"sent": "Oi"}


async def test_an_agent_that_only_talks(home: HomeAssistant, ollama: FakeOllama) -> None:
    """Without control there are no tools, and no home to be told of."""
    await set_up(home, OLLAMA_AGENT | {"llm_hass_api": []}, ollama_url=ollama.url)
    ollama.script({"content": "Oi."})
    await ask(home, VAGUE)
    (body,) = chats(ollama)
    assert "tools" not in body
    assert "Luz" not in body["messages"][0]["content"]


async def test_an_agent_that_stays_in_the_house(home: HomeAssistant, ollama: FakeOllama) -> None:
    """Of two models only the local one is ever asked, even when it fails."""
    cloud_first = {"provider": "groq", "model": "openai/gpt-oss-20b"}
    local = {"fallback_provider": "ollama", "fallback_model": OLLAMA_MODEL}
    agent = agent_data(**cloud_first, **local, privacy="local_only")
    entry = await set_up(home, agent, ollama_url=ollama.url, groq_url="http://127.0.0.1:9")
    ollama.script({"content": "Oi."})
    assert speech(await ask(home, VAGUE)) == "Oi."
    ollama.script({"status": 500, "error": "boom"})
    assert "erro interno" in speech(await ask(home, VAGUE))
    report = entry.runtime_data.turns["agent1"].last
    assert (report.error, report.switches) == ("service", 0)


async def test_the_trace_shows_what_was_told(home: HomeAssistant, ollama: FakeOllama) -> None:
    """Whoever debugs a conversation sees our prompt and tools, not Home Assistant's own."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    ollama.script({"content": "Oi."})
    await ask(home, VAGUE)
    details = [
        event["data"]
        for event in async_get_traces()[-1].as_dict()["events"]
        if event["event_type"] == ConversationTraceEventType.AGENT_DETAIL
    ]
    (detail,) = details
    (body,) = chats(ollama)
    assert detail["messages"][0]["content"] == body["messages"][0]["content"]
    offered = [tool["function"]["name"] for tool in body["tools"]]
    assert [tool["name"] for tool in detail["tools"]] == offered
