"""The sound of an answer: the voice speaks while the answer is still written.

Assist waits for 60 characters, cannot stop a voice, and leaves its connection open.
"""

import asyncio
import re
from typing import TYPE_CHECKING, Any

from homeassistant.components import tts

from .const import LOGGER

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from homeassistant.components.assist_pipeline import Pipeline
    from homeassistant.core import HomeAssistant

SOUND_S = 60.0
"""Between two pieces of sound once the answer is written."""
HEADER_BYTES = 128
"""More than any header of a WAV has."""
SENTENCE_END = re.compile(r"(?:[^\d\s]\.|[!?…])[\"'”»)]*$")
PAUSE_S = 0.15
"""After what looks like the end of a sentence; the voice knows it by the space that follows.

Agents write that space with the next word, which a tool may keep waiting for seconds.
"""
TAIL_CHARS = 8
CLOSE_S = 1.0
"""For each step of letting a voice go; it takes milliseconds but for a dead network."""


class AnswerVoice:
    """The sound of an answer while it is written."""

    def __init__(
        self, hass: HomeAssistant, pipeline: Pipeline, on_first_sound: Callable[[], None]
    ) -> None:
        """Reach for the voice at once; raises HomeAssistantError for one that is not there."""
        options: dict[str, Any] = {tts.ATTR_PREFERRED_FORMAT: "wav"}
        if pipeline.tts_voice is not None:
            options[tts.ATTR_VOICE] = pipeline.tts_voice
        self.stream = tts.async_create_stream(
            hass, pipeline.tts_engine or "", language=pipeline.tts_language, options=options
        )
        self._words: asyncio.Queue[str | None] = asyncio.Queue()
        self._has_words = False
        self._is_dropped = False
        self._size = 0
        """Bytes of sound that were made."""
        self._writer: asyncio.Task[Any] | None = None
        """Hands the words to the voice."""
        before = asyncio.all_tasks()
        self.stream.async_set_message_stream(self._written())
        # Home Assistant has no other way to stop a voice that speaks.
        self._makers = asyncio.all_tasks() - before
        self._sound = asyncio.create_task(self._async_sound(on_first_sound))

    def say(self, words: str) -> None:
        """Say more."""
        self._has_words |= bool(words.strip())
        self._words.put_nowait(words)

    async def async_finish(self) -> bool:
        """Wait until all that was said is sound; False when the voice failed."""
        self._words.put_nowait(None)
        size = -1
        while not self._sound.done() and size < self._size:
            size = self._size
            await asyncio.wait((self._sound,), timeout=SOUND_S)
        return not self._has_words or (self._sound.done() and self._sound.result())

    async def async_drop(self) -> None:
        """Stop; a request for the sound ends, as does that to the voice."""
        self._is_dropped = True
        self._words.put_nowait(None)
        self._sound.cancel()
        try:
            if self._writer is not None and self._writer not in self._makers:
                # It says goodbye, and would stumble over a connection that is closed.
                await asyncio.wait((self._writer,), timeout=CLOSE_S)
        finally:
            for task in self._makers:
                task.cancel()
        await asyncio.wait((self._sound, *self._makers), timeout=CLOSE_S)

    async def _written(self) -> AsyncGenerator[str]:
        self._writer = asyncio.current_task()
        tail = ""
        while True:
            pause_s = PAUSE_S if SENTENCE_END.search(tail) else None
            try:
                async with asyncio.timeout(pause_s):
                    words = await self._words.get()
            except TimeoutError:
                words = " "
            if words is None or self._is_dropped:
                break
            yield words
            tail = (tail + words)[-TAIL_CHARS:]
        if self._is_dropped and not self.stream.supports_streaming_input:
            # Such a voice is asked once all is written, and must not be asked any more.
            raise asyncio.CancelledError

    async def _async_sound(self, on_first_sound: Callable[[], None]) -> bool:
        """Return True once all sound was made, False when there was none."""
        try:
            async for chunk in self.stream.async_stream_result():
                if self._size <= HEADER_BYTES < self._size + len(chunk):
                    on_first_sound()
                self._size += len(chunk)
        except Exception as err:  # noqa: BLE001  # whatever a voice raises
            LOGGER.warning("The voice failed: %r", err)
            return False
        return self._size > HEADER_BYTES
