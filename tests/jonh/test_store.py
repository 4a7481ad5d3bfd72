"""Which turns share memory."""

import pytest

from custom_components.jonh.providers.base import AssistantMessage, UserMessage
from custom_components.jonh.store import Session, SessionStore

HOUR_S = 3600


@pytest.fixture
def store() -> SessionStore:
    """Return a store with the limits of a home."""
    return SessionStore(max_messages=10, max_age_s=HOUR_S)


def talk(store: SessionStore, text: str, now_s: float, **who: str | None) -> Session:
    """Have one turn."""
    seat = {"conversation_id": "c1", "device_id": None, "user_id": None} | who
    session = store.open(**seat, now_s=now_s)
    store.remember(session, now_s, [UserMessage(text), AssistantMessage("Sim.")])
    return session


def remembered(store: SessionStore, now_s: float, **who: str | None) -> list[str]:
    """Return the user's words that a turn would see."""
    seat = {"conversation_id": "c1", "device_id": None, "user_id": None} | who
    session = store.open(**seat, now_s=now_s)
    return [
        message.text
        for message in store.history(session, now_s)
        if isinstance(message, UserMessage)
    ]


def test_conversation_goes_on(store: SessionStore) -> None:
    """The same id is the same session."""
    talk(store, "um", 1000)
    assert remembered(store, 1010) == ["um"]
    assert remembered(store, 1010, conversation_id="c2") == []


def test_satellite_goes_on_under_any_id(store: SessionStore) -> None:
    """A room has one session, whatever the conversation is called."""
    talk(store, "um", 1000, device_id="d1")
    assert remembered(store, 1010, device_id="d1", conversation_id="c2") == ["um"]
    assert remembered(store, 1010, device_id="d2") == []


def test_satellite_does_not_continue_what_its_user_typed(store: SessionStore) -> None:
    """What a person typed elsewhere is not told in a room."""
    talk(store, "um", 1000, user_id="u1")
    assert remembered(store, 2000, device_id="d1", user_id="u1", conversation_id="c2") == []


def test_turn_is_remembered_once(store: SessionStore) -> None:
    """A turn that is met again in the chat log is not repeated."""
    session = talk(store, "um", 1000)
    store.remember(session, 1000, [UserMessage("um")])
    assert remembered(store, 1010) == ["um"]


def test_age_limit(store: SessionStore) -> None:
    """An hour later nothing is left."""
    talk(store, "um", 1000)
    assert remembered(store, 1000 + HOUR_S) == ["um"]
    assert remembered(store, 1000 + 3 * HOUR_S) == []


def test_many_conversations_do_not_pile_up(store: SessionStore) -> None:
    """What is too old is dropped, of one person and of many."""
    for number in range(50):
        now_s = 1000 + number * HOUR_S / 2
        talk(store, "um", now_s, conversation_id=f"c{number}", user_id="u1")
        talk(store, "um", now_s, conversation_id=f"d{number}", user_id=f"u{number}")
    assert len(store._sessions) < 10
    assert all(len(session.known) < 10 for session in store._sessions.values())
