"""What one turn cost and who answered it; never a word that was said."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from custom_components.jonh.providers.base import Usage


class AnsweredBy(StrEnum):
    """Who settled a turn."""

    MODEL = "model"
    FAST_PATH = "fast_path"
    """A plain command that needed no model."""
    LOCAL = "local"
    """Home Assistant's own sentences, as no model answered."""
    CONFIRMATION = "confirmation"
    """A yes, a no or a PIN to a question of the guard, or the question itself."""
    ERROR = "error"
    """One sentence that says what went wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnReport:
    """One turn; times in seconds from the moment the agent got the transcript."""

    answered_by: AnsweredBy
    total_s: float
    first_token_s: float | None = None
    """To the first word that could be spoken; None when nothing was said."""
    provider: str | None = None
    """Name of the service that gave the answer; None without a model."""
    model: str | None = None
    rounds: int = 0
    """Requests to a model."""
    tool_calls: int = 0
    switches: int = 0
    """Times that another provider had to step in."""
    prompt_tokens: int | None = None
    """Summed over the rounds, as far as the service says; so are the next two."""
    cached_tokens: int | None = None
    completion_tokens: int | None = None
    cost_usd: float | None = None
    """Estimate from the list prices that we know; None for a local or an unknown model."""
    error: str | None = None
    """Kind of the error that ended the turn, such as "unreachable"; None when it went well."""


class TurnMeter:
    """Counts what a turn costs while it runs; `clock` returns seconds and only moves forward."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.started_s = clock()
        """Reading of the clock when the turn began."""
        self._first_token_s: float | None = None
        self._tokens: dict[str, int] = {}
        self.answered_by = AnsweredBy.MODEL
        self.provider: str | None = None
        self.model: str | None = None
        self.rounds = 0
        self.tool_calls = 0
        self.switches = 0
        self.cost_usd: float | None = None
        self.error: str | None = None

    @property
    def elapsed_s(self) -> float:
        """Seconds since the turn began."""
        return self._clock() - self.started_s

    def note_speech(self) -> None:
        """Mark that there is something to say; only the first time counts."""
        if self._first_token_s is None:
            self._first_token_s = self.elapsed_s

    def note_usage(self, usage: Usage, cost_usd: float | None) -> None:
        """Add what one round cost."""
        for name in ("prompt_tokens", "cached_tokens", "completion_tokens"):
            if (tokens := getattr(usage, name)) is not None:
                self._tokens[name] = self._tokens.get(name, 0) + tokens
        if cost_usd is not None:
            self.cost_usd = (self.cost_usd or 0.0) + cost_usd

    def report(self) -> TurnReport:
        """Return what the turn cost; it is over."""
        return TurnReport(
            answered_by=self.answered_by,
            total_s=self.elapsed_s,
            first_token_s=self._first_token_s,
            provider=self.provider,
            model=self.model,
            rounds=self.rounds,
            tool_calls=self.tool_calls,
            switches=self.switches,
            prompt_tokens=self._tokens.get("prompt_tokens"),
            cached_tokens=self._tokens.get("cached_tokens"),
            completion_tokens=self._tokens.get("completion_tokens"),
            cost_usd=self.cost_usd,
            error=self.error,
        )
