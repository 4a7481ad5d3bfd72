"""Training of the tiny Whisper: single-thread processes that average their parameters."""

from __future__ import annotations

import argparse
import logging
import os
import shutil
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.distributed as dist
from tokenizers import Tokenizer
from tools.starter.utterances import Utterance, load_shard
from tools.starter.vocabulary import SpecialTokens
from tools.starter.whisper_batches import (
    IGNORED,
    Batch,
    BatchMaker,
    make_example,
    phoneme_inventory,
)
from tools.starter.whisper_model import Dimensions, Prediction, TinyWhisper
from torch import Tensor, nn
from torch.nn import functional

PEAK_LEARNING_RATE = 1.5e-3
WARM_UP = 0.02
CONSTANT_UNTIL = 0.15
"""Shares of the whole training; from here the rate falls linearly to zero, where most is gained."""
STEPS_BETWEEN_AVERAGES = 12
SAVE_INTERVAL_S = 60
LABEL_SMOOTHING = 0.05
ALIGNMENT_SLACK_S = 0.07
FAST_MEMORY = {
    "MALLOC_MMAP_MAX_": "0",
    "MALLOC_TRIM_THRESHOLD_": "100000000000",
    "MALLOC_TOP_PAD_": "268435456",
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
    "DNNL_PRIMITIVE_CACHE_CAPACITY": "16384",
    "OMP_NUM_THREADS": "1",
}
"""Without it every large tensor is page-faulted in anew: six times slower."""
NICE = shutil.which("nice") or "nice"
_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True)
class Losses:
    """The parts of one step's loss."""

    tokens: Tensor
    phonemes: Tensor
    middle_phonemes: Tensor
    alignment: Tensor
    accuracy: Tensor

    def values(self) -> dict[str, float]:
        """Plain numbers for the log."""
        return {
            name: getattr(self, name).item()
            for name in ("tokens", "phonemes", "alignment", "accuracy")
        }

    def total(self, progress: float) -> Tensor:
        """Phonemes and alignment lead at first; the tokens are what counts in the end."""
        phoneme_weight = 1.0 if progress < 0.5 else 0.4
        alignment_weight = 0.3 if progress < 0.6 else 0.1
        return (
            self.tokens
            + phoneme_weight * (self.phonemes + 0.5 * self.middle_phonemes)
            + alignment_weight * self.alignment
        )


def learning_rate(progress: float) -> float:
    """Warm-up, a constant stretch, then a straight line to almost zero."""
    falling = (1 - progress) / (1 - CONSTANT_UNTIL)
    return PEAK_LEARNING_RATE * min(1.0, (progress + 1e-3) / WARM_UP, max(0.0, falling)) + 1e-5


def losses(prediction: Prediction, batch: Batch) -> Losses:
    """All losses of one batch."""
    logits = prediction.token_logits.flatten(0, 1)
    targets = batch.targets.flatten()
    labels = batch.phonemes.flatten()
    known = labels >= 0
    scored = targets != IGNORED
    return Losses(
        tokens=functional.cross_entropy(
            logits, targets, label_smoothing=LABEL_SMOOTHING, ignore_index=IGNORED
        ),
        phonemes=functional.cross_entropy(
            prediction.phoneme_logits.flatten(0, 1)[known], labels[known]
        ),
        middle_phonemes=functional.cross_entropy(
            prediction.middle_phoneme_logits.flatten(0, 1)[known], labels[known]
        ),
        alignment=_alignment_loss(prediction.alignment, batch),
        accuracy=(logits.argmax(-1) == targets)[scored].float().mean(),
    )


def _alignment_loss(alignment: Tensor, batch: Batch) -> Tensor:
    """Minus log of the attention that falls inside each token's own time."""
    middle_s = (torch.arange(alignment.shape[2]) + 0.5) * 0.02
    begins, ends = batch.spans_s[..., :1], batch.spans_s[..., 1:]
    inside = (middle_s >= begins - ALIGNMENT_SLACK_S) & (middle_s <= ends + ALIGNMENT_SLACK_S)
    mass = (alignment * inside).sum(-1).clamp(min=1e-4)
    return -(mass.log() * batch.has_span).sum() / batch.has_span.sum().clamp(min=1)


