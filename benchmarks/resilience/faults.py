"""What a server makes of faults around it: F1, F6, F7, F17."""

import asyncio
import contextlib
import math
import socket
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from wyoming.event import Event

from benchmarks.resilience.rows import Figure, Trial
from benchmarks.resilience.sides import (
    SENTENCE,
    answer_of,
    ask,
    describe_s,
    ms,
    opened,
    request,
    serving,
    utterance,
    vanish,
)
from tests.fakes.speech import spoken
from tests.fakes.wyoming_client import connect
from wyoming_servers.wire import encode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.resilience.sides import Server, Side

_EXIT_BAR_S, _FREE_BAR_S = 25.0, 0.1
_CLOSED_BAR_S, _UNREAD_BAR_MB = 10.0, 1.0
_READ_NOTHING = 8
_RECEIVE_BYTES = 4096
# Enough for a server that has lost its client to have noticed, and to burn CPU all the same.
_AFTERWARDS_S = 2.0
_CLOSES_WITHIN_S = 40.0
_RESTART_BAR_S = 10.0
_LONG_TEXT = ("A luz da sala está acesa e a porta da garagem ficou aberta. " * 130)[:7800]
_STACK = (b"Traceback", b" failed with ")


def trials() -> Sequence[Trial]:
    """Return the rows."""
    return [
        Trial(
            id="F1",
            what="stt: SIGTERM while somebody still speaks",
            bar=f"transcript, exit 0 <= {_EXIT_BAR_S:g} s",
            run=stopped_while_listening,
        ),
        Trial(
            id="F1",
            what="tts: SIGTERM while an answer is being spoken",
            bar=f"all of the sound, exit 0 <= {_EXIT_BAR_S:g} s",
            run=stopped_while_speaking,
        ),
        *(
            Trial(
                id="F6",
                what=f"{kind}: the client vanishes at each of {len(steps())} steps",
                bar=f"slot free <= {ms(_FREE_BAR_S)} or what one decode takes, nothing unhandled",
                run=partial(vanishing_clients, kind=kind),
            )
            for kind, steps in (("stt", _steps_of_speech), ("tts", _steps_of_text))
        ),
        Trial(
            id="F7",
            what=f"{_READ_NOTHING} clients ask for 7800 characters of speech and read nothing",
            bar=f"closed <= {_CLOSED_BAR_S:g} s, memory +{_UNREAD_BAR_MB:g} MB each",
            run=slow_readers,
        ),
        *(
            Trial(
                id="F17",
                what=f"{kind}: started again after kill -9",
                bar=f"answers <= {_RESTART_BAR_S:g} s",
                run=partial(killed, kind=kind),
            )
            for kind in ("stt", "tts")
        ),
    ]


async def stopped_while_listening(side: Side) -> Figure:
    """Ask the server to end in the middle of a sentence, and say the rest."""
    parts = utterance(spoken(SENTENCE))
    half = len(parts) // 2
    with tempfile.TemporaryDirectory() as name:
        async with serving(side, "stt", folder=Path(name)) as server:
            await ask(server.uri, request("stt"))
            async with connect(server.uri) as client:
                await client.send_raw(b"".join(parts[:half]))
                await asyncio.sleep(0.2)
                begin_s = time.perf_counter()
                server.process.terminate()
                await asyncio.sleep(0.3)
                with contextlib.suppress(OSError):
                    await client.send_raw(b"".join(parts[half:]))
                said = await answer_of(client.reader)
            return await _ended(server, begin_s, "transcript", is_whole=said.is_result)


async def stopped_while_speaking(side: Side) -> Figure:
    """Ask the server to end when the first sound has come, and hear the rest."""
    text = "A luz da sala está acesa. " * 12
    with tempfile.TemporaryDirectory() as name:
        async with serving(side, "tts", folder=Path(name)) as server:
            whole = await ask(server.uri, request("tts", text))
            async with connect(server.uri) as client:
                # Another text, which was not spoken before.
                await client.send_raw(request("tts", f"{text}Sim."))
                await client.receive_until("audio-chunk")
                begin_s = time.perf_counter()
                server.process.terminate()
                said = await answer_of(client.reader)
            is_whole = said.is_result and said.sound_bytes > 0.5 * whole.sound_bytes
            return await _ended(server, begin_s, "all sound", is_whole=is_whole)


async def _ended(server: Server, begin_s: float, what: str, *, is_whole: bool) -> Figure:
    try:
        async with asyncio.timeout(_CLOSES_WITHIN_S):
            status = await server.process.until_end()
    except TimeoutError:
        return Figure(f"{what if is_whole else 'lost'}, does not end", holds=False)
    took_s = time.perf_counter() - begin_s
    holds = is_whole and status == 0 and took_s <= _EXIT_BAR_S
    return Figure(f"{what if is_whole else 'lost'}, exit {status} after {took_s:.1f} s", holds)


