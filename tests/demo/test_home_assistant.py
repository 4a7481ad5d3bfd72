"""How a refusal of Home Assistant reaches the person. Real answers are tested end to end."""

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from demo.errors import HomeAssistantError, NotReadyError
from demo.home_assistant import connect, wait_for_http
from demo.processes import free_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

FLOW = "/api/config/config_entries/flow"


@asynccontextmanager
async def serving(steps: list[dict[str, Any]]) -> AsyncIterator[str]:
    """Serve the login, a websocket that accepts it, and a config flow with these steps."""

    async def login(_: web.Request) -> web.Response:
        return web.json_response({"type": "create_entry", "flow_id": "f", "result": "code"})

    async def token(_: web.Request) -> web.Response:
        return web.json_response({"access_token": "token"})

    async def websocket(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "auth_required"})
        await socket.receive_json()
        await socket.send_json({"type": "auth_ok"})
        async for message in socket:
            command = message.json()
            if command["type"] == "hang_up":
                break
            await socket.send_json(
                {
                    "id": command["id"],
                    "type": "result",
                    "success": False,
                    "error": {"code": "unknown_command", "message": "Unknown command."},
                }
            )
        await socket.close()
        return socket

    async def flow(_: web.Request) -> web.Response:
        return web.json_response({"flow_id": "f", **steps.pop(0)})

    app = web.Application()
    app.router.add_post("/auth/login_flow", login)
    app.router.add_post("/auth/login_flow/f", login)
    app.router.add_post("/auth/token", token)
    app.router.add_get("/api/websocket", websocket)
    app.router.add_post(FLOW, flow)
    app.router.add_post(f"{FLOW}/f", flow)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def test_a_flow_is_answered_step_by_step_and_progress_is_waited_for() -> None:
    """Pulling a model shows progress for minutes; nothing is typed meanwhile."""
    steps = [
        {"type": "menu", "step_id": "user"},
        {"type": "progress", "step_id": "pull"},
        {"type": "form", "step_id": "model"},
        {"type": "create_entry", "title": "Jonh"},
    ]
    asked = []

    def answer(step: dict[str, Any]) -> dict[str, Any]:
        asked.append(step["step_id"])
        return {}

    async with serving(steps) as url, connect(url, "jonh", "jonh") as home:
        end = await home.walk_flow("jonh", answer)

    assert asked == ["user", "model"]
    assert end["title"] == "Jonh"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (
            {"type": "form", "step_id": "groq", "errors": {"base": "invalid_auth"}},
            "setting up jonh failed at step groq: invalid_auth",
        ),
        ({"type": "abort", "reason": "single_instance_allowed"}, "refused: single_instance"),
    ],
    ids=["error", "abort"],
)
async def test_a_refused_step_is_named(answer: dict[str, Any], words: str) -> None:
    """The same form comes back for ever, so it must not be filled again."""
    steps = [{"type": "form", "step_id": "groq"}, answer]
    async with serving(steps) as url, connect(url, "jonh", "jonh") as home:
        with pytest.raises(HomeAssistantError, match=words):
            await home.walk_flow("jonh", lambda _: {})


async def test_a_refused_command_carries_home_assistants_words() -> None:
    """Its code tells what is wrong."""
    async with serving([]) as url, connect(url, "jonh", "jonh") as home:
        with pytest.raises(HomeAssistantError, match=r"unknown_command: Unknown command\."):
            await home.command("no_such_command")


async def test_a_connection_that_ends_fails_the_waiting_command() -> None:
    """Home Assistant was stopped or restarted; waiting would be in vain."""
    async with serving([]) as url, connect(url, "jonh", "jonh") as home:
        with pytest.raises(HomeAssistantError, match="closed the connection"):
            await home.command("hang_up")


async def test_a_home_assistant_that_never_answers_is_given_up() -> None:
    """The address and the patience are in the message."""
    url = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(NotReadyError, match=f"did not answer at {url} within 0.5 s"):
        await wait_for_http(url, 0.5)
