"""What is known of the providers and of the agents' turns while the entry is loaded."""

from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_API_KEY, CONF_URL
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryAuthFailed
from homeassistant.helpers.httpx_client import get_async_client
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed

from .const import (
    CONF_BASE_URL,
    DOMAIN,
    LOGGER,
    PROVIDER_GROQ,
    PROVIDER_OLLAMA,
    SUBENTRY_CONVERSATION,
)
from .providers.base import AuthError, Model, Provider, ProviderError, ProviderStatus
from .providers.groq import GroqProvider
from .providers.ollama import OllamaProvider

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Mapping

    from homeassistant.const import Platform

    from .agent.telemetry import TurnReport
    from .home_context import HomeContext
    from .providers.failover import Failover
    from .settings import ModelChoice

INTERVAL_HEALTHY = timedelta(hours=12)
"""Models come and go rarely; a failing turn makes us look at once."""
INTERVAL_FAILED = timedelta(minutes=1)
INTERVAL_STATUS = timedelta(minutes=1)
"""As long as a service counts tokens for; a turn makes us ask at once."""

KEPT_REPORTS = 20
"""Turns that a bug report shows."""


class TurnLog:
    """Reports of one agent's latest turns, and who wants to hear of the next."""

    def __init__(self) -> None:
        """Begin without a turn."""
        self.reports: deque[TurnReport] = deque(maxlen=KEPT_REPORTS)
        self._listeners: list[Callable[[TurnReport], None]] = []

    @property
    def last(self) -> TurnReport | None:
        """The latest turn; None before the first one."""
        return self.reports[-1] if self.reports else None

    @callback
    def report(self, report: TurnReport) -> None:
        """Keep the report of a turn that is over and tell it to the listeners."""
        self.reports.append(report)
        for listener in [*self._listeners]:
            listener(report)

    @callback
    def async_add_listener(self, listener: Callable[[TurnReport], None]) -> CALLBACK_TYPE:
        """Call `listener` after each turn, until the returned function is called."""
        self._listeners.append(listener)
        return partial(self._listeners.remove, listener)


@dataclass(frozen=True, slots=True, kw_only=True)
class JonhData:
    """What the loaded entry holds."""

    coordinators: dict[str, ProviderCoordinator]
    """By the key of the provider in `entry.data`."""
    failover: Failover
    home: HomeContext
    platforms: list[Platform]
    """Platforms of Home Assistant that were set up for the entry."""
    scales: dict[ModelChoice, float] = field(default_factory=dict)
    """Tokens that a model's service counts for each one that we estimate."""
    toolless: set[ModelChoice] = field(default_factory=set)
    """Models that refused tools although their provider did not say so."""
    statuses: dict[str, StatusCoordinator] = field(default_factory=dict)
    """By the key of the provider, as `coordinators`."""
    turns: dict[str, TurnLog] = field(default_factory=lambda: defaultdict(TurnLog))
    """By the id of the agent's subentry."""

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
            # Without the cause, which holds what the service wrote and would be logged with it.
            if isinstance(err, AuthError) and self.key == PROVIDER_GROQ:
                raise ConfigEntryAuthFailed(
                    translation_domain=DOMAIN, translation_key="key_refused"
                ) from None
            raise UpdateFailed(
                translation_domain=DOMAIN,
                translation_key="provider_failed",
                translation_placeholders={"provider": self.provider.name, "error": str(err)},
            ) from None
        self.update_interval = INTERVAL_HEALTHY
        if not self.last_update_success:
            self.config_entry.runtime_data.failover.note_recovered(self.provider.name)
        return models

    @callback
    def async_look_again(self) -> None:
        """Find out now what is wrong, or that all is well again, without keeping a turn waiting."""
        self.config_entry.async_create_background_task(
            self.hass, self.async_refresh(), f"{DOMAIN} look at {self.key}"
        )


class StatusCoordinator(DataUpdateCoordinator[ProviderStatus]):
    """Asks how a provider is doing, as long as an entity shows it.

    A provider that does not say counts as one of which nothing is known; that it does not
    answer is the business of its `ProviderCoordinator`.
    """

    config_entry: JonhConfigEntry

    def __init__(
        self, hass: HomeAssistant, entry: JonhConfigEntry, health: ProviderCoordinator
    ) -> None:
        """Watch a provider beside the coordinator of its models."""
        super().__init__(
            hass,
            LOGGER,
            config_entry=entry,
            name=f"{health.name} status",
            update_interval=INTERVAL_STATUS,
            always_update=False,
        )
        self.health = health
        self.data = ProviderStatus()
        self._asking: asyncio.Task[None] | None = None

    @override
    async def _async_update_data(self) -> ProviderStatus:
        """Ask the provider, and have its health looked at when the two disagree."""
        try:
            status = await self.health.provider.status()
        except ProviderError:
            if self.health.last_update_success:
                self.health.async_look_again()
            return ProviderStatus()
        return status

    @callback
    def async_ask_soon(self) -> None:
        """Ask now, unless nobody listens or the question is on its way."""
        is_asking = self._asking is not None and not self._asking.done()
        if self._listeners and not is_asking:
            self._asking = self.config_entry.async_create_background_task(
                self.hass, self.async_refresh(), f"{DOMAIN} ask {self.health.key}"
            )


def model_ids(model: str) -> frozenset[str]:
    """Return the ids under which a provider may list a model: Ollama adds a left out tag."""
    return frozenset({model, f"{model}:latest"})


@callback
def async_follow_turns(entry: JonhConfigEntry, listener: Callable[[], None]) -> None:
    """After each turn ask how the providers are doing and call `listener`, until unloading."""
    data = entry.runtime_data

    @callback
    def follow(_report: TurnReport) -> None:
        for status in data.statuses.values():
            status.async_ask_soon()
        listener()

    for subentry in entry.get_subentries_of_type(SUBENTRY_CONVERSATION):
        entry.async_on_unload(data.turns[subentry.subentry_id].async_add_listener(follow))


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
        partial(OllamaProvider, config[CONF_URL], http_client=get_async_client(hass))
    )
