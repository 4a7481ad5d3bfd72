"""Prompts as tokens, tokens as text, with the starter model's own files."""

import json
import shutil
from pathlib import Path

import pytest

from tests.fakes.speech import STARTER_DIR
from wyoming_servers.stt.vocabulary import Vocabulary, VocabularyError, languages_of

_MODEL = STARTER_DIR / "whisper"


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    """Read the starter model's tokens."""
    return Vocabulary(_MODEL)


def _tokens(vocabulary: Vocabulary, *words: str, limit: int, expected: str = "") -> list[int]:
    """Return the part of a prompt that comes before the language."""
    prompt = vocabulary.prompt("pt", expected, words, limit=limit)
    return prompt[1 : -len(vocabulary.prompt("pt"))]


def test_a_prompt_begins_with_the_words_to_expect(vocabulary: Vocabulary) -> None:
    """Words stand before the language and the task, joined as in a list."""
    bare = vocabulary.prompt("pt")
    assert len(bare) == 4
    assert vocabulary.prompt("en")[1] != bare[1]
    prompt = vocabulary.prompt("pt", "Casa:", ("sala", "cozinha"), limit=50)
    assert prompt[-4:] == bare
    assert vocabulary.text(prompt[1:-4]) == "Casa:, sala, cozinha"


@pytest.mark.parametrize("limit", range(12))
def test_a_prompt_is_bounded_and_cuts_no_word(vocabulary: Vocabulary, limit: int) -> None:
    """At most so many tokens, and each word whole or not at all."""
    tokens = _tokens(vocabulary, "sala", "cozinha", "varanda", limit=limit)
    assert len(tokens) <= limit
    heard = vocabulary.text(tokens)
    assert heard in ("", "sala", "sala, cozinha", "sala, cozinha, varanda")


def test_a_long_expectation_is_cut(vocabulary: Vocabulary) -> None:
    """The user's own words are cut at the limit, and leave no room for names."""
    assert len(_tokens(vocabulary, "sala", limit=5, expected="luz " * 50)) == 5


def test_symbols_are_suppressed(vocabulary: Vocabulary) -> None:
    """What is no speech is never written; words are."""
    tokens = set(vocabulary.suppressed)
    assert len(tokens) > 10
    assert not tokens & set(_tokens(vocabulary, "sala", limit=9))


def test_languages_of_the_starter_model(vocabulary: Vocabulary) -> None:
    """Only languages the model was trained with are named."""
    assert languages_of(_MODEL) == vocabulary.languages == ("en", "pt")


def test_a_model_without_the_empty_token_is_english_only(tmp_path: Path) -> None:
    """An English-only model is known as CTranslate2 knows it, and its prompt has no language."""
    for name in ("config.json", "tokenizer.json"):
        shutil.copy(_MODEL / name, tmp_path)
    tokens = json.loads((_MODEL / "vocabulary.json").read_text("utf-8"))
    (tmp_path / "vocabulary.txt").write_text("\n".join(t or "x" for t in tokens), "utf-8")
    assert languages_of(tmp_path) == ("en",)
    assert len(Vocabulary(tmp_path).prompt("en")) == 2


def test_files_that_are_not_there(tmp_path: Path) -> None:
    """A folder without a model is one error that names it."""
    with pytest.raises(VocabularyError, match=str(tmp_path)):
        Vocabulary(tmp_path)
