"""Who answers, when another one does, and what is never taken back."""

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import pytest

from custom_components.jonh.providers.base import (
    AllFailedError,
    AnswerInterruptedError,
    AuthError,
    BadRequestError,
    BadToolCallError,
    BrokenStreamError,
    BusyError,
    Done,
    Event,
    ModelMissingError,
    ProviderError,
    RateLimitedError,
    StalledError,
    StopReason,
    TextDelta,
    ThinkingDelta,
    TooLargeError,
    ToolCall,
    ToolCallEvent,
    UnreachableError,
)
from custom_components.jonh.providers.breaker import FAILURES_TO_OPEN, OPEN_S
from custom_components.jonh.providers.failover import Answering, Candidate, Failover
from tests.fakes.scripted_provider import ScriptedProvider
from tests.jonh.providers.conftest import OLLAMA_MODEL
from tests.jonh.providers.streams import TURN_ON, Clock, candidates, read, request, text

if TYPE_CHECKING:
    from custom_components.jonh.providers.groq import GroqProvider
    from custom_components.jonh.providers.ollama import OllamaProvider
    from tests.fakes.groq import FakeGroq
    from tests.fakes.ollama import FakeOllama

DONE = Done(StopReason.STOP)
CALL = ToolCallEvent(ToolCall(id="1", name=TURN_ON.name, args={}))
GROQ_MODEL = "openai/gpt-oss-20b"


async def test_the_first_provider_answers(failover: Failover) -> None:
    """Nobody else is asked when the first one works."""
    first = ScriptedProvider("A", TextDelta("Oi"), TextDelta("."), DONE)
    second = ScriptedProvider("B", TextDelta("não"), DONE)
    assert await read(failover, candidates(first, second)) == [
        Answering(provider="A", model="model-A"),
        TextDelta("Oi"),
        TextDelta("."),
        DONE,
    ]
    assert second.asked == 0


