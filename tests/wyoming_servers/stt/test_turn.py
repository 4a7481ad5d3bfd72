"""One utterance from its first sample to its text, without I/O and without a model."""

from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.wyoming_servers.stt.levels import LevelDetector, loud, quiet, seconds
from wyoming_servers.audio import SAMPLE_RATE_HZ, Samples
from wyoming_servers.protocol import CancelJob, Command, Promote, StartJob, Urgency
from wyoming_servers.stt.ending import Ending
from wyoming_servers.stt.endpoint import WINDOW_S, EndpointOptions, Over
from wyoming_servers.stt.turn import Recognition, Turn, Utterance, Wish

_FINISHED = Recognition("Acenda a luz da sala.", "pt")
_UNFINISHED = Recognition("Acenda a luz da", "pt")


def _turn(
    endpoint: EndpointOptions | None = None, *, has_partials: bool = False, max_s: float = 60.0
) -> Turn:
    wish = Wish(
        language="pt",
        names=("Ana",),
        has_partials=has_partials,
        endpoint=endpoint or EndpointOptions(),
        max_s=max_s,
        partial_s=1.0,
    )
    return Turn(wish, LevelDetector(), ("sala",))


def _hear(turn: Turn, *sounds: Samples) -> list[Command[Utterance]]:
    """Let a turn hear sound as Home Assistant sends it, in chunks of 10 ms."""
    sound = np.concatenate(sounds)
    commands: list[Command[Utterance]] = []
    for at in range(0, len(sound), 160):
        if turn.is_over:
            break
        commands += turn.hear(sound[at : at + 160])
    return commands


def _job(commands: Iterable[Command[Utterance]], urgency: Urgency) -> Utterance:
    """Return the one job that was started, which must be this urgent."""
    (start,) = [each for each in commands if isinstance(each, StartJob)]
    assert start.urgency is urgency
    return start.job


def test_the_text_is_ready_when_the_turn_ends() -> None:
    """Recognised at the pause, kept through the silence, answered without another job."""
    turn = _turn()
    job = _job(_hear(turn, quiet(0.5), loud(1.0), quiet(0.3)), Urgency.SPECULATIVE)
    assert list(turn.on_result(job, _FINISHED)) == []
    assert not turn.is_over
    assert _hear(turn, quiet(0.2)) == []
    assert turn.is_over
    assert turn.answer is _FINISHED
    report = turn.report()
    assert report.over is Over.SILENCE
    assert report.ending is Ending.FINISHED
    assert report.is_speculative
    assert (report.speculations, report.words, report.language) == (1, 5, "pt")
    assert report.speech_s == pytest.approx(seconds(loud(1.0)))
    assert 0.4 <= report.endpoint_s < 0.4 + WINDOW_S


def test_a_late_text_ends_the_turn_at_once() -> None:
    """When the silence is already long enough, the text ends the turn as it comes."""
    turn = _turn()
    job = _job(_hear(turn, loud(1.0), quiet(0.6)), Urgency.SPECULATIVE)
    assert not turn.is_over
    assert list(turn.on_result(job, _FINISHED)) == []
    assert turn.answer is _FINISHED


def test_a_text_that_is_not_finished_waits_longer() -> None:
    """A text in the middle of a sentence waits for what is to come, and then no longer."""
    turn = _turn(EndpointOptions(unfinished_s=1.2))
    job = _job(_hear(turn, loud(1.0), quiet(0.3)), Urgency.SPECULATIVE)
    list(turn.on_result(job, _UNFINISHED))
    assert _hear(turn, quiet(0.8)) == []
    assert not turn.is_over
    _hear(turn, quiet(0.2))
    assert turn.answer is _UNFINISHED


def test_speech_that_goes_on_drops_the_text() -> None:
    """The recognition of half a sentence is cancelled, and the next one has all of it."""
    turn = _turn()
    sounds = (loud(1.0), quiet(0.3), loud(0.5))
    first = _job(_hear(turn, *sounds[:2]), Urgency.SPECULATIVE)
    assert _hear(turn, sounds[2]) == [CancelJob(first)]
    second = _job(_hear(turn, quiet(0.3)), Urgency.SPECULATIVE)
    assert len(second.samples) > sum(map(len, sounds))
    assert not turn.owns(first)
    assert turn.owns(second)
    list(turn.on_result(second, _FINISHED))
    _hear(turn, quiet(0.2))
    assert turn.report().speculations == 2


