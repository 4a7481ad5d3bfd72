"""Whether a provider is better not asked first."""

from collections import deque
from typing import TYPE_CHECKING

from .base import (
    AuthError,
    BadRequestError,
    BadToolCallError,
    ModelMissingError,
    ProviderError,
    RateLimitedError,
    TooLargeError,
    ToolsUnsupportedError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

FAILURES_TO_OPEN = 3
"""Failures within `WINDOW_S` after which a provider is asked last: each costs the person
seconds, but a single one happens to everybody."""

WINDOW_S = 60.0
"""Older failures say nothing about now."""

OPEN_S = 30.0
"""How long it then stays last; a restarted server is back within about that time."""


class Breaker:
    """Open while a provider is better not asked first; `clock` returns seconds.

    When the pause is over one turn asks it again, the probe, while the others still go
    elsewhere; the outcome closes or opens it.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._failed_at_s: deque[float] = deque(maxlen=FAILURES_TO_OPEN)
        self._open_until_s: float | None = None
        self._is_probing = False
        self._cause: ProviderError | None = None

    @property
    def is_open(self) -> bool:
        """Return True until the pause is over, and while another turn probes."""
        if self._open_until_s is None:
            return False
        return self._is_probing or self._clock() < self._open_until_s

    def asked(self) -> None:
        """Note that a turn asks the provider; `worked`, `failed` or `left` must follow."""
        if self._open_until_s is not None:
            self._is_probing = True

    def left(self) -> None:
        """Note that a turn went away before the provider could prove anything."""
        self._is_probing = False

    def worked(self) -> None:
        """Forget the failures."""
        self._failed_at_s.clear()
        self._open_until_s = None
        self._is_probing = False
        self._cause = None

    def failed(self, error: ProviderError) -> None:
        """Count a failure of the provider; a bad request says nothing about it."""
        was_open = self._open_until_s is not None
        self._is_probing = False
        match error:
            case TooLargeError() | BadToolCallError() | BadRequestError():
                return
            case RateLimitedError() | AuthError() | ModelMissingError() | ToolsUnsupportedError():
                is_enough = True
            case _:
                self._failed_at_s.append(self._clock())
                is_enough = was_open or self._has_failed_often()
        if is_enough:
            pause_s = OPEN_S if error.retry_after_s is None else error.retry_after_s
            self._open_until_s = self._clock() + pause_s
            self._cause = error

    def recovered(self) -> None:
        """Note that the service answered somebody else: it is there and takes our key.

        That says nothing about a quota or a model.
        """
        if not isinstance(
            self._cause, RateLimitedError | ModelMissingError | ToolsUnsupportedError
        ):
            self.worked()

    def _has_failed_often(self) -> bool:
        oldest_s = self._clock() - WINDOW_S
        return len(self._failed_at_s) == FAILURES_TO_OPEN and self._failed_at_s[0] > oldest_s
