"""Queues played through, request by request, to see how far the formulas can be trusted."""

import heapq
from collections import deque
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence


class _What(IntEnum):
    CLOSES = 0
    ASKS = 1
    OPENS = 2


def arrivals(per_s: float, count: int, seed: int) -> list[float]:
    """Return the times of so many requests of a Poisson process."""
    gaps = np.random.default_rng(seed).exponential(1 / per_s, count)
    return [float(each) for each in np.cumsum(gaps)]


def chosen(count: int, shares: Sequence[float], seed: int) -> list[int]:
    """Return the kinds of so many requests, each kind with its share of them."""
    kinds = np.random.default_rng(seed).choice(len(shares), count, p=shares)
    return [int(kind) for kind in kinds]


def one_queue(asked_s: Sequence[float], work_s: Sequence[float], workers: int = 1) -> list[float]:
    """Return how long each request waits when the first free worker takes the first in line."""
    free_s = [0.0] * workers
    waits_s = []
    for at_s, takes_s in zip(asked_s, work_s, strict=True):
        begins_s = max(at_s, heapq.heappop(free_s))
        heapq.heappush(free_s, begins_s + takes_s)
        waits_s.append(begins_s - at_s)
    return waits_s


def by_turns(asked_s: Sequence[float], work_s: Sequence[float], turn_s: float) -> list[float]:
    """Return how long each request waits for its first turn at a worker that gives all theirs.

    A turn is so long, or as long as the rest of the work; who comes goes to the end of the line.
    """
    waits_s = [0.0] * len(asked_s)
    line: deque[tuple[int, float]] = deque()
    now_s, coming = 0.0, 0
    while line or coming < len(asked_s):
        if line:
            index, left_s = line.popleft()
            if left_s == work_s[index]:
                waits_s[index] = now_s - asked_s[index]
            now_s += min(turn_s, left_s)
        else:
            left_s, now_s = 0.0, asked_s[coming]
        while coming < len(asked_s) and asked_s[coming] <= now_s:
            line.append((coming, work_s[coming]))
            coming += 1
        if left_s > turn_s:
            line.append((index, left_s - turn_s))
    return waits_s


def least_connections(
    opened_s: Sequence[float],
    spoken_s: Sequence[float],
    work_s: Sequence[float],
    workers: int,
) -> list[float]:
    """Return how long each request waits behind a balancer that counts connections.

    It chooses a worker when somebody begins to speak, by how many are connected to each, and
    in turn among equals; the work comes at the end of the speech. Each worker has a queue.
    """
    events = [(at_s, _What.OPENS, index) for index, at_s in enumerate(opened_s)]
    heapq.heapify(events)
    connected, free_s, last_used = [0] * workers, [0.0] * workers, [0] * workers
    chosen, waits_s = [0] * len(opened_s), [0.0] * len(opened_s)
    for turn in range(3 * len(opened_s)):
        at_s, what, index = heapq.heappop(events)
        match what:
            case _What.OPENS:
                worker = min(range(workers), key=lambda each: (connected[each], last_used[each]))
                chosen[index], last_used[worker] = worker, turn + 1
                connected[worker] += 1
                heapq.heappush(events, (at_s + spoken_s[index], _What.ASKS, index))
            case _What.ASKS:
                worker = chosen[index]
                begins_s = max(at_s, free_s[worker])
                waits_s[index] = begins_s - at_s
                free_s[worker] = begins_s + work_s[index]
                heapq.heappush(events, (free_s[worker], _What.CLOSES, index))
            case _What.CLOSES:
                connected[chosen[index]] -= 1
    return waits_s
