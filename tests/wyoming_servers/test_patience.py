"""Trying again until something is settled."""

import threading

import pytest

from wyoming_servers import patience
from wyoming_servers.patience import keep_trying


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
