"""A Wyoming server with one bad manner, to see whether a benchmark of servers finds it.

python rude_server.py MANNER --uri tcp://HOST:PORT
"""

import asyncio
import contextlib
import logging
import os
import sys
import time
from urllib.parse import urlsplit

from wyoming.asr import Transcript
from wyoming.error import Error
from wyoming.event import Event, async_read_event, async_write_event
from wyoming.info import Info

_LOGGER = logging.getLogger("rude")
_LOGGER = logging.getLogger(__name__)

_KEPT: list[bytes] = []


class RudeServer:
    """Takes a sample rate of 0 for bad input and does to it what its manner is."""

    def __init__(self, manner: str) -> None:
        self._manner = manner
        self._is_exhausted = False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one client until the end of its first utterance."""
        with contextlib.suppress(ConnectionError):
            await self._serve(reader, writer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        is_bad = False
        while (event := await async_read_event(reader)) is not None:
            is_bad |= event.data.get("rate") == 0
            if event.type == "describe":
                await async_write_event(Info().event(), writer)
            if event.type == "audio-stop":
                for answer in self._bad() if is_bad else self._good():
                    await async_write_event(answer, writer)
                break
        if self._is_exhausted or (self._manner == "endless" and is_bad):
            await asyncio.Event().wait()
        writer.close()

    def _good(self) -> list[Event]:
        return [Transcript(text="ok").event()] if not self._is_exhausted else []

    def _bad(self) -> list[Event]:
        refusal = Error(text="A rate of 0 is none.", code="bad-audio").event()
        match self._manner:
            case "mute" | "endless":
                return []
            case "faulty":
                _LOGGER.error('A job failed with ValueError\n  File "rude.py", line 1')
                return [Error(text="The server has failed.", code="internal").event()]
            case "raising":
                raise ValueError("rate")
            case "blocking":
                time.sleep(1.5)
            case "greedy":
                _KEPT.append(os.urandom(40_000_000))
            case "exhausted":
                self._is_exhausted = True
            case "fragile":
                os._exit(3)
        return [refusal]


async def _main(manner: str, uri: str) -> None:
    parts = urlsplit(uri)
    server = await asyncio.start_server(RudeServer(manner).serve, parts.hostname, parts.port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], sys.argv[3]))
