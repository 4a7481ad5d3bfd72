"""Sounds of a home that are no speech: silence, noise, music, clicks, coughs, breath."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from wyoming_servers.audio import SAMPLE_RATE_HZ, Samples

if TYPE_CHECKING:
    from collections.abc import Callable

type Sound = npt.NDArray[np.float64]
"""Mono at 16 kHz, 1 is full scale."""

_SEED = 8
_LEVELS = (0.01, 0.05, 0.2)


@dataclass(frozen=True, slots=True)
class Clip:
    """One sound and what it is."""

    kind: str
    samples: Samples


def make_clips(count: int) -> list[Clip]:
    """Return so many clips of 1.5 to 4 s, all kinds alike, always the same ones."""
    generator = np.random.default_rng(_SEED)
    kinds = list(_KINDS)
    clips = []
    for index in range(count):
        kind = kinds[index % len(kinds)]
        length = round(generator.uniform(1.5, 4.0) * SAMPLE_RATE_HZ)
        sound = _KINDS[kind](generator, length) * _LEVELS[index // len(kinds) % len(_LEVELS)]
        clips.append(Clip(kind, (np.clip(sound, -1, 1) * 32767).astype(np.int16)))
    return clips


def _silence(generator: np.random.Generator, length: int) -> Sound:
    return np.zeros(length)


def _coloured(slope: float) -> Callable[[np.random.Generator, int], Sound]:
    """Return noise whose power falls with the frequency to this power."""

    def make(generator: np.random.Generator, length: int) -> Sound:
        spectrum = np.fft.rfft(generator.normal(size=length))
        spectrum /= np.maximum(np.arange(len(spectrum)), 1) ** (slope / 2)
        return _even(np.fft.irfft(spectrum, length))

    return make


def _hum(generator: np.random.Generator, length: int) -> Sound:
    """Mains and its harmonics, as a bad cable or a transformer makes them."""
    base = generator.choice([50, 60])
    time = np.arange(length) / SAMPLE_RATE_HZ
    return _even(sum((np.sin(2 * np.pi * base * n * time) / n for n in (1, 2, 3, 5)), np.zeros(1)))


def _music(generator: np.random.Generator, length: int) -> Sound:
    """Chords with a melody over them, each note plucked."""
    sound = np.zeros(length)
    beat = round(generator.uniform(0.25, 0.5) * SAMPLE_RATE_HZ)
    for start in range(0, length, beat):
        root = 110 * 2 ** (generator.integers(0, 12) / 12)
        notes = [root, root * 1.26, root * 1.5, root * 2 * 2 ** (generator.integers(0, 12) / 12)]
        time = np.arange(min(2 * beat, length - start)) / SAMPLE_RATE_HZ
        for note in notes:
            overtones = sum(np.sin(2 * np.pi * note * n * time) / n**2 for n in range(1, 5))
            sound[start : start + len(time)] += overtones * np.exp(-3 * time)
    return _even(sound)


def _clicks(generator: np.random.Generator, length: int) -> Sound:
    """Type on a keyboard: bursts of a few milliseconds, some six a second."""
    sound = np.zeros(length)
    for start in generator.integers(0, length - 800, size=max(1, 6 * length // SAMPLE_RATE_HZ)):
        size = int(generator.integers(80, 500))
        sound[start : start + size] += generator.normal(size=size) * np.exp(-np.arange(size) / 60)
    return _even(sound)


def _cough(generator: np.random.Generator, length: int) -> Sound:
    """One or two bursts of broad noise with a sharp beginning."""
    sound = np.zeros(length)
    for start in generator.integers(0, length - 8000, size=int(generator.integers(1, 3))):
        size = int(generator.integers(3000, 6500))
        envelope = np.minimum(np.arange(size) / 400, 1) * np.exp(-np.arange(size) / 1800)
        sound[start : start + size] += _coloured(0.7)(generator, size) * envelope
    return _even(sound)


def _breath(generator: np.random.Generator, length: int) -> Sound:
    """Soft noise between 400 and 3000 Hz that swells and fades."""
    spectrum = np.fft.rfft(generator.normal(size=length))
    hertz = np.fft.rfftfreq(length, 1 / SAMPLE_RATE_HZ)
    spectrum *= np.exp(-(((hertz - 1200) / 900) ** 2))
    swell = np.sin(np.linspace(0, np.pi * generator.integers(1, 4), length)) ** 2
    return _even(np.fft.irfft(spectrum, length) * swell)


def _even(sound: Sound) -> Sound:
    """Scale to a root mean square of a third of full scale."""
    power = float(np.sqrt(np.mean(sound**2)))
    return sound / (3 * power) if power else sound


_KINDS: dict[str, Callable[[np.random.Generator, int], Sound]] = {
    "silence": _silence,
    "white noise": _coloured(0.0),
    "pink noise": _coloured(1.0),
    "brown noise": _coloured(2.0),
    "hum": _hum,
    "music": _music,
    "clicks": _clicks,
    "cough": _cough,
    "breath": _breath,
}