def test_a_text_that_speech_overtook_is_not_taken() -> None:
    """A text that was there before the speech went on does not end the longer utterance."""
    turn = _turn()
    first = _job(_hear(turn, loud(1.0), quiet(0.3)), Urgency.SPECULATIVE)
    list(turn.on_result(first, _FINISHED))
    assert _hear(turn, loud(0.5)) == [CancelJob(first)]
    second = _job(_hear(turn, quiet(0.5)), Urgency.SPECULATIVE)
    assert not turn.is_over
    list(turn.on_result(second, Recognition("Acenda a luz da sala e da cozinha.", "pt")))
    assert turn.answer is not None
    assert turn.answer.text.endswith("cozinha.")


def test_on_a_slow_machine_the_job_becomes_urgent() -> None:
    """Once the silence would be enough, the job is promoted, once; in the end it is awaited."""
    turn = _turn(EndpointOptions(open_s=0.7, unfinished_s=1.2))
    job = _job(commands := _hear(turn, loud(1.0), quiet(0.65)), Urgency.SPECULATIVE)
    assert len(commands) == 1
    assert _hear(turn, quiet(0.1)) == [Promote(job)]
    assert _hear(turn, quiet(0.6)) == []
    assert turn.is_over
    assert turn.answer is None
    list(turn.on_result(job, _UNFINISHED))
    assert turn.answer is _UNFINISHED


def test_the_client_ends_the_turn() -> None:
    """With audio-stop the text of the pause is the answer at once."""
    turn = _turn(EndpointOptions(is_own=False))
    job = _job(_hear(turn, loud(1.0), quiet(0.5)), Urgency.SPECULATIVE)
    list(turn.on_result(job, _FINISHED))
    _hear(turn, quiet(0.8))
    assert not turn.is_over
    assert list(turn.stop()) == []
    assert turn.answer is _FINISHED
    assert turn.report().over is None
    assert list(turn.stop()) == []


def test_the_client_ends_the_turn_before_the_text_is_there() -> None:
    """The job that runs is promoted rather than started again."""
    turn = _turn(EndpointOptions(is_own=False))
    job = _job(_hear(turn, loud(1.0), quiet(0.3)), Urgency.SPECULATIVE)
    assert list(turn.stop()) == [Promote(job)]
    list(turn.on_result(job, _FINISHED))
    assert turn.answer is _FINISHED


def test_the_client_ends_the_turn_in_the_middle_of_a_word() -> None:
    """All sound up to audio-stop is recognised, even what fills no window."""
    turn = _turn(EndpointOptions(is_own=False))
    sound = np.concatenate((loud(1.0), loud(1.0)[:300]))
    assert _hear(turn, sound) == []
    job = _job(turn.stop(), Urgency.FINAL)
    assert np.array_equal(job.samples, sound)
    assert job.language == "pt"
    assert job.names == ("Ana",)
    list(turn.on_result(job, _FINISHED))
    assert not turn.report().is_speculative


def test_a_client_that_missed_the_end_is_answered() -> None:
    """Long after the last word a turn is over, although audio-stop has not come."""
    turn = _turn(EndpointOptions(is_own=False, safety_s=2.0))
    job = _job(_hear(turn, loud(0.4), quiet(0.5)), Urgency.SPECULATIVE)
    list(turn.on_result(job, Recognition("Sim.", "pt")))
    assert not turn.is_over
    _hear(turn, quiet(2.0))
    assert turn.answer is not None
    assert turn.report().over is Over.SILENCE


@pytest.mark.parametrize("sound", [quiet(1.0), np.empty(0, np.int16), loud(0.06)])
def test_nothing_said_needs_no_job(sound: Samples) -> None:
    """Silence, no sound at all, and a click are answered with an empty text."""
    turn = _turn()
    assert _hear(turn, sound) == []
    assert list(turn.stop()) == []
    assert turn.answer == Recognition("", "pt")
    assert turn.report().over is Over.NO_SPEECH


def test_nobody_speaks() -> None:
    """After some seconds without speech the turn is over by itself."""
    turn = _turn(EndpointOptions(no_speech_s=2.0))
    assert _hear(turn, quiet(3.0)) == []
    assert turn.answer == Recognition("", "pt")


