"""Real Whisper models that say what they are told, whatever they hear.

The weights are next to nothing but for the decoder's positions, each of which points at the next
token. So CTranslate2 runs as always, and a test decides what a model says, how surely and how long.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import tokenizers
from ctranslate2.specs import WhisperSpec

from .speech import STARTER_DIR

_STARTER = STARTER_DIR / "whisper"
_WIDTH = 64
_FRAMES = 1500
_POSITIONS = 448
# Start, language, task and no timestamps; the last of them is where the first token comes out.
_FIRST = 3


def write_model(
    folder: Path,
    text: str,
    *,
    is_endless: bool = False,
    surety: float = 4.0,
    told: tuple[int, str] | None = None,
) -> Path:
    """Write a model with the starter's vocabulary and languages that says `text`.

    It says it over and over if `is_endless`; a `surety` of 1 makes it unlikely, 0.8 hopeless.
    After a prompt of as many tokens as `told` begins with, it says the text there instead.
    """
    vocabulary: list[str] = json.loads((_STARTER / "vocabulary.json").read_text("utf-8"))
    end = vocabulary.index("<|endoftext|>")
    says = _tokens(text) if is_endless else [*_tokens(text), end]
    script = [says[(place - _FIRST) % len(says)] for place in range(_POSITIONS)]
    if told is not None:
        first, instead = told[0] - 1, [*_tokens(told[1]), end]
        script[first:] = [instead[place % len(instead)] for place in range(_POSITIONS - first)]
    spec = WhisperSpec(1, 1, 1, 1)
    spec.register_vocabulary(vocabulary)
    for field, value in json.loads((_STARTER / "config.json").read_text("utf-8")).items():
        setattr(spec.config, field, value)
    _fill(spec, len(vocabulary), script, surety)
    spec.validate()
    spec.optimize()
    folder.mkdir(exist_ok=True)
    spec.save(str(folder))
    (folder / "tokenizer.json").write_bytes((_STARTER / "tokenizer.json").read_bytes())
    return folder


def _tokens(text: str) -> list[int]:
    tokenizer = tokenizers.Tokenizer.from_file(str(_STARTER / "tokenizer.json"))
    found: list[int] = tokenizer.encode(f" {text}", add_special_tokens=False).ids
    return found


def _fill(spec: Any, tokens: int, script: list[int], surety: float) -> None:
    generator = np.random.default_rng(5)

    def matrix(*shape: int) -> npt.NDArray[np.float32]:
        return generator.normal(scale=1e-6, size=shape).astype(np.float32)

    def norm(layer: Any) -> None:
        layer.gamma, layer.beta = np.ones(_WIDTH, np.float32), np.zeros(_WIDTH, np.float32)

    def linear(layer: Any, rows: int, columns: int) -> None:
        layer.weight, layer.bias = matrix(rows, columns), np.zeros(rows, np.float32)

    encoder, decoder = spec.encoder, spec.decoder
    encoder.conv1.weight, encoder.conv2.weight = matrix(_WIDTH, 80, 3), matrix(_WIDTH, _WIDTH, 3)
    encoder.conv1.bias = encoder.conv2.bias = np.zeros(_WIDTH, np.float32)
    encoder.position_encodings.encodings = matrix(_FRAMES, _WIDTH)
    for half in (encoder, decoder):
        norm(half.layer_norm)
        norm(half.layer[0].self_attention.layer_norm)
        linear(half.layer[0].self_attention.linear[0], 3 * _WIDTH, _WIDTH)
        linear(half.layer[0].self_attention.linear[1], _WIDTH, _WIDTH)
        norm(half.layer[0].ffn.layer_norm)
        linear(half.layer[0].ffn.linear_0, 4 * _WIDTH, _WIDTH)
        linear(half.layer[0].ffn.linear_1, _WIDTH, 4 * _WIDTH)
    norm(decoder.layer[0].attention.layer_norm)
    linear(decoder.layer[0].attention.linear[0], _WIDTH, _WIDTH)
    linear(decoder.layer[0].attention.linear[1], 2 * _WIDTH, _WIDTH)
    linear(decoder.layer[0].attention.linear[2], _WIDTH, _WIDTH)
    decoder.embeddings.weight = matrix(tokens, _WIDTH)
    decoder.projection.weight = matrix(tokens, _WIDTH)
    # One direction for each token of the script, with a mean of zero as the norm leaves it.
    distinct = sorted(set(script))
    basis = np.linalg.qr(np.vstack([np.ones(_WIDTH), generator.normal(size=(60, _WIDTH))]).T)[0].T
    directions = dict(zip(distinct, basis[1:], strict=False))
    for token, direction in directions.items():
        decoder.projection.weight[token] = surety * direction
    decoder.position_encodings.encodings = np.stack(
        [100 * directions[token] for token in script]
    ).astype(np.float32)
