"""The two agents that are compared, each in the same house with a scripted model of its own."""

from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from homeassistant.components import conversation
from homeassistant.config_entries import ConfigSubentryDataWithId
from homeassistant.core import Context
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.jonh.const import DOMAIN as JONH
from tests.fakes.groq import API_KEY, FakeGroq
from tests.fakes.ollama import FakeOllama

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from benchmarks.agent.houses import House
    from tests.fakes.stand_in import StandIn

LANGUAGE = "pt-BR"
OLLAMA = "ollama"
OLLAMA_MODEL = "qwen3:4b-instruct"
GROQ_MODEL = "openai/gpt-oss-20b"

CHAT_PATHS = ("/api/chat", "/openai/v1/chat/completions")

NEUTRAL = "Me conte algo curioso sobre as abelhas."
"""A request that only a model answers and that names nothing of a home."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of one turn."""

    speech: str
    is_error: bool = False
    """Home Assistant marks the answer as an error."""
    raised: str | None = None
    """Name of the exception that left the agent; the pipeline then speaks a sentence in English."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """A conversation agent in a house, and the stand-in that answers as its model."""

    name: str
    entity_id: str
    house: House
    server: StandIn
    fallback: StandIn | None = None
    """The service behind it."""

    async def ask(
        self,
        text: str,
        *,
        conversation_id: str | None = None,
        device_id: str | None = None,
        user_id: str | None = None,
        language: str = LANGUAGE,
    ) -> Answer:
        """Run one turn, in a task of its own as Home Assistant does."""
        hass = self.house.hass
        turn = conversation.async_converse(
            hass,
            text,
            conversation_id,
            Context(user_id=user_id),
            language,
            self.entity_id,
            device_id,
        )
        try:
            result = await hass.async_create_task(turn, eager_start=False)
        except Exception as err:  # noqa: BLE001  # whatever leaves an agent is what is measured
            return Answer(speech="", is_error=True, raised=type(err).__name__)
        speech = result.response.speech.get("plain", {}).get("speech") or ""
        return Answer(speech=speech, is_error=result.response.error_code is not None)

    def requests(self) -> list[dict[str, Any]]:
        """Return the requests for an answer so far, those to the fallback last.

        Those that only warm a model up are left out.
        """
        return [
            body
            for server in self._servers
            for path, body in server.requests
            if path in CHAT_PATHS and body.get("messages") and body.get("stream", True)
        ]

    def clear(self) -> None:
        """Forget requests, scripts and calls of earlier turns."""
        for server in self._servers:
            server.requests.clear()
            server.model.scripts.clear()
        self.house.calls.clear()

    @property
    def _servers(self) -> list[StandIn]:
        return [self.server, self.fallback] if self.fallback else [self.server]


@asynccontextmanager
async def core_ollama(house: House) -> AsyncGenerator[Agent]:
    """Set up Home Assistant's own Ollama agent with Assist, its other settings left alone."""
    async with FakeOllama() as server:
        server.loaded.add(OLLAMA_MODEL)
        entry = _entry(
            OLLAMA,
            {"url": server.url},
            {"model": OLLAMA_MODEL, "llm_hass_api": ["assist"], "think": False},
            version=3,
            minor_version=3,
        )
        async with _running(house, "core", entry, server) as agent:
            yield agent


@asynccontextmanager
async def jonh_ollama(
    house: House, *, fallback: FakeGroq | None = None, **settings: Any
) -> AsyncGenerator[Agent]:
    """Set up Jonh over Ollama, with Groq behind it where there is a fallback."""
    async with FakeOllama() as server:
        server.loaded.add(OLLAMA_MODEL)
        chosen: dict[str, Any] = {
            "provider": OLLAMA,
            "model": OLLAMA_MODEL,
            "llm_hass_api": ["assist"],
        }
        data: dict[str, Any] = {OLLAMA: {"url": server.url}}
        if fallback:
            data["groq"] = {"api_key": API_KEY, "base_url": fallback.url}
            chosen |= {"fallback_provider": "groq", "fallback_model": GROQ_MODEL}
        entry = _entry(JONH, data, chosen | settings)
        async with _running(house, "jonh", entry, server) as agent:
            yield replace(agent, fallback=fallback)


@asynccontextmanager
async def jonh_groq(house: House, **settings: Any) -> AsyncGenerator[Agent]:
    """Set up Jonh over Groq."""
    async with FakeGroq() as server:
        chosen = {"provider": "groq", "model": GROQ_MODEL, "llm_hass_api": ["assist"]}
        data = {"groq": {"api_key": API_KEY, "base_url": server.url}}
        entry = _entry(JONH, data, chosen | settings)
        async with _running(house, "jonh", entry, server) as agent:
            yield agent


def _entry(
    domain: str, data: Mapping[str, Any], agent: Mapping[str, Any], **fields: Any
) -> MockConfigEntry:
    subentry = ConfigSubentryDataWithId(
        data=MappingProxyType(dict(agent)),
        subentry_id="agent",
        subentry_type="conversation",
        title=f"Bench {domain}",
        unique_id=None,
    )
    return MockConfigEntry(
        domain=domain, title=domain, data=dict(data), subentries_data=[subentry], **fields
    )


@asynccontextmanager
async def _running(
    house: House, name: str, entry: MockConfigEntry, server: StandIn
) -> AsyncGenerator[Agent]:
    """Set an integration up, and remove it in the end so that the house can have another one."""
    hass = house.hass
    entry.add_to_hass(hass)
    if not await hass.config_entries.async_setup(entry.entry_id):
        raise RuntimeError(f"{name} was not set up: {entry.reason or entry.state}")
    await hass.async_block_till_done()
    registry = er.async_get(hass)
    entity_ids = [
        entity.entity_id
        for entity in er.async_entries_for_config_entry(registry, entry.entry_id)
        if entity.domain == conversation.DOMAIN
    ]
    try:
        yield Agent(name=name, entity_id=entity_ids[0], house=house, server=server)
    finally:
        await hass.config_entries.async_remove(entry.entry_id)
        await hass.async_block_till_done()
