"""Stands between Home Assistant and a speech server and notes when what went by."""

import asyncio
import contextlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wyoming.event import Event, async_read_event, async_write_event

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@dataclass(frozen=True, slots=True)
class Passed:
    """One event that went by."""

    at_s: float
    """`time.perf_counter` when it was read."""
    to_server: bool
    event: Event


class Relay:
    """A Wyoming server that hands everything on to another one. Made by `relayed`."""

    def __init__(self, port: int) -> None:
        self.port = 0
        self.passed: list[Passed] = []
        """What went by since `forget`, without the audio that goes to the server."""
        self.open = 0
        """Connections that are open now."""
        self._target = port

    def forget(self) -> None:
        """Begin anew."""
        self.passed.clear()

    def first(self, *kinds: str, after_s: float = 0.0) -> Passed | None:
        """Return the first event of these kinds after a moment."""
        for each in self.passed:
            if each.at_s >= after_s and each.event.type in kinds:
                return each
        return None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hand on one connection until either side closes it."""
        self.open += 1
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
            try:
                pumps = {
                    asyncio.create_task(self._pump(reader, far_writer, to_server=True)),
                    asyncio.create_task(self._pump(far_reader, writer, to_server=False)),
                }
                await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
                for pump in pumps:
                    pump.cancel()
                await asyncio.gather(*pumps, return_exceptions=True)
            finally:
                far_writer.close()
        finally:
            writer.close()
            self.open -= 1

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, to_server: bool
    ) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while (event := await async_read_event(reader)) is not None:
                now_s = time.perf_counter()
                await async_write_event(event, writer)
                if not (to_server and event.type == "audio-chunk"):
                    self.passed.append(Passed(now_s, to_server, event))


@contextlib.asynccontextmanager
async def relayed(port: int) -> AsyncIterator[Relay]:
    """Listen on a free port for the server at `port`."""
    relay = Relay(port)
    server = await asyncio.start_server(relay.serve, "127.0.0.1", 0)
    relay.port = server.sockets[0].getsockname()[1]
    async with server:
        yield relay
        server.close_clients()
