"""Calls for what warms, cools and moistens the air, and heats water."""

from typing import TYPE_CHECKING

from homeassistant.components.climate import ClimateEntityFeature

from custom_components.jonh.agent.commands import Action
from custom_components.jonh.agent.words import words

from .problems import Problem, Reason, no_option, out_of_range
from .wishes import Call, between, option_call

if TYPE_CHECKING:
    from .wishes import Wish

HUMIDITY_STEP_PERCENT = 5
TEMPERATURE_STEP_DEGREES = 1
"""A change of temperature that people feel; half a degree is not."""


def climate_power(wish: Wish) -> Call | Problem:
    """Switch on or off, by its mode where it has no switch."""
    is_on = wish.action is Action.ON
    feature = ClimateEntityFeature.TURN_ON if is_on else ClimateEntityFeature.TURN_OFF
    if wish.has(feature):
        return wish.call("turn_on" if is_on else "turn_off")
    modes = [mode for mode in wish.options("hvac_modes") if (mode == "off") is not is_on]
    if not modes:
        return Problem(reason=Reason.UNSUPPORTED)
    return wish.call("set_hvac_mode", hvac_mode=modes[0])


def set_climate(wish: Wish) -> Call | Problem:
    """Set the temperature, the humidity where per cent were said, or a mode by its name."""
    if wish.value is None:
        return Problem(reason=Reason.NO_VALUE)
    if wish.number is None:
        return _climate_mode(wish)
    if wish.value.unit != "%":
        return _temperature(wish, wish.number)
    # "alta" is a share elsewhere; here it may be the name of a mode.
    mode = _climate_mode(wish)
    return mode if isinstance(mode, Call) else set_humidity(wish)


def _climate_mode(wish: Wish) -> Call | Problem:
    """Set a mode of heating or cooling, else one of the other lists of the device."""
    modes = wish.options("hvac_modes")
    said = words(wish.value.text) if wish.value else ()
    for mode in (mode for word in said for mode in _HVAC_MODES.get(word, ())):
        if mode in modes:
            return wish.call("set_hvac_mode", hvac_mode=mode)
    for service, field, listed in _CLIMATE_LISTS:
        found = option_call(wish, service, field, listed)
        if isinstance(found, Call):
            return found
    return no_option(modes)


def _temperature(wish: Wish, degrees: float) -> Call | Problem:
    low, high = wish.attribute("min_temp"), wish.attribute("max_temp")
    if low is not None and high is not None and not low <= degrees <= high:
        return out_of_range(low, high)
    if wish.state.domain == "climate" and not wish.has(ClimateEntityFeature.TARGET_TEMPERATURE):
        return _temperature_range(wish, degrees)
    return wish.call("set_temperature", temperature=degrees)


def _temperature_range(wish: Wish, degrees: float) -> Call | Problem:
    """Centre the range of a device that only knows a lowest and a highest temperature."""
    low, high = wish.attribute("target_temp_low"), wish.attribute("target_temp_high")
    if not wish.has(ClimateEntityFeature.TARGET_TEMPERATURE_RANGE) or low is None or high is None:
        return Problem(reason=Reason.NO_TEMPERATURE)
    half = (high - low) / 2
    return wish.call(
        "set_temperature", target_temp_low=degrees - half, target_temp_high=degrees + half
    )


def step_temperature(wish: Wish) -> Call | Problem:
    """Make it warmer or cooler, within what the device can do; one that is off is set, too."""
    current = wish.attribute("temperature") or wish.attribute("current_temperature")
    if current is None:
        return Problem(reason=Reason.NO_TEMPERATURE)
    degrees = wish.stepped(current, TEMPERATURE_STEP_DEGREES)
    low, high = wish.attribute("min_temp"), wish.attribute("max_temp")
    degrees = degrees if low is None or high is None else between(degrees, low, high)
    return _temperature(wish, degrees)


def set_water_heater(wish: Wish) -> Call | Problem:
    """Set the temperature by a number, the mode by its name."""
    if wish.number is not None:
        return _temperature(wish, wish.number)
    return option_call(wish, "set_operation_mode", "operation_mode", "operation_list")


def set_humidity(wish: Wish) -> Call | Problem:
    """Set the humidity by a number, the mode by its name."""
    if wish.state.domain == "climate" and not wish.has(ClimateEntityFeature.TARGET_HUMIDITY):
        return Problem(reason=Reason.NO_HUMIDITY)
    if wish.number is None:
        return option_call(wish, "set_mode", "mode", "available_modes")
    low, high = wish.attribute("min_humidity") or 0, wish.attribute("max_humidity") or 100
    if not low <= wish.number <= high:
        return out_of_range(low, high)
    return wish.call("set_humidity", humidity=round(wish.number))


def step_humidity(wish: Wish) -> Call | Problem:
    """Make the air moister or drier, within what the device can do."""
    current = wish.attribute("humidity")
    if current is None:
        return Problem(reason=Reason.NO_HUMIDITY)
    low, high = wish.attribute("min_humidity") or 0, wish.attribute("max_humidity") or 100
    percent = between(wish.stepped(current, HUMIDITY_STEP_PERCENT), low, high)
    return wish.call("set_humidity", humidity=round(percent))


_HVAC_WORDS = {
    ("heat", "heat_cool", "auto"): (
        "heat heating aquecer aquecimento quente calor calentar calefaccion"
    ),
    ("cool", "heat_cool", "auto"): "cool cooling esfriar resfriar refrigerar frio gelar enfriar",
    ("auto", "heat_cool"): "auto automatico automatic",
    ("dry",): "dry seco secar desumidificar",
    ("fan_only",): "fan ventilar ventilacao ventilacion ventilador",
    ("off",): "off desligar desligado apagar apagado",
}
"""Modes, the best first, and the words that name them."""
_HVAC_MODES = {word: modes for modes, said in _HVAC_WORDS.items() for word in said.split()}

_CLIMATE_LISTS = (
    ("set_preset_mode", "preset_mode", "preset_modes"),
    ("set_fan_mode", "fan_mode", "fan_modes"),
    ("set_swing_mode", "swing_mode", "swing_modes"),
)
"""Service, its field, and the attribute that lists what it takes."""
