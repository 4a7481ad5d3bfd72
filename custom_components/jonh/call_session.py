"""A call while it goes on: its sound, its tasks and its timers, as `Call` wants them."""

import asyncio
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from homeassistant.components import conversation
from homeassistant.const import MATCH_ALL
from homeassistant.core import Context, HomeAssistant, callback

from .agent.languages import Sentence, language_of, sentence
from .call import Call
from .call_audio import BYTES_PER_S, RecentSound, VoiceWatch
from .call_commands import (
    CancelTurn,
    CloseEars,
    Command,
    FinishEars,
    HangUp,
    Interruption,
    NoteHeard,
    OpenEars,
    Reason,
    RunTurn,
    Speak,
    SpeakMore,
    State,
    Tell,
)
from .call_ears import Ears, Phrase, metrics_of
from .call_voice import HouseSound
from .const import DOMAIN, LOGGER
from .recordings import Recorder, async_record
from .speech_input import ListenError, async_own_recogniser
from .store import ARCHIVE
from .turn import async_run_turn
from .turn_updates import (
    Answer,
    AnswerDelta,
    AnswerSound,
    Deed,
    TurnFailed,
    TurnRequest,
    TurnUpdate,
)
from .turn_words import TurnError, failure_words

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from homeassistant.components.assist_pipeline import Pipeline

SETTLE_S = 5.0
"""For a cancelled turn to leave; it needs milliseconds."""
LEAD_S = 30.0
"""Sound that may come at once, after the network stood still; more is a client gone wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOptions:
    """What a call was asked to be."""

    pipeline: Pipeline
    user_id: str
    conversation_id: str
    interruption: Interruption = Interruption.VOICE
    idle_s: float = 60.0
    silence_s: float | None = None
    """Silence that ends a phrase; None for the recogniser's own choice."""
    record: bool = False


