"""Commands reach real devices, and every target has an outcome of its own."""

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.const import Platform
from homeassistant.core import Context, HomeAssistant, ServiceCall
from homeassistant.exceptions import HomeAssistantError

from custom_components.jonh.actions import execute as actions
from custom_components.jonh.actions.execute import async_call, async_execute
from custom_components.jonh.actions.wishes import Call
from custom_components.jonh.agent.commands import Action, Command, Outcome, Value
from custom_components.jonh.agent.home import Entity
from custom_components.jonh.agent.languages import Language
from custom_components.jonh.agent.plain.values import parse_value
from tests.jonh.devices import set_up_demo

if TYPE_CHECKING:
    from homeassistant.auth.models import User

LIGHTS = ("light.bed_light", "light.ceiling_lights", "light.kitchen_lights")


async def do(
    hass: HomeAssistant,
    action: Action,
    *entity_ids: str,
    said: str | None = None,
    context: Context | None = None,
    language: Language = Language.PT_BR,
) -> list[Outcome]:
    """Execute one action."""
    value = (parse_value(said) or Value(text=said)) if said is not None else None
    targets = tuple(Entity(entity_id=entity_id, name=entity_id) for entity_id in entity_ids)
    command = Command(action=action, targets=targets, value=value)
    outcomes = await async_execute(hass, command, context or Context(), language)
    await hass.async_block_till_done()
    assert [outcome.entity for outcome in outcomes] == [*targets]
    return outcomes


def attribute(hass: HomeAssistant, entity_id: str, name: str) -> Any:
    """Return an attribute of an entity that exists."""
    state = hass.states.get(entity_id)
    assert state is not None
    return state.attributes[name]


@pytest.mark.parametrize(
    ("platform", "entity_id", "action", "said", "state"),
    [
        (Platform.LIGHT, "light.ceiling_lights", Action.OFF, None, "off"),
        (Platform.SWITCH, "switch.decorative_lights", Action.OFF, None, "off"),
        (Platform.FAN, "fan.living_room_fan", Action.ON, None, "on"),
        (Platform.CLIMATE, "climate.hvac", Action.OFF, None, "off"),
        (Platform.CLIMATE, "climate.heatpump", Action.SET, "desligado", "off"),
        (Platform.MEDIA_PLAYER, "media_player.living_room", Action.PAUSE, None, "paused"),
        (Platform.MEDIA_PLAYER, "media_player.living_room", Action.OFF, None, "off"),
        (Platform.HUMIDIFIER, "humidifier.dehumidifier", Action.OFF, None, "off"),
        (Platform.SIREN, "siren.siren", Action.OFF, None, "off"),
        (Platform.REMOTE, "remote.remote_two", Action.OFF, None, "off"),
        (Platform.VACUUM, "vacuum.demo_vacuum_0_ground_floor", Action.START, None, "cleaning"),
        (Platform.WATER_HEATER, "water_heater.demo_water_heater", Action.OFF, None, "off"),
        (Platform.SELECT, "select.speed", Action.SET, "Ludicrous Speed", "ludicrous_speed"),
        (Platform.NUMBER, "number.volume", Action.SET, "50", "50.0"),
        (Platform.TEXT, "text.text", Action.SET, "oi", "oi"),
    ],
)
async def test_devices_do_it(
    hass: HomeAssistant,
    monkeypatch: pytest.MonkeyPatch,
    platform: Platform,
    entity_id: str,
    action: Action,
    said: str | None,
    state: str,
) -> None:
    """A command brings a device of each kind to the state it means."""
    await set_up_demo(hass, monkeypatch, platform)
    assert await do(hass, action, entity_id, said=said) == [
        Outcome(entity=Entity(entity_id=entity_id, name=entity_id))
    ]
    assert hass.states.get(entity_id).state == state


