"""One turn with the house: speech or text in, an answer and its sound out.

It is Assist's own turn (sentence triggers, local intents, agent), but the voice gets the first
word at once, and whoever listens is told of every stage.
"""

import asyncio
import inspect
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from homeassistant.components import conversation
from homeassistant.components.assist_pipeline import (
    Pipeline,
    PipelineEvent,
    PipelineEventType,
    PipelineNotFound,
    PipelineStage,
)
from homeassistant.components.assist_pipeline.pipeline import (
    PipelineInput,
    PipelineRun,
    async_get_pipeline,
)
from homeassistant.components.homeassistant.exposed_entities import async_should_expose
from homeassistant.const import ATTR_ICON, EVENT_STATE_CHANGED, MATCH_ALL
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.chat_session import ChatSession, async_get_chat_session
from homeassistant.util.hass_dict import HassKey

from .agent.languages import language_of
from .answer_voice import AnswerVoice
from .const import DOMAIN, LOGGER
from .speech_input import ListenError, Listening, async_listen
from .turn_updates import (
    Answer,
    AnswerDelta,
    AnswerSound,
    Deed,
    Partial,
    SpeechEnded,
    Stage,
    Transcript,
    TurnFailed,
    TurnReport,
    TurnRequest,
    TurnUpdate,
)
from .turn_words import TurnError, failure_words

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Callable
    from contextlib import AbstractContextManager

ANSWER_S = 300.0
"""For the agent's whole answer, as long as Assist waits for a run."""
TURNS: HassKey[set[str]] = HassKey(f"{DOMAIN}.turns")
"""Conversations with a turn of ours under way."""


async def async_run_turn(
    hass: HomeAssistant,
    request: TurnRequest,
    *,
    text: str | None = None,
    audio: AsyncIterable[bytes] | None = None,
    listener: Callable[[TurnUpdate], None],
) -> TurnReport:
    """Run a turn with one of text and audio (16 kHz mono PCM16), until all of it has sounded.

    What goes wrong is told as TurnFailed. Cancelling stops everything at once.
    """
    if (text is None) == (audio is None):
        raise ValueError("a turn has either text or audio")
    return await _Turn(hass, request, listener).async_run(text, audio)


class _TurnFailedError(Exception):
    """The turn cannot go on."""

    def __init__(self, error: TurnError) -> None:
        """Say why."""
        super().__init__(error)
        self.error = error


