"""Training of the starter voice within a time box, on one thread."""

from __future__ import annotations

import logging
import math
import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from tools.starter.voice_data import VoiceExample, load_voice_data
from tools.starter.voice_model import BANDS, ENVELOPE_POINTS, VOICING, VoiceModel
from torch import Tensor, nn
from torch.nn import functional

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

BATCH = 12
VALIDATION = 60
PEAK_LEARNING_RATE = 2.5e-3
LOG_INTERVAL_S = 30
_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True)
class Normalisation:
    """Mean and spread of the targets; the export undoes it."""

    envelope_mean: NDArray[np.float32]
    envelope_spread: NDArray[np.float32]
    log_f0_mean: float
    log_f0_spread: float

    @classmethod
    def of(cls, examples: list[VoiceExample]) -> Normalisation:
        """Measured on up to 800 examples."""
        envelope = np.concatenate([e.envelope for e in examples[:800]])
        log_f0 = np.log(np.concatenate([e.f0_hz[e.f0_hz > 0] for e in examples[:800]]))
        return cls(
            envelope.mean(0), envelope.std(0) + 1e-3, float(log_f0.mean()), float(log_f0.std())
        )


@dataclass
class _Batch:
    ids: Tensor
    language: Tensor
    id_mask: Tensor
    durations: Tensor
    owner: Tensor
    position: Tensor
    frame_mask: Tensor
    envelope: Tensor
    aperiodicity: Tensor
    log_f0: Tensor
    voiced: Tensor


