"""One answer from the first provider that can give it."""

import asyncio
from collections import deque
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .base import (
    AllFailedError,
    AnswerInterruptedError,
    BadToolCallError,
    BusyError,
    ChatRequest,
    Done,
    Event,
    Failure,
    Provider,
    ProviderError,
    RateLimitedError,
    StalledError,
    TextDelta,
    TooLargeError,
    ToolCallEvent,
)
from .breaker import Breaker

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence

FIRST_TOKEN_S = 8.0
"""Silence after which the next provider is asked; a person starts to repeat the request then."""

SHORT_WAIT_S = 1.5
"""Waited once when a service asks for it; longer, and another provider is faster."""

SOBER_TEMPERATURE = 0.2
"""For the second attempt after a tool call that could not be read: less invention."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A provider with the request in its terms, its model among them."""

    provider: Provider
    request: ChatRequest
    first_token_s: float = FIRST_TOKEN_S
    """Wait for its first word or tool call, while there is another provider to ask; the last
    one has the time that its own deadlines allow, such as for loading a model."""
    reduced: Callable[[], ChatRequest | None] | None = None
    """Asked once, when the request is too long, for a shorter one; None when there is none."""

    @property
    def key(self) -> tuple[str, str]:
        """What fails together: a model of a provider."""
        return self.provider.name, self.request.model


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """Who answers; the first event of every stream."""

    provider: str
    model: str
    switches: int = 0
    """Providers that were asked before in vain."""


