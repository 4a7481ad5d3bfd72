"""Adding and changing a conversation agent."""

import secrets
from typing import TYPE_CHECKING, Any

import probatio
from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntryState,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.const import CONF_LLM_HASS_API, CONF_NAME
from homeassistant.helpers import llm
from homeassistant.helpers.selector import TextSelector

from . import agent_form
from .agent.safety.pin import MIN_SALT_BYTES, Pin
from .const import CONF_PIN_HASH, DEFAULT_TITLE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from homeassistant.helpers.typing import VolDictType

    from .coordinator import JonhConfigEntry


class AgentFlow(ConfigSubentryFlow):
    """One form for an agent; it needs the model lists of a loaded entry."""

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
        stored = self._stored()
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = agent_form.errors_of(user_input)
            if not errors:
                return await self._async_save(user_input, stored)
        fields: VolDictType = {}
        if self.source == SOURCE_USER:
            fields[probatio.Required(CONF_NAME, default=DEFAULT_TITLE)] = TextSelector()
        fields |= await agent_form.async_fields(self.hass, entry, stored)
        shown = (
            agent_form.shown(self.hass, stored)
            if user_input is None
            else agent_form.shown_again(user_input)
        )
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(probatio.Schema(fields), shown),
            errors=errors,
        )

    def _stored(self) -> Mapping[str, Any]:
        """Return the data of the agent; a new one may control the home."""
        if self.source == SOURCE_USER:
            return {CONF_LLM_HASS_API: [llm.LLM_API_ASSIST]}
        return self._get_reconfigure_subentry().data

    async def _async_save(
        self, form: dict[str, Any], stored: Mapping[str, Any]
    ) -> SubentryFlowResult:
        """Create or update the subentry."""
        data = agent_form.data_of(form)
        if pin := agent_form.new_pin(form):
            data[CONF_PIN_HASH] = await self.hass.async_add_executor_job(_hashed, pin)
        elif CONF_PIN_HASH in stored and agent_form.keeps_pin(form):
            data[CONF_PIN_HASH] = stored[CONF_PIN_HASH]
        if self.source == SOURCE_USER:
            return self.async_create_entry(title=form[CONF_NAME], data=data)
        return self.async_update_and_abort(
            self._get_entry(), self._get_reconfigure_subentry(), data=data
        )


def _hashed(pin: str) -> str:
    """Return what is stored of a PIN; takes some 20 ms of a core."""
    return Pin.create(pin, secrets.token_bytes(MIN_SALT_BYTES)).to_text()
