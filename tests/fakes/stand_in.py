"""An HTTP server on loopback that stands in for a model service."""

import argparse
import asyncio
import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from aiohttp import web

from tests.fakes.scripted_model import ScriptedModel, Step

if TYPE_CHECKING:
    from collections.abc import Mapping


class StandIn:
    """A server whose answers come from a `ScriptedModel` and whose requests are kept.

    Use it as an async context manager; `port` 0 lets the kernel choose.
    """

    def __init__(self, *, port: int = 0, model: ScriptedModel | None = None) -> None:
        self.port = port
        self.model = model or ScriptedModel()
        self.requests: list[tuple[str, Any]] = []
        """Path and JSON body of each request, in order."""
        self.headers: list[Mapping[str, str]] = []
        """Headers of each request, in the same order."""
        self.peers: set[Any] = set()
        """Addresses of the connections that requests came in on."""
        self.arrivals: asyncio.Queue[str] = asyncio.Queue()
        """Path of each request, for tests that wait for one."""
        self.closed_early = asyncio.Event()
        """Set when a client went away in the middle of an answer."""
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """Address without a final slash."""
        return f"http://127.0.0.1:{self.port}"

    def script(self, *steps: Step) -> None:
        """Queue the steps of one answer."""
        self.model.scripts.append(list(steps))

    def bodies(self, path: str) -> list[Any]:
        """Bodies of the requests to one path."""
        return [body for requested, body in self.requests if requested == path]

    async def __aenter__(self) -> Self:
        app = web.Application(middlewares=[self._logged])
        self.add_routes(app.router)
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner:
            await self._runner.cleanup()

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Add the paths of the service."""
        raise NotImplementedError

    def refusal(self, _request: web.Request) -> web.Response | None:
        """Answer instead of the handler, for instance to a missing key."""
        return None

    @web.middleware
    async def _logged(self, request: web.Request, handler: Any) -> web.StreamResponse:
        text = await request.text()
        self.requests.append((request.path, json.loads(text) if text else None))
        self.headers.append(dict(request.headers))
        self.arrivals.put_nowait(request.path)
        if request.transport:
            self.peers.add(request.transport.get_extra_info("peername"))
        try:
            response: web.StreamResponse = self.refusal(request) or await handler(request)
        except (asyncio.CancelledError, ConnectionResetError):
            self.closed_early.set()
            raise
        return response


async def play(
    request: web.Request,
    response: web.StreamResponse,
    steps: list[Step],
    write: Callable[[Step], bytes],
) -> bool:
    """Play the steps into an open response; False when the last event must not follow."""
    for step in steps:
        if "sleep_s" in step:
            await asyncio.sleep(step["sleep_s"])
        elif step.get("stall"):
            await asyncio.Event().wait()
        elif step.get("cut"):
            if request.transport:
                request.transport.abort()
            return False
        elif step.get("end"):
            return False
        elif "raw" in step:
            await response.write(step["raw"].encode())
        elif "error" in step:
            await response.write(write(step))
            return False
        elif not step.get("length"):
            await response.write(write(step))
    return True


def run(make: Callable[..., StandIn], description: str, default_port: int) -> None:
    """Serve until SIGINT or SIGTERM, as a process of its own."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--port", type=int, default=default_port, help="0: any free port")
    parser.add_argument("--script", type=Path, help="JSON file: names and answers")
    args = parser.parse_args()
    script = json.loads(args.script.read_text("utf-8")) if args.script else {}
    asyncio.run(_serve(make(port=args.port, model=ScriptedModel.from_json(script))))


async def _serve(server: StandIn) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    async with server:
        print(server.url, flush=True)
        await stopped.wait()
