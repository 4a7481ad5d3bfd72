"""Where a turn begins, pauses and ends: on recorded and on random tracks of probabilities.

The recorded tracks are what Silero VAD v6 gave for the starter voice, in percent per window of
32 ms.
"""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_servers.stt.ending import Ending
from wyoming_servers.stt.endpoint import WINDOW_S, Endpointer, EndpointOptions, Mark, Over


def _track(percents: str) -> list[float]:
    return [int(percent) / 100 for percent in percents.split()]


# "Sim." from the first sample on, 0.40 s of speech, then a second of silence.
_SIM = _track(
    "18 22 18 97 95 93 94 92 92 95 95 95 95 69 15 5 3 2 2 1 1 1 1 1 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0"
)
# "Acenda a luz da", 0.6 s of silence, "sala.", 0.5 s of silence.
_PAUSE = _track(
    "2 1 1 0 0 0 0 0 0 19 80 89 90 92 95 96 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99"
    " 99 99 99 98 97 91 79 98 99 94 22 16 9 6 4 3 3 3 2 2 2 2 2 2 1 1 1 5 34 51 62 95 98 99 99"
    " 99 99 99 98 96 63 18 11 7 4 3 3 2 2 2 2 2 1 1 1"
)
# "Stop.": the closure before the p is heard as a gap within the word.
_STOP = _track(
    "9 8 8 63 95 97 98 98 98 97 97 96 55 67 51 15 9 5 3 3 2 2 2 1 1 1 1 1 1 1 1 1 1 0 0 0 0 0"
)
# Two seconds of white noise, a click, and a burst of noise that is shaped like a cough.
_NOISE = _track("8 2 1 1 1 1 1 1 1 1 1 1 2 1 1 1 2 1 1 1 3 4 2 1 2 2 2 1 1 3 2 2 1 1 1 4 2 2 1 3")

_SILENCE = [0.0]
_SPEECH = [0.9]


def _marks(endpointer: Endpointer, track: list[float]) -> list[tuple[int, Mark]]:
    """Return what each window changed, with its index."""
    heard = [(index, endpointer.hear(probability)) for index, probability in enumerate(track)]
    return [(index, mark) for index, mark in heard if mark is not None]


def _over_at(
    track: list[float], ending: Ending | None, options: EndpointOptions | None = None
) -> tuple[int, Over] | None:
    """Return the index of the window at which a turn is over, and why."""
    endpointer = Endpointer(options or EndpointOptions())
    for index, probability in enumerate(track):
        endpointer.hear(probability)
        if over := endpointer.over(ending):
            return index, over
    return None


def test_a_short_word_at_the_very_beginning_is_heard() -> None:
    """A "sim" that starts with the stream begins, pauses and ends like any other word."""
    endpointer = Endpointer(EndpointOptions())
    assert _marks(endpointer, _SIM) == [(5, Mark.STARTED), (21, Mark.PAUSED)]
    assert endpointer.starts_at_s == pytest.approx(3 * WINDOW_S)
    assert endpointer.ends_at_s == pytest.approx(14 * WINDOW_S)
    assert _over_at(_SIM, Ending.FINISHED) == (26, Over.SILENCE)


def test_a_pause_within_a_sentence() -> None:
    """The pause is told once, speech that goes on too, and the end is that of the last word."""
    endpointer = Endpointer(EndpointOptions())
    marks = [mark for _, mark in _marks(endpointer, _PAUSE)]
    assert marks == [Mark.STARTED, Mark.PAUSED, Mark.RESUMED, Mark.PAUSED]
    assert endpointer.ends_at_s == pytest.approx(74 * WINDOW_S)


@pytest.mark.parametrize(
    ("ending", "over"),
    [
        (Ending.FINISHED, (55, Over.SILENCE)),
        (Ending.OPEN, None),
        (Ending.UNFINISHED, None),
        (None, None),
    ],
)
def test_the_text_decides_whether_a_pause_is_the_end(
    ending: Ending | None, over: tuple[int, Over] | None
) -> None:
    """0.6 s of silence end a turn whose text is finished, and no other."""
    assert _over_at(_PAUSE[:64], ending) == over


@pytest.mark.parametrize(
    ("ending", "silence_s"),
    [(Ending.FINISHED, 0.3), (Ending.OPEN, 0.5), (Ending.UNFINISHED, 1.0), (None, 1.0)],
)
def test_each_ending_has_its_own_silence(ending: Ending | None, silence_s: float) -> None:
    """A turn ends with the first window that makes the silence long enough."""
    options = EndpointOptions(finished_s=0.3, open_s=0.5, unfinished_s=1.0)
    over = _over_at(_SPEECH * 10 + _SILENCE * 100, ending, options)
    assert over is not None
    windows = over[0] + 1 - 10
    assert (windows - 1) * WINDOW_S < silence_s <= windows * WINDOW_S


def test_a_gap_within_a_word_is_no_pause() -> None:
    """The stop of a consonant neither ends the speech nor counts as resuming it."""
    endpointer = Endpointer(EndpointOptions())
    assert [mark for _, mark in _marks(endpointer, _STOP)] == [Mark.STARTED, Mark.PAUSED]
    assert endpointer.speech_s == pytest.approx(12 * WINDOW_S)


