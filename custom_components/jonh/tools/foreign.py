"""Tools of other integrations and services, beside our own."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, override

import probatio
from homeassistant.components.llm import DATA_PLATFORMS
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import llm
from homeassistant.util import slugify
from homeassistant.util.hass_dict import HassKey

from custom_components.jonh.agent.calls.tool_lines import Line
from custom_components.jonh.const import LOGGER

from .turn import result

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from homeassistant.core import HomeAssistant

    from .turn import ToolTurn

COVERED = frozenset(
    {
        "calendar", "climate", "cover", "fan", "homeassistant", "humidifier", "intent",
        "lawn_mower", "light", "llm", "media_player", "script", "shopping_list", "todo",
        "vacuum", "weather",
    }
)  # fmt: skip
"""Integrations of Home Assistant whose tools ours replace; date and time stand in the prompt."""

MISSED: HassKey[set[str]] = HassKey("jonh_missed_llm_apis")
"""APIs that were warned of, so that each is once."""


@dataclass(slots=True, kw_only=True)
class ForeignTools:
    """What other integrations add to a turn."""

    tools: list[llm.Tool] = field(default_factory=list)
    prompts: list[str] = field(default_factory=list)
    serializers: list[Callable[[Any], Any]] = field(default_factory=list)

    def add(self, turn: ToolTurn, source: str, tools: Iterable[llm.Tool], taken: set[str]) -> None:
        """Offer tools under names of their own, the source before those that are taken."""
        for tool in sorted(tools, key=lambda tool: tool.name):
            name = tool.name if tool.name not in taken else f"{slugify(source)}__{tool.name}"
            if name not in taken:
                taken.add(name)
                self.tools.append(ForeignTool(turn, name, tool))

    def serialize(self, schema: Any) -> Any:
        """Convert what one of the sources knows how to convert."""
        for serializer in self.serializers:
            converted = serializer(schema)
            if converted is not None and converted is not probatio.UNSUPPORTED:
                return converted
        return probatio.UNSUPPORTED


class ForeignTool(llm.Tool):
    """A tool of somebody else's; a question never changes anything through it."""

    def __init__(self, turn: ToolTurn, name: str, tool: llm.Tool) -> None:
        """Wrap a tool for one turn."""
        self._turn = turn
        self._tool = tool
        self.name = name
        self.title = tool.title
        self.description = tool.description
        self.parameters = tool.parameters
        self.annotations = tool.annotations
        self.integration = tool.integration

    @override
    async def async_call(
        self, hass: HomeAssistant, tool_input: llm.ToolInput, llm_context: llm.LLMContext
    ) -> llm.ToolResult:
        """Call the tool under its own name."""
        is_reading = self.annotations.read_only
        if not is_reading and self._turn.is_question:
            return result([self._turn.line(Line.ASK_FIRST)], is_error=True)
        own_input = llm.ToolInput(
            tool_name=self._tool.name, tool_args=tool_input.tool_args, id=tool_input.id
        )
        try:
            answer = await self._tool.async_call(hass, own_input, llm_context)
        except HomeAssistantError, probatio.Invalid:
            raise
        except Exception as error:  # noqa: BLE001 - somebody else's defect must not end the turn
            LOGGER.warning("The tool %s failed: %s", self.name, type(error).__name__)
            return result(
                [self._turn.line(Line.FAILED, name=self.title or self.name)], is_error=True
            )
        if not isinstance(answer, llm.ToolResult):
            answer = llm.ToolResult(data=answer)
        self._turn.has_told = True
        if not is_reading and not answer.error:
            self._turn.has_written = True
        return answer


async def async_foreign_tools(
    hass: HomeAssistant,
    turn: ToolTurn,
    context: llm.LLMContext,
    apis: Sequence[str],
    taken: Iterable[str],
) -> ForeignTools:
    """Collect the tools of the chosen APIs, and what integrations add to Assist."""
    foreign = ForeignTools(serializers=[llm.selector_serializer])
    names = set(taken)
    for api_id in apis:
        if api_id == llm.LLM_API_ASSIST:
            await _async_add_platforms(hass, turn, context, foreign, names)
            continue
        try:
            api = await llm.async_get_api(hass, api_id, context)
        except HomeAssistantError:
            _warn_once(hass, api_id)
            continue
        foreign.add(turn, api_id, api.tools, names)
        if api.api_prompt:
            foreign.prompts.append(api.api_prompt)
        if api.custom_serializer:
            foreign.serializers.append(api.custom_serializer)
    return foreign


async def _async_add_platforms(
    hass: HomeAssistant,
    turn: ToolTurn,
    context: llm.LLMContext,
    foreign: ForeignTools,
    names: set[str],
) -> None:
    """Add tools of the integrations that ours do not cover, without building the others."""
    if (known := hass.data.get(DATA_PLATFORMS)) is None:
        return
    for domain, platform in sorted((await known.async_get_platforms()).items()):
        if domain in COVERED:
            continue
        try:
            found = platform.async_get_tools(hass, context, llm.LLM_API_ASSIST)
        except Exception as error:  # noqa: BLE001 - one broken integration must not silence the turn
            LOGGER.debug("Tools of %s failed: %s", domain, type(error).__name__)
            continue
        if found is None:
            continue
        for tool in found.tools:
            tool.integration = tool.integration or domain
        foreign.add(turn, domain, found.tools, names)
        if found.prompt:
            foreign.prompts.append(found.prompt)


def _warn_once(hass: HomeAssistant, api_id: str) -> None:
    missed = hass.data.setdefault(MISSED, set())
    if api_id not in missed:
        missed.add(api_id)
        LOGGER.warning("LLM API %s is not available; the agent works without it", api_id)
