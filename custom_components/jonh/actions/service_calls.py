"""Which service of Home Assistant brings an entity to what a command wants."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from custom_components.jonh.agent.commands import Action, Command

from .climate_calls import (
    climate_power,
    set_climate,
    set_humidity,
    set_water_heater,
    step_humidity,
    step_temperature,
)
from .device_calls import (
    arm,
    mute,
    open_or_close,
    player_off,
    select,
    set_fan,
    set_light,
    set_number,
    set_player,
    set_position,
    set_suction,
    set_text,
    step_fan,
    step_light,
    step_number,
    step_position,
    step_volume,
)
from .problems import Problem, Reason
from .wishes import Call, Wish

if TYPE_CHECKING:
    from homeassistant.core import State

type Planner = Callable[[Wish], Call | Problem]
type Rows = dict[Action, str | Planner]


def plan(state: State, command: Command) -> Call | Problem:
    """Return the call that does a command, or why there is none."""
    rows = _TABLE.get(state.domain, {})
    wish = Wish(state=state, action=_action(command, rows), value=command.value)
    row = rows.get(wish.action)
    if row is None:
        return Problem(reason=Reason.UNSUPPORTED)
    return wish.call(row) if isinstance(row, str) else row(wish)


def _action(command: Command, rows: Rows) -> Action:
    """Take "turn on at 50 %" and "open to 30 %" for what they mean."""
    value = command.value
    says = value is not None and (
        value.number is not None or value.color is not None or value.kelvin is not None
    )
    if says and command.action in (Action.ON, Action.OPEN) and Action.SET in rows:
        return Action.SET
    return command.action


_SWITCH: Rows = {Action.ON: "turn_on", Action.OFF: "turn_off", Action.TOGGLE: "toggle"}
_PRESS: Rows = dict.fromkeys((Action.ON, Action.START, Action.TOGGLE), "press")
_NUMBER: Rows = {
    Action.SET: set_number,
    Action.INCREASE: step_number,
    Action.DECREASE: step_number,
}
_SELECT: Rows = {
    Action.SET: select,
    Action.NEXT: "select_next",
    Action.PREVIOUS: "select_previous",
}

# What is locked and unlocked, armed and disarmed has no ON and OFF: nobody should unlock a door
# by switching off a room.
_TABLE: dict[str, Rows] = {
    "alarm_control_panel": {Action.ARM: arm, Action.SET: arm, Action.DISARM: "alarm_disarm"},
    "automation": _SWITCH | {Action.START: "trigger"},
    "button": _PRESS,
    "climate": {
        Action.ON: climate_power,
        Action.OFF: climate_power,
        Action.TOGGLE: "toggle",
        Action.SET: set_climate,
        Action.INCREASE: step_temperature,
        Action.DECREASE: step_temperature,
    },
    "counter": {Action.INCREASE: "increment", Action.DECREASE: "decrement"},
    "cover": {
        Action.ON: open_or_close,
        Action.OPEN: open_or_close,
        Action.OFF: open_or_close,
        Action.CLOSE: open_or_close,
        Action.TOGGLE: "toggle",
        Action.STOP: "stop_cover",
        Action.PAUSE: "stop_cover",
        Action.SET: set_position,
        Action.INCREASE: step_position,
        Action.DECREASE: step_position,
    },
    "fan": _SWITCH | {Action.SET: set_fan, Action.INCREASE: step_fan, Action.DECREASE: step_fan},
    "group": _SWITCH,
    "humidifier": _SWITCH
    | {
        Action.SET: set_humidity,
        Action.INCREASE: step_humidity,
        Action.DECREASE: step_humidity,
    },
    "input_boolean": _SWITCH,
    "input_button": _PRESS,
    "input_number": _NUMBER,
    "input_select": _SELECT,
    "input_text": {Action.SET: set_text},
    "lawn_mower": {
        Action.ON: "start_mowing",
        Action.START: "start_mowing",
        Action.PAUSE: "pause",
        Action.STOP: "pause",
        Action.OFF: "dock",
        Action.DOCK: "dock",
    },
    "light": _SWITCH
    | {Action.SET: set_light, Action.INCREASE: step_light, Action.DECREASE: step_light},
    "lock": {Action.LOCK: "lock", Action.UNLOCK: "unlock"},
    "media_player": _SWITCH
    | {
        Action.OFF: player_off,
        Action.PLAY: "media_play",
        Action.START: "media_play",
        Action.PAUSE: "media_pause",
        Action.STOP: "media_stop",
        Action.NEXT: "media_next_track",
        Action.PREVIOUS: "media_previous_track",
        Action.MUTE: mute,
        Action.UNMUTE: mute,
        Action.SET: set_player,
        Action.INCREASE: step_volume,
        Action.DECREASE: step_volume,
    },
    "number": _NUMBER,
    "remote": _SWITCH,
    "scene": dict.fromkeys((Action.ON, Action.START, Action.SET), "turn_on"),
    "script": _SWITCH | {Action.START: "turn_on", Action.STOP: "turn_off"},
    "select": _SELECT,
    "siren": _SWITCH,
    "switch": _SWITCH,
    "text": {Action.SET: set_text},
    "timer": {
        Action.ON: "start",
        Action.START: "start",
        Action.PAUSE: "pause",
        Action.STOP: "cancel",
        Action.OFF: "cancel",
    },
    "vacuum": {
        Action.ON: "start",
        Action.START: "start",
        Action.PAUSE: "pause",
        Action.STOP: "stop",
        Action.OFF: "return_to_base",
        Action.DOCK: "return_to_base",
        Action.SET: set_suction,
    },
    "valve": {
        Action.ON: "open_valve",
        Action.OPEN: "open_valve",
        Action.OFF: "close_valve",
        Action.CLOSE: "close_valve",
        Action.TOGGLE: "toggle",
        Action.STOP: "stop_valve",
        Action.SET: set_position,
        Action.INCREASE: step_position,
        Action.DECREASE: step_position,
    },
    "water_heater": _SWITCH
    | {
        Action.SET: set_water_heater,
        Action.INCREASE: step_temperature,
        Action.DECREASE: step_temperature,
    },
}
