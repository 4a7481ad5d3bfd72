"""The three child processes: started on free ports, watched, stopped together."""

import asyncio
import ctypes
import errno
import os
import signal
import socket
import sys
from asyncio.subprocess import DEVNULL, Process
from dataclasses import dataclass
from typing import TYPE_CHECKING

from demo.console import note
from demo.errors import PortTakenError, ProcessDiedError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence
    from pathlib import Path

HOST = "127.0.0.1"
# Home Assistant needs 2-5 s to stop, the servers drain for up to 10 s.
STOP_S = 20.0
LOG_TAIL_LINES = 15
DYING_S = 0.3
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """How one child is started."""

    name: str
    """Name in messages, and of its log file."""
    arguments: Sequence[str]
    directory: Path
    restart_code: int | None = None
    """Exit code by which the child asks to be started again."""


def check_port(port: int, name: str, option: str) -> None:
    """Raise PortTakenError when something already listens on a loopback port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as err:
            if err.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise
            why = "another program uses it" if err.errno == errno.EADDRINUSE else err.strerror
            raise PortTakenError(
                f"port {port} is needed for {name}, but {why}. "
                f"Stop that program, or choose another port with {option} NUMBER."
            ) from err


def free_port() -> int:
    """Ask the kernel for a loopback port that nothing uses."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


class Children:
    """Child processes that live and die together.

    Each runs in its own process group, writes to LOGS/NAME.log, and gets SIGTERM from the
    kernel when the launcher disappears (Linux). Use as an async context manager: leaving it
    stops every child.
    """

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._running: dict[str, Process] = {}
        self._watchers: dict[str, asyncio.Task[None]] = {}

    async def __aenter__(self) -> Children:
        self._logs.mkdir(parents=True, exist_ok=True)
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.shield(self.stop())

    async def start(self, command: Command) -> None:
        """Start one child and watch it from now on."""
        self.log_file(command.name).unlink(missing_ok=True)
        self._running[command.name] = await self._spawn(command)
        self._watchers[command.name] = asyncio.create_task(
            self._watch(command), name=f"watch {command.name}"
        )

    async def supervise[T](self, work: Awaitable[T]) -> T:
        """Await `work`; raise ProcessDiedError as soon as a child ends by itself."""
        task = asyncio.ensure_future(work)
        try:
            await asyncio.wait({task, *self._watchers.values()}, return_when="FIRST_COMPLETED")
            if task.done() and task.exception() is not None:
                # A refused connection is often the first sign of a child that is just dying.
                await asyncio.wait(self._watchers.values() or {task}, timeout=DYING_S)
            for watcher in self._watchers.values():
                if watcher.done():
                    watcher.result()
            return await task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def stop(self) -> None:
        """Stop every child, the last started first; SIGKILL for those that do not listen."""
        for watcher in self._watchers.values():
            watcher.cancel()
        await asyncio.gather(*self._watchers.values(), return_exceptions=True)
        self._watchers.clear()
        processes = [self._running.pop(name) for name in reversed(list(self._running))]
        for process in processes:
            _signal_group(process, signal.SIGTERM)
        await asyncio.gather(*(_wait_or_kill(process) for process in processes))

    def log_file(self, name: str) -> Path:
        """Return where a child writes."""
        return self._logs / f"{name}.log"

    def last_log_line(self, name: str) -> str:
        """Return the newest line that a child wrote, or an empty string."""
        lines = _tail(self.log_file(name), 1)
        return lines[0] if lines else ""

    async def _spawn(self, command: Command) -> Process:
        with self.log_file(command.name).open("ab") as log:
            return await asyncio.create_subprocess_exec(
                *command.arguments,
                cwd=command.directory,
                stdin=DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            )

    async def _watch(self, command: Command) -> None:
        while True:
            code = await self._running[command.name].wait()
            if code != command.restart_code:
                break
            note(f"{command.name} asked to be started again")
            self._running[command.name] = await self._spawn(command)
        log = self.log_file(command.name)
        tail = "\n".join(f"  | {line}" for line in _tail(log, LOG_TAIL_LINES))
        raise ProcessDiedError(
            f"{command.name} {_how_it_ended(code)}. The end of {log}:\n{tail or '  | (empty)'}"
        )


def _how_it_ended(code: int) -> str:
    if code < 0:
        return f"was ended by signal {signal.Signals(-code).name}"
    return f"ended by itself with exit code {code}"


def _tail(log: Path, count: int) -> list[str]:
    try:
        text = log.read_text(errors="replace")
    except OSError:
        return []
    return [line for line in text.splitlines() if line.strip()][-count:]


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _signal_group(process: Process, number: signal.Signals) -> None:
    # The group outlives its first process while a grandchild, such as ffmpeg, still runs.
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return


async def _wait_or_kill(process: Process) -> None:
    try:
        await asyncio.wait_for(process.wait(), STOP_S)
    except TimeoutError:
        note(f"process {process.pid} did not stop within {STOP_S:.0f} s and is killed")
    _signal_group(process, signal.SIGKILL)
    await process.wait()
