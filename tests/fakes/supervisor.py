"""An HTTP server that speaks the Supervisor's protocol to one add-on, refusals included.

    python tests/fakes/supervisor.py --port 80 --token TOKEN [--discovery SERVICE ...]

It takes announcements of services and passes a WebSocket on to a Home Assistant, as far as an
add-on may use them: https://developers.home-assistant.io/docs/api/supervisor/endpoints/. Each
request is one line of JSON on standard output.
"""

import argparse
import asyncio
import json
import re
import signal
import sys
import time
import uuid
from typing import Any, Self

from aiohttp import web

# What the real one refuses before it looks at the token (its security middleware).
_NOT_READY = "System is not ready with state: setup"
# What needs no token of its own: Home Assistant asks for it, inside the WebSocket.
_OPEN_PATHS = re.compile(r"/supervisor/ping|/core/websocket")
_ADD_ON_PATHS = re.compile(r"/discovery(?:/[0-9a-f]+)?|/info|/addons/self/[^/]+")


class FakeSupervisor:
    """One Supervisor with one add-on; an async context manager. Port 0 lets the kernel choose."""

    def __init__(
        self,
        token: str,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        discovery: tuple[str, ...] = ("wyoming",),
        may_ask_home: bool = True,
        names: tuple[str, ...] = ("Luz da sala",),
    ) -> None:
        self.token = token
        self.discovery = discovery
        self.may_ask_home = may_ask_home
        self.names = names
        """Friendly names of what is exposed to Assist."""
        self.not_ready = 0
        """So many announcements are refused because it still starts."""
        self.messages: dict[str, dict[str, Any]] = {}
        """What was announced, by its id."""
        self.requests: list[dict[str, Any]] = []
        """Method, path, body, address, time and status of each request, in order."""
        self.prints = False
        self._place = (host, port)
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """Address without a final slash."""
        host, port = self._place
        return f"http://{host}:{port}"

    async def __aenter__(self) -> Self:
        app = web.Application(middlewares=[self._noted, self._guarded])
        app.router.add_post("/discovery", self._announce)
        app.router.add_delete("/discovery/{uuid}", self._withdraw)
        app.router.add_get("/supervisor/ping", self._ping)
        app.router.add_get("/core/websocket", self._home)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, *self._place).start()
        self._place = (self._place[0], self._runner.addresses[0][1])
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner:
            await self._runner.cleanup()

    @web.middleware
    async def _noted(self, request: web.Request, handler: Any) -> web.StreamResponse:
        note: dict[str, Any] = {
            "method": request.method,
            "path": request.path,
            "peer": request.remote,
            "time_s": time.time(),
            "body": await request.text(),
        }
        self.requests.append(note)
        try:
            response: web.StreamResponse = await handler(request)
        except web.HTTPException as err:
            note["status"] = err.status
            raise
        else:
            note["status"] = response.status
        finally:
            if self.prints:
                print(json.dumps(note), flush=True)
        return response

    @web.middleware
    async def _guarded(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if self.not_ready > 0 and request.path == "/discovery":
            self.not_ready -= 1
            return _refusal(400, _NOT_READY)
        if not _OPEN_PATHS.fullmatch(request.path):
            given = (
                request.headers.get("X-Supervisor-Token")
                or request.headers.get("Authorization", "").rpartition(" ")[2]
            )
            if not given:
                raise web.HTTPUnauthorized
            if given != self.token or not _ADD_ON_PATHS.fullmatch(request.path):
                raise web.HTTPForbidden
        response: web.StreamResponse = await handler(request)
        return response

    async def _announce(self, request: web.Request) -> web.StreamResponse:
        try:
            body = await request.json()
        except ValueError:
            return _refusal(400, "Invalid json")
        if not (
            isinstance(body, dict)
            and set(body) == {"service", "config"}
            and isinstance(body["service"], str)
            and isinstance(body["config"], dict)
        ):
            return _refusal(400, f"expected service and config. Got {body!r}")
        if body["service"] not in self.discovery:
            return _refusal(
                403, "Add-ons must list services they provide via discovery in their config!"
            )
        # The same announcement again keeps its id, and another one of the service replaces it.
        for key, message in self.messages.items():
            if message["service"] == body["service"]:
                self.messages[key] = body
                return _answer({"uuid": key})
        key = uuid.uuid4().hex
        self.messages[key] = body
        return _answer({"uuid": key})

    async def _withdraw(self, request: web.Request) -> web.StreamResponse:
        if self.messages.pop(request.match_info["uuid"], None) is None:
            return _refusal(404, "Discovery message not found")
        return _answer({})

    async def _ping(self, _request: web.Request) -> web.StreamResponse:
        return _answer({})

    async def _home(self, request: web.Request) -> web.StreamResponse:
        """Home Assistant's WebSocket, which the token opens if the add-on may use it."""
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "auth_required", "ha_version": "2026.11.0"})
        login = await socket.receive_json()
        if not self.may_ask_home or login.get("access_token") != self.token:
            await socket.send_json({"type": "auth_invalid", "message": "Invalid access"})
            return socket
        await socket.send_json({"type": "auth_ok", "ha_version": "2026.11.0"})
        async for message in socket:
            command = json.loads(message.data)
            result = self._result(command["type"])
            await socket.send_json(
                {"id": command["id"], "type": "result", "success": True, "result": result}
            )
        return socket

    def _result(self, command: str) -> Any:
        """Answer what asks for names; everything else has none."""
        entities = {f"light.a{number}": name for number, name in enumerate(self.names)}
        match command:
            case "homeassistant/expose_entity/list":
                return {"exposed_entities": {each: {"conversation": True} for each in entities}}
            case "get_states":
                return [
                    {"entity_id": entity_id, "attributes": {"friendly_name": name}}
                    for entity_id, name in entities.items()
                ]
            case "config/entity_registry/get_entries":
                return {}
            case "subscribe_events":
                return None
        return []


def _answer(data: dict[str, Any]) -> web.Response:
    return web.json_response({"result": "ok", "data": data})


def _refusal(status: int, message: str) -> web.Response:
    return web.json_response({"result": "error", "message": message}, status=status)


async def _serve(supervisor: FakeSupervisor) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    async with supervisor:
        print(supervisor.url, file=sys.stderr, flush=True)
        await stopped.wait()


def main() -> None:
    """Serve until SIGINT or SIGTERM, as a process of its own."""
    parser = argparse.ArgumentParser(description="Stands in for the Supervisor.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--token", required=True)
    parser.add_argument("--not-ready", type=int, default=0, help="announcements refused at first")
    args = parser.parse_args()
    # In a container of its own, where other containers reach it.
    supervisor = FakeSupervisor(args.token, host="0.0.0.0", port=args.port)
    supervisor.not_ready = args.not_ready
    supervisor.prints = True
    asyncio.run(_serve(supervisor))


if __name__ == "__main__":
    main()
