"""What a server does with bad input: hand-made conversations, and thousands of damaged ones.

Verdicts: ok; MUTE, bad input and not a word about it before the connection was closed; BLOCKS,
another client's `describe` took more than a second meanwhile; LEAK, the memory grew by more than
30 MB and stayed; HUNG, no answer and no close, or none for the next client with a good request;
CRASH. Stacks of unforeseen exceptions are counted in the server's log.
"""

import asyncio
import contextlib
import re
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from wyoming.event import Event, async_read_event

from benchmarks.cases import Answer, Case
from benchmarks.servers import Running, Subject, running
from benchmarks.tables import table
from tests.fakes.wyoming_client import connect
from wyoming_servers.protocol import ErrorCode

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence

_BLOCK_S = 1.0
_LEAK_MB = 30.0
_AFTERWARDS_S = 1.0
_SEND_S = 5.0
_SEND_BYTES = 65_536
_PARALLEL = 200
# What the first tenth of the mutations takes, a server keeps for all others: buffers for several
# requests at once, and those of so many connections.
_WARM_UP = 10
_WATCH_PAUSE_S = 0.05
# A server may still be busy with those that have just left.
_TRIES = 3
_RETRY_PAUSE_S = 0.5
# How a stack in a log begins: Python's own head, and that of a server which leaves out the
# exception's message because it may quote what a person said.
_STACK = re.compile(rb'Traceback \(most recent call last\)|failed with \w+\n  File "')


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What servers of one kind are tried with."""

    cases: tuple[Case, ...]
    good: Case
    """A request in which nothing is wrong."""
    result: tuple[str, ...]
    """The types of the events that a result is made of, unless a case says otherwise."""
    answer_s: float
    """Above every deadline of a server for what a client owes it."""


class Verdict(StrEnum):
    """What became of one case."""

    OK = "ok"
    MUTE = "MUTE"
    BLOCKS = "BLOCKS"
    LEAK = "LEAK"
    HUNG = "HUNG"
    CRASH = "CRASH"


_SPOILT = (Verdict.HUNG, Verdict.CRASH, Verdict.LEAK)


@dataclass(slots=True)
class Outcome:
    """All verdicts of one server."""

    verdicts: dict[str, Verdict] = field(default_factory=dict)
    mutations: Counter[Verdict] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    """The codes of all errors that were sent."""
    stacks: int = 0
    """Exceptions in the log that nobody had foreseen."""

    def count(self, verdict: Verdict) -> int:
        """Return how many hand-made cases ended so."""
        return sum(each is verdict for each in self.verdicts.values())


async def try_everything(subject: Subject, trial: Trial, mutations: Sequence[Case]) -> Outcome:
    """Run every case, and then these, against a server of its own."""
    outcome = Outcome()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        todo = [[case] for case in trial.cases if not case.takes_long]
        todo.append([case for case in trial.cases if case.takes_long])
        while todo:
            async with running(subject, folder) as server:
                tester = _Tester(server, trial, outcome)
                is_fit = True
                # A server that one case has spoilt is of no use for the next.
                while todo and is_fit:
                    verdicts = await tester.try_together(todo.pop(0))
                    outcome.verdicts |= verdicts
                    is_fit = not any(verdict in _SPOILT for verdict in verdicts.values())
            outcome.stacks += _stacks(folder / "log")
        async with running(subject, folder) as server:
            await _Tester(server, trial, outcome).try_mutations(mutations)
        outcome.stacks += _stacks(folder / "log")
    return outcome


def _stacks(log: Path) -> int:
    return len(_STACK.findall(log.read_bytes()))


class _Tester:
    """Tries one running server, and notes what its errors say and what became of mutations."""

    def __init__(self, server: Running, trial: Trial, outcome: Outcome) -> None:
        self._server = server
        self._trial = trial
        self._outcome = outcome

    async def try_together(self, cases: Sequence[Case]) -> dict[str, Verdict]:
        """Run these side by side, and again where the first time leaves a doubt."""
        verdicts, harm = await self._run(cases)
        if harm in (Verdict.BLOCKS, Verdict.LEAK):
            # What an allocator keeps for the next time is no leak, and a machine may have stopped
            # for a moment: the second time tells.
            _, harm = await self._run(cases)
        return verdicts if harm is Verdict.OK else dict.fromkeys(verdicts, harm)

    async def try_mutations(self, cases: Sequence[Case]) -> None:
        """Send damaged conversations, many at once, and judge each."""
        server, verdicts = self._server, self._outcome.mutations
        warm_up = len(cases) // _WARM_UP
        async with _watched(server) as slowest:
            await self._send_all(cases[:warm_up])
            before_mb = server.memory_mb
            await self._send_all(cases[warm_up:])
        verdicts[Verdict.BLOCKS] = sum(each > _BLOCK_S for each in slowest)
        verdicts[Verdict.LEAK] = int(server.memory_mb - before_mb > _LEAK_MB)
        if not await self._still_serves():
            verdicts[Verdict.HUNG if server.is_alive else Verdict.CRASH] += 1

    async def _send_all(self, cases: Sequence[Case]) -> None:
        todo = list(cases)

        async def work() -> None:
            while todo:
                case = todo.pop()
                events = await self._converse(case)
                self._outcome.codes.update(_codes(events or []))
                self._outcome.mutations[self._verdict(case, [events])] += 1

        await asyncio.gather(*(work() for _ in range(_PARALLEL)))

    async def _run(self, cases: Sequence[Case]) -> tuple[dict[str, Verdict], Verdict]:
        """Return a verdict for each case, and one for what they did to the server together."""
        server = self._server
        before_mb = server.memory_mb
        async with _watched(server) as slowest:
            answers = await asyncio.gather(*(self._repeat(case) for case in cases))
        for events in chain(*answers):
            self._outcome.codes.update(_codes(events or []))
        verdicts = {
            case.name: self._verdict(case, each) for case, each in zip(cases, answers, strict=True)
        }
        harm = Verdict.OK
        if not await self._still_serves():
            harm = Verdict.HUNG if server.is_alive else Verdict.CRASH
        elif max(slowest) > _BLOCK_S:
            harm = Verdict.BLOCKS
        elif server.memory_mb - before_mb > _LEAK_MB:
            harm = Verdict.LEAK
        return verdicts, harm

    async def _still_serves(self) -> bool:
        """Tell whether a client in good faith gets its result, if not at once."""
        good = self._trial.good
        for _ in range(_TRIES):
            events = await self._converse(good)
            if events is None:
                break
            if self._is_owed(good, events):
                return True
            await asyncio.sleep(_RETRY_PAUSE_S)
        return False

    async def _repeat(self, case: Case) -> list[list[Event] | None]:
        return await asyncio.gather(*(self._converse(case) for _ in range(case.repeats)))

    def _verdict(self, case: Case, answers: Sequence[list[Event] | None]) -> Verdict:
        if None in answers:
            return Verdict.HUNG
        is_owed = all(self._is_owed(case, events or []) for events in answers)
        return Verdict.OK if is_owed else Verdict.MUTE

    def _is_owed(self, case: Case, events: Sequence[Event]) -> bool:
        has_error = any(_is_sentence(event) for event in events)
        match case.answer:
            case Answer.ERROR:
                return has_error
            case Answer.RESULT:
                return self._has_result(case, events)
            case Answer.EITHER:
                return has_error or self._has_result(case, events)
            case Answer.NOTHING:
                return True

    def _has_result(self, case: Case, events: Sequence[Event]) -> bool:
        return Counter(event.type for event in events) >= Counter(self._result_of(case))

    def _result_of(self, case: Case) -> tuple[str, ...]:
        return case.result or self._trial.result

    async def _converse(self, case: Case) -> list[Event] | None:
        """Send a case and return what came back; None when nothing more happened for too long."""
        parts = urlsplit(self._server.uri)
        try:
            reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        except OSError:
            return []
        sending = asyncio.create_task(_send(writer, case))
        try:
            async with asyncio.timeout(self._trial.answer_s):
                if case.answer is Answer.NOTHING and not case.is_half_closed:
                    await sending
                    return []
                return await self._receive(reader, case)
        except TimeoutError:
            return None
        finally:
            sending.cancel()
            writer.close()

    async def _receive(self, reader: asyncio.StreamReader, case: Case) -> list[Event]:
        """Read until the client has what it is owed, or the end."""
        events: list[Event] = []
        last = ("error", self._result_of(case)[-1])
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, ValueError):
            while (event := await async_read_event(reader)) is not None:
                events.append(event)
                if event.type in last and self._is_owed(case, events):
                    break
                if event.type in last and self._has_result(case, events):
                    events += await _rest(reader)  # it was taken for a request in order
                    break
        return events


def _is_sentence(event: Event) -> bool:
    """Tell whether an event says what is wrong; that the server has a fault is no such word."""
    is_fault = event.data.get("code") == ErrorCode.INTERNAL
    return event.type == "error" and not is_fault and len(str(event.data.get("text")).split()) > 2


def _codes(events: Iterable[Event]) -> list[str]:
    return [str(event.data.get("code")) for event in events if event.type == "error"]


async def _rest(reader: asyncio.StreamReader) -> list[Event]:
    """Read what follows an answer at once."""
    events: list[Event] = []
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_AFTERWARDS_S):
            while (event := await async_read_event(reader)) is not None:
                events.append(event)
    return events


async def _send(writer: asyncio.StreamWriter, case: Case) -> None:
    size = 1 if case.drip_s else _SEND_BYTES
    with contextlib.suppress(OSError, TimeoutError):
        for at in range(0, len(case.data), size):
            writer.write(case.data[at : at + size])
            async with asyncio.timeout(_SEND_S):
                await writer.drain()
            if case.drip_s:
                await asyncio.sleep(case.drip_s)
        if case.is_half_closed:
            writer.write_eof()
        await asyncio.sleep(case.holds_s)


@contextlib.asynccontextmanager
async def _watched(server: Running) -> AsyncIterator[list[float]]:
    """Ask `describe` again and again from another connection, and collect how long it took."""
    times_s: list[float] = []
    begin_s = time.perf_counter()

    async def watch() -> None:
        nonlocal begin_s
        while True:
            begin_s = time.perf_counter()
            with contextlib.suppress(OSError, AssertionError):
                async with connect(server.uri) as client:
                    await client.describe()
                    times_s.append(time.perf_counter() - begin_s)
            await asyncio.sleep(_WATCH_PAUSE_S)
            begin_s = time.perf_counter()

    watching = asyncio.create_task(watch())
    try:
        yield times_s
    finally:
        times_s.append(time.perf_counter() - begin_s)  # the one that is not answered yet
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


def printed(name: str, outcome: Outcome) -> Iterable[str]:
    """Yield what became of everything, the good verdicts as numbers only."""
    for case, verdict in outcome.verdicts.items():
        if verdict is not Verdict.OK:
            yield f"{case:<32} {verdict}"
    yield f"{name}: {len(outcome.verdicts)} cases, {dict(Counter(outcome.verdicts.values()))}"
    yield f"mutations, {dict(outcome.mutations)}"
    yield f"codes of errors: {dict(outcome.codes)}"
    yield f"stacks in the log: {outcome.stacks}"


def compared(outcomes: dict[str, Outcome]) -> Iterable[str]:
    """Yield a table of the verdicts of several servers, and which cases were not ok."""
    every = outcomes.values()
    cases = [(f"cases: {each}", *(made.count(each) for made in every)) for each in Verdict]
    mutations = [
        (f"mutations: {each}", *(made.mutations[each] for made in every)) for each in Verdict
    ]
    stacks = ("stacks in the log", *(made.stacks for made in every))
    yield from table(("", *outcomes), [*cases, *mutations, stacks])
    for name, outcome in outcomes.items():
        if bad := [
            f"{case} {verdict}"
            for case, verdict in outcome.verdicts.items()
            if verdict is not Verdict.OK
        ]:
            yield f"\n{name}: {', '.join(bad)}."
