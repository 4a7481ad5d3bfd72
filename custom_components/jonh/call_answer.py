"""An answer while it is given: what is written of it, and what was heard."""

from dataclasses import dataclass

from .call_words import cut_at_word

CHARS_PER_S_MAX = 22.0
"""Nobody speaks faster; bounds what counts as heard while sound is still being made."""
REPORT_S = 0.75
"""A client reports twice a second what was heard; what came since is known by the clock."""


@dataclass(slots=True)
class Answer:
    """What is said in a turn, from the question to the last sound of it."""

    turn: int
    question: str
    began_s: float
    shown: int
    """Number under which the client knows its sound; a resumed answer gets a new one."""
    text: str = ""
    final: tuple[str, bool] | None = None
    """The whole text, and whether it is an excuse."""
    base: int = 0
    """Where in the text the present sound begins."""
    is_written: bool = False
    """The turn has ended; the sound may go on."""
    is_goodbye: bool = False
    has_acted: bool = False
    has_sound: bool = False
    is_heard: bool = False
    """Some of it was audible."""
    is_over: bool = False
    """All of its present sound was heard."""
    started_s: float | None = None
    position_s: float = 0.0
    sound_s: float | None = None
    """Seconds of the present sound that were made so far."""
    reported_s: float = 0.0
    false_alarms: int = 0

    @property
    def is_resumed(self) -> bool:
        """Its sound is made by the call, no longer by the turn."""
        return self.shown != self.turn

    def heard_chars(self, now_s: float) -> int:
        """Return how much of the text was audible, up to a whole word."""
        if self.is_over:
            return len(self.text)
        if self.started_s is None:
            return self.base
        part = self.text[self.base :]
        position_s = self.position_s + min(max(now_s - self.reported_s, 0.0), REPORT_S)
        chars = position_s * CHARS_PER_S_MAX
        if self.sound_s:
            chars = min(chars, len(part) * position_s / self.sound_s)
        return self.base + len(cut_at_word(part, chars))
