"""Where a turn begins, pauses and ends, told from the probability of speech alone.

A pure state machine over windows of sound: its only clock is the sound itself, so the same
probabilities give the same turn however fast they arrive.

    probability of one window -> hear() -> Mark | None
    what is known of the text -> over() -> Over | None
"""

from dataclasses import dataclass
from enum import StrEnum

from wyoming_servers.audio import SAMPLE_RATE_HZ

from .ending import Ending

WINDOW_SAMPLES = 512
"""What Silero VAD hears at once at 16 kHz."""
WINDOW_S = WINDOW_SAMPLES / SAMPLE_RATE_HZ

# A window that stays this far below the threshold is silence; between the two it belongs to
# what was before it (Silero's own hysteresis).
_HYSTERESIS = 0.15
# Speech shorter than three windows (96 ms) is a click; "sim" and "yes" last 200 ms and more.
_MIN_SPEECH_WINDOWS = 3


class Mark(StrEnum):
    """What a window changed."""

    STARTED = "started"
    """Somebody speaks: the first time in this turn."""
    PAUSED = "paused"
    """Silent for `speculate_s`: a good moment to recognise what was said."""
    RESUMED = "resumed"
    """Speech went on after a pause."""


class Over(StrEnum):
    """Why a turn is over."""

    SILENCE = "silence"
    NO_SPEECH = "no-speech"
    """Nobody began to speak in time."""
    TOO_LONG = "too-long"


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointOptions:
    """How long to wait, all in seconds of sound; see docs/configuration.md."""

    is_own: bool = True
    """Whether we decide when a turn is over; otherwise the client does, with audio-stop."""
    threshold: float = 0.5
    """Probability from which a window is speech."""
    speculate_s: float = 0.25
    """Silence after which the text is recognised, in case that was all; 0 for never."""
    finished_s: float = 0.4
    """Silence that ends a turn whose text is a whole command or sentence."""
    open_s: float = 0.9
    """The same for a text that may be whole."""
    unfinished_s: float = 1.3
    """The same for a text in the middle of a sentence, and while there is no text yet."""
    no_speech_s: float = 6.0
    """A turn in which nobody began to speak."""
    max_turn_s: float = 30.0
    """The longest turn, from the first speech on; a television never pauses."""
    safety_s: float = 2.0
    """Silence that ends a turn although the client should: its own detector has missed it."""

    def silence_s(self, ending: Ending | None) -> float:
        """Return how long a silence ends a turn whose text, if known, ends like this."""
        if not self.is_own:
            return self.safety_s
        match ending:
            case Ending.FINISHED:
                return self.finished_s
            case Ending.OPEN:
                return self.open_s
            case _:
                return self.unfinished_s


class Endpointer:
    """Follows one turn, window by window."""

    def __init__(self, options: EndpointOptions) -> None:
        self._options = options
        self._heard = 0
        self._run = 0
        """Windows of speech without a gap, up to now."""
        self._run_starts_at = 0
        self._is_in_run = False
        self._starts_at: int | None = None
        self._ends_at = 0
        """The window after the last one of speech."""
        self._speech = 0
        self._is_paused = False

    @property
    def has_speech(self) -> bool:
        """Whether somebody has begun to speak."""
        return self._starts_at is not None

    @property
    def is_speaking(self) -> bool:
        """Whether the last window was speech, or may have been the beginning of it."""
        return self._is_in_run

    @property
    def heard_s(self) -> float:
        """Sound heard so far."""
        return self._heard * WINDOW_S

    @property
    def speech_s(self) -> float:
        """Speech heard so far, pauses left out."""
        return self._speech * WINDOW_S

    @property
    def starts_at_s(self) -> float:
        """Where the speech began; where it may have begun, or now, while there is none."""
        if self._starts_at is not None:
            return self._starts_at * WINDOW_S
        return (self._run_starts_at if self._is_in_run else self._heard) * WINDOW_S

    @property
    def ends_at_s(self) -> float:
        """Where the speech ended, as far as it has been heard."""
        return self._ends_at * WINDOW_S

    @property
    def silence_s(self) -> float:
        """Silence since the end of the speech."""
        return (self._heard - self._ends_at) * WINDOW_S

    def hear(self, probability: float) -> Mark | None:
        """Take the probability of speech in the next window."""
        self._follow_run(probability)
        self._heard += 1
        if not self.has_speech:
            return self._begin()
        if self._is_in_run and (not self._is_paused or self._run >= _MIN_SPEECH_WINDOWS):
            return self._go_on()
        if not self._is_in_run and not self._is_paused and self._has_paused():
            self._is_paused = True
            return Mark.PAUSED
        return None

    def over(self, ending: Ending | None = None) -> Over | None:
        """Tell whether the turn is over, given how its text ends if that is known."""
        options = self._options
        if self._starts_at is None:
            is_late = options.is_own and _reaches(self.heard_s, options.no_speech_s)
            return Over.NO_SPEECH if is_late and not self._is_in_run else None
        if options.is_own and _reaches(self.heard_s - self.starts_at_s, options.max_turn_s):
            return Over.TOO_LONG
        if not self._is_in_run and _reaches(self.silence_s, options.silence_s(ending)):
            return Over.SILENCE
        return None

    def forget(self) -> None:
        """Take what was heard for noise and go on waiting for speech, no longer than before."""
        self._starts_at = None
        self._is_paused = False
        self._speech = 0

    def _follow_run(self, probability: float) -> None:
        threshold = self._options.threshold
        if probability >= threshold and not self._is_in_run:
            self._is_in_run, self._run, self._run_starts_at = True, 0, self._heard
        elif probability < threshold - _HYSTERESIS:
            self._is_in_run = False
        if self._is_in_run:
            self._run += 1

    def _begin(self) -> Mark | None:
        if not self._is_in_run or self._run < _MIN_SPEECH_WINDOWS:
            return None
        self._starts_at = self._run_starts_at
        self._speech, self._ends_at = self._run, self._heard
        return Mark.STARTED

    def _go_on(self) -> Mark | None:
        was_paused, self._is_paused = self._is_paused, False
        self._speech += self._run if was_paused else 1
        self._ends_at = self._heard
        return Mark.RESUMED if was_paused else None

    def _has_paused(self) -> bool:
        pause_s = self._options.speculate_s or self._options.finished_s
        return _reaches(self.silence_s, pause_s)


def _reaches(length_s: float, limit_s: float) -> bool:
    # Multiples of a window are no exact decimals.
    return length_s >= limit_s - 1e-6
