"""Sentences from templates."""

import random
import re

import pytest

from tools.starter.lexicon import Lexicon


@pytest.fixture(params=["pt", "en"])
def lexicon(request: pytest.FixtureRequest) -> Lexicon:
    """Load the lexicon of each language."""
    return Lexicon.load(request.param)


def test_every_template_becomes_plain_words(lexicon: Lexicon):
    """No slot, alternative or digit survives."""
    rng = random.Random(1)
    sentences = [lexicon.sentence(rng) for _ in range(3000)]
    assert [s for s in sentences if re.search(r"[{}()|\d]|  |^ | $", s)] == []


def test_sentences_are_varied(lexicon: Lexicon):
    """Templates and slots multiply."""
    rng = random.Random(1)
    assert len({lexicon.sentence(rng) for _ in range(1000)}) > 800


def test_portuguese_articles_contract():
    """Articles melt: "da sala" for "de a sala", "no quarto" for "em o quarto"."""
    lexicon = Lexicon.load("pt")
    rng = random.Random(1)
    text = "\n".join(lexicon.sentence(rng) for _ in range(3000))
    assert re.search(r"\bda sala\b", text)
    assert re.search(r"\bno quarto\b", text)
    assert not re.search(r"\b(de a|de o|em a|em o) (sala|quarto|cozinha|banheiro)\b", text)


def test_grammar_values_have_no_article():
    """Home Assistant's grammar brings its own articles."""
    values = Lexicon.load("pt").grammar_lists()
    assert "sala" in values["area"]
    assert "luz da sala" in values["name"]
    assert [v for v in values["area"] + values["name"] if v.startswith(("a ", "o ", "as "))] == []
