"""Wyoming events on a byte stream: no length is believed and no wait is endless."""

import asyncio
import io
import json
from dataclasses import dataclass
from typing import Any

from wyoming.event import Event, write_event

from .protocol import ErrorCode, RequestError


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How many bytes of each part of an event are read."""

    header_bytes: int = 16 * 1024
    """Real header lines are under 200 bytes; 16 KiB is what HTTP servers grant one line."""

    data_bytes: int = 64 * 1024
    """Far above the longest `transcribe`, a few thousand names to listen for."""

    payload_bytes: int = 256 * 1024
    """Home Assistant sends 320 bytes; this holds a second of 32-bit stereo at 32 kHz."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """How long the server waits for a client, in seconds."""

    first_event_s: float = 10.0
    """From connecting to the first event; Home Assistant sends it at once."""

    message_s: float = 10.0
    """From an event's first byte to its last."""

    stall_s: float = 15.0
    """Between two events of one request; Home Assistant sends audio every 10 ms."""

    request_s: float = 300.0
    """From a request's first event to its last; Home Assistant's own pipeline limit."""

    idle_s: float = 120.0
    """Between two requests of one connection."""

    write_s: float = 8.0
    """For the client to make room for more output; Home Assistant reads as fast as it can."""

    lame_duck_s: float = 0.0
    """For which new clients are still accepted once the server is told to stop."""

    drain_s: float = 25.0
    """For running requests to finish after that; what runs containers waits for 30 s."""


class WireReader:
    """Reads one event after another from a stream made with `limit=limits.header_bytes`.

    `begin` waits for the first byte of an event, `finish` for the rest of it, so that the
    caller can give silence between events and a stall within one their own deadlines.
    """

    def __init__(self, stream: asyncio.StreamReader, limits: Limits) -> None:
        self._stream = stream
        self._limits = limits
        self._first_byte = b""

    async def begin(self) -> bool:
        """Wait for the next event's first byte; False at the end of the stream."""
        self._first_byte = await self._stream.read(1)
        return bool(self._first_byte)

    async def finish(self) -> Event | None:
        """Read the event `begin` announced; None when the stream ends within it.

        Raises RequestError for anything that is no Wyoming event or is above a limit.
        """
        try:
            header = await self._header()
            data = _field(header, "data", dict, {})
            data_bytes = _length(header, "data_length", self._limits.data_bytes)
            payload_bytes = _length(header, "payload_length", self._limits.payload_bytes)
            if data_bytes:
                text = await self._stream.readexactly(data_bytes)
                data = {**data, **_json_object(text, "data")}
            payload = await self._stream.readexactly(payload_bytes) if payload_bytes else None
        except asyncio.IncompleteReadError:
            return None
        event_type = _field(header, "type", str, "")
        if not event_type:
            raise RequestError(ErrorCode.BAD_EVENT, 'The event header has no "type".')
        return Event(type=event_type, data=data, payload=payload)

    async def _header(self) -> dict[str, Any]:
        line = self._first_byte
        if line != b"\n":
            try:
                line += await self._stream.readuntil(b"\n")
            except asyncio.LimitOverrunError as err:
                raise RequestError(
                    ErrorCode.TOO_LARGE,
                    f"The event header is longer than {self._limits.header_bytes} bytes.",
                ) from err
        return _json_object(line, "header")


def encode(event: Event) -> bytes:
    """Serialise an event as Wyoming clients read it."""
    buffer = io.BytesIO()
    write_event(event, buffer)
    return buffer.getvalue()


def _json_object(text: bytes, part: str) -> dict[str, Any]:
    try:
        # Decoded here, because json.loads of bytes also takes UTF-16 and half characters.
        value = json.loads(text.decode())
        if b"\\u" in text:
            # An escape can name half a character too, which no answer could repeat.
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as err:
        raise RequestError(
            ErrorCode.BAD_EVENT, f"The event {part} is not valid JSON in UTF-8."
        ) from err
    if not isinstance(value, dict):
        raise RequestError(ErrorCode.BAD_EVENT, f"The event {part} is not a JSON object.")
    return value


def _field[T](header: dict[str, Any], name: str, kind: type[T], default: T) -> T:
    value = header.get(name)
    if value is None:
        return default
    if not isinstance(value, kind) or isinstance(value, bool):
        raise RequestError(ErrorCode.BAD_EVENT, f'"{name}" in the event header has a wrong type.')
    return value


def _length(header: dict[str, Any], name: str, limit_bytes: int) -> int:
    length = _field(header, name, int, 0)
    if length < 0:
        raise RequestError(ErrorCode.BAD_EVENT, f'"{name}" in the event header is negative.')
    if length > limit_bytes:
        raise RequestError(
            ErrorCode.TOO_LARGE, f'"{name}" is {length}; at most {limit_bytes} bytes are read.'
        )
    return length
