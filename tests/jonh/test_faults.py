"""Whatever a model service does, a turn ends in one right sentence, and the next one is intact."""

import asyncio
import logging
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.agent import faults
from benchmarks.agent.agents import jonh_groq, jonh_ollama
from benchmarks.agent.fault_sets import BEES, LATE_SILENCE, OF_GROQ, OF_OLLAMA, OVERFLOWS
from benchmarks.agent.faults import ASK_AGAIN, RECOVERED, Wanted, both
from custom_components.jonh.agent.languages import Sentence
from tests.fakes.groq import FakeGroq

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.agent.faults import Fault

LANGUAGES = ("pt-BR", "en")
MODEL_FIRST = {"fast_path": False}
"""Settings with which plain commands are left to the model, too."""
IMPATIENT = MODEL_FIRST | {"patience_s": 0.4, "turn_s": 1.2}
"""The same where the model falls silent: no test should wait as long as a person would."""

ALL_OF_OLLAMA = OF_OLLAMA + OVERFLOWS + LATE_SILENCE
ALL_OF_GROQ = OF_GROQ + LATE_SILENCE

LIGHT_IS_ON = both("Pronto, a luz está acesa.", "Done, the light is on.")
"""What the stand-in for the fallback says when it reads that a light was switched on."""
AFTER_A_TOOL = ("cut after a tool", "silence after a tool", "an error after a tool")
TOO_LATE = (Sentence.INTERRUPTED, Sentence.NO_ANSWER)
"""Causes that no other service mends: something was heard, or the service did answer."""


@pytest.fixture(autouse=True)
async def quick(socket_enabled: None, caplog: pytest.LogCaptureFixture) -> None:
    """Let the stand-ins listen, and leave out what takes a third of the time."""
    caplog.set_level(logging.CRITICAL)
    asyncio.get_running_loop().set_debug(False)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("set_up", "of_service"),
    [(jonh_ollama, ALL_OF_OLLAMA), (jonh_groq, ALL_OF_GROQ)],
    ids=["ollama", "groq"],
)
async def test_one_right_sentence(
    set_up: Callable[..., Any], of_service: tuple[Fault, ...], language: str
) -> None:
    """The cause is named, nothing is done twice, and the next turn knows of the failed one."""
    assert await problems_with(of_service, set_up, language) == {}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_fallback(language: str) -> None:
    """The second service answers unless something was heard, and repeats no tool of the first."""
    async with FakeGroq() as groq:
        groq.model.rules = [
            (re.compile(re.escape(ASK_AGAIN[language])), [{"content": RECOVERED[language]}]),
            (re.compile(""), [{"content": BEES[language]}]),
        ]

        def set_up(house: Any, **settings: Any) -> Any:
            return jonh_ollama(house, fallback=groq, **settings)

        expected = tuple(map(with_fallback, ALL_OF_OLLAMA))
        assert await problems_with(expected, set_up, language) == {}


def with_fallback(fault: Fault) -> Fault:
    """Return a fault with what should come of it when another service stands behind."""
    if fault.name in AFTER_A_TOOL:
        return replace(fault, words=LIGHT_IS_ON)
    if fault.wanted is Wanted.SENTENCE and fault.cause not in (None, *TOO_LATE):
        return replace(fault, words=BEES, cause=None)
    return fault


async def problems_with(
    of_service: tuple[Fault, ...], set_up: Callable[..., Any], language: str
) -> dict[str, tuple[str, ...]]:
    """Let the agent go through the faults and return what went wrong, by fault."""
    silent = [fault for fault in of_service if is_silent(fault)]
    others = [fault for fault in of_service if not is_silent(fault)]
    results = [
        result
        for some, settings in ((others, MODEL_FIRST), (silent, IMPATIENT))
        for result in await faults.measure(
            lambda house, settings=settings: set_up(house, **settings), some, language=language
        )
    ]
    assert {result.fault for result in results} == {fault.name for fault in of_service}
    return {result.fault: result.problems for result in results if not result.is_right}


def is_silent(fault: Fault) -> bool:
    """Return True when the service is waited for in vain."""
    return any("stall" in step for steps in fault.answers for step in steps)
