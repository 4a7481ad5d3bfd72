"""What a turn cost."""

import pytest

from custom_components.jonh.agent.telemetry import AnsweredBy, TurnMeter, TurnReport
from custom_components.jonh.providers.base import Usage


class Clock:
    """Seconds that pass only when told to."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    """Return a clock that stands at a hundred seconds."""
    return Clock()


def test_a_turn_without_anything(clock: Clock) -> None:
    """What was not noted is unknown, not nought."""
    meter = TurnMeter(clock)
    clock.now_s += 2.0
    assert meter.started_s == 100.0
    assert meter.report() == TurnReport(answered_by=AnsweredBy.MODEL, total_s=2.0)


def test_only_the_first_word_counts(clock: Clock) -> None:
    """The time to the first word is that of the first one."""
    meter = TurnMeter(clock)
    clock.now_s += 0.5
    meter.note_speech()
    clock.now_s += 1.0
    meter.note_speech()
    assert meter.elapsed_s == 1.5
    report = meter.report()
    assert (report.first_token_s, report.total_s) == (0.5, 1.5)


def test_rounds_are_summed(clock: Clock) -> None:
    """Tokens and prices of all rounds; what no service told stays unknown."""
    meter = TurnMeter(clock)
    meter.note_usage(Usage(prompt_tokens=100, completion_tokens=10), 0.25)
    meter.note_usage(Usage(prompt_tokens=150, completion_tokens=5), None)
    meter.note_usage(Usage(), 0.5)
    report = meter.report()
    assert (report.prompt_tokens, report.completion_tokens) == (250, 15)
    assert report.cached_tokens is None
    assert report.cost_usd == 0.75


def test_nought_is_known(clock: Clock) -> None:
    """A service that counted nothing, or asks for nothing, said something."""
    meter = TurnMeter(clock)
    meter.note_usage(Usage(cached_tokens=0), 0.0)
    report = meter.report()
    assert (report.cached_tokens, report.cost_usd) == (0, 0.0)


def test_what_the_turn_noted_is_reported(clock: Clock) -> None:
    """Who answered, how often was asked, what was called and what went wrong."""
    meter = TurnMeter(clock)
    meter.answered_by = AnsweredBy.ERROR
    meter.provider, meter.model = "Groq", "m"
    meter.rounds, meter.tool_calls, meter.switches = 2, 3, 1
    meter.error = "stalled"
    assert meter.report() == TurnReport(
        answered_by=AnsweredBy.ERROR,
        total_s=0.0,
        provider="Groq",
        model="m",
        rounds=2,
        tool_calls=3,
        switches=1,
        error="stalled",
    )
