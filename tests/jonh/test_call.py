"""The rules of a call: any order of what can happen, and the scenes that people know."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custom_components.jonh.call import Call
from custom_components.jonh.call_commands import (
    CancelTurn,
    CloseEars,
    Command,
    FinishEars,
    HangUp,
    Interruption,
    NoteHeard,
    OpenEars,
    Reason,
    RunTurn,
    Speak,
    SpeakMore,
    State,
    Tell,
)
from custom_components.jonh.call_rules import (
    CONFIRM_S,
    DECIDE_S,
    EARLY_CONFIRM_S,
    FAILURES_MAX,
    FALSE_ALARMS_MAX,
    GLANCE_S,
    PAUSE_S,
    SOUND_S,
)
from custom_components.jonh.call_words import Verdict, cut_at_word, judge, sentence_start

GOODBYE = "Até logo."
ANSWER = "A luz da sala está acesa. A porta da cozinha está fechada. Não há mais nada."


@dataclass
class Scene:
    """A call with a clock, and what its commands add up to."""

    interruption: Interruption = Interruption.VOICE
    waits_for_voice: bool = False
    now_s: float = 12_345.0
    out: list[Command] = field(default_factory=list)
    """Commands since they were last looked at."""
    everything: list[Command] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.call = Call(
            interruption=self.interruption,
            idle_s=60.0,
            language="pt-BR",
            goodbye=GOODBYE,
            waits_for_voice=self.waits_for_voice,
        )
        self.running: int | None = None
        self.has_ears = False
        self.speaking: int | None = None
        """Turn whose sound the call makes itself."""
        self.asked: list[str] = []
        self.is_over = False
        self._do(self.call.start(self.now_s))

    def _do(self, commands: list[Command]) -> None:
        assert not (self.is_over and commands), "nothing happens after the end"
        for command in commands:
            self._check(command)
        self.out += commands
        self.everything += commands

    def _check(self, command: Command) -> None:
        match command:
            case RunTurn(turn, text):
                assert self.running is None, "two turns at once"
                assert text.strip()
                self.running = turn
                self.asked.append(text)
            case CancelTurn(turn):
                assert self.running in (None, turn)
                self.running = None
                self.speaking = None
            case OpenEars(_, preroll_s):
                assert not self.has_ears, "two recognisers at once"
                assert not self.call.is_muted
                assert preroll_s >= 0
                self.has_ears = True
            case FinishEars():
                assert self.has_ears
            case CloseEars():
                assert self.has_ears
                self.has_ears = False
            case Speak(turn, _, _):
                assert turn == self.call.turn
                self.speaking = turn
            case HangUp():
                assert not self.has_ears
                assert self.running is None
                self.is_over = True

    def look(self) -> list[Command]:
        """Return the commands since the last look."""
        found, self.out = self.out, []
        return found

    def told(self) -> list[tuple[str, Any]]:
        """Return the events since the last look, each with its most telling field."""
        keys = ("state", "active", "text", "turn")
        return [
            (each.event, next((each.fields[key] for key in keys if key in each.fields), None))
            for each in self.look()
            if isinstance(each, Tell)
        ]

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        end_s = self.now_s + seconds
        while (due_s := self.call.deadline_s) is not None and due_s <= end_s:
            self.now_s = max(self.now_s, due_s)
            self._do(self.call.time_passes(self.now_s))
        self.now_s = end_s

    def speak(self, seconds: float) -> None:
        """Somebody speaks so long; the detector reports every 0.05 s."""
        for step in range(1, round(seconds / 0.05) + 1):
            self.now_s += 0.05
            self._do(self.call.voice(step * 0.05, step * 0.05, self.now_s))

    def hush(self) -> None:
        """Nobody speaks any more."""
        self._do(self.call.voice(0.0, 0.0, self.now_s))

    def hear(self, text: str) -> None:
        """Let the recogniser understand this."""
        was_open, self.has_ears = self.has_ears, False
        commands = self.call.transcript(text, self.now_s)
        assert was_open or not commands
        self._do(commands)

    def partial(self, text: str) -> None:
        """Let it understand this so far."""
        self._do(self.call.partial(text, self.now_s))

    def fail(self) -> None:
        """Let it fail."""
        self.has_ears = False
        self._do(self.call.ears_failed("stt-stream-failed", "Não ouvi.", self.now_s))

    def write(self, text: str = ANSWER, *, is_done: bool = True) -> None:
        """Let the turn that runs write an answer."""
        turn = self.running if self.running is not None else -1
        self._do(self.call.sound_coming(turn, f"/{turn}.wav"))
        self._do(self.call.delta(turn, text))
        if is_done:
            self._do(self.call.answered(turn, text, is_error=False))
            self.end_turn()

    def end_turn(self) -> None:
        """Its task ends."""
        if (turn := self.running) is not None:
            self.running = None
            self._do(self.call.turn_ended(turn, self.now_s))

    def play(self, position_s: float, sound_s: float = 10.0, turn: int | None = None) -> None:
        """Report that the client has played so much."""
        turn = self.call.turn if turn is None else turn
        self._do(self.call.sound_progress(turn, position_s, sound_s, self.now_s))

    def finish(self, turn: int | None = None) -> None:
        """Report that the client has played everything."""
        turn = self.call.turn if turn is None else turn
        self._do(self.call.sound_ended(turn, self.now_s))

    def ask(self, text: str = "tem alguma luz acesa") -> None:
        """Somebody says something and is quiet."""
        self.speak(1.0)
        self.hear(text)
        self.hush()

    def answer(self) -> None:
        """Ask, and hear two seconds of the answer."""
        self.ask()
        self.write()
        self.play(0.0)
        self.wait(2.0)
        self.play(2.0)
        self.look()


def of[T: Command](kind: type[T], commands: list[Command]) -> list[T]:
    """Return the commands of one kind."""
    return [command for command in commands if isinstance(command, kind)]


def test_a_turn_from_word_to_sound() -> None:
    """Listening, thinking, speaking, listening."""
    scene = Scene()
    assert of(OpenEars, scene.look()) == [OpenEars(1, 0.0)]
    scene.speak(0.5)
    scene.partial("tem alguma")
    scene.hear("tem alguma luz acesa")
    scene.hush()
    assert scene.told() == [
        ("speech", True),
        ("partial", "tem alguma"),
        ("transcript", "tem alguma luz acesa"),
        ("state", "thinking"),
        ("speech", False),
    ]
    scene.write()
    scene.play(0.0)
    assert scene.call.state is State.SPEAKING
    scene.wait(5.0)
    scene.play(5.0)
    scene.finish()
    assert scene.call.state is State.LISTENING
    assert of(OpenEars, scene.look()) == [OpenEars(2, 0.0)]


def test_voice_stops_the_answer() -> None:
    """A quarter of a second is enough, and the words are the next question."""
    scene = Scene()
    scene.answer()
    scene.speak(0.2)
    assert scene.told() == [("speech", True), ("duck", 1)]
    scene.speak(CONFIRM_S)
    out = scene.look()
    assert Tell("stop", {"turn": 1}) in out
    (ears,) = of(OpenEars, out)
    assert ears.turn == 2
    assert ears.preroll_s == pytest.approx(CONFIRM_S + 0.5)
    assert scene.call.state is State.INTERRUPTED
    scene.hear("e a porta da garagem, como está?")
    out = scene.look()
    assert of(CancelTurn, out) == [CancelTurn(1)]
    (noted,) = of(NoteHeard, out)
    assert ANSWER.startswith(noted.text)
    assert 0 < len(noted.text) < len(ANSWER) / 2
    assert of(RunTurn, out) == [RunTurn(2, "e a porta da garagem, como está?")]


def test_the_first_second_takes_more() -> None:
    """The echo canceller of the browser is still learning."""
    scene = Scene()
    scene.ask()
    scene.write()
    scene.play(0.0)
    scene.speak(EARLY_CONFIRM_S - 0.1)
    assert scene.call.state is State.SPEAKING
    scene.speak(EARLY_CONFIRM_S)
    assert scene.call.state is State.INTERRUPTED


@pytest.mark.parametrize("text", ["", "uhum", "luz"])
def test_a_cough_only_lowers_the_voice(text: str) -> None:
    """What it was is looked at; then it is raised again, and nothing was interrupted."""
    scene = Scene()
    scene.answer()
    scene.speak(0.15)
    scene.hush()
    assert scene.told() == [("speech", True), ("duck", 1), ("speech", False)]
    scene.wait(0.1)
    assert of(FinishEars, scene.look())
    scene.hear(text)
    assert scene.told() == [("resume", 1)]
    assert scene.call.state is State.SPEAKING
    assert scene.asked == scene.asked[:1]


def test_a_stop_word_too_short_to_stop_the_voice_ends_the_answer() -> None:
    """It takes a fifth of a second; who says it does not want the rest."""
    scene = Scene()
    scene.answer()
    scene.speak(0.15)
    scene.hush()
    scene.look()
    scene.hear("Para!")
    told = scene.told()
    assert ("stop", 1) in told
    assert scene.call.state is State.LISTENING
    assert scene.running is None
    assert len(scene.asked) == 1


@pytest.mark.parametrize("ending", ["late", "failed", "speech", "over", "mute", "touch"])
def test_a_look_at_a_burst_ends_with_what_comes_meanwhile(ending: str) -> None:
    """Whatever happens to the recogniser or the answer, one recogniser at most listens."""
    scene = Scene()
    scene.answer()
    scene.speak(0.15)
    scene.hush()
    match ending:
        case "late":
            scene.wait(GLANCE_S + 0.1)
            assert not scene.has_ears
            assert scene.call.state is State.SPEAKING
        case "failed":
            scene._do(scene.call.ears_failed("stt-failed", "Não ouvi.", scene.now_s))
            assert ("resume", 1) in scene.told()
        case "speech":
            scene.speak(0.6)
            assert scene.call.state is State.INTERRUPTED
            assert scene.has_ears
        case "over":
            scene._do(scene.call.sound_ended(1, scene.now_s))
            assert scene.call.state is State.LISTENING
        case "mute":
            scene._do(scene.call.mute(scene.now_s))
            assert not scene.has_ears
        case "touch":
            scene._do(scene.call.interrupt(scene.now_s))
            assert scene.call.state is State.LISTENING
            assert scene.has_ears


@pytest.mark.parametrize("text", ["", "uhum", "tá, tá", "a luz da sala está acesa"])
def test_what_means_nothing_resumes_the_sentence(text: str) -> None:
    """The interrupted sentence is said again from its beginning, and what follows."""
    scene = Scene()
    scene.answer()
    scene.wait(2.0)
    scene.play(4.0)
    scene.speak(0.3)
    scene.look()
    scene.hear(text)
    out = scene.look()
    assert not of(CancelTurn, out)
    assert not of(RunTurn, out)
    assert Tell("resume", {"turn": 1}) in out
    rest = ANSWER[ANSWER.index("A porta") :]
    assert of(Speak, out) == [Speak(2, rest, is_complete=True)]
    scene.play(0.0, turn=2)
    assert scene.call.state is State.SPEAKING
    scene.finish(2)
    assert scene.call.state is State.LISTENING
    assert scene.call.false_alarms == 1


def test_an_answer_that_is_still_written_resumes_with_what_came_meanwhile() -> None:
    """Nothing of it is lost while somebody coughs."""
    scene = Scene()
    scene.ask()
    scene.write("A luz está acesa. ", is_done=False)
    scene.play(0.0, 1.0)
    scene.wait(1.1)
    scene.play(1.0, 1.0)
    scene.speak(0.3)
    scene._do(scene.call.delta(1, "A porta "))
    scene.hear("")
    assert of(Speak, scene.look()) == [Speak(2, "A porta ", is_complete=False)]
    scene._do(scene.call.delta(1, "está fechada."))
    assert of(SpeakMore, scene.look()) == [SpeakMore(2, "está fechada.")]
    scene.end_turn()
    assert of(SpeakMore, scene.look()) == [SpeakMore(2, "", is_complete=True)]
    scene.play(0.5, turn=2)
    scene.finish(2)
    assert scene.call.state is State.LISTENING


@pytest.mark.parametrize("text", ["para", "espera", "chega"])
def test_stop_words_end_the_answer_and_ask_nothing(text: str) -> None:
    """Even where the answer has the word itself."""
    scene = Scene()
    scene.ask()
    scene.write("Espera, isso vai para a sala e chega amanhã. Depois vem mais.")
    scene.play(0.0)
    scene.wait(2.0)
    scene.play(2.0)
    scene.speak(0.3)
    scene.look()
    scene.hear(text)
    out = scene.look()
    assert of(CancelTurn, out)
    assert not of(RunTurn, out)
    assert scene.call.state is State.LISTENING
    assert scene.has_ears


def test_a_partial_decides_early() -> None:
    """The model does not go on writing, or acting, until the whole sentence was recognised."""
    scene = Scene()
    scene.answer()
    scene.speak(0.3)
    scene.partial("sei")
    assert not of(CancelTurn, scene.look())
    scene.partial("sei, mas e a garagem")
    assert of(CancelTurn, scene.look())
    assert scene.call.state is State.LISTENING
    scene.hear("sei, mas e a garagem?")
    assert scene.asked[-1] == "sei, mas e a garagem?"


def test_a_nod_after_a_question_is_an_answer() -> None:
    """Whoever is asked and says "ok" over the rest of it means yes."""
    assert judge("ok", "Posso apagar tudo?", "pt-BR") is Verdict.WORDS
    assert judge("ok", "Apaguei tudo.", "pt-BR") is Verdict.NOD


def test_speech_while_it_thinks_is_added() -> None:
    """Nothing was said yet: one question of both parts."""
    scene = Scene()
    scene.ask("acenda a luz")
    scene.write("Pronto", is_done=False)
    scene.speak(0.3)
    out = scene.look()
    assert of(CancelTurn, out) == [CancelTurn(1)]
    assert scene.call.state is State.LISTENING
    scene.hear("da cozinha")
    assert scene.asked == ["acenda a luz", "acenda a luz da cozinha"]


def test_what_was_done_already_is_not_asked_again() -> None:
    """A light that was switched by the first half must not be switched back by the whole."""
    scene = Scene()
    scene.ask("alterne a luz")
    scene._do(scene.call.deed(1, entity_id="light.a"))
    scene.speak(0.3)
    scene.hear("e feche a porta")
    assert scene.asked == ["alterne a luz", "e feche a porta"]


@pytest.mark.parametrize("text", ["", "  "])
def test_noise_while_it_thinks_asks_the_same_again(text: str) -> None:
    """The words are not lost because a door fell shut."""
    scene = Scene()
    scene.ask("acenda a luz")
    scene.speak(0.3)
    scene.hear(text)
    assert scene.asked == ["acenda a luz", "acenda a luz"]


def test_speech_after_the_phrase_is_not_lost_to_a_slow_recogniser() -> None:
    """It had closed its ears already, and its words come while somebody speaks again."""
    scene = Scene()
    scene.speak(1.0)
    scene.hush()
    scene.wait(0.6)
    scene.speak(0.5)
    scene.look()
    scene.hear("acenda a luz")
    scene.now_s += 0.05
    scene._do(scene.call.voice(0.55, 0.55, scene.now_s))
    (ears,) = of(OpenEars, scene.look())
    assert ears.preroll_s == pytest.approx(0.55 + 0.5)
    scene.hear("da cozinha")
    assert scene.asked[-1] == "acenda a luz da cozinha"


def test_a_stop_word_is_not_heard_twice() -> None:
    """The next recogniser begins behind it."""
    scene = Scene()
    scene.answer()
    scene.speak(0.5)
    scene.look()
    scene.hear("chega")
    assert of(OpenEars, scene.look()) == [OpenEars(3, 0.0)]


def test_who_speaks_on_is_heard_on() -> None:
    """A recogniser that was too quick does not cost the end of the sentence."""
    scene = Scene()
    scene.speak(1.0)
    scene.hear("acenda a luz")
    for step in range(1, 8):
        scene.now_s += 0.05
        scene._do(scene.call.voice(1.0 + step * 0.05, 1.0 + step * 0.05, scene.now_s))
    scene.hear("do quarto")
    assert scene.asked[-1] == "acenda a luz do quarto"


@pytest.mark.parametrize("mode", [Interruption.TOUCH, Interruption.OFF])
def test_voice_does_not_interrupt_where_it_must_not(mode: Interruption) -> None:
    """Only the finger does."""
    scene = Scene(mode)
    scene.answer()
    scene.speak(3.0)
    assert scene.call.state is State.SPEAKING
    scene._do(scene.call.interrupt(scene.now_s))
    out = scene.look()
    assert Tell("stop", {"turn": 1}) in out
    assert of(NoteHeard, out)
    assert scene.call.state is State.LISTENING
    assert scene.has_ears


def test_silence_after_an_interruption_makes_the_recogniser_decide() -> None:
    """Nobody waits for it to notice by itself that nobody speaks."""
    scene = Scene()
    scene.answer()
    scene.speak(0.3)
    scene.hush()
    scene.wait(PAUSE_S + 0.1)
    assert of(FinishEars, scene.look())
    scene.wait(DECIDE_S)
    assert of(CloseEars, scene.everything)
    assert of(Speak, scene.look())


def test_an_answer_with_an_echo_becomes_deaf_to_it() -> None:
    """Otherwise it would interrupt itself for ever."""
    scene = Scene()
    scene.answer()
    for _ in range(FALSE_ALARMS_MAX):
        scene.speak(0.6)
        assert scene.call.state is State.INTERRUPTED
        scene.hush()
        scene.hear("")
        scene.play(0.0)
        scene.wait(1.5)
        scene.play(1.5)
    scene.speak(2.0)
    assert scene.call.state is State.SPEAKING


def test_mute_hears_nothing_and_forgets_what_was_half_said() -> None:
    """Whoever mutes does not want to be heard."""
    scene = Scene()
    scene.speak(0.5)
    scene._do(scene.call.mute(scene.now_s))
    assert not scene.has_ears
    scene._do(scene.call.voice(1.0, 1.0, scene.now_s))
    scene.hear("segredo")
    assert scene.asked == []
    scene._do(scene.call.unmute(scene.now_s))
    assert scene.has_ears


def test_mute_lets_the_answer_go_on() -> None:
    """One that was interrupted a moment ago as well."""
    scene = Scene()
    scene.answer()
    scene.speak(0.3)
    scene.look()
    scene._do(scene.call.mute(scene.now_s))
    assert of(Speak, scene.look())
    scene.play(0.0)
    scene.finish()
    assert scene.call.state is State.LISTENING
    assert not scene.has_ears


def test_goodbye_after_a_long_silence() -> None:
    """It is spoken, and then the call ends."""
    scene = Scene()
    scene.wait(59.0)
    assert scene.call.state is State.LISTENING
    scene.wait(2.0)
    assert of(Speak, scene.look()) == [Speak(2, GOODBYE, is_complete=True)]
    scene.play(0.0)
    scene.finish()
    assert scene.call.state is State.HUNG_UP
    assert Tell("ended", {"reason": "idle", "text": GOODBYE}) in scene.look()


def test_who_speaks_into_the_goodbye_stays() -> None:
    """The call goes on with what they say."""
    scene = Scene()
    scene.wait(61.0)
    scene.play(0.0)
    scene.speak(0.6)
    scene.hear("espera, ainda não acabei de falar")
    assert scene.asked == ["espera, ainda não acabei de falar"]


def test_hang_up_remembers_what_was_heard() -> None:
    """And frees everything."""
    scene = Scene()
    scene.answer()
    scene._do(scene.call.hang_up(scene.now_s))
    out = scene.look()
    assert of(NoteHeard, out)
    assert out[-1] == HangUp(Reason.HANGUP)
    assert scene.call.deadline_s is None


def test_a_recogniser_that_fails_again_and_again_ends_the_call() -> None:
    """Each failure is told; once it works, the count starts again."""
    scene = Scene()
    scene.fail()
    scene.wait(5.0)
    assert scene.has_ears
    scene.hear("oi")
    scene.end_turn()
    for _ in range(FAILURES_MAX):
        assert scene.has_ears
        scene.fail()
        scene.wait(5.0)
    assert scene.call.state is State.HUNG_UP


def test_a_recogniser_that_ends_at_once_is_not_asked_in_a_circle() -> None:
    """There is a pause, and the sound of the pause is kept."""
    scene = Scene()
    scene.hear("")
    assert not scene.has_ears
    scene.wait(1.1)
    assert scene.has_ears
    (again,) = of(OpenEars, scene.look())[-1:]
    assert again.preroll_s >= 1.0


def test_a_recogniser_that_needs_an_end_waits_for_a_voice() -> None:
    """Nobody transcribes silence."""
    scene = Scene(waits_for_voice=True)
    assert not scene.has_ears
    scene.speak(0.1)
    assert scene.has_ears
    scene.hear("")
    scene.wait(5.0)
    scene.hush()
    assert not scene.has_ears
    scene.speak(0.1)
    assert scene.has_ears


def test_a_client_that_lost_the_sound_is_not_waited_for() -> None:
    """The call listens again."""
    scene = Scene()
    scene.ask()
    scene.write()
    scene.wait(SOUND_S + 0.1)
    assert scene.call.state is State.LISTENING


def test_a_turn_without_sound_ends_with_its_text() -> None:
    """A pipeline need not have a voice."""
    scene = Scene()
    scene.ask()
    scene._do(scene.call.delta(1, "Sim."))
    scene.end_turn()
    assert scene.call.state is State.LISTENING


@pytest.mark.parametrize(
    ("text", "spoken", "language", "verdict"),
    [
        ("Uh-huh.", "The light is on.", "en", Verdict.NOD),
        ("mm-hmm", "The light is on.", "en", Verdict.NOD),
        ("right, yeah", "The light is on.", "en", Verdict.NOD),
        ("Wait!", "The light is on.", "en", Verdict.STOP),
        ("stop", "The light is on.", "en", Verdict.STOP),
        ("what about the door", "The light is on.", "en", Verdict.WORDS),
        ("the light is on", "The light is on.", "en", Verdict.ECHO),
        ("Pára!", "Está tudo bem.", "pt", Verdict.STOP),
        ("uhum", "Está tudo bem.", "pt-BR", Verdict.NOD),
        ("não", "Está tudo bem.", "pt-BR", Verdict.WORDS),
        ("para a sala", "Está tudo bem.", "pt-BR", Verdict.WORDS),
        ("a luz da sala esta cesa", ANSWER, "pt-BR", Verdict.ECHO),
        ("a luz da garagem", ANSWER, "pt-BR", Verdict.WORDS),
        ("apague a luz da sala", ANSWER, "pt-BR", Verdict.WORDS),
        ("e a luz da varanda", ANSWER, "pt-BR", Verdict.WORDS),
        ("a porta da cozina esta fechado", ANSWER, "pt-BR", Verdict.ECHO),
        ("apague a luz da garagem agora", ANSWER, "pt-BR", Verdict.WORDS),
        ("basta", "Todo está bien.", "es", Verdict.STOP),
        ("vale, vale", "Todo está bien.", "es", Verdict.NOD),
        ("...", ANSWER, "es", Verdict.NOTHING),
    ],
)
def test_verdicts(text: str, spoken: str, language: str, verdict: Verdict) -> None:
    """What people say over an answer."""
    assert judge(text, spoken, language) is verdict


def test_cutting_text() -> None:
    """No word in part, and sentences from their beginning."""
    assert cut_at_word("uma duas três", 6) == "uma"
    assert cut_at_word("uma duas três", 8) == "uma duas"
    assert cut_at_word("uma duas três", 99) == "uma duas três"
    assert cut_at_word("uma", 0) == ""
    assert sentence_start("Um. Dois! Três", 5) == 4
    assert sentence_start("Um. Dois! Três", 2) == 0
    assert sentence_start("Custa 22.5 reais", 12) == 0


ACTIONS = st.one_of(
    st.tuples(st.just("speak"), st.sampled_from([0.05, 0.2, 0.35, 0.7, 2.0])),
    st.tuples(st.just("hear"), st.sampled_from(["", "uhum", "para", "acenda a luz", "e a porta"])),
    st.tuples(st.just("partial"), st.sampled_from(["tá", "acenda a luz", "para"])),
    st.tuples(st.just("write"), st.sampled_from([ANSWER, "Sim."])),
    st.tuples(st.just("write_part"), st.sampled_from([ANSWER, "Sim."])),
    st.tuples(st.just("play"), st.sampled_from([0.0, 1.0, 4.0])),
    st.tuples(st.just("wait"), st.sampled_from([0.0, 0.5, 3.0, 11.0, 70.0])),
    st.tuples(
        st.sampled_from(
            ["hush", "fail", "end_turn", "finish", "interrupt", "mute", "unmute", "deed", "stale"]
        ),
        st.none(),
    ),
)


def act(scene: Scene, action: str, value: Any) -> None:
    """Let one thing happen, where it can."""
    call = scene.call
    match action:
        case "hear" if scene.has_ears:
            scene.hear(value)
        case "fail" if scene.has_ears:
            scene.fail()
        case "write_part":
            scene.write(value, is_done=False)
        case "interrupt" | "mute" | "unmute":
            scene._do(getattr(call, action)(scene.now_s))
        case "deed":
            scene._do(call.deed(scene.running or -1, entity_id="light.a"))
        case "stale":
            for turn in (0, call.turn - 1, call.turn + 1):
                scene.play(1.0, turn=turn)
                scene.finish(turn)
                scene._do(call.delta(-1, "x"))
                scene._do(call.turn_ended(-1, scene.now_s))
        case "speak" | "partial" | "write" | "play" | "wait":
            getattr(scene, action)(value)
        case "hush" | "end_turn" | "finish":
            getattr(scene, action)()


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(Interruption),
    st.booleans(),
    st.lists(ACTIONS, max_size=40),
)
def test_any_order(
    interruption: Interruption, waits_for_voice: bool, actions: list[tuple[str, Any]]
) -> None:
    """Never two turns or two recognisers at once, no words lost, and always an end."""
    scene = Scene(interruption, waits_for_voice)
    for action, value in actions:
        if scene.is_over:
            break
        is_judged = scene.call._spoken_over is not None
        pending = scene.call._pending
        was_open, asked = scene.has_ears, len(scene.asked)
        act(scene, action, value)
        if action == "hear" and was_open:
            # What was said is asked at once, with what was not answered before it.
            spoken = scene.asked[asked:]
            if value and not is_judged:
                assert value in spoken[0]
            if pending and not is_judged:
                assert spoken[0].startswith(pending)
    # Left alone, it ends: nothing is waited for without a limit.
    for _ in range(40):
        scene.wait(70.0)
    scene.wait(700.0)
    scene.wait(700.0)
    assert scene.call.state is State.HUNG_UP
    assert isinstance(scene.everything[-1], HangUp)
    assert scene.everything.count(scene.everything[-1]) == 1


@given(st.lists(st.sampled_from(["acenda", "a luz", "da sala", "por favor"]), min_size=1))
def test_a_question_in_many_breaths_is_one(parts: list[str]) -> None:
    """However often somebody goes on while it thinks."""
    scene = Scene()
    scene.ask(parts[0])
    for part in parts[1:]:
        scene.speak(0.4)
        scene.hear(part)
        scene.hush()
    assert scene.asked[-1] == " ".join(parts)
