"""A Wyoming client on a real socket, for tests of both servers."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

from wyoming.asr import Transcribe
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.event import Event, Eventable, async_read_event, async_write_event
from wyoming.info import Describe, Info

# Long enough for a busy machine; a test that reaches it has failed.
PATIENCE_S = 60.0


class WyomingClient:
    """One connection; `connect` opens it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, *events: Event | Eventable) -> None:
        """Write events as the Wyoming library does."""
        for event in events:
            await async_write_event(
                event if isinstance(event, Event) else event.event(), self.writer
            )

    async def send_raw(self, data: bytes) -> None:
        """Write bytes as they are."""
        self.writer.write(data)
        await self.writer.drain()

    async def receive(self) -> Event | None:
        """Read the next event; None when the server has closed the connection."""
        async with asyncio.timeout(PATIENCE_S):
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                return await async_read_event(self.reader)
        return None

    async def receive_until(self, event_type: str) -> list[Event]:
        """Read events up to one of this type, or up to the end of the connection."""
        events: list[Event] = []
        while (event := await self.receive()) is not None:
            events.append(event)
            if event.type == event_type:
                break
        return events

    async def describe(self) -> Info:
        """Ask what the server has."""
        await self.send(Describe())
        event = await self.receive()
        assert event is not None
        return Info.from_event(event)

    async def speak(
        self,
        audio: bytes,
        *,
        language: str | None = None,
        rate: int = 16_000,
        width: int = 2,
        channels: int = 1,
        chunk_s: float = 0.01,
        context: dict[str, str] | None = None,
    ) -> None:
        """Send one utterance as Home Assistant does, 10 ms at a time but without waiting."""
        await self.send(
            Transcribe(language=language, context=context),
            AudioStart(rate=rate, width=width, channels=channels),
        )
        chunk_bytes = round(rate * chunk_s) * width * channels
        for start in range(0, len(audio), chunk_bytes):
            part = audio[start : start + chunk_bytes]
            await self.send(AudioChunk(rate=rate, width=width, channels=channels, audio=part))
        await self.send(AudioStop())

    async def transcribe(self, audio: bytes, *, language: str | None = None) -> Event | None:
        """Send one utterance and read its answer."""
        await self.speak(audio, language=language)
        return await self.receive()


@contextlib.asynccontextmanager
async def connect(uri: str) -> AsyncIterator[WyomingClient]:
    """Connect to tcp://HOST:PORT or unix://PATH and close at the end."""
    parts = urlsplit(uri)
    if parts.scheme == "unix":
        reader, writer = await asyncio.open_unix_connection(parts.netloc + parts.path)
    else:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        yield WyomingClient(reader, writer)
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
