"""Tools of a turn, called as models call them, on devices that really do something."""

import asyncio
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, override

import probatio
import pytest
from homeassistant.components import llm as llm_component
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.components.intent import async_register_timer_handler
from homeassistant.components.media_player import (
    BrowseMedia,
    MediaPlayerEntity,
    MediaPlayerEntityFeature,
    MediaPlayerState,
    SearchMedia,
    SearchMediaQuery,
)
from homeassistant.const import Platform
from homeassistant.core import (
    Context,
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
)
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers import llm
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockModule,
    mock_integration,
    mock_platform,
)

from custom_components.jonh.agent.commands import Action
from custom_components.jonh.agent.languages import Language
from custom_components.jonh.agent.safety.guard import Guard, Speaker
from custom_components.jonh.home_context import HomeContext
from custom_components.jonh.tools.answers import STATES_MAX
from custom_components.jonh.tools.api import JonhAPI, ToolTurn
from custom_components.jonh.tools.lists import ITEMS_MAX
from tests.jonh.devices import place, set_up_demo

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from homeassistant.helpers.entity_component import EntityComponent
    from homeassistant.util.json import JsonObjectType

PLATFORMS = (
    Platform.LIGHT,
    Platform.COVER,
    Platform.CLIMATE,
    Platform.MEDIA_PLAYER,
    Platform.SWITCH,
    Platform.WEATHER,
    Platform.CALENDAR,
)


@pytest.fixture
async def house(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> HomeAssistant:
    """Set up a home of three rooms whose things have Portuguese names."""
    hass.config.language = "pt-BR"
    assert await async_setup_component(hass, "homeassistant", {})
    # The demonstration players are in no registry, so these stand in rooms for them.
    players = {"tv": "media_player.living_room", "radio": "media_player.kitchen"}
    assert await async_setup_component(
        hass,
        "media_player",
        {
            "media_player": [
                {"platform": "universal", "name": name, "unique_id": name, "children": [child]}
                for name, child in players.items()
            ]
        },
    )
    await set_up_demo(hass, monkeypatch, *PLATFORMS)
    assert await async_setup_component(hass, "input_boolean", {"input_boolean": {"trinco": {}}})
    trinco = {"target": {"entity_id": "input_boolean.trinco"}}
    lock = {
        "name": "Porta",
        "unique_id": "porta",
        "default_entity_id": "lock.front_door",
        "state": "{{ 'locked' if is_state('input_boolean.trinco', 'on') else 'unlocked' }}",
        "lock": {"action": "input_boolean.turn_on", **trinco},
        "unlock": {"action": "input_boolean.turn_off", **trinco},
    }
    assert await async_setup_component(hass, "template", {"template": {"lock": lock}})
    await hass.services.async_call(
        "input_boolean", "turn_on", {"entity_id": "input_boolean.trinco"}, blocking=True
    )
    assert await async_setup_component(hass, "conversation", {})
    assert await async_setup_component(
        hass, "script", {"script": {"boa_noite": {"alias": "Boa noite", "sequence": []}}}
    )
    assert await async_setup_component(
        hass, "scene", {"scene": {"name": "Cinema", "entities": {"light.bed_light": "off"}}}
    )
    await hass.async_block_till_done()
    place(
        hass,
        "Sala",
        light__ceiling_lights="Luz da Sala",
        light__living_room_rgbww_lights="Luminária",
        climate__hvac="Ar-condicionado",
        media_player__tv="TV",
        cover__living_room_window="Cortina",
        lock__front_door="Porta da frente",
    )
    place(
        hass,
        "Cozinha",
        light__kitchen_lights="Luz da Cozinha",
        media_player__radio="Rádio",
        cover__kitchen_window="Persiana",
    )
    place(hass, "Garagem", cover__garage_door="Portão da garagem", switch__ac="Bomba")
    for state in hass.states.async_all():
        is_placed = state.name.split()[0] in NAMES or state.domain in ("weather", "script", "scene")
        async_expose_entity(hass, "conversation", state.entity_id, should_expose=is_placed)
    return hass


NAMES = {
    "Luz", "Luminária", "Ar-condicionado", "TV", "Cortina", "Porta", "Rádio",
    "Persiana", "Portão", "Bomba", "Calendar",
}  # fmt: skip
"""First words of what is exposed."""


def turn_of(
    hass: HomeAssistant,
    utterance: str = "faz isso",
    *,
    here: str | None = None,
    device_id: str | None = None,
    language: Language = Language.PT_BR,
) -> ToolTurn:
    """Return a turn of somebody who said something."""
    context = HomeContext(hass)
    return ToolTurn(
        index=context.index,
        guard=Guard(clock=lambda: 0.0),
        speaker=Speaker(device_id=device_id, user_id=None, conversation_id="c"),
        utterance=utterance,
        language=language,
        here=here,
        context=Context(),
        state_words=lambda entity: context.state_words(entity, language),
    )


def context_of(turn: ToolTurn) -> llm.LLMContext:
    """Return what Home Assistant knows of a turn."""
    return llm.LLMContext(
        platform="jonh",
        context=turn.context,
        language=turn.language,
        assistant="conversation",
        device_id=turn.speaker.device_id,
    )


async def instance_of(hass: HomeAssistant, turn: ToolTurn, *apis: str) -> llm.APIInstance:
    """Return the tools of a turn."""
    return await JonhAPI(hass, turn, ["assist", *apis]).async_get_api_instance(context_of(turn))


async def call(
    hass: HomeAssistant, turn: ToolTurn, name: str, args: Mapping[str, Any]
) -> llm.ToolResult:
    """Call a tool, as the chat log does."""
    instance = await instance_of(hass, turn)
    result = await instance.async_call_tool(llm.ToolInput(tool_name=name, tool_args=dict(args)))
    await hass.async_block_till_done()
    return result


def state(hass: HomeAssistant, entity_id: str) -> str:
    """Return the state of an entity that exists."""
    found = hass.states.get(entity_id)
    assert found is not None
    return found.state


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("home_control", {"action": "off", "names": "Luz da Sala"}),
        ("home_control", {"action": "desligar", "names": ["luz da sala"]}),
        ("home_control", {"action": "turn_off", "names": '["Luz da Sala"]'}),
        ("home_control", {"action": "off", "names": "light.ceiling_lights"}),
        ("home_control", {"action": "off", "names": "Luz", "area": "Sala"}),
        ("intent__HassTurnOff", {"name": "Luz da Sala"}),
        ("HassTurnOff", {"name": "Luz da Sala", "domain": ["light"]}),
        ("light.turn_off", {"entity_id": "light.ceiling_lights"}),
        ("home_control", {"arguments": '{"action": "off", "names": "Luz da Sala"}'}),
    ],
)
async def test_calls_in_many_forms(house: HomeAssistant, name: str, args: dict[str, Any]) -> None:
    """However a model writes the call, the one light that is meant goes out."""
    turn = turn_of(house)
    result = await call(house, turn, name, args)
    assert not result.error
    assert result.data == {"result": "Luz da Sala desligada."}
    assert state(house, "light.ceiling_lights") == "off"
    assert state(house, "light.kitchen_lights") == "on"
    assert turn.targets == ["light.ceiling_lights"]
    assert turn.has_written
    [(command, [outcome])] = turn.done
    assert command.action is Action.OFF
    assert outcome.is_done