async def test_values_arrive(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Brightness, colour, volume and degrees arrive as they were said."""
    await set_up_demo(hass, monkeypatch, Platform.LIGHT, Platform.CLIMATE, Platform.MEDIA_PLAYER)
    await do(hass, Action.SET, "light.bed_light", said="40%")
    assert attribute(hass, "light.bed_light", "brightness") == 102
    await do(hass, Action.SET, "light.bed_light", said="vermelho")
    assert attribute(hass, "light.bed_light", "rgb_color") == (255, 0, 0)
    await do(hass, Action.SET, "media_player.living_room", said="30%")
    assert attribute(hass, "media_player.living_room", "volume_level") == 0.3
    await do(hass, Action.SET, "climate.hvac", said="vinte e dois")
    assert attribute(hass, "climate.hvac", "temperature") == 22


async def test_one_failure_keeps_none_from_working(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each target has its own outcome, in the order of the command."""
    await set_up_demo(hass, monkeypatch, Platform.LIGHT)
    hass.states.async_set("light.longe", "unavailable")
    outcomes = await do(hass, Action.OFF, "light.longe", *LIGHTS, "light.nenhuma")
    assert [outcome.error for outcome in outcomes] == [
        "não está respondendo",
        None,
        None,
        None,
        "não está respondendo",
    ]
    assert {hass.states.get(light).state for light in LIGHTS} == {"off"}


async def test_what_cannot_be_done_is_said(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a device cannot do is said in the language of the person."""
    await set_up_demo(hass, monkeypatch, Platform.COVER, Platform.MEDIA_PLAYER)
    garage = "cover.garage_door"
    [outcome] = await do(hass, Action.SET, garage, said="50%")
    assert outcome.error == "não tem posição ajustável"
    [outcome] = await do(hass, Action.STOP, garage, language=Language.EN)
    assert outcome.error == "does not take that command"
    [outcome] = await do(hass, Action.SET, "media_player.walkman", said="rádio")
    assert outcome.error == "não aceita esse comando"
    assert not outcome.is_done


async def test_rights_of_the_person_hold(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch, hass_read_only_user: User
) -> None:
    """Somebody who may not control a device cannot do it by voice either."""
    await set_up_demo(hass, monkeypatch, Platform.LIGHT)
    context = Context(user_id=hass_read_only_user.id)
    [outcome] = await do(hass, Action.OFF, "light.ceiling_lights", context=context)
    assert outcome.error == "não está liberado para você"
    assert hass.states.get("light.ceiling_lights").state == "on"


async def test_slow_devices_are_given_up(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A device that does not answer costs a while, not the turn."""
    gone: list[str] = []

    async def forever(call: ServiceCall) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            gone.append(call.data["entity_id"])

    monkeypatch.setattr(actions, "SERVICE_S", 0.01)
    hass.services.async_register("switch", "turn_on", forever)
    hass.states.async_set("switch.lento", "off")
    [outcome] = await do(hass, Action.ON, "switch.lento")
    assert outcome.error == "demorou demais para responder"
    assert gone == ["switch.lento"]


@pytest.mark.parametrize("error", [HomeAssistantError("English words"), KeyError("library")])
async def test_errors_stay_inside(hass: HomeAssistant, error: Exception) -> None:
    """Whatever an integration raises becomes a short sentence, in no other language."""

    async def fail(_: ServiceCall) -> None:
        raise error

    hass.services.async_register("switch", "turn_on", fail)
    hass.states.async_set("switch.ruim", "off")
    [outcome] = await do(hass, Action.ON, "switch.ruim")
    assert outcome.error == "deu erro ao executar"


async def test_missing_services_are_unsupported(hass: HomeAssistant) -> None:
    """A kind whose integration is gone takes no command."""
    hass.states.async_set("siren.velha", "off")
    [outcome] = await do(hass, Action.ON, "siren.velha")
    assert outcome.error == "não aceita esse comando"


async def test_codes_are_asked_for(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> None:
    """An alarm that wants a code says so, as the agent has none."""
    await set_up_demo(hass, monkeypatch, Platform.ALARM_CONTROL_PANEL)
    [outcome] = await do(hass, Action.ARM, "alarm_control_panel.security", said="fora")
    assert outcome.error == "precisa de um código que eu não tenho"


async def test_answers_of_services(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> None:
    """A service that tells something is heard."""
    await set_up_demo(hass, monkeypatch, Platform.WEATHER)
    call = Call(
        domain="weather",
        service="get_forecasts",
        data={"entity_id": "weather.demo_weather_south", "type": "daily"},
    )
    answer = await async_call(hass, call, Context(), has_response=True)
    assert answer.error is None
    assert len(answer.data["weather.demo_weather_south"]["forecast"]) == 7
