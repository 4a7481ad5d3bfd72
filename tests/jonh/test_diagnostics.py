"""What a bug report and the system health page show."""

import json
from typing import TYPE_CHECKING

from custom_components.jonh.diagnostics import async_get_config_entry_diagnostics
from custom_components.jonh.system_health import async_register
from tests.fakes.groq import API_KEY, FakeGroq

from .conftest import BOTH_AGENT, ask, set_up

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

    from tests.fakes.ollama import FakeOllama

DEAD_URL = "http://127.0.0.1:9"


async def test_diagnostics_hold_no_secret(
    home: HomeAssistant, ollama: FakeOllama, groq: FakeGroq
) -> None:
    """Models and settings are there; key, addresses, instructions and words are not."""
    agent = BOTH_AGENT | {"prompt": "A senha do cofre é 1234."}
    entry = await set_up(home, agent, ollama_url=ollama.url, groq_url=groq.url)
    await ask(home, "onde está o tesouro")
    found = await async_get_config_entry_diagnostics(home, entry)
    text = json.dumps(found, default=str)
    assert found["providers"]["ollama"]["reachable"]
    assert "qwen3:4b-instruct" in text
    for secret in (API_KEY, ollama.url, groq.url, "cofre", "tesouro"):
        assert secret not in text


async def test_diagnostics_of_a_dead_provider(home: HomeAssistant, socket_enabled: None) -> None:
    """The reason is there as a name, its text is not."""
    entry = await set_up(home, BOTH_AGENT, ollama_url=DEAD_URL)
    found = await async_get_config_entry_diagnostics(home, entry)
    assert found["providers"]["ollama"] == {
        "reachable": False,
        "error": "UpdateFailed",
        "models": [],
    }


class Registration:
    """Takes what the integration registers."""

    def async_register_info(self, info: object) -> None:
        """Keep the function that tells."""
        self.info = info


async def test_system_health(home: HomeAssistant, ollama: FakeOllama) -> None:
    """The page shows which providers answer."""
    await set_up(home, BOTH_AGENT, ollama_url=ollama.url, groq_url=DEAD_URL)
    registration = Registration()
    async_register(home, registration)
    assert await registration.info(home) == {
        "agents": 1,
        "ollama": "ok, 2 models",
        "groq": {"type": "failed", "error": "unreachable"},
    }
