"""What reaches a cloud: the words of the turn and the exposed names, and nothing else."""

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers.instance_id import async_get as async_instance_id

from tests.fakes.groq import API_KEY
from tests.jonh.conftest import GROQ_AGENT, OLLAMA_AGENT, ask, satellite, set_up

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockUser

    from tests.fakes.groq import FakeGroq
    from tests.fakes.ollama import FakeOllama

TRANSLATIONS = Path(__file__).parents[3] / "custom_components" / "jonh" / "translations"
PATHS = {"/openai/v1/models", "/openai/v1/chat/completions"}
FIELDS = {
    "max_completion_tokens", "messages", "model", "parallel_tool_calls", "reasoning_effort",
    "include_reasoning", "reasoning_format", "stream", "temperature", "tools",
}  # fmt: skip
HEADERS = {
    "Accept", "Accept-Encoding", "Authorization", "Connection", "Content-Length", "Content-Type",
    "Host", "User-Agent", "X-Stainless-Async", "X-Stainless-Read-Timeout",
    "X-Stainless-Retry-Count", "X-Stainless-Raw-Response",
}  # fmt: skip


async def test_what_leaves_the_house(
    home: HomeAssistant, groq: FakeGroq, hass_admin_user: MockUser
) -> None:
    """Neither what is not exposed, nor who and where one is, nor what others said."""
    home.config.location_name = "Sítio Esperança"
    home.config.latitude, home.config.longitude = -3.71722, -38.54337
    home.states.async_set("person.ana", "home", {"friendly_name": "Ana Beatriz"})
    home.states.async_set("lock.cofre", "locked", {"friendly_name": "Cofre da vovó"})
    for entity_id in ("person.ana", "lock.cofre"):
        async_expose_entity(home, "conversation", entity_id, should_expose=False)
    ar.async_get(home).async_create("Quarto secreto")
    await set_up(home, GROQ_AGENT | {"fast_path": False}, groq_url=groq.url)
    kitchen, bedroom = satellite(home, "a"), satellite(home, "b")
    for said, device in (("fale de girassóis", kitchen), ("fale de tulipas", bedroom)):
        groq.script({"content": "Sim."})
        await ask(home, said, device_id=device, user_id=hass_admin_user.id)
    await home.async_block_till_done(wait_background_tasks=True)
    assert {path for path, _ in groq.requests} <= PATHS
    bodies = groq.bodies("/openai/v1/chat/completions")
    assert all(set(body) <= FIELDS for body in bodies), [set(body) - FIELDS for body in bodies]
    told = json.dumps(bodies, ensure_ascii=False)
    assert "tulipas" in told
    assert "Luz da Sala" in told
    assert "girassóis" not in json.dumps(bodies[-1], ensure_ascii=False)
    secrets = (
        "Lâmpada", "input_boolean", "Cofre", "Ana Beatriz", "Esperança", "Quarto secreto",
        "3.717", "38.543", hass_admin_user.id, str(hass_admin_user.name), kitchen, bedroom,
        await async_instance_id(home), API_KEY,
    )  # fmt: skip
    assert [secret for secret in secrets if secret in told] == []
    for headers in groq.headers:
        assert {name.title() for name in headers} <= HEADERS
        assert headers.get("Content-Type", "application/json") == "application/json"
        text = str({name: value for name, value in headers.items() if name != "Authorization"})
        assert [secret for secret in secrets if secret in text] == []


async def test_a_local_agent_leaves_the_cloud_alone(
    home: HomeAssistant, ollama: FakeOllama, groq: FakeGroq
) -> None:
    """A key that lies there for another agent brings no word of this one to the cloud."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url, groq_url=groq.url)
    ollama.script({"status": 500, "error": "broken"})
    await ask(home, "fale de tulipas")
    await home.async_block_till_done(wait_background_tasks=True)
    assert groq.bodies("/openai/v1/chat/completions") == []


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "cloud.*"),
        ("pt-BR", "nuvem.*"),
        ("pt", "nuvem.*"),
        ("es", "nube.*"),
    ],
)
def test_the_form_says_so(language: str, words: str) -> None:
    """Whoever enters a key reads where their words go, before they do."""
    texts: Any = json.loads((TRANSLATIONS / f"{language}.json").read_text("utf-8"))
    described = texts["config"]["step"]["groq"]["description"]
    assert re.search(words, described)
    assert described.count("Groq") >= 1
