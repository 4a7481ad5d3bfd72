"""One phrase of a call on its way through the recogniser."""

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from homeassistant.core import callback

from .call_audio import SoundQueue
from .const import LOGGER
from .speech_input import ListenError, Listening, async_listen
from .turn_updates import Stage, TurnReport
from .turn_words import TurnError

if TYPE_CHECKING:
    from collections.abc import Callable

    from homeassistant.components.assist_pipeline import Pipeline
    from homeassistant.core import Context, HomeAssistant

LISTEN_S = 120.0
"""Longer than any phrase: a recogniser that takes more has forgotten us."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """What was said, and when, on the monotonic clock."""

    text: str
    """Empty when nobody spoke."""
    ended_s: float
    """The last sound of it."""
    noticed_s: float
    """When its end was noticed."""
    understood_s: float


class Ears:
    """Listens to one phrase."""

    def __init__(
        self,
        on_partial: Callable[[Ears, str], None],
        on_heard: Callable[[Ears, Phrase | ListenError], None],
    ) -> None:
        """Tell the words so far, and once what was said, or why that is not known."""
        self.task: asyncio.Task[None] | None = None
        self._on_partial = on_partial
        self._on_heard = on_heard
        self._queue = SoundQueue()

    def put(self, pcm: bytes) -> bool:
        """Listen to more; returns False when the oldest sound had to go."""
        return self._queue.put(pcm)

    def finish(self) -> None:
        """Let the recogniser say what it has."""
        self._queue.end()

    def close(self) -> None:
        """Forget what it may still say."""
        if self.task is not None:
            self.task.cancel()

    async def async_listen(
        self, hass: HomeAssistant, pipeline: Pipeline, context: Context, silence_s: float | None
    ) -> None:
        """Recognise one phrase."""
        loop = hass.loop
        ends_s: list[float] = []

        @callback
        def on_partial(text: str) -> None:
            self._on_partial(self, text)

        @callback
        def on_end() -> None:
            ends_s.append(loop.time())

        listening = Listening(
            context=context,
            is_whole=False,
            silence_s=silence_s,
            on_partial=on_partial,
            on_end=on_end,
        )
        heard: Phrase | ListenError
        try:
            async with asyncio.timeout(LISTEN_S):
                found = await async_listen(hass, pipeline, self._queue.sound(), listening)
            now_s = loop.time()
            heard = Phrase(found.text, found.ended_s, next(iter(ends_s), now_s), now_s)
        except ListenError as err:
            heard = err
        except TimeoutError:
            heard = ListenError(TurnError.TIMEOUT)
        except Exception:  # noqa: BLE001  # the boundary: a call goes on whatever a recogniser does
            LOGGER.exception("Listening in a call failed unexpectedly")
            heard = ListenError(TurnError.UNKNOWN)
        if isinstance(heard, ListenError) and heard.error is TurnError.NOTHING_HEARD:
            now_s = loop.time()
            heard = Phrase("", now_s, now_s, now_s)
        self._on_heard(self, heard)


def metrics_of(phrase: Phrase, report: TurnReport) -> dict[str, int]:
    """Return how long everything took after the last sound of the speech."""
    marks = {
        "speech_end_ms": phrase.noticed_s,
        "transcript_ms": phrase.understood_s,
        "first_word_ms": _reached_s(report, Stage.FIRST_WORD),
        "first_sound_ms": _reached_s(report, Stage.FIRST_SOUND),
    }
    return {
        name: round((reached_s - phrase.ended_s) * 1000)
        for name, reached_s in marks.items()
        if reached_s is not None
    }


def _reached_s(report: TurnReport, stage: Stage) -> float | None:
    reached_ms = report.marks_ms.get(stage)
    return None if reached_ms is None else report.zero_s + reached_ms / 1000
