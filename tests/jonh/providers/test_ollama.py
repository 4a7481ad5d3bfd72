"""The Ollama provider against a server that speaks Ollama's protocol."""

import asyncio
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from custom_components.jonh.providers.base import (
    AssistantMessage,
    AuthError,
    BadRequestError,
    BadToolCallError,
    BrokenStreamError,
    BusyError,
    ChatRequest,
    ContextOverflowError,
    Done,
    ModelMissingError,
    ProviderError,
    RateLimitedError,
    ServiceError,
    StalledError,
    StopReason,
    SystemMessage,
    TextDelta,
    ThinkingDelta,
    ToolCall,
    ToolResultMessage,
    ToolsUnsupportedError,
    Usage,
    UserMessage,
)
from custom_components.jonh.providers.ollama import OllamaProvider
from tests.fakes.ollama import StoredModel
from tests.jonh.providers.conftest import NO_PATIENCE, OLLAMA_MODEL, PATIENCE, SOON_SILENT
from tests.jonh.providers.streams import TURN_ON, calls, collect, leave_mid_answer, request, text

if TYPE_CHECKING:
    from custom_components.jonh.providers.deadlines import Deadlines
    from tests.fakes.ollama import FakeOllama

BLANKS: list[dict[str, Any]] = [{"raw": "\n"}, {"sleep_s": 0.1}] * 100


async def test_streams_text_then_usage_then_done(
    ollama: FakeOllama, ollama_provider: OllamaProvider
) -> None:
    """The deltas of an answer come in order and end with what it cost."""
    ollama.script({"thinking": "hum"}, {"content": "São "}, {"content": "dez horas."})
    events = await collect(ollama_provider, request(OLLAMA_MODEL))
    assert text(events) == "São dez horas."
    assert events[0] == ThinkingDelta("hum")
    assert events[-2:] == [
        Usage(prompt_tokens=120, completion_tokens=12, load_s=0.25, prompt_s=0.3, total_s=0.9),
        Done(StopReason.STOP),
    ]


async def test_turns_share_their_connections(
    ollama: FakeOllama, ollama_provider: OllamaProvider
) -> None:
    """A complete answer leaves its connection, and that of the question beside it, for the next."""
    for _ in range(3):
        await collect(ollama_provider, request(OLLAMA_MODEL))
    assert len(ollama.peers) <= 2


@pytest.mark.parametrize(
    "trouble", [{"cut": True}, {"raw": "half a li"}, {"error": "late"}, {"stall": True}]
)
async def test_a_complete_answer_is_not_spoiled(
    ollama: FakeOllama, ollama_provider: OllamaProvider, trouble: dict[str, Any]
) -> None:
    """What goes wrong after the last line does not matter any more."""
    last = '{"message":{"role":"assistant","content":"Oi."},"done":true,"done_reason":"stop"}\n'
    ollama.script({"raw": last}, {"sleep_s": 0.05}, trouble, {"end": True})
    events = await collect(ollama_provider, request(OLLAMA_MODEL))
    assert text(events) == "Oi."
    assert events[-1] == Done(StopReason.STOP)


async def test_tells_that_the_answer_reached_its_limit(
    ollama: FakeOllama, ollama_provider: OllamaProvider
) -> None:
    """An answer cut at the token limit is not reported as complete."""
    ollama.script({"content": "Era uma vez"}, {"length": True})
    events = await collect(ollama_provider, request(OLLAMA_MODEL, max_tokens=3))
    assert events[-1] == Done(StopReason.LENGTH)
    assert ollama.bodies("/api/chat")[0]["options"]["num_predict"] == 3


async def test_sends_every_option(ollama: FakeOllama, ollama_provider: OllamaProvider) -> None:
    """Thinking is off in so many words, and the runner options are those asked for."""
    chat = ChatRequest(
        model=OLLAMA_MODEL,
        messages=[SystemMessage("regras"), UserMessage("oi")],
        temperature=0.3,
        num_ctx=4096,
        keep_alive_s=-1,
    )
    await collect(ollama_provider, chat)
    (body,) = ollama.bodies("/api/chat")
    assert body == {
        "model": OLLAMA_MODEL,
        "messages": [
            {"role": "system", "content": "regras"},
            {"role": "user", "content": "oi"},
        ],
        "stream": True,
        "think": False,
        "truncate": False,
        "options": {"temperature": 0.3, "num_predict": 512, "num_ctx": 4096},
        "keep_alive": -1,
    }


