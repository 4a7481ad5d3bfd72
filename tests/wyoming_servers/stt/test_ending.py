"""Does a text sound finished? Tables of what people say to a house."""

import pytest

from wyoming_servers.stt.ending import Ending, ending_of, plain

_FINISHED = {
    "pt": """
        Acenda a luz da sala.
        acende a luz do quarto
        apague tudo
        desligue a televisão
        por favor, abra o portão
        você pode ligar o aspirador?
        feche a persiana da cozinha
        deixe a luz da sala azul
        coloque o ar-condicionado em 22 graus
        aumente o volume da tv para 30%
        mude o abajur para vermelho
        ligue o ventilador agora
        apague a luz do quarto em cinco minutos
        qual a temperatura da sala?
        que horas são
        a luz da cozinha está acesa?
        a porta da frente está trancada
        vai chover amanhã
        boa noite
        sim
        Sim, por favor.
        não
        pode ser
        mais alto
        um dois três quatro
        1234
        acenda a luz da sala e da cozinha
        acho que esqueci a chave no carro
    """,
    "en": """
        Turn on the kitchen lights.
        turn the light off
        turn everything off
        please close the garage door
        open the blinds in the bedroom
        set the thermostat to 22 degrees
        dim the lights to 30%
        change the lamp to blue
        lock the front door
        is the front door locked?
        is the office light on
        what is the temperature in the kitchen
        what time is it
        will it rain tomorrow
        good night
        yes
        No, thanks.
        never mind
        four three two one
        turn on the fan now
        could you turn on the lamp, please
    """,
}
_OPEN = {
    "pt": """
        acenda a luz
        ligue o ventilador
        qual a temperatura
        pare
        para
        cancela
        coloque o ar em 22
        um dois três
        preciso comprar pão
        me conta uma piada
        Luz.
    """,
    "en": """
        turn on the light
        turn on the fan
        turn on the kitchen
        what is the temperature
        stop
        set the thermostat to 22
        one two
        tell me a joke
        I like the other voice
        Lamp.
    """,
}
_UNFINISHED = {
    "pt": """
        acenda
        acenda a
        acenda a luz da
        acenda a luz da sala e
        acenda a luz da sala e apague
        apague todas as
        coloque o ar da sala
        deixe a luz do quarto
        eu queria saber se
        qual
        você pode
        então
        é...
        hum
        acenda a luz,
        me lembre de
        liga para o...
    """,
    "en": """
        turn
        turn on
        turn on the
        turn on the light in the
        turn on the light and
        turn on the light and open
        set the lights in the kitchen
        I would like to
        what is the
        could you
        well,
        uh
        so...
    """,
}


def _cases(table: dict[str, str]) -> list[tuple[str, str]]:
    return [
        (language, line.strip())
        for language, lines in table.items()
        for line in lines.strip().splitlines()
    ]


@pytest.mark.parametrize(("language", "text"), _cases(_FINISHED))
def test_whole_sentences(language: str, text: str) -> None:
    """After these hardly anybody goes on."""
    assert ending_of(text, language) is Ending.FINISHED


@pytest.mark.parametrize(("language", "text"), _cases(_OPEN))
def test_what_may_be_all(language: str, text: str) -> None:
    """A thing whose room may follow, a number whose unit may, "pare" with or without an object."""
    assert ending_of(text, language) is Ending.OPEN


@pytest.mark.parametrize(("language", "text"), _cases(_UNFINISHED))
def test_what_nobody_ends_with(language: str, text: str) -> None:
    """Articles, connectives, fillers, verbs without an object, values that are still missing."""
    assert ending_of(text, language) is Ending.UNFINISHED


@pytest.mark.parametrize(("language", "text"), _cases(_OPEN) + _cases(_UNFINISHED))
def test_a_full_stop_finishes_nothing(language: str, text: str) -> None:
    """Recognisers put one after any pause."""
    bare = text.rstrip(".,")
    assert ending_of(f"{bare}.", language) is ending_of(bare, language)


@pytest.mark.parametrize(
    ("text", "names", "ending"),
    [
        ("acenda a Pipoca", (), Ending.OPEN),
        ("acenda a Pipoca", ("pipoca",), Ending.FINISHED),
        ("ligue o Zé da Silva.", ("Zé da Silva",), Ending.FINISHED),
        ("ligue o Zé", ("Zé da Silva",), Ending.OPEN),
        ("Pipoca", ("Pipoca",), Ending.OPEN),
        ("apague a luz da mesa", ("", " "), Ending.FINISHED),
    ],
)
def test_names_of_the_home_finish_a_command(
    text: str, names: tuple[str, ...], ending: Ending
) -> None:
    """A command that ends with a whole name of something is whole; the name alone is not."""
    assert ending_of(text, "pt", names) is ending


@pytest.mark.parametrize("language", ["de", "es", None])
def test_other_languages_have_punctuation_only(language: str | None) -> None:
    """Without a table of words a full stop is all there is to go by."""
    assert ending_of("Schalte das Licht ein.", language) is Ending.FINISHED
    assert ending_of("Schalte das Licht", language) is Ending.OPEN
    assert ending_of("Schalte das Licht,", language) is Ending.UNFINISHED


@pytest.mark.parametrize("text", ["", "  ", ".", "?!", "♪"])
def test_a_text_without_words(text: str) -> None:
    """Nothing can be told of it."""
    assert ending_of(text, "pt") is Ending.OPEN


def test_words_are_compared_without_accents_and_case() -> None:
    """Recognisers drop accents and add punctuation; units and hyphens stay."""
    assert plain("Às 7, ligue o AR-condicionado: 30%!") == [
        "às",
        "7",
        "ligue",
        "o",
        "ar-condicionado",
        "30%",
    ]
