"""One answer of a language model: rounds of words and tools in Home Assistant's chat log."""

from contextlib import aclosing
from typing import TYPE_CHECKING

from homeassistant.components import conversation

from .agent.languages import Sentence, sentence, spoken_error
from .agent.limits import MAX_TOOL_CALLS, MAX_TOOL_ROUNDS
from .agent.speech.claim_gate import ClaimGate
from .agent.speech.claims import act_now, not_done
from .agent.speech.replies import done_reply
from .agent.speech.speech_text import SpeechText
from .agent.telemetry import AnsweredBy
from .chat_log import async_say, to_messages, to_tool_input, to_tools
from .const import LOGGER
from .model_requests import AnswerRequests
from .providers.base import (
    AllFailedError,
    AnswerInterruptedError,
    AssistantMessage,
    Event,
    Message,
    ProviderError,
    TextDelta,
    ToolCall,
    ToolCallEvent,
    Usage,
    UserMessage,
)
from .providers.failover import Answering

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from homeassistant.helpers import llm

    from .agent.telemetry import TurnMeter
    from .agent.turn_prompt import TurnPrompt
    from .coordinator import JonhData
    from .settings import AgentSettings
    from .tools.turn import ToolTurn

SENTENCE_ENDS = (".", "!", "?", "…", ":")

type Delta = conversation.AssistantContentDeltaDict


