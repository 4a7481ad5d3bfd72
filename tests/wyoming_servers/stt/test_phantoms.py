"""Phrases that models write when nobody spoke, and those that people say."""

import pytest

from wyoming_servers.stt.phantoms import cleaned, is_echo, is_repetitive


@pytest.mark.parametrize(
    "text",
    [
        "Legendas pela comunidade Amara.org",
        "Legendas pela comunidade de Amara.org",
        "Legenda Adriana Zanotto",
        "Transcrição e Legendas por Pedro Negri",
        "Tradução e legendas: Fulano",
        "Obrigado por assistir!",
        "obrigada por assistir até o próximo vídeo",
        "Inscreva-se no canal e ative o sininho.",
        "Se inscreva no canal!",
        "Thanks for watching!",
        "Thank you for watching. See you next time.",
        "Thanks for watching! Thanks for watching!",
        "Please subscribe to my channel.",
        "Don't forget to like and subscribe.",
        "Subtitles by the Amara.org community",
        "I'll see you in the next video.",
        "you",
        "You",
        "♪",
        "♪♪♪",
        "♪ música ♪",
        "[Música]",
        "(applause)",
        "*silêncio*",
        "...",
        " . ",
        "",
    ],
)
def test_what_nobody_says_to_a_house_is_dropped(text: str) -> None:
    """The whole text is such a phrase, in any case and punctuation, however sure the model is."""
    assert cleaned(text, is_sure=True) == ""


@pytest.mark.parametrize(
    "text",
    [
        "Obrigado.",
        "Obrigada!",
        "Muito obrigado.",
        "Obrigado. Obrigado.",
        "Tchau.",
        "Até a próxima.",
        "Thank you.",
        "Thank you very much.",
        "Bye.",
    ],
)
def test_what_people_seldom_say_alone_has_to_be_sure(text: str) -> None:
    """Thanks and goodbyes are said as well as invented."""
    assert cleaned(text, is_sure=True) == text
    assert cleaned(text, is_sure=False) == ""


@pytest.mark.parametrize(
    "text",
    [
        "Acenda a luz da sala.",
        "Ative as legendas em português.",
        "Legendas em português.",
        "Sim.",
        "Não.",
        "OK.",
        "Para.",
        "Música.",
        "Obrigado, apague a luz.",
        "Quero assistir ao canal de vídeos.",
        "Play the video thanks for watching on the TV.",
        "Turn you off.",
        "Pare a música (da sala).",
        "23",
    ],
)
def test_what_people_say_stays(text: str) -> None:
    """Commands and answers stay, even with a part of a phrase in them and an unsure model."""
    assert cleaned(text, is_sure=False) == text


def test_spaces_are_single() -> None:
    """Spaces and line ends within and around a text become one space and none."""
    assert cleaned("  Acenda  a\nluz. ", is_sure=False) == "Acenda a luz."


@pytest.mark.parametrize(
    "text",
    [
        "Acenda a luz da sala. " * 4,
        "a luz da sala " * 8,
        "nenhum switch, " * 6,
        "há " * 30,
        "Acenda a luz. " + "e a luz da sala " * 6,
        "ha" * 40,
    ],
)
def test_a_text_that_goes_in_circles(text: str) -> None:
    """The same words again and again are a model that does not find the end."""
    assert is_repetitive(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Sim.",
        "Não, não, não, não!",
        "Acenda a luz da sala e a luz da cozinha e a luz do quarto e a luz da varanda.",
        "Um, dois, três, quatro, cinco, seis, sete, oito, nove, dez, onze, doze, treze.",
        "Liga para o número nove nove nove nove nove nove.",
        "Apague a luz, apague a televisão, apague o ventilador e apague o abajur da sala.",
    ],
)
def test_people_repeat_themselves_less(text: str) -> None:
    """Commands for several things, counting and insisting are no circles."""
    assert not is_repetitive(text)


_NAMES = ("Sala de estar", "Cozinha", "Luz do quarto", "Varanda")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sala de estar, cozinha, luz do quarto.", True),
        ("cozinha luz do quarto varanda", True),
        ("de estar, cozinha, luz do quarto, varanda", True),
        ("Cozinha, luz do quarto.", False),
        ("Varanda, cozinha, sala de estar.", False),
        ("Acenda a sala de estar, cozinha, luz do quarto.", False),
        ("Cozinha.", False),
        ("", False),
    ],
)
def test_a_list_of_names_is_an_echo(text: str, expected: bool) -> None:
    """Three names and more in our order are what the model was told, not what was said."""
    assert is_echo(text, _NAMES) is expected


def test_without_names_there_is_no_echo() -> None:
    """A model that was told nothing echoes nothing."""
    assert not is_echo("Sala de estar, cozinha, luz do quarto.", ())
    assert not is_echo("", ("", "", ""))
