"""Speech recognition: a Whisper model on CTranslate2, asked for no more than is needed.

samples -> windows of half a minute -> log-mel features -> decoding -> text that can be believed
"""

import threading
import time
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import ctranslate2
import numpy as np
from faster_whisper.feature_extractor import FeatureExtractor

from wyoming_servers.audio import SAMPLE_RATE_HZ, Samples
from wyoming_servers.cores import default_threads

from .attempt import best_of
from .context import Context, frames_for, windows_of
from .decoding import Decoder, Window
from .vocabulary import Vocabulary, VocabularyError

_FROM_INT16 = np.float32(1 / 32768)

# CTranslate2 refuses to unload for a moment after its last answer, a millisecond at most here.
_UNLOAD_TRIES = 100
_UNLOAD_PAUSE_S = 0.01


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
    context: Context = Context.SAFE
    languages: tuple[str, ...] = ()
    """Whisper's codes that detection chooses among; empty for all of the model."""
    initial_prompt: str | None = None
    names_tokens: int = 100
    """Room in the prompt for names to expect. The starter model understands worse with any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One utterance to recognise."""

    samples: Samples
    """Speech with a margin, not empty."""
    language: str | None = None
    """One of the model's codes; None to detect it."""
    names: tuple[str, ...] = ()
    """Names to expect, the most important first."""
    is_cancelled: Callable[[], bool] = lambda: False
    """Asked before each expensive step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcription:
    """What was said; empty text for what turned out to be noise."""

    text: str
    language: str
    """Whisper's code."""
    decode_s: float
    """Time it took, together with what was decoded at once."""
    frames: int
    """The longest context that was needed, in frames of 10 ms."""
    tries: int
    """How often it was decoded: 1, unless the first texts were doubtful."""
    logprob: float
    """Of the least likely window: mean over its tokens, natural logarithm; 0 is certain."""


class Transcriber:
    """One Whisper model. `transcribe` may be called from several threads."""

    def __init__(self, folder: Path, options: EngineOptions) -> None:
        """Load the model; blocks for up to some seconds. Raises EngineError."""
        device = _device(options.device)
        self._folder = folder
        self._context = options.context
        self._loading = threading.Lock()
        try:
            vocabulary = Vocabulary(folder)
            self._model = ctranslate2.models.Whisper(
                str(folder.resolve(strict=True)),
                device=device,
                compute_type=_compute_type(options.compute_type, device),
                intra_threads=options.threads or default_threads(),
            )
        except VocabularyError as err:
            raise EngineError(str(err)) from err
        except (OSError, RuntimeError, ValueError) as err:
            raise self._unusable(err) from err
        self.languages = vocabulary.languages
        self._extract = FeatureExtractor(feature_size=self._model.n_mels)
        self._decoder = Decoder(
            self._model,
            vocabulary,
            beam_size=options.beam_size,
            languages=[code for code in options.languages if code in self.languages]
            or self.languages,
            initial_prompt=options.initial_prompt or "",
            names_tokens=options.names_tokens,
        )

    def __str__(self) -> str:
        return f"Model {self._folder.name}"

    @property
    def is_loaded(self) -> bool:
        """Whether the weights are in memory."""
        return bool(self._model.model_is_loaded)

    def load(self) -> None:
        """Bring the weights back after `unload`; blocks. Raises EngineError."""
        with self._loading:
            if not self.is_loaded:
                try:
                    self._model.load_model()
                except (OSError, RuntimeError, ValueError) as err:
                    raise self._unusable(err) from err

    def unload(self) -> None:
        """Free the memory of the weights; only while nothing is transcribed."""
        with self._loading:
            for _ in range(_UNLOAD_TRIES):
                self._model.unload_model()
                if not self.is_loaded:
                    break
                time.sleep(_UNLOAD_PAUSE_S)

    def warm_up(self) -> None:
        """Run every part once, so that the first utterance is as fast as all others."""
        noise = np.random.default_rng(0).normal(scale=300, size=SAMPLE_RATE_HZ)
        request = Request(samples=noise.astype(np.int16))
        # Once is enough: the context of a second try would need more memory than any home command.
        frames = frames_for(request.samples, self._context)
        self._decoder.attempt([self._window(request, request.samples)], frames)

    def batch_key(self, request: Request) -> Hashable:
        """Return what utterances have in common that are decoded together; None for alone."""
        if len(windows_of(request.samples)) > 1:
            return None
        prompt = self._decoder.prompt(self.languages[0], request.names)
        return frames_for(request.samples, self._context), len(prompt)

    def transcribe(self, requests: Sequence[Request]) -> list[Transcription | None]:
        """Recognise utterances, those with an equal `batch_key` together.

        Gives None for each whose `is_cancelled` turned true. Raises EngineError when the model
        was unloaded and cannot be loaded again.
        """
        found: list[Transcription | None] = [None] * len(requests)
        for index, transcription in self.transcribe_each(requests):
            found[index] = transcription
        return found

    def transcribe_each(
        self, requests: Sequence[Request]
    ) -> Iterator[tuple[int, Transcription | None]]:
        """Do as `transcribe`, but give each result with its index as soon as it is there.

        So nobody waits for another one's doubtful text.
        """
        self.load()
        for indices in self._batches(requests):
            started_s = time.monotonic()
            if len(indices) == 1:
                parts = self._decode_alone(requests[indices[0]])
                yield indices[0], _transcription(parts, time.monotonic() - started_s)
                continue
            together = [requests[index] for index in indices]
            windows = [self._window(each, each.samples, each.language) for each in together]
            for at in self._decoder.decode(windows, frames_for(windows[0].samples, self._context)):
                yield indices[at], _transcription([windows[at]], time.monotonic() - started_s)

    def _batches(self, requests: Sequence[Request]) -> Iterable[list[int]]:
        batches: dict[Hashable, list[int]] = {}
        for index, request in enumerate(requests):
            key = self.batch_key(request) if len(requests) > 1 else None
            batches.setdefault(index if key is None else key, []).append(index)
        return batches.values()

    def _decode_alone(self, request: Request) -> list[Window]:
        """Decode one utterance window by window, all in the language of the first."""
        windows: list[Window] = []
        for samples in windows_of(request.samples):
            language = windows[0].language if windows else request.language
            windows.append(window := self._window(request, samples, language))
            for _ in self._decoder.decode([window], frames_for(samples, self._context)):
                pass
            if not window.attempts:
                break
        return windows

    def _window(self, request: Request, samples: Samples, language: str | None = None) -> Window:
        return Window(
            samples=samples,
            features=self._extract(samples.astype(np.float32) * _FROM_INT16),
            names=request.names,
            is_cancelled=request.is_cancelled,
            language=language,
        )

    def _unusable(self, err: Exception) -> EngineError:
        return EngineError(f"The model in {self._folder} cannot be loaded: {err}")


def _transcription(windows: list[Window], decode_s: float) -> Transcription | None:
    """Put the texts of one utterance together; None when it was cancelled."""
    language = windows[0].language
    if language is None or not all(each.attempts for each in windows):
        return None
    best = [best_of(each.attempts) for each in windows]
    return Transcription(
        text=" ".join(filter(None, (each.heard for each in best))),
        language=language,
        decode_s=decode_s,
        frames=max(each.frames for each in windows),
        tries=max(len(each.attempts) for each in windows),
        logprob=min(each.logprob for each in best),
    )


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
