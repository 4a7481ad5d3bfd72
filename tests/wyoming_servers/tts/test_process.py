"""Tests of jonh-tts as a process: start, fetching, stand-in voice, signals, exit status."""

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from wyoming.tts import Synthesize, SynthesizeVoice

from tests.fakes.hub import FakeHub, Fault
from tests.fakes.server_process import ServerProcess, server_process
from tests.fakes.wyoming_client import PATIENCE_S, WyomingClient, connect
from wyoming_servers.models import DEFAULT_VOICE, STARTER_DIR
from wyoming_servers.tts.__main__ import main

STARTER = STARTER_DIR / "voice" / "pt_BR-starter-low.onnx"
ON_HUB = f"pt/pt_BR/faber/medium/{DEFAULT_VOICE}.onnx"


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    """Run a hub whose default voice is a copy of the starter voice."""
    files = {
        ON_HUB: STARTER.read_bytes(),
        f"{ON_HUB}.json": Path(f"{STARTER}.json").read_bytes(),
    }
    with FakeHub({"rhasspy/piper-voices": files}) as fake:
        yield fake


async def voice_names(client: WyomingClient) -> list[str]:
    """Ask which voices there are."""
    (program,) = (await client.describe()).tts
    return [voice.name for voice in program.voices]


async def wait_for_log(server: ServerProcess, words: str) -> None:
    """Read the log up to a line with these words."""
    async with asyncio.timeout(PATIENCE_S):
        while words not in server.log:
            assert await server._read_line(), f"{words!r} is not in\n{server.log}"


async def test_wanted_voice_is_fetched_while_another_speaks(hub: FakeHub, tmp_path: Path):
    """The server listens at once; the voice speaks as soon as it is there, without a restart."""
    is_heard = threading.Event()
    hub.faults.append(Fault(path="/cdn/", gate=is_heard))
    arguments = ("--voice-dir", str(tmp_path), "--hub-url", hub.url)
    async with server_process("tts", *arguments) as server, connect(server.uri) as client:
        assert await voice_names(client) == ["pt_BR-starter-low", "en_US-starter-low"]
        await client.send(Synthesize("Sim."))
        assert len(await client.receive_until("audio-stop")) > 2
        is_heard.set()
        await wait_for_log(server, f"Voice {DEFAULT_VOICE} is there")
        assert (await voice_names(client))[0] == DEFAULT_VOICE
        await client.send(Synthesize("Sim.", voice=SynthesizeVoice(name=DEFAULT_VOICE)))
        assert len(await client.receive_until("audio-stop")) > 2
    assert (tmp_path / f"{DEFAULT_VOICE}.onnx").read_bytes() == STARTER.read_bytes()


