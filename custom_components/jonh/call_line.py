"""The line of a call: when a recogniser listens, and what the client is told."""

from typing import Any

from .call_commands import CloseEars, Command, OpenEars, State, Tell

PREROLL_S = 0.5
"""Sound from before the speech was noticed that belongs to it."""
BREATH_S = 0.15
"""Silence in the middle of a word is shorter."""


class Line:
    """Opens and closes the ears of a call; the rules of `Call` say when."""

    def __init__(self, *, waits_for_voice: bool) -> None:
        """Prepare; `waits_for_voice` opens the recogniser only once somebody speaks."""
        self.state = State.LISTENING
        self.turn = 1
        """Number of the turn that is being heard or answered."""
        self.is_muted = False
        self._waits_for_voice = waits_for_voice
        self._out: list[Command] = []
        self._spoken_over: str | None = None
        """The answer over which the words are spoken that are being recognised."""
        self._told: tuple[State, int] | None = None
        """What the client takes the call to be doing."""
        self._has_ears = False
        self._opened_s = 0.0
        self._heard_s = 0.0
        """Up to when all sound has gone to a recogniser."""
        self._reopen_s: float | None = None
        self._finish_s: float | None = None
        """When the recogniser is told that nothing more comes, after an interruption."""
        self._voice_s = 0.0
        self._voice_age_s = 0.0
        self._loud_s = 0.0
        """When there was last more of it."""
        self._answered_s = 0.0
        """How much of the present speech has gone to a recogniser."""
        self._heard_age_s = 0.0
        """How old that speech was then."""
        self._stretches = 0
        """Stretches of speech since the recogniser was opened."""

    def _listen(self, now_s: float, preroll_s: float) -> None:
        self._spoken_over = None
        self._reopen_s = None
        self._enter(State.LISTENING)
        is_wanted = not self._waits_for_voice or self._voice_s > self._answered_s
        if not self.is_muted and is_wanted:
            self._open_ears(now_s, preroll_s)

    def _open_ears(self, now_s: float, preroll_s: float) -> None:
        if self._has_ears or self.is_muted:
            return
        self._has_ears = True
        self._opened_s = now_s
        self._reopen_s = None
        self._stretches = 1 if self._voice_s else 0
        self._out.append(OpenEars(self.turn, preroll_s))

    def _close_ears(self, now_s: float, *, has_understood: bool = False) -> None:
        """Close the recogniser; one that answers while somebody speaks again did not hear that."""
        self._has_ears = False
        self._finish_s = None
        self._heard_s, self._answered_s = now_s, self._voice_s
        self._heard_age_s = self._voice_age_s
        is_speaking = self._voice_s > 0 and now_s - self._loud_s < BREATH_S
        if has_understood and is_speaking and self._stretches > 1:
            self._heard_s, self._answered_s = now_s - self._voice_age_s - PREROLL_S, 0.0
            self._heard_age_s = 0.0

    def _drop_ears(self, now_s: float) -> None:
        self._reopen_s = None
        if self._has_ears:
            self._close_ears(now_s)
            self._out.append(CloseEars())

    def _preroll_s(self, now_s: float) -> float:
        """Return the sound to begin with: speech that no recogniser has heard, and its onset."""
        if self._voice_s <= self._answered_s:
            return 0.0
        age_s = self._voice_age_s
        if self._answered_s:
            return age_s - self._heard_age_s
        # Sound may come in bursts: the clock bounds what comes before the speech, never the speech.
        return min(age_s + PREROLL_S, max(age_s, now_s - self._heard_s))

    def _is_used(self) -> None:
        """Begin a new turn: the number of the last one stands for something."""
        self.turn += 1

    def _enter(self, state: State) -> None:
        self.state = state
        if state is not State.LISTENING:
            self._reopen_s = None
        if self._told != (state, self.turn):
            self._told = (state, self.turn)
            self._tell("state", state=state.value, turn=self.turn)

    def _tell(self, event: str, **fields: Any) -> None:
        self._out.append(Tell(event, fields))

    def _commands(self) -> list[Command]:
        out, self._out = self._out, []
        return out
