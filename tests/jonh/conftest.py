"""A Home Assistant with Jonh, a light, and model services on real sockets."""

from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.components import conversation
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.config_entries import ConfigSubentryDataWithId
from homeassistant.const import CONF_LLM_HASS_API
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity import Entity
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry

# The harness ships a package of that name; ours must be imported first.
import custom_components.jonh  # noqa: F401
from custom_components.jonh.const import DOMAIN
from tests.fakes.groq import API_KEY, FakeGroq
from tests.fakes.ollama import FakeOllama

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from homeassistant.components.conversation import ConversationResult

OLLAMA_MODEL = "qwen3:4b-instruct"
GROQ_MODEL = "openai/gpt-oss-20b"
AGENT = "conversation.jonh"
LIGHT = "light.luz_da_sala"


@pytest.fixture(autouse=True)
def custom_integrations(request: pytest.FixtureRequest) -> None:
    """Let Home Assistant find the integration, in the tests that have one."""
    if "hass" in request.fixturenames:
        request.getfixturevalue("enable_custom_integrations")


@pytest.fixture
async def ollama(socket_enabled: None) -> AsyncGenerator[FakeOllama]:
    """Serve Ollama's protocol, with its model in memory."""
    async with FakeOllama() as server:
        server.loaded.add(OLLAMA_MODEL)
        yield server


@pytest.fixture
async def groq(socket_enabled: None) -> AsyncGenerator[FakeGroq]:
    """Serve Groq's protocol."""
    async with FakeGroq() as server:
        yield server


@pytest.fixture
def all_entities(monkeypatch: pytest.MonkeyPatch) -> None:
    """Enable the entities that a person has to switch on."""
    monkeypatch.setattr(Entity, "entity_registry_enabled_default", True)


@pytest.fixture
async def home(hass: HomeAssistant) -> HomeAssistant:
    """Assist with one light, in the living room, that really switches."""
    hass.config.language = "pt-BR"
    hass.config.country = "BR"
    for component in ("homeassistant", "light", "conversation", "assist_pipeline"):
        assert await async_setup_component(hass, component, {component: {}})
    assert await async_setup_component(
        hass,
        "input_boolean",
        {"input_boolean": {"luz": {"name": "Lâmpada"}}},
    )
    assert await async_setup_component(
        hass,
        "template",
        {
            "template": {
                "light": {
                    "name": "Luz da Sala",
                    "unique_id": "luz",
                    "state": "{{ is_state('input_boolean.luz', 'on') }}",
                    "turn_on": {
                        "action": "input_boolean.turn_on",
                        "target": {"entity_id": "input_boolean.luz"},
                    },
                    "turn_off": {
                        "action": "input_boolean.turn_off",
                        "target": {"entity_id": "input_boolean.luz"},
                    },
                }
            }
        },
    )
    await hass.async_block_till_done()
    area = ar.async_get(hass).async_create("Sala de Estar")
    er.async_get(hass).async_update_entity(LIGHT, area_id=area.id)
    async_expose_entity(hass, "conversation", LIGHT, should_expose=True)
    async_expose_entity(hass, "conversation", "input_boolean.luz", should_expose=False)
    return hass


def agent_data(**fields: Any) -> dict[str, Any]:
    """Return the data of an agent that may control the home."""
    return {CONF_LLM_HASS_API: ["assist"], **fields}


OLLAMA_AGENT = agent_data(provider="ollama", model=OLLAMA_MODEL)
GROQ_AGENT = agent_data(provider="groq", model=GROQ_MODEL)
BOTH_AGENT = OLLAMA_AGENT | {"fallback_provider": "groq", "fallback_model": GROQ_MODEL}


def jonh_entry(data: dict[str, Any], agent: dict[str, Any]) -> MockConfigEntry:
    """Return an entry with one agent."""
    subentry = ConfigSubentryDataWithId(
        data=agent,
        subentry_id="agent1",
        subentry_type="conversation",
        title="Jonh",
        unique_id=None,
    )
    return MockConfigEntry(domain=DOMAIN, title="Jonh", data=data, subentries_data=[subentry])


async def set_up(
    hass: HomeAssistant,
    agent: dict[str, Any],
    *,
    ollama_url: str | None = None,
    groq_url: str | None = None,
) -> MockConfigEntry:
    """Add Jonh to a home."""
    data: dict[str, Any] = {}
    if ollama_url:
        data["ollama"] = {"url": ollama_url}
    if groq_url:
        data["groq"] = {"api_key": API_KEY, "base_url": groq_url}
    entry = jonh_entry(data, agent)
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return entry


async def ask(
    hass: HomeAssistant,
    text: str,
    *,
    conversation_id: str | None = None,
    language: str = "pt-BR",
    device_id: str | None = None,
    user_id: str | None = None,
    agent: str = AGENT,
) -> ConversationResult:
    """Run one turn, in a task of its own as Home Assistant does."""
    return await hass.async_create_task(
        conversation.async_converse(
            hass,
            text,
            conversation_id,
            Context(user_id=user_id),
            language,
            agent,
            device_id,
        )
    )


def speech(result: ConversationResult) -> str:
    """Text that is spoken."""
    spoken: str = result.response.speech["plain"]["speech"]
    return spoken


def satellite(hass: HomeAssistant, name: str = "satellite") -> str:
    """Add a device in the living room and return its id."""
    entry = hass.config_entries.async_entries(DOMAIN)[0]
    registry = dr.async_get(hass)
    device = registry.async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={("test", name)}
    )
    area = ar.async_get(hass).async_get_area_by_name("Sala de Estar")
    assert area is not None
    registry.async_update_device(device.id, area_id=area.id)
    return device.id
