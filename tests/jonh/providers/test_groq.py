"""The Groq provider against a server that speaks Groq's protocol."""

import asyncio
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from custom_components.jonh.providers.base import (
    AuthError,
    BadRequestError,
    BadToolCallError,
    BrokenStreamError,
    BusyError,
    ContextOverflowError,
    Done,
    Model,
    ModelMissingError,
    ProviderError,
    RateLimitedError,
    ServiceError,
    StalledError,
    StopReason,
    ThinkingDelta,
    TooLargeError,
    ToolsUnsupportedError,
    UnreachableError,
    Usage,
)
from custom_components.jonh.providers.groq import GroqProvider
from tests.jonh.providers.conftest import NO_PATIENCE, PATIENCE, SOON_SILENT
from tests.jonh.providers.streams import collect, leave_mid_answer, request, text

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tests.fakes.groq import FakeGroq

MODEL = "openai/gpt-oss-20b"
PINGS: list[dict[str, Any]] = [{"raw": ": ping\n\n"}, {"sleep_s": 0.1}] * 100
CAPACITY = 'data: {"id": "1", "choices": [], "x_groq": {"error": "over capacity"}}\n\n'


def refusal(status: int, code: str = "", error: str = "refused", **fields: Any) -> dict[str, Any]:
    """Script the refusal of a request."""
    return {"status": status, "code": code, "error": error, **fields}


async def test_streams_text_then_usage_then_done(
    groq: FakeGroq, groq_provider: GroqProvider
) -> None:
    """Reasoning is kept apart from the answer, which ends with what it cost."""
    groq.script({"thinking": "hum"}, {"content": "São "}, {"content": "dez horas."})
    events = await collect(groq_provider, request(MODEL))
    assert text(events) == "São dez horas."
    assert events[0] == ThinkingDelta("hum")
    assert events[-2:] == [
        Usage(
            prompt_tokens=120, cached_tokens=64, completion_tokens=12, prompt_s=0.01, total_s=0.03
        ),
        Done(StopReason.STOP),
    ]


@pytest.mark.parametrize(
    ("model", "reasoning"),
    [(MODEL, {"reasoning_effort": "low"}), ("qwen/qwen3.6-27b", {"reasoning_effort": "none"})],
)
async def test_sends_every_option(
    groq: FakeGroq, groq_provider: GroqProvider, model: str, reasoning: dict[str, str]
) -> None:
    """The request carries the key, the limits and the least reasoning of its family."""
    await collect(groq_provider, request(model, max_tokens=99))
    (body,) = groq.bodies("/openai/v1/chat/completions")
    assert body == {
        "model": model,
        "messages": [{"role": "user", "content": "que horas são?"}],
        "stream": True,
        "temperature": 0.7,
        "max_completion_tokens": 99,
        **reasoning,
    }


