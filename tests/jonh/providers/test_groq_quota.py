"""What Groq still lets us ask, over real HTTP."""

import time
from typing import TYPE_CHECKING, Any

import pytest

from custom_components.jonh.providers.base import (
    ProviderStatus,
    Quota,
    RateLimitedError,
    TooLargeError,
    Usage,
    UserMessage,
)
from tests.fakes.groq import Bucket
from tests.jonh.providers.streams import collect, request

if TYPE_CHECKING:
    from custom_components.jonh.providers.groq import GroqProvider
    from tests.fakes.groq import FakeGroq

MODEL = "openai/gpt-oss-20b"


def refusal(status: int, code: str = "", error: str = "refused", **fields: Any) -> dict[str, Any]:
    """Script the refusal of a request."""
    return {"status": status, "code": code, "error": error, **fields}


@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7.0), ("0.5", 0.5), ("soon", 450.5), (None, 450.5)]
)
async def test_tells_how_long_to_wait(
    groq: FakeGroq, groq_provider: GroqProvider, header: str | None, seconds: float | None
) -> None:
    """The wait that the service asks for is passed on, not slept through."""
    headers = {"retry-after": header} if header else {}
    said = "Rate limit reached on tokens per day (TPD): Limit 5, Used 5, Requested 1. "
    said += "Please try again in 7m30.5s. Need more tokens?"
    groq.script(refusal(429, "rate_limit_exceeded", said, headers=headers))
    with pytest.raises(RateLimitedError) as failure:
        await collect(groq_provider, request(MODEL))
    assert failure.value.retry_after_s == seconds
    assert failure.value.quota is Quota.TOKENS_PER_DAY


LONG = UserMessage("acenda a luz da sala de estar " * 100)


async def test_a_request_that_can_never_fit_is_not_sent(
    groq: FakeGroq, groq_provider: GroqProvider
) -> None:
    """After the first reply the limit is known, and the error tells both numbers."""
    groq.bucket = Bucket(tokens_per_minute=900)
    await collect(groq_provider, request(MODEL, max_tokens=100))
    with pytest.raises(TooLargeError) as failure:
        await collect(groq_provider, request(MODEL, LONG, max_tokens=500))
    assert failure.value.limit_tokens == 900
    assert failure.value.needed_tokens
    assert failure.value.needed_tokens > 900
    assert len(groq.requests) == 1


async def test_a_refusal_for_its_length_tells_both_numbers(
    groq: FakeGroq, groq_provider: GroqProvider
) -> None:
    """Before the first reply only the service knows the limit."""
    groq.bucket = Bucket(tokens_per_minute=900)
    with pytest.raises(TooLargeError) as failure:
        await collect(groq_provider, request(MODEL, LONG, max_tokens=500))
    assert failure.value.limit_tokens == 900
    assert failure.value.needed_tokens
    assert failure.value.needed_tokens > 900
    limits = groq_provider.limits(MODEL)
    assert limits
    assert limits.tokens_limit == 900


async def test_a_request_that_fits_only_later_is_not_sent(
    groq: FakeGroq, groq_provider: GroqProvider
) -> None:
    """The wait is told, and the status says until when."""
    groq.bucket = Bucket(tokens_per_minute=1000)
    await collect(groq_provider, request(MODEL, max_tokens=900))
    with pytest.raises(RateLimitedError) as failure:
        await collect(groq_provider, request(MODEL, max_tokens=900))
    assert failure.value.quota is Quota.TOKENS_PER_MINUTE
    assert failure.value.retry_after_s
    assert 30 < failure.value.retry_after_s < 60
    assert len(groq.requests) == 1
    status = await groq_provider.status()
    assert status.limits
    assert status.limits.requests_left == 999
    assert status.limited_until_s
    assert status.limited_until_s > time.monotonic() + 30


async def test_a_short_wait_for_the_quota_is_silent(
    groq: FakeGroq, groq_provider: GroqProvider
) -> None:
    """A quota that fills within the second is waited for, and the service accepts."""
    groq.bucket = Bucket(tokens_per_minute=60_000)
    await collect(groq_provider, request(MODEL, max_tokens=59_500))
    await collect(groq_provider, request(MODEL, max_tokens=900))
    assert len(groq.requests) == 2


async def test_the_quota_of_one_model_is_not_that_of_another(
    groq: FakeGroq, groq_provider: GroqProvider
) -> None:
    """The service counts each model by itself."""
    groq.bucket = Bucket(tokens_per_minute=1000)
    await collect(groq_provider, request(MODEL, max_tokens=900))
    groq.bucket = None
    await collect(groq_provider, request("qwen/qwen3.6-27b", max_tokens=900))
    assert len(groq.requests) == 2


async def test_a_day_without_requests_is_told(groq: FakeGroq, groq_provider: GroqProvider) -> None:
    """When the day's requests are used up nothing is sent any more."""
    groq.bucket = Bucket(tokens_per_minute=100_000, requests_per_day=1)
    await collect(groq_provider, request(MODEL))
    with pytest.raises(RateLimitedError) as failure:
        await collect(groq_provider, request(MODEL))
    assert failure.value.quota is Quota.REQUESTS_PER_DAY
    assert len(groq.requests) == 1


async def test_a_refused_day_is_remembered(groq: FakeGroq, groq_provider: GroqProvider) -> None:
    """A refusal that the numbers did not foretell counts for as long as the service says."""
    said = "Rate limit reached on tokens per day (TPD): Limit 5, Used 5, Requested 1."
    groq.script(refusal(429, "rate_limit_exceeded", said, headers={"retry-after": "300"}))
    for _ in range(2):
        with pytest.raises(RateLimitedError) as failure:
            await collect(groq_provider, request(MODEL))
        assert failure.value.quota is Quota.TOKENS_PER_DAY
    assert len(groq.requests) == 1


async def test_a_large_request_that_would_fit_later_is_no_large_one(
    groq: FakeGroq, groq_provider: GroqProvider
) -> None:
    """The service says 413 to both; only the numbers tell them apart."""
    said = "Request too large on tokens per minute (TPM): Limit 8000, Requested 2900, "
    said += "please try again in 4.2s."
    groq.script(refusal(413, "rate_limit_exceeded", said))
    with pytest.raises(RateLimitedError) as failure:
        await collect(groq_provider, request(MODEL))
    assert failure.value.retry_after_s == 4.2


async def test_before_the_first_reply_nothing_is_known(groq_provider: GroqProvider) -> None:
    """No numbers are made up."""
    assert groq_provider.limits(MODEL) is None
    assert await groq_provider.status() == ProviderStatus()
    assert not groq_provider.is_local


def test_an_answer_has_a_price_where_it_is_known(groq_provider: GroqProvider) -> None:
    """Cached tokens cost half, and an unknown model has no made-up price."""
    usage = Usage(prompt_tokens=2_000_000, cached_tokens=1_000_000, completion_tokens=1_000_000)
    assert groq_provider.cost_usd(MODEL, usage) == pytest.approx(0.075 * 1.5 + 0.30)
    assert groq_provider.cost_usd("openai/gpt-oss-120b", usage) == pytest.approx(0.15 * 1.5 + 0.60)
    assert groq_provider.cost_usd("some/preview", usage) is None
    assert groq_provider.cost_usd(MODEL, Usage()) is None
