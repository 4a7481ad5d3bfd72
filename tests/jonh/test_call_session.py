"""Whole calls: real speech, real servers, and a model that says what it is told to."""

import asyncio
import re
from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.components.assist_pipeline import async_get_pipeline
from homeassistant.setup import async_setup_component

from custom_components.jonh.call_api import CALLS
from custom_components.jonh.const import DOMAIN
from tests.fakes.speech import spoken
from tests.jonh.callers import Caller
from tests.jonh.conftest import LIGHT, OLLAMA_AGENT, set_up
from tests.jonh.speech_servers import add_wyoming, both_running, running

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterator

    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.typing import (
        ClientSessionGenerator,
        WebSocketGenerator,
    )

    from tests.fakes.ollama import FakeOllama

OURS = re.compile("jonh|tts|wyoming")
"""Names of tasks that a call begins, here and in Home Assistant."""
KITCHEN = "apague a luz da cozinha"
LONG = (
    "Era uma vez uma casa muito antiga no alto de um morro. Nela vivia um gato cinza que "
    "gostava de dormir na janela. Todos os dias ele esperava o sol nascer. Depois descia para "
    "a cozinha e pedia leite. Assim passava o tempo, devagar, sem nenhuma pressa."
)


@pytest.fixture(scope="module")
def ports() -> Iterator[tuple[int, int]]:
    """Run jonh-stt and jonh-tts."""
    with both_running() as found:
        yield found


@pytest.fixture
async def voiced(home: HomeAssistant, ollama: FakeOllama, ports: tuple[int, int]) -> HomeAssistant:
    """Give the home ears, a voice and an agent, in one pipeline."""
    assert await async_setup_component(home, "websocket_api", {})
    await add_wyoming(home, *ports)
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    await home.services.async_call(
        DOMAIN, "create_pipeline", {"set_preferred": True}, blocking=True, return_response=True
    )
    assert async_get_pipeline(home).stt_engine
    return home


@pytest.fixture
async def call(
    voiced: HomeAssistant,
    hass_ws_client: WebSocketGenerator,
    hass_client: ClientSessionGenerator,
) -> AsyncGenerator[Callable[..., Any]]:
    """Make calls, and see that nothing of them is left."""
    before = asyncio.all_tasks()

    async def make(**options: Any) -> Caller:
        return Caller(await hass_ws_client(voiced), await hass_client(), **options)

    yield make
    assert voiced.data[CALLS].lines == {}
    for _ in range(30):
        left = {each for each in asyncio.all_tasks() - before if OURS.search(each.get_name())}
        if not left:
            break
        await asyncio.sleep(0.1)
    assert not left


@pytest.fixture
async def call_without_ears(
    home: HomeAssistant,
    ollama: FakeOllama,
    ports: tuple[int, int],
    hass_ws_client: WebSocketGenerator,
    hass_client: ClientSessionGenerator,
) -> Callable[..., Any]:
    """Make a call once the recogniser has gone away."""
    assert await async_setup_component(home, "websocket_api", {})
    with running("stt") as port:
        await add_wyoming(home, port, ports[1])
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    await home.services.async_call(
        DOMAIN, "create_pipeline", {"set_preferred": True}, blocking=True, return_response=True
    )

    async def make(**options: Any) -> Caller:
        return Caller(await hass_ws_client(home), await hass_client(), **options)

    return make


def words(ollama: FakeOllama, text: str, pause_s: float = 0.0) -> None:
    """Let the model answer so, word by word."""
    steps: list[dict[str, Any]] = []
    for word in text.split(" "):
        steps.append({"content": f"{word} "})
        if pause_s:
            steps.append({"sleep_s": pause_s})
    ollama.script(*steps)


async def test_a_light_and_its_answer(voiced: HomeAssistant, call: Any) -> None:
    """Speech in, the light on, speech out, and the call listens again."""
    async with await call() as caller:
        assert caller.result["has_partials"]
        await caller.say(spoken("acenda a luz da sala"))
        transcript = await caller.event("transcript")
        assert "luz" in transcript["text"].lower()
        deed = await caller.event("deed")
        assert (deed["entity_id"], deed["state"]) == (LIGHT, "on")
        answer = await caller.event("answer")
        assert not answer["error"]
        await caller.event("state", state="speaking")
        await caller.event("state", count=2, state="listening")
        assert caller.sounds[1] > 0.5
        metrics = await caller.event("metrics")
        assert (
            0
            < metrics["speech_end_ms"]
            <= metrics["transcript_ms"]
            <= metrics["first_word_ms"]
            <= metrics["first_sound_ms"]
        )
    assert voiced.states.get(LIGHT).state == "on"  # type: ignore[union-attr]


async def test_barge_in(ollama: FakeOllama, call: Any) -> None:
    """Speech over the answer silences it and is the next question, from its first word."""
    words(ollama, LONG)
    words(ollama, "Está fechada.")
    question, interruption = spoken("qual é a temperatura do quarto"), spoken(KITCHEN)
    async with await call() as caller:
        await caller.say(question)
        await caller.event("state", state="speaking")
        await asyncio.sleep(2.5)
        await caller.say(interruption)
        stop = await caller.event("stop")
        assert stop["turn"] == 1
        # The speech itself, and the pace at which frames come; a loaded machine has its time.
        assert stop["at_s"] - caller.onset_s < 1.0
        transcript = await caller.event("transcript", turn=2)
        assert "cozinha" in transcript["text"].lower()
        await caller.event("answer", turn=2)
        await caller.event("state", turn=3, state="listening")
    history = ollama.chats[-1]["messages"]
    told = [each["content"] for each in history if each["role"] == "assistant"]
    assert len(told) == 1
    assert told[0].startswith("Era uma vez")
    assert "pressa" not in told[0]


