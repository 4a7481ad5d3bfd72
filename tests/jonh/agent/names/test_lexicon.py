"""Rooms and devices by their words, in three languages."""

import pytest

from custom_components.jonh.agent.home import Entity
from custom_components.jonh.agent.languages import Language
from custom_components.jonh.agent.names.cues import cued_domains, is_everyday
from custom_components.jonh.agent.names.lexicon import (
    MEANINGS_MAX,
    Kind,
    concepts,
    concepts_of_word,
    content_words,
    is_article,
    is_known,
    is_word,
    kind_of,
    kind_of_concept,
    meanings,
    name_in,
    naming_words,
    phrases,
)
from custom_components.jonh.agent.words import fold


@pytest.mark.parametrize(
    ("said", "domains", "device_classes"),
    [
        ("luz", {"light"}, set()),
        ("luzes", {"light"}, set()),
        ("lights", {"light"}, set()),
        ("as lâmpadas", {"light"}, set()),
        ("bombillas", {"light"}, set()),
        ("lamp", {"light"}, set()),
        ("ventiladores", {"fan"}, set()),
        ("ar-condicionado", {"climate"}, set()),
        ("arcondicionado", {"climate"}, set()),
        ("ar", {"climate"}, set()),
        ("cortinas", {"cover"}, {"curtain"}),
        ("curtains", {"cover"}, {"curtain"}),
        ("persiana", {"cover"}, {"blind", "shade"}),
        ("o portão", {"cover"}, {"gate", "garage"}),
        ("portões", {"cover"}, {"gate", "garage"}),
        ("o portão da garagem", {"cover"}, {"garage"}),
        ("garage door", {"cover"}, {"garage"}),
        ("tomadas", {"switch"}, {"outlet"}),
        ("caixas de som", {"media_player"}, {"speaker"}),
        ("smart speakers", {"media_player"}, {"speaker"}),
        ("temperatura", {"sensor"}, {"temperature"}),
        ("quantos graus", {"sensor"}, {"temperature"}),
        ("robot vacuum", {"vacuum"}, set()),
        ("lista de compras", {"todo"}, set()),
        ("fechadura", {"lock"}, set()),
        ("sensores", {"sensor", "binary_sensor"}, set()),
    ],
)
def test_a_word_names_a_kind(said: str, domains: set[str], device_classes: set[str]) -> None:
    """Singular, plural, articles and three languages lead to domains and device classes."""
    assert kind_of(said) == Kind(
        domains=frozenset(domains), device_classes=frozenset(device_classes)
    )


@pytest.mark.parametrize("said", ["sala", "kitchen", "luz da sala", "principal", "xyz", "", "a"])
def test_rooms_and_names_have_no_kind(said: str) -> None:
    """A kind is one word or phrase of the table; anything else has none."""
    assert kind_of(said) is None


@pytest.mark.parametrize(
    ("said", "entity_id", "device_class", "is_included"),
    [
        ("luz", "light.a", None, True),
        ("luz", "switch.a", None, False),
        ("cortina", "cover.a", "curtain", True),
        ("cortina", "cover.a", "garage", False),
        ("cortina", "cover.a", None, False),
        ("porta", "lock.a", None, True),
        ("porta", "binary_sensor.a", "door", True),
        ("porta", "binary_sensor.a", "window", False),
    ],
)
def test_a_kind_includes_what_is_surely_of_it(
    said: str, entity_id: str, device_class: str | None, *, is_included: bool
) -> None:
    """An unknown class is not taken for the wanted one: a cover may be a garage door."""
    kind = kind_of(said)
    entity = Entity(entity_id=entity_id, name="A", device_class=device_class)
    assert kind is not None
    assert kind.includes(entity) is is_included


@pytest.mark.parametrize("word", ["a", "o", "as", "the", "el", "uma"])
def test_articles_of_all_languages_are_articles(word: str) -> None:
    """Articles are known in each language."""
    assert is_article(word)


