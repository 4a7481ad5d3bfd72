"""What becomes of a model on its way: F10."""

import asyncio
import contextlib
import os
import subprocess
import tempfile
import threading
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.resilience.models import (
    REPOSITORIES,
    on_hub,
    under_final_names,
    until,
    until_in_use,
    wanting,
)
from benchmarks.resilience.rows import Figure, Trial
from benchmarks.servers import running
from tests.fakes.hub import FakeHub, Fault
from wyoming_servers.hub import DiskSpaceError, Hub, HubError
from wyoming_servers.patient_http import Patience

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.resilience.sides import Side

_TENTHS = range(1, 10)
_BLOB = os.urandom(1 << 20)
_QUICK = Patience(connect_s=2.0, stall_s=2.0, pauses_s=())
# Above what Jonh leaves free on a disk, and room for the file.
_DISK_MB, _FILE_MB = 180, 40


def trials() -> Sequence[Trial]:
    """Return the rows."""
    source = "fetched anew from the first byte, compared with no hash (its source)"
    return [
        Trial(
            id="F10",
            what="a fetch is cut at every tenth",
            bar="never a part under the final name, no byte twice",
            run=cut_everywhere,
            peer=source,
        ),
        *(
            Trial(
                id="F10",
                what=f"{kind}: kill -9 in the middle of a fetch",
                bar="never a part under the final name, the next start finishes it",
                run=partial(killed_in_a_fetch, kind=kind),
                peer=source,
            )
            for kind in ("stt", "tts")
        ),
        Trial(
            id="F10",
            what="the disk is full, or gets full in the middle of a fetch",
            bar="refused, never a part under the final name, finished once there is room",
            run=full_disk,
            lacks=root,
            peer=source,
        ),
    ]


async def cut_everywhere(side: Side) -> Figure:
    """Cut a fetch at each tenth, and let the next one go on."""
    del side
    return await asyncio.to_thread(_cut_everywhere)


def _cut_everywhere() -> Figure:
    partial_files, twice_bytes, unfinished = 0, 0, 0
    for tenth in _TENTHS:
        with tempfile.TemporaryDirectory() as name, _hub_with_blob() as fake:
            fake.faults.append(Fault(path="/cdn/", cut_after_bytes=len(_BLOB) * tenth // 10))
            fake.faults.append(Fault(path="/cdn/", status=503))
            target, hub = Path(name) / "model.bin", Hub(fake.url, patience=_QUICK)
            files = hub.list_files("a/b")
            with contextlib.suppress(HubError):
                hub.fetch("a/b", files, Path(name))
            partial_files += target.exists()
            hub = Hub(fake.url, patience=_QUICK)
            hub.fetch("a/b", files, Path(name))
            unfinished += target.read_bytes() != _BLOB
            twice_bytes += fake.sent_bytes.total() - len(_BLOB)
    figure = f"{partial_files} parts under the final name, {twice_bytes} bytes twice"
    return Figure(
        f"{figure}, {unfinished} not finished", not (partial_files or twice_bytes or unfinished)
    )


def _hub_with_blob() -> FakeHub:
    return FakeHub({"a/b": {"model.bin": _BLOB}})


async def killed_in_a_fetch(side: Side, kind: str) -> Figure:
    """Kill the server when half of its model is there, and start it again."""
    files = on_hub(kind)
    large = max(files.values(), key=len)
    held = threading.Event()
    with (
        tempfile.TemporaryDirectory() as name,
        FakeHub({REPOSITORIES[kind]: files}) as fake,
    ):
        folder = Path(name)
        fake.faults.append(Fault(path="/cdn/", gate=held, gate_after_bytes=len(large) // 2))
        subject = wanting(side, kind, folder, fake.url)
        async with running(subject) as server:
            await until(lambda: _largest_part(folder) >= len(large) // 4)
            server.kill()
            await server.until_end()
        held.set()
        whole = under_final_names(folder)
        kept_bytes = _largest_part(folder)
        async with running(subject) as server:
            is_done = await until_in_use(server, kind, folder, large)
    figure = f"{len(whole)} parts under the final name, {kept_bytes >> 10} KiB kept"
    figure += ", then finished" if is_done else ", NOT finished"
    return Figure(figure, holds=not whole and is_done and kept_bytes > 0)


def _largest_part(folder: Path) -> int:
    return max((path.stat().st_size for path in folder.rglob("*.part")), default=0)


async def full_disk(side: Side) -> Figure:
    """Fetch into a file system that has no room, then loses it, then has it again."""
    del side
    with tempfile.TemporaryDirectory() as name, small_disk(Path(name), _DISK_MB):
        return await asyncio.to_thread(_full_disk, Path(name))


def root() -> str:
    """Return what it takes to mount a disk, unless we are it."""
    return "" if os.geteuid() == 0 else "root"


@contextlib.contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[None]:
    """Mount a file system of that size; only root may."""
    size = f"size={megabytes}m"
    subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", folder], check=True)  # noqa: S603, S607
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)  # noqa: S603, S607


def _full_disk(folder: Path) -> Figure:
    content = os.urandom(_FILE_MB << 20)
    filler, target = folder / "filler", folder / "model/model.bin"
    ends: list[str] = []
    with FakeHub({"a/b": {"model.bin": content}}) as fake:
        hub = Hub(fake.url, patience=_QUICK)
        files = hub.list_files("a/b")

        def attempt() -> None:
            try:
                hub.fetch("a/b", files, target.parent)
                ends.append("fetched")
            except DiskSpaceError:
                ends.append("refused" if not fake.sent_bytes.total() else "stopped")

        filler.write_bytes(bytes((_DISK_MB - 110) << 20))
        attempt()
        filler.unlink()
        gate = threading.Event()
        fake.faults.append(Fault(path="/cdn/", gate=gate, gate_after_bytes=len(content) // 2))
        fetching = threading.Thread(target=attempt)
        fetching.start()
        while _largest_part(folder) < len(content) // 4:
            time.sleep(0.01)
        filler.write_bytes(bytes((_DISK_MB - _FILE_MB) << 20))
        gate.set()
        fetching.join()
        is_part = target.exists()
        filler.unlink()
        attempt()
    is_whole = target.read_bytes() == content
    figure = f"{', '.join(ends)}; {int(is_part)} parts under the final name"
    return Figure(figure, ends == ["refused", "stopped", "fetched"] and is_whole and not is_part)
