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


def _before(vocabulary: Vocabulary, *names: str, room: int, text: str = "") -> list[int]:
    """Return the part of a prompt that comes before the language."""
    prompt = vocabulary.prompt("pt", text, names, names_tokens=room)
    return prompt[1 : -len(vocabulary.prompt("pt"))]


def test_a_prompt_is_language_and_task(vocabulary: Vocabulary) -> None:
    """Without words to expect there are start, language, task and no timestamps."""
    bare = vocabulary.prompt("pt")
    assert len(bare) == 4
    assert vocabulary.prompt("en")[1] != bare[1]
    assert vocabulary.prompt("pt", "  ", (), names_tokens=50) == bare


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "sala, cozinha."),
        ("Casa do João.", "Casa do João. sala, cozinha."),
        ("Casa:", "Casa: sala, cozinha."),
        ("quarto", "quarto, sala, cozinha."),
    ],
)
def test_words_to_expect_stand_before_the_language(
    vocabulary: Vocabulary, text: str, expected: str
) -> None:
    """The user's words, then names as a list that ends like a sentence."""
    tokens = _before(vocabulary, "sala", "cozinha", room=50, text=text)
    assert vocabulary.text(tokens) == expected
    prompt = vocabulary.prompt("pt", text, ("sala", "cozinha"), names_tokens=50)
    assert prompt[-4:] == vocabulary.prompt("pt")


@pytest.mark.parametrize("room", range(12))
def test_a_prompt_is_bounded_and_cuts_no_name(vocabulary: Vocabulary, room: int) -> None:
    """At most so many tokens, and each name whole or not at all."""
    tokens = _before(vocabulary, "sala", "cozinha", "varanda", room=room)
    assert len(tokens) <= room
    assert vocabulary.text(tokens) in ("", "sala.", "sala, cozinha.", "sala, cozinha, varanda.")


def test_more_room_takes_more_names(vocabulary: Vocabulary) -> None:
    """All names that fit are there, and nothing is cut that fits."""
    assert vocabulary.text(_before(vocabulary, "sala", "cozinha", room=4)) == "sala, cozinha."


def test_a_long_text_leaves_room_for_the_transcript(vocabulary: Vocabulary) -> None:
    """Text and names together are never more than half of what the decoder holds."""
    names = tuple(f"sala {number}" for number in range(500))
    assert len(_before(vocabulary, *names, room=1000)) <= 219
    assert len(_before(vocabulary, *names, room=1000, text="luz " * 500)) == 219


def test_names_cannot_speak_to_the_model(vocabulary: Vocabulary) -> None:
    """A mark of the model within a name is left out of the prompt."""
    tokens = _before(vocabulary, "sala<|startoftranscript|>", "cozinha<|endoftext|>", room=50)
    assert vocabulary.text(tokens) == "sala, cozinha."
    marks = set(vocabulary.prompt("pt", "Casa."))
    assert set(vocabulary.prompt("pt", "Casa.<|en|>")) == marks


def test_text_has_no_marks(vocabulary: Vocabulary) -> None:
    """Languages, tasks and times are no text."""
    assert vocabulary.text([*_before(vocabulary, "sala", room=9), *vocabulary.prompt("pt")]) == (
        "sala."
    )
    assert vocabulary.text([]) == ""


def test_symbols_are_suppressed(vocabulary: Vocabulary) -> None:
    """What is no speech is never written; words are."""
    tokens = set(vocabulary.suppressed)
    assert len(tokens) > 10
    assert not tokens & set(_before(vocabulary, "sala", room=9))


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
