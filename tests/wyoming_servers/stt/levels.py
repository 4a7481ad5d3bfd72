"""A stand-in for voice detection that needs no voice, for tests of what is made of it."""

import dataclasses
from typing import Any

import numpy as np

from wyoming_servers.audio import SAMPLE_RATE_HZ, Samples
from wyoming_servers.stt.endpoint import WINDOW_S, WINDOW_SAMPLES, EndpointOptions
from wyoming_servers.stt.protocol import SttOffer


class LevelDetector:
    """Takes every loud window for speech."""

    def __init__(self) -> None:
        self._pending = np.empty(0, np.int16)

    def probabilities(self, samples: Samples) -> list[float]:
        """Return 1 for each loud window and 0 for each other one."""
        heard = np.concatenate((self._pending, samples))
        count = len(heard) // WINDOW_SAMPLES
        self._pending = heard[count * WINDOW_SAMPLES :]
        windows = heard[: count * WINDOW_SAMPLES].reshape(count, WINDOW_SAMPLES)
        return [float(np.abs(window.astype(int)).mean() > 1000) for window in windows]


def loud(seconds: float) -> Samples:
    """Sound that LevelDetector takes for speech, a whole number of windows; each sample differs."""
    size = round(seconds / WINDOW_S) * WINDOW_SAMPLES
    return (2000 + np.arange(size) % 20_000).astype(np.int16)


def quiet(seconds: float) -> Samples:
    """Silence, a whole number of windows."""
    return np.zeros(round(seconds / WINDOW_S) * WINDOW_SAMPLES, np.int16)


def seconds(samples: Samples) -> float:
    """Return how long a sound is."""
    return len(samples) / SAMPLE_RATE_HZ


def make_offer(**changes: Any) -> SttOffer:
    """Return an offer with two languages, short limits and nobody who listens to reports."""
    offer = SttOffer(
        model="starter",
        languages=("en", "pt"),
        default_language="pt-BR",
        max_s=2.0,
        endpoint=EndpointOptions(),
        partial_s=0.5,
        new_detector=LevelDetector,
        names=lambda: ("sala",),
        take_names=lambda names: None,
        prepare=lambda: None,
        report=lambda report: None,
    )
    return dataclasses.replace(offer, **changes)
