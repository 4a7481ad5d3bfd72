"""From sound to text with a loaded model, again and again while the text is doubtful.

encode (bounded context) -> generate (beam 1)
  doubtful -> generate (beam 5) -> encode (whole context), generate (beam 5)
  still doubtful -> generate (sampling, without names)
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import ctranslate2
import numpy as np

from wyoming_servers.audio import SAMPLE_RATE_HZ, Samples

from .attempt import Attempt
from .context import FULL_FRAMES, Features, pad
from .phantoms import is_echo
from .vocabulary import MAX_TEXT_TOKENS, Vocabulary

# Nobody says more: fast speech has seven syllables a second, and the small vocabularies and the
# scripts of many bytes need two tokens for one. A model that loops ends here.
_TOKENS_PER_S = 15
_MIN_TOKENS = 30

_RETRY_BEAM_SIZE = 5  # OpenAI's
_RETRY_TEMPERATURE = 0.2


@dataclass(slots=True, kw_only=True)
class Window:
    """At most half a minute of one utterance, and what was made of it."""

    samples: Samples
    features: Features
    names: tuple[str, ...]
    """Names to expect, the most important first."""
    is_cancelled: Callable[[], bool]
    """Asked before each expensive step."""
    language: str | None
    """Whisper's code; None until it is detected."""
    attempts: list[Attempt] = field(default_factory=list)
    """The texts so far; none when it was cancelled."""
    frames: int = 0
    """The context that `encoded` was made with."""
    encoded: Any = None
    """The encoder's output while it is needed."""

    @property
    def is_doubtful(self) -> bool:
        """Whether the last attempt was not good enough."""
        return bool(self.attempts) and self.attempts[-1].is_doubtful

    @property
    def token_limit(self) -> int:
        """How long a text can be that somebody said in this time."""
        seconds = len(self.samples) / SAMPLE_RATE_HZ
        return min(_MIN_TOKENS + int(_TOKENS_PER_S * seconds), MAX_TEXT_TOKENS)


class Decoder:
    """Asks one model. Its methods may be called from several threads."""

    def __init__(
        self,
        model: ctranslate2.models.Whisper,
        vocabulary: Vocabulary,
        *,
        beam_size: int,
        languages: Sequence[str],
        initial_prompt: str,
        names_tokens: int,
    ) -> None:
        """Take a model; an undetermined language is one of `languages`, which the model has."""
        self._model = model
        self._vocabulary = vocabulary
        self._beam_size = beam_size
        self._languages = languages
        self._initial_prompt = initial_prompt
        self._names_tokens = names_tokens

    def prompt(self, language: str, names: tuple[str, ...]) -> list[int]:
        """Return the tokens before the text; only windows with equally many go together."""
        return self._vocabulary.prompt(
            language, self._initial_prompt, names, names_tokens=self._names_tokens
        )

    def decode(self, windows: Sequence[Window], frames: int) -> Iterator[int]:
        """Add attempts to windows, all with this context first, until none is doubtful.

        Yields the index of each window as it is done, those that were never doubtful first.
        """
        self.attempt(windows, frames)
        for index, window in sorted(enumerate(windows), key=lambda each: each[1].is_doubtful):
            if window.is_doubtful:
                self._try_harder(window)
            window.encoded = None
            if window.is_cancelled():
                window.attempts.clear()
            yield index

    def attempt(self, windows: Sequence[Window], frames: int) -> None:
        """Add one attempt to each window that somebody still waits for."""
        # One after the other: together takes a CPU longer, and more memory.
        for window in windows:
            self._encode(window, frames)
        self._generate(windows, beam_size=self._beam_size)

    def _try_harder(self, window: Window) -> None:
        if not window.attempts[-1].is_lost:
            self._generate([window], beam_size=_RETRY_BEAM_SIZE)
        if window.is_doubtful and window.frames < FULL_FRAMES:
            self._encode(window, FULL_FRAMES)
            self._generate([window], beam_size=_RETRY_BEAM_SIZE)
        if window.is_doubtful:
            # What the model was told to expect may be what leads it astray.
            self._generate([window], temperature=_RETRY_TEMPERATURE, has_names=False)

    def _encode(self, window: Window, frames: int) -> None:
        window.frames, window.encoded = frames, None
        if not window.is_cancelled():
            padded = pad(window.features, frames)[np.newaxis]
            window.encoded = self._model.encode(ctranslate2.StorageView.from_array(padded))

    def _generate(
        self,
        windows: Sequence[Window],
        *,
        beam_size: int = 1,
        temperature: float = 0.0,
        has_names: bool = True,
    ) -> None:
        windows = [each for each in windows if each.encoded is not None and not each.is_cancelled()]
        if not windows:
            return
        told = [each.names if has_names and self._names_tokens else () for each in windows]
        encoded = _joined([each.encoded for each in windows])
        languages = self._detect_languages(windows, encoded)
        prompts = [self.prompt(*each) for each in zip(languages, told, strict=True)]
        limit = max(each.token_limit for each in windows)
        results = self._model.generate(
            encoded,
            prompts,
            beam_size=beam_size,
            sampling_topk=0 if temperature else 1,
            sampling_temperature=temperature or 1.0,
            # CTranslate2 allows a text half of this, and this together with all of the prompt
            # but its last token.
            max_length=max(2 * limit, len(prompts[0]) - 1 + limit),
            suppress_tokens=self._vocabulary.suppressed,
            return_scores=True,
            return_no_speech_prob=True,
        )
        for window, result, names in zip(windows, results, told, strict=True):
            window.attempts.append(self._read(result, window.token_limit, names))

    def _read(self, result: Any, limit: int, names: tuple[str, ...]) -> Attempt:
        tokens = result.sequences_ids[0]
        text = self._vocabulary.text(tokens)
        return Attempt(
            text=text,
            # The score is the mean over the text, if there is any; the end of it counts as well.
            logprob=result.scores[0] * len(tokens) / (len(tokens) + 1) if tokens else 0.0,
            no_speech_probability=result.no_speech_prob,
            is_complete=len(tokens) < limit,
            is_echo=is_echo(text, names),
        )

    def _detect_languages(self, windows: Sequence[Window], encoded: Any) -> list[str]:
        """Determine the languages that are not known yet, from the encoder's output."""
        if len(self._languages) == 1:
            return [_settled(each, self._languages) for each in windows]
        if all(each.language for each in windows):
            return [_settled(each, ()) for each in windows]
        ranked = self._model.detect_language(encoded)
        likely = [[token.strip("<|>") for token, _ in tokens] for tokens in ranked]
        return [
            _settled(window, [code for code in codes if code in self._languages])
            for window, codes in zip(windows, likely, strict=True)
        ]


def _settled(window: Window, likely: Sequence[str]) -> str:
    window.language = window.language or likely[0]
    return window.language


def _joined(sounds: list[Any]) -> Any:
    """Return the encoder's outputs as one."""
    if len(sounds) == 1:
        return sounds[0]
    cpu, float32 = ctranslate2.Device.cpu, ctranslate2.DataType.float32
    arrays = [np.asarray(sound.to_device(cpu).to(float32)) for sound in sounds]
    return ctranslate2.StorageView.from_array(np.concatenate(arrays))
