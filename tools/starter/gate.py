"""Measures a starter recogniser on held-out speech and noise, and fails below the bar."""

from __future__ import annotations

import argparse
import logging
import random
import re
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import jiwer
import numpy as np
from faster_whisper import WhisperModel
from tools.starter.espeak import SAMPLE_RATE_HZ
from tools.starter.speech import STARTER_VOICE, speak_shard, speak_starter_shard
from tools.starter.texts import build_corpora, is_home_command, save_corpora
from tools.starter.utterances import Utterance, load_shard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

MAX_HOME_WER = 0.04
"""Word error rate on home commands: held-out sentences by held-out speakers."""
DETECTED = 100
"""How many utterances of a measurement try the language detection as well."""
TEST_SEEDS = {"espeak": 1000, STARTER_VOICE: 2000}
TEST_COUNTS = {"espeak": 600, STARTER_VOICE: 300}


@dataclass
class Score:
    """What was said and what was heard, normalised."""

    references: list[str]
    hypotheses: list[str]

    @property
    def wer(self) -> float:
        """Word errors / words said."""
        return float(jiwer.wer(self.references, self.hypotheses))

    @property
    def exact_ratio(self) -> float:
        """Share of sentences without any error."""
        pairs = zip(self.references, self.hypotheses, strict=True)
        return float(np.mean([reference == heard for reference, heard in pairs]))


@dataclass
class Measurement:
    """Scores by group of utterances, and the real-time factor."""

    scores: dict[str, Score]
    real_time_factor: float
    seconds_per_utterance: float
    right_language_ratio: float


def normalise(text: str) -> str:
    """Lower case, no punctuation, single spaces."""
    return " ".join(re.sub(r"[^\w\s']", " ", text.lower().replace("’", "'")).split())


def load_model(models_dir: Path) -> WhisperModel:
    """Load the recogniser on one CPU thread, as the demo runs it."""
    return WhisperModel(
        str(models_dir / "whisper"), device="cpu", compute_type="int8", cpu_threads=1
    )


def measure(
    model: WhisperModel, utterances: Iterable[Utterance], noise_level: float
) -> Measurement:
    """Transcribe greedily with 0.2 to 1 s of silence around, and white noise of `noise_level`."""
    generator = np.random.default_rng(1)
    scores: dict[str, Score] = defaultdict(lambda: Score([], []))
    spent_s = audio_s = 0.0
    right_language = count = 0
    for utterance in utterances:
        audio = _padded(utterance, generator, noise_level)
        start = time.perf_counter()
        segments, _ = model.transcribe(
            audio,
            language=utterance.language,
            beam_size=1,
            temperature=0.0,
            condition_on_previous_text=False,
            without_timestamps=True,
        )
        heard = normalise("".join(segment.text for segment in segments))
        spent_s += time.perf_counter() - start
        audio_s += len(audio) / SAMPLE_RATE_HZ
        if count < DETECTED:
            right_language += model.detect_language(audio)[0] == utterance.language
        count += 1
        for group in _groups(utterance):
            scores[group].references.append(normalise(utterance.text))
            scores[group].hypotheses.append(heard)
    return Measurement(
        dict(scores), spent_s / audio_s, spent_s / count, right_language / min(count, DETECTED)
    )


def _padded(
    utterance: Utterance, generator: np.random.Generator, noise_level: float
) -> NDArray[np.float32]:
    before, after = (np.zeros(int(generator.uniform(0.2, 1) * SAMPLE_RATE_HZ)) for _ in range(2))
    audio = np.concatenate([before, utterance.samples / 32768, after])
    return (audio + noise_level * generator.standard_normal(len(audio))).astype(np.float32)


def _groups(utterance: Utterance) -> list[str]:
    kind = utterance.corpus.split("-")[0]
    if not is_home_command(utterance.corpus):
        return ["all", kind]
    speaker = utterance.voice.split("+")[-1]
    return ["all", "home", f"home {utterance.language}", kind, f"home by {speaker}"]


