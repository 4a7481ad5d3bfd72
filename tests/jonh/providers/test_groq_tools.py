"""Tool calls over Groq: sent, received, broken and refused."""

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from custom_components.jonh.providers.base import (
    AssistantMessage,
    BadToolCallError,
    Done,
    StopReason,
    ToolCall,
    ToolResultMessage,
    UserMessage,
)
from custom_components.jonh.providers.groq_wire import ANSWER_TOOL
from tests.jonh.providers.streams import TURN_ON, calls, collect, request, text

if TYPE_CHECKING:
    from custom_components.jonh.providers.groq import GroqProvider
    from tests.fakes.groq import FakeGroq

MODEL = "openai/gpt-oss-20b"
FAILED_CALL = '{"name": "%s", "arguments": {"name": "luz", "level": ""}}'


def refusal(status: int, code: str = "", error: str = "refused", **fields: Any) -> dict[str, Any]:
    """Script the refusal of a request."""
    return {"status": status, "code": code, "error": error, **fields}


@pytest.mark.parametrize("pieces", [1, 3, 40])
async def test_joins_fragments_of_tool_calls(
    groq: FakeGroq, groq_provider: GroqProvider, pieces: int
) -> None:
    """However the arguments are cut, the calls come out whole and in order."""
    made = [
        {"name": TURN_ON.name, "arguments": {"name": "Luz da Sala", "area": ""}},
        {"name": TURN_ON.name, "arguments": {"name": "Abajur", "level": 40}},
    ]
    groq.script({"tool_calls": made, "pieces": pieces})
    events = await collect(groq_provider, request(MODEL, tools=[TURN_ON]))
    assert calls(events) == [
        ToolCall(id="fc_0", name=TURN_ON.name, args={"name": "Luz da Sala"}),
        ToolCall(id="fc_1", name=TURN_ON.name, args={"name": "Abajur", "level": 40}),
    ]
    assert events[-1] == Done(StopReason.TOOL_CALLS)
    (tool,) = groq.bodies("/openai/v1/chat/completions")[0]["tools"]
    assert tool["function"]["parameters"] == TURN_ON.parameters


async def test_sends_calls_and_results_back(groq: FakeGroq, groq_provider: GroqProvider) -> None:
    """Calls and results are paired by id and their arguments are JSON text."""
    call = ToolCall(id="call_7", name=TURN_ON.name, args={"name": "Sótão"})
    result = ToolResultMessage(call_id="call_7", name=TURN_ON.name, result='{"ok": true}')
    asked = UserMessage("turn on the light")
    chat = request(MODEL, asked, AssistantMessage("", (call,)), result, tools=[TURN_ON])
    assert text(await collect(groq_provider, chat)) == "Done, the light is on."
    sent = groq.bodies("/openai/v1/chat/completions")[0]["messages"]
    function = {"name": TURN_ON.name, "arguments": '{"name": "Sótão"}'}
    assert sent[1]["tool_calls"] == [{"id": "call_7", "type": "function", "function": function}]
    assert sent[2] == {"role": "tool", "content": '{"ok": true}', "tool_call_id": "call_7"}


@pytest.mark.parametrize("is_late", [False, True], ids=["refused", "error event"])
async def test_a_refused_call_that_can_be_read_is_a_call(
    groq: FakeGroq, groq_provider: GroqProvider, is_late: bool
) -> None:
    """The service's own check of the arguments is stricter than our tools."""
    extra = {"failed_generation": FAILED_CALL % TURN_ON.name}
    groq.script(
        {"error": "x", "extra": {"code": "tool_use_failed", "status_code": 400, **extra}}
        if is_late
        else refusal(400, "tool_use_failed", extra=extra)
    )
    events = await collect(groq_provider, request(MODEL, tools=[TURN_ON]))
    (call,) = calls(events)
    assert (call.name, call.args) == (TURN_ON.name, {"name": "luz"})
    assert events[-1] == Done(StopReason.TOOL_CALLS)


async def test_a_refused_call_of_another_tool_is_none(
    groq: FakeGroq, groq_provider: GroqProvider
) -> None:
    """A tool that was not offered is never called."""
    groq.script(refusal(400, "tool_use_failed", extra={"failed_generation": FAILED_CALL % "other"}))
    with pytest.raises(BadToolCallError):
        await collect(groq_provider, request(MODEL, tools=[TURN_ON]))


async def test_a_bad_second_call_takes_the_first_one_with_it(
    groq: FakeGroq, groq_provider: GroqProvider
) -> None:
    """Nothing is handed out of an answer that has to be asked for again."""
    good = {"name": TURN_ON.name, "arguments": {"name": "luz"}}
    groq.script({"tool_calls": [good, {"name": TURN_ON.name, "arguments": "{"}]})
    received: list[object] = []

    async def read() -> None:
        async for event in groq_provider.stream(request(MODEL, tools=[TURN_ON])):
            received.append(event)

    with pytest.raises(BadToolCallError):
        await read()
    assert received == []


async def test_tool_calls_count_whatever_the_finish_reason(
    groq: FakeGroq, groq_provider: GroqProvider
) -> None:
    """Some models call tools and say that they just stopped."""
    call = {"index": 0, "id": "a", "function": {"name": TURN_ON.name, "arguments": "{}"}}
    choice = {"index": 0, "delta": {"tool_calls": [call]}, "finish_reason": "stop"}
    chunk = json.dumps({"id": "1", "choices": [choice]})
    groq.script({"raw": f"data: {chunk}\n\ndata: [DONE]\n\n"}, {"end": True})
    events = await collect(groq_provider, request(MODEL, tools=[TURN_ON]))
    assert [call.id for call in calls(events)] == ["a"]
    assert events[-1] == Done(StopReason.TOOL_CALLS)


SCHEMA = {"type": "object", "properties": {"nome": {"type": "string"}}, "required": ["nome"]}


@pytest.mark.parametrize("pieces", [1, 4])
async def test_data_of_a_shape_comes_as_the_answer(
    groq: FakeGroq, groq_provider: GroqProvider, pieces: int
) -> None:
    """The model has to call a tool of that shape, and what it hands over is the text."""
    data = {"nome": "Sótão"}
    groq.script({"tool_calls": [{"name": ANSWER_TOOL, "arguments": data}], "pieces": pieces})
    events = await collect(groq_provider, replace(request(MODEL), json_schema=SCHEMA))
    assert json.loads(text(events)) == data
    assert calls(events) == []
    assert events[-1] == Done(StopReason.STOP)
    (body,) = groq.bodies("/openai/v1/chat/completions")
    (tool,) = body["tools"]
    assert tool["function"]["parameters"] == SCHEMA
    assert body["tool_choice"]["function"]["name"] == tool["function"]["name"]
