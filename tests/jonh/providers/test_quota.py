"""What is left of a quota, by a clock that the test moves."""

import pytest

from custom_components.jonh.providers.base import (
    AssistantMessage,
    ChatRequest,
    Limits,
    Message,
    Quota,
    RateLimitedError,
    SystemMessage,
    TooLargeError,
    ToolCall,
    ToolResultMessage,
    UserMessage,
)
from custom_components.jonh.providers.quota import (
    CALIBRATION_RANGE,
    Meter,
    duration_s,
    limits_in,
    prompt_tokens,
)
from tests.jonh.providers.streams import TURN_ON, Clock, request

HEADERS = {
    "x-ratelimit-limit-requests": "1000",
    "x-ratelimit-remaining-requests": "999",
    "x-ratelimit-reset-requests": "1m26.4s",
    "x-ratelimit-limit-tokens": "6000",
    "x-ratelimit-remaining-tokens": "1000",
    "x-ratelimit-reset-tokens": "50s",
}


@pytest.fixture
def meter(clock: Clock) -> Meter:
    """Know what the headers say."""
    meter = Meter(clock)
    meter.note_reply(HEADERS)
    return meter


def test_without_a_reply_everything_is_allowed(clock: Clock) -> None:
    """Nothing is known, and nothing is made up."""
    meter = Meter(clock)
    assert meter.limits() is None
    assert meter.wait_s(1_000_000) == (0.0, None)
    assert meter.limited_until_s is None


def test_tokens_come_back_all_the_time(meter: Meter, clock: Clock) -> None:
    """A tenth of a minute brings a tenth of the limit, and never more than all of it."""
    assert meter.wait_s(1000) == (0.0, None)
    assert meter.wait_s(1600) == (pytest.approx(6.0), Quota.TOKENS_PER_MINUTE)
    assert meter.limited_until_s == pytest.approx(clock.now_s + 6.0)
    clock.now_s += 6.0
    assert meter.wait_s(1600) == (0.0, None)
    assert meter.limited_until_s is None
    clock.now_s += 600.0
    limits = meter.limits()
    assert limits
    assert (limits.tokens_left, limits.tokens_reset_s) == (6000, 0.0)
    assert limits.requests_reset_s == 0.0


def test_more_than_the_limit_never_fits(meter: Meter) -> None:
    """The error tells both numbers, and the status does not wait for it."""
    with pytest.raises(TooLargeError) as failure:
        meter.wait_s(6001)
    assert (failure.value.needed_tokens, failure.value.limit_tokens) == (6001, 6000)
    assert meter.limited_until_s is None


def test_requests_come_back_one_by_one(meter: Meter, clock: Clock) -> None:
    """Without one left, the next comes after its share of the day."""
    meter.note_reply(
        HEADERS | {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "86400s"}
    )
    assert meter.wait_s(10) == (pytest.approx(86.4), Quota.REQUESTS_PER_DAY)
    clock.now_s += 86.4
    assert meter.wait_s(10) == (0.0, None)


def test_a_service_that_counts_requests_only(clock: Clock) -> None:
    """Without numbers of tokens no request is too long."""
    meter = Meter(clock)
    meter.note_reply({"x-ratelimit-remaining-requests": "5"})
    assert meter.wait_s(1_000_000) == (0.0, None)
    limits = meter.limits()
    assert limits
    assert (limits.requests_left, limits.tokens_left) == (5, None)


def test_a_refusal_blocks_for_its_time(meter: Meter, clock: Clock) -> None:
    """A day that is used up is not asked about again."""
    meter.note_refusal(RateLimitedError(retry_after_s=300.0, quota=Quota.TOKENS_PER_DAY))
    assert meter.wait_s(1) == (pytest.approx(300.0), Quota.TOKENS_PER_DAY)
    clock.now_s += 300.0
    assert meter.wait_s(1) == (0.0, None)


def test_a_refusal_for_the_minute_leaves_room_for_less(meter: Meter) -> None:
    """The numbers on the reply say what still fits."""
    meter.note_refusal(RateLimitedError(retry_after_s=30.0, quota=Quota.TOKENS_PER_MINUTE))
    assert meter.wait_s(900) == (0.0, None)


