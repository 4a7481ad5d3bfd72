"""What an agent remembers: sessions of turns, and which session a turn belongs to."""

from bisect import insort
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from custom_components.jonh.agent.limits import MAX_CONVERSATIONS

from .turns import Turn, bounded, heard, is_beginning, newest, told, trim

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from custom_components.jonh.providers.base import Message

CONVERSATION = "conversation:"
"""Begins the key of a session without a satellite."""
CHAT_SESSION_S = 300.0
"""Idle seconds after which Home Assistant forgets a conversation and hands out a new id."""


@dataclass(slots=True, eq=False)
class Session:
    """Turns that share memory."""

    id: str
    key: str
    """Whose turns these are: a satellite, or a conversation of Home Assistant."""
    device_id: str | None = None
    users: set[str | None] = field(default_factory=set)
    """Everybody who had a turn; None where nobody was logged in."""
    last_turn_s: float = 0.0
    """Start of the latest turn, in seconds of the epoch."""
    turns: list[Turn] = field(default_factory=list)
    """Oldest first."""
    known: set[float] = field(default_factory=set)
    """Starts of the turns that were remembered once, those cut since included."""
    is_restored: bool = False
    """Home Assistant was restarted since and knows no earlier conversation."""

    @property
    def user_id(self) -> str | None:
        """The one person of the session; None for nobody in particular and for several."""
        return next(iter(self.users)) if len(self.users) == 1 else None

    @property
    def conversation_id(self) -> str | None:
        """What to go on with; None for a satellite, which has one conversation after another."""
        return self.key.removeprefix(CONVERSATION) if self.key.startswith(CONVERSATION) else None


