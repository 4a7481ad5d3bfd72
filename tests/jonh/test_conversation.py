"""Turns of the agent over real sockets."""

from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.components import conversation
from homeassistant.components.conversation import ConversationEntityFeature
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.helpers import intent
from homeassistant.setup import async_setup_component

from tests.fakes.ollama import FakeOllama, StoredModel
from tests.jonh.conftest import (
    AGENT,
    GROQ_AGENT,
    LIGHT,
    OLLAMA_AGENT,
    OLLAMA_MODEL,
    ask,
    satellite,
    set_up,
    speech,
)
from tests.jonh.turns import MODEL_FIRST, TURN_ON, VAGUE, chats, listen, roles, warm_ups

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

    from tests.fakes.groq import FakeGroq


async def test_answers_a_question(home: HomeAssistant, ollama: FakeOllama) -> None:
    """The model's words are the answer, with the defaults of a home."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    ollama.script({"content": "O céu "}, {"content": "é azul."})
    result = await ask(home, "de que cor é o céu")
    assert speech(result) == "O céu é azul."
    (body,) = chats(ollama)
    assert body["options"] == {"temperature": 0.3, "num_predict": 512, "num_ctx": 8192}
    assert body["keep_alive"] == -1
    assert "português do Brasil" in body["messages"][0]["content"]


async def test_settings_reach_the_provider(home: HomeAssistant, ollama: FakeOllama) -> None:
    """What a person changes in the form is what the model is asked with."""
    changed = {"temperature": 0.1, "max_tokens": 64, "num_ctx": 4096, "keep_alive_s": 300}
    await set_up(home, OLLAMA_AGENT | changed | {"prompt": "Rime."}, ollama_url=ollama.url)
    await ask(home, "oi")
    (body,) = chats(ollama)
    assert body["options"] == {"temperature": 0.1, "num_predict": 64, "num_ctx": 4096}
    assert body["keep_alive"] == 300
    assert "Rime." in body["messages"][0]["content"]


async def test_turns_on_a_light(home: HomeAssistant, ollama: FakeOllama) -> None:
    """A tool call changes the home, and its result goes back to the model."""
    await set_up(home, OLLAMA_AGENT | MODEL_FIRST, ollama_url=ollama.url)
    result = await ask(home, "acenda a luz da sala")
    assert home.states.get(LIGHT).state == "on"
    assert speech(result) == "Pronto, a luz está acesa."
    assert result.response.response_type is intent.IntentResponseType.ACTION_DONE
    first, second = chats(ollama)
    names = [tool["function"]["name"] for tool in first["tools"]]
    assert names == sorted(names)
    assert roles(second) == ["system", "user", "assistant", "tool"]
    call, answer = second["messages"][-2:]
    assert call["tool_calls"][0]["id"] == answer["tool_call_id"]


async def test_groq_turns_on_a_light(home: HomeAssistant, groq: FakeGroq) -> None:
    """The same over Groq's protocol."""
    await set_up(home, GROQ_AGENT | MODEL_FIRST, groq_url=groq.url)
    result = await ask(home, "acenda a luz da sala")
    assert home.states.get(LIGHT).state == "on"
    assert speech(result) == "Pronto, a luz está acesa."


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("HassTurnOn", id="no prefix"),
        pytest.param("homeassistant__HassTurnOn", id="another prefix"),
    ],
)
async def test_accepts_other_tool_names(home: HomeAssistant, ollama: FakeOllama, name: str) -> None:
    """Models drop or mix up the prefix of a tool."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    ollama.script({"tool_calls": [{"name": name, "arguments": {"name": "Luz da Sala"}}]})
    await ask(home, VAGUE)
    assert home.states.get(LIGHT).state == "on"


async def test_unknown_tool(home: HomeAssistant, ollama: FakeOllama) -> None:
    """A tool that does not exist is an error for the model, not for the person."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    ollama.script({"tool_calls": [{"name": "Teleport", "arguments": {}}]})
    ollama.script({"content": "Isso eu não sei fazer."})
    assert speech(await ask(home, "me leve à lua")) == "Isso eu não sei fazer."
    assert chats(ollama)[1]["messages"][-1]["role"] == "tool"


