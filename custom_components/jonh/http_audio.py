"""WAV as clients send it and as we answer it, and the sound that a recogniser wants.

The filter is made of `audioop`, which Home Assistant ships: numpy is no part of Home Assistant,
and a recording of a few seconds needs no more than this.
"""

import math
import struct
from array import array
from dataclasses import dataclass
from functools import cache

import audioop

SPEECH_RATE_HZ = 16_000
"""What every recogniser of Home Assistant takes, with 16 bits and one channel."""

# Telephone speech to studio converters; the largest microphone arrays in use have 8 channels.
_MIN_RATE_HZ, _MAX_RATE_HZ = 8_000, 192_000
_MAX_CHANNELS = 8

_TAG_PCM = 1
_TAG_EXTENSIBLE = 0xFFFE
# From here on a size stands for "until the end": whoever streams cannot know it.
_ENDLESS = 0x7FF0_0000
_UNKNOWN_SIZE = 0xFFFF_FFFF
_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
_HEADER_REST = _HEADER.size - 8
_CHUNK = struct.Struct("<4sI")
_FORMAT = struct.Struct("<HHIIHH")
_MAX_HEADER_BYTES = 65_536
"""Tags of a player may stand before the sound; pictures do not."""

# The band between 0.85 and 1.05 of the lower Nyquist frequency is given up, and what could
# come back as a false tone is 60 dB lower: below the noise of 16-bit speech in a room.
_CENTRE = 0.95
_TRANSITION = 0.2
_KAISER_BETA = 5.65
_KAISER_TAPS = 52 / 14.36
_SMOOTH_RATE_HZ = 88_000
"""From here on a straight line between two samples of speech is as good as the curve."""
_SAMPLE_BYTES = 4
_BLOCK_BYTES = 65_536
"""Small enough for the cache of a processor."""


class AudioError(ValueError):
    """Bytes that are no WAV, or one that is damaged."""


class AudioFormatError(AudioError):
    """A WAV of a kind that is not understood."""


