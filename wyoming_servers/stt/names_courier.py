"""Brings the names of the home from Home Assistant to jonh-stt: in an add-on, beside the server.

    python -m wyoming_servers.stt.names_courier URI [HOME_ASSISTANT]

A process of its own, so that the token of the add-on never is in the server's.
"""

import asyncio
import logging
import os
import sys
from urllib.parse import urlsplit

from wyoming.error import Error
from wyoming.event import Event, async_read_event, async_write_event
from wyoming.ping import Ping, Pong

from .protocol import MAX_NAME_CHARS, MAX_NAMES, NAMES_EVENT
from .supervisor_names import DEFAULT_URL, SupervisorNames

_LOGGER = logging.getLogger(__name__)

# The server is on this machine; while it loads its model, it refuses connections.
_TIMEOUT_S = 5.0
_PAUSE_S = 2.0


class RefusedError(Exception):
    """The server does not take the names."""


class Courier:
    """Keeps the newest names until the server has them; an older list is never brought."""

    def __init__(self, uri: str) -> None:
        """Prepare to bring names to the server at tcp://HOST:PORT or unix://PATH."""
        self._uri = uri
        self._names: list[str] = []
        self._waits = asyncio.Event()

    def take(self, names: list[str]) -> None:
        """Bring these from now on."""
        fitting = [name for name in names if len(name) <= MAX_NAME_CHARS]
        self._names = list(dict.fromkeys(fitting))[:MAX_NAMES]
        self._waits.set()

    async def run(self) -> None:
        """Bring what was taken, again and again until it is there; never ends by itself."""
        while True:
            await self._waits.wait()
            self._waits.clear()
            try:
                async with asyncio.timeout(_TIMEOUT_S):
                    await bring(self._uri, self._names)
            except RefusedError as err:
                _LOGGER.warning("jonh-stt does not take the names of the home: %s", err)
            except (OSError, TimeoutError, EOFError):
                self._waits.set()
                await asyncio.sleep(_PAUSE_S)


async def bring(uri: str, names: list[str]) -> None:
    """Tell a server the names and wait until it has read them; raises RefusedError."""
    parts = urlsplit(uri)
    if parts.scheme == "unix":
        reader, writer = await asyncio.open_unix_connection(parts.netloc + parts.path)
    else:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        await async_write_event(Event(NAMES_EVENT, {"names": names}), writer)
        await async_write_event(Ping().event(), writer)
        answer = await async_read_event(reader)
    finally:
        writer.close()
    if answer is None:
        raise ConnectionError("the connection was closed")
    if not Pong.is_type(answer.type):
        is_error = Error.is_type(answer.type)
        raise RefusedError(Error.from_event(answer).text if is_error else answer.type)


async def carry(token: str, uri: str, home_assistant: str = DEFAULT_URL) -> None:
    """Follow the names of the home and bring each change to the server; never ends by itself."""
    courier = Courier(uri)
    async with asyncio.TaskGroup() as group:
        group.create_task(courier.run())
        group.create_task(SupervisorNames(token, courier.take, url=home_assistant).follow())


def main() -> int:
    """Run until the add-on ends."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr
    )
    asyncio.run(carry(os.environ["SUPERVISOR_TOKEN"], *sys.argv[1:]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
