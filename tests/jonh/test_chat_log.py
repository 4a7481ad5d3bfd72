"""Conversion between Home Assistant's chat log and provider messages."""

from typing import Any, override

import probatio
import pytest
from homeassistant.components.conversation import (
    AssistantContent,
    Content,
    SystemContent,
    ToolResultContent,
    UserContent,
)
from homeassistant.helpers import llm

from custom_components.jonh.chat_log import (
    PAST_RESULT_MAX_CHARS,
    full_tool_name,
    shorten_results,
    to_messages,
    to_tools,
    turns,
)
from custom_components.jonh.providers.base import (
    AssistantMessage,
    ToolCall,
    ToolResultMessage,
    UserMessage,
)

AGENT = "conversation.jonh"
OFFERED = ["intent__HassTurnOn", "light__HassLightSet", "a__Twice", "b__Twice"]


def called(call_id: str, *, external: bool = False) -> AssistantContent:
    """Return an answer that is one tool call."""
    call = llm.ToolInput(
        tool_name="intent__HassTurnOn", tool_args={"name": "Luz"}, id=call_id, external=external
    )
    return AssistantContent(agent_id=AGENT, tool_calls=[call])


def result(call_id: str) -> ToolResultContent:
    """Return what came out of a call."""
    return ToolResultContent(
        agent_id=AGENT,
        tool_call_id=call_id,
        tool_name="intent__HassTurnOn",
        result=llm.ToolResult(data={"ok": True}),
    )


def answer(text: str) -> AssistantContent:
    """Return an answer in words."""
    return AssistantContent(agent_id=AGENT, content=text)


def test_call_and_result_stay_together() -> None:
    """Both are converted, in their order."""
    call = ToolCall(id="1", name="intent__HassTurnOn", args={"name": "Luz"})
    assert to_messages([UserContent("acenda"), called("1"), result("1"), answer("Pronto.")]) == [
        UserMessage("acenda"),
        AssistantMessage(tool_calls=(call,)),
        ToolResultMessage(call_id="1", name="intent__HassTurnOn", result='{"ok":true}'),
        AssistantMessage("Pronto."),
    ]


def test_result_that_is_no_json() -> None:
    """A tool that returns an object of its own does not break the turn."""
    strange = ToolResultContent(
        agent_id=AGENT,
        tool_call_id="1",
        tool_name="intent__HassTurnOn",
        result=llm.ToolResult(data={"ok": object}),
    )
    message = to_messages([UserContent("acenda"), called("1"), strange])[-1]
    assert isinstance(message, ToolResultMessage)
    assert "ok" in message.result


@pytest.mark.parametrize(
    "contents",
    [
        pytest.param([called("1")], id="call without result"),
        pytest.param([result("1")], id="result without call"),
        pytest.param([called("1", external=True), result("1")], id="done by Home Assistant"),
        pytest.param([answer("Error: CancelledError")], id="filler of a failed turn"),
        pytest.param([answer("(no response)")], id="filler of an empty turn"),
        pytest.param([answer("")], id="nothing said"),
    ],
)
def test_what_a_model_must_not_see(contents: list[Content]) -> None:
    """Only the user's words are left."""
    assert to_messages([UserContent("oi"), *contents]) == [UserMessage("oi")]


def test_turns_start_with_the_user() -> None:
    """What stands before the first user message belongs to no turn."""
    first, second = UserContent("um"), UserContent("dois")
    log = [SystemContent("regras"), first, answer("1"), second]
    assert list(turns(log)) == [[first, log[2]], [second]]
    assert list(turns([])) == []


def test_long_results_are_cut_for_later_turns() -> None:
    """A dump of the home is useful once; words are never cut."""
    long = "x" * (PAST_RESULT_MAX_CHARS + 1)
    message = ToolResultMessage(call_id="1", name="dump", result=long)
    shortened, words = shorten_results([message, UserMessage(long)])
    assert isinstance(shortened, ToolResultMessage)
    assert shortened.result == "x" * PAST_RESULT_MAX_CHARS + " ..."
    assert words == UserMessage(long)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("light__HassLightSet", "light__HassLightSet", id="exact"),
        pytest.param("HassLightSet", "light__HassLightSet", id="no prefix"),
        pytest.param("intent__HassLightSet", "light__HassLightSet", id="wrong prefix"),
        pytest.param("Twice", "Twice", id="two could be meant"),
        pytest.param("Teleport", "Teleport", id="unknown"),
    ],
)
def test_full_tool_name(name: str, expected: str) -> None:
    """A name is completed only when there is one tool it can mean."""
    assert full_tool_name(name, OFFERED) == expected


class Dimmer(llm.Tool):
    """A tool that needs a name."""

    name = "test__Dim"
    description = "Dims a light"
    integration = "test"
    parameters = probatio.Schema({probatio.Required("name"): str})

    @override
    async def async_call(self, *_: Any) -> llm.ToolResult:
        raise AssertionError


def test_tools_are_converted() -> None:
    """The parameters of a tool become a JSON schema; without an API there are no tools."""
    api = llm.APIInstance(api=None, api_prompt="", llm_context=None, tools=[Dimmer()])
    (tool,) = to_tools(api)
    assert (tool.name, tool.description) == ("test__Dim", "Dims a light")
    assert tool.parameters["properties"]["name"]["type"] == "string"
    assert tool.parameters["required"] == ["name"]
    assert to_tools(None) == ()
