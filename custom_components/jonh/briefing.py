"""What a model is told in a turn: rules, the home, facts, and what is true right now."""

from functools import cache, partial
from typing import TYPE_CHECKING

from homeassistant.components import conversation
from homeassistant.helpers import llm
from homeassistant.helpers.template import Template
from homeassistant.util import dt as dt_util

from .agent.prompt import system_prompt, user_message
from .agent.turn_prompt import TurnPrompt
from .chat_log import to_tools
from .model_requests import available_models, tools_tokens
from .tools.api import JonhAPI

if TYPE_CHECKING:
    from collections.abc import Sequence

    from homeassistant.core import HomeAssistant

    from .coordinator import JonhData
    from .providers.base import Message
    from .settings import AgentSettings
    from .tools.turn import ToolTurn


class Briefing:
    """Prepares an agent's prompts; those of a turn and of a warm-up begin with the same bytes."""

    def __init__(self, hass: HomeAssistant, data: JonhData, settings: AgentSettings) -> None:
        """Brief the models of an agent."""
        self._hass = hass
        self._data = data
        self._settings = settings

    async def async_brief(
        self,
        turn: ToolTurn,
        llm_context: llm.LLMContext,
        *,
        history: Sequence[Message] = (),
        recent: Sequence[str] = (),
        instruction: str = "",
    ) -> tuple[TurnPrompt, llm.APIInstance | None]:
        """Return the prompt of a turn and the tools that go with it.

        `recent` are the entities that the turn before was about, `instruction` is what whoever
        started the conversation wants of this turn. Raises TemplateError when the user's
        instructions cannot be rendered.
        """
        api = await self._async_api(turn, llm_context)
        own = [await self._async_instructions(llm_context), api.api_prompt if api else ""]
        instructions = "\n".join(part.strip() for part in own if part.strip())

        def system(home: str) -> str:
            return system_prompt(
                turn.language,
                home=home if self._knows_home else "",
                facts=self._settings.facts,
                instructions=instructions,
                has_tools=api is not None,
            )

        index = turn.index
        prompt = TurnPrompt(
            system=system(index.map),
            system_reduced=system(index.summary),
            has_full_map=index.has_full_map,
            tools_tokens=tools_tokens(to_tools(api)),
            history=history,
            # Written once: every round of a turn begins with the same bytes.
            last=cache(partial(self._last, turn, recent=recent, instruction=instruction)),
        )
        return prompt, api

    def _last(self, turn: ToolTurn, count: int, *, recent: Sequence[str], instruction: str) -> str:
        """Return the request with the states of the entities that it is most likely about."""
        home = turn.index.home
        # An agent that only talks has no business with what is in the home.
        relevant = (
            turn.index.retriever.relevant(turn.utterance, k=count, here=turn.here, recent=recent)
            if self._knows_home
            else []
        )
        return user_message(
            turn.utterance,
            turn.language,
            home=home,
            now=dt_util.now(),
            here=home.area_by_id.get(turn.here or ""),
            states=[(entity, turn.state_words(entity)) for entity in relevant],
            instruction=instruction,
        )

    async def _async_api(
        self, turn: ToolTurn, llm_context: llm.LLMContext
    ) -> llm.APIInstance | None:
        """Return the tools; None when the agent only talks, or no model of it can act."""
        apis = self._settings.llm_apis or []
        models = available_models(self._data, self._settings)
        if not apis or not any(self._data.can_call_tools(choice) for choice in models):
            return None
        return await JonhAPI(self._hass, turn, apis).async_get_api_instance(llm_context)

    @property
    def _knows_home(self) -> bool:
        """Return True when the agent may see and control what is exposed to Assist."""
        return llm.LLM_API_ASSIST in (self._settings.llm_apis or ())

    async def _async_instructions(self, llm_context: llm.LLMContext) -> str:
        """Render what the user told the agent, a template or not."""
        if not self._settings.prompt:
            return ""
        user_id = llm_context.context.user_id if llm_context.context else None
        user = await self._hass.auth.async_get_user(user_id) if user_id else None
        rendered: str = Template(self._settings.prompt, self._hass).async_render(
            {
                "ha_name": self._hass.config.location_name,
                "user_name": user.name if user else None,
                "llm_context": llm_context,
            },
            parse_result=False,
        )
        return rendered


def brief_chat_log(
    chat_log: conversation.ChatLog, prompt: TurnPrompt, api: llm.APIInstance | None
) -> None:
    """Give a chat log the tools to run, and its trace the prompt to show.

    Home Assistant would write a prompt of its own in English, with every exposed entity in it.
    """
    chat_log.llm_api = api
    chat_log.content[0] = conversation.SystemContent(content=prompt.system)
    chat_log.llm_input_provided_index = len(chat_log.content)
    # Not the tools themselves: a trace is copied, and they hold on to the whole of Home Assistant.
    chat_log.async_trace({"messages": [*chat_log.content], "tools": to_tools(api)})
