"""Every way into the integration, as the running Home Assistant lists them, and who may use it."""

from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import hdrs
from homeassistant.components import websocket_api
from homeassistant.setup import async_setup_component
from yarl import URL

from custom_components.jonh import PLATFORMS
from custom_components.jonh.const import DOMAIN
from custom_components.jonh.http import BURST, PER_MINUTE
from custom_components.jonh.http_view import API
from custom_components.jonh.rate_limit import RateLimit
from tests.jonh.conftest import OLLAMA_AGENT, ask, set_up

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockUser
    from pytest_homeassistant_custom_component.typing import (
        ClientSessionGenerator,
        WebSocketGenerator,
    )

    from tests.fakes.ollama import FakeOllama

STANDS_ON = ("http", "websocket_api", "stt", "tts", "intent", "llm")
PUBLIC = "/jonh_static/"
"""The scripts of the panel: the same for everybody, and needed before anybody can log in."""
ADMIN_ACTIONS = {"create_pipeline", "forget_fact", "remember_fact"}
"""What changes the house for everybody."""
PERSONAL_ACTIONS = {"clear_history", "delete_session", "get_session", "list_sessions"}
"""What everybody may do with their own."""
SAMPLE = {
    "session_id": "nobody-knows-this",
    "recording_id": "01ARZ3NDEKTSV4RRFFQ69G5FAV",
    "filename": "panel.js",
}
FIELDS = {
    "jonh/call/action": {"call_id": "nobody-knows-this", "action": "hangup"},
    "jonh/call/delete_recording": {"recording_id": SAMPLE["recording_id"]},
    "jonh/sessions/delete": {"session_id": SAMPLE["session_id"]},
    "jonh/sessions/get": {"session_id": SAMPLE["session_id"]},
}
"""What a command needs to be understood."""
ACTION_DATA = {
    "create_pipeline": {},
    "delete_session": {"session_id": SAMPLE["session_id"]},
    "forget_fact": {"text": "O gato chama-se Bruxa."},
    "get_session": {"session_id": SAMPLE["session_id"]},
    "remember_fact": {"text": "O gato chama-se Bruxa."},
}


class Doors:
    """What Home Assistant has more of once the integration is set up."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass
        self._routes = set(_routes(hass))
        self._commands = set(hass.data[websocket_api.DOMAIN])
        self._actions = set(hass.services.async_services().get(DOMAIN, {}))

    @property
    def routes(self) -> set[tuple[str, str]]:
        """Methods and paths."""
        return set(_routes(self._hass)) - self._routes

    @property
    def commands(self) -> set[str]:
        """Types of WebSocket commands."""
        return set(self._hass.data[websocket_api.DOMAIN]) - self._commands

    @property
    def actions(self) -> set[str]:
        """Names of actions."""
        return set(self._hass.services.async_services()[DOMAIN]) - self._actions


def _routes(hass: HomeAssistant) -> list[tuple[str, str]]:
    return [
        (route.method, route.resource.canonical)
        for route in hass.http.app.router.routes()
        # What browsers ask before they ask is answered by Home Assistant.
        if route.resource is not None and route.method != hdrs.METH_OPTIONS
    ]


@pytest.fixture
async def doors(home: HomeAssistant, ollama: FakeOllama) -> AsyncGenerator[Doors]:
    """Set up what the integration stands on, look, and set up the integration."""
    for component in (*STANDS_ON, *PLATFORMS):
        assert await async_setup_component(home, component, {})
    await home.async_block_till_done()
    found = Doors(home)
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    return found


def filled(path: str) -> str:
    """Return a path with something in place of its names."""
    for name, value in SAMPLE.items():
        path = path.replace(f"{{{name}}}", value)
    return path


async def test_no_path_answers_a_stranger(
    doors: Doors, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """Every method of every path asks for a login, whatever the request looks like."""
    routes = {route for route in doors.routes if not route[1].startswith(PUBLIC)}
    paths = {path for _, path in routes}
    assert len(paths) >= 9, "the enumeration finds the paths"
    stranger = await hass_client_no_auth()
    for path in sorted(paths):
        assert "{" not in filled(path), f"{path}: a sample is missing"
        for method in (hdrs.METH_GET, hdrs.METH_POST, hdrs.METH_DELETE, hdrs.METH_HEAD):
            is_there = (method, path) in routes
            for headers in ({}, {"Authorization": "Bearer nonsense"}):
                response = await stranger.request(method, filled(path), headers=headers)
                assert response.status == (401 if is_there else 405), (method, path)
        forged = await stranger.get(f"{filled(path)}?authSig=e30.e30.e30")
        assert forged.status in (401, 405), path


async def test_only_the_scripts_are_public(
    doors: Doors, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """What needs no login is the panel, and nothing else can be reached there."""
    public = {path for _, path in doors.routes if path.startswith(PUBLIC)}
    assert len(public) == 1
    stranger = await hass_client_no_auth()
    (root,) = {path.partition("{")[0].rstrip("/") for path in public}
    assert (await stranger.get(f"{root}/panel.js")).status == 200
    for way_out in ("../const.py", "%2e%2e/const.py", "..%2fconst.py", "/etc/passwd", "."):
        # Sent as it stands: a browser would tidy it up.
        path = URL(f"{stranger.make_url('/')}{root[1:]}/{way_out}", encoded=True)
        response = await stranger.session.get(path)
        assert response.status in (400, 403, 404), way_out
        assert b"DOMAIN" not in await response.read()


# aiohttp lets the heartbeat of a connection that it has closed run out by itself.
@pytest.mark.parametrize("expected_lingering_timers", [True])
async def test_no_command_is_taken_before_the_login(
    doors: Doors, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """A connection that has not said who it is hears that it must, and is closed."""
    assert len(doors.commands) >= 8
    stranger = await hass_client_no_auth()
    for command in sorted(doors.commands):
        async with stranger.ws_connect("/api/websocket") as socket:
            assert (await socket.receive_json())["type"] == "auth_required"
            await socket.send_json({"id": 1, "type": command, **FIELDS.get(command, {})})
            assert (await socket.receive_json())["type"] == "auth_invalid"
            await socket.receive()
            assert socket.closed


async def test_a_person_reaches_nothing_of_others(
    doors: Doors,
    home: HomeAssistant,
    ollama: FakeOllama,
    hass_ws_client: WebSocketGenerator,
    hass_client: ClientSessionGenerator,
    hass_admin_user: MockUser,
    hass_read_only_access_token: str,
) -> None:
    """Somebody who is logged in and no administrator learns not even that there is something."""
    ollama.script({"content": "O segredo é azul."})
    await ask(home, "qual é o segredo da casa", user_id=hass_admin_user.id)
    admin = await hass_ws_client(home)
    await admin.send_json_auto_id({"type": "jonh/sessions/list"})
    (session,) = (await admin.receive_json())["result"]["sessions"]
    theirs = {"session_id": session["session_id"]}
    person = await hass_ws_client(home, hass_read_only_access_token)
    for command in sorted(doors.commands):
        fields = FIELDS.get(command, {}) | (
            theirs if command in FIELDS and "sess" in command else {}
        )
        await person.send_json_auto_id({"type": command, **fields})
        answer = await person.receive_json()
        while answer["type"] != "result":
            answer = await person.receive_json()
        assert "azul" not in str(answer), command
        if command in FIELDS:
            assert answer["error"]["code"].endswith("not_found"), command
        elif command.endswith("/list"):
            assert answer["result"]["sessions"] == []
    browser = await hass_client(hass_read_only_access_token)
    for method, path in sorted(doors.routes):
        if "session" in path and method != hdrs.METH_HEAD:
            response = await browser.request(
                method, path.replace("{session_id}", session["session_id"])
            )
            assert "azul" not in await response.text()
            assert response.status == (404 if "{" in path else 200), (method, path)
    await admin.send_json_auto_id({"type": "jonh/sessions/get", **theirs})
    assert "azul" in str(await admin.receive_json())


async def test_only_administrators_change_the_house(
    doors: Doors,
    home: HomeAssistant,
    hass_ws_client: WebSocketGenerator,
    hass_read_only_access_token: str,
    hass_access_token: str,
) -> None:
    """Each action is either for administrators, or about what is one's own."""
    assert doors.actions == ADMIN_ACTIONS | PERSONAL_ACTIONS
    person = await hass_ws_client(home, hass_read_only_access_token)
    for action in sorted(doors.actions):
        answer = await act(person, action)
        assert is_refused(answer) is (action in ADMIN_ACTIONS), (action, answer)
    admin = await hass_ws_client(home, hass_access_token)
    for action in sorted(ADMIN_ACTIONS):
        assert not is_refused(await act(admin, action)), action


