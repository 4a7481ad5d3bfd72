"""Conversations with a text-to-speech server, damaged by chance but always in the same way."""

import asyncio
import random
from typing import TYPE_CHECKING

from benchmarks.cases import Answer, Case
from benchmarks.damage import Words, damaged
from benchmarks.tts.bad_cases import one_shot, stream
from wyoming_servers.models import STARTER_DIR, PiperVoices
from wyoming_servers.protocol import RequestError
from wyoming_servers.tts.protocol import TtsOffer, TtsProtocol
from wyoming_servers.tts.voices import VoiceCatalogue
from wyoming_servers.wire import Limits, WireReader

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from wyoming.event import Event

_SEED = 6
_MAX_CHARS = 8000
_LIMITS = Limits(data_bytes=100_096)
# So many times fewer mutations wait for the server to lose its patience: that takes ten seconds.
_WAITS_FOR_REST = 20

_PARTS = ("Sim. ", "A luz ", "está ", "acesa. ", "São 23,5 °C ", "às 14h30. ", "**Luz** ", "3 kWh ")
_WORDS = Words(
    fields=("text", "voice", "text_format", "name", "language", "speaker", "context", "type"),
    values=(
        *(None, True, False, 0, -1, 1, 2.5, 10**9, -(10**9), 1e308, 10**400),
        *(float("nan"), float("inf"), float("-inf")),
        *("", "x", "pt-BR", "pt_BR-starter-low", "../x", "\ud800", "\0", "ç" * 300, "9" * 40),
        *([], [1], ["x"], [["x"]], ["\ud800"], {}, {"x": {}}, "....", {"name": "x"}),
        *({"language": "pt"}, {"language": 1}, {"speaker": 0}, {"name": "\ud800"}),
    ),
    foreign=(
        *("describe", "ping", "audio-start", "error", "x"),
        *("synthesize-start", "synthesize-chunk", "synthesize-stop"),
    ),
)


async def mutated(count: int) -> list[Case]:
    """Return damaged conversations, each with what a server owes its client."""
    return [case async for case in mutations(count)]


async def mutations(count: int) -> AsyncIterator[Case]:
    """Yield these one by one."""
    generator = random.Random(_SEED)
    offer = _offer()
    for index in range(count):
        data = damaged(generator, _conversation(generator), _WORDS)
        answer, is_cut = await _owed(data, offer)
        if is_cut and index % _WAITS_FOR_REST == 1:
            answer = Answer.ERROR  # the client keeps silent: the server says so in the end
        yield Case(name=f"mutation {index}", data=data, answer=answer, result=("audio-stop",))


def _offer() -> TtsOffer:
    """Return what the server grants on the starter voices."""
    voices = VoiceCatalogue(PiperVoices(STARTER_DIR / "voice", None), "pt_BR-starter-low").voices()
    return TtsOffer(
        voices=lambda: voices,
        max_chars=_MAX_CHARS,
        sentence_silence_s=0.0,
        prepare=lambda _: None,
        report=lambda _: None,
        clock=lambda: 0.0,
    )


def _conversation(generator: random.Random) -> list[Event]:
    words = [generator.choice(_PARTS) for _ in range(generator.randint(1, 4))]
    return stream(*words) if generator.random() < 0.6 else [one_shot(text="".join(words))]


async def _owed(data: bytes, offer: TtsOffer) -> tuple[Answer, bool]:
    """Tell what a server owes for these bytes, by our own parser and protocol in this process.

    Also tell whether the bytes end within an event.
    """
    source = asyncio.StreamReader(limit=_LIMITS.header_bytes)
    source.feed_data(data)
    source.feed_eof()
    reader, protocol = WireReader(source, _LIMITS), TtsProtocol(offer)
    has_request = False
    try:
        while await reader.begin():
            if (event := await reader.finish()) is None:
                return _owed_so_far(has_request=has_request), not has_request
            if event.type == "ping" and not isinstance(event.data.get("text", ""), str | None):
                return Answer.EITHER if has_request else Answer.ERROR, False
            was_stream = protocol.is_receiving
            for _ in protocol.on_event(event):
                pass
            has_request |= event.type == "synthesize-stop"
            has_request |= event.type == "synthesize" and not was_stream
    except RequestError:
        return Answer.EITHER if has_request else Answer.ERROR, False
    return _owed_so_far(has_request=has_request), False


def _owed_so_far(*, has_request: bool) -> Answer:
    # The server may be busy with the others.
    return Answer.EITHER if has_request else Answer.NOTHING
