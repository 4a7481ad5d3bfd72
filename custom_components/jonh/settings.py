"""The settings of one agent, read once from its subentry."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from homeassistant.const import CONF_LLM_HASS_API, CONF_MODEL, CONF_PROMPT

from .agent.limits import (
    KEEP_ALIVE_S,
    MAX_AGE_S,
    MAX_MESSAGES,
    MAX_TOKENS,
    NUM_CTX,
    TEMPERATURE,
)
from .const import (
    CONF_FALLBACK_MODEL,
    CONF_FALLBACK_PROVIDER,
    CONF_HISTORY_MESSAGES,
    CONF_HISTORY_S,
    CONF_KEEP_ALIVE_S,
    CONF_MAX_TOKENS,
    CONF_NUM_CTX,
    CONF_PATIENCE_S,
    CONF_PROVIDER,
    CONF_TEMPERATURE,
)
from .providers.failover import FIRST_TOKEN_S

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelChoice:
    """A model and the provider that serves it."""

    provider: str
    """Key of the provider in `entry.data`."""
    model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSettings:
    """What a conversation subentry says."""

    prompt: str | None
    llm_apis: list[str] | None
    """Ids of the LLM APIs whose tools the model gets; None for no control."""
    models: tuple[ModelChoice, ...]
    """The model to ask first, then the fallback; empty for local commands only."""
    temperature: float
    max_tokens: int
    history_messages: int
    history_s: int
    patience_s: float
    num_ctx: int
    keep_alive_s: int

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Read the data of a subentry; what is missing gets its default."""
        return cls(
            prompt=data.get(CONF_PROMPT),
            llm_apis=data.get(CONF_LLM_HASS_API) or None,
            models=model_choices(data),
            temperature=float(data.get(CONF_TEMPERATURE, TEMPERATURE)),
            max_tokens=int(data.get(CONF_MAX_TOKENS, MAX_TOKENS)),
            history_messages=int(data.get(CONF_HISTORY_MESSAGES, MAX_MESSAGES)),
            history_s=int(data.get(CONF_HISTORY_S, MAX_AGE_S)),
            patience_s=float(data.get(CONF_PATIENCE_S, FIRST_TOKEN_S)),
            num_ctx=int(data.get(CONF_NUM_CTX, NUM_CTX)),
            keep_alive_s=int(data.get(CONF_KEEP_ALIVE_S, KEEP_ALIVE_S)),
        )


def model_choices(data: Mapping[str, Any]) -> tuple[ModelChoice, ...]:
    """Return the models a subentry names, in the order in which they are asked."""
    pairs = (
        (data.get(CONF_PROVIDER), data.get(CONF_MODEL)),
        (data.get(CONF_FALLBACK_PROVIDER), data.get(CONF_FALLBACK_MODEL)),
    )
    return tuple(
        ModelChoice(provider=provider, model=model)
        for provider, model in pairs
        if provider and model
    )


def with_models(data: Mapping[str, Any], models: tuple[ModelChoice, ...]) -> dict[str, Any]:
    """Return the data of a subentry with other models."""
    keys = ((CONF_PROVIDER, CONF_MODEL), (CONF_FALLBACK_PROVIDER, CONF_FALLBACK_MODEL))
    named = {key for pair in keys for key in pair}
    changed = {key: value for key, value in data.items() if key not in named}
    for (provider_key, model_key), choice in zip(keys, models, strict=False):
        changed |= {provider_key: choice.provider, model_key: choice.model}
    return changed
