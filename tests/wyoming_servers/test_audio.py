"""Conversion of any PCM to int16 mono at 16 kHz."""

import itertools
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.speech import tone
from wyoming_servers.audio import (
    SAMPLE_RATE_HZ,
    AudioFormatError,
    PcmConverter,
    PcmFormat,
    Samples,
)

_RATES = [8_000, 11_025, 16_000, 22_050, 24_000, 44_100, 48_000, 95_999, 96_000]


def _convert(audio: bytes, pcm: PcmFormat, chunk_frames: int = 160) -> Samples:
    converter = PcmConverter(pcm)
    size = chunk_frames * pcm.frame_bytes
    parts = [converter.convert(audio[i : i + size]) for i in range(0, len(audio), size)]
    return np.concatenate([*parts, converter.flush()])


def _level_db(samples: Samples) -> float:
    return float(20 * np.log10(np.sqrt(np.mean(samples.astype(float) ** 2)) / 32768 + 1e-9))


@pytest.mark.parametrize("rate_hz", _RATES)
def test_a_tone_keeps_pitch_level_and_time(rate_hz: int) -> None:
    """A 1 kHz tone of any rate is the same tone, sample by sample, at 16 kHz."""
    converted = _convert(tone(0.5, 1000, rate_hz).tobytes(), PcmFormat(rate_hz, 2, 1))
    expected = tone(0.5, 1000)
    assert abs(len(converted) - len(expected)) <= 1
    middle = slice(1000, len(expected) - 1000)
    difference = converted[middle].astype(float) - expected[middle]
    assert np.sqrt(np.mean(difference**2)) < 0.003 * 16384


@pytest.mark.parametrize("rate_hz", [44_100, 48_000, 96_000])
def test_what_16_khz_cannot_hold_is_removed(rate_hz: int) -> None:
    """A tone above 8 kHz does not come back as an alias."""
    sound = _convert(tone(0.5, 11_000, rate_hz).tobytes(), PcmFormat(rate_hz, 2, 1))
    assert _level_db(sound[500:-500]) < -70


@pytest.mark.parametrize("rate_hz", [11_025, 44_100, 16_000])
def test_chunks_do_not_change_the_sound(rate_hz: int) -> None:
    """The result is the same however the stream is cut."""
    audio, pcm = tone(0.3, 700, rate_hz).tobytes(), PcmFormat(rate_hz, 2, 1)
    whole = _convert(audio, pcm, chunk_frames=1_000_000)
    for chunk_frames in (1, 7, 160, 4096):
        assert np.array_equal(_convert(audio, pcm, chunk_frames), whole)


def test_a_dense_chunk_is_converted_piece_by_piece() -> None:
    """Half a minute of telephone sound in one chunk sounds the same and takes little memory."""
    pcm = PcmFormat(8_000, 1, 1)
    audio = (tone(32, 700, 8_000) // 256 + 128).astype(np.uint8).tobytes()
    parts = _convert(audio, pcm, chunk_frames=1_000)
    tracemalloc.start()
    whole = _convert(audio, pcm, chunk_frames=len(audio))
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert np.array_equal(whole, parts)
    assert peak_bytes < 20e6


def _encode(samples: Samples, width_bytes: int) -> bytes:
    if width_bytes == 1:
        return (samples.astype(np.int32) // 256 + 128).astype(np.uint8).tobytes()
    wide = (samples.astype("<i4") << 16).view(np.uint8).reshape(-1, 4)
    return wide[:, 4 - width_bytes :].tobytes()


@pytest.mark.parametrize("width_bytes", [1, 2, 3, 4])
def test_each_width(width_bytes: int) -> None:
    """Every width holds the same sound; 8-bit within its step."""
    sound = tone(0.1)
    converted = _convert(_encode(sound, width_bytes), PcmFormat(SAMPLE_RATE_HZ, width_bytes, 1))
    step = 256 if width_bytes == 1 else 1
    assert np.max(np.abs(converted.astype(int) - sound)) < step


@pytest.mark.parametrize("channels", [1, 2, 6, 8])
def test_channels_are_averaged(channels: int) -> None:
    """Speech on one of several channels is still there, at its share of the level."""
    frames = np.zeros((1600, channels), np.int16)
    frames[:, -1] = tone(0.1)
    converted = _convert(frames.tobytes(), PcmFormat(SAMPLE_RATE_HZ, 2, channels))
    assert np.max(np.abs(converted - tone(0.1) / channels)) <= 1


def test_full_scale_does_not_wrap() -> None:
    """Overshoot of the filter is clipped, not wrapped around."""
    square = np.repeat(np.tile(np.array([32767, -32768], np.int16), 50), 48)
    converted = _convert(square.tobytes(), PcmFormat(48_000, 2, 1))
    first_half = converted[2:14].astype(int)
    assert first_half.min() > 25_000


@pytest.mark.parametrize(
    ("rate_hz", "width_bytes", "channels"),
    [
        (1, 2, 1),
        (0, 2, 1),
        (-16000, 2, 1),
        (96001, 2, 1),
        (16000, 0, 1),
        (16000, 5, 1),
        (16000, 2, 0),
        (16000, 2, 9),
        (16000, 2, -1),
    ],
)
def test_nonsense_formats_are_refused(rate_hz: int, width_bytes: int, channels: int) -> None:
    """The error names the value and the range."""
    with pytest.raises(AudioFormatError, match=r"not supported: \d+ to \d+\."):
        PcmFormat(rate_hz, width_bytes, channels)


def test_bytes_that_fit_no_frame_are_refused() -> None:
    """Half a frame is an error, not noise."""
    for width_bytes, channels in itertools.product((2, 3, 4), (1, 2, 6)):
        pcm = PcmFormat(16_000, width_bytes, channels)
        with pytest.raises(AudioFormatError, match="whole number of frames"):
            PcmConverter(pcm).convert(b"\0" * (pcm.frame_bytes + 1))


@settings(max_examples=60, deadline=None)
@given(
    rate_hz=st.integers(8_000, 96_000),
    width_bytes=st.integers(1, 4),
    channels=st.integers(1, 8),
    lengths=st.lists(st.integers(0, 500), max_size=6),
)
def test_any_stream_keeps_its_duration(
    rate_hz: int, width_bytes: int, channels: int, lengths: list[int]
) -> None:
    """Every format gives ceil(frames * 16000 / rate) samples, empty streams included."""
    pcm = PcmFormat(rate_hz, width_bytes, channels)
    converter = PcmConverter(pcm)
    parts = [converter.convert(bytes(length * pcm.frame_bytes)) for length in lengths]
    total = sum(map(len, parts)) + len(converter.flush())
    assert total == -(-sum(lengths) * SAMPLE_RATE_HZ // rate_hz)
