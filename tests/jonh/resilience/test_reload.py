"""The integration is loaded anew while turns run: nothing of it stays behind, nothing is lost."""

import asyncio
import gc
import logging
import random
import re
from typing import TYPE_CHECKING

import psutil
import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.setup import async_setup_component

from custom_components.jonh.store import ARCHIVE
from tests.jonh.conftest import AGENT, OLLAMA_AGENT, ask, satellite, set_up, speech
from tests.jonh.resilience.logs import defects

if TYPE_CHECKING:
    from collections.abc import Callable

    from homeassistant.core import HomeAssistant

    from tests.fakes.ollama import FakeOllama

OURS = re.compile("jonh", re.IGNORECASE)
WARM = 8
"""Reloads before the first count: imports, caches, pools."""


@pytest.fixture(autouse=True)
async def quick(socket_enabled: None, caplog: pytest.LogCaptureFixture) -> None:
    """Leave out what takes most of the time."""
    caplog.set_level(logging.WARNING)
    asyncio.get_running_loop().set_debug(False)


class Count:
    """What a reload may leave behind."""

    def __init__(self, hass: HomeAssistant, ollama: FakeOllama) -> None:
        self._hass, self._ollama = hass, ollama
        self.sockets = self.tasks = self.listeners = self.timers = self.objects = 0

    async def take(self) -> Count:
        """Count once everything is still."""
        await self._hass.async_block_till_done(wait_background_tasks=True)
        gc.collect()
        loop = asyncio.get_running_loop()
        mine = {self._ollama.port}
        self.sockets = sum(
            bool(c.raddr and c.raddr.port in mine)
            for c in psutil.Process().net_connections("tcp")
            if c.status == psutil.CONN_ESTABLISHED
        )
        self.tasks = len([t for t in asyncio.all_tasks() if OURS.search(t.get_name())])
        self.listeners = sum(self._hass.bus.async_listeners().values())
        timers = loop._scheduled  # type: ignore[attr-defined]  # the loop shows them nowhere
        self.timers = len([each for each in timers if not each.cancelled()])
        self.objects = sum(
            type(each).__name__ in KINDS for each in gc.get_objects() if not isinstance(each, type)
        )
        return self

    def __repr__(self) -> str:
        return str({k: v for k, v in vars(self).items() if not k.startswith("_")})


KINDS = {"JonhConversationEntity", "OllamaProvider", "ProviderCoordinator", "WarmUp", "_Running"}
"""What each load or turn makes anew. Home Assistant keeps the tools of a turn for five minutes."""


@pytest.mark.parametrize("unloads", [False, True], ids=["reloads", "unloads"])
async def test_reloads_during_turns(
    home: HomeAssistant,
    ollama: FakeOllama,
    size: Callable[..., int],
    caplog: pytest.LogCaptureFixture,
    unloads: bool,
) -> None:
    """However often, and wherever the turn is: counts come back, turns end in words."""
    rounds = size(fast=24, long=200)
    entry = await set_up(home, OLLAMA_AGENT | {"fast_path": False}, ollama_url=ollama.url)
    device = satellite(home)
    chance = random.Random(15)
    said, before = [], None
    for number in range(WARM + rounds):
        if number == WARM:
            before = await Count(home, ollama).take()
        pause_s = chance.choice((0, 0.001, 0.01))
        ollama.script(
            {"content": "Era "}, {"sleep_s": pause_s}, {"content": "uma vez. "}, {"content": "Fim."}
        )
        turn = home.async_create_task(ask(home, f"conte a história {number}", device_id=device))
        for _ in range(chance.randrange(60)):
            await asyncio.sleep(0)
        await asyncio.sleep(chance.choice((0, 0, 0.002, 0.01, 0.03)))
        if unloads:
            assert await home.config_entries.async_unload(entry.entry_id)
            assert await home.config_entries.async_setup(entry.entry_id)
        else:
            assert await home.config_entries.async_reload(entry.entry_id)
        said.append(speech(await asyncio.wait_for(turn, 10)))
        ollama.model.scripts.clear()
    assert before is not None
    after = await Count(home, ollama).take()
    assert entry.state is ConfigEntryState.LOADED
    assert after.tasks <= before.tasks, (before, after)
    # Home Assistant's own client keeps some connections; one for each reload would be many.
    assert after.sockets <= before.sockets + rounds // 4, (before, after)
    assert after.listeners <= before.listeners, (before, after)
    assert after.timers <= before.timers + 2, (before, after)
    assert after.objects <= before.objects + 2, (before, after)
    assert all(text.endswith(".") for text in said)
    assert defects(caplog) == []
    ollama.script({"content": "Oi."})
    assert speech(await ask(home, "e agora", device_id=device)) == "Oi."
    (session,) = home.data[ARCHIVE]["agent1"].memory
    assert len(session.turns) >= 5


async def test_removed_in_the_middle(
    home: HomeAssistant, ollama: FakeOllama, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever removes the integration during a turn leaves no word of it behind."""
    assert await async_setup_component(home, "conversation", {})
    entry = await set_up(home, OLLAMA_AGENT | {"store_history": True}, ollama_url=ollama.url)
    ollama.script({"content": "Era "}, {"sleep_s": 0.1}, {"content": "uma vez."})
    turn = home.async_create_task(ask(home, "conte uma história longa"))
    await asyncio.sleep(0.02)
    await home.config_entries.async_remove(entry.entry_id)
    assert speech(await asyncio.wait_for(turn, 10))
    await home.async_block_till_done(wait_background_tasks=True)
    assert home.states.get(AGENT) is None
    assert ARCHIVE not in home.data
    assert defects(caplog) == []
