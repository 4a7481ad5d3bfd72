"""What people and small models call things leads to the things, or to a question."""

import pytest

from benchmarks.agent import names
from custom_components.jonh.agent.home import Area, Entity, Floor, Home
from custom_components.jonh.agent.names.resolver import CANDIDATES_MAX, Quality, Resolver


def _entity(entity_id: str, name: str, area_id: str | None = None, *aliases: str) -> Entity:
    return Entity(entity_id=entity_id, name=name, area_id=area_id, aliases=aliases)


HOME = Home(
    floors=(
        Floor(id="f0", name="Térreo", aliases=("Andar de baixo",)),
        Floor(id="f1", name="Primeiro andar"),
    ),
    areas=(
        Area(id="sala", name="Sala de Estar", aliases=("Sala",), floor_id="f0"),
        Area(id="jantar", name="Sala de Jantar", floor_id="f0"),
        Area(id="cozinha", name="Cozinha", floor_id="f0"),
        Area(id="suite", name="Suíte", floor_id="f1"),
        Area(id="joao", name="Quarto do João", floor_id="f1"),
        Area(id="ana", name="Quarto da Ana", floor_id="f1"),
        Area(id="garagem", name="Garagem"),
        Area(id="lavanderia", name="Lavanderia"),
    ),
    entities=(
        _entity("light.luz_sala", "Luz da Sala", "sala"),
        _entity("light.abajur", "Abajur", "sala", "Luminária"),
        _entity("light.luz_jantar", "Luz", "jantar"),
        _entity("light.luz_suite", "Luz da Suíte", "suite"),
        _entity("light.abajur_suite", "Abajur", "suite"),
        _entity("light.luz_joao_1", "Luz 1 do Quarto do João", "joao"),
        _entity("light.luz_joao_2", "Luz 2 do Quarto do João", "joao"),
        _entity("light.luz_lavanderia", "Luz da Lavanderia", "lavanderia"),
        _entity("climate.ar_sala", "Ar-condicionado", "sala"),
        _entity("fan.ventilador", "Ventilador", "joao"),
        _entity("media_player.tv", "TV", "sala", "Televisão da Sala"),
        _entity("cover.portao", "Portão da Garagem", "garagem"),
        _entity("binary_sensor.porta", "Porta", "garagem"),
        _entity("switch.cafeteira", "Tomada da Cafeteira", "cozinha", "Cafeteira"),
        _entity("switch.sonoff", "Sonoff Mini 3", "cozinha"),
        _entity("vacuum.robo", "Aspirador", "cozinha"),
        _entity("scene.cinema", "Cinema"),
        _entity("script.sair", "Sair de Casa"),
        _entity("light.cinema", "Cinema", "jantar"),
        _entity("switch.tomada_a", "Tomada A", "lavanderia"),
        _entity("switch.tomada_b", "Tomada B", "lavanderia"),
        _entity("light.avo", "Luz do Avô", "ana"),
        _entity("light.avo_2", "Luz da Avó", "ana"),
    ),
)
RESOLVER = Resolver(HOME)


def _ids(found_by: object) -> list[str]:
    return [entity.entity_id for entity in found_by]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("said", "entity_id"),
    [
        ("Luz da Sala", "light.luz_sala"),
        ("luz da sala", "light.luz_sala"),
        (" LUZ DA SALA ", "light.luz_sala"),
        ("light.luz_sala", "light.luz_sala"),
        ("Luz da Suíte", "light.luz_suite"),
        ("sonoff mini 3", "switch.sonoff"),
        ("Televisão da sala", "media_player.tv"),
        ("Cafeteira", "switch.cafeteira"),
        ("luz do avô", "light.avo"),
        ("luz da avó", "light.avo_2"),
    ],
)
def test_a_name_as_it_is_written_is_exact(said: str, entity_id: str) -> None:
    """Case does not matter, accents tell alike names apart."""
    found = RESOLVER.entity(said)
    assert (_ids(found.entities), found.quality) == ([entity_id], Quality.EXACT)
    assert found.entity is HOME.by_id[entity_id]


