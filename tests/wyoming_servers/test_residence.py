"""How long a model stays in memory, with the starter model and real time."""

import threading
import time
from collections.abc import Callable

import pytest

from tests.fakes.speech import STARTER_DIR
from wyoming_servers.residence import Residence
from wyoming_servers.stt.engine import EngineOptions, Transcriber

_PATIENCE_S = 20.0


def _residence(keep_alive_s: float | None, unloaded: Callable[[], None]) -> Residence[Transcriber]:
    return Residence(Transcriber(STARTER_DIR / "whisper", EngineOptions()), keep_alive_s, unloaded)


def _wait_for(condition: Callable[[], bool]) -> None:
    until_s = time.monotonic() + _PATIENCE_S
    while not condition():
        assert time.monotonic() < until_s
        time.sleep(0.01)


def test_an_idle_model_leaves_and_comes_back() -> None:
    """Unloaded once it was idle for long enough, loaded again when it is wanted."""
    gone = threading.Event()
    residence = _residence(0.1, gone.set)
    assert gone.wait(_PATIENCE_S)
    assert not residence.model.is_loaded
    with residence.in_use() as transcriber:
        assert transcriber.is_loaded
    residence.retire()


def test_a_model_in_use_stays() -> None:
    """However short its time, a model is not unloaded while somebody works with it."""
    gone = threading.Event()
    residence = _residence(0.05, gone.set)
    with residence.in_use() as transcriber:
        gone.clear()
        assert not gone.wait(0.5)
        assert transcriber.is_loaded
    assert gone.wait(_PATIENCE_S)
    residence.retire()


def test_preparing_loads_while_somebody_still_speaks() -> None:
    """An utterance that begins brings the model back without waiting for it."""
    gone = threading.Event()
    residence = _residence(0.3, gone.set)
    assert gone.wait(_PATIENCE_S)
    residence.prepare()
    _wait_for(lambda: residence.model.is_loaded)
    residence.retire()


def test_a_model_that_always_stays() -> None:
    """Without a time nothing watches the model, and preparing has nothing to do."""
    before = set(threading.enumerate())
    residence = _residence(None, lambda: pytest.fail("it left"))
    residence.prepare()
    assert set(threading.enumerate()) <= before
    assert residence.model.is_loaded


def test_a_retired_model_is_not_watched() -> None:
    """The watch ends when another model has taken over."""
    before = set(threading.enumerate())
    residence = _residence(3600, lambda: pytest.fail("it left"))
    (watch,) = set(threading.enumerate()) - before
    residence.retire()
    watch.join(_PATIENCE_S)
    assert not watch.is_alive()
