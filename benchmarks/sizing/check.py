"""The models beside real servers: Poisson traffic at a share of what they can do.

Requests cost less when many come, because what a server does for each 10 ms of sound is quicker
while it is awake anyway. So the models are given the CPU time that was really needed.
"""

import asyncio
import contextlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from functools import partial
from statistics import fmean
from typing import TYPE_CHECKING

from benchmarks.servers import free_port, running
from benchmarks.sizing import listening, speaking
from benchmarks.sizing.load import Cost, all_running, cores, on_cores, unloaded
from benchmarks.sizing.queueing import Line, Turns, Work
from benchmarks.sizing.requests import ANSWERS, TYPICAL, UTTERANCES, answer, speech, utter
from benchmarks.sizing.simulation import by_turns, least_connections, one_queue
from benchmarks.sizing.traffic import Traffic, drive
from benchmarks.stt.latency import p95
from benchmarks.tts.texts import Texts
from tests.fakes.wyoming_client import connect

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from benchmarks.servers import Running
    from benchmarks.sizing.plan import Size
    from benchmarks.sizing.speaking import Speaking

_SHARES = [each.share for each in UTTERANCES]
_START_S = 10.0
# So far apart that no text of one is another's.
_SEED = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """The mean of waits and the time that 95 % of them are within, in s."""

    mean_s: float
    p95_s: float

    @classmethod
    def of(cls, waits_s: Sequence[float]) -> Waits | None:
        """Return those of some waits, None when there are none."""
        return cls(mean_s=fmean(waits_s), p95_s=p95(waits_s)) if waits_s else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One run of traffic and what the models say of it."""

    what: str
    busy: float
    was_busy: float
    """The share of a core that each server needed for what came."""
    requests: int
    failed: int
    measured: Waits | None
    """None when not one request was answered."""
    formula: Waits
    played: Waits | None
    """The very requests that came, played through the model; None when none came."""


async def listening_checks(name: str, cache: Path, size: Size) -> list[Check]:
    """Drive one worker of jonh-stt at several shares of its capacity."""
    checks = []
    async with running(_worker(name, cache, cores()[0])) as server:
        costs = await _costs(server, size)
        work = Work.of([each.cpu_s for each in costs], _SHARES)
        for busy in size.busy:
            per_s = busy / work.mean_s
            came = await _speech_traffic([server], server.uri, per_s, size)
            scale = came.busy / busy
            line = Line(work=work.scaled(scale), per_s=per_s)
            ordered = sorted(came.requests, key=lambda each: each.asked_s)
            played = one_queue(
                [each.asked_s for each in ordered],
                [costs[each.kind].cpu_s * scale for each in ordered],
            )
            checks.append(_check(f"jonh-stt, {name}", busy, came, costs, line, played))
    return checks


async def balanced_check(name: str, cache: Path, size: Size) -> Check:
    """Drive two workers of jonh-stt behind HAProxy."""
    first, second = cores()
    busy = 0.6
    workers = [_worker(name, cache, each) for each in (first, second)]
    async with all_running(workers) as servers:
        costs = await _costs(servers[0], size)
        work = Work.of([each.cpu_s for each in costs], _SHARES)
        per_s = busy / work.mean_s * len(servers)
        async with haproxy([each.uri for each in servers]) as uri:
            came = await _speech_traffic(servers, uri, per_s, size)
    # As the tables count: each worker for itself.
    scale = came.busy / busy
    line = Line(work=work.scaled(scale), per_s=per_s / len(servers))
    ordered = sorted(came.requests, key=lambda each: each.opened_s)
    played = least_connections(
        [each.opened_s for each in ordered],
        [each.asked_s - each.opened_s for each in ordered],
        [costs[each.kind].cpu_s * scale for each in ordered],
        len(servers),
    )
    what = f"2 x jonh-stt, {name}, behind HAProxy"
    return _check(what, busy, came, costs, line, played)


async def speaking_check(measured: Speaking, cache: Path, size: Size) -> Check:
    """Drive one worker of jonh-tts; its waits are those for first sounds."""
    busy = 0.6
    texts = Texts(_SEED)
    ours = on_cores(speaking.subject(measured.name, cache), cores()[0])
    async with running(ours) as server:

        async def first_sound(kind: str) -> float:
            return (await answer(server.uri, texts, kind))[0]

        asks = [partial(first_sound, each.kind) for each in ANSWERS]
        work = Work.of([each.cpu_s for each in measured.costs], [each.share for each in ANSWERS])
        came = await drive(
            [server],
            asks,
            [each.share for each in ANSWERS],
            per_s=busy / work.mean_s,
            seconds=size.check_s,
        )
    scale = came.busy / busy
    turns = Turns(busy=came.busy, turn_s=measured.turn_s)
    ordered = sorted(came.requests, key=lambda each: each.asked_s)
    played = by_turns(
        [each.asked_s for each in ordered],
        [measured.costs[each.kind].cpu_s * scale for each in ordered],
        measured.turn_s,
    )
    what = f"jonh-tts, {measured.name}, first sound"
    return _check(what, busy, came, measured.costs, turns, played)


def _check(
    what: str,
    busy: float,
    came: Traffic,
    costs: Sequence[Cost],
    model: Line | Turns,
    played_s: Sequence[float],
) -> Check:
    return Check(
        what=what,
        busy=busy,
        was_busy=came.busy,
        requests=len(came.requests),
        failed=came.failed,
        measured=Waits.of(came.delays_s(costs)),
        formula=Waits(mean_s=model.mean_s, p95_s=model.within_s(0.95)),
        played=Waits.of(played_s),
    )


def _worker(name: str, cache: Path, core: int) -> listening.Subject:
    return on_cores(listening.subject(name, UTTERANCES[TYPICAL].words, cache), core)


async def _costs(server: Running, size: Size) -> list[Cost]:
    return [
        await unloaded(server, partial(utter, sound=speech(each.seconds)), size.free_s)
        for each in UTTERANCES
    ]


async def _speech_traffic(
    servers: Sequence[Running], uri: str, per_s: float, size: Size
) -> Traffic:
    asks = [partial(utter, uri, speech(each.seconds)) for each in UTTERANCES]
    return await drive(servers, asks, _SHARES, per_s=per_s, seconds=size.check_s)


def has_haproxy() -> bool:
    """Tell whether HAProxy is installed here."""
    return _haproxy() is not None


def _haproxy() -> str | None:
    # Where Debian has it, and many people do not look.
    return shutil.which("haproxy", path=f"{os.environ['PATH']}:/usr/sbin")


@contextlib.asynccontextmanager
async def haproxy(uris: Sequence[str]) -> AsyncIterator[str]:
    """Run HAProxy in front of workers while the context is open; it balances as deploy/ does."""
    port = free_port()
    workers = "\n".join(
        f"  server worker{index} {uri.removeprefix('tcp://')}" for index, uri in enumerate(uris)
    )
    with tempfile.NamedTemporaryFile("w", suffix=".cfg") as file:
        file.write(_CONFIG.format(port=port, workers=workers))
        file.flush()
        program = _haproxy()
        assert program is not None
        process = await asyncio.create_subprocess_exec(
            *(program, "-db", "-q", "-f", file.name), stderr=asyncio.subprocess.DEVNULL
        )
        try:
            uri = f"tcp://127.0.0.1:{port}"
            await _until_open(uri)
            yield uri
        finally:
            process.terminate()
            await process.wait()


async def _until_open(uri: str) -> None:
    async with asyncio.timeout(_START_S):
        while True:
            with contextlib.suppress(OSError, AssertionError):
                async with connect(uri) as client:
                    await client.describe()
                    return
            await asyncio.sleep(0.05)


_CONFIG = """
defaults
  mode tcp
  timeout connect 500ms
  timeout client 130s
  timeout server 130s
frontend wyoming
  bind 127.0.0.1:{port}
  default_backend workers
backend workers
  balance leastconn
{workers}
"""