@pytest.mark.parametrize(
    ("said", "entity_id"),
    [
        ("luz da suite", "light.luz_suite"),
        ("a luz da sala", "light.luz_sala"),
        ("na Luz da Sala", "light.luz_sala"),
        ("luz sala", "light.luz_sala"),
        ("sala luz", "light.luz_sala"),
        ("Luz, Sala", "light.luz_sala"),
        ("Sala, Luz", "light.luz_sala"),
        ("Luz (Sala)", "light.luz_sala"),
        ("Luz da Sala de Estar", "light.luz_sala"),
        ("luz sala de estar", "light.luz_sala"),
        ("Luz da Sala, Sala de Estar", "light.luz_sala"),
        ("abajur da sala", "light.abajur"),
        ("luminaria da sala de estar", "light.abajur"),
        ("Abajur, Luminária", "light.abajur"),
        ("Abajur=Luminária", "light.abajur"),
        ("Abajur=Luminária (Sala)", "light.abajur"),
        ("luz da sala de jantar", "light.luz_jantar"),
        ("luz_suite", "light.luz_suite"),
        ("ar condicionado da sala", "climate.ar_sala"),
        ("arcondicionado da sala", "climate.ar_sala"),
        ("ar da sala", "climate.ar_sala"),
        ("Tele visão da Sala", "media_player.tv"),
        ("a tomada da cafeteira", "switch.cafeteira"),
        ("Sonoff Mini 3 (switch)", "switch.sonoff"),
        ("luz dois do quarto do joão", "light.luz_joao_2"),
        ("the living room light", "light.luz_sala"),
        ("living room tv", "media_player.tv"),
        ("dining room light", "light.luz_jantar"),
        ("João's room fan", "fan.ventilador"),
        ("laundry light", "light.luz_lavanderia"),
        ("robot vacuum", "vacuum.robo"),
        ("garage gate", "cover.portao"),
        ("leaving home", "script.sair"),
    ],
)
def test_every_word_right_is_close(said: str, entity_id: str) -> None:
    """Accents, articles, order, areas, lists of names, joined words and language are forgiven."""
    found = RESOLVER.entity(said)
    assert (_ids(found.entities), found.quality) == ([entity_id], Quality.CLOSE)


@pytest.mark.parametrize(
    ("said", "entity_id"),
    [
        ("Luz da Sals", "light.luz_sala"),
        ("Lus da Sala", "light.luz_sala"),
        ("Luz da Salla", "light.luz_sala"),
        ("Luz dq Sala", "light.luz_sala"),
        ("Lzu dq Sala", "light.luz_sala"),
        ("Sonof Mini 3", "switch.sonoff"),
        ("ventiladro", "fan.ventilador"),
        ("luz da lavandaira", "light.luz_lavanderia"),
        ("Luz 1 do Quarto do Jaoo", "light.luz_joao_1"),
    ],
)
def test_one_misspelt_word_is_fuzzy(said: str, entity_id: str) -> None:
    """One letter of one word, or two of a long one, may be wrong."""
    found = RESOLVER.entity(said)
    assert (_ids(found.entities), found.quality) == ([entity_id], Quality.FUZZY)


@pytest.mark.parametrize(
    "said",
    [
        "Luz da Piscina",
        "Luz da Cozinha",
        "Aquecedor",
        "Aquecedor da Sala",
        "Ventilador da Sala",
        "Persiana da Sala",
        "Luz 3 do Quarto do João",
        "Luz 11 do Quarto do João",
        "Sonoff Mini 4",
        "Tomada C",
        "Sals da Lus",
        "TW da sala",
        "Luz da Sala Grande",
        "Sala de Estar",
        "Lua",
        "luz da lua",
        "",
        "a",
        "???",
        "Luz, Piscina",
    ],
)
def test_what_does_not_exist_is_not_found(said: str) -> None:
    """No word is left out, no number is guessed, and nothing stands for another thing."""
    found = RESOLVER.entity(said)
    assert (found.entities, found.entity) == ((), None)


