"""Which turns share memory, for how long, and what is forgotten."""

from itertools import count

import pytest

from custom_components.jonh.agent.history.memory import CHAT_SESSION_S, Memory, Session
from custom_components.jonh.agent.history.turns import Turn
from custom_components.jonh.agent.limits import MAX_CONVERSATIONS
from custom_components.jonh.providers.base import AssistantMessage, UserMessage

HOUR_S = 3600.0


class Home:
    """A memory, and who speaks with it."""

    def __init__(self, max_messages: int = 10) -> None:
        """Start empty."""
        ids = count(1)
        self.changed: list[tuple[str, int]] = []
        self.memory = Memory(
            max_messages=max_messages,
            max_age_s=HOUR_S,
            new_id=lambda: f"s{next(ids)}",
            on_change=lambda session: self.changed.append((session.id, len(session.turns))),
        )

    def open(
        self,
        now_s: float,
        *,
        conversation: str = "c1",
        device: str | None = None,
        user: str | None = None,
    ) -> Session:
        """Begin a turn."""
        return self.memory.open(
            conversation_id=conversation, device_id=device, user_id=user, now_s=now_s
        )

    def end(self, session: Session, text: str, started_s: float) -> None:
        """End a turn."""
        said = (UserMessage(text), AssistantMessage(f"{text}!"))
        self.memory.remember(session, Turn(started_s=started_s, messages=said))

    def talk(self, text: str, now_s: float, **who: str | None) -> Session:
        """Have a whole turn."""
        session = self.open(now_s, **who)
        self.end(session, text, now_s)
        return session

    def told(self, session: Session, now_s: float) -> list[str]:
        """Return the requests that the next turn is told of."""
        said = self.memory.history(session, now_s)
        return [message.text for message in said if isinstance(message, UserMessage)]

    def knows(self, now_s: float, **who: str | None) -> list[str]:
        """Return the requests that somebody's next turn is told of."""
        return self.told(self.open(now_s, **who), now_s)


@pytest.fixture
def home() -> Home:
    """Return a home that knows nothing."""
    return Home()


def test_conversation_goes_on(home: Home) -> None:
    """The same id is the same session, another one is another."""
    home.talk("um", 1000)
    assert home.knows(1010) == ["um"]
    assert home.knows(1010, conversation="c2") == []


def test_satellite_goes_on_under_any_id(home: Home) -> None:
    """A room has one session, whatever the conversation is called."""
    home.talk("um", 1000, device="d1")
    assert home.knows(1010, device="d1", conversation="c2") == ["um"]
    assert home.knows(1010, device="d2") == []


@pytest.mark.parametrize(
    ("later_s", "user", "is_known"),
    [
        pytest.param(CHAT_SESSION_S, "ana", False, id="a new conversation starts empty"),
        pytest.param(CHAT_SESSION_S + 1, "ana", True, id="a dropped one goes on"),
        pytest.param(CHAT_SESSION_S + 1, "bia", False, id="for nobody else"),
        pytest.param(CHAT_SESSION_S + 1, None, False, id="nor for nobody"),
    ],
)
def test_person_goes_on(home: Home, later_s: float, user: str | None, is_known: bool) -> None:
    """Home Assistant hands out a new id after five minutes; the person means the same talk."""
    home.talk("um", 1000, user="ana")
    assert home.knows(1000 + later_s, conversation="c2", user=user) == ["um"] * is_known


def test_person_goes_on_with_the_latest(home: Home) -> None:
    """Of two conversations the one that was used last is continued, and moves."""
    home.talk("um", 1000, user="ana", conversation="c1")
    home.talk("dois", 1100, user="ana", conversation="c2")
    assert home.knows(1500, user="ana", conversation="c3") == ["dois"]
    assert home.knows(1500, user="ana", conversation="c2") == []
    assert home.knows(1500, user="ana", conversation="c1") == ["um"]


def test_satellite_does_not_continue_what_its_user_typed(home: Home) -> None:
    """What a person typed elsewhere is not told in a room, nor the other way round."""
    home.talk("um", 1000, user="ana")
    home.talk("dois", 1000, user="ana", device="d1")
    assert home.knows(2000, user="ana", device="d2", conversation="c2") == []
    assert home.knows(2000, user="ana", conversation="c3") == ["um"]


def test_history_is_limited_by_messages() -> None:
    """Ten messages are five questions with their answers; zero are none."""
    home = Home()
    for number in range(7):
        session = home.talk(str(number), 1000 + number)
    assert home.told(session, 1010) == ["2", "3", "4", "5", "6"]
    assert len(session.turns) == 5
    forgetful = Home(max_messages=0)
    assert forgetful.told(forgetful.talk("um", 1000), 1001) == []


