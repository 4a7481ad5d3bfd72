"""The tools of a turn, as an API of Home Assistant's that is made for it and goes with it."""

from typing import TYPE_CHECKING, Any, override

from homeassistant.helpers import llm

from custom_components.jonh.agent.calls.tool_aliases import (
    FIND,
    HOME_CONTROL,
    HOME_STATE,
    LIST,
    MEDIA,
    RUN_SCRIPT,
    TIMER,
)
from custom_components.jonh.agent.calls.tool_calls import canonical_call
from custom_components.jonh.const import DOMAIN

from .answers import async_find, async_home_state
from .control import async_home_control, async_media, async_run_script
from .foreign import async_foreign_tools
from .lists import async_list
from .specs import READING_ACTIONS, SPECS
from .timers import async_timer
from .turn import ToolTurn, call_key

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from homeassistant.core import HomeAssistant

    from .specs import ToolSpec

__all__ = ["JonhAPI", "ToolTurn", "canonical_call"]

type Runner = Callable[[HomeAssistant, ToolTurn, Mapping[str, Any]], Awaitable[llm.ToolResult]]

_RUNNERS: dict[str, Runner] = {
    FIND: async_find,
    HOME_CONTROL: async_home_control,
    HOME_STATE: async_home_state,
    LIST: async_list,
    MEDIA: async_media,
    RUN_SCRIPT: async_run_script,
    TIMER: async_timer,
}
_PARAMETERS = {spec.name: spec.parameters for spec in SPECS}
"""The same for every turn, so that what is made of them can be kept."""


class JonhTool(llm.Tool):
    """One of our tools, in one turn."""

    integration = DOMAIN

    def __init__(self, spec: ToolSpec, turn: ToolTurn) -> None:
        """Offer a tool that notes in `turn` what it does."""
        self._turn = turn
        self.name = spec.name
        self.description = spec.description
        self.parameters = _PARAMETERS[spec.name]
        self.annotations = spec.annotations

    @override
    async def async_call(
        self, hass: HomeAssistant, tool_input: llm.ToolInput, llm_context: llm.LLMContext
    ) -> llm.ToolResult:
        """Run a call whatever its arguments look like; an equal call gets the same result."""
        name, args = canonical_call(self.name, tool_input.tool_args) or (self.name, {})
        key = call_key(name, args)
        calls = self._turn.calls
        if key not in calls:
            runner = _RUNNERS[name](hass, self._turn, args)
            calls[key] = hass.async_create_task(_awaited(runner), f"{DOMAIN} {name}")
        answer = await calls[key]
        if answer.error or self.annotations.read_only or args.get("action") in READING_ACTIONS:
            # What failed may be tried again, and a state may have changed.
            calls.pop(key, None)
        return answer


class JonhAPIInstance(llm.APIInstance):
    """Knows our tools by Home Assistant's names for them, too."""

    @override
    async def async_call_tool(self, tool_input: llm.ToolInput) -> llm.ToolResult:
        """Call a tool by one of its names."""
        if all(tool.name != tool_input.tool_name for tool in self.tools) and (
            meant := canonical_call(tool_input.tool_name, tool_input.tool_args)
        ):
            name, args = meant
            tool_input = llm.ToolInput(tool_name=name, tool_args=args, id=tool_input.id)
        return await super().async_call_tool(tool_input)


class JonhAPI(llm.API):
    """Our tools and those of other APIs, for one turn."""

    def __init__(self, hass: HomeAssistant, turn: ToolTurn, apis: Sequence[str]) -> None:
        """Take ids of LLM APIs: Assist means our own tools, and one that is missing is left out."""
        super().__init__(hass=hass, id=DOMAIN, name="Jonh")
        self._turn = turn
        self._apis = tuple(apis)

    @override
    async def async_get_api_instance(self, llm_context: llm.LLMContext) -> llm.APIInstance:
        """Return the tools, ours first, with the prompts of the other APIs only."""
        own: list[llm.Tool] = (
            [JonhTool(spec, self._turn) for spec in SPECS]
            if llm.LLM_API_ASSIST in self._apis
            else []
        )
        foreign = await async_foreign_tools(
            self.hass, self._turn, llm_context, self._apis, [tool.name for tool in own]
        )
        return JonhAPIInstance(
            api=self,
            api_prompt="\n".join(foreign.prompts),
            llm_context=llm_context,
            tools=[*own, *foreign.tools],
            custom_serializer=foreign.serialize,
        )


async def _awaited(runner: Awaitable[llm.ToolResult]) -> llm.ToolResult:
    return await runner
