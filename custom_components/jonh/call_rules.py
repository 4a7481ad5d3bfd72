"""What follows from what happens in a call: the decisions behind `Call`."""

from .call_answer import Answer
from .call_commands import (
    CancelTurn,
    HangUp,
    Interruption,
    NoteHeard,
    Reason,
    RunTurn,
    Speak,
    SpeakMore,
    State,
)
from .call_line import PREROLL_S, Line
from .call_words import Verdict, joined, judge, sentence_start

CONFIRM_S = 0.25
"""Speech that stops an answer: longer than a cough, shorter than anybody waits."""
EARLY_CONFIRM_S = 0.5
"""The same in the first second of an answer, while the echo canceller still learns."""
EARLY_S = 1.0
PAUSE_S = 2.0
"""Silence after an interruption in which no word was understood; the recogniser has to decide."""
DECIDE_S = 10.0
"""A recogniser that has said nothing by then will not."""
SOUND_S = 10.0
"""A client that reports no sound for so long, the answer being complete, has lost it."""
BURST_S = 1.5
"""Sound that holds a burst of speech too short to stop an answer, and what is around it."""
GLANCE_S = 2.0
"""A recogniser that has not said by then what a burst was is not waited for."""
TURN_S = 180.0
"""No turn takes longer, whatever it waits for."""
MUTED_S = 600.0
"""Somebody who is muted means to come back, but not for ever."""
REOPEN_S = 1.0
"""Pause between two recognisers when one ends at once, and for each failure in a row."""
FAILURES_MAX = 4
"""Failures of the recogniser in a row after which a call makes no sense."""
FALSE_ALARMS_MAX = 3
"""Interruptions without words after which one answer cannot be interrupted by voice."""


