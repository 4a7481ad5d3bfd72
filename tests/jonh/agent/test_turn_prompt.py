"""A prompt that fits."""

import pytest

from custom_components.jonh.agent.turn_prompt import (
    RELEVANT_FAR,
    RELEVANT_NEAR,
    Budget,
    TurnPrompt,
)
from custom_components.jonh.providers.base import (
    AssistantMessage,
    Message,
    SystemMessage,
    ToolCall,
    ToolResultMessage,
    UserMessage,
)


def turn(number: int) -> list[Message]:
    """Return one question and its answer, some 40 tokens."""
    return [UserMessage(f"pergunta {number} ".ljust(60)), AssistantMessage("resposta ".ljust(60))]


HISTORY = [message for number in range(5) for message in turn(number)]
CALL = ToolCall(id="1", name="home_control", args={"action": "on"})
ROUNDS: list[Message] = [
    AssistantMessage(tool_calls=(CALL,)),
    ToolResultMessage(call_id="1", name="home_control", result="Luz: ligada"),
]


def prompt(*, has_full_map: bool = True, tools_tokens: int = 100) -> TurnPrompt:
    """Return a prompt whose last message says how many entities it describes."""
    return TurnPrompt(
        system="regras " * 60,
        system_reduced="regras " * 10,
        has_full_map=has_full_map,
        tools_tokens=tools_tokens,
        history=HISTORY,
        last=lambda count: f"{count} estados",
    )


def questions(messages: tuple[Message, ...]) -> list[str]:
    """Return the questions of the past in a prompt."""
    return [m.text.strip() for m in messages[1:] if isinstance(m, UserMessage)][:-1]


def test_without_limits_everything_is_sent() -> None:
    """Nobody says what fits, so nothing is left out, and the order is that of the talk."""
    messages = prompt().messages(ROUNDS, Budget(), is_local=True)
    assert messages == (
        SystemMessage("regras " * 60),
        *HISTORY,
        UserMessage(f"{RELEVANT_NEAR} estados"),
        *ROUNDS,
    )


@pytest.mark.parametrize(
    ("budget", "kept"),
    [
        (Budget(window=8192, answer=512), 5),
        (Budget(window=512, answer=50), 3),
        (Budget(window=8192, quota=512, answer=50), 3),
        (Budget(window=380, answer=50), 0),
    ],
    ids=["all", "window", "quota", "none of the past"],
)
def test_oldest_turns_go_first(budget: Budget, kept: int) -> None:
    """Whole turns are dropped from the oldest on; the stable part stays as it is."""
    messages = prompt().messages((), budget, is_local=True)
    assert questions(messages) == [f"pergunta {number}" for number in range(5)][5 - kept :]
    assert messages[0] == SystemMessage("regras " * 60)


def test_what_does_not_fit_is_reduced() -> None:
    """When even the stable part is too long, the home is only counted."""
    messages = prompt().messages(ROUNDS, Budget(window=280, answer=50), is_local=False)
    assert messages == prompt().reduced(ROUNDS)
    assert messages[0] == SystemMessage("regras " * 10)
    assert questions(messages) == ["pergunta 4"]
    assert messages[-3] == UserMessage(f"{RELEVANT_NEAR} estados")
    assert messages[-2:] == tuple(ROUNDS)


def test_scale_corrects_the_estimate() -> None:
    """A service that counts twice as many tokens gets less of the past."""
    budget = Budget(window=700, answer=50)
    all_of_it = prompt().messages((), budget, is_local=True)
    less = prompt().messages((), budget, is_local=True, scale=2.0)
    assert len(questions(less)) < len(questions(all_of_it))


@pytest.mark.parametrize(
    ("is_local", "has_full_map", "count"),
    [
        (True, True, RELEVANT_NEAR),
        (True, False, RELEVANT_FAR),
        (False, True, RELEVANT_FAR),
        (False, False, RELEVANT_FAR),
    ],
)
def test_relevant_entities(is_local: bool, has_full_map: bool, count: int) -> None:
    """Where reading is dear and every name is known, few states are enough."""
    assert prompt(has_full_map=has_full_map).relevant(is_local=is_local) == count


def test_needed_tokens() -> None:
    """The smallest prompt grows with tools and rounds, and is what a window must hold."""
    least = prompt().needed_tokens()
    assert prompt(tools_tokens=300).needed_tokens() == least + 200
    assert prompt().needed_tokens(ROUNDS) > least
    budget = Budget(window=10_000)
    assert least < sum(
        len(getattr(m, "text", "")) for m in prompt().messages((), budget, is_local=True)
    )
