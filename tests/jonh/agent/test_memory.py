"""What stays in memory, and that calls and results are never parted."""

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.jonh.agent.limits import MAX_CONVERSATIONS
from custom_components.jonh.agent.memory import Memory, trim
from custom_components.jonh.providers.base import (
    AssistantMessage,
    Message,
    SystemMessage,
    ToolCall,
    ToolResultMessage,
    UserMessage,
)

if TYPE_CHECKING:
    from collections.abc import Sequence


def call(call_id: str) -> ToolCall:
    """Call a tool."""
    return ToolCall(id=call_id, name="HassTurnOn", args={})


def result(call_id: str) -> ToolResultMessage:
    """Return what came out."""
    return ToolResultMessage(call_id=call_id, name="HassTurnOn", result="{}")


def turn(number: int, tools: int = 0) -> list[Message]:
    """Ask, use tools, answer."""
    ids = [f"{number}.{index}" for index in range(tools)]
    acting: list[Message] = []
    if ids:
        acting = [AssistantMessage("", tuple(map(call, ids))), *map(result, ids)]
    return [UserMessage(f"q{number}"), *acting, AssistantMessage(f"a{number}")]


def is_paired(messages: Sequence[Message]) -> bool:
    """Return True when each call is followed by its result before the next assistant message."""
    waiting: set[str] = set()
    for message in messages:
        if isinstance(message, ToolResultMessage):
            if message.call_id not in waiting:
                return False
            waiting.discard(message.call_id)
        elif waiting:
            return False
        elif isinstance(message, AssistantMessage):
            waiting = {made.id for made in message.tool_calls}
    return not waiting


turns = st.lists(st.integers(0, 3), max_size=12).map(
    lambda tools: [turn(number, used) for number, used in enumerate(tools)]
)


@given(turns=turns, max_messages=st.integers(0, 30))
def test_trim_keeps_the_newest_whole_turns(turns: list[list[Message]], max_messages: int) -> None:
    """The result is the longest run of whole turns at the end that fits."""
    fitting = min(max_messages // 2, len(turns))
    expected = [message for kept in turns[len(turns) - fitting :] for message in kept]
    kept = trim([message for each in turns for message in each], max_messages)
    assert kept == expected
    assert is_paired(kept)


def test_trim_starts_at_a_user_message() -> None:
    """What stands before the first question belongs to no turn."""
    messages = [SystemMessage("rules"), AssistantMessage("hello"), *turn(1)]
    assert trim(messages, 10) == turn(1)


def test_earlier_turns_are_recalled_in_order() -> None:
    """Ten messages are five questions with their answers, tools riding along."""
    memory = Memory(max_messages=10, max_age_s=3600)
    for number in range(7):
        memory.remember("sala", turn(number, tools=2), now_s=number)
    recalled = memory.recall("sala", now_s=7)
    assert recalled == [message for number in range(2, 7) for message in turn(number, tools=2)]


@pytest.mark.parametrize(("age_s", "is_known"), [(3600, True), (3601, False)])
def test_old_turns_are_forgotten(age_s: int, is_known: bool) -> None:
    """What was said longer ago than the limit is gone; younger turns stay."""
    memory = Memory(max_messages=10, max_age_s=3600)
    memory.remember("sala", turn(1), now_s=0)
    memory.remember("sala", turn(2), now_s=100)
    recalled = memory.recall("sala", now_s=age_s)
    assert recalled == ([*turn(1), *turn(2)] if is_known else turn(2))


def test_conversations_are_apart() -> None:
    """One room does not hear what was said in another."""
    memory = Memory()
    memory.remember("sala", turn(1), now_s=0)
    memory.remember("quarto", turn(2), now_s=0)
    assert memory.recall("sala", now_s=1) == turn(1)
    assert memory.recall("quarto", now_s=1) == turn(2)
    assert memory.recall("never seen", now_s=1) == []


def test_a_failed_turn_is_kept() -> None:
    """The next answer knows what was asked and what a tool did, although the model failed."""
    memory = Memory()
    failed: list[Message] = [
        UserMessage("acenda a luz"),
        AssistantMessage("", (call("1"),)),
        result("1"),
    ]
    memory.remember("sala", failed, now_s=0)
    assert memory.recall("sala", now_s=1) == failed


def test_a_call_without_a_result_is_dropped() -> None:
    """An interrupted tool leaves the words around it and no loose ends."""
    memory = Memory()
    memory.remember(
        "sala",
        [
            UserMessage("acenda as luzes"),
            AssistantMessage("Já vai.", (call("1"), call("2"))),
            result("2"),
            result("never called"),
            AssistantMessage("", (call("3"),)),
        ],
        now_s=0,
    )
    assert memory.recall("sala", now_s=1) == [
        UserMessage("acenda as luzes"),
        AssistantMessage("Já vai.", (call("2"),)),
        result("2"),
    ]


def test_the_oldest_conversation_makes_room() -> None:
    """Memory is bounded: the conversation that was quiet for longest goes first."""
    memory = Memory()
    memory.remember("first", turn(1), now_s=0)
    for number in range(MAX_CONVERSATIONS - 1):
        memory.remember(str(number), turn(1), now_s=0)
    memory.remember("first", turn(2), now_s=1)
    memory.remember("new", turn(1), now_s=2)
    assert memory.recall("first", now_s=3) == [*turn(1), *turn(2)]
    assert memory.recall("0", now_s=3) == []
    assert memory.recall("new", now_s=3) == turn(1)