class Trainer:
    """One process's model and optimiser, with what it takes to go on after a restart."""

    def __init__(self, work_dir: Path, checkpoint_path: Path) -> None:
        """Load the data of `work_dir`, and `checkpoint_path` when there is one."""
        self.rank = dist.get_rank()
        self._path = checkpoint_path
        tokenizer = Tokenizer.from_file(str(work_dir / "tokenizer.json"))
        shards = sorted((work_dir / "speech").glob("train-*.npz"))
        utterances = [u for shard in shards for u in load_shard(shard)]
        saved = self._saved()
        inventory = saved["phonemes"] if saved else phoneme_inventory(utterances)
        self._maker = self._batch_maker(work_dir, utterances, tokenizer, inventory)
        torch.manual_seed(0)
        self.model = TinyWhisper(
            Dimensions(vocabulary=tokenizer.get_vocab_size(), phonemes=len(inventory))
        )
        torch.manual_seed(100 + self.rank)
        self._inventory = inventory
        self._parameters = [p for p in self.model.parameters() if p.requires_grad]
        self._optimizer = _optimizer(self.model)
        self.step = self.utterance_count = 0
        self.elapsed_s = 0.0
        if saved:
            self._restore(saved)

    def _batch_maker(
        self,
        work_dir: Path,
        utterances: list[Utterance],
        tokenizer: Tokenizer,
        inventory: list[str],
    ) -> BatchMaker:
        hours = sum(u.duration_s for u in utterances) / 3600
        _LOGGER.info("%d utterances, %.1f h", len(utterances), hours)
        examples = [make_example(u, tokenizer, inventory) for u in utterances]
        noise = np.load(work_dir / "noise.npy")
        seed = self.rank + int(time.time())  # another order after every restart
        return BatchMaker(examples, noise, SpecialTokens.of(tokenizer), seed)

    def run(self, seconds: float) -> None:
        """Train until `seconds` of wall time, over all restarts, have passed."""
        before_s, start = self.elapsed_s, time.monotonic()
        last_save = start
        groups = self._maker.groups(before_s / seconds)
        recent: list[dict[str, float]] = []
        while self.elapsed_s < seconds:
            progress = min(1.0, (before_s + time.monotonic() - start) / seconds)
            examples = next(groups)
            recent.append(self._train_step(self._maker.batch(examples, progress), progress))
            self.step += 1
            self.utterance_count += len(examples) * dist.get_world_size()
            if self.step % STEPS_BETWEEN_AVERAGES == 0:
                self.elapsed_s = self._average(before_s + time.monotonic() - start)
                if self.rank == 0 and time.monotonic() - last_save > SAVE_INTERVAL_S:
                    last_save = time.monotonic()
                    self._report(recent, progress)
                    self.save()
                    recent = []
        if self.rank == 0:
            self._report(recent, 1.0)
            self.save()

    def _train_step(self, batch: Batch, progress: float) -> dict[str, float]:
        for group in self._optimizer.param_groups:
            group["lr"] = learning_rate(progress)
        with torch.autocast("cpu", torch.bfloat16):
            parts = losses(self.model(batch.mel, batch.inputs), batch)
        self._optimizer.zero_grad()
        parts.total(progress).backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self._parameters, 1.0)
        self._optimizer.step()
        return parts.values()

    @torch.no_grad()
    def _average(self, elapsed_s: float) -> float:
        """Average the parameters over all processes; returns the mean of their clocks."""
        flat = torch.cat([p.flatten() for p in self._parameters] + [torch.tensor([elapsed_s])])
        dist.all_reduce(flat)
        flat /= dist.get_world_size()
        offset = 0
        for parameter in self._parameters:
            parameter.copy_(flat[offset : offset + parameter.numel()].view_as(parameter))
            offset += parameter.numel()
        return flat[-1].item()

    def _report(self, recent: list[dict[str, float]], progress: float) -> None:
        if not recent:
            return
        means = {name: float(np.mean([values[name] for values in recent])) for name in recent[0]}
        rounded = {name: round(mean, 3) for name, mean in means.items()}
        speed = self.utterance_count / max(1.0, self.elapsed_s)
        _LOGGER.info(
            "%.0f s (%.0f %%), step %d, %d utterances (%.0f/s), learning rate %.1e: %s",
            self.elapsed_s, 100 * progress, self.step, self.utterance_count, speed,
            learning_rate(progress), rounded,
        )  # fmt: skip

    def save(self) -> None:
        """Write the checkpoint; a crash while writing leaves the old one."""
        content = {
            "weights": self.model.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "dimensions": asdict(self.model.dimensions),
            "phonemes": self._inventory,
            "step": self.step,
            "utterances": self.utterance_count,
            "elapsed_s": self.elapsed_s,
        }
        partial = self._path.with_suffix(".partial")
        torch.save(content, partial)
        partial.replace(self._path)

    def _saved(self) -> dict[str, Any] | None:
        if not self._path.exists():
            return None
        content: dict[str, Any] = torch.load(self._path, weights_only=True)
        return content

    def _restore(self, saved: dict[str, Any]) -> None:
        self.model.load_state_dict(saved["weights"])
        self._optimizer.load_state_dict(saved["optimizer"])
        self.step, self.utterance_count = saved["step"], saved["utterances"]
        self.elapsed_s = saved["elapsed_s"]
        _LOGGER.info("going on after step %d, %.0f s", self.step, self.elapsed_s)


def _optimizer(model: nn.Module) -> torch.optim.Optimizer:
    trained = [p for p in model.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in trained if p.ndim > 1], "weight_decay": 0.02},
        {"params": [p for p in trained if p.ndim <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=PEAK_LEARNING_RATE, betas=(0.9, 0.98), fused=True)


def train_whisper(work_dir: Path, *, seconds: float, processes: int, port: int) -> None:
    """Train in `processes` niced processes and wait; raises CalledProcessError when one fails."""
    command = [sys.executable, "-m", "tools.starter.whisper_train", str(work_dir), str(seconds)]
    rendezvous = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    world = {**os.environ, **FAST_MEMORY, **rendezvous, "WORLD_SIZE": str(processes)}
    workers = [
        subprocess.Popen(  # noqa: S603 (this very module)
            [NICE, "-n", "10", *command], env={**world, "RANK": str(rank)}
        )
        for rank in range(processes)
    ]
    try:
        for worker in workers:
            if worker.wait() != 0:
                raise subprocess.CalledProcessError(worker.returncode, command)
    finally:
        for worker in workers:
            worker.terminate()


def main() -> None:
    """Entry point of one training process; `RANK` and `WORLD_SIZE` come from `train_whisper`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("work_dir", type=Path)
    parser.add_argument("seconds", type=float)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    dist.init_process_group("gloo")
    level = logging.INFO if dist.get_rank() == 0 else logging.WARNING
    logging.basicConfig(level=level, format="%(asctime)s %(message)s")
    trainer = Trainer(arguments.work_dir, arguments.work_dir / "whisper.pt")
    dist.barrier()
    trainer.run(arguments.seconds)
    dist.barrier()
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