async def test_sends_tool_schemas_whole(
    ollama: FakeOllama, ollama_provider: OllamaProvider
) -> None:
    """Alternatives, ranges and closed objects of a schema reach the server."""
    await collect(ollama_provider, request(OLLAMA_MODEL, tools=[TURN_ON]))
    (tool,) = ollama.bodies("/api/chat")[0]["tools"]
    assert tool["type"] == "function"
    assert tool["function"]["parameters"] == TURN_ON.parameters


async def test_data_of_a_shape_comes_as_the_answer(
    ollama: FakeOllama, ollama_provider: OllamaProvider
) -> None:
    """The server is told the shape, and nothing else about the request changes."""
    schema = {"type": "object", "properties": {"nome": {"type": "string"}}}
    ollama.script({"content": '{"nome": "Sótão"}'})
    plain = request(OLLAMA_MODEL)
    await collect(ollama_provider, replace(plain, json_schema=schema))
    await collect(ollama_provider, plain)
    shaped, asked = ollama.bodies("/api/chat")
    assert shaped.pop("format") == schema
    assert shaped == asked


async def test_cleans_tool_arguments(ollama: FakeOllama, ollama_provider: OllamaProvider) -> None:
    """Empty values go and lists written as text become lists."""
    arguments = {"name": "luz", "area": "", "floor": None, "domain": '["light"]', "level": 0}
    ollama.script({"tool_calls": [{"name": TURN_ON.name, "arguments": arguments}]})
    events = await collect(ollama_provider, request(OLLAMA_MODEL, tools=[TURN_ON]))
    (call,) = calls(events)
    assert call.name == TURN_ON.name
    assert call.args == {"name": "luz", "domain": ["light"], "level": 0}
    assert call.id


async def test_calls_without_ids_get_different_ones(
    ollama: FakeOllama, ollama_provider: OllamaProvider
) -> None:
    """An older server gives no ids; results still find their calls."""
    function = '{"function":{"name":"a","arguments":{}}}'
    line = '{"message":{"role":"assistant","tool_calls":[%s,%s]},"done":false}\n'
    ollama.script({"raw": line % (function, function)})
    first, second = calls(await collect(ollama_provider, request(OLLAMA_MODEL, tools=[TURN_ON])))
    assert first.id != second.id


async def test_sends_calls_and_results_back(
    ollama: FakeOllama, ollama_provider: OllamaProvider
) -> None:
    """A result names its call, so that two parallel ones can be told apart."""
    call = ToolCall(id="call_7", name=TURN_ON.name, args={"name": "luz"})
    result = ToolResultMessage(call_id="call_7", name=TURN_ON.name, result='{"ok": true}')
    asked = UserMessage("acenda a luz")
    chat = request(OLLAMA_MODEL, asked, AssistantMessage("", (call,)), result, tools=[TURN_ON])
    assert text(await collect(ollama_provider, chat)) == "Pronto, a luz está acesa."
    assert ollama.bodies("/api/chat")[0]["messages"][1:] == [
        {
            "role": "assistant",
            "content": "",
            "tool_calls": [
                {"id": "call_7", "function": {"name": TURN_ON.name, "arguments": {"name": "luz"}}}
            ],
        },
        {
            "role": "tool",
            "content": '{"ok": true}',
            "tool_name": TURN_ON.name,
            "tool_call_id": "call_7",
        },
    ]


