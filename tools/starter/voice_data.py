"""Training data of the starter voice: phoneme ids, their durations, and vocoder parameters."""

from __future__ import annotations

import random
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyworld
from piper.phoneme_ids import DEFAULT_PHONEME_ID_MAP, phonemes_to_ids
from piper.phonemize_espeak import EspeakPhonemizer
from tools.starter.espeak import Espeak, Speech
from tools.starter.texts import load_split
from tools.starter.voice_features import (
    ANALYSIS_FFT,
    ESPEAK_VOICES,
    HOP,
    LANGUAGES,
    SAMPLE_RATE_HZ,
    aperiodicity_matrix,
    envelope_matrix,
)

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

COUNTS = {"pt-BR": 1600, "en": 1300}
F0_RANGE_HZ = (60, 350)
_PAUSES = " .,?!:;-"
_STRESS = "ˈˌ"
_EVENT_NAME_BYTES = 8
"""espeak-ng cuts an event's phoneme name at this length."""


@dataclass
class VoiceExample:
    """One sentence as the voice model sees it."""

    language: int
    """Index into LANGUAGES."""
    phoneme_ids: NDArray[np.int64]
    durations: NDArray[np.int64]
    """Frames of each phoneme id; they add up to the number of frames below."""
    envelope: NDArray[np.float32]
    """frames x 60, log power."""
    aperiodicity: NDArray[np.float32]
    """frames x 5, 0 to 1."""
    f0_hz: NDArray[np.float32]
    """frames; 0 where unvoiced."""


@dataclass(frozen=True)
class _Line:
    language: str
    text: str
    phonemes: list[str]


def build_voice_data(path: Path, texts_path: Path, scale: float = 1.0) -> int:
    """Speak, align and analyse the sentences into one `.npz`; returns how many were usable."""
    lines = _phonemized(texts_path, scale)  # before Espeak: both use the library's one state
    espeak = Espeak()
    rng = random.Random(4)
    examples = []
    for line in lines:
        rate = rng.choice([145, 155, 165])
        speech = espeak.synthesize(line.text, ESPEAK_VOICES[line.language], rate=rate, pitch=48)
        example = _example(line, speech)
        if example is not None:
            examples.append(example)
    _save(path, examples)
    return len(examples)


def load_voice_data(path: Path) -> list[VoiceExample]:
    """Read what `build_voice_data` wrote."""
    with np.load(path, allow_pickle=False) as data:
        ids = np.split(data["phoneme_ids"], np.cumsum(data["id_counts"])[:-1])
        durations = np.split(data["durations"], np.cumsum(data["id_counts"])[:-1])
        cuts = np.cumsum([part.sum() for part in durations])[:-1]
        frames = [np.split(data[name], cuts) for name in ("envelope", "aperiodicity", "f0_hz")]
        languages = data["languages"]
    return [
        VoiceExample(int(language), *fields)
        for language, *fields in zip(languages, ids, durations, *frames, strict=True)
    ]


def _save(path: Path, examples: list[VoiceExample]) -> None:
    partial = path.with_suffix(".partial.npz")
    np.savez(
        partial,
        languages=np.array([e.language for e in examples]),
        id_counts=np.array([len(e.phoneme_ids) for e in examples]),
        phoneme_ids=np.concatenate([e.phoneme_ids for e in examples]),
        durations=np.concatenate([e.durations for e in examples]),
        envelope=np.concatenate([e.envelope for e in examples]),
        aperiodicity=np.concatenate([e.aperiodicity for e in examples]),
        f0_hz=np.concatenate([e.f0_hz for e in examples]),
    )
    partial.rename(path)


def _phonemized(texts_path: Path, scale: float) -> list[_Line]:
    rng = random.Random(4)
    split = load_split(texts_path, held_out=False)
    phonemizer = EspeakPhonemizer()
    lines = []
    for language in LANGUAGES:
        code = language[:2]
        pools = [split[f"{kind}-{code}"] for kind in ("templates", "phrases", "interface")]
        pools.append(split[f"intents-{language}"])
        for _ in range(int(COUNTS[language] * scale)):
            text = rng.choice(rng.choices(pools, (0.4, 0.1, 0.35, 0.15))[0])
            if rng.random() < 0.12:  # commas inside a sentence
                text = f"{text[:-1]}, {rng.choice(pools[0]).lower()}"
            parts = phonemizer.phonemize(ESPEAK_VOICES[language], text)
            if len(parts) == 1:
                lines.append(_Line(language, text, parts[0]))
    return lines


def _example(line: _Line, speech: Speech) -> VoiceExample | None:
    aligned = _align(line.phonemes, speech.phonemes)
    if aligned is None or len(speech.samples) < SAMPLE_RATE_HZ // 6:
        return None
    duration_s = len(speech.samples) / SAMPLE_RATE_HZ
    ids = phonemes_to_ids(line.phonemes, DEFAULT_PHONEME_ID_MAP)
    durations = _durations(line.phonemes, speech.phonemes, aligned, len(ids), duration_s)
    frame_count = int(duration_s * SAMPLE_RATE_HZ / HOP) + 1
    if durations is None or abs(durations.sum() - frame_count) > 6:
        return None
    envelope, aperiodicity, f0_hz = _analyse(speech.samples)
    durations = _shortened(durations, len(f0_hz))
    frames = int(durations.sum())
    return VoiceExample(
        language=LANGUAGES.index(line.language),
        phoneme_ids=np.array(ids, np.int64),
        durations=durations,
        envelope=envelope[:frames],
        aperiodicity=aperiodicity[:frames],
        f0_hz=f0_hz[:frames],
    )


