"""Which kinds of things an action is said of, and what it means for each of them."""

from typing import TYPE_CHECKING

from custom_components.jonh.agent.commands import Action, Command, Value

if TYPE_CHECKING:
    from custom_components.jonh.agent.home import Entity

    from .sought import Targets


def commands_of(action: Action, targets: Targets, value: Value | None) -> list[Command]:
    """Make the commands, one for each action that the kinds of the targets mean by it.

    To switch a lock on is to lock it, to open it is to unlock it: so a risk has its own name.
    """
    by_action: dict[Action, list[Entity]] = {}
    for entity in targets.entities:
        meant = _MEANT.get(entity.domain, {}).get(action, action)
        by_action.setdefault(meant, []).append(entity)
    return [
        Command(
            action=meant,
            targets=tuple(entities),
            value=value,
            is_exact=targets.is_exact,
            is_wide=targets.is_wide,
        )
        for meant, entities in by_action.items()
    ]


def wide_domains(action: Action, value: Value | None) -> frozenset[str]:
    """Return the domains that an action on a whole room means where no kind was said."""
    if action in (Action.SET, Action.INCREASE, Action.DECREASE):
        return frozenset({"climate"}) if value and value.unit == "°" else frozenset({"light"})
    return _WIDE.get(action, frozenset())


def wanted_domains(action: Action, value: Value | None) -> frozenset[str]:
    """Return the domains that an action is said of, to decide between things of one name."""
    if action in (Action.ON, Action.OFF, Action.TOGGLE):
        return _SWITCHED
    if action is Action.SET and value and value.unit == "°":
        return frozenset({"climate", "water_heater"})
    if action is Action.SET and value and (value.color or value.kelvin):
        return frozenset({"light"})
    return _WANTED.get(action, frozenset())


_SWITCHED = frozenset(
    {"light", "switch", "fan", "media_player", "input_boolean", "humidifier", "climate", "scene",
     "script", "cover", "vacuum", "water_heater", "siren", "automation", "valve", "remote",
     "lawn_mower", "input_button", "button", "group"}
)  # fmt: skip
_PLAYERS = frozenset({"media_player"})
_OPENED = frozenset({"cover", "valve", "lock"})

_EVERYTHING = frozenset({"light", "switch", "fan", "media_player", "input_boolean", "humidifier"})
"""What may be switched with a whole room; what opens, locks or heats has to be named."""

_WIDE: dict[Action, frozenset[str]] = {
    Action.ON: _EVERYTHING,
    Action.OFF: _EVERYTHING,
    Action.TOGGLE: _EVERYTHING,
    Action.OPEN: frozenset({"cover"}),
    Action.CLOSE: frozenset({"cover"}),
    Action.STOP: frozenset({"cover"}),
    Action.LOCK: frozenset({"lock"}),
    Action.UNLOCK: frozenset({"lock"}),
    Action.ARM: frozenset({"alarm_control_panel"}),
    Action.DISARM: frozenset({"alarm_control_panel"}),
    Action.START: frozenset({"vacuum"}),
    Action.DOCK: frozenset({"vacuum"}),
    **dict.fromkeys(
        (Action.PLAY, Action.PAUSE, Action.NEXT, Action.PREVIOUS, Action.MUTE, Action.UNMUTE),
        _PLAYERS,
    ),
}
_WANTED: dict[Action, frozenset[str]] = {
    Action.OPEN: _OPENED,
    Action.CLOSE: _OPENED,
    Action.STOP: frozenset({"cover", "valve", "vacuum", "media_player", "script"}),
    Action.SET: frozenset(
        {"light", "climate", "fan", "cover", "media_player", "humidifier", "number", "input_number",
         "select", "input_select", "water_heater", "valve", "vacuum", "text", "input_text"}
    ),
    Action.INCREASE: frozenset({"light", "climate", "fan", "cover", "media_player", "humidifier"}),
    Action.DECREASE: frozenset({"light", "climate", "fan", "cover", "media_player", "humidifier"}),
    Action.LOCK: frozenset({"lock"}),
    Action.UNLOCK: frozenset({"lock"}),
    Action.ARM: frozenset({"alarm_control_panel"}),
    Action.DISARM: frozenset({"alarm_control_panel"}),
    Action.START: frozenset({"vacuum", "lawn_mower", "script", "scene", "automation", "timer"}),
    Action.PAUSE: frozenset({"media_player", "vacuum", "lawn_mower", "timer"}),
    Action.DOCK: frozenset({"vacuum", "lawn_mower"}),
    **dict.fromkeys(
        (Action.PLAY, Action.NEXT, Action.PREVIOUS, Action.MUTE, Action.UNMUTE), _PLAYERS
    ),
}  # fmt: skip

_MEANT: dict[str, dict[Action, Action]] = {
    "lock": {
        Action.ON: Action.LOCK,
        Action.CLOSE: Action.LOCK,
        Action.OFF: Action.UNLOCK,
        Action.OPEN: Action.UNLOCK,
    },
    "alarm_control_panel": {
        Action.ON: Action.ARM,
        Action.START: Action.ARM,
        Action.LOCK: Action.ARM,
        Action.OFF: Action.DISARM,
        Action.STOP: Action.DISARM,
        Action.UNLOCK: Action.DISARM,
    },
    "cover": {Action.ON: Action.OPEN, Action.OFF: Action.CLOSE},
    "valve": {Action.ON: Action.OPEN, Action.OFF: Action.CLOSE},
}
"""What an action means for things that are not switched on and off."""