def silent_recordings() -> dict[str, NDArray[np.float32]]:
    """Make recordings in which nobody speaks: none may become words."""
    generator = np.random.default_rng(0)
    recordings: dict[str, NDArray[np.float64]] = {}
    for seconds in (1, 3, 6):
        length = seconds * SAMPLE_RATE_HZ
        recordings[f"digital silence, {seconds} s"] = np.zeros(length)
        turns = np.arange(length) / SAMPLE_RATE_HZ
        recordings[f"60 Hz hum, {seconds} s"] = 0.05 * np.sin(2 * np.pi * 60 * turns)
        recordings[f"1 kHz tone, {seconds} s"] = 0.1 * np.sin(2 * np.pi * 1000 * turns)
        for level in (0.0005, 0.003, 0.02, 0.1):
            noise = level * generator.standard_normal(length)
            recordings[f"white noise {level}, {seconds} s"] = noise
            brown = np.cumsum(generator.standard_normal(length))
            brown -= np.linspace(brown[0], brown[-1], length)
            recordings[f"brown noise {level}, {seconds} s"] = level * brown / brown.std()
    return {name: audio.astype(np.float32) for name, audio in recordings.items()}


def noise_transcripts(model: WhisperModel) -> dict[str, str]:
    """Transcribe each silent recording in both languages; "" is right."""
    heard = {}
    for name, audio in silent_recordings().items():
        for language in ("pt", "en"):
            segments, _ = model.transcribe(audio, language=language, beam_size=1, temperature=0.0)
            heard[f"{name}, {language}"] = "".join(segment.text for segment in segments).strip()
    return heard


def check(
    models_dir: Path, shards: dict[str, Path], limit: int, say: Callable[[str], None]
) -> bool:
    """Print every table; True when the bar is met."""
    logging.getLogger("faster_whisper").setLevel(logging.WARNING)
    model = load_model(models_dir)
    passed = True
    for name, path in shards.items():
        utterances = load_shard(path)
        random.Random(0).shuffle(utterances)
        for noise_level, count in ((0.0, limit), (0.003, limit // 3)):
            measured = measure(model, utterances[:count], noise_level)
            say(f"\n{name}, held-out sentences, white noise {noise_level}:")
            _print_table(measured, say)
            if name == "espeak" and noise_level == 0.0:
                passed &= measured.scores["home"].wer <= MAX_HOME_WER
    heard = noise_transcripts(model)
    wrong = {name: text for name, text in heard.items() if text}
    say(f"\nno speech: {len(heard) - len(wrong)} of {len(heard)} recordings gave no text {wrong}")
    passed &= not wrong
    verdict = "passed" if passed else "FAILED"
    say(f"gate {verdict}: home WER must be <= {MAX_HOME_WER:.0%}, no speech must give no text")
    return passed


def _print_table(measured: Measurement, say: Callable[[str], None]) -> None:
    say(f"{'group':24}{'utterances':>12}{'WER':>8}{'exact':>8}")
    for group, score in sorted(measured.scores.items()):
        count = len(score.references)
        say(f"{group:24}{count:12}{score.wer:8.1%}{score.exact_ratio:8.0%}")
    say(
        f"real-time factor {measured.real_time_factor:.3f}, "
        f"{measured.seconds_per_utterance:.3f} s an utterance, "
        f"language detected right {measured.right_language_ratio:.1%}"
    )


def speak_test_shards(
    folder: Path, texts_path: Path, voice_dir: Path, *, scale: float = 1.0
) -> dict[str, Path]:
    """Held-out speech of espeak-ng's held-out speakers and of the starter voice, where missing."""
    shards = {"espeak": folder / "test.npz", STARTER_VOICE: folder / f"test-{STARTER_VOICE}.npz"}
    counts = {name: max(10, int(count * scale)) for name, count in TEST_COUNTS.items()}
    if not shards["espeak"].exists():
        path, seed, count = shards["espeak"], TEST_SEEDS["espeak"], counts["espeak"]
        speak_shard(path, texts_path, seed, count, held_out=True)
    if not shards[STARTER_VOICE].exists():
        path, seed, count = shards[STARTER_VOICE], TEST_SEEDS[STARTER_VOICE], counts[STARTER_VOICE]
        speak_starter_shard(path, texts_path, voice_dir, seed, count, held_out=True)
    return shards


def main() -> int:
    """Speak new held-out sentences and measure a model folder; exit status 1 below the bar."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=Path, default=Path("wyoming_servers/starter"))
    parser.add_argument("--texts", type=Path, help="texts.json of the build; made anew without")
    parser.add_argument("--limit", type=int, default=1000, help="utterances of each kind")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        texts = arguments.texts or Path(folder) / "texts.json"
        if arguments.texts is None:
            save_corpora(build_corpora(None), texts)
        shards = speak_test_shards(Path(folder), texts, arguments.models / "voice")
        return 0 if check(arguments.models, shards, arguments.limit, print) else 1


if __name__ == "__main__":
    sys.exit(main())