async def test_an_echo_lets_the_answer_go_on(ollama: FakeOllama, call: Any) -> None:
    """What the microphone hears of the answer itself interrupts it for a moment only."""
    words(ollama, f"Acenda a luz da sala. {LONG}")
    question, echo = spoken("qual é a temperatura do quarto"), spoken("acenda a luz da sala")
    async with await call() as caller:
        await caller.say(question)
        await caller.event("state", state="speaking")
        await asyncio.sleep(2.5)
        await caller.say(echo)
        await caller.event("stop", turn=1)
        resume = await caller.event("resume", turn=1)
        await caller.event("state", turn=2, state="speaking")
        delta = await caller.event("delta", turn=2)
        assert delta["text"].endswith("pressa.")
        await caller.until(lambda: caller.sounds.get(2, 0) > 0.5)
        assert len(caller.of("transcript", turn=2)) == 1
        assert not [each for each in caller.of("stop") if each["at_s"] > resume["at_s"]]
    assert len(ollama.chats) == 1


async def test_more_words_while_it_thinks(ollama: FakeOllama, call: Any) -> None:
    """One question of both parts; the first is not answered any more."""
    ollama.script({"sleep_s": 20}, {"content": "Tarde demais."})
    words(ollama, "Está quente.")
    question, more = (
        spoken("qual é a temperatura do quarto"),
        spoken("qual é a temperatura da sala"),
    )
    async with await call() as caller:
        await caller.say(question)
        first = await caller.event("transcript")
        await asyncio.sleep(0.5)
        await caller.say(more)
        second = await caller.event("transcript", turn=2)
        assert second["text"].startswith(first["text"])
        assert len(second["text"]) > len(first["text"]) + 10
        answer = await caller.event("answer")
        assert answer["turn"] == 2
        assert answer["text"] == "Está quente."
        await caller.event("state", turn=3, state="listening")
    async with asyncio.timeout(5):
        await ollama.closed_early.wait()
    assert second["text"] in ollama.chats[-1]["messages"][-1]["content"]


async def test_touch(ollama: FakeOllama, call: Any) -> None:
    """The finger stops the answer, the voice does not."""
    words(ollama, LONG, 0.2)
    question, more = spoken("qual é a temperatura do quarto"), spoken(KITCHEN)
    async with await call(interruption="touch") as caller:
        await caller.say(question)
        await caller.event("state", state="speaking")
        await asyncio.sleep(1)
        await caller.say(more)
        assert not caller.of("stop")
        assert (await caller.act("interrupt"))["success"]
        await caller.event("stop", turn=1)
        await caller.event("state", turn=2, state="listening")
        async with asyncio.timeout(5):
            await ollama.closed_early.wait()


async def test_mute(call: Any) -> None:
    """Nothing is heard, until it is heard again."""
    speech = spoken("acenda a luz da sala")
    async with await call() as caller:
        await asyncio.sleep(1)
        await caller.act("mute")
        await caller.say(speech)
        await asyncio.sleep(1)
        assert not caller.of("speech", active=True)
        await caller.act("unmute")
        await caller.say(speech)
        await caller.event("answer")
        assert len(caller.of("transcript")) == 1
        await caller.event("state", turn=2, state="listening")


async def test_goodbye(call: Any) -> None:
    """After a long silence the house says so and hangs up."""
    async with await call(idle_s=5) as caller:
        ended = await caller.event("ended")
        assert ended["reason"] == "idle"
        assert ended["text"] == "Vou desligar por aqui. É só chamar quando precisar."
        assert caller.sounds[2] > 1


async def test_dropped_line(voiced: HomeAssistant, ollama: FakeOllama, call: Any) -> None:
    """The call ends without a trace, and the conversation goes on in the next one."""
    words(ollama, LONG)
    words(ollama, "Sim.")
    question, more = spoken("qual é a temperatura do quarto"), spoken(KITCHEN)
    caller = await call()
    async with caller:
        await caller.say(question)
        await caller.event("state", state="speaking")
        await asyncio.sleep(1)
        await caller.socket.close()
        await caller.stop()
    for _ in range(50):
        if not voiced.data[CALLS].lines:
            break
        await asyncio.sleep(0.1)
    async with await call(conversation_id=caller.result["conversation_id"]) as again:
        await again.say(more)
        await again.event("answer")
        await again.event("state", turn=2, state="listening")
    told = [each["content"] for each in ollama.chats[-1]["messages"] if each["role"] == "assistant"]
    assert len(told) == 1
    assert "pressa" not in told[0]


async def test_a_model_that_fails_is_told_and_the_call_goes_on(
    ollama: FakeOllama, call: Any
) -> None:
    """An excuse is spoken, and the next question is answered."""
    ollama.script({"status": 500, "error": "broken"})
    ollama.script({"status": 500, "error": "broken"})
    question, light = spoken("qual é a temperatura do quarto"), spoken("acenda a luz da sala")
    async with await call() as caller:
        await caller.say(question)
        answer = await caller.event("answer")
        assert answer["text"]
        await caller.event("state", turn=2, state="listening")
        assert caller.sounds[1] > 0.5
        await caller.say(light)
        answer = await caller.event("answer", turn=2)
        assert not answer["error"]
        await caller.event("state", turn=3, state="listening")


async def test_a_recogniser_that_is_gone_is_told(
    home: HomeAssistant, call_without_ears: Any
) -> None:
    """The user reads why nothing is heard, and at last the call ends."""
    async with await call_without_ears() as caller:
        error = await caller.event("error")
        assert error["code"] == "stt-stream-failed"
        assert "reconhecimento de fala" in error["text"]
        ended = await caller.event("ended")
        assert ended["reason"] == "error"
