"""Calls as models write them have one meaning, or none."""

from typing import Any

import pytest

from custom_components.jonh.agent.calls.tool_aliases import TOOLS
from custom_components.jonh.agent.calls.tool_calls import canonical_call, names_in


@pytest.mark.parametrize(
    ("name", "args", "tool", "meant"),
    [
        ("intent__HassTurnOn", {"name": "Luz", "domain": ["light"]}, "home_control",
         {"action": "on", "names": "Luz", "kind": "light"}),
        ("HassTurnOff", {"area": "Sala", "domain": None, "floor": ""}, "home_control",
         {"action": "off", "area": "Sala"}),
        ("light__HassLightSet", {"name": "Luz", "brightness": 50}, "home_control",
         {"action": "set", "names": "Luz", "kind": "light", "value": "50%"}),
        ("HassLightSet", {"name": "Luz", "color": "azul"}, "home_control",
         {"action": "set", "names": "Luz", "kind": "light", "value": "azul"}),
        ("HassLightSet", {"area": "Sala", "temperature": 2700}, "home_control",
         {"action": "set", "area": "Sala", "kind": "light", "value": "2700K"}),
        ("HassSetPosition", {"name": "Cortina", "position": 30}, "home_control",
         {"action": "set", "names": "Cortina", "value": "30%"}),
        ("HassClimateSetTemperature", {"temperature": 22.5}, "home_control",
         {"action": "set", "kind": "climate", "value": "22.5°"}),
        ("HassFanSetSpeed", {"name": "Ventilador", "percentage": 40}, "home_control",
         {"action": "set", "names": "Ventilador", "kind": "fan", "value": "40%"}),
        ("HassVacuumReturnToBase", {}, "home_control", {"action": "dock", "kind": "vacuum"}),
        ("light.turn_on", {"entity_id": "light.a", "brightness": 128}, "home_control",
         {"action": "on", "names": "light.a", "kind": "light", "value": "50%"}),
        ("turn_off", {"entity_id": ["light.a", "light.b"]}, "home_control",
         {"action": "off", "names": ["light.a", "light.b"]}),
        ("alarm_control_panel.alarm_arm_night", {"entity_id": "alarm_control_panel.a"},
         "home_control", {"action": "arm", "names": "alarm_control_panel.a",
                          "kind": "alarm_control_panel", "value": "night"}),
        ("call_service", {"domain": "media_player", "service": "media_pause"}, "media",
         {"action": "pause"}),
        ("execute_services", {"list": [{"domain": "switch", "service": "turn_on",
                                        "service_data": {"entity_id": "switch.a"}}]},
         "home_control", {"action": "on", "names": "switch.a", "kind": "switch"}),
        ("home_control", {"action": "acender", "nomes": '["Luz", "Abajur"]'}, "home_control",
         {"action": "on", "names": ["Luz", "Abajur"]}),
        ("homeControl", {"arguments": '{"action": "turn_on", "names": "Luz"}'}, "home_control",
         {"action": "on", "names": "Luz"}),
        ("home_control", {"arguments": "{broken"}, "home_control", {"action": ""}),
        ("home_control", {"action": "set", "names": "Luz", "value": "ligada"}, "home_control",
         {"action": "on", "names": "Luz"}),
        ("home_control", {"names": "Luz", "value": 50}, "home_control",
         {"action": "set", "names": "Luz", "value": "50"}),
        ("home_control", {"action": "set", "device": "TV", "volume_level": 0.3}, "home_control",
         {"action": "set", "names": "TV", "value": "30%"}),
        ("home_control", {"action": "set", "name": "TV", "volume_level": 30}, "home_control",
         {"action": "set", "names": "TV", "value": "30%"}),
        ("home_control", {"action": "dançar", "names": "Luz"}, "home_control",
         {"action": "dançar", "names": "Luz"}),
        ("home_control", {"action": "close", "device_class": "garage", "domain": "cover"},
         "home_control", {"action": "close", "kind": "garage"}),
        ("homeassistant__GetLiveContext", {"area": "Sala"}, "home_state", {"area": "Sala"}),
        ("HassClimateGetTemperature", {}, "home_state", {"kind": "climate"}),
        ("calendar__get_events", {"calendar": "x", "range": "today"}, "home_state",
         {"kind": "calendar", "when": "today"}),
        ("HassMediaUnpause", {}, "media", {"action": "play"}),
        ("HassSetVolume", {"volume_level": 50, "name": "TV"}, "media",
         {"action": "set", "name": "TV", "value": "50%"}),
        ("HassSetVolumeRelative", {"volume_step": "up"}, "media", {"action": "increase"}),
        ("HassSetVolumeRelative", {"volume_step": -15}, "media",
         {"action": "decrease", "value": "15"}),
        ("media_player__HassMediaSearchAndPlay", {"search_query": "Queen", "area": "Sala"},
         "media", {"action": "play", "area": "Sala", "query": "Queen"}),
        ("media", {"query": "Queen"}, "media", {"action": "play", "query": "Queen"}),
        ("media", {"action": "start", "name": "TV"}, "media", {"action": "play", "name": "TV"}),
        ("media", {"action": "dançar"}, "media", {"action": "dançar"}),
        ("HassStartTimer", {"hours": 1, "minutes": 5, "name": "pão"}, "timer",
         {"action": "start", "duration": "1 hours 5 minutes", "name": "pão"}),
        ("HassCancelAllTimers", {}, "timer", {"action": "cancel_all"}),
        ("timer", {"action": "Criar", "duration": "5 minutos"}, "timer",
         {"action": "start", "duration": "5 minutos"}),
        ("todo__get_items", {"todo_list": "Compras"}, "list",
         {"action": "show", "list": "Compras"}),
        ("HassShoppingListAddItem", {"item": "leite"}, "list", {"action": "add", "item": "leite"}),
        ("list", {"action": "adicionar", "items": ["leite", "pão"]}, "list",
         {"action": "add", "item": ["leite", "pão"]}),
        ("script__boa_noite", {}, "run_script", {"name": "boa_noite"}),
        ("script.turn_on", {"entity_id": "script.boa_noite"}, "home_control",
         {"action": "on", "names": "script.boa_noite", "kind": "script"}),
        ("run_script", {"scene": "Cinema"}, "run_script", {"name": "Cinema"}),
        ("find", {"text": "sensor da porta"}, "find", {"query": "sensor da porta"}),
    ],
)  # fmt: skip
def test_calls(name: str, args: dict[str, Any], tool: str, meant: dict[str, Any]) -> None:
    """Names and shapes of other tools become ours."""
    meant = {key: value for key, value in meant.items() if value != ""}
    assert canonical_call(name, args) == (tool, meant)


@pytest.mark.parametrize("name", ["llm__GetDateTime", "bell__ring", "", "HassNevermind", "light"])
def test_other_calls(name: str) -> None:
    """What is none of our tools stays what it is."""
    assert canonical_call(name, {}) is None


@pytest.mark.parametrize("name", TOOLS)
def test_a_meaning_is_stable(name: str) -> None:
    """A call that was understood once means the same when it comes back."""
    args = {"action": "on", "names": ["a", "b"], "area": "Sala", "value": "50%", "query": "x"}
    first = canonical_call(name, args)
    assert first is not None
    assert canonical_call(*first) == first


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ("Luz", ["Luz"]),
        (" Luz, Sala ", ["Luz, Sala"]),
        ('["a", "b"]', ["a", "b"]),
        ('{"entity_id": ["a"]}', ["a"]),
        ("[a", ["a"]),
        (["a", "a", ["b"]], ["a", "b"]),
        (7, ["7"]),
        (None, []),
        (True, []),
        ("", []),
    ],
)
def test_names_in_many_forms(value: object, names: list[str]) -> None:
    """Names come in strings, lists, and JSON of either."""
    assert names_in(value) == names