async def test_unreachable_hub_leaves_a_server_that_speaks(tmp_path: Path):
    """One line says what is missing, why, where to put it, and what the stand-in is worth."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    arguments = ("--voice-dir", str(tmp_path), "--hub-url", url)
    async with server_process("tts", *arguments) as server, connect(server.uri) as client:
        await client.send(Synthesize("Sim."))
        assert len(await client.receive_until("audio-stop")) > 2
        await wait_for_log(server, "not for a living room")
    (line,) = [line for line in server.lines if "cannot be fetched" in line]
    for words in (DEFAULT_VOICE, str(tmp_path), url, "refused", "pt_BR-starter-low"):
        assert words in line


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("--voice", "faber"), 2, DEFAULT_VOICE),
        (("--voice", "/nowhere/x.onnx"), 2, "There is no voice at /nowhere/x.onnx"),
        (("--voice", "BROKEN"), 1, "The voice mine cannot be loaded"),
        (("--uri", "tcp://192.0.2.1:10200", "--voice", "pt_BR-starter-low"), 1, "192.0.2.1"),
    ],
    ids=["name", "path", "file", "address"],
)
def test_start_that_fails_says_why(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    arguments: tuple[str, ...],
    status: int,
    words: str,
):
    """A wrong setting is one line and an exit status."""
    broken = tmp_path / "mine.onnx"
    broken.write_bytes(b"not a model")
    (tmp_path / "mine.onnx.json").write_bytes(Path(f"{STARTER}.json").read_bytes())
    given = [str(broken) if argument == "BROKEN" else argument for argument in arguments]
    command = ["jonh-tts", "--voice-dir", str(tmp_path), "--hub-url", "off", *given]
    monkeypatch.setattr("sys.argv", command)
    assert main() == status
    (line,) = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert words in line


CATALOGUE = {
    "pt_BR-faber-medium": {},
    "pt_BR-cadu-medium": {},
    "pt_PT-tugão-medium": {},
    "en_GB-alan-medium": {},
}


def run_download(hub_url: str, voice_dir: Path, voice: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """Run `jonh-tts --download` in this process and return its exit status."""
    command = ["jonh-tts", "--voice-dir", str(voice_dir), "--hub-url", hub_url]
    monkeypatch.setattr("sys.argv", [*command, "--download", voice])
    return main()


def test_download_fetches_a_voice_and_ends(
    hub: FakeHub,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
):
    """The voice is there, whole, and where it is stands in the log; again costs nothing."""
    with caplog.at_level("INFO"):
        assert run_download(hub.url, tmp_path, DEFAULT_VOICE, monkeypatch) == 0
    assert (tmp_path / f"{DEFAULT_VOICE}.onnx").read_bytes() == STARTER.read_bytes()
    assert f"Voice {DEFAULT_VOICE} is in {tmp_path}" in caplog.messages
    hub.requests.clear()
    assert run_download(hub.url, tmp_path, DEFAULT_VOICE, monkeypatch) == 0
    assert hub.requests == []


@pytest.mark.parametrize(
    ("voice", "status", "words"),
    [
        ("pt_BR-edson-medium", 2, "there are pt_BR-cadu-medium, pt_BR-faber-medium, pt_PT-tugão-"),
        ("xx_XX-nobody-low", 2, "there are voices for en_GB, pt_BR, pt_PT"),
        ("faber", 2, "voices are named like"),
        ("../../etc/passwd", 2, "voices are named like"),
        ("/nowhere/mine.onnx", 2, "There is no voice at"),
    ],
)
def test_download_of_an_unknown_voice_names_what_there_is(
    hub: FakeHub,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    voice: str,
    status: int,
    words: str,
):
    """Who mistyped a name reads the right one."""
    hub.repositories["rhasspy/piper-voices"]["voices.json"] = json.dumps(CATALOGUE).encode()
    assert run_download(hub.url, tmp_path, voice, monkeypatch) == status
    (line,) = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert words in line


@pytest.mark.parametrize("catalogue", [None, b"{", b"5"], ids=["gone", "broken", "a number"])
def test_download_without_a_catalogue_says_so(
    hub: FakeHub,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    catalogue: bytes | None,
):
    """The error is still one line."""
    if catalogue is not None:
        hub.repositories["rhasspy/piper-voices"]["voices.json"] = catalogue
    assert run_download(hub.url, tmp_path, "pt_BR-edson-medium", monkeypatch) == 2
    (line,) = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert "There is no voice 'pt_BR-edson-medium'; which there are cannot be read" in line


def test_download_that_cannot_reach_the_hub_may_be_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    """Its status is another one than that of a wrong name."""
    assert run_download("off", tmp_path, "pt_BR-cadu-medium", monkeypatch) == 1
    assert "fetching is turned off" in caplog.text


async def test_signal_lets_a_running_answer_end(tmp_path: Path):
    """SIGTERM stops accepting, the answer that has begun is finished, the status is 0."""
    arguments = ("--voice", "pt_BR-starter-low", "--voice-dir", str(tmp_path))
    async with server_process("tts", *arguments) as server, connect(server.uri) as client:
        await client.send(Synthesize("A luz da sala está acesa. " * 8))
        await client.receive_until("audio-chunk")
        ending = asyncio.create_task(server.terminate())
        events = await client.receive_until("audio-stop")
        assert events[-1].type == "audio-stop"
        assert await ending == 0


async def test_nothing_spoken_is_logged(tmp_path: Path):
    """Not even at the debug level does the log hold a word of the text."""
    arguments = ("--voice", "pt_BR-starter-low", "--voice-dir", str(tmp_path))
    async with (
        server_process("tts", *arguments, "--log-level", "debug") as server,
        connect(server.uri) as client,
    ):
        await client.send(Synthesize("Xilofone secreto. ʘǀ"))
        await client.receive_until("audio-stop")
        assert await server.terminate() == 0
    assert "Speech of " in server.log
    assert "ilofone" not in server.log


async def test_metrics_count_speech(tmp_path: Path):
    """/metrics tells how much was spoken, how soon, and what was known from before."""
    arguments = ("--voice", "pt_BR-starter-low", "--voice-dir", str(tmp_path), "--http-port", "0")
    async with server_process("tts", *arguments) as server, connect(server.uri) as client:
        for _ in range(2):
            await client.send(Synthesize("Sim."))
            await client.receive_until("audio-stop")
        address = server.http_url.removeprefix("http://")
        reader, writer = await asyncio.open_connection(*address.split(":"))
        writer.write(b"GET /metrics HTTP/1.0\r\n\r\n")
        page = (await reader.read()).decode()
        writer.close()
    metrics = dict(line.rsplit(" ", 1) for line in page.splitlines() if line[:1] not in ("", "#"))
    assert 0.1 < float(metrics["jonh_tts_audio_seconds_total"]) < 2
    assert float(metrics['jonh_tts_pieces_total{sound="made"}']) == 1
    assert float(metrics['jonh_tts_pieces_total{sound="known"}']) == 1
    assert float(metrics['jonh_tts_requests_total{outcome="spoken"}']) == 2
    assert float(metrics['jonh_tts_first_audio_seconds_count{text="whole"}']) == 2
    assert float(metrics["jonh_tts_cache_bytes"]) > 1000
