"""Speech recognition: a Whisper model on CTranslate2, asked for no more than is needed.

    samples -> log-mel features -> a context as short as possible -> encode -> generate -> text

A text that looks doubtful is decoded again with the whole context and more thoroughly; what then
still does is better not said.
"""

import threading
import time
import zlib
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
from faster_whisper.feature_extractor import FeatureExtractor

from wyoming_servers.audio import SAMPLE_RATE_HZ, Samples
from wyoming_servers.cores import default_threads

from .context import FULL_FRAMES, Context, Features, frames_for, pad, windows_of
from .phantoms import cleaned
from .vocabulary import Vocabulary, VocabularyError

# OpenAI's own limit for text that compresses too well to be speech, and a little below the
# likelihood of what real models write when they understand (about -0.2 to -0.5 per token).
_MAX_COMPRESSION_RATIO = 2.4
_MIN_LOGPROB = -0.8
# Below this nothing of the text is worth acting on; between the two it is the best there is.
_HOPELESS_LOGPROB = -1.5
_NO_SPEECH_PROBABILITY = 0.6

# Nobody says more: fast speech has some seven syllables a second, and a token is seldom less.
_TOKENS_PER_S = 10
_MIN_TOKENS = 24
_MAX_LENGTH = 448

_FROM_INT16 = np.float32(1 / 32768)


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
    """Room in the prompt for words to expect; each token costs a little time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One utterance to recognise."""

    samples: Samples
    """Speech with a margin, not empty."""
    language: str | None = None
    """One of the model's codes; None to detect it."""
    names: tuple[str, ...] = ()
    """Words to expect, the most important first."""
    is_cancelled: Callable[[], bool] = lambda: False
    """Asked before each expensive step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcription:
    """What was said; empty text for what turned out to be noise."""

    text: str
    language: str
    """Whisper's code."""
    decode_s: float
    """Time it took, shared with what was decoded together."""
    tries: int
    """How often it was decoded: 1, unless the first texts were doubtful."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attempt:
    """One text of one window of sound."""

    text: str
    language: str
    logprob: float
    """Mean over the tokens, natural logarithm."""
    no_speech: float
    is_complete: bool
    """The model found the end of the text."""

    @property
    def is_doubtful(self) -> bool:
        return self.logprob < _MIN_LOGPROB or not self.is_complete or self.is_repetitive

    @property
    def is_repetitive(self) -> bool:
        content = self.text.encode()
        return len(content) / len(zlib.compress(content)) > _MAX_COMPRESSION_RATIO

    @property
    def is_noise(self) -> bool:
        unlikely = self.logprob < _MIN_LOGPROB and self.no_speech > _NO_SPEECH_PROBABILITY
        return unlikely or self.logprob < _HOPELESS_LOGPROB


@dataclass(slots=True)
class _Window:
    """At most half a minute of one utterance."""

    request: Request
    samples: Samples
    features: Features = field(init=False)


class Transcriber:
    """One Whisper model. `transcribe` may be called from several threads."""

    def __init__(self, folder: Path, options: EngineOptions) -> None:
        """Load the model; blocks for up to some seconds. Raises EngineError."""
        device = _device(options.device)
        self._options = options
        self._loading = threading.Lock()
        try:
            self._vocabulary = Vocabulary(folder)
            self._model = ctranslate2.models.Whisper(
                str(folder.resolve(strict=True)),
                device=device,
                compute_type=_compute_type(options.compute_type, device),
                intra_threads=options.threads or default_threads(),
            )
        except VocabularyError as err:
            raise EngineError(str(err)) from err
        except (OSError, RuntimeError, ValueError) as err:
            raise EngineError(f"The model in {folder} cannot be loaded: {err}") from err
        self.languages = self._vocabulary.languages
        self._extract = FeatureExtractor(feature_size=self._model.n_mels)

    @property
    def is_loaded(self) -> bool:
        """Whether the weights are in memory."""
        return bool(self._model.model_is_loaded)

    def load(self) -> None:
        """Bring the weights back after `unload`; blocks."""
        with self._loading:
            if not self.is_loaded:
                self._model.load_model()

    def unload(self) -> None:
        """Free the memory of the weights until they are wanted again."""
        with self._loading:
            self._model.unload_model()

    def warm_up(self) -> None:
        """Run every part once, so that the first utterance is as fast as all others."""
        noise = np.random.default_rng(0).normal(scale=300, size=SAMPLE_RATE_HZ)
        request = Request(samples=noise.astype(np.int16))
        self._recognise([self._window(request, request.samples)])

    def batch_key(self, request: Request) -> Hashable:
        """Return what utterances must have in common to be decoded together; None for alone."""
        if len(windows_of(request.samples)) > 1:
            return None
        frames = frames_for(request.samples, self._options.context)
        return frames, len(self._prompt(request, self.languages[0]))

    def transcribe(self, requests: Sequence[Request]) -> list[Transcription | None]:
        """Recognise utterances together; those of one call have the same `batch_key`.

        Gives None for each whose `is_cancelled` turned true.
        """
        self.load()
        started_s = time.monotonic()
        if len(requests) == 1:
            windows = windows_of(requests[0].samples)
            attempts = [self._recognise([self._window(requests[0], each)])[0] for each in windows]
            return [self._join(requests[0], attempts, started_s)]
        found = self._recognise([self._window(each, each.samples) for each in requests])
        pairs = zip(requests, found, strict=True)
        return [self._join(request, [tries], started_s) for request, tries in pairs]

    def _join(
        self, request: Request, windows: list[list[_Attempt]], started_s: float
    ) -> Transcription | None:
        """Put the texts of the windows of one utterance together."""
        if request.is_cancelled() or not all(windows):
            return None
        best = [_best(attempts) for attempts in windows]
        return Transcription(
            text=cleaned(" ".join(each.text for each in best if each is not None)),
            language=windows[0][-1].language,
            decode_s=time.monotonic() - started_s,
            tries=max(map(len, windows)),
        )

    def _recognise(self, windows: list[_Window]) -> list[list[_Attempt]]:
        """Return the attempts at each window, the best last; none for a cancelled one."""
        frames = max(frames_for(each.samples, self._options.context) for each in windows)
        attempts = [[each] if each else [] for each in self._attempt(windows, frames)]
        for window, tries in zip(windows, attempts, strict=True):
            if tries and tries[0].is_doubtful:
                self._try_harder(window, tries)
        return attempts

    def _try_harder(self, window: _Window, tries: list[_Attempt]) -> None:
        """Decode a window again with all there is, until the text is no longer doubtful."""
        for temperature in (0.0, 0.2):
            if window.request.is_cancelled():
                tries.clear()
                return
            again = self._attempt([window], FULL_FRAMES, beam_size=5, temperature=temperature)[0]
            if again is None:
                tries.clear()
                return
            tries.append(again)
            if not again.is_doubtful:
                return

    def _attempt(
        self,
        windows: list[_Window],
        frames: int,
        *,
        beam_size: int | None = None,
        temperature: float = 0.0,
    ) -> list[_Attempt | None]:
        """Decode windows together once; None for each that was cancelled before the end."""
        if all(each.request.is_cancelled() for each in windows):
            return [None] * len(windows)
        padded = np.stack([pad(each.features, frames) for each in windows])
        encoded = self._model.encode(ctranslate2.StorageView.from_array(padded))
        if all(each.request.is_cancelled() for each in windows):
            return [None] * len(windows)
        languages = self._languages(windows, encoded)
        pairs = list(zip(windows, languages, strict=True))
        prompts = [self._prompt(window.request, language) for window, language in pairs]
        longest_s = max(len(each.samples) for each in windows) / SAMPLE_RATE_HZ
        limit = min(int(_MIN_TOKENS + _TOKENS_PER_S * longest_s), _MAX_LENGTH - len(prompts[0]))
        sampling: dict[str, Any] = {"beam_size": beam_size or self._options.beam_size}
        if temperature:
            sampling = {"beam_size": 1, "sampling_topk": 0, "sampling_temperature": temperature}
        results = self._model.generate(
            encoded,
            prompts,
            max_length=len(prompts[0]) + limit,
            suppress_tokens=self._vocabulary.suppressed,
            return_scores=True,
            return_no_speech_prob=True,
            **sampling,
        )
        return [
            self._read(result, language, limit)
            for result, language in zip(results, languages, strict=True)
        ]

    def _read(self, result: Any, language: str, limit: int) -> _Attempt:
        tokens = result.sequences_ids[0]
        return _Attempt(
            text=self._vocabulary.text(tokens),
            language=language,
            # The score is the mean over the text; the end of it counts as well.
            logprob=result.scores[0] * len(tokens) / (len(tokens) + 1),
            no_speech=result.no_speech_prob,
            is_complete=len(tokens) < limit,
        )

    def _languages(self, windows: list[_Window], encoded: Any) -> list[str]:
        if all(each.request.language for each in windows) or len(self.languages) == 1:
            return [each.request.language or self.languages[0] for each in windows]
        among = set(self._options.languages) & set(self.languages) or set(self.languages)
        detected = [
            next(code for token, _ in ranked if (code := token.strip("<|>")) in among)
            for ranked in self._model.detect_language(encoded)
        ]
        return [
            each.request.language or language
            for each, language in zip(windows, detected, strict=True)
        ]

    def _prompt(self, request: Request, language: str) -> list[int]:
        options = self._options
        return self._vocabulary.prompt(
            language, options.initial_prompt or "", request.names, limit=options.names_tokens
        )

    def _window(self, request: Request, samples: Samples) -> _Window:
        window = _Window(request, samples)
        window.features = self._extract(samples.astype(np.float32) * _FROM_INT16)
        return window


def _best(attempts: list[_Attempt]) -> _Attempt | None:
    """Choose the text to believe; None when it is better to have understood nothing."""
    best = max(attempts, key=lambda each: (not each.is_repetitive, each.is_complete, each.logprob))
    return None if best.is_noise or best.is_repetitive else best


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
