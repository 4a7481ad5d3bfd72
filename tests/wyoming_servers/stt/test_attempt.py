"""Whether a text is to be believed."""

import dataclasses

import pytest

from wyoming_servers.stt.attempt import Attempt, best_of

_GOOD = Attempt(text="Acenda a luz.", logprob=-0.2, no_speech_probability=0.01, is_complete=True)


def _but(**changes: object) -> Attempt:
    return dataclasses.replace(_GOOD, **changes)  # type: ignore[arg-type]


def test_a_likely_text_is_believed() -> None:
    """What the model is sure of is neither doubtful nor lost."""
    assert not _GOOD.is_doubtful
    assert not _GOOD.is_lost
    assert _GOOD.heard == "Acenda a luz."


@pytest.mark.parametrize(
    ("attempt", "is_lost"),
    [
        (_but(logprob=-0.71), False),
        (_but(is_complete=False), True),
        (_but(text="a luz da sala " * 10), True),
        (_but(is_echo=True), True),
    ],
    ids=["unlikely", "endless", "circles", "echo"],
)
def test_what_is_worth_another_try(attempt: Attempt, is_lost: bool) -> None:
    """An unlikely text may become better; a lost one needs more context."""
    assert attempt.is_doubtful
    assert attempt.is_lost is is_lost


@pytest.mark.parametrize(
    "attempt",
    [
        _but(logprob=-1.3),
        _but(logprob=-0.8, no_speech_probability=0.7),
        _but(text="a luz da sala " * 10),
        _but(is_echo=True),
        _but(text="Thanks for watching!"),
        _but(text="Obrigado.", logprob=-0.5),
        _but(text="Obrigado.", no_speech_probability=0.4),
        _but(text=""),
    ],
    ids=["hopeless", "noise", "circles", "echo", "phantom", "unsure", "perhaps-silence", "empty"],
)
def test_what_is_better_not_said(attempt: Attempt) -> None:
    """Nothing is understood rather than something that nobody said."""
    assert attempt.heard == ""


@pytest.mark.parametrize(
    "attempt",
    [
        _but(logprob=-1.1),
        _but(logprob=-0.6, no_speech_probability=0.9),
        _but(is_complete=False),
        _but(text="Obrigado."),
    ],
    ids=["unlikely", "likely-although-silent", "long", "sure-thanks"],
)
def test_what_is_good_enough(attempt: Attempt) -> None:
    """A text that is the best there is stays, even when it had been worth another try."""
    assert attempt.heard == attempt.text


def test_the_best_attempt() -> None:
    """Texts without circles, then whole ones, then the likeliest; the first of equal ones."""
    circles = _but(text="a luz da sala " * 10, logprob=-0.01)
    endless = _but(is_complete=False, logprob=-0.1)
    unlikely = _but(logprob=-0.9)
    assert best_of([circles, endless]) is endless
    assert best_of([circles, endless, unlikely]) is unlikely
    assert best_of([circles, endless, unlikely, _GOOD]) is _GOOD
    assert best_of([_GOOD, _but()]) is _GOOD
