"""The two sides of the report, and clients that talk to either."""

import asyncio
import contextlib
import http.client
import json
import socket
import struct
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from wyoming.event import Event, async_read_event

from benchmarks.servers import Running, Subject, free_port, running
from benchmarks.stt.bad_cases import FORMAT
from benchmarks.stt.subjects import Subject as SttSubject
from benchmarks.tts.subjects import Subject as TtsSubject
from tests.fakes.speech import spoken
from tests.fakes.wyoming_client import connect
from wyoming_servers.models import STARTER_DIR
from wyoming_servers.wire import encode

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from pathlib import Path

    from wyoming_servers.audio import Samples

SENTENCE = "Acenda a luz da sala."
WHISPER = STARTER_DIR / "whisper"
VOICE = STARTER_DIR / "voice" / "pt_BR-starter-low.onnx"
CHUNK_S = 0.1
_ANSWER_S = 120.0
_LAST = frozenset({"transcript", "audio-stop", "error"})
_POLL_S = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """Our two servers, or the peers'."""

    stt: Callable[..., Subject]
    """The recogniser with these flags."""
    tts: Callable[..., Subject]
    is_ours: bool
    slack: float = 1.0
    """So many times longer than the bars say things may take: a test's machine may be busy."""

    def subject(self, kind: str, *flags: str) -> Subject:
        """Return `stt` or `tts`; only our own servers get the flags."""
        make = self.stt if kind == "stt" else self.tts
        return make(*flags) if self.is_ours else make()


def our_side(slack: float = 1.0) -> Side:
    """Return our servers on the starter models."""
    return Side(
        stt=lambda *flags: SttSubject.ours("starter", *flags),
        tts=lambda *flags: TtsSubject.ours(VOICE.stem, *flags),
        is_ours=True,
        slack=slack,
    )


def peer_side(stt_python: str, tts_python: str) -> Side:
    """Return the peers on the same models."""
    return Side(
        stt=lambda *flags: SttSubject.peer(stt_python, WHISPER, *flags),
        tts=lambda *flags: TtsSubject.peer(tts_python, VOICE, *flags),
        is_ours=False,
    )


@dataclass(slots=True)
class Server:
    """A running server, and what can be asked about it."""

    process: Running
    log_path: Path
    http_port: int | None

    @property
    def uri(self) -> str:
        """Where it listens."""
        return self.process.uri

    @property
    def log(self) -> bytes:
        """Everything it has written."""
        return self.log_path.read_bytes()

    async def status(self) -> dict[str, Any]:
        """Return what its status page tells."""
        answer = await asyncio.to_thread(fetch, self.http_port or 0, "/status.json")
        parsed: dict[str, Any] = json.loads(answer[1])
        return parsed

    async def until_quiet(self, limit_s: float = 30.0) -> float:
        """Wait until it has neither clients nor work; the seconds that took.

        Only our own server can be asked.
        """
        begin_s = time.perf_counter()
        async with asyncio.timeout(limit_s):
            while True:
                state = await self.status()
                if not (state["connections"] or state["running"] or state["queued"]):
                    return time.perf_counter() - begin_s
                await asyncio.sleep(_POLL_S)


def fetch(port: int, path: str) -> tuple[int, bytes]:
    """Get a page of this machine."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        link.request("GET", path)
        answer = link.getresponse()
        return answer.status, answer.read()
    finally:
        link.close()


@contextlib.asynccontextmanager
async def serving(
    side: Side,
    kind: str,
    *flags: str,
    folder: Path,
    environment: Sequence[tuple[str, str]] = (),
    before: Sequence[str] = (),
) -> AsyncIterator[Server]:
    """Run a server, ours with an HTTP port, while the context is open.

    `before` is a command that starts it.
    """
    port = free_port() if side.is_ours else None
    flags = (*flags, "--http-port", str(port)) if port else flags
    subject = side.subject(kind, *flags)
    subject = replace(subject, command=(*before, *subject.command), environment=tuple(environment))
    async with running(subject, folder) as process:
        yield Server(process, folder / "log", port)


def utterance(sound: Samples, *, chunk_s: float = CHUNK_S, is_ended: bool = True) -> list[bytes]:
    """Return the events of an utterance, one chunk of sound after another.

    Our server is told that audio-stop ends the turn; the peer knows no other end.
    """
    size = round(16_000 * chunk_s)
    wish = {"language": "pt", "context": {"endpoint": "client"}}
    head = encode(Event("transcribe", wish)) + encode(Event("audio-start", FORMAT))
    chunks = [
        encode(Event("audio-chunk", FORMAT, sound[at : at + size].tobytes()))
        for at in range(0, len(sound), size)
    ]
    return [head, *chunks, *([encode(Event("audio-stop"))] if is_ended else [])]


def request(kind: str, text: str = SENTENCE) -> bytes:
    """Return a request in which nothing is wrong."""
    if kind == "stt":
        return b"".join(utterance(spoken(text)))
    return encode(Event("synthesize", {"text": text}))


@dataclass(slots=True)
class Said:
    """What came back for a request."""

    last: Event | None
    """The transcript, the end of the sound, or the error; None when the connection just ended."""
    took_s: float
    """From the last byte that was sent."""
    sound_bytes: int = 0

    @property
    def is_result(self) -> bool:
        """It is what was asked for."""
        return self.last is not None and self.last.type != "error"

    @property
    def code(self) -> str:
        """Of the error, if there is one."""
        return str(self.last.data.get("code")) if self.last and self.last.type == "error" else ""

    @property
    def text(self) -> str:
        """Of the transcript."""
        return str(self.last.data.get("text", "")) if self.last else ""


async def ask(uri: str, data: bytes, *, limit_s: float = _ANSWER_S) -> Said:
    """Send a whole request on a connection of its own, and read up to its answer."""
    async with connect(uri) as client:
        sending = asyncio.create_task(_send(client.writer, data))
        begin_s = time.perf_counter()
        try:
            async with asyncio.timeout(limit_s):
                said = await answer_of(client.reader)
        finally:
            sending.cancel()
        said.took_s = time.perf_counter() - begin_s
        return said


async def answer_of(reader: asyncio.StreamReader) -> Said:
    """Read up to what ends a request."""
    begin_s, size = time.perf_counter(), 0
    with contextlib.suppress(OSError, asyncio.IncompleteReadError):
        while (event := await async_read_event(reader)) is not None:
            size += len(event.payload or b"")
            if event.type in _LAST:
                return Said(event, time.perf_counter() - begin_s, size)
    return Said(None, time.perf_counter() - begin_s, size)


async def _send(writer: asyncio.StreamWriter, data: bytes) -> None:
    with contextlib.suppress(OSError):
        for at in range(0, len(data), 1 << 16):
            writer.write(data[at : at + (1 << 16)])
            await writer.drain()


async def describe_s(uri: str) -> float:
    """Return how long a new client waits for the answer to `describe`."""
    begin_s = time.perf_counter()
    async with connect(uri) as client:
        await client.describe()
        return time.perf_counter() - begin_s


def opened(uri: str, limit_s: float = 10.0) -> socket.socket:
    """Connect without anything that reads."""
    parts = urlsplit(uri)
    assert parts.hostname
    assert parts.port
    return socket.create_connection((parts.hostname, parts.port), limit_s)


def vanish(link: socket.socket) -> None:
    """Close a connection as a client that loses its power does: with a reset."""
    link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    link.close()


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the value that so many are not above."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def ms(seconds: float) -> str:
    """Write a time."""
    return f"{seconds * 1000:.0f} ms"
