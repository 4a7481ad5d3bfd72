"""One answer of a language model: rounds of words and tools in Home Assistant's chat log."""

from contextlib import aclosing
from typing import TYPE_CHECKING

from homeassistant.components import conversation
from homeassistant.helpers import llm

from .agent.languages import Language, Sentence, sentence, spoken_error
from .agent.limits import MAX_TOOL_ROUNDS
from .agent.speech_text import SpeechText
from .chat_log import to_messages, to_tool_input, to_tools
from .const import LOGGER
from .providers.base import (
    AllFailedError,
    AnswerInterruptedError,
    ChatRequest,
    Event,
    Message,
    ProviderError,
    SystemMessage,
    TextDelta,
    ToolCall,
    ToolCallEvent,
    ToolsUnsupportedError,
)
from .providers.failover import Answering, Candidate

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from .coordinator import JonhData
    from .settings import AgentSettings, ModelChoice

type Delta = conversation.AssistantContentDeltaDict


class ModelAnswer:
    """Lets the model speak and act until it has nothing more to do.

    Nothing is said twice and no tool runs twice: after the first word or the first tool
    a failure ends the answer with a sentence of our own.
    """

    def __init__(
        self,
        *,
        data: JonhData,
        settings: AgentSettings,
        language: Language,
        agent_id: str,
        chat_log: conversation.ChatLog,
        history: Sequence[Message],
    ) -> None:
        """Prepare the answer to the last user message of the log."""
        self._data = data
        self._settings = settings
        self._choices = available_models(data, settings)
        self._language = language
        self._agent_id = agent_id
        self._log = chat_log
        self._history = history
        self._tools = to_tools(chat_log.llm_api)
        self._start = len(chat_log.content) - 1
        self._is_over = False
        self.partial = ""
        """Text of the round that is being spoken; empty between rounds."""

    async def async_run(self) -> None:
        """Fill the chat log.

        Raises AllFailedError when no provider answered and nothing was said or done.
        """
        for _ in range(MAX_TOOL_ROUNDS):
            await self._async_round()
            if self._is_over or not self._log.unresponded_tool_results:
                return
        self._log.async_add_assistant_content_without_tools(
            conversation.AssistantContent(
                agent_id=self._agent_id,
                content=sentence(Sentence.TOO_MANY_ROUNDS, self._language),
            )
        )

    async def _async_round(self) -> None:
        """Ask the model once and let Home Assistant run the tools it calls."""
        async with aclosing(self._deltas()) as deltas:
            async for _ in self._log.async_add_delta_content_stream(self._agent_id, deltas):
                self.partial = ""

    async def _deltas(self) -> AsyncGenerator[Delta]:
        """Yield what the model says and calls; end with a sentence of ours when it cannot."""
        yield {"role": "assistant"}
        has_called = False
        try:
            async with aclosing(self._speech_and_calls()) as deltas:
                async for delta in deltas:
                    has_called = has_called or "tool_calls" in delta
                    self.partial += delta.get("content") or ""
                    yield delta
        except (AnswerInterruptedError, AllFailedError) as err:
            self._look_again()
            if isinstance(err, AllFailedError) and self._is_first_round:
                raise
            LOGGER.warning("Answer interrupted: %s", err)
            if words := self._words_after(err, has_called=has_called):
                self._is_over = True
                yield {"content": words}
        else:
            if words := self._words_to_end(has_called=has_called):
                yield {"content": words}

    def _words_after(self, error: ProviderError, *, has_called: bool) -> str:
        """Return what to say after a failure; nothing when the called tools come first."""
        if isinstance(error, AllFailedError) and self._has_acted:
            return sentence(Sentence.DONE, self._language)
        if has_called:
            return ""
        gap = " " if self.partial else ""
        return f"{gap}{spoken_error(error, self._language)}"

    def _words_to_end(self, *, has_called: bool) -> str:
        """Return what the model left out at the end of a round."""
        if has_called:
            # The voice reads all rounds as one text.
            return " " if self.partial else ""
        if self.partial.strip():
            return ""
        which = Sentence.NO_ANSWER if self._is_first_round else Sentence.DONE
        return sentence(which, self._language)

    async def _speech_and_calls(self) -> AsyncGenerator[Delta]:
        """Yield the deltas of the first provider that answers, cleaned for the voice."""
        speech = SpeechText()
        try:
            async with aclosing(self._events()) as events:
                async for event in events:
                    if isinstance(event, TextDelta) and (said := speech.feed(event.text)):
                        yield {"content": said}
                    elif isinstance(event, ToolCallEvent) and self._tools:
                        yield {"tool_calls": [to_tool_input(event.call, self._tools)]}
        except AnswerInterruptedError:
            if said := speech.finish():
                yield {"content": said}
            raise
        if said := speech.finish():
            yield {"content": said}
        if calls := self._known(speech.leaked_calls):
            yield {"tool_calls": calls}

    def _known(self, calls: Sequence[ToolCall]) -> list[llm.ToolInput]:
        """Return the calls that the model wrote as text, of tools that exist."""
        offered = {tool.name for tool in self._tools}
        inputs = (to_tool_input(call, self._tools) for call in calls)
        return [tool_input for tool_input in inputs if tool_input.tool_name in offered]

    async def _events(self) -> AsyncGenerator[Event]:
        """Yield the events of the first provider that answers."""
        while True:
            try:
                async with aclosing(self._data.failover.stream(self._candidates())) as events:
                    async for event in events:
                        if isinstance(event, Answering):
                            self._note_answering(event)
                        else:
                            yield event
            except AllFailedError as err:
                if not self._learn_toolless(err):
                    raise
            else:
                return

    def _candidates(self) -> list[Candidate]:
        """Return the models to ask, each with this round in its terms."""
        system = self._log.content[0]
        assert isinstance(system, conversation.SystemContent)
        messages = (
            SystemMessage(system.content),
            *self._history,
            *to_messages(self._log.content[self._start :]),
        )
        return [
            Candidate(
                provider=self._data.coordinators[choice.provider].provider,
                request=ChatRequest(
                    model=choice.model,
                    messages=messages,
                    tools=self._tools if self._data.can_call_tools(choice) else (),
                    temperature=self._settings.temperature,
                    max_tokens=self._settings.max_tokens,
                    num_ctx=self._settings.num_ctx,
                    keep_alive_s=self._settings.keep_alive_s,
                ),
                first_token_s=self._settings.patience_s,
            )
            for choice in self._choices
        ]

    @property
    def _is_first_round(self) -> bool:
        """Return True while the log ends with the user's message."""
        return len(self._log.content) - 1 == self._start

    @property
    def _has_acted(self) -> bool:
        """Return True when a tool of this turn changed something in the home."""
        return any(
            isinstance(content, conversation.ToolResultContent)
            and not content.result.error
            and isinstance(content.result.data, llm.IntentResponseDict)
            for content in self._log.content[self._start :]
        )

    def _learn_toolless(self, error: AllFailedError) -> bool:
        """Remember models that refused tools; return True when that is news."""
        refused = {
            (failure.provider, failure.model)
            for failure in error.failures
            if isinstance(failure.error, ToolsUnsupportedError)
        }
        news = {
            choice
            for choice in self._choices
            if (self._data.coordinators[choice.provider].provider.name, choice.model) in refused
        } - self._data.toolless
        self._data.toolless.update(news)
        return bool(news)

    def _note_answering(self, answering: Answering) -> None:
        """Look what is wrong with the preferred provider when another one answers."""
        first = self._data.coordinators[self._choices[0].provider]
        if answering.provider != first.provider.name or not first.last_update_success:
            first.async_look_again()

    def _look_again(self) -> None:
        """Look what is wrong with the providers."""
        for key in {choice.provider for choice in self._choices}:
            self._data.coordinators[key].async_look_again()


def available_models(data: JonhData, settings: AgentSettings) -> list[ModelChoice]:
    """Return the agent's models whose provider is set up."""
    return [choice for choice in settings.models if choice.provider in data.coordinators]
