"""The guard: what is done at once, what is asked, who may answer, and for how long."""

import pytest

from custom_components.jonh.agent.commands import Action, Command
from custom_components.jonh.agent.home import Entity
from custom_components.jonh.agent.languages import Language
from custom_components.jonh.agent.safety.guard import (
    ANSWER_S,
    LOCKED_S,
    MAX_PENDING,
    MAX_WRONG_PINS,
    Guard,
    Heard,
    Hearing,
    Reason,
    Speaker,
)
from custom_components.jonh.agent.safety.pin import Pin

PT, EN, ES = Language.PT_BR, Language.EN, Language.ES
LIGHT = Entity(entity_id="light.sala", name="Luz da sala")
CURTAIN = Entity(entity_id="cover.cortina", name="Cortina", device_class="curtain")
GATE = Entity(entity_id="cover.portao", name="Portão da garagem", device_class="garage")
DOOR = Entity(entity_id="lock.porta", name="Porta da frente")
SIREN = Entity(entity_id="siren.sirene", name="Sirene")
OPEN_GATE = Command(action=Action.OPEN, targets=(GATE,))
UNLOCK = Command(action=Action.UNLOCK, targets=(DOOR,))
LIGHT_ON = Command(action=Action.ON, targets=(LIGHT,))
SALA = Speaker(device_id="sala", user_id=None, conversation_id="1")
PIN = Pin.create("4821", bytes(16))


class Clock:
    """Time that passes when the test says so."""

    def __init__(self) -> None:
        """Start somewhere."""
        self.now_s = 500.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    """Return a clock of its own for each test."""
    return Clock()


@pytest.fixture
def guard(clock: Clock) -> Guard:
    """Return a guard without a PIN."""
    return Guard(clock=clock)


@pytest.fixture
def pin_guard(clock: Clock) -> Guard:
    """Return a guard with a PIN."""
    return Guard(clock=clock, pin=PIN)


class TestReview:
    """What becomes of a command before anybody is asked."""

    def test_harmless(self, guard: Guard) -> None:
        """A light is switched on at once."""
        review = guard.review(LIGHT_ON, "acende a luz da sala", PT)
        assert (review.allowed, review.held, review.refused) == (LIGHT_ON, None, ())
        assert review.reason is None

    def test_harmless_although_misspelt(self, guard: Guard) -> None:
        """A misspelling that was forgiven does not matter for a light."""
        command = Command(action=Action.ON, targets=(LIGHT,), is_exact=False)
        assert guard.review(command, "acende a lus da sala", PT).allowed == command

    @pytest.mark.parametrize("is_exact", [True, False])
    def test_risky(self, guard: Guard, *, is_exact: bool) -> None:
        """A door waits for a yes, whether its name was spelt well or not."""
        command = Command(action=Action.UNLOCK, targets=(DOOR,), is_exact=is_exact)
        review = guard.review(command, "destranca a porta da frente", PT)
        assert (review.allowed, review.held, review.refused) == (None, command, ())
        assert review.reason is Reason.RISKY

    def test_mixed(self, guard: Guard) -> None:
        """Of several targets, only the risky ones wait."""
        command = Command(action=Action.OPEN, targets=(CURTAIN, GATE))
        review = guard.review(command, "abre a cortina e o portão", PT)
        assert review.allowed == Command(action=Action.OPEN, targets=(CURTAIN,))
        assert review.held == OPEN_GATE
        assert review.reason is Reason.RISKY

    def test_wide(self, guard: Guard) -> None:
        """A command for a room leaves the doors out, even when it would only close them."""
        for action in (Action.OFF, Action.ON, Action.CLOSE, Action.LOCK):
            command = Command(action=action, targets=(LIGHT, GATE, DOOR), is_wide=True)
            review = guard.review(command, "tudo na garagem", PT)
            assert review.allowed == Command(action=action, targets=(LIGHT,), is_wide=True)
            assert review.held is None
            assert review.refused == (GATE, DOOR)
            assert review.reason is Reason.TOO_WIDE

    def test_wide_siren(self, guard: Guard) -> None:
        """Sirens in a whole room wait for a yes, one that was named does not."""
        named = Command(action=Action.ON, targets=(SIREN,))
        wide = Command(action=Action.ON, targets=(SIREN,), is_wide=True)
        assert guard.review(named, "liga a sirene", PT).allowed == named
        assert guard.review(wide, "liga tudo", PT).held == wide

    def test_question(self, guard: Guard) -> None:
        """A question changes nothing; what the model wanted is asked."""
        review = guard.review(LIGHT_ON, "a luz da sala está acesa?", PT)
        assert (review.allowed, review.held) == (None, LIGHT_ON)
        assert review.reason is Reason.QUESTION

    def test_wide_question(self, guard: Guard) -> None:
        """Doors are left out of what is asked, too."""
        command = Command(action=Action.OFF, targets=(LIGHT, DOOR), is_wide=True)
        review = guard.review(command, "tem alguma luz acesa?", PT)
        assert review.held == Command(action=Action.OFF, targets=(LIGHT,), is_wide=True)
        assert review.refused == (DOOR,)
        assert review.reason is Reason.QUESTION

    def test_chosen_by_the_user(self, clock: Clock) -> None:
        """An entity that the user chose waits for a yes, also in a whole room."""
        guard = Guard(clock=clock, confirmed=frozenset({LIGHT.entity_id}))
        wide = Command(action=Action.ON, targets=(LIGHT,), is_wide=True)
        assert guard.review(LIGHT_ON, "acende a luz", PT).held == LIGHT_ON
        assert guard.review(wide, "acende tudo", PT).held == wide

    def test_no_targets(self, guard: Guard) -> None:
        """A command without targets is nothing."""
        review = guard.review(Command(action=Action.ON, targets=()), "liga", PT)
        assert (review.allowed, review.held, review.refused) == (None, None, ())