def is_refused(answer: dict[str, Any]) -> bool:
    """Return True when somebody was not allowed to do it."""
    return answer.get("error", {}).get("message") == "Unauthorized"


async def act(client: Any, action: str) -> dict[str, Any]:
    """Call an action as the frontend does, and return what comes of it."""
    message = {
        "type": "call_service",
        "domain": DOMAIN,
        "service": action,
        "service_data": ACTION_DATA.get(action, {}),
    }
    has_response = action not in {"delete_session", "forget_fact", "remember_fact"}
    await client.send_json_auto_id(message | {"return_response": has_response})
    answer: dict[str, Any] = await client.receive_json()
    return answer


async def test_a_forgotten_door_is_noticed(doors: Doors) -> None:
    """Whoever adds one has to say in this file who may use it."""
    assert {path for _, path in doors.routes if not path.startswith(PUBLIC)} == {
        "/api/jonh/health",
        "/api/jonh/openapi.json",
        "/api/jonh/process_audio",
        "/api/jonh/process_text",
        "/api/jonh/recordings/{recording_id}",
        "/api/jonh/session/{session_id}",
        "/api/jonh/sessions",
        "/api/jonh/synthesize",
        "/api/jonh/transcribe",
    }
    assert doors.commands == {
        *FIELDS,
        "jonh/call/list_recordings",
        "jonh/call/start",
        "jonh/sessions/list",
        "jonh/sessions/subscribe",
    }


async def test_what_costs_something_is_counted_for_each_person(
    doors: Doors,
    home: HomeAssistant,
    hass_client: ClientSessionGenerator,
    hass_read_only_access_token: str,
) -> None:
    """Whichever path is tried, one person's limit is one, comes back with time, and is theirs."""
    now_s = 0.0
    home.data[API].rate = RateLimit(lambda: now_s, per_minute=PER_MINUTE, burst=BURST)
    admin, person = await hass_client(), await hass_client(hass_read_only_access_token)
    costly = [path for method, path in sorted(doors.routes) if method == hdrs.METH_POST]
    assert len(costly) == 4
    for number in range(BURST):
        assert (await admin.post(costly[number % 4])).status != 429
    waits = []
    for path in costly:
        refused = await admin.post(path)
        assert refused.status == 429, path
        waits.append(int(refused.headers["Retry-After"]))
    assert set(waits) == {60 // PER_MINUTE}
    for number in range(BURST):
        assert (await person.post(costly[number])).status != 429
    now_s = float(waits[0])
    assert (await admin.post(costly[0])).status != 429
    assert (await admin.post(costly[0])).status == 429
