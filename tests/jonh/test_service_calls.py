"""Every kind of thing is told in its own services, or the reason why not is named."""

from typing import Any

import pytest
from homeassistant.core import State

from custom_components.jonh.actions.problems import Problem, Reason
from custom_components.jonh.actions.service_calls import plan
from custom_components.jonh.actions.wishes import Call
from custom_components.jonh.agent.commands import Action, Command, Value
from custom_components.jonh.agent.home import Entity
from custom_components.jonh.agent.plain.values import parse_value


def planned(
    entity_id: str,
    action: Action,
    said: str | None = None,
    *,
    state: str = "on",
    **attributes: Any,
) -> Call | Problem:
    """Plan one action for an entity of that state, with what was said as its value."""
    value = (parse_value(said) or Value(text=said)) if said is not None else None
    command = Command(action=action, targets=(Entity(entity_id=entity_id, name="x"),), value=value)
    return plan(State(entity_id, state, attributes), command)


def call_of(entity_id: str, action: Action, said: str | None = None, **state: Any) -> list[Any]:
    """Return domain.service and data, without the entity id, of the planned call."""
    call = planned(entity_id, action, said, **state)
    assert isinstance(call, Call), call
    assert call.data["entity_id"] == entity_id
    data = {key: value for key, value in call.data.items() if key != "entity_id"}
    return [f"{call.domain}.{call.service}", *([data] if data else [])]


def reason_of(entity_id: str, action: Action, said: str | None = None, **state: Any) -> Reason:
    """Return why nothing was planned."""
    problem = planned(entity_id, action, said, **state)
    assert isinstance(problem, Problem), problem
    return problem.reason


@pytest.mark.parametrize(
    ("entity_id", "action", "service"),
    [
        ("light.a", Action.ON, "light.turn_on"),
        ("light.a", Action.OFF, "light.turn_off"),
        ("switch.a", Action.TOGGLE, "switch.toggle"),
        ("input_boolean.a", Action.ON, "input_boolean.turn_on"),
        ("group.a", Action.OFF, "homeassistant.turn_off"),
        ("siren.a", Action.ON, "siren.turn_on"),
        ("remote.a", Action.OFF, "remote.turn_off"),
        ("automation.a", Action.START, "automation.trigger"),
        ("scene.a", Action.ON, "scene.turn_on"),
        ("script.a", Action.START, "script.turn_on"),
        ("script.a", Action.STOP, "script.turn_off"),
        ("button.a", Action.ON, "button.press"),
        ("input_button.a", Action.START, "input_button.press"),
        ("lock.a", Action.LOCK, "lock.lock"),
        ("lock.a", Action.UNLOCK, "lock.unlock"),
        ("cover.a", Action.ON, "cover.open_cover"),
        ("cover.a", Action.CLOSE, "cover.close_cover"),
        ("cover.a", Action.STOP, "cover.stop_cover"),
        ("cover.a", Action.PAUSE, "cover.stop_cover"),
        ("valve.a", Action.OPEN, "valve.open_valve"),
        ("valve.a", Action.OFF, "valve.close_valve"),
        ("valve.a", Action.STOP, "valve.stop_valve"),
        ("vacuum.a", Action.ON, "vacuum.start"),
        ("vacuum.a", Action.PAUSE, "vacuum.pause"),
        ("vacuum.a", Action.STOP, "vacuum.stop"),
        ("vacuum.a", Action.DOCK, "vacuum.return_to_base"),
        ("lawn_mower.a", Action.START, "lawn_mower.start_mowing"),
        ("lawn_mower.a", Action.OFF, "lawn_mower.dock"),
        ("alarm_control_panel.a", Action.DISARM, "alarm_control_panel.alarm_disarm"),
        ("media_player.a", Action.PLAY, "media_player.media_play"),
        ("media_player.a", Action.PAUSE, "media_player.media_pause"),
        ("media_player.a", Action.NEXT, "media_player.media_next_track"),
        ("media_player.a", Action.PREVIOUS, "media_player.media_previous_track"),
        ("media_player.a", Action.STOP, "media_player.media_stop"),
        ("select.a", Action.NEXT, "select.select_next"),
        ("counter.a", Action.INCREASE, "counter.increment"),
        ("timer.a", Action.STOP, "timer.cancel"),
        ("water_heater.a", Action.OFF, "water_heater.turn_off"),
        ("humidifier.a", Action.ON, "humidifier.turn_on"),
        ("climate.a", Action.TOGGLE, "climate.toggle"),
    ],
)
def test_plain_actions(entity_id: str, action: Action, service: str) -> None:
    """An action without a value is the service of its kind."""
    assert call_of(entity_id, action) == [service]