@pytest.mark.parametrize("word", ["da", "luz", "on", ""])
def test_other_words_are_no_articles(word: str) -> None:
    """Prepositions join names too, but are no articles."""
    assert not is_article(word)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a Luz da Sala", ("luz", "sala")),
        ("the living room light", ("living", "room", "light")),
        ("João's room", ("joao", "room")),
        ("Tomada A", ("tomada", "a")),
        ("o", ("o",)),
        ("", ()),
    ],
)
def test_content_words_leave_out_what_only_joins(text: str, expected: tuple[str, ...]) -> None:
    """Articles and prepositions go, but no name ends with one."""
    assert content_words(text) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("luz da sala", "living room light"),
        ("Luz da Sala de Estar", "lounge light"),
        ("quarto do João", "João's bedroom"),
        ("abajur do quarto", "bedroom lamp"),
        ("luminária de piso da copa", "breakfast room floor lamp"),
        ("fechadura da porta da frente", "front door lock"),
        ("portão da garagem", "garage door"),
        ("tomada 2 da cozinha", "kitchen outlet two"),
        ("cortina do escritório", "office curtain"),
        ("banheiro das crianças", "kids' bathroom"),
        ("ventilador de teto da varanda", "porch ceiling fan"),
        ("luz do comedor", "dining room light"),
    ],
)
def test_names_mean_the_same_in_two_languages(one: str, other: str) -> None:
    """Some meaning of a name in one language is one in the other, whatever the order."""
    first = {frozenset(meaning) for meaning in meanings(content_words(one))}
    second = {frozenset(meaning) for meaning in meanings(content_words(other))}
    assert first & second


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("cortina da sala", "persiana da sala"),
        ("abajur", "luz"),
        ("ventilador", "aquecedor"),
        ("varanda", "sacada"),
        ("suíte", "quarto de casal"),
        ("oficina", "escritório"),
        ("porta da garagem", "portão da garagem"),
        ("sala", "sala de jantar"),
        ("luz 1", "luz 2"),
    ],
)
def test_neighbours_stay_apart(one: str, other: str) -> None:
    """What may stand side by side in a home never means the same."""
    first = {frozenset(meaning) for meaning in meanings(content_words(one))}
    second = {frozenset(meaning) for meaning in meanings(content_words(other))}
    assert not first & second


def test_meanings_are_limited() -> None:
    """Words with several meanings do not multiply without end."""
    assert len(meanings(("lamp",) * 20)) == MEANINGS_MAX


def test_phrases_are_as_long_as_the_tables_have_them() -> None:
    """A longer phrase is not broken into the shorter ones in it."""
    assert phrases(("luz", "sala", "jantar", "xyz")) == (
        (("luz",), ("LIGHT",)),
        (("sala", "jantar"), ("DINING_ROOM",)),
        (("xyz",), ()),
    )


def test_concepts_are_those_of_all_meanings() -> None:
    """Every concept of a phrase is named, words without one are not."""
    assert concepts(("living", "room", "lamp", "xyz")) == {
        "LIVING_ROOM",
        "TABLE_LAMP",
        "LUMINAIRE",
        "FLOOR_LAMP",
    }
    assert concepts_of_word("luz") == ("LIGHT",)
    assert concepts_of_word("xyz") == ()


def test_a_concept_has_the_kind_of_its_row() -> None:
    """Devices have a kind, rooms have none."""
    assert kind_of_concept("LIGHT") == kind_of("luz")
    assert kind_of_concept("KITCHEN") is None


def test_every_word_of_the_tables_is_folded_and_known() -> None:
    """A word with an accent or a capital would never be found."""
    assert all(fold(word) == word for word in naming_words())
    assert is_known("cozinha")
    assert is_known("kitchen")
    assert not is_known("xyz")


def test_other_words_are_words_without_naming_anything() -> None:
    """A "porto" is no misspelt "porta", and names no device or room either."""
    assert is_word("porto")
    assert is_word("porta")
    assert not is_known("porto")
    assert not is_word("porrta")


def test_a_word_that_ends_in_s_has_no_other_plural() -> None:
    """No plural is made of a plural."""
    assert not is_known("comprass")


@pytest.mark.parametrize(
    ("said", "domain"),
    [
        ("acende", "light"),
        ("abre", "cover"),
        ("tranca", "lock"),
        ("unlock", "lock"),
        ("volume", "media_player"),
        ("aspira", "vacuum"),
        ("arma", "alarm_control_panel"),
        ("graus", "climate"),
        ("comprar", "todo"),
    ],
)
def test_verbs_point_to_domains(said: str, domain: str) -> None:
    """What is said of devices tells their domain."""
    assert domain in cued_domains([said, "xyz"])


def test_unnaming_words_point_nowhere() -> None:
    """A word without a cue gives no domain."""
    assert cued_domains(["xyz"]) == frozenset()


@pytest.mark.parametrize(("word", "expected"), [("acende", True), ("esta", True), ("xyz", False)])
def test_everyday_words_are_no_misheard_names(word: str, *, expected: bool) -> None:
    """Verbs and fillers name nothing, so that they stand for no name."""
    assert is_everyday(word) is expected


@pytest.mark.parametrize(
    ("names", "portuguese", "english"),
    [
        (("Cozinha", "kitchen"), "Cozinha", "kitchen"),
        (("Kitchen", "Cozinha"), "Cozinha", "Kitchen"),
        (("Porta da frente", "front door"), "Porta da frente", "front door"),
        (("Luzes da sala", "living room lights"), "Luzes da sala", "living room lights"),
        (("Sonoff Mini 3", "Cafeteira"), "Cafeteira", "Sonoff Mini 3"),
        (("Abajur",), "Abajur", "Abajur"),
        (("Xyz", "Abc"), "Xyz", "Xyz"),
    ],
)
def test_the_name_to_say(names: tuple[str, ...], portuguese: str, english: str) -> None:
    """A thing with names in two languages is called by the one of the conversation."""
    assert name_in(names, Language.PT_BR) == portuguese
    assert name_in(names, Language.EN) == english
