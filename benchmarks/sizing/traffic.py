"""Requests as they come from rooms that know nothing of each other, and how long they waited."""

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.sizing.simulation import arrivals, chosen

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from benchmarks.servers import Running
    from benchmarks.sizing.load import Cost

_SEED = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request of the traffic; times are counted from its beginning."""

    opened_s: float
    """When the connection was opened: somebody begins to speak."""
    asked_s: float
    """When the server got all that it needed: the end of the speech."""
    kind: int
    waited_s: float
    """From then to the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """What came, and how many requests were refused or failed."""

    requests: tuple[Request, ...]
    failed: int
    busy: float
    """The share of a core that each server needed for what came."""

    def delays_s(self, costs: Sequence[Cost]) -> list[float]:
        """Return how much longer each waited than at a free server."""
        return [max(0.0, each.waited_s - costs[each.kind].waited_s) for each in self.requests]


async def drive(
    servers: Sequence[Running],
    asks: Sequence[Callable[[], Awaitable[float]]],
    shares: Sequence[float],
    *,
    per_s: float,
    seconds: float,
) -> Traffic:
    """Make a Poisson process of requests, of kinds with these shares, for so long.

    The `servers` are those that work for them. Each of `asks` makes a request of its kind and
    returns how long it waited, in s.
    """
    opened_s = [at for at in arrivals(per_s, _enough(per_s * seconds), _SEED) if at < seconds]
    kinds = chosen(len(opened_s), shares, _SEED)
    before_s = sum(each.cpu_s for each in servers)
    begin_s = time.perf_counter()

    async def one(at_s: float, kind: int) -> Request:
        await asyncio.sleep(begin_s + at_s - time.perf_counter())
        waited_s = await asks[kind]()
        asked_s = time.perf_counter() - begin_s - waited_s
        return Request(opened_s=at_s, asked_s=asked_s, kind=kind, waited_s=waited_s)

    outcomes = await asyncio.gather(
        *(one(at_s, kind) for at_s, kind in zip(opened_s, kinds, strict=True)),
        return_exceptions=True,
    )
    cpu_s = sum(each.cpu_s for each in servers) - before_s
    requests = [each for each in outcomes if isinstance(each, Request)]
    return Traffic(
        requests=tuple(requests),
        failed=len(outcomes) - len(requests),
        # What is done after the last request came makes up for the beginning, with nothing to do.
        busy=cpu_s / seconds / len(servers),
    )


def _enough(expected: float) -> int:
    """Return a number of arrivals that surely go beyond the time in which so many are expected."""
    return round(2 * expected) + 20
