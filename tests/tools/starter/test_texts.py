"""Corpora, and the split that keeps test sentences out of the training."""

import json
import random
from typing import TYPE_CHECKING

import pytest

from tools.starter import texts

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def corpora() -> dict[str, list[str]]:
    """Small corpora of every kind but interface texts."""
    return texts.build_corpora(None, scale=0.02)


def test_every_sentence_is_punctuated_words(corpora: dict[str, list[str]]):
    """Upper-case start, a full stop or question mark, no digits or markup."""
    sentences = [sentence for corpus in corpora.values() for sentence in corpus]
    assert len(sentences) > 1500
    wrong = [
        s for s in sentences
        if s[0] != s[0].upper() or s[-1] not in ".?" or any(c.isdigit() or c in "{}<>_%" for c in s)
    ]  # fmt: skip
    assert wrong == []


def test_every_corpus_has_a_weight_and_a_language(corpora: dict[str, list[str]]):
    """A corpus without a weight would never be spoken."""
    assert set(corpora) == {name for name in texts.CORPUS_WEIGHTS if "interface" not in name}
    assert sum(texts.CORPUS_WEIGHTS.values()) == pytest.approx(1)
    assert texts.language_of("intents-pt-BR") == texts.language_of("phrases-pt") == "pt"
    assert texts.language_of("intents-en") == texts.language_of("replies-en") == "en"


def test_split_is_disjoint_and_total(corpora: dict[str, list[str]], tmp_path: Path):
    """A sentence is trained or tested, never both, also when two corpora hold it."""
    path = tmp_path / "texts.json"
    both = {**corpora, "templates-en": [*corpora["templates-en"], *corpora["intents-en"]]}
    path.write_text(json.dumps(both), encoding="utf-8")
    sides = [texts.load_split(path, held_out=held_out) for held_out in (False, True)]
    trained, tested = ({s for corpus in side.values() for s in corpus} for side in sides)
    assert trained & tested == set()
    assert trained | tested == {s for corpus in both.values() for s in corpus}
    composed = {s for corpus in both.values() for s in corpus}
    composed -= {s for name in both if name.startswith(("phrases", "replies")) for s in both[name]}
    share = len(tested) / len(composed)
    assert texts.HELD_OUT_SHARE / 2 < share < texts.HELD_OUT_SHARE * 2


def test_fixed_phrases_are_never_tested(corpora: dict[str, list[str]], tmp_path: Path):
    """The test counts composed sentences, not phrases that are the same in every home."""
    path = tmp_path / "texts.json"
    texts.save_corpora(corpora, path)
    assert not {"phrases-pt", "phrases-en", "replies-pt"} & set(
        texts.load_split(path, held_out=True)
    )


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Brilho em 50%", "pt", "Brilho em cinquenta por cento"),
        ("set to 21°", "en", "set to twenty one degrees"),
        ("{% x %} <b>", "en", "percent x percent b"),
        ("a luz, por favor!", "pt", "a luz, por favor"),
        ("media_player", "en", "media player"),
    ],
)
def test_tidy_leaves_only_words(text: str, language: str, expected: str):
    """Symbols and digits are spoken or dropped."""
    assert texts.tidy(text, language) == expected


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("que horas são", "pt", "Que horas são?"),
        ("acenda a luz", "pt", "Acenda a luz."),
        ("is the light on", "en", "Is the light on?"),
        ("island light", "en", "Island light."),
    ],
)
def test_punctuate_knows_questions(text: str, language: str, expected: str):
    """A question starts with a question word."""
    assert texts.punctuate(text, language) == expected


def test_interface_texts_are_short_plain_sentences(tmp_path: Path):
    """Placeholders, names and long texts stay out; commas and tails go."""
    folder = tmp_path / "components/light/translations"
    folder.mkdir(parents=True)
    content = {
        "title": "Light",
        "a": {"b": "Turn the light on. Then press {key}."},
        "c": "Connect to Google now",
        "d": "Wait, then try again!",
    }
    (folder / "en.json").write_text(json.dumps(content), encoding="utf-8")
    assert texts.interface_texts("en", tmp_path) == {"Turn the light on", "Wait then try again"}


def test_replies_come_from_home_assistants_templates():
    """What the assistant says back is in the training text."""
    found = texts.replies("pt", random.Random(1))
    assert "Luzes acesas" in found
    assert "luz ligado" in found
    assert not [reply for reply in found if "{" in reply or "None" in reply]
