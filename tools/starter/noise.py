"""Background noise for the training batches: coloured, humming, swelling, knocking, babbling."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import numpy as np
from scipy.signal import lfilter
from tools.starter.espeak import SAMPLE_RATE_HZ, Espeak
from tools.starter.texts import load_split
from tools.starter.utterances import log_mel

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

SECONDS = 10
CLIPS = 160
BABBLE_VOICES = ("m1", "f1", "f3", "m5")
CLIP_KINDS = ("coloured", "hum", "swell", "knocks", "babble")
_LENGTH = SECONDS * SAMPLE_RATE_HZ


class NoiseMaker:
    """Random noise clips of 10 s."""

    def __init__(self, texts_path: Path, seed: int) -> None:
        """`texts_path` holds what the babble says."""
        self._rng = random.Random(seed)
        self._generator = np.random.default_rng(seed)
        self._espeak = Espeak()
        split = load_split(texts_path, held_out=False)
        self._lines = {"pt-br": split["templates-pt"], "en-us": split["templates-en"]}

    def clip(self, kind: str) -> NDArray[np.float64]:
        """One clip of a kind in `CLIP_KINDS`, of any loudness."""
        base = self._coloured(self._rng.choice([0, 0.5, 1, 1.5, 2]))
        match kind:
            case "hum":
                return 0.3 * base + self._hum()
            case "swell":
                points = np.linspace(0, _LENGTH, 40)
                level = self._generator.uniform(0.05, 1.5, 40)
                return base * np.interp(np.arange(_LENGTH), points, level)
            case "knocks":
                return 0.2 * base + self._knocks()
            case "babble":
                return 0.1 * base + self._babble()
        return self._resonant(base) if self._rng.random() < 0.5 else base

    def _coloured(self, slope: float) -> NDArray[np.float64]:
        frequencies = np.fft.rfftfreq(_LENGTH, 1 / SAMPLE_RATE_HZ)
        frequencies[0] = 1
        spectrum = np.fft.rfft(self._generator.standard_normal(_LENGTH))
        noise = np.fft.irfft(spectrum * frequencies ** (-slope / 2), _LENGTH)
        scaled: NDArray[np.float64] = noise / noise.std()
        return scaled

    def _hum(self) -> NDArray[np.float64]:
        seconds = np.arange(_LENGTH) / SAMPLE_RATE_HZ
        mains_hz = self._rng.choice([50, 60, 100, 120])
        total = np.zeros(_LENGTH)
        for harmonic in range(1, 10):
            phase = 2 * np.pi * mains_hz * harmonic * seconds + self._rng.uniform(0, 6)
            total += self._rng.uniform(0, 1) / harmonic * np.sin(phase)
        return total

    def _knocks(self) -> NDArray[np.float64]:
        total = np.zeros(_LENGTH)
        for _ in range(self._rng.randint(3, 25)):
            length = self._rng.randint(100, 3500)
            start = self._rng.randrange(_LENGTH - 4000)
            decay = np.exp(-6 * np.arange(length) / length)
            knock = self._generator.standard_normal(length) * decay * self._rng.uniform(1, 8)
            total[start : start + length] += knock
        return total

    def _babble(self) -> NDArray[np.float64]:
        total = np.zeros(_LENGTH)
        for _ in range(6):
            voice = self._rng.choice(list(self._lines))
            text = f"{self._rng.choice(self._lines[voice])} " * 6
            variant = self._rng.choice(BABBLE_VOICES)
            pitch = self._rng.randint(20, 80)
            speech = self._espeak.synthesize(text, f"{voice}+{variant}", pitch=pitch)
            start = self._rng.randrange(SAMPLE_RATE_HZ // 2)
            part = speech.samples[start : start + _LENGTH]
            total[: len(part)] += part / (part.std() + 1e-6)
        distant: NDArray[np.float64] = lfilter([0.3], [1, -0.7], total)
        return distant

    def _resonant(self, noise: NDArray[np.float64]) -> NDArray[np.float64]:
        angle = 2 * np.pi * self._rng.uniform(200, 5000) / SAMPLE_RATE_HZ
        radius = 0.98
        poles = [1, -2 * radius * np.cos(angle), radius**2]
        filtered: NDArray[np.float64] = lfilter([1], poles, noise)
        return filtered


def build_noise(path: Path, texts_path: Path) -> None:
    """Write the clips' log-mel features, each of mean power one: clips x 80 x frames."""
    maker = NoiseMaker(texts_path, seed=3)
    features = []
    for index in range(CLIPS):
        clip = maker.clip(CLIP_KINDS[index % len(CLIP_KINDS)])
        mel = log_mel((0.05 * clip / clip.std()).astype(np.float32))
        features.append(mel - np.log10((10**mel).mean()))
    np.save(path, np.stack(features).astype(np.float16))
