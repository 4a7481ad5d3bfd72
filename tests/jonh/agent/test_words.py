"""Words as they are compared."""

import pytest

from custom_components.jonh.agent.words import fold, words


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Ar-condicionado da Suíte", "ar condicionado da suite"),
        ("  LUZ   da sala!  ", "luz da sala"),
        ("22,5 °C", "22 5 °c"),
        ("50%", "50%"),
        ("1º andar", "1o andar"),
        ("light.luz_da_sala", "light luz da sala"),
        ("", ""),
    ],
)
def test_fold(text: str, folded: str) -> None:
    """Case, accents and signs do not count."""
    assert fold(text) == folded


def test_fold_is_stable() -> None:
    """Folding what is folded changes nothing."""
    assert fold(fold("Térreo, 2º — Sótão")) == fold("Térreo, 2º — Sótão")


def test_words() -> None:
    """Words come in their order."""
    assert words("Luz, Sala de Estar") == ("luz", "sala", "de", "estar")
    assert words("...") == ()