class AudioTooLongError(AudioError):
    """More sound than is taken at once; `seconds` tells how much."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"{seconds:.1f} seconds of sound")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class WavFormat:
    """Interleaved little-endian PCM; 8-bit is unsigned, all others signed."""

    rate_hz: int = SPEECH_RATE_HZ
    width_bytes: int = 2
    channels: int = 1

    @property
    def frame_bytes(self) -> int:
        """Bytes of one sample of all channels."""
        return self.width_bytes * self.channels


def speech_of(wav: bytes, max_s: float) -> bytes:
    """Return the sound of a WAV as 16-bit mono at 16 kHz.

    Raises AudioError when the bytes cannot be read, AudioTooLongError above `max_s`.
    """
    found = find_sound(wav)
    if found is None:
        raise AudioError("the header does not end")
    pcm, start, size = found
    there = len(wav) - start
    if size < _ENDLESS and size > there:
        raise AudioError("the sound ends before it should")
    length = min(size, there) if size and size < _ENDLESS else there
    length -= length % pcm.frame_bytes
    if (seconds := length / pcm.frame_bytes / pcm.rate_hz) > max_s:
        raise AudioTooLongError(seconds)
    samples = _mono(memoryview(wav)[start : start + length], pcm)
    return audioop.lin2lin(_at_speech_rate(samples, pcm.rate_hz), _SAMPLE_BYTES, 2)


def find_sound(wav: bytes | bytearray) -> tuple[WavFormat, int, int] | None:
    """Return the format of a WAV, where its sound begins, and the size that its header states.

    None while the header is not there to its end. Raises AudioError when it is none.
    """
    if not b"RIFF".startswith(wav[:4]) or not b"WAVE".startswith(wav[8:12]):
        raise AudioError("no RIFF header")
    pcm: WavFormat | None = None
    start = 12
    while start + _CHUNK.size <= len(wav):
        if start > _MAX_HEADER_BYTES:
            raise AudioError("the header is too long")
        name, size = _CHUNK.unpack_from(wav, start)
        start += _CHUNK.size
        if name == b"data":
            if pcm is None:
                raise AudioError("sound without a format")
            return pcm, start, size
        if name == b"fmt ":
            if start + size > len(wav):
                return None
            pcm = _read_format(bytes(wav[start : start + size]))
        start += size + size % 2
    return None


def wav_header(pcm: WavFormat, size: int | None) -> bytes:
    """Return the header of a WAV; `size` in bytes, None for one that nobody knows yet."""
    return _HEADER.pack(
        b"RIFF",
        _UNKNOWN_SIZE if size is None else _HEADER_REST + size + size % 2,
        b"WAVE",
        b"fmt ",
        _FORMAT.size,
        _TAG_PCM,
        pcm.channels,
        pcm.rate_hz,
        pcm.rate_hz * pcm.frame_bytes,
        pcm.frame_bytes,
        pcm.width_bytes * 8,
        b"data",
        _UNKNOWN_SIZE if size is None else size,
    )


def with_true_sizes(wav: bytes) -> bytes:
    """Return a WAV that came from a stream with a header that tells how long it is.

    Raises AudioError when the bytes cannot be read.
    """
    if (found := find_sound(wav)) is None:
        raise AudioError("the header does not end")
    pcm, start, size = found
    there = len(wav) - start
    length = size if 0 < size <= there else there
    length -= length % pcm.frame_bytes
    sound = wav[start : start + length]
    return wav_header(pcm, length) + sound + bytes(length % 2)


def _read_format(chunk: bytes) -> WavFormat:
    if len(chunk) < _FORMAT.size:
        raise AudioError("the format is cut")
    tag, channels, rate_hz, _, frame_bytes, bits = _FORMAT.unpack_from(chunk)
    if tag == _TAG_EXTENSIBLE and len(chunk) >= 26:
        (tag,) = struct.unpack_from("<H", chunk, 24)
    if tag != _TAG_PCM:
        raise AudioFormatError(f"format {tag}")
    if not _MIN_RATE_HZ <= rate_hz <= _MAX_RATE_HZ or not 1 <= channels <= _MAX_CHANNELS:
        raise AudioFormatError(f"{rate_hz} Hz, {channels} channels")
    width_bytes, rest = divmod(frame_bytes, channels)
    if rest or not 1 <= width_bytes <= 4 or not 8 * (width_bytes - 1) < bits <= 8 * width_bytes:
        raise AudioFormatError(f"{bits} bits in {frame_bytes} bytes")
    return WavFormat(rate_hz, width_bytes, channels)


def _mono(sound: memoryview, pcm: WavFormat) -> bytes:
    """Return 32-bit samples at half their level, the mean of all channels."""
    signed = audioop.bias(sound, 1, 128) if pcm.width_bytes == 1 else sound
    wide = audioop.lin2lin(signed, pcm.width_bytes, _SAMPLE_BYTES)
    share = 0.5 / pcm.channels
    if pcm.channels == 1:
        return audioop.mul(wide, _SAMPLE_BYTES, share)
    frames = array("i", wide)
    mixed = bytes(len(wide) // pcm.channels)
    for channel in range(pcm.channels):
        part = audioop.mul(frames[channel :: pcm.channels], _SAMPLE_BYTES, share)
        mixed = audioop.add(mixed, part, _SAMPLE_BYTES)
    return mixed


def _at_speech_rate(samples: bytes, rate_hz: int) -> bytes:
    """Return samples of half the level at 16 kHz and at their full one."""
    if rate_hz == SPEECH_RATE_HZ or not samples:
        return audioop.mul(samples, _SAMPLE_BYTES, 2)
    factor = 1
    while rate_hz * factor % SPEECH_RATE_HZ and rate_hz * factor < _SMOOTH_RATE_HZ:
        factor *= 2
    if factor > 1:
        # Zeros between the samples, which the filter replaces by what belongs there.
        spread = array("i", bytes(len(samples) * factor))
        spread[::factor] = array("i", samples)
        samples = spread.tobytes()
    taps = _taps(rate_hz * factor, min(rate_hz, SPEECH_RATE_HZ), factor)
    # Loud sound rises above its level on the way: only the result is brought to the full one.
    samples = audioop.mul(_low_pass(samples, taps), _SAMPLE_BYTES, 2)
    return audioop.ratecv(samples, _SAMPLE_BYTES, 1, rate_hz * factor, SPEECH_RATE_HZ, None)[0]


@cache
def _taps(rate_hz: int, low_rate_hz: int, gain: float) -> tuple[float, ...]:
    """Return a low-pass filter at `rate_hz` for what `low_rate_hz` can hold."""
    nyquist = low_rate_hz / 2
    cutoff = 2 * _CENTRE * nyquist / rate_hz
    half = math.ceil(_KAISER_TAPS * rate_hz / (_TRANSITION * nyquist) / 2)
    taps = []
    for index in range(-half, half + 1):
        window = _bessel(_KAISER_BETA * math.sqrt(1 - (index / half) ** 2)) / _bessel(_KAISER_BETA)
        angle = math.pi * cutoff * index
        taps.append(window * cutoff * (math.sin(angle) / angle if index else 1.0))
    level = gain / sum(taps)
    return tuple(tap * level for tap in taps)


def _bessel(x: float) -> float:
    """Return the modified Bessel function of order 0, which a Kaiser window is made of."""
    return sum((x / 2) ** (2 * k) / math.factorial(k) ** 2 for k in range(25))


def _low_pass(samples: bytes, taps: tuple[float, ...]) -> bytes:
    """Filter 32-bit samples without moving them; the filter is symmetric."""
    half = len(taps) // 2
    edge = half * _SAMPLE_BYTES
    padded = memoryview(bytes(edge) + samples + bytes(edge))
    blocks = []
    for start in range(0, len(samples), _BLOCK_BYTES):
        size = min(_BLOCK_BYTES, len(samples) - start)
        middle = start + edge
        total = audioop.mul(padded[middle : middle + size], _SAMPLE_BYTES, taps[half])
        for index in range(1, half + 1):
            before, after = middle - index * _SAMPLE_BYTES, middle + index * _SAMPLE_BYTES
            # Two samples of half the level cannot overflow.
            pair = audioop.add(
                padded[before : before + size], padded[after : after + size], _SAMPLE_BYTES
            )
            part = audioop.mul(pair, _SAMPLE_BYTES, taps[half + index])
            total = audioop.add(total, part, _SAMPLE_BYTES)
        blocks.append(total)
    return b"".join(blocks)
