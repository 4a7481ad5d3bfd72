"""Tests of jonh-tts over real sockets with the real voices."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import override

import numpy as np
import pytest
from wyoming.event import Event
from wyoming.tts import (
    Synthesize,
    SynthesizeChunk,
    SynthesizeStart,
    SynthesizeStop,
    SynthesizeVoice,
)

from tests.fakes.onnx_voice import write_speaker_voice
from tests.fakes.wyoming_client import PATIENCE_S, WyomingClient, connect
from wyoming_servers.audio import PcmConverter, PcmFormat
from wyoming_servers.models import STARTER_DIR
from wyoming_servers.settings import TtsSettings
from wyoming_servers.stt.engine import EngineOptions, Request, Transcriber
from wyoming_servers.telemetry import Telemetry
from wyoming_servers.tts.__main__ import make_server
from wyoming_servers.tts.metrics import SpeechMetrics
from wyoming_servers.tts.service import TtsService
from wyoming_servers.wire import Deadlines

SENTENCE = "A luz da sala está acesa. "
LONG_TEXT = SENTENCE * 200


class Ledger(Telemetry):
    """Counts what became of the jobs."""

    def __init__(self) -> None:
        self.jobs: Counter[str] = Counter()
        self.settled = asyncio.Event()

    @override
    def job_queued(self) -> None:
        self.jobs["queued"] += 1

    @override
    def job_dropped(self) -> None:
        self._end("dropped")

    @override
    def job_ended(self, outcome: str, run_s: float) -> None:
        self._end(outcome)

    @property
    def open(self) -> int:
        """Jobs that still wait or run."""
        ended = ("dropped", "done", "cancelled", "failed")
        return self.jobs["queued"] - sum(self.jobs[outcome] for outcome in ended)

    def _end(self, outcome: str) -> None:
        self.jobs[outcome] += 1
        if not self.open:
            self.settled.set()


@pytest.fixture
def ledger() -> Ledger:
    """Make an empty ledger."""
    return Ledger()


@pytest.fixture
async def uri(tmp_path: Path, ledger: Ledger) -> AsyncIterator[str]:
    """Run a server that has the starter voices only."""
    async with running(tmp_path, ledger) as address:
        yield address


@contextlib.asynccontextmanager
async def running(
    voice_dir: Path, telemetry: Telemetry | None = None, deadlines: Deadlines | None = None
) -> AsyncIterator[str]:
    """Run a server in this process on a free port."""
    settings = TtsSettings(
        uri="tcp://127.0.0.1:0", voice="pt_BR-starter-low", voice_dir=voice_dir, hub_url=None
    )
    telemetry = telemetry or Telemetry()
    service = TtsService(settings, telemetry, SpeechMetrics())
    server = make_server(settings, service, telemetry, deadlines)
    async with server.listen() as address:
        yield address


async def say(client: WyomingClient, *chunks: str, voice: SynthesizeVoice | None = None) -> None:
    """Send a stream as Home Assistant does, the whole text once more at its end."""
    await client.send(SynthesizeStart(voice=voice))
    await client.send(*(SynthesizeChunk(chunk) for chunk in chunks))
    await client.send(Synthesize("".join(chunks), voice=voice), SynthesizeStop())


def types_of(events: list[Event]) -> list[str]:
    """List the types of events, runs of chunks as one."""
    types = [event.type for event in events]
    return [kind for at, kind in enumerate(types) if at == 0 or kind != types[at - 1]]


def seconds_of(events: list[Event]) -> float:
    """Measure the sound in an answer."""
    rate = events[0].data["rate"]
    return sum(len(event.payload or b"") for event in events) / 2 / rate


async def receive_chunk(client: WyomingClient) -> Event:
    """Read up to the first chunk of sound."""
    return (await client.receive_until("audio-chunk"))[-1]


STREAM = ["audio-start", "audio-chunk", "audio-stop", "synthesize-stopped"]


async def test_stream_is_spoken_while_the_text_still_comes(uri: str):
    """The first sentence sounds before the second one was sent."""
    async with connect(uri) as client:
        await client.send(SynthesizeStart(), SynthesizeChunk("Sim. "))
        start, *_ = await client.receive_until("audio-chunk")
        assert start.data == {"rate": 16_000, "width": 2, "channels": 1, "timestamp": None}
        await client.send(SynthesizeChunk("A porta"), SynthesizeChunk(" está fechada."))
        await client.send(Synthesize("Sim. A porta está fechada."), SynthesizeStop())
        rest = await client.receive_until("synthesize-stopped")
        assert types_of(rest) == STREAM[1:]


async def test_stream_and_one_shot_say_the_same(uri: str):
    """Both ways of asking give as much sound, and the repeated text is not spoken twice."""
    text = "A porta está fechada. Boa noite."
    async with connect(uri) as client:
        await say(client, *(f"{word} " for word in text.split()))
        stream = await client.receive_until("synthesize-stopped")
        await client.send(Synthesize(text))
        one_shot = await client.receive_until("audio-stop")
    assert types_of(stream) == STREAM
    assert types_of(one_shot) == STREAM[:-1]
    assert seconds_of(stream) == pytest.approx(seconds_of(one_shot), rel=0.05)


async def test_chunks_are_short(uri: str):
    """The first chunk is next to nothing, so that a satellite starts playing at once."""
    async with connect(uri) as client:
        await client.send(Synthesize(SENTENCE))
        events = await client.receive_until("audio-stop")
    chunks = [event for event in events if event.type == "audio-chunk"]
    sizes = [len(chunk.payload or b"") for chunk in chunks]
    assert sizes[0] == 16_000 // 50 * 2
    assert max(sizes) == 16_000 // 10 * 2


@pytest.mark.parametrize("text", ["", "....", "\n"])
async def test_text_without_sounds(uri: str, text: str):
    """Nothing to say is a complete answer."""
    async with connect(uri) as client:
        await say(client, text)
        events = await client.receive_until("synthesize-stopped")
        assert types_of(events) == ["audio-start", "audio-stop", "synthesize-stopped"]


async def test_voices_are_described_as_home_assistant_reads_them(uri: str, tmp_path: Path):
    """Only what is there is listed, the default first; a voice put there later appears."""
    async with connect(uri) as client:
        (program,) = (await client.describe()).tts
        assert [voice.name for voice in program.voices] == [
            "pt_BR-starter-low",
            "en_US-starter-low",
        ]
        assert program.supports_synthesize_streaming
        write_speaker_voice(tmp_path, "en_US-two-low", {"ana": 0, "rui": 1})
        (program,) = (await client.describe()).tts
        (added,) = [voice for voice in program.voices if voice.name == "en_US-two-low"]
        assert added.languages == ["en-US", "en"]
        assert [speaker.name for speaker in added.speakers or []] == ["ana", "rui"]


async def test_speaker_of_a_voice(uri: str, tmp_path: Path):
    """The speaker named in the request is the one that speaks."""
    write_speaker_voice(tmp_path, "en_US-two-low", {"ana": 441, "rui": 882})
    wish = SynthesizeVoice(name="en_US-two-low", speaker="rui")
    async with connect(uri) as client:
        await client.send(Synthesize("ok", voice=wish))
        assert seconds_of(await client.receive_until("audio-stop")) == 882 / 22_050


@pytest.mark.parametrize(
    ("event", "code"),
    [
        (Synthesize("a", voice=SynthesizeVoice(name="nobody")), "unknown-voice"),
        (Synthesize("a", voice=SynthesizeVoice(language="xx")), "unknown-language"),
        (Synthesize("a" * 8001), "too-large"),
        (SynthesizeChunk("a"), "unexpected-event"),
        (Event("synthesize", {"text": ["a"]}), "bad-event"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_refusal_ends_that_connection_alone(uri: str, event: Event, code: str):
    """The client learns why, and others go on."""
    async with connect(uri) as other, connect(uri) as client:
        await other.send(SynthesizeStart(), SynthesizeChunk("Sim. "))
        await client.send(event)
        (error,) = await client.receive_until("nothing after it")
        assert (error.type, error.data["code"]) == ("error", code)
        assert len(error.data["text"]) > 20
        await other.send(SynthesizeStop())
        assert types_of(await other.receive_until("synthesize-stopped")) == STREAM


async def test_longest_text_that_is_allowed(uri: str):
    """The limit is on characters: eight thousand of four bytes pass, with their repetition."""
    async with connect(uri) as client:
        await say(client, *["\U000f0000 " * 1000] * 4)
        events = await client.receive_until("synthesize-stopped")
    assert events[-1].type == "synthesize-stopped"


async def test_broken_voice_is_an_error_and_others_still_speak(uri: str, tmp_path: Path):
    """A file that is no model is named to the client."""
    write_speaker_voice(tmp_path, "en_US-odd-low", {}).write_bytes(b"not a model")
    async with connect(uri) as client:
        await client.send(Synthesize("ok", voice=SynthesizeVoice(name="en_US-odd-low")))
        (error,) = await client.receive_until("nothing after it")
        assert error.data["code"] == "model-missing"
        assert "en_US-odd-low cannot be loaded" in error.data["text"]
    async with connect(uri) as client:
        await client.send(Synthesize("ok"))
        assert types_of(await client.receive_until("audio-stop")) == STREAM[:-1]


async def test_short_request_is_not_kept_waiting_by_a_long_one(uri: str):
    """Connections take turns by the piece: the short answer and `describe` come first."""
    order: list[str] = []

    async def read_all(client: WyomingClient) -> None:
        await client.receive_until("audio-stop")
        order.append("long")

    async with connect(uri) as long, connect(uri) as short:
        await long.send(Synthesize(LONG_TEXT))
        await receive_chunk(long)
        async with asyncio.TaskGroup() as group:
            group.create_task(read_all(long))
            await short.describe()
            order.append("describe")
            await short.send(Synthesize("Sim."))
            await short.receive_until("audio-stop")
            order.append("short")
    assert order == ["describe", "short", "long"]


@pytest.mark.parametrize("is_stream", [True, False], ids=["stream", "one-shot"])
async def test_barge_in_stops_the_work(uri: str, ledger: Ledger, is_stream: bool):
    """When the client is gone, nothing more is spoken for it."""
    async with connect(uri) as client:
        await (say(client, LONG_TEXT) if is_stream else client.send(Synthesize(LONG_TEXT)))
        await receive_chunk(client)
    async with asyncio.timeout(PATIENCE_S):
        await ledger.settled.wait()
    assert ledger.jobs["queued"] == 200
    assert ledger.jobs["dropped"] > 100
    assert ledger.jobs["failed"] == 0


async def test_client_that_does_not_read_is_not_spoken_to(uri: str, ledger: Ledger, tmp_path: Path):
    """Sound is made a little ahead of the player, never all of a long answer."""
    write_speaker_voice(tmp_path, "en_US-two-low", {"slow": 200_000, "quick": 1})
    slow, quick = (
        SynthesizeVoice(name="en_US-two-low", speaker=speaker) for speaker in ("slow", "quick")
    )
    async with connect(uri) as idle, connect(uri) as other:
        await idle.send(Synthesize("Ok. " * 200, voice=slow))
        await receive_chunk(idle)
        for _ in range(200):  # both take turns, so the idle one could have had as many
            await other.send(Synthesize("Ok.", voice=quick))
            await other.receive_until("audio-stop")
        assert ledger.open > 100


async def test_abandoned_stream_is_closed(tmp_path: Path):
    """Home Assistant leaves streams open after a barge-in; silence ends them with a reason."""
    async with running(tmp_path, deadlines=Deadlines(stall_s=0.2)) as uri, connect(uri) as client:
        await say_nothing_more(client)
        *_, error = await client.receive_until("nothing after it")
        assert (error.type, error.data["code"]) == ("error", "timeout")


async def say_nothing_more(client: WyomingClient) -> None:
    """Begin a stream and leave it."""
    await client.send(SynthesizeStart(), SynthesizeChunk("Um momen"))


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("pt", "Acenda a luz da sala."),
        ("pt", "Desligue o ventilador do quarto."),
        ("en", "Turn on the kitchen light."),
    ],
)
async def test_speech_is_understood_by_our_own_recogniser(uri: str, language: str, text: str):
    """What one server says the other hears, in both languages."""
    async with connect(uri) as client:
        await say(client, text, voice=SynthesizeVoice(language=language))
        start, *rest = await client.receive_until("synthesize-stopped")
    converter = PcmConverter(PcmFormat(start.data["rate"], 2, 1))
    speech = converter.convert(b"".join(event.payload or b"" for event in rest))
    pause = np.zeros(4000, np.int16)
    recogniser = Transcriber(STARTER_DIR / "whisper", EngineOptions(threads=1))
    sound = np.concatenate((pause, speech, converter.flush(), pause))
    (heard,) = recogniser.transcribe([Request(samples=sound, language=language)])
    assert heard is not None
    expected = set(text.lower().strip(".").split())
    missed = expected - set(heard.text.lower().strip(".").split())
    assert len(missed) <= 1
