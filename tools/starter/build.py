"""Runs the stages of the build in order; a stage whose output exists is skipped."""

from __future__ import annotations

import logging
import os
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import TYPE_CHECKING

from tools.starter.speech import STARTER_VOICE, speak_shard, speak_starter_shard

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True)
class Plan:
    """How much of everything; the defaults made the models that ship."""

    work_dir: Path
    """Intermediate files, 3 GB; delete it to start again."""
    homeassistant_dir: Path
    """The installed `homeassistant` package: its interface texts widen the vocabulary."""
    processes: int = 2
    port: int = 29571
    """Loopback port where the training processes meet."""
    shards: int = 20
    starter_shards: int = 3
    shard_utterances: int = 2500
    voice_seconds: float = 420
    whisper_seconds: float = 4500
    scale: float = 1.0
    """Shrinks texts, voice data and test speech for a trial run."""

    @classmethod
    def quick(cls, work_dir: Path, homeassistant_dir: Path) -> Plan:
        """Every stage in about two minutes; what it makes understands nothing."""
        return cls(
            work_dir,
            homeassistant_dir,
            shards=2,
            starter_shards=1,
            shard_utterances=120,
            voice_seconds=10,
            whisper_seconds=30,
            scale=0.02,
        )


class Build:
    """The stages, each resumable."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.texts = plan.work_dir / "texts.json"
        self.tokenizer = plan.work_dir / "tokenizer.json"
        self.noise = plan.work_dir / "noise.npy"
        self.speech_dir = plan.work_dir / "speech"
        self.models_dir = plan.work_dir / "models"
        self._voice_data = plan.work_dir / "voice.npz"
        self._voice_checkpoint = plan.work_dir / "voice.pt"
        self._whisper_checkpoint = plan.work_dir / "whisper.pt"
        # One thread each: processes side by side are faster than threads that wait for each other.
        os.environ.setdefault("OMP_NUM_THREADS", "1")

    def run(self) -> None:
        """Everything up to the two exported models."""
        self.speech_dir.mkdir(parents=True, exist_ok=True)
        self._stage("texts", self.texts, self._make_texts)
        self._stage("tokenizer", self.tokenizer, self._make_tokenizer)
        self._stage("noise", self.noise, self._make_noise)
        self._make_speech()
        self._stage("voice data", self._voice_data, self._make_voice_data)
        self._stage("voice training", self._voice_checkpoint, self._train_voice)
        self._stage("voice export", self.models_dir / "voice", self._export_voice)
        self._make_starter_speech()
        self._train_whisper()
        self._export_whisper()

    def _stage(self, name: str, output: Path, make: Callable[[], None]) -> None:
        if output.exists():
            _LOGGER.info("%s: already there", name)
            return
        start = time.monotonic()
        make()
        _LOGGER.info("%s: %.0f s", name, time.monotonic() - start)

    def _make_texts(self) -> None:
        from tools.starter.texts import build_corpora, save_corpora

        corpora = build_corpora(self._plan.homeassistant_dir, self._plan.scale)
        save_corpora(corpora, self.texts)

    def _make_tokenizer(self) -> None:
        from tools.starter.texts import load_split
        from tools.starter.vocabulary import build_tokenizer

        split = load_split(self.texts, held_out=False)
        build_tokenizer((text for texts in split.values() for text in texts), self.tokenizer)

    def _make_noise(self) -> None:
        from tools.starter.noise import build_noise

        self._in_new_process(build_noise, self.noise, self.texts)

    def _make_speech(self) -> None:
        wanted = [self.speech_dir / f"train-{i:02}.npz" for i in range(self._plan.shards)]
        start = time.monotonic()
        with self._pool() as pool:
            jobs = [
                pool.submit(
                    speak_shard, path, self.texts, seed, self._plan.shard_utterances, held_out=False
                )
                for seed, path in enumerate(wanted)
                if not path.exists()
            ]
            for job in jobs:
                job.result()
        _LOGGER.info("speech: %d shards, %.0f s", len(jobs), time.monotonic() - start)

    def _make_voice_data(self) -> None:
        from tools.starter.voice_data import build_voice_data

        plan = self._plan
        self._in_new_process(build_voice_data, self._voice_data, self.texts, plan.scale)

    def _train_voice(self) -> None:
        from tools.starter.voice_train import train_voice

        train_voice(self._voice_data, self._voice_checkpoint, seconds=self._plan.voice_seconds)

    def _export_voice(self) -> None:
        from tools.starter.voice_export import export_voices

        export_voices(self._voice_checkpoint, self.models_dir / "voice")

    def _make_starter_speech(self) -> None:
        start = time.monotonic()
        with self._pool() as pool:
            jobs = [
                pool.submit(
                    speak_starter_shard,
                    path,
                    self.texts,
                    self.models_dir / "voice",
                    2001 + i,
                    self._plan.shard_utterances,
                    held_out=False,
                )
                for i in range(self._plan.starter_shards)
                if not (path := self.speech_dir / f"train-{STARTER_VOICE}-{i:02}.npz").exists()
            ]
            for job in jobs:
                job.result()
        _LOGGER.info("starter speech: %d shards, %.0f s", len(jobs), time.monotonic() - start)

    def _train_whisper(self) -> None:
        from tools.starter.whisper_train import train_whisper

        plan = self._plan
        train_whisper(
            plan.work_dir, seconds=plan.whisper_seconds, processes=plan.processes, port=plan.port
        )

    def _export_whisper(self) -> None:
        from tools.starter.whisper_export import export_whisper

        export_whisper(self._whisper_checkpoint, self.tokenizer, self.models_dir / "whisper")

    def _pool(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(self._plan.processes, mp_context=get_context("spawn"))

    def _in_new_process(self, function: Callable[..., object], *arguments: object) -> None:
        """espeak-ng keeps one state in a process: stages that use it must not share one."""
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            pool.submit(function, *arguments).result()

    def gate(self, say: Callable[[str], None]) -> bool:
        """Measure the exported models on held-out speech."""
        from tools.starter.gate import check, speak_test_shards

        shards = speak_test_shards(
            self.speech_dir, self.texts, self.models_dir / "voice", scale=self._plan.scale
        )
        return check(self.models_dir, shards, 1000, say)
