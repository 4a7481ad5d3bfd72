"""Formant speech from the espeak-ng 1.52 library inside the piper-tts wheel, with event times."""

from __future__ import annotations

import ctypes
import importlib.util
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy.signal import resample_poly

if TYPE_CHECKING:
    from numpy.typing import NDArray

SAMPLE_RATE_HZ = 16000
_ESPEAK_RATE_HZ = 22050
_SYNCHRONOUS = 2
_PHONEME_EVENTS_IPA = 0x0001 | 0x0002
_WORD_EVENT, _PHONEME_EVENT = 1, 7
_UTF8 = 1
_PARAMETERS = {"rate": 1, "volume": 2, "pitch": 3, "pitch_range": 4, "word_gap": 7}


class _EventId(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _EventId),
    )


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


@dataclass
class Speech:
    """One spoken text and when its parts start."""

    samples: NDArray[np.float32]
    """Mono at 16 kHz, -1 to 1."""
    word_starts: list[tuple[int, float]] = field(default_factory=list)
    """(character offset in the text, seconds) of each word."""
    phonemes: list[tuple[float, str]] = field(default_factory=list)
    """(seconds, IPA name cut at 8 bytes); an empty name is a pause."""


class Espeak:
    """The library, one voice at a time; its state is global, so keep one instance in a process.

    piper's own phonemizer uses the same state: phonemize before making an instance.
    """

    def __init__(self) -> None:
        """Load the library; ImportError when piper-tts is not installed."""
        spec = importlib.util.find_spec("piper")
        if spec is None or spec.origin is None:
            raise ImportError("piper-tts is not installed: it brings the espeak-ng library")
        folder = Path(spec.origin).parent
        self._library = ctypes.CDLL(str(folder / "espeakbridge.so"))
        data_dir = str(folder / "espeak-ng-data").encode()
        rate = self._library.espeak_Initialize(_SYNCHRONOUS, 0, data_dir, _PHONEME_EVENTS_IPA)
        if rate != _ESPEAK_RATE_HZ:
            raise RuntimeError(f"espeak-ng did not start in {folder}: it returned {rate}")
        self._library.espeak_SetVoiceByName.argtypes = [ctypes.c_char_p]
        self._library.espeak_Synth.argtypes = [
            ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int,
            ctypes.c_uint, ctypes.c_uint, ctypes.c_void_p, ctypes.c_void_p,
        ]  # fmt: skip
        self._chunks: list[NDArray[np.int16]] = []
        self._speech = Speech(np.zeros(0, np.float32))
        self._callback = _Callback(self._receive)  # must outlive the library's use of it
        self._library.espeak_SetSynthCallback(self._callback)

    def synthesize(self, text: str, voice: str, **parameters: int) -> Speech:
        """Speak `text` with e.g. "pt-br+f3"; see `_PARAMETERS`.

        Raises ValueError for an unknown voice.
        """
        if self._library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise ValueError(f"espeak-ng has no voice {voice!r}")
        defaults = {"rate": 160, "volume": 100, "pitch": 50, "pitch_range": 50, "word_gap": 0}
        for name, value in (defaults | parameters).items():
            self._library.espeak_SetParameter(_PARAMETERS[name], value, 0)
        self._chunks.clear()
        self._speech = Speech(np.zeros(0, np.float32))
        encoded = text.encode() + b"\0"
        self._library.espeak_Synth(encoded, len(encoded), 0, 1, 0, _UTF8, None, None)
        self._library.espeak_Synchronize()
        if self._chunks:
            samples = np.concatenate(self._chunks).astype(np.float32) / 32768
            self._speech.samples = resample_poly(samples, 320, 441).astype(np.float32)
        return self._speech

    def _receive(
        self,
        samples: ctypes._Pointer[ctypes.c_short],
        count: int,
        events: ctypes._Pointer[_Event],
    ) -> int:
        if samples and count > 0:
            self._chunks.append(np.ctypeslib.as_array(samples, (count,)).copy())
        index = 0
        while (event := events[index]).type != 0:
            seconds = event.audio_position / 1000
            if event.type == _WORD_EVENT:
                self._speech.word_starts.append((event.text_position - 1, seconds))
            elif event.type == _PHONEME_EVENT:
                name = event.id.string.decode("utf8", "ignore")
                self._speech.phonemes.append((seconds, name))
            index += 1
        return 0
