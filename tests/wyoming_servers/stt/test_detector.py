"""Voice detection with the real network, on sound and on the starter voice."""

import numpy as np
import pytest

from tests.fakes.speech import spoken, tone
from wyoming_servers.audio import SAMPLE_RATE_HZ, Samples
from wyoming_servers.stt.detector import SileroDetector
from wyoming_servers.stt.endpoint import WINDOW_S, WINDOW_SAMPLES

_SECOND = np.zeros(SAMPLE_RATE_HZ, np.int16)


@pytest.fixture(scope="module")
def command() -> Samples:
    """Speak a sentence between two silences of a second."""
    return np.concatenate((_SECOND, spoken("Acenda a luz da sala."), _SECOND))


def test_speech_is_found_where_it_is(command: Samples) -> None:
    """Windows of speech are probable, those of silence are not, within 0.1 s of its borders."""
    probabilities = np.array(SileroDetector().probabilities(command))
    times_s = np.arange(len(probabilities)) * WINDOW_S
    loud_s = np.flatnonzero(np.abs(command) > 500) / SAMPLE_RATE_HZ
    inside = (times_s > loud_s[0] + 0.1) & (times_s < loud_s[-1] - 0.1)
    outside = (times_s < loud_s[0] - 0.1) | (times_s > loud_s[-1] + 0.1)
    assert np.mean(probabilities[inside] > 0.5) > 0.95
    assert np.max(probabilities[outside]) < 0.3


@pytest.mark.parametrize("chunk", [1, 160, WINDOW_SAMPLES - 1, WINDOW_SAMPLES, 5000])
def test_how_the_sound_is_cut_does_not_matter(command: Samples, chunk: int) -> None:
    """The same windows come out of chunks of any size."""
    sound = command[SAMPLE_RATE_HZ - 1000 : SAMPLE_RATE_HZ + 6000]
    whole = SileroDetector().probabilities(sound)
    detector = SileroDetector()
    parts = [sound[at : at + chunk] for at in range(0, len(sound), chunk)]
    pieces = [probability for part in parts for probability in detector.probabilities(part)]
    assert len(whole) == len(sound) // WINDOW_SAMPLES
    assert pieces == pytest.approx(whole, abs=1e-4)


def test_streams_do_not_hear_each_other(command: Samples) -> None:
    """Two detectors at once give what each gives alone."""
    loud, quiet = SileroDetector(), SileroDetector()
    parts = np.array_split(command, 20)
    heard = [(loud.probabilities(part), quiet.probabilities(part * 0)) for part in parts]
    alone = SileroDetector().probabilities(command)
    assert [each for part, _ in heard for each in part] == pytest.approx(alone, abs=1e-4)
    assert max(each for _, part in heard for each in part) < 0.3


@pytest.mark.parametrize("sound", [_SECOND, tone(1.0), np.empty(0, np.int16)])
def test_silence_and_tones_are_no_speech(sound: Samples) -> None:
    """Neither is taken for somebody who speaks."""
    assert not [each for each in SileroDetector().probabilities(sound) if each >= 0.5]