async def test_a_room_takes_its_lights_only(house: HomeAssistant) -> None:
    """Switching off a room leaves its lock, its air conditioner and its curtain alone."""
    turn = turn_of(house, "apaga tudo na sala")
    before = state(house, "lock.front_door"), state(house, "cover.living_room_window")
    result = await call(house, turn, "home_control", {"action": "off", "area": "sala"})
    assert not result.error
    assert state(house, "light.ceiling_lights") == "off"
    assert state(house, "media_player.tv") == "off"
    assert state(house, "climate.hvac") == "cool"
    assert (state(house, "lock.front_door"), state(house, "cover.living_room_window")) == before
    assert state(house, "light.kitchen_lights") == "on"
    [(command, _)] = turn.done
    assert command.is_wide


async def test_a_kind_without_a_room_is_that_of_the_speaker(house: HomeAssistant) -> None:
    """A kind means the room of the speaker, unless the whole home was said."""
    kitchen = next(area.id for area in turn_of(house).home.areas if area.name == "Cozinha")
    turn = turn_of(house, "apaga a luz", here=kitchen)
    await call(house, turn, "home_control", {"action": "off", "kind": "luzes"})
    assert state(house, "light.kitchen_lights") == "off"
    assert state(house, "light.ceiling_lights") == "on"
    turn = turn_of(house, "apaga as luzes da casa toda", here=kitchen)
    await call(house, turn, "home_control", {"action": "off", "kind": "light"})
    assert state(house, "light.ceiling_lights") == "off"


@pytest.mark.parametrize(
    ("args", "entity_id", "action"),
    [
        ({"action": "unlock", "names": "Porta da frente"}, "lock.front_door", Action.UNLOCK),
        ({"action": "off", "names": "Porta da frente"}, "lock.front_door", Action.UNLOCK),
        ({"action": "open", "names": "Portão da garagem"}, "cover.garage_door", Action.OPEN),
        ({"action": "on", "names": "Portão da garagem"}, "cover.garage_door", Action.OPEN),
    ],
)
async def test_risks_are_held(
    house: HomeAssistant, args: dict[str, Any], entity_id: str, action: Action
) -> None:
    """What opens the house waits for the person, and the model is told to be quiet."""
    await house.services.async_call(
        "cover", "close_cover", {"entity_id": "cover.garage_door"}, blocking=True
    )
    before = state(house, entity_id)
    turn = turn_of(house, "abre")
    result = await call(house, turn, "home_control", args)
    assert "ainda não feito" in str(result.data["result"])
    assert not result.error
    assert state(house, entity_id) == before
    [held] = turn.held
    assert held.action is action
    assert [target.entity_id for target in held.targets] == [entity_id]
    assert not turn.done
    assert not turn.has_written


