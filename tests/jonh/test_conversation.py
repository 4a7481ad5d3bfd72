"""Turns of the agent over real sockets."""

from .conftest import AGENT, LIGHT, OLLAMA_AGENT, ask, set_up, speech
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.fakes.ollama import FakeOllama
    from homeassistant.core import HomeAssistant


async def test_answers_a_question(home: HomeAssistant, ollama: FakeOllama) -> None:
    """The model's words are the answer."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    ollama.script({"content": "O céu "}, {"content": "é azul."})
    result = await ask(home, "de que cor é o céu")
    assert speech(result) == "O céu é azul."


async def test_turns_on_a_light(home: HomeAssistant, ollama: FakeOllama) -> None:
    """A tool call changes the home, and its result goes back to the model."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    result = await ask(home, "acenda a luz da sala")
    assert home.states.get(LIGHT).state == "on"
    assert speech(result) == "Pronto, a luz está acesa."


async def test_local_only_answers_intents(home: HomeAssistant) -> None:
    """Without a provider the home still obeys and a question gets an honest sentence."""
    await set_up(home, {"llm_hass_api": ["assist"]})
    assert home.states.get(AGENT) is not None
    await ask(home, "acenda a luz da sala")
    assert home.states.get(LIGHT).state == "on"
    result = await ask(home, "quem descobriu o Brasil")
    assert "modelo de conversa" in speech(result)
