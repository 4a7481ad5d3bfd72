"""What an agent remembers of its conversations, beyond Home Assistant's five minutes."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .agent.memory import Memory
from .chat_log import shorten_results, to_messages, turns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from homeassistant.components import conversation

    from .providers.base import Message

CHAT_SESSION_S = 300.0
"""Idle seconds after which Home Assistant forgets a conversation and hands out a new id."""


@dataclass(slots=True)
class Session:
    """Turns that share memory."""

    key: str
    last_turn_s: float = 0.0
    """Start of the latest turn, in seconds of the epoch."""
    known: set[float] = field(default_factory=set)
    """Starts of the turns that are remembered already."""


class SessionStore:
    """Sessions of one agent.

    A satellite goes on with what was said in its room. Somebody without a satellite goes
    on once Home Assistant has dropped the conversation; another new one starts empty.
    """

    def __init__(self, *, max_messages: int, max_age_s: int) -> None:
        """Remember at most `max_messages` of a session, none older than `max_age_s`."""
        self._memory = Memory(max_messages=max_messages, max_age_s=max_age_s)
        self._max_age_s = max_age_s
        self._sessions: dict[str, Session] = {}
        self._last_of_user: dict[str, Session] = {}

    def open(
        self, *, conversation_id: str, device_id: str | None, user_id: str | None, now_s: float
    ) -> Session:
        """Return the session that a turn belongs to."""
        self._forget_old(now_s)
        key = f"device:{device_id}" if device_id else f"conversation:{conversation_id}"
        session = self._sessions.get(key)
        if session is None:
            session = self._adopted(None if device_id else user_id, now_s) or Session(key)
            self._sessions[key] = session
        if user_id and not device_id:
            self._last_of_user[user_id] = session
        session.last_turn_s = now_s
        return session

    def absorb(self, session: Session, contents: Sequence[conversation.Content]) -> None:
        """Remember the turns of a chat log that are not known yet.

        These were answered by Home Assistant itself or were ours, cancelled or not.
        """
        for turn in turns(contents):
            self.remember(session, turn[0].created.timestamp(), to_messages(turn))

    def remember(self, session: Session, started_s: float, messages: Sequence[Message]) -> None:
        """Remember a turn once."""
        if messages and started_s not in session.known:
            session.known.add(started_s)
            self._memory.remember(session.key, shorten_results(messages), started_s)

    def history(self, session: Session, now_s: float) -> list[Message]:
        """Return what the model is told of earlier turns, oldest first."""
        return self._memory.recall(session.key, now_s)

    def _adopted(self, user_id: str | None, now_s: float) -> Session | None:
        """Take over the user's latest session when Home Assistant has dropped its id."""
        session = self._last_of_user.get(user_id) if user_id else None
        if session is None or now_s - session.last_turn_s <= CHAT_SESSION_S:
            return None
        self._sessions = {key: held for key, held in self._sessions.items() if held is not session}
        return session

    def _forget_old(self, now_s: float) -> None:
        """Drop sessions whose last turn is too old, and what else is too old to matter."""
        oldest_s = now_s - self._max_age_s
        for sessions in (self._sessions, self._last_of_user):
            for key in [key for key, held in sessions.items() if held.last_turn_s < oldest_s]:
                del sessions[key]
        for session in self._sessions.values():
            session.known = {started_s for started_s in session.known if started_s >= oldest_s}