class Failover:
    """Asks providers in order until one speaks or acts.

    Before its first word and its first tool call a failing provider is replaced silently;
    afterwards never, because words cannot be taken back and tools must not run twice.
    It remembers who failed lately (a circuit breaker for each provider and model) and asks
    them last, so keep one for all turns. `clock` returns seconds and only moves forward.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._breakers: dict[tuple[str, str], Breaker] = {}

    async def stream(
        self,
        candidates: Sequence[Candidate],
        *,
        hedge_s: float = 0.0,
        deadline_s: float | None = None,
    ) -> AsyncGenerator[Event | Answering]:
        """Yield `Answering`, then the events of that provider.

        After `hedge_s` of silence the next provider is asked beside the first one, and the
        first to answer wins; 0 is never. At `deadline_s`, a reading of the clock, the answer
        has to be complete.
        Raises `AllFailedError` when nothing was handed out, `AnswerInterruptedError` after that.
        """
        ends_s = None
        if deadline_s is not None:
            ends_s = asyncio.get_running_loop().time() + deadline_s - self._clock()
        asked = sorted(candidates, key=lambda candidate: self._breaker(candidate).is_open)
        opened = await _Race(asked, self._breaker, hedge_s=hedge_s, ends_s=ends_s).winner()
        candidate, breaker = opened.candidate, self._breaker(opened.candidate)
        has_spoken = False
        try:
            async with aclosing(opened.events), aclosing(_whole(opened, ends_s)) as events:
                yield Answering(
                    provider=candidate.provider.name,
                    model=candidate.request.model,
                    switches=opened.switches,
                )
                async for event in events:
                    has_spoken = has_spoken or isinstance(event, TextDelta)
                    yield event
        except ProviderError as err:
            breaker.failed(err)
            failure = _failure(candidate, err)
            raise AnswerInterruptedError(failure, spoken=has_spoken) from err
        except BaseException:
            breaker.left()
            raise
        breaker.worked()

    def note_recovered(self, provider_name: str) -> None:
        """Ask a provider in its turn again: somebody else found that it answers."""
        for (name, _), breaker in self._breakers.items():
            if name == provider_name:
                breaker.recovered()

    def _breaker(self, candidate: Candidate) -> Breaker:
        return self._breakers.setdefault(candidate.key, Breaker(self._clock))


@dataclass(slots=True, kw_only=True)
class _Opened:
    """An answer that has begun."""

    candidate: Candidate
    opening: list[Event]
    """Its events up to the first one that cannot be taken back."""
    events: AsyncGenerator[Event]
    """The rest."""
    switches: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Runner:
    """A candidate that was asked and has not answered yet."""

    candidate: Candidate
    place: int
    """How many were asked before."""
    gives_up_s: float
    """Time of the event loop at which somebody else is asked instead, where there is one."""


class _Race:
    """Asks candidates one after another, or two side by side, until one answers."""

    def __init__(
        self,
        candidates: Sequence[Candidate],
        breaker: Callable[[Candidate], Breaker],
        *,
        hedge_s: float,
        ends_s: float | None,
    ) -> None:
        self._waiting = deque(candidates)
        self._breaker = breaker
        self._hedge_s = hedge_s
        self._ends_s = ends_s
        self._failures: list[Failure] = []
        self._running: dict[asyncio.Task[_Opened], _Runner] = {}
        self._started = 0
        self._hedges_s: float | None = None
        self._now_s = asyncio.get_running_loop().time

    async def winner(self) -> _Opened:
        """Return the first answer that began; `AllFailedError` when none did."""
        try:
            while self._running or self._waiting:
                if not self._running:
                    self._start_next()
                await asyncio.wait(
                    self._running, timeout=self._pause_s(), return_when=asyncio.FIRST_COMPLETED
                )
                if opened := self._first_opened():
                    return opened
                await self._give_up()
            raise AllFailedError(self._failures)
        finally:
            await self._stop(*self._running)

    def _start_next(self) -> None:
        candidate = self._waiting.popleft()
        self._breaker(candidate).asked()
        now_s = self._now_s()
        runner = _Runner(
            candidate=candidate,
            place=self._started,
            gives_up_s=now_s + candidate.first_token_s,
        )
        self._started += 1
        self._hedges_s = now_s + self._hedge_s if self._hedge_s else None
        self._running[asyncio.create_task(_open(candidate))] = runner

    def _pause_s(self) -> float | None:
        """Return how long there is nothing to do but to wait."""
        moments = [self._ends_s]
        if self._waiting:
            moments += [runner.gives_up_s for runner in self._running.values()]
            if len(self._running) == 1:
                moments.append(self._hedges_s)
        at_s = min((moment for moment in moments if moment is not None), default=None)
        return None if at_s is None else max(at_s - self._now_s(), 0.0)

    def _first_opened(self) -> _Opened | None:
        """Return an answer that began; note who failed."""
        for task in [task for task in self._running if task.done()]:
            try:
                opened = task.result()
            except ProviderError as err:
                self._failed(self._running.pop(task), err)
            else:
                opened.switches = self._running.pop(task).place
                return opened
        return None

    async def _give_up(self) -> None:
        """Stop who has been silent for too long, and ask the next one."""
        now_s = self._now_s()
        if self._ends_s is not None and now_s >= self._ends_s:
            self._waiting.clear()
            for task, runner in list(self._running.items()):
                await self._stop(task)
                self._failed(runner, StalledError("no answer before the turn had to end"))
            return
        if not self._waiting:
            return
        for task, runner in list(self._running.items()):
            if now_s >= runner.gives_up_s:
                await self._stop(task)
                self._failed(runner, StalledError(f"no word in {runner.candidate.first_token_s} s"))
        is_silent = self._hedges_s is not None and now_s >= self._hedges_s
        if not self._running or (is_silent and len(self._running) == 1):
            self._start_next()

    def _failed(self, runner: _Runner, error: ProviderError) -> None:
        self._breaker(runner.candidate).failed(error)
        self._failures.append(_failure(runner.candidate, error))

    async def _stop(self, *tasks: asyncio.Task[_Opened]) -> None:
        """End these attempts and close their connections."""
        for task in tasks:
            task.cancel()
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(outcome, _Opened):
                await outcome.events.aclose()
        for task in tasks:
            self._breaker(self._running.pop(task).candidate).left()


async def _open(candidate: Candidate) -> _Opened:
    """Ask a provider, and once more where that helps; its last `ProviderError` otherwise."""
    request = candidate.request
    has_waited = has_reduced = has_sobered = False
    while True:
        try:
            return await _opened(candidate, request)
        except (RateLimitedError, BusyError) as err:
            wait_s = err.retry_after_s
            if has_waited or wait_s is None or wait_s > SHORT_WAIT_S:
                raise
            has_waited = True
            await asyncio.sleep(wait_s)
        except TooLargeError:
            smaller = candidate.reduced() if candidate.reduced and not has_reduced else None
            if smaller is None:
                raise
            has_reduced, request = True, smaller
        except BadToolCallError:
            if has_sobered:
                raise
            has_sobered, request = True, replace(request, temperature=SOBER_TEMPERATURE)


async def _opened(candidate: Candidate, request: ChatRequest) -> _Opened:
    """Stay silent until the provider speaks, acts or is done."""
    events = candidate.provider.stream(request)
    opening: list[Event] = []
    try:
        async for event in events:
            opening.append(event)
            if _is_answer(event):
                break
    except BaseException:
        await events.aclose()
        raise
    return _Opened(candidate=candidate, opening=opening, events=events)


async def _whole(opened: _Opened, ends_s: float | None) -> AsyncGenerator[Event]:
    """Yield an answer from its first event; `StalledError` when it takes too long."""
    for event in opened.opening:
        yield event
    while True:
        try:
            async with asyncio.timeout_at(ends_s) as deadline:
                event = await anext(opened.events)
        except StopAsyncIteration:
            return
        except TimeoutError as err:
            if not deadline.expired():
                raise
            raise StalledError("the turn had to end") from err
        yield event


def _is_answer(event: Event) -> bool:
    match event:
        case TextDelta(text):
            return bool(text.strip())
        case ToolCallEvent() | Done():
            return True
        case _:
            return False


def _failure(candidate: Candidate, error: ProviderError) -> Failure:
    return Failure(candidate.provider.name, candidate.request.model, error)
