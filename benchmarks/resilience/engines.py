"""What a server makes of an engine that hangs, fails, or gives nonsense: F5."""

import asyncio
import contextlib
import logging
import time
from collections import Counter
from typing import TYPE_CHECKING

from wyoming.event import Event
from wyoming.info import Info

from benchmarks.resilience.rows import Figure, Trial
from benchmarks.resilience.sides import ms
from tests.fakes.wyoming_client import connect
from wyoming_servers.protocol import Command, Send, StartJob
from wyoming_servers.scheduler import one_by_one
from wyoming_servers.server import Server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Sequence

    from benchmarks.resilience.sides import Side
    from wyoming_servers.cancellation import Cancellation

_LIMIT_S = 0.1
# It comes back after its limit, so that no more than one is stuck at a time.
_STUCK_S = 0.13
_LATE_BAR_S = 0.1
_EXPECTED = {"stuck": "timeout", "raises": "internal", "nonsense": "internal", "good": ""}


def trials(*, failures: int) -> Sequence[Trial]:
    """Return the row: so many failures, one after another."""
    return [
        Trial(
            id="F5",
            what=f"{failures} jobs hang, fail or give nonsense, each followed by a good one",
            bar=f"an error <= {ms(_LATE_BAR_S)} after the limit, every good one is done",
            run=lambda side: bad_engine(side, failures),
            peer="a decode has no limit: one that hangs keeps its thread for ever (its source)",
        )
    ]


class _Protocol:
    """Starts the job that an event names."""

    is_receiving = False

    def on_event(self, event: Event) -> Iterable[Command[str]]:
        """Start it."""
        return [StartJob(event.type)]

    def on_result(self, job: str, result: object) -> Iterable[Command[str]]:
        """Send what came out."""
        del job
        return [Send(Event("result", {"value": result}))]

    def on_done(self, job: str) -> Iterable[Command[str]]:
        """Tell that it is over."""
        return [Send(Event("done", {"job": job}))]

    def on_close(self) -> None:
        """Nothing is kept."""


def _work(job: str, cancellation: Cancellation) -> Iterator[object]:
    """Do what the job is called, deaf to its cancellation as an engine is."""
    del cancellation
    if job == "stuck":
        time.sleep(_STUCK_S)
    if job == "raises":
        raise ZeroDivisionError("what a person said")
    yield object() if job == "nonsense" else job


async def bad_engine(side: Side, failures: int) -> Figure:
    """Let one job after another go wrong in every way, on one slot."""
    server = Server(
        name="trial",
        uri="tcp://127.0.0.1:0",
        info=Info,
        new_protocol=_Protocol,
        work=one_by_one(_work),
        job_limit_s=lambda _: _LIMIT_S,
    )
    wrong: Counter[str] = Counter()
    late_s = 0.0
    async with _quiet_log(), server.listen() as uri:
        for number in range(failures):
            for job in (("stuck", "raises", "nonsense")[number % 3], "good"):
                begin_s = time.perf_counter()
                code = await _code_of(uri, job)
                if code != _EXPECTED[job]:
                    wrong[f"{job}: {code or 'done'}"] += 1
                late_s = max(late_s, time.perf_counter() - begin_s - _LIMIT_S)
            await asyncio.sleep(_STUCK_S - _LIMIT_S)
    figure = f"{failures} errors as they should, the last {ms(max(late_s, 0))} after the limit"
    if wrong:
        figure = ", ".join(f"{count} {name}" for name, count in wrong.items())
    return Figure(figure, not wrong and late_s <= side.slack * _LATE_BAR_S)


@contextlib.asynccontextmanager
async def _quiet_log() -> AsyncIterator[None]:
    """Keep what the server logs of each failure from the report."""
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


async def _code_of(uri: str, job: str) -> str:
    """Return the code of the error that a job ends with; nothing for one that is done."""
    async with connect(uri) as client:
        await client.send(Event(job))
        events = await client.receive_until("done")
        if not events:
            return "cut"
        last = events[-1]
        return str(last.data.get("code")) if last.type == "error" else ""