def test_a_refusal_without_numbers_blocks(clock: Clock) -> None:
    """Where nobody says what fits, the service's wait is all there is."""
    meter = Meter(clock)
    meter.note_refusal(RateLimitedError(retry_after_s=30.0, quota=Quota.TOKENS_PER_MINUTE))
    assert meter.wait_s(1) == (pytest.approx(30.0), Quota.TOKENS_PER_MINUTE)


def test_a_reply_without_numbers_changes_nothing(meter: Meter) -> None:
    """An error page of a proxy does not erase what is known."""
    before = meter.limits()
    meter.note_reply({"content-type": "text/html", "x-ratelimit-limit-tokens": "many"})
    assert meter.limits() == before


@pytest.mark.parametrize("factor", [0.8, 1.3])
def test_the_estimate_learns(clock: Clock, factor: float) -> None:
    """After some replies it is what the service counts."""
    meter = Meter(clock)
    chat = request("m", UserMessage("acenda a luz da sala " * 100), max_tokens=100)
    counted = round(prompt_tokens(chat) * factor)
    for _ in range(20):
        meter.calibrate(chat, counted)
    assert meter.needed_tokens(chat) == pytest.approx(counted + 100, rel=0.01)


def test_the_estimate_keeps_its_reason(clock: Clock) -> None:
    """A count of something else, or of a tiny prompt, does not spoil it."""
    meter = Meter(clock)
    tiny, chat = request("m"), request("m", UserMessage("acenda a luz " * 200), max_tokens=0)
    before = meter.needed_tokens(chat)
    meter.calibrate(tiny, 100_000)
    assert meter.needed_tokens(chat) == before
    for _ in range(50):
        meter.calibrate(chat, 1)
    assert meter.needed_tokens(chat) == pytest.approx(before * CALIBRATION_RANGE[0], rel=0.01)


@pytest.mark.parametrize(
    "message",
    [
        SystemMessage("x" * 360),
        AssistantMessage("x" * 360),
        AssistantMessage("", (ToolCall(id="1", name="x" * 180, args={"a": "x" * 180}),)),
        ToolResultMessage(call_id="1", name="a", result="x" * 360),
    ],
    ids=lambda message: type(message).__name__,
)
def test_every_kind_of_message_counts(message: Message) -> None:
    """About a token for four characters, wherever they stand."""
    without = prompt_tokens(request("m", UserMessage("oi")))
    assert 90 <= prompt_tokens(request("m", UserMessage("oi"), message)) - without <= 120


def test_tools_count_too() -> None:
    """Their schemas are a large part of a prompt."""
    plain = ChatRequest(model="m", messages=[UserMessage("oi")])
    with_tools = ChatRequest(model="m", messages=[UserMessage("oi")], tools=[TURN_ON])
    assert prompt_tokens(with_tools) - prompt_tokens(plain) > 30
    shaped = ChatRequest(
        model="m", messages=[UserMessage("oi")], json_schema=dict(TURN_ON.parameters)
    )
    assert prompt_tokens(shaped) - prompt_tokens(plain) > 30


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2m59.56s", 179.56),
        ("990ms", 0.99),
        ("7.66s", 7.66),
        ("1h34m52.896s", 5692.896),
        ("1d", 86400.0),
        ("7", 7.0),
        (" 0.5 ", 0.5),
        ("0", 0.0),
        ("", None),
        ("soon", None),
        ("-1", None),
        ("Wed, 25 Nov 2026 00:00:00 GMT", None),
    ],
)
def test_durations_are_read(text: str, seconds: float | None) -> None:
    """As the service writes them; anything else is no duration."""
    assert duration_s(text) == (None if seconds is None else pytest.approx(seconds))


def test_headers_are_read() -> None:
    """All six numbers, or none at all."""
    assert limits_in(HEADERS) == Limits(
        requests_left=999,
        requests_limit=1000,
        requests_reset_s=86.4,
        tokens_left=1000,
        tokens_limit=6000,
        tokens_reset_s=50.0,
    )
    assert limits_in({}) is None
