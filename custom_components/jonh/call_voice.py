"""The house's side of the sound of a call: how much there is, and what the call says itself."""

import asyncio
from typing import TYPE_CHECKING, Any

from homeassistant.components import tts
from homeassistant.exceptions import HomeAssistantError

from .const import LOGGER

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from homeassistant.components.assist_pipeline import Pipeline
    from homeassistant.core import HomeAssistant

    from .recordings import Recorder

HEADER_BYTES_MAX = 4096
"""A header that is longer belongs to no WAV file of a voice."""


class SoundMeter:
    """Follows the sound of an answer while it is made."""

    def __init__(
        self, stream: tts.ResultStream, on_sound: Callable[[bytes, int], None] | None = None
    ) -> None:
        """Measure a stream; `on_sound` gets its samples, 16 bit mono, and their rate."""
        self.is_complete = False
        self._on_sound = on_sound
        self._header: bytes | None = b""
        self._rate_hz = 0
        self._channels = 1
        self._size = 0
        self._task = asyncio.create_task(self._async_follow(stream))

    @property
    def seconds(self) -> float | None:
        """How much was made so far; None while that is not known."""
        if not self._rate_hz:
            return None
        return self._size / (2 * self._channels * self._rate_hz)

    def stop(self) -> None:
        """Measure no more."""
        self._task.cancel()

    async def async_wait(self) -> None:
        """Wait until everything was made."""
        await asyncio.wait((self._task,))

    async def _async_follow(self, stream: tts.ResultStream) -> None:
        try:
            async for chunk in stream.async_stream_result():
                self._take(chunk)
        except Exception as err:  # noqa: BLE001  # whatever a voice raises
            LOGGER.debug("The sound of an answer cannot be measured: %r", err)
        self.is_complete = True

    def _take(self, chunk: bytes) -> None:
        if self._header is not None:
            self._header += chunk
            if not (chunk := self._read_header()):
                return
        self._size += len(chunk)
        if self._on_sound is not None and self._rate_hz and self._channels == 1:
            self._on_sound(chunk, self._rate_hz)

    def _read_header(self) -> bytes:
        """Return the samples behind the header, once it is whole."""
        header = self._header or b""
        start = header.find(b"data")
        form = header.find(b"fmt ")
        if start < 0 or form < 0 or len(header) < start + 8:
            if len(header) > HEADER_BYTES_MAX:
                self._header = None
            return b""
        self._header = None
        self._channels = int.from_bytes(header[form + 10 : form + 12], "little") or 1
        self._rate_hz = int.from_bytes(header[form + 12 : form + 16], "little")
        return header[start + 8 :]


class OwnVoice:
    """A text that the call itself says, in the voice of the pipeline, as it becomes known."""

    def __init__(self, hass: HomeAssistant, pipeline: Pipeline) -> None:
        """Reach for the voice; raises HomeAssistantError for one that is not there."""
        if pipeline.tts_engine is None:
            raise HomeAssistantError("The pipeline has no voice")
        options: dict[str, Any] = {tts.ATTR_PREFERRED_FORMAT: "wav"}
        if pipeline.tts_voice is not None:
            options[tts.ATTR_VOICE] = pipeline.tts_voice
        self.stream = tts.async_create_stream(
            hass, pipeline.tts_engine, language=pipeline.tts_language, options=options
        )
        self._words: asyncio.Queue[str | None] = asyncio.Queue()
        self._is_dropped = False
        self.stream.async_set_message_stream(self._written())

    def say(self, words: str) -> None:
        """Say more."""
        if words:
            self._words.put_nowait(words)

    def finish(self) -> None:
        """Say no more than that."""
        self._words.put_nowait(None)

    def drop(self) -> None:
        """Stop at once: the request for the sound ends, and with it that to the voice."""
        self._is_dropped = True
        self._words.put_nowait(None)

    async def _written(self) -> AsyncGenerator[str]:
        while (words := await self._words.get()) is not None and not self._is_dropped:
            yield words
        if self._is_dropped and not self.stream.supports_streaming_input:
            # Such a voice is asked once all is written, and must not be asked any more.
            raise asyncio.CancelledError


class HouseSound:
    """What sounds on the house's side, one answer after another."""

    def __init__(self, hass: HomeAssistant, pipeline: Pipeline, recorder: Recorder | None) -> None:
        """Begin in silence."""
        self._hass = hass
        self._pipeline = pipeline
        self._recorder = recorder
        self._voice: OwnVoice | None = None
        self._turn = 0
        """Turn in which the call's own voice speaks."""
        self._meter: SoundMeter | None = None

    @property
    def made_s(self) -> float | None:
        """Seconds of the present answer that were made so far; None while that is not known."""
        return self._meter.seconds if self._meter is not None else None

    def follow(self, stream: tts.ResultStream) -> None:
        """Measure the sound of an answer, and record it."""
        if self._meter is not None:
            self._meter.stop()
        made = None
        if self._recorder is not None:
            self._recorder.silent()
            made = self._recorder.made
        self._meter = SoundMeter(stream, made)

    def speak(self, turn: int, text: str, *, is_complete: bool) -> str | None:
        """Say a text; returns where it can be heard, None without a voice."""
        self.drop()
        try:
            voice = OwnVoice(self._hass, self._pipeline)
        except HomeAssistantError as err:
            LOGGER.debug("The call has no voice of its own: %s", err)
            return None
        self._voice, self._turn = voice, turn
        self.follow(voice.stream)
        self.more(turn, text, is_complete=is_complete)
        return voice.stream.url

    def more(self, turn: int, text: str, *, is_complete: bool) -> None:
        """Say more of that, or no more."""
        if self._voice is not None and self._turn == turn:
            self._voice.say(text)
            if is_complete:
                self._voice.finish()

    def drop(self) -> None:
        """Be silent."""
        if self._voice is not None:
            self._voice.drop()
            self._voice = None
        if self._meter is not None:
            self._meter.stop()
            self._meter = None