@pytest.mark.parametrize(
    ("entity_id", "action"),
    [
        ("lock.a", Action.OFF),
        ("lock.a", Action.ON),
        ("lock.a", Action.OPEN),
        ("alarm_control_panel.a", Action.OFF),
        ("scene.a", Action.OFF),
        ("sensor.a", Action.ON),
        ("switch.a", Action.SET),
        ("vacuum.a", Action.NEXT),
    ],
)
def test_what_a_kind_does_not_do(entity_id: str, action: Action) -> None:
    """No action is bent into another: switching off never unlocks a door."""
    assert reason_of(entity_id, action) is Reason.UNSUPPORTED


DIMMABLE = {"supported_color_modes": ["brightness"]}
COLORED = {"supported_color_modes": ["hs"]}
WHITE = {"supported_color_modes": ["color_temp"]}
PLAIN = {"supported_color_modes": ["onoff"]}


@pytest.mark.parametrize(
    ("action", "said", "attributes", "data"),
    [
        (Action.SET, "50%", DIMMABLE, {"brightness_pct": 50}),
        (Action.ON, "50%", DIMMABLE, {"brightness_pct": 50}),
        (Action.SET, "150", DIMMABLE, {"brightness_pct": 100}),
        (Action.SET, "azul", COLORED, {"color_name": "blue"}),
        (Action.SET, "2700K", WHITE, {"color_temp_kelvin": 2700}),
        (Action.SET, "2700K", COLORED, {"color_temp_kelvin": 2700}),
        (
            Action.SET,
            "Arco-Íris",
            COLORED | {"effect_list": ["arco iris"]},
            {"effect": "arco iris"},
        ),
        (Action.INCREASE, None, DIMMABLE | {"brightness": 128}, {"brightness_pct": 70}),
        (Action.INCREASE, "40", DIMMABLE | {"brightness": 128}, {"brightness_pct": 90}),
        (Action.DECREASE, None, DIMMABLE | {"brightness": 128}, {"brightness_pct": 30}),
        (Action.DECREASE, "90", DIMMABLE | {"brightness": 128}, {"brightness_pct": 1}),
        (Action.INCREASE, None, DIMMABLE, {"brightness_pct": 20}),
    ],
)
def test_lights(
    action: Action, said: str | None, attributes: dict[str, Any], data: dict[str, Any]
) -> None:
    """A light takes brightness, colour, white and effects, and dimming does not switch it off."""
    assert call_of("light.a", action, said, **attributes) == ["light.turn_on", data]


@pytest.mark.parametrize(
    ("action", "said", "attributes", "reason"),
    [
        (Action.SET, "50%", PLAIN, Reason.NO_BRIGHTNESS),
        (Action.SET, "azul", DIMMABLE, Reason.NO_COLOR),
        (Action.SET, "2700K", DIMMABLE, Reason.NO_WHITE),
        (Action.SET, None, DIMMABLE, Reason.NO_VALUE),
        (Action.SET, "festa", DIMMABLE, Reason.UNSUPPORTED),
        (Action.SET, "festa", DIMMABLE | {"effect_list": ["vela"]}, Reason.NO_OPTION),
        (Action.INCREASE, None, PLAIN, Reason.NO_BRIGHTNESS),
        (Action.DECREASE, None, DIMMABLE | {"state": "off"}, Reason.IS_OFF),
    ],
)
def test_lights_that_cannot(
    action: Action, said: str | None, attributes: dict[str, Any], reason: Reason
) -> None:
    """A light that would silently ignore a value says so."""
    assert reason_of("light.a", action, said, **attributes) is reason


