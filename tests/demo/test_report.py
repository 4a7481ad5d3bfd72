"""What a person reads after a turn."""

from pathlib import Path
from typing import TYPE_CHECKING

from demo.audio import Sound
from demo.report import show_turn
from demo.turn import Change, Stage, Turn

if TYPE_CHECKING:
    import pytest

SECOND = Sound(b"\0\x40" * 16000, 16000)


def turn(*, is_understood: bool = True) -> Turn:
    """Make a finished turn."""
    return Turn(
        speech=SECOND,
        transcript="Acenda a luz.",
        answer="Pronto.",
        is_understood=is_understood,
        stages=[Stage("transcript", 321.4), Stage("answer complete", 1500.0)],
        changes=[Change("light.sala", "off", "on (brightness 255)")],
        answer_sound=SECOND,
    )


def test_every_part_of_a_turn_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """Texts, times, changes and the file."""
    show_turn(turn(), Path("answer.wav"))

    printed = capsys.readouterr().out
    for words in (
        "heard:    Acenda a luz.",
        "answered: Pronto.  (language model)",
        "transcript                      321 ms",
        "answer complete                1500 ms",
        "lasted 1.00 s, the answer 1.00 s",
        "light.sala  off -> on (brightness 255)",
        "answer saved: answer.wav",
    ):
        assert words in printed
    assert "not understood" not in printed


def test_a_turn_without_effect_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    """An empty list would look like a mistake of the report."""
    failed = turn(is_understood=False)
    failed.changes = []
    failed.answer_sound = None
    show_turn(failed, Path("answer.wav"))

    printed = capsys.readouterr().out
    assert "not understood or could not be carried out" in printed
    assert "changed in the home: nothing" in printed
    assert "answer saved" not in printed
