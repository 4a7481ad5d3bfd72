"""Calls for lights, fans, covers, players, numbers, options and alarms."""

from typing import TYPE_CHECKING

from homeassistant.components.alarm_control_panel import AlarmControlPanelEntityFeature
from homeassistant.components.cover import CoverEntityFeature
from homeassistant.components.fan import FanEntityFeature
from homeassistant.components.media_player import MediaPlayerEntityFeature
from homeassistant.components.valve import ValveEntityFeature

from custom_components.jonh.agent.commands import Action
from custom_components.jonh.agent.words import fold, words

from .problems import Problem, Reason, out_of_range
from .wishes import Call, between, option_call

if TYPE_CHECKING:
    from .wishes import Wish

LIGHT_STEP_PERCENT = 20
"""A change of brightness that people see at once."""
POSITION_STEP_PERCENT = 20
VOLUME_STEP_PERCENT = 10


def set_light(wish: Wish) -> Call | Problem:
    """Set colour, white, brightness or an effect, whichever was said."""
    modes = set(wish.state.attributes.get("supported_color_modes") or ())
    has_color = bool(modes & {"hs", "rgb", "rgbw", "rgbww", "xy"})
    value = wish.value
    if value is None:
        return Problem(reason=Reason.NO_VALUE)
    if value.color:
        known = wish.call("turn_on", color_name=value.color)
        return known if has_color else Problem(reason=Reason.NO_COLOR)
    if value.kelvin:
        if not has_color and "color_temp" not in modes:
            return Problem(reason=Reason.NO_WHITE)
        return wish.call("turn_on", color_temp_kelvin=value.kelvin)
    if value.number is None:
        return option_call(wish, "turn_on", "effect", "effect_list")
    if not modes - {"onoff", "unknown"}:
        return Problem(reason=Reason.NO_BRIGHTNESS)
    return wish.call("turn_on", brightness_pct=between(value.number, 0, 100))


def step_light(wish: Wish) -> Call | Problem:
    """Make a light brighter or fainter."""
    if not set(wish.state.attributes.get("supported_color_modes") or ()) - {"onoff", "unknown"}:
        return Problem(reason=Reason.NO_BRIGHTNESS)
    if wish.state.state != "on" and wish.action is Action.DECREASE:
        return Problem(reason=Reason.IS_OFF)
    current = (wish.attribute("brightness") or 0) / 255 * 100
    # Dimming ends at the faintest light, not in the dark.
    percent = between(wish.stepped(current, LIGHT_STEP_PERCENT), 1, 100)
    return wish.call("turn_on", brightness_pct=round(percent))


def set_fan(wish: Wish) -> Call | Problem:
    """Set the speed by a number or as slow, medium or fast; a preset by its name."""
    number = wish.number if wish.number is not None else _SPEEDS.get(fold(wish.text))
    if number is None:
        return option_call(wish, "set_preset_mode", "preset_mode", "preset_modes")
    if not wish.has(FanEntityFeature.SET_SPEED):
        return Problem(reason=Reason.NO_SPEED)
    return wish.call("set_percentage", percentage=round(between(number, 0, 100)))


def step_fan(wish: Wish) -> Call | Problem:
    """Make a fan faster or slower, by its own steps where no number was said."""
    if not wish.has(FanEntityFeature.SET_SPEED):
        return Problem(reason=Reason.NO_SPEED)
    step = {} if wish.number is None else {"percentage_step": round(abs(wish.number))}
    is_up = wish.action is Action.INCREASE
    return wish.call("increase_speed" if is_up else "decrease_speed", **step)


def open_or_close(wish: Wish) -> Call | Problem:
    """Open or close a cover, by its slats where it has nothing else."""
    is_open = wish.action in (Action.OPEN, Action.ON)
    slats = CoverEntityFeature.OPEN_TILT if is_open else CoverEntityFeature.CLOSE_TILT
    whole = CoverEntityFeature.OPEN if is_open else CoverEntityFeature.CLOSE
    tilt = "_tilt" if wish.has(slats) and not wish.has(whole) else ""
    return wish.call(f"{'open' if is_open else 'close'}_cover{tilt}")


def set_position(wish: Wish) -> Call | Problem:
    """Bring a cover or valve to a position."""
    if wish.number is None:
        return Problem(reason=Reason.NO_VALUE)
    return _move(wish, between(wish.number, 0, 100))


def step_position(wish: Wish) -> Call | Problem:
    """Open or close a cover or valve a little."""
    current = wish.attribute("current_position")
    if current is None:
        return Problem(reason=Reason.NO_POSITION)
    return _move(wish, between(wish.stepped(current, POSITION_STEP_PERCENT), 0, 100))


def _move(wish: Wish, percent: float) -> Call | Problem:
    """Bring a cover or valve to a position; the ends need no such feature."""
    kind = wish.state.domain
    movable = (
        CoverEntityFeature.SET_POSITION if kind == "cover" else ValveEntityFeature.SET_POSITION
    )
    if wish.has(movable):
        return wish.call(f"set_{kind}_position", position=round(percent))
    ends = {0: f"close_{kind}", 100: f"open_{kind}"}
    if percent in ends:
        return wish.call(ends[round(percent)])
    return Problem(reason=Reason.NO_POSITION)


