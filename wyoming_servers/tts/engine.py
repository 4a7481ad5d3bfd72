"""Speech from text: Piper voices on ONNX Runtime. The only importer of both."""

import json
import logging
import threading
import unicodedata
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
from piper import PiperVoice
from piper.config import PhonemeType, PiperConfig, SynthesisConfig

from wyoming_servers.cores import default_threads

_LOGGER = logging.getLogger(__name__)

type Pcm = npt.NDArray[np.int16]
"""Mono samples at the voice's rate."""

# Speech of some 20 s at once: memory and time of a voice grow with the phonemes it gets, and
# 160 characters can be many more of them (160 digits are over a thousand).
_MAX_PHONEMES = 300
# Others need dictionaries and packages that a home server does not have.
_PHONEME_TYPES = (PhonemeType.ESPEAK, PhonemeType.TEXT)
_WARM_UP_TEXT = "Ok."
_FULL_SCALE = 32767.0
# Below this a piece is silence, and raising it to full scale would only make its noise heard.
_SILENT_PEAK = 1e-3


class VoiceLoadError(Exception):
    """A voice's files are there but cannot be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How a voice speaks; None leaves what its own JSON file says."""

    length_scale: float | None = None
    """Above 1 is slower."""
    noise_scale: float | None = None
    """Variation of tone."""
    noise_w_scale: float | None = None
    """Variation of rhythm."""


class SpeechEngine:
    """Keeps the voices used last in memory and speaks with them; safe to call from any thread."""

    def __init__(
        self, style: Style | None = None, *, threads: int = 0, max_voices: int = 2
    ) -> None:
        self._style = style or Style()
        self._threads = threads or default_threads()
        self._max_voices = max_voices
        self._voices: OrderedDict[Path, PiperVoice] = OrderedDict()
        self._loading = threading.Lock()

    @property
    def loaded(self) -> list[Path]:
        """The voices in memory, the one used last at the end."""
        return list(self._voices)

    def warm_up(self, path: Path) -> None:
        """Load a voice and say a word with it, so that the first request waits for neither.

        Raises VoiceLoadError.
        """
        for _ in self.speak(path, _WARM_UP_TEXT):
            pass

    def speak(
        self,
        path: Path,
        text: str,
        *,
        speaker_id: int | None = None,
        is_cancelled: Callable[[], bool] = lambda: False,
    ) -> Iterator[Pcm]:
        """Yield the sound of a text in parts; nothing for a text that has no sounds.

        Cancellation is checked before each part, which is at most about 20 s of speech.
        Raises VoiceLoadError.
        """
        voice = self._voice(path)
        config = SynthesisConfig(
            speaker_id=speaker_id,
            length_scale=self._style.length_scale,
            noise_scale=self._style.noise_scale,
            noise_w_scale=self._style.noise_w_scale,
        )
        for phonemes in _phonemize(voice, text):
            if is_cancelled():
                return
            audio = voice.phoneme_ids_to_audio(voice.phonemes_to_ids(phonemes), config)
            yield _to_pcm(np.atleast_1d(np.asarray(audio)))

    def _voice(self, path: Path) -> PiperVoice:
        with self._loading:
            if path not in self._voices:
                self._voices[path] = _load(path, self._threads)
                while len(self._voices) > self._max_voices:
                    forgotten, _ = self._voices.popitem(last=False)
                    _LOGGER.debug("Voice %s left the memory", forgotten.stem)
            self._voices.move_to_end(path)
            return self._voices[path]


def _load(path: Path, threads: int) -> PiperVoice:
    try:
        config = PiperConfig.from_dict(json.loads(Path(f"{path}.json").read_text("utf-8")))
        session = onnxruntime.InferenceSession(
            str(path), sess_options=_session_options(threads), providers=["CPUExecutionProvider"]
        )
    except Exception as err:  # onnxruntime's exceptions share no public base
        raise VoiceLoadError(
            f"The voice {path.stem} cannot be loaded from {path.parent}: {err}"
        ) from err
    if config.phoneme_type not in _PHONEME_TYPES:
        raise VoiceLoadError(
            f"The voice {path.stem} needs phonemes of type {config.phoneme_type.value},"
            " which this server does not make"
        )
    _LOGGER.info("Voice %s loaded", path.stem)
    return PiperVoice(session=session, config=config, download_dir=path.parent)


def _session_options(threads: int) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # The arena and the memory pattern never give back what the longest sentence took:
    # 2.1 GB after 52 s of speech, 290 MB without, at the same speed for short pieces.
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False
    # Threads that spin between operators burn 5 % more CPU and gain no time.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


def _phonemize(voice: PiperVoice, text: str) -> Iterator[list[str]]:
    """Phonemes of a text in parts short enough for one run, parts without sounds left out."""
    known = voice.config.phoneme_id_map
    for sentence in voice.phonemize(_speakable(text)):
        phonemes = [phoneme for phoneme in sentence if phoneme in known]
        while any(phoneme.isalpha() for phoneme in phonemes):
            cut = _cut(phonemes)
            yield phonemes[:cut]
            phonemes = phonemes[cut:]


def _cut(phonemes: list[str]) -> int:
    """Where to end a part: after the last word that fits, else in the middle of a word."""
    if len(phonemes) <= _MAX_PHONEMES:
        return len(phonemes)
    spaces = (at for at in range(_MAX_PHONEMES, 0, -1) if phonemes[at] == " ")
    return next(spaces, _MAX_PHONEMES)


def _speakable(text: str) -> str:
    """Leave what the C library and Piper's own mark-up can take.

    NUL and lone surrogates cannot cross into C, soft hyphens and joiners would split a word,
    and "[[" would switch to raw phonemes.
    """
    text = "".join(
        char if char.isprintable() else "" if unicodedata.category(char) == "Cf" else " "
        for char in text
    )
    return text.replace("[[", "[ [")


def _to_pcm(audio: npt.NDArray[Any]) -> Pcm:
    """Scale to full range, as every Piper voice expects of its player, and round."""
    audio = np.nan_to_num(audio.astype(np.float32), nan=0.0, posinf=1.0, neginf=-1.0)
    peak = float(np.max(np.abs(audio), initial=0.0))
    if peak < _SILENT_PEAK:
        return np.zeros(audio.shape, dtype=np.int16)
    return np.asarray(np.round(audio * (_FULL_SCALE / peak)), dtype=np.int16)
