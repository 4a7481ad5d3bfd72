"""Turns over real sockets, and what the servers heard of them."""

import inspect
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from homeassistant.components import conversation
from homeassistant.components.conversation.chat_log import async_get_chat_log
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers.chat_session import async_get_chat_session
from homeassistant.util import dt as dt_util

from custom_components.jonh.store import ARCHIVE
from tests.jonh.conftest import AGENT

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    import pytest
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from custom_components.jonh.agent.history.turns import Turn
    from custom_components.jonh.agent.telemetry import TurnReport
    from tests.fakes.ollama import FakeOllama


DEAD_URL = "http://127.0.0.1:9"
MODEL_FIRST = {"fast_path": False}
"""Settings of an agent whose model gets the plain commands too."""
VAGUE = "minha sala precisa de claridade"
"""Understood by a model only."""
TURN_ON = {"tool_calls": [{"name": "intent__HassTurnOn", "arguments": {"name": "Luz da Sala"}}]}


def chats(server: FakeOllama) -> list[Any]:
    """Return the requests for an answer that a server got, those to get ready left out."""
    return [body for body in server.bodies("/api/chat") if not is_warm_up(body)]


def warm_ups(server: FakeOllama) -> list[Any]:
    """Return the requests with which a server was got ready."""
    return [body for body in server.bodies("/api/chat") if is_warm_up(body)]


def is_warm_up(body: dict[str, Any]) -> bool:
    """Return True for a request that wants no answer."""
    return not body["messages"] or body["options"].get("num_predict") == 1


def roles(body: dict[str, Any]) -> list[str]:
    """Return who says what in a request."""
    return [message["role"] for message in body["messages"]]


def said(body: dict[str, Any]) -> list[str]:
    """Return the words in a request, the system's left out."""
    return [message["content"] for message in body["messages"] if message["role"] != "system"]


def listen(
    home: HomeAssistant,
    text: str,
    heard: Callable[[dict[str, Any]], None],
    device_id: str | None = None,
) -> asyncio.Task[Any]:
    """Run one turn and hand over what reaches the voice, as it comes."""
    # From 2026.11 on, a session belongs to the user of a context.
    knows_context = "context" in inspect.signature(async_get_chat_session).parameters
    owner: Any = {"context": Context()} if knows_context else {}

    async def turn() -> None:
        with (
            async_get_chat_session(home, **owner) as session,
            async_get_chat_log(
                home, session, chat_log_delta_listener=lambda _, delta: heard(delta)
            ),
        ):
            await conversation.async_converse(
                home, text, session.conversation_id, Context(), "pt-BR", AGENT, device_id
            )

    return home.async_create_task(turn())


def pass_minutes(monkeypatch: pytest.MonkeyPatch, minutes: int) -> None:
    """Let Home Assistant's clock go on."""
    utcnow = dt_util.utcnow
    monkeypatch.setattr(dt_util, "utcnow", lambda: utcnow() + timedelta(minutes=minutes))


def control(action: str, *names: str) -> dict[str, Any]:
    """Return a step in which the model calls for an action."""
    arguments = {"action": action, "names": list(names)}
    return {"tool_calls": [{"name": "home_control", "arguments": arguments}]}


def last_turn(entry: MockConfigEntry) -> TurnReport:
    """Return the report of the latest turn."""
    last = entry.runtime_data.turns["agent1"].last
    assert last is not None
    return last


def remembered(home: HomeAssistant) -> Turn:
    """Return the latest turn of the only session."""
    (session,) = home.data[ARCHIVE]["agent1"].memory
    turn: Turn = session.turns[-1]
    return turn
