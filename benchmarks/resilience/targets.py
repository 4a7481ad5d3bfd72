"""What a fuzzer throws bytes at: each parser that reads what others have written (B4).

A target returns for every input or raises `RefusedError`, the one thing that a parser may do with
what it does not like. Anything else is a fault.
"""

import asyncio
import contextlib
import json
from typing import TYPE_CHECKING

from custom_components.jonh.agent.calls.tool_calls import canonical_call
from custom_components.jonh.http_audio import AudioError, speech_of
from custom_components.jonh.providers import groq_wire, ollama_wire
from custom_components.jonh.providers import ollama as ollama_provider
from custom_components.jonh.providers.base import ToolSpec
from custom_components.jonh.providers.errors import ProviderError
from wyoming_servers.audio import AudioFormatError, PcmConverter, PcmFormat
from wyoming_servers.protocol import RequestError
from wyoming_servers.wire import Limits, WireReader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from wyoming.event import Event

_RATES = (0, 1, 8000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000, 192_000)
_WIDTHS = (0, 1, 2, 3, 4, 5, 8, 3000)
_CHANNELS = (0, 1, 2, 3, 8, 9, 99)
_MAX_S = 60.0
TOOLS = [
    ToolSpec(name=name, description="", parameters={"required": required})
    for name, required in (("home_control", ["action"]), ("find", []))
]
_NAMES = (
    *("home_control", "HassTurnOn", "light.turn_on", "media", "timer", "list", "find"),
    *("run_script", "home_state", "climate.set_temperature", "script.x", "unknown"),
)


_ONE_BY_ONE_BYTES = 512
# One for all inputs: to make one takes longer than what happens in it.
_LOOP = asyncio.new_event_loop()
# A converter may hold back, or round up, so much of a second at its ends.
_ROUNDING_S = 0.01


class RefusedError(Exception):
    """A parser said, as it should, that the input is none."""


@contextlib.contextmanager
def _may_raise(kind: type[Exception]) -> Iterator[None]:
    try:
        yield
    except kind as err:
        raise RefusedError from err


def wire(data: bytes) -> None:
    """Read events from a client, all at once and byte by byte: the outcome is the same."""
    events, code = _LOOP.run_until_complete(read_events(data, len(data) or 1))
    if len(data) < _ONE_BY_ONE_BYTES:
        assert _LOOP.run_until_complete(read_events(data, 1)) == (events, code)
    if code is not None:
        raise RefusedError(code)


async def read_events(data: bytes, size: int) -> tuple[list[Event], str | None]:
    """Read what comes in pieces of this size: the events, and the code of the error at the end."""
    limits = Limits()
    stream = asyncio.StreamReader(limit=limits.header_bytes)
    reader = WireReader(stream, limits)
    events: list[Event] = []

    async def feed() -> None:
        for at in range(0, len(data), size):
            stream.feed_data(data[at : at + size])
            await asyncio.sleep(0)
        stream.feed_eof()

    feeding = asyncio.create_task(feed())
    try:
        while await reader.begin() and (event := await reader.finish()) is not None:
            events.append(event)
    except RequestError as err:
        return events, str(err.code)
    finally:
        await feeding
    return events, None


def sound(data: bytes) -> None:
    """Convert sound of any format, in two pieces; the first three bytes choose the format."""
    choice, audio = data[:3].ljust(3, b"\0"), data[3:]
    with _may_raise(AudioFormatError):
        pcm = PcmFormat(
            _RATES[choice[0] % len(_RATES)],
            _WIDTHS[choice[1] % len(_WIDTHS)],
            _CHANNELS[choice[2] % len(_CHANNELS)],
        )
        converter = PcmConverter(pcm)
        half = len(audio) // 2 // pcm.frame_bytes * pcm.frame_bytes
        samples = len(converter.convert(audio[:half])) + len(converter.convert(audio[half:]))
        samples += len(converter.flush())
    seconds = len(audio) / pcm.frame_bytes / pcm.rate_hz
    assert abs(samples / 16_000 - seconds) < _ROUNDING_S, "the sound has another length"


def wav(data: bytes) -> None:
    """Read a WAV as the HTTP API gets it."""
    with _may_raise(AudioError):
        assert len(speech_of(data, _MAX_S)) % 2 == 0


def ollama(data: bytes) -> None:
    """Read lines of an answer of Ollama, as its client of ours does."""
    with _may_raise(ProviderError), ollama_provider._translated():  # noqa: SLF001
        for line in data.splitlines():
            part = json.loads(line)
            if not isinstance(part, dict):
                raise TypeError
            for _ in ollama_wire.events(part):
                pass


def groq(data: bytes) -> None:
    """Read what a model of Groq's wrote, and what Groq says of an error."""
    text = data.decode("utf-8", "replace")
    groq_wire.calls_in(text, TOOLS)
    with contextlib.suppress(ValueError, RecursionError):  # the official client reads the JSON
        groq_wire.error(400, groq_wire.error_fields(json.loads(text)))


def tool_call(data: bytes) -> None:
    """Read a call of a tool: the first byte chooses its name, the rest are its arguments."""
    name = _NAMES[data[0] % len(_NAMES)] if data else ""
    try:
        args = json.loads(data[1:])
    except (ValueError, RecursionError) as err:
        raise RefusedError from err
    if not isinstance(args, dict):
        raise RefusedError
    call = canonical_call(name, args)
    assert call is None or isinstance(call[1], dict)


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    target.__name__: target for target in (wire, sound, wav, ollama, groq, tool_call)
}
"""All of them by name."""
