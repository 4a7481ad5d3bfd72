"""Which entities a sentence may be about, best first."""

import pytest

from benchmarks.agent import retrieval
from custom_components.jonh.agent.home import Area, Entity, Floor, Home
from custom_components.jonh.agent.names.retrieve import Retriever


def _entity(
    entity_id: str, name: str, area_id: str | None = None, device_class: str | None = None
) -> Entity:
    return Entity(entity_id=entity_id, name=name, area_id=area_id, device_class=device_class)


ROOMS = {
    "sala": "Sala de Estar",
    "jantar": "Sala de Jantar",
    "cozinha": "Cozinha",
    "suite": "Suíte",
    "escritorio": "Escritório",
}
HOME = Home(
    floors=(Floor(id="terreo", name="Térreo"), Floor(id="cima", name="Andar de cima")),
    areas=tuple(
        Area(
            id=area_id,
            name=name,
            aliases=("Sala",) if area_id == "sala" else (),
            floor_id="cima" if area_id == "suite" else "terreo",
        )
        for area_id, name in ROOMS.items()
    ),
    entities=(
        *(_entity(f"light.{area_id}", "Luz", area_id) for area_id in ROOMS),
        *(_entity(f"light.spot_{area_id}", "Spot", area_id) for area_id in ROOMS),
        *(
            _entity(f"sensor.t_{area_id}", f"Temperatura {name}", area_id, "temperature")
            for area_id, name in ROOMS.items()
        ),
        *(_entity(f"cover.{area_id}", "Cortina", area_id, "curtain") for area_id in ROOMS),
        _entity("climate.suite", "Split", "suite"),
        _entity("media_player.sala", "TV", "sala", "tv"),
        _entity("vacuum.robo", "Dinda", "cozinha"),
        _entity("lock.frente", "Porta da Frente", "sala"),
        _entity("switch.sonoff", "Sonoff Mini 3", "escritorio"),
        Entity(entity_id="switch.cafe", name="Tomada 7", aliases=("Cafeteira",), area_id="cozinha"),
        _entity("todo.compras", "Mercado"),
        _entity("scene.cinema", "Noite de Filme"),
    ),
)
RETRIEVER = Retriever(HOME)


def _ids(text: str, k: int, here: str | None = None, recent: tuple[str, ...] = ()) -> list[str]:
    found = RETRIEVER.relevant(text, k=k, here=here, recent=recent)
    return [entity.entity_id for entity in found]


@pytest.mark.parametrize(
    ("text", "here", "first"),
    [
        ("acende a luz da cozinha", None, "light.cozinha"),
        ("acende a luz da cozinha", "suite", "light.cozinha"),
        ("acende a luz", "suite", "light.suite"),
        ("acende a luz da sala", None, "light.sala"),
        ("acende a luz da sala de jantar", None, "light.jantar"),
        ("qual a temperatura do escritório", "sala", "sensor.t_escritorio"),
        ("quantos graus está fazendo aqui", "suite", "sensor.t_suite"),
        ("acende a luz nesta sala", "cozinha", "light.cozinha"),
        ("liga a cafeteira", None, "switch.cafe"),
        ("liga o sonoff mini 3", None, "switch.sonoff"),
        ("liga a sonof mini 3", None, "switch.sonoff"),
        ("aspira a casa", None, "vacuum.robo"),
        ("tranca a porta", None, "lock.frente"),
        ("põe leite na lista", None, "todo.compras"),
        ("liga o ar", None, "climate.suite"),
        ("liga a televisão", None, "media_player.sala"),
        ("aumenta o volume", None, "media_player.sala"),
        ("turn on the kitchen light", None, "light.cozinha"),
        ("open the office curtain", "sala", "cover.escritorio"),
        ("movie night", None, "scene.cinema"),
        ("acende a luz da cosinha", None, "light.cozinha"),
        ("abre a cortina do escritorrio", None, "cover.escritorio"),
    ],
)
def test_what_was_meant_comes_first(text: str, here: str | None, first: str) -> None:
    """Names, kinds, places, verbs, the speaker's room, English and misheard words all count."""
    assert _ids(text, 4, here)[0] == first


@pytest.mark.parametrize(
    ("text", "here", "expected"),
    [
        ("apaga as luzes da cozinha", None, {"light.cozinha", "light.spot_cozinha"}),
        ("apaga as luzes", "suite", {"light.suite", "light.spot_suite"}),
        ("turn off the lights here", "jantar", {"light.jantar", "light.spot_jantar"}),
        (
            "abre a cortina da suíte e a cortina da cozinha",
            None,
            {"cover.suite", "cover.cozinha"},
        ),
        ("pôr o brilho em 20", "sala", {"light.sala", "light.spot_sala"}),
    ],
)
def test_everything_that_was_meant_is_there(
    text: str, here: str | None, expected: set[str]
) -> None:
    """A kind in a room is all that is of it, whatever its name; two targets are two."""
    assert expected <= set(_ids(text, 4, here))


def test_a_floor_speaks_for_its_rooms() -> None:
    """A storey is a place as a room is."""
    assert _ids("apaga a luz do andar de cima", 1) == ["light.suite"]


@pytest.mark.parametrize("k", [1, 3, 12])
def test_no_more_than_asked_for(k: int) -> None:
    """The list is as long as it may be, and holds nothing twice."""
    found = _ids("acende a luz da sala", k, "suite", ("cover.suite", "light.sala"))
    assert len(found) == k
    assert len(set(found)) == k


def test_what_is_about_nothing_finds_nothing() -> None:
    """Small talk outside every room needs no device."""
    assert _ids("xyz", 8) == []
    assert _ids("", 8) == []


def test_small_talk_in_a_room_finds_the_room() -> None:
    """Without any hint, what is near the speaker is the best guess."""
    assert {HOME.by_id[i].area_id for i in _ids("xyz", 4, "suite")} == {"suite"}


def test_an_unknown_room_of_the_speaker_is_nothing() -> None:
    """A satellite may stand in an area that has gone."""
    assert _ids("acende a luz da cozinha", 1, "gone") == ["light.cozinha"]


def test_previous_targets_are_kept() -> None:
    """To say "apaga ela" needs what was spoken of before, though nothing in it says so."""
    found = _ids("apaga a luz da cozinha", 4, recent=("cover.suite", "gone", "vacuum.robo"))
    assert found[-1] == "cover.suite"
    assert len(found) == 4


def test_previous_targets_that_are_meant_again_keep_their_place() -> None:
    """What is found anyway takes no second place."""
    plain = _ids("apaga a luz da cozinha", 4)
    assert _ids("apaga a luz da cozinha", 4, recent=("light.cozinha",)) == plain


def test_an_empty_home_has_nothing() -> None:
    """Before anything is exposed, nothing breaks."""
    assert Retriever(Home()).relevant("acende a luz", k=8) == []


@pytest.mark.parametrize(("noise_ratio", "least"), [(0.0, 99.0), (0.15, 95.0)])
def test_made_up_homes_are_searched_well(noise_ratio: float, least: float) -> None:
    """Nearly always, everything that a sentence needs is among the first twelve."""
    figures = retrieval.measure(300, seeds=(7,), noise_ratio=noise_ratio, count=300)
    assert figures["ours_percent"][12] >= least
    assert figures["ours_percent"][12] > figures["bm25_percent"][12]
