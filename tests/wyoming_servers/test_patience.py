"""Trying again until something is settled."""

import os
import sys
import threading

import pytest

from wyoming_servers import patience
from wyoming_servers.patience import in_background, keep_trying


def test_it_ends_when_it_is_settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each attempt that helps nothing is followed by a pause twice as long, up to a limit."""
    pauses: list[float] = []
    monkeypatch.setattr(patience.time, "sleep", pauses.append)
    results = iter([False, False, False, False, False, False, False, True])
    settled = threading.Event()

    def attempt() -> bool:
        result = next(results)
        if result:
            settled.set()
        return result

    keep_trying("test", attempt)
    assert settled.wait(20)
    assert pauses == [5, 10, 20, 40, 80, 160, 300]


@pytest.mark.skipif(sys.platform != "linux", reason="threads have no priority")
def test_what_can_wait_lets_others_go_first() -> None:
    """Only the work itself is done at the lowest priority, not what comes of it."""
    seen: list[int] = []
    done = threading.Event()

    def priority() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    def then(result: int) -> None:
        seen.extend((result, priority()))
        done.set()

    in_background("test", priority, then)
    assert done.wait(20)
    assert seen == [19, priority()]