class ModelAnswer:
    """Lets the model speak and act until it has nothing more to do.

    Nothing is said twice and no tool runs twice: after the first word or the first tool
    a failure ends the answer with a sentence of our own. What needs a confirmation ends it
    with the question of the guard.
    """

    def __init__(
        self,
        *,
        data: JonhData,
        settings: AgentSettings,
        agent_id: str,
        chat_log: conversation.ChatLog,
        prompt: TurnPrompt,
        turn: ToolTurn,
        meter: TurnMeter,
    ) -> None:
        """Prepare the answer to the last user message of the log."""
        self._data = data
        self._settings = settings
        self._agent_id = agent_id
        self._log = chat_log
        self._turn = turn
        self._meter = meter
        self._tools = to_tools(chat_log.llm_api)
        self._requests = AnswerRequests(
            data=data, settings=settings, prompt=prompt, tools=self._tools
        )
        self._language = turn.language
        self._start = len(chat_log.content) - 1
        self._may_claim = not self._tools or turn.is_question
        self._nudge: tuple[Message, ...] = ()
        self._is_over = False
        self._calls_left = MAX_TOOL_CALLS
        self._has_too_many_calls = False
        self._partial = ""
        """Text of the round that is being spoken; empty between rounds."""
        self.is_question = False
        """The guard asked; the satellite has to listen on."""

    async def async_run(self) -> None:
        """Fill the chat log; when that is cut short, with what was heard until then.

        Raises AllFailedError when no provider answered and nothing was said or done.
        """
        for _ in range(MAX_TOOL_ROUNDS):
            asked_again = bool(self._nudge)
            await self._async_round()
            if self._is_over:
                return
            if self._has_too_many_calls:
                break
            if self._nudge and not asked_again:
                continue
            if not self._log.unresponded_tool_results:
                return
            if words := self._words_instead_of_a_round():
                await self._async_say(words)
                return
        too_many = sentence(Sentence.TOO_MANY_ROUNDS, self._language)
        done = self._what_was_done() if self._has_too_many_calls else ""
        await self._async_say(" ".join(filter(None, (done, too_many))))

    async def _async_round(self) -> None:
        """Ask the model once and let Home Assistant run the tools it calls."""
        self._meter.rounds += 1
        try:
            async with aclosing(self._deltas()) as deltas:
                async for _ in self._log.async_add_delta_content_stream(self._agent_id, deltas):
                    self._partial = ""
        except BaseException:
            if heard := self._partial.rstrip():
                content = conversation.AssistantContent(self._agent_id, content=f"{heard} ...")
                self._log.async_add_assistant_content_without_tools(content)
            raise

    async def _async_say(self, words: str) -> None:
        """Say something of our own."""
        self._meter.note_speech()
        await async_say(self._log, self._agent_id, words)

    def _words_instead_of_a_round(self) -> str:
        """Return what to say when the model need not see the results; empty when it must."""
        turn = self._turn
        if turn.held:
            self._meter.answered_by = AnsweredBy.CONFIRMATION
            question = turn.guard.hold(turn.speaker, turn.held, self._language)
            self.is_question = turn.guard.is_waiting(turn.speaker)
            return " ".join(filter(None, (self._what_was_done(), question)))
        return self._what_was_done() if self._settings.quick_confirm and self._is_plain else ""

    @property
    def _is_plain(self) -> bool:
        """Return True when all that was called for was done, and that is all there is to say."""
        outcomes = [outcome for _, results in self._turn.done for outcome in results]
        return (
            bool(outcomes)
            and all(outcome.is_done for outcome in outcomes)
            and not any(result.error for result in self._results)
            and not self._turn.has_told
        )

    def _what_was_done(self) -> str:
        """Say what the tools of this turn did; empty when they changed nothing."""
        home = self._turn.index.home
        return " ".join(
            done_reply(command, outcomes, self._language, home)
            for command, outcomes in self._turn.done
        )

    async def _deltas(self) -> AsyncGenerator[Delta]:
        """Yield what the model says and calls; end with a sentence of ours when it cannot."""
        yield {"role": "assistant"}
        has_called = False
        try:
            async with aclosing(self._speech_and_calls()) as deltas:
                async for delta in deltas:
                    has_called = has_called or "tool_calls" in delta
                    self._note(delta)
                    yield delta
        except (AnswerInterruptedError, AllFailedError) as err:
            self._look_again()
            if isinstance(err, AllFailedError) and self._is_first_round:
                raise
            LOGGER.warning("Answer interrupted: %s", err)
            if not has_called:
                self._is_over = True
                words = self._words_after(err)
                self._meter.note_speech()
                yield {"content": words}
        else:
            if not has_called and (words := self._words_to_end()):
                self._meter.note_speech()
                yield {"content": words}
        if has_called and self._partial:
            # The called tools come first; the voice reads all rounds as one text.
            yield {"content": " "}

    def _note(self, delta: Delta) -> None:
        if content := delta.get("content"):
            self._partial += content
            self._meter.note_speech()
        self._meter.tool_calls += len(delta.get("tool_calls") or ())

    def _words_after(self, error: ProviderError) -> str:
        """Return what to say after a failure, and note it unless what was asked is done."""
        if isinstance(error, AllFailedError) and self._turn.has_written:
            return self._what_was_done() or sentence(Sentence.DONE, self._language)
        self._meter.error = error_kind(error)
        said = self._partial.rstrip()
        gap = " " if said.endswith(SENTENCE_ENDS) else "... " if said else ""
        return f"{gap}{spoken_error(error, self._language)}"

    def _words_to_end(self) -> str:
        """Return what the model left out at the end of a round in which it called nothing."""
        if self._partial.strip() or self._nudge:
            return ""
        if self._is_over:
            return not_done(self._language)
        nothing = Sentence.DONE if self._turn.has_written else Sentence.NO_ANSWER
        return self._what_was_done() or sentence(nothing, self._language)

    async def _speech_and_calls(self) -> AsyncGenerator[Delta]:
        """Yield the deltas of the first provider that answers, cleaned for the voice."""
        speech = SpeechText()
        gate = None if self._may_claim or self._turn.has_written else ClaimGate(self._language)
        has_called = False

        def spoken(text: str) -> str:
            return gate.feed(text) if gate else text

        def rest() -> str:
            return spoken(speech.finish()) + (gate.finish() if gate else "")

        try:
            async with aclosing(self._events()) as events:
                async for event in events:
                    if isinstance(event, TextDelta):
                        if said := spoken(speech.feed(event.text)):
                            yield {"content": said}
                    elif isinstance(event, ToolCallEvent) and self._tools:
                        has_called = True
                        if gate and (said := gate.finish()):
                            yield {"content": said}
                        if calls := self._within_limit([to_tool_input(event.call, self._tools)]):
                            yield {"tool_calls": calls}
                        if self._has_too_many_calls:
                            break
        except AnswerInterruptedError:
            if said := rest():
                yield {"content": said}
            raise
        if said := rest():
            yield {"content": said}
        if calls := self._known(speech.leaked_calls):
            has_called = True
            yield {"tool_calls": calls}
        if gate:
            self._settle_claim(gate, has_called=has_called)

    def _settle_claim(self, gate: ClaimGate, *, has_called: bool) -> None:
        """Ask once more when the model claimed a deed and did nothing, then be honest."""
        if has_called or not gate.is_claim:
            self._nudge = ()
        elif self._nudge:
            self._nudge = ()
            self._is_over = True
        else:
            instruction = UserMessage(act_now(self._language))
            self._nudge = (AssistantMessage(gate.claim), instruction)

    def _known(self, calls: Sequence[ToolCall]) -> list[llm.ToolInput]:
        """Return the calls that the model wrote as text, of tools that exist."""
        offered = {tool.name for tool in self._tools}
        inputs = (to_tool_input(call, self._tools) for call in calls)
        known = [tool_input for tool_input in inputs if tool_input.tool_name in offered]
        return self._within_limit(known)

    def _within_limit(self, calls: list[llm.ToolInput]) -> list[llm.ToolInput]:
        """Return the calls that a turn may still make."""
        taken, left_out = calls[: self._calls_left], calls[self._calls_left :]
        self._calls_left -= len(taken)
        self._has_too_many_calls |= bool(left_out)
        return taken

    async def _events(self) -> AsyncGenerator[Event]:
        """Yield the events of the first provider that answers."""
        # The request itself stands in the prompt, with its context.
        rounds = (*to_messages(self._log.content[self._start + 1 :]), *self._nudge)
        while True:
            stream = self._data.failover.stream(
                self._requests.candidates(rounds),
                hedge_s=self._settings.hedge_s,
                deadline_s=self._meter.started_s + self._settings.turn_s,
            )
            try:
                async with aclosing(stream) as events:
                    async for event in events:
                        if isinstance(event, Answering):
                            self._note_answering(event)
                            continue
                        if isinstance(event, Usage):
                            self._note_usage(event)
                        yield event
            except AllFailedError as err:
                if not self._requests.learn(err):
                    raise
            else:
                return

    @property
    def _is_first_round(self) -> bool:
        """Return True while the log ends with the user's message."""
        return len(self._log.content) - 1 == self._start

    @property
    def _results(self) -> list[llm.ToolResult]:
        """What the tools of this turn returned."""
        return [
            content.result
            for content in self._log.content[self._start :]
            if isinstance(content, conversation.ToolResultContent)
        ]

    def _note_answering(self, answering: Answering) -> None:
        """Look what is wrong with the preferred provider when another one answers."""
        self._meter.provider, self._meter.model = answering.provider, answering.model
        self._meter.switches += answering.switches
        first = self._data.coordinators[self._requests.choices[0].provider]
        if answering.provider != first.provider.name or not first.last_update_success:
            first.async_look_again()

    def _note_usage(self, usage: Usage) -> None:
        """Count tokens, and learn how good the estimate of the prompt was."""
        cost_usd = self._requests.settle(self._meter.provider, self._meter.model, usage)
        self._meter.note_usage(usage, cost_usd)

    def _look_again(self) -> None:
        """Look what is wrong with the providers."""
        for key in {choice.provider for choice in self._requests.choices}:
            self._data.coordinators[key].async_look_again()


def error_kind(error: ProviderError) -> str:
    """Name an error for figures and automations: "unreachable", "rate_limited"."""
    if isinstance(error, AllFailedError) and error.failures:
        error = error.failures[0].error
    elif isinstance(error, AnswerInterruptedError):
        error = error.failure.error
    name = type(error).__name__.removesuffix("Error")
    return "".join(f"_{char.lower()}" if char.isupper() else char for char in name).lstrip("_")