@pytest.mark.parametrize(
    ("steps", "error", "retryable"),
    [
        pytest.param([{"status": 400, "error": "bad"}], BadRequestError, False, id="400"),
        pytest.param([{"status": 401}], AuthError, False, id="401"),
        pytest.param([{"status": 403}], AuthError, False, id="403"),
        pytest.param([{"status": 404}], BadRequestError, False, id="404 of no model"),
        pytest.param([{"status": 429}], RateLimitedError, True, id="429"),
        pytest.param([{"status": 500, "error": "out of memory"}], ServiceError, True, id="500"),
        pytest.param([{"status": 503}], BusyError, True, id="503"),
        pytest.param([{"content": "a"}, {"error": "runner stopped"}], ServiceError, True, id="er"),
        pytest.param([{"error": "error parsing tool call"}], BadToolCallError, True, id="bad call"),
        pytest.param([{"content": "a"}, {"cut": True}], BrokenStreamError, True, id="cut"),
        pytest.param([{"cut": True}], BrokenStreamError, True, id="cut before text"),
        pytest.param([{"content": "a"}, {"end": True}], BrokenStreamError, True, id="no last line"),
        pytest.param([{"raw": '{"message": {'}, {"end": True}], BrokenStreamError, True, id="half"),
        pytest.param([{"raw": "[1]\n"}], BrokenStreamError, True, id="no object"),
        pytest.param([{"raw": '{"message": 5}\n'}], BrokenStreamError, True, id="no message"),
        pytest.param(
            [{"tool_calls": [{"name": "a", "arguments": "{"}]}], BadToolCallError, True, id="args"
        ),
    ],
)
async def test_failures_have_names_and_leave_the_provider_working(
    ollama: FakeOllama,
    ollama_provider: OllamaProvider,
    steps: list[dict[str, Any]],
    error: type[ProviderError],
    retryable: bool,
) -> None:
    """Every failure is one of ours, and the next request is answered."""
    ollama.script(*steps)
    ollama.script({"content": "Oi."})
    with pytest.raises(ProviderError) as failure:
        await collect(ollama_provider, request(OLLAMA_MODEL))
    assert type(failure.value) is error
    assert failure.value.retryable is retryable
    assert text(await collect(ollama_provider, request(OLLAMA_MODEL))) == "Oi."


async def test_a_missing_model_is_named(ollama_provider: OllamaProvider) -> None:
    """A model that is not on the server is its own error, and the text names it."""
    with pytest.raises(ModelMissingError, match="gone:1b"):
        await collect(ollama_provider, request("gone:1b"))


async def test_a_model_without_tools_is_told(ollama_provider: OllamaProvider) -> None:
    """Tools offered to a model that cannot call them are refused by name."""
    with pytest.raises(ToolsUnsupportedError):
        await collect(ollama_provider, request("llama2:7b", tools=[TURN_ON]))


async def test_a_busy_server_is_told(ollama: FakeOllama, ollama_provider: OllamaProvider) -> None:
    """A full queue can be tried again later."""
    ollama.is_busy = True
    with pytest.raises(BusyError):
        await collect(ollama_provider, request(OLLAMA_MODEL))


async def test_blank_lines_are_no_events(
    ollama: FakeOllama, ollama_provider: OllamaProvider
) -> None:
    """Lines that keep a connection open are skipped."""
    ollama.script({"raw": "\n \n"}, {"content": "Oi"}, {"raw": "\r\n"}, {"content": "."})
    assert text(await collect(ollama_provider, request(OLLAMA_MODEL))) == "Oi."


@pytest.mark.parametrize(
    ("steps", "deadlines"),
    [
        pytest.param([{"stall": True}], NO_PATIENCE, id="silent"),
        pytest.param([{"content": "a"}, {"stall": True}], SOON_SILENT, id="falls silent"),
        pytest.param(BLANKS, NO_PATIENCE, id="only keeps the connection open"),
    ],
)
async def test_silence_has_an_end(
    ollama: FakeOllama, steps: list[dict[str, Any]], deadlines: Deadlines
) -> None:
    """A server that accepts and says nothing is given up."""
    provider = OllamaProvider(ollama.url, deadlines=deadlines)
    ollama.script(*steps)
    with pytest.raises(StalledError):
        await collect(provider, request(OLLAMA_MODEL))
    await provider.close()


async def test_a_cold_model_gets_time_to_load(ollama: FakeOllama) -> None:
    """Loading may take longer than a model in memory may."""
    ollama.loaded.clear()
    ollama.load_s = 0.8
    ollama.script({"content": "Oi."})
    provider = OllamaProvider(ollama.url, deadlines=replace(PATIENCE, first_event_s=0.3))
    assert text(await collect(provider, request(OLLAMA_MODEL))) == "Oi."
    await provider.close()


