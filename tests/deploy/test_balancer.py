"""Nobody is lost behind deploy/haproxy.cfg but those who spoke with a worker that was killed."""

import asyncio
import re
from typing import TYPE_CHECKING

import pytest

from benchmarks.resilience.scale_out import (
    DETECTION_BAR_S,
    Outcome,
    Pool,
    hang_one,
    kill_one,
    rolling_restart,
)
from benchmarks.resilience.scale_out_balancer import on_machines

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.resilience.scale_out_workers import Worker
    from tests.deploy.conftest import Site

type Size = Callable[..., int]


@pytest.fixture
def clients(size: Size) -> int:
    """Return how many people speak at once; two cores manage few."""
    return size(fast=8, long=24)


def heard(worker: Worker) -> float:
    """Return how many utterances a worker has answered since its start."""
    _, text = worker.ask("/metrics")
    counts = re.findall(r"^jonh_stt_utterances_total\{.*\} (\S+)$", text, re.MULTILINE)
    return sum(map(float, counts))


async def speak(pool: Pool, clients: int, turns: int) -> Outcome:
    """Let people speak for so many turns."""
    crowd = pool.crowd(clients)
    async with crowd.speaking() as outcome:
        await crowd.turns(turns)
    return outcome


async def test_machines_written_into_the_file_share_the_work(site: Site, clients: int) -> None:
    """`server` lines as somebody would fill them in; everybody has something to do."""
    before = [heard(worker) for worker in site.stt.workers]
    with on_machines({"stt": site.stt.workers, "tts": site.tts.workers}) as balancer:
        stt, tts = (
            Pool(kind=pool.kind, workers=pool.workers, balancer=balancer)
            for pool in (site.stt, site.tts)
        )
        outcome = await speak(stt, clients, turns=12)
        voices = await speak(tts, clients, turns=12)
    after = [heard(worker) for worker in site.stt.workers]
    done = [now - earlier for now, earlier in zip(after, before, strict=True)]
    assert (outcome.lost, voices.lost) == (0, 0)
    assert sum(done) == outcome.turns
    assert min(done) >= outcome.turns // 6, done


async def test_rolling_restart_loses_nothing(site: Site, clients: int) -> None:
    """F2: all workers of both pools, one after the other, while people speak and are spoken to."""
    results = await asyncio.gather(
        rolling_restart(site.stt, clients), rolling_restart(site.tts, clients // 2)
    )
    assert [outcome.lost for outcome in results] == [0, 0]
    assert all(outcome.turns > clients for outcome in results)


async def test_killed_worker_loses_what_it_had(site: Site, clients: int) -> None:
    """F3: those in the middle of their words hear of it; nobody else does."""
    crash = await kill_one(site.stt, clients)
    assert crash.in_flight > 0
    assert crash.outcome.lost <= crash.in_flight
    assert crash.outcome.turns > crash.in_flight + clients


async def test_killed_worker_loses_nothing_of_those_who_say_it_again(
    site: Site, clients: int
) -> None:
    """F3: a client that sends the whole utterance again is understood by another worker."""
    crash = await kill_one(site.stt, clients, repeats=True)
    assert crash.in_flight > 0
    assert crash.outcome.lost == 0


async def test_hanging_worker_is_left_out(site: Site, clients: int) -> None:
    """F4: it gets nobody new, those it had are let go, and the others serve."""
    crash = await hang_one(site.stt, clients)
    assert crash.in_flight > 0
    assert crash.detected_s <= DETECTION_BAR_S
    assert crash.outcome.lost == 0
    assert crash.outcome.repeated > 0
