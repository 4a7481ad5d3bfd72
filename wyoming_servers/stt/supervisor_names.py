"""The names of the home, asked of Home Assistant through the Supervisor: in an add-on only.

The Supervisor passes a WebSocket on to Home Assistant for the token that it gives every add-on:
https://developers.home-assistant.io/docs/add-ons/communication/. Needs aiohttp, an optional
dependency.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

_LOGGER = logging.getLogger(__name__)

DEFAULT_URL = "ws://supervisor/core/websocket"

_REGISTRY_EVENTS = (
    "area_registry_updated",
    "entity_registry_updated",
    "floor_registry_updated",
)
# Changes come in bursts; and what is exposed changes without an event.
_QUIET_S = 3.0
_REFRESH_S = 600.0
# Home Assistant takes a minute to restart, and a house that is offline is not asked often.
_PAUSE_S = 5.0
_MAX_PAUSE_S = 300.0
_ANSWER_S = 30.0
# A large home has some thousand entities of a few hundred bytes each.
_MAX_MESSAGE_BYTES = 16 << 20


class _RefusedError(Exception):
    """Home Assistant does not let us in, or does not know a command."""


class _Session:
    """Commands over one WebSocket."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._last_id = 0
        self._has_changed = False

    async def log_in(self, token: str) -> None:
        await self._receive()  # auth_required
        await self._socket.send_json({"type": "auth", "access_token": token})
        answer = await self._receive()
        if answer.get("type") != "auth_ok":
            raise _RefusedError(f"it answered {answer.get('type')} to our token")

    async def ask(self, command: str, **fields: Any) -> Any:
        self._last_id += 1
        await self._socket.send_json({"id": self._last_id, "type": command, **fields})
        while True:
            message = await self._receive()
            if message.get("type") == "event":
                self._has_changed = True
            elif message.get("id") == self._last_id:
                if not message.get("success"):
                    raise _RefusedError(f"it refuses {command}")
                return message.get("result")

    async def wait_for_change(self, limit_s: float) -> None:
        if not self._has_changed:
            try:
                async with asyncio.timeout(limit_s):
                    await self._receive(timeout_s=None)
            except TimeoutError:
                return
        self._has_changed = False

    async def _receive(self, timeout_s: float | None = _ANSWER_S) -> dict[str, Any]:
        async with asyncio.timeout(timeout_s):
            message = await self._socket.receive()
        if message.type is not aiohttp.WSMsgType.TEXT:
            raise _RefusedError("it closed the connection")
        answer = message.json()
        if not isinstance(answer, dict):
            raise _RefusedError("it does not speak its own protocol")
        return answer


class SupervisorNames:
    """Follows the names of the home."""

    def __init__(
        self, token: str, take: Callable[[list[str]], None], *, url: str = DEFAULT_URL
    ) -> None:
        """Prepare to tell `take` the names, the most useful ones first."""
        self._token = token
        self._take = take
        self._url = url

    async def follow(self) -> None:
        """Ask for the names, and again whenever they change; never ends by itself."""
        pause_s = _PAUSE_S
        while True:
            try:
                async with self._session() as session:
                    pause_s = _PAUSE_S
                    await self._follow_session(session)
            except (aiohttp.ClientError, OSError, TimeoutError, _RefusedError, ValueError) as err:
                level = logging.WARNING if pause_s == _PAUSE_S else logging.DEBUG
                _LOGGER.log(level, "Home Assistant does not tell its names: %s", err or "no answer")
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, _MAX_PAUSE_S)

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[_Session]:
        async with (
            aiohttp.ClientSession() as client,
            client.ws_connect(self._url, max_msg_size=_MAX_MESSAGE_BYTES, heartbeat=30) as socket,
        ):
            session = _Session(socket)
            await session.log_in(self._token)
            yield session

    async def _follow_session(self, session: _Session) -> None:
        for event in _REGISTRY_EVENTS:
            await session.ask("subscribe_events", event_type=event)
        while True:
            self._take(await _names(session))
            await session.wait_for_change(_REFRESH_S)
            await asyncio.sleep(_QUIET_S)


async def _names(session: _Session) -> list[str]:
    """Return the names of rooms, then those of what is exposed to Assist, short ones first."""
    listed = await session.ask("homeassistant/expose_entity/list")
    exposed = [
        entity_id
        for entity_id, assistants in listed["exposed_entities"].items()
        if assistants.get("conversation")
    ]
    states = {each["entity_id"]: each for each in await session.ask("get_states")}
    entries = await session.ask("config/entity_registry/get_entries", entity_ids=exposed)
    things: list[str] = []
    for entity_id in exposed:
        attributes = states.get(entity_id, {}).get("attributes", {})
        aliases = (entries.get(entity_id) or {}).get("aliases") or []
        things += [attributes.get("friendly_name"), *aliases]
    places: list[str] = []
    for kind in ("area", "floor"):
        for place in await session.ask(f"config/{kind}_registry/list"):
            places += [place.get("name"), *(place.get("aliases") or [])]
    return [*_texts(places), *sorted(_texts(things), key=len)]


def _texts(names: Iterable[object]) -> list[str]:
    return [name for name in names if isinstance(name, str) and name.strip()]
