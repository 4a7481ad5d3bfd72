"""The conversation agent."""

from contextlib import suppress
from typing import TYPE_CHECKING, Literal, override

from homeassistant.components import conversation
from homeassistant.const import MATCH_ALL
from homeassistant.helpers import intent
from homeassistant.util import dt as dt_util

from .agent.languages import Language, Sentence, language_of, sentence, spoken_error
from .agent.prompt import system_prompt
from .answer import ModelAnswer, available_models
from .chat_log import to_messages
from .const import DOMAIN, LOGGER, SUBENTRY_CONVERSATION
from .entity import JonhEntity
from .providers.base import AllFailedError, AssistantMessage, ChatRequest, ProviderError
from .store import Session, SessionStore

if TYPE_CHECKING:
    from homeassistant.config_entries import ConfigSubentry
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

    from .coordinator import JonhConfigEntry

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: JonhConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add one agent for each subentry."""
    for subentry in entry.get_subentries_of_type(SUBENTRY_CONVERSATION):
        async_add_entities(
            [JonhConversationEntity(entry, subentry)], config_subentry_id=subentry.subentry_id
        )


class JonhConversationEntity(JonhEntity, conversation.ConversationEntity):
    """Answers over a language model, and over Home Assistant's own intents without one."""

    _attr_name = None
    _attr_translation_key = "conversation"
    _attr_supports_streaming = True

    def __init__(self, entry: JonhConfigEntry, subentry: ConfigSubentry) -> None:
        """Prepare the agent of a subentry."""
        super().__init__(entry, subentry)
        if self.settings.llm_apis:
            self._attr_supported_features = conversation.ConversationEntityFeature.CONTROL
        self._sessions = SessionStore(
            max_messages=self.settings.history_messages, max_age_s=self.settings.history_s
        )
        self._is_warming = False

    @property
    @override
    def supported_languages(self) -> list[str] | Literal["*"]:
        """Answer in whatever language the model knows."""
        return MATCH_ALL

    @override
    async def async_prepare(self, language: str | None = None) -> None:
        """Load the model and the local sentences while the person is still speaking."""
        self.entry.async_create_background_task(
            self.hass,
            conversation.async_prepare_agent(
                self.hass, conversation.HOME_ASSISTANT_AGENT, language or self.hass.config.language
            ),
            f"{DOMAIN} load sentences",
        )
        models = available_models(self.entry.runtime_data, self.settings)
        if models and not self._is_warming:
            self._is_warming = True
            self.entry.async_create_background_task(
                self.hass, self._async_warm(models[0].provider, models[0].model), f"{DOMAIN} warm"
            )

    async def _async_warm(self, provider: str, model: str) -> None:
        """Load a model with the options that the turn will use."""
        request = ChatRequest(
            model=model,
            messages=(),
            num_ctx=self.settings.num_ctx,
            keep_alive_s=self.settings.keep_alive_s,
        )
        try:
            # The turn itself reports what is wrong.
            with suppress(ProviderError):
                await self.entry.runtime_data.coordinators[provider].provider.warm(request)
        finally:
            self._is_warming = False

    @override
    async def _async_handle_message(
        self, user_input: conversation.ConversationInput, chat_log: conversation.ChatLog
    ) -> conversation.ConversationResult:
        """Answer; whatever fails ends in a sentence, as a raised error is not always spoken."""
        language = language_of(user_input.language)
        start = len(chat_log.content) - 1
        session = self._open_session(user_input, chat_log)
        answer: ModelAnswer | None = None
        try:
            answer = await self._async_prepare_answer(user_input, chat_log, language, session)
            return await self._async_answer(answer, user_input, chat_log, language)
        except Exception:  # noqa: BLE001  # the boundary: the person must hear something
            LOGGER.exception("A turn failed unexpectedly")
            return self._apology(user_input, chat_log, sentence(Sentence.UNKNOWN, language))
        finally:
            messages = to_messages(chat_log.content[start:])
            if answer is not None and answer.partial.strip():
                messages.append(AssistantMessage(f"{answer.partial.rstrip()} ..."))
            started_s = chat_log.content[start].created.timestamp()
            self._sessions.remember(session, started_s, messages)

    async def _async_prepare_answer(
        self,
        user_input: conversation.ConversationInput,
        chat_log: conversation.ChatLog,
        language: Language,
        session: Session,
    ) -> ModelAnswer | None:
        """Return the answer to run, or None when there is no model."""
        data = self.entry.runtime_data
        models = available_models(data, self.settings)
        if not models:
            return None
        has_tools = any(data.can_call_tools(choice) for choice in models)
        apis = self.settings.llm_apis if has_tools else None
        await chat_log.async_provide_llm_data(
            user_input.as_llm_context(DOMAIN),
            apis,
            system_prompt(
                language, instructions=self.settings.prompt or "", has_tools=apis is not None
            ),
            user_input.extra_system_prompt,
        )
        return ModelAnswer(
            data=data,
            settings=self.settings,
            language=language,
            agent_id=self.entity_id,
            chat_log=chat_log,
            history=self._sessions.history(session, dt_util.utcnow().timestamp()),
        )

    async def _async_answer(
        self,
        answer: ModelAnswer | None,
        user_input: conversation.ConversationInput,
        chat_log: conversation.ChatLog,
        language: Language,
    ) -> conversation.ConversationResult:
        """Ask the model; where there is none, or none answers, try Home Assistant's intents."""
        error = AllFailedError(())
        if answer is not None:
            try:
                await answer.async_run()
            except AllFailedError as err:
                LOGGER.warning("No language model answered: %s", err)
                error = err
            else:
                return conversation.async_get_result_from_chat_log(user_input, chat_log)
        local = await self._async_answer_locally(user_input, chat_log)
        return local or self._apology(user_input, chat_log, spoken_error(error, language))

    async def _async_answer_locally(
        self, user_input: conversation.ConversationInput, chat_log: conversation.ChatLog
    ) -> conversation.ConversationResult | None:
        """Answer over sentence triggers and intents; None when nothing matches."""
        response: intent.IntentResponse | None
        text = await conversation.async_handle_sentence_triggers(self.hass, user_input, chat_log)
        if text is not None:
            response = intent.IntentResponse(language=user_input.language)
            response.async_set_speech(text)
        else:
            response = await conversation.async_handle_intents(self.hass, user_input, chat_log)
        if response is None:
            return None
        return conversation.ConversationResult(
            response=response,
            conversation_id=chat_log.conversation_id,
            continue_conversation=chat_log.continue_conversation,
        )

    def _apology(
        self,
        user_input: conversation.ConversationInput,
        chat_log: conversation.ChatLog,
        text: str,
    ) -> conversation.ConversationResult:
        """Say why there is no answer."""
        chat_log.async_add_assistant_content_without_tools(
            conversation.AssistantContent(agent_id=self.entity_id, content=text)
        )
        response = intent.IntentResponse(language=user_input.language)
        response.async_set_error(intent.IntentResponseErrorCode.UNKNOWN, text)
        return conversation.ConversationResult(
            response=response, conversation_id=chat_log.conversation_id
        )

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
