"""Asking by voice to forget."""

import pytest

from custom_components.jonh.agent.history.forget import forgotten_sentence, is_forget_request
from custom_components.jonh.agent.languages import Language

PT, EN, ES = Language.PT_BR, Language.EN, Language.ES


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (PT, "Esquece tudo que conversamos."),
        (PT, "esqueça tudo o que a gente conversou, por favor"),
        (PT, "Esqueça tudo o que eu te disse hoje"),
        (PT, "Jonh, esquece tudo"),
        (PT, "apaga tudo o que falamos até agora"),
        (PT, "Nova conversa"),
        (PT, "começar uma nova conversa"),
        (PT, "vamos começar de novo"),
        (PT, "Começa de novo!"),
        (PT, "começa do zero"),
        (PT, "limpa a conversa"),
        (PT, "limpe o histórico da conversa"),
        (PT, "por favor, apague a nossa conversa"),
        (PT, "zera a sua memória"),
        (PT, "recomeça a conversa"),
        (Language.PT, "Apaga o histórico"),
        (Language.PT, "esquece a nossa conversa"),
        (EN, "Forget our conversation."),
        (EN, "please forget everything we talked about"),
        (EN, "forget everything I've told you so far"),
        (EN, "Forget everything"),
        (EN, "Start over, please"),
        (EN, "let's start over"),
        (EN, "new conversation"),
        (EN, "Hey Jonh, start a new chat"),
        (EN, "clear the chat history"),
        (EN, "reset this conversation"),
        (ES, "Olvida todo lo que hablamos"),
        (ES, "olvida nuestra conversación, por favor"),
        (ES, "nueva conversación"),
        (ES, "Empecemos de nuevo"),
        (ES, "vuelve a empezar"),
        (ES, "borra el historial"),
        (ES, "borra todo lo que he dicho"),
        (ES, "Borrón y cuenta nueva"),
    ],
)
def test_request_is_heard(language: Language, text: str) -> None:
    """People ask in many words, politely or not."""
    assert is_forget_request(text, language)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (PT, ""),
        (PT, "apaga tudo"),
        (PT, "apague todas as luzes"),
        (PT, "limpa tudo"),
        (PT, "esquece"),
        (PT, "esquece isso"),
        (PT, "deixa pra lá"),
        (PT, "não esquece a nossa conversa"),
        (PT, "esquece tudo que conversamos e apaga a luz"),
        (PT, "começa de novo a música"),
        (PT, "começa a limpeza de novo"),
        (PT, "limpa a sala"),
        (PT, "apaga a luz da memória"),
        (PT, "zera o cronômetro"),
        (PT, "qual é a nova conversa"),
        (PT, "forget our conversation"),
        (EN, "clear everything"),
        (EN, "forget it"),
        (EN, "never mind"),
        (EN, "don't forget our conversation"),
        (EN, "start over the movie"),
        (EN, "start the vacuum"),
        (EN, "forget everything on my shopping list"),
        (ES, "apaga todo"),
        (ES, "olvídalo"),
        (ES, "empieza la limpieza de nuevo"),
        (ES, "limpia la cocina"),
    ],
)
def test_other_sentences_are_left_alone(language: Language, text: str) -> None:
    """What may mean lights, lists or the last request only is no reset."""
    assert not is_forget_request(text, language)


@pytest.mark.parametrize("language", Language)
def test_every_language_says_it(language: Language) -> None:
    """The person hears one sentence, in their language."""
    said = forgotten_sentence(language)
    assert said.endswith(".")
    assert said.count(".") == 1


def test_languages_differ() -> None:
    """English is said in English and Spanish in Spanish."""
    assert len({forgotten_sentence(language) for language in (PT, EN, ES)}) == 3
