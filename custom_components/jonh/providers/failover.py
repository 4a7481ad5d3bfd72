"""One answer from the first provider that can give it."""

import asyncio
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .base import (
    AllFailedError,
    AnswerInterruptedError,
    AuthError,
    BadRequestError,
    BadToolCallError,
    ChatRequest,
    Done,
    Event,
    Failure,
    ModelMissingError,
    Provider,
    ProviderError,
    RateLimitedError,
    StalledError,
    TextDelta,
    TooLargeError,
    ToolCallEvent,
    ToolsUnsupportedError,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence

FAILURES_TO_OPEN = 2
"""Failures in a row after which a provider is asked last: each costs the person seconds."""

OPEN_S = 30.0
"""How long it then stays last; a restarted server is back within about that time."""

FIRST_TOKEN_S = 8.0
"""Silence after which the next provider is asked; a person starts to repeat the request then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A provider with the request in its terms, its model among them."""

    provider: Provider
    request: ChatRequest
    first_token_s: float = FIRST_TOKEN_S
    """Wait for its first word or tool call, while there is another provider to ask; the last
    one has the time that its own deadlines allow, such as for loading a model."""

    @property
    def key(self) -> tuple[str, str]:
        """What fails together: a model of a provider."""
        return self.provider.name, self.request.model


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """Who answers; the first event of every stream."""

    provider: str
    model: str


class Failover:
    """Asks providers in order until one speaks or acts.

    Before its first word and its first tool call a failing provider is replaced silently;
    afterwards never, because words cannot be taken back and tools must not run twice.
    It remembers who failed lately (a circuit breaker for each provider and model) and asks
    them last, so keep one for all turns. `clock` returns seconds and only moves forward.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._breakers: dict[tuple[str, str], _Breaker] = {}

    async def stream(self, candidates: Sequence[Candidate]) -> AsyncGenerator[Event | Answering]:
        """Yield `Answering`, then the events of that provider.

        Raises `AllFailedError` when nothing was handed out, `AnswerInterruptedError` after that.
        """
        failures: list[Failure] = []
        asked = sorted(candidates, key=lambda candidate: self._breaker(candidate).is_open)
        for candidate in asked:
            has_next = candidate is not asked[-1]
            handed_out = _HandedOut()
            try:
                async with aclosing(_answer(candidate, has_next=has_next)) as events:
                    async for event in events:
                        handed_out.note(event)
                        yield event
            except ProviderError as err:
                self._breaker(candidate).failed(err)
                failure = Failure(candidate.provider.name, candidate.request.model, err)
                if handed_out.anything:
                    raise AnswerInterruptedError(failure, spoken=handed_out.text) from err
                failures.append(failure)
            else:
                self._breaker(candidate).worked()
                return
        raise AllFailedError(failures)

    def _breaker(self, candidate: Candidate) -> _Breaker:
        return self._breakers.setdefault(candidate.key, _Breaker(self._clock))


async def _answer(candidate: Candidate, *, has_next: bool) -> AsyncGenerator[Event | Answering]:
    """Stay silent until the provider speaks, acts or is done, then pass everything on."""
    async with aclosing(candidate.provider.stream(candidate.request)) as events:
        opening = await _opening(events, candidate.first_token_s if has_next else None)
        yield Answering(provider=candidate.provider.name, model=candidate.request.model)
        for event in opening:
            yield event
        async for event in events:
            yield event


async def _opening(events: AsyncGenerator[Event], deadline_s: float | None) -> list[Event]:
    """Collect the events up to the first one that cannot be taken back."""
    opening: list[Event] = []
    try:
        async with asyncio.timeout(deadline_s):
            async for event in events:
                opening.append(event)
                if _is_answer(event):
                    break
    except TimeoutError as err:
        raise StalledError(f"no word within {deadline_s} s") from err
    return opening


def _is_answer(event: Event) -> bool:
    match event:
        case TextDelta(text):
            return bool(text.strip())
        case ToolCallEvent() | Done():
            return True
        case _:
            return False


class _HandedOut:
    """What of an answer cannot be taken back."""

    def __init__(self) -> None:
        self.text = False
        self.anything = False

    def note(self, event: Event | Answering) -> None:
        """Look at an event on its way out."""
        if isinstance(event, TextDelta):
            self.text = True
        if isinstance(event, TextDelta | ToolCallEvent):
            self.anything = True


class _Breaker:
    """Open while a provider is better not asked first."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._failures_in_a_row = 0
        self._open_until_s: float | None = None

    @property
    def is_open(self) -> bool:
        """Return True until the pause is over."""
        return self._open_until_s is not None and self._clock() < self._open_until_s

    def worked(self) -> None:
        """Forget the failures."""
        self._failures_in_a_row = 0
        self._open_until_s = None

    def failed(self, error: ProviderError) -> None:
        """Count a failure of the provider; a bad request says nothing about it."""
        match error:
            case TooLargeError() | BadToolCallError() | BadRequestError():
                return
            case RateLimitedError() | AuthError() | ModelMissingError() | ToolsUnsupportedError():
                self._failures_in_a_row = FAILURES_TO_OPEN
            case _:
                self._failures_in_a_row += 1
        if self._failures_in_a_row >= FAILURES_TO_OPEN:
            pause_s = OPEN_S if error.retry_after_s is None else error.retry_after_s
            self._open_until_s = self._clock() + pause_s
