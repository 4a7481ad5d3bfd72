"""What a metered service still lets us ask, from the numbers on its replies.

The tokens are a bucket that fills again all the time, to the brim within a minute; a refused
request empties nothing but costs the person a second, so it is better not sent.
"""

import json
import re
from typing import TYPE_CHECKING

from .base import ChatRequest, Limits, Quota, RateLimitedError, TooLargeError, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

CHARS_PER_TOKEN = 3.6
"""Measured over Portuguese rules, names and schemas, 3.0 to 4.2; replies correct it soon."""

MESSAGE_TOKENS = 8
"""Marks around each message and tool."""

MINUTE_S = 60.0
"""Time in which the bucket of tokens fills."""

CALIBRATION_WEIGHT = 0.3
"""Of the newest reply: most of the past, so that one odd prompt does not upset the estimate."""

CALIBRATION_MIN_TOKENS = 200
"""In a shorter prompt the marks of the chat template count for more than the text."""

CALIBRATION_RANGE = (0.5, 2.0)
"""Beyond it the count is of something else than the prompt, such as of an uncached rest."""


class Meter:
    """Keeps the quota of one model; `clock` returns seconds and only moves forward."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._told: Limits | None = None
        self._told_at_s = 0.0
        self._blocked_until_s = 0.0
        self._blocked_quota: Quota | None = None
        self._scale = 1.0
        self._last_needed = 0

    def needed_tokens(self, request: ChatRequest) -> int:
        """Estimate what the service counts for a request: the prompt and the longest answer."""
        return round(prompt_tokens(request) * self._scale) + request.max_tokens

    def wait_s(self, needed_tokens: int) -> tuple[float, Quota | None]:
        """Return how long to wait before such a request fits, and for what.

        Raises `TooLargeError` when it never will.
        """
        self._last_needed = needed_tokens
        now_s = self._clock()
        if self._blocked_until_s > now_s:
            return self._blocked_until_s - now_s, self._blocked_quota
        limits = self.limits()
        if limits is None:
            return 0.0, None
        if limits.requests_left == 0 and (reset_s := self._next_request_s(limits)):
            return reset_s, Quota.REQUESTS_PER_DAY
        if limits.tokens_limit is None or limits.tokens_left is None:
            return 0.0, None
        if needed_tokens > limits.tokens_limit:
            raise TooLargeError(
                f"about {needed_tokens} tokens, allowed are {limits.tokens_limit}",
                limit_tokens=limits.tokens_limit,
                needed_tokens=needed_tokens,
            )
        missing = needed_tokens - limits.tokens_left
        if missing <= 0:
            return 0.0, None
        return missing / limits.tokens_limit * MINUTE_S, Quota.TOKENS_PER_MINUTE

    def limits(self) -> Limits | None:
        """Return what is left now; None before the first reply."""
        told = self._told
        if told is None:
            return None
        passed_s = self._clock() - self._told_at_s
        tokens_left = told.tokens_left
        if tokens_left is not None and told.tokens_limit is not None:
            filled = told.tokens_limit * passed_s / MINUTE_S
            tokens_left = min(told.tokens_limit, tokens_left + int(filled))
        return Limits(
            requests_left=told.requests_left,
            requests_limit=told.requests_limit,
            requests_reset_s=_rest(told.requests_reset_s, passed_s),
            tokens_left=tokens_left,
            tokens_limit=told.tokens_limit,
            tokens_reset_s=_rest(told.tokens_reset_s, passed_s),
        )

    @property
    def limited_until_s(self) -> float | None:
        """When a request like the last one fits again, on the clock; None when it does."""
        try:
            wait_s, _ = self.wait_s(self._last_needed)
        except TooLargeError:
            return None
        return self._clock() + wait_s if wait_s > 0 else None

    def note_reply(self, headers: Mapping[str, str]) -> None:
        """Read the numbers on a reply, refusals included."""
        limits = limits_in(headers)
        if limits is not None:
            self._told, self._told_at_s = limits, self._clock()

    def note_refusal(self, error: RateLimitedError) -> None:
        """Remember until when nothing is accepted.

        A bucket of tokens is no reason to wait: a shorter request may fit, and the numbers
        on the reply say which.
        """
        knows_tokens = self._told is not None and self._told.tokens_left is not None
        if error.quota is Quota.TOKENS_PER_MINUTE and knows_tokens:
            return
        self._blocked_until_s = self._clock() + (error.retry_after_s or 0.0)
        self._blocked_quota = error.quota

    def calibrate(self, request: ChatRequest, counted_tokens: int) -> None:
        """Correct the estimate with what the service counted for a prompt."""
        estimated = prompt_tokens(request)
        if estimated < CALIBRATION_MIN_TOKENS:
            return
        low, high = CALIBRATION_RANGE
        measured = min(max(counted_tokens / estimated, low), high)
        self._scale += CALIBRATION_WEIGHT * (measured - self._scale)

    def _next_request_s(self, limits: Limits) -> float:
        """Return the wait for one request: they come back one by one until the reset."""
        used = max((limits.requests_limit or 1) - (limits.requests_left or 0), 1)
        reset_s = self._told.requests_reset_s if self._told else None
        passed_s = self._clock() - self._told_at_s
        return max((reset_s or 0.0) / used - passed_s, 0.0)


def prompt_tokens(request: ChatRequest) -> int:
    """Estimate the length of a prompt, tools included, before any correction."""
    texts = [text_of(message) for message in request.messages]
    texts += [
        tool.name + tool.description + json.dumps(dict(tool.parameters), ensure_ascii=False)
        for tool in request.tools
    ]
    if request.json_schema is not None:
        texts.append(json.dumps(dict(request.json_schema), ensure_ascii=False))
    return round(sum(map(len, texts)) / CHARS_PER_TOKEN) + MESSAGE_TOKENS * len(texts)


def limits_in(headers: Mapping[str, str]) -> Limits | None:
    """Read `x-ratelimit-*`: requests are counted by the day and tokens by the minute."""

    def number(name: str) -> int | None:
        text = headers.get(f"x-ratelimit-{name}", "")
        return int(text) if text.isdecimal() else None

    limits = Limits(
        requests_left=number("remaining-requests"),
        requests_limit=number("limit-requests"),
        requests_reset_s=duration_s(headers.get("x-ratelimit-reset-requests", "")),
        tokens_left=number("remaining-tokens"),
        tokens_limit=number("limit-tokens"),
        tokens_reset_s=duration_s(headers.get("x-ratelimit-reset-tokens", "")),
    )
    return None if limits == Limits() else limits


def duration_s(text: str) -> float | None:
    """Read "2m59.56s", "990ms" or "7.66"; None when it is none of these."""
    text = text.strip()
    match = _DURATION.fullmatch(f"{text}s" if text[-1:].isdecimal() else text)
    if match is None or not any(match.groups()):
        return None
    parts = (float(part or 0) for part in match.groups())
    return sum(part * unit_s for part, unit_s in zip(parts, _UNITS_S, strict=True))


def _rest(reset_s: float | None, passed_s: float) -> float | None:
    return None if reset_s is None else max(reset_s - passed_s, 0.0)


_NUMBER = r"(\d+(?:\.\d+)?)"
_DURATION = re.compile(
    rf"(?:{_NUMBER}d)?(?:{_NUMBER}h)?(?:{_NUMBER}m)?(?:{_NUMBER}s)?(?:{_NUMBER}ms)?"
)
_UNITS_S = (86_400.0, 3_600.0, 60.0, 1.0, 0.001)
