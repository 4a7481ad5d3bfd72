"""A real jonh-stt or jonh-tts process on a free port."""

import asyncio
import contextlib
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator

_START_S = 120.0
_STOP_S = 30.0


class ServerProcess:
    """A running server: where it listens, what it logged, how to end it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.lines: list[str] = []
        self.uri = ""
        self.http_url = ""

    @property
    def log(self) -> str:
        """Everything on standard error so far."""
        return "\n".join(self.lines)

    async def read_until_ready(self) -> None:
        """Read the log up to the line that names the address; fails when the process ends."""
        async with asyncio.timeout(_START_S):
            while not self.uri:
                line = await self._read_line()
                if not line:
                    raise AssertionError(f"The server did not start:\n{self.log}")
                if " ready on " in line:
                    self.uri = line.rpartition(" ")[2]
                elif "metrics on http" in line:
                    self.http_url = line.rpartition(" ")[2]

    async def read_until_end(self) -> int:
        """Read the log to its end and return the exit status."""
        async with asyncio.timeout(_STOP_S):
            while await self._read_line():
                pass
            return await self.process.wait()

    async def terminate(self) -> int:
        """Send SIGTERM and return the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return await self.read_until_end()

    async def _read_line(self) -> str:
        assert self.process.stderr is not None
        line = (await self.process.stderr.readline()).decode()
        if line:
            self.lines.append(line.rstrip("\n"))
        return line.rstrip("\n") or line


@contextlib.asynccontextmanager
async def server_process(
    package: str, *arguments: str, is_ready: bool = True
) -> AsyncIterator[ServerProcess]:
    """Run `python -m wyoming_servers.<package>` while the context is open.

    Listens on tcp://127.0.0.1:0 unless the arguments say otherwise; waits until it is ready
    unless told not to.
    """
    if "--uri" not in arguments:
        arguments = ("--uri", "tcp://127.0.0.1:0", *arguments)
    command = (sys.executable, "-m", f"wyoming_servers.{package}", *arguments)
    # What clients bring must neither reach nor come from the house of whoever runs the tests.
    with tempfile.TemporaryDirectory() as kept:
        process = await asyncio.create_subprocess_exec(
            *command,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, "JONH_STT_DATA_DIR": kept},
        )
        server = ServerProcess(process)
        try:
            if is_ready:
                await server.read_until_ready()
            yield server
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.communicate()
