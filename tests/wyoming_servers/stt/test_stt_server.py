"""jonh-stt as a process, spoken to over real sockets, on the starter model."""

import asyncio
import contextlib
import json
import random
import signal
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from wyoming.asr import Transcribe, Transcript
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.error import Error
from wyoming.event import Event

from tests.fakes.server_process import ServerProcess, server_process
from tests.fakes.speech import noise, silence, spoken
from tests.fakes.wyoming_client import WyomingClient, connect
from wyoming_servers.audio import Samples
from wyoming_servers.wire import encode

_STARTER = ("--model", "starter", "--hub-url", "off")
_TEXT = "Acenda a luz da sala."
_FORMAT = {"rate": 16_000, "width": 2, "channels": 1}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server() -> AsyncIterator[ServerProcess]:
    """Run one warm server for the whole module."""
    async with server_process("stt", *_STARTER, "--http-port", "0") as process:
        yield process


@pytest_asyncio.fixture(loop_scope="module")
async def client(server: ServerProcess) -> AsyncIterator[WyomingClient]:
    """Connect to it."""
    async with connect(server.uri) as connected:
        yield connected


pytestmark = pytest.mark.asyncio(loop_scope="module")


def _audio(text: str = _TEXT, language: str = "pt") -> bytes:
    return spoken(text, language).tobytes()


def _text(event: Event | None) -> str:
    assert event is not None
    assert Transcript.is_type(event.type), event
    return Transcript.from_event(event).text


async def _assert_serves(server: ServerProcess) -> None:
    async with connect(server.uri) as other:
        assert _text(await other.transcribe(silence(0.5).tobytes(), language="pt")) == ""


async def test_home_assistant_turn(client: WyomingClient) -> None:
    """What Home Assistant sends for a command gives its text and language back."""
    event = await client.transcribe(_audio(), language="pt-BR")
    assert _text(event) == _TEXT
    assert event is not None
    assert event.data["language"] == "pt-BR"


async def test_english_turn(client: WyomingClient) -> None:
    """The same model answers in English."""
    event = await client.transcribe(_audio("Turn on the kitchen light.", "en"), language="en-US")
    assert _text(event).lower() == "turn on the kitchen light."


async def test_language_is_detected(client: WyomingClient) -> None:
    """Without a language the transcript says which one was heard."""
    event = await client.transcribe(_audio())
    assert _text(event) == _TEXT
    assert event is not None
    assert event.data["language"] == "pt"


async def test_info(client: WyomingClient) -> None:
    """The info lists the languages as Home Assistant writes them and needs none of its VAD."""
    info = await client.describe()
    program = info.asr[0]
    assert program.installed
    assert not program.requires_external_vad
    assert program.supports_transcript_streaming
    assert {"pt", "pt-BR", "pt-PT", "en", "en-US"} <= set(program.models[0].languages)


@pytest.mark.parametrize(
    "sound",
    [silence(2.0), noise(2.0, 0.01), noise(2.0, 0.2), silence(0.0)],
    ids=["silence", "soft-noise", "loud-noise", "nothing"],
)
async def test_no_speech_gives_empty_text(client: WyomingClient, sound: Samples) -> None:
    """Sound without speech is answered with an empty text."""
    assert _text(await client.transcribe(sound.tobytes(), language="pt")) == ""


async def test_several_utterances_on_one_connection(client: WyomingClient) -> None:
    """Answers come in the order of the utterances, sent without waiting."""
    await client.speak(_audio("Desligue o ventilador."), language="pt")
    await client.speak(silence(0.5).tobytes(), language="pt")
    await client.speak(_audio(), language="pt")
    texts = [_text(await client.receive()) for _ in range(3)]
    assert texts == ["Desligue o ventilador.", "", _TEXT]


async def test_transcribe_and_start_are_optional(client: WyomingClient) -> None:
    """A chunk carries its own format."""
    await client.send(AudioChunk(audio=_audio(), **_FORMAT), AudioStop())
    assert _text(await client.receive()) == _TEXT


async def test_stereo_at_48_khz(client: WyomingClient) -> None:
    """Any format is converted: each sample three times, on two channels."""
    stereo = spoken(_TEXT).repeat(6).tobytes()
    await client.speak(stereo, language="pt", rate=48_000, channels=2)
    assert _text(await client.receive()) == _TEXT


async def test_unknown_events_are_ignored(client: WyomingClient) -> None:
    """An event of another domain does no harm."""
    await client.send(Event("select-program", {"name": "x"}), Event("detect"))
    assert _text(await client.transcribe(_audio(), language="pt")) == _TEXT


_CHUNK = AudioChunk(audio=b"\0\0", **_FORMAT)