class Memory:
    """Sessions of one agent; times are the caller's, in seconds of the epoch.

    A satellite goes on with what was said in its room. Somebody without a satellite goes
    on once Home Assistant has dropped the conversation; another new one starts empty.
    """

    def __init__(
        self,
        *,
        max_messages: int,
        max_age_s: float,
        new_id: Callable[[], str],
        on_change: Callable[[Session], None] = lambda _: None,
    ) -> None:
        """Remember at most `max_messages` of a session, none older than `max_age_s`.

        `on_change` gets every session whose turns changed; one without turns is gone.
        """
        self.max_messages = max_messages
        self.max_age_s = max_age_s
        self._new_id = new_id
        self._on_change = on_change
        self._sessions: dict[str, Session] = {}
        """By key; the one that was quiet for longest first."""
        self._forgotten_s: dict[str, float] = {}
        """When the sessions of some keys were forgotten."""
        self._all_forgotten_s = float("-inf")

    def __iter__(self) -> Iterator[Session]:
        """Yield the sessions with something in them."""
        return (session for session in list(self._sessions.values()) if session.turns)

    def open(
        self, *, conversation_id: str, device_id: str | None, user_id: str | None, now_s: float
    ) -> Session:
        """Return the session that a turn belongs to."""
        self.forget_old(now_s)
        key = _key(conversation_id, device_id)
        session = self._sessions.pop(key, None)
        if session is None and user_id and not device_id:
            session = self._adopted(user_id, now_s)
        if session is None:
            session = Session(self._new_id(), key, device_id)
        session.key = key
        session.last_turn_s = max(session.last_turn_s, now_s)
        session.users.add(user_id)
        session.is_restored = False
        self._put(session)
        return session

    def remember(self, session: Session, turn: Turn) -> None:
        """Add a turn, failed or not, once.

        A session that was forgotten while the turn ran makes place for a new one.
        """
        held = self._sessions.get(session.key)
        if held is None:
            held = Session(self._new_id(), session.key, session.device_id, set(session.users))
            held.last_turn_s = session.last_turn_s
            self._put(held)
        if turn.started_s in held.known or not turn.messages:
            return
        held.known.add(turn.started_s)
        # A turn may end after one that began later.
        insort(held.turns, bounded(turn), key=lambda each: each.started_s)
        held.turns = newest(held.turns, self.max_messages)
        self._on_change(held)

    def note_heard(
        self,
        *,
        conversation_id: str,
        device_id: str | None,
        heard_text: str,
        started_s: float | None,
    ) -> bool:
        """Keep of the last answer only what was heard; True when something was cut.

        The turn is the one that began at `started_s`, if that is known; otherwise its answer
        has to begin with what was heard.
        """
        session = self._sessions.get(_key(conversation_id, device_id))
        if session is None or not session.turns:
            return False
        last = session.turns[-1]
        is_meant = (
            last.started_s == started_s
            if started_s is not None
            else bool(heard_text.strip()) and is_beginning(last, heard_text)
        )
        if not is_meant or (cut := heard(last, heard_text)) is last:
            return False
        session.turns[-1] = cut
        self._on_change(session)
        return True

    def is_forgotten(self, session: Session, started_s: float) -> bool:
        """Return True when a turn began before the session was last forgotten."""
        return started_s <= max(
            self._all_forgotten_s, self._forgotten_s.get(session.key, self._all_forgotten_s)
        )

    def history(self, session: Session, now_s: float) -> list[Message]:
        """Messages to put before the next request, oldest first."""
        fresh = [turn for turn in session.turns if now_s - turn.started_s <= self.max_age_s]
        return trim([message for turn in fresh for message in told(turn)], self.max_messages)

    def forget(self, session: Session, now_s: float) -> None:
        """Drop a session; who still holds it finds it empty."""
        self._forgotten_s[session.key] = now_s
        self._drop(session)

    def forget_all(self, now_s: float) -> None:
        """Drop every session, and what Home Assistant has answered since in any other."""
        for session in list(self._sessions.values()):
            self.forget(session, now_s)
        self._forgotten_s.clear()
        self._all_forgotten_s = now_s

    def forget_old(self, now_s: float) -> None:
        """Drop what is too old to be told, and what else is too old to matter."""
        oldest_s = now_s - self.max_age_s
        for session in list(self._sessions.values()):
            if session.last_turn_s > now_s:
                _set_back(session, now_s)
            if session.last_turn_s < oldest_s:
                self._drop(session)
                continue
            session.known = {started_s for started_s in session.known if started_s >= oldest_s}
            if session.turns and session.turns[0].started_s < oldest_s:
                session.turns = [turn for turn in session.turns if turn.started_s >= oldest_s]
                self._on_change(session)
        self._forgotten_s = {
            key: forgotten_s
            for key, forgotten_s in self._forgotten_s.items()
            if forgotten_s >= oldest_s
        }

    def restore(self, session: Session) -> None:
        """Take back a session from before a restart."""
        session.is_restored = True
        session.known = {turn.started_s for turn in session.turns}
        self._put(session)

    def _put(self, session: Session) -> None:
        self._sessions[session.key] = session
        while len(self._sessions) > MAX_CONVERSATIONS:
            self._drop(next(iter(self._sessions.values())))

    def _drop(self, session: Session) -> None:
        if self._sessions.get(session.key) is session:
            del self._sessions[session.key]
        if session.turns:
            session.turns = []
            self._on_change(session)

    def _adopted(self, user_id: str, now_s: float) -> Session | None:
        """Take over the user's latest session when Home Assistant has dropped its id."""
        theirs = [
            session
            for session in self._sessions.values()
            if session.device_id is None and user_id in session.users
        ]
        latest = max(theirs, key=lambda session: session.last_turn_s, default=None)
        if latest is None:
            return None
        if not latest.is_restored and now_s - latest.last_turn_s <= CHAT_SESSION_S:
            return None
        return self._sessions.pop(latest.key)


def _set_back(session: Session, now_s: float) -> None:
    """Follow a clock that was set back: what was said before it is past, in the same order."""
    session.last_turn_s = now_s
    session.turns = [
        replace(turn, started_s=now_s) if turn.started_s > now_s else turn for turn in session.turns
    ]


def _key(conversation_id: str, device_id: str | None) -> str:
    return f"device:{device_id}" if device_id else f"{CONVERSATION}{conversation_id}"