class Rules(Line):
    """The state of a call and its transitions."""

    def __init__(
        self,
        *,
        interruption: Interruption,
        idle_s: float,
        language: str,
        goodbye: str,
        waits_for_voice: bool = False,
    ) -> None:
        """Prepare a call; `waits_for_voice` opens the recogniser only once somebody speaks."""
        super().__init__(waits_for_voice=waits_for_voice)
        self.false_alarms = 0
        self._interruption = interruption
        self._idle_s = idle_s
        self._language = language
        self._goodbye = goodbye
        self._answer: Answer | None = None
        self._pending = ""
        """What was said and not answered, because more was said."""
        self._failures = 0
        self._is_ducked = False
        self._glance_until_s: float | None = None
        """Until when a recogniser looks at a burst of speech while the answer sounds."""
        self._quiet_since_s = 0.0

    def _follow_voice(self, now_s: float) -> None:
        """Decide what the speech that goes on means for what the call is doing."""
        fresh_s = self._voice_s - self._answered_s
        answer = self._answer
        if self.state is State.LISTENING:
            if self._voice_s and not self._has_ears and self._reopen_s is None:
                self._open_ears(now_s, self._preroll_s(now_s))
        elif answer is not None and self.state in {State.THINKING, State.SPEAKING}:
            if answer.is_heard:
                self._watch_answer(answer, fresh_s, now_s)
            elif fresh_s >= CONFIRM_S and self._interruption is not Interruption.OFF:
                self._add(answer, now_s)

    def _watch_answer(self, answer: Answer, fresh_s: float, now_s: float) -> None:
        """Lower the answer while somebody seems to speak, and stop it once they do."""
        is_listened_to = answer.false_alarms < FALSE_ALARMS_MAX
        if self._interruption is not Interruption.VOICE or not is_listened_to:
            return
        if not fresh_s:
            if self._is_ducked and self._glance_until_s is None:
                self._glance(answer, now_s)
            return
        if not self._is_ducked and self.state is State.SPEAKING:
            self._is_ducked = True
            self._tell("duck", turn=answer.shown)
        is_early = answer.started_s is None or now_s - answer.started_s < EARLY_S
        if fresh_s >= (EARLY_CONFIRM_S if is_early or answer.false_alarms else CONFIRM_S):
            self._suspend(answer, now_s)

    def _glance(self, answer: Answer, now_s: float) -> None:
        """Have a burst recognised while the answer goes on, lowered: "para" is that short."""
        self._glance_until_s = now_s + GLANCE_S
        self._spoken_over = answer.text
        self._open_ears(now_s, BURST_S)
        self._finish_s = now_s

    def _end_glance(self, now_s: float) -> None:
        """Look no more; what the burst was does not matter now."""
        if self._glance_until_s is not None:
            self._glance_until_s = None
            self._spoken_over = None
            self._drop_ears(now_s)

    def _after_glance(self, text: str, now_s: float) -> None:
        """End the answer if that is what was said, or else let it go on."""
        verdict = judge(text, self._spoken_over or "", self._language)
        self._glance_until_s = self._spoken_over = None
        if verdict is Verdict.STOP:
            self._tell("transcript", turn=self.turn, text=text)
            self._silence_answer(now_s)
            self._is_used()
            self._listen(now_s, 0.0)
        else:
            self._unduck()

    def _suspend(self, answer: Answer, now_s: float) -> None:
        """Silence the answer until it is known what was said over it."""
        self._end_glance(now_s)
        self._is_ducked = False
        self._tell("stop", turn=answer.shown)
        heard = answer.heard_chars(now_s)
        answer.base, answer.started_s, answer.sound_s, answer.position_s = heard, None, None, 0.0
        if answer.is_resumed:
            # Its present sound is the call's own; a resumption makes another one.
            self._out.append(SpeakMore(answer.shown, is_complete=True))
        self._is_used()
        self._spoken_over = answer.text
        self._enter(State.INTERRUPTED)
        self._open_ears(now_s, self._preroll_s(now_s))

    def _resume(self, now_s: float) -> None:
        """Say the interrupted sentence again, and what follows it."""
        answer = self._answer
        assert answer is not None
        self.false_alarms += 1
        answer.false_alarms += 1
        self._finish_s = None
        self._tell("resume", turn=answer.shown)
        answer.base = sentence_start(answer.text, answer.base)
        rest = answer.text[answer.base :]
        if answer.is_written and not rest.strip():
            self._after_answer(now_s)
            return
        answer.shown = self.turn
        answer.has_sound = True
        answer.reported_s = now_s
        self._enter(State.THINKING)
        self._tell("delta", turn=answer.shown, text=rest)
        if answer.final is not None:
            self._tell("answer", turn=answer.shown, text=rest, error=answer.final[1])
        self._out.append(Speak(answer.shown, rest, answer.is_written))

    def _add(self, answer: Answer, now_s: float) -> None:
        """Take back a question that goes on; what has been done already is not asked again."""
        question = "" if answer.has_acted else answer.question
        self._silence_answer(now_s)
        self._pending = question
        self._is_used()
        self._enter(State.LISTENING)
        self._open_ears(now_s, self._preroll_s(now_s))

    def _ask_or_listen(self, text: str, now_s: float) -> None:
        asked, self._pending = joined(self._pending, text), ""
        if not asked:
            if now_s - self._opened_s < REOPEN_S and not self.is_muted:
                self._reopen_s = self._opened_s + REOPEN_S
                self._enter(State.LISTENING)
            else:
                self._listen(now_s, PREROLL_S)
            return
        self._answer = Answer(self.turn, asked, now_s, self.turn, reported_s=now_s)
        self._enter(State.THINKING)
        self._out.append(RunTurn(self.turn, asked))

    def _say_goodbye(self, now_s: float) -> None:
        self._drop_ears(now_s)
        self._is_used()
        text = self._goodbye
        self._answer = Answer(
            self.turn, "", now_s, self.turn, text, (text, False), is_written=True, is_goodbye=True
        )
        self._answer.has_sound, self._answer.reported_s = True, now_s
        self._enter(State.THINKING)
        self._tell("delta", turn=self.turn, text=text)
        self._tell("answer", turn=self.turn, text=text, error=False)
        self._out.append(Speak(self.turn, text, is_complete=True))

    def _after_answer(self, now_s: float) -> None:
        answer = self._answer
        assert answer is not None
        self._end_glance(now_s)
        self._answer = None
        self._is_ducked = False
        if answer.is_goodbye:
            self._end(Reason.IDLE, now_s, answer.text)
            return
        self._is_used()
        self._quiet_since_s = now_s
        self._listen(now_s, self._preroll_s(now_s))

    def _silence_answer(self, now_s: float) -> None:
        """Stop an answer for good, and remember what was heard of it."""
        answer = self._answer
        assert answer is not None
        self._tell("stop", turn=answer.shown)
        self._give_up_answer(now_s)

    def _give_up_answer(self, now_s: float) -> None:
        """Drop an answer that is silent already."""
        answer = self._answer
        assert answer is not None
        self._end_glance(now_s)
        self._answer = None
        self._is_ducked = False
        self._finish_s = None
        self._out.append(CancelTurn(answer.turn))
        heard = answer.text[: answer.heard_chars(now_s)].rstrip()
        is_excuse = answer.final is not None and answer.final[1]
        # Excuses and goodbyes are our own; what was heard to the end stays as it is.
        if not is_excuse and not answer.is_goodbye and heard != answer.text.rstrip():
            self._out.append(NoteHeard(answer.turn, heard))

    def _give_up_waiting(self, now_s: float) -> None:
        """End what takes too long, or a call in which nobody speaks."""
        if self.state is State.LISTENING:
            self._say_goodbye(now_s)
        elif self.state is State.INTERRUPTED:
            self._drop_ears(now_s)
            self._resume(now_s)
        elif self._answer is not None and self._answer.is_written:
            self._after_answer(now_s)
        else:
            self._silence_answer(now_s)
            self._is_used()
            self._listen(now_s, 0.0)

    def _limit_s(self) -> float | None:
        """Return when the present state has lasted too long."""
        if self.state is State.HUNG_UP:
            return None
        if self.state is State.LISTENING:
            idle_s = max(self._idle_s, MUTED_S) if self.is_muted else self._idle_s
            return self._quiet_since_s + idle_s
        if self.state is State.INTERRUPTED:
            return max(self._opened_s, self._quiet_since_s) + DECIDE_S
        answer = self._answer
        assert answer is not None
        return answer.reported_s + SOUND_S if answer.is_written else answer.began_s + TURN_S

    def _is_meant(self, text: str) -> bool:
        """Return True for words so far that cannot turn out to be a nod or an echo."""
        verdict = judge(text, self._spoken_over or "", self._language)
        is_long = len(text.split()) > 1
        return verdict is Verdict.STOP or (verdict is Verdict.WORDS and is_long)

    def _sounding(self, turn: int) -> Answer | None:
        answer = self._answer
        if answer is None or answer.shown != turn or self.state is State.INTERRUPTED:
            return None
        return answer

    def _unduck(self) -> None:
        if self._is_ducked and self._answer is not None:
            self._tell("resume", turn=self._answer.shown)
        self._is_ducked = False

    def _end(self, reason: Reason, now_s: float, text: str | None = None) -> None:
        if self._answer is not None:
            self._silence_answer(now_s)
        self._drop_ears(now_s)
        self._pending = ""
        self._enter(State.HUNG_UP)
        self._tell("ended", reason=reason.value, **({"text": text} if text else {}))
        self._out.append(HangUp(reason))