@pytest.mark.parametrize(
    ("action", "said", "attributes", "call"),
    [
        (Action.SET, "40%", {"supported_features": 1}, ["fan.set_percentage", {"percentage": 40}]),
        (
            Action.SET,
            "alta",
            {"supported_features": 1},
            ["fan.set_percentage", {"percentage": 100}],
        ),
        (Action.INCREASE, None, {"supported_features": 1}, ["fan.increase_speed"]),
        (
            Action.DECREASE,
            "10",
            {"supported_features": 1},
            ["fan.decrease_speed", {"percentage_step": 10}],
        ),
        (
            Action.SET,
            "sono",
            {"preset_modes": ["Sono", "Turbo"]},
            ["fan.set_preset_mode", {"preset_mode": "Sono"}],
        ),
    ],
)
def test_fans(
    action: Action, said: str | None, attributes: dict[str, Any], call: list[Any]
) -> None:
    """A fan takes per cent, named speeds and presets."""
    assert call_of("fan.a", action, said, **attributes) == call


def test_fans_of_one_speed() -> None:
    """A fan that only switches has no speed."""
    assert reason_of("fan.a", Action.SET, "40%") is Reason.NO_SPEED
    assert reason_of("fan.a", Action.INCREASE) is Reason.NO_SPEED


AIR = {
    "supported_features": 1,
    "hvac_modes": ["off", "cool", "heat_cool", "fan_only"],
    "min_temp": 16,
    "max_temp": 30,
    "temperature": 24,
}


@pytest.mark.parametrize(
    ("action", "said", "attributes", "call"),
    [
        (Action.SET, "22 graus", {}, ["climate.set_temperature", {"temperature": 22}]),
        (Action.ON, "22", {}, ["climate.set_temperature", {"temperature": 22}]),
        (Action.INCREASE, None, {}, ["climate.set_temperature", {"temperature": 25}]),
        (Action.DECREASE, "3", {}, ["climate.set_temperature", {"temperature": 21}]),
        (Action.DECREASE, "20", {}, ["climate.set_temperature", {"temperature": 16}]),
        (
            Action.INCREASE,
            None,
            {"temperature": None, "current_temperature": 20.5},
            ["climate.set_temperature", {"temperature": 21.5}],
        ),
        (Action.SET, "modo frio", {}, ["climate.set_hvac_mode", {"hvac_mode": "cool"}]),
        (Action.SET, "heat", {}, ["climate.set_hvac_mode", {"hvac_mode": "heat_cool"}]),
        (Action.SET, "automático", {}, ["climate.set_hvac_mode", {"hvac_mode": "heat_cool"}]),
        (Action.SET, "desligar", {}, ["climate.set_hvac_mode", {"hvac_mode": "off"}]),
        (
            Action.SET,
            "eco",
            {"preset_modes": ["none", "eco"]},
            ["climate.set_preset_mode", {"preset_mode": "eco"}],
        ),
        (
            Action.SET,
            "alta",
            {"fan_modes": ["baixa", "alta"]},
            ["climate.set_fan_mode", {"fan_mode": "alta"}],
        ),
        (
            Action.SET,
            "50%",
            {"supported_features": 5},
            ["climate.set_humidity", {"humidity": 50}],
        ),
        (
            Action.SET,
            "23",
            {"supported_features": 2, "target_temp_low": 20, "target_temp_high": 24},
            ["climate.set_temperature", {"target_temp_low": 21, "target_temp_high": 25}],
        ),
        (Action.ON, None, {"supported_features": 256}, ["climate.turn_on"]),
        (Action.OFF, None, {"supported_features": 128}, ["climate.turn_off"]),
        (Action.ON, None, {}, ["climate.set_hvac_mode", {"hvac_mode": "cool"}]),
        (Action.OFF, None, {}, ["climate.set_hvac_mode", {"hvac_mode": "off"}]),
    ],
)
def test_climate(
    action: Action, said: str | None, attributes: dict[str, Any], call: list[Any]
) -> None:
    """An air conditioner takes degrees within its range, modes by many names, and switches."""
    assert call_of("climate.a", action, said, **AIR | attributes) == call


