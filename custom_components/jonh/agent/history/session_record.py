"""Sessions as plain JSON, and back."""

from typing import TYPE_CHECKING, Any

from custom_components.jonh.providers.base import (
    AssistantMessage,
    Message,
    ToolCall,
    ToolResultMessage,
    UserMessage,
)

from .memory import Session
from .turns import Turn

if TYPE_CHECKING:
    from collections.abc import Mapping

type Record = dict[str, Any]


def session_record(session: Session) -> Record:
    """Return a session as JSON."""
    return {
        "id": session.id,
        "key": session.key,
        "device_id": session.device_id,
        "users": sorted(session.users, key=str),
        "last_turn_s": session.last_turn_s,
        "turns": [turn_record(turn) for turn in session.turns],
    }


def turn_record(turn: Turn) -> Record:
    """Return a turn as JSON."""
    return {
        "started_s": turn.started_s,
        "user_id": turn.user_id,
        "device_id": turn.device_id,
        "language": turn.language,
        "provider": turn.provider,
        "was_interrupted": turn.was_interrupted,
        "has_failed": turn.has_failed,
        "messages": [_message_record(message) for message in turn.messages],
    }


def read_session(record: Mapping[str, Any]) -> Session:
    """Read a session; raises ValueError when the record is none of ours."""
    try:
        return Session(
            _text(record["id"]),
            _text(record["key"]),
            _optional(record["device_id"]),
            {_optional(user) for user in record["users"]},
            float(record["last_turn_s"]),
            sorted(map(_read_turn, record["turns"]), key=lambda turn: turn.started_s),
        )
    except (AttributeError, KeyError, TypeError) as err:
        raise ValueError("not a session") from err


def _read_turn(record: Mapping[str, Any]) -> Turn:
    return Turn(
        started_s=float(record["started_s"]),
        user_id=_optional(record.get("user_id")),
        device_id=_optional(record.get("device_id")),
        language=_optional(record.get("language")),
        provider=_optional(record.get("provider")),
        was_interrupted=bool(record.get("was_interrupted")),
        has_failed=bool(record.get("has_failed")),
        messages=tuple(map(_read_message, record["messages"])),
    )


def _message_record(message: Message) -> Record:
    match message:
        case AssistantMessage(text, calls):
            made = [{"id": call.id, "name": call.name, "args": dict(call.args)} for call in calls]
            return {"role": "assistant", "text": text, "tool_calls": made}
        case ToolResultMessage():
            return {
                "role": "tool",
                "call_id": message.call_id,
                "name": message.name,
                "text": message.result,
            }
        case _:
            return {"role": "user", "text": message.text}


def _read_message(record: Mapping[str, Any]) -> Message:
    text = _text(record["text"])
    match record["role"]:
        case "user":
            return UserMessage(text)
        case "assistant":
            return AssistantMessage(text, tuple(map(_read_call, record["tool_calls"])))
        case "tool":
            call_id, name = _text(record["call_id"]), _text(record["name"])
            return ToolResultMessage(call_id=call_id, name=name, result=text)
        case _:
            raise ValueError("not a message")


def _read_call(record: Mapping[str, Any]) -> ToolCall:
    return ToolCall(
        id=_text(record["id"]), name=_text(record["name"]), args=dict(record["args"].items())
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _optional(value: object) -> str | None:
    return None if value is None else _text(value)