def train_voice(data_path: Path, checkpoint_path: Path, *, seconds: float) -> None:
    """Train for `seconds` of wall time, the learning rate falling to zero, and save the weights."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    rng = random.Random(0)
    examples = load_voice_data(data_path)
    rng.shuffle(examples)
    count = min(VALIDATION, len(examples) // 5)
    validation, examples = examples[:count], examples[count:]
    normalisation = Normalisation.of(examples)
    model = VoiceModel()
    optimizer = torch.optim.AdamW(model.parameters(), betas=(0.9, 0.98), weight_decay=1e-3)
    start = last_log = time.monotonic()
    step = 0
    while (progress := (time.monotonic() - start) / seconds) < 1:
        cosine = 0.5 + 0.5 * math.cos(math.pi * progress)
        for group in optimizer.param_groups:
            group["lr"] = PEAK_LEARNING_RATE * min(1, (step + 1) / 100) * cosine + 2e-5
        loss, _ = _loss(model, _collate(_similar_lengths(examples, rng), normalisation))
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        step += 1
        if time.monotonic() - last_log > LOG_INTERVAL_S:
            last_log = time.monotonic()
            _LOGGER.info("step %d: %s", step, _validate(model, validation, normalisation))
    _LOGGER.info("done at step %d: %s", step, _validate(model, validation, normalisation))
    _save(checkpoint_path, model, normalisation)


def _save(path: Path, model: VoiceModel, normalisation: Normalisation) -> None:
    statistics = {
        "envelope_mean": torch.from_numpy(normalisation.envelope_mean),
        "envelope_spread": torch.from_numpy(normalisation.envelope_spread),
        "log_f0": torch.tensor([normalisation.log_f0_mean, normalisation.log_f0_spread]),
    }
    torch.save({"weights": model.state_dict(), "normalisation": statistics}, path)


def load_voice(path: Path) -> tuple[dict[str, NDArray[np.float32]], Normalisation]:
    """Load the weights as arrays, and the normalisation they were trained with."""
    checkpoint: dict[str, Any] = torch.load(path, weights_only=True)
    weights = {name: value.float().numpy() for name, value in checkpoint["weights"].items()}
    statistics = checkpoint["normalisation"]
    mean, spread = statistics["log_f0"].tolist()
    return weights, Normalisation(
        statistics["envelope_mean"].numpy(), statistics["envelope_spread"].numpy(), mean, spread
    )


def _similar_lengths(examples: list[VoiceExample], rng: random.Random) -> list[VoiceExample]:
    """Draw a batch of neighbours in length, so that little of it is padding."""
    drawn = rng.sample(examples, min(8 * BATCH, len(examples)))
    drawn.sort(key=lambda example: len(example.envelope))
    start = rng.randrange(0, max(1, len(drawn) - BATCH + 1), BATCH)
    return drawn[start : start + BATCH]


def _collate(examples: list[VoiceExample], normalisation: Normalisation) -> _Batch:
    rows = [_row(example, normalisation) for example in examples]
    columns = [
        nn.utils.rnn.pad_sequence(list(column), batch_first=True)
        for column in zip(*rows, strict=True)
    ]
    ids, id_mask, durations, owner, position, frame_mask, envelope, bands, log_f0, voiced = columns
    return _Batch(
        ids=ids,
        language=torch.tensor([example.language for example in examples]),
        id_mask=id_mask[:, None],
        durations=durations,
        owner=owner,
        position=position,
        frame_mask=frame_mask[:, None],
        envelope=envelope.transpose(1, 2),
        aperiodicity=bands.transpose(1, 2),
        log_f0=log_f0,
        voiced=voiced,
    )


def _row(example: VoiceExample, normalisation: Normalisation) -> tuple[Tensor, ...]:
    durations = example.durations
    owner = np.repeat(np.arange(len(durations)), durations)
    width = durations[owner]
    done = (np.arange(len(owner)) - (np.cumsum(durations) - durations)[owner] + 0.5) / width
    position = np.stack([done, 1 - done, np.log(width + 1) - 2, 4 * done * (1 - done)], 1)
    voiced = example.f0_hz > 0
    log_f0 = np.log(np.maximum(example.f0_hz, 1))
    log_f0 = (log_f0 - normalisation.log_f0_mean) / normalisation.log_f0_spread
    envelope = (example.envelope - normalisation.envelope_mean) / normalisation.envelope_spread
    arrays = (
        np.ones(len(durations)), durations, position, np.ones(len(owner)),
        envelope, example.aperiodicity, np.where(voiced, log_f0, 0), voiced,
    )  # fmt: skip
    floats = [torch.from_numpy(array.astype(np.float32)) for array in arrays]
    ids, owners = torch.from_numpy(example.phoneme_ids), torch.from_numpy(owner)
    return ids, floats[0], floats[1], owners, *floats[2:]


def _loss(model: VoiceModel, batch: _Batch) -> tuple[Tensor, dict[str, float]]:
    hidden, durations = model.encode(batch.ids, batch.language, batch.id_mask)
    output = model.decode(hidden, batch.owner, batch.position, batch.frame_mask)
    mask, frames = batch.frame_mask, batch.frame_mask.sum()
    envelope_error = (output[:, :ENVELOPE_POINTS] - batch.envelope).abs() * mask
    band_error = (output[:, ENVELOPE_POINTS:VOICING].sigmoid() - batch.aperiodicity).abs() * mask
    voicing_error = functional.binary_cross_entropy_with_logits(
        output[:, VOICING], batch.voiced, reduction="none"
    )
    f0_error = (output[:, VOICING + 1] - batch.log_f0).abs() * batch.voiced
    log_durations = torch.log1p(durations.clamp(min=-0.9))
    duration_error = (log_durations - torch.log1p(batch.durations)).abs() * batch.id_mask[:, 0]
    parts = {
        "envelope": envelope_error.sum() / frames / ENVELOPE_POINTS,
        "aperiodicity": band_error.sum() / frames / BANDS,
        "voicing": (voicing_error * mask[:, 0]).sum() / frames,
        "f0": f0_error.sum() / batch.voiced.sum(),
        "duration": duration_error.sum() / (batch.durations > 0).sum(),
    }
    weights = {"envelope": 1.0, "aperiodicity": 1.0, "voicing": 0.3, "f0": 0.5, "duration": 0.5}
    total = torch.stack([weights[name] * part for name, part in parts.items()]).sum()
    negative = (functional.relu(-durations) * batch.id_mask[:, 0]).mean()
    return total + 0.05 * negative, {name: part.item() for name, part in parts.items()}


def _validate(
    model: VoiceModel, examples: list[VoiceExample], normalisation: Normalisation
) -> dict[str, float]:
    batches = [examples[i : i + BATCH] for i in range(0, len(examples), BATCH)]
    with torch.no_grad():
        errors = [_loss(model, _collate(batch, normalisation))[1] for batch in batches]
    return {name: round(float(np.mean([e[name] for e in errors])), 3) for name in errors[0]}
