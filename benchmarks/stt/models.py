"""Whisper models of the real sizes without real weights, for measuring time and memory.

Every matrix has the shape of OpenAI's and random content, so that encoding and decoding cost what
they cost there. The last matrix of every decoder layer is next to nothing and the embedding of
each position points to one token: whatever is heard, the same words come out, surely, in as many
steps as they have. Nine are a short command. Recognition quality can of course not be measured
with them.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from ctranslate2.specs.whisper_spec import WhisperSpec
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

from wyoming_servers.models import STARTER_DIR
from wyoming_servers.stt.vocabulary import ALL_LANGUAGES

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

STARTER = STARTER_DIR / "whisper"
"""The only model here that understands anything."""

_TEXT_TOKENS = 50_257
# All but Cantonese, which only the third large model has.
_LANGUAGES = tuple(code for code in ALL_LANGUAGES if code != "yue")
_MELS = 80
_AUDIO_POSITIONS = 1500
_TEXT_POSITIONS = 448
_TASKS = ("translate", "transcribe", "startoflm", "startofprev", "nospeech", "notimestamps")
_TIMESTAMPS = 1501

WORDS = ("acenda", "a", "luz", "da", "sala", "e", "da", "cozinha", "agora")
"""What is always understood; a model that writes more goes on with words that mean nothing."""

# Position of the first word: three or four tokens come before it, and whoever has only three
# writes a timestamp first.
_FIRST_WORD = 3
# A word token lies here, out of the way of the 256 bytes.
_WORD_TOKENS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """The shape of one of OpenAI's models."""

    width: int
    layers: int
    heads: int


SIZES = {
    "tiny": Size(width=384, layers=4, heads=6),
    "base": Size(width=512, layers=6, heads=8),
    "small": Size(width=768, layers=12, heads=12),
}


def build(name: str, folder: Path, *, words: int = len(WORDS)) -> Path:
    """Make a model that writes so many words in a folder, unless it is there; return its folder."""
    target = folder / (f"random-{name}" if words == len(WORDS) else f"random-{name}-{words}")
    if (target / "vocabulary.json").is_file():
        return target
    target.mkdir(parents=True, exist_ok=True)
    size = SIZES[name]
    tokens = _vocabulary()
    spec = WhisperSpec(size.layers, size.heads, size.layers, size.heads)
    spec.register_vocabulary(tokens)
    first_language = _TEXT_TOKENS + 2
    spec.config.lang_ids = list(range(first_language, first_language + len(_LANGUAGES)))
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = []
    spec.config.alignment_heads = [[0, 0]]
    _fill(spec, size, _wanted_tokens(tokens, words))
    spec.validate()
    spec.optimize(quantization="int8")
    spec.save(str(target))
    _tokenizer(tokens).save(str(target / "tokenizer.json"))
    return target


def _fill(spec: Any, size: Size, wanted: list[int]) -> None:
    generator = np.random.default_rng(20)
    width = size.width

    def matrix(*shape: int, scale: float = 0.02) -> npt.NDArray[np.float32]:
        return generator.normal(scale=scale, size=shape).astype(np.float32)

    def norm(layer: Any) -> None:
        layer.gamma, layer.beta = np.ones(width, np.float32), np.zeros(width, np.float32)

    def linear(layer: Any, rows: int, columns: int, scale: float = 0.02) -> None:
        layer.weight, layer.bias = matrix(rows, columns, scale=scale), np.zeros(rows, np.float32)

    encoder, decoder = spec.encoder, spec.decoder
    encoder.conv1.weight = matrix(width, _MELS, 3)
    encoder.conv2.weight = matrix(width, width, 3)
    encoder.conv1.bias = encoder.conv2.bias = np.zeros(width, np.float32)
    encoder.position_encodings.encodings = matrix(_AUDIO_POSITIONS, width)
    norm(encoder.layer_norm)
    norm(decoder.layer_norm)
    for layer in (*encoder.layer, *decoder.layer):
        # So little that it cannot change which token comes next.
        out = 0.02 if layer in encoder.layer else 1e-7
        norm(layer.self_attention.layer_norm)
        linear(layer.self_attention.linear[0], 3 * width, width)
        linear(layer.self_attention.linear[1], width, width, out)
        norm(layer.ffn.layer_norm)
        linear(layer.ffn.linear_0, 4 * width, width)
        linear(layer.ffn.linear_1, width, 4 * width, out)
    for layer in decoder.layer:
        norm(layer.attention.layer_norm)
        linear(layer.attention.linear[0], width, width)
        linear(layer.attention.linear[1], 2 * width, width)
        linear(layer.attention.linear[2], width, width, 1e-7)
    embeddings = matrix(
        _TEXT_TOKENS + 2 + len(_LANGUAGES) + len(_TASKS) + _TIMESTAMPS, width, scale=1.0
    )
    decoder.embeddings.weight = embeddings
    decoder.projection.weight = embeddings
    decoder.position_encodings.encodings = 30 * embeddings[wanted]


def _wanted_tokens(tokens: list[str], words: int) -> list[int]:
    """Return which token comes out at each position: a language, the words, the end."""
    written = [_WORD_TOKENS + index for index in range(words)]
    end = _TEXT_TOKENS
    portuguese = tokens.index("<|pt|>")
    before = [portuguese] * _FIRST_WORD
    return [*before, *written] + [end] * (_TEXT_POSITIONS - _FIRST_WORD - words)


def _vocabulary() -> list[str]:
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    text = [*alphabet, *(f"Ġx{index}" for index in range(_TEXT_TOKENS - 1 - len(alphabet)))]
    for index, word in enumerate(WORDS):
        # Twice the same word would be one entry: the second is told apart by a case.
        spelt = f"Ġ{word}"
        text[_WORD_TOKENS + index] = spelt if spelt not in text else f"Ġ{word.upper()}"
    names = ["endoftext", "startoftranscript", *_LANGUAGES, *_TASKS]
    times = [f"<|{index * 0.02:.2f}|>" for index in range(_TIMESTAMPS)]
    # CTranslate2 takes a model for multilingual when its vocabulary has an empty token.
    return [*text, "", *(f"<|{name}|>" for name in names), *times]


def _tokenizer(tokens: list[str]) -> Tokenizer:
    entries = {token: index for index, token in enumerate(tokens[:_TEXT_TOKENS])}
    tokenizer = Tokenizer(models.BPE(vocab=entries, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.decoder = decoders.ByteLevel()
    marks = len(tokens) - _TIMESTAMPS
    tokenizer.add_special_tokens(
        [AddedToken(each, special=True, normalized=False) for each in tokens[_TEXT_TOKENS:marks]]
    )
    tokenizer.add_tokens(
        [AddedToken(each, special=False, normalized=False) for each in tokens[marks:]]
    )
    return tokenizer
