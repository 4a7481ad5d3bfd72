"""What the processes of the house hold: memory, sockets, tasks."""

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Footprint:
    """One process at one moment."""

    memory_mb: float
    sockets: int
    tasks: int
    """asyncio tasks; -1 where the interpreter does not let itself be asked."""


def find(mark: str, program: str) -> int:
    """Return the process whose command line holds both."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if mark in line and program in line:
            return int(path.parent.name)
    raise LookupError(f"no process runs {program} with {mark}")


async def footprint(pid: int) -> Footprint:
    """Look at a process from outside."""
    return Footprint(
        memory_mb=_memory_mb(pid), sockets=_sockets(pid), tasks=len(await task_names(pid))
    )


async def task_names(pid: int) -> Sequence[str]:
    """Return the names of the asyncio tasks of a process, which stops for an instant."""
    asked = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "asyncio", "ps", str(pid)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    output, _ = await asked.communicate()
    lines = output.decode().splitlines()
    if len(lines) < 2:
        return []
    begin = lines[0].index("task name")
    end = lines[0].index("coroutine stack")
    # A task that several others wait for has a line for each.
    return list({line[:begin]: line[begin:end].strip() for line in lines[2:]}.values())


def _memory_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _sockets(pid: int) -> int:
    count = 0
    for path in Path(f"/proc/{pid}/fd").iterdir():
        try:
            count += str(path.readlink()).startswith("socket:")
        except OSError:
            continue
    return count
