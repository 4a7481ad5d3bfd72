"""The commands of a call: what is refused, who may, and what is left of a hundred turns."""

import asyncio
import gc
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.components import stt
from homeassistant.components.assist_pipeline import async_update_pipeline
from homeassistant.components.assist_pipeline.pipeline import async_get_pipeline
from homeassistant.setup import async_setup_component

from custom_components.jonh.call_api import CALLS, CALLS_MAX, STARTS_PER_MINUTE
from custom_components.jonh.call_commands import Interruption
from custom_components.jonh.call_session import LEAD_S, CallOptions, CallSession
from tests.fakes.speech import silence, spoken
from tests.jonh.conftest import AGENT, OLLAMA_AGENT, set_up

if TYPE_CHECKING:
    from collections.abc import AsyncIterable

    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.typing import (
        MockHAClientWebSocket,
        WebSocketGenerator,
    )

    from tests.fakes.ollama import FakeOllama

SAID = "qual é a temperatura do quarto"


class Ears(stt.SpeechToTextEntity):
    """A recogniser that hears the same whatever is said, after a tenth of a second of it."""

    _attr_name = "Ears"
    supported_languages = ["pt-BR"]  # noqa: RUF012  # as Home Assistant declares it
    supported_formats = [stt.AudioFormats.WAV]  # noqa: RUF012  # as Home Assistant declares it
    supported_codecs = [stt.AudioCodecs.PCM]  # noqa: RUF012  # as Home Assistant declares it
    supported_bit_rates = [stt.AudioBitRates.BITRATE_16]  # noqa: RUF012  # as Home Assistant declares it
    supported_sample_rates = [stt.AudioSampleRates.SAMPLERATE_16000]  # noqa: RUF012  # as Home Assistant declares it
    supported_channels = [stt.AudioChannels.CHANNEL_MONO]  # noqa: RUF012  # as Home Assistant declares it

    @property
    def audio_processing(self) -> stt.SpeechAudioProcessing:
        """Find the end of a phrase itself."""
        return stt.SpeechAudioProcessing(
            requires_external_vad=False,
            prefers_auto_gain_enabled=False,
            prefers_noise_reduction_enabled=False,
        )

    async def async_process_audio_stream(
        self, metadata: stt.SpeechMetadata, stream: AsyncIterable[bytes]
    ) -> stt.SpeechResult:
        """Hear it."""
        size = 0
        async for chunk in stream:
            size += len(chunk)
            if size >= 3200:
                break
        return stt.SpeechResult(SAID, stt.SpeechResultState.SUCCESS)


@pytest.fixture
async def jonh(home: HomeAssistant, ollama: FakeOllama) -> HomeAssistant:
    """Set up an agent, and a pipeline with ears and without a voice."""
    for component in ("websocket_api", "stt"):
        assert await async_setup_component(home, component, {})
    await home.data[stt.DATA_COMPONENT].async_add_entities([Ears()])
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    pipeline = async_get_pipeline(home)
    await async_update_pipeline(
        home,
        pipeline,
        conversation_engine=AGENT,
        conversation_language="pt-BR",
        language="pt-BR",
        stt_engine="stt.ears",
        stt_language="pt-BR",
        tts_engine=None,
        tts_language=None,
    )
    return home


async def send(client: MockHAClientWebSocket, command: str, **fields: Any) -> Any:
    """Send a command and return its answer, events left out."""
    await client.send_json_auto_id({"type": f"jonh/call/{command}", **fields})
    while (answer := await client.receive_json())["type"] != "result":
        pass
    return answer


async def test_start(jonh: HomeAssistant, hass_ws_client: WebSocketGenerator) -> None:
    """The answer says with whom, and where the sound goes."""
    client = await hass_ws_client(jonh)
    result = (await send(client, "start", interruption="touch", idle_s=30))["result"]
    pipeline = async_get_pipeline(jonh)
    assert result["pipeline"] == {"id": pipeline.id, "name": pipeline.name, "language": "pt-BR"}
    assert result["interruption"] == "touch"
    assert result["idle_s"] == 30
    assert not result["record"]
    assert not result["has_partials"]
    assert result["handler_id"] == 1
    assert result["conversation_id"].startswith("jonh-")
    started = (await client.receive_json())["event"]
    assert started == {"event": "started", **result}
    event = (await client.receive_json())["event"]
    assert event == {"event": "state", "state": "listening", "turn": 1}