@pytest.mark.parametrize(
    ("events", "code"),
    [
        ([Transcribe(language="xx")], "unknown-language"),
        ([Transcribe(language="../pt")], "unknown-language"),
        ([Event("transcribe", {"language": 3})], "bad-event"),
        ([Transcribe(name="large-v9")], "unknown-model"),
        ([AudioStart(rate=1, width=2, channels=1)], "bad-audio"),
        ([AudioStart(rate=16000, width=0, channels=1)], "bad-audio"),
        ([AudioStart(rate=16000, width=5, channels=1)], "bad-audio"),
        ([AudioStart(rate=16000, width=2, channels=9)], "bad-audio"),
        ([AudioChunk(rate=16000, width=2, channels=6, audio=b"\0" * 10)], "bad-audio"),
        ([AudioChunk(rate=16000, width=2, channels=1, audio=b"\0" * 3)], "bad-audio"),
        ([AudioChunk(rate=16000, width=3, channels=1, audio=b"\0" * 4)], "bad-audio"),
        ([Event("audio-chunk", {}, b"\0\0")], "bad-audio"),
        ([Event("audio-start", {"rate": "16000", "width": 2, "channels": 1})], "bad-event"),
        ([_CHUNK, AudioChunk(rate=8000, width=2, channels=1, audio=b"\0\0")], "bad-audio"),
        ([AudioStop()], "unexpected-event"),
        ([AudioStart(**_FORMAT), AudioStart(**_FORMAT)], "unexpected-event"),
        ([_CHUNK, Transcribe()], "unexpected-event"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
async def test_wrong_events_end_only_their_connection(
    server: ServerProcess, client: WyomingClient, events: list[Event], code: str
) -> None:
    """A request that makes no sense is answered with a code and a sentence, then closed."""
    await client.send(*events)
    answer = await client.receive()
    assert answer is not None
    error = Error.from_event(answer)
    assert error.code == code
    assert error.text.endswith(".")
    assert await client.receive() is None
    await _assert_serves(server)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"hello\n", "bad-event"),
        (b"\n", "bad-event"),
        (b"\xff\xfe\n", "bad-event"),
        (b"[1]\n", "bad-event"),
        (b'{"no": "type"}\n', "bad-event"),
        (b'{"type": 3}\n', "bad-event"),
        (b'{"type": "audio-chunk", "data": []}\n', "bad-event"),
        (b"[" * 15000 + b"\n", "bad-event"),
        (b'{"type": "' + b"x" * 20000 + b'"}\n', "too-large"),
        (b"x" * 200_000, "too-large"),
        (b'{"type": "audio-chunk", "payload_length": -1}\n', "bad-event"),
        (b'{"type": "audio-chunk", "payload_length": true}\n', "bad-event"),
        (b'{"type": "audio-chunk", "payload_length": 1.5}\n', "bad-event"),
        (b'{"type": "audio-chunk", "payload_length": 1000000000000}\n' + b"x" * 9999, "too-large"),
        (b'{"type": "transcribe", "data_length": 65537}\n', "too-large"),
        (b'{"type": "transcribe", "data_length": 2}\n[]', "bad-event"),
        (b'{"type": "transcribe", "data_length": 2}\n{x', "bad-event"),
    ],
    ids=lambda value: value[:40].decode(errors="replace") if isinstance(value, bytes) else None,
)
async def test_malformed_bytes_end_only_their_connection(
    server: ServerProcess, client: WyomingClient, data: bytes, code: str
) -> None:
    """Bytes that are no event are answered with an error, and others go on."""
    with contextlib.suppress(ConnectionError):
        await client.send_raw(data)
    answer = await client.receive()
    assert answer is not None
    assert Error.from_event(answer).code == code
    assert await client.receive() is None
    await _assert_serves(server)


async def test_a_truncated_event_is_a_disconnect(server: ServerProcess) -> None:
    """A client that leaves in the middle of an event disturbs nobody."""
    async with connect(server.uri) as client:
        await client.send_raw(b'{"type": "audio-chunk", "payload_length": 100}\nxx')
    await _assert_serves(server)


def _damaged(generator: random.Random) -> bytes:
    """Return the bytes of a turn with a few of them changed, lost or added."""
    events = [Transcribe(language="pt").event(), AudioStart(**_FORMAT).event()]
    events += [AudioChunk(audio=generator.randbytes(320), **_FORMAT).event()] * 3
    data = bytearray(b"".join(encode(event) for event in [*events, AudioStop().event()]))
    for _ in range(generator.randint(1, 6)):
        position = generator.randrange(len(data))
        match generator.randrange(3):
            case 0:
                data[position] = generator.randrange(256)
            case 1:
                del data[position : position + generator.randint(1, 50)]
            case 2:
                data[position:position] = generator.randbytes(generator.randint(1, 50))
    return bytes(data)


async def _send_damaged(server: ServerProcess, generator: random.Random) -> None:
    data = _damaged(generator)
    async with connect(server.uri) as client:
        with contextlib.suppress(ConnectionError):
            while data:
                size = generator.randint(1, 400)
                await client.send_raw(data[:size])
                data = data[size:]
            client.writer.write_eof()
            await client.receive_until("error")


