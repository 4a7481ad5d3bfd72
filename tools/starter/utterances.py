"""Utterances with their features, and the shard files that hold them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from faster_whisper.feature_extractor import FeatureExtractor
from scipy.signal import fftconvolve
from tools.starter.espeak import SAMPLE_RATE_HZ, Speech
from tools.starter.texts import language_of

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

MAX_SECONDS = 7.5
PEAK = 0.5
MEL_BANDS = 80
FRAMES_PER_SECOND = 100
_FFT, _HOP = 400, 160
_EXTRACTOR = FeatureExtractor()
_WINDOW = np.hanning(_FFT + 1)[:-1].astype(np.float32)


@dataclass
class Utterance:
    """One training or test sentence."""

    text: str
    corpus: str
    voice: str
    duration_s: float
    log_mel: NDArray[np.float16]
    """80 mel bands x frames of 10 ms, log10 of the power, neither clamped nor scaled."""
    word_starts: list[tuple[int, float]] = field(default_factory=list)
    phonemes: list[tuple[float, str]] = field(default_factory=list)
    samples: NDArray[np.int16] = field(default_factory=lambda: np.zeros(0, np.int16))
    """Mono at 16 kHz; kept for test utterances only."""

    @property
    def language(self) -> str:
        """Its language, "pt" or "en"."""
        return language_of(self.corpus)


def log_mel(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """faster-whisper's own features before its clamp and scaling: gain and noise come later."""
    padded = np.pad(samples.astype(np.float32), (0, _HOP))
    spectrum = _EXTRACTOR.stft(padded, _FFT, _HOP, window=_WINDOW, return_complex=True)
    power = np.abs(spectrum.astype(np.complex64)[..., :-1]) ** 2
    mel: NDArray[np.float32] = np.log10(np.clip(_EXTRACTOR.mel_filters @ power, 1e-10, None))
    return mel


def room_response(generator: np.random.Generator) -> NDArray[np.float32]:
    """Make a direct sound and an exponentially decaying tail of 0.08 to 0.45 s."""
    decay_s = generator.uniform(0.08, 0.45)
    seconds = np.arange(int(decay_s * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    tail = generator.standard_normal(len(seconds)) * np.exp(-6.9 * seconds / decay_s)
    tail[: int(0.002 * SAMPLE_RATE_HZ)] = 0
    tail *= generator.uniform(0.15, 0.8) / np.sqrt((tail**2).sum() + 1e-9)
    tail[0] = 1
    return tail.astype(np.float32)


def make_utterance(
    text: str,
    corpus: str,
    voice: str,
    speech: Speech,
    *,
    room: NDArray[np.float32] | None = None,
    keep_samples: bool = False,
) -> Utterance | None:
    """Features of one spoken text, or None when it is too short or too long to learn from."""
    samples = speech.samples
    duration_s = len(samples) / SAMPLE_RATE_HZ
    if not 0.09 <= duration_s <= MAX_SECONDS:
        return None
    samples = samples * (PEAK / max(1e-3, float(np.abs(samples).max())))
    if room is not None:
        samples = fftconvolve(samples, room)[: len(samples) + SAMPLE_RATE_HZ // 5]
    kept = (samples * 32767).clip(-32768, 32767) if keep_samples else np.zeros(0)
    return Utterance(
        text=text,
        corpus=corpus,
        voice=voice,
        duration_s=duration_s,
        log_mel=log_mel(samples.astype(np.float32)).astype(np.float16),
        word_starts=speech.word_starts,
        phonemes=speech.phonemes,
        samples=kept.astype(np.int16),
    )


def save_shard(path: Path, utterances: list[Utterance]) -> None:
    """Write all utterances to one `.npz`; a file that exists is complete."""
    meta = [
        (u.text, u.corpus, u.voice, u.duration_s, u.word_starts, u.phonemes) for u in utterances
    ]
    partial = path.with_suffix(".partial.npz")
    np.savez(
        partial,
        meta=np.array(json.dumps(meta, ensure_ascii=False)),
        log_mel=np.concatenate([u.log_mel for u in utterances], axis=1),
        frames=np.array([u.log_mel.shape[1] for u in utterances]),
        samples=np.concatenate([u.samples for u in utterances]),
        sample_counts=np.array([len(u.samples) for u in utterances]),
    )
    partial.rename(path)


def load_shard(path: Path) -> list[Utterance]:
    """Read what `save_shard` wrote."""
    with np.load(path, allow_pickle=False) as shard:
        meta = json.loads(str(shard["meta"]))
        mels = np.split(shard["log_mel"], np.cumsum(shard["frames"])[:-1], axis=1)
        samples = np.split(shard["samples"], np.cumsum(shard["sample_counts"])[:-1])
    return [
        Utterance(text, corpus, voice, duration_s, mel, words, phonemes, wave)
        for (text, corpus, voice, duration_s, words, phonemes), mel, wave in zip(
            meta, mels, samples, strict=True
        )
    ]
