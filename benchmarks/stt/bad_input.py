"""What a server does with bad input: hand-made conversations, and thousands of damaged ones.

    python -m benchmarks.stt.bad_input [--peer PYTHON --model FOLDER] [--mutations N]

Verdicts: ok; MUTE, bad input and not a word about it before the connection was closed; BLOCKS,
another client's `describe` took more than a second meanwhile; LEAK, the memory grew by more than
30 MB and stayed; HUNG, no answer and no close, or none for the next client with a good request;
CRASH. Stacks of unforeseen exceptions are counted in the server's log.
"""

import argparse
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

from benchmarks.stt.bad_cases import Answer, Case, all_cases, good_case
from benchmarks.stt.mutations import mutated
from benchmarks.stt.subjects import Running, Subject, running
from tests.fakes.wyoming_client import connect
from wyoming_servers.protocol import ErrorCode

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence

_BLOCK_S = 1.0
_LEAK_MB = 30.0
# Above every deadline of a server for what a client owes it.
_ANSWER_S = 40.0
_SEND_S = 5.0
_SEND_BYTES = 65_536
_PARALLEL = 200
# What the first tenth of the mutations takes, a server keeps for all others: buffers to decode
# several utterances at once, and those of so many connections.
_WARM_UP = 10
_WATCH_PAUSE_S = 0.05
# A server may still be busy with those that have just left.
_TRIES = 3
_RETRY_PAUSE_S = 0.5
# How a stack in a log begins: Python's own head, and that of a server which leaves out the
# exception's message because it may quote what a person said.
_STACK = re.compile(rb'Traceback \(most recent call last\)|failed with \w+\n  File "')


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


async def try_everything(subject: Subject, mutations: Sequence[Case]) -> Outcome:
    """Run every case, and then these, against a server of its own."""
    outcome = Outcome()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        todo = [[case] for case in all_cases() if not case.takes_long]
        todo.append([case for case in all_cases() if case.takes_long])
        while todo:
            async with running(subject, folder) as server:
                is_fit = True
                # A server that one case has spoilt is of no use for the next.
                while todo and is_fit:
                    verdicts = await _try(server, todo.pop(0), outcome.codes)
                    outcome.verdicts |= verdicts
                    is_fit = not any(verdict in _SPOILT for verdict in verdicts.values())
            outcome.stacks += _stacks(folder / "log")
        async with running(subject, folder) as server:
            outcome.mutations = await _try_mutations(server, mutations, outcome.codes)
        outcome.stacks += _stacks(folder / "log")
    return outcome


def _stacks(log: Path) -> int:
    return len(_STACK.findall(log.read_bytes()))


async def _try(server: Running, cases: Sequence[Case], codes: Counter[str]) -> dict[str, Verdict]:
    """Run these side by side, and again where the first time leaves a doubt."""
    verdicts, harm = await _run(server, cases, codes)
    if harm in (Verdict.BLOCKS, Verdict.LEAK):
        # What an allocator keeps for the next time is no leak, and a machine may have stopped
        # for a moment: the second time tells.
        _, harm = await _run(server, cases, codes)
    return verdicts if harm is Verdict.OK else dict.fromkeys(verdicts, harm)


async def _run(
    server: Running, cases: Sequence[Case], codes: Counter[str]
) -> tuple[dict[str, Verdict], Verdict]:
    """Return a verdict for each case, and one for what they did to the server together."""
    before_mb = server.memory_mb
    async with _watched(server) as slowest:
        answers = await asyncio.gather(*(_repeat(server, case) for case in cases))
    for events in chain(*answers):
        codes.update(_codes(events or []))
    verdicts = {case.name: _verdict(case, each) for case, each in zip(cases, answers, strict=True)}
    harm = Verdict.OK
    if not await _still_serves(server):
        harm = Verdict.HUNG if server.is_alive else Verdict.CRASH
    elif max(slowest) > _BLOCK_S:
        harm = Verdict.BLOCKS
    elif server.memory_mb - before_mb > _LEAK_MB:
        harm = Verdict.LEAK
    return verdicts, harm


async def _still_serves(server: Running) -> bool:
    """Tell whether a client in good faith gets its text, if not at once."""
    good = good_case()
    for _ in range(_TRIES):
        events = await _converse(server, good)
        if events is None:
            break
        if _is_owed(good, events):
            return True
        await asyncio.sleep(_RETRY_PAUSE_S)
    return False


