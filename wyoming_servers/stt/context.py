"""How much sound a Whisper encoder gets at once.

It was trained on half a minute at a time, and libraries pad every utterance to that. It accepts
less: 15 s take a quarter of the time, and a home command fits.
"""

from enum import StrEnum

import numpy as np
import numpy.typing as npt

from wyoming_servers.audio import SAMPLE_RATE_HZ, Samples

FULL_FRAMES = 3000
"""Half a minute in frames of 10 ms."""

_HOP_SAMPLES = 160
_SAFE_FRAMES = 1500
# Few sizes, so that waiting utterances can be decoded together.
_BUCKETS = (800, 1000, _SAFE_FRAMES, 2000, FULL_FRAMES)
# A context that ends with the speech makes stock models repeat themselves; with this much room
# after it they do not (futo-org/whisper-acft measured 64 positions of 40 ms).
_ROOM_FRAMES = 256

# Longer speech is cut between these, at its quietest moment.
_WINDOW_SAMPLES = 28 * SAMPLE_RATE_HZ
_MIN_WINDOW_SAMPLES = 20 * SAMPLE_RATE_HZ
_QUIET_SAMPLES = SAMPLE_RATE_HZ // 5

type Features = npt.NDArray[np.float32]
"""Log-mel, [mels, frames]."""


class Context(StrEnum):
    """How much of Whisper's half minute the encoder gets."""

    SAFE = "safe"
    """Fifteen seconds, or what the utterance needs."""
    AUTO = "auto"
    """What the utterance needs, eight seconds at least: fastest, more retries."""
    FULL = "full"
    """Always all of it, as the model was trained."""


def frames_for(samples: Samples, context: Context) -> int:
    """Return how many frames the encoder gets for this much sound."""
    wanted = len(samples) // _HOP_SAMPLES + _ROOM_FRAMES
    match context:
        case Context.FULL:
            return FULL_FRAMES
        case Context.SAFE:
            wanted = max(wanted, _SAFE_FRAMES)
    return next((bucket for bucket in _BUCKETS if bucket >= wanted), FULL_FRAMES)


def pad(features: Features, frames: int) -> Features:
    """Fill up with zeros, which is what the models' own runtime pads with."""
    kept = features[:, :frames]
    return np.pad(kept, ((0, 0), (0, frames - kept.shape[1]))).astype(np.float32)


def windows_of(samples: Samples) -> list[Samples]:
    """Cut long speech into windows that the model can hear, each at a quiet moment."""
    windows = []
    while len(samples) > _WINDOW_SAMPLES:
        at = _quietest(samples[:_WINDOW_SAMPLES])
        windows.append(samples[:at])
        samples = samples[at:]
    return [*windows, samples]


def _quietest(samples: Samples) -> int:
    """Return the middle of the quietest 0.2 s in the last seconds of a window."""
    count = (len(samples) - _MIN_WINDOW_SAMPLES) // _QUIET_SAMPLES
    last = samples[_MIN_WINDOW_SAMPLES:][: count * _QUIET_SAMPLES].astype(np.int32)
    loudness = np.abs(last.reshape(count, _QUIET_SAMPLES)).sum(axis=1)
    return _MIN_WINDOW_SAMPLES + int(np.argmin(loudness)) * _QUIET_SAMPLES + _QUIET_SAMPLES // 2
