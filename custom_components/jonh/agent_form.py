"""The form of a conversation agent: its fields, and its way to and from a subentry's data."""

from typing import TYPE_CHECKING, Any

import probatio
from homeassistant import data_entry_flow
from homeassistant.const import CONF_LLM_HASS_API, CONF_PROMPT
from homeassistant.helpers import llm
from homeassistant.helpers.selector import (
    BooleanSelector,
    EntitySelector,
    EntitySelectorConfig,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TemplateSelector,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

from . import forms
from .agent.limits import (
    HEDGE_S,
    KEEP_ALIVE_S,
    MAX_AGE_S,
    MAX_FACT_CHARS,
    MAX_FACTS,
    MAX_MESSAGES,
    MAX_TOKENS,
    NUM_CTX,
    TEMPERATURE,
    TURN_S,
)
from .agent.safety.pin import is_pin
from .const import (
    CONF_CONFIRM_ENTITIES,
    CONF_FACTS,
    CONF_FAST_PATH,
    CONF_HEDGE_S,
    CONF_HISTORY_MESSAGES,
    CONF_HISTORY_S,
    CONF_KEEP_ALIVE_S,
    CONF_MAX_TOKENS,
    CONF_NUM_CTX,
    CONF_PATIENCE_S,
    CONF_PIN,
    CONF_PIN_HASH,
    CONF_PRIVACY,
    CONF_QUICK_CONFIRM,
    CONF_REMOVE_PIN,
    CONF_STORE_HISTORY,
    CONF_TEMPERATURE,
    CONF_TURN_S,
    SECTION_ADVANCED,
    SECTION_BEHAVIOUR,
    SECTION_MEMORY,
    SECTION_SAFETY,
)
from .providers.failover import FIRST_TOKEN_S
from .settings import ModelChoice, Privacy, allowed_models, model_choices, with_models

if TYPE_CHECKING:
    from collections.abc import Mapping

    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.typing import VolDictType

    from .coordinator import JonhConfigEntry

CONF_PRIMARY = "primary"
CONF_FALLBACK = "fallback"

type Numbers = dict[str, tuple[float, float, float, float]]
"""Default, smallest, largest and step of each number."""

MEMORY_NUMBERS: Numbers = {
    CONF_HISTORY_MESSAGES: (MAX_MESSAGES, 0, 100, 1),
    CONF_HISTORY_S: (MAX_AGE_S, 0, 86400, 1),
}
ADVANCED_NUMBERS: Numbers = {
    CONF_TEMPERATURE: (TEMPERATURE, 0, 2, 0.05),
    CONF_MAX_TOKENS: (MAX_TOKENS, 16, 8192, 1),
    CONF_PATIENCE_S: (FIRST_TOKEN_S, 1, 300, 0.5),
    CONF_HEDGE_S: (HEDGE_S, 0, 30, 0.1),
    CONF_TURN_S: (TURN_S, 5, 300, 1),
    CONF_NUM_CTX: (NUM_CTX, 2048, 1_048_576, 1),
    CONF_KEEP_ALIVE_S: (KEEP_ALIVE_S, -1, 86400, 1),
}
STORED: dict[str, tuple[str, ...]] = {
    SECTION_BEHAVIOUR: (CONF_FAST_PATH, CONF_QUICK_CONFIRM, CONF_FACTS),
    SECTION_SAFETY: (CONF_CONFIRM_ENTITIES,),
    SECTION_MEMORY: (CONF_STORE_HISTORY, *MEMORY_NUMBERS),
    SECTION_ADVANCED: tuple(ADVANCED_NUMBERS),
}
"""Fields of each section that are stored as they are; the PIN is not."""

_PIN = TextSelector(
    TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="one-time-code")
)


async def async_fields(
    hass: HomeAssistant, entry: JonhConfigEntry, data: Mapping[str, Any]
) -> VolDictType:
    """Return the fields for an agent with that data: the models open, the rest in sections."""
    models = await forms.async_choice_options(hass, entry)
    apis = [SelectOptionDict(value=api.id, label=api.name) for api in llm.async_get_apis(hass)]
    sections = {
        SECTION_BEHAVIOUR: _behaviour_fields(),
        SECTION_SAFETY: _safety_fields(has_pin=CONF_PIN_HASH in data),
        SECTION_MEMORY: _memory_fields(),
        SECTION_ADVANCED: _number_fields(ADVANCED_NUMBERS),
    }
    fields: VolDictType = {
        probatio.Optional(CONF_PROMPT): TemplateSelector(),
        probatio.Optional(CONF_LLM_HASS_API): SelectSelector(
            SelectSelectorConfig(options=apis, multiple=True, mode=SelectSelectorMode.LIST)
        ),
        probatio.Optional(CONF_PRIMARY): forms.model_selector(models),
        probatio.Optional(CONF_FALLBACK): forms.model_selector(models),
        probatio.Required(CONF_PRIVACY, default=Privacy.AS_LISTED.value): SelectSelector(
            SelectSelectorConfig(
                options=[privacy.value for privacy in Privacy],
                mode=SelectSelectorMode.DROPDOWN,
                translation_key=CONF_PRIVACY,
            )
        ),
    }
    for name, inner in sections.items():
        fields[probatio.Required(name, default={})] = data_entry_flow.section(
            probatio.Schema(inner), {"collapsed": True}
        )
    return fields