async def _repeat(server: Running, case: Case) -> list[list[Event] | None]:
    return await asyncio.gather(*(_converse(server, case) for _ in range(case.repeats)))


def _verdict(case: Case, answers: Sequence[list[Event] | None]) -> Verdict:
    if None in answers:
        return Verdict.HUNG
    return Verdict.OK if all(_is_owed(case, events or []) for events in answers) else Verdict.MUTE


def _is_owed(case: Case, events: Sequence[Event]) -> bool:
    has_error = any(_is_sentence(event) for event in events)
    has_transcript = any(event.type == "transcript" for event in events)
    match case.answer:
        case Answer.ERROR:
            return has_error
        case Answer.TRANSCRIPT:
            return has_transcript
        case Answer.EITHER:
            return has_error or has_transcript
        case Answer.NOTHING:
            return True


def _is_sentence(event: Event) -> bool:
    """Tell whether an event says what is wrong; that the server has a fault is no such word."""
    is_fault = event.data.get("code") == ErrorCode.INTERNAL
    return event.type == "error" and not is_fault and len(str(event.data.get("text")).split()) > 2


def _codes(events: Iterable[Event]) -> list[str]:
    return [str(event.data.get("code")) for event in events if event.type == "error"]


async def _converse(server: Running, case: Case) -> list[Event] | None:
    """Send a case and return what came back; None when nothing more happened for too long."""
    parts = urlsplit(server.uri)
    try:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    except OSError:
        return []
    sending = asyncio.create_task(_send(writer, case))
    try:
        async with asyncio.timeout(_ANSWER_S):
            if case.answer is Answer.NOTHING and not case.is_half_closed:
                await sending
                return []
            return await _receive(reader, case)
    except TimeoutError:
        return None
    finally:
        sending.cancel()
        writer.close()


async def _receive(reader: asyncio.StreamReader, case: Case) -> list[Event]:
    """Read until the client has what it is owed, or the end."""
    events: list[Event] = []
    with contextlib.suppress(OSError, asyncio.IncompleteReadError, ValueError):
        while (event := await async_read_event(reader)) is not None:
            events.append(event)
            if event.type in ("transcript", "error") and _is_owed(case, events):
                break
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


async def _try_mutations(
    server: Running, cases: Sequence[Case], codes: Counter[str]
) -> Counter[Verdict]:
    """Send damaged conversations, many at once, and judge each."""
    verdicts: Counter[Verdict] = Counter()
    warm_up = len(cases) // _WARM_UP
    async with _watched(server) as slowest:
        await _send_all(server, cases[:warm_up], verdicts, codes)
        before_mb = server.memory_mb
        await _send_all(server, cases[warm_up:], verdicts, codes)
    verdicts[Verdict.BLOCKS] = sum(each > _BLOCK_S for each in slowest)
    verdicts[Verdict.LEAK] = int(server.memory_mb - before_mb > _LEAK_MB)
    if not await _still_serves(server):
        verdicts[Verdict.HUNG if server.is_alive else Verdict.CRASH] += 1
    return verdicts


async def _send_all(
    server: Running, cases: Sequence[Case], verdicts: Counter[Verdict], codes: Counter[str]
) -> None:
    todo = list(cases)

    async def work() -> None:
        while todo:
            case = todo.pop()
            events = await _converse(server, case)
            codes.update(_codes(events or []))
            verdicts[_verdict(case, [events])] += 1

    await asyncio.gather(*(work() for _ in range(_PARALLEL)))


async def main() -> None:
    """Print what became of every case."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stt.bad_input")
    parser.add_argument("--peer", help="a Python that has the peer installed")
    parser.add_argument("--model", default="starter", help="folder of a model")
    parser.add_argument("--mutations", type=int, default=2000)
    given = parser.parse_args()
    if given.peer:
        subject = Subject.peer(given.peer, given.model)
    else:
        subject = Subject.ours(given.model, "--max-connections", "400", "--log-level", "warning")
    outcome = await try_everything(subject, await mutated(given.mutations))
    for name, verdict in outcome.verdicts.items():
        if verdict is not Verdict.OK:
            print(f"{name:<28} {verdict}")
    print(
        f"{subject.name}: {len(outcome.verdicts)} cases,", dict(Counter(outcome.verdicts.values()))
    )
    print(f"{given.mutations} mutations,", dict(outcome.mutations))
    print("codes of errors:", dict(outcome.codes))
    print("stacks in the log:", outcome.stacks)


if __name__ == "__main__":
    asyncio.run(main())
