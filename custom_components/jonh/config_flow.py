"""Setting up Jonh: providers, the first agent and its voice pipeline."""

from typing import TYPE_CHECKING, Any, override

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    SOURCE_USER,
    ConfigEntry,
    ConfigEntryState,
    ConfigFlowResult,
    ConfigSubentryFlow,
)
from homeassistant.const import CONF_API_KEY, CONF_LANGUAGE, CONF_LLM_HASS_API
from homeassistant.core import callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import llm

from . import forms
from .agent_flow import AgentFlow
from .ai_task_flow import AiTaskFlow
from .const import (
    CONF_CREATE_PIPELINE,
    CONF_SET_PREFERRED,
    DEFAULT_TITLE,
    DOMAIN,
    LOGGER,
    PROVIDER_GROQ,
    PROVIDER_OLLAMA,
    PROVIDERS,
    SUBENTRY_AI_TASK,
    SUBENTRY_CONVERSATION,
)
from .entity import async_agent_entity_ids
from .pipelines import async_create_pipeline, async_find_stt, async_find_tts, async_has_speech
from .provider_flow import ProviderSteps
from .settings import model_choices, with_models

if TYPE_CHECKING:
    from collections.abc import Mapping


class JonhConfigFlow(ProviderSteps, domain=DOMAIN):
    """Make the one entry of Jonh, or change it.

    user -> provider -> model -> add another? -> pipeline? -> entry
    reconfigure -> provider -> (model when it is new) -> updated entry
    """

    VERSION = 1

    def __init__(self) -> None:
        """Start with nothing chosen."""
        super().__init__()
        self._pipeline: dict[str, Any] | None = None

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(
        cls, config_entry: ConfigEntry
    ) -> dict[str, type[ConfigSubentryFlow]]:
        """Offer any number of conversation agents, and of models for the tasks of automations."""
        return {SUBENTRY_CONVERSATION: AgentFlow, SUBENTRY_AI_TASK: AiTaskFlow}

    @override
    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask which provider comes first."""
        return self.async_show_menu(step_id="user", menu_options=[*PROVIDERS, "local_only"])

    async def async_step_local_only(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Go without a language model."""
        return await self.async_step_finish()

    @override
    def _known_providers(self) -> dict[str, Any]:
        """Return the providers of the entry that is being changed."""
        return {} if self.source == SOURCE_USER else dict(self._changed_entry().data)

    @override
    async def _async_connected(self) -> ConfigFlowResult:
        """Save a change, or go on to the other provider."""
        if self.source != SOURCE_USER:
            return self._async_save(self._changed_entry().data | self._providers)
        if len(self._providers) == len(PROVIDERS):
            return await self.async_step_finish()
        return await self.async_step_add_another()

    async def async_step_add_another(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Offer the other provider as a fallback."""
        others = [key for key in PROVIDERS if key not in self._providers]
        return self.async_show_menu(step_id="add_another", menu_options=["finish", *others])

    async def async_step_finish(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Offer a voice pipeline where there are ears and a voice, then create the entry."""
        if async_has_speech(self.hass):
            return await self.async_step_pipeline()
        return self._async_create()

    async def async_step_pipeline(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask about the voice pipeline."""
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = self._speech_errors(user_input)
            if not errors and self.source == SOURCE_RECONFIGURE:
                return await self._async_pipeline_now(user_input)
            if not errors:
                self._pipeline = user_input if user_input[CONF_CREATE_PIPELINE] else None
                return self._async_create()
        return self.async_show_form(
            step_id="pipeline",
            data_schema=self.add_suggested_values_to_schema(
                forms.pipeline_schema(is_optional=self.source == SOURCE_USER),
                user_input or {CONF_LANGUAGE: forms.suggested_language(self.hass)},
            ),
            errors=errors,
        )

    def _speech_errors(self, user_input: dict[str, Any]) -> dict[str, str]:
        """Return why there can be no pipeline in that language."""
        if not user_input.get(CONF_CREATE_PIPELINE, True):
            return {}
        try:
            async_find_stt(self.hass, user_input[CONF_LANGUAGE])
            async_find_tts(self.hass, user_input[CONF_LANGUAGE])
        except ServiceValidationError as err:
            return {"base": err.translation_key or "unknown"}
        return {}

    async def _async_pipeline_now(self, user_input: dict[str, Any]) -> ConfigFlowResult:
        """Create the pipeline of the existing entry."""
        agents = async_agent_entity_ids(self.hass)
        if not agents:
            return self.async_abort(reason="no_agent")
        await self._async_create_pipeline(agents[0], user_input)
        return self.async_abort(reason="pipeline_created")

    async def _async_create_pipeline(self, agent: str, form: dict[str, Any]) -> None:
        """Create the pipeline that the form describes."""
        await async_create_pipeline(
            self.hass,
            conversation_agent=agent,
            language=form[CONF_LANGUAGE],
            set_preferred=form[CONF_SET_PREFERRED],
        )

    def _async_create(self) -> ConfigFlowResult:
        """Create the entry with one agent."""
        agent = with_models({CONF_LLM_HASS_API: [llm.LLM_API_ASSIST]}, tuple(self._choices))
        return self.async_create_entry(
            title=DEFAULT_TITLE,
            data=self._providers,
            subentries=[
                {
                    "subentry_type": SUBENTRY_CONVERSATION,
                    "title": DEFAULT_TITLE,
                    "data": agent,
                    "unique_id": None,
                }
            ],
        )

    @override
    async def async_on_create_entry(self, result: ConfigFlowResult) -> ConfigFlowResult:
        """Create the pipeline now that the agent exists."""
        if self._pipeline is not None and result["result"].state is ConfigEntryState.LOADED:
            agent = async_agent_entity_ids(self.hass)[0]
            try:
                await self._async_create_pipeline(agent, self._pipeline)
            except ServiceValidationError as err:
                # The speech servers were there when the form was sent; the entry stands anyway.
                LOGGER.warning("The pipeline was not created: %s", err)
        return result

    # Changing an entry

    async def async_step_reauth(self, entry_data: Mapping[str, Any]) -> ConfigFlowResult:
        """Start over with a refused Groq key."""
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for a new Groq key."""
        errors: dict[str, str] = {}
        if user_input is not None:
            known = self._changed_entry().data[PROVIDER_GROQ]
            config = known | {CONF_API_KEY: user_input[CONF_API_KEY].strip()}
            errors = await self._async_list_models(PROVIDER_GROQ, config)
            if not errors:
                return await self._async_connected()
        return self.async_show_form(
            step_id="reauth_confirm",
            data_schema=forms.REAUTH_SCHEMA,
            errors=errors,
            description_placeholders={"keys_url": forms.GROQ_KEYS_URL},
        )

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask what to change."""
        removals = [f"remove_{key}" for key in PROVIDERS if key in self._known_providers()]
        return self.async_show_menu(
            step_id="reconfigure", menu_options=[*PROVIDERS, *removals, "pipeline"]
        )

    async def async_step_remove_ollama(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Go on without Ollama."""
        return self._async_remove(PROVIDER_OLLAMA)

    async def async_step_remove_groq(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Go on without Groq."""
        return self._async_remove(PROVIDER_GROQ)

    def _async_remove(self, key: str) -> ConfigFlowResult:
        """Take a provider out of the entry and its models out of the agents."""
        entry = self._changed_entry()
        for subentry in entry.get_subentries_of_type(SUBENTRY_CONVERSATION):
            kept = tuple(
                choice for choice in model_choices(subentry.data) if choice.provider != key
            )
            self.hass.config_entries.async_update_subentry(
                entry, subentry, data=with_models(subentry.data, kept)
            )
        return self._async_save({name: data for name, data in entry.data.items() if name != key})

    def _async_save(self, data: dict[str, Any]) -> ConfigFlowResult:
        """Save the providers; an agent without a model gets the one chosen now."""
        entry = self._changed_entry()
        for subentry in entry.get_subentries_of_type(SUBENTRY_CONVERSATION):
            if self._choices and not model_choices(subentry.data):
                self.hass.config_entries.async_update_subentry(
                    entry, subentry, data=with_models(subentry.data, tuple(self._choices))
                )
        # The update listener reloads after a change only; the same key or address entered
        # again is a wish to try again.
        if data == entry.data or not entry.update_listeners:
            self.hass.config_entries.async_schedule_reload(entry.entry_id)
        return self.async_update_and_abort(entry, data=data)

    def _changed_entry(self) -> ConfigEntry:
        """Return the entry that this flow changes."""
        if self.source == SOURCE_RECONFIGURE:
            return self._get_reconfigure_entry()
        return self._get_reauth_entry()
