"""Tests of equal loudness and of parts that begin and end in silence."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_servers.tts.loudness import TARGET_RMS, Sound, faded, gain_for, to_pcm

RATE_HZ = 16_000


def noise(seconds: float, level: float) -> Sound:
    """Make noise of an RMS."""
    generator = np.random.default_rng(5)
    return (generator.normal(size=int(seconds * RATE_HZ)) * level).astype(np.float32)


@pytest.mark.parametrize("level", [0.01, 0.1, 0.5])
@pytest.mark.parametrize("pause_s", [0.0, 2.0])
def test_gain_reaches_the_same_loudness(level: float, pause_s: float):
    """Quiet and loud voices end up alike; pauses make no voice louder."""
    sound = np.concatenate((noise(1.0, level), np.zeros(int(pause_s * RATE_HZ), np.float32)))
    assert gain_for(sound, RATE_HZ) * level == pytest.approx(TARGET_RMS, rel=0.02)


@pytest.mark.parametrize(
    "sound", [np.empty(0), np.zeros(4000), np.full(4000, 1e-5), np.full(4000, np.nan)]
)
def test_silence_is_not_amplified(sound: Sound):
    """A voice that says nothing has no noise made heard."""
    assert gain_for(sound, RATE_HZ) == 1.0


def test_gain_has_a_limit():
    """A voice that only whispers is not blown up without end."""
    assert gain_for(noise(1.0, 0.002), RATE_HZ) == 20.0


def test_peaks_are_bent_and_never_reach_full_scale():
    """What is loud stays in order, so nothing crackles; what is not is left as it is."""
    sound = np.linspace(-3, 3, 1001, dtype=np.float32)
    pcm = to_pcm(sound, 1.0).astype(int)
    assert (np.diff(pcm) >= 0).all()
    assert np.abs(pcm).max() <= 32767
    quiet = np.abs(sound) <= 0.8
    assert np.abs(pcm[quiet] - np.round(sound[quiet] * 32767)).max() <= 1


def test_what_is_no_number_is_silence():
    """A voice with damaged weights makes no noise at full scale."""
    assert to_pcm(np.array([np.nan, 0.5], np.float32), 1.0).tolist() == [0, 16384]


@given(st.lists(st.integers(0, 400), max_size=8))
def test_fades_change_the_ends_only(lengths: list[int]):
    """However it is divided, all sound comes through, and it rises and falls at its ends."""
    whole = np.ones(sum(lengths), np.float32)
    parts = np.split(whole, np.cumsum(lengths)[:-1]) if lengths else []
    made = np.concatenate([np.empty(0, np.float32), *faded(parts, RATE_HZ)])
    assert len(made) == len(whole)
    assert (made[48:-48] == 1).all()
    if len(made) >= 96:
        assert (np.diff(made[:48]) > 0).all()
        assert (np.diff(made[-48:]) < 0).all()
        assert max(made[0], made[-1]) < 0.02
    assert (whole == 1).all()