@pytest.mark.parametrize("here", [None, "sala", "joao", "cozinha"])
def test_nothing_is_invented_wherever_one_stands(here: str | None) -> None:
    """The room of the speaker never makes up for a word that nothing has."""
    assert RESOLVER.entity("luz da lua", here=here).entities == ()
    assert RESOLVER.entity("luz da piscina", here=here).entities == ()


@pytest.mark.parametrize(
    ("said", "area_id", "entity_id"),
    [
        ("Luz", "sala", "light.luz_sala"),
        ("luz", "jantar", "light.luz_jantar"),
        ("Abajur", "suite", "light.abajur_suite"),
        ("light", "suite", "light.luz_suite"),
        ("Luz 2", "joao", "light.luz_joao_2"),
        ("light Luz", "suite", "light.luz_suite"),
        ("abajru", "suite", "light.abajur_suite"),
        ("Cinema", "sala", "scene.cinema"),
        ("Luz da Suíte", "sala", "light.luz_suite"),
    ],
)
def test_a_short_name_is_found_in_the_area(said: str, area_id: str, entity_id: str) -> None:
    """An area that is named apart decides; what names another area, or has none, is found too."""
    assert _ids(RESOLVER.entity(said, area_id=area_id).entities) == [entity_id]


def test_a_list_of_names_stays_in_the_area() -> None:
    """The lamp of the room is meant, not one elsewhere that has just these names."""
    home = Home(
        areas=(Area(id="copa", name="Copa"), Area(id="sala", name="Sala")),
        entities=(
            _entity("light.copa", "Luz da Copa", "copa", "Lâmpada"),
            _entity("light.sala", "Luz", "sala", "Lâmpada"),
        ),
    )
    resolver = Resolver(home)
    assert _ids(resolver.entity("Luz=Lâmpada", area_id="copa").entities) == ["light.copa"]
    assert _ids(resolver.entity("Luz, Lâmpada", area_id="sala").entities) == ["light.sala"]
    assert _ids(resolver.entity("Luz, Lâmpada (Copa)").entities) == ["light.copa"]


@pytest.mark.parametrize(
    ("said", "area_id"), [("Ventilador", "sala"), ("Luz", "garagem"), ("Aspirador", "suite")]
)
def test_a_short_name_is_not_found_in_another_area(said: str, area_id: str) -> None:
    """The fan of another room is not the one that was meant, but may be asked about."""
    found = RESOLVER.entity(said, area_id=area_id)
    assert found.entities == ()
    assert found.candidates


def test_equals_are_all_returned() -> None:
    """The caller asks which of them is meant."""
    found = RESOLVER.entity("Abajur")
    assert _ids(found.entities) == ["light.abajur", "light.abajur_suite"]
    assert found.entity is None


def test_a_room_of_doors_is_asked_about() -> None:
    """In English, a "garage door" may be the gate or a door in the garage."""
    found = RESOLVER.entity("garage door")
    assert set(_ids(found.entities)) == {"cover.portao", "binary_sensor.porta"}


@pytest.mark.parametrize(
    ("said", "here", "entity_ids"),
    [
        ("abajur", "suite", ["light.abajur_suite"]),
        ("luz", "suite", ["light.luz_suite"]),
        ("luz", "sala", ["light.luz_sala"]),
        ("abajur da sala", "suite", ["light.abajur"]),
        ("abajur", "cozinha", ["light.abajur", "light.abajur_suite"]),
        ("aspirador", "suite", ["vacuum.robo"]),
    ],
)
def test_the_speakers_room_decides_between_equals(
    said: str, here: str, entity_ids: list[str]
) -> None:
    """It narrows, and never keeps anything from being found elsewhere."""
    assert _ids(RESOLVER.entity(said, here=here).entities) == entity_ids


@pytest.mark.parametrize(
    ("said", "domains", "entity_ids"),
    [
        ("cinema", ["scene"], ["scene.cinema"]),
        ("cinema", ["light", "switch"], ["light.cinema"]),
        ("cinema", ["fan"], ["scene.cinema"]),
        ("garage door", ["cover"], ["cover.portao"]),
        ("ventilador", ["light"], ["fan.ventilador"]),
        ("cinemma", ["light"], ["light.cinema"]),
    ],
)
def test_wanted_domains_come_first(said: str, domains: list[str], entity_ids: list[str]) -> None:
    """A domain decides between equals; without any in it, the others are found as ever."""
    assert _ids(RESOLVER.entity(said, domains=domains).entities) == entity_ids


