"""The made-up homes that names and searches are measured on."""

import random

import pytest

from benchmarks.agent.homes import AREAS, make_home
from benchmarks.agent.requests import (
    invented_names,
    name_variants,
    with_noise,
    with_typo,
    without_accents,
)
from benchmarks.agent.utterances import NEEDED_MAX, utterances
from custom_components.jonh.agent.words import fold

SIZES = [20, 50, 100, 300, 1000]


@pytest.mark.parametrize("n", SIZES)
def test_a_home_has_its_size(n: int) -> None:
    """Entities and areas are as many as were asked for, each in a place that exists."""
    home = make_home(n, 3).home
    assert len(home.by_id) == n
    assert len(home.areas) == AREAS[n]
    assert {entity.area_id for entity in home.entities} <= {None, *home.area_by_id}
    assert {area.floor_id for area in home.areas} <= set(home.floor_by_id)


def test_the_same_seed_makes_the_same_home() -> None:
    """Figures can be measured again; another seed makes another home."""
    assert make_home(100, 3).home == make_home(100, 3).home
    assert make_home(100, 3).home != make_home(100, 4).home


@pytest.mark.parametrize("n", SIZES)
def test_no_two_entities_of_an_area_have_one_name(n: int) -> None:
    """Nobody could tell them apart, so nobody could be right about them."""
    home = make_home(n, 3).home
    names = [(fold(entity.name), entity.area_id) for entity in home.entities]
    assert len(names) == len(set(names))


def test_a_large_home_has_what_homes_have() -> None:
    """Many domains, aliases, brands, names with and without their area."""
    made = make_home(1000, 3)
    home = made.home
    assert len({entity.domain for entity in home.entities}) >= 16
    assert any(entity.aliases for entity in home.entities)
    assert made.branded
    with_area = sum(
        any(fold(name) in fold(entity.name) for name in area.names)
        for entity in home.entities
        if (area := home.area_of(entity))
    )
    assert 0.3 < with_area / len(home.entities) < 0.7


def test_requests_are_about_what_exists() -> None:
    """Every sentence needs entities of the home, and few enough to be listed."""
    made = make_home(100, 3)
    said = utterances(made, random.Random(1), 300)
    assert len(said) == 300
    assert all(0 < len(one.needed) <= NEEDED_MAX for one in said)
    assert all(one.needed <= set(made.home.by_id) for one in said)
    assert not any("{" in one.text or "<" in one.text for one in said)
    assert len({one.kind for one in said}) >= 10


def test_names_are_written_in_many_ways() -> None:
    """Each kind of the table is there, and no invented name is one of the home."""
    made = make_home(300, 3)
    kinds = {case.kind for case in name_variants(made, random.Random(1))}
    assert {"exact", "typo", "printed", "short and area", "area in the name", "english"} <= kinds
    known = {fold(name) for entity in made.home.entities for name in entity.names}
    assert not known & {fold(name) for name in invented_names(made, random.Random(1))}


def test_a_typo_is_one_wrong_letter() -> None:
    """A word that is long enough changes, a name of short words has none to change."""
    assert with_typo("TV", random.Random(1)) is None
    typos = {with_typo("Luz da Cozinha", random.Random(seed)) for seed in range(20)}
    assert "Luz da Cozinha" not in typos
    assert len(typos) > 10


def test_noise_changes_its_share_of_words() -> None:
    """Without noise nothing changes, with all of it nearly nothing stays."""
    text = "acende a luz da sala de estar"
    assert with_noise(text, random.Random(1), 0.0) == text
    assert with_noise(text, random.Random(1), 1.0) != text


def test_accents_go_and_letters_stay() -> None:
    """Case stays as it is."""
    assert without_accents("Ar da Suíte") == "Ar da Suite"
