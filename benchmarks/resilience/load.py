"""What a server does under load: L1 to L5."""

import asyncio
import contextlib
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.resilience.rows import Figure, Trial
from benchmarks.resilience.sides import (
    CHUNK_S,
    SENTENCE,
    Said,
    answer_of,
    ask,
    describe_s,
    ms,
    percentile,
    request,
    serving,
    utterance,
)
from tests.fakes.speech import silence, spoken
from tests.fakes.wyoming_client import connect

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from benchmarks.resilience.sides import Server, Side

_BUSY_CLIENTS = 4
_P99_BAR_S, _MAX_BAR_S = 0.05, 0.25
_ADDED_BAR_S = 0.05
_REFUSAL_BAR_S = 0.1
_FILES_BAR, _MEMORY_BAR_MB = 4, 5.0
_BURST, _QUEUE = 32, 8
_WARM_UP = 40
_PAUSE_S = 0.7
_LONG_TEXT = "A luz da sala está acesa e a porta da garagem ficou aberta. " * 8


def trials(
    *, seconds: float, speaking_s: float, speakers: int, clients: int, utterances: int
) -> Sequence[Trial]:
    """Return the rows: so long, so many speakers, clients that describe, utterances in a row."""
    bar = f"p99 <= {ms(_P99_BAR_S)}, most {ms(_MAX_BAR_S)}"
    return [
        *(
            Trial(
                id="L1",
                what=f"{kind}: `describe` while every slot works, {seconds:g} s",
                bar=bar,
                run=partial(describe_while_busy, kind=kind, seconds=seconds),
            )
            for kind in ("stt", "tts")
        ),
        Trial(
            id="L2",
            what=f"{speakers} people speak at the pace of a microphone, {speaking_s:g} s",
            bar=f"0 errors, p95 of the wait <= {ms(_ADDED_BAR_S)} above a single one's",
            run=partial(real_time_speakers, speakers=speakers, seconds=speaking_s),
        ),
        Trial(
            id="L3",
            what=f"{_BURST} people finish at the same moment, a queue of {_QUEUE}",
            bar=f"all get a transcript or `busy`, refused <= {ms(_REFUSAL_BAR_S)}",
            run=burst,
        ),
        *(
            Trial(
                id="L4",
                what=f"{kind}: {clients} times connect, describe, close",
                bar=f"files +{_FILES_BAR}, memory +{_MEMORY_BAR_MB:g} MB, no connection left",
                run=partial(many_clients, kind=kind, count=clients),
            )
            for kind in ("stt", "tts")
        ),
        Trial(
            id="L5",
            what=f"{utterances} utterances in a row",
            bar=f"memory +{_MEMORY_BAR_MB:g} MB, no file in the temporary folder at any time",
            run=partial(many_utterances, count=utterances),
        ),
    ]


@contextlib.asynccontextmanager
async def _busy(server: Server, data: bytes) -> AsyncIterator[Counter[str]]:
    """Keep every slot at work while the context is open, and count how requests ended."""
    ends: Counter[str] = Counter()

    async def work() -> None:
        while True:
            said = await ask(server.uri, data)
            ends["result" if said.is_result else said.code or "cut"] += 1

    tasks = [asyncio.create_task(work()) for _ in range(_BUSY_CLIENTS)]
    try:
        yield ends
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def describe_while_busy(side: Side, kind: str, seconds: float) -> Figure:
    """Ask new connections for a description while others keep all slots at work."""
    with tempfile.TemporaryDirectory() as name:
        async with serving(side, kind, folder=Path(name)) as server:
            await ask(server.uri, request(kind))
            async with _busy(server, request(kind, _LONG_TEXT)) as ends:
                times_s = await _describe_for(server.uri, seconds)
    p99_s, most_s = percentile(times_s, 99), max(times_s)
    holds = (
        p99_s <= side.slack * _P99_BAR_S
        and most_s <= side.slack * _MAX_BAR_S
        and ends.keys() <= {"result"}
    )
    return Figure(f"p99 {ms(p99_s)}, most {ms(most_s)} ({_listed(ends)})", holds)


async def _describe_for(uri: str, seconds: float) -> list[float]:
    times_s: list[float] = []
    end_s = time.perf_counter() + seconds
    while time.perf_counter() < end_s:
        times_s.append(await describe_s(uri))
        await asyncio.sleep(0.01)
    return times_s


def _listed(ends: Counter[str]) -> str:
    return ", ".join(f"{count} {end}" for end, count in ends.most_common()) or "none done"


@dataclass(slots=True)
class _Crowd:
    """What became of the turns of several speakers."""

    waits_s: list[float] = field(default_factory=list)
    """From audio-stop to the transcript."""
    errors: int = 0