def test_a_cough_does_not_end_the_turn() -> None:
    """Short speech without a text is noise: the turn goes on, and the command is heard."""
    turn = _turn()
    cough = _job(_hear(turn, loud(0.3), quiet(0.4)), Urgency.SPECULATIVE)
    assert list(turn.on_result(cough, Recognition("", None))) == []
    assert _hear(turn, quiet(2.0)) == []
    job = _job(_hear(turn, loud(1.0), quiet(0.3)), Urgency.SPECULATIVE)
    assert seconds(job.samples) == pytest.approx(0.5 + 1.0 + 0.25, abs=0.1)
    list(turn.on_result(job, _FINISHED))
    _hear(turn, quiet(0.3))
    assert turn.answer is _FINISHED


def test_speech_that_nobody_understands_ends_the_turn() -> None:
    """A person who spoke for a while is not left waiting because there is no text."""
    turn = _turn()
    job = _job(_hear(turn, loud(1.5), quiet(0.3)), Urgency.SPECULATIVE)
    list(turn.on_result(job, Recognition("", "pt")))
    _hear(turn, quiet(1.5))
    assert turn.answer == Recognition("", "pt")


def test_without_speculation_the_job_starts_at_the_end() -> None:
    """With speculation off there is one job, when the silence is long enough."""
    turn = _turn(EndpointOptions(speculate_s=0, unfinished_s=0.8))
    assert _hear(turn, loud(1.0), quiet(0.7)) == []
    _job(_hear(turn, quiet(0.2)), Urgency.FINAL)
    assert turn.is_over


@pytest.mark.parametrize("endpoint", [EndpointOptions(), EndpointOptions(is_own=False)])
def test_the_longest_sound(endpoint: EndpointOptions) -> None:
    """At its maximum the turn is over, whoever ends it otherwise, with that much sound."""
    turn = _turn(endpoint, max_s=2.0)
    job = _job(_hear(turn, loud(3.0)), Urgency.FINAL)
    assert turn.is_over
    assert seconds(job.samples) == pytest.approx(2.0, abs=WINDOW_S)


def test_the_sound_is_cut_to_the_speech() -> None:
    """Half a second before and the pause after it are kept; a long silence before is not."""
    turn = _turn()
    job = _job(_hear(turn, quiet(5.0), loud(1.0), quiet(0.3)), Urgency.SPECULATIVE)
    assert seconds(job.samples) == pytest.approx(0.5 + 1.0 + 0.25, abs=2 * WINDOW_S)
    start = np.flatnonzero(job.samples)[0]
    assert start == SAMPLE_RATE_HZ // 2


def test_partial_texts_are_wanted_while_somebody_speaks() -> None:
    """Each second of speech is a job of the lowest urgency, one at a time, none in silence."""
    turn = _turn(has_partials=True)
    first = _job(_hear(turn, loud(1.5)), Urgency.PARTIAL)
    assert _hear(turn, loud(1.5)) == []
    list(turn.on_result(first, Recognition("acenda", "pt")))
    assert turn.partial == "acenda"
    second = _job(_hear(turn, loud(0.1)), Urgency.PARTIAL)
    pause = _hear(turn, quiet(0.3))
    assert pause[0] == CancelJob(second)
    assert _job(pause, Urgency.SPECULATIVE)


@settings(max_examples=60, deadline=None)
@given(
    pieces=st.lists(st.tuples(st.booleans(), st.floats(0.02, 0.8)), max_size=8),
    cuts=st.lists(st.integers(1, 20_000), max_size=30),
)
def test_how_the_sound_is_cut_does_not_matter(
    pieces: list[tuple[bool, float]], cuts: list[int]
) -> None:
    """The same jobs with the same sound come out of chunks of any size."""
    sounds = [loud(length_s) if is_loud else quiet(length_s) for is_loud, length_s in pieces]
    sound = np.concatenate([*sounds, quiet(2.0)])

    def jobs(parts: list[Samples]) -> list[tuple[str, int]]:
        turn = _turn()
        commands: list[Command[Utterance]] = []
        for part in parts:
            commands += [] if turn.is_over else turn.hear(part)
        return [
            (type(each).__name__, hash(each.job.samples.tobytes()))
            for each in commands
            if not isinstance(each, Promote) and hasattr(each, "job")
        ]

    assert jobs(np.split(sound, sorted(set(cuts)))) == jobs(np.array_split(sound, 100))
