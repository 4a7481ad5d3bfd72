"""A client of a running Home Assistant: login, HTTP and one websocket."""

import asyncio
import contextlib
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import aiohttp

from demo.errors import HomeAssistantError, NotReadyError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

REQUEST_S = 60.0
POLL_S = 0.2

type Json = dict[str, Any]


class Subscription:
    """Events of one websocket command, in order."""

    def __init__(self, connection: HomeAssistant, message_id: int) -> None:
        self._connection = connection
        self._message_id = message_id
        self.events: asyncio.Queue[Json] = asyncio.Queue()
        """Events not yet read."""

    async def next_event(self, deadline_s: float) -> Json:
        """Return the next event; raise NotReadyError when none came within the deadline."""
        try:
            return await asyncio.wait_for(self.events.get(), deadline_s)
        except TimeoutError as err:
            raise NotReadyError(f"Home Assistant sent no event for {deadline_s:.0f} s") from err

    async def close(self) -> None:
        """Tell Home Assistant that nobody listens any more."""
        await self._connection.unsubscribe(self._message_id)


class HomeAssistant:
    """One user's session with a running Home Assistant. Made by `connect`."""

    def __init__(
        self, http: aiohttp.ClientSession, socket: aiohttp.ClientWebSocketResponse
    ) -> None:
        self._http = http
        self._socket = socket
        self._last_id = 0
        self._results: dict[int, asyncio.Future[Any]] = {}
        self._subscriptions: dict[int, Subscription] = {}

    async def command(self, kind: str, **fields: Any) -> Any:
        """Send a websocket command and return its result; raise HomeAssistantError on refusal."""
        return await self._request(self._new_id(), kind, fields)

    async def subscribe(self, kind: str, **fields: Any) -> Subscription:
        """Send a command that answers with events."""
        message_id = self._new_id()
        subscription = Subscription(self, message_id)
        self._subscriptions[message_id] = subscription
        await self._request(message_id, kind, fields)
        return subscription

    async def unsubscribe(self, message_id: int) -> None:
        """Stop the events of a command; a command that already ended is fine."""
        with contextlib.suppress(HomeAssistantError):
            await self.command("unsubscribe_events", subscription=message_id)
        self._subscriptions.pop(message_id, None)

    async def send_audio(self, handler_id: int, samples: bytes) -> None:
        """Send one binary frame; no samples at all ends the audio."""
        await self._socket.send_bytes(bytes([handler_id]) + samples)

    async def post(self, path: str, payload: Json) -> Json:
        """POST JSON to the HTTP API and return the JSON answer."""
        answer: Json = await _json_request(self._http, "POST", path, payload)
        return answer

    async def get(self, path: str) -> Any:
        """GET JSON from the HTTP API."""
        return await _json_request(self._http, "GET", path)

    async def delete(self, path: str) -> Any:
        """DELETE through the HTTP API."""
        return await _json_request(self._http, "DELETE", path)

    @asynccontextmanager
    async def stream(self, path: str) -> AsyncIterator[aiohttp.StreamReader]:
        """Open a GET and read its body as it comes."""
        async with self._http.get(path, timeout=aiohttp.ClientTimeout(total=None)) as response:
            if response.status != 200:
                raise HomeAssistantError(f"GET {path} answered HTTP {response.status}")
            yield response.content

    async def states(self) -> dict[str, Json]:
        """Return the state of every entity by its entity id."""
        return {state["entity_id"]: state for state in await self.command("get_states")}

    async def walk_flow(self, handler: str, answer: Callable[[Json], Json]) -> Json:
        """Set up an integration: `answer` fills each step; return the step that ended the flow.

        A progress step is waited for. Raise HomeAssistantError when a step shows an error.
        """
        base = "/api/config/config_entries/flow"
        flow = await self.post(base, {"handler": handler})
        while flow["type"] not in {"create_entry", "abort"}:
            if flow["type"] == "progress":
                await asyncio.sleep(POLL_S)
            payload = {} if flow["type"] == "progress" else answer(flow)
            flow = await self.post(f"{base}/{flow['flow_id']}", payload)
            _raise_for_step(handler, flow)
        return flow

    async def abandon_flows(self, handler: str) -> None:
        """Close the flows of an integration that were left open."""
        for flow in await self.command("config_entries/flow/progress"):
            if flow["handler"] == handler:
                await self.delete(f"/api/config/config_entries/flow/{flow['flow_id']}")

    async def remove_entries(self, domain: str) -> None:
        """Remove every config entry of an integration."""
        for entry in await self.get(f"/api/config/config_entries/entry?domain={domain}"):
            await self.delete(f"/api/config/config_entries/entry/{entry['entry_id']}")

    async def receive(self) -> None:
        """Hand out what comes in until the connection ends. `connect` runs it."""
        async for message in self._socket:
            if message.type is aiohttp.WSMsgType.TEXT:
                data = message.json()
                for part in data if isinstance(data, list) else [data]:
                    self._dispatch(part)
        for future in self._results.values():
            if not future.done():
                future.set_exception(HomeAssistantError("Home Assistant closed the connection"))

    def _new_id(self) -> int:
        self._last_id += 1
        return self._last_id

    async def _request(self, message_id: int, kind: str, fields: Json) -> Any:
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._results[message_id] = future
        try:
            await self._socket.send_json({"id": message_id, "type": kind, **fields})
            return await asyncio.wait_for(future, REQUEST_S)
        except TimeoutError as err:
            raise NotReadyError(f"no answer to {kind} within {REQUEST_S:.0f} s") from err
        except ConnectionError as err:
            raise HomeAssistantError(f"the connection was lost during {kind}") from err
        finally:
            self._results.pop(message_id, None)

    def _dispatch(self, message: Json) -> None:
        if message["type"] == "event" and message["id"] in self._subscriptions:
            self._subscriptions[message["id"]].events.put_nowait(message["event"])
        elif message["type"] == "result" and message["id"] in self._results:
            future = self._results[message["id"]]
            if future.done():
                return
            if message["success"]:
                future.set_result(message["result"])
            else:
                error = message["error"]
                future.set_exception(HomeAssistantError(f"{error['code']}: {error['message']}"))