class CallSession:
    """One call with its tasks."""

    def __init__(
        self,
        hass: HomeAssistant,
        options: CallOptions,
        *,
        tell: Callable[[dict[str, Any]], None],
        on_end: Callable[[], None],
    ) -> None:
        """Prepare a call; `tell` gets its events, and `on_end` is called once it is over."""
        # Home Assistant installs it for Assist.
        from pymicro_vad import MicroVad  # type: ignore[import-untyped]

        self.options = options
        self.conversation_id = options.conversation_id
        self._hass = hass
        self._pipeline = options.pipeline
        self._tell = tell
        self._on_end = on_end
        tongue = language_of(self._pipeline.tts_language or self._pipeline.language)
        self._tongue = tongue
        self.has_partials = async_own_recogniser(hass, self._pipeline) is not None
        self._call = Call(
            interruption=options.interruption,
            idle_s=options.idle_s,
            language=tongue.value,
            goodbye=sentence(Sentence.GOODBYE, tongue),
            waits_for_voice=not self.has_partials,
        )
        self._watch = VoiceWatch(MicroVad().Process10ms)
        self._recent = RecentSound()
        self._received = 0
        """Bytes of sound; the connection may not send faster than anybody speaks."""
        self._began_s = hass.loop.time()
        self._todo: deque[Command] = deque()
        self._is_doing = False
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._ears: Ears | None = None
        self._has_lost_sound = False
        self._turn_task: asyncio.Task[None] | None = None
        self._settling: asyncio.Task[None] | None = None
        """Cleans up after the last cancelled turn, before the next one begins."""
        self._phrase: Phrase | None = None
        self._recorder: Recorder | None = None
        if options.record:
            self._recorder = async_record(
                hass,
                user_id=options.user_id,
                pipeline=self._pipeline.name,
                conversation_id=options.conversation_id,
            )

        self._sound = HouseSound(hass, self._pipeline, self._recorder)

    # --- what comes in

    @callback
    def start(self) -> None:
        """Begin to listen."""
        self._do(self._call.start(self._now()))

    @callback
    def hear(self, pcm: bytes) -> None:
        """Take what the microphone hears, 16 kHz mono PCM16."""
        call, now_s = self._call, self._now()
        if call.is_muted or call.state is State.HUNG_UP:
            return
        pcm = pcm[: len(pcm) // 2 * 2]
        is_taken = self._received + len(pcm) <= (now_s - self._began_s + LEAD_S) * BYTES_PER_S
        if is_taken:
            self._received += len(pcm)
            self._recent.add(pcm)
            if self._recorder is not None:
                self._recorder.heard(pcm)
            if self._ears is not None:
                is_taken = self._ears.put(pcm)
            voice = self._watch.hear(pcm)
            self._do(call.voice(voice.lasted_s, voice.age_s, now_s))
        if not is_taken and not self._has_lost_sound:
            self._has_lost_sound = True
            text = sentence(Sentence.SOUND_LOST, self._tongue)
            self._tell({"event": "error", "code": "sound-lost", "text": text})

    @callback
    def act(self, action: str, turn: int | None = None, position_s: float = 0.0) -> None:
        """Take what the user, or the client's player, does."""
        call, now_s = self._call, self._now()
        turn = call.turn if turn is None else turn
        match action:
            case "sound_started" | "sound_progress":
                self._do(call.sound_progress(turn, position_s, self._sound.made_s, now_s))
            case "sound_ended":
                self._do(call.sound_ended(turn, now_s))
            case "interrupt":
                self._do(call.interrupt(now_s))
            case "mute":
                self._recent.clear()
                self._watch.reset()
                self._do(call.mute(now_s))
            case "unmute":
                self._do(call.unmute(now_s))
            case "hangup":
                self._do(call.hang_up(now_s))

    @callback
    def replace(self) -> None:
        """End the call for one that goes on with its conversation."""
        self._do(self._call.hang_up(self._now(), Reason.REPLACED))

    @callback
    def close(self) -> None:
        """End the call without a word: nobody is there any more."""
        self._tell = lambda _: None
        self._do(self._call.hang_up(self._now()))

    # --- what is to be done

    def _do(self, commands: list[Command]) -> None:
        """Follow the rules; what that leads to comes after what was asked already."""
        self._todo.extend(commands)
        if self._is_doing:
            return
        self._is_doing = True
        try:
            while self._todo:
                self._follow(self._todo.popleft())
        finally:
            self._is_doing = False
        self._set_timer()

    def _follow(self, command: Command) -> None:
        match command:
            case Tell(event, fields):
                self._on_tell(event, fields)
                self._tell({"event": event, **fields})
            case OpenEars(_, preroll_s):
                self._open_ears(preroll_s)
            case FinishEars():
                if self._ears is not None:
                    self._ears.finish()
            case CloseEars():
                self._close_ears()
            case RunTurn(turn, text):
                self._turn_task = self._spawn(self._async_turn(turn, text, self._settling))
            case CancelTurn():
                self._cancel_turn()
            case NoteHeard(_, text):
                self._settle(text)
            case Speak(turn, text, is_complete):
                self._speak(turn, text, is_complete=is_complete)
            case SpeakMore(turn, text, is_complete):
                self._sound.more(turn, text, is_complete=is_complete)
            case HangUp():
                self._free()

    def _on_tell(self, event: str, fields: dict[str, Any]) -> None:
        """Follow what the client is told."""
        if event == "speech" and fields["active"] and self._call.state is State.LISTENING:
            self._spawn(self._async_warm_up())
        if event == "state" and self._recorder is not None:
            if fields["state"] == State.SPEAKING:
                self._recorder.sounds()
            elif fields["state"] != State.THINKING:
                self._recorder.silent()

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if (deadline_s := self._call.deadline_s) is not None:
            self._timer = self._hass.loop.call_at(deadline_s, self._on_time)

    @callback
    def _on_time(self) -> None:
        self._timer = None
        self._do(self._call.time_passes(self._now()))

    def _now(self) -> float:
        return self._hass.loop.time()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = self._hass.async_create_background_task(work, f"{DOMAIN} call", eager_start=False)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _free(self) -> None:
        """Leave nothing behind."""
        self._close_ears()
        self._cancel_turn()
        self._recent.clear()
        if self._recorder is not None:
            self._spawn(self._recorder.async_finish())
        self._on_end()

    # --- ears

    def _open_ears(self, preroll_s: float) -> None:
        self._ears = ears = Ears(self._on_partial, self._on_heard)
        ears.put(self._recent.last(preroll_s))
        ears.task = self._spawn(
            ears.async_listen(
                self._hass,
                self._pipeline,
                Context(user_id=self.options.user_id),
                self.options.silence_s,
            )
        )

    def _close_ears(self) -> None:
        if (ears := self._ears) is not None:
            self._ears = None
            ears.close()

    @callback
    def _on_heard(self, ears: Ears, heard: Phrase | ListenError) -> None:
        """Take what the recogniser understood, if it is still asked."""
        if self._ears is not ears:
            return
        self._ears = None
        now_s = self._now()
        if isinstance(heard, Phrase):
            self._phrase = heard if heard.text else self._phrase
            self._do(self._call.transcript(heard.text, now_s))
        else:
            words = failure_words(heard.error, self._tongue)
            self._do(self._call.ears_failed(heard.error.value, words, now_s))

    @callback
    def _on_partial(self, ears: Ears, text: str) -> None:
        if self._ears is ears:
            self._do(self._call.partial(text, self._now()))

    async def _async_warm_up(self) -> None:
        """Let the agent get ready while somebody speaks, as Assist does."""
        pipeline = self._pipeline
        language = pipeline.conversation_language
        if language == MATCH_ALL:
            language = pipeline.stt_language or pipeline.tts_language or pipeline.language
        # The turn itself says it when there is no such agent.
        with suppress(ValueError):
            await conversation.async_prepare_agent(
                self._hass, pipeline.conversation_engine, language
            )

    # --- turns

    async def _async_turn(self, turn: int, text: str, settling: asyncio.Task[None] | None) -> None:
        """Answer a text."""
        if settling is not None:
            await asyncio.wait((settling,))
        phrase, self._phrase = self._phrase, None
        request = TurnRequest(
            pipeline_id=self._pipeline.id,
            conversation_id=self.conversation_id,
            context=Context(user_id=self.options.user_id),
        )
        try:
            report = await async_run_turn(
                self._hass, request, text=text, listener=partial(self._on_update, turn)
            )
        except Exception:  # noqa: BLE001  # the boundary: a call goes on whatever a turn does
            LOGGER.exception("A turn of a call failed unexpectedly")
            words = failure_words(TurnError.UNKNOWN, self._tongue)
            self._on_update(turn, TurnFailed(TurnError.UNKNOWN, words))
        else:
            if phrase is not None:
                self._tell({"event": "metrics", "turn": turn, **metrics_of(phrase, report)})
        self._turn_task = None
        self._do(self._call.turn_ended(turn, self._now()))

    @callback
    def _on_update(self, turn: int, update: TurnUpdate) -> None:
        """Pass on what happens in a turn."""
        call = self._call
        match update:
            case AnswerSound(url, stream):
                self._sound.follow(stream)
                self._do(call.sound_coming(turn, url))
            case AnswerDelta(text):
                self._do(call.delta(turn, text))
            case Deed(entity_id, name, state, icon):
                fields = {"entity_id": entity_id, "name": name, "state": state, "icon": icon}
                self._do(call.deed(turn, **fields))
            case Answer(text, conversation_id, _, is_error):
                self.conversation_id = conversation_id or self.conversation_id
                self._do(call.answered(turn, text, is_error=is_error))
            case TurnFailed(code, text):
                self._tell({"event": "error", "code": code, "text": text})
                self._do(call.answered(turn, text, is_error=True))

    def _cancel_turn(self) -> None:
        """Stop the turn and every sound of it."""
        if self._turn_task is not None:
            self._turn_task.cancel()
            self._settle(None)
        self._sound.drop()

    def _settle(self, heard: str | None) -> None:
        left, self._turn_task = self._turn_task, None
        waits_for = {task for task in (left, self._settling) if task is not None}
        self._settling = self._spawn(self._async_settle(waits_for, heard))

    async def _async_settle(self, left: set[asyncio.Task[None]], heard: str | None) -> None:
        """Wait until a cancelled turn is gone; then remember what was heard of it."""
        if left:
            await asyncio.wait(left, timeout=SETTLE_S)
        if heard is not None and (archive := self._hass.data.get(ARCHIVE)) is not None:
            archive.note_heard(self.conversation_id, heard)

    def _speak(self, turn: int, text: str, *, is_complete: bool) -> None:
        """Say a text in the voice of the pipeline, if it has one."""
        url = self._sound.speak(turn, text, is_complete=is_complete)
        if url is None:
            self._do(self._call.sound_ended(turn, self._now()))
        else:
            self._do(self._call.sound_coming(turn, url))