async def test_one_call_on_a_connection(
    jonh: HomeAssistant, hass_ws_client: WebSocketGenerator
) -> None:
    """The next one can begin once it has ended, and sound that is late is no error."""
    client = await hass_ws_client(jonh)
    first = (await send(client, "start"))["result"]
    refused = await send(client, "start")
    assert refused["error"]["code"] == "call_active"
    assert refused["error"]["translation_key"] == "call_active"
    await send(client, "action", call_id=first["call_id"], action="hangup")
    await client.send_bytes(bytes([first["handler_id"]]) + bytes(640))
    second = (await send(client, "start"))["result"]
    assert second["call_id"] != first["call_id"]
    gone = await send(client, "action", call_id=first["call_id"], action="mute")
    assert gone["error"]["code"] == "call_not_found"


async def test_two_calls_of_a_person(
    jonh: HomeAssistant, hass_ws_client: WebSocketGenerator, hass_read_only_access_token: str
) -> None:
    """A third one is refused, somebody else's is not."""
    clients = [await hass_ws_client(jonh) for _ in range(CALLS_MAX + 1)]
    for client in clients[:-1]:
        assert (await send(client, "start"))["success"]
    refused = await send(clients[-1], "start")
    assert refused["error"]["code"] == "too_many_calls"
    assert refused["error"]["translation_placeholders"] == {"limit": "2"}
    other = await hass_ws_client(jonh, hass_read_only_access_token)
    assert (await send(other, "start"))["success"]


async def test_a_call_that_goes_on_replaces_its_dead_line(
    jonh: HomeAssistant, hass_ws_client: WebSocketGenerator
) -> None:
    """The server may learn late that a connection is gone."""
    old, new = await hass_ws_client(jonh), await hass_ws_client(jonh)
    first = (await send(old, "start"))["result"]
    second = await send(new, "start", conversation_id=first["conversation_id"])
    assert second["result"]["conversation_id"] == first["conversation_id"]
    events = [(await old.receive_json())["event"] for _ in range(4)]
    assert events[-1] == {"event": "ended", "reason": "replaced"}
    assert list(jonh.data[CALLS].lines) == [second["result"]["call_id"]]


async def test_nobody_acts_in_the_call_of_another(
    jonh: HomeAssistant, hass_ws_client: WebSocketGenerator
) -> None:
    """Not even the same person over another connection."""
    mine, other = await hass_ws_client(jonh), await hass_ws_client(jonh)
    call_id = (await send(mine, "start"))["result"]["call_id"]
    refused = await send(other, "action", call_id=call_id, action="hangup")
    assert refused["error"]["code"] == "call_not_found"
    assert call_id in jonh.data[CALLS].lines


async def test_too_many_starts(jonh: HomeAssistant, hass_ws_client: WebSocketGenerator) -> None:
    """The user is told how long to wait."""
    client = await hass_ws_client(jonh)
    for _ in range(STARTS_PER_MINUTE):
        result = (await send(client, "start"))["result"]
        await send(client, "action", call_id=result["call_id"], action="hangup")
    refused = await send(client, "start")
    assert refused["error"]["code"] == "rate_limited"
    assert 0 < int(refused["error"]["translation_placeholders"]["seconds"]) <= 6


async def test_pipelines_that_cannot_call(
    jonh: HomeAssistant, hass_ws_client: WebSocketGenerator
) -> None:
    """One that does not exist, and one without ears."""
    client = await hass_ws_client(jonh)
    refused = await send(client, "start", pipeline="none")
    assert refused["error"]["code"] == "pipeline_not_found"
    await async_update_pipeline(jonh, async_get_pipeline(jonh), stt_engine=None, stt_language=None)
    refused = await send(client, "start")
    assert refused["error"]["code"] == "no_speech_engine"
    assert jonh.data[CALLS].lines == {}


@pytest.mark.parametrize(
    "fields",
    [
        {"interruption": "loud"},
        {"idle_s": 1},
        {"silence_s": 100},
        {"conversation_id": "x" * 65},
        {"conversation_id": ""},
        {"what": 1},
    ],
)
async def test_wrong_fields(
    jonh: HomeAssistant, hass_ws_client: WebSocketGenerator, fields: dict[str, Any]
) -> None:
    """They are named, and nothing begins."""
    client = await hass_ws_client(jonh)
    assert (await send(client, "start", **fields))["error"]["code"] == "invalid_format"
    assert jonh.data[CALLS].lines == {}


