"""Speech to text for a turn: our own recogniser with its partial transcripts, or any other.

Ours is spoken to directly, as Home Assistant asks a recogniser for the whole text only.
"""

import asyncio
import time
from array import array
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from homeassistant.components import assist_pipeline, stt
from homeassistant.components.assist_pipeline import (
    AudioSettings,
    Pipeline,
    PipelineEvent,
    PipelineEventType,
    PipelineStage,
)
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from .const import LOGGER
from .speech_names import PROGRAM, WYOMING
from .turn_words import TurnError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterable, Callable

    from wyoming.event import Event

RATE_HZ = 16_000
SAMPLE_BYTES = 2
LEAD_S = 0.5
"""Silence put before the audio where Home Assistant's detector ends the phrase.

It says nothing of the first 0.74 s, and misses a short word at once after the beginning.
"""
CONNECT_S = 5.0
TRANSCRIPT_S = 60.0
"""From the end of the audio; a large model on a small machine needs most of a minute."""
CLOSE_S = 1.0
LOUD = 0.1
"""A sound this much of the loudest one lately counts as speech."""
LOUD_MIN = 200
"""Of 32767; where nothing is louder, nobody has spoken."""
FADE_S = 2.0
"""After which a sound counts half as loud: a door that slams is no measure of a voice."""
HASTY_S = 0.5
"""A wish for a shorter silence makes our recogniser hasty; for a longer one than the next, slow."""
PATIENT_S = 1.0


class ListenError(Exception):
    """There is no transcript."""

    def __init__(self, error: TurnError) -> None:
        """Say why."""
        super().__init__(error)
        self.error = error


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """How a phrase is listened to, and who is told of it."""

    context: Context
    is_whole: bool
    """The audio is a recording: the phrase ends with it, whatever pauses are in it."""
    silence_s: float | None
    """Silence that ends the phrase; None for the recogniser's own choice."""
    on_partial: Callable[[str], None]
    """Gets the transcript so far."""
    on_end: Callable[[], None]
    """Called once, when the phrase is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A phrase."""

    text: str
    """Empty when nobody spoke."""
    ended_s: float
    """When the last sound of it came in, on the monotonic clock; without any, the last audio."""


@callback
def async_own_recogniser(hass: HomeAssistant, pipeline: Pipeline) -> tuple[str, int] | None:
    """Return where the pipeline's recogniser listens if it is jonh-stt, else None."""
    entity = er.async_get(hass).async_get(pipeline.stt_engine or "")
    if entity is None or entity.platform != WYOMING or entity.config_entry_id is None:
        return None
    entry = hass.config_entries.async_get_entry(entity.config_entry_id)
    if entry is None or entry.state is not ConfigEntryState.LOADED:
        return None
    # What the Wyoming integration was told when it connected.
    service: Any = getattr(getattr(entry, "runtime_data", None), "service", None)
    programs = getattr(getattr(service, "info", None), "asr", None)
    if not programs or programs[0].name != PROGRAM:
        return None
    return service.host, service.port


async def async_listen(
    hass: HomeAssistant, pipeline: Pipeline, audio: AsyncIterable[bytes], listening: Listening
) -> Heard:
    """Return what was said in the audio, 16 kHz mono PCM16; raises ListenError without any."""
    if pipeline.stt_engine is None:
        raise ListenError(TurnError.STT_MISSING)
    ear = _Ear(listening)
    sound = ear.follow(audio)
    if (address := async_own_recogniser(hass, pipeline)) is not None:
        needs_end = _needs_end(hass, pipeline.stt_engine) and not listening.is_whole
        if not needs_end:
            language = pipeline.stt_language or pipeline.language
            text = await _async_ask_ours(*address, language, sound, ear)
            return Heard(text=text, ended_s=ear.ended_s)
    text = await _async_ask_any(hass, pipeline, sound, ear)
    return Heard(text=text, ended_s=ear.ended_s)


