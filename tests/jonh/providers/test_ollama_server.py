"""An Ollama server: its models, its memory, its address and the client that reaches it."""

import asyncio
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from aiohttp import web

from custom_components.jonh.providers.base import (
    AssistantMessage,
    AuthError,
    BadRequestError,
    BrokenStreamError,
    ChatRequest,
    Model,
    ModelMissingError,
    ProviderError,
    PullProgress,
    StalledError,
    SystemMessage,
    UnreachableError,
    Usage,
    UserMessage,
)
from custom_components.jonh.providers.ollama import OllamaProvider
from custom_components.jonh.providers.ollama_wire import context_length
from tests.fakes.ollama import StoredModel
from tests.jonh.providers.conftest import NO_PATIENCE, OLLAMA_MODEL, PATIENCE
from tests.jonh.providers.streams import TURN_ON, collect, leave_mid_answer, request, text

if TYPE_CHECKING:
    from tests.fakes.ollama import FakeOllama

BLANKS: list[dict[str, Any]] = [{"raw": "\n"}, {"sleep_s": 0.1}] * 100


async def test_warming_and_answering_load_once(
    ollama: FakeOllama, ollama_provider: OllamaProvider
) -> None:
    """The same context window both times: nothing is read from disk again."""
    ollama.loaded.clear()
    chat = ChatRequest(
        model=OLLAMA_MODEL, messages=[SystemMessage("regras"), UserMessage("oi")], num_ctx=4096
    )
    await ollama_provider.warm(chat)
    await collect(ollama_provider, chat)
    assert ollama.loads == 1
    await collect(ollama_provider, replace(chat, num_ctx=2048))
    assert ollama.loads == 2


async def test_tells_what_is_in_memory(ollama: FakeOllama, ollama_provider: OllamaProvider) -> None:
    """A model of the latest tag is found under both of its names."""
    ollama.models["llama9:latest"] = StoredModel(capabilities=["completion"])
    ollama.loaded.add("llama9:latest")
    status = await ollama_provider.status()
    assert status.loaded == {OLLAMA_MODEL, "llama9", "llama9:latest"}
    assert (status.limits, status.limited_until_s) == (None, None)
    assert ollama_provider.is_local
    assert ollama_provider.limits(OLLAMA_MODEL) is None
    assert ollama_provider.cost_usd(OLLAMA_MODEL, Usage(prompt_tokens=9)) is None


async def test_a_shared_client_is_used_and_stays_open(ollama: FakeOllama) -> None:
    """Home Assistant's client carries our key and deadlines, and is never closed."""
    ollama.api_key = "secret"
    async with httpx.AsyncClient(headers={"User-Agent": "house"}, timeout=0.001) as shared:
        provider = OllamaProvider(
            f"{ollama.url}/", http_client=shared, api_key="secret", deadlines=PATIENCE
        )
        ollama.script({"sleep_s": 0.2}, {"content": "Oi."})
        assert text(await collect(provider, request(OLLAMA_MODEL))) == "Oi."
        assert await provider.models()
        await provider.warm(request(OLLAMA_MODEL))
        await provider.close()
        assert not shared.is_closed
        assert (await shared.get(f"{ollama.url}/api/tags", timeout=30)).status_code == 401


@pytest.mark.parametrize("leave", ["close", "cancel"])
async def test_leaving_a_shared_client_frees_the_server(ollama: FakeOllama, leave: str) -> None:
    """The connection of the answer ends, although the client lives on."""
    async with httpx.AsyncClient() as shared:
        provider = OllamaProvider(ollama.url, http_client=shared, deadlines=PATIENCE)
        ollama.script({"content": "Era"}, {"stall": True})
        await leave_mid_answer(provider, request(OLLAMA_MODEL), leave)
        await asyncio.wait_for(ollama.closed_early.wait(), 30)


async def test_nobody_there_is_unreachable(unused_tcp_port: int) -> None:
    """A closed port fails by name everywhere."""
    provider = OllamaProvider(f"http://127.0.0.1:{unused_tcp_port}", deadlines=PATIENCE)
    for attempt in (
        provider.models(),
        provider.warm(request(OLLAMA_MODEL)),
        collect(provider, request(OLLAMA_MODEL)),
    ):
        with pytest.raises(UnreachableError):
            await attempt
    await provider.close()


@pytest.mark.parametrize("url", ["http://[", "http://host:port"])
async def test_an_address_that_is_none_is_refused(url: str) -> None:
    """What cannot be an address fails before anything is sent."""
    with pytest.raises(UnreachableError):
        OllamaProvider(url)
    async with httpx.AsyncClient() as shared:
        with pytest.raises(UnreachableError):
            OllamaProvider(url, http_client=shared)


async def test_another_web_server_is_not_taken_for_ollama(sockets: None) -> None:
    """A page of something else is a wrong address, not a broken stream."""

    async def page(_request: web.Request) -> web.Response:
        return web.Response(text="<html>router</html>", content_type="text/html")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", page)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    provider = OllamaProvider(f"http://127.0.0.1:{runner.addresses[0][1]}", deadlines=PATIENCE)
    with pytest.raises(BadRequestError, match="not Ollama"):
        await provider.models()
    await provider.close()
    await runner.cleanup()


