"""How many threads an engine is given."""

import os
from pathlib import Path

# faster-whisper's own default; a server is seldom alone on its machine.
_MAX_THREADS = 4


def default_threads() -> int:
    """Count the physical cores this process may use, at most four.

    Two threads on the siblings of one core are slower than one.
    """
    if not hasattr(os, "sched_getaffinity"):  # not Linux
        return min(os.cpu_count() or 1, _MAX_THREADS)
    cores = set()
    for cpu in os.sched_getaffinity(0):
        siblings = Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list")
        cores.add(siblings.read_text() if siblings.is_file() else str(cpu))
    return min(len(cores), _MAX_THREADS)
