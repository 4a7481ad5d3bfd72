"""What is tried again, what is tried side by side, and when a turn has to end."""

import asyncio
import time
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from custom_components.jonh.providers.base import (
    AllFailedError,
    AnswerInterruptedError,
    BadToolCallError,
    BusyError,
    ChatRequest,
    ContextOverflowError,
    Done,
    Event,
    ProviderError,
    RateLimitedError,
    StalledError,
    StopReason,
    TextDelta,
    TooLargeError,
    UnreachableError,
    UserMessage,
)
from custom_components.jonh.providers.breaker import FAILURES_TO_OPEN
from custom_components.jonh.providers.failover import (
    SHORT_WAIT_S,
    SOBER_TEMPERATURE,
    Answering,
    Failover,
)
from tests.fakes.scripted_provider import ScriptedProvider
from tests.jonh.providers.streams import (
    Clock,
    candidates,
    read,
    shorter,
    text,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator


DONE = Done(StopReason.STOP)
GROQ_MODEL = "openai/gpt-oss-20b"
ANSWER = (TextDelta("Oi."), DONE)


@pytest.mark.parametrize(
    "error",
    [RateLimitedError(retry_after_s=0.0), BusyError(retry_after_s=0.01)],
    ids=lambda error: type(error).__name__,
)
async def test_a_short_wait_is_waited_once(failover: Failover, error: ProviderError) -> None:
    """The preferred provider keeps its turn, and after a second refusal loses it."""
    first, second = ScriptedProvider("A", *ANSWER), ScriptedProvider("B", *ANSWER)
    first.first_scripts = [(error,)]
    assert (await read(failover, candidates(first, second)))[0].provider == "A"
    first.first_scripts = [(error,), (error,)]
    assert (await read(failover, candidates(first, second)))[0].provider == "B"
    assert first.asked == 4


@pytest.mark.parametrize("retry_after_s", [None, SHORT_WAIT_S + 0.1])
async def test_a_long_wait_is_not_waited(failover: Failover, retry_after_s: float | None) -> None:
    """Another provider is faster."""
    first = ScriptedProvider("A", BusyError(retry_after_s=retry_after_s))
    assert text(await read(failover, candidates(first, ScriptedProvider("B", *ANSWER)))) == "Oi."
    assert first.asked == 1


@pytest.mark.parametrize(
    "error", [TooLargeError(), ContextOverflowError()], ids=lambda error: type(error).__name__
)
async def test_too_long_is_tried_shorter_once(failover: Failover, error: ProviderError) -> None:
    """The same provider gets the shorter request, and only one."""
    first, second = ScriptedProvider("A", *ANSWER), ScriptedProvider("B", *ANSWER)
    times: list[str] = []
    asked = candidates(first, second)
    asked[0] = shorter(asked[0], times)
    first.first_scripts = [(error,)]
    assert (await read(failover, asked))[0].provider == "A"
    assert first.requests[-1].messages == [UserMessage("oi")]
    first.first_scripts = [(error,), (error,)]
    assert (await read(failover, asked))[0].provider == "B"
    assert times == ["reduced", "reduced"]


async def test_too_long_and_no_shorter_one(failover: Failover) -> None:
    """Without a shorter request the next provider is asked at once."""
    first = ScriptedProvider("A", TooLargeError())
    asked = candidates(first, ScriptedProvider("B", *ANSWER))
    asked[0] = replace(asked[0], reduced=lambda: None)
    assert (await read(failover, asked))[0].provider == "B"
    assert first.asked == 1


async def test_a_bad_tool_call_is_tried_once_more_with_less_invention(failover: Failover) -> None:
    """The second attempt is the same request at a low temperature."""
    first, second = ScriptedProvider("A", *ANSWER), ScriptedProvider("B", *ANSWER)
    first.first_scripts = [(BadToolCallError(),)]
    assert (await read(failover, candidates(first, second)))[0].provider == "A"
    before, after = first.requests
    assert after == replace(before, temperature=SOBER_TEMPERATURE)
    first.first_scripts = [(BadToolCallError(),), (BadToolCallError(),)]
    assert (await read(failover, candidates(first, second)))[0].provider == "B"


async def test_the_second_one_is_asked_beside_a_silent_first(failover: Failover) -> None:
    """Whoever answers first is heard, and the other one is stopped."""
    slow = ScriptedProvider("A", 30.0, TextDelta("tarde"), DONE)
    quick = ScriptedProvider("B", *ANSWER)
    events = await read(failover, candidates(slow, quick), hedge_s=0.02)
    assert events[0] == Answering(provider="B", model="model-B", switches=1)
    assert (slow.asked, slow.closed) == (1, 1)


async def test_the_first_one_may_still_win(failover: Failover) -> None:
    """It goes on while the second one is asked, and costs no switch when it is faster."""
    first = ScriptedProvider("A", 0.2, *ANSWER)
    second = ScriptedProvider("B", 30.0, TextDelta("tarde"), DONE)
    events = await read(failover, candidates(first, second), hedge_s=0.02)
    assert events[0] == Answering(provider="A", model="model-A", switches=0)
    assert (second.asked, second.closed) == (1, 1)


async def test_two_answers_at_once_are_one(failover: Failover) -> None:
    """When both begin in the same moment one is heard, and the other one is closed."""
    both = [ScriptedProvider("A", 0.2, *ANSWER), ScriptedProvider("B", 0.1, *ANSWER)]
    # The loop stands still until both sleeps are over.
    asyncio.get_running_loop().call_later(0.05, time.sleep, 0.3)
    events = await read(failover, candidates(*both), hedge_s=0.01)
    assert text(events) == "Oi."
    assert [provider.closed for provider in both] == [1, 1]


async def test_without_hedging_nobody_is_asked_beside(failover: Failover) -> None:
    """Silence alone is no reason when the user does not want two requests."""
    first, second = ScriptedProvider("A", 0.1, *ANSWER), ScriptedProvider("B", *ANSWER)
    await read(failover, candidates(first, second))
    assert second.asked == 0


@pytest.mark.parametrize("failing", ["A", "B"])
async def test_one_failure_leaves_the_other_running(failover: Failover, failing: str) -> None:
    """Of two side by side, the one that does not fail answers in its own time."""
    scripts = dict.fromkeys("AB", (0.3, *ANSWER)) | {failing: (0.1, UnreachableError())}
    both = [ScriptedProvider(name, *scripts[name]) for name in "AB"]
    events = await read(failover, candidates(*both, first_token_s=0.2), hedge_s=0.02)
    assert events[0].provider != failing
    assert [provider.asked for provider in both] == [1, 1]


async def test_a_third_one_waits_for_its_turn(failover: Failover) -> None:
    """Two are asked side by side, never three."""
    slow = [ScriptedProvider(name, 0.2, *ANSWER) for name in "AB"]
    third = ScriptedProvider("C", *ANSWER)
    await read(failover, candidates(*slow, third), hedge_s=0.02)
    assert third.asked == 0


async def test_the_turn_ends_before_the_first_word(failover: Failover, clock: Clock) -> None:
    """Whoever was asked has stalled, and who was not is not asked any more."""
    silent, second = ScriptedProvider("A", 30.0), ScriptedProvider("B", *ANSWER)
    with pytest.raises(AllFailedError) as failure:
        await read(failover, candidates(silent, second), deadline_s=clock.now_s + 0.05)
    assert [type(cause.error) for cause in failure.value.failures] == [StalledError]
    assert (silent.closed, second.asked) == (1, 0)


async def test_the_turn_ends_in_the_middle_of_an_answer(failover: Failover, clock: Clock) -> None:
    """What was spoken stays, and the provider is stopped."""
    endless = ScriptedProvider("A", TextDelta("Era"), 30.0)
    with pytest.raises(AnswerInterruptedError) as failure:
        await read(failover, candidates(endless), deadline_s=clock.now_s + 0.05)
    assert isinstance(failure.value.failure.error, StalledError)
    assert failure.value.spoken
    assert endless.closed == 1


async def test_a_timeout_of_a_provider_is_not_the_end_of_the_turn(failover: Failover) -> None:
    """Somebody else's deadline keeps its own error."""

    class Timed(ScriptedProvider):
        async def stream(self, request: ChatRequest) -> AsyncGenerator[Event]:
            yield TextDelta("Era")
            raise TimeoutError

    with pytest.raises(TimeoutError):
        await read(failover, candidates(Timed("A")))


async def test_one_probe_at_a_time(failover: Failover, clock: Clock) -> None:
    """While one turn tries a provider that failed, the others go elsewhere."""
    shaky = ScriptedProvider("A", UnreachableError())
    well = ScriptedProvider("B", *ANSWER)
    for _ in range(FAILURES_TO_OPEN):
        await read(failover, candidates(shaky, well))
    clock.now_s += 1000
    shaky.script = (0.2, *ANSWER)
    probe = asyncio.create_task(read(failover, candidates(shaky, well)))
    await asyncio.sleep(0.05)
    assert (await read(failover, candidates(shaky, well)))[0].provider == "B"
    assert (await probe)[0].provider == "A"
    assert (await read(failover, candidates(shaky, well)))[0].provider == "A"


async def test_an_abandoned_probe_proves_nothing(failover: Failover, clock: Clock) -> None:
    """When the person speaks in between, the next turn probes again."""
    shaky = ScriptedProvider("A", UnreachableError())
    well = ScriptedProvider("B", *ANSWER)
    for _ in range(FAILURES_TO_OPEN):
        await read(failover, candidates(shaky, well))
    clock.now_s += 1000
    shaky.script = (TextDelta("Era"), 30.0)
    async with aclosing(failover.stream(candidates(shaky, well))) as events:
        assert await anext(events) == Answering(provider="A", model="model-A")
    shaky.script = ANSWER
    assert (await read(failover, candidates(shaky, well)))[0].provider == "A"


async def test_a_recovered_provider_has_its_place_back(failover: Failover) -> None:
    """Somebody else who found it well saves the turn that would try."""
    shaky = ScriptedProvider("A", UnreachableError())
    well = ScriptedProvider("B", *ANSWER)
    for _ in range(FAILURES_TO_OPEN):
        await read(failover, candidates(shaky, well))
    shaky.script = ANSWER
    failover.note_recovered("B")
    assert (await read(failover, candidates(shaky, well)))[0].provider == "B"
    failover.note_recovered("A")
    assert (await read(failover, candidates(shaky, well)))[0].provider == "A"
