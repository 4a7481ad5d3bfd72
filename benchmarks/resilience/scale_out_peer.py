"""A recogniser on wyoming's own server class, as the servers before ours are built.

`python -m benchmarks.resilience.scale_out_peer --uri tcp://HOST:PORT` hears with the starter
model and faster-whisper's own way of transcribing. What is compared is what it loses, not how
quick it is.
"""

import argparse
import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any, override

import numpy as np
from faster_whisper import WhisperModel
from wyoming.asr import Transcript
from wyoming.audio import AudioChunk, AudioStop
from wyoming.info import AsrModel, AsrProgram, Attribution, Describe, Info
from wyoming.server import AsyncEventHandler, AsyncServer

from wyoming_servers.models import STARTER_DIR

if TYPE_CHECKING:
    from wyoming.event import Event

_NOBODY = Attribution(name="", url="")
_ABOUT: dict[str, Any] = {"attribution": _NOBODY, "installed": True, "version": None}
_MODEL = AsrModel(name="starter", description="", languages=["pt"], **_ABOUT)
_INFO = Info(asr=[AsrProgram(name="peer", description="", models=[_MODEL], **_ABOUT)])


class Handler(AsyncEventHandler):
    """One connection: audio until audio-stop, then its text."""

    def __init__(self, model: WhisperModel, *streams: Any) -> None:
        super().__init__(*streams)
        self._model = model
        self._audio = bytearray()

    @override
    async def handle_event(self, event: Event) -> bool:
        if Describe.is_type(event.type):
            await self.write_event(_INFO.event())
        elif AudioChunk.is_type(event.type):
            self._audio += AudioChunk.from_event(event).audio
        elif AudioStop.is_type(event.type):
            text = await asyncio.to_thread(self._recognise)
            await self.write_event(Transcript(text=text).event())
            return False
        return True

    def _recognise(self) -> str:
        samples = np.frombuffer(self._audio, "<i2").astype(np.float32) / 32768
        segments, _ = self._model.transcribe(samples, language="pt", beam_size=1)
        return "".join(segment.text for segment in segments).strip()


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--uri", required=True)
    uri = parser.parse_args().uri
    model = WhisperModel(str(STARTER_DIR / "whisper"), compute_type="int8", cpu_threads=1)
    asyncio.run(AsyncServer.from_uri(uri).run(partial(Handler, model)))


if __name__ == "__main__":
    main()