def shown(hass: HomeAssistant, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the form of an agent with that data starts with."""
    choices = [forms.choice_text(choice) for choice in model_choices(data)]
    known = {api.id for api in llm.async_get_apis(hass)}
    sections = {
        section: {key: data[key] for key in keys if key in data} for section, keys in STORED.items()
    }
    return {
        CONF_PROMPT: data.get(CONF_PROMPT),
        CONF_LLM_HASS_API: [api for api in data.get(CONF_LLM_HASS_API, []) if api in known],
        **dict(zip((CONF_PRIMARY, CONF_FALLBACK), choices, strict=False)),
        CONF_PRIVACY: data.get(CONF_PRIVACY, Privacy.AS_LISTED.value),
        **sections,
    }


def shown_again(form: Mapping[str, Any]) -> dict[str, Any]:
    """Return a refused form; a PIN is never sent back to the browser."""
    safety = form.get(SECTION_SAFETY, {})
    kept = {key: value for key, value in safety.items() if key != CONF_PIN}
    return {**form, SECTION_SAFETY: kept}


def errors_of(form: Mapping[str, Any]) -> dict[str, str]:
    """Return what is wrong with a filled form; below a section, its name has the error."""
    errors = {
        key: "unknown_model"
        for key in (CONF_PRIMARY, CONF_FALLBACK)
        if form.get(key) and forms.parse_choice(form[key]) is None
    }
    if form.get(CONF_FALLBACK) and not form.get(CONF_PRIMARY):
        errors[CONF_FALLBACK] = "fallback_without_primary"
    models = _choices(form)
    if models and not allowed_models(models, Privacy(form[CONF_PRIVACY])):
        errors[CONF_PRIVACY] = "no_local_model"
    facts = _facts(form)
    if len(facts) > MAX_FACTS:
        errors[SECTION_BEHAVIOUR] = "too_many_facts"
    elif any(len(fact) > MAX_FACT_CHARS for fact in facts):
        errors[SECTION_BEHAVIOUR] = "fact_too_long"
    pin = new_pin(form)
    if pin and not is_pin(pin):
        errors[SECTION_SAFETY] = "invalid_pin"
    return errors


def new_pin(form: Mapping[str, Any]) -> str:
    """Return the PIN that was typed, or nothing."""
    typed: str = form.get(SECTION_SAFETY, {}).get(CONF_PIN, "")
    return typed.strip()


def keeps_pin(form: Mapping[str, Any]) -> bool:
    """Return True when the PIN that is stored stays."""
    return not new_pin(form) and not form.get(SECTION_SAFETY, {}).get(CONF_REMOVE_PIN, False)


def data_of(form: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data of a subentry for a form without errors, the PIN left out."""
    stored = {
        key: form[section][key]
        for section, keys in STORED.items()
        for key in keys
        if key in form.get(section, {})
    }
    stored[CONF_FACTS] = _facts(form)
    for key in (CONF_PROMPT, CONF_LLM_HASS_API, CONF_PRIVACY):
        stored[key] = form.get(key)
    # An empty list or text is the default.
    filled = {key: value for key, value in stored.items() if value not in (None, "", [])}
    return with_models(filled, _choices(form))


def _choices(form: Mapping[str, Any]) -> tuple[ModelChoice, ...]:
    """Return the models of a filled form that can be read."""
    texts = (form.get(key) for key in (CONF_PRIMARY, CONF_FALLBACK))
    choices = (forms.parse_choice(text) for text in texts if text)
    return tuple(choice for choice in choices if choice)


def _facts(form: Mapping[str, Any]) -> list[str]:
    """Return the facts of a filled form, each on one line."""
    lines = (" ".join(line.split()) for line in form.get(SECTION_BEHAVIOUR, {}).get(CONF_FACTS, ()))
    return [line for line in lines if line]


def _behaviour_fields() -> VolDictType:
    return {
        probatio.Required(CONF_FAST_PATH, default=True): BooleanSelector(),
        probatio.Required(CONF_QUICK_CONFIRM, default=False): BooleanSelector(),
        probatio.Optional(CONF_FACTS): TextSelector(TextSelectorConfig(multiple=True)),
    }


def _safety_fields(*, has_pin: bool) -> VolDictType:
    fields: VolDictType = {probatio.Optional(CONF_PIN): _PIN}
    if has_pin:
        fields[probatio.Required(CONF_REMOVE_PIN, default=False)] = BooleanSelector()
    fields[probatio.Optional(CONF_CONFIRM_ENTITIES)] = EntitySelector(
        EntitySelectorConfig(multiple=True)
    )
    return fields


def _memory_fields() -> VolDictType:
    return {
        **_number_fields(MEMORY_NUMBERS),
        probatio.Required(CONF_STORE_HISTORY, default=True): BooleanSelector(),
    }


def _number_fields(numbers: Numbers) -> VolDictType:
    return {
        probatio.Optional(key, default=default): NumberSelector(
            NumberSelectorConfig(min=low, max=high, step=step, mode=NumberSelectorMode.BOX)
        )
        for key, (default, low, high, step) in numbers.items()
    }