async def test_questions_change_nothing(house: HomeAssistant) -> None:
    """A call that would change something in answer to a question is held."""
    turn = turn_of(house, "a luz da sala está ligada?")
    await call(house, turn, "home_control", {"action": "off", "names": "Luz da Sala"})
    assert state(house, "light.ceiling_lights") == "on"
    assert turn.held
    result = await call(house, turn, "list", {"action": "add", "item": "leite"})
    assert result.error


async def test_names_that_nothing_has(house: HomeAssistant) -> None:
    """A name that nothing has is said, with what may have been meant."""
    turn = turn_of(house)
    result = await call(house, turn, "home_control", {"action": "on", "names": "Luz da varanda"})
    assert result.error
    assert str(result.data["result"]).startswith("Não encontrei Luz da varanda.")
    assert not turn.done
    result = await call(house, turn, "home_control", {"action": "on", "area": "Sótão"})
    assert result.data == {"result": "Não encontrei Sótão."}
    result = await call(house, turn, "home_control", {"action": "on"})
    assert result.data == {"result": "Diga o nome, o cômodo ou o tipo."}
    result = await call(house, turn, "home_control", {"action": "dançar", "names": "TV"})
    assert result.data == {"result": "Não entendi a ação."}
    result = await call(
        house, turn, "home_control", {"action": "on", "kind": "fan", "area": "Sala"}
    )
    assert result.data == {"result": "Não há nada assim lá."}


async def test_names_of_several_things(house: HomeAssistant) -> None:
    """A name that fits several things is asked about; a list of names is all of them."""
    turn = turn_of(house)
    result = await call(house, turn, "home_control", {"action": "on", "names": "Luz"})
    assert result.data == {"result": "Pergunte qual: Luz da Sala, Luz da Cozinha?"}
    result = await call(
        house, turn, "home_control", {"action": "off", "names": "Luminária e Luz da Cozinha"}
    )
    assert not result.error
    assert state(house, "light.living_room_rgbww_lights") == "off"
    assert state(house, "light.kitchen_lights") == "off"


async def test_half_of_a_call_works(house: HomeAssistant) -> None:
    """What worked and what did not are told apart, line by line."""
    house.states.async_set("media_player.radio", "unavailable", {"friendly_name": "Rádio"})
    turn = turn_of(house)
    result = await call(
        house,
        turn,
        "home_control",
        {"action": "off", "names": ["Luz da Cozinha", "Rádio", "Jacuzzi"]},
    )
    assert not result.error
    lines = str(result.data["result"]).split("\n")
    assert lines[0] == "Luz da Cozinha desligada."
    assert lines[1] == "Rádio (Cozinha): não está respondendo"
    assert lines[2].startswith("Não encontrei Jacuzzi.")


async def test_values_of_calls(house: HomeAssistant) -> None:
    """Values reach the device in whatever form they come."""
    turn = turn_of(house)
    await call(house, turn, "HassLightSet", {"name": "Luminária", "brightness": 40})
    assert house.states.get("light.living_room_rgbww_lights").attributes["brightness"] == 102
    await call(house, turn, "home_control", {"names": "Ar-condicionado", "value": "vinte e dois"})
    assert house.states.get("climate.hvac").attributes["temperature"] == 22
    await call(house, turn, "home_control", {"action": "set", "names": "TV", "value": 20})
    assert house.states.get("media_player.tv").attributes["volume_level"] == 0.2


async def test_equal_calls_run_once(house: HomeAssistant) -> None:
    """Calls that mean the same are run once, at the same time or one after the other."""
    turn = turn_of(house)
    instance = await instance_of(house, turn)
    calls = [
        llm.ToolInput(
            tool_name="home_control", tool_args={"action": "toggle", "names": "Luz da Sala"}
        ),
        llm.ToolInput(tool_name="HassToggle", tool_args={"name": "Luz da Sala"}),
    ]
    first, second = await asyncio.gather(*(instance.async_call_tool(one) for one in calls))
    third = await instance.async_call_tool(calls[0])
    assert first == second == third
    assert len(turn.done) == 1
    assert state(house, "light.ceiling_lights") == "off"


async def test_failed_calls_may_be_tried_again(house: HomeAssistant) -> None:
    """A call that did not work is run again when it is repeated."""
    house.states.async_set("media_player.radio", "unavailable", {"friendly_name": "Rádio"})
    turn = turn_of(house)
    for _ in range(2):
        result = await call(house, turn, "home_control", {"action": "off", "names": "Rádio"})
        assert result.error
    assert len(turn.done) == 2
    assert not turn.has_written


