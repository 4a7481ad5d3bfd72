"""Conversations with a speech-to-text server, damaged by chance but always in the same way."""

import asyncio
import random
from typing import TYPE_CHECKING

from wyoming.event import Event

from benchmarks.cases import Answer, Case
from benchmarks.damage import Words, damaged
from benchmarks.stt.bad_cases import FORMAT
from tests.fakes.speech import spoken
from tests.wyoming_servers.stt.levels import make_offer
from wyoming_servers.protocol import CancelJob, RequestError
from wyoming_servers.stt.protocol import SttProtocol
from wyoming_servers.wire import Limits, WireReader

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_SEED = 5
# So many times fewer mutations wait for the server to lose its patience: that takes ten seconds.
_WAITS_FOR_REST = 20
# So many times fewer mutations are of speech, which has to be decoded.
_HAS_SPEECH = 20
_SPEECH_BYTES = 24_000  # 0.75 s

_WORDS = Words(
    fields=(
        *("rate", "width", "channels", "timestamp", "language", "name", "context", "text"),
        *("vad_sensitivity", "transcript_names", "transcript_terms", "names", "type"),
    ),
    values=(
        *(None, True, False, 0, -1, 1, 2.5, 10**9, -(10**9), 1e308, 10**400),
        *(float("nan"), float("inf"), float("-inf")),
        *("", "x", "pt-BR", "\ud800", "\0", "ç" * 3000),
        *([], [1], ["sala"], [["sala"]], ["\ud800"], {}, {"x": {}}),
    ),
    foreign=("describe", "ping", "synthesize", "jonh-names", "transcript", "error", "x"),
)

_OFFER = make_offer(default_language="auto", max_s=30.0)


async def mutated(count: int) -> list[Case]:
    """Return damaged conversations, each with what a server owes its client."""
    return [case async for case in mutations(count)]


async def mutations(count: int) -> AsyncIterator[Case]:
    """Yield these one by one."""
    generator = random.Random(_SEED)
    speech = spoken("Acenda a luz da sala.").tobytes()[:_SPEECH_BYTES]
    for index in range(count):
        has_speech = index % _HAS_SPEECH == 0
        sound = speech if has_speech else generator.randbytes(320)
        data = _damaged(generator, sound)
        answer = await _owed(data)
        if answer is Answer.NOTHING and index % _WAITS_FOR_REST == 1:
            answer = Answer.ERROR  # the client keeps silent: the server says so in the end
        if answer is Answer.RESULT and has_speech:
            answer = Answer.EITHER  # the server may be busy with the others
        yield Case(name=f"mutation {index}", data=data, answer=answer)


def _damaged(generator: random.Random, sound: bytes) -> bytes:
    events = [
        Event("transcribe", {"language": "pt"}),
        Event("audio-start", dict(FORMAT)),
        *(Event("audio-chunk", dict(FORMAT), sound) for _ in range(generator.randint(1, 4))),
        Event("audio-stop", {}),
    ]
    return damaged(generator, events, _WORDS)


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
    return Answer.RESULT if has_utterance else Answer.NOTHING