@pytest.mark.parametrize(
    ("steps", "error", "retryable"),
    [
        pytest.param([refusal(400)], BadRequestError, False, id="400"),
        pytest.param([refusal(400, "tool_use_failed")], BadToolCallError, True, id="tool use"),
        pytest.param(
            [refusal(400, error="`tool calling` is not supported with this model")],
            ToolsUnsupportedError,
            False,
            id="no tools",
        ),
        pytest.param(
            [refusal(400, "context_length_exceeded")], ContextOverflowError, False, id="context"
        ),
        pytest.param([refusal(401, "invalid_api_key")], AuthError, False, id="401"),
        pytest.param([refusal(403)], AuthError, False, id="403"),
        pytest.param(
            [refusal(403, "model_permission_blocked_org")], ModelMissingError, False, id="forbidden"
        ),
        pytest.param([refusal(404)], BadRequestError, False, id="404 of no model"),
        pytest.param([refusal(413, "rate_limit_exceeded")], TooLargeError, False, id="413"),
        pytest.param([refusal(422)], BadRequestError, False, id="422"),
        pytest.param([refusal(429, "rate_limit_exceeded")], RateLimitedError, True, id="429"),
        pytest.param([refusal(498, "capacity_exceeded")], BusyError, True, id="498"),
        pytest.param([refusal(499)], ServiceError, True, id="499"),
        pytest.param([refusal(500)], ServiceError, True, id="500"),
        pytest.param([refusal(502)], ServiceError, True, id="502"),
        pytest.param([refusal(503)], BusyError, True, id="503"),
        pytest.param([{"content": "a"}, {"error": "boom"}], ServiceError, True, id="error event"),
        pytest.param(
            [{"error": "x", "extra": {"code": "tool_use_failed", "status_code": 400}}],
            BadToolCallError,
            True,
            id="error event of a tool",
        ),
        pytest.param(
            [{"error": "x", "extra": {"status_code": 503}}], BusyError, True, id="error event 503"
        ),
        pytest.param([{"raw": CAPACITY}], ServiceError, True, id="x_groq error"),
        pytest.param([{"content": "a"}, {"cut": True}], BrokenStreamError, True, id="cut"),
        pytest.param([{"content": "a"}, {"end": True}], BrokenStreamError, True, id="no finish"),
        pytest.param([{"raw": "data: {\n\n"}], BrokenStreamError, True, id="no JSON"),
        pytest.param([{"raw": 'data: {"choices": 5}\n\n'}], BrokenStreamError, True, id="shape"),
        pytest.param(
            [{"tool_calls": [{"name": "a", "arguments": '{"b": '}]}],
            BadToolCallError,
            True,
            id="arguments",
        ),
        pytest.param(
            [{"tool_calls": [{"name": "", "arguments": {}}]}], BadToolCallError, True, id="no name"
        ),
    ],
)
async def test_failures_have_names_and_leave_the_provider_working(
    groq: FakeGroq,
    groq_provider: GroqProvider,
    steps: list[dict[str, Any]],
    error: type[ProviderError],
    retryable: bool,
) -> None:
    """Every failure is one of ours, is not retried behind our back, and the next turn works."""
    groq.script(*steps)
    groq.script({"content": "Oi."})
    with pytest.raises(ProviderError) as failure:
        await collect(groq_provider, request(MODEL))
    assert type(failure.value) is error
    assert failure.value.retryable is retryable
    assert len(groq.requests) == 1
    assert text(await collect(groq_provider, request(MODEL))) == "Oi."


@pytest.mark.parametrize("model", ["gone/model", "llama-3.3-70b-versatile"])
async def test_a_model_that_is_gone_is_told(groq_provider: GroqProvider, model: str) -> None:
    """Unknown and decommissioned models are one error: choose another."""
    with pytest.raises(ModelMissingError, match=model):
        await collect(groq_provider, request(model))


async def test_a_wrong_key_is_told(groq: FakeGroq) -> None:
    """A refused key is an error of its own, without the key in its text."""
    provider = GroqProvider("gsk_wrong", base_url=groq.url, deadlines=PATIENCE)
    with pytest.raises(AuthError) as failure:
        await provider.models()
    assert "gsk_wrong" not in str(failure.value)
    await provider.close()


async def test_silence_before_the_headers_stalls(sockets: None) -> None:
    """The first deadline also covers a service that does not even send a status."""

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    provider = GroqProvider("gsk_test", base_url=url, deadlines=NO_PATIENCE)
    with pytest.raises(StalledError):
        await collect(provider, request(MODEL))
    with pytest.raises(StalledError):
        await provider.models()
    await provider.close()
    server.close()
    await server.wait_closed()


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param([{"content": "a"}, {"stall": True}], id="falls silent"),
        pytest.param([{"content": "a"}, *PINGS], id="only keeps the connection open"),
    ],
)
async def test_silence_has_an_end(groq: FakeGroq, steps: list[dict[str, Any]]) -> None:
    """A service that says nothing more is given up."""
    provider = GroqProvider(groq.api_key, base_url=groq.url, deadlines=SOON_SILENT)
    groq.script(*steps)
    with pytest.raises(StalledError):
        await collect(provider, request(MODEL))
    await provider.close()


