"""Health and model list of one provider."""

from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_API_KEY, CONF_URL
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryAuthFailed
from homeassistant.helpers.httpx_client import get_async_client
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed
from homeassistant.util.ssl import get_default_context

from .const import CONF_BASE_URL, DOMAIN, LOGGER, PROVIDER_GROQ, PROVIDER_OLLAMA
from .providers.base import AuthError, Model, Provider, ProviderError
from .providers.groq import GroqProvider
from .providers.ollama import OllamaProvider

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .providers.failover import Failover
    from .settings import ModelChoice

INTERVAL_HEALTHY = timedelta(hours=12)
"""Models come and go rarely; a failing turn makes us look at once."""
INTERVAL_FAILED = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class JonhData:
    """What the loaded entry holds."""

    coordinators: dict[str, ProviderCoordinator]
    """By the key of the provider in `entry.data`."""
    failover: Failover
    toolless: set[ModelChoice] = field(default_factory=set)
    """Models that refused tools although their provider did not say so."""

    def can_call_tools(self, choice: ModelChoice) -> bool:
        """Return True unless the model is known to be unable to act."""
        if choice in self.toolless:
            return False
        models = self.coordinators[choice.provider].data or []
        return all(
            model.supports_tools is not False for model in models if model.id == choice.model
        )


type JonhConfigEntry = ConfigEntry[JonhData]


class ProviderCoordinator(DataUpdateCoordinator[list[Model]]):
    """Lists a provider's models twice a day, and every minute while it fails."""

    config_entry: JonhConfigEntry

    def __init__(
        self, hass: HomeAssistant, entry: JonhConfigEntry, key: str, provider: Provider
    ) -> None:
        """Watch a provider."""
        super().__init__(
            hass,
            LOGGER,
            config_entry=entry,
            name=provider.name,
            update_interval=INTERVAL_HEALTHY,
            always_update=False,
        )
        self.key = key
        self.provider = provider

    @override
    async def _async_update_data(self) -> list[Model]:
        """List the models, which also proves that the provider answers."""
        self.update_interval = INTERVAL_FAILED
        try:
            models = list(await self.provider.models())
        except ProviderError as err:
            if isinstance(err, AuthError) and self.key == PROVIDER_GROQ:
                raise ConfigEntryAuthFailed(
                    translation_domain=DOMAIN, translation_key="key_refused"
                ) from err
            raise UpdateFailed(
                translation_domain=DOMAIN,
                translation_key="provider_failed",
                translation_placeholders={"provider": self.provider.name, "error": str(err)},
            ) from err
        self.update_interval = INTERVAL_HEALTHY
        return models

    @callback
    def async_look_again(self) -> None:
        """Find out now what is wrong, or that all is well again, without keeping a turn waiting."""
        self.config_entry.async_create_background_task(
            self.hass, self.async_refresh(), f"{DOMAIN} look at {self.key}"
        )


async def async_create_provider(
    hass: HomeAssistant, key: str, config: Mapping[str, Any]
) -> Provider:
    """Make the client of a provider from its part of `entry.data`."""
    if key == PROVIDER_OLLAMA:
        return await async_create_ollama(hass, config)
    return await hass.async_add_executor_job(
        partial(
            GroqProvider,
            config[CONF_API_KEY],
            http_client=get_async_client(hass),
            base_url=config.get(CONF_BASE_URL),
        )
    )


async def async_create_ollama(hass: HomeAssistant, config: Mapping[str, Any]) -> OllamaProvider:
    """Make the client of an Ollama server, which can also download models."""
    return await hass.async_add_executor_job(
        partial(OllamaProvider, config[CONF_URL], ssl_context=get_default_context())
    )
