"""The servers that are measured, as real processes on free ports."""

import asyncio
import contextlib
import os
import resource
import socket
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.fakes.wyoming_client import connect

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_START_S = 120.0
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A server as it is started."""

    name: str
    command: tuple[str, ...]
    room_mb: int | None = None
    """So much more address space than it begins with it may have; None for as much as it likes."""
    environment: tuple[tuple[str, str], ...] = ()
    """Variables that it is started with beside ours."""


class Running:
    """A subject that accepts requests."""

    def __init__(
        self, subject: Subject, process: asyncio.subprocess.Process, uri: str, start_s: float
    ) -> None:
        self.subject = subject
        self.uri = uri
        self.start_s = start_s
        """From the start of the process to its first answer."""
        self._process = process

    @property
    def name(self) -> str:
        """What the tables call it."""
        return self.subject.name

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    @property
    def open_files(self) -> int:
        """How many files and connections it has open."""
        with contextlib.suppress(FileNotFoundError):  # it has ended
            return sum(1 for _ in Path(f"/proc/{self._process.pid}/fd").iterdir())
        return 0

    @property
    def cpu_s(self) -> float:
        """CPU time it has used so far, all threads together."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S

    @property
    def peak_mb(self) -> float:
        """The most memory it has had so far."""
        return self._memory_mb("VmHWM")

    @property
    def memory_mb(self) -> float:
        """The memory it has now."""
        return self._memory_mb("VmRSS")

    @property
    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self._process.returncode is None

    def limit_memory(self, room_mb: int) -> None:
        """Let it have no more than so much address space above what it has now."""
        limit = int((self._memory_mb("VmSize") + room_mb) * 1024 * 1024)
        resource.prlimit(self._process.pid, resource.RLIMIT_AS, (limit, limit))

    def kill(self) -> None:
        """End it, whatever it is doing."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    def terminate(self) -> None:
        """Ask it to end."""
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()

    async def until_end(self) -> int:
        """Wait for its end; the exit status."""
        return await self._process.wait()

    def _memory_mb(self, kind: str) -> float:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has ended
            for line in Path(f"/proc/{self._process.pid}/status").read_text().splitlines():
                if line.startswith(f"{kind}:"):
                    return int(line.split()[1]) / 1024
        return 0.0


@contextlib.asynccontextmanager
async def running(
    subject: Subject, folder: Path | None = None, *, uri: str | None = None
) -> AsyncIterator[Running]:
    """Run a server while the context is open, without what an earlier one has kept.

    It listens on a free port unless told where. A `folder` takes its output, as the file `log`.
    """
    uri = uri or f"tcp://127.0.0.1:{free_port()}"
    begin_s = time.perf_counter()
    with contextlib.ExitStack() as stack:
        # Names that another house has brought would change the prompt, and so the times.
        kept = stack.enter_context(tempfile.TemporaryDirectory())
        output = asyncio.subprocess.DEVNULL
        if folder is not None:
            output = stack.enter_context((folder / "log").open("wb")).fileno()
        process = await asyncio.create_subprocess_exec(
            *(*subject.command, "--uri", uri),
            stdout=output,
            stderr=output,
            env={
                **os.environ,
                "JONH_STT_DATA_DIR": kept,
                "JONH_TTS_VOICE_DIR": kept,
                **dict(subject.environment),
            },
        )
        try:
            await _until_ready(uri, process)
            server = Running(subject, process, uri, time.perf_counter() - begin_s)
            if subject.room_mb is not None:
                server.limit_memory(subject.room_mb)
            yield server
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            try:
                await asyncio.wait_for(process.wait(), 20)
            except TimeoutError:
                process.kill()
                await process.wait()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


async def _until_ready(uri: str, process: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(_START_S):
        while True:
            if process.returncode is not None:
                raise RuntimeError(f"The server of {uri} ended with {process.returncode}")
            with contextlib.suppress(OSError, AssertionError):
                async with connect(uri) as client:
                    await client.describe()
                    return
            await asyncio.sleep(0.05)
