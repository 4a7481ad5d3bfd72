"""Lets a model read the home before anybody asks, so that a turn only pays for its own words."""

from contextlib import suppress
from typing import TYPE_CHECKING

from homeassistant.components import conversation
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import llm

from .agent.languages import Language, language_of
from .chat_log import to_tools
from .const import DOMAIN
from .model_requests import available_models, chat_request
from .providers.base import ChatRequest, ProviderError, SystemMessage

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from .briefing import Briefing
    from .coordinator import JonhConfigEntry
    from .providers.base import Provider
    from .settings import AgentSettings
    from .tools.turn import ToolTurn

FRESH_S = 600.0
"""How long a model is trusted to know what it has read. Reading it again would cost the history
of a conversation that goes on; later, somebody else may have used the model."""


class WarmUp:
    """Warms the preferred model of one agent, with the options and the first bytes of a turn."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: JonhConfigEntry,
        settings: AgentSettings,
        briefing: Briefing,
        new_turn: Callable[[Language], Awaitable[ToolTurn]],
    ) -> None:
        """Warm with turns that nobody speaks in, made by `new_turn`."""
        self._hass = hass
        self._entry = entry
        self._settings = settings
        self._briefing = briefing
        self._new_turn = new_turn
        self._is_warming = False
        self._read: ChatRequest | None = None
        self._used_s = 0.0

    @callback
    def async_start(self, language: str | None = None) -> None:
        """Begin in the background, unless that goes on already or there is no model."""
        if self._is_warming or not available_models(self._entry.runtime_data, self._settings):
            return
        self._is_warming = True
        self._entry.async_create_background_task(
            self._hass,
            self._async_warm(language_of(language or self._hass.config.language)),
            f"{DOMAIN} warm",
        )

    @callback
    def async_note_use(self) -> None:
        """Remember that the model was used a moment ago."""
        self._used_s = self._hass.loop.time()

    async def _async_warm(self, language: Language) -> None:
        try:
            # The turn itself reports what is wrong.
            with suppress(ProviderError, HomeAssistantError):
                await self._async_read(language)
        finally:
            self._is_warming = False

    async def _async_read(self, language: Language) -> None:
        data = self._entry.runtime_data
        choice = available_models(data, self._settings)[0]
        turn = await self._new_turn(language)
        llm_context = llm.LLMContext(
            platform=DOMAIN,
            context=turn.context,
            language=language,
            assistant=conversation.DOMAIN,
            device_id=None,
        )
        prompt, api = await self._briefing.async_brief(turn, llm_context)
        request = chat_request(
            self._settings,
            choice,
            messages=(SystemMessage(prompt.system),),
            tools=to_tools(api) if data.can_call_tools(choice) else (),
        )
        provider = data.coordinators[choice.provider].provider
        if not await self._knows(request, provider):
            await provider.warm(request)
            self._read = request
            self.async_note_use()

    async def _knows(self, request: ChatRequest, provider: Provider) -> bool:
        """Return True when the model has read just that and is still in memory."""
        if request != self._read or self._hass.loop.time() - self._used_s > FRESH_S:
            return False
        loaded = (await provider.status()).loaded
        return loaded is None or request.model in loaded
