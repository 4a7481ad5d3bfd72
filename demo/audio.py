"""Sound of the demo: files, the TTS server's voice, the answer as a WAV."""

import asyncio
import wave
from asyncio.subprocess import PIPE
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.client import AsyncTcpClient
from wyoming.error import Error
from wyoming.tts import Synthesize, SynthesizeVoice

from demo.errors import AudioError, NotReadyError

if TYPE_CHECKING:
    from pathlib import Path

ASSIST_RATE_HZ = 16_000
"""Sample rate at which Assist takes speech."""
ANSWER_RATE_HZ = 22_050
# The longest sentence of a demo takes a few seconds even on a slow machine.
SYNTHESIS_S = 60.0
# A window whose level is 34 dB below the loudest one is silence after speech, not speech.
_SILENCE_RATIO = 0.02
_WINDOW_S = 0.01


@dataclass(frozen=True, slots=True)
class Sound:
    """Mono 16-bit little-endian samples."""

    samples: bytes
    rate_hz: int

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return len(self.samples) / 2 / self.rate_hz

    @property
    def speech_end_s(self) -> float:
        """Seconds from the start to the last window that is not silence; 0 when all is silence."""
        window = max(1, int(self.rate_hz * _WINDOW_S))
        samples = np.frombuffer(self.samples, dtype="<i2").astype(np.float64)
        count = len(samples) // window
        levels = np.sqrt(np.mean(samples[: count * window].reshape(count, window) ** 2, axis=1))
        loud = np.flatnonzero(levels > max(_SILENCE_RATIO * levels.max(initial=0.0), 1.0))
        return float((loud[-1] + 1) * window / self.rate_hz) if loud.size else 0.0

    def save(self, path: Path) -> None:
        """Write a WAV file."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with wave.open(str(path), "wb") as file:
                file.setnchannels(1)
                file.setsampwidth(2)
                file.setframerate(self.rate_hz)
                file.writeframes(self.samples)
        except OSError as err:
            raise AudioError(f"{path} cannot be written: {err.strerror}") from err


async def load(path: Path) -> Sound:
    """Read any sound file at Assist's rate; raise AudioError when that fails."""
    try:
        content = await asyncio.to_thread(path.read_bytes)
    except OSError as err:
        raise AudioError(f"{path} cannot be read: {err.strerror}") from err
    return await decode(content, ASSIST_RATE_HZ, str(path))


async def decode(content: bytes, rate_hz: int, origin: str) -> Sound:
    """Decode any sound that ffmpeg knows; `origin` names it in an error."""
    samples = await _ffmpeg(content, [], rate_hz, origin)
    return Sound(samples, rate_hz)


async def speak(port: int, text: str, language: str) -> Sound:
    """Let the TTS server on a loopback port say a sentence, at Assist's rate."""
    try:
        async with asyncio.timeout(SYNTHESIS_S), AsyncTcpClient("127.0.0.1", port) as client:
            voice = SynthesizeVoice(language=language)
            await client.write_event(Synthesize(text=text, voice=voice).event())
            spoken = await _read_speech(client)
    except TimeoutError as err:
        raise NotReadyError(f"jonh-tts did not speak within {SYNTHESIS_S:.0f} s") from err
    raw = ["-f", "s16le", "-ar", str(spoken.rate_hz), "-ac", "1"]
    samples = await _ffmpeg(spoken.samples, raw, ASSIST_RATE_HZ, "the spoken sentence")
    return Sound(samples, ASSIST_RATE_HZ)


async def _read_speech(client: AsyncTcpClient) -> Sound:
    rate_hz = 0
    samples = bytearray()
    while (event := await client.read_event()) is not None:
        if Error.is_type(event.type):
            raise AudioError(f"jonh-tts refused to speak: {Error.from_event(event).text}")
        if AudioStart.is_type(event.type):
            rate_hz = AudioStart.from_event(event).rate
        elif AudioChunk.is_type(event.type):
            samples += AudioChunk.from_event(event).audio
        elif AudioStop.is_type(event.type):
            return Sound(bytes(samples), rate_hz)
    raise AudioError("jonh-tts closed the connection before it had spoken")


async def _ffmpeg(content: bytes, options: list[str], rate_hz: int, origin: str) -> bytes:
    target = ["-f", "s16le", "-ar", str(rate_hz), "-ac", "1", "pipe:1"]
    try:
        process = await asyncio.create_subprocess_exec(
            "ffmpeg", "-v", "error", *options, "-i", "pipe:0", *target,
            stdin=PIPE, stdout=PIPE, stderr=PIPE,
        )  # fmt: skip
    except FileNotFoundError as err:
        raise AudioError(
            "ffmpeg is missing: install it, on Debian with 'apt-get install ffmpeg'"
        ) from err
    samples, complaint = await process.communicate(content)
    if process.returncode or not samples:
        words = complaint.decode(errors="replace").strip().splitlines()
        raise AudioError(f"{origin} holds no sound that can be read: {(words or ['empty'])[-1]}")
    return samples
