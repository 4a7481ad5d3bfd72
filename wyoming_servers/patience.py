"""What can wait: tried again until it is settled, or done while nobody else has work."""

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable

# A server often starts before the router beside it; one that is offline for days asks for a
# listing every five minutes, which costs nobody anything.
_PAUSE_S = 5.0
_MAX_PAUSE_S = 300.0

_LEAST_PRIORITY = 19


def keep_trying(name: str, attempt: Callable[[], bool]) -> None:
    """Call `attempt` in a thread of this name until it returns True; returns at once.

    The pauses between two attempts grow.
    """

    def run() -> None:
        pause_s = _PAUSE_S
        while not attempt():
            time.sleep(pause_s)
            pause_s = min(2 * pause_s, _MAX_PAUSE_S)

    # A daemon, so that it never holds the process.
    threading.Thread(target=run, name=name, daemon=True).start()


def in_background[ResultT](
    name: str, work: Callable[[], ResultT], then: Callable[[ResultT], object]
) -> None:
    """Call `work` in a thread that lets all others go first, and `then` in one that does not.

    Returns at once.
    """
    results: list[ResultT] = []

    def at_ease() -> None:
        # Elsewhere a thread has no priority of its own.
        if sys.platform == "linux":
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _LEAST_PRIORITY)
        results.append(work())

    def run() -> None:
        # Threads inherit their priority, so an engine must not be loaded in the first one.
        first = threading.Thread(target=at_ease, name=name, daemon=True)
        first.start()
        first.join()
        for result in results:
            then(result)

    threading.Thread(target=run, name=name, daemon=True).start()
