"""The rules of a call: who speaks, who listens, who is interrupted.

Nothing here waits, sounds or reads a clock: what happens comes in with its time, and what is to
be done about it goes out as commands. Times are seconds of any clock that only goes forward.
"""

from typing import Any

from .call_commands import Command, FinishEars, Reason, SpeakMore, State
from .call_line import PREROLL_S
from .call_rules import FAILURES_MAX, PAUSE_S, REOPEN_S, Rules
from .call_words import Verdict, joined, judge


class Call(Rules):
    """One call. Every method takes what happened and returns what is to be done, in order."""

    @property
    def deadline_s(self) -> float | None:
        """When `time_passes` has to be called at the latest."""
        times = [self._reopen_s, self._finish_s, self._glance_until_s, self._limit_s()]
        return min((time for time in times if time is not None), default=None)

    # --- what happens

    def start(self, now_s: float) -> list[Command]:
        """Begin to listen."""
        self._quiet_since_s = self._heard_s = now_s
        self._listen(now_s, 0.0)
        return self._commands()

    def voice(self, lasted_s: float, age_s: float, now_s: float) -> list[Command]:
        """Take how much of somebody's speech was heard since it began `age_s` ago; 0: silence."""
        if self.is_muted or self.state is State.HUNG_UP:
            return []
        was_silent, is_silent = self._voice_s == 0, lasted_s == 0
        if lasted_s > self._voice_s:
            self._loud_s = now_s
        self._voice_s, self._voice_age_s = lasted_s, age_s
        if is_silent:
            self._answered_s = 0.0
        else:
            self._quiet_since_s = now_s
        if was_silent != is_silent:
            self._stretches += was_silent
            self._tell("speech", active=not is_silent)
            if self.state is State.INTERRUPTED:
                self._finish_s = now_s + PAUSE_S if is_silent else None
        self._follow_voice(now_s)
        return self._commands()

    def partial(self, text: str, now_s: float) -> list[Command]:
        """Take what the recogniser has understood so far."""
        if not self._has_ears or not text.strip() or self._glance_until_s is not None:
            return []
        self._quiet_since_s = now_s
        self._tell("partial", turn=self.turn, text=joined(self._pending, text))
        if self.state is State.INTERRUPTED and self._is_meant(text):
            self._give_up_answer(now_s)
            self._enter(State.LISTENING)
        return self._commands()

    def transcript(self, text: str, now_s: float) -> list[Command]:
        """Take what was said; empty when nothing was."""
        if not self._has_ears:
            return []
        self._close_ears(now_s, has_understood=bool(text.strip()))
        self._failures = 0
        if self._glance_until_s is not None:
            self._after_glance(text, now_s)
            return self._commands()
        if text.strip():
            self._quiet_since_s = now_s
            self._tell("transcript", turn=self.turn, text=joined(self._pending, text))
        verdict = Verdict.WORDS
        if self._spoken_over is not None:
            verdict = judge(text, self._spoken_over, self._language)
            self._spoken_over = None
        if self.state is State.INTERRUPTED:
            if verdict in {Verdict.NOTHING, Verdict.NOD, Verdict.ECHO}:
                self._resume(now_s)
                return self._commands()
            self._give_up_answer(now_s)
        if verdict is Verdict.WORDS:
            self._ask_or_listen(text, now_s)
        else:
            self._is_used()
            self._listen(now_s, self._preroll_s(now_s))
        return self._commands()

    def ears_failed(self, code: str, text: str, now_s: float) -> list[Command]:
        """Take that the recogniser failed; a text tells the user why."""
        if not self._has_ears:
            return []
        self._close_ears(now_s)
        if self._glance_until_s is not None:
            self._after_glance("", now_s)
            return self._commands()
        self._spoken_over = None
        self._tell("error", code=code, text=text)
        self._failures += 1
        if self._failures >= FAILURES_MAX:
            self._end(Reason.ERROR, now_s, text)
        elif self.state is State.INTERRUPTED:
            self._resume(now_s)
        elif self._pending:
            self._ask_or_listen("", now_s)
        else:
            self._reopen_s = now_s + self._failures * REOPEN_S
        return self._commands()

    def delta(self, turn: int, text: str) -> list[Command]:
        """Take more of the answer as it is written."""
        answer = self._answer
        if answer is None or answer.turn != turn:
            return []
        answer.text += text
        if self.state is not State.INTERRUPTED:
            self._tell("delta", turn=answer.shown, text=text)
            if answer.is_resumed:
                self._out.append(SpeakMore(answer.shown, text))
        return self._commands()

    def deed(self, turn: int, **fields: Any) -> list[Command]:
        """Take that the turn changed something in the home."""
        answer = self._answer
        if answer is None or answer.turn != turn:
            return []
        answer.has_acted = True
        self._tell("deed", turn=answer.shown, **fields)
        return self._commands()

    def answered(self, turn: int, text: str, *, is_error: bool) -> list[Command]:
        """Take the whole answer."""
        answer = self._answer
        if answer is None or answer.turn != turn:
            return []
        answer.final = (text, is_error)
        answer.text = answer.text or text
        if self.state is not State.INTERRUPTED:
            self._tell("answer", turn=answer.shown, text=text, error=is_error)
        return self._commands()

    def turn_ended(self, turn: int, now_s: float) -> list[Command]:
        """Take that nothing more is written in the turn."""
        answer = self._answer
        if answer is None or answer.turn != turn or answer.is_written:
            return []
        answer.is_written = True
        answer.reported_s = max(answer.reported_s, now_s)
        if self.state is not State.INTERRUPTED:
            if answer.is_resumed:
                self._out.append(SpeakMore(answer.shown, is_complete=True))
            if answer.is_over or not answer.has_sound:
                self._after_answer(now_s)
        return self._commands()

    def sound_coming(self, turn: int, url: str) -> list[Command]:
        """Take where the sound of an answer will be."""
        answer = self._answer
        if answer is None or answer.shown != turn or self.state is State.INTERRUPTED:
            return []
        answer.has_sound = True
        self._tell("sound", turn=turn, url=url)
        return self._commands()

    def sound_progress(
        self, turn: int, position_s: float, sound_s: float | None, now_s: float
    ) -> list[Command]:
        """Take how much of a sound was heard, and how much of it was made."""
        answer = self._sounding(turn)
        if answer is None:
            return []
        answer.position_s = max(answer.position_s, position_s)
        answer.sound_s = sound_s
        answer.reported_s = now_s
        if answer.started_s is None:
            answer.started_s = now_s - position_s
            answer.is_heard = True
            self._enter(State.SPEAKING)
            self._follow_voice(now_s)
        return self._commands()

    def sound_ended(self, turn: int, now_s: float) -> list[Command]:
        """Take that everything was heard, or that nothing came."""
        answer = self._sounding(turn)
        if answer is None:
            return []
        answer.is_over = True
        if answer.is_written:
            self._after_answer(now_s)
        return self._commands()

    # --- what the user does

    def interrupt(self, now_s: float) -> list[Command]:
        """Stop the answer and listen."""
        if self.state is State.INTERRUPTED:
            self._give_up_answer(now_s)
            self._enter(State.LISTENING)
        elif self._answer is not None:
            self._silence_answer(now_s)
            self._is_used()
            self._listen(now_s, self._preroll_s(now_s))
        return self._commands()

    def mute(self, now_s: float) -> list[Command]:
        """Hear nothing any more; what is half said is forgotten."""
        if self.is_muted or self.state is State.HUNG_UP:
            return []
        if self._voice_s:
            self._tell("speech", active=False)
        self._voice_s = self._answered_s = 0.0
        self._end_glance(now_s)
        self._unduck()
        self._quiet_since_s = now_s
        self._drop_ears(now_s)
        self.is_muted = True
        if self.state is State.INTERRUPTED:
            self._resume(now_s)
        elif self._pending:
            self._ask_or_listen("", now_s)
        return self._commands()

    def unmute(self, now_s: float) -> list[Command]:
        """Hear again."""
        if not self.is_muted or self.state is State.HUNG_UP:
            return []
        self.is_muted = False
        self._quiet_since_s = now_s
        if self.state is State.LISTENING:
            self._listen(now_s, 0.0)
        return self._commands()

    def hang_up(self, now_s: float, reason: Reason = Reason.HANGUP) -> list[Command]:
        """End the call."""
        if self.state is not State.HUNG_UP:
            self._end(reason, now_s)
        return self._commands()

    def time_passes(self, now_s: float) -> list[Command]:
        """Do what is due."""
        if self._reopen_s is not None and now_s >= self._reopen_s:
            self._listen(now_s, PREROLL_S + now_s - self._heard_s)
        if self._finish_s is not None and now_s >= self._finish_s:
            self._finish_s = None
            self._out.append(FinishEars())
        if self._glance_until_s is not None and now_s >= self._glance_until_s:
            self._end_glance(now_s)
            self._unduck()
        limit_s = self._limit_s()
        if limit_s is not None and now_s >= limit_s:
            self._give_up_waiting(now_s)
        return self._commands()
