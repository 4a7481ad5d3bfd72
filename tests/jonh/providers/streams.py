"""Requests and readers that the tests of all providers share."""

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

from custom_components.jonh.providers.base import (
    ChatRequest,
    Event,
    Message,
    Provider,
    TextDelta,
    ToolCall,
    ToolCallEvent,
    ToolSpec,
    UserMessage,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

TURN_ON = ToolSpec(
    name="intent__HassTurnOn",
    description="Turns on a device",
    parameters={
        "type": "object",
        "properties": {
            "name": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            "level": {"type": "integer", "minimum": 0, "maximum": 100},
        },
        "required": ["name"],
        "additionalProperties": False,
    },
)


def request(
    model: str, *messages: Message, tools: Sequence[ToolSpec] = (), max_tokens: int = 512
) -> ChatRequest:
    """Make a request, which asks something when no messages are given."""
    asked = messages or (UserMessage("que horas são?"),)
    return ChatRequest(model=model, messages=asked, tools=tools, max_tokens=max_tokens)


async def collect(provider: Provider, chat: ChatRequest) -> list[Event]:
    """Read a whole answer."""
    async with aclosing(provider.stream(chat)) as events:
        return [event async for event in events]


async def leave_mid_answer(provider: Provider, chat: ChatRequest, how: str) -> None:
    """Stop reading after the first event, by closing the stream or by cancelling its reader."""
    first = asyncio.Event()

    async def read() -> None:
        async with aclosing(provider.stream(chat)) as events:
            async for _ in events:
                first.set()
                if how == "close":
                    return

    reader = asyncio.create_task(read())
    await asyncio.wait_for(first.wait(), 30)
    if how == "cancel":
        reader.cancel()
    await asyncio.wait([reader], timeout=30)
    assert reader.cancelled() is (how == "cancel")


def text(events: Sequence[object]) -> str:
    """Join the text of an answer."""
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def calls(events: Sequence[object]) -> list[ToolCall]:
    """Return the tool calls of an answer."""
    return [event.call for event in events if isinstance(event, ToolCallEvent)]
