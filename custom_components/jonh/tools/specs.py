"""The tools that a model is offered: the same for every device, whatever is on or off.

A service that keeps what it has read of a prompt reads them once, so their text is stable and
short: about 550 tokens of Llama 3 as JSON. The arguments are strings on purpose, because some
services refuse a call before we see it when its arguments do not fit the schema.
"""

from dataclasses import dataclass, field

import probatio
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

CONTROL_ACTIONS = (
    "on", "off", "toggle", "open", "close", "stop", "set", "increase", "decrease", "lock",
    "unlock", "arm", "disarm", "start", "pause", "dock",
)  # fmt: skip
MEDIA_ACTIONS = (
    "play", "pause", "stop", "next", "previous", "set", "increase", "decrease", "mute", "unmute",
)  # fmt: skip
TIMER_ACTIONS = (
    "start", "cancel", "cancel_all", "increase", "decrease", "pause", "resume", "status",
)  # fmt: skip
LIST_ACTIONS = ("add", "complete", "remove", "show")
READING_ACTIONS = frozenset({"show", "status"})
"""Actions that only tell."""

READS = llm.ToolAnnotations(read_only=True, destructive=False, idempotent=True, open_world=False)
WRITES = llm.ToolAnnotations(open_world=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolSpec:
    """What a model is told of a tool."""

    name: str
    description: str
    actions: tuple[str, ...] = ()
    arguments: dict[str, str] = field(default_factory=dict)
    """Names, and what to write where the name does not say it; all of them optional."""
    required: frozenset[str] = frozenset()
    annotations: llm.ToolAnnotations = WRITES

    @property
    def parameters(self) -> probatio.Schema:
        """Schema of the arguments."""
        schema: dict[probatio.Marker, object] = {}
        if self.actions:
            schema[probatio.Required("action")] = probatio.In(list(self.actions))
        for name, description in self.arguments.items():
            marker = probatio.Required if name in self.required else probatio.Optional
            schema[marker(name, description=description or None)] = str
        return probatio.Schema(schema)


SPECS = (
    ToolSpec(
        name=FIND,
        description="Search devices when no name fits; answers names and states",
        arguments={"query": ""},
        required=frozenset({"query"}),
        annotations=READS,
    ),
    ToolSpec(
        name=HOME_CONTROL,
        description="Control devices by names, or all of a kind in an area",
        actions=CONTROL_ACTIONS,
        arguments={
            "names": "device names, comma separated",
            "area": "room or floor",
            "kind": "light, cover, fan...",
            "value": "for set: 50%, 22, blue, heat",
        },
    ),
    ToolSpec(
        name=HOME_STATE,
        description="Current states; weather forecast and calendar events",
        arguments={"names": "", "area": "", "kind": "", "when": "today, tomorrow or week"},
        annotations=READS,
    ),
    ToolSpec(
        name=LIST,
        description="Shopping and to-do lists",
        actions=LIST_ACTIONS,
        arguments={"item": "", "list": "list name"},
    ),
    ToolSpec(
        name=MEDIA,
        description="Control a player, or play what the query names",
        actions=MEDIA_ACTIONS,
        arguments={
            "name": "player",
            "area": "",
            "query": "song, artist...",
            "value": "volume % or source",
        },
    ),
    ToolSpec(
        name=RUN_SCRIPT,
        description="Run a script or scene",
        arguments={"name": ""},
        required=frozenset({"name"}),
    ),
    ToolSpec(
        name=TIMER,
        description="Timers of this device",
        actions=TIMER_ACTIONS,
        arguments={"duration": "5 minutes", "name": ""},
    ),
)