def player_off(wish: Wish) -> Call | Problem:
    """Switch a player off; one that cannot be at least falls silent."""
    if wish.has(MediaPlayerEntityFeature.TURN_OFF):
        return wish.call("turn_off")
    is_silent = wish.has(MediaPlayerEntityFeature.STOP)
    return wish.call("media_stop") if is_silent else Problem(reason=Reason.UNSUPPORTED)


def set_player(wish: Wish) -> Call | Problem:
    """Set the volume by a number, the source by its name."""
    if wish.number is None:
        found = option_call(wish, "select_source", "source", "source_list")
        sound = option_call(wish, "select_sound_mode", "sound_mode", "sound_mode_list")
        return sound if isinstance(found, Problem) and isinstance(sound, Call) else found
    if not wish.has(MediaPlayerEntityFeature.VOLUME_SET):
        return Problem(reason=Reason.NO_VOLUME)
    # Models that know the attribute write 0.3 for 30 %.
    percent = wish.number * 100 if 0 < wish.number < 1 else wish.number
    return wish.call("volume_set", volume_level=between(percent, 0, 100) / 100)


def step_volume(wish: Wish) -> Call | Problem:
    """Make a player louder or softer."""
    level = wish.attribute("volume_level")
    if level is not None and wish.has(MediaPlayerEntityFeature.VOLUME_SET):
        percent = between(wish.stepped(level * 100, VOLUME_STEP_PERCENT), 0, 100)
        return wish.call("volume_set", volume_level=round(percent) / 100)
    if wish.has(MediaPlayerEntityFeature.VOLUME_STEP):
        return wish.call("volume_up" if wish.action is Action.INCREASE else "volume_down")
    return Problem(reason=Reason.NO_VOLUME)


def mute(wish: Wish) -> Call | Problem:
    """Silence a player, or let it sound again."""
    return wish.call("volume_mute", is_volume_muted=wish.action is Action.MUTE)


def set_number(wish: Wish) -> Call | Problem:
    """Set a number within its limits."""
    if wish.number is None:
        return Problem(reason=Reason.NO_VALUE)
    low, high = wish.attribute("min"), wish.attribute("max")
    if low is not None and high is not None and not low <= wish.number <= high:
        return out_of_range(low, high)
    return wish.call("set_value", value=wish.number)


def step_number(wish: Wish) -> Call | Problem:
    """Raise or lower a number by its own step, within its limits."""
    try:
        current = float(wish.state.state)
    except ValueError:
        return Problem(reason=Reason.NO_VALUE)
    low, high = wish.attribute("min"), wish.attribute("max")
    number = wish.stepped(current, wish.attribute("step") or 1)
    number = number if low is None or high is None else between(number, low, high)
    return wish.call("set_value", value=number)


def select(wish: Wish) -> Call | Problem:
    """Choose an option by its name."""
    return option_call(wish, "select_option", "option", "options")


def set_suction(wish: Wish) -> Call | Problem:
    """Set the power of a vacuum cleaner by its name."""
    return option_call(wish, "set_fan_speed", "fan_speed", "fan_speed_list")


def set_text(wish: Wish) -> Call | Problem:
    """Write a text as it was said."""
    return (
        wish.call("set_value", value=wish.value.text)
        if wish.value
        else Problem(reason=Reason.NO_VALUE)
    )


def arm(wish: Wish) -> Call | Problem:
    """Arm as was said, else for an empty house."""
    said = set(words(wish.value.text)) if wish.value else set()
    for cues, service, feature in _ARMINGS:
        if said & cues:
            return wish.call(service) if wish.has(feature) else Problem(reason=Reason.UNSUPPORTED)
    for _, service, feature in _ARMINGS[::-1]:
        if wish.has(feature):
            return wish.call(service)
    return Problem(reason=Reason.UNSUPPORTED)


_SPEEDS = {
    "baixa": 33, "baixo": 33, "minima": 33, "minimo": 33, "low": 33, "baja": 33, "bajo": 33,
    "media": 66, "medio": 66, "medium": 66,
    "alta": 100, "alto": 100, "high": 100,
}  # fmt: skip
"""Per cent of the named speeds of a fan, as most fans with three speeds have them."""

_ARMINGS = (
    (
        {"noite", "night", "noche", "noturno"},
        "alarm_arm_night",
        AlarmControlPanelEntityFeature.ARM_NIGHT,
    ),
    (
        {"ferias", "viagem", "vacation", "vacaciones"},
        "alarm_arm_vacation",
        AlarmControlPanelEntityFeature.ARM_VACATION,
    ),
    (
        {"casa", "home", "stay", "parcial", "presente", "presenca"},
        "alarm_arm_home",
        AlarmControlPanelEntityFeature.ARM_HOME,
    ),
    (
        {"fora", "ausente", "total", "away", "fuera"},
        "alarm_arm_away",
        AlarmControlPanelEntityFeature.ARM_AWAY,
    ),
)
"""Words for a way of arming, the service and the feature it needs; the usual way stands last."""
