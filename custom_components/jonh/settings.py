"""The settings of one agent, read once from its subentry."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self

from homeassistant.const import CONF_LLM_HASS_API, CONF_MODEL, CONF_PROMPT

from .agent.limits import (
    HEDGE_S,
    KEEP_ALIVE_S,
    MAX_AGE_S,
    MAX_MESSAGES,
    MAX_TOKENS,
    NUM_CTX,
    TEMPERATURE,
    TURN_S,
)
from .agent.safety.pin import Pin
from .const import (
    CONF_CONFIRM_ENTITIES,
    CONF_FACTS,
    CONF_FALLBACK_MODEL,
    CONF_FALLBACK_PROVIDER,
    CONF_FAST_PATH,
    CONF_HEDGE_S,
    CONF_HISTORY_MESSAGES,
    CONF_HISTORY_S,
    CONF_KEEP_ALIVE_S,
    CONF_MAX_TOKENS,
    CONF_NUM_CTX,
    CONF_PATIENCE_S,
    CONF_PIN_HASH,
    CONF_PRIVACY,
    CONF_PROVIDER,
    CONF_QUICK_CONFIRM,
    CONF_STORE_HISTORY,
    CONF_TEMPERATURE,
    CONF_TURN_S,
    LOCAL_PROVIDERS,
)
from .providers.failover import FIRST_TOKEN_S

if TYPE_CHECKING:
    from collections.abc import Mapping


class Privacy(StrEnum):
    """Which of the chosen models may be asked, and in which order."""

    AS_LISTED = "as_listed"
    """All of them, the first model first."""
    LOCAL_ONLY = "local_only"
    """Only those on a machine of the user's own; nothing that is said leaves the house."""
    LOCAL_FIRST = "local_first"
    CLOUD_FIRST = "cloud_first"


CLOUD_MARKS = ("-cloud", ":cloud")
"""Ends of the names of Ollama's cloud models: "gpt-oss:120b-cloud"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelChoice:
    """A model and the provider that serves it."""

    provider: str
    """Key of the provider in `entry.data`."""
    model: str

    @property
    def is_local(self) -> bool:
        """Return True when the model runs on a machine of the user's own.

        Ollama passes models with this mark in their tag on to its maker's cloud.
        """
        return self.provider in LOCAL_PROVIDERS and not self.model.endswith(CLOUD_MARKS)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSettings:
    """What a conversation subentry says."""

    prompt: str | None
    facts: tuple[str, ...]
    """Lines about the home that the model always sees."""
    llm_apis: list[str] | None
    """Ids of the LLM APIs whose tools the model gets; None for no control."""
    privacy: Privacy
    models: tuple[ModelChoice, ...]
    """Models in the order in which they are asked; empty for local commands only."""
    fast_path: bool
    """Plain commands are carried out without a model."""
    quick_confirm: bool
    """A carried out command is confirmed by a sentence of ours, without a second model round."""
    pin: Pin | None
    """Confirms risky actions; without one a yes does."""
    confirm_entities: tuple[str, ...]
    """Ids of entities that are confirmed, beside those that are risky by kind."""
    history_messages: int
    history_s: int
    store_history: bool
    """Remembered sessions survive a restart."""
    temperature: float
    max_tokens: int
    patience_s: float
    hedge_s: float
    """After this long without a first word the next model is asked beside the first; 0 is off."""
    turn_s: float
    """Deadline of a whole turn."""
    num_ctx: int
    keep_alive_s: int

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Read the data of a subentry; what is missing gets its default."""
        privacy = Privacy(data.get(CONF_PRIVACY, Privacy.AS_LISTED))
        pin_hash = data.get(CONF_PIN_HASH)
        return cls(
            prompt=data.get(CONF_PROMPT),
            facts=tuple(data.get(CONF_FACTS, ())),
            llm_apis=data.get(CONF_LLM_HASS_API) or None,
            privacy=privacy,
            models=allowed_models(model_choices(data), privacy),
            fast_path=bool(data.get(CONF_FAST_PATH, True)),
            quick_confirm=bool(data.get(CONF_QUICK_CONFIRM, False)),
            pin=Pin.from_text(pin_hash) if pin_hash else None,
            confirm_entities=tuple(data.get(CONF_CONFIRM_ENTITIES, ())),
            history_messages=int(data.get(CONF_HISTORY_MESSAGES, MAX_MESSAGES)),
            history_s=int(data.get(CONF_HISTORY_S, MAX_AGE_S)),
            store_history=bool(data.get(CONF_STORE_HISTORY, True)),
            temperature=float(data.get(CONF_TEMPERATURE, TEMPERATURE)),
            max_tokens=int(data.get(CONF_MAX_TOKENS, MAX_TOKENS)),
            patience_s=float(data.get(CONF_PATIENCE_S, FIRST_TOKEN_S)),
            hedge_s=float(data.get(CONF_HEDGE_S, HEDGE_S)),
            turn_s=float(data.get(CONF_TURN_S, TURN_S)),
            num_ctx=int(data.get(CONF_NUM_CTX, NUM_CTX)),
            keep_alive_s=int(data.get(CONF_KEEP_ALIVE_S, KEEP_ALIVE_S)),
        )


def allowed_models(choices: tuple[ModelChoice, ...], privacy: Privacy) -> tuple[ModelChoice, ...]:
    """Return the models that may be asked, in the order that the user wants."""
    match privacy:
        case Privacy.AS_LISTED:
            return choices
        case Privacy.LOCAL_ONLY:
            return tuple(choice for choice in choices if choice.is_local)
        case Privacy.LOCAL_FIRST:
            return tuple(sorted(choices, key=lambda choice: not choice.is_local))
        case Privacy.CLOUD_FIRST:
            return tuple(sorted(choices, key=lambda choice: choice.is_local))


def model_choices(data: Mapping[str, Any]) -> tuple[ModelChoice, ...]:
    """Return the models a subentry names, the first one before the fallback."""
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
