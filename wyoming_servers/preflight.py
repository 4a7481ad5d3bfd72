"""What a machine must have before an engine is loaded: told in a line instead of a crash.

Imports nothing that is compiled, because that is what crashes.
"""

from pathlib import Path

# CTranslate2 runs from SSE 4.1 on (its README, "Hardware support"), NumPy 2 and ONNX Runtime
# are compiled for x86-64-v2, which has the rest of these; "pni" is Linux's name for SSE 3.
# Virtual machines with a CPU type such as kvm64 hide them, and the libraries then die of an
# illegal instruction.
_NEEDED_FLAGS = frozenset({"pni", "ssse3", "sse4_1", "sse4_2", "popcnt", "cx16"})

_CPU_INFO = Path("/proc/cpuinfo")
_MEMORY_INFO = Path("/proc/meminfo")
_MEMORY_LIMIT = Path("/sys/fs/cgroup/memory.max")
_MEMORY_USED = Path("/sys/fs/cgroup/memory.current")


class PreflightError(Exception):
    """The machine cannot run the program; the text says why and what to do."""


def check_cpu(cpu_info: Path = _CPU_INFO) -> None:
    """Refuse an x86 CPU without what the engines are compiled for.

    Raises PreflightError. Says nothing where it cannot know: other processors, no Linux.
    """
    try:
        lines = cpu_info.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return
    # ARM has "Features" instead, and no such differences among 64-bit processors.
    flags = next((line.partition(":")[2].split() for line in lines if line[:5] == "flags"), None)
    if flags is None:
        return
    if missing := sorted(_NEEDED_FLAGS - set(flags)):
        raise PreflightError(
            f"This CPU lacks {', '.join(missing)}, without which speech engines cannot run."
            " In a virtual machine, set the CPU type to host (or x86-64-v2 and above);"
            " a computer from before 2009 is too old"
        )


def available_memory_bytes(
    memory_info: Path = _MEMORY_INFO,
    limit: Path = _MEMORY_LIMIT,
    used: Path = _MEMORY_USED,
) -> int | None:
    """Return the memory that can still be had, also within a container; None if unknown."""
    found = [_available(memory_info)]
    most, now = _number(limit), _number(used)
    if most is not None and now is not None:
        found.append(max(0, most - now))
    return min((each for each in found if each is not None), default=None)


def _available(memory_info: Path) -> int | None:
    try:
        for line in memory_info.read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError, IndexError):
        pass
    return None


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):  # "max" where there is no limit
        return None
