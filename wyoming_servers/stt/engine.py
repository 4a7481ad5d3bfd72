"""Speech recognition: Silero decides whether there is speech, faster-whisper what it says."""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import ctranslate2
import numpy as np
import numpy.typing as npt
from faster_whisper import WhisperModel
from faster_whisper.tokenizer import _LANGUAGE_CODES
from faster_whisper.vad import VadOptions, get_speech_timestamps

from wyoming_servers.audio import SAMPLE_RATE_HZ, Samples
from wyoming_servers.cores import default_threads

# Speech shorter than 96 ms is a click; "sim" and "yes" last 200 ms and more. Half a second
# of context on both sides keeps soft beginnings and endings that the detector misses.
_VAD = VadOptions(threshold=0.5, min_speech_duration_ms=96, speech_pad_ms=500)

# One retry with a little chance when the first text repeats itself or is very unlikely; the
# library's six would make a noisy utterance cost seconds. The thresholds are the library's.
_TEMPERATURES = (0.0, 0.2)
_MAX_COMPRESSION_RATIO = 2.4

ALL_LANGUAGES: tuple[str, ...] = tuple(sorted(_LANGUAGE_CODES))
"""The codes of a multilingual model that is not on disk yet."""


class EngineError(Exception):
    """A model cannot be loaded; the text says which and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineOptions:
    """How a model is loaded and asked."""

    device: str = "auto"
    """cpu, cuda, or auto: cuda where there is one."""
    compute_type: str = "auto"
    """A CTranslate2 type, or auto: int8 on a CPU, float16 on a GPU."""
    threads: int = 0
    """CPU threads; 0 for one per physical core, at most four."""
    beam_size: int = 1
    initial_prompt: str | None = None


@dataclass(frozen=True, slots=True)
class Transcription:
    """What was said; empty text for silence and noise."""

    text: str
    language: str | None
    """Whisper's code; None when nothing was said and the language was not given."""


class Transcriber:
    """One loaded Whisper model. `transcribe` may be called from several threads."""

    def __init__(self, folder: Path, options: EngineOptions) -> None:
        """Load the model; blocks for up to some seconds. Raises EngineError."""
        # The library logs the duration of all audio at INFO.
        logging.getLogger("faster_whisper").setLevel(logging.WARNING)
        device = _device(options.device)
        self._options = options
        try:
            # Always a folder: with anything else the library would ask the hub for it.
            self._model = WhisperModel(
                str(folder.resolve(strict=True)),
                device=device,
                compute_type=_compute_type(options.compute_type, device),
                cpu_threads=options.threads or default_threads(),
            )
        except (OSError, RuntimeError, ValueError) as err:
            raise EngineError(f"The model in {folder} cannot be loaded: {err}") from err
        self.languages = languages_of(folder)

    def warm_up(self) -> None:
        """Run every part once, so that the first utterance is as fast as all others."""
        silence = np.zeros(SAMPLE_RATE_HZ, np.float32)
        _speech_bounds(silence)
        self._decode(silence, self.languages[0], lambda: False)

    def transcribe(
        self, samples: Samples, language: str | None, is_cancelled: Callable[[], bool]
    ) -> Transcription | None:
        """Transcribe one utterance in a language of `languages`, or a detected one for None.

        Gives None when `is_cancelled` turned true, which is asked before each 30 s window.
        """
        audio = samples.astype(np.float32) * np.float32(1 / 32768)
        bounds = _speech_bounds(audio)
        if bounds is None:
            return Transcription("", language)
        if is_cancelled():
            return None
        return self._decode(audio[slice(*bounds)], language, is_cancelled)

    def _decode(
        self, audio: npt.NDArray[np.float32], language: str | None, is_cancelled: Callable[[], bool]
    ) -> Transcription | None:
        segments, info = self._model.transcribe(
            audio,
            language=language,
            beam_size=self._options.beam_size,
            temperature=_TEMPERATURES,
            compression_ratio_threshold=_MAX_COMPRESSION_RATIO,
            initial_prompt=self._options.initial_prompt,
            condition_on_previous_text=False,
            without_timestamps=True,
        )
        texts: list[str] = []
        for segment in segments:
            if is_cancelled():
                return None
            if segment.compression_ratio <= _MAX_COMPRESSION_RATIO:
                texts.append(segment.text.strip())
        return Transcription(" ".join(filter(None, texts)), info.language)


def languages_of(folder: Path) -> tuple[str, ...]:
    """Read from a model's files which language codes it was trained with.

    Raises EngineError when they cannot be read.
    """
    try:
        vocabulary = _vocabulary(folder)
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        ids = config.get("lang_ids", [])
        languages = tuple(sorted(vocabulary[number].strip("<|>") for number in ids))
    except (OSError, ValueError, LookupError, AttributeError, TypeError) as err:
        raise EngineError(f"The model in {folder} cannot be read: {err}") from err
    # CTranslate2 takes a Whisper model without the empty token for an English-only one.
    return languages if languages and "" in vocabulary else ("en",)


def _vocabulary(folder: Path) -> list[str]:
    path = folder / "vocabulary.json"
    if path.is_file():
        tokens: list[str] = json.loads(path.read_text(encoding="utf-8"))
        return tokens
    return (folder / "vocabulary.txt").read_text(encoding="utf-8").split("\n")


def _speech_bounds(audio: npt.NDArray[np.float32]) -> tuple[int, int] | None:
    """Return the first and last sample worth decoding, None when there is no speech."""
    speech = get_speech_timestamps(audio, _VAD)
    return (speech[0]["start"], speech[-1]["end"]) if speech else None


def _device(wanted: str) -> str:
    has_gpu = ctranslate2.get_cuda_device_count() > 0
    if wanted == "cuda" and not has_gpu:
        raise EngineError("There is no CUDA device here; use --device auto or cpu.")
    return "cuda" if has_gpu and wanted != "cpu" else "cpu"


def _compute_type(wanted: str, device: str) -> str:
    supported = ctranslate2.get_supported_compute_types(device)
    if wanted != "auto":
        if wanted not in supported:
            raise EngineError(
                f"The {device} here has no compute type {wanted}; use --compute-type auto or"
                f" one of {', '.join(sorted(supported))}."
            )
        return wanted
    best = "int8" if device == "cpu" else "float16"
    return best if best in supported else "auto"
