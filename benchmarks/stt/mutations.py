"""Conversations with a speech-to-text server, damaged by chance but always in the same way."""

import asyncio
import json
import random
from typing import Any

from wyoming.event import Event

from benchmarks.stt.bad_cases import FORMAT, Answer, Case
from tests.fakes.speech import spoken
from tests.wyoming_servers.stt.levels import make_offer
from wyoming_servers.protocol import CancelJob, RequestError
from wyoming_servers.stt.protocol import SttProtocol
from wyoming_servers.wire import Limits, WireReader, encode

_SEED = 5
# So many times fewer mutations wait for the server to lose its patience: that takes ten seconds.
_WAITS_FOR_REST = 20
# So many times fewer mutations are of speech, which has to be decoded.
_HAS_SPEECH = 20
_SPEECH_BYTES = 24_000  # 0.75 s

_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2.5, 10**9, -(10**9), 1e308, 10**400),
    *(float("nan"), float("inf"), float("-inf")),
    *("", "x", "pt-BR", "\ud800", "\0", "ç" * 3000),
    *([], [1], ["sala"], [["sala"]], ["\ud800"], {}, {"x": {}}),
)
_FIELDS = (
    *("rate", "width", "channels", "timestamp", "language", "name", "context", "text"),
    *("vad_sensitivity", "transcript_names", "transcript_terms", "names", "type"),
)
_FOREIGN = ("describe", "ping", "synthesize", "jonh-names", "transcript", "error", "x")
_LENGTHS = (0, 1, -1, 319, 10**5, 10**12, None, "9", 2.0, True)

_OFFER = make_offer(default_language="auto", max_s=30.0)


async def mutated(count: int) -> list[Case]:
    """Return damaged conversations, each with what a server owes its client."""
    generator = random.Random(_SEED)
    speech = spoken("Acenda a luz da sala.").tobytes()[:_SPEECH_BYTES]
    cases = []
    for index in range(count):
        has_speech = index % _HAS_SPEECH == 0
        sound = speech if has_speech else generator.randbytes(320)
        data = _damaged(generator, sound)
        answer = await _owed(data)
        if answer is Answer.NOTHING and index % _WAITS_FOR_REST == 1:
            answer = Answer.ERROR  # the client keeps silent: the server says so in the end
        if answer is Answer.TRANSCRIPT and has_speech:
            answer = Answer.EITHER  # the server may be busy with the others
        cases.append(Case(name=f"mutation {index}", data=data, answer=answer))
    return cases


def _damaged(generator: random.Random, sound: bytes) -> bytes:
    """Change an utterance: its events, its bytes, or first the ones and then the others."""
    events = [
        Event("transcribe", {"language": "pt"}),
        Event("audio-start", dict(FORMAT)),
        *(Event("audio-chunk", dict(FORMAT), sound) for _ in range(generator.randint(1, 4))),
        Event("audio-stop", {}),
    ]
    kind = generator.randrange(3)
    if kind != 0:
        for _ in range(generator.randint(1, 2)):
            _change_events(generator, events)
    parts = [_encoded(event) for event in events]
    if kind != 1 and parts:
        if generator.random() < 0.3:
            at = generator.randrange(len(parts))
            parts[at] = _with_wrong_length(generator, parts[at])
        else:
            parts = [_with_other_bytes(generator, b"".join(parts))]
    return b"".join(parts) or b"\n"


def _change_events(generator: random.Random, events: list[Event]) -> None:
    """Change, repeat, drop, move or slip in one event."""
    if not events:
        return
    at = generator.randrange(len(events))
    match generator.randrange(7):
        case 0:
            events.insert(at, events[at])
        case 1:
            del events[at]
        case 2:
            events.insert(generator.randrange(len(events)), events.pop(at))
        case 3:
            field, value = generator.choice(_FIELDS), generator.choice(_VALUES)
            events.insert(at, Event(generator.choice(_FOREIGN), {field: value}))
        case _:
            field, value = generator.choice(_FIELDS), generator.choice(_VALUES)
            event = events[at]
            events[at] = Event(event.type, {**event.data, field: value}, event.payload)


def _encoded(event: Event) -> bytes:
    """Serialise an event, with escapes where the value could not be written otherwise."""
    try:
        return encode(event)
    except UnicodeEncodeError:
        payload = event.payload or b""
        header = {"type": event.type, "data": event.data, "payload_length": len(payload)}
        return json.dumps(header).encode() + b"\n" + payload


def _with_wrong_length(generator: random.Random, part: bytes) -> bytes:
    """Let the header of an event announce other lengths than follow."""
    line, _, rest = part.partition(b"\n")
    header = json.loads(line)
    header[generator.choice(("data_length", "payload_length"))] = generator.choice(_LENGTHS)
    return json.dumps(header).encode() + b"\n" + rest


def _with_other_bytes(generator: random.Random, whole: bytes) -> bytes:
    """Flip, cut, add or repeat bytes, shuffle lines, or end too early."""
    data = bytearray(whole)
    for _ in range(generator.randint(1, 2)):
        at = generator.randrange(len(data) or 1)
        size = generator.randint(1, 60)
        match generator.randrange(6):
            case 0:
                data[at : at + 1] = generator.randbytes(1)
            case 1:
                del data[at : at + size]
            case 2:
                data[at:at] = generator.randbytes(size)
            case 3:
                data[at:at] = data[at : at + size]
            case 4:
                lines = bytes(data).split(b"\n")
                generator.shuffle(lines)
                data = bytearray(b"\n".join(lines))
            case _:
                del data[at:]
    return bytes(data)


async def _owed(data: bytes) -> Answer:
    """Tell what a server owes for these bytes, by our own parser and protocol in this process."""
    stream = asyncio.StreamReader(limit=Limits().header_bytes)
    stream.feed_data(data)
    stream.feed_eof()
    reader, protocol = WireReader(stream, Limits()), SttProtocol(_OFFER)
    has_utterance = False
    try:
        while await reader.begin() and (event := await reader.finish()) is not None:
            if event.type in ("describe", "ping"):
                if event.type == "ping" and not isinstance(event.data.get("text", ""), str | None):
                    return Answer.EITHER if has_utterance else Answer.ERROR
                continue
            for command in protocol.on_event(event):
                has_utterance |= not isinstance(command, CancelJob)
    except RequestError:
        return Answer.EITHER if has_utterance else Answer.ERROR
    return Answer.TRANSCRIPT if has_utterance else Answer.NOTHING
