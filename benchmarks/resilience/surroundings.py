"""What a server makes of a clock that jumps and a disk that takes nothing: F17."""

import subprocess
import tempfile
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from wyoming.event import Event

from benchmarks.resilience.fetches import root, small_disk
from benchmarks.resilience.rows import Figure, Trial
from benchmarks.resilience.sides import SENTENCE, answer_of, ask, request, utterance
from benchmarks.servers import running
from tests.fakes.speech import spoken
from tests.fakes.wyoming_client import connect
from wyoming_servers.wire import encode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.resilience.sides import Side
    from benchmarks.servers import Subject

_LIBRARIES = "/usr/lib/*/faketime/libfaketime.so.1"
_JUMPS = ("+3600", "-3600", "+0")
_DISK_MB = 1
_NAMES = ["sala", "cozinha", "escritório"]


def trials() -> Sequence[Trial]:
    """Return the rows."""
    kinds = ("stt", "tts")
    return [
        *(
            Trial(
                id="F17",
                what=f"{kind}: the clock jumps an hour forth and back within requests",
                bar="every request is done",
                run=partial(jumping_clock, kind=kind),
                lacks=lambda: "" if _clock_library() else "libfaketime",
            )
            for kind in kinds
        ),
        *(
            Trial(
                id="F17",
                what=f"{kind}: the folder for its data is {state}",
                bar="it starts, every request is done",
                run=partial(useless_disk, kind=kind, is_full=state == "full"),
                is_for_peer=False,
                lacks=root,
            )
            for kind in kinds
            for state in ("full", "read-only")
        ),
    ]


def _clock_library() -> Path | None:
    """Return the library that can let a program's clock jump, if it is installed."""
    return next(Path("/").glob(_LIBRARIES[1:]), None)


async def jumping_clock(side: Side, kind: str) -> Figure:
    """Set the clock forth and back while a request is under way."""
    library = _clock_library()
    with tempfile.TemporaryDirectory() as name:
        clock = Path(name) / "clock"
        clock.write_text("+0")
        environment = (
            ("LD_PRELOAD", str(library)),
            ("FAKETIME_TIMESTAMP_FILE", str(clock)),
            ("FAKETIME_NO_CACHE", "1"),
            # Only the clock on the wall is set; the other one never is.
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
        )
        subject = replace(side.subject(kind), environment=environment)
        async with running(subject) as server:
            done = [await _request_with_jump(server.uri, kind, clock, jump) for jump in _JUMPS]
    return Figure(f"{sum(done)} of {len(done)} done", all(done))


async def _request_with_jump(uri: str, kind: str, clock: Path, jump: str) -> bool:
    """Send half of a request, set the clock, and send the rest."""
    parts = utterance(spoken(SENTENCE)) if kind == "stt" else _stream()
    async with connect(uri) as client:
        await client.send_raw(b"".join(parts[: len(parts) // 2]))
        clock.write_text(jump)  # noqa: ASYNC240 - it takes no time
        await client.send_raw(b"".join(parts[len(parts) // 2 :]))
        return (await answer_of(client.reader)).is_result


def _stream() -> list[bytes]:
    chunk = Event("synthesize-chunk", {"text": "A luz da sala está acesa. "})
    events = [Event("synthesize-start", {}), chunk, chunk, Event("synthesize-stop", {})]
    return [encode(event) for event in events]


async def useless_disk(side: Side, kind: str, *, is_full: bool) -> Figure:
    """Start on a folder in which nothing can be written."""
    with tempfile.TemporaryDirectory() as name, small_disk(Path(name), _DISK_MB):
        folder = Path(name)
        if is_full:
            (folder / "filler").write_bytes(bytes(_DISK_MB << 20))
        else:
            command = ("mount", "-o", "remount,ro", name)
            subprocess.run(command, check=True)  # noqa: ASYNC221, S603
        names = encode(Event("jonh-names", {"names": _NAMES}))
        async with running(_on_disk(side, kind, folder)) as server:
            done = []
            for _ in range(3):
                data = names + request(kind) if kind == "stt" else request(kind)
                done.append((await ask(server.uri, data)).is_result)
    return Figure(f"starts, {sum(done)} of {len(done)} done", all(done))


def _on_disk(side: Side, kind: str, folder: Path) -> Subject:
    """Return a server that keeps everything it keeps in the folder."""
    flags = {
        "stt": ("--data-dir", str(folder), "--model-dir", str(folder)),
        "tts": ("--voice-dir", str(folder), "--cache-dir", str(folder / "sounds")),
    }[kind]
    return side.subject(kind, *flags)
