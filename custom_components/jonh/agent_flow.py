"""Adding and changing a conversation agent."""

from typing import TYPE_CHECKING, Any

import probatio
from homeassistant import data_entry_flow
from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntryState,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.const import CONF_LLM_HASS_API, CONF_NAME, CONF_PROMPT
from homeassistant.helpers import llm
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TemplateSelector,
    TextSelector,
)

from . import forms
from .agent.limits import (
    KEEP_ALIVE_S,
    MAX_AGE_S,
    MAX_MESSAGES,
    MAX_TOKENS,
    NUM_CTX,
    TEMPERATURE,
)
from .const import (
    CONF_HISTORY_MESSAGES,
    CONF_HISTORY_S,
    CONF_KEEP_ALIVE_S,
    CONF_MAX_TOKENS,
    CONF_NUM_CTX,
    CONF_PATIENCE_S,
    CONF_TEMPERATURE,
    DEFAULT_TITLE,
    PROVIDERS,
    SECTION_ADVANCED,
)
from .providers.failover import FIRST_TOKEN_S
from .settings import ModelChoice, model_choices, with_models

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.typing import VolDictType

    from .coordinator import JonhConfigEntry

CONF_PRIMARY = "primary"
CONF_FALLBACK = "fallback"
CHOICE_SEPARATOR = ":"
"""Between provider and model in a choice; a model's own name may hold more of them."""

NUMBERS: dict[str, tuple[float, float, float, float]] = {
    CONF_TEMPERATURE: (TEMPERATURE, 0, 2, 0.05),
    CONF_MAX_TOKENS: (MAX_TOKENS, 16, 8192, 1),
    CONF_HISTORY_MESSAGES: (MAX_MESSAGES, 0, 100, 1),
    CONF_HISTORY_S: (MAX_AGE_S, 0, 86400, 1),
    CONF_PATIENCE_S: (FIRST_TOKEN_S, 1, 300, 0.5),
    CONF_NUM_CTX: (NUM_CTX, 2048, 1_048_576, 1),
    CONF_KEEP_ALIVE_S: (KEEP_ALIVE_S, -1, 86400, 1),
}
"""Default, smallest, largest and step of each number of the advanced section."""


class AgentFlow(ConfigSubentryFlow):
    """One form: instructions, control, models, and numbers in a closed section."""

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Add an agent."""
        return await self._async_form("user", user_input)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change an agent."""
        return await self._async_form("reconfigure", user_input)

    async def _async_form(
        self, step_id: str, user_input: dict[str, Any] | None
    ) -> SubentryFlowResult:
        """Show the form or save it."""
        entry: JonhConfigEntry = self._get_entry()
        if entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="entry_not_loaded")
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = _errors(user_input)
            if not errors:
                return self._save(user_input)
        shown = user_input or self._shown()
        fields = await _async_fields(self.hass, entry, is_new=self.source == SOURCE_USER)
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(probatio.Schema(fields), shown),
            errors=errors,
        )

    def _shown(self) -> dict[str, Any]:
        """Return what the form starts with."""
        if self.source == SOURCE_USER:
            return {CONF_LLM_HASS_API: [llm.LLM_API_ASSIST]}
        data = self._get_reconfigure_subentry().data
        choices = [_to_text(choice) for choice in model_choices(data)]
        known = {api.id for api in llm.async_get_apis(self.hass)}
        return {
            CONF_PROMPT: data.get(CONF_PROMPT),
            CONF_LLM_HASS_API: [api for api in data.get(CONF_LLM_HASS_API, []) if api in known],
            **dict(zip((CONF_PRIMARY, CONF_FALLBACK), choices, strict=False)),
            SECTION_ADVANCED: {key: data[key] for key in NUMBERS if key in data},
        }

    def _save(self, form: dict[str, Any]) -> SubentryFlowResult:
        """Create or update the subentry."""
        entry = self._get_entry()
        texts = [form[key] for key in (CONF_PRIMARY, CONF_FALLBACK) if form.get(key)]
        data = with_models(form.get(SECTION_ADVANCED, {}), tuple(map(_from_text, texts)))
        for key in (CONF_PROMPT, CONF_LLM_HASS_API):
            if form.get(key):
                data[key] = form[key]
        if self.source == SOURCE_USER:
            return self.async_create_entry(title=form[CONF_NAME], data=data)
        return self.async_update_and_abort(entry, self._get_reconfigure_subentry(), data=data)


async def _async_fields(
    hass: HomeAssistant, entry: JonhConfigEntry, *, is_new: bool
) -> VolDictType:
    """Return the fields of the form."""
    models = await _async_all_models(hass, entry)
    apis = [SelectOptionDict(value=api.id, label=api.name) for api in llm.async_get_apis(hass)]
    fields: VolDictType = {}
    if is_new:
        fields[probatio.Required(CONF_NAME, default=DEFAULT_TITLE)] = TextSelector()
    fields[probatio.Optional(CONF_PROMPT)] = TemplateSelector()
    fields[probatio.Optional(CONF_LLM_HASS_API)] = SelectSelector(
        SelectSelectorConfig(options=apis, multiple=True, mode=SelectSelectorMode.LIST)
    )
    fields[probatio.Optional(CONF_PRIMARY)] = forms.model_selector(models)
    fields[probatio.Optional(CONF_FALLBACK)] = forms.model_selector(models)
    fields[probatio.Required(SECTION_ADVANCED, default={})] = data_entry_flow.section(
        probatio.Schema({_number_key(key): _number(key) for key in NUMBERS}), {"collapsed": True}
    )
    return fields


async def _async_all_models(hass: HomeAssistant, entry: JonhConfigEntry) -> list[SelectOptionDict]:
    """Return the models of all providers as choices."""
    return [
        SelectOptionDict(
            value=_to_text(ModelChoice(provider=key, model=option["value"])),
            label=f"{coordinator.provider.name}: {option['label']}",
        )
        for key, coordinator in entry.runtime_data.coordinators.items()
        for option in await forms.async_model_options(hass, coordinator.data or [])
    ]


def _number_key(key: str) -> probatio.Optional:
    """Return the form key of a number, with its default."""
    return probatio.Optional(key, default=NUMBERS[key][0])


def _number(key: str) -> NumberSelector:
    """Return the form field of a number."""
    _, low, high, step = NUMBERS[key]
    return NumberSelector(
        NumberSelectorConfig(min=low, max=high, step=step, mode=NumberSelectorMode.BOX)
    )


def _errors(form: dict[str, Any]) -> dict[str, str]:
    """Return what is wrong with a filled form."""
    errors = {
        key: "unknown_model"
        for key in (CONF_PRIMARY, CONF_FALLBACK)
        if form.get(key) and not _is_choice(form[key])
    }
    if form.get(CONF_FALLBACK) and not form.get(CONF_PRIMARY):
        errors[CONF_FALLBACK] = "fallback_without_primary"
    return errors


def _is_choice(text: str) -> bool:
    """Return True when the text names a provider of ours and a model."""
    provider, _, model = text.partition(CHOICE_SEPARATOR)
    return provider in PROVIDERS and bool(model)


def _to_text(choice: ModelChoice) -> str:
    """Return a choice as the form holds it."""
    return f"{choice.provider}{CHOICE_SEPARATOR}{choice.model}"


def _from_text(text: str) -> ModelChoice:
    """Read a choice of the form."""
    provider, _, model = text.partition(CHOICE_SEPARATOR)
    return ModelChoice(provider=provider, model=model)
