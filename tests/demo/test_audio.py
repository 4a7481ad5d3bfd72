"""Sound files in every shape, and where speech ends in them."""

import io
import wave
from typing import TYPE_CHECKING

import numpy as np
import pytest

from demo.audio import ASSIST_RATE_HZ, Sound, load
from demo.errors import AudioError

if TYPE_CHECKING:
    from pathlib import Path


def tone(seconds: float, rate_hz: int = ASSIST_RATE_HZ) -> bytes:
    """Make a 440 Hz tone of half of full scale, mono 16-bit."""
    times = np.arange(int(seconds * rate_hz)) / rate_hz
    return (np.sin(2 * np.pi * 440 * times) * 16384).astype("<i2").tobytes()


def wav(samples: bytes, rate_hz: int, channels: int, width: int) -> bytes:
    """Wrap samples in a WAV file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setparams((channels, width, rate_hz, 0, "NONE", "none"))
        out.writeframes(samples)
    return file.getvalue()


@pytest.mark.parametrize("rate_hz", [8000, 16000, 44100, 48000])
async def test_a_recording_of_any_rate_comes_out_at_assists_rate(
    tmp_path: Path, rate_hz: int
) -> None:
    """The length in seconds stays."""
    path = tmp_path / "tone.wav"
    path.write_bytes(wav(tone(0.5, rate_hz), rate_hz, 1, 2))

    sound = await load(path)

    assert sound.rate_hz == ASSIST_RATE_HZ
    assert sound.duration_s == pytest.approx(0.5, abs=0.02)


async def test_stereo_becomes_mono(tmp_path: Path) -> None:
    """Both channels are the same tone, so the mix is that tone."""
    stereo = np.repeat(np.frombuffer(tone(0.2), "<i2"), 2).tobytes()
    path = tmp_path / "stereo.wav"
    path.write_bytes(wav(stereo, ASSIST_RATE_HZ, 2, 2))

    assert (await load(path)).duration_s == pytest.approx(0.2, abs=0.01)


@pytest.mark.parametrize("content", [b"", b"RIFF....WAVE", b"text"], ids=["empty", "cut", "text"])
async def test_what_is_no_sound_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    """The person reads which file and why."""
    path = tmp_path / "broken.wav"
    path.write_bytes(content)

    with pytest.raises(AudioError, match=r"broken\.wav holds no sound that can be read"):
        await load(path)


async def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """The usual mistake is a typing error in the path."""
    with pytest.raises(AudioError, match=r"none\.wav cannot be read: No such file"):
        await load(tmp_path / "none.wav")


def test_speech_ends_before_the_silence_after_it() -> None:
    """Times of a turn count from the last sound, not from the end of the file."""
    silence = bytes(2 * ASSIST_RATE_HZ)
    sound = Sound(silence + tone(0.5) + silence, ASSIST_RATE_HZ)

    assert sound.duration_s == pytest.approx(2.5)
    assert sound.speech_end_s == pytest.approx(1.5, abs=0.011)


@pytest.mark.parametrize("seconds", [0, 1])
def test_silence_has_no_end_of_speech(seconds: int) -> None:
    """Neither has an empty sound."""
    assert Sound(bytes(2 * ASSIST_RATE_HZ * seconds), ASSIST_RATE_HZ).speech_end_s == 0


async def test_a_saved_sound_is_read_back(tmp_path: Path) -> None:
    """Folders on the way are made."""
    sound = Sound(tone(0.3), ASSIST_RATE_HZ)
    path = tmp_path / "deep" / "answer.wav"
    sound.save(path)

    assert (await load(path)).samples == sound.samples


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A folder has the name that the file should get."""
    with pytest.raises(AudioError, match="cannot be written"):
        Sound(b"", ASSIST_RATE_HZ).save(tmp_path)