@pytest.mark.parametrize("leave", ["close", "cancel"])
async def test_leaving_closes_the_connection(
    groq: FakeGroq, groq_provider: GroqProvider, leave: str
) -> None:
    """Closing the stream or cancelling its reader ends the service's work at once."""
    groq.script({"content": "Era"}, {"stall": True})
    await leave_mid_answer(groq_provider, request(MODEL), leave)
    await asyncio.wait_for(groq.closed_early.wait(), 30)


async def test_nobody_there_is_unreachable(unused_tcp_port: int) -> None:
    """A closed port fails by name everywhere."""
    provider = GroqProvider(
        "gsk_test", base_url=f"http://127.0.0.1:{unused_tcp_port}", deadlines=PATIENCE
    )
    for attempt in (provider.models(), collect(provider, request(MODEL))):
        with pytest.raises(UnreachableError):
            await attempt
    await provider.close()


async def test_lists_active_chat_models(groq_provider: GroqProvider) -> None:
    """Models that hear, speak or are switched off are left out."""
    assert await groq_provider.models() == [
        Model(id=MODEL, context_length=131072),
        Model(id="qwen/qwen3.6-27b", context_length=131072),
    ]


async def test_a_shared_client_stays_open(groq: FakeGroq) -> None:
    """Home Assistant's client is used and never closed."""
    async with httpx.AsyncClient() as shared:
        provider = GroqProvider(
            groq.api_key, base_url=groq.url, http_client=shared, deadlines=PATIENCE
        )
        await provider.models()
        await provider.close()
        assert not shared.is_closed


FIRST_REQUEST = """
import asyncio, sys
from custom_components.jonh.providers.base import UnreachableError
from custom_components.jonh.providers.groq import GroqProvider
from tests.jonh.providers.streams import collect, request

async def main(provider):
    for attempt in (provider.models(), collect(provider, request("m"))):
        try:
            await attempt
        except UnreachableError:
            pass

provider = GroqProvider("k", base_url="http://127.0.0.1:9")
before = set(sys.modules)
asyncio.run(main(provider))
print(sorted(name for name in set(sys.modules) - before if name.startswith("groq")))
"""


def test_a_first_request_imports_nothing_of_the_client() -> None:
    """Everything is loaded when the provider is built, outside the event loop."""
    done = subprocess.run(
        [sys.executable, "-c", FIRST_REQUEST], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


async def test_closing_twice_is_harmless(groq: FakeGroq) -> None:
    """An entry may be unloaded twice."""
    provider = GroqProvider(groq.api_key, base_url=groq.url, deadlines=PATIENCE)
    await provider.models()
    await provider.close()
    await provider.close()


async def broken_off(error: Exception) -> AsyncGenerator[bytes]:
    """Begin an answer that ends in an error of the connection."""
    yield b'data: {"id": "1", "choices": [{"index": 0, "delta": {"content": "Era"}}]}\n\n'
    raise error


@pytest.mark.parametrize(
    ("trouble", "is_late", "error"),
    [
        pytest.param(httpx.ConnectTimeout("late"), False, UnreachableError, id="connect timeout"),
        pytest.param(httpx.ConnectError("refused"), False, UnreachableError, id="refused"),
        pytest.param(httpx.ReadTimeout("late"), False, StalledError, id="timeout"),
        pytest.param(httpx.ReadTimeout("late"), True, StalledError, id="timeout in the middle"),
        pytest.param(httpx.ReadError("reset"), True, BrokenStreamError, id="reset in the middle"),
    ],
)
async def test_every_trouble_of_the_connection_has_a_name(
    trouble: Exception, is_late: bool, error: type[ProviderError]
) -> None:
    """What the HTTP library raises never leaves the provider."""

    def fail(_request: httpx.Request) -> httpx.Response:
        if is_late:
            return httpx.Response(200, content=broken_off(trouble))
        raise trouble

    async with httpx.AsyncClient(transport=httpx.MockTransport(fail)) as shared:
        provider = GroqProvider("k", http_client=shared, deadlines=PATIENCE)
        with pytest.raises(ProviderError) as failure:
            await collect(provider, request(MODEL))
    assert type(failure.value) is error