@pytest.mark.parametrize(
    "error",
    [
        UnreachableError(),
        AuthError(),
        ModelMissingError(),
        RateLimitedError(retry_after_s=5),
        BusyError(),
        TooLargeError(),
        BadToolCallError(),
        StalledError(),
        BrokenStreamError(),
        BadRequestError(),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_any_failure_before_the_first_word_is_silent(
    failover: Failover, error: ProviderError
) -> None:
    """Thoughts and blanks of the failed provider are not handed out either."""
    first = ScriptedProvider("A", ThinkingDelta("hum"), TextDelta(" \n"), error)
    second = ScriptedProvider("B", ThinkingDelta("bem"), TextDelta("Oi."), DONE)
    assert await read(failover, candidates(first, second)) == [
        Answering(provider="B", model="model-B", switches=1),
        ThinkingDelta("bem"),
        TextDelta("Oi."),
        DONE,
    ]


@pytest.mark.parametrize(
    ("handed_out", "spoken"),
    [
        pytest.param([TextDelta("A luz")], True, id="a word"),
        pytest.param([CALL], False, id="a tool call"),
        pytest.param([TextDelta("Já vai."), CALL], True, id="both"),
    ],
)
async def test_nothing_is_taken_back(
    failover: Failover, handed_out: list[Event], spoken: bool
) -> None:
    """After a word or a tool call the answer ends; nobody else is asked."""
    first = ScriptedProvider("A", *handed_out, BrokenStreamError("cut"))
    second = ScriptedProvider("B", TextDelta("Oi."), DONE)
    received: list[Any] = []
    with pytest.raises(AnswerInterruptedError) as failure:
        await read(failover, candidates(first, second), received)
    assert received == [Answering(provider="A", model="model-A"), *handed_out]
    assert failure.value.spoken is spoken
    assert failure.value.failure.provider == "A"
    assert isinstance(failure.value.failure.error, BrokenStreamError)
    assert second.asked == 0


async def test_all_failed_tells_the_causes_in_order(failover: Failover) -> None:
    """The person hears of the provider that was preferred."""
    down, refused = ScriptedProvider("A", UnreachableError()), ScriptedProvider("B", AuthError())
    asked = candidates(down, refused)
    with pytest.raises(AllFailedError) as failure:
        await read(failover, asked)
    causes = [(cause.provider, type(cause.error)) for cause in failure.value.failures]
    assert causes == [("A", UnreachableError), ("B", AuthError)]


async def test_nobody_to_ask(failover: Failover) -> None:
    """Without a provider the failure has no causes."""
    with pytest.raises(AllFailedError) as failure:
        await read(failover, [])
    assert failure.value.failures == ()


async def test_a_silent_provider_loses_its_turn(failover: Failover) -> None:
    """While there is another one to ask, thinking does not count as speaking."""
    first = ScriptedProvider("A", ThinkingDelta("hum"), 30.0, TextDelta("tarde"), DONE)
    second = ScriptedProvider("B", TextDelta("Oi."), DONE)
    events = await read(failover, candidates(first, second, first_token_s=0.05))
    assert events[0] == Answering(provider="B", model="model-B", switches=1)
    assert first.closed == 1


async def test_the_last_provider_may_take_its_time(failover: Failover) -> None:
    """With nobody else to ask, only the provider's own deadlines count."""
    slow = ScriptedProvider("A", 0.2, TextDelta("Oi."), DONE)
    assert text(await read(failover, candidates(slow, first_token_s=0.01))) == "Oi."


async def test_an_answer_without_words_is_an_answer(failover: Failover) -> None:
    """A model may have nothing to add after a tool."""
    silent = ScriptedProvider("A", DONE)
    assert await read(failover, candidates(silent, ScriptedProvider("B", DONE))) == [
        Answering(provider="A", model="model-A"),
        DONE,
    ]


@pytest.mark.parametrize("leave", ["close", "cancel"])
async def test_leaving_closes_the_provider(failover: Failover, leave: str) -> None:
    """A barge-in reaches the provider."""
    provider = ScriptedProvider("A", TextDelta("Era"), 30.0)
    first = asyncio.Event()

    async def listen() -> None:
        async with aclosing(failover.stream(candidates(provider))) as events:
            async for event in events:
                if isinstance(event, TextDelta):
                    first.set()
                    if leave == "close":
                        return

    listener = asyncio.create_task(listen())
    await asyncio.wait_for(first.wait(), 30)
    if leave == "cancel":
        listener.cancel()
    await asyncio.wait([listener], timeout=30)
    assert provider.closed == 1


async def fail(failover: Failover, *asked: ScriptedProvider) -> None:
    """Run a turn that fails."""
    with pytest.raises(AllFailedError):
        await read(failover, candidates(*asked))


async def who(failover: Failover, *asked: ScriptedProvider) -> str:
    """Name the provider that answers."""
    answering = (await read(failover, candidates(*asked)))[0]
    assert isinstance(answering, Answering)
    return answering.provider


async def test_a_provider_that_keeps_failing_is_asked_last(
    failover: Failover, clock: Clock
) -> None:
    """A dead host costs nothing in the turns after, until its pause is over."""
    dead = ScriptedProvider("A", UnreachableError())
    well = ScriptedProvider("B", TextDelta("Oi."), DONE)
    for _ in range(FAILURES_TO_OPEN):
        assert await who(failover, dead, well) == "B"
    assert await who(failover, dead, well) == "B"
    assert dead.asked == FAILURES_TO_OPEN

    clock.now_s += OPEN_S
    dead.script = (TextDelta("Voltei."), DONE)
    assert await who(failover, dead, well) == "A"


async def test_one_failed_probe_opens_again(failover: Failover, clock: Clock) -> None:
    """After the pause a single failure is enough for the next one."""
    dead = ScriptedProvider("A", UnreachableError())
    well = ScriptedProvider("B", TextDelta("Oi."), DONE)
    for _ in range(FAILURES_TO_OPEN):
        await who(failover, dead, well)
    clock.now_s += OPEN_S
    await who(failover, dead, well)
    await who(failover, dead, well)
    assert dead.asked == FAILURES_TO_OPEN + 1


async def test_a_success_forgets_the_failures(failover: Failover) -> None:
    """Only failures in a row count."""
    shaky = ScriptedProvider("A", StalledError())
    well = ScriptedProvider("B", TextDelta("Oi."), DONE)
    for _ in range(FAILURES_TO_OPEN - 1):
        assert await who(failover, shaky, well) == "B"
    shaky.script = (TextDelta("Oi."), DONE)
    assert await who(failover, shaky, well) == "A"
    shaky.script = (StalledError(),)
    await who(failover, shaky, well)
    shaky.script = (TextDelta("Oi."), DONE)
    assert await who(failover, shaky, well) == "A"


async def test_a_lone_provider_is_always_asked(failover: Failover) -> None:
    """A wait beats a refusal: a paused provider is last, not gone."""
    lone = ScriptedProvider("A", UnreachableError())
    for _ in range(FAILURES_TO_OPEN + 2):
        await fail(failover, lone)
    assert lone.asked == FAILURES_TO_OPEN + 2


async def test_a_quota_pauses_for_as_long_as_asked(failover: Failover, clock: Clock) -> None:
    """One refusal for the quota is enough, and its own wait counts."""
    limited = ScriptedProvider("A", RateLimitedError(retry_after_s=300))
    well = ScriptedProvider("B", TextDelta("Oi."), DONE)
    await who(failover, limited, well)
    limited.script = (TextDelta("Oi."), DONE)
    clock.now_s += 299
    assert await who(failover, limited, well) == "B"
    clock.now_s += 1
    assert await who(failover, limited, well) == "A"


@pytest.mark.parametrize(
    "error",
    [TooLargeError(), BadToolCallError(), BadRequestError()],
    ids=lambda error: type(error).__name__,
)
async def test_a_bad_request_says_nothing_about_the_provider(
    failover: Failover, error: ProviderError
) -> None:
    """The next request, which may be fine, goes to the preferred one again."""
    first = ScriptedProvider("A", error)
    well = ScriptedProvider("B", TextDelta("Oi."), DONE)
    for _ in range(FAILURES_TO_OPEN + 1):
        await who(failover, first, well)
    asked_before = first.asked
    await who(failover, first, well)
    assert first.asked > asked_before


async def test_an_interrupted_answer_counts_as_a_failure(failover: Failover) -> None:
    """A provider that breaks in the middle of every answer is asked last too."""
    broken = ScriptedProvider("A", TextDelta("Era"), BrokenStreamError())
    well = ScriptedProvider("B", TextDelta("Oi."), DONE)
    for _ in range(FAILURES_TO_OPEN):
        with pytest.raises(AnswerInterruptedError):
            await read(failover, candidates(broken, well))
    assert await who(failover, broken, well) == "B"


async def test_from_a_dead_ollama_to_groq(
    failover: Failover,
    ollama: FakeOllama,
    groq: FakeGroq,
    ollama_provider: OllamaProvider,
    groq_provider: GroqProvider,
) -> None:
    """On real sockets: a connection cut before the first word, then the other service acts."""
    ollama.script({"thinking": "hum"}, {"cut": True})
    groq.script({"tool_calls": [{"name": TURN_ON.name, "arguments": {"name": "luz"}}]})
    asked = [
        Candidate(provider=ollama_provider, request=request(OLLAMA_MODEL, tools=[TURN_ON])),
        Candidate(provider=groq_provider, request=request(GROQ_MODEL, tools=[TURN_ON])),
    ]
    events = await read(failover, asked)
    assert events[0] == Answering(provider="Groq", model=GROQ_MODEL, switches=1)
    assert isinstance(events[1], ToolCallEvent)
