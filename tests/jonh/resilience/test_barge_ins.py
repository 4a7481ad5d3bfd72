"""A thousand interruptions at random moments: nobody goes on speaking, nobody is not heard."""

import asyncio
import random
import struct
from typing import TYPE_CHECKING, Any, override

import pytest
from homeassistant.components import stt, tts
from homeassistant.components.assist_pipeline import async_update_pipeline
from homeassistant.components.assist_pipeline.pipeline import async_get_pipeline
from homeassistant.setup import async_setup_component

from custom_components.jonh.call_session import LEAD_S
from tests.fakes.speech import silence, spoken
from tests.jonh.conftest import AGENT, OLLAMA_AGENT, set_up
from tests.jonh.resilience.logs import defects
from tests.jonh.test_call_api import SAID, Ears, session
from tests.jonh.turns import chats, said

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from homeassistant.core import HomeAssistant

    from tests.fakes.ollama import FakeOllama

RATE_HZ = 16_000
WORD_S = 0.02
"""Sound of each word; short, so that many turns take little time."""
PHRASE = "As abelhas dançam em oito para contar onde ficam as flores do campo."


class Voice(tts.TextToSpeechEntity):
    """A voice that says each word as it comes, and knows what it is saying."""

    _attr_name = "Voice"
    _attr_default_language = "pt-BR"
    _attr_supported_languages = ["pt-BR"]  # noqa: RUF012  # as Home Assistant declares it
    speaking = 0
    """Answers that are being spoken now."""
    words = 0
    """Words that were taken so far."""

    @override
    async def async_stream_tts_audio(self, request: tts.TTSAudioRequest) -> tts.TTSAudioResponse:
        async def sound() -> AsyncGenerator[bytes]:
            self.speaking += 1
            try:
                size = 0xFFFFFFFF - 8
                yield struct.pack("<4sI4s4sI", b"RIFF", size, b"WAVE", b"fmt ", 16) + struct.pack(
                    "<HHIIHH4sI", 1, 1, RATE_HZ, 2 * RATE_HZ, 2, 16, b"data", size - 36
                )
                async for text in request.message_gen:
                    self.words += len(text.split())
                    yield bytes(2 * round(RATE_HZ * WORD_S) * max(1, len(text.split())))
                    await asyncio.sleep(0.001)
            finally:
                self.speaking -= 1

        return tts.TTSAudioResponse("wav", sound())


@pytest.fixture
async def voice(home: HomeAssistant, ollama: FakeOllama) -> Voice:
    """Set up an agent, and a pipeline with ears and a voice."""
    for component in ("websocket_api", "stt", "tts"):
        assert await async_setup_component(home, component, {})
    voice = Voice()
    await home.data[stt.DATA_COMPONENT].async_add_entities([Ears()])
    await home.data[tts.DATA_COMPONENT].async_add_entities([voice])
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    await async_update_pipeline(
        home,
        async_get_pipeline(home),
        conversation_engine=AGENT,
        conversation_language="pt-BR",
        language="pt-BR",
        stt_engine="stt.ears",
        stt_language="pt-BR",
        tts_engine="tts.voice",
        tts_language="pt-BR",
    )
    return voice


async def until(is_so: Callable[[], bool], what: str) -> None:
    """Wait for something that must come."""
    for _ in range(4000):
        if is_so():
            return
        await asyncio.sleep(0.0025)
    raise AssertionError(what)


@pytest.mark.timeout(900)
async def test_interrupted_again_and_again(
    home: HomeAssistant,
    ollama: FakeOllama,
    voice: Voice,
    size: Callable[..., int],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Wherever an answer is, one touch ends it, and what is said next is heard whole."""
    caplog.set_level("WARNING")
    asyncio.get_running_loop().set_debug(False)
    rounds = size(fast=60, long=1000)
    chance = random.Random(4)
    events: list[dict[str, Any]] = []
    before = asyncio.all_tasks()
    call = session(home, events)
    call.start()
    call.hear(silence(1.0).tobytes())
    speech = spoken("acenda a luz da sala")[5000:9000].tobytes()
    late, zombies = [], []
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    for number in range(rounds):
        # Sound that comes faster than anybody speaks would be dropped.
        spoken_s = number * len(speech) / (2 * RATE_HZ)
        await asyncio.sleep(max(0.0, spoken_s - (loop.time() - began_s) - LEAD_S / 2))
        del events[:]
        steps: list[Any] = []
        for word in f"{PHRASE} {PHRASE}".split():
            steps += [{"content": f"{word} "}, {"sleep_s": 0.004}]
        ollama.model.scripts.clear()
        ollama.script(*steps)
        await until(lambda: call._call.state.value == "listening", "it listens again")
        for start in range(0, len(speech), 640):
            call.hear(speech[start : start + 640])
        await until(lambda: any(e["event"] == "transcript" for e in events), "it was heard")
        (heard,) = [event for event in events if event["event"] == "transcript"]
        assert heard["text"] == SAID, number
        # Anywhere from before the first word until after the last.
        await asyncio.sleep(chance.uniform(0, 0.16))
        sounds = [event for event in events if event["event"] == "sound"]
        if sounds and chance.random() < 0.7:
            call.act("sound_started", turn=sounds[-1]["turn"])
            call.act("sound_progress", turn=sounds[-1]["turn"], position_s=chance.uniform(0, 0.3))
        call.act("interrupt")
        words = voice.words
        await asyncio.sleep(chance.choice((0, 0.001, 0.01)))
        late.append(voice.words - words)
        # Between two turns there is silence, which would take time.
        call.act("mute")
        call.act("unmute")
        if number % 10 == 9:
            await until(lambda: voice.speaking == 0, f"a voice goes on after turn {number}")
            zombies.append(voice.words)
            await asyncio.sleep(0.02)
            assert voice.words == zombies[-1], "words after the end"
    assert max(late) <= 1, late
    requests = chats(ollama)
    assert all(said(body)[-1].endswith(SAID) for body in requests)
    assert len(requests) >= rounds * 0.5, "most answers had begun"
    call.act("hangup")
    await until(lambda: voice.speaking == 0 and not call._tasks, "all is still")
    await home.async_block_till_done(wait_background_tasks=True)
    left = [task for task in asyncio.all_tasks() - before if "jonh" in task.get_name()]
    assert left == []
    assert defects(caplog) == []
