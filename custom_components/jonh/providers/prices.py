"""List prices of cloud models, for estimates; a bill is what the service says it is."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .base import Usage

CACHED_SHARE = 0.5
"""Of the price, for prompt tokens that Groq finds in its cache."""


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million tokens."""

    prompt_usd: float
    completion_usd: float


GROQ = {
    "openai/gpt-oss-20b": Price(0.075, 0.30),
    "openai/gpt-oss-120b": Price(0.15, 0.60),
}
"""From Groq's price list of 2026; models in preview have no price of their own yet."""


def cost_usd(model: str, usage: Usage) -> float | None:
    """Estimate the price of an answer; None for an unknown price or an uncounted answer."""
    price = GROQ.get(model)
    if price is None or usage.prompt_tokens is None or usage.completion_tokens is None:
        return None
    cached = min(usage.cached_tokens or 0, usage.prompt_tokens)
    prompt = usage.prompt_tokens - cached * (1 - CACHED_SHARE)
    return (prompt * price.prompt_usd + usage.completion_tokens * price.completion_usd) / 1e6