async def test_unsubscribing_ends_the_call(
    jonh: HomeAssistant, hass_ws_client: WebSocketGenerator
) -> None:
    """As when the page goes away."""
    client = await hass_ws_client(jonh)
    started = await send(client, "start")
    await client.send_json_auto_id({"type": "unsubscribe_events", "subscription": started["id"]})
    while (answer := await client.receive_json())["type"] != "result":
        pass
    assert answer["success"]
    assert jonh.data[CALLS].lines == {}
    assert jonh.data[CALLS].released == {}


async def test_closing_ends_the_call(
    jonh: HomeAssistant, hass_ws_client: WebSocketGenerator
) -> None:
    """Nothing is left on the server."""
    client = await hass_ws_client(jonh)
    await send(client, "start")
    await client.close()
    await jonh.async_block_till_done()
    assert jonh.data[CALLS].lines == {}
    assert jonh.data[CALLS].released == {}


def session(hass: HomeAssistant, events: list[dict[str, Any]]) -> CallSession:
    """Make a call without a connection."""
    options = CallOptions(
        pipeline=async_get_pipeline(hass),
        user_id="somebody",
        conversation_id="jonh-test",
        interruption=Interruption.VOICE,
    )
    return CallSession(hass, options, tell=events.append, on_end=lambda: None)


async def until(events: list[dict[str, Any]], **fields: Any) -> None:
    """Wait for an event."""
    async with asyncio.timeout(10):
        while not any(fields.items() <= event.items() for event in events):  # noqa: ASYNC110
            await asyncio.sleep(0.002)


async def test_a_hundred_turns_leave_nothing(jonh: HomeAssistant, ollama: FakeOllama) -> None:
    """No task, and no memory but what the conversation is."""
    events: list[dict[str, Any]] = []
    call = session(jonh, events)
    before = asyncio.all_tasks()
    call.start()
    call.hear(silence(1.0).tobytes())
    speech = spoken("acenda a luz da sala")[5000:9000].tobytes()
    ours = [tracemalloc.Filter(inclusive=True, filename_pattern="*/jonh/call*")]
    ours += [tracemalloc.Filter(inclusive=True, filename_pattern="*/jonh/turn.py")]
    sizes = []
    tracemalloc.start()
    try:
        for turn in range(1, 101):
            ollama.script({"content": f"Resposta {turn}."})
            for start in range(0, len(speech), 640):
                call.hear(speech[start : start + 640])
            await until(events, event="answer", turn=turn)
            await until(events, event="state", state="listening", turn=turn + 1)
            events.clear()
            # Between two turns there is silence, which would take time.
            call.act("mute")
            call.act("unmute")
            if turn in {20, 100}:
                gc.collect()
                snapshot = tracemalloc.take_snapshot().filter_traces(ours)
                sizes.append(sum(each.size for each in snapshot.statistics("filename")))
    finally:
        tracemalloc.stop()
    assert sizes[1] < sizes[0] + 64_000
    assert len(ollama.chats) == 100
    call.act("hangup")
    assert events[-1] == {"event": "ended", "reason": "hangup"}
    await asyncio.sleep(0.2)
    assert [each for each in asyncio.all_tasks() - before if "jonh" in each.get_name()] == []
    assert call._tasks == set()


async def test_sound_faster_than_time_is_dropped(jonh: HomeAssistant) -> None:
    """A client that sends hours at once cannot fill the memory."""
    events: list[dict[str, Any]] = []
    call = session(jonh, events)
    call.start()
    for _ in range(round(LEAD_S) + 3):
        call.hear(bytes(32_000))
    errors = [event for event in events if event["event"] == "error"]
    assert [error["code"] for error in errors] == ["sound-lost"]
    assert errors[0]["text"].startswith("O reconhecimento de fala não acompanha")
    call.close()


async def test_half_samples_are_no_harm(jonh: HomeAssistant) -> None:
    """Frames of any length, also none."""
    events: list[dict[str, Any]] = []
    call = session(jonh, events)
    call.start()
    for size in (0, 1, 2, 3, 319, 320, 321):
        call.hear(bytes(size))
    call.close()
    call.hear(bytes(640))
    assert events == [{"event": "state", "state": "listening", "turn": 1}]