class TestAnswers:
    """What the person says to the question."""

    def test_nothing_pending(self, guard: Guard) -> None:
        """Without a question a yes is an ordinary request."""
        heard = guard.hear(SALA, "sim", PT)
        assert heard == Heard(hearing=Hearing.NOTHING)
        assert not heard.is_settled

    def test_yes(self, guard: Guard) -> None:
        """A yes hands the commands out, once."""
        assert guard.hold(SALA, [OPEN_GATE], PT) == "Quer mesmo abrir o portão da garagem?"
        heard = guard.hear(SALA, "sim", PT)
        assert heard == Heard(hearing=Hearing.CONFIRMED, commands=(OPEN_GATE,))
        assert heard.is_settled
        assert guard.hear(SALA, "sim", PT).hearing is Hearing.NOTHING

    def test_several_commands(self, guard: Guard) -> None:
        """All that was held is asked at once, without what was held twice."""
        question = guard.hold(SALA, [OPEN_GATE, UNLOCK, OPEN_GATE], PT)
        assert question == ("Quer mesmo abrir o portão da garagem e destrancar a porta da frente?")
        assert guard.hear(SALA, "sim, por favor", PT).commands == (OPEN_GATE, UNLOCK)

    def test_one_of_several(self, guard: Guard) -> None:
        """A yes that names one of several things is none for the others."""
        guard.hold(SALA, [OPEN_GATE, UNLOCK], PT)
        assert guard.hear(SALA, "sim, abre o portão", PT).hearing is Hearing.OTHER

    def test_waits(self, guard: Guard, clock: Clock) -> None:
        """A speaker who was asked is listened to until the time is over."""
        assert not guard.is_waiting(SALA)
        guard.hold(SALA, [OPEN_GATE], PT)
        assert guard.is_waiting(SALA)
        clock.now_s += ANSWER_S + 0.1
        assert not guard.is_waiting(SALA)

    def test_no(self, guard: Guard) -> None:
        """A no drops them, and says so."""
        guard.hold(SALA, [OPEN_GATE], PT)
        heard = guard.hear(SALA, "não, deixa pra lá", PT)
        assert (heard.hearing, heard.commands) == (Hearing.CANCELLED, ())
        assert heard.speech == "Tudo bem, não fiz nada."
        assert not heard.expects_answer
        assert guard.hear(SALA, "sim", PT).hearing is Hearing.NOTHING

    @pytest.mark.parametrize(
        "said", ["abre o portão da garagem", "sim, e apaga tudo", "que horas são"]
    )
    def test_something_else(self, guard: Guard, said: str) -> None:
        """Another request drops them and goes on as a request."""
        guard.hold(SALA, [OPEN_GATE], PT)
        heard = guard.hear(SALA, said, PT)
        assert heard == Heard(hearing=Hearing.OTHER)
        assert not heard.is_settled
        assert guard.hear(SALA, "sim", PT).hearing is Hearing.NOTHING

    def test_in_time(self, guard: Guard, clock: Clock) -> None:
        """The answer may take half a minute."""
        guard.hold(SALA, [OPEN_GATE], PT)
        clock.now_s += ANSWER_S
        assert guard.hear(SALA, "sim", PT).hearing is Hearing.CONFIRMED

    def test_too_late(self, guard: Guard, clock: Clock) -> None:
        """After that it answers nothing."""
        guard.hold(SALA, [OPEN_GATE], PT)
        clock.now_s += ANSWER_S + 0.1
        assert guard.hear(SALA, "sim", PT).hearing is Hearing.NOTHING

    @pytest.mark.parametrize(
        ("asked", "answering", "same"),
        [
            (("sala", None), ("sala", None), True),
            (("sala", "ana"), ("sala", "ana"), True),
            ((None, "ana"), (None, "ana"), True),
            (("sala", None), ("cozinha", None), False),
            (("sala", "ana"), ("sala", "bia"), False),
            (("sala", "ana"), ("sala", None), False),
            (("sala", "ana"), (None, "ana"), False),
            (("sala", None), (None, None), False),
        ],
    )
    def test_who_may_answer(
        self,
        guard: Guard,
        asked: tuple[str | None, str | None],
        answering: tuple[str | None, str | None],
        *,
        same: bool,
    ) -> None:
        """Satellite and user must be the same; the conversation does not matter then."""
        first = Speaker(device_id=asked[0], user_id=asked[1], conversation_id="1")
        second = Speaker(device_id=answering[0], user_id=answering[1], conversation_id="2")
        guard.hold(first, [OPEN_GATE], PT)
        assert (guard.hear(second, "sim", PT).hearing is Hearing.CONFIRMED) is same

    def test_nobody_known(self, guard: Guard) -> None:
        """Where neither satellite nor user is known, the conversation counts."""
        guard.hold(Speaker(device_id=None, user_id=None, conversation_id="1"), [OPEN_GATE], PT)
        for conversation_id, hearing in (("2", Hearing.NOTHING), ("1", Hearing.CONFIRMED)):
            speaker = Speaker(device_id=None, user_id=None, conversation_id=conversation_id)
            assert guard.hear(speaker, "sim", PT).hearing is hearing

    def test_a_new_question_replaces_the_old(self, guard: Guard) -> None:
        """One question is pending for a speaker: the last."""
        guard.hold(SALA, [UNLOCK], PT)
        guard.hold(SALA, [OPEN_GATE], PT)
        assert guard.hear(SALA, "sim", PT).commands == (OPEN_GATE,)

    def test_speakers_do_not_mix(self, guard: Guard) -> None:
        """Two speakers have a question each."""
        kitchen = Speaker(device_id="cozinha", user_id=None, conversation_id="2")
        guard.hold(SALA, [UNLOCK], PT)
        guard.hold(kitchen, [OPEN_GATE], PT)
        assert guard.hear(SALA, "não", PT).hearing is Hearing.CANCELLED
        assert guard.hear(kitchen, "sim", PT).commands == (OPEN_GATE,)

    def test_answer_in_the_language_of_the_question(self, guard: Guard) -> None:
        """Question or turn decide the language, no third one does."""
        guard.hold(SALA, [OPEN_GATE], PT)
        assert guard.hear(SALA, "sim", EN).hearing is Hearing.CONFIRMED
        guard.hold(SALA, [OPEN_GATE], PT)
        assert guard.hear(SALA, "yes", EN).hearing is Hearing.CONFIRMED
        guard.hold(SALA, [OPEN_GATE], PT)
        assert guard.hear(SALA, "adelante", EN).hearing is Hearing.OTHER

    def test_bounded(self, guard: Guard) -> None:
        """The oldest question gives way when there are too many."""
        speakers = [
            Speaker(device_id=str(number), user_id=None, conversation_id="")
            for number in range(MAX_PENDING + 1)
        ]
        for speaker in speakers:
            guard.hold(speaker, [OPEN_GATE], PT)
        assert guard.hear(speakers[0], "sim", PT).hearing is Hearing.NOTHING
        assert guard.hear(speakers[1], "sim", PT).hearing is Hearing.CONFIRMED
        assert guard.hear(speakers[-1], "sim", PT).hearing is Hearing.CONFIRMED


