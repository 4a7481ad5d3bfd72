"""Between Home Assistant's chat log and the messages of a provider."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import probatio
from homeassistant.components import conversation
from homeassistant.components.conversation.chat_log import DATA_CHAT_LOGS
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import llm
from homeassistant.helpers.json import json_dumps

from .agent.calls.tool_calls import canonical_call
from .agent.history.turns import heard_of
from .const import DOMAIN
from .providers.base import (
    AssistantMessage,
    Message,
    ToolCall,
    ToolResultMessage,
    ToolSpec,
    UserMessage,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Sequence

NO_RESPONSE = "(no response)"
"""What Home Assistant writes for an answer that never came."""

PREFIX_SEPARATOR = "__"
"""Home Assistant names a tool `<integration>__<Name>`; models often drop the first half."""

PAST_RESULT_MAX_CHARS = 600
"""Longest tool result repeated in later turns: a whole-home dump is useful once only."""

_CONVERTED: dict[str, tuple[probatio.Schema, dict[str, Any]]] = {}
"""Schemas of our tools by their names, and what became of them."""


async def async_say(chat_log: conversation.ChatLog, agent_id: str, words: str) -> None:
    """Say something of our own, where whoever listens to the log hears it too."""

    async def said() -> AsyncGenerator[conversation.AssistantContentDeltaDict]:
        yield {"role": "assistant"}
        yield {"content": words}

    async for _ in chat_log.async_add_delta_content_stream(agent_id, said()):
        pass


@callback
def cut_chat_log(
    hass: HomeAssistant, conversation_id: str, heard_text: str
) -> tuple[float | None, bool]:
    """Keep of the last answer in Home Assistant's log only what was heard.

    Returns when its turn began, in seconds of the epoch, and whether something was cut; None for
    a conversation that Home Assistant does not know any more.
    """
    log = hass.data.get(DATA_CHAT_LOGS, {}).get(conversation_id)
    contents = log.content if log is not None else []
    users = [i for i, each in enumerate(contents) if isinstance(each, conversation.UserContent)]
    if not users:
        return None, False
    start = users[-1]
    said = [
        (isinstance(each, conversation.AssistantContent) and each.content) or ""
        for each in contents[start:]
    ]
    said = ["" if text == NO_RESPONSE else text for text in said]
    kept = heard_of(said, heard_text)
    for index, (before, after) in reversed([*enumerate(zip(said, kept, strict=True), start)]):
        content = contents[index]
        if before == after or not isinstance(content, conversation.AssistantContent):
            continue
        if after or content.tool_calls:
            contents[index] = replace(content, content=after or None)
        else:
            # Some services refuse a message without a word.
            del contents[index]
    return contents[start].created.timestamp(), said != kept


def turns(contents: Sequence[conversation.Content]) -> Iterator[list[conversation.Content]]:
    """Split a log, its system message left out, into turns that start with the user."""
    turn: list[conversation.Content] = []
    for content in contents:
        if isinstance(content, conversation.UserContent):
            if turn:
                yield turn
            turn = [content]
        elif turn:
            turn.append(content)
    if turn:
        yield turn


def to_messages(contents: Iterable[conversation.Content]) -> list[Message]:
    """Convert what was said and done.

    Every tool call that stays has its result and the other way round, as some services
    refuse a request otherwise. What Home Assistant did by itself (external calls, fillers
    after a failure) is left out: its names are not those of the tools on offer.
    """
    contents = list(contents)
    answered = {
        content.tool_call_id
        for content in contents
        if isinstance(content, conversation.ToolResultContent)
    }
    messages: list[Message] = []
    called: set[str] = set()
    for content in contents:
        if isinstance(content, conversation.UserContent):
            messages.append(UserMessage(content.content))
        elif isinstance(content, conversation.AssistantContent):
            if message := _to_assistant(content, answered):
                called.update(call.id for call in message.tool_calls)
                messages.append(message)
        elif isinstance(content, conversation.ToolResultContent) and content.tool_call_id in called:
            messages.append(_to_result(content))
    return messages


def shorten_results(messages: Iterable[Message]) -> tuple[Message, ...]:
    """Return the messages with long tool results cut, as later turns need them."""
    return tuple(_shorten(message) for message in messages)


def to_tools(api: llm.APIInstance | None) -> tuple[ToolSpec, ...]:
    """Convert the tools, sorted by name so that equal homes send equal prompts."""
    if api is None:
        return ()
    return tuple(
        ToolSpec(
            name=tool.name,
            description=tool.description or "",
            parameters=_own_parameters(tool)
            if tool.integration == DOMAIN
            else _parameters(tool.parameters, api.custom_serializer),
        )
        for tool in sorted(api.tools, key=lambda tool: tool.name)
    )


def to_tool_input(call: ToolCall, tools: Sequence[ToolSpec]) -> llm.ToolInput:
    """Convert a call of the model, brought to the tool on offer that it means."""
    offered = [tool.name for tool in tools]
    name, args = full_tool_name(call.name, offered), dict(call.args)
    if name not in offered and (meant := canonical_call(name, args)) and meant[0] in offered:
        name, args = meant
    return llm.ToolInput(tool_name=name, tool_args=args, id=call.id)


def full_tool_name(name: str, offered: Sequence[str]) -> str:
    """Return the offered name meant by `name`, with or without a prefix, else `name`."""
    if name in offered:
        return name
    bare = name.rpartition(PREFIX_SEPARATOR)[2]
    meant = [offer for offer in offered if offer.rpartition(PREFIX_SEPARATOR)[2] == bare]
    return meant[0] if len(meant) == 1 else name


def _to_assistant(
    content: conversation.AssistantContent, answered: set[str]
) -> AssistantMessage | None:
    """Convert an answer; None when nothing of it is the model's business."""
    calls = tuple(
        ToolCall(id=call.id, name=call.tool_name, args=call.tool_args)
        for call in content.tool_calls or ()
        if not call.external and call.id in answered
    )
    text = content.content or ""
    if text == NO_RESPONSE or text.startswith("Error: "):
        text = ""
    return AssistantMessage(text=text, tool_calls=calls) if text or calls else None


