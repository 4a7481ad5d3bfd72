"""What may go wrong at a provider, and whether trying again helps.

Whether the same request may work later (`retryable`), and what helps otherwise:

    UnreachableError          yes   somebody switches the service on
    StalledError              yes
    BrokenStreamError         yes
    ServiceError              yes
    BusyError                 yes   after `retry_after_s`, where it is known
    RateLimitedError          yes   after `retry_after_s`, where it is known
    BadToolCallError          yes   the model may write it better next time
    AuthError                 no    a new key
    ModelMissingError         no    another model
    ToolsUnsupportedError     no    another model, or a request without tools
    TooLargeError             no    a shorter request
      ContextOverflowError    no    a shorter request, or a larger `num_ctx`
    BadRequestError           no    another address, or a better program
    AllFailedError            when one of its causes is
    AnswerInterruptedError    no    a part of the answer was handed out
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class ProviderError(Exception):
    """Root of everything that may leave a provider.

    The text is for logs: it names the trouble, never what a person said.
    """

    retryable: bool = False
    """The same request may work later without anybody changing a setting."""

    def __init__(self, detail: str = "", *, retry_after_s: float | None = None) -> None:
        super().__init__(detail or (type(self).__doc__ or "").partition("\n")[0])
        self.retry_after_s = retry_after_s
        """Seconds the service asked to wait; None when it did not say."""


class UnreachableError(ProviderError):
    """No connection to the service: wrong address, switched off, or no network."""

    retryable = True


class AuthError(ProviderError):
    """The service refused the key."""


class ModelMissingError(ProviderError):
    """The service does not have the model, or no longer."""


class ToolsUnsupportedError(ProviderError):
    """The model cannot call tools."""


class Quota(StrEnum):
    """What a service counts."""

    REQUESTS_PER_MINUTE = "requests_per_minute"
    REQUESTS_PER_DAY = "requests_per_day"
    TOKENS_PER_MINUTE = "tokens_per_minute"
    TOKENS_PER_DAY = "tokens_per_day"


class RateLimitedError(ProviderError):
    """The quota of requests or tokens is used up for now."""

    retryable = True

    def __init__(
        self,
        detail: str = "",
        *,
        retry_after_s: float | None = None,
        quota: Quota | None = None,
    ) -> None:
        super().__init__(detail, retry_after_s=retry_after_s)
        self.quota = quota
        """What is used up; None when the service did not say."""


class BusyError(ProviderError):
    """The service works, but has no room for another request now."""

    retryable = True


class TooLargeError(ProviderError):
    """The request is longer than the model or the quota allows."""

    def __init__(
        self,
        detail: str = "",
        *,
        retry_after_s: float | None = None,
        limit_tokens: int | None = None,
        needed_tokens: int | None = None,
    ) -> None:
        super().__init__(detail, retry_after_s=retry_after_s)
        self.limit_tokens = limit_tokens
        """Longest request allowed; None when the service did not say."""
        self.needed_tokens = needed_tokens
        """Length of the refused request; None when the service did not say."""


class ContextOverflowError(TooLargeError):
    """The prompt is longer than the context window that the model runs with."""


class BadToolCallError(ProviderError):
    """The model wrote a tool call that cannot be read."""

    retryable = True


class StalledError(ProviderError):
    """The service accepted the request and fell silent."""

    retryable = True


class BrokenStreamError(ProviderError):
    """The answer stopped in the middle."""

    retryable = True


class ServiceError(ProviderError):
    """The service reported an internal error."""

    retryable = True


class BadRequestError(ProviderError):
    """The service does not accept the request, or the address is not this service."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One provider that did not answer, and why."""

    provider: str
    model: str
    error: ProviderError


class AllFailedError(ProviderError):
    """No provider answered, and nothing of the answer was handed out."""

    def __init__(self, failures: Sequence[Failure]) -> None:
        causes = ", ".join(f"{f.provider} ({f.model}): {f.error}" for f in failures)
        super().__init__(causes or "no provider configured")
        self.failures = tuple(failures)
        """In the order in which they were asked; empty when there was nobody to ask."""
        self.retryable = any(failure.error.retryable for failure in failures)


class AnswerInterruptedError(ProviderError):
    """The provider failed after a part of its answer was handed out."""

    def __init__(self, failure: Failure, *, spoken: bool) -> None:
        super().__init__(f"{failure.provider} ({failure.model}): {failure.error}")
        self.failure = failure
        self.spoken = spoken
        """Text was handed out; otherwise only tool calls were."""
