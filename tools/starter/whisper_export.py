"""The trained tiny Whisper as an int8 folder that an unmodified faster-whisper loads."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import torch
from ctranslate2.converters import TransformersConverter
from tokenizers import Tokenizer
from tools.starter.vocabulary import SpecialTokens
from tools.starter.whisper_model import (
    AUDIO_POSITIONS,
    MEL_BANDS,
    TEXT_POSITIONS,
    Dimensions,
)
from transformers import GenerationConfig, WhisperConfig, WhisperForConditionalGeneration

_PREPROCESSOR = {
    "feature_extractor_type": "WhisperFeatureExtractor",
    "processor_class": "WhisperProcessor",
    "feature_size": MEL_BANDS,
    "sampling_rate": 16000,
    "hop_length": 160,
    "n_fft": 400,
    "chunk_length": 30,
    "n_samples": 480000,
    "nb_max_frames": 2 * AUDIO_POSITIONS,
    "padding_side": "right",
    "padding_value": 0.0,
}


def export_whisper(checkpoint_path: Path, tokenizer_path: Path, folder: Path) -> None:
    """Convert the checkpoint's weights by way of a Hugging Face folder."""
    checkpoint: dict[str, Any] = torch.load(checkpoint_path, weights_only=True)
    special = SpecialTokens.of(Tokenizer.from_file(str(tokenizer_path)))
    dimensions = Dimensions(**checkpoint["dimensions"])
    model = WhisperForConditionalGeneration(_config(dimensions, special))
    weights = {
        f"model.{name}": value
        for name, value in checkpoint["weights"].items()
        if "phoneme_head" not in name
    }
    model.load_state_dict(
        weights | {"proj_out.weight": weights["model.decoder.embed_tokens.weight"]}
    )
    model.generation_config = _generation_config(dimensions, special)
    with tempfile.TemporaryDirectory() as temporary:
        source = Path(temporary)
        model.save_pretrained(source)
        shutil.copy(tokenizer_path, source / "tokenizer.json")
        _write_json(source / "tokenizer_config.json", _tokenizer_config())
        _write_json(source / "preprocessor_config.json", _PREPROCESSOR)
        converter = TransformersConverter(
            str(source), copy_files=["tokenizer.json", "preprocessor_config.json"]
        )
        converter.convert(str(folder), quantization="int8", force=True)


def _config(dimensions: Dimensions, special: SpecialTokens) -> WhisperConfig:
    return WhisperConfig(  # type: ignore[no-untyped-call]
        vocab_size=dimensions.vocabulary,
        num_mel_bins=MEL_BANDS,
        d_model=dimensions.width,
        encoder_layers=dimensions.encoder_layers,
        decoder_layers=dimensions.decoder_layers,
        encoder_attention_heads=dimensions.heads,
        decoder_attention_heads=dimensions.heads,
        encoder_ffn_dim=4 * dimensions.width,
        decoder_ffn_dim=4 * dimensions.width,
        max_source_positions=AUDIO_POSITIONS,
        max_target_positions=TEXT_POSITIONS,
        decoder_start_token_id=special.start,
        bos_token_id=special.end,
        eos_token_id=special.end,
        pad_token_id=special.end,
        # Whisper's own lists would ban the empty transcript that noise must be able to get.
        suppress_tokens=None,
        begin_suppress_tokens=None,
    )


def _generation_config(dimensions: Dimensions, special: SpecialTokens) -> GenerationConfig:
    return GenerationConfig(  # type: ignore[no-untyped-call]
        bos_token_id=special.end,
        eos_token_id=special.end,
        pad_token_id=special.end,
        decoder_start_token_id=special.start,
        is_multilingual=True,
        no_timestamps_token_id=special.no_timestamps,
        suppress_tokens=[],
        begin_suppress_tokens=[],
        lang_to_id={f"<|{code}|>": token for code, token in special.languages.items()},
        task_to_id={"transcribe": special.transcribe, "translate": special.translate},
        # The head that the alignment loss taught; faster-whisper takes word times from it.
        alignment_heads=[[dimensions.decoder_layers - 1, 0]],
        max_length=TEXT_POSITIONS,
        return_timestamps=False,
    )


def _tokenizer_config() -> dict[str, Any]:
    end = "<|endoftext|>"
    return {
        "tokenizer_class": "WhisperTokenizer",
        **dict.fromkeys(("bos_token", "eos_token", "unk_token", "pad_token"), end),
        "model_max_length": TEXT_POSITIONS,
        "clean_up_tokenization_spaces": False,
    }


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content), encoding="utf-8")
