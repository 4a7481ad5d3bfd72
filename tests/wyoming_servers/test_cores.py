"""Tests of how many threads an engine is given."""

import os

import pytest

from wyoming_servers.cores import default_threads


def test_threads_fit_the_machine():
    """At least one, at most four, never more than the processors this process may use."""
    assert 1 <= default_threads() <= min(4, len(os.sched_getaffinity(0)))


def test_one_processor_gets_one_thread():
    """A process that is pinned to one processor does not fight with itself."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        assert default_threads() == 1
    finally:
        os.sched_setaffinity(0, before)


def test_system_without_affinity(monkeypatch: pytest.MonkeyPatch):
    """Elsewhere than on Linux the processors are counted."""
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    assert default_threads() == 4
