"""What is said when a turn fails."""

import pytest

from custom_components.jonh.agent.languages import Language
from custom_components.jonh.turn_words import TurnError, failure_words


@pytest.mark.parametrize("language", Language)
def test_every_failure_has_words(language: Language) -> None:
    """Whole sentences, each for one failure, as they are spoken."""
    said = [failure_words(error, language) for error in TurnError]
    assert len(set(said)) == len(TurnError)
    assert all(words[0].isupper() or words[0] == "¿" for words in said)
    assert all(words.endswith((".", "?")) for words in said)


def test_languages_differ() -> None:
    """Spanish and English are no Portuguese."""
    for error in TurnError:
        said = {failure_words(error, each) for each in (Language.PT_BR, Language.EN, Language.ES)}
        assert len(said) == 3


def test_code_of_a_newer_home_assistant() -> None:
    """It is a failure like any other."""
    assert TurnError("intent-too-lazy") is TurnError.UNKNOWN
