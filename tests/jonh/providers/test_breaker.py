"""When a provider is better not asked first, by a clock that the test moves."""

from typing import TYPE_CHECKING

import pytest

from custom_components.jonh.providers.base import (
    AuthError,
    BadRequestError,
    BadToolCallError,
    ContextOverflowError,
    ModelMissingError,
    ProviderError,
    RateLimitedError,
    StalledError,
    TooLargeError,
    ToolsUnsupportedError,
    UnreachableError,
)
from custom_components.jonh.providers.breaker import FAILURES_TO_OPEN, OPEN_S, WINDOW_S, Breaker

if TYPE_CHECKING:
    from tests.jonh.providers.streams import Clock


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    """Judge by that clock."""
    return Breaker(clock)


def fail(breaker: Breaker, times: int, error: ProviderError | None = None) -> None:
    """Run turns that fail."""
    for _ in range(times):
        breaker.asked()
        breaker.failed(error or UnreachableError())


def test_opens_after_some_failures_and_closes_after_a_pause(breaker: Breaker, clock: Clock) -> None:
    """One failure fewer is not enough, and the pause has its length."""
    fail(breaker, FAILURES_TO_OPEN - 1)
    assert not breaker.is_open
    fail(breaker, 1)
    assert breaker.is_open
    clock.now_s += OPEN_S - 0.1
    assert breaker.is_open
    clock.now_s += 0.1
    assert not breaker.is_open


def test_old_failures_do_not_count(breaker: Breaker, clock: Clock) -> None:
    """Failures that lie further apart than the window never open it."""
    for _ in range(FAILURES_TO_OPEN * 2):
        fail(breaker, 1)
        clock.now_s += WINDOW_S / (FAILURES_TO_OPEN - 1)
    assert not breaker.is_open


def test_a_success_forgets(breaker: Breaker) -> None:
    """Only failures in a row count."""
    for _ in range(3):
        fail(breaker, FAILURES_TO_OPEN - 1)
        breaker.worked()
    assert not breaker.is_open


@pytest.mark.parametrize(
    "error",
    [AuthError(), ModelMissingError(), ToolsUnsupportedError(), RateLimitedError()],
    ids=lambda error: type(error).__name__,
)
def test_what_will_not_pass_soon_opens_at_once(breaker: Breaker, error: ProviderError) -> None:
    """Asking again in the next turn would cost time for the same answer."""
    fail(breaker, 1, error)
    assert breaker.is_open


@pytest.mark.parametrize(
    "error",
    [TooLargeError(), ContextOverflowError(), BadToolCallError(), BadRequestError()],
    ids=lambda error: type(error).__name__,
)
def test_a_bad_request_never_opens(breaker: Breaker, error: ProviderError) -> None:
    """The next request may be fine."""
    fail(breaker, FAILURES_TO_OPEN * 2, error)
    assert not breaker.is_open


def test_the_service_says_how_long(breaker: Breaker, clock: Clock) -> None:
    """Its own wait is kept, longer or shorter than ours."""
    fail(breaker, 1, RateLimitedError(retry_after_s=300.0))
    clock.now_s += 299.0
    assert breaker.is_open
    clock.now_s += 1.0
    assert not breaker.is_open


def test_only_one_probe_at_a_time(breaker: Breaker, clock: Clock) -> None:
    """While one turn tries, it is closed to the others; its outcome decides."""
    fail(breaker, FAILURES_TO_OPEN)
    clock.now_s += OPEN_S
    breaker.asked()
    assert breaker.is_open
    breaker.failed(StalledError())
    assert breaker.is_open
    clock.now_s += OPEN_S
    breaker.asked()
    breaker.worked()
    assert not breaker.is_open


def test_a_probe_that_is_left_frees_its_place(breaker: Breaker, clock: Clock) -> None:
    """A person who speaks in between must not close the provider for good."""
    fail(breaker, FAILURES_TO_OPEN)
    clock.now_s += OPEN_S
    breaker.asked()
    breaker.left()
    assert not breaker.is_open


def test_a_bad_request_ends_a_probe_too(breaker: Breaker, clock: Clock) -> None:
    """The service answered, even though it refused."""
    fail(breaker, FAILURES_TO_OPEN)
    clock.now_s += OPEN_S
    fail(breaker, 1, TooLargeError())
    assert not breaker.is_open


@pytest.mark.parametrize(
    ("error", "is_open"),
    [
        (UnreachableError(), False),
        (AuthError(), False),
        (RateLimitedError(retry_after_s=300.0), True),
        (ModelMissingError(), True),
        (ToolsUnsupportedError(), True),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, ProviderError) else "",
)
def test_a_service_found_well_is_asked_again(
    breaker: Breaker, error: ProviderError, is_open: bool
) -> None:
    """A model list proves that it is there and takes our key, and nothing more."""
    fail(breaker, FAILURES_TO_OPEN, error)
    assert breaker.is_open
    breaker.recovered()
    assert breaker.is_open is is_open