def _align(phonemes: list[str], events: list[tuple[float, str]]) -> dict[int, list[int]] | None:
    """Event index -> indices of its phoneme characters; None when the two do not match."""
    aligned: dict[int, list[int]] = {}
    position = 0
    for index, (_, name) in enumerate(events):
        found = []
        for character in unicodedata.normalize("NFD", name):
            while _at(phonemes, position) in _PAUSES and _at(phonemes, position) != character:
                position += 1
            if _at(phonemes, position) != character:
                return None
            found.append(position)
            position += 1
        if not found:
            continue
        if len(name.encode()) >= _EVENT_NAME_BYTES:
            following = unicodedata.normalize("NFD", _name(events, index + 1))[:1]
            while _at(phonemes, position) not in f"{_PAUSES}{following}":
                found.append(position)
                position += 1
        aligned[index] = [i for i in found if phonemes[i] not in _STRESS] or found
    rest = phonemes[position:]
    return aligned if all(character in _PAUSES for character in rest) else None


def _at(phonemes: list[str], position: int) -> str:
    """Return the character, or one that is no phoneme behind the end."""
    return phonemes[position] if position < len(phonemes) else "\0"


def _name(events: list[tuple[float, str]], index: int) -> str:
    return events[index][1] if index < len(events) else ""


def _durations(
    phonemes: list[str],
    events: list[tuple[float, str]],
    aligned: dict[int, list[int]],
    id_count: int,
    duration_s: float,
) -> NDArray[np.int64] | None:
    """Frames of each id; None when piper's ids do not follow the phonemes one by one."""
    places = _id_places(phonemes)
    if 2 * sum(place is not None for place in places) + 3 != id_count:
        return None
    frame = SAMPLE_RATE_HZ / HOP
    durations = np.zeros(id_count, np.int64)
    last = -1
    for index, (start_s, _) in enumerate(events):
        end_s = events[index + 1][0] if index + 1 < len(events) else duration_s
        end_s = min(end_s, duration_s)
        if index in aligned:
            own = [place for i in aligned[index] if (place := places[i]) is not None]
            edges = np.round(np.linspace(start_s, end_s, len(own) + 1) * frame).astype(int)
            if own:
                durations[own] += np.diff(edges)
                last = max(aligned[index])
        else:
            pause = _pause_place(places, last)
            durations[pause] += round(end_s * frame) - round(start_s * frame)
    return durations


def _id_places(phonemes: list[str]) -> list[int | None]:
    """Where each phoneme stands among piper's ids: start, pad, then a phoneme and a pad each."""
    places: list[int | None] = []
    following = 2
    for phoneme in phonemes:
        known = phoneme in DEFAULT_PHONEME_ID_MAP
        places.append(following if known else None)
        following += 2 * known
    return places


def _pause_place(places: list[int | None], last: int) -> int:
    """Give a pause to the symbol behind the last phoneme: a space, a comma, or the end."""
    if last < 0:
        return 0
    place = places[last + 1] if last + 1 < len(places) else None
    return -1 if place is None else place


def _analyse(
    samples: NDArray[np.float32],
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """WORLD's envelope, aperiodicity and fundamental frequency, reduced to the model's points."""
    audio = samples.astype(np.float64) * (0.6 / np.abs(samples).max())
    low, high = F0_RANGE_HZ
    rate = SAMPLE_RATE_HZ
    frame_ms = 1000 * HOP / rate
    f0, times = pyworld.dio(audio, rate, f0_floor=low, f0_ceil=high, frame_period=frame_ms)
    f0 = pyworld.stonemask(audio, f0, times, rate)
    power = pyworld.cheaptrick(audio, f0, times, rate, fft_size=ANALYSIS_FFT, f0_floor=low)
    aperiodicity = pyworld.d4c(audio, f0, times, rate, fft_size=ANALYSIS_FFT)
    envelope = np.log(np.maximum(power, 1e-12)) @ envelope_matrix().T
    bands = aperiodicity @ aperiodicity_matrix().T
    return envelope.astype(np.float32), bands.astype(np.float32), f0.astype(np.float32)


def _shortened(durations: NDArray[np.int64], limit: int) -> NDArray[np.int64]:
    """Take frames off the end until the durations add up to at most `limit`."""
    durations = durations.copy()
    surplus = int(durations.sum()) - limit
    for index in range(len(durations) - 1, -1, -1):
        if surplus <= 0:
            break
        taken = min(surplus, int(durations[index]))
        durations[index] -= taken
        surplus -= taken
    return durations
