"""What spoken answers took: a line in the log for each, and never what was said."""

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechReport:
    """What happened to one request."""

    voice: str
    is_stream: bool
    """The text came bit by bit."""
    characters: int
    pieces: int
    audio_s: float
    """Length of the sound that was made for the client."""
    first_audio_s: float | None
    """From the first text to the first sound; None if there was none."""
    total_s: float
    """From the first text to the end."""
    is_complete: bool
    """False when the client left before the end, or the request failed."""


def describe(report: SpeechReport) -> str:
    """Tell in a line what happened to a request, without its words."""
    text = "streamed text" if report.is_stream else "text"
    first = (
        "no sound"
        if report.first_audio_s is None
        else f"first sound after {report.first_audio_s:.3f} s"
    )
    end = "all" if report.is_complete else "broken off"
    return (
        f"Speech of {report.audio_s:.1f} s by {report.voice} from {report.characters} characters"
        f" of {text} in {report.pieces} pieces: {first}, {end} after {report.total_s:.3f} s"
    )


class SpeechMetrics:
    """Receives the report of every request and logs it."""

    def __init__(self) -> None:
        self.latencies_s: deque[float] = deque(maxlen=50)
        """From text to first sound of the latest requests, oldest first."""

    def speech(self, report: SpeechReport) -> None:
        """Take one report."""
        if report.first_audio_s is not None:
            self.latencies_s.append(report.first_audio_s)
        _LOGGER.info("%s", describe(report))

    def piece(self, *, is_known: bool) -> None:
        """Note that a piece was spoken, or was known from before."""

    def voice_unloaded(self) -> None:
        """Note that an idle voice left the memory."""

    def watch_cache(self, size_bytes: Callable[[], int]) -> None:
        """Note where to ask how much sound is kept."""