class TestPin:
    """Where a PIN is set, a yes is not enough."""

    def test_right(self, pin_guard: Guard) -> None:
        """The PIN confirms, and asks to be forgotten."""
        question = pin_guard.hold(SALA, [OPEN_GATE], PT)
        assert question == "Para abrir o portão da garagem, diga o PIN."
        heard = pin_guard.hear(SALA, "quatro, oito, dois, um", PT)
        assert heard == Heard(hearing=Hearing.CONFIRMED, commands=(OPEN_GATE,), is_pin=True)

    def test_yes(self, pin_guard: Guard, clock: Clock) -> None:
        """A yes is answered with the same demand, and the time starts anew."""
        pin_guard.hold(SALA, [OPEN_GATE], PT)
        clock.now_s += ANSWER_S
        heard = pin_guard.hear(SALA, "sim", PT)
        assert heard.hearing is Hearing.PIN_NEEDED
        assert heard.speech == "Só com o PIN. Diga o PIN."
        assert heard.expects_answer
        assert not heard.is_pin
        clock.now_s += ANSWER_S
        assert pin_guard.hear(SALA, "4821", PT).hearing is Hearing.CONFIRMED

    def test_no(self, pin_guard: Guard) -> None:
        """A no needs no PIN."""
        pin_guard.hold(SALA, [OPEN_GATE], PT)
        assert pin_guard.hear(SALA, "não", PT).hearing is Hearing.CANCELLED

    def test_wrong_then_right(self, pin_guard: Guard, clock: Clock) -> None:
        """A slip of the tongue is forgiven, and the time starts anew."""
        pin_guard.hold(SALA, [OPEN_GATE], PT)
        clock.now_s += ANSWER_S
        heard = pin_guard.hear(SALA, "4822", PT)
        assert heard.hearing is Hearing.WRONG_PIN
        assert heard.speech == "O PIN não confere. Diga o PIN de novo."
        assert heard.expects_answer
        assert heard.is_pin
        clock.now_s += ANSWER_S
        assert pin_guard.hear(SALA, "4821", PT).hearing is Hearing.CONFIRMED

    def test_harmless_needs_no_pin(self, pin_guard: Guard) -> None:
        """What is only held because of a question needs a yes."""
        assert pin_guard.hold(SALA, [LIGHT_ON], PT) == "Quer que eu ligue a luz da sala?"
        assert pin_guard.hear(SALA, "sim", PT).hearing is Hearing.CONFIRMED

    def test_number_without_a_question(self, pin_guard: Guard, guard: Guard) -> None:
        """A number like a PIN never reaches a model, unless there is no PIN."""
        heard = pin_guard.hear(SALA, "4821", PT)
        assert heard.hearing is Hearing.NOT_ASKED
        assert heard.is_settled
        assert heard.is_pin
        assert heard.speech == "Não há nada para confirmar agora."
        assert pin_guard.hear(SALA, "48", PT).hearing is Hearing.NOTHING
        assert guard.hear(SALA, "4821", PT).hearing is Hearing.NOTHING

    def test_number_to_a_question_without_pin(self, guard: Guard) -> None:
        """Without a PIN a number is no answer."""
        guard.hold(SALA, [OPEN_GATE], PT)
        assert guard.hear(SALA, "4821", PT).hearing is Hearing.OTHER