async def test_states_are_told(house: HomeAssistant) -> None:
    """States come one to a line; a room tells of all that it has."""
    turn = turn_of(house)
    result = await call(house, turn, "home_state", {"names": "Luz da Sala"})
    assert str(result.data["result"]).startswith("Luz da Sala: ligada")
    assert turn.has_told
    assert not turn.has_written
    result = await call(house, turn, "GetLiveContext", {"area": "Cozinha", "domain": "light"})
    assert str(result.data["result"]).startswith("Luz da Cozinha: ligada")
    result = await call(house, turn, "home_state", {"area": "Cozinha"})
    assert len(str(result.data["result"]).split("\n")) == 3
    result = await call(house, turn, "home_state", {"names": "Luz"})
    assert len(str(result.data["result"]).split("\n")) == 2
    result = await call(house, turn, "home_state", {"names": "Jacuzzi"})
    assert result.error
    result = await call(house, turn, "home_state", {})
    assert result.error


async def test_states_are_read_again(house: HomeAssistant) -> None:
    """A state that changed during the turn is told as it is now."""
    turn = turn_of(house)
    await call(house, turn, "home_state", {"names": "Luz da Sala"})
    await call(house, turn, "home_control", {"action": "off", "names": "Luz da Sala"})
    result = await call(house, turn, "home_state", {"names": "Luz da Sala"})
    assert result.data == {"result": "Luz da Sala: desligada"}


async def test_forecasts(house: HomeAssistant) -> None:
    """A day that is asked for brings the forecast of that day."""
    turn = turn_of(house)
    result = await call(house, turn, "home_state", {"when": "esta semana"})
    lines = str(result.data["result"]).split("\n")
    assert sum("chuva" in line for line in lines) >= 1
    result = await call(house, turn, "HassGetWeather", {})
    assert "chuva 60" not in str(result.data["result"])


async def test_calendars(house: HomeAssistant) -> None:
    """A calendar tells its events, with day and time."""
    turn = turn_of(house)
    result = await call(house, turn, "home_state", {"kind": "calendar", "when": "hoje"})
    assert "Future Event" in str(result.data["result"]) or "Current Event" in str(
        result.data["result"]
    )


async def test_days_without_answers(house: HomeAssistant) -> None:
    """A weather station without a forecast and a calendar that fails are told as such."""
    station = {"friendly_name": "Estação", "temperature": 21}
    house.states.async_set("weather.estacao", "sunny", station)
    house.states.async_set("calendar.quebrado", "off", {"friendly_name": "Agenda"})
    for entity_id in ("weather.estacao", "calendar.quebrado"):
        async_expose_entity(house, "conversation", entity_id, should_expose=True)
    turn = turn_of(house)
    result = await call(house, turn, "home_state", {"names": "Estação", "when": "amanhã"})
    assert result.data == {"result": "Estação: ensolarado, agora 21 °\nEstação: sem previsão."}
    result = await call(house, turn, "home_state", {"names": "Agenda", "when": "hoje"})
    assert result.data == {"result": "Agenda: deu erro."}
    result = await call(house, turn, "home_state", {"kind": "vacuum"})
    assert result.data == {"result": "Não há nada assim lá."}


@pytest.mark.parametrize(
    ("when", "first", "last"),
    [
        ("hoje", 0, 0),
        ("Tomorrow", 1, 1),
        ("depois de amanhã", 2, 2),
        ("the day after tomorrow", 2, 2),
        ("pasado mañana", 2, 2),
        ("esta semana", 0, 6),
        ("2026-12-01", 0, 6),
    ],
)
async def test_days_are_understood(house: HomeAssistant, when: str, first: int, last: int) -> None:
    """A day in any of the languages is the events of that day, anything else those of a week."""
    asked: list[tuple[date, date]] = []

    async def tell(call: ServiceCall) -> ServiceResponse:
        days = (call.data["start_date_time"], call.data["end_date_time"])
        asked.append((days[0].date(), days[1].date()))
        day = dt_util.now().date().isoformat()
        events = [{"start": day, "summary": "Feira"}, {"start": "?T", "summary": "Dentista"}]
        return {"calendar.calendar_1": {"events": events}}

    house.services.async_register(
        "calendar",
        "get_events",
        tell,
        schema=probatio.Schema(
            {"start_date_time": cv.datetime, "end_date_time": cv.datetime},
            extra=probatio.ALLOW_EXTRA,
        ),
        supports_response=SupportsResponse.ONLY,
    )
    result = await call(
        house, turn_of(house), "home_state", {"names": "calendar.calendar_1", "when": when}
    )
    nothing = await call(house, turn_of(house), "home_state", {"names": "calendar.calendar_2"})
    assert nothing.data == {"result": "Calendar 2: nada marcado."}
    asked.pop()
    today = dt_util.now().date()
    assert asked == [(today + timedelta(days=first), today + timedelta(days=last + 1))]
    assert str(result.data["result"]).split("\n") == [
        f"Calendar 1: {today.isoformat()} dia todo Feira",
        "Calendar 1: ?T Dentista",
    ]


