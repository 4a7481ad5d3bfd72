"""What a Whisper model reads and writes: prompts as tokens, tokens as text."""

import json
from collections.abc import Sequence
from pathlib import Path

import tokenizers
from faster_whisper.tokenizer import _LANGUAGE_CODES, Tokenizer
from faster_whisper.transcribe import get_suppressed_tokens

ALL_LANGUAGES: tuple[str, ...] = tuple(sorted(_LANGUAGE_CODES))
"""The codes of a multilingual model that is not on disk yet."""

ENGLISH_ONLY = ("en",)


class VocabularyError(ValueError):
    """The files of a model cannot be read."""


class Vocabulary:
    """The tokens of one model."""

    def __init__(self, folder: Path) -> None:
        """Read the model's files; raises VocabularyError."""
        self.languages = languages_of(folder)
        is_multilingual = self.languages != ENGLISH_ONLY
        try:
            self._tokens = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
        except Exception as err:  # the library raises bare exceptions
            raise VocabularyError(f"The model in {folder} cannot be read: {err}") from err
        self._tokenizers = {
            language: Tokenizer(self._tokens, is_multilingual, "transcribe", language)
            for language in self.languages
        }
        any_language = next(iter(self._tokenizers.values()))
        self._end_of_text = any_language.eot
        self._previous = any_language.sot_prev
        self.suppressed = list(get_suppressed_tokens(any_language, [-1]))
        """Tokens that are no speech: symbols, speaker tags, marks of the prompt."""

    def prompt(
        self, language: str, expected: str = "", words: Sequence[str] = (), *, limit: int = 0
    ) -> list[int]:
        """Return what comes before the text: words to expect, then language and task.

        `expected` and as many of `words` as fit stand where Whisper has the text before this
        one, at most `limit` tokens of it; a word is taken whole or not at all.
        """
        tokenizer = self._tokenizers[language]
        start = [*tokenizer.sot_sequence, tokenizer.no_timestamps]
        previous = tokenizer.encode(f" {expected.strip()}")[:limit] if expected.strip() else []
        for word in words:
            tokens = tokenizer.encode(f", {word}" if previous else f" {word}")
            if len(previous) + len(tokens) > limit:
                break
            previous += tokens
        return [self._previous, *previous, *start] if previous else start

    def text(self, tokens: Sequence[int]) -> str:
        """Return the text of tokens without marks and without spaces around it."""
        text: str = self._tokens.decode([token for token in tokens if token < self._end_of_text])
        return text.strip()

    def is_complete(self, tokens: Sequence[int], limit: int) -> bool:
        """Tell whether the model ended a text of at most `limit` tokens by itself."""
        return len(tokens) < limit


def languages_of(folder: Path) -> tuple[str, ...]:
    """Read from a model's files which language codes it was trained with.

    Raises VocabularyError when they cannot be read.
    """
    try:
        vocabulary = _entries(folder)
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        ids = config.get("lang_ids", [])
        languages = tuple(sorted(vocabulary[number].strip("<|>") for number in ids))
    except (OSError, ValueError, LookupError, AttributeError, TypeError) as err:
        raise VocabularyError(f"The model in {folder} cannot be read: {err}") from err
    # CTranslate2 takes a Whisper model without the empty token for an English-only one.
    return languages if languages and "" in vocabulary else ENGLISH_ONLY


def _entries(folder: Path) -> list[str]:
    path = folder / "vocabulary.json"
    if path.is_file():
        tokens: list[str] = json.loads(path.read_text(encoding="utf-8"))
        return tokens
    return (folder / "vocabulary.txt").read_text(encoding="utf-8").split("\n")
