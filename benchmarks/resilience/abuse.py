"""What a server makes of clients that mean no good: B1, B2, B5 to B7."""

import asyncio
import contextlib
import math
import resource
import tempfile
import time
from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wyoming.event import async_read_event

from benchmarks.bad_input import Outcome, Verdict
from benchmarks.resilience.rows import Figure, Trial
from benchmarks.resilience.sides import answer_of, describe_s, ms, opened, serving, utterance
from benchmarks.stt import bad_input as stt_bad_input
from benchmarks.stt.mutations import mutations as stt_mutations
from benchmarks.tts import bad_input as tts_bad_input
from benchmarks.tts.mutations import mutations as tts_mutations
from tests.fakes.speech import spoken
from tests.fakes.wyoming_client import connect
from wyoming_servers.wire import Limits

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence

    from benchmarks.cases import Case
    from benchmarks.resilience.sides import Side

_MEMORY_BAR_MB = 64.0
_GOOD_BAR_S, _DROPPED_BAR_S = 0.25, 35.0
_ANNOUNCED_BYTES, _FLOOD_BYTES, _BLOCK_BYTES = 4 << 30, 300 << 20, 1 << 20
_FLOODS = 2
_SOFT_LIMIT = ("sh", "-c", 'ulimit -S -n 1024; exec "$@"', "sh")
_FLOOD_S = 4.0
_GOOD_S = 5.0
_LONG_S, _LONG_ANSWER_S = 300, 60.0
_MOST_FILES = 4096


def trials(
    *, half_open: int, flood_bytes: int = _FLOOD_BYTES, crowded: Sequence[str] = ("stt", "tts")
) -> Sequence[Trial]:
    """Return the rows that need no conversation: so many connections say nothing to these."""
    return [
        *(
            Trial(
                id="B5",
                what=f"{kind}: {_FLOODS} clients announce 4 GB and send {flood_bytes >> 20} MB",
                bar=f"memory +{_MEMORY_BAR_MB:g} MB",
                run=partial(announced, kind=kind, flood_bytes=flood_bytes),
            )
            for kind in ("stt", "tts")
        ),
        *(
            Trial(
                id="B6",
                what=f"{kind}: {half_open} clients connect and say nothing, soft limit 1024 files",
                bar=f"others are let in <= {ms(_GOOD_BAR_S)}, all dropped <= {_DROPPED_BAR_S:g} s",
                run=partial(silent_crowd, kind=kind, count=half_open),
            )
            for kind in crowded
        ),
        Trial(
            id="B7",
            what=f"{_LONG_S} s of sound in one utterance, sent before anything is read",
            bar="bounded: an error or the transcript of the longest allowed one arrives",
            run=endless_utterance,
        ),
    ]


def conversations(*, mutations: int) -> Sequence[Trial]:
    """Return the rows of malformed input, hand-made and damaged by chance."""
    return [
        *(
            Trial(
                id="B1, B2",
                what=f"{kind}: every hand-made bad conversation, {mutations} damaged ones",
                bar="0 stacks; each is answered, none holds up another client for 1 s",
                run=partial(bad_conversations, kind=kind, mutations=mutations),
            )
            for kind in ("stt", "tts")
        ),
    ]


def damaged_bytes(*, mutations: int) -> Sequence[Trial]:
    """Return the row of what a parser makes of damaged conversations, without a socket."""
    return [
        Trial(
            id="B2",
            what=f"{mutations} damaged conversations, straight into the parser",
            bar="nothing is raised but the one class for bad input",
            run=partial(parsed, mutations=mutations),
        )
    ]


async def bad_conversations(side: Side, kind: str, mutations: int) -> Figure:
    """Run every case, and many damaged ones, against servers of their own."""
    flags = ("--max-connections", "400", "--log-level", "warning")
    subject: Any = side.subject(kind, *flags)
    if kind == "stt":
        outcome = await stt_bad_input.try_everything(
            subject, await stt_bad_input.mutated(mutations)
        )
    else:
        cases = await tts_bad_input.mutated(mutations)
        outcome = await tts_bad_input.try_everything(subject, cases, has_longest_wait=False)
    return _judged(outcome)


def _judged(outcome: Outcome) -> Figure:
    bad = {str(each): outcome.count(each) for each in Verdict if each is not Verdict.OK}
    for verdict, count in outcome.mutations.items():
        if verdict is not Verdict.OK:
            bad[str(verdict)] += count
    wrong = {name: count for name, count in bad.items() if count}
    listed = ", ".join(f"{count} {name}" for name, count in wrong.items()) or "all ok"
    return Figure(f"{outcome.stacks} stacks, {listed}", holds=not outcome.stacks and not wrong)


