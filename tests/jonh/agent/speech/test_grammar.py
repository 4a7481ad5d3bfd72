"""Gender, number and articles of names."""

import pytest

from custom_components.jonh.agent.languages import Language
from custom_components.jonh.agent.speech.grammar import (
    Agreement,
    agreement,
    article,
    head_noun,
    inside_sentence,
    is_feminine,
    joint,
    of,
    within,
)

MASCULINE = Agreement()
FEMININE = Agreement(is_feminine=True)
MASCULINES = Agreement(is_plural=True)
FEMININES = Agreement(is_feminine=True, is_plural=True)


@pytest.mark.parametrize(
    "name",
    ["Luz da sala", "TV", "Cortina do quarto", "Persiana", "Porta da frente", "Lâmpada",
     "Fechadura", "Cafeteira", "Tomada do escritório", "Caixa de som", "Luminária", "Fita de LED",
     "Cena cinema", "Bomba da piscina", "Válvula do jardim", "Torneira", "Geladeira",
     "Máquina de lavar", "Sala luz", "Iluminação do jardim", "Estação", "Umidade do banheiro",
     "Televisão", "Janela", "Câmera da frente", "Irrigação", "Garagem", "Secadora", "Alexa"],
)  # fmt: skip
def test_feminine_names(name: str) -> None:
    """Names whose head noun is feminine in Portuguese."""
    assert agreement(name, Language.PT_BR) == FEMININE
    assert is_feminine(name, Language.PT)


@pytest.mark.parametrize(
    "name",
    ["Ar-condicionado", "Abajur", "Portão da garagem", "Ventilador da sala", "LED da cozinha",
     "Alarme", "Aspirador", "Interruptor", "Som da sala", "Spot", "Lustre", "Pendente da cozinha",
     "Roteiro boa noite", "Aquecedor", "Umidificador", "Chuveiro da suíte", "Purificador",
     "Robô aspirador", "Abajur da luz azul", "Projetor", "Sensor da porta", "Forno", "Rádio",
     "Quarto abajur", "Sistema de alarme", "Echo", "Motor da piscina", "Trilho", "Termostato"],
)  # fmt: skip
def test_masculine_names(name: str) -> None:
    """Names whose head noun is masculine in Portuguese."""
    assert agreement(name, Language.PT_BR) == MASCULINE
    assert not is_feminine(name, Language.PT_BR)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Luzes da cozinha", FEMININES),
        ("Spots da sala", MASCULINES),
        ("Portões", MASCULINES),
        ("Persianas", FEMININES),
        ("Abajures do quarto", MASCULINES),
        ("TVs", FEMININES),
        ("Interruptores", MASCULINES),
        ("Painéis solares", MASCULINES),
        ("Trens", MASCULINES),
        ("Sensor de gás", MASCULINE),
    ],
)
def test_plural_names(name: str, expected: Agreement) -> None:
    """The number of a name is that of its head noun."""
    assert agreement(name, Language.PT_BR) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Luz del salón", FEMININE),
        ("Lámpara de pie", FEMININE),
        ("Ventilador", MASCULINE),
        ("Puerta principal", FEMININE),
        ("Aire acondicionado", MASCULINE),
        ("Persianas", FEMININES),
        ("Luces de la cocina", FEMININES),
        ("Altavoz", MASCULINE),
        ("Alarma", FEMININE),
        ("Habitación", FEMININE),
    ],
)
def test_spanish_names(name: str, expected: Agreement) -> None:
    """Spanish head nouns have their own genders."""
    assert agreement(name, Language.ES) == expected


@pytest.mark.parametrize(
    ("name", "domain", "expected"),
    [
        ("Hue White", "light", FEMININE),
        ("Hue White", "switch", MASCULINE),
        ("Yale", "lock", FEMININE),
        ("Yale", "", MASCULINE),
    ],
)
def test_domain_decides_for_names_that_tell_nothing(
    name: str, domain: str, expected: Agreement
) -> None:
    """A brand has the gender of the thing that it is the name of."""
    assert agreement(name, Language.PT_BR, domain) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Luz do abajur", "luz"),
        ("Sala luz", "luz"),
        ("A luz", "luz"),
        ("Minha coisa", "coisa"),
        ("O", "o"),
        ("", ""),
    ],
)
def test_finds_the_head_noun(name: str, expected: str) -> None:
    """The head is the device, wherever it stands, but not what follows a preposition."""
    assert head_noun(name) == expected


@pytest.mark.parametrize(
    ("language", "agrees", "the", "of_the", "in_the"),
    [
        (Language.PT_BR, MASCULINE, "o", "do", "no"),
        (Language.PT_BR, FEMININE, "a", "da", "na"),
        (Language.PT, MASCULINES, "os", "dos", "nos"),
        (Language.PT, FEMININES, "as", "das", "nas"),
        (Language.ES, MASCULINE, "el", "del", "en el"),
        (Language.ES, FEMININE, "la", "de la", "en la"),
        (Language.ES, MASCULINES, "los", "de los", "en los"),
        (Language.ES, FEMININES, "las", "de las", "en las"),
        (Language.EN, FEMININES, "the", "of the", "on the"),
    ],
)
def test_articles(
    language: Language, agrees: Agreement, the: str, of_the: str, in_the: str
) -> None:
    """Articles agree, and contract with the prepositions before them."""
    assert article(agrees, language) == the
    assert of(agrees, language) == of_the
    assert within(agrees, language) == in_the


@pytest.mark.parametrize(
    ("agreements", "expected"),
    [
        ([FEMININE, FEMININE], FEMININES),
        ([FEMININE, MASCULINE], MASCULINES),
        ([FEMININE], FEMININE),
        ([FEMININES], FEMININES),
    ],
)
def test_several_things_agree(agreements: list[Agreement], expected: Agreement) -> None:
    """Several things are feminine only when all of them are."""
    assert joint(agreements) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Luz da sala", "luz da sala"),
        ("Ar-condicionado", "ar-condicionado"),
        ("TV da sala", "TV da sala"),
        ("Luz da Sala", "Luz da Sala"),
        ("Alexandre", "Alexandre"),
        ("Floor lamp", "floor lamp"),
        ("Ana's lamp", "Ana's lamp"),
        ("abajur", "abajur"),
        ("", ""),
    ],
)
def test_names_within_a_sentence(name: str, expected: str) -> None:
    """A common noun loses its capital within a sentence; acronyms and proper names keep it."""
    assert inside_sentence(name) == expected