async def test_a_loaded_model_gets_less_time(ollama: FakeOllama) -> None:
    """A model in memory that says nothing is given up long before a cold one would be."""
    provider = OllamaProvider(ollama.url, deadlines=replace(PATIENCE, first_event_s=0.3))
    ollama.script({"stall": True})
    with pytest.raises(StalledError):
        await collect(provider, request(OLLAMA_MODEL))
    await provider.close()


async def test_a_turn_waits_for_one_request_only(
    ollama: FakeOllama, ollama_provider: OllamaProvider
) -> None:
    """The first word comes although the question beside the request is not answered."""
    ollama.ps_s = 30.0
    ollama.script({"content": "Oi"}, {"stall": True})
    async with aclosing(ollama_provider.stream(request(OLLAMA_MODEL))) as events:
        assert await anext(events) == TextDelta("Oi")
    assert {path for path, _ in ollama.requests} == {"/api/chat", "/api/ps"}


async def test_a_server_that_cannot_tell_gets_the_time_to_load(ollama: FakeOllama) -> None:
    """Whoever does not know what is in memory may have to load."""
    ollama.ps_status = 404
    ollama.script({"sleep_s": 0.8}, {"content": "Oi."})
    provider = OllamaProvider(ollama.url, deadlines=replace(PATIENCE, first_event_s=0.3))
    assert text(await collect(provider, request(OLLAMA_MODEL))) == "Oi."
    await provider.close()


@pytest.mark.parametrize(
    ("model", "capabilities", "think"),
    [
        pytest.param("plain:1b", ["completion"], False, id="cannot think"),
        pytest.param("qwen3:8b", ["completion", "thinking"], False, id="need not think"),
        pytest.param("gpt-oss:20b", ["completion", "thinking"], "low", id="cannot but think"),
    ],
)
async def test_no_more_thinking_than_needed(
    ollama: FakeOllama,
    ollama_provider: OllamaProvider,
    model: str,
    capabilities: list[str],
    think: bool | str,
) -> None:
    """Every family is told in words that it understands, and none refuses them."""
    ollama.models[model] = StoredModel(capabilities=capabilities)
    events = await collect(ollama_provider, request(model))
    assert ollama.bodies("/api/chat")[0]["think"] == think
    assert any(isinstance(event, ThinkingDelta) for event in events) is (think == "low")
    assert text(events)


async def test_a_prompt_that_does_not_fit_is_refused(
    ollama: FakeOllama, ollama_provider: OllamaProvider
) -> None:
    """The server says so instead of cutting the rules away, and a shorter one is answered."""
    chat = ChatRequest(
        model=OLLAMA_MODEL, messages=[UserMessage("acenda a luz " * 1000)], num_ctx=2048
    )
    with pytest.raises(ContextOverflowError) as failure:
        await collect(ollama_provider, chat)
    assert not failure.value.retryable
    ollama.script({"content": "Oi."})
    short = replace(chat, messages=[UserMessage("oi")])
    assert text(await collect(ollama_provider, short)) == "Oi."


async def test_an_overflow_tells_its_numbers_where_the_server_does(
    ollama: FakeOllama, ollama_provider: OllamaProvider
) -> None:
    """Both lengths are in the error of newer servers."""
    said = "request (4476 tokens) exceeds the available context size (4096 tokens)"
    ollama.script({"status": 400, "error": said})
    with pytest.raises(ContextOverflowError) as failure:
        await collect(ollama_provider, request(OLLAMA_MODEL))
    assert (failure.value.needed_tokens, failure.value.limit_tokens) == (4476, 4096)


@pytest.mark.parametrize("leave", ["close", "cancel"])
async def test_leaving_frees_the_server(
    ollama: FakeOllama, ollama_provider: OllamaProvider, leave: str
) -> None:
    """Closing the stream or cancelling its reader ends the server's work at once."""
    ollama.script({"content": "Era"}, {"stall": True})
    await leave_mid_answer(ollama_provider, request(OLLAMA_MODEL), leave)
    await asyncio.wait_for(ollama.closed_early.wait(), 30)