async def test_long_answers_are_cut(house: HomeAssistant) -> None:
    """A whole home is told up to a number that a model can read."""
    for number in range(STATES_MAX):
        entity_id = f"light.extra_{number}"
        house.states.async_set(entity_id, "off", {"friendly_name": f"Extra {number}"})
        async_expose_entity(house, "conversation", entity_id, should_expose=True)
    turn = turn_of(house)
    result = await call(house, turn, "home_state", {"kind": "light"})
    lines = str(result.data["result"]).split("\n")
    assert len(lines) == STATES_MAX + 1
    assert lines[-1] == "E mais 3."
    assert len(turn.targets) == STATES_MAX
    result = await call(house, turn, "home_control", {"action": "off", "kind": "light"})
    assert len(str(result.data["result"]).split("\n")) == 1


async def test_wide_commands_leave_entrances(house: HomeAssistant) -> None:
    """A garage door is not opened with the rest of a kind: it has to be named."""
    turn = turn_of(house, "abre as cortinas da casa")
    result = await call(house, turn, "home_control", {"action": "open", "kind": "cover"})
    assert "Portão da garagem: não feito" in str(result.data["result"])
    await house.services.async_call("cover", "stop_cover", {"entity_id": "all"}, blocking=True)
    [(command, _)] = turn.done
    assert "cover.garage_door" not in {target.entity_id for target in command.targets}


async def test_search(house: HomeAssistant) -> None:
    """A search tells names and states, the best first."""
    turn = turn_of(house)
    result = await call(house, turn, "find", {"query": "cortina da sala"})
    assert str(result.data["result"]).split("\n")[0].startswith("Cortina (Sala): ")
    result = await call(house, turn, "find", {"query": "xyzzy"})
    assert result.error


async def test_scripts_and_scenes(house: HomeAssistant) -> None:
    """A script or scene runs by its name; a light is no script."""
    turn = turn_of(house)
    result = await call(house, turn, "run_script", {"name": "cinema"})
    assert not result.error
    assert state(house, "light.bed_light") == "off"
    result = await call(house, turn, "script__boa_noite", {})
    assert not result.error
    result = await call(house, turn, "run_script", {"name": "TV"})
    assert result.error
    assert turn.targets == ["scene.cinema", "script.boa_noite"]


async def test_media_without_a_name(house: HomeAssistant) -> None:
    """The player that sounds is meant, wherever it stands; of two, that of the speaker."""
    turn = turn_of(house)
    result = await call(house, turn, "media", {"action": "pause"})
    assert result.error
    assert "Pergunte qual" in str(result.data["result"])
    kitchen = next(area.id for area in turn.home.areas if area.name == "Cozinha")
    turn = turn_of(house, here=kitchen)
    result = await call(house, turn, "HassMediaPause", {})
    assert not result.error
    assert state(house, "media_player.radio") == "paused"
    assert state(house, "media_player.tv") == "playing"
    turn = turn_of(house)
    await call(house, turn, "media", {"action": "set", "value": "30%"})
    assert house.states.get("media_player.tv").attributes["volume_level"] == 0.3
    await call(house, turn, "media", {"action": "stop", "name": "TV"})
    result = await call(house, turn, "media", {"action": "play", "area": "Sótão"})
    assert result.error
    result = await call(house, turn, "media", {"action": "dançar"})
    assert result.data == {"result": "Não entendi a ação."}


async def test_music_by_its_name(house: HomeAssistant) -> None:
    """A player that can search plays what it finds; another says that it cannot."""
    turn = turn_of(house)
    result = await call(house, turn, "media", {"action": "play", "query": "Queen", "name": "Rádio"})
    assert "não consegue buscar músicas" in str(result.data["result"])
    assert result.error


