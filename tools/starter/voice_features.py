"""Numbers of the starter voice's source-filter model, shared by analysis and export."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

SAMPLE_RATE_HZ = 16000
HOP = 128
"""Samples per frame: 8 ms."""
ENVELOPE_POINTS = 60
APERIODICITY_BANDS_HZ = ((0, 1000), (1000, 2000), (2000, 3500), (3500, 5500), (5500, 8001))
ANALYSIS_FFT = 1024
SYNTHESIS_FFT = 512
LANGUAGES = ("pt-BR", "en")
ESPEAK_VOICES = {"pt-BR": "pt-br", "en": "en-us"}


def mel_points_hz() -> NDArray[np.float64]:
    """Frequencies of the envelope's points, evenly spaced in mel from 0 to 8 kHz."""
    top_mel = 2595 * np.log10(1 + SAMPLE_RATE_HZ / 2 / 700)
    points: NDArray[np.float64] = 700 * (
        10 ** (np.linspace(0, top_mel, ENVELOPE_POINTS) / 2595) - 1
    )
    return points


def fft_frequencies_hz(fft_size: int) -> NDArray[np.float64]:
    """Frequency of each bin of a real FFT."""
    return np.arange(fft_size // 2 + 1) * SAMPLE_RATE_HZ / fft_size


def envelope_matrix() -> NDArray[np.float64]:
    """Analysis bins -> envelope points: normalised triangles around each mel point."""
    points, bins = mel_points_hz(), fft_frequencies_hz(ANALYSIS_FFT)
    below = np.concatenate([[-1.0], points[:-1]])
    above = np.concatenate([points[1:], [SAMPLE_RATE_HZ / 2 + 1.0]])
    rising = (bins - below[:, None]) / (points - below)[:, None]
    falling = (above[:, None] - bins) / (above - points)[:, None]
    rising[0] = falling[-1] = 1.0
    triangles = np.maximum(0, np.minimum(rising, falling))
    # Low points lie closer together than the bins: there the nearest two bins are interpolated.
    nearest = np.maximum(0, 1 - np.abs(bins - points[:, None]) / (SAMPLE_RATE_HZ / ANALYSIS_FFT))
    narrow = triangles.sum(1, keepdims=True) < 0.5
    weights = np.where(narrow, nearest, triangles)
    normalised: NDArray[np.float64] = weights / weights.sum(1, keepdims=True)
    return normalised


def aperiodicity_matrix() -> NDArray[np.float64]:
    """Analysis bins -> mean of each aperiodicity band."""
    bins = fft_frequencies_hz(ANALYSIS_FFT)
    members = np.array([(bins >= low) & (bins < high) for low, high in APERIODICITY_BANDS_HZ])
    means: NDArray[np.float64] = members / members.sum(1, keepdims=True)
    return means


def interpolation_matrix(points_hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values at `points_hz` -> synthesis bins, by linear interpolation."""
    bins = fft_frequencies_hz(SYNTHESIS_FFT)
    units = np.eye(len(points_hz))
    return np.stack([np.interp(bins, points_hz, unit) for unit in units], axis=1)


def minimum_phase_matrix() -> NDArray[np.float64]:
    """Log-magnitude envelope points -> minimum phase of each synthesis bin."""
    cepstrum = np.fft.irfft(interpolation_matrix(mel_points_hz()), SYNTHESIS_FFT, axis=0)
    quefrency = np.arange(1, SYNTHESIS_FFT // 2)
    bins = np.arange(SYNTHESIS_FFT // 2 + 1)
    sines = np.sin(2 * np.pi * np.outer(bins, quefrency) / SYNTHESIS_FFT)
    phase: NDArray[np.float64] = -2 * sines @ cepstrum[1 : SYNTHESIS_FFT // 2]
    return phase