@pytest.mark.parametrize(
    ("action", "said", "attributes", "reason"),
    [
        (Action.SET, "40", {}, Reason.OUT_OF_RANGE),
        (Action.SET, None, {}, Reason.NO_VALUE),
        (Action.SET, "turbo", {}, Reason.NO_OPTION),
        (Action.SET, "50%", {}, Reason.NO_HUMIDITY),
        (Action.SET, "22", {"supported_features": 0}, Reason.NO_TEMPERATURE),
        (Action.INCREASE, None, {"temperature": None}, Reason.NO_TEMPERATURE),
        (Action.ON, None, {"hvac_modes": ["off"]}, Reason.UNSUPPORTED),
    ],
)
def test_climate_that_cannot(
    action: Action, said: str | None, attributes: dict[str, Any], reason: Reason
) -> None:
    """What an air conditioner cannot do has its reason."""
    assert reason_of("climate.a", action, said, **AIR | attributes) is reason


def test_range_is_told() -> None:
    """A number that is out of range comes back with the range."""
    problem = planned("climate.a", Action.SET, "40", **AIR)
    assert isinstance(problem, Problem)
    assert problem.details == {"low": 16, "high": 30}


@pytest.mark.parametrize(
    ("entity_id", "action", "said", "attributes", "call"),
    [
        (
            "humidifier.a",
            Action.SET,
            "45%",
            {},
            ["humidifier.set_humidity", {"humidity": 45}],
        ),
        (
            "humidifier.a",
            Action.INCREASE,
            None,
            {"humidity": 98},
            ["humidifier.set_humidity", {"humidity": 100}],
        ),
        (
            "humidifier.a",
            Action.SET,
            "Bebê",
            {"available_modes": ["bebe", "auto"]},
            ["humidifier.set_mode", {"mode": "bebe"}],
        ),
        (
            "water_heater.a",
            Action.SET,
            "45",
            {"min_temp": 30, "max_temp": 60},
            ["water_heater.set_temperature", {"temperature": 45}],
        ),
        (
            "water_heater.a",
            Action.SET,
            "eco",
            {"operation_list": ["eco", "performance"]},
            ["water_heater.set_operation_mode", {"operation_mode": "eco"}],
        ),
        ("cover.a", Action.SET, "30%", {"supported_features": 4},
         ["cover.set_cover_position", {"position": 30}]),
        ("cover.a", Action.OPEN, "metade", {"supported_features": 4},
         ["cover.set_cover_position", {"position": 50}]),
        ("cover.a", Action.SET, "0", {}, ["cover.close_cover"]),
        ("cover.a", Action.SET, "100", {}, ["cover.open_cover"]),
        ("cover.a", Action.INCREASE, None, {"supported_features": 4, "current_position": 90},
         ["cover.set_cover_position", {"position": 100}]),
        ("cover.a", Action.OPEN, None, {"supported_features": 16}, ["cover.open_cover_tilt"]),
        ("cover.a", Action.CLOSE, None, {"supported_features": 32}, ["cover.close_cover_tilt"]),
        ("valve.a", Action.SET, "30%", {"supported_features": 4},
         ["valve.set_valve_position", {"position": 30}]),
        ("media_player.a", Action.SET, "30%", {"supported_features": 4},
         ["media_player.volume_set", {"volume_level": 0.3}]),
        ("media_player.a", Action.SET, "0,3", {"supported_features": 4},
         ["media_player.volume_set", {"volume_level": 0.3}]),
        ("media_player.a", Action.SET, "HDMI", {"source_list": ["TV", "HDMI 1"]},
         ["media_player.select_source", {"source": "HDMI 1"}]),
        ("media_player.a", Action.SET, "cinema", {"sound_mode_list": ["Cinema"]},
         ["media_player.select_sound_mode", {"sound_mode": "Cinema"}]),
        ("media_player.a", Action.INCREASE, None, {"supported_features": 4, "volume_level": 0.5},
         ["media_player.volume_set", {"volume_level": 0.6}]),
        ("media_player.a", Action.DECREASE, None, {"supported_features": 1024},
         ["media_player.volume_down"]),
        ("media_player.a", Action.MUTE, None, {},
         ["media_player.volume_mute", {"is_volume_muted": True}]),
        ("media_player.a", Action.UNMUTE, None, {},
         ["media_player.volume_mute", {"is_volume_muted": False}]),
        ("media_player.a", Action.OFF, None, {"supported_features": 256},
         ["media_player.turn_off"]),
        ("media_player.a", Action.OFF, None, {"supported_features": 4096},
         ["media_player.media_stop"]),
        ("number.a", Action.SET, "7", {"min": 0, "max": 10}, ["number.set_value", {"value": 7}]),
        ("input_number.a", Action.INCREASE, None, {"state": "9", "step": 2, "min": 0, "max": 10},
         ["input_number.set_value", {"value": 10}]),
        ("number.a", Action.DECREASE, "3", {"state": "9"}, ["number.set_value", {"value": 6}]),
        ("select.a", Action.SET, "noite", {"options": ["Modo noite", "Modo dia"]},
         ["select.select_option", {"option": "Modo noite"}]),
        ("input_select.a", Action.SET, "2", {"options": ["1", "2"]},
         ["input_select.select_option", {"option": "2"}]),
        ("vacuum.a", Action.SET, "Máximo", {"fan_speed_list": ["maximo"]},
         ["vacuum.set_fan_speed", {"fan_speed": "maximo"}]),
        ("input_text.a", Action.SET, "bom dia", {}, ["input_text.set_value", {"value": "bom dia"}]),
        ("alarm_control_panel.a", Action.ARM, "noite", {"supported_features": 7},
         ["alarm_control_panel.alarm_arm_night"]),
        ("alarm_control_panel.a", Action.ARM, "em casa", {"supported_features": 7},
         ["alarm_control_panel.alarm_arm_home"]),
        ("alarm_control_panel.a", Action.ARM, None, {"supported_features": 7},
         ["alarm_control_panel.alarm_arm_away"]),
        ("alarm_control_panel.a", Action.ARM, None, {"supported_features": 1},
         ["alarm_control_panel.alarm_arm_home"]),
    ],
)  # fmt: skip
def test_values_of_the_other_kinds(
    entity_id: str, action: Action, said: str | None, attributes: dict[str, Any], call: list[Any]
) -> None:
    """Each kind takes its own values, by numbers, steps and names."""
    assert call_of(entity_id, action, said, **attributes) == call