async def test_tool_call_written_as_text(home: HomeAssistant, ollama: FakeOllama) -> None:
    """A call that the model writes into its answer runs and is never read aloud."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    text = '<tool_call>{"name": "HassTurnOn", "arguments": {"name": "Luz da Sala"}}</tool_call>'
    ollama.script({"content": text})
    ollama.script({"content": "Acesa."})
    assert speech(await ask(home, VAGUE)) == "Acesa."
    assert home.states.get(LIGHT).state == "on"


async def test_speech_is_clean(home: HomeAssistant, ollama: FakeOllama) -> None:
    """Markup, emoji and thoughts never reach the voice."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    ollama.script(
        {"content": "<think>O que "}, {"content": "dizer?</think>"}, {"content": "**Olá** 😀!"}
    )
    assert speech(await ask(home, "oi")) == "Olá!"


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        pytest.param([TURN_ON], "Luz da Sala ligada.", id="after a tool"),
        pytest.param([], "O modelo não respondeu nada.", id="at once"),
    ],
)
async def test_empty_answer(
    home: HomeAssistant, ollama: FakeOllama, steps: list[Any], expected: str
) -> None:
    """A model that says nothing costs one round and gets a sentence of ours."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    for step in steps:
        ollama.script(step)
    ollama.script()
    assert speech(await ask(home, VAGUE)).startswith(expected)
    assert len(chats(ollama)) == len(steps) + 1


async def test_endless_tool_calls(home: HomeAssistant, ollama: FakeOllama) -> None:
    """After ten rounds the agent gives up with a sentence."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    for _ in range(11):
        ollama.script(TURN_ON)
    result = await ask(home, VAGUE)
    assert len(chats(ollama)) == 10
    assert "não consegui terminar" in speech(result).lower()


async def test_model_without_tools_gets_none(home: HomeAssistant, ollama: FakeOllama) -> None:
    """Tools are not offered to a model that would refuse the request."""
    await set_up(home, OLLAMA_AGENT | {"model": "llama2:7b"}, ollama_url=ollama.url)
    ollama.script({"content": "Olá."})
    assert speech(await ask(home, "oi")) == "Olá."
    assert "tools" not in chats(ollama)[0]


async def test_model_that_refuses_tools(home: HomeAssistant, ollama: FakeOllama) -> None:
    """A server that tells too late is asked again without tools, and only once."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    ollama.models[OLLAMA_MODEL] = StoredModel(capabilities=["completion"])
    ollama.script({"content": "Olá."})
    ollama.script({"content": "Oi."})
    assert speech(await ask(home, "oi")) == "Olá."
    assert speech(await ask(home, "oi")) == "Oi."
    assert ["tools" in body for body in chats(ollama)] == [True, False, False]


async def test_deltas_arrive_in_order(home: HomeAssistant, ollama: FakeOllama) -> None:
    """Words are handed on while the model still speaks, the call before its result."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    ollama.script({"content": "Já "}, {"content": "vou. "}, TURN_ON)
    ollama.script({"content": "Feito."})
    deltas: list[dict[str, Any]] = []
    await listen(home, VAGUE, deltas.append)
    kinds = [
        "role" if set(delta) == {"role"} else delta.get("role") or next(iter(delta))
        for delta in deltas
    ]
    assert kinds[0] == "role"
    assert kinds.index("content") < kinds.index("tool_calls") < kinds.index("tool_result")
    assert "".join(d["content"] for d in deltas if set(d) == {"content"}) == "Já vou. Feito."


async def test_knows_the_room_of_the_satellite(home: HomeAssistant, ollama: FakeOllama) -> None:
    """The prompt names the area of the device that listens."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    await ask(home, VAGUE, device_id=satellite(home))
    assert "Cômodo: Sala de Estar." in chats(ollama)[0]["messages"][-1]["content"]


async def test_without_provider(home: HomeAssistant) -> None:
    """The home obeys and a free question gets an honest sentence."""
    await set_up(home, {"llm_hass_api": ["assist"]})
    await ask(home, "acenda a luz da sala")
    assert home.states.get(LIGHT).state == "on"
    result = await ask(home, "quem descobriu o Brasil")
    assert "modelo de conversa" in speech(result)
    assert "conversation model" in speech(await ask(home, "who was Bach", language="en"))


async def test_sentence_trigger_without_provider(home: HomeAssistant) -> None:
    """Automations that listen for a sentence are obeyed too."""
    automation = {
        "trigger": {"platform": "conversation", "command": ["boa noite casa"]},
        "action": {"set_conversation_response": "Durma bem."},
    }
    assert await async_setup_component(home, "automation", {"automation": automation})
    await set_up(home, {})
    assert speech(await ask(home, "boa noite casa")) == "Durma bem."


async def test_speaks_every_language(home: HomeAssistant) -> None:
    """No pipeline language keeps the agent from being chosen."""
    await set_up(home, {})
    info = conversation.async_get_agent_info(home, AGENT)
    assert info is not None
    assert info.supports_streaming
    assert conversation.async_get_conversation_languages(home, AGENT) == "*"


async def test_control_is_announced(home: HomeAssistant) -> None:
    """Only an agent with tools says that it controls the home."""
    entry = await set_up(home, {"llm_hass_api": ["assist"]})
    control = home.states.get(AGENT).attributes["supported_features"]
    assert control == ConversationEntityFeature.CONTROL
    (subentry,) = entry.subentries.values()
    home.config_entries.async_update_subentry(entry, subentry, data={})
    await home.async_block_till_done()
    assert home.states.get(AGENT).attributes["supported_features"] == 0


async def test_prepare_loads_the_model(home: HomeAssistant, ollama: FakeOllama) -> None:
    """While the person still speaks, the model is loaded with the options of the turn."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    await home.async_block_till_done(wait_background_tasks=True)
    ollama.loaded.clear()
    await conversation.async_prepare_agent(home, AGENT, "pt-BR")
    await home.async_block_till_done(wait_background_tasks=True)
    assert ollama.loaded == {OLLAMA_MODEL}
    warm = warm_ups(ollama)[-1]
    ollama.script({"content": "Oi."})
    await ask(home, "oi")
    (turn,) = chats(ollama)
    for option in ("num_ctx", "temperature"):
        assert warm["options"][option] == turn["options"][option]
    assert warm["messages"][0] == turn["messages"][0]
    assert warm["tools"] == turn["tools"]


