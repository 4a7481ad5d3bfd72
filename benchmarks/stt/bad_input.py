"""What a server does with bad input: hand-made conversations, and thousands of damaged ones.

    python -m benchmarks.stt.bad_input [--peer PYTHON --model FOLDER] [--mutations N]

Verdicts: ok; MUTE, bad input and not a word before the connection was closed; BLOCKS, another
client's `describe` took more than a second meanwhile; LEAK, the memory grew by more than 30 MB and
stayed; HUNG, no answer and no close; CRASH. Tracebacks are counted in the server's log.
"""

import argparse
import asyncio
import contextlib
import random
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from wyoming.event import Event, async_read_event

from benchmarks.stt.bad_cases import Answer, Case, all_cases, conversation
from benchmarks.stt.subjects import Running, Subject, running
from tests.fakes.wyoming_client import connect
from tests.wyoming_servers.stt.levels import LevelDetector
from wyoming_servers.protocol import CancelJob, RequestError
from wyoming_servers.stt.endpoint import EndpointOptions
from wyoming_servers.stt.protocol import SttOffer, SttProtocol
from wyoming_servers.wire import Limits, WireReader

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

_BLOCK_S = 1.0
_LEAK_MB = 30.0
# Above every deadline of a server for what a client owes it.
_ANSWER_S = 40.0
_SEND_S = 5.0
_PARALLEL = 200
# So many times fewer mutations wait for the server to lose its patience: that takes ten seconds.
_WAITS_FOR_REST = 20
_VALUES = (b"null", b"-1", b"1e9", b"true", b'"x"', b"[]", b"{}", b"0", b"NaN")
_WATCH_PAUSE_S = 0.05
_SEED = 5


_OFFER = SttOffer(
    model="starter",
    languages=("en", "pt"),
    default_language="auto",
    max_s=120.0,
    endpoint=EndpointOptions(),
    partial_s=1.0,
    new_detector=LevelDetector,
    names=tuple,
    take_names=lambda names: None,
    prepare=lambda: None,
    report=lambda report: None,
)


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
    tracebacks: int = 0

    def count(self, verdict: Verdict) -> int:
        """Return how many hand-made cases ended so."""
        return sum(each is verdict for each in self.verdicts.values())


async def try_everything(subject: Subject, mutations: Sequence[Case]) -> Outcome:
    """Run every case, and then these, against a server of its own."""
    outcome = Outcome()
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        todo = all_cases()
        while todo:
            async with running(subject, log) as server:
                verdict = Verdict.OK
                # A server that one case has spoilt is of no use for the next.
                while todo and verdict not in _SPOILT:
                    case = todo.pop(0)
                    verdict = outcome.verdicts[case.name] = await _try(server, case)
            outcome.tracebacks += _tracebacks(log)
        async with running(subject, log) as server:
            outcome.mutations = await _try_mutations(server, mutations)
        outcome.tracebacks += _tracebacks(log)
    return outcome


def _tracebacks(log: Path) -> int:
    return log.read_bytes().count(b"Traceback (most recent")


async def _try(server: Running, case: Case) -> Verdict:
    before_mb = server.memory_mb
    async with _watched(server) as slowest:
        answers = await asyncio.gather(*(_converse(server, case) for _ in range(case.repeats)))
    if not server.is_alive:
        return Verdict.CRASH
    if max(slowest, default=0.0) > _BLOCK_S:
        return Verdict.BLOCKS
    if None in answers:
        return Verdict.HUNG
    if server.memory_mb - before_mb > _LEAK_MB:
        # What an allocator keeps for the next time is no leak: the second time tells.
        again_mb = server.memory_mb
        await asyncio.gather(*(_converse(server, case) for _ in range(case.repeats)))
        if server.memory_mb - again_mb > _LEAK_MB:
            return Verdict.LEAK
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
    return event.type == "error" and len(str(event.data.get("text", "")).split()) > 2


async def _converse(server: Running, case: Case) -> list[Event] | None:
    """Send a case and return what came back; None when nothing more happened for too long."""
    events: list[Event] = []
    parts = urlsplit(server.uri)
    try:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    except OSError:
        return events
    sending = asyncio.create_task(_send(writer, case))
    try:
        async with asyncio.timeout(_ANSWER_S):
            if case.answer is Answer.NOTHING:
                await sending
                return events
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, ValueError):
                while (event := await async_read_event(reader)) is not None:
                    events.append(event)
                    if event.type in ("transcript", "error") and _is_owed(case, events):
                        break
    except TimeoutError:
        return None
    finally:
        sending.cancel()
        writer.close()
    return events


