"""Adding and changing a model for the tasks of automations."""

from typing import TYPE_CHECKING, Any

import probatio
from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntryState,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.const import CONF_MODEL, CONF_NAME
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    TextSelector,
)

from . import forms
from .const import CONF_MAX_TOKENS, CONF_PROVIDER
from .settings import model_choices

if TYPE_CHECKING:
    from homeassistant.helpers.typing import VolDictType

    from .coordinator import JonhConfigEntry
    from .settings import ModelChoice

DEFAULT_NAME = "Jonh AI Task"
DEFAULT_MAX_TOKENS = 2048
"""Some three pages of text, or a long list; nobody waits for the voice here."""
LEAST_TOKENS, MOST_TOKENS = 64, 32_768


class AiTaskFlow(ConfigSubentryFlow):
    """One form: a model and how much it may write."""

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Add a model for tasks."""
        return await self._async_form("user", user_input)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change it."""
        return await self._async_form("reconfigure", user_input)

    async def _async_form(
        self, step_id: str, user_input: dict[str, Any] | None
    ) -> SubentryFlowResult:
        """Show the form or save it."""
        entry: JonhConfigEntry = self._get_entry()
        if entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="entry_not_loaded")
        options = await forms.async_choice_options(self.hass, entry)
        if not options:
            return self.async_abort(reason="no_models")
        errors: dict[str, str] = {}
        if user_input is not None:
            if choice := forms.parse_choice(user_input[CONF_MODEL]):
                return self._save(user_input, choice)
            errors[CONF_MODEL] = "unknown_model"
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(
                self._schema(options), user_input or self._shown()
            ),
            errors=errors,
        )

    def _schema(self, options: list[SelectOptionDict]) -> probatio.Schema:
        """Return the form."""
        number = NumberSelector(
            NumberSelectorConfig(
                min=LEAST_TOKENS, max=MOST_TOKENS, step=1, mode=NumberSelectorMode.BOX
            )
        )
        fields: VolDictType = {}
        if self.source == SOURCE_USER:
            fields[probatio.Required(CONF_NAME, default=DEFAULT_NAME)] = TextSelector()
        fields[probatio.Required(CONF_MODEL)] = forms.model_selector(options)
        fields[probatio.Required(CONF_MAX_TOKENS, default=DEFAULT_MAX_TOKENS)] = number
        return probatio.Schema(fields)

    def _shown(self) -> dict[str, Any]:
        """Return what the form starts with."""
        if self.source == SOURCE_USER:
            return {}
        data = self._get_reconfigure_subentry().data
        shown = {CONF_MAX_TOKENS: data[CONF_MAX_TOKENS]}
        for choice in model_choices(data):
            shown[CONF_MODEL] = forms.choice_text(choice)
        return shown

    def _save(self, form: dict[str, Any], choice: ModelChoice) -> SubentryFlowResult:
        """Create or update the subentry."""
        data = {
            CONF_PROVIDER: choice.provider,
            CONF_MODEL: choice.model,
            CONF_MAX_TOKENS: int(form[CONF_MAX_TOKENS]),
        }
        if self.source == SOURCE_USER:
            return self.async_create_entry(title=form[CONF_NAME], data=data)
        return self.async_update_and_abort(
            self._get_entry(), self._get_reconfigure_subentry(), data=data
        )
