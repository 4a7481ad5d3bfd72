"""What a bug report shows, and what it never does."""

import json
from typing import TYPE_CHECKING

import pytest

from custom_components.jonh.diagnostics import async_get_config_entry_diagnostics
from tests.fakes.groq import API_KEY, FakeGroq
from tests.jonh.conftest import BOTH_AGENT, GROQ_AGENT, OLLAMA_MODEL, ask, set_up
from tests.jonh.reports import BY_MODEL, end_turn
from tests.jonh.turns import DEAD_URL

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

    from tests.fakes.ollama import FakeOllama

SECRET_SETTINGS = {
    "prompt": "A senha do cofre é 1234.",
    "facts": ["O gato chama-se Bruxa."],
    "confirm_entities": ["light.cofre_secreto"],
}


async def test_diagnostics_hold_no_secret(
    home: HomeAssistant, ollama: FakeOllama, groq: FakeGroq
) -> None:
    """Models, settings and figures are there; key, addresses, names and words are not."""
    entry = await set_up(
        home, BOTH_AGENT | SECRET_SETTINGS, ollama_url=ollama.url, groq_url=groq.url
    )
    await ask(home, "onde está o tesouro")
    await end_turn(home, entry, BY_MODEL)
    found = await async_get_config_entry_diagnostics(home, entry)
    text = json.dumps(found, default=str)
    assert found["providers"]["ollama"]["reachable"]
    assert OLLAMA_MODEL in text
    secrets = (API_KEY, ollama.url, groq.url, "cofre", "Bruxa", "tesouro", "Luz da Sala", "Sala de")
    assert [secret for secret in secrets if secret in text] == []


async def test_diagnostics_hold_the_figures(home: HomeAssistant, groq: FakeGroq) -> None:
    """The latest turns and the size of the home are what a slow answer is explained with."""
    entry = await set_up(home, GROQ_AGENT, groq_url=groq.url)
    for _ in range(25):
        await end_turn(home, entry, BY_MODEL)
    found = await async_get_config_entry_diagnostics(home, entry)
    turns = found["agents"]["agent1"]["turns"]
    assert len(turns) == 20
    assert turns[0]["prompt_tokens"] == 1400
    assert found["home"]["entities"] == 1
    assert found["home"]["domains"] == {"light": 1}
    assert found["home"]["areas"] == 1


async def test_diagnostics_of_a_dead_provider(home: HomeAssistant, socket_enabled: None) -> None:
    """The reason is there as a name, its text is not."""
    entry = await set_up(home, BOTH_AGENT, ollama_url=DEAD_URL)
    found = await async_get_config_entry_diagnostics(home, entry)
    assert found["providers"]["ollama"] == {
        "reachable": False,
        "error": "UpdateFailed",
        "models": [],
        "loaded": None,
        "limits": None,
        "is_limited": False,
    }


@pytest.mark.usefixtures("all_entities")
async def test_diagnostics_of_a_model_in_memory(home: HomeAssistant, ollama: FakeOllama) -> None:
    """What a shown sensor has learned is in the report too."""
    entry = await set_up(home, BOTH_AGENT, ollama_url=ollama.url)
    await home.async_block_till_done(wait_background_tasks=True)
    found = await async_get_config_entry_diagnostics(home, entry)
    assert found["providers"]["ollama"]["loaded"] == [OLLAMA_MODEL]
