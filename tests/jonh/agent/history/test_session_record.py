"""Sessions on their way to a file and back."""

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.jonh.agent.history.memory import Session
from custom_components.jonh.agent.history.session_record import read_session, session_record
from custom_components.jonh.agent.history.turns import Turn
from custom_components.jonh.providers.base import (
    AssistantMessage,
    ToolCall,
    ToolResultMessage,
    UserMessage,
)

if TYPE_CHECKING:
    from collections.abc import Callable

texts = st.text(max_size=20)
names = st.none() | texts
args = st.dictionaries(texts, st.none() | st.booleans() | st.integers() | texts, max_size=3)
calls = st.builds(ToolCall, id=texts, name=texts, args=args)
messages = (
    st.builds(UserMessage, texts)
    | st.builds(AssistantMessage, texts, st.lists(calls, max_size=2).map(tuple))
    | st.builds(ToolResultMessage, call_id=texts, name=texts, result=texts)
)
turns = st.builds(
    Turn,
    started_s=st.floats(0, 1e10),
    messages=st.lists(messages, max_size=4).map(tuple),
    user_id=names,
    device_id=names,
    language=names,
    provider=names,
    was_interrupted=st.booleans(),
    has_failed=st.booleans(),
)
sessions = st.builds(
    Session,
    id=texts,
    key=texts,
    device_id=names,
    users=st.sets(names, max_size=3),
    last_turn_s=st.floats(0, 1e10),
    turns=st.lists(turns, max_size=4),
)


@given(session=sessions)
def test_sessions_survive_a_file(session: Session) -> None:
    """What is read is what was written, with the turns in order."""
    read = read_session(json.loads(json.dumps(session_record(session))))
    assert (read.id, read.key, read.device_id) == (session.id, session.key, session.device_id)
    assert (read.users, read.last_turn_s) == (session.users, session.last_turn_s)
    assert read.turns == sorted(session.turns, key=lambda turn: turn.started_s)


def record() -> dict[str, Any]:
    """Return a session as it is written."""
    said = (
        UserMessage("oi"),
        AssistantMessage("", (ToolCall(id="1", name="x", args={"a": 1}),)),
        ToolResultMessage(call_id="1", name="x", result="{}"),
    )
    turn = Turn(started_s=1.0, messages=said)
    return session_record(Session("s1", "device:d1", "d1", {None}, 1.0, [turn]))


def test_fields_that_came_later_may_be_missing() -> None:
    """A turn needs a start and its words; what else is unknown is left open."""
    older = record()
    turn = older["turns"][0]
    older["turns"] = [{key: turn[key] for key in ("started_s", "messages")}]
    assert read_session(older).turns == read_session(record()).turns


def _drop(key: str) -> Callable[[dict[str, Any]], object]:
    return lambda session: session.pop(key)


@pytest.mark.parametrize(
    "damage",
    [
        *(_drop(key) for key in ("id", "key", "device_id", "users", "last_turn_s", "turns")),
        lambda session: session.update(id=1),
        lambda session: session.update(users=None),
        lambda session: session.update(users=[[]]),
        lambda session: session.update(last_turn_s="soon"),
        lambda session: session.update(last_turn_s=[]),
        lambda session: session.update(turns=["oi"]),
        lambda session: session["turns"][0].update(provider=3),
        lambda session: session["turns"][0].pop("messages"),
        lambda session: session["turns"][0]["messages"][0].update(role="system"),
        lambda session: session["turns"][0]["messages"][0].update(text=None),
        lambda session: session["turns"][0]["messages"][1].pop("tool_calls"),
        lambda session: session["turns"][0]["messages"][1].update(tool_calls=[{}]),
        lambda session: session["turns"][0]["messages"][1]["tool_calls"][0].update(args=[]),
        lambda session: session["turns"][0]["messages"][2].pop("call_id"),
    ],
)
def test_damaged_record_is_refused(damage: Callable[[dict[str, Any]], object]) -> None:
    """Whatever is wrong in a file, it is one error that can be met."""
    damaged = record()
    damage(damaged)
    with pytest.raises(ValueError, match=r"not a|could not convert"):
        read_session(damaged)


@pytest.mark.parametrize("wrong", [None, "session", 3, []])
def test_what_is_no_record_is_refused(wrong: Any) -> None:
    """A file may hold anything."""
    with pytest.raises(ValueError, match="not a session"):
        read_session(wrong)
