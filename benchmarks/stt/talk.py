"""Speaks to a server at the pace of a microphone, as Home Assistant does, and takes the time."""

import asyncio
import contextlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from homeassistant.components.assist_pipeline.audio_enhancer import MicroVadSpeexEnhancer
from homeassistant.components.assist_pipeline.vad import VoiceCommandSegmenter
from wyoming.asr import Transcribe
from wyoming.audio import AudioChunk, AudioStart, AudioStop

from tests.fakes.wyoming_client import WyomingClient, connect
from wyoming_servers.audio import SAMPLE_RATE_HZ, Samples

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

_CHUNK_S = 0.01
_CHUNK_SAMPLES = SAMPLE_RATE_HZ // 100
_FORMAT = {"rate": SAMPLE_RATE_HZ, "width": 2, "channels": 1}
# Longer than Home Assistant's own limit for a command.
_PATIENCE_S = 40.0
_AUDIBLE = 0.02

CLIENT_ENDS = {"endpoint": "client"}
"""Tells our server that audio-stop ends the turn; the peer does not read it."""


class Listener(Protocol):
    """Decides when the person has finished, as Home Assistant does for a server."""

    def goes_on(self, chunk: bytes) -> bool:
        """Take 10 ms of sound; False once the command is over."""
        ...


class HomeAssistantEars:
    """Home Assistant's own detector of the end of a command, with its default settings."""

    def __init__(self) -> None:
        self._enhancer = MicroVadSpeexEnhancer(0, 0, is_vad_enabled=True)
        self._segmenter = VoiceCommandSegmenter()

    def goes_on(self, chunk: bytes) -> bool:
        """Take 10 ms of sound; False once the command is over."""
        heard = self._enhancer.enhance_chunk(chunk, 0)
        return self._segmenter.process(_CHUNK_S, heard.speech_probability)


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """One utterance and its transcript."""

    text: str
    after_stop_ms: float | None
    """From audio-stop to the transcript; None when it came before."""
    after_speech_ms: float
    """From the last audible sample to the transcript."""


def speech_end_s(sound: Samples) -> float:
    """Return where the last audible sample of a sound is."""
    loud = np.flatnonzero(np.abs(sound.astype(np.int32)) > _AUDIBLE * np.abs(sound).max(initial=1))
    return float(loud[-1] + 1) / SAMPLE_RATE_HZ if loud.size else 0.0


async def say(
    uri: str,
    sound: Samples,
    *,
    language: str = "pt",
    tail_s: float = 0.7,
    ears: Listener | None = None,
    client_ends: bool = False,
) -> Take:
    """Send a sound in real time and wait for its transcript.

    Audio goes on as silence until `ears` have heard enough, until a transcript comes, or for
    `tail_s`; then comes audio-stop.
    """
    context = CLIENT_ENDS if client_ends else None
    async with connect(uri) as client:
        await client.send(Transcribe(language=language, context=context), AudioStart(**_FORMAT))
        receiving = asyncio.create_task(_transcript(client))
        begin_s = time.perf_counter()
        stop_s = None
        async for chunk in _paced(_chunks(sound, _PATIENCE_S if ears else tail_s), begin_s):
            if receiving.done():
                break
            await client.send(AudioChunk(audio=chunk, **_FORMAT))
            if ears is not None and not ears.goes_on(chunk):
                break
        if not receiving.done():
            stop_s = time.perf_counter()
            with contextlib.suppress(ConnectionError):
                await client.send(AudioStop())
        text, came_s = await asyncio.wait_for(receiving, _PATIENCE_S)
    spoken_s = begin_s + speech_end_s(sound)
    return Take(
        text=text,
        after_stop_ms=None if stop_s is None else (came_s - stop_s) * 1000,
        after_speech_ms=(came_s - spoken_s) * 1000,
    )


async def send_at_once(client: WyomingClient, sound: Samples, language: str = "pt") -> None:
    """Send a whole utterance without waiting between its chunks."""
    await client.send(Transcribe(language=language), AudioStart(**_FORMAT))
    for chunk in _chunks(sound, 0.0):
        await client.send(AudioChunk(audio=chunk, **_FORMAT))
    await client.send(AudioStop())


async def _transcript(client: WyomingClient) -> tuple[str, float]:
    while (event := await client.receive()) is not None:
        if event.type == "error":
            raise RuntimeError(f"The server answered with an error: {event.data}")
        if event.type == "transcript":
            return str(event.data["text"]), time.perf_counter()
    raise RuntimeError("The server closed the connection without a transcript")


def _chunks(sound: Samples, tail_s: float) -> Iterator[bytes]:
    samples = np.concatenate((sound, np.zeros(round(tail_s * SAMPLE_RATE_HZ), np.int16)))
    for at in range(0, len(samples) - _CHUNK_SAMPLES + 1, _CHUNK_SAMPLES):
        yield samples[at : at + _CHUNK_SAMPLES].astype("<i2").tobytes()


async def _paced(chunks: Iterator[bytes], begin_s: float) -> AsyncIterator[bytes]:
    for index, chunk in enumerate(chunks, 1):
        # Absolute times, so that a late chunk does not delay all that follow.
        await asyncio.sleep(begin_s + index * _CHUNK_S - time.perf_counter())
        yield chunk