class _Turn:
    """A turn while it runs."""

    def __init__(
        self,
        hass: HomeAssistant,
        request: TurnRequest,
        listener: Callable[[TurnUpdate], None],
    ) -> None:
        self._hass = hass
        self._request = request
        self._tell = listener
        self._zero_s = time.monotonic()
        self._reached: dict[Stage, float] = {}
        self._deeds: dict[str, Deed] = {}
        self._pipeline: Pipeline | None = None
        self._voice: AnswerVoice | None = None
        self._transcript = ""
        self._conversation_id = request.conversation_id
        self._role: str | None = None
        self._written = ""
        """The answer so far."""
        self._result: dict[str, Any] | None = None
        """What Assist says at the end of it."""
        self._error: TurnError | None = None
        self._tokens: int | None = None

    async def async_run(self, text: str | None, audio: AsyncIterable[bytes] | None) -> TurnReport:
        """Run it."""
        stop = self._hass.bus.async_listen(
            EVENT_STATE_CHANGED, self._on_change, event_filter=self._is_ours
        )
        try:
            try:
                await self._async_answer(text, audio)
            except _TurnFailedError as err:
                self._fail(err.error)
            if self._voice is not None and not await self._voice.async_finish():
                self._fail(TurnError.TTS_FAILED)
        finally:
            stop()
            if self._voice is not None:
                await self._voice.async_drop()
        self._mark(Stage.END)
        return self._report()

    def _report(self) -> TurnReport:
        return TurnReport(
            transcript=self._transcript,
            answer=self._written,
            conversation_id=self._conversation_id,
            continue_conversation=bool(self._result and self._result["continue_conversation"]),
            error_code=self._error,
            marks_ms={
                stage: (reached_s - self._zero_s) * 1000
                for stage, reached_s in self._reached.items()
            },
            zero_s=self._zero_s,
            tokens=self._tokens,
            deeds=tuple(self._deeds.values()),
        )

    async def _async_answer(self, text: str | None, audio: AsyncIterable[bytes] | None) -> None:
        try:
            self._pipeline = pipeline = async_get_pipeline(self._hass, self._request.pipeline_id)
        except PipelineNotFound as err:
            raise _TurnFailedError(TurnError.PIPELINE_NOT_FOUND) from err
        if audio is not None:
            text = await self._async_listen(pipeline, audio)
        assert text is not None
        self._transcript = text
        self._mark(Stage.TRANSCRIPT)
        self._tell(Transcript(text))
        if not text:
            raise _TurnFailedError(TurnError.NOTHING_HEARD)
        voice_error = self._open_voice(pipeline)
        try:
            async with asyncio.timeout(ANSWER_S):
                await self._async_converse(pipeline, text)
        except TimeoutError as err:
            raise _TurnFailedError(TurnError.TIMEOUT) from err
        if voice_error is not None:
            raise _TurnFailedError(voice_error)

    async def _async_listen(self, pipeline: Pipeline, audio: AsyncIterable[bytes]) -> str:
        listening = Listening(
            context=self._request.context,
            is_whole=self._request.is_recording,
            silence_s=self._request.silence_s,
            on_partial=lambda text: self._tell(Partial(text)),
            on_end=lambda: self._tell(SpeechEnded()),
        )
        self._warm_up(pipeline)
        try:
            heard = await async_listen(self._hass, pipeline, audio, listening)
        except ListenError as err:
            self._zero_s = time.monotonic()
            raise _TurnFailedError(err.error) from err
        self._zero_s = heard.ended_s
        return heard.text

    def _warm_up(self, pipeline: Pipeline) -> None:
        """Let the agent get ready while somebody speaks, as Assist does."""
        language = pipeline.conversation_language
        if language == MATCH_ALL:
            language = pipeline.stt_language or pipeline.tts_language or pipeline.language

        async def prepare() -> None:
            # The turn itself says it when there is no such agent.
            with suppress(ValueError):
                await conversation.async_prepare_agent(
                    self._hass, pipeline.conversation_engine, language
                )

        self._hass.async_create_background_task(prepare(), "prepare conversation agent")

    def _open_voice(self, pipeline: Pipeline) -> TurnError | None:
        """Reach for the voice; returns why that is not possible."""
        if not self._request.speak or pipeline.tts_engine is None:
            return None
        try:
            self._voice = AnswerVoice(self._hass, pipeline, lambda: self._mark(Stage.FIRST_SOUND))
        except HomeAssistantError as err:
            LOGGER.warning("The voice %s cannot speak: %s", pipeline.tts_engine, err)
            return TurnError.TTS_UNSUPPORTED
        self._tell(AnswerSound(self._voice.stream.url, self._voice.stream))
        return None

    # --- the answer

    async def _async_converse(self, pipeline: Pipeline, text: str) -> None:
        """Let Assist answer."""
        busy = self._hass.data.setdefault(TURNS, set())
        failures: list[TurnError] = []

        @callback
        def on_event(event: PipelineEvent) -> None:
            data = event.data or {}
            match event.type:
                case PipelineEventType.INTENT_PROGRESS:
                    self._on_delta(data.get("chat_log_delta") or {})
                case PipelineEventType.INTENT_END:
                    self._on_answer(data["intent_output"])
                case PipelineEventType.ERROR:
                    failures.append(TurnError(data["code"]))

        with _chat_session(self._hass, self._request.conversation_id) as session:
            conversation_id = self._conversation_id = session.conversation_id
            if conversation_id in busy:
                raise _TurnFailedError(TurnError.BUSY)
            busy.add(conversation_id)
            try:
                run = PipelineRun(
                    self._hass,
                    context=self._request.context,
                    pipeline=pipeline,
                    start_stage=PipelineStage.INTENT,
                    end_stage=PipelineStage.INTENT,
                    event_callback=on_event,
                )
                asked = PipelineInput(
                    run=run,
                    session=session,
                    intent_input=text,
                    device_id=self._request.device_id,
                )
                await asked.execute(validate=True)
            finally:
                busy.discard(conversation_id)
        if failures:
            raise _TurnFailedError(failures[0])

    @callback
    def _on_delta(self, delta: dict[str, Any]) -> None:
        """Say what the agent writes."""
        if role := delta.get("role"):
            self._role = role
            if role == "assistant" and self._written and not self._written[-1].isspace():
                self._say(" ")
        if self._role == "assistant" and (content := delta.get("content")):
            self._say(content)

    @callback
    def _on_answer(self, result: dict[str, Any]) -> None:
        self._result = result
        response = result["response"]
        if not self._written.strip():
            # Home Assistant's own answers come in one piece.
            self._say(response.get("speech", {}).get("plain", {}).get("speech") or "")
        self._conversation_id = result["conversation_id"] or self._conversation_id
        self._tokens = self._tokens_written()
        self._mark(Stage.ANSWER)
        self._tell(
            Answer(
                text=self._written.strip(),
                conversation_id=self._conversation_id or "",
                continue_conversation=result["continue_conversation"],
                is_error=response.get("response_type") == "error",
            )
        )

    def _say(self, words: str) -> None:
        """Say more of the answer."""
        if not words:
            return
        self._written += words
        if words.strip():
            self._mark(Stage.FIRST_WORD)
        self._tell(AnswerDelta(words))
        if self._voice is not None:
            self._voice.say(words)

    def _fail(self, error: TurnError) -> None:
        """Tell what went wrong, and speak it where a voice is left."""
        # What went wrong first is why; a voice that fails as well is told, too.
        self._error = self._error or error
        pipeline = self._pipeline or self._preferred()
        tag = self._hass.config.language
        if self._pipeline is not None:
            tag = self._pipeline.tts_language or self._pipeline.language
        words = failure_words(error, language_of(tag))
        is_heard = error is not TurnError.NOTHING_HEARD or self._request.speak_errors
        is_mute = error in (TurnError.TTS_FAILED, TurnError.TTS_UNSUPPORTED)
        if is_heard and not is_mute:
            if self._voice is None and pipeline is not None:
                self._open_voice(pipeline)
            if self._voice is not None:
                self._voice.say(f" {words}" if self._written.strip() else words)
        if not is_mute:
            self._written = f"{self._written.strip()} {words}".strip()
        self._tell(TurnFailed(error, words))

    def _preferred(self) -> Pipeline | None:
        try:
            return async_get_pipeline(self._hass)
        except PipelineNotFound:
            return None

    def _tokens_written(self) -> int | None:
        """Return what the agent's model wrote, if the agent is ours."""
        engine = self._pipeline.conversation_engine if self._pipeline else None
        entity = er.async_get(self._hass).async_get(engine or "")
        if entity is None or entity.platform != DOMAIN or entity.config_subentry_id is None:
            return None
        entry = self._hass.config_entries.async_get_entry(entity.config_entry_id or "")
        data = getattr(entry, "runtime_data", None)
        if data is None:
            return None
        report = data.turns[entity.config_subentry_id].last
        return report.completion_tokens if report is not None else None

    # --- what happens meanwhile

    @callback
    def _is_ours(self, data: EventStateChangedData) -> bool:
        """Return True when this turn changed something that was there before."""
        old, new = data["old_state"], data["new_state"]
        if old is None or new is None:
            return False
        ours = self._request.context.id
        return ours in (new.context.id, new.context.parent_id)

    @callback
    def _on_change(self, event: Event[EventStateChangedData]) -> None:
        new = event.data["new_state"]
        assert new is not None
        if not async_should_expose(self._hass, conversation.DOMAIN, new.entity_id):
            return
        deed = Deed(new.entity_id, new.name, new.state, new.attributes.get(ATTR_ICON))
        self._deeds[new.entity_id] = deed
        self._tell(deed)

    def _mark(self, stage: Stage) -> None:
        self._reached.setdefault(stage, time.monotonic())


def _chat_session(
    hass: HomeAssistant, conversation_id: str | None
) -> AbstractContextManager[ChatSession]:
    """Open a conversation; who owns it is checked with the words of the user."""
    if "context" in inspect.signature(async_get_chat_session).parameters:
        return async_get_chat_session(hass, conversation_id, context=None)
    return async_get_chat_session(hass, conversation_id)
