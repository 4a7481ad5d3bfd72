"""The tools that change something in the home: devices, players, scripts and scenes."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from homeassistant.components.media_player import MediaPlayerEntityFeature

from custom_components.jonh.actions.execute import async_call
from custom_components.jonh.actions.problems import Problem, Reason, problem_of
from custom_components.jonh.actions.wishes import Call
from custom_components.jonh.agent.calls.action_domains import (
    commands_of,
    wanted_domains,
    wide_domains,
)
from custom_components.jonh.agent.calls.action_words import action_of, media_action
from custom_components.jonh.agent.calls.sought import Targets
from custom_components.jonh.agent.calls.tool_lines import Line
from custom_components.jonh.agent.commands import Action, Command, Outcome, Value
from custom_components.jonh.agent.plain.values import parse_value

from .turn import async_run, result

if TYPE_CHECKING:
    from collections.abc import Mapping

    from homeassistant.core import Context, HomeAssistant, State
    from homeassistant.helpers import llm

    from custom_components.jonh.agent.home import Entity
    from custom_components.jonh.agent.languages import Language

    from .turn import ToolTurn

RUNNABLE = frozenset({"script", "scene", "button", "input_button", "automation"})
PLAYERS = frozenset({"media_player"})

SEARCH_AND_PLAY = MediaPlayerEntityFeature.SEARCH_MEDIA | MediaPlayerEntityFeature.PLAY_MEDIA

_SOUNDING = ("playing", "buffering")
_USABLE = ("playing", "buffering", "paused", "on", "idle", "standby", "off")
"""States of players, those that are more likely meant first."""


async def async_home_control(
    hass: HomeAssistant, turn: ToolTurn, args: Mapping[str, Any]
) -> llm.ToolResult:
    """Do an action with devices."""
    action = action_of(str(args.get("action", "")))
    if action is None:
        return result([turn.line(Line.NO_ACTION)], is_error=True)
    value = _value(args)
    targets = turn.find(
        args, wide=wide_domains(action, value), wanted=wanted_domains(action, value)
    )
    if problem := _nothing_found(turn, args, targets):
        return problem
    return await async_run(hass, turn, commands_of(action, targets, value), targets)


async def async_run_script(
    hass: HomeAssistant, turn: ToolTurn, args: Mapping[str, Any]
) -> llm.ToolResult:
    """Run a script, scene or the like."""
    targets = turn.find(args, wanted=RUNNABLE)
    runnable = tuple(entity for entity in targets.entities if entity.domain in RUNNABLE)
    targets = replace(targets, entities=runnable)
    if problem := _nothing_found(turn, args, targets):
        return problem
    return await async_run(hass, turn, commands_of(Action.ON, targets, None), targets)


async def async_media(
    hass: HomeAssistant, turn: ToolTurn, args: Mapping[str, Any]
) -> llm.ToolResult:
    """Control players, the one that plays where none is named, or find something to play."""
    action = media_action(str(args.get("action", "")))
    if action is None:
        return result([turn.line(Line.NO_ACTION)], is_error=True)
    query = str(args.get("query", ""))
    targets = _players(hass, turn, args, action, has_query=bool(query))
    if problem := _nothing_found(turn, args, targets):
        return problem
    if action is Action.PLAY and query:
        commands = commands_of(action, targets, Value(text=query))
        return await async_run(hass, turn, commands, targets, async_search_and_play)
    return await async_run(hass, turn, commands_of(action, targets, _value(args)), targets)


async def async_search_and_play(
    hass: HomeAssistant, command: Command, context: Context, language: Language
) -> list[Outcome]:
    """Play on each target the first thing that its own search finds."""
    query = command.value.text if command.value else ""
    outcomes = []
    for entity in command.targets:
        problem = await _async_play(hass, entity, query, context)
        error = problem.words(language) if problem else None
        outcomes.append(Outcome(entity=entity, error=error))
    return outcomes


async def _async_play(
    hass: HomeAssistant, entity: Entity, query: str, context: Context
) -> Problem | None:
    state = hass.states.get(entity.entity_id)
    if state is None or state.state == "unavailable":
        return Problem(reason=Reason.NOT_RESPONDING)
    if not _can_search(state):
        return Problem(reason=Reason.NO_SEARCH)
    target = {"entity_id": entity.entity_id}
    search = Call(
        domain="media_player", service="search_media", data=target | {"search_query": query}
    )
    found = await async_call(hass, search, context, has_response=True)
    if found.error:
        return problem_of(found.error, state)
    items = getattr(found.data.get(entity.entity_id), "result", None) or []
    playable = next((item for item in items if item.can_play), None)
    if playable is None:
        return Problem(reason=Reason.NOTHING_FOUND)
    media = {
        "media_content_id": playable.media_content_id,
        "media_content_type": playable.media_content_type,
    }
    play = Call(domain="media_player", service="play_media", data=target | media)
    played = await async_call(hass, play, context)
    return problem_of(played.error, state) if played.error else None


def _players(
    hass: HomeAssistant,
    turn: ToolTurn,
    args: Mapping[str, Any],
    action: Action,
    *,
    has_query: bool,
) -> Targets:
    """Find the players: those that are named, else the likeliest."""
    if args.get("name"):
        return turn.find(args, wanted=PLAYERS)
    args = {"area": args.get("area"), "kind": "media_player"}
    found = turn.find(args)
    if found.missing:
        return found
    players = found.entities or turn.home.entities
    states = {
        entity: state
        for entity in players
        if entity.domain == "media_player" and (state := hass.states.get(entity.entity_id))
    }
    if has_query:
        searching = {entity: state for entity, state in states.items() if _can_search(state)}
        states = searching or states
    elif not any(state.state in _SOUNDING for state in states.values()):
        states = _sounding_elsewhere(hass, turn, action) or states
    for likely in _USABLE:
        same = tuple(entity for entity, state in states.items() if state.state == likely)
        if len(same) == 1 or (same and args.get("area")):
            return Targets(entities=same)
        if same:
            return Targets(doubtful=(same,))
    return Targets(entities=tuple(states)[:1])


def _sounding_elsewhere(hass: HomeAssistant, turn: ToolTurn, action: Action) -> dict[Entity, State]:
    """Return the players that sound somewhere: "pause" means them, "play" does not."""
    if action is Action.PLAY:
        return {}
    return {
        entity: state
        for entity in turn.home.entities
        if entity.domain == "media_player"
        and (state := hass.states.get(entity.entity_id))
        and state.state in _SOUNDING
    }


def _can_search(state: State) -> bool:
    features = state.attributes.get("supported_features") or 0
    return bool(features & SEARCH_AND_PLAY == SEARCH_AND_PLAY)


def _value(args: Mapping[str, Any]) -> Value | None:
    text = str(args.get("value", "")).strip()
    return (parse_value(text) or Value(text=text)) if text else None


def _nothing_found(
    turn: ToolTurn, args: Mapping[str, Any], targets: Targets
) -> llm.ToolResult | None:
    """Say why there is nothing to do; None where there is something."""
    if targets.entities:
        return None
    if lines := turn.question_lines(targets):
        return result(lines, is_error=True)
    is_empty = not any(args.get(key) for key in ("names", "name", "area", "kind"))
    return result([turn.line(Line.NO_TARGET if is_empty else Line.NOTHING_THERE)], is_error=True)
