"""How loud a voice is, and the same loudness for all of them.

Piper's own player raises the highest peak of each sentence to full scale. For that the whole
sentence has to be there, and a voice with one sharp peak stays quiet. Here a voice is measured
once and then amplified by the same factor always.
"""

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

type Sound = npt.NDArray[np.float32]
"""Mono samples at the voice's rate, about -1 to 1."""

type Pcm = npt.NDArray[np.int16]
"""Mono samples at the voice's rate."""

# RMS of what is not silence. Peaks of speech are some 12 to 15 dB above it, just below full scale.
TARGET_RMS = 10 ** (-18 / 20)
# What is so much quieter than the loudest moment is a pause: 30 dB.
_PAUSE = 1 / 30
_FRAME_S = 0.02
# A voice without a sound would only have its noise made heard.
_SILENT_PEAK = 1e-3
_MAX_GAIN = 20.0
# Peaks above are bent, not cut off: a cut peak crackles.
_KNEE = 0.8
_FULL_SCALE = 32767.0
# Long enough that a step from or to silence is no click, too short to be heard itself.
_FADE_S = 0.003


def gain_for(sound: Sound, rate_hz: int) -> float:
    """Return by how much to multiply a voice that sounds like this; 1 for silence."""
    frame = int(rate_hz * _FRAME_S)
    sound = _finite(sound[: len(sound) // frame * frame])
    if float(np.max(np.abs(sound), initial=0.0)) < _SILENT_PEAK:
        return 1.0
    levels = np.sqrt(np.mean(np.square(sound.reshape(-1, frame), dtype=np.float64), axis=1))
    spoken = levels[levels > levels.max() * _PAUSE]
    return min(_MAX_GAIN, TARGET_RMS / float(np.sqrt(np.mean(np.square(spoken)))))


def to_pcm(sound: Sound, gain: float) -> Pcm:
    """Amplify, keep below full scale, and round."""
    sound = _finite(sound) * np.float32(gain)
    size = np.abs(sound)
    above = size > _KNEE
    if above.any():
        room = 1 - _KNEE
        bent = _KNEE + room * np.tanh((size[above] - _KNEE) / room)
        sound[above] = np.copysign(bent, sound[above])
    return np.asarray(np.round(sound * _FULL_SCALE), dtype=np.int16)


def faded(parts: Iterable[Sound], rate_hz: int) -> Iterator[Sound]:
    """Let the first samples of all parts together come out of silence, and the last go back."""
    size = int(rate_hz * _FADE_S)
    rise: Sound = ((np.arange(size) + 0.5) / size).astype(np.float32)
    held: Sound = np.empty(0, np.float32)
    seen = 0
    for part in parts:
        joined = np.concatenate((held, part))
        begin = rise[seen : seen + len(part)]
        joined[len(held) : len(held) + len(begin)] *= begin
        seen += len(part)
        # Whether these are the last ones is known when more comes, or does not.
        cut = max(0, len(joined) - size)
        held = joined[cut:]
        if cut:
            yield joined[:cut]
    if len(held):
        yield held * rise[::-1][-len(held) :]


def _finite(sound: Sound) -> Sound:
    return np.nan_to_num(sound.astype(np.float32), nan=0.0, posinf=1.0, neginf=-1.0)