def fail(guard: Guard, times: int) -> list[Heard]:
    """Guess so many times, each from a satellite of its own and after a question of its own."""
    heard = []
    for number in range(times):
        speaker = Speaker(device_id=f"satellite-{number}", user_id=None, conversation_id="")
        guard.hold(speaker, [OPEN_GATE], PT)
        heard.append(guard.hear(speaker, f"000{number}", PT))
    return heard


class TestLockOut:
    """Guessing ends soon."""

    def test_counts_everybody(self, pin_guard: Guard) -> None:
        """The tries of all speakers and questions count together."""
        hearings = [heard.hearing for heard in fail(pin_guard, MAX_WRONG_PINS)]
        assert hearings == [Hearing.WRONG_PIN] * (MAX_WRONG_PINS - 1) + [Hearing.LOCKED]

    def test_is_said(self, pin_guard: Guard) -> None:
        """The last try is told that it was the last."""
        last = fail(pin_guard, MAX_WRONG_PINS)[-1]
        assert last.speech == ("O PIN foi errado vezes demais. Tente de novo em cinco minutos.")
        assert last.is_pin
        assert not last.expects_answer

    def test_drops_what_was_pending(self, pin_guard: Guard) -> None:
        """No question that was asked before can be answered with the PIN any more."""
        pin_guard.hold(SALA, [OPEN_GATE], PT)
        fail(pin_guard, MAX_WRONG_PINS)
        heard = pin_guard.hear(SALA, "4821", PT)
        assert (heard.hearing, heard.commands) == (Hearing.LOCKED, ())

    def test_holds_nothing(self, pin_guard: Guard, clock: Clock) -> None:
        """While it lasts, nothing is held, and the sentence says why."""
        fail(pin_guard, MAX_WRONG_PINS)
        clock.now_s += LOCKED_S - ANSWER_S
        assert "cinco minutos" in pin_guard.hold(SALA, [OPEN_GATE], PT)
        assert not pin_guard.is_waiting(SALA)
        clock.now_s += ANSWER_S
        assert pin_guard.hear(SALA, "4821", PT).hearing is Hearing.NOT_ASKED

    def test_spares_the_harmless(self, pin_guard: Guard) -> None:
        """What needs no PIN can be confirmed meanwhile, and was not dropped."""
        pin_guard.hold(SALA, [LIGHT_ON], PT)
        fail(pin_guard, MAX_WRONG_PINS)
        assert pin_guard.hear(SALA, "sim", PT).commands == (LIGHT_ON,)

    def test_ends(self, pin_guard: Guard, clock: Clock) -> None:
        """After five minutes there are five tries again."""
        fail(pin_guard, MAX_WRONG_PINS)
        clock.now_s += LOCKED_S
        hearings = [heard.hearing for heard in fail(pin_guard, MAX_WRONG_PINS - 1)]
        assert hearings == [Hearing.WRONG_PIN] * (MAX_WRONG_PINS - 1)
        pin_guard.hold(SALA, [OPEN_GATE], PT)
        assert pin_guard.hear(SALA, "4821", PT).hearing is Hearing.CONFIRMED

    def test_right_pin_starts_anew(self, pin_guard: Guard) -> None:
        """Somebody who knows the PIN gets the full number of tries the next time."""
        fail(pin_guard, MAX_WRONG_PINS - 1)
        pin_guard.hold(SALA, [OPEN_GATE], PT)
        assert pin_guard.hear(SALA, "4821", PT).hearing is Hearing.CONFIRMED
        assert fail(pin_guard, 1)[0].hearing is Hearing.WRONG_PIN
