"""Speech for tests, spoken by the starter voices, and sounds that are none."""

from functools import cache
from pathlib import Path

import numpy as np
from piper import PiperVoice

from wyoming_servers.audio import PcmConverter, PcmFormat, Samples

STARTER_DIR = Path(__file__).parents[2] / "wyoming_servers" / "starter"
RATE_HZ = 16_000
_VOICES = {"pt": "pt_BR-starter-low.onnx", "en": "en_US-starter-low.onnx"}


@cache
def spoken(text: str, language: str = "pt") -> Samples:
    """Speak a text: int16 mono at 16 kHz with a little silence around it."""
    voice = _voice(language)
    pcm = b"".join(chunk.audio_int16_bytes for chunk in voice.synthesize(text))
    converter = PcmConverter(PcmFormat(voice.config.sample_rate, 2, 1))
    pause = np.zeros(RATE_HZ // 5, np.int16)
    return np.concatenate((pause, converter.convert(pcm), converter.flush(), pause))


@cache
def _voice(language: str) -> PiperVoice:
    return PiperVoice.load(STARTER_DIR / "voice" / _VOICES[language])


def silence(seconds: float) -> Samples:
    """Digital silence."""
    return np.zeros(round(seconds * RATE_HZ), np.int16)


def noise(seconds: float, level: float = 0.05) -> Samples:
    """White noise, always the same; `level` is its standard deviation, 1 is full scale."""
    generator = np.random.default_rng(7)
    sound = generator.normal(scale=level, size=round(seconds * RATE_HZ))
    return (np.clip(sound, -1, 1) * 32767).astype(np.int16)


def tone(seconds: float, frequency_hz: float = 440.0, rate_hz: int = RATE_HZ) -> Samples:
    """Hold one frequency at half of full scale."""
    time_s = np.arange(round(seconds * rate_hz)) / rate_hz
    return (np.sin(2 * np.pi * frequency_hz * time_s) * 16384).astype(np.int16)
