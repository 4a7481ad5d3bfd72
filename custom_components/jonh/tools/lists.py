"""The tool for shopping and to-do lists."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from homeassistant.helpers import llm

from custom_components.jonh.actions.execute import Answer, async_call
from custom_components.jonh.actions.wishes import Call
from custom_components.jonh.agent.calls.sought import Targets
from custom_components.jonh.agent.calls.tool_calls import names_in
from custom_components.jonh.agent.calls.tool_lines import Line, label
from custom_components.jonh.agent.speech.states import plain_text
from custom_components.jonh.agent.words import fold, words

from .turn import result

if TYPE_CHECKING:
    from collections.abc import Mapping

    from homeassistant.core import HomeAssistant

    from custom_components.jonh.agent.home import Entity

    from .turn import ToolTurn

ITEMS_MAX = 30
"""A longer list is not read aloud; the model says how many there are."""

_SHOPPING = frozenset({"compras", "shopping", "mercado", "supermercado", "grocery", "groceries",
                       "compra", "feira"})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _List:
    """One list, as the turn may use it."""

    hass: HomeAssistant
    turn: ToolTurn
    entity: Entity

    @property
    def name(self) -> str:
        return label(self.entity, self.turn.home)

    async def async_call(self, service: str, **data: object) -> Answer:
        call = Call(
            domain="todo", service=service, data={"entity_id": self.entity.entity_id, **data}
        )
        has_response = service == "get_items"
        return await async_call(self.hass, call, self.turn.context, has_response=has_response)

    async def async_items(self) -> list[str]:
        """Return what is still to be done."""
        answer = await self.async_call("get_items", status=["needs_action"])
        found = (answer.data.get(self.entity.entity_id) or {}).get("items") or []
        return [str(item["summary"]) for item in found]


async def async_list(
    hass: HomeAssistant, turn: ToolTurn, args: Mapping[str, Any]
) -> llm.ToolResult:
    """Add, complete or remove items of a list, or tell them."""
    turn.has_told = True
    action = str(args.get("action", ""))
    found = _list_of(turn, str(args.get("list", "")))
    if isinstance(found, llm.ToolResult):
        return found
    turn.note([found])
    chosen = _List(hass=hass, turn=turn, entity=found)
    if action == "show":
        return await _async_show(chosen)
    if action not in ("add", "complete", "remove"):
        return result([turn.line(Line.NO_ACTION)], is_error=True)
    if turn.is_question:
        return result([turn.line(Line.ASK_FIRST)], is_error=True)
    items = [part.strip() for text in names_in(args.get("item")) for part in text.split(",")]
    items = [item for item in items if item]
    if not items:
        return result([turn.line(Line.NO_ITEM)], is_error=True)
    worked = [
        await (_async_add(chosen, item) if action == "add" else _async_tick(chosen, item, action))
        for item in items
    ]
    turn.has_written |= any(is_done for is_done, _ in worked)
    return result((text for _, text in worked), is_error=not any(is_done for is_done, _ in worked))


def _list_of(turn: ToolTurn, said: str) -> Entity | llm.ToolResult:
    """Return the list that is named; the only one, or that for shopping, where none is."""
    lists = [entity for entity in turn.home.entities if entity.domain == "todo"]
    if not lists:
        return result([turn.line(Line.NO_LIST)], is_error=True)
    if said:
        found = turn.index.resolver.entity(said, domains=("todo",), here=turn.here)
        if found.entity and found.entity.domain == "todo":
            return found.entity
    if len(lists) == 1 and not said:
        return lists[0]
    is_shopping = not said or bool(set(words(said)) & _SHOPPING)
    shopping = [one for one in lists if set(words(f"{one.name} {one.entity_id}")) & _SHOPPING]
    if is_shopping and len(shopping) == 1:
        return shopping[0]
    return result(turn.question_lines(Targets(doubtful=(tuple(lists),))), is_error=True)


async def _async_show(chosen: _List) -> llm.ToolResult:
    turn = chosen.turn
    items = await chosen.async_items()
    if not items:
        return result([turn.line(Line.LIST_EMPTY, list=chosen.name)])
    lines = [f"{chosen.name}: {', '.join(plain_text(item) for item in items[:ITEMS_MAX])}"]
    if len(items) > ITEMS_MAX:
        lines.append(turn.line(Line.MORE, count=len(items) - ITEMS_MAX))
    return result(lines)


async def _async_add(chosen: _List, item: str) -> tuple[bool, str]:
    answer = await chosen.async_call("add_item", item=item)
    return _told(chosen, answer, Line.ITEM_ADDED, item)


async def _async_tick(chosen: _List, said: str, action: str) -> tuple[bool, str]:
    """Complete or remove the item of this name, else the only one with its words."""
    items = await chosen.async_items()
    same = [item for item in items if fold(item) == fold(said)]
    near = [item for item in items if set(words(said)) <= set(words(item))]
    if not same and len(near) != 1:
        text = chosen.turn.line(Line.ITEM_MISSING, item=said, list=chosen.name)
        return False, text
    item = (same or near)[0]
    if action == "remove":
        answer = await chosen.async_call("remove_item", item=item)
        return _told(chosen, answer, Line.ITEM_REMOVED, item)
    answer = await chosen.async_call("update_item", item=item, status="completed")
    return _told(chosen, answer, Line.ITEM_DONE, item)


def _told(chosen: _List, answer: Answer, which: Line, item: str) -> tuple[bool, str]:
    if answer.error:
        return False, chosen.turn.line(Line.FAILED, name=chosen.name)
    return True, chosen.turn.line(which, item=plain_text(item), list=chosen.name)
