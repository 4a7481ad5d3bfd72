"""What the system health page shows."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.setup import async_setup_component

from tests.jonh.conftest import BOTH_AGENT, OLLAMA_MODEL, set_up
from tests.jonh.turns import DEAD_URL

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.typing import WebSocketGenerator

    from tests.fakes.groq import FakeGroq
    from tests.fakes.ollama import FakeOllama

MANIFEST = Path(__file__).parents[2] / "custom_components" / "jonh" / "manifest.json"
UNREACHABLE = {"type": "failed", "error": "unreachable"}


async def health(hass: HomeAssistant, connect: WebSocketGenerator) -> dict[str, Any]:
    """Read the page as the user interface does, and wait for what comes later."""
    assert await async_setup_component(hass, "system_health", {})
    await hass.async_block_till_done()
    client = await connect(hass)
    await client.send_json({"id": 1, "type": "system_health/info"})
    await client.receive_json()
    info: dict[str, Any] = {}
    while True:
        event = (await client.receive_json())["event"]
        if event["type"] == "initial":
            info = event["data"]["jonh"]["info"]
        elif event["type"] == "finish":
            return info
        elif event["domain"] == "jonh":
            info[event["key"]] = event["data"] if event["success"] else event["error"]


async def test_providers_version_and_memory(
    home: HomeAssistant, ollama: FakeOllama, hass_ws_client: WebSocketGenerator
) -> None:
    """The page shows which providers answer and which model is in memory."""
    await set_up(home, BOTH_AGENT, ollama_url=ollama.url, groq_url=DEAD_URL)
    assert await health(home, hass_ws_client) == {
        "version": json.loads(MANIFEST.read_text("utf-8"))["version"],
        "agents": 1,
        "ollama": "ok, 2 models",
        "groq": UNREACHABLE,
        "model_loaded": OLLAMA_MODEL,
    }


async def test_nothing_in_memory(
    home: HomeAssistant, ollama: FakeOllama, hass_ws_client: WebSocketGenerator
) -> None:
    """An empty list is a dash, not a gap."""
    await set_up(home, BOTH_AGENT, ollama_url=ollama.url)
    await home.async_block_till_done(wait_background_tasks=True)
    ollama.loaded.clear()
    assert (await health(home, hass_ws_client))["model_loaded"] == "-"


@pytest.mark.usefixtures("socket_enabled")
async def test_dead_server(home: HomeAssistant, hass_ws_client: WebSocketGenerator) -> None:
    """The page is asked while the server is away."""
    await set_up(home, BOTH_AGENT, ollama_url=DEAD_URL)
    info = await health(home, hass_ws_client)
    assert info["ollama"]["error"] == "unreachable"
    assert info["model_loaded"] == {"type": "failed", "error": "unreachable"}


async def test_a_cloud_loads_nothing(
    home: HomeAssistant, groq: FakeGroq, hass_ws_client: WebSocketGenerator
) -> None:
    """Memory is a matter of Ollama only."""
    await set_up(home, BOTH_AGENT, groq_url=groq.url)
    info = await health(home, hass_ws_client)
    assert info["groq"] == "ok, 2 models"
    assert "model_loaded" not in info


async def test_without_an_entry(home: HomeAssistant, hass_ws_client: WebSocketGenerator) -> None:
    """An entry that is not loaded leaves the version."""
    entry = await set_up(home, {})
    await home.config_entries.async_unload(entry.entry_id)
    assert (await health(home, hass_ws_client))["agents"] == 0
