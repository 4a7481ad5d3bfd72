"""The names of the home, asked of a WebSocket that speaks as Home Assistant's does."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from wyoming_servers.stt import supervisor_names as module
from wyoming_servers.stt.supervisor_names import SupervisorNames

_TOKEN = "let-me-in"
_PATIENCE_S = 20.0


class _Home:
    """A Home Assistant with two exposed lights and one that is not."""

    def __init__(self) -> None:
        self.areas: list[dict[str, Any]] = [{"name": "Sala", "aliases": ["Estar"]}]
        self.url = ""
        self.refuses = False
        self.has_refused = asyncio.Event()
        self.sockets: list[web.WebSocketResponse] = []

    def answer(self, command: dict[str, Any]) -> Any:
        match command["type"]:
            case "homeassistant/expose_entity/list":
                exposed = {"conversation": True}
                return {
                    "exposed_entities": {
                        "light.a": exposed,
                        "light.b": exposed,
                        "light.c": {"cloud.alexa": True},
                    }
                }
            case "get_states":
                return [
                    {"entity_id": f"light.{each}", "attributes": {"friendly_name": name}}
                    for each, name in (("a", "Luz da sala"), ("b", "Abajur"), ("c", "Secreta"))
                ]
            case "config/entity_registry/get_entries":
                assert command["entity_ids"] == ["light.a", "light.b"]
                return {"light.a": {"aliases": ["Lustre", None]}, "light.b": None}
            case "config/area_registry/list":
                return self.areas
            case "config/floor_registry/list":
                return [{"name": "Térreo", "aliases": []}]
            case "subscribe_events":
                return None
        raise AssertionError(command)

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets.append(socket)
        await socket.send_json({"type": "auth_required"})
        login = await socket.receive_json()
        if self.refuses or login != {"type": "auth", "access_token": _TOKEN}:
            await socket.send_json({"type": "auth_invalid"})
            self.has_refused.set()
            return socket
        await socket.send_json({"type": "auth_ok"})
        async for message in socket:
            command = message.json()
            await socket.send_json(
                {
                    "id": command["id"],
                    "type": "result",
                    "success": True,
                    "result": self.answer(command),
                }
            )
        return socket


@asynccontextmanager
async def _running(home: _Home) -> AsyncIterator[None]:
    app = web.Application()
    app.router.add_get("/core/websocket", home.serve)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    home.url = f"ws://127.0.0.1:{port}/core/websocket"
    try:
        yield
    finally:
        for socket in home.sockets:
            await socket.close()
        await runner.cleanup()


@asynccontextmanager
async def _following(home: _Home) -> AsyncIterator[asyncio.Queue[list[str]]]:
    told: asyncio.Queue[list[str]] = asyncio.Queue()
    task = asyncio.create_task(SupervisorNames(_TOKEN, told.put_nowait, url=home.url).follow())
    try:
        yield told
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _next(told: asyncio.Queue[list[str]]) -> list[str]:
    async with asyncio.timeout(_PATIENCE_S):
        return await told.get()


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_QUIET_S", 0.01)
    monkeypatch.setattr(module, "_PAUSE_S", 0.05)


async def test_exposed_names_with_rooms_first() -> None:
    """Rooms and floors, then what is exposed with its aliases, short names first."""
    home = _Home()
    async with _running(home), _following(home) as told:
        names = await _next(told)
    assert names == ["Sala", "Estar", "Térreo", "Lustre", "Abajur", "Luz da sala"]


async def test_a_change_is_followed() -> None:
    """An event of a registry brings the names again."""
    home = _Home()
    async with _running(home), _following(home) as told:
        await _next(told)
        home.areas.append({"name": "Varanda", "aliases": []})
        await home.sockets[0].send_json({"id": 1, "type": "event", "event": {}})
        assert "Varanda" in await _next(told)


async def test_names_come_again_by_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is exposed changes without an event, so it is asked for now and then."""
    monkeypatch.setattr(module, "_REFRESH_S", 0.05)
    home = _Home()
    async with _running(home), _following(home) as told:
        await _next(told)
        home.areas.clear()
        while "Sala" in await _next(told):
            pass


async def test_a_restart_is_survived(caplog: pytest.LogCaptureFixture) -> None:
    """After a closed connection it comes back, with one warning and no name in the log."""
    home = _Home()
    with caplog.at_level(logging.DEBUG):
        async with _running(home), _following(home) as told:
            await _next(told)
            await home.sockets[0].close()
            assert "Sala" in await _next(told)
    assert "Sala" not in caplog.text
    assert [record.levelname for record in caplog.records if record.name == module.__name__] == [
        "WARNING"
    ]


async def test_a_token_that_is_refused(caplog: pytest.LogCaptureFixture) -> None:
    """The line says what was answered; later it may be let in."""
    home = _Home()
    home.refuses = True
    with caplog.at_level(logging.WARNING):
        async with _running(home), _following(home) as told:
            async with asyncio.timeout(_PATIENCE_S):
                await home.has_refused.wait()
            home.refuses = False
            assert "Sala" in await _next(told)
    assert "auth_invalid" in caplog.text
    assert _TOKEN not in caplog.text