def test_noise_and_clicks_are_no_speech() -> None:
    """Neither noise nor two loud windows start a turn."""
    endpointer = Endpointer(EndpointOptions())
    assert _marks(endpointer, _NOISE + _SPEECH * 2 + _SILENCE + _SPEECH * 2 + _SILENCE) == []
    assert not endpointer.has_speech


def test_a_click_in_a_pause_does_not_resume() -> None:
    """A pause goes on through two loud windows, but no turn ends in the middle of them."""
    options = EndpointOptions(finished_s=0.4)
    before = _SPEECH * 5 + _SILENCE * 11
    endpointer = Endpointer(options)
    marks = _marks(endpointer, before + _SPEECH * 2)
    assert [mark for _, mark in marks] == [Mark.STARTED, Mark.PAUSED]
    assert endpointer.over(Ending.FINISHED) is None
    endpointer.hear(0.0)
    assert endpointer.over(Ending.FINISHED) is Over.SILENCE
    assert endpointer.ends_at_s == pytest.approx(5 * WINDOW_S)


def test_nobody_speaks() -> None:
    """Without speech a turn of ours is over in time; a client decides for itself."""
    options = EndpointOptions(no_speech_s=1.0)
    over = _over_at(_NOISE * 3, None, options)
    assert over == (31, Over.NO_SPEECH)
    assert _over_at(_NOISE * 100, None, EndpointOptions(is_own=False)) is None


def test_who_begins_at_the_last_moment_is_heard() -> None:
    """The wait for speech does not end while somebody may be starting to speak."""
    options = EndpointOptions(no_speech_s=1.0)
    assert _over_at(_SILENCE * 30 + _SPEECH * 5, None, options) is None
    click = _over_at(_SILENCE * 30 + _SPEECH * 2 + _SILENCE * 5, None, options)
    assert click == (32, Over.NO_SPEECH)


def test_a_television_ends_at_the_maximum() -> None:
    """A turn that never pauses is over after its longest time, counted from the first word."""
    options = EndpointOptions(max_turn_s=2.0)
    over = _over_at(_SILENCE * 20 + _SPEECH * 200, None, options)
    assert over == (20 + 63 - 1, Over.TOO_LONG)
    client = EndpointOptions(is_own=False, max_turn_s=2.0)
    assert _over_at(_SPEECH * 200, None, client) is None


def test_a_client_that_missed_the_end() -> None:
    """A turn that the client should end is over after a long silence all the same."""
    options = EndpointOptions(is_own=False, safety_s=1.5)
    over = _over_at(_SIM + _SILENCE * 100, Ending.FINISHED, options)
    assert over == (14 + 47 - 1, Over.SILENCE)


def test_noise_can_be_forgotten() -> None:
    """A cough that looked like speech is forgotten, and the next word begins the turn."""
    endpointer = Endpointer(EndpointOptions(no_speech_s=2.0))
    _marks(endpointer, _SPEECH * 4 + _SILENCE * 10)
    endpointer.forget()
    assert not endpointer.has_speech
    assert endpointer.over(Ending.FINISHED) is None
    assert [mark for _, mark in _marks(endpointer, _SPEECH * 4 + _SILENCE * 10)] == [
        Mark.STARTED,
        Mark.PAUSED,
    ]
    assert endpointer.starts_at_s == pytest.approx(14 * WINDOW_S)
    endpointer.forget()
    _marks(endpointer, _SILENCE * 40)
    assert endpointer.over() is Over.NO_SPEECH


def test_without_speculation_a_pause_is_still_told() -> None:
    """Speculation off moves the pause to the shortest silence that can end a turn."""
    endpointer = Endpointer(EndpointOptions(speculate_s=0, finished_s=0.4))
    marks = _marks(endpointer, _SPEECH * 5 + _SILENCE * 20)
    assert marks == [(2, Mark.STARTED), (5 + 13 - 1, Mark.PAUSED)]


@given(st.lists(st.floats(0, 1), max_size=300))
def test_any_track_keeps_its_order(track: list[float]) -> None:
    """Marks alternate, speech lies within what was heard, and a turn that is over stays over."""
    endpointer = Endpointer(EndpointOptions(no_speech_s=3))
    marks = [mark for _, mark in _marks(endpointer, track)]
    assert marks[:1] in ([], [Mark.STARTED])
    following = {(Mark.STARTED, Mark.PAUSED), (Mark.PAUSED, Mark.RESUMED)}
    following.add((Mark.RESUMED, Mark.PAUSED))
    assert set(itertools.pairwise(marks)) <= following
    assert 0 <= endpointer.starts_at_s <= endpointer.heard_s
    if endpointer.has_speech:
        assert endpointer.starts_at_s < endpointer.ends_at_s <= endpointer.heard_s
        assert endpointer.speech_s <= endpointer.ends_at_s - endpointer.starts_at_s + 1e-9
    waits = [endpointer.over(ending) is not None for ending in (*Ending, None)]
    assert waits == sorted(waits, reverse=True), "a longer wait ends no sooner"
