"""The conversation agent: who answers a turn, and what is remembered and told of it."""

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal, override

from homeassistant.components import conversation
from homeassistant.const import MATCH_ALL
from homeassistant.core import Context, callback
from homeassistant.helpers import intent, llm
from homeassistant.util import dt as dt_util

from .agent.history.forget import forgotten_sentence, is_forget_request
from .agent.languages import Language, Sentence, language_of, sentence, spoken_error
from .agent.limits import MAX_CONVERSATIONS
from .agent.safety.guard import Guard, Speaker
from .agent.telemetry import AnsweredBy, TurnMeter
from .answer import ModelAnswer, error_kind
from .briefing import Briefing, brief_chat_log
from .chat_log import async_say, to_messages
from .const import DOMAIN, LOGGER, SUBENTRY_CONVERSATION
from .direct_answer import DirectAnswer, async_answer_guard, async_answer_plainly
from .entity import JonhEntity
from .issues import async_report_budget_too_small, async_report_context_too_small
from .local_intents import async_answer_locally
from .model_requests import available_models, budget_of
from .providers.base import AllFailedError
from .store import async_sessions
from .tools.turn import ToolTurn
from .warm_up import WarmUp

if TYPE_CHECKING:
    from homeassistant.config_entries import ConfigSubentry
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

    from .agent.history.memory import Session
    from .agent.turn_prompt import TurnPrompt
    from .coordinator import JonhConfigEntry

PARALLEL_UPDATES = 0

REDACTED = "(PIN)"
"""Stands in every memory for an utterance that held one."""


@dataclass(slots=True, kw_only=True)
class _Running:
    """A turn that is being answered."""

    asked: conversation.ConversationInput
    log: conversation.ChatLog
    tools: ToolTurn
    session: Session
    meter: TurnMeter
    was_interrupted: bool = False
    is_forgotten: bool = False

    @property
    def language(self) -> Language:
        """The language of the turn."""
        return self.tools.language


