"""Claims of deeds that nobody did are not spoken."""

import pytest

from custom_components.jonh.agent.languages import Language
from custom_components.jonh.agent.speech.claim_gate import (
    CLAUSE_MIN_CHARS,
    HELD_MAX_CHARS,
    ClaimGate,
)

STORY = "Era uma vez um gato que morava numa casa amarela, bem no alto da serra, com a Ana."


def run(text: str, size: int, language: Language = Language.PT_BR) -> tuple[str, ClaimGate]:
    """Feed a text in pieces of a size; return what came out, and the gate."""
    gate = ClaimGate(language)
    out = "".join(gate.feed(text[at : at + size]) for at in range(0, len(text), size))
    return out + gate.finish(), gate


@pytest.mark.parametrize("size", [1, 4, 1000])
@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Pronto, luz acesa!", Language.PT_BR),
        ("Claro! Liguei a luz da sala.", Language.PT_BR),
        ("Done, the light is on.", Language.EN),
        ("Sure. I've turned off the fan.", Language.EN),
        ("Liguei a luz", Language.PT_BR),
    ],
)
def test_a_claim_is_held_back(text: str, language: Language, size: int) -> None:
    """Nothing of it is spoken, in whatever pieces it comes, and the model can be told of it."""
    out, gate = run(text, size, language)
    assert out == ""
    assert gate.is_claim
    assert gate.claim == text


@pytest.mark.parametrize("size", [1, 7, 1000])
@pytest.mark.parametrize(
    "text", [STORY, "Não sei.", "Qual delas?", "Oi! Tudo bem?", "", "São nove horas. " + STORY]
)
def test_everything_else_comes_out_whole(text: str, size: int) -> None:
    """What claims nothing is spoken as it was written."""
    out, gate = run(text, size)
    assert out == text
    assert not gate.is_claim


def test_nothing_is_held_for_longer_than_the_voice_waits() -> None:
    """After so many characters everything flows through at once."""
    gate = ClaimGate(Language.PT_BR)
    first = STORY.replace(",", "")[:HELD_MAX_CHARS]
    assert gate.feed(first[:-1]) == ""
    assert gate.feed(first[-1]) == first
    assert gate.feed("mais") == "mais"
    assert gate.finish() == ""


def test_a_clause_passes_as_soon_as_it_is_whole() -> None:
    """A voice that speaks clause by clause has its first one early."""
    gate = ClaimGate(Language.PT_BR)
    assert gate.feed("A temperatura lá fora,") == ""
    assert gate.feed(" ") == "A temperatura lá fora, "
    assert gate.feed("liguei a luz.") == ""
    assert gate.finish() == ""
    assert gate.is_claim
    assert gate.claim == "A temperatura lá fora, liguei a luz."


@pytest.mark.parametrize("text", ["Claro, agora mesmo. ", "Ok. Pronto, ", "Sim, sim, sim. "])
def test_a_few_words_of_assent_wait_for_the_deed(text: str) -> None:
    """They would be a promise, should the rest be a claim."""
    gate = ClaimGate(Language.PT_BR)
    assert gate.feed(text[: CLAUSE_MIN_CHARS - 1]) == ""


def test_text_after_a_claim_is_kept_for_the_model() -> None:
    """The model reads all of what it said."""
    gate = ClaimGate(Language.PT_BR)
    gate.feed("Pronto, liguei a luz. ")
    gate.feed("Mais alguma coisa?")
    assert gate.finish() == ""
    assert gate.claim == "Pronto, liguei a luz. Mais alguma coisa?"
