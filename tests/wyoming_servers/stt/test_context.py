"""How much sound the encoder gets, and where long speech is cut."""

import numpy as np
import pytest

from tests.fakes.speech import RATE_HZ, noise, silence, tone
from wyoming_servers.stt.context import FULL_FRAMES, Context, frames_for, pad, windows_of


@pytest.mark.parametrize(
    ("seconds", "auto", "safe"),
    [
        (0.3, 800, 1500),
        (5.4, 800, 1500),
        (5.5, 1000, 1500),
        (7.4, 1000, 1500),
        (7.5, 1500, 1500),
        (12.4, 1500, 1500),
        (12.5, 2000, 2000),
        (17.5, 3000, 3000),
        (28, 3000, 3000),
    ],
)
def test_context_has_few_sizes_and_room_after_the_speech(
    seconds: float, auto: int, safe: int
) -> None:
    """The smallest size with 2.56 s to spare; never less than 15 s when it has to be safe."""
    samples = silence(seconds)
    assert frames_for(samples, Context.AUTO) == auto
    assert frames_for(samples, Context.SAFE) == safe
    assert frames_for(samples, Context.FULL) == FULL_FRAMES


def test_features_are_filled_up_with_zeros() -> None:
    """What is added is the zero that models were trained with, after the speech."""
    features = np.ones((80, 170), np.float32)
    padded = pad(features, 800)
    assert padded.shape == (80, 800)
    assert padded.dtype == np.float32
    assert (padded[:, :170] == 1).all()
    assert not padded[:, 170:].any()


def test_features_are_cut_to_the_context() -> None:
    """More than fits is left out, not refused."""
    assert pad(np.ones((80, 3001), np.float32), FULL_FRAMES).shape == (80, FULL_FRAMES)


@pytest.mark.parametrize("seconds", [0.1, 20, 28])
def test_what_fits_is_not_cut(seconds: float) -> None:
    """Up to 28 s are one window, the samples themselves."""
    samples = tone(seconds)
    (window,) = windows_of(samples)
    assert window is samples


def test_long_speech_is_cut_where_it_is_quiet() -> None:
    """A pause between 20 and 28 s is where the first window ends, and nothing is lost."""
    samples = np.concatenate((tone(23), silence(0.6), tone(20)))
    first, second = windows_of(samples)
    assert 23 < len(first) / RATE_HZ < 23.6
    assert np.array_equal(np.concatenate((first, second)), samples)


def test_an_early_pause_is_no_place_to_cut() -> None:
    """A window lasts 20 s at least, however quiet it was before."""
    samples = np.concatenate((tone(10), silence(1), tone(30)))
    first, *rest = windows_of(samples)
    assert 20 <= len(first) / RATE_HZ <= 28
    assert len(rest) == 1


def test_speech_without_a_pause_is_cut_all_the_same() -> None:
    """Minutes of noise become windows that the model can hear."""
    samples = noise(100)
    windows = windows_of(samples)
    assert all(20 <= len(each) / RATE_HZ <= 28 for each in windows[:-1])
    assert 0 < len(windows[-1]) / RATE_HZ <= 28
    assert np.array_equal(np.concatenate(windows), samples)


def test_the_loudest_samples_are_no_silence() -> None:
    """The most negative sample of int16 counts as loud, although its absolute value overflows."""
    samples = np.full(30 * RATE_HZ, -32768, np.int16)
    samples[25 * RATE_HZ : 26 * RATE_HZ] = 20000
    first, _ = windows_of(samples)
    assert 25 < len(first) / RATE_HZ < 26
