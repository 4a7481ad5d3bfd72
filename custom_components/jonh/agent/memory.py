"""What the model is told of the earlier turns of a conversation."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from custom_components.jonh.providers.base import (
    AssistantMessage,
    Message,
    ToolResultMessage,
    UserMessage,
)

from .limits import MAX_AGE_S, MAX_CONVERSATIONS, MAX_MESSAGES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class _Turn:
    """One question with everything that followed it."""

    ended_at_s: float
    messages: tuple[Message, ...]


class Memory:
    """Turns of the last conversations; times are the caller's, in seconds."""

    def __init__(self, *, max_messages: int = MAX_MESSAGES, max_age_s: float = MAX_AGE_S) -> None:
        self._max_messages = max_messages
        self._max_age_s = max_age_s
        self._turns: dict[str, list[_Turn]] = {}

    def remember(self, key: str, messages: Sequence[Message], now_s: float) -> None:
        """Add a turn, failed or not: the user's message and everything after it."""
        turn = _Turn(ended_at_s=now_s, messages=tuple(_paired(messages)))
        turns = [*self._fresh(key, now_s), turn]
        self._turns.pop(key, None)
        self._turns[key] = turns[-max(self._max_messages, 1) :]
        while len(self._turns) > MAX_CONVERSATIONS:
            del self._turns[next(iter(self._turns))]

    def recall(self, key: str, now_s: float) -> list[Message]:
        """Messages to put before the next question, oldest first."""
        messages = [message for turn in self._fresh(key, now_s) for message in turn.messages]
        return trim(messages, self._max_messages)

    def _fresh(self, key: str, now_s: float) -> list[_Turn]:
        turns = self._turns.get(key, [])
        return [turn for turn in turns if now_s - turn.ended_at_s <= self._max_age_s]


def trim(messages: Sequence[Message], max_messages: int) -> list[Message]:
    """Keep the newest whole turns that fit.

    What was said counts, the user's and the assistant's words; tool calls and results
    ride along, so that a call is never parted from its result.
    """
    kept: list[Message] = []
    said = 0
    for turn in reversed(list(_turns(messages))):
        said += sum(isinstance(m, UserMessage) or _has_text(m) for m in turn)
        if said > max_messages:
            break
        kept[:0] = turn
    return kept


def _turns(messages: Sequence[Message]) -> Iterator[list[Message]]:
    """Split before each user message; what stands before the first one belongs to no turn."""
    turn: list[Message] = []
    for message in messages:
        if isinstance(message, UserMessage):
            if turn:
                yield turn
            turn = [message]
        elif turn:
            turn.append(message)
    if turn:
        yield turn


def _has_text(message: Message) -> bool:
    return isinstance(message, AssistantMessage) and bool(message.text)


def _paired(messages: Sequence[Message]) -> Iterator[Message]:
    """Drop calls without a result and results without a call: services refuse both."""
    answered = {m.call_id for m in messages if isinstance(m, ToolResultMessage)}
    called: set[str] = set()
    for message in messages:
        if isinstance(message, AssistantMessage):
            calls = tuple(call for call in message.tool_calls if call.id in answered)
            called.update(call.id for call in calls)
            if calls or message.text:
                yield replace(message, tool_calls=calls)
        elif not isinstance(message, ToolResultMessage) or message.call_id in called:
            yield message
