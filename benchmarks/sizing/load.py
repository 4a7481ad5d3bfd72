"""Servers under load: what a request costs one that is free, and how many a full one serves."""

import asyncio
import contextlib
import os
import time
from dataclasses import dataclass, replace
from statistics import fmean, median
from typing import TYPE_CHECKING

from benchmarks.servers import Running, running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from benchmarks.servers import Subject

# One is served and one waits, so that a server is never free, and never has two to do at once.
_CLIENTS = 2
# Not a whole number of any turns, so that requests come at all moments of them.
_APART_S = 0.37


class MachineError(Exception):
    """This machine cannot be measured; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one request costs a server that has nothing else to do."""

    cpu_s: float
    waited_s: float
    """The median of what requests waited for."""
    requests: int
    """How many there were."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Full:
    """What servers do that always have something to do."""

    each_s: float
    """Seconds that a server is busy with one request."""
    cpu_s: float
    """CPU time of one request."""
    peak_mb: float
    """The most memory that one of them had."""
    servers: int

    @property
    def per_minute(self) -> float:
        """Requests that all of them serve in a minute."""
        return self.servers * 60 / self.each_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Crews:
    """One server as several crews of workers, none of which is ever free."""

    one: Full
    """A worker on one core."""
    pair: Full
    """Two such workers, each on its own core."""
    threads: Full
    """One worker with two threads on two cores."""

    @property
    def beside(self) -> float:
        """How many times as much CPU time a request takes when the other core is busy too."""
        return max(1.0, self.pair.cpu_s / self.one.cpu_s)

    @property
    def had_core(self) -> float:
        """The share of a core that the worker on one core had, which never had to wait."""
        return self.one.cpu_s / self.one.each_s

    @property
    def threaded(self) -> float:
        """How many times as long a worker with two threads is busy with a request."""
        return self.threads.each_s / self.one.each_s


def cores() -> tuple[int, int]:
    """Return two cores that this process may use. Raises MachineError."""
    found = sorted(os.sched_getaffinity(0))
    if len(found) < 2:
        raise MachineError("One core is too few: whoever asks needs another than who answers.")
    return found[0], found[-1]


def on_cores[SubjectT: Subject](subject: SubjectT, *chosen: int) -> SubjectT:
    """Return the server bound to some cores, with a thread for each."""
    command = ("taskset", "-c", ",".join(map(str, chosen)), *subject.command)
    return replace(subject, command=(*command, "--threads", str(len(chosen))))


@contextlib.asynccontextmanager
async def all_running(subjects: Sequence[Subject]) -> AsyncIterator[list[Running]]:
    """Run servers while the context is open."""
    async with contextlib.AsyncExitStack() as stack:
        yield [await stack.enter_async_context(running(each)) for each in subjects]


async def unloaded(server: Running, ask: Callable[[str], Awaitable[float]], seconds: float) -> Cost:
    """Ask for so long, one request after the other; `ask` returns what it waited, in s."""
    before_s, begin_s = server.cpu_s, time.perf_counter()
    waited_s: list[float] = []
    while not waited_s or time.perf_counter() < begin_s + seconds:
        waited_s.append(await ask(server.uri))
    return Cost(
        cpu_s=(server.cpu_s - before_s) / len(waited_s),
        waited_s=median(waited_s),
        requests=len(waited_s),
    )


async def full(
    servers: Sequence[Running], ask: Callable[[str], Awaitable[object]], *, seconds: float
) -> Full:
    """Keep servers busy for so long, and until each has served some requests."""
    for server in servers:
        await ask(server.uri)
    served = dict.fromkeys((each.uri for each in servers), 0)
    busy_s = dict.fromkeys(served, 0.0)
    before_s = sum(each.cpu_s for each in servers)
    begin_s = time.perf_counter()

    async def keep_busy(uri: str) -> None:
        while time.perf_counter() < begin_s + seconds or served[uri] < _CLIENTS:
            await ask(uri)
            served[uri] += 1
            busy_s[uri] = time.perf_counter() - begin_s

    await asyncio.gather(*(keep_busy(each.uri) for each in servers for _ in range(_CLIENTS)))
    return Full(
        each_s=fmean(busy_s[uri] / served[uri] for uri in served),
        cpu_s=(sum(each.cpu_s for each in servers) - before_s) / sum(served.values()),
        peak_mb=max(each.peak_mb for each in servers),
        servers=len(servers),
    )


async def beside(
    server: Running,
    ask: Callable[[str], Awaitable[float]],
    others: Callable[[str], Awaitable[object]],
    *,
    count: int,
    seconds: float,
) -> float:
    """Return what a request waits, in s, while a server serves so many others all the time."""

    async def keep_busy() -> None:
        while True:
            await others(server.uri)

    async def ask_apart(uri: str) -> float:
        await asyncio.sleep(_APART_S)
        return await ask(uri)

    busy = [asyncio.create_task(keep_busy()) for _ in range(count)]
    try:
        return (await unloaded(server, ask_apart, seconds)).waited_s
    finally:
        for task in busy:
            task.cancel()
        await asyncio.gather(*busy, return_exceptions=True)


async def crews(
    subject: Subject, ask: Callable[[str], Awaitable[object]], *, seconds: float
) -> Crews:
    """Keep a server busy as one worker, as two, and as one with two threads."""
    first, second = cores()
    found = []
    for workers in ([(first,)], [(first,), (second,)], [(first, second)]):
        async with all_running([on_cores(subject, *each) for each in workers]) as servers:
            found.append(await full(servers, ask, seconds=seconds))
    one, pair, threads = found
    return Crews(one=one, pair=pair, threads=threads)