def test_a_right_word_elsewhere_beats_a_misspelling_in_the_domain() -> None:
    """A wanted domain does not turn a name that exists into a misspelling of another."""
    home = Home(
        entities=(_entity("light.porco", "Porca"), _entity("switch.porta", "Portal da Frente"))
    )
    resolver = Resolver(home)
    assert resolver.entity("Porca", domains=["switch"]).quality is Quality.EXACT


def test_candidates_share_the_rarest_words() -> None:
    """Who asks for what is not there hears what comes nearest, the room first."""
    found = RESOLVER.entity("Abajur da Cozinha", here="suite")
    assert _ids(found.candidates)[0] in {"light.abajur_suite", "light.abajur"}
    assert 0 < len(found.candidates) <= CANDIDATES_MAX


def test_candidates_forgive_more_misspellings() -> None:
    """A guess may be bolder than a command."""
    found = RESOLVER.entity("asspirradorr")
    assert found.entities == ()
    assert _ids(found.candidates) == ["vacuum.robo"]


def test_nothing_in_common_has_no_candidates() -> None:
    """What shares no word with anything is just not found."""
    assert RESOLVER.entity("xyz").candidates == ()


@pytest.mark.parametrize(
    ("said", "area_id"),
    [
        ("Sala de Estar", "sala"),
        ("sala", "sala"),
        ("a sala", "sala"),
        ("sala de estar, sala", "sala"),
        ("Sala de Estar=Sala", "sala"),
        ("living room", "sala"),
        ("suite", "suite"),
        ("the master bedroom", "suite"),
        ("quarto do joao", "joao"),
        ("João's room", "joao"),
        ("ana's bedroom", "ana"),
        ("cozinah", "cozinha"),
        ("lavandaira", "lavanderia"),
        ("jantar", "jantar"),
        ("quarto", None),
        ("piscina", None),
        ("garagem, cozinha", None),
        ("", None),
        ("joao", "joao"),
    ],
)
def test_areas_are_found_with_the_same_forgiveness(said: str, area_id: str | None) -> None:
    """Names, aliases, ids, lists, languages and misspellings lead to one area, or to none."""
    found = RESOLVER.area(said)
    assert (found.id if found else None) == area_id


def test_an_area_that_two_could_be_is_none() -> None:
    """Between two areas that mean the same in English, none is guessed."""
    home = Home(areas=(Area(id="v", name="Varanda"), Area(id="s", name="Sacada")))
    resolver = Resolver(home)
    assert resolver.area("balcony") is None
    assert resolver.area("sacada") is home.area_by_id["s"]


@pytest.mark.parametrize(
    ("said", "floor_id"),
    [
        ("térreo", "f0"),
        ("no terreo", "f0"),
        ("andar de baixo", "f0"),
        ("ground floor", "f0"),
        ("downstairs", "f0"),
        ("first floor", "f1"),
        ("andar de cima", "f1"),
        ("f1", "f1"),
        ("segundo andar", None),
        ("sala", None),
    ],
)
def test_floors_are_found_too(said: str, floor_id: str | None) -> None:
    """Floors have names, aliases and English words as areas have."""
    found = RESOLVER.floor(said)
    assert (found.id if found else None) == floor_id


def test_an_empty_home_knows_nothing() -> None:
    """Before anything is exposed, nothing is found and nothing breaks."""
    resolver = Resolver(Home())
    assert resolver.entity("luz").entities == ()
    assert resolver.area("sala") is None
    assert resolver.floor("térreo") is None


@pytest.mark.parametrize("n", [20, 100])
def test_names_of_made_up_homes_are_understood(n: int) -> None:
    """Nearly all ways to write a name are understood, none as another, and few are invented."""
    figures = names.measure(n, seeds=(7,))
    assert figures["resolved_percent"] >= 98.5
    assert figures["wrong"] == 0
    assert figures["invented_resolved_percent"] <= 0.3
