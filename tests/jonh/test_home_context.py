"""The exposed home as the agent sees it, kept up to date."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import floor_registry as fr
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.jonh.agent.languages import Language
from custom_components.jonh.home_context import QUIET_S, HomeContext, async_read_home
from tests.jonh.conftest import LIGHT, OLLAMA_AGENT, ask, satellite, set_up
from tests.jonh.devices import LAMP, LOCK, ROOM, add_lamp, add_lock
from tests.jonh.turns import TURN_ON, VAGUE, chats

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from homeassistant.core import HomeAssistant

    from tests.fakes.ollama import FakeOllama


@pytest.fixture
async def context(home: HomeAssistant) -> AsyncGenerator[HomeContext]:
    """Follow a home."""
    following = HomeContext(home)
    following.async_start()
    yield following
    following.async_stop()


async def rules(home: HomeAssistant, ollama: FakeOllama) -> str:
    """Return the stable part of the prompt of one more turn."""
    ollama.script({"content": "Oi."})
    await ask(home, VAGUE)
    return str(chats(ollama)[-1]["messages"][0]["content"])


async def test_the_next_turn_knows_what_changed(home: HomeAssistant, ollama: FakeOllama) -> None:
    """What is added, renamed, moved or removed is so in the very next prompt."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    assert "Abajur" not in await rules(home, ollama)
    await add_lamp(home)
    assert "Abajur" in await rules(home, ollama)
    registry = er.async_get(home)
    registry.async_update_entity(LAMP, name="Luminária")
    await home.async_block_till_done()
    told = await rules(home, ollama)
    assert "Luminária" in told
    assert "Abajur" not in told
    registry.async_update_entity(LAMP, area_id=ar.async_get(home).async_create("Sótão").id)
    await home.async_block_till_done()
    assert "Sótão: light Luminária" in await rules(home, ollama)
    registry.async_remove(LAMP)
    await home.async_block_till_done()
    assert "Luminária" not in await rules(home, ollama)


async def test_what_is_no_longer_exposed_is_out_of_reach(
    home: HomeAssistant, ollama: FakeOllama
) -> None:
    """A model that still knows the name of a light cannot switch it any more."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    ollama.script(TURN_ON)
    ollama.script({"content": "Acesa."})
    first = await ask(home, VAGUE)
    assert home.states.get(LIGHT).state == "on"
    async_expose_entity(home, "conversation", LIGHT, should_expose=False)
    turn_off = {"name": "intent__HassTurnOff", "arguments": {"name": LIGHT}}
    ollama.script({"tool_calls": [turn_off]})
    ollama.script({"content": "Não encontrei."})
    await ask(home, "muda isso de volta", conversation_id=first.conversation_id)
    assert home.states.get(LIGHT).state == "on"
    request = chats(ollama)[-2]["messages"]
    assert "Luz" not in request[0]["content"]
    assert "Luz da Sala = " not in request[-1]["content"]


@pytest.mark.parametrize("changed", ["area", "floor", "entity", "state"])
async def test_listeners_hear_of_a_change_once_it_is_quiet(
    home: HomeAssistant, context: HomeContext, changed: str
) -> None:
    """Many changes at once are told once, and only after a while; later nobody is told."""
    told: list[str] = []
    unsubscribe = context.async_add_listener(lambda: told.append("change"))
    before = context.index
    for number in range(3):
        _change(home, changed, number)
    await home.async_block_till_done()
    assert told == []
    assert context.index is not before
    await _pass(home, QUIET_S + 1)
    assert told == ["change"]
    unsubscribe()
    _change(home, changed, 9)
    await _pass(home, QUIET_S + 1)
    assert told == ["change"]


async def test_nothing_is_followed_after_the_end(home: HomeAssistant) -> None:
    """A context that was stopped keeps what it knew and tells nobody."""
    context = HomeContext(home)
    context.async_start()
    told: list[str] = []
    context.async_add_listener(lambda: told.append("change"))
    before = context.index
    context.async_stop()
    _change(home, "area", 0)
    await _pass(home, QUIET_S + 1)
    assert context.index is before
    assert told == []


async def test_the_index_is_kept(home: HomeAssistant, context: HomeContext) -> None:
    """As long as nothing changes, it is built once; states are no change."""
    before = await context.async_index()
    await home.services.async_call("light", "turn_on", {"entity_id": LIGHT}, blocking=True)
    await home.async_block_till_done()
    assert await context.async_index() is before
    assert context.index is before


async def test_a_change_while_the_index_is_built(home: HomeAssistant, context: HomeContext) -> None:
    """What was read before the change serves that turn, and no other one."""
    building = home.async_create_task(context.async_index(), eager_start=True)
    async_expose_entity(home, "conversation", LIGHT, should_expose=False)
    assert LIGHT in (await building).home.by_id
    assert LIGHT not in (await context.async_index()).home.by_id


async def test_our_own_entities_are_no_part_of_the_home(
    home: HomeAssistant, ollama: FakeOllama
) -> None:
    """What tells of a conversation is exposed by its kind, and still nobody's business."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    assert [entity.entity_id for entity in async_read_home(home).entities] == [LIGHT]


