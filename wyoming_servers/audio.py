"""PCM as clients send it, turned into int16 mono at 16 kHz."""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

type Samples = npt.NDArray[np.int16]
"""int16 mono at `SAMPLE_RATE_HZ`, any length."""

SAMPLE_RATE_HZ = 16_000

# Telephone speech to studio converters; below, nothing is intelligible.
_MIN_RATE_HZ, _MAX_RATE_HZ = 8_000, 96_000
_MAX_WIDTH_BYTES = 4
_MAX_CHANNELS = 8  # the largest microphone arrays in use have 8

# Windowed sinc: 16 zero crossings and Kaiser beta 9 keep aliases below -80 dB; 512 phases
# put the error of the nearest one below the noise of 16-bit speech.
_ZERO_CROSSINGS = 16
_KAISER_BETA = 9.0
_ROLLOFF = 0.93
_MAX_PHASES = 512
# Each sample takes the taps of a whole filter while it is made: 0.3 s need 8 MB at most,
# half a minute of telephone sound in one chunk 150 MB.
_PIECE_SAMPLES = 4800

_FROM_INT32 = np.float32(1 / 65536)


class AudioFormatError(ValueError):
    """A format that is not supported, or bytes that do not fit it."""


@dataclass(frozen=True, slots=True)
class PcmFormat:
    """Interleaved little-endian PCM; 8-bit is unsigned as in WAV, all others signed."""

    rate_hz: int
    width_bytes: int
    channels: int

    def __post_init__(self) -> None:
        """Refuse formats outside the supported range with AudioFormatError."""
        if not _MIN_RATE_HZ <= self.rate_hz <= _MAX_RATE_HZ:
            raise AudioFormatError(
                f"A rate of {self.rate_hz} Hz is not supported: {_MIN_RATE_HZ} to {_MAX_RATE_HZ}."
            )
        if not 1 <= self.width_bytes <= _MAX_WIDTH_BYTES:
            raise AudioFormatError(
                f"A width of {self.width_bytes} bytes is not supported: 1 to {_MAX_WIDTH_BYTES}."
            )
        if not 1 <= self.channels <= _MAX_CHANNELS:
            raise AudioFormatError(
                f"{self.channels} channels are not supported: 1 to {_MAX_CHANNELS}."
            )

    @property
    def frame_bytes(self) -> int:
        """Bytes of one sample of all channels."""
        return self.width_bytes * self.channels


class PcmConverter:
    """Converts one stream of PCM chunks; `flush` gives what the filter still holds."""

    def __init__(self, pcm: PcmFormat) -> None:
        self._pcm = pcm
        self._resampler = None if pcm.rate_hz == SAMPLE_RATE_HZ else _Resampler(pcm.rate_hz)

    def convert(self, audio: bytes) -> Samples:
        """Return the samples that are complete with this chunk.

        Raises AudioFormatError when the bytes are no whole number of frames.
        """
        if len(audio) % self._pcm.frame_bytes:
            raise AudioFormatError(
                f"{len(audio)} bytes of audio are no whole number of frames of"
                f" {self._pcm.frame_bytes} bytes."
            )
        channels = _decode(audio, self._pcm.width_bytes).reshape(-1, self._pcm.channels)
        mono = channels[:, 0] if self._pcm.channels == 1 else channels.mean(axis=1)
        return _int16(self._resampler.push(mono) if self._resampler else mono)

    def flush(self) -> Samples:
        """Return the last samples of the stream."""
        return _int16(self._resampler.flush() if self._resampler else np.empty(0, np.float32))


class _Resampler:
    """Band-limited resampling of a stream to 16 kHz, with exact rational positions."""

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._filter = _filter(rate_hz)
        self._taps = self._filter.shape[1]
        # Half a filter of silence before the first sample.
        self._input = np.zeros(self._taps // 2 - 1, np.float32)
        self._dropped = -(self._taps // 2 - 1)  # index in the stream of self._input[0]
        self._received = 0
        self._emitted = 0

    def push(self, mono: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        self._input = np.concatenate((self._input, mono))
        self._received += len(mono)
        # Output n stands at n * rate / 16000 and needs half a filter of input after it.
        return self._emit((self._received - self._taps // 2) * SAMPLE_RATE_HZ // self._rate_hz)

    def flush(self) -> npt.NDArray[np.float32]:
        self._input = np.concatenate((self._input, np.zeros(self._taps, np.float32)))
        return self._emit(-(-self._received * SAMPLE_RATE_HZ // self._rate_hz))

    def _emit(self, until: int) -> npt.NDArray[np.float32]:
        pieces = [np.empty(0, np.float32)]
        while self._emitted < until:
            pieces.append(self._piece(min(until, self._emitted + _PIECE_SAMPLES)))
        return np.concatenate(pieces)

    def _piece(self, until: int) -> npt.NDArray[np.float32]:
        positions = np.arange(self._emitted, until, dtype=np.int64) * self._rate_hz
        whole, rest = np.divmod(positions, SAMPLE_RATE_HZ)
        phases = len(self._filter) - 1
        phase = (rest * phases + SAMPLE_RATE_HZ // 2) // SAMPLE_RATE_HZ
        first = whole - (self._taps // 2 - 1) - self._dropped
        windows = np.lib.stride_tricks.sliding_window_view(self._input, self._taps)
        output: npt.NDArray[np.float32] = np.einsum("nt,nt->n", windows[first], self._filter[phase])
        self._emitted = until
        self._forget(until * self._rate_hz // SAMPLE_RATE_HZ - (self._taps // 2 - 1))
        return output

    def _forget(self, before: int) -> None:
        unused = max(0, before - self._dropped)
        self._input = self._input[unused:]
        self._dropped += unused


@lru_cache(maxsize=8)
def _filter(rate_hz: int) -> npt.NDArray[np.float32]:
    """Return taps by phase: [phases + 1, taps], phase p for a position p / phases past a sample."""
    cutoff = _ROLLOFF * min(1.0, SAMPLE_RATE_HZ / rate_hz)
    half = math.ceil(_ZERO_CROSSINGS / cutoff)
    phases = min(_MAX_PHASES, SAMPLE_RATE_HZ // math.gcd(SAMPLE_RATE_HZ, rate_hz))
    offsets = np.arange(1 - half, half + 1) - np.arange(phases + 1)[:, None] / phases
    window = np.i0(_KAISER_BETA * np.sqrt(np.clip(1 - (offsets / half) ** 2, 0, None)))
    taps = np.sinc(cutoff * offsets) * window
    normal: npt.NDArray[np.float32] = (taps / taps.sum(axis=1, keepdims=True)).astype(np.float32)
    return normal


def _decode(audio: bytes, width_bytes: int) -> npt.NDArray[np.float32]:
    """Return interleaved samples scaled to the range of int16."""
    if width_bytes == 1:
        return (np.frombuffer(audio, np.uint8).astype(np.float32) - 128) * 256
    if width_bytes == 2:
        return np.frombuffer(audio, "<i2").astype(np.float32)
    if width_bytes == 4:
        return np.frombuffer(audio, "<i4").astype(np.float32) * _FROM_INT32
    # 24 bits become the upper three bytes of 32.
    wide = np.zeros((len(audio) // 3, 4), np.uint8)
    wide[:, 1:] = np.frombuffer(audio, np.uint8).reshape(-1, 3)
    return wide.view("<i4")[:, 0].astype(np.float32) * _FROM_INT32


def _int16(samples: npt.NDArray[np.float32]) -> Samples:
    return np.clip(np.rint(samples), -32768, 32767).astype(np.int16)