async def async_setup_entry(
    hass: HomeAssistant,
    entry: JonhConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add one agent for each subentry."""
    for subentry in entry.get_subentries_of_type(SUBENTRY_CONVERSATION):
        async_add_entities(
            [JonhConversationEntity(hass, entry, subentry)],
            config_subentry_id=subentry.subentry_id,
        )


class JonhConversationEntity(JonhEntity, conversation.ConversationEntity):
    """Settles what is plain by itself, and asks a language model for the rest."""

    _attr_name = None
    _attr_translation_key = "conversation"
    _attr_supports_streaming = True

    def __init__(
        self, hass: HomeAssistant, entry: JonhConfigEntry, subentry: ConfigSubentry
    ) -> None:
        """Prepare the agent of a subentry."""
        super().__init__(entry, subentry)
        if self.settings.llm_apis:
            self._attr_supported_features = conversation.ConversationEntityFeature.CONTROL
        self._data = entry.runtime_data
        self._guard = Guard(
            clock=hass.loop.time,
            pin=self.settings.pin,
            confirmed=frozenset(self.settings.confirm_entities),
        )
        self._briefing = Briefing(hass, self._data, self.settings)
        self._sessions = async_sessions(hass, subentry.subentry_id)
        self._recent: dict[str, tuple[str, ...]] = {}
        self._warm_up = WarmUp(hass, entry, self.settings, self._briefing, self._async_silent_turn)

    @property
    @override
    def supported_languages(self) -> list[str] | Literal["*"]:
        """Answer in whatever language the model knows."""
        return MATCH_ALL

    @override
    async def async_added_to_hass(self) -> None:
        """Let the model read the home before anybody asks, and again when it has changed."""
        await super().async_added_to_hass()
        self.async_on_remove(self._data.home.async_add_listener(self._warm_up.async_start))
        self._warm_up.async_start()

    @override
    async def async_prepare(self, language: str | None = None) -> None:
        """Get everything ready while the person is still speaking."""
        self.entry.async_create_background_task(
            self.hass,
            conversation.async_prepare_agent(
                self.hass, conversation.HOME_ASSISTANT_AGENT, language or self.hass.config.language
            ),
            f"{DOMAIN} load sentences",
        )
        self._warm_up.async_start(language)

    # Turns

    @override
    async def _async_handle_message(
        self, user_input: conversation.ConversationInput, chat_log: conversation.ChatLog
    ) -> conversation.ConversationResult:
        """Answer; whatever fails ends in a sentence, as a raised error is not always spoken."""
        start = len(chat_log.content) - 1
        meter = TurnMeter(self.hass.loop.time)
        try:
            turn = _Running(
                asked=user_input,
                log=chat_log,
                tools=await self._async_turn_of(user_input, chat_log),
                session=self._open_session(user_input, chat_log),
                meter=meter,
            )
        except Exception:  # noqa: BLE001  # as below
            LOGGER.exception("A turn could not begin")
            return await self._async_speak(user_input, chat_log, self._excuse(user_input))
        try:
            return await self._async_answer(turn)
        except asyncio.CancelledError:
            turn.was_interrupted = True
            raise
        except Exception:  # noqa: BLE001  # the boundary: the person must hear something
            LOGGER.exception("A turn failed unexpectedly")
            turn.meter.error = "unknown"
            return await self._async_say(turn, self._excuse(user_input))
        finally:
            self._remember(turn, start)
            self._data.turns[self.subentry.subentry_id].report(turn.meter.report())

    async def _async_answer(self, turn: _Running) -> conversation.ConversationResult:
        """Let the first one answer who can: the guard, plain rules, a model, plain rules again."""
        if (settled := await self._async_settle(turn)) is not None:
            return await self._async_say(turn, settled)
        models = available_models(self._data, self.settings)
        plain_first = self.settings.fast_path or not models
        if plain_first and (plain := await self._async_answer_plainly(turn)) is not None:
            return plain
        error = AllFailedError(())
        if models:
            try:
                return await self._async_ask_model(turn)
            except AllFailedError as err:
                LOGGER.warning("No language model answered: %s", err)
                error = err
        if not plain_first and (plain := await self._async_answer_plainly(turn)) is not None:
            return plain
        turn.meter.error = error_kind(error)
        text = spoken_error(error, turn.language)
        excuse = DirectAnswer(text=text, answered_by=AnsweredBy.ERROR, has_failed=True)
        return await self._async_say(turn, excuse)

    async def _async_settle(self, turn: _Running) -> DirectAnswer | None:
        """Take what is no request to a model: an answer to the guard, or a wish to forget."""
        if (answer := await async_answer_guard(self.hass, turn.tools)) is not None:
            if answer.is_secret:
                turn.log.content[-1] = conversation.UserContent(REDACTED)
            return answer
        if is_forget_request(turn.asked.text, turn.language):
            self._sessions.forget(turn.session, dt_util.utcnow().timestamp())
            turn.is_forgotten = True
            return DirectAnswer(
                text=forgotten_sentence(turn.language), answered_by=AnsweredBy.FAST_PATH
            )
        return None

    async def _async_answer_plainly(self, turn: _Running) -> conversation.ConversationResult | None:
        """Answer by our rules or Home Assistant's; None when a model is needed."""
        has_control = llm.LLM_API_ASSIST in (self.settings.llm_apis or ())
        if has_control:
            answer = await async_answer_plainly(self.hass, turn.tools)
            if answer is not None:
                return await self._async_say(turn, answer)
        response = await async_answer_locally(
            self.hass,
            turn.asked,
            turn.log,
            turn.tools,
            has_model=bool(available_models(self._data, self.settings)),
            has_control=has_control,
        )
        if response is None:
            return None
        turn.meter.answered_by = AnsweredBy.LOCAL
        turn.meter.note_speech()
        return self._result(turn.log, response)

    async def _async_ask_model(self, turn: _Running) -> conversation.ConversationResult:
        """Let a model answer; AllFailedError when none does and nothing was said or done."""
        history = self._sessions.history(turn.session, dt_util.utcnow().timestamp())
        prompt, api = await self._briefing.async_brief(
            turn.tools,
            turn.asked.as_llm_context(DOMAIN),
            history=history,
            # What nobody remembers talking of is not "it" any more.
            recent=self._recent.get(turn.session.id, ()) if history else (),
            instruction=turn.asked.extra_system_prompt or turn.log.extra_system_prompt or "",
        )
        brief_chat_log(turn.log, prompt, api)
        self._report_sizes(prompt)
        answer = ModelAnswer(
            data=self._data,
            settings=self.settings,
            agent_id=self.entity_id,
            chat_log=turn.log,
            prompt=prompt,
            turn=turn.tools,
            meter=turn.meter,
        )
        self._warm_up.async_note_use()
        await answer.async_run()
        result = conversation.async_get_result_from_chat_log(turn.asked, turn.log)
        result.continue_conversation |= answer.is_question
        return result

    @callback
    def _report_sizes(self, prompt: TurnPrompt) -> None:
        """Tell the user of a model that cannot even read the shortest prompt."""
        windows, quotas = [], []
        for choice in available_models(self._data, self.settings):
            budget = budget_of(self._data, self.settings, choice)
            scale = self._data.scales.get(choice, 1.0)
            needed = round(prompt.needed_tokens() * scale) + budget.answer
            windows += [(needed, budget.window)] if budget.window is not None else []
            quotas += [(needed, budget.quota)] if budget.quota is not None else []
        for report, sizes in (
            (async_report_context_too_small, windows),
            (async_report_budget_too_small, quotas),
        ):
            if sizes:
                needed, limit = max(sizes, key=lambda size: size[0] - size[1])
                report(self.hass, self.entry, self.subentry, needed, limit)

    async def _async_say(
        self, turn: _Running, answer: DirectAnswer
    ) -> conversation.ConversationResult:
        """Say something of our own in a turn."""
        turn.meter.answered_by = answer.answered_by
        turn.meter.note_speech()
        return await self._async_speak(turn.asked, turn.log, answer)

    async def _async_speak(
        self,
        asked: conversation.ConversationInput,
        chat_log: conversation.ChatLog,
        answer: DirectAnswer,
    ) -> conversation.ConversationResult:
        """Say something where whoever listens to the log hears it too."""
        await async_say(chat_log, self.entity_id, answer.text)
        response = intent.IntentResponse(language=asked.language)
        if answer.has_failed:
            response.async_set_error(intent.IntentResponseErrorCode.UNKNOWN, answer.text)
        else:
            response.async_set_speech(answer.text)
        result = self._result(chat_log, response)
        result.continue_conversation |= answer.is_question
        return result

    @staticmethod
    def _excuse(asked: conversation.ConversationInput) -> DirectAnswer:
        """Return what is said after a defect of ours."""
        text = sentence(Sentence.UNKNOWN, language_of(asked.language))
        return DirectAnswer(text=text, answered_by=AnsweredBy.ERROR, has_failed=True)

    @staticmethod
    def _result(
        chat_log: conversation.ChatLog, response: intent.IntentResponse
    ) -> conversation.ConversationResult:
        """Return what Home Assistant wants of a turn."""
        return conversation.ConversationResult(
            response=response,
            conversation_id=chat_log.conversation_id,
            continue_conversation=chat_log.continue_conversation,
        )

    async def _async_turn_of(
        self, user_input: conversation.ConversationInput, chat_log: conversation.ChatLog
    ) -> ToolTurn:
        """Return what the tools need to know of a person's turn."""
        speaker = Speaker(
            device_id=user_input.device_id,
            user_id=user_input.context.user_id,
            conversation_id=chat_log.conversation_id,
        )
        return await self._async_tool_turn(
            user_input.text, language_of(user_input.language), speaker, user_input.context
        )

    async def _async_silent_turn(self, language: Language) -> ToolTurn:
        """Return a turn in which nobody speaks."""
        nobody = Speaker(device_id=None, user_id=None, conversation_id="")
        return await self._async_tool_turn("", language, nobody, Context())

    async def _async_tool_turn(
        self, utterance: str, language: Language, speaker: Speaker, context: Context
    ) -> ToolTurn:
        """Return a turn with the home as it is now."""
        home = self._data.home
        return ToolTurn(
            index=await home.async_index(),
            guard=self._guard,
            speaker=speaker,
            utterance=utterance,
            language=language,
            here=home.area_of_device(speaker.device_id),
            context=context,
            state_words=partial(home.state_words, language=language),
        )

    # Memory

    def _open_session(
        self, user_input: conversation.ConversationInput, chat_log: conversation.ChatLog
    ) -> Session:
        """Return the session of the turn, with what Home Assistant answered in between."""
        session = self._sessions.open(
            conversation_id=chat_log.conversation_id,
            device_id=user_input.device_id,
            user_id=user_input.context.user_id,
            now_s=dt_util.utcnow().timestamp(),
        )
        self._sessions.absorb(session, chat_log.content[1:-1])
        return session

    def _remember(self, turn: _Running, start: int) -> None:
        """Keep what was asked, done and heard, whatever became of the turn."""
        if turn.is_forgotten:
            return
        contents = turn.log.content[start:]
        self._sessions.remember(
            turn.session,
            contents[0].created.timestamp(),
            to_messages(contents),
            user_id=turn.asked.context.user_id,
            language=turn.asked.language,
            provider=turn.meter.provider,
            was_interrupted=turn.was_interrupted,
            has_failed=turn.meter.error is not None,
        )
        if turn.tools.targets:
            self._recent.pop(turn.session.id, None)
            self._recent[turn.session.id] = tuple(turn.tools.targets)
        while len(self._recent) > MAX_CONVERSATIONS:
            del self._recent[next(iter(self._recent))]
