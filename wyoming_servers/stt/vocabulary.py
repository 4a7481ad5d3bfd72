"""What a Whisper model reads and writes: prompts as tokens, tokens as text."""

import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import tokenizers
from faster_whisper.tokenizer import _LANGUAGE_CODES, Tokenizer
from faster_whisper.transcribe import get_suppressed_tokens

ALL_LANGUAGES: tuple[str, ...] = tuple(sorted(_LANGUAGE_CODES))
"""The codes of a multilingual model that is not on disk yet."""

ENGLISH_ONLY = ("en",)

MAX_TEXT_TOKENS = 224
"""Half of what a Whisper decoder can hold: for the text; the other half is for the prompt."""

# The other half, less the mark before and the four after the words to expect.
_MAX_PROMPT_TOKENS = MAX_TEXT_TOKENS - 5


class VocabularyError(ValueError):
    """The files of a model cannot be read."""


class Vocabulary:
    """The tokens of one model. Its methods may be called from several threads."""

    def __init__(self, folder: Path) -> None:
        """Read the model's files; raises VocabularyError."""
        self.languages = languages_of(folder)
        is_multilingual = self.languages != ENGLISH_ONLY
        try:
            self._tokens = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
            self._tokenizers = {
                language: Tokenizer(self._tokens, is_multilingual, "transcribe", language)
                for language in self.languages
            }
            any_language = next(iter(self._tokenizers.values()))
            self.suppressed = list(get_suppressed_tokens(any_language, [-1]))
            """Tokens that are no speech: symbols, speaker tags, marks of the prompt."""
        except Exception as err:  # the library raises nothing narrower
            raise VocabularyError(f"The model in {folder} cannot be read: {err}") from err
        self._end_of_text = any_language.eot
        self._start_of_previous = any_language.sot_prev
        # The names of a home seldom change, and each utterance asks for their tokens.
        self._previous_cached = lru_cache(maxsize=8)(self._previous)

    def prompt(
        self, language: str, text: str = "", names: tuple[str, ...] = (), *, names_tokens: int = 0
    ) -> list[int]:
        """Return what comes before the transcript: words to expect, then language and task.

        `text`, then as many of `names` as fit into `names_tokens`, stand where Whisper has the
        text before this one; a name is taken whole or not at all.
        """
        tokenizer = self._tokenizers[language]
        return [
            *self._previous_cached(text.strip(), names, names_tokens),
            *tokenizer.sot_sequence,
            tokenizer.no_timestamps,
        ]

    def text(self, tokens: Sequence[int]) -> str:
        """Return the text of tokens without marks and without spaces around it."""
        text: str = self._tokens.decode([token for token in tokens if token < self._end_of_text])
        return text.strip()

    def _previous(self, text: str, names: tuple[str, ...], names_tokens: int) -> list[int]:
        tokens = self._encode(f" {text}")[:_MAX_PROMPT_TOKENS] if text else []
        room = min(names_tokens, _MAX_PROMPT_TOKENS - len(tokens))
        # The transcript takes after what is before it: with a full stop there it gets one.
        stop = self._encode(".")
        listed: list[int] = []
        is_sentence = not text or text.endswith((".", "!", "?", ":"))
        for name in names:
            added = self._encode(f" {name}" if is_sentence else f", {name}")
            if len(listed) + len(added) + len(stop) > room:
                break
            listed += added
            is_sentence = False
        tokens += [*listed, *stop] if listed else []
        return [self._start_of_previous, *tokens] if tokens else []

    def _encode(self, text: str) -> list[int]:
        """Return the tokens of a text; a mark such as <|endoftext|> in it is left out."""
        found = self._tokens.encode(text, add_special_tokens=False).ids
        return [token for token in found if token < self._end_of_text]


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
