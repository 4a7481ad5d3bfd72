"""Trying again in the background until something is settled."""

import threading
import time
from collections.abc import Callable

# A server often starts before the router beside it; one that is offline for days asks for a
# listing every five minutes, which costs nobody anything.
_PAUSE_S = 5.0
_MAX_PAUSE_S = 300.0


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
