"""Languages and the sentences of our own."""

import pytest

from custom_components.jonh.agent.languages import (
    Language,
    Sentence,
    language_of,
    sentence,
    spoken_error,
)
from custom_components.jonh.providers.base import (
    AllFailedError,
    AnswerInterruptedError,
    AuthError,
    ContextOverflowError,
    Failure,
    ProviderError,
    TooLargeError,
    UnreachableError,
)

LEAVES = [
    leaf
    for leaf in ProviderError.__subclasses__()
    if leaf not in (AllFailedError, AnswerInterruptedError)
]


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("pt-BR", Language.PT_BR),
        ("pt_BR", Language.PT_BR),
        ("PT-br", Language.PT_BR),
        ("pt", Language.PT),
        ("pt-PT", Language.PT),
        ("en-GB", Language.EN),
        ("es-419", Language.ES),
        ("fr", Language.EN),
        ("", Language.EN),
        ("*", Language.EN),
    ],
)
def test_the_nearest_language_is_taken(tag: str, language: Language) -> None:
    """A region we do not know falls back to its language, a language to English."""
    assert language_of(tag) is language


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("which", Sentence)
def test_every_sentence_can_be_spoken(which: Sentence, language: Language) -> None:
    """Each exists in each language, is short, has no markup and is no question.

    A question would make the satellite listen on.
    """
    said = sentence(which, language, provider="Ollama")
    assert said.endswith(".")
    assert len(said) <= 120
    assert not set(said) & set("{}*_#`\n?")


@pytest.mark.parametrize("which", Sentence)
def test_languages_do_not_share_sentences(which: Sentence) -> None:
    """English, Spanish and Portuguese differ, so nobody hears a sentence left untranslated."""
    said = {sentence(which, language) for language in Language if language is not Language.PT}
    assert len(said) == 3


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.__name__)
def test_every_error_has_its_own_sentence(leaf: type[ProviderError], language: Language) -> None:
    """No failure of a provider ends in the sentence for the unknown."""
    error = AllFailedError([Failure("Ollama", "m", leaf("detail"))])
    assert spoken_error(error, language) != sentence(Sentence.UNKNOWN, language)
    assert "detail" not in spoken_error(error, language)


def test_the_preferred_provider_is_blamed() -> None:
    """Of several failures the first one tells what to mend."""
    error = AllFailedError(
        [Failure("Ollama", "m", UnreachableError()), Failure("Groq", "n", AuthError())]
    )
    assert spoken_error(error, Language.PT_BR) == (
        "Não consegui falar com o Ollama. Verifique se ele está ligado e na rede."
    )


def test_without_a_provider_it_says_so() -> None:
    """A home without a model hears that only local commands work."""
    assert "só comandos locais" in spoken_error(AllFailedError([]), Language.PT_BR)
    assert "only local commands" in spoken_error(AllFailedError([]), Language.EN)


def test_an_interruption_and_a_bare_error_are_spoken() -> None:
    """After a part of the answer the sentence is short; an error alone names no provider."""
    failure = Failure("Groq", "m", UnreachableError())
    interrupted = AnswerInterruptedError(failure, spoken=True)
    assert spoken_error(interrupted, Language.EN) == "Sorry, the answer was interrupted."
    assert "{" not in spoken_error(UnreachableError(), Language.ES)
    assert spoken_error(ProviderError(), Language.EN) == sentence(Sentence.UNKNOWN, Language.EN)


@pytest.mark.parametrize("language", list(Language))
def test_an_error_below_a_known_one_has_its_sentence(language: Language) -> None:
    """A prompt longer than the window is a request too long, whoever says so."""
    failure = Failure("Ollama", "qwen3", ContextOverflowError())
    too_large = Failure("Ollama", "qwen3", TooLargeError())
    said = spoken_error(AllFailedError([failure]), language)
    assert said == spoken_error(AllFailedError([too_large]), language)
    assert said != sentence(Sentence.UNKNOWN, language)
