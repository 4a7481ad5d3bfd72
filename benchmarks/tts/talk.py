"""One request to a text-to-speech server, as Home Assistant makes it, and what is heard of it."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wyoming.audio import AudioChunk
from wyoming.tts import Synthesize, SynthesizeChunk, SynthesizeStart, SynthesizeStop

from tests.fakes.wyoming_client import connect

if TYPE_CHECKING:
    from wyoming.event import Event

    from tests.fakes.wyoming_client import WyomingClient

WORD_S = 0.05
"""A language model writes some twenty words a second."""


@dataclass(slots=True)
class Heard:
    """When which sound came; the times are counted from the first word that was sent."""

    begin_s: float = field(default_factory=time.perf_counter)
    first_ms: float = 0.0
    """The first sound; zero while there is none."""
    total_ms: float = 0.0
    """The last event of the answer; zero while it is not complete."""
    audio_s: float = 0.0
    starts: int = 0
    stall_ms: float = 0.0
    """How far sound fell behind a player that began with the first chunk, at the worst."""
    error: str = ""

    def take(self, event: Event) -> None:
        """Note one event."""
        since_ms = (time.perf_counter() - self.begin_s) * 1000
        match event.type:
            case "audio-start":
                self.starts += 1
            case "audio-chunk":
                self.first_ms = self.first_ms or since_ms
                late_ms = since_ms - self.first_ms - self.audio_s * 1000
                self.stall_ms = max(self.stall_ms, late_ms)
                self.audio_s += AudioChunk.from_event(event).seconds
            case "error":
                self.error = str(event.data.get("text"))
            case "audio-stop" | "synthesize-stopped":
                self.total_ms = since_ms


async def say(uri: str, text: str) -> Heard:
    """Have a whole text spoken."""
    async with connect(uri) as client:
        heard = Heard()
        await client.send(Synthesize(text=text))
        return await _listen(client, heard, "audio-stop")


async def say_as_written(uri: str, text: str) -> Heard:
    """Have a text spoken while it is written, word by word; the whole of it follows the last."""
    async with connect(uri) as client:
        heard = Heard()
        listening = asyncio.create_task(_listen(client, heard, "synthesize-stopped"))
        await client.send(SynthesizeStart())
        heard.begin_s = time.perf_counter()
        for index, word in enumerate(text.split(" ")):
            await asyncio.sleep(heard.begin_s + index * WORD_S - time.perf_counter())
            await client.send(SynthesizeChunk(text=f" {word}" if index else word))
        await client.send(Synthesize(text=text), SynthesizeStop())
        return await listening


async def leave_at_first_sound(uri: str, text: str) -> None:
    """Ask for a text and close the connection upon the first sound."""
    async with connect(uri) as client:
        await client.send(Synthesize(text=text))
        await client.receive_until("audio-chunk")


async def _listen(client: WyomingClient, heard: Heard, last: str) -> Heard:
    while (event := await client.receive()) is not None:
        heard.take(event)
        if event.type in (last, "error"):
            break
    return heard