async def test_names_of_an_entity(home: HomeAssistant) -> None:
    """Blank and repeated aliases are left out, and a name there always is."""
    registry = er.async_get(home)
    registry.async_update_entity(LIGHT, aliases=["Lustre", " ", "Lustre ", er.COMPUTED_NAME])
    (light,) = async_read_home(home).entities
    assert light.names == ("Lustre", "Luz da Sala")
    registry.async_update_entity(LIGHT, aliases=[" "])
    (light,) = async_read_home(home).entities
    assert light.names == ("Luz da Sala",)


async def test_areas_and_floors(home: HomeAssistant) -> None:
    """Places come with their aliases and with the floor they are on."""
    floor = fr.async_get(home).async_create("Térreo", aliases={"Piso 0", "Embaixo"})
    area = ar.async_get(home).async_get_area_by_name(ROOM)
    assert area is not None
    ar.async_get(home).async_update(area.id, floor_id=floor.floor_id, aliases={"Sala"})
    read = async_read_home(home)
    assert read.floors[0].aliases == ("Embaixo", "Piso 0")
    assert read.areas[0].names == (ROOM, "Sala")
    assert read.areas[0].floor_id == read.floors[0].id


async def test_an_entity_is_where_its_device_is(home: HomeAssistant) -> None:
    """An entity without a room of its own stands in that of its device; without one, nowhere."""
    entry = MockConfigEntry(domain="test")
    entry.add_to_hass(home)
    device = dr.async_get(home).async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={("test", "lamp")}
    )
    area = ar.async_get(home).async_create("Cozinha")
    dr.async_get(home).async_update_device(device.id, area_id=area.id)
    registry = er.async_get(home)
    made = registry.async_get_or_create("light", "test", "lamp", device_id=device.id)
    home.states.async_set(made.entity_id, "on", {"friendly_name": "Spot"})
    home.states.async_set("light.loose", "off", {"friendly_name": "Solta"})
    for entity_id in (made.entity_id, "light.loose"):
        async_expose_entity(home, "conversation", entity_id, should_expose=True)
    registry.async_update_entity(LIGHT, area_id=None)
    found = async_read_home(home).by_id
    assert found[made.entity_id].area_id == area.id
    assert found["light.loose"].area_id is None
    assert found[LIGHT].area_id is None


async def test_where_somebody_speaks(home: HomeAssistant, ollama: FakeOllama) -> None:
    """The room of a satellite; nothing of a browser, or of a device that is gone."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    context = HomeContext(home)
    area = ar.async_get(home).async_get_area_by_name(ROOM)
    assert area is not None
    assert context.area_of_device(satellite(home)) == area.id
    assert context.area_of_device(None) is None
    assert context.area_of_device("gone") is None


async def test_states_in_words(home: HomeAssistant) -> None:
    """In the grammar of the name; what is not there any more does not answer."""
    context = HomeContext(home)
    (light,) = context.index.home.entities
    assert context.state_words(light, Language.PT_BR) == "desligada"
    assert context.state_words(light, Language.EN) == "off"
    home.states.async_remove(LIGHT)
    assert context.state_words(light, Language.PT_BR) == "sem resposta"


@pytest.mark.parametrize(
    ("members", "holds_entrance"),
    [
        ([LIGHT], False),
        ([LIGHT, LOCK], True),
        (["lock.gone", "light.group"], False),
        ("no list", False),
    ],
)
async def test_a_group_with_a_lock_in_it(
    home: HomeAssistant, members: Any, holds_entrance: bool
) -> None:
    """A group that would let somebody in is known as such, whatever it is called."""
    await add_lock(home)
    home.states.async_set("light.group", "on", {"entity_id": members})
    async_expose_entity(home, "conversation", "light.group", should_expose=True)
    assert async_read_home(home).by_id["light.group"].holds_entrance is holds_entrance


def _change(home: HomeAssistant, what: str, number: int) -> None:
    match what:
        case "area":
            ar.async_get(home).async_create(f"Quarto {number}")
        case "floor":
            fr.async_get(home).async_create(f"Andar {number}")
        case "entity":
            er.async_get(home).async_update_entity(LIGHT, name=f"Luz {number}")
        case _:
            home.states.async_set(f"light.new_{number}", "on")


async def _pass(home: HomeAssistant, seconds: float) -> None:
    async_fire_time_changed(home, dt_util.utcnow() + timedelta(seconds=seconds))
    await home.async_block_till_done(wait_background_tasks=True)
