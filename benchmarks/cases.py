"""Conversations with a server: what is sent, and what is owed for it."""

import json
from dataclasses import dataclass
from enum import StrEnum


class Answer(StrEnum):
    """What a server owes a client."""

    ERROR = "error"
    """An error event with a sentence."""
    RESULT = "result"
    """The request is in order, however it looks."""
    EITHER = "either"
    """One of the two: servers may differ in what they accept."""
    NOTHING = "nothing"
    """The client has left, or did not ask for anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What a client sends, and what it may expect."""

    name: str
    data: bytes
    answer: Answer = Answer.ERROR
    result: tuple[str, ...] = ()
    """The types of the events that a result is made of, each as often as it has to come, the last
    one at the end; by default those of the trial."""
    repeats: int = 1
    """So many connections at the same time."""
    drip_s: float = 0.0
    """Seconds between one byte and the next; 0 for all at once."""
    holds_s: float = 0.0
    """The client stays for so many seconds after the last byte, and reads nothing."""
    is_half_closed: bool = False
    """The client closes its end after the last byte, and reads until the server does too."""
    takes_long: bool = False
    """The server has to lose its patience: such cases run side by side."""


def not_events(request: str, *, sound: str) -> list[Case]:
    """Return bytes that are no Wyoming events, or lie about their lengths.

    The types are those of events that begin a request and carry sound.
    """
    terabyte = 10**12
    return [
        Case(name="garbage", data=bytes(range(1, 256)) + b"\n"),
        Case(name="garbage_half_closed", data=b"\xff" * 50 + b"\n", is_half_closed=True),
        Case(name="http", data=b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
        Case(name="tls_hello", data=b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\n" * 3),
        Case(name="empty_line", data=b"\n"),
        Case(name="json_number", data=b"7\n"),
        Case(name="json_deep", data=b"[" * 15_000 + b"\n"),
        Case(name="json_deep_field", data=b'{"type": "ping", "data": ' + b'{"x":' * 2500 + b"\n"),
        Case(name="json_long_number", data=b'{"type": ' + b"9" * 9000 + b"}\n"),
        Case(name="json_utf16", data='{"type": "describe"}\n'.encode("utf-16")),
        Case(name="no_type", data=line(data={})),
        Case(name="type_number", data=line(type=5)),
        Case(name="type_empty", data=line(type="")),
        Case(name="data_text", data=line(type="describe", data="x")),
        Case(name="header_20k", data=b'{"type": "' + b"x" * 20_000 + b'"}\n', answer=Answer.EITHER),
        Case(name="header_1mb", data=b"x" * 1_000_000),
        Case(name="payload_1tb", data=line(type=sound, payload_length=terabyte)),
        Case(
            name="payload_1tb_flood",
            data=line(type=sound, payload_length=terabyte) + bytes(20_000_000),
        ),
        Case(name="payload_negative", data=line(type=sound, payload_length=-5)),
        Case(name="payload_text", data=line(type=sound, payload_length="9")),
        Case(name="payload_float", data=line(type=sound, payload_length=9.5)),
        Case(name="data_1gb", data=line(type=request, data_length=10**9)),
        Case(name="data_no_json", data=line(type=request, data_length=4) + b"zzzz"),
        Case(name="data_list", data=line(type=request, data_length=2) + b"[]"),
    ]


def line(**header: object) -> bytes:
    """Return the first line of an event, as nobody should write it."""
    return json.dumps(header).encode() + b"\n"