@asynccontextmanager
async def connect(url: str, user: str, password: str) -> AsyncIterator[HomeAssistant]:
    """Log in and open the websocket of a Home Assistant that runs at `url`."""
    token = await _log_in(url, user, password)
    async with (
        aiohttp.ClientSession(
            url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=aiohttp.ClientTimeout(total=REQUEST_S),
        ) as http,
        http.ws_connect("/api/websocket", max_msg_size=0) as socket,
    ):
        await socket.receive_json()
        await socket.send_json({"type": "auth", "access_token": token})
        if (answer := await socket.receive_json())["type"] != "auth_ok":
            raise HomeAssistantError(f"login refused: {answer.get('message', answer['type'])}")
        session = HomeAssistant(http, socket)
        receiver = asyncio.create_task(session.receive(), name="websocket receiver")
        try:
            yield session
        finally:
            receiver.cancel()
            await asyncio.gather(receiver, return_exceptions=True)


async def wait_for_http(url: str, deadline_s: float) -> None:
    """Wait until Home Assistant's HTTP server answers."""
    end_s = time.monotonic() + deadline_s
    async with aiohttp.ClientSession(url) as http:
        while time.monotonic() < end_s:
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                async with http.get("/manifest.json") as response:
                    if response.status == 200:
                        return
            await asyncio.sleep(POLL_S)
    raise NotReadyError(f"Home Assistant did not answer at {url} within {deadline_s:g} s")


async def create_owner(url: str, name: str, user: str, password: str, language: str) -> bool:
    """Create the first user; return False when the house already has one."""
    async with aiohttp.ClientSession(url) as http:
        async with http.get("/api/onboarding") as response:
            if response.status == 404 or all(step["done"] for step in await response.json()):
                return False
        await _json_request(
            http,
            "POST",
            "/api/onboarding/users",
            {
                "client_id": f"{url}/",
                "name": name,
                "username": user,
                "password": password,
                "language": language,
            },
        )
        return True


async def wait_until_running(home: HomeAssistant, deadline_s: float) -> None:
    """Wait until every integration of the configuration is set up."""
    end_s = time.monotonic() + deadline_s
    while time.monotonic() < end_s:
        if (await home.command("get_config"))["state"] == "RUNNING":
            return
        await asyncio.sleep(POLL_S)
    raise NotReadyError(f"Home Assistant was not ready within {deadline_s:.0f} s")


async def _log_in(url: str, user: str, password: str) -> str:
    """Return an access token (valid for 30 minutes, longer than any run of the launcher's own)."""
    client = {"client_id": f"{url}/", "redirect_uri": f"{url}/"}
    async with aiohttp.ClientSession(url) as http:
        flow = await _json_request(
            http, "POST", "/auth/login_flow", {**client, "handler": ["homeassistant", None]}
        )
        flow = await _json_request(
            http,
            "POST",
            f"/auth/login_flow/{flow['flow_id']}",
            {"client_id": client["client_id"], "username": user, "password": password},
        )
        if flow["type"] != "create_entry":
            raise HomeAssistantError(
                f"user {user} could not log in with the demo's password. "
                "If you changed it, start with --fresh to build a new house"
            )
        form = {
            "grant_type": "authorization_code",
            "code": flow["result"],
            "client_id": client["client_id"],
        }
        async with http.post("/auth/token", data=form) as response:
            token: str = (await response.json())["access_token"]
            return token


async def _json_request(
    http: aiohttp.ClientSession, method: str, path: str, payload: Json | None = None
) -> Any:
    try:
        async with http.request(method, path, json=payload) as response:
            if response.status >= 400:
                text = (await response.text())[:500]
                raise HomeAssistantError(f"{method} {path} answered HTTP {response.status}: {text}")
            return await response.json()
    except (aiohttp.ClientError, TimeoutError) as err:
        raise HomeAssistantError(f"{method} {path} failed: {err or 'no answer in time'}") from err


def _raise_for_step(handler: str, flow: Json) -> None:
    if flow["type"] == "abort":
        raise HomeAssistantError(f"setting up {handler} was refused: {flow['reason']}")
    if errors := flow.get("errors"):
        step = flow.get("step_id")
        raise HomeAssistantError(
            f"setting up {handler} failed at step {step}: {', '.join(errors.values())}"
        )