@dataclass(slots=True)
class _Ear:
    """Notes when the last sound came in that was as loud as speech."""

    listening: Listening
    ended_s: float = field(default_factory=time.monotonic)
    has_ended: bool = False
    _loudest: float = 0.0

    async def follow(self, audio: AsyncIterable[bytes]) -> AsyncGenerator[bytes]:
        """Pass the audio on."""
        async for chunk in audio:
            samples = array("h")
            samples.frombytes(chunk[: len(chunk) // SAMPLE_BYTES * SAMPLE_BYTES])
            loudness = max(max(samples), -min(samples)) if samples else 0
            faded = self._loudest * 0.5 ** (len(samples) / RATE_HZ / FADE_S)
            self._loudest = max(faded, loudness)
            if loudness >= LOUD * self._loudest or self._loudest < LOUD_MIN:
                self.ended_s = time.monotonic()
            yield chunk

    def end(self) -> None:
        """Note that the phrase is over, once."""
        if not self.has_ended:
            self.has_ended = True
            self.listening.on_end()


def _needs_end(hass: HomeAssistant, engine: str) -> bool:
    """Return True for a recogniser that has to be told when a phrase is over."""
    found = stt.async_get_speech_to_text_engine(hass, engine)
    return found is None or found.audio_processing.requires_external_vad


# --- ours


async def _async_ask_ours(
    host: str, port: int, language: str, sound: AsyncGenerator[bytes], ear: _Ear
) -> str:
    """Let jonh-stt listen, and tell what it understands meanwhile."""
    try:
        async with asyncio.timeout(CONNECT_S):
            reader, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError) as err:
        LOGGER.warning("The speech recogniser at %s:%s cannot be reached: %r", host, port, err)
        raise ListenError(TurnError.STT_FAILED) from err
    upload = asyncio.create_task(_async_upload(writer, language, sound, ear.listening))
    answer = asyncio.create_task(_async_transcript(reader, ear.listening.on_partial))
    try:
        await asyncio.wait((upload, answer), return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            if not isinstance(upload.exception(), OSError):
                # The recogniser may say why it hung up; whoever brings the audio cannot.
                upload.result()
            ear.end()
            await asyncio.wait((answer,), timeout=TRANSCRIPT_S)
        if not answer.done():
            raise ListenError(TurnError.TIMEOUT)
        ear.end()
        return answer.result()
    except (OSError, EOFError, ValueError, KeyError) as err:
        LOGGER.warning("The speech recogniser at %s:%s failed: %r", host, port, err)
        raise ListenError(TurnError.STT_FAILED) from err
    finally:
        # Not close(), which waits for a server that no longer reads.
        writer.transport.abort()
        upload.cancel()
        answer.cancel()
        await asyncio.wait((upload, answer), timeout=CLOSE_S)


async def _async_upload(
    writer: asyncio.StreamWriter,
    language: str,
    sound: AsyncGenerator[bytes],
    listening: Listening,
) -> None:
    # Home Assistant installs it for the Wyoming integration, which has an entry by now.
    from wyoming.asr import Transcribe
    from wyoming.audio import AudioChunk, AudioStart, AudioStop
    from wyoming.event import async_write_event

    wish = Transcribe(
        language=language,
        context={"partials": True, "endpoint": "client" if listening.is_whole else "server"},
        vad_sensitivity=_sensitivity(listening.silence_s),
    )
    pcm = {"rate": RATE_HZ, "width": SAMPLE_BYTES, "channels": 1}
    await async_write_event(wish.event(), writer)
    await async_write_event(AudioStart(**pcm).event(), writer)
    async for chunk in sound:
        await async_write_event(AudioChunk(audio=chunk, **pcm).event(), writer)
    await async_write_event(AudioStop().event(), writer)


async def _async_transcript(reader: asyncio.StreamReader, on_partial: Callable[[str], None]) -> str:
    from wyoming.asr import Transcript, TranscriptChunk
    from wyoming.error import Error
    from wyoming.event import async_read_event

    said = ""
    while (event := await async_read_event(reader)) is not None:
        if Transcript.is_type(event.type):
            return Transcript.from_event(event).text.strip()
        if TranscriptChunk.is_type(event.type):
            said += TranscriptChunk.from_event(event).text
            on_partial(said.strip())
        elif Error.is_type(event.type):
            raise ValueError(_reason(event))
    raise ConnectionResetError("it hung up")


def _reason(event: Event) -> str:
    from wyoming.error import Error

    error = Error.from_event(event)
    return f"{error.text} ({error.code})"


def _sensitivity(silence_s: float | None) -> str | None:
    """Return the word of the protocol nearest to a wish for silence."""
    if silence_s is None:
        return None
    if silence_s < HASTY_S:
        return "aggressive"
    return "relaxed" if silence_s > PATIENT_S else "default"


# --- any other


async def _async_ask_any(
    hass: HomeAssistant, pipeline: Pipeline, sound: AsyncGenerator[bytes], ear: _Ear
) -> str:
    """Let the pipeline's recogniser listen, with Home Assistant's detector where it wants one."""
    listening = ear.listening
    engine = pipeline.stt_engine or ""
    has_detector = not listening.is_whole and _needs_end(hass, engine)
    found: list[str] = []
    errors: list[TurnError] = []

    @callback
    def on_event(event: PipelineEvent) -> None:
        data = event.data or {}
        match event.type:
            case PipelineEventType.STT_VAD_END:
                ear.end()
            case PipelineEventType.STT_END:
                found.append(data["stt_output"]["text"])
            case PipelineEventType.ERROR:
                errors.append(TurnError(data["code"]))

    settings = AudioSettings(is_vad_enabled=has_detector)
    if listening.silence_s is not None:
        settings = replace(settings, silence_seconds=listening.silence_s)
    try:
        await assist_pipeline.async_pipeline_from_audio_stream(
            hass,
            context=listening.context,
            event_callback=on_event,
            stt_metadata=_metadata(pipeline),
            stt_stream=_led(sound, ear, LEAD_S if has_detector else 0.0),
            pipeline_id=pipeline.id,
            audio_settings=settings,
            start_stage=PipelineStage.STT,
            end_stage=PipelineStage.STT,
        )
    except TimeoutError as err:
        raise ListenError(TurnError.TIMEOUT) from err
    ear.end()
    if errors:
        raise ListenError(errors[0])
    return "".join(found).strip()


async def _led(sound: AsyncGenerator[bytes], ear: _Ear, silence_s: float) -> AsyncGenerator[bytes]:
    """Yield some silence, then the sound."""
    if silence_s:
        yield bytes(SAMPLE_BYTES * round(silence_s * RATE_HZ))
    async for chunk in sound:
        yield chunk
    ear.end()


def _metadata(pipeline: Pipeline) -> stt.SpeechMetadata:
    return stt.SpeechMetadata(
        language=pipeline.stt_language or pipeline.language,
        format=stt.AudioFormats.WAV,
        codec=stt.AudioCodecs.PCM,
        bit_rate=stt.AudioBitRates.BITRATE_16,
        sample_rate=stt.AudioSampleRates.SAMPLERATE_16000,
        channel=stt.AudioChannels.CHANNEL_MONO,
    )
