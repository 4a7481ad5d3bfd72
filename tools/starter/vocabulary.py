"""The tiny Whisper's tokenizer: a small byte-level BPE with the ids laid out as Whisper's."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

TEXT_TOKENS = 1024
TIMESTAMPS = 1501
"""`<|0.00|>` to `<|30.00|>`; nothing may follow: decoding takes the last id as 30 s."""
WHISPER_LANGUAGES = (
    "en", "zh", "de", "es", "ru", "ko", "fr", "ja", "pt", "tr", "pl", "ca", "nl", "ar", "sv",
    "it", "id", "hi", "fi", "vi", "he", "uk", "el", "ms", "cs", "ro", "da", "hu", "ta", "no",
    "th", "ur", "hr", "bg", "lt", "la", "mi", "ml", "cy", "sk", "te", "fa", "lv", "bn", "sr",
    "az", "sl", "kn", "et", "mk", "br", "eu", "is", "hy", "ne", "mn", "bs", "kk", "sq", "sw",
    "gl", "mr", "pa", "si", "km", "sn", "yo", "so", "af", "oc", "ka", "be", "tg", "sd", "gu",
    "am", "yi", "lo", "uz", "fo", "ht", "ps", "tk", "nn", "mt", "sa", "lb", "my", "bo", "tl",
    "mg", "as", "tt", "haw", "ln", "ha", "ba", "jw", "su", "yue",
)  # fmt: skip
"""faster-whisper looks every one of them up, trained or not."""
_TASKS = ("translate", "transcribe", "startoflm", "startofprev", "nospeech", "notimestamps")
_FORCED_MERGES = (("Ġ", "-"), ("Ġ", "'"), ("Ġ", "â"))
"""faster-whisper bans the first token of " -", " '" and " ♩": it must not be the bare space."""


def build_tokenizer(texts: Iterable[str], path: Path) -> Tokenizer:
    """Train the BPE on `texts`, append Whisper's special tokens and save `tokenizer.json`."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=TEXT_TOKENS - len(_FORCED_MERGES) - 1,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        special_tokens=[],
        show_progress=False,
    )
    tokenizer.train_from_iterator((f" {text}" for text in texts), trainer)
    tokenizer = Tokenizer.from_str(_with_forced_tokens(tokenizer.to_str()))
    names = ["endoftext", "startoftranscript", *WHISPER_LANGUAGES, *_TASKS]
    tokenizer.add_special_tokens(
        [AddedToken(f"<|{name}|>", special=True, normalized=False) for name in names]
    )
    tokenizer.add_tokens(
        [
            AddedToken(f"<|{i * 0.02:.2f}|>", special=False, normalized=False)
            for i in range(TIMESTAMPS)
        ]
    )
    tokenizer.save(str(path))
    return tokenizer


def _with_forced_tokens(serialized: str) -> str:
    content = json.loads(serialized)
    vocabulary = content["model"]["vocab"]
    for left, right in _FORCED_MERGES:
        if left + right not in vocabulary:
            vocabulary[left + right] = len(vocabulary)
            content["model"]["merges"].append([left, right])
    # CTranslate2 takes a Whisper for multilingual exactly when its vocabulary has an empty token.
    vocabulary[""] = len(vocabulary)
    return json.dumps(content)


@dataclass(frozen=True)
class SpecialTokens:
    """Ids the trainer and the exporter need by name."""

    end: int
    start: int
    transcribe: int
    translate: int
    previous: int
    no_speech: int
    no_timestamps: int
    languages: dict[str, int]
    """The trained languages only: automatic detection chooses among them."""

    @classmethod
    def of(cls, tokenizer: Tokenizer) -> SpecialTokens:
        """Look the ids up in a tokenizer made by `build_tokenizer`."""
        return cls(
            end=tokenizer.token_to_id("<|endoftext|>"),
            start=tokenizer.token_to_id("<|startoftranscript|>"),
            transcribe=tokenizer.token_to_id("<|transcribe|>"),
            translate=tokenizer.token_to_id("<|translate|>"),
            previous=tokenizer.token_to_id("<|startofprev|>"),
            no_speech=tokenizer.token_to_id("<|nospeech|>"),
            no_timestamps=tokenizer.token_to_id("<|notimestamps|>"),
            languages={code: tokenizer.token_to_id(f"<|{code}|>") for code in ("pt", "en")},
        )

    @property
    def first_timestamp(self) -> int:
        """The id of `<|0.00|>`; each further 20 ms is the next id."""
        return self.no_timestamps + 1
