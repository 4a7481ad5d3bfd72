"""What a server makes of sounds and texts that nobody should send: B8 and B9."""

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from wyoming.event import Event

from benchmarks.resilience.rows import Figure, Trial
from benchmarks.resilience.sides import SENTENCE, Said, ask, serving
from benchmarks.stt.bad_cases import FORMAT, conversation
from tests.fakes.speech import noise, silence, spoken, tone
from wyoming_servers.models import STARTER_DIR
from wyoming_servers.wire import encode

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.resilience.sides import Side
    from wyoming_servers.audio import Samples

_LIMIT_S = 60.0
_PIECE_BYTES = 16_000
_STACK = (b"Traceback", b" failed with ")
_FIVE_HUNDRED_DIGITS = "1234567890" * 50


def trials() -> Sequence[Trial]:
    """Return the rows."""
    return [
        Trial(
            id="B8",
            what=f"{len(_sounds())} sounds: impossible formats, noise, clipping, silence",
            bar="each refused or converted; no words where nobody spoke, no stack",
            run=odd_sounds,
        ),
        Trial(
            id="B9",
            what=f"{len(_texts())} texts: nothing, emoji, 100 kB, marks, paths, digits",
            bar="each spoken or refused in words, no path followed, no stack",
            run=odd_texts,
        ),
    ]


@dataclass(frozen=True, slots=True)
class _Case:
    name: str
    data: bytes
    is_right: Callable[[Said], bool]


def _refused(said: Said) -> bool:
    return bool(said.code) and said.code != "internal"


def _converted(said: Said) -> bool:
    return said.is_result


def _without_words(said: Said) -> bool:
    return said.is_result and not re.search(r"\w", said.text)


def _answered(said: Said) -> bool:
    return _refused(said) or _converted(said)


def _sounds() -> list[_Case]:
    def format_of(**change: Any) -> bytes:
        wanted = FORMAT | change
        return conversation(start=wanted, chunk=wanted, chunks=3)

    speech = spoken(SENTENCE)
    stereo = FORMAT | {"rate": 48_000, "channels": 2}
    narrow = FORMAT | {"width": 1}
    clipped = np.clip(speech.astype(np.int32) * 40, -32768, 32767).astype(np.int16)
    constant = np.full(48_000, 12_000, np.int16)
    return [
        _Case("rate 0", format_of(rate=0), _refused),
        _Case("width 3000", format_of(width=3000), _refused),
        _Case("99 channels", format_of(channels=99), _refused),
        _Case("odd byte count", conversation(audio=bytes(3201)), _answered),
        _Case("48 kHz stereo", _said(speech.repeat(6), stereo), _converted),
        _Case("8 bit", _said((speech // 256 + 128).astype(np.uint8), narrow), _converted),
        _Case("silence", _said(silence(3)), _without_words),
        _Case("clipped", _said(clipped), _converted),
        _Case("white noise", _said(noise(3, 0.1)), _without_words),
        _Case("a constant", _said(constant), _without_words),
        _Case("a tone", _said(tone(3)), _without_words),
        _Case("no sound at all", _said(silence(0)), _without_words),
    ]


def _said(sound: Samples | np.ndarray[Any, Any], wanted: dict[str, Any] = FORMAT) -> bytes:
    raw = sound.tobytes()
    size = _PIECE_BYTES
    pieces = [raw[at : at + size] for at in range(0, len(raw), size)]
    wish = {"language": "pt", "context": {"endpoint": "client"}}
    events = [
        Event("transcribe", wish),
        Event("audio-start", wanted),
        *(Event("audio-chunk", wanted, piece) for piece in pieces),
        Event("audio-stop"),
    ]
    return b"".join(map(encode, events))


def _texts() -> list[_Case]:
    file = STARTER_DIR / "voice/pt_BR-starter-low.onnx"
    bidi = "A \u202eluz\u202c \x00\x07\x1b[31m está\u200f acesa.\ufeff"

    def text(words: str, **fields: Any) -> bytes:
        return encode(Event("synthesize", {"text": words} | fields))

    def voice(name: str) -> bytes:
        return text("Sim.", voice={"name": name})

    return [
        _Case("nothing", text(""), _answered),
        _Case("only emoji", text("🙂🏠💡"), _answered),
        _Case("100 kB", text("A luz está acesa. " * 6000), _refused),
        _Case("control and bidi characters", text(bidi), _converted),
        _Case("SSML", text("<speak><break time='10s'/>Sim.</speak>"), _answered),
        _Case("path upwards", voice("../voice/pt_BR-starter-low"), _refused),
        _Case("path of a file", voice(str(file)), _refused),
        _Case("path without suffix", voice(str(file.with_suffix(""))), _refused),
        _Case("unknown voice", voice("xx_XX-nobody-low"), _refused),
        _Case("500 digits", text(_FIVE_HUNDRED_DIGITS), _converted),
        _Case("one endless word", text("a" * 5000), _answered),
        _Case("blanks", text(" \n\t " * 500), _answered),
    ]


async def odd_sounds(side: Side) -> Figure:
    """Send each sound to a recogniser."""
    return await _judged(side, "stt", _sounds())


async def odd_texts(side: Side) -> Figure:
    """Have each text spoken."""
    return await _judged(side, "tts", _texts())


async def _judged(side: Side, kind: str, cases: Sequence[_Case]) -> Figure:
    wrong = []
    with tempfile.TemporaryDirectory() as name:
        async with serving(side, kind, folder=Path(name)) as server:
            for case in cases:
                try:
                    said = await ask(server.uri, case.data, limit_s=_LIMIT_S)
                except OSError, TimeoutError:
                    said = Said(None, _LIMIT_S)
                if not case.is_right(said):
                    wrong.append(f"{case.name}: {_told(said)}")
            stacks = sum(server.log.count(each) for each in _STACK)
    figure = f"{len(cases) - len(wrong)} of {len(cases)} as they should, {stacks} stacks"
    return Figure(figure + (f" ({'; '.join(wrong)})" if wrong else ""), not wrong and not stacks)


def _told(said: Said) -> str:
    if said.last is None:
        return "cut"
    return said.code or repr(said.text[:20]) if said.last.type != "audio-stop" else "spoken"