async def test_lists(house: HomeAssistant, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Items come and go on the shopping list, however their names are spelt."""
    turn = turn_of(house)
    result = await call(house, turn, "list", {"action": "add", "item": "leite"})
    assert result.data == {"result": "Não há listas."}
    # The list is a file, which would outlive the test.
    monkeypatch.setattr(house.config, "config_dir", str(tmp_path))
    entry = MockConfigEntry(domain="shopping_list")
    entry.add_to_hass(house)
    assert await house.config_entries.async_setup(entry.entry_id)
    await house.async_block_till_done()
    async_expose_entity(house, "conversation", "todo.shopping_list", should_expose=True)
    turn = turn_of(house)
    result = await call(
        house, turn, "list", {"action": "add", "item": "leite, Pão de Forma", "list": "compras"}
    )
    assert str(result.data["result"]).startswith("leite: adicionado à lista")
    assert turn.has_written
    result = await call(house, turn, "list", {"action": "show"})
    assert str(result.data["result"]).endswith(": leite, Pão de Forma")
    result = await call(house, turn, "list", {"action": "complete", "item": "pao"})
    assert str(result.data["result"]).startswith("Pão de Forma: concluído")
    result = await call(house, turn, "list", {"action": "remove", "item": "Leite"})
    assert not result.error
    result = await call(house, turn, "list", {"action": "show"})
    assert str(result.data["result"]).endswith(": vazia.")
    result = await call(house, turn, "list", {"action": "remove", "item": "ovos"})
    assert result.error
    assert "não está na lista" in str(result.data["result"])
    result = await call(house, turn, "list", {"action": "add"})
    assert result.data == {"result": "Pergunte o item."}
    result = await call(house, turn, "list", {"action": "dançar"})
    assert result.error
    many = ", ".join(f"item {number}" for number in range(ITEMS_MAX + 2))
    await call(house, turn, "list", {"action": "add", "item": many})
    result = await call(house, turn, "list", {"action": "show"})
    assert str(result.data["result"]).endswith("E mais 2.")


async def test_several_lists(house: HomeAssistant) -> None:
    """Of several lists the one for shopping is meant where none is named, else one is asked for."""
    names = {"todo.casa": "Tarefas da casa", "todo.mercado": "Lista de compras"}
    for entity_id, name in names.items():
        house.states.async_set(entity_id, "0", {"friendly_name": name})
        async_expose_entity(house, "conversation", entity_id, should_expose=True)
    turn = turn_of(house)
    result = await call(house, turn, "list", {"action": "add", "item": "leite"})
    assert result.data == {"result": "Lista de compras: deu erro."}
    assert turn.targets == ["todo.mercado"]
    assert not turn.has_written
    result = await call(house, turn, "list", {"action": "show", "list": "férias"})
    assert result.data == {"result": "Pergunte qual: Tarefas da casa, Lista de compras?"}
    await call(house, turn, "list", {"action": "show", "list": "tarefas da casa"})
    assert turn.targets[-1] == "todo.casa"
    turn = turn_of(house, "o que tem na lista?")
    result = await call(house, turn, "list", {"action": "add", "item": "leite"})
    assert result.data == {"result": "Não feito: foi uma pergunta. Pergunte antes se é para fazer."}


class Jukebox(MediaPlayerEntity):
    """A player that finds one song and plays it."""

    _attr_name = "Vitrola"
    _attr_unique_id = "vitrola"
    _attr_supported_features = (
        MediaPlayerEntityFeature.SEARCH_MEDIA | MediaPlayerEntityFeature.PLAY_MEDIA
    )
    _attr_state = MediaPlayerState.IDLE

    @override
    async def async_search_media(self, query: SearchMediaQuery) -> SearchMedia:
        found = BrowseMedia(
            media_class="track",
            media_content_id=f"song:{query.search_query}",
            media_content_type="music",
            title=query.search_query,
            can_play=True,
            can_expand=False,
        )
        return SearchMedia(result=[] if "nada" in query.search_query else [found])

    @override
    async def async_play_media(self, media_type: str, media_id: str, **kwargs: Any) -> None:
        self._attr_media_content_id = media_id
        self._attr_state = MediaPlayerState.PLAYING
        self.async_write_ha_state()


async def test_players_that_search(house: HomeAssistant) -> None:
    """What a query names is searched and played on the player that can, the first that fits."""
    component: EntityComponent[MediaPlayerEntity] = house.data["media_player"]
    await component.async_add_entities([Jukebox()])
    async_expose_entity(house, "conversation", "media_player.vitrola", should_expose=True)
    turn = turn_of(house, "toca Queen")
    result = await call(house, turn, "media", {"action": "play", "query": "Queen"})
    assert not result.error
    assert state(house, "media_player.vitrola") == "playing"
    found = house.states.get("media_player.vitrola").attributes["media_content_id"]
    assert found == "song:Queen"
    assert turn.done[0][0].action is Action.PLAY
    result = await call(house, turn, "media", {"query": "nada", "name": "Vitrola"})
    assert result.data == {"result": "Vitrola: não achou nada com esse nome"}


async def test_players_that_fail(house: HomeAssistant) -> None:
    """A player that is gone, or whose search fails, says so."""

    async def fail(_: ServiceCall) -> None:
        raise HomeAssistantError

    component: EntityComponent[MediaPlayerEntity] = house.data["media_player"]
    await component.async_add_entities([Jukebox()])
    async_expose_entity(house, "conversation", "media_player.vitrola", should_expose=True)
    args = {"action": "play", "query": "Queen", "name": "Vitrola"}
    for service in ("play_media", "search_media"):
        house.services.async_register("media_player", service, fail)
        result = await call(house, turn_of(house), "media", args)
        assert result.data == {"result": "Vitrola: deu erro ao executar"}
    house.states.async_set("media_player.vitrola", "unavailable")
    result = await call(house, turn_of(house), "media", args)
    assert result.data == {"result": "Vitrola: não está respondendo"}


async def test_silent_homes_have_players_too(house: HomeAssistant) -> None:
    """Where nothing sounds, the room of the speaker decides; what sounds elsewhere is meant."""
    turn = turn_of(house)
    here = {area.name: area.id for area in turn.home.areas}
    await call(house, turn_of(house), "media", {"action": "pause", "name": "Rádio"})
    turn = turn_of(house, here=here["Cozinha"])
    await call(house, turn, "media", {"action": "pause"})
    assert turn.targets == ["media_player.tv"]
    turn = turn_of(house, here=here["Cozinha"])
    await call(house, turn, "media", {"action": "play"})
    assert turn.targets == ["media_player.radio"]
    turn = turn_of(house, here=here["Garagem"])
    await call(house, turn, "media", {"action": "next"})
    assert turn.targets == ["media_player.radio"]


async def test_timers(house: HomeAssistant) -> None:
    """Timers start, change and end on a device that has them; another says that it has none."""
    turn = turn_of(house)
    result = await call(house, turn, "timer", {"action": "start", "duration": "5 minutos"})
    assert result.data == {"result": "Este aparelho não tem timers."}
    rung: list[str] = []
    unregister = async_register_timer_handler(
        house, "satellite", lambda kind, timer: rung.append(f"{kind} {timer.name}")
    )
    turn = turn_of(house, device_id="satellite")
    steps = [
        ({"action": "start"}, "Pergunte a duração."),
        ({"action": "start", "duration": "meia hora", "name": "pão"},
         "Timer iniciado: pão, 30 minutos."),
        ({"action": "status"}, "pão, 30 minutos: faltam 30 minutos"),
        ({"action": "increase", "duration": "1 hora"}, "Timer alterado."),
        ({"action": "pause"}, "Timer pausado."),
        ({"action": "status", "name": "pão"}, "pão, 30 minutos: pausado, faltam 1 hora 30 minutos"),
        ({"action": "start", "duration": "90 segundos"}, "Timer iniciado: 1 minuto 30 segundos."),
        ({"action": "cancel"}, "Há mais de um timer; pergunte qual."),
        ({"action": "cancel", "duration": "90 segundos"}, "Timer cancelado."),
        ({"action": "cancel", "name": "ovo", "duration": "9 minutos"}, "Não há esse timer."),
        ({"action": "dançar"}, "Não entendi a ação."),
        ({"action": "cancel_all"}, "Timer cancelado."),
        ({"action": "status"}, "Nenhum timer ativo."),
    ]  # fmt: skip
    for args, told in steps:
        result = await call(house, turn, "timer", args)
        line = str(result.data["result"])
        # A second may pass between start and question.
        assert line in (told, told.replace("faltam 30 minutos", "faltam 29 minutos 59 segundos"))
    assert rung[0] == "started pão"
    assert turn.has_written
    turn = turn_of(house, "que horas são?", device_id="satellite")
    result = await call(house, turn, "timer", {"action": "start", "duration": "5 minutos"})
    assert result.error
    unregister()


async def test_tools_are_the_same_for_everybody(house: HomeAssistant) -> None:
    """The tools do not depend on who asks, where, or on what is switched on."""
    here = turn_of(house).home.areas[0].id
    first = await instance_of(house, turn_of(house))
    house.states.async_set("media_player.radio", "unavailable")
    second = await instance_of(house, turn_of(house, here=here, device_id="other"))
    assert [tool.name for tool in first.tools] == [
        "find", "home_control", "home_state", "list", "media", "run_script", "timer",
    ]  # fmt: skip
    assert [(tool.name, tool.description) for tool in first.tools] == [
        (tool.name, tool.description) for tool in second.tools
    ]
    assert {tool.integration for tool in first.tools} == {"jonh"}
    assert first.api_prompt == ""


class Bell(llm.Tool):
    """A tool of somebody else's, that counts its calls."""

    def __init__(self, name: str = "bell__ring", *, is_reading: bool = False) -> None:
        self.name = name
        self.integration = "bell"
        self.description = "Ring"
        self.annotations = llm.ToolAnnotations(read_only=is_reading)
        self.called_as: list[str] = []

    @override
    async def async_call(
        self, hass: HomeAssistant, tool_input: llm.ToolInput, llm_context: llm.LLMContext
    ) -> llm.ToolResult:
        self.called_as.append(tool_input.tool_name)
        return llm.ToolResult(data={"rung": True})


class OldBell(Bell):
    """A tool that still answers as tools once did."""

    @override
    async def async_call(
        self, hass: HomeAssistant, tool_input: llm.ToolInput, llm_context: llm.LLMContext
    ) -> JsonObjectType:
        return {"rung": False}


class BellAPI(llm.API):
    """An API of one tool."""

    def __init__(self, hass: HomeAssistant, tool: llm.Tool) -> None:
        super().__init__(hass=hass, id="bells", name="Bells")
        self.tool = tool

    @override
    async def async_get_api_instance(self, llm_context: llm.LLMContext) -> llm.APIInstance:
        return llm.APIInstance(
            api=self, api_prompt="Ring gently.", llm_context=llm_context, tools=[self.tool]
        )


async def test_other_apis_join(house: HomeAssistant, caplog: pytest.LogCaptureFixture) -> None:
    """Chosen APIs bring tools and prompts; one that is gone is told once."""
    bell = Bell()
    llm.async_register_api(house, BellAPI(house, bell))
    turn = turn_of(house)
    for _ in range(2):
        instance = await instance_of(house, turn, "bells", "gone")
    assert instance.api_prompt == "Ring gently."
    assert instance.tools[-1].name == "bell__ring"
    assert caplog.text.count("gone is not available") == 1
    ring = llm.ToolInput(tool_name="bell__ring", tool_args={})
    assert (await instance.async_call_tool(ring)).data == {"rung": True}
    assert turn.has_written


async def test_other_tools_do_not_act_on_questions(house: HomeAssistant) -> None:
    """A question may read with the tools of others, and change nothing with them."""
    bell, look = Bell(), Bell("bell__look", is_reading=True)
    turn = turn_of(house, "que horas são?")

    old = OldBell(is_reading=True)
    for tool in (bell, look, old):
        unregister = llm.async_register_api(house, BellAPI(house, tool))
        instance = await instance_of(house, turn, "bells")
        answer = await instance.async_call_tool(llm.ToolInput(tool_name=tool.name, tool_args={}))
        unregister()
    assert answer == llm.ToolResult(data={"rung": False})
    assert bell.called_as == []
    assert look.called_as == ["bell__look"]
    assert turn.has_told
    assert not turn.has_written


class CrackedBell(Bell):
    """A tool with a defect."""

    @override
    async def async_call(
        self, hass: HomeAssistant, tool_input: llm.ToolInput, llm_context: llm.LLMContext
    ) -> llm.ToolResult:
        raise RuntimeError


async def test_a_defect_of_others_does_not_end_the_turn(house: HomeAssistant) -> None:
    """The model is told that the tool failed, and can say so."""
    turn = turn_of(house)
    llm.async_register_api(house, BellAPI(house, CrackedBell()))
    instance = await instance_of(house, turn, "bells")
    answer = await instance.async_call_tool(llm.ToolInput(tool_name="bell__ring", tool_args={}))
    assert answer.error
    assert "bell__ring" in str(answer.data)
    assert not turn.has_written


async def test_names_that_clash_get_a_prefix(house: HomeAssistant) -> None:
    """A tool of others under a name of ours is offered under its API's, and called by its own."""
    bell = Bell("timer")
    llm.async_register_api(house, BellAPI(house, bell))
    instance = await instance_of(house, turn_of(house), "bells")
    assert instance.tools[-1].name == "bells__timer"
    await instance.async_call_tool(llm.ToolInput(tool_name="bells__timer", tool_args={}))
    assert bell.called_as == ["timer"]


async def test_schemas_of_others_are_converted(house: HomeAssistant) -> None:
    """Each source converts its own kinds of arguments; nobody's stay as they are."""

    class Own:
        """A kind of argument that only one API knows."""

    class OwnAPI(BellAPI):
        """An API that converts its own arguments."""

        @override
        async def async_get_api_instance(self, llm_context: llm.LLMContext) -> llm.APIInstance:
            instance = await super().async_get_api_instance(llm_context)
            instance.custom_serializer = lambda kind: {"own": 1} if kind is Own else None
            return instance

    llm.async_register_api(house, OwnAPI(house, Bell()))
    convert = (await instance_of(house, turn_of(house), "bells")).custom_serializer
    assert convert is not None
    assert convert(cv.boolean) == {"type": "boolean"}
    assert convert(Own) == {"own": 1}
    assert convert(object) is probatio.UNSUPPORTED


async def test_broken_integrations_are_left_out(house: HomeAssistant) -> None:
    """An integration whose tools cannot be had costs only those."""

    class Broken:
        """An integration that fails."""

        def async_get_tools(self, *_: object) -> llm_component.LLMTools:
            raise KeyError

    class Empty:
        """An integration that has nothing for Assist."""

        def async_get_tools(self, *_: object) -> None:
            return None

    for domain, platform in (("broken", Broken()), ("empty", Empty())):
        mock_integration(house, MockModule(domain))
        mock_platform(house, f"{domain}.llm", platform)
        assert await async_setup_component(house, domain, {})
    assert len((await instance_of(house, turn_of(house))).tools) == 7


async def test_tools_of_integrations_join(house: HomeAssistant) -> None:
    """What an integration adds to Assist is offered where ours does not cover it."""

    class Platform:
        """An integration's tools for language models."""

        def async_get_tools(
            self, hass: HomeAssistant, llm_context: llm.LLMContext, api_id: str
        ) -> llm_component.LLMTools:
            return llm_component.LLMTools(tools=[Bell()], prompt="Bells ring.")

    mock_integration(house, MockModule("bell"))
    mock_platform(house, "bell.llm", Platform())
    assert await async_setup_component(house, "bell", {})
    instance = await instance_of(house, turn_of(house))
    assert [tool.name for tool in instance.tools[7:]] == ["bell__ring"]
    assert instance.api_prompt == "Bells ring."
