"""One turn's prompt, cut to what a model and its service can take."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from custom_components.jonh.providers.base import Message, SystemMessage, UserMessage, text_of

from .history.turns import trim
from .prompt import estimated_tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

RELEVANT_NEAR = 4
"""Entities whose states stand in the last message of a local model, which reads some hundred
tokens a second on a CPU; each costs about 13."""
RELEVANT_FAR = 12
"""The same where reading costs next to nothing, or where the home does not fit the prompt."""

MARGIN_TOKENS = 64
"""Marks of the chat template, which no estimate sees."""

REDUCED_MESSAGES = 2
"""Messages of the past in a request made smaller: one question and its answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What one request may cost, in tokens; None where nobody says."""

    window: int | None = None
    """Longest prompt plus answer of the model."""
    quota: int | None = None
    """Longest prompt plus answer that the service takes in one minute."""
    answer: int = 0
    """Kept free for the answer."""

    @property
    def prompt(self) -> int | None:
        """Longest prompt."""
        limits = [limit for limit in (self.window, self.quota) if limit is not None]
        return min(limits) - self.answer - MARGIN_TOKENS if limits else None


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnPrompt:
    """The parts of a prompt, the stable ones first."""

    system: str
    """Rules and the home in as much detail as is worth reading."""
    system_reduced: str
    """The same with only the kinds of things in each area."""
    has_full_map: bool
    tools_tokens: int
    """Estimated length of the tools."""
    history: Sequence[Message]
    last: Callable[[int], str]
    """The last user message with the states of so many entities."""

    def relevant(self, *, is_local: bool) -> int:
        """Return how many entities' states are worth their tokens."""
        return RELEVANT_NEAR if is_local and self.has_full_map else RELEVANT_FAR

    def messages(
        self, rounds: Sequence[Message], budget: Budget, *, is_local: bool, scale: float = 1.0
    ) -> tuple[Message, ...]:
        """Return the prompt with as much of the past as fits.

        `rounds` is what the model said and did since the request; `scale` corrects the estimate
        with what the model's service counted earlier.
        """
        last = UserMessage(self.last(self.relevant(is_local=is_local)))
        system = SystemMessage(self.system)
        allowed = budget.prompt
        if allowed is None:
            return (system, *self.history, last, *rounds)
        fixed = self.tools_tokens + message_tokens([system, last, *rounds])
        left = allowed / scale - fixed
        if left < 0:
            return self.reduced(rounds)
        return (system, *_fitting(self.history, left), last, *rounds)

    def reduced(self, rounds: Sequence[Message]) -> tuple[Message, ...]:
        """Return the smallest prompt that still knows what was said just before."""
        return (
            SystemMessage(self.system_reduced),
            *trim(self.history, REDUCED_MESSAGES),
            UserMessage(self.last(RELEVANT_NEAR)),
            *rounds,
        )

    def needed_tokens(self, rounds: Sequence[Message] = ()) -> int:
        """Estimate the smallest prompt, its tools included."""
        return self.tools_tokens + message_tokens(self.reduced(rounds)) + MARGIN_TOKENS


def _fitting(history: Sequence[Message], allowed_tokens: float) -> Sequence[Message]:
    """Drop the oldest turns, whole, until the rest fits."""
    said = len(history)
    kept: Sequence[Message] = history
    while kept and message_tokens(kept) > allowed_tokens:
        said -= 1
        kept = trim(history, said)
    return kept


def message_tokens(messages: Sequence[Message]) -> int:
    """Estimate the length of messages, without the marks of a chat template."""
    return sum(estimated_tokens(text_of(message)) for message in messages)