@pytest.mark.parametrize(
    ("entity_id", "action", "said", "attributes", "reason"),
    [
        ("humidifier.a", Action.SET, "150", {}, Reason.OUT_OF_RANGE),
        ("humidifier.a", Action.INCREASE, None, {}, Reason.NO_HUMIDITY),
        ("cover.a", Action.SET, "30%", {}, Reason.NO_POSITION),
        ("cover.a", Action.SET, None, {}, Reason.NO_VALUE),
        ("cover.a", Action.INCREASE, None, {}, Reason.NO_POSITION),
        ("media_player.a", Action.SET, "30%", {}, Reason.NO_VOLUME),
        ("media_player.a", Action.SET, "rádio", {"source_list": ["TV"]}, Reason.NO_OPTION),
        ("media_player.a", Action.INCREASE, None, {}, Reason.NO_VOLUME),
        ("media_player.a", Action.OFF, None, {}, Reason.UNSUPPORTED),
        ("number.a", Action.SET, "70", {"min": 0, "max": 10}, Reason.OUT_OF_RANGE),
        ("number.a", Action.SET, "muito", {}, Reason.NO_VALUE),
        ("number.a", Action.INCREASE, None, {"state": "unknown"}, Reason.NO_VALUE),
        ("select.a", Action.SET, "tarde", {"options": ["noite", "dia"]}, Reason.NO_OPTION),
        ("select.a", Action.SET, "modo", {"options": ["modo noite", "modo dia"]}, Reason.NO_OPTION),
        ("select.a", Action.SET, None, {"options": ["noite"]}, Reason.NO_VALUE),
        ("text.a", Action.SET, None, {}, Reason.NO_VALUE),
        ("alarm_control_panel.a", Action.ARM, "noite", {"supported_features": 1},
         Reason.UNSUPPORTED),
        ("alarm_control_panel.a", Action.ARM, None, {}, Reason.UNSUPPORTED),
    ],
)  # fmt: skip
def test_values_that_do_not_fit(
    entity_id: str, action: Action, said: str | None, attributes: dict[str, Any], reason: Reason
) -> None:
    """A value that a thing cannot take has its reason."""
    assert reason_of(entity_id, action, said, **attributes) is reason