def _to_result(content: conversation.ToolResultContent) -> ToolResultMessage:
    """Convert the result of a call; ours are lines of text and go as they are."""
    match content.result.data:
        case {"result": str(result), **rest} if not rest:
            pass
        case data:
            try:
                result = json_dumps(data)
            except TypeError:
                # Tools of other integrations may return what JSON does not know.
                result = str(data)
    return ToolResultMessage(call_id=content.tool_call_id, name=content.tool_name, result=result)


def _shorten(message: Message) -> Message:
    """Cut the text of a long tool result."""
    if not isinstance(message, ToolResultMessage) or len(message.result) <= PAST_RESULT_MAX_CHARS:
        return message
    return ToolResultMessage(
        call_id=message.call_id,
        name=message.name,
        result=message.result[:PAST_RESULT_MAX_CHARS] + " ...",
    )


def _own_parameters(tool: llm.Tool) -> dict[str, Any]:
    """Return the same for a tool of ours, converted once: its schema is that of every turn."""
    schema, converted = _CONVERTED.get(tool.name, (None, {}))
    if schema is not tool.parameters:
        converted = _parameters(tool.parameters, None)
        _CONVERTED[tool.name] = (tool.parameters, converted)
    return converted


def _parameters(
    schema: probatio.Schema, custom_serializer: Callable[[Any], Any] | None
) -> dict[str, Any]:
    """Return the JSON Schema of a tool's parameters.

    Nothing forbids more arguments than those: the tools know what to do with them, while a
    service that checks calls itself would refuse them.
    """
    converted: dict[str, Any] = probatio.to_openapi(
        schema, custom_serializer=custom_serializer, openapi_version="3.1.0"
    )
    converted.pop("additionalProperties", None)
    return converted