async def real_time_speakers(side: Side, speakers: int, seconds: float) -> Figure:
    """Let people speak side by side, each one sentence after another."""
    with tempfile.TemporaryDirectory() as name:
        async with serving(side, "stt", folder=Path(name)) as server:
            alone = await _crowd(server.uri, 1, min(seconds, 10.0))
            together = await _crowd(server.uri, speakers, seconds)
    added_s = percentile(together.waits_s, 95) - percentile(alone.waits_s, 50)
    figure = (
        f"{together.errors} errors in {len(together.waits_s)} turns,"
        f" p95 {added_s * 1000:+.0f} ms above {ms(percentile(alone.waits_s, 50))}"
    )
    return Figure(figure, holds=not together.errors and added_s <= side.slack * _ADDED_BAR_S)


async def _crowd(uri: str, speakers: int, seconds: float) -> _Crowd:
    crowd = _Crowd()
    end_s = time.perf_counter() + seconds

    async def speak(number: int) -> None:
        # People do not begin in step.
        await asyncio.sleep(number * 0.37)
        while time.perf_counter() < end_s:
            said = await _say_in_real_time(uri)
            crowd.waits_s.append(said.took_s)
            crowd.errors += not said.is_result
            await asyncio.sleep(_PAUSE_S)

    await asyncio.gather(*(speak(number) for number in range(speakers)))
    return crowd


async def _say_in_real_time(uri: str, tail_s: float = _PAUSE_S) -> Said:
    """Say a sentence and be silent for a moment; the wait is counted from audio-stop on."""
    parts = utterance(np.concatenate((spoken(SENTENCE), silence(tail_s))))
    async with connect(uri) as client:
        answering = asyncio.create_task(answer_of(client.reader))
        begin_s = time.perf_counter()
        for index, part in enumerate(parts):
            await asyncio.sleep(begin_s + index * CHUNK_S - time.perf_counter())
            with contextlib.suppress(OSError):
                await client.send_raw(part)
        stop_s = time.perf_counter()
        said = await answering
        said.took_s = time.perf_counter() - stop_s
        return said


async def burst(side: Side) -> Figure:
    """Let many people speak at once and end in the same moment."""
    with tempfile.TemporaryDirectory() as name:
        async with serving(side, "stt", "--queue", str(_QUEUE), folder=Path(name)) as server:
            await ask(server.uri, request("stt"))
            speaking = (_say_in_real_time(server.uri, tail_s=0.0) for _ in range(_BURST))
            said = await asyncio.gather(*speaking)
    done = [each for each in said if each.is_result]
    refused = [each for each in said if each.code == "busy"]
    late_s = max((each.took_s for each in refused), default=0.0)
    figure = f"{len(done)} transcripts within {max(each.took_s for each in said):.1f} s"
    figure += f", {len(refused)} busy within {ms(late_s)}" if refused else ", none refused"
    rest = len(said) - len(done) - len(refused)
    return Figure(
        figure + (f", {rest} lost" if rest else ""),
        not rest and late_s <= side.slack * _REFUSAL_BAR_S,
    )


async def many_clients(side: Side, kind: str, count: int) -> Figure:
    """Connect, ask for a description and leave, over and over."""
    with tempfile.TemporaryDirectory() as name:
        async with serving(side, kind, folder=Path(name)) as server:
            process = server.process
            for _ in range(_WARM_UP):
                await describe_s(server.uri)
            await asyncio.sleep(0.3)
            files, memory_mb = process.open_files, process.memory_mb
            for _ in range(count):
                await describe_s(server.uri)
            await asyncio.sleep(0.3)
            files, memory_mb = process.open_files - files, process.memory_mb - memory_mb
            left = (await server.status())["connections"] if side.is_ours else None
    figure = f"files {files:+d}, memory {memory_mb:+.1f} MB"
    figure += f", {left} connections left" if left is not None else ""
    return Figure(figure, files <= _FILES_BAR and memory_mb <= _MEMORY_BAR_MB and not left)


async def many_utterances(side: Side, count: int) -> Figure:
    """Have sentences recognised one after another, and look what stays."""
    data = request("stt")
    with tempfile.TemporaryDirectory() as name, tempfile.TemporaryDirectory() as temporary:
        environment = (("TMPDIR", temporary),)
        async with serving(side, "stt", folder=Path(name), environment=environment) as server:
            for _ in range(min(_WARM_UP, count)):
                await ask(server.uri, data)
            before_mb = server.process.memory_mb
            async with files_seen(Path(temporary)) as seen:
                lost = 0
                for _ in range(count):
                    lost += not (await ask(server.uri, data)).is_result
            memory_mb = server.process.memory_mb - before_mb
    figure = f"memory {memory_mb:+.1f} MB, {len(seen)} temporary files" + (
        f", {lost} lost" if lost else ""
    )
    return Figure(figure, memory_mb <= _MEMORY_BAR_MB and not seen and not lost)


@contextlib.asynccontextmanager
async def files_seen(folder: Path) -> AsyncIterator[set[str]]:
    """Collect every file that appears in a folder, however soon it goes again."""
    seen: set[str] = set()
    is_over = threading.Event()

    def look() -> None:
        while not is_over.wait(0.001):
            with contextlib.suppress(FileNotFoundError):
                seen.update(str(path) for path in folder.rglob("*") if path.is_file())

    looking = asyncio.create_task(asyncio.to_thread(look))
    try:
        yield seen
    finally:
        is_over.set()
        await looking
