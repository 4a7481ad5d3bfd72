"""Turns as they are kept and as a model is told of them: whole, paired and within limits."""

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from custom_components.jonh.providers.base import (
    AssistantMessage,
    Message,
    ToolCall,
    ToolResultMessage,
    UserMessage,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

MAX_MESSAGE_CHARS = 4000
"""Two pages: nobody speaks for longer, and what was pasted is not needed whole again."""

MAX_SESSION_CHARS = 64_000
"""Twice what a context window of 8192 tokens holds; all sessions together stay below 4 MB."""

CUT = "..."
"""Ends what was not said to the end, and stands for an answer that never came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One request with everything that followed it."""

    started_s: float
    """In seconds of the epoch; tells the turns of a session apart."""
    messages: tuple[Message, ...]
    user_id: str | None = None
    device_id: str | None = None
    """Satellite that heard the request."""
    language: str | None = None
    provider: str | None = None
    """Name of the service that gave the answer; None without a model."""
    was_interrupted: bool = False
    """The answer was stopped; only what was heard of it is kept."""
    has_failed: bool = False
    """The answer is an excuse."""


def bounded(turn: Turn) -> Turn:
    """Return a turn as it is kept: nothing endless, no call parted from its result."""
    return replace(turn, messages=tuple(_paired(map(_bounded_message, turn.messages))))


def told(turn: Turn) -> tuple[Message, ...]:
    """Return a turn as the model is told of it: a model answers an open request once more."""
    is_answered = _has_text(turn.messages[-1]) if turn.messages else True
    return turn.messages if is_answered else (*turn.messages, AssistantMessage(CUT))


def heard(turn: Turn, text: str) -> Turn:
    """Return a turn of whose answer only `text` was heard; the turn itself if that was all."""
    said = [m.text if isinstance(m, AssistantMessage) else "" for m in turn.messages]
    kept = heard_of(said, text)
    if kept == said:
        return turn
    messages = (
        replace(message, text=words) if isinstance(message, AssistantMessage) else message
        for message, words in zip(turn.messages, kept, strict=True)
    )
    return bounded(replace(turn, messages=tuple(messages), was_interrupted=True))


def heard_of(texts: Sequence[str], text: str) -> list[str]:
    """Return the texts of an answer, cut to what was heard of all of them in a row.

    What was said before tools, between and after them is one text to whoever listens.
    """
    left = len(_plain(text))
    kept: list[str] = []
    is_cut = False
    for said in texts:
        words = _beginning(said, left)
        left -= len(_plain(words))
        if words != said:
            cut = f"{words} {CUT}" if words else CUT
            words, is_cut = "" if is_cut else cut, True
        kept.append(words)
    return kept


def is_beginning(turn: Turn, text: str) -> bool:
    """Return True when the turn's answer begins with `text`."""
    said = "".join(m.text for m in turn.messages if isinstance(m, AssistantMessage))
    return _plain(said).startswith(_plain(text))


def newest(turns: Sequence[Turn], max_messages: int) -> list[Turn]:
    """Return the newest turns within the limits of messages and of characters."""
    kept: list[Turn] = []
    said = chars = 0
    for turn in reversed(turns):
        said += _said(told(turn))
        chars += sum(map(_chars, turn.messages))
        if said > max_messages:
            break
        if chars > MAX_SESSION_CHARS:
            if not kept:
                kept = [_words_of(turn)]
            break
        kept.insert(0, turn)
    return kept


def trim(messages: Sequence[Message], max_messages: int) -> list[Message]:
    """Keep the newest whole turns that fit.

    What was said counts, the user's and the assistant's words; tool calls and results
    ride along, so that a call is never parted from its result.
    """
    kept: list[Message] = []
    said = 0
    for turn in reversed(list(_split(messages))):
        said += _said(turn)
        if said > max_messages:
            break
        kept[:0] = turn
    return kept


def _split(messages: Sequence[Message]) -> Iterator[list[Message]]:
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


def _plain(text: str) -> str:
    """Leave out what joining pieces may change."""
    return "".join(text.split())


def _beginning(text: str, chars: int) -> str:
    """Return the beginning of a text with so many characters, spaces not counted."""
    for index, char in enumerate(text):
        if not char.isspace():
            if chars == 0:
                return text[:index].rstrip()
            chars -= 1
    return text


def _said(messages: Iterable[Message]) -> int:
    return sum(isinstance(message, UserMessage) or _has_text(message) for message in messages)


def _has_text(message: Message) -> bool:
    return isinstance(message, AssistantMessage) and bool(message.text)


def _words_of(turn: Turn) -> Turn:
    """Return the request and the last words of a turn that is too long as a whole."""
    requests = [message for message in turn.messages if isinstance(message, UserMessage)]
    answers = [m.text for m in turn.messages if isinstance(m, AssistantMessage) and m.text]
    return replace(turn, messages=(*requests[:1], *map(AssistantMessage, answers[-1:])))


def _chars(message: Message) -> int:
    match message:
        case AssistantMessage(text, calls):
            return len(text) + sum(len(call.name) + len(str(call.args)) for call in calls)
        case ToolResultMessage(result=result):
            return len(result)
        case _:
            return len(message.text)


def _bounded_message(message: Message) -> Message:
    """Cut what is long, and mend what no file could hold."""
    match message:
        case AssistantMessage(text, calls):
            return AssistantMessage(_cut(text), tuple(map(_bounded_call, calls)))
        case ToolResultMessage(result=result):
            return replace(message, result=_cut(result))
        case _:
            return replace(message, text=_cut(message.text))


def _bounded_call(call: ToolCall) -> ToolCall:
    try:
        written = json.dumps(call.args, ensure_ascii=False).encode("utf-8", "replace")
    except TypeError, ValueError:
        return replace(call, args={})
    return replace(call, args=json.loads(written) if len(written) <= MAX_MESSAGE_CHARS else {})


def _cut(text: str) -> str:
    # A model may write half a character, which is no text that can be stored or sent.
    whole = text.encode("utf-8", "replace").decode("utf-8")
    return whole if len(whole) <= MAX_MESSAGE_CHARS else f"{whole[:MAX_MESSAGE_CHARS]} {CUT}"


def _paired(messages: Iterable[Message]) -> Iterator[Message]:
    """Drop calls without a result and results without a call: services refuse both."""
    messages = list(messages)
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