async def test_a_server_that_never_answers_stalls(sockets: None) -> None:
    """A port that accepts and stays silent does not hold up the check for ever."""

    async def silent(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    provider = OllamaProvider(f"http://127.0.0.1:{port}", deadlines=NO_PATIENCE)
    with pytest.raises(StalledError):
        await provider.models()
    await provider.close()
    server.close()
    await server.wait_closed()


async def test_lists_chat_models_with_capabilities(ollama_provider: OllamaProvider) -> None:
    """Models that only embed are left out; the others tell their context and tools."""
    assert await ollama_provider.models() == [
        Model(id="llama2:7b", context_length=4096, supports_tools=False, size_bytes=2_500_000_000),
        Model(id=OLLAMA_MODEL, context_length=32768, supports_tools=True, size_bytes=2_500_000_000),
    ]


async def test_a_key_reaches_a_guarded_server(ollama: FakeOllama) -> None:
    """A proxy in front of the server sees the key; without it the error says so."""
    ollama.api_key = "secret"
    with_key = OllamaProvider(ollama.url, api_key="secret", deadlines=PATIENCE)
    await with_key.models()
    await with_key.close()
    without = OllamaProvider(ollama.url, deadlines=PATIENCE)
    with pytest.raises(AuthError):
        await without.models()
    await without.close()


async def test_warming_reads_the_beginning_with_the_same_options(
    ollama: FakeOllama, ollama_provider: OllamaProvider
) -> None:
    """Everything before the last words is the same to the byte, and so is how the model runs."""
    ollama.loaded.clear()
    chat = ChatRequest(
        model=OLLAMA_MODEL,
        messages=[
            SystemMessage("regras"),
            UserMessage("oi"),
            AssistantMessage("Olá."),
            UserMessage("acenda a luz"),
        ],
        tools=[TURN_ON],
        num_ctx=4096,
        keep_alive_s=600,
    )
    await ollama_provider.warm(chat)
    assert ollama.loaded == {OLLAMA_MODEL}
    await collect(ollama_provider, chat)
    warmed, asked = ollama.bodies("/api/chat")
    assert warmed["messages"][:-1] == asked["messages"][:-1]
    assert warmed["messages"][-1]["role"] == "user"
    assert "acenda" not in str(warmed)
    assert (warmed["stream"], warmed["options"].pop("num_predict")) == (False, 1)
    assert asked["options"].pop("num_predict") == 512
    for body in (warmed, asked):
        del body["messages"], body["stream"]
    assert json.dumps(warmed) == json.dumps(asked)


@pytest.mark.parametrize("messages", [[], [UserMessage("oi")]])
async def test_warming_without_a_beginning_only_loads(
    ollama: FakeOllama, ollama_provider: OllamaProvider, messages: list[UserMessage]
) -> None:
    """Where there is nothing to read ahead, the model is loaded and says nothing."""
    ollama.loaded.clear()
    chat = ChatRequest(model=OLLAMA_MODEL, messages=messages, tools=[TURN_ON], num_ctx=4096)
    await ollama_provider.warm(chat)
    (body,) = ollama.bodies("/api/chat")
    assert body["messages"] == []
    assert "tools" not in body
    assert body["options"]["num_ctx"] == 4096
    assert ollama.loaded == {OLLAMA_MODEL}


async def test_pull_tells_its_progress(ollama: FakeOllama, ollama_provider: OllamaProvider) -> None:
    """A download reports bytes and ends with the model on the server."""
    progress = [step async for step in ollama_provider.pull("new:1b")]
    assert progress[1] == PullProgress(status="pulling abc", completed_bytes=40, total_bytes=100)
    assert progress[-1].status == "success"
    assert "new:1b" in {model.id for model in await ollama_provider.models()}


@pytest.mark.parametrize(
    ("last", "error"),
    [
        pytest.param({"status": "pulling abc"}, BrokenStreamError, id="ended early"),
        pytest.param(
            {"error": "pull model manifest: file does not exist"}, ModelMissingError, id="unknown"
        ),
    ],
)
async def test_a_failed_pull_has_a_name(
    ollama: FakeOllama,
    ollama_provider: OllamaProvider,
    last: dict[str, str],
    error: type[ProviderError],
) -> None:
    """A download that does not end in success is an error."""
    ollama.pull_steps = [{"status": "pulling manifest"}, last]
    with pytest.raises(error):
        _ = [step async for step in ollama_provider.pull("new:1b")]


async def test_a_damaged_model_does_not_hide_the_others(
    ollama: FakeOllama, ollama_provider: OllamaProvider
) -> None:
    """What cannot be described is listed without a description."""
    ollama.damaged.add("llama2:7b")
    assert await ollama_provider.models() == [
        Model(id="llama2:7b", size_bytes=2_500_000_000),
        Model(id=OLLAMA_MODEL, context_length=32768, supports_tools=True, size_bytes=2_500_000_000),
    ]


def test_a_context_that_nobody_tells_is_unknown() -> None:
    """Some models come without the number."""
    assert context_length({"general.architecture": "x", "x.context_length": "long"}) is None


@pytest.mark.parametrize(
    ("trouble", "error"),
    [
        (httpx.ConnectTimeout("late"), UnreachableError),
        (httpx.ReadTimeout("late"), StalledError),
        (httpx.UnsupportedProtocol("ftp"), UnreachableError),
        (httpx.ReadError("reset"), BrokenStreamError),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
async def test_every_trouble_of_the_connection_has_a_name(
    trouble: Exception, error: type[ProviderError]
) -> None:
    """What the HTTP library raises never leaves the provider."""

    def fail(_request: httpx.Request) -> httpx.Response:
        raise trouble

    async with httpx.AsyncClient(transport=httpx.MockTransport(fail)) as shared:
        provider = OllamaProvider("http://ollama:11434", http_client=shared, deadlines=PATIENCE)
        for attempt in (provider.models(), provider.status(), provider.warm(request(OLLAMA_MODEL))):
            with pytest.raises(error):
                await attempt
        with pytest.raises(error):
            await collect(provider, request(OLLAMA_MODEL))
