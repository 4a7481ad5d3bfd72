"""Failover between two services on real sockets, with every trouble that they know."""

import asyncio
import re
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from custom_components.jonh.providers.base import (
    AnswerInterruptedError,
    BrokenStreamError,
    Done,
    StopReason,
    TextDelta,
    UserMessage,
)
from custom_components.jonh.providers.failover import (
    SOBER_TEMPERATURE,
    Answering,
    Candidate,
    Failover,
)
from tests.fakes.groq import Bucket
from tests.jonh.providers.conftest import OLLAMA_MODEL
from tests.jonh.providers.streams import (
    TURN_ON,
    calls,
    read,
    request,
    shorter,
    text,
)

if TYPE_CHECKING:
    from custom_components.jonh.providers.groq import GroqProvider
    from custom_components.jonh.providers.ollama import OllamaProvider
    from tests.fakes.groq import FakeGroq
    from tests.fakes.ollama import FakeOllama

DONE = Done(StopReason.STOP)
GROQ_MODEL = "openai/gpt-oss-20b"
ANSWER = (TextDelta("Oi."), DONE)


@pytest.fixture
def asked(ollama_provider: OllamaProvider, groq_provider: GroqProvider) -> list[Candidate]:
    """Ask both stand-ins for the same, Ollama first."""
    models = [(ollama_provider, OLLAMA_MODEL), (groq_provider, GROQ_MODEL)]
    return [
        Candidate(provider=provider, request=request(model, tools=[TURN_ON]), first_token_s=30.0)
        for provider, model in models
    ]


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param({"status": 404, "error": "model 'x' not found"}, id="model missing"),
        pytest.param({"status": 400, "error": "x does not support tools"}, id="no tools"),
        pytest.param({"status": 503, "error": "server busy"}, id="busy"),
        pytest.param({"status": 500, "error": "llama runner terminated"}, id="runner died"),
        pytest.param({"status": 401, "error": "unauthorized"}, id="key"),
        pytest.param({"error": "out of memory"}, id="error line"),
        pytest.param({"cut": True}, id="cut"),
        pytest.param({"end": True}, id="nothing at all"),
        pytest.param({"raw": "<html>"}, id="a web page"),
        pytest.param({"tool_calls": [{"name": TURN_ON.name, "arguments": "{"}]}, id="bad call"),
    ],
)
async def test_every_trouble_of_ollama_ends_at_groq(
    failover: Failover,
    asked: list[Candidate],
    ollama: FakeOllama,
    groq: FakeGroq,
    trouble: dict[str, object],
) -> None:
    """Before the first word the person hears nothing of it, and the tool is called once."""
    ollama.model.rules = [(re.compile("."), [{"thinking": "hum"}, trouble])]
    if "status" in trouble:
        ollama.model.rules = [(re.compile("."), [trouble])]
    groq.script({"tool_calls": [{"name": TURN_ON.name, "arguments": {"name": "luz"}}]})
    events = await read(failover, asked)
    assert events[0] == Answering(provider="Groq", model=GROQ_MODEL, switches=1)
    assert [call.args for call in calls(events)] == [{"name": "luz"}]


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param({"status": 400, "code": "tool_use_failed"}, id="tool use"),
        pytest.param({"status": 400, "code": "model_decommissioned"}, id="decommissioned"),
        pytest.param({"status": 401, "code": "invalid_api_key"}, id="key"),
        pytest.param({"status": 404, "code": "model_not_found"}, id="model missing"),
        pytest.param({"status": 413, "code": "rate_limit_exceeded"}, id="too large"),
        pytest.param({"status": 429, "code": "rate_limit_exceeded"}, id="quota"),
        pytest.param({"status": 498, "code": "capacity_exceeded"}, id="capacity"),
        pytest.param({"status": 503}, id="busy"),
        pytest.param({"error": "boom"}, id="error event"),
        pytest.param(
            {"raw": 'data: {"choices": [], "x_groq": {"error": "over capacity"}}\n\n'}, id="x_groq"
        ),
        pytest.param({"cut": True}, id="cut"),
        pytest.param({"end": True}, id="nothing at all"),
    ],
)
async def test_every_trouble_of_groq_ends_at_ollama(
    failover: Failover,
    asked: list[Candidate],
    ollama: FakeOllama,
    groq: FakeGroq,
    trouble: dict[str, object],
) -> None:
    """The other way round it is the same."""
    groq.model.rules = [(re.compile("."), [trouble])]
    ollama.script({"content": "Oi."})
    asked.reverse()
    events = await read(failover, asked)
    assert events[0] == Answering(provider="Ollama", model=OLLAMA_MODEL, switches=1)
    assert text(events) == "Oi."