async def test_what_the_model_has_read_is_not_read_again(
    home: HomeAssistant, ollama: FakeOllama
) -> None:
    """Reading the beginning again would throw the rest of the conversation out of its memory."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    await home.async_block_till_done(wait_background_tasks=True)
    before = len(warm_ups(ollama))
    await conversation.async_prepare_agent(home, AGENT, "pt-BR")
    await home.async_block_till_done(wait_background_tasks=True)
    assert len(warm_ups(ollama)) == before
    await conversation.async_prepare_agent(home, AGENT, "en")
    await home.async_block_till_done(wait_background_tasks=True)
    assert len(warm_ups(ollama)) == before + 1


async def test_a_scene_with_a_lock_is_asked_about(home: HomeAssistant) -> None:
    """What a scene does is hidden behind its name; one with a lock in it needs a yes."""
    scenes = {
        "scene": [
            {"name": "Chegada", "entities": {"lock.porta": "unlocked"}},
            {"name": "Cinema", "entities": {LIGHT: "on"}},
        ]
    }
    assert await async_setup_component(home, "scene", scenes)
    home.states.async_set("lock.porta", "locked", {"friendly_name": "Porta"})
    await home.async_block_till_done()
    await set_up(home, {"llm_hass_api": ["assist"]})
    assert speech(await ask(home, "ativa a cena cinema")) == "Cena cinema ativada."
    assert speech(await ask(home, "ativa a cena chegada")).endswith("?")


async def test_an_agent_that_only_talks_knows_nothing_of_the_home(
    home: HomeAssistant, ollama: FakeOllama
) -> None:
    """Without control no name and no state leaves, and no sentence switches anything."""
    talker = {key: value for key, value in OLLAMA_AGENT.items() if key != "llm_hass_api"}
    await set_up(home, talker, ollama_url=ollama.url)
    ollama.script({"content": "Isso eu não posso."})
    assert speech(await ask(home, "acenda a luz da sala")) == "Isso eu não posso."
    assert home.states.get(LIGHT).state == "off"
    (body,) = chats(ollama)
    assert "tools" not in body
    assert "Luz da Sala" not in str(body["messages"])
    assert body["messages"][-1]["content"].endswith("PEDIDO: acenda a luz da sala")


async def test_a_turn_that_cannot_begin_is_spoken(
    home: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even a defect before the first step ends in a sentence."""
    entry = await set_up(home, {"llm_hass_api": ["assist"]})

    async def broken() -> None:
        raise RuntimeError

    monkeypatch.setattr(entry.runtime_data.home, "async_index", broken)
    assert "Algo deu errado" in speech(await ask(home, "acenda a luz da sala"))


async def test_a_group_in_a_group_is_looked_into(home: HomeAssistant) -> None:
    """A lock two groups deep is asked about, and a group that holds itself ends the search."""
    home.states.async_set("lock.porta", "locked", {"friendly_name": "Porta"})
    home.states.async_set("group.dentro", "on", {"entity_id": ["lock.porta", "group.noite"]})
    deep = {"entity_id": ["group.dentro"], "friendly_name": "Noite"}
    home.states.async_set("group.noite", "on", deep)
    loop = {"entity_id": ["group.dia"], "friendly_name": "Dia"}
    home.states.async_set("group.dia", "on", loop)
    for entity_id in ("group.noite", "group.dia"):
        async_expose_entity(home, "conversation", entity_id, should_expose=True)
    entry = await set_up(home, {"llm_hass_api": ["assist"]})
    known = entry.runtime_data.home.index.home.by_id
    assert known["group.noite"].holds_entrance
    assert not known["group.dia"].holds_entrance
