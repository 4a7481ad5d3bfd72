"""The bounded wire reader against the Wyoming library's own writer, and against anything."""

import asyncio
import itertools
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wyoming.event import Event

from wyoming_servers.protocol import ErrorCode, RequestError
from wyoming_servers.wire import Limits, WireReader, encode

_LIMITS = Limits(header_bytes=256, data_bytes=512, payload_bytes=1024)

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
_EVENTS = st.builds(
    Event,
    type=st.text(min_size=1, max_size=20).filter(lambda text: len(json.dumps(text)) < 150),
    data=st.dictionaries(st.text(max_size=8), _JSON, max_size=4).filter(
        lambda data: len(json.dumps(data, ensure_ascii=False).encode()) <= _LIMITS.data_bytes
    ),
    payload=st.none() | st.binary(min_size=1, max_size=_LIMITS.payload_bytes),
)


async def _read_all(pieces: list[bytes]) -> list[Event | ErrorCode]:
    """Read a stream that arrives in these pieces, up to its end or first error."""
    stream = asyncio.StreamReader(limit=_LIMITS.header_bytes)

    async def feed() -> None:
        for piece in pieces:
            stream.feed_data(piece)
            await asyncio.sleep(0)
        stream.feed_eof()

    reader = WireReader(stream, _LIMITS)
    found: list[Event | ErrorCode] = []
    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        group.create_task(feed())
        try:
            while await reader.begin() and (event := await reader.finish()) is not None:
                found.append(event)
        except RequestError as error:
            found.append(error.code)
    return found


def _split(data: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[start:end] for start, end in itertools.pairwise(edges)]


_CUTS = st.lists(st.integers(min_value=0, max_value=10_000), max_size=8)


@settings(max_examples=150, deadline=None)
@given(events=st.lists(_EVENTS, max_size=4), cuts=_CUTS)
def test_events_survive_any_split(events: list[Event], cuts: list[int]) -> None:
    """What the library writes is read back, however the network cuts it."""
    pieces = _split(b"".join(encode(event) for event in events), cuts)
    assert asyncio.run(_read_all(pieces)) == events


@settings(max_examples=150, deadline=None)
@given(events=st.lists(_EVENTS, max_size=2), junk=st.binary(max_size=600), cuts=_CUTS)
def test_junk_never_crashes_or_hangs(events: list[Event], junk: bytes, cuts: list[int]) -> None:
    """Any bytes end in events, one named error, or the end of the stream."""
    data = b"".join(encode(event) for event in events) + junk
    found = asyncio.run(_read_all(_split(data, cuts)))
    assert found[: len(events)] == events
    assert all(isinstance(item, Event | ErrorCode) for item in found)


_HEADERS = st.dictionaries(
    st.sampled_from(["type", "data", "data_length", "payload_length", "version"]), _JSON
)


@settings(max_examples=150, deadline=None)
@given(header=_HEADERS, body=st.binary(max_size=100))
def test_nonsense_headers_never_crash(header: dict[str, Any], body: bytes) -> None:
    """Any JSON object as a header is an event, an error or a truncated stream."""
    data = json.dumps(header).encode() + b"\n" + body
    for item in asyncio.run(_read_all([data])):
        assert isinstance(item, ErrorCode) or item.type


@settings(max_examples=100, deadline=None)
@given(event=_EVENTS, cut=st.integers(min_value=1, max_value=2_000))
def test_a_cut_stream_is_an_end_not_an_error(event: Event, cut: int) -> None:
    """A stream that ends within an event gives nothing for it."""
    data = encode(event)
    assert asyncio.run(_read_all([data[: min(cut, len(data) - 1)]])) == []


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'{"type": "' + b"x" * 300 + b'"}\n', ErrorCode.TOO_LARGE),
        (b"y" * 10_000, ErrorCode.TOO_LARGE),
        (b'{"type": "x", "data_length": 513}\n', ErrorCode.TOO_LARGE),
        (b'{"type": "x", "payload_length": 1025}\n', ErrorCode.TOO_LARGE),
        (b'{"type": "x", "payload_length": -1}\n', ErrorCode.BAD_EVENT),
        (b'{"type": "x", "payload_length": "9"}\n', ErrorCode.BAD_EVENT),
        (b'{"type": "x", "payload_length": true}\n', ErrorCode.BAD_EVENT),
        (b'{"type": "x", "data_length": 4}\nnull', ErrorCode.BAD_EVENT),
        (b'{"type": ""}\n', ErrorCode.BAD_EVENT),
        (b'{"type": "x"', None),
    ],
    ids=[
        "line",
        "endless",
        "data",
        "payload",
        "negative",
        "text",
        "true",
        "null",
        "no-type",
        "cut",
    ],
)
async def test_each_limit(data: bytes, code: ErrorCode | None) -> None:
    """A part above its limit is refused by name before it is read."""
    assert await _read_all([data]) == ([] if code is None else [code])


@pytest.mark.parametrize(
    "data",
    [
        b'{"type": "ping", "data": {"text": "\\ud83d"}}\n',
        b'{"type": "ping", "data": {"\\udc00": 1}}\n',
        b'{"type": "\\ud83d"}\n',
        b'{"type": "ping", "data_length": 18}\n{"text": "\\ud83d"}',
        b'{"type": "ping", "data": {"text": "\xed\xa0\x80"}}\n',
        b'{"type": "ping", "data": {"text": "\xff"}}\n',
        '{"type": "ping"}\n'.encode("utf-16"),
    ],
    ids=["value", "key", "type", "data", "raw", "latin", "utf-16"],
)
async def test_text_that_utf_8_cannot_hold_is_refused(data: bytes) -> None:
    """Half a character would break whatever answers with it, stores it or reads it aloud."""
    assert await _read_all([data]) == [ErrorCode.BAD_EVENT]


async def test_escapes_of_whole_characters_are_read() -> None:
    """A surrogate pair is one character, and so is an escaped letter."""
    data = b'{"type": "ping", "data": {"text": "\\ud83d\\ude00 \\u00e7"}}\n'
    assert await _read_all([data]) == [Event("ping", {"text": "\U0001f600 ç"})]


async def test_lengths_at_the_limit_are_read() -> None:
    """The limits themselves are allowed."""
    payload = b"x" * _LIMITS.payload_bytes
    data = {"a": "y" * (_LIMITS.data_bytes - len('{"a": ""}'))}
    event = Event("x", data, payload)
    assert await _read_all([encode(event)]) == [event]