async def _send(writer: asyncio.StreamWriter, case: Case) -> None:
    with contextlib.suppress(OSError, TimeoutError):
        for at in range(0, len(case.data), 65_536):
            writer.write(case.data[at : at + 65_536])
            async with asyncio.timeout(_SEND_S):
                await writer.drain()


@contextlib.asynccontextmanager
async def _watched(server: Running) -> AsyncIterator[list[float]]:
    """Ask `describe` again and again from another connection, and collect how long it took."""
    times_s: list[float] = []

    async def watch() -> None:
        while True:
            begin_s = time.perf_counter()
            with contextlib.suppress(OSError, AssertionError):
                async with connect(server.uri) as client:
                    await client.describe()
                    times_s.append(time.perf_counter() - begin_s)
            await asyncio.sleep(_WATCH_PAUSE_S)

    watching = asyncio.create_task(watch())
    try:
        yield times_s
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def _try_mutations(server: Running, cases: Sequence[Case]) -> Counter[Verdict]:
    """Send damaged conversations, many at once, and judge each."""
    verdicts: Counter[Verdict] = Counter()
    todo = list(cases)

    async def work() -> None:
        while todo:
            case = todo.pop()
            events = await _converse(server, case)
            if events is None:
                verdicts[Verdict.HUNG] += 1
            else:
                verdicts[Verdict.OK if _is_owed(case, events) else Verdict.MUTE] += 1

    before_mb = server.memory_mb
    async with _watched(server) as slowest:
        await asyncio.gather(*(work() for _ in range(_PARALLEL)))
    verdicts[Verdict.BLOCKS] = sum(each > _BLOCK_S for each in slowest)
    verdicts[Verdict.LEAK] = int(server.memory_mb - before_mb > _LEAK_MB)
    verdicts[Verdict.CRASH] = int(not server.is_alive)
    return verdicts


async def mutated(count: int) -> list[Case]:
    """Return damaged conversations, always the same, each with what a server owes its client."""
    generator = random.Random(_SEED)
    cases = []
    for index in range(count):
        data = _damaged(generator)
        answer = await _owed(data)
        if answer is Answer.NOTHING and index % _WAITS_FOR_REST == 0:
            answer = Answer.ERROR  # the client keeps silent: the server says so in the end
        cases.append(Case(name=f"mutation {index}", data=data, answer=answer))
    return cases


def _damaged(generator: random.Random) -> bytes:
    """Change a few bytes or whole events of an utterance."""
    events = conversation(chunks=generator.randint(1, 4), audio=generator.randbytes(320))
    data = bytearray(events)
    for _ in range(generator.randint(1, 2)):
        at = generator.randrange(len(data))
        size = generator.randint(1, 60)
        match generator.randrange(8):
            case 0:
                data[at] = generator.randrange(256)
            case 1:
                del data[at : at + size]
            case 2:
                data[at:at] = generator.randbytes(size)
            case 3:
                data[at:at] = data[at : at + size]
            case 4:
                lines = bytes(data).split(b"\n")
                generator.shuffle(lines)
                data = bytearray(b"\n".join(lines))
            case 5:
                del data[at:]
            case _:
                field_at = data.find(b'": ', at)
                data[field_at + 3 : field_at + 4] = generator.choice(_VALUES)
    return bytes(data or b"\n")


async def _owed(data: bytes) -> Answer:
    """Tell what a server owes for these bytes, by our own parser and protocol in this process."""
    stream = asyncio.StreamReader(limit=Limits().header_bytes)
    stream.feed_data(data)
    stream.feed_eof()
    reader, protocol = WireReader(stream, Limits()), SttProtocol(_OFFER)
    has_utterance = False
    try:
        while await reader.begin() and (event := await reader.finish()) is not None:
            if event.type in ("describe", "ping"):
                continue
            for command in protocol.on_event(event):
                has_utterance |= not isinstance(command, CancelJob)
    except RequestError:
        return Answer.EITHER if has_utterance else Answer.ERROR
    return Answer.TRANSCRIPT if has_utterance else Answer.NOTHING


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
    print("tracebacks:", outcome.tracebacks)


if __name__ == "__main__":
    asyncio.run(main())