async def parsed(side: Side, mutations: int) -> Figure:
    """Parse damaged conversations; the peer's parser is that of the Wyoming library."""
    raised: Counter[str] = Counter()
    for source in (stt_mutations, tts_mutations):
        # They are made by running them through our own parser, which may raise one class only.
        async for case in source(mutations // 2):
            if not side.is_ours:
                raised.update(await _raised_by_library(case))
    listed = ", ".join(f"{count} {name}" for name, count in raised.most_common()) or "0 raised"
    return Figure(listed, holds=not raised)


async def _raised_by_library(case: Case) -> list[str]:
    stream = asyncio.StreamReader(limit=Limits().header_bytes)
    stream.feed_data(case.data)
    stream.feed_eof()
    try:
        while await async_read_event(stream) is not None:
            pass
    except asyncio.IncompleteReadError:
        pass  # the client has left
    except Exception as err:  # noqa: BLE001 - to count them is the purpose
        return [type(err).__name__]
    return []


async def announced(side: Side, kind: str, flood_bytes: int) -> Figure:
    """Announce a payload that no machine has room for, and send a good part of it."""
    with tempfile.TemporaryDirectory() as name:
        async with serving(side, kind, folder=Path(name)) as server:
            await describe_s(server.uri)
            before_mb = server.process.memory_mb
            floods = [asyncio.to_thread(_flood, server.uri, flood_bytes) for _ in range(_FLOODS)]
            sent = await asyncio.gather(*floods)
            peak_mb = server.process.peak_mb - before_mb
            good_s = await describe_s(server.uri)
    figure = f"memory +{peak_mb:.0f} MB, {sum(sent) >> 20} MB were taken, describe {ms(good_s)}"
    return Figure(figure, holds=peak_mb <= _MEMORY_BAR_MB)


def _flood(uri: str, size: int) -> int:
    """Send so much of an event's payload as is taken; the bytes."""
    header = f'{{"type":"audio-chunk","payload_length":{_ANNOUNCED_BYTES}}}\n'
    block, sent = bytes(_BLOCK_BYTES), 0
    with opened(uri) as link, contextlib.suppress(OSError):
        link.settimeout(5)
        link.sendall(header.encode())
        while sent < size:
            sent += link.send(block)
    return sent


async def silent_crowd(side: Side, kind: str, count: int) -> Figure:
    """Connect many times without a word, and see how others fare meanwhile."""
    _allow_files()
    links: list[socket.socket] = []
    with tempfile.TemporaryDirectory() as name:
        async with serving(side, kind, folder=Path(name), before=_SOFT_LIMIT) as server:
            files = server.process.open_files
            begin_s = time.perf_counter()
            crowding = asyncio.create_task(asyncio.to_thread(_crowd, server.uri, count, links))
            waits_s = await _good_clients(server.uri, crowding)
            dropped_s = begin_s
            while server.process.open_files > files + 2:
                await asyncio.sleep(0.1)
                if (dropped_s := time.perf_counter()) - begin_s > _DROPPED_BAR_S * side.slack:
                    break
            dropped_s -= begin_s
            for link in links:
                link.close()
    worst_s = max(waits_s)
    lost = sum(wait_s >= _GOOD_S for wait_s in waits_s)
    figure = f"others in within {ms(worst_s)}" + (f", {lost} not at all" if lost else "")
    limit_s = _DROPPED_BAR_S * side.slack
    figure += f", dropped after {dropped_s:.1f} s" if dropped_s < limit_s else ", never dropped"
    return Figure(figure, worst_s <= side.slack * _GOOD_BAR_S and dropped_s <= limit_s)


def _allow_files() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < _MOST_FILES:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(_MOST_FILES, hard), hard))


def _crowd(uri: str, count: int, links: list[socket.socket]) -> None:
    """Open the connections over some seconds and keep them; a server that is full takes none."""
    end_s = time.perf_counter() + 2 * _FLOOD_S
    for _ in range(count):
        with contextlib.suppress(OSError):
            links.append(opened(uri, limit_s=1.0))
        time.sleep(_FLOOD_S / count / 2)
        if time.perf_counter() > end_s:
            break


async def _good_clients(uri: str, crowding: asyncio.Task[None]) -> list[float]:
    """Ask for a description again and again while others crowd in, and a moment longer."""
    waits_s: list[float] = []
    end_s = math.inf
    while time.perf_counter() < end_s:
        if crowding.done():
            end_s = min(end_s, time.perf_counter() + 1)
        begin_s = time.perf_counter()
        with contextlib.suppress(OSError, AssertionError, TimeoutError):
            async with asyncio.timeout(_GOOD_S):
                await describe_s(uri)
        waits_s.append(time.perf_counter() - begin_s)
        await asyncio.sleep(0.02)
    return waits_s


async def endless_utterance(side: Side) -> Figure:
    """Send five minutes of sound at once, and read only then."""
    sentence = spoken("A luz da sala está acesa e a porta da garagem ficou aberta.")
    parts = utterance(sentence)
    chunks = parts[1:-1]
    repeats = round(_LONG_S * 16_000 / len(sentence))
    data = b"".join([parts[0], *(chunks * repeats), parts[-1]])
    with tempfile.TemporaryDirectory() as name:
        async with serving(side, "stt", folder=Path(name)) as server:
            await describe_s(server.uri)
            before_mb, begin_s = server.process.memory_mb, time.perf_counter()
            async with connect(server.uri) as client:
                with contextlib.suppress(OSError):
                    await client.send_raw(data)
                try:
                    async with asyncio.timeout(_LONG_ANSWER_S):
                        said = await answer_of(client.reader)
                except TimeoutError:
                    return Figure(f"no answer within {_LONG_ANSWER_S:g} s", holds=False)
            took_s, more_mb = time.perf_counter() - begin_s, server.process.peak_mb - before_mb
    what = said.last.type if said.last else "nothing"
    figure = f"{what} {said.code}".strip() + f" after {took_s:.1f} s, memory +{more_mb:.0f} MB"
    return Figure(figure, holds=said.last is not None and took_s <= side.slack * _LONG_ANSWER_S)
