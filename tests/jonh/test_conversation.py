"""Turns of the agent over real sockets."""

import asyncio
import inspect
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.components import conversation
from homeassistant.components.conversation import ConversationEntityFeature
from homeassistant.components.conversation.chat_log import async_get_chat_log
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import intent
from homeassistant.helpers.chat_session import async_get_chat_session
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util

from tests.fakes.ollama import FakeOllama, StoredModel

from .conftest import (
    AGENT,
    BOTH_AGENT,
    GROQ_AGENT,
    LIGHT,
    OLLAMA_AGENT,
    OLLAMA_MODEL,
    ask,
    satellite,
    set_up,
    speech,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes.groq import FakeGroq

DEAD_URL = "http://127.0.0.1:9"
TURN_ON = {"tool_calls": [{"name": "intent__HassTurnOn", "arguments": {"name": "Luz da Sala"}}]}


def chats(server: FakeOllama) -> list[Any]:
    """Return the requests for an answer that a server got."""
    return server.bodies("/api/chat")


def roles(body: dict[str, Any]) -> list[str]:
    """Return who says what in a request."""
    return [message["role"] for message in body["messages"]]


def said(body: dict[str, Any]) -> list[str]:
    """Return the words in a request, the system's left out."""
    return [message["content"] for message in body["messages"] if message["role"] != "system"]


def listen(
    home: HomeAssistant,
    text: str,
    heard: Callable[[dict[str, Any]], None],
    device_id: str | None = None,
) -> asyncio.Task[Any]:
    """Run one turn and hand over what reaches the voice, as it comes."""
    # From 2026.11 on, a session belongs to the user of a context.
    knows_context = "context" in inspect.signature(async_get_chat_session).parameters
    owner: Any = {"context": Context()} if knows_context else {}

    async def turn() -> None:
        with (
            async_get_chat_session(home, **owner) as session,
            async_get_chat_log(
                home, session, chat_log_delta_listener=lambda _, delta: heard(delta)
            ),
        ):
            await conversation.async_converse(
                home, text, session.conversation_id, Context(), "pt-BR", AGENT, device_id
            )

    return home.async_create_task(turn())


def pass_minutes(monkeypatch: pytest.MonkeyPatch, minutes: int) -> None:
    """Let Home Assistant's clock go on."""
    utcnow = dt_util.utcnow
    monkeypatch.setattr(dt_util, "utcnow", lambda: utcnow() + timedelta(minutes=minutes))


async def test_answers_a_question(home: HomeAssistant, ollama: FakeOllama) -> None:
    """The model's words are the answer, with the defaults of a home."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    ollama.script({"content": "O céu "}, {"content": "é azul."})
    result = await ask(home, "de que cor é o céu")
    assert speech(result) == "O céu é azul."
    (body,) = chats(ollama)
    assert body["options"] == {"temperature": 0.7, "num_predict": 512, "num_ctx": 8192}
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
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
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
    await set_up(home, GROQ_AGENT, groq_url=groq.url)
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
    await ask(home, "acenda a luz")
    assert home.states.get(LIGHT).state == "on"


async def test_unknown_tool(home: HomeAssistant, ollama: FakeOllama) -> None:
    """A tool that does not exist is an error for the model, not for the person."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    ollama.script({"tool_calls": [{"name": "Teleport", "arguments": {}}]})
    ollama.script({"content": "Isso eu não sei fazer."})
    assert speech(await ask(home, "me leve à lua")) == "Isso eu não sei fazer."
    assert "error" in chats(ollama)[1]["messages"][-1]["content"]


async def test_tool_call_written_as_text(home: HomeAssistant, ollama: FakeOllama) -> None:
    """A call that the model writes into its answer runs and is never read aloud."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    text = '<tool_call>{"name": "HassTurnOn", "arguments": {"name": "Luz da Sala"}}</tool_call>'
    ollama.script({"content": text})
    ollama.script({"content": "Acesa."})
    assert speech(await ask(home, "acenda a luz")) == "Acesa."
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
        pytest.param([TURN_ON], "Pronto.", id="after a tool"),
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
    assert speech(await ask(home, "acenda a luz")).startswith(expected)
    assert len(chats(ollama)) == len(steps) + 1


async def test_endless_tool_calls(home: HomeAssistant, ollama: FakeOllama) -> None:
    """After ten rounds the agent gives up with a sentence."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    for _ in range(11):
        ollama.script(TURN_ON)
    result = await ask(home, "acenda a luz")
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
    await listen(home, "acenda", deltas.append)
    kinds = [
        "role" if set(delta) == {"role"} else delta.get("role") or next(iter(delta))
        for delta in deltas
    ]
    assert kinds[0] == "role"
    assert kinds.index("content") < kinds.index("tool_calls") < kinds.index("tool_result")
    assert "".join(d["content"] for d in deltas if set(d) == {"content"}) == "Já vou. Feito."


FAILURES = [
    pytest.param([{"status": 500, "error": "boom"}], "erro interno", id="internal error"),
    pytest.param([{"status": 401, "error": "unauthorized"}], "recusou a chave", id="key refused"),
    pytest.param([{"status": 404, "error": "model 'x' not found"}], "não tem o modelo", id="model"),
    pytest.param([{"status": 429, "error": "slow down"}], "limite de uso", id="quota"),
    pytest.param([{"status": 503, "error": "server busy"}], "ocupado", id="busy"),
    pytest.param([{"cut": True}], "cortada", id="cut before the first word"),
    pytest.param([{"content": "Era uma "}, {"cut": True}], "interrompida", id="cut after it"),
    pytest.param([{"content": "Era uma "}, {"error": "oom"}], "interrompida", id="error after it"),
]


@pytest.mark.parametrize(("steps", "expected"), FAILURES)
async def test_failure_is_one_sentence_and_the_next_turn_works(
    home: HomeAssistant, ollama: FakeOllama, steps: list[Any], expected: str
) -> None:
    """Whatever the provider does, the person hears why, and can go on."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    ollama.script(*steps)
    failed = await ask(home, "conte uma história")
    assert expected in speech(failed)
    ollama.script({"content": "Oi."})
    after = await ask(home, "oi", conversation_id=failed.conversation_id)
    assert speech(after) == "Oi."
    assert said(chats(ollama)[-1])[0] == "conte uma história"


async def test_server_is_down(home: HomeAssistant, socket_enabled: None) -> None:
    """Nobody listens: the sentence says so, in the language of the person."""
    await set_up(home, OLLAMA_AGENT, ollama_url=DEAD_URL)
    assert "Não consegui falar com o Ollama" in speech(await ask(home, "conte uma piada"))
    assert "could not reach Ollama" in speech(await ask(home, "tell me a joke", language="en"))
    assert "No pude comunicarme con Ollama" in speech(
        await ask(home, "cuenta un chiste", language="es")
    )
    result = await ask(home, "conte uma piada", language="pt")
    assert result.response.response_type is intent.IntentResponseType.ERROR


async def test_server_is_down_and_the_home_still_obeys(
    home: HomeAssistant, socket_enabled: None
) -> None:
    """Commands that Home Assistant understands by itself work without a model."""
    await set_up(home, OLLAMA_AGENT, ollama_url=DEAD_URL)
    await ask(home, "acenda a luz da sala")
    assert home.states.get(LIGHT).state == "on"


async def test_failure_after_a_tool(home: HomeAssistant, ollama: FakeOllama) -> None:
    """What was done is not done again, and the person hears that it was done."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    ollama.script(TURN_ON)
    ollama.script({"status": 500, "error": "boom"})
    result = await ask(home, "acenda a luz")
    assert home.states.get(LIGHT).state == "on"
    assert speech(result) == "Pronto."
    ollama.script({"content": "Está acesa."})
    await ask(home, "está acesa?", conversation_id=result.conversation_id)
    assert roles(chats(ollama)[-1]) == ["system", "user", "assistant", "tool", "assistant", "user"]


async def test_cut_after_a_tool_call(home: HomeAssistant, ollama: FakeOllama) -> None:
    """A call that was read is done, and the model is asked to go on."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    ollama.script(TURN_ON, {"cut": True})
    ollama.script({"content": "Acesa."})
    assert speech(await ask(home, "acenda a luz")) == "Acesa."
    assert home.states.get(LIGHT).state == "on"
    assert len(chats(ollama)) == 2


async def test_cut_in_the_middle_of_markup(home: HomeAssistant, ollama: FakeOllama) -> None:
    """Words that were held back until their markup would end are spoken too."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    ollama.script({"content": "Era uma [vez"}, {"cut": True})
    text = speech(await ask(home, "conte uma história"))
    assert "vez" in text
    assert "interrompida" in text


async def test_fallback_answers(home: HomeAssistant, ollama: FakeOllama, groq: FakeGroq) -> None:
    """The second provider steps in before the first word, and nobody notices."""
    await set_up(home, BOTH_AGENT, ollama_url=ollama.url, groq_url=groq.url)
    ollama.script({"status": 500, "error": "boom"})
    groq.script({"content": "Oi do Groq."})
    assert speech(await ask(home, "oi")) == "Oi do Groq."


async def test_fallback_after_silence(
    home: HomeAssistant, ollama: FakeOllama, groq: FakeGroq
) -> None:
    """A provider that stays silent for too long is replaced."""
    await set_up(home, BOTH_AGENT | {"patience_s": 0.2}, ollama_url=ollama.url, groq_url=groq.url)
    ollama.script({"stall": True})
    groq.script({"content": "Oi do Groq."})
    assert speech(await ask(home, "oi")) == "Oi do Groq."
    assert ollama.closed_early.is_set()


async def test_fallback_does_not_repeat_tools(
    home: HomeAssistant, ollama: FakeOllama, groq: FakeGroq
) -> None:
    """The second provider gets the results of the tools that the first one called."""
    await set_up(home, BOTH_AGENT, ollama_url=ollama.url, groq_url=groq.url)
    ollama.script(TURN_ON)
    ollama.script({"status": 500, "error": "boom"})
    assert speech(await ask(home, "acenda a luz da sala")) == "Pronto, a luz está acesa."
    (body,) = groq.bodies("/openai/v1/chat/completions")
    assert roles(body) == ["system", "user", "assistant", "tool"]


async def test_no_fallback_after_the_first_word(
    home: HomeAssistant, ollama: FakeOllama, groq: FakeGroq
) -> None:
    """Nothing is said twice."""
    await set_up(home, BOTH_AGENT, ollama_url=ollama.url, groq_url=groq.url)
    ollama.script({"content": "Era uma vez. "}, {"cut": True})
    text = speech(await ask(home, "conte"))
    assert text.startswith("Era uma vez.")
    assert "interrompida" in text
    assert not groq.bodies("/openai/v1/chat/completions")


async def test_refused_key_starts_reauth_once(home: HomeAssistant, groq: FakeGroq) -> None:
    """Two turns with a dead key ask for a new one once."""
    await set_up(home, GROQ_AGENT, groq_url=groq.url)
    groq.api_key = "gsk_other"
    assert "recusou a chave" in speech(await ask(home, "conte uma piada"))
    await ask(home, "conte outra")
    await home.async_block_till_done(wait_background_tasks=True)
    (flow,) = home.config_entries.flow.async_progress()
    assert flow["context"]["source"] == "reauth"


async def test_history_is_limited(home: HomeAssistant, ollama: FakeOllama) -> None:
    """The model sees the last ten messages, five questions with their answers."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    conversation_id = None
    for number in range(7):
        ollama.script({"content": f"Resposta {number}."})
        result = await ask(home, f"pergunta {number}", conversation_id=conversation_id)
        conversation_id = result.conversation_id
    words = said(chats(ollama)[-1])
    assert words[0] == "pergunta 1"
    assert words[-2:] == ["Resposta 5.", "pergunta 6"]
    assert len(words) == 11


@pytest.mark.parametrize(
    ("minutes", "is_remembered"),
    [pytest.param(20, True, id="within the hour"), pytest.param(61, False, id="later")],
)
async def test_satellite_remembers_for_an_hour(
    home: HomeAssistant,
    ollama: FakeOllama,
    monkeypatch: pytest.MonkeyPatch,
    minutes: int,
    is_remembered: bool,
) -> None:
    """A room goes on after Home Assistant has forgotten the conversation."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    device = satellite(home)
    await ask(home, "meu nome é Ana", device_id=device)
    pass_minutes(monkeypatch, minutes)
    await ask(home, "como me chamo", device_id=device)
    assert ("meu nome é Ana" in said(chats(ollama)[-1])) is is_remembered


async def test_rooms_do_not_share_memory(home: HomeAssistant, ollama: FakeOllama) -> None:
    """What was said in one room stays there."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    await ask(home, "segredo", device_id=satellite(home, "a"))
    await ask(home, "qual?", device_id=satellite(home, "b"))
    assert said(chats(ollama)[-1]) == ["qual?"]


@pytest.mark.parametrize(
    ("second_user", "minutes", "is_remembered"),
    [
        pytest.param("ana", 20, True, id="the same person later"),
        pytest.param("ana", 1, False, id="the same person starts anew"),
        pytest.param("bia", 20, False, id="somebody else"),
    ],
)
async def test_person_without_satellite(
    home: HomeAssistant,
    ollama: FakeOllama,
    monkeypatch: pytest.MonkeyPatch,
    second_user: str,
    minutes: int,
    is_remembered: bool,
) -> None:
    """A person goes on after Home Assistant dropped the conversation, and nobody else does."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    await ask(home, "meu nome é Ana", user_id="ana")
    pass_minutes(monkeypatch, minutes)
    await ask(home, "como me chamo", user_id=second_user)
    assert ("meu nome é Ana" in said(chats(ollama)[-1])) is is_remembered


async def test_knows_the_room_of_the_satellite(home: HomeAssistant, ollama: FakeOllama) -> None:
    """The prompt names the area of the device that listens."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    await ask(home, "acenda a luz", device_id=satellite(home))
    assert "You are in area Sala de Estar" in chats(ollama)[0]["messages"][0]["content"]


async def test_barge_in_stops_the_model(home: HomeAssistant, ollama: FakeOllama) -> None:
    """A cancelled turn frees the server, and what was said until then is remembered."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    device = satellite(home)
    ollama.script({"content": "Era uma vez, há muito tempo. "}, {"stall": True})
    heard = asyncio.Event()

    def note(delta: dict[str, Any]) -> None:
        if "content" in delta:
            heard.set()

    turn = listen(home, "conte uma história", note, device_id=device)
    await asyncio.wait_for(heard.wait(), 5)
    turn.cancel()
    with pytest.raises(asyncio.CancelledError):
        await turn
    await asyncio.wait_for(ollama.closed_early.wait(), 5)
    ollama.script({"content": "Oi."})
    await ask(home, "oi", device_id=device)
    words = said(chats(ollama)[-1])
    assert words[0] == "conte uma história"
    assert words[1].startswith("Era uma vez")


async def test_local_turns_are_remembered(home: HomeAssistant, ollama: FakeOllama) -> None:
    """The model knows what Home Assistant answered by itself in the same conversation."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    first = await home.async_create_task(
        conversation.async_converse(
            home,
            "acenda a luz da sala",
            None,
            Context(),
            "pt-BR",
            conversation.HOME_ASSISTANT_AGENT,
        )
    )
    await ask(home, "apague", conversation_id=first.conversation_id)
    words = said(chats(ollama)[-2])
    assert words[0] == "acenda a luz da sala"
    assert words[-1] == "apague"


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


async def test_defect_is_spoken(
    home: HomeAssistant, ollama: FakeOllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even a defect of ours ends in a sentence."""

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError

    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    monkeypatch.setattr("custom_components.jonh.conversation.ModelAnswer", broken)
    assert "Algo deu errado" in speech(await ask(home, "oi"))


async def test_broken_template_is_spoken(home: HomeAssistant, ollama: FakeOllama) -> None:
    """Instructions that cannot be rendered end in a sentence in the right language."""
    await set_up(home, OLLAMA_AGENT | {"prompt": "{{ nada() }}"}, ollama_url=ollama.url)
    assert "Algo deu errado" in speech(await ask(home, "oi"))


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
    ollama.loaded.clear()
    await conversation.async_prepare_agent(home, AGENT, "pt-BR")
    await home.async_block_till_done(wait_background_tasks=True)
    assert ollama.loaded == {OLLAMA_MODEL}
    (warm,) = chats(ollama)
    ollama.script({"content": "Oi."})
    await ask(home, "oi")
    assert warm["options"]["num_ctx"] == chats(ollama)[-1]["options"]["num_ctx"]
