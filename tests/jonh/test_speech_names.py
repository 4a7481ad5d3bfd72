"""The names of the home, brought to speech servers on real sockets."""

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.helpers import area_registry as ar
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed
from wyoming.event import Event, async_read_event, async_write_event
from wyoming.info import AsrProgram, Attribution, Info

from custom_components.jonh.agent.home import Area, Entity, Floor, Home
from custom_components.jonh.speech_names import names_of
from tests.jonh.conftest import OLLAMA_AGENT, set_up

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from homeassistant.core import HomeAssistant

    from tests.fakes.ollama import FakeOllama

_PATIENCE_S = 20.0


class _Server:
    """A Wyoming server that has a speech recogniser of some name."""

    def __init__(self, program: str) -> None:
        self._program = program
        self.port = 0
        self.names: asyncio.Queue[list[str]] = asyncio.Queue()
        self.described = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (event := await async_read_event(reader)) is not None:
            match event.type:
                case "describe":
                    await async_write_event(self._info().event(), writer)
                    self.described.set()
                case "jonh-names":
                    self.names.put_nowait(event.data["names"])
                case "ping":
                    await async_write_event(Event("pong"), writer)
        writer.close()

    def _info(self) -> Info:
        nobody = Attribution("", "")
        program = AsrProgram(
            name=self._program,
            description=None,
            attribution=nobody,
            installed=True,
            version=None,
            models=[],
        )
        return Info(asr=[program])


@asynccontextmanager
async def _running(program: str) -> AsyncGenerator[_Server]:
    server = _Server(program)
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()


@pytest.fixture
async def ours(socket_enabled: None) -> AsyncGenerator[_Server]:
    """Run a server that says it is jonh-stt."""
    async with _running("Jonh STT") as server:
        yield server


def _add(home: HomeAssistant, server: _Server) -> MockConfigEntry:
    entry = MockConfigEntry(
        domain="wyoming",
        data={"host": "127.0.0.1", "port": server.port},
        state=ConfigEntryState.LOADED,
    )
    entry.add_to_hass(home)
    return entry


async def _next(server: _Server) -> list[str]:
    async with asyncio.timeout(_PATIENCE_S):
        return await server.names.get()


async def test_the_names_are_brought_at_the_start(
    home: HomeAssistant, ollama: FakeOllama, ours: _Server
) -> None:
    """A server that is there learns what is exposed, with rooms first."""
    _add(home, ours)
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    names = await _next(ours)
    assert names.index("Sala de Estar") < names.index("Luz da Sala")


async def test_names_follow_the_home_and_the_time(
    home: HomeAssistant, ollama: FakeOllama, ours: _Server
) -> None:
    """A new room is told when the home has come to rest, and all of it again every hour."""
    _add(home, ours)
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    await _next(ours)
    ar.async_get(home).async_create("Varanda")
    async_fire_time_changed(home, dt_util.utcnow() + timedelta(seconds=10))
    assert "Varanda" in await _next(ours)
    async_fire_time_changed(home, dt_util.utcnow() + timedelta(minutes=70))
    assert "Varanda" in await _next(ours)


async def test_a_server_that_comes_later_is_told(
    home: HomeAssistant, ollama: FakeOllama, ours: _Server
) -> None:
    """A Wyoming entry that is loaded after us gets the names as it comes."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    await home.async_block_till_done()
    entry = _add(home, ours)
    home.config_entries.async_update_entry(entry, title="Fala")
    assert "Sala de Estar" in await _next(ours)


async def test_no_other_server_learns_them(home: HomeAssistant, ollama: FakeOllama) -> None:
    """A server with another name is asked what it is, and told nothing."""
    async with _running("faster-whisper") as other:
        _add(home, other)
        await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
        async with asyncio.timeout(_PATIENCE_S):
            await other.described.wait()
        await home.async_block_till_done(wait_background_tasks=True)
        assert other.names.empty()


async def test_a_server_that_is_away_disturbs_nothing(
    home: HomeAssistant, ollama: FakeOllama, ours: _Server
) -> None:
    """A refused connection is no error, and the next server is still told."""
    away = _Server("Jonh STT")
    away.port = 9
    _add(home, away)
    _add(home, ours)
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    assert "Sala de Estar" in await _next(ours)


def test_the_most_useful_names_come_first() -> None:
    """Rooms, floors, then things by length; each name once and none that is too long."""
    home = Home(
        areas=(Area(id="a", name="Sala", aliases=("Living",)),),
        floors=(Floor(id="f", name="Térreo", aliases=("Embaixo",)),),
        entities=(
            Entity(entity_id="light.a", name="Luz da sala", aliases=("Lustre", "x" * 81)),
            Entity(entity_id="light.b", name="Luz da sala"),
        ),
    )
    assert names_of(home) == ["Sala", "Living", "Térreo", "Embaixo", "Lustre", "Luz da sala"]


def test_names_are_bounded() -> None:
    """A thousand are enough for any home."""
    entities = tuple(Entity(entity_id=f"light.l{n}", name=f"Luz {n}") for n in range(1500))
    assert len(names_of(Home(entities=entities))) == 1000