async def test_damaged_turns_harm_nobody_else(server: ServerProcess) -> None:
    """Sixty damaged byte streams end, each on its own, while another client is served."""
    streams = [_send_damaged(server, random.Random(seed)) for seed in range(60)]
    async with connect(server.uri) as client, asyncio.TaskGroup() as group:
        for stream in streams:
            group.create_task(stream)
        assert _text(await client.transcribe(_audio(), language="pt")) == _TEXT
    await _assert_serves(server)
    assert "Traceback" not in server.log


async def test_a_full_queue_is_busy_at_once() -> None:
    """Without a queue a second utterance is refused while the first one is worked on."""
    async with (
        server_process("stt", *_STARTER, "--queue", "0") as server,
        connect(server.uri) as first,
        connect(server.uri) as second,
    ):
        await first.speak(_audio(), language="pt")
        await first.send(Event("ping"))
        await first.receive()  # the pong: the utterance has its slot, and a model to load
        refusal = await second.transcribe(_audio(), language="pt")
        assert refusal is not None
        assert Error.from_event(refusal).code == "busy"
        assert _text(await first.receive()) == _TEXT


async def test_health_and_metrics(server: ServerProcess) -> None:
    """The HTTP port tells that the server is ready and what it did, not what was said."""

    def get(path: str) -> str:
        with urllib.request.urlopen(server.http_url + path, timeout=30) as response:
            return bytes(response.read()).decode()

    async with connect(server.uri) as client:
        assert _text(await client.transcribe(_audio(), language="pt")) == _TEXT
    assert await asyncio.to_thread(get, "/ready") == '{"state": "ready"}\n'
    status = json.loads(await asyncio.to_thread(get, "/status.json"))
    assert status["models"] == [{"name": "starter", "is_loaded": True}]
    assert status["latencies_ms"]
    metrics = await asyncio.to_thread(get, "/metrics")
    assert "jonh_stt_job_run_seconds_count" in metrics
    assert "luz" not in metrics
    assert "luz" not in server.log


async def test_utterance_is_cut_at_its_maximum(tmp_path: Path) -> None:
    """At the maximum what was heard is transcribed at once, and the rest is ignored."""
    uri = f"unix://{tmp_path}/stt.sock"
    async with (
        server_process("stt", *_STARTER, "--max-seconds", "5", "--uri", uri) as server,
        connect(server.uri) as client,
    ):
        await client.send(Transcribe(language="pt"))
        await client.send(AudioChunk(audio=_audio(), **_FORMAT))
        await client.send(*[AudioChunk(audio=silence(1).tobytes(), **_FORMAT)] * 6)
        assert _text(await client.receive()) == _TEXT
        await client.send(AudioChunk(audio=_audio(), **_FORMAT), AudioStop())
        assert _text(await client.transcribe(silence(1).tobytes(), language="pt")) == ""
        server.process.send_signal(signal.SIGINT)  # Ctrl-C ends like SIGTERM
        assert await server.read_until_end() == 0
    assert not (tmp_path / "stt.sock").exists()


async def test_sigterm_lets_a_running_utterance_finish() -> None:
    """SIGTERM refuses new clients, answers the utterance that was sent, and exits with 0."""
    async with (
        server_process("stt", *_STARTER) as server,
        connect(server.uri) as client,
    ):
        await client.speak(_audio(), language="pt")
        await client.send(Event("ping"))
        events = await client.receive_until("pong")  # the utterance has been read
        server.process.send_signal(signal.SIGTERM)
        while (event := await client.receive()) is not None:
            events.append(event)
        assert [_text(event) for event in events if event.type != "pong"] == [_TEXT]
        assert await server.read_until_end() == 0
        with pytest.raises(OSError, match=r"[Rr]efused|Connect"):
            await asyncio.open_connection("127.0.0.1", int(server.uri.rpartition(":")[2]))


async def test_a_taken_port_is_one_clear_line(server: ServerProcess) -> None:
    """A second server on the same port ends with 1 and says why."""
    async with server_process("stt", *_STARTER, "--uri", server.uri, is_ready=False) as second:
        assert await second.read_until_end() == 1
    assert "cannot listen on" in second.lines[-1]
    assert "Traceback" not in second.log


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("--model", "starter", "--language", "de"), "en, pt"),
        (("--model", "nonsense"), "tiny"),
    ],
    ids=["language", "model"],
)
async def test_wrong_settings_are_one_line_and_status_2(
    arguments: tuple[str, ...], word: str
) -> None:
    """A setting that cannot work ends the start and names what would."""
    async with server_process("stt", *arguments, is_ready=False) as server:
        assert await server.read_until_end() == 2
    assert word in server.lines[-1]
    assert "Traceback" not in server.log


async def test_offline_without_the_model_uses_the_starter(tmp_path: Path) -> None:
    """A hub that cannot be reached is one line, and the server works with what it has."""
    arguments = ("--model", "base", "--model-dir", str(tmp_path), "--hub-url", "off")
    async with server_process("stt", *arguments) as server:
        async with connect(server.uri) as client:
            assert _text(await client.transcribe(_audio(), language="pt")) == _TEXT
        warnings = [line for line in server.lines if "WARNING" in line]
        assert len(warnings) == 1
        assert str(tmp_path) in warnings[0]
        assert "starter" in warnings[0]
