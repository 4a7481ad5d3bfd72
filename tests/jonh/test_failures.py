"""Turns that go wrong, over real sockets."""

from typing import TYPE_CHECKING

from homeassistant.helpers import intent

from tests.jonh.conftest import BOTH_AGENT, GROQ_AGENT, LIGHT, OLLAMA_AGENT, ask, set_up, speech
from tests.jonh.turns import DEAD_URL, TURN_ON, VAGUE, chats, roles

if TYPE_CHECKING:
    import pytest
    from homeassistant.core import HomeAssistant

    from tests.fakes.groq import FakeGroq
    from tests.fakes.ollama import FakeOllama


async def test_server_is_down(home: HomeAssistant, socket_enabled: None) -> None:
    """Nobody listens: the sentence says so, in the other languages of a person too."""
    await set_up(home, OLLAMA_AGENT, ollama_url=DEAD_URL)
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
    result = await ask(home, VAGUE)
    assert home.states.get(LIGHT).state == "on"
    assert speech(result) == "Luz da Sala ligada."
    ollama.script({"content": "Está acesa."})
    await ask(home, "e agora, melhorou?", conversation_id=result.conversation_id)
    assert roles(chats(ollama)[-1]) == ["system", "user", "assistant", "tool", "assistant", "user"]


async def test_cut_after_a_tool_call(home: HomeAssistant, ollama: FakeOllama) -> None:
    """A call that was read is done, and the model is asked to go on."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    ollama.script(TURN_ON, {"cut": True})
    ollama.script({"content": "Acesa."})
    assert speech(await ask(home, VAGUE)) == "Acesa."
    assert home.states.get(LIGHT).state == "on"
    assert len(chats(ollama)) == 2


async def test_cut_in_the_middle_of_markup(home: HomeAssistant, ollama: FakeOllama) -> None:
    """Words that were held back until their markup would end are spoken too."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    ollama.script({"content": "Era uma [vez"}, {"cut": True})
    text = speech(await ask(home, "conte uma história"))
    assert "vez" in text
    assert "interrompida" in text


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
    assert speech(await ask(home, VAGUE)) == "Pronto, a luz está acesa."
    (body,) = groq.bodies("/openai/v1/chat/completions")
    assert roles(body) == ["system", "user", "assistant", "tool"]


async def test_refused_key_starts_reauth_once(home: HomeAssistant, groq: FakeGroq) -> None:
    """Two turns with a dead key ask for a new one once."""
    await set_up(home, GROQ_AGENT, groq_url=groq.url)
    groq.api_key = "gsk_other"
    assert "recusou a chave" in speech(await ask(home, "conte uma piada"))
    await ask(home, "conte outra")
    await home.async_block_till_done(wait_background_tasks=True)
    (flow,) = home.config_entries.flow.async_progress()
    assert flow["context"]["source"] == "reauth"


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
