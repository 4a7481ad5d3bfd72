"""Silence has an end, which may be put off."""

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

import pytest

from custom_components.jonh.providers.base import StalledError
from custom_components.jonh.providers.deadlines import with_deadlines

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator


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


async def test_a_deadline_may_be_put_off() -> None:
    """News that the model is still loading come while the first item is awaited."""
    revised_s: asyncio.Future[float] = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_later(0.05, revised_s.set_result, 30.0)
    items: list[int] = []
    async with aclosing(numbers(0.4)) as source:
        timed = with_deadlines(source, first_s=0.2, gap_s=30.0, revised_first_s=revised_s)
        await drain(timed, items)
    assert items == [0]


@pytest.mark.parametrize("outcome", ["failed", "cancelled", "late", "sooner"])
async def test_news_that_are_none_put_nothing_off(outcome: str) -> None:
    """Without a longer time the first one stands, and a shorter one counts too."""
    loop = asyncio.get_running_loop()
    revised_s: asyncio.Future[float] = loop.create_future()
    if outcome == "failed":
        revised_s.set_exception(StalledError("no news"))
    elif outcome == "cancelled":
        revised_s.cancel()
    elif outcome == "sooner":
        revised_s.set_result(0.01)
    first_s = 30.0 if outcome == "sooner" else 0.1
    async with aclosing(numbers(5.0)) as source:
        timed = with_deadlines(source, first_s=first_s, gap_s=30.0, revised_first_s=revised_s)
        with pytest.raises(StalledError):
            await drain(timed, [])
    if outcome == "late":
        revised_s.set_result(30.0)
        await asyncio.sleep(0)


async def test_news_count_for_the_first_item_only() -> None:
    """Between later ones only the gap counts."""
    revised_s: asyncio.Future[float] = asyncio.get_running_loop().create_future()
    revised_s.set_result(30.0)
    async with aclosing(numbers(0.0, 5.0)) as source:
        timed = with_deadlines(source, first_s=0.2, gap_s=0.1, revised_first_s=revised_s)
        items: list[int] = []
        with pytest.raises(StalledError):
            await drain(timed, items)
    assert items == [0]


async def test_news_that_come_with_the_first_item_are_late() -> None:
    """Both in the same moment: there is nothing to put off any more, and nothing breaks."""
    loop = asyncio.get_running_loop()
    problems: list[dict[str, object]] = []
    loop.set_exception_handler(lambda _, context: problems.append(context))
    revised: asyncio.Future[float] = loop.create_future()

    async def source() -> AsyncGenerator[str]:
        revised.set_result(10.0)
        yield "at once"

    items = [
        item async for item in with_deadlines(source(), first_s=1, gap_s=1, revised_first_s=revised)
    ]
    await asyncio.sleep(0)
    assert items == ["at once"]
    assert problems == []