@pytest.mark.parametrize(("age_s", "told"), [(HOUR_S, ["um", "dois"]), (HOUR_S + 1, ["dois"])])
def test_history_is_limited_by_age(home: Home, age_s: float, told: list[str]) -> None:
    """What was said longer ago is gone, even while the session goes on."""
    home.talk("um", 1000)
    session = home.talk("dois", 1100)
    assert home.told(session, 1000 + age_s) == told
    assert home.knows(1000 + age_s) == told
    assert [len(session.turns)] == [len(told)]


def test_idle_session_ends(home: Home) -> None:
    """An hour later nothing is left, under a new id."""
    first = home.talk("um", 1000, device="d1")
    assert home.knows(1001 + HOUR_S, device="d1") == []
    assert list(home.memory) == []
    assert home.talk("dois", 1002 + HOUR_S, device="d1").id != first.id


def test_turn_is_remembered_once(home: Home) -> None:
    """A turn that is met again is not repeated, not even one that was cut since."""
    for number in range(7):
        session = home.talk(str(number), 1000 + number)
    home.end(session, "0 again", 1000)
    home.end(session, "6 again", 1006)
    assert home.told(session, 1010) == ["2", "3", "4", "5", "6"]


def test_turn_without_words_is_nothing(home: Home) -> None:
    """An empty turn leaves the session as it was, to be remembered when there are words."""
    session = home.open(1000)
    home.memory.remember(session, Turn(started_s=1000, messages=()))
    assert list(home.memory) == []
    home.end(session, "um", 1000)
    assert home.told(session, 1001) == ["um"]


def test_two_turns_at_once(home: Home) -> None:
    """Both are kept in the order in which they began, whichever ended first."""
    first = home.open(1000, device="d1")
    second = home.open(1001, device="d1")
    home.end(second, "dois", 1001)
    home.end(first, "um", 1000)
    assert home.knows(1002, device="d1") == ["um", "dois"]


def test_forgotten_session_is_empty_for_whoever_holds_it(home: Home) -> None:
    """Nothing of it is told any more, and nothing of another session is lost."""
    session = home.talk("segredo", 1000, device="d1")
    home.talk("um", 1000, device="d2")
    home.memory.forget(session, 1010)
    assert home.told(session, 1010) == []
    assert home.knows(1020, device="d1") == []
    assert home.knows(1020, device="d2") == ["um"]


def test_turn_outlives_the_session_that_was_forgotten_meanwhile(home: Home) -> None:
    """Only what was there is deleted; the running turn begins a session of its own."""
    home.talk("segredo", 1000, device="d1")
    running = home.open(1010, device="d1")
    home.memory.forget(running, 1011)
    home.end(running, "um", 1010)
    home.end(running, "dois", 1012)
    (session,) = home.memory
    assert session.id != running.id
    assert home.knows(1013, device="d1") == ["um", "dois"]


def test_turn_joins_the_session_that_began_meanwhile(home: Home) -> None:
    """A second turn after the deletion and the one that was running share memory."""
    running = home.open(1010, device="d1", user="ana")
    home.memory.forget(running, 1011)
    home.talk("dois", 1012, device="d1")
    home.end(running, "um", 1010)
    assert home.knows(1013, device="d1") == ["um", "dois"]


def test_what_was_said_before_stays_forgotten(home: Home) -> None:
    """A chat log that still holds the old turns cannot bring them back."""
    session = home.talk("segredo", 1000, device="d1")
    other = home.talk("um", 1000, device="d2")
    assert not home.memory.is_forgotten(session, 1000)
    home.memory.forget(session, 1010)
    fresh = home.open(1020, device="d1")
    assert home.memory.is_forgotten(fresh, 1010)
    assert not home.memory.is_forgotten(fresh, 1011)
    assert not home.memory.is_forgotten(other, 1000)


def test_forgetting_all_counts_for_those_not_met_yet(home: Home) -> None:
    """Also what Home Assistant answered in a conversation that we never saw."""
    home.talk("um", 1000, device="d1")
    home.talk("dois", 1000)
    home.memory.forget_all(1010)
    assert list(home.memory) == []
    assert home.memory.is_forgotten(home.open(1020, conversation="c9"), 1005)
    assert not home.memory.is_forgotten(home.open(1020, device="d1"), 1011)


def test_oldest_conversation_makes_room(home: Home) -> None:
    """Memory is bounded: the conversation that was quiet for longest goes first."""
    home.talk("first", 1000, conversation="first")
    for number in range(MAX_CONVERSATIONS - 1):
        home.talk("um", 1000, conversation=str(number))
    home.talk("again", 1001, conversation="first")
    home.talk("new", 1002, conversation="new")
    assert len(list(home.memory)) == MAX_CONVERSATIONS
    assert home.knows(1003, conversation="first") == ["first", "again"]
    assert home.knows(1003, conversation="new") == ["new"]
    assert home.knows(1003, conversation="0") == []


