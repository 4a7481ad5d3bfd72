"""The steps that connect a provider and choose one of its models."""

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, override

from homeassistant.config_entries import ConfigFlow, ConfigFlowResult
from homeassistant.const import CONF_API_KEY, CONF_MODEL, CONF_URL
from homeassistant.core import callback

from . import forms
from .const import (
    CONF_BASE_URL,
    DOMAIN,
    LOGGER,
    PROVIDER_GROQ,
    PROVIDER_OLLAMA,
    SECTION_ADVANCED,
)
from .coordinator import async_create_ollama, async_create_provider
from .providers.base import Model, ProviderError
from .settings import ModelChoice

if TYPE_CHECKING:
    import asyncio


class ProviderSteps(ConfigFlow):
    """Connect Ollama or Groq; `async_connected` says how it goes on.

    ollama -> (no model that controls the home -> pull) -> model; groq -> model.
    A provider that is only changed skips its model step.
    """

    def __init__(self) -> None:
        """Start with nothing connected."""
        self._providers: dict[str, dict[str, Any]] = {}
        self._choices: list[ModelChoice] = []
        self._models: list[Model] = []
        self._pull_model = ""
        self._pull_task: asyncio.Task[None] | None = None

    @abstractmethod
    def _known_providers(self) -> dict[str, Any]:
        """Return the providers that the entry has already."""

    @abstractmethod
    async def _async_connected(self) -> ConfigFlowResult:
        """Go on with the connected provider, and with the chosen model if it is new."""

    @callback
    @override
    def async_remove(self) -> None:
        """Stop waiting for a download; asked again, Ollama goes on where it was."""
        if self._pull_task is not None:
            self._pull_task.cancel()

    # Ollama

    async def async_step_ollama(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the address of the Ollama server and test it."""
        errors: dict[str, str] = {}
        if user_input is not None:
            if url := forms.normalized_url(user_input[CONF_URL]):
                errors = await self._async_list_models(PROVIDER_OLLAMA, {CONF_URL: url})
            else:
                errors = {CONF_URL: "invalid_url"}
            if not errors:
                return await self._async_ollama_connected()
        return self.async_show_form(
            step_id="ollama",
            data_schema=self.add_suggested_values_to_schema(
                forms.OLLAMA_SCHEMA, user_input or self._known_providers().get(PROVIDER_OLLAMA)
            ),
            errors=errors,
        )

    async def _async_ollama_connected(self) -> ConfigFlowResult:
        """Go on with the models of the server."""
        if PROVIDER_OLLAMA in self._known_providers():
            return await self._async_connected()
        if any(model.supports_tools is not False for model in self._models):
            return await self.async_step_ollama_model()
        return await self.async_step_ollama_no_model()

    async def async_step_ollama_no_model(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Offer to download a model, as none there can control the home."""
        use_anyway = ["ollama_model"] if self._models else []
        return self.async_show_menu(
            step_id="ollama_no_model", menu_options=["ollama_pull", *use_anyway, "ollama"]
        )

    async def async_step_ollama_pull(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask which model to download."""
        if user_input is not None:
            self._pull_model = user_input[CONF_MODEL]
            return await self.async_step_ollama_pulling()
        return self.async_show_form(step_id="ollama_pull", data_schema=forms.PULL_SCHEMA)

    async def async_step_ollama_pulling(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show how far the download is."""
        if self._pull_task is None:
            self._pull_task = self.hass.async_create_task(
                self._async_pull(), f"{DOMAIN} pull {self._pull_model}", eager_start=False
            )
        if not self._pull_task.done():
            return self.async_show_progress(
                step_id="ollama_pulling",
                progress_action="pull",
                description_placeholders={"model": self._pull_model},
                progress_task=self._pull_task,
            )
        task, self._pull_task = self._pull_task, None
        if error := task.exception():
            LOGGER.warning("Ollama did not download %s: %s", self._pull_model, error)
            return self.async_show_progress_done(next_step_id="ollama_pull_failed")
        return self.async_show_progress_done(next_step_id="ollama_model")

    async def _async_pull(self) -> None:
        """Download the model and list the models again."""
        provider = await async_create_ollama(self.hass, self._providers[PROVIDER_OLLAMA])
        try:
            async for progress in provider.pull(self._pull_model):
                if progress.completed_bytes and progress.total_bytes:
                    self.async_update_progress(progress.completed_bytes / progress.total_bytes)
            self._models = list(await provider.models())
        finally:
            await provider.close()

    async def async_step_ollama_pull_failed(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Say that the download failed and let the person try again."""
        return self.async_show_menu(
            step_id="ollama_pull_failed",
            menu_options=["ollama_pull", "ollama"],
            description_placeholders={"model": self._pull_model},
        )

    async def async_step_ollama_model(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask which model of Ollama the agent uses."""
        return await self._async_choose_model("ollama_model", PROVIDER_OLLAMA, user_input)

    # Groq

    async def async_step_groq(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the Groq key and test it."""
        errors: dict[str, str] = {}
        if user_input is not None:
            config = {CONF_API_KEY: user_input[CONF_API_KEY].strip()}
            if base_url := user_input.get(SECTION_ADVANCED, {}).get(CONF_BASE_URL):
                config[CONF_BASE_URL] = base_url
            errors = await self._async_list_models(PROVIDER_GROQ, config)
            if not errors and PROVIDER_GROQ in self._known_providers():
                return await self._async_connected()
            if not errors:
                return await self.async_step_groq_model()
        shown = user_input or {
            SECTION_ADVANCED: {
                CONF_BASE_URL: self._known_providers().get(PROVIDER_GROQ, {}).get(CONF_BASE_URL)
            }
        }
        return self.async_show_form(
            step_id="groq",
            data_schema=self.add_suggested_values_to_schema(forms.GROQ_SCHEMA, shown),
            errors=errors,
            description_placeholders={"keys_url": forms.GROQ_KEYS_URL},
        )

    async def async_step_groq_model(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask which model of Groq the agent uses."""
        return await self._async_choose_model("groq_model", PROVIDER_GROQ, user_input)

    # What both providers share

    async def _async_list_models(self, key: str, config: dict[str, Any]) -> dict[str, str]:
        """Test a provider by listing its models; return the errors of the form."""
        try:
            provider = await async_create_provider(self.hass, key, config)
            try:
                self._models = list(await provider.models())
            finally:
                await provider.close()
        except ProviderError as err:
            LOGGER.debug("Connection test of %s failed: %s", key, err)
            return {"base": forms.error_key(err)}
        except Exception:  # noqa: BLE001  # whatever it is, the form must come back
            LOGGER.exception("Connection test of %s failed unexpectedly", key)
            return {"base": "unknown"}
        self._providers[key] = config
        return {}

    async def _async_choose_model(
        self, step_id: str, key: str, user_input: dict[str, Any] | None
    ) -> ConfigFlowResult:
        """Show the models of a provider and take the choice."""
        if user_input:
            self._choices.append(ModelChoice(provider=key, model=user_input[CONF_MODEL]))
            return await self._async_connected()
        if not self._models:
            return self.async_abort(reason="no_models")
        return self.async_show_form(
            step_id=step_id,
            data_schema=await forms.async_model_schema(self.hass, self._models),
        )
