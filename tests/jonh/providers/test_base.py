"""Tool arguments, deadlines and the error tree."""

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

import pytest

from custom_components.jonh.providers import base
from custom_components.jonh.providers.base import (
    AllFailedError,
    AuthError,
    BadToolCallError,
    Failure,
    ProviderError,
    StalledError,
    UnreachableError,
    tool_args,
    with_deadlines,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator


@pytest.mark.parametrize(
    ("raw", "args"),
    [
        pytest.param({"name": "luz"}, {"name": "luz"}, id="object"),
        pytest.param('{"name": "luz"}', {"name": "luz"}, id="text"),
        pytest.param("", {}, id="empty text"),
        pytest.param(None, {}, id="nothing"),
        pytest.param({"a": "", "b": None, "c": 0, "d": False}, {"c": 0, "d": False}, id="empty"),
        pytest.param(
            {"a": '["x", "y"]', "b": '{"c": 1}'}, {"a": ["x", "y"], "b": {"c": 1}}, id="in"
        ),
        pytest.param({"a": "[sala]", "b": "{x"}, {"a": "[sala]", "b": "{x"}, id="not JSON"),
    ],
)
def test_tool_args_are_cleaned(raw: object, args: dict[str, object]) -> None:
    """What models write in place of nothing or of a list becomes what tools accept."""
    assert tool_args(raw) == args


@pytest.mark.parametrize("raw", ["{", "[1]", [1], 5, "texto"])
def test_tool_args_that_cannot_be_read_are_refused(raw: object) -> None:
    """Arguments that are no object fail by name."""
    with pytest.raises(BadToolCallError):
        tool_args(raw)


async def numbers(*delays_s: float) -> AsyncGenerator[int]:
    """Yield an index after each delay."""
    for index, delay_s in enumerate(delays_s):
        await asyncio.sleep(delay_s)
        yield index


async def drain(source: AsyncGenerator[int], items: list[int]) -> None:
    """Read everything into a list."""
    async for item in source:
        items.append(item)


@pytest.mark.parametrize(
    ("delays_s", "first_s", "gap_s", "received"),
    [
        pytest.param((5.0, 0.0), 0.1, 30.0, [], id="the first comes too late"),
        pytest.param((0.2, 0.0, 5.0), 30.0, 0.1, [0, 1], id="a later one comes too late"),
    ],
)
async def test_silence_is_a_stall(
    delays_s: tuple[float, ...], first_s: float, gap_s: float, received: list[int]
) -> None:
    """What came in time is passed on before the stall is told."""
    items: list[int] = []
    async with aclosing(numbers(*delays_s)) as source:
        with pytest.raises(StalledError):
            await drain(with_deadlines(source, first_s=first_s, gap_s=gap_s), items)
    assert items == received


async def test_without_silence_everything_passes() -> None:
    """A slow reader is no stall: only the waits count."""
    items: list[int] = []
    async for item in with_deadlines(numbers(0, 0, 0), first_s=0.1, gap_s=0.1):
        items.append(item)
        await asyncio.sleep(0.15)
    assert items == [0, 1, 2]


async def test_a_timeout_of_the_source_is_not_a_stall() -> None:
    """Somebody else's deadline keeps its own error."""

    async def failing() -> AsyncGenerator[int]:
        raise TimeoutError
        yield 0

    with pytest.raises(TimeoutError):
        async for _ in with_deadlines(failing(), first_s=5, gap_s=5):
            pass


def test_every_error_explains_itself() -> None:
    """An error without a detail says what it means; each has a docstring."""
    leaves = ProviderError.__subclasses__()
    assert len(leaves) >= 12
    assert all(leaf.__doc__ for leaf in leaves)
    assert str(AuthError()) == AuthError.__doc__
    assert str(AuthError("status 401")) == "status 401"
    assert {leaf.__module__ for leaf in leaves} == {base.__name__}


def test_all_failed_names_every_cause() -> None:
    """The causes stand in order, and one that may pass makes the whole worth a retry."""
    auth = Failure("Groq", "m", AuthError("status 401"))
    down = Failure("Ollama", "n", UnreachableError("no connection"))
    assert str(AllFailedError([down, auth])) == "Ollama (n): no connection, Groq (m): status 401"
    assert AllFailedError([auth, down]).retryable
    assert not AllFailedError([auth]).retryable
    assert not AllFailedError([]).retryable
