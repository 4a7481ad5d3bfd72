"""Tool calls in what the service refused, in the writing of different models."""

import json

import pytest

from custom_components.jonh.providers.groq_wire import calls_in
from tests.jonh.providers.streams import TURN_ON

NAME = TURN_ON.name
CALL = json.dumps({"name": NAME, "arguments": {"name": "Luz da Sala"}})


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(CALL, id="JSON"),
        pytest.param(f"[{CALL}]", id="list"),
        pytest.param(f"<tool_call>\n{CALL}\n</tool_call>", id="tags"),
        pytest.param(f"Claro! ```json\n{CALL}\n```", id="fence"),
        pytest.param(CALL.replace("arguments", "parameters"), id="parameters"),
        pytest.param(CALL.replace(NAME, f"functions.{NAME}"), id="functions."),
        pytest.param(CALL.replace(NAME, f"{NAME}<|channel|>commentary"), id="channel"),
        pytest.param(f'{{"type": "function", "function": {CALL}}}', id="function"),
        pytest.param(f'{{"tool_calls": [{CALL}]}}', id="tool_calls"),
        pytest.param(f'<function={NAME}>{{"name": "Luz da Sala"}}</function>', id="function tag"),
        pytest.param(f'<function={NAME} {{"name": "Luz da Sala"}}></function>', id="blank"),
        pytest.param(f'<function={NAME}({{"name": "Luz da Sala"}})></function>', id="brackets"),
        pytest.param(
            json.dumps({"name": NAME, "arguments": json.dumps({"name": "Luz da Sala"})}), id="text"
        ),
        pytest.param("{broken " + CALL, id="after rubbish"),
    ],
)
def test_a_call_is_read(text: str) -> None:
    """However it is written, it is the same call."""
    (call,) = calls_in(text, [TURN_ON])
    assert (call.name, call.args) == (NAME, {"name": "Luz da Sala"})
    assert call.id


def test_several_calls_have_different_ids() -> None:
    """Their results can be told apart."""
    first, second = calls_in(CALL + CALL, [TURN_ON])
    assert first.id != second.id


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("Pronto, acendi a luz.", id="words"),
        pytest.param(CALL.replace(NAME, "other"), id="another tool"),
        pytest.param(CALL + CALL.replace(NAME, "other"), id="one of them another tool"),
        pytest.param(f'{{"name": "{NAME}", "arguments": {{"level": 3}}}}', id="a value is missing"),
        pytest.param(f'{{"name": "{NAME}", "arguments": "[1]"}}', id="arguments are a list"),
        pytest.param(CALL[:-4], id="cut off"),
        pytest.param("[1, null]", id="numbers"),
        pytest.param('{"name": 5, "arguments": {}}', id="a name that is none"),
    ],
)
def test_what_is_no_right_call_is_none(text: str) -> None:
    """A guess must not switch anything in a home."""
    assert calls_in(text, [TURN_ON]) == []