async def test_a_refused_call_is_asked_for_again(
    failover: Failover, asked: list[Candidate], ollama: FakeOllama, groq: FakeGroq
) -> None:
    """A call that nobody can read is written better the second time, at a low temperature."""
    unreadable = {"failed_generation": "<tool_call>{"}
    groq.script({"status": 400, "code": "tool_use_failed", "extra": unreadable})
    groq.script({"tool_calls": [{"name": TURN_ON.name, "arguments": {"name": "luz"}}]})
    asked.reverse()
    events = await read(failover, asked)
    assert events[0].provider == "Groq"
    assert len(calls(events)) == 1
    sent = groq.bodies("/openai/v1/chat/completions")
    assert [body["temperature"] for body in sent] == [0.7, SOBER_TEMPERATURE]


async def test_a_prompt_too_long_for_the_quota_is_shortened(
    failover: Failover, asked: list[Candidate], ollama: FakeOllama, groq: FakeGroq
) -> None:
    """Groq refuses the long one and answers the short one."""
    groq.bucket = Bucket(tokens_per_minute=1500)
    asked.reverse()
    long = replace(asked[0].request, messages=[UserMessage("acenda a luz " * 500)])
    asked[0] = shorter(replace(asked[0], request=long), [])
    groq.script({"content": "Oi."})
    events = await read(failover, asked)
    assert (events[0].provider, text(events)) == ("Groq", "Oi.")


async def test_a_prompt_too_long_for_the_window_is_shortened(
    failover: Failover, asked: list[Candidate], ollama: FakeOllama, groq: FakeGroq
) -> None:
    """Ollama refuses to cut the prompt, and answers the short one."""
    long = replace(asked[0].request, messages=[UserMessage("acenda a luz " * 1000)], num_ctx=2048)
    asked[0] = shorter(replace(asked[0], request=long), [])
    ollama.script({"content": "Oi."})
    events = await read(failover, asked)
    assert (events[0].provider, text(events)) == ("Ollama", "Oi.")


async def test_the_loser_of_two_is_disconnected(
    failover: Failover, asked: list[Candidate], ollama: FakeOllama, groq: FakeGroq
) -> None:
    """The server of the slower one sees its client go, and its slot is free."""
    ollama.script({"thinking": "hum"}, {"stall": True})
    groq.script({"content": "Oi."})
    events = await read(failover, asked, hedge_s=0.1)
    assert events[0].provider == "Groq"
    await asyncio.wait_for(ollama.closed_early.wait(), 30)


@pytest.mark.parametrize("has_spoken", [False, True])
async def test_a_barge_in_reaches_the_server(
    failover: Failover, asked: list[Candidate], ollama: FakeOllama, groq: FakeGroq, has_spoken: bool
) -> None:
    """Cancelling the turn disconnects from the service, before the first word and after it."""
    ollama.script(*([{"content": "Era"}] if has_spoken else []), {"stall": True})
    heard = asyncio.Event()

    async def listen() -> None:
        async with aclosing(failover.stream(asked)) as events:
            async for event in events:
                if isinstance(event, TextDelta):
                    heard.set()

    turn = asyncio.create_task(listen())
    if has_spoken:
        await asyncio.wait_for(heard.wait(), 30)
    while await asyncio.wait_for(ollama.arrivals.get(), 30) != "/api/chat":
        pass
    turn.cancel()
    await asyncio.wait([turn], timeout=30)
    await asyncio.wait_for(ollama.closed_early.wait(), 30)
    assert not groq.requests


async def test_a_cut_after_a_word_is_told(
    failover: Failover, asked: list[Candidate], ollama: FakeOllama, groq: FakeGroq
) -> None:
    """On real sockets too, nothing is said twice."""
    ollama.script({"content": "Era"}, {"cut": True})
    with pytest.raises(AnswerInterruptedError) as failure:
        await read(failover, asked)
    assert isinstance(failure.value.failure.error, BrokenStreamError)
    assert not groq.requests
