"""Damage to conversations with a Wyoming server, by chance but always in the same way."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wyoming.event import Event

from wyoming_servers.wire import encode

if TYPE_CHECKING:
    import random

_LENGTHS = (0, 1, -1, 319, 10**5, 10**12, None, "9", 2.0, True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What damaged events are made of."""

    fields: tuple[str, ...]
    values: tuple[Any, ...]
    foreign: tuple[str, ...]
    """Types of events that slip in."""


def damaged(generator: random.Random, events: list[Event], words: Words) -> bytes:
    """Change a conversation: its events, its bytes, or first the ones and then the others."""
    kind = generator.randrange(3)
    if kind != 0:
        for _ in range(generator.randint(1, 2)):
            _change_events(generator, events, words)
    parts = [_encoded(event) for event in events]
    if kind != 1 and parts:
        if generator.random() < 0.3:
            at = generator.randrange(len(parts))
            parts[at] = _with_wrong_length(generator, parts[at])
        else:
            parts = [_with_other_bytes(generator, b"".join(parts))]
    return b"".join(parts) or b"\n"


def _change_events(generator: random.Random, events: list[Event], words: Words) -> None:
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
            field, value = generator.choice(words.fields), generator.choice(words.values)
            events.insert(at, Event(generator.choice(words.foreign), {field: value}))
        case _:
            field, value = generator.choice(words.fields), generator.choice(words.values)
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