def _steps_of_speech() -> list[tuple[bytes, float]]:
    """Return what a client has sent when it vanishes, and how long it waits before that."""
    parts = utterance(spoken(SENTENCE))
    head, chunk, stop = parts[0], parts[1], parts[-1]
    spoken_so_far = b"".join(parts[:-1])
    return [
        (b"", 0.0),
        (head[:10], 0.0),
        (head[: head.index(b"\n") + 1], 0.0),
        (head, 0.0),
        (head + chunk[: len(chunk) // 2], 0.0),
        (head + chunk, 0.0),
        (spoken_so_far[: len(spoken_so_far) // 2], 0.0),
        (spoken_so_far, 0.0),
        (spoken_so_far + stop, 0.0),
        (spoken_so_far + stop, 0.03),
        (spoken_so_far + stop, 0.1),
        ((spoken_so_far + stop) * 2, 0.05),
    ]


def _steps_of_text() -> list[tuple[bytes, float]]:
    start, stop = encode(Event("synthesize-start", {})), encode(Event("synthesize-stop", {}))
    chunk = encode(Event("synthesize-chunk", {"text": _LONG_TEXT[:1500]}))
    whole = encode(Event("synthesize", {"text": _LONG_TEXT[:3000]}))
    return [
        (b"", 0.0),
        (whole[:10], 0.0),
        (whole[:-20], 0.0),
        (whole, 0.0),
        (whole, 0.02),
        (whole, 0.2),
        (start, 0.0),
        (start + chunk, 0.0),
        (start + chunk, 0.2),
        (start + chunk + chunk, 0.05),
        (start + chunk + stop, 0.0),
        (whole + whole, 0.1),
    ]


async def vanishing_clients(side: Side, kind: str) -> Figure:
    """Leave at every step without a word, and look how long the work goes on for nobody."""
    steps = _steps_of_speech() if kind == "stt" else _steps_of_text()
    late_s, burnt_s = 0.0, 0.0
    with tempfile.TemporaryDirectory() as name:
        async with serving(side, kind, folder=Path(name)) as server:
            once_s = min([(await ask(server.uri, request(kind))).took_s for _ in range(3)])
            for data, wait_s in steps:
                link = opened(server.uri)
                link.sendall(data)
                await asyncio.sleep(wait_s)
                vanish(link)
                before_s = server.process.cpu_s
                if side.is_ours:
                    late_s = max(late_s, await server.until_quiet())
                await asyncio.sleep(0 if side.is_ours else _AFTERWARDS_S)
                burnt_s = max(burnt_s, server.process.cpu_s - before_s)
            is_fit = (await ask(server.uri, request(kind))).is_result
            stacks = sum(server.log.count(each) for each in _STACK)
    figure = f"free after {ms(late_s)} (a decode takes {ms(once_s)}), " if side.is_ours else ""
    figure += f"{burnt_s:.1f} s of CPU for nobody, {stacks} stacks in the log"
    return Figure(
        figure + ("" if is_fit else ", serves nobody any more"),
        holds=is_fit and not stacks and late_s <= side.slack * max(_FREE_BAR_S, once_s),
    )


async def slow_readers(side: Side) -> Figure:
    """Ask for much sound and read none of it."""
    with tempfile.TemporaryDirectory() as name:
        async with serving(side, "tts", folder=Path(name)) as server:
            await ask(server.uri, request("tts", _LONG_TEXT[:600]))
            files, before_mb = server.process.open_files, server.process.memory_mb
            links = [_deaf(server.uri) for _ in range(_READ_NOTHING)]
            try:
                closed_s, peak_mb = await _until_closed(server, files, len(links))
                good_s = await describe_s(server.uri)
            finally:
                for link in links:
                    link.close()
    each_mb = (peak_mb - before_mb) / _READ_NOTHING
    figure = (
        f"closed after {closed_s:.1f} s"
        if math.isfinite(closed_s)
        else (f"not closed within {_CLOSES_WITHIN_S:g} s")
    )
    return Figure(
        f"{figure}, {each_mb:+.1f} MB each, describe {ms(good_s)}",
        holds=closed_s <= side.slack * _CLOSED_BAR_S and each_mb <= _UNREAD_BAR_MB,
    )


def _deaf(uri: str) -> socket.socket:
    link = opened(uri)
    link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BYTES)
    link.sendall(request("tts", _LONG_TEXT))
    return link


async def _until_closed(server: Server, files: int, count: int) -> tuple[float, float]:
    """Wait for the server to let them go: when the last one went, and the most memory until then.

    The clock starts when the first of them has been let go or the server stops to make progress:
    for a reader that takes nothing that is when its own buffers are full, so within a second.
    """
    begin_s, peak_mb = time.perf_counter(), 0.0
    await asyncio.sleep(0.5)
    while (passed_s := time.perf_counter() - begin_s) < _CLOSES_WITHIN_S:
        peak_mb = max(peak_mb, server.process.memory_mb)
        if server.process.open_files <= files:
            return passed_s, peak_mb
        await asyncio.sleep(0.1)
    return math.inf, peak_mb


async def killed(side: Side, kind: str) -> Figure:
    """Kill a server that works and start it again."""
    with tempfile.TemporaryDirectory() as name:
        async with serving(side, kind, folder=Path(name)) as server:
            asking = asyncio.create_task(ask(server.uri, request(kind)))
            await asyncio.sleep(0.05)
            server.process.kill()
            await asyncio.wait((asking,))
        begin_s = time.perf_counter()
        async with serving(side, kind, folder=Path(name)) as server:
            is_fit = (await ask(server.uri, request(kind))).is_result
            took_s = time.perf_counter() - begin_s
    return Figure(
        f"its first result after {took_s:.1f} s", is_fit and took_s <= side.slack * _RESTART_BAR_S
    )
