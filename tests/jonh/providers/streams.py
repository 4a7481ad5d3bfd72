"""Requests and readers that the tests of all providers share."""

import asyncio
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

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
from custom_components.jonh.providers.failover import Candidate, Failover

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.fakes.scripted_provider import ScriptedProvider

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


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        """Return the seconds."""
        return self.now_s


def candidates(*providers: ScriptedProvider, first_token_s: float = 30.0) -> list[Candidate]:
    """Ask these, each for a model of its own."""
    return [
        Candidate(
            provider=provider,
            request=request(f"model-{provider.name}"),
            first_token_s=first_token_s,
        )
        for provider in providers
    ]


def shorter(candidate: Candidate, times: list[str]) -> Candidate:
    """Offer a shorter request, and note when it is asked for."""

    def reduced() -> ChatRequest | None:
        times.append("reduced")
        return replace(candidate.request, messages=[UserMessage("oi")])

    return replace(candidate, reduced=reduced)


async def read(
    failover: Failover,
    asked: Sequence[Candidate],
    received: list[Any] | None = None,
    *,
    hedge_s: float = 0.0,
    deadline_s: float | None = None,
) -> list[Any]:
    """Read a whole answer; what came before a failure stands in `received`."""
    received = [] if received is None else received
    stream = failover.stream(asked, hedge_s=hedge_s, deadline_s=deadline_s)
    async with aclosing(stream) as events:
        async for event in events:
            received.append(event)
    return received
