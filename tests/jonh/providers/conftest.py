"""Model services on real sockets, and the providers that talk to them.

Self-sufficient, so that these tests also run without Home Assistant's harness, where a newer
Home Assistant puts httpx2 in the place of httpx:
`pytest --confcutdir=tests/jonh/providers tests/jonh/providers`.
"""

import asyncio
import gc
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

# Home Assistant chooses the HTTP library for everybody; it must be imported first.
import custom_components.jonh  # noqa: F401
from custom_components.jonh.providers.deadlines import Deadlines
from custom_components.jonh.providers.failover import Failover
from custom_components.jonh.providers.groq import GroqProvider
from custom_components.jonh.providers.ollama import OllamaProvider
from tests.fakes.groq import FakeGroq
from tests.fakes.ollama import FakeOllama
from tests.jonh.providers.streams import Clock

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

OLLAMA_MODEL = "qwen3:4b-instruct"

# Long enough for a busy machine to answer in.
PATIENCE = Deadlines(
    connect_s=30.0, first_event_s=30.0, cold_first_event_s=60.0, gap_s=30.0, request_s=30.0
)
# For silence that never ends, and for nothing else.
NO_PATIENCE = replace(PATIENCE, first_event_s=0.3, cold_first_event_s=0.3, request_s=0.3)
SOON_SILENT = replace(PATIENCE, gap_s=0.3)


@pytest.fixture(autouse=True)
def sockets(request: pytest.FixtureRequest) -> None:
    """Allow sockets where the harness forbids them."""
    if request.config.pluginmanager.hasplugin("socket"):
        request.getfixturevalue("socket_enabled")


@pytest.fixture(autouse=True)
async def settled() -> AsyncGenerator[None]:
    """Let the HTTP library's inner generators, which end in tasks of their own, end."""
    yield
    gc.collect()
    for _ in range(25):
        await asyncio.sleep(0)


@pytest.fixture
async def ollama(sockets: None) -> AsyncGenerator[FakeOllama]:
    """Serve a stand-in that speaks Ollama's protocol, its model in memory."""
    async with FakeOllama() as server:
        server.loaded.add(OLLAMA_MODEL)
        yield server


@pytest.fixture
async def groq(sockets: None) -> AsyncGenerator[FakeGroq]:
    """Serve a stand-in that speaks Groq's protocol."""
    async with FakeGroq() as server:
        yield server


@pytest.fixture
async def ollama_provider(ollama: FakeOllama) -> AsyncGenerator[OllamaProvider]:
    """Connect a provider to the stand-in."""
    provider = OllamaProvider(ollama.url, deadlines=PATIENCE)
    yield provider
    await provider.close()


@pytest.fixture
async def groq_provider(groq: FakeGroq) -> AsyncGenerator[GroqProvider]:
    """Connect a provider to the stand-in."""
    provider = GroqProvider(groq.api_key, base_url=groq.url, deadlines=PATIENCE)
    yield provider
    await provider.close()


@pytest.fixture
def clock() -> Clock:
    """Stand still until moved."""
    return Clock()


@pytest.fixture
def failover(clock: Clock) -> Failover:
    """Remember failures by that clock."""
    return Failover(clock)
