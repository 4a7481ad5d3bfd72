"""Calls of tools as models write them, brought to the form of our own tools.

Small models call by Home Assistant's names, by the names of services, with lists in strings and
strings in lists. All of that has one meaning here, or none.
"""

import json
import re
from typing import TYPE_CHECKING, Any

from custom_components.jonh.agent.commands import Action
from custom_components.jonh.agent.words import fold

from .action_words import SERVICES, action_of, arming_of, media_action, state_action
from .tool_aliases import (
    AREA_KEYS,
    FIND,
    HOME_ASSISTANT,
    HOME_CONTROL,
    HOME_STATE,
    LIST,
    LIST_ACTIONS,
    MEDIA,
    NAME_KEYS,
    NESTED,
    NOTHING,
    OWN,
    RUN_SCRIPT,
    TIMER,
    TIMER_ACTIONS,
    VALUE_KEYS,
    WRAPPINGS,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


def canonical_call(name: str, args: Mapping[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """Return name and arguments of the tool of ours that a call means; None for any other.

    Knows our names in any spelling, Home Assistant's tools with and without their prefix, and
    services such as "light.turn_on". Empty arguments are dropped; names and kinds become a
    string, or a list where several were given; `action` keeps the word of an action of ours.
    """
    prefix, _, bare = name.replace(".", "__").rpartition("__")
    said = _unwrapped(args)
    if prefix == "script" and bare not in SERVICES:
        return RUN_SCRIPT, {"name": bare}
    key = re.sub(r"[^a-z]", "", fold(bare))
    if tool := OWN.get(key):
        return tool, _READERS[tool](said)
    if found := HOME_ASSISTANT.get(key):
        tool, preset = found
        # The name says the action; what else it says gives way to the arguments.
        return tool, _READERS[tool](preset | said | _only(preset, "action"))
    return _service_call(prefix, bare, said)


def names_in(value: object) -> list[str]:
    """Return the names in a string, a list, or JSON in a string, in order."""
    if isinstance(value, str):
        text = value.strip()
        if text.startswith(("[", "{", '"')):
            try:
                return names_in(json.loads(text))
            except ValueError:
                text = text.strip('[]{}"')
        return [text] if text else []
    if isinstance(value, dict):
        return [name for part in value.values() for name in names_in(part)]
    if isinstance(value, list | tuple):
        return list(dict.fromkeys(name for part in value for name in names_in(part)))
    return [] if value is None or isinstance(value, bool) else [str(value)]


def _unwrapped(args: Mapping[str, Any]) -> dict[str, Any]:
    """Take the arguments out of what they are packed in, and drop those that say nothing."""
    said = dict(args)
    while len(said) == 1 and (inner := next(iter(said.items())))[0] in WRAPPINGS:
        content = inner[1]
        if isinstance(content, str):
            try:
                content = json.loads(content)
            except ValueError:
                break
        if isinstance(content, list) and len(content) == 1:
            content = content[0]
        if not isinstance(content, dict):
            break
        said = content
    for key in NESTED & said.keys():
        if isinstance(inner_args := said[key], dict):
            del said[key]
            said |= inner_args
    return {fold(key).replace(" ", "_"): value for key, value in said.items() if _says(value)}


def _says(value: object) -> bool:
    return value not in (None, "", [], {}) and not (
        isinstance(value, str) and fold(value) in NOTHING
    )


def _only(said: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {key: said[key]} if key in said else {}


def _service_call(
    prefix: str, bare: str, said: dict[str, Any]
) -> tuple[str, dict[str, Any]] | None:
    """Understand "light.turn_on", "turn_off" and "call_service" with a domain and a service."""
    service = str(said.get("service") or bare)
    domain, _, service = service.rpartition(".")
    domain = domain or str(said.get("domain") or prefix)
    if fold(service).replace(" ", "_") not in SERVICES:
        return None
    if domain == "media_player" and media_action(service):
        return MEDIA, _media({"action": service} | said)
    rest = {key: value for key, value in said.items() if key not in ("service", "domain")}
    kind = {} if not domain or domain == "homeassistant" else {"kind": domain}
    return HOME_CONTROL, _control({"action": service} | kind | rest)


def _first(said: Mapping[str, Any], *keys: str) -> Any:
    return next((said[key] for key in keys if key in said), None)


def _text(value: object) -> str:
    return ", ".join(names_in(value))


def _filled(**args: Any) -> dict[str, Any]:
    return {key: value for key, value in args.items() if value not in (None, "", [])}


def _one_or_more(names: list[str]) -> str | list[str]:
    return names[0] if len(names) == 1 else names


def _names(said: Mapping[str, Any]) -> str | list[str]:
    return _one_or_more([name for key in NAME_KEYS if key in said for name in names_in(said[key])])


def _kind(said: Mapping[str, Any]) -> str | list[str]:
    # A class says more than its domain: a "garage" is a cover.
    for key in ("kind", "device_class", "domain", "domains", "type", "tipo"):
        if key in said:
            return _one_or_more(names_in(said[key]))
    return []


def _area(said: Mapping[str, Any]) -> str | list[str]:
    return _one_or_more([name for key in AREA_KEYS if key in said for name in names_in(said[key])])


def _control(said: Mapping[str, Any]) -> dict[str, Any]:
    value = _value(said)
    word = str(_first(said, "action", "command", "acao", "operation") or "")
    action = action_of(word)
    if action in (None, Action.SET) and value and (meant := state_action(value)):
        # "set" to "on" is to switch on.
        action, value = meant, ""
    if action is None and value:
        action = Action.SET
    return _filled(
        action=action.value if action else word,
        names=_names(said),
        area=_area(said),
        kind=_kind(said),
        value=value or arming_of(word),
    )


def _state(said: Mapping[str, Any]) -> dict[str, Any]:
    return _filled(
        names=_names(said),
        area=_area(said),
        kind=_kind(said),
        when=_text(_first(said, "when", "range", "date", "day", "quando")),
    )


def _media(said: Mapping[str, Any]) -> dict[str, Any]:
    word = str(_first(said, "action", "command", "acao", "operation") or "")
    query = _text(_first(said, "query", "search_query", "media", "song", "artist", "busca"))
    value = _value(said)
    action = media_action(word)
    if (step := str(said.get("volume_step") or "")) and action is None:
        action = action_of(step) or (Action.DECREASE if step.startswith("-") else Action.INCREASE)
        value = step.lstrip("+-") if action_of(step) is None else ""
    if action is None:
        action = Action.PLAY if query else Action.SET if value else None
    return _filled(
        action=action.value if action else word,
        name=_text(_first(said, "name", "names", "player_name", *NAME_KEYS)),
        area=_text(_first(said, "player_area", *AREA_KEYS)),
        query=query,
        value=value,
    )


def _timer(said: Mapping[str, Any]) -> dict[str, Any]:
    duration = _text(_first(said, "duration", "duracao", "time", "tempo"))
    parts = [f"{said[unit]} {unit}" for unit in ("hours", "minutes", "seconds") if unit in said]
    word = fold(str(_first(said, "action", "command", "acao") or ""))
    return _filled(
        action=TIMER_ACTIONS.get(word.replace(" ", "_"), word),
        duration=duration or " ".join(parts),
        name=_text(_first(said, "name", "label", "nome")),
    )


def _list(said: Mapping[str, Any]) -> dict[str, Any]:
    word = fold(str(_first(said, "action", "command", "acao") or ""))
    item = names_in(_first(said, "item", "items", "itens", "task", "summary"))
    return _filled(
        action=LIST_ACTIONS.get(word.replace(" ", "_"), word),
        list=_text(_first(said, "list", "todo_list", "name", "lista", *NAME_KEYS)),
        item=_one_or_more(item),
    )


def _run_script(said: Mapping[str, Any]) -> dict[str, Any]:
    return _filled(name=_text(_first(said, "name", "script", "scene", *NAME_KEYS)))


def _find(said: Mapping[str, Any]) -> dict[str, Any]:
    return _filled(query=_text(_first(said, "query", "text", "search", *NAME_KEYS)))


def _value(said: Mapping[str, Any]) -> str:
    """Return what to set something to, with the unit that the name of the argument means."""
    for key, unit in VALUE_KEYS.items():
        if key not in said:
            continue
        text = _text(said[key])
        number = _number(text)
        if number is None or not unit:
            return text
        if unit == "255":
            return f"{round(number / 2.55)}%" if number > 100 else f"{text}%"
        if unit == "level":
            return f"{round(number * 100)}%" if number <= 1 else f"{text}%"
        if unit == "°" and number >= _KELVIN_LOWEST:
            return f"{text}K"
        return f"{text}{unit}"
    return ""


_KELVIN_LOWEST = 1000
"""A "temperature" from here on is the colour of a light."""


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


_READERS = {
    FIND: _find,
    HOME_CONTROL: _control,
    HOME_STATE: _state,
    LIST: _list,
    MEDIA: _media,
    RUN_SCRIPT: _run_script,
    TIMER: _timer,
}
