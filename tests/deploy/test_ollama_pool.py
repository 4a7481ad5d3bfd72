"""deploy/haproxy-ollama.cfg sends questions to servers that have the model, and to no others."""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

import aiohttp

from benchmarks.resilience.scale_out_balancer import DEPLOY, Balancer, haproxy, replaced
from tests.fakes.ollama import FakeOllama

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

MODEL = "qwen3:4b-instruct"
FILE = DEPLOY / "haproxy-ollama.cfg"
SERVERS = ("192.0.2.21:11434", "192.0.2.22:11434", "192.0.2.23:11434")


@asynccontextmanager
async def pool(
    *servers: FakeOllama, changes: Mapping[str, str] | None = None
) -> AsyncIterator[tuple[Balancer, aiohttp.ClientSession]]:
    """Run HAProxy in front of these; the last one is the spare."""
    addresses = [f"127.0.0.1:{server.port}" for server in servers]
    there = dict(zip(SERVERS, addresses, strict=True))
    text = replaced(FILE.read_text("utf-8"), there | dict(changes or {}))
    binds = {"ollama": 11434, "metrics": 8405}
    with haproxy(text, binds, {"OLLAMA_MODEL": MODEL}) as balancer:
        url = balancer.uri("ollama").replace("tcp:", "http:")
        async with aiohttp.ClientSession(url) as session:
            yield balancer, session


async def ask(session: aiohttp.ClientSession, text: str = "oi") -> int:
    """Ask for an answer that does not stream and return the status."""
    question = {"role": "user", "content": text}
    body = {"model": MODEL, "messages": [question], "stream": False}
    async with session.post("/api/chat", json=body) as response:
        await response.read()
        return response.status


async def until(balancer: Balancer, states: Mapping[str, int]) -> None:
    """Wait, without keeping the stand-ins from answering, until servers are in these states."""
    for state, count in states.items():
        await asyncio.to_thread(balancer.wait_for, "ollama", count, state)


def chats(*servers: FakeOllama) -> list[int]:
    """Return how many questions each has answered."""
    return [len(server.chats) for server in servers]


async def test_server_without_the_model_is_asked_nothing() -> None:
    """It is up and would answer 404; a model whose name only begins alike is another one."""
    async with FakeOllama() as first, FakeOllama() as second, FakeOllama() as spare:
        stored = first.models.pop(MODEL)
        first.models |= {f"{MODEL}-q8_0": stored}
        async with pool(first, second, spare) as (balancer, session):
            await until(balancer, {"UP": 2, "DOWN": 1})
            assert [await ask(session) for _ in range(6)] == [200] * 6
            assert chats(first, second, spare) == [0, 6, 0]
            first.models[MODEL] = stored
            await until(balancer, {"UP": 3})
            assert [await ask(session) for _ in range(6)] == [200] * 6
            assert chats(first)[0] > 0


async def test_dead_server_is_replaced() -> None:
    """No question is lost when one dies, nor when the spare is all that is left."""
    async with AsyncExitStack() as stack:
        first, second = FakeOllama(), FakeOllama()
        await stack.enter_async_context(first)
        await stack.enter_async_context(second)
        spare = await stack.enter_async_context(FakeOllama())
        async with pool(first, second, spare) as (balancer, session):
            await until(balancer, {"UP": 3})
            assert await ask(session) == 200
            await first.__aexit__(None, None, None)
            assert [await ask(session) for _ in range(8)] == [200] * 8
            await until(balancer, {"DOWN": 1})
            assert chats(spare) == [0]
            await second.__aexit__(None, None, None)
            await until(balancer, {"DOWN": 2})
            assert [await ask(session) for _ in range(4)] == [200] * 4
            assert chats(spare) == [4]


async def test_long_prompt_is_asked_of_another_server() -> None:
    """60 kB that one server is too busy for are in the buffer still, for the next one."""
    prompt = "casa " * 12_000
    async with FakeOllama() as first, FakeOllama() as second, FakeOllama() as spare:
        first.is_busy = True
        async with pool(first, second, spare) as (balancer, session):
            await until(balancer, {"UP": 3})
            assert [await ask(session, prompt) for _ in range(6)] == [200] * 6
        # What the size of the buffer is for.
        usual = {"tune.bufsize 262144": "tune.bufsize 16384"}
        async with pool(first, second, spare, changes=usual) as (balancer, session):
            await until(balancer, {"UP": 3})
            assert 503 in [await ask(session, prompt) for _ in range(6)]