def test_many_conversations_do_not_pile_up(home: Home) -> None:
    """What is too old is dropped, of one person and of many."""
    for number in range(200):
        now_s = 1000 + number * 100
        session = home.talk("um", now_s, device="d1")
        home.memory.forget(home.talk("um", now_s, conversation=f"c{number}"), now_s)
    assert len(session.known) < 40
    assert len(home.memory._forgotten_s) < 40


def test_changes_are_told(home: Home) -> None:
    """Whoever shows or writes sessions hears of turns, of their end and of nothing else."""
    session = home.talk("um", 1000)
    home.open(1001)
    home.talk("dois", 1500)
    assert home.changed == [("s1", 1), ("s1", 2)]
    home.memory.forget_old(1001 + HOUR_S)
    assert home.changed[2:] == [("s1", 1)]
    home.memory.forget(session, 4700)
    home.memory.forget(session, 4700)
    assert home.changed[3:] == [("s1", 0)]
    home.talk("três", 4800, conversation="c2")
    home.memory.forget_old(4801 + HOUR_S)
    assert home.changed[4:] == [("s2", 1), ("s2", 0)]


@pytest.mark.parametrize(
    ("users", "owner"),
    [
        pytest.param(["ana", "ana"], "ana", id="one person"),
        pytest.param(["ana", "bia"], None, id="two people"),
        pytest.param(["ana", None], None, id="somebody unknown"),
        pytest.param([None, None], None, id="nobody in particular"),
    ],
)
def test_owner_of_a_session(home: Home, users: list[str | None], owner: str | None) -> None:
    """A session belongs to the one person who spoke in it, or to nobody."""
    for number, user in enumerate(users):
        session = home.talk("um", 1000 + number, device="d1", user=user)
    assert session.user_id == owner


def test_session_goes_on_after_a_restart() -> None:
    """Home Assistant knows no conversation then, so nobody waits five minutes to go on."""
    before, after = Home(), Home()
    before.talk("um", 1000, user="ana")
    before.talk("dois", 1000, device="d1")
    for session in before.memory:
        after.memory.restore(session)
    assert after.knows(1030, user="ana", conversation="c2") == ["um"]
    assert after.knows(1030, user="ana", conversation="c3") == []
    assert after.knows(1030, device="d1", conversation="c4") == ["dois"]


def test_restored_turns_are_known() -> None:
    """A turn from before the restart is not remembered a second time."""
    before, after = Home(), Home()
    session = before.talk("um", 1000, device="d1")
    session.known.clear()
    after.memory.restore(session)
    after.end(session, "um", 1000)
    assert after.told(session, 1001) == ["um"]


def hear(home: Home, text: str, **which: object) -> bool:
    """Say how much of the last answer was heard."""
    seat = {"conversation_id": "c1", "device_id": None, "started_s": None} | which
    return home.memory.note_heard(heard_text=text, **seat)


def last_answer(session: Session) -> str:
    """Return what is kept of it."""
    return str(session.turns[-1].messages[-1].text)


def test_only_what_was_heard_is_remembered() -> None:
    """The last answer is cut, which is a change; the one before is not touched."""
    home = Home()
    home.talk("primeiro", 0.0)
    session = home.talk("segundo", 1.0)
    home.changed.clear()
    assert hear(home, "segu")
    assert last_answer(session) == "segu ..."
    assert session.turns[-1].was_interrupted
    assert not session.turns[0].was_interrupted
    assert home.changed == [(session.id, 2)]
    assert not hear(home, "segu ...")


@pytest.mark.parametrize(
    ("text", "which"),
    [
        pytest.param("outra coisa", {}, id="another answer"),
        pytest.param("", {}, id="no words and no time"),
        pytest.param("segu", {"started_s": 0.0}, id="another turn"),
        pytest.param("segu", {"conversation_id": "c2"}, id="another conversation"),
        pytest.param("segu", {"device_id": "d1"}, id="a room"),
        pytest.param("segundo!", {}, id="all of it"),
    ],
)
def test_no_other_answer_is_cut(text: str, which: dict[str, object]) -> None:
    """An answer that Home Assistant gave by itself may not be known yet."""
    home = Home()
    session = home.talk("segundo", 1.0)
    assert not hear(home, text, **which)
    assert last_answer(session) == "segundo!"


def test_nothing_heard_of_a_known_turn() -> None:
    """Who speaks at once has heard nothing."""
    home = Home()
    session = home.talk("segundo", 1.0)
    assert hear(home, "", started_s=1.0)
    assert last_answer(session) == "..."


def test_a_room_heard_it() -> None:
    """What was said in a room belongs to its satellite."""
    home = Home()
    session = home.talk("segundo", 1.0, device="d1")
    assert hear(home, "segu", device_id="d1")
    assert last_answer(session) == "segu ..."
