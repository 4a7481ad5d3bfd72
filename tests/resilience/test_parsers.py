"""What the parsers make of anything at all: B3 and B4, driven by Hypothesis."""

import asyncio
import contextlib
import json
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wyoming.event import Event

from benchmarks.resilience.seeds import SEEDS
from benchmarks.resilience.targets import TARGETS, TOOLS, RefusedError, read_events
from custom_components.jonh.providers import groq_wire
from wyoming_servers.wire import encode

if TYPE_CHECKING:
    from collections.abc import Callable

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)
_WORDS = st.sampled_from(
    [
        *("type", "data", "data_length", "payload_length", "message", "content", "tool_calls"),
        *("function", "name", "arguments", "action", "value", "entity_id", "done", "error"),
    ]
)
_OBJECTS = st.dictionaries(_WORDS, _JSON, max_size=6)


@pytest.fixture
def examples(size: Callable[..., int]) -> settings:
    """Return how many examples Hypothesis tries in this run."""
    return settings(
        max_examples=size(fast=80, long=10_000),
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


def _inputs(name: str) -> st.SearchStrategy[bytes]:
    """Return bytes of any kind, JSON of any shape, and good inputs with a hole or a patch."""
    seeds = st.sampled_from(SEEDS[name])

    def damaged(seed: bytes, at: int, patch: bytes, size: int) -> bytes:
        at %= len(seed)
        return seed[:at] + patch + seed[at + size :]

    return st.one_of(
        st.binary(max_size=400),
        st.builds(
            damaged, seeds, st.integers(0, 1 << 16), st.binary(max_size=8), st.integers(0, 40)
        ),
        st.builds(
            lambda first, value: bytes([first]) + json.dumps(value).encode(),
            st.integers(0, 255),
            _OBJECTS,
        ),
        _OBJECTS.map(lambda value: json.dumps(value).encode() + b"\n"),
    )


@pytest.mark.parametrize("name", sorted(TARGETS))
@pytest.mark.timeout(3600)
def test_anything_is_read_or_refused(name: str, examples: settings) -> None:
    """No input raises anything but the one error that stands for bad input."""

    def holds(data: bytes) -> None:
        with contextlib.suppress(RefusedError):
            TARGETS[name](data)

    examples(given(_inputs(name))(holds))()


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_depth_is_no_way_in(name: str) -> None:
    """Nesting without an end is refused, and soon."""
    for part in (b"[", b'{"a":', b'{"name": [', b'{"message":'):
        begin_s = time.perf_counter()
        with contextlib.suppress(RefusedError):
            TARGETS[name](b"\x01" + part * 20_000)
        assert time.perf_counter() - begin_s < 5


def test_calls_are_found_behind_a_bracket_that_is_none() -> None:
    """What was said before a call does not hide it."""
    text = 'I will [now] call {"name": "find", "arguments": {"query": "luz"}}'
    assert [call.name for call in groq_wire.calls_in(text, TOOLS)] == ["find"]


_FIELDS = st.dictionaries(st.text(max_size=10), st.text(max_size=30) | st.integers(), max_size=5)
_EVENTS = st.builds(
    Event,
    st.text(min_size=1, max_size=20),
    _FIELDS,
    st.none() | st.binary(min_size=1, max_size=300),
)


@pytest.mark.timeout(3600)
def test_what_is_written_is_read_again(examples: settings) -> None:
    """Events survive the wire, whatever pieces they arrive in."""

    def holds(events: list[Event], size: int) -> None:
        data = b"".join(map(encode, events))
        assert asyncio.run(read_events(data, size)) == (events, None)

    pieces = st.one_of(st.just(1), st.integers(1, 64))
    examples(given(st.lists(_EVENTS, max_size=4), pieces)(holds))()
