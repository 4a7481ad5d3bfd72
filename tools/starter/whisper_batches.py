"""Training batches: utterances -> augmented features, token sequences and alignment targets."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from tools.starter.utterances import MEL_BANDS, Utterance
from tools.starter.vocabulary import TIMESTAMPS, SpecialTokens
from torch import Tensor
from torch.nn import functional

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray
    from tokenizers import Tokenizer

IGNORED = -100
FRAME_GRID = 32
"""oneDNN compiles a kernel for every shape: few distinct ones keep training twice as fast."""
TOKEN_GRID = 8
MARGIN_FRAMES = 40
"""Room for silence around the longest utterance of a batch."""
FRAMES_PER_BATCH = 3000
SMALLEST_BATCH = 4
LONG_MARGIN_FRAMES = 4 * FRAME_GRID
LONG_BATCH_SHARE = 0.12
POOL = 2048
"""Utterances drawn at a time and grouped by length."""
FLOOR = -10.0
"""log10 power of digital silence."""
SPEECH_LEVEL = -1.2
"""Mean log10 power of an utterance's features."""
NOISE_ONLY_SHARE = 0.05
NOISY_SHARE = 0.8
LOUD_NOISE_SHARE = 0.12
"""Of the noisy ones: 3 to 15 dB below the speech instead of 7 to 60."""
LONG_SILENCE_SHARE = 0.15
WARP_SHARE = 0.5
MASK_SHARE = 0.35
PREVIOUS_TEXT_SHARE = 0.08
TIMESTAMP_SHARE = 0.3
LATE = 0.6
"""From this share of the training on, sentences are as they will be heard: cleaner and at home."""
LATE_SHARES = {"interface": 0.0, "phrases": 0.4, "replies": 0.5}
LATE_STRENGTH = 0.6


@dataclass
class Example:
    """An utterance ready for batching."""

    kind: str
    """The first part of its corpus name, such as "templates"."""
    log_mel: NDArray[np.float16]
    duration_s: float
    language: int
    """Token of its language."""
    tokens: list[int]
    spans_s: NDArray[np.float32]
    """tokens x 2, when each begins and ends; empty when unknown."""
    phonemes: NDArray[np.int64]
    """Phoneme of each frame of 20 ms, IGNORED where unknown."""


def phoneme_inventory(utterances: Iterable[Utterance]) -> list[str]:
    """All phoneme names; the empty one, silence, comes first."""
    names = {name for utterance in utterances for _, name in utterance.phonemes}
    return sorted(names | {""})


def make_example(utterance: Utterance, tokenizer: Tokenizer, inventory: list[str]) -> Example:
    """Tokens with their times and phonemes per frame, from espeak-ng's word and phoneme events."""
    encoding = tokenizer.encode(f" {utterance.text}")
    spans = np.zeros((0, 2), np.float32)
    if utterance.word_starts:
        words = sorted(utterance.word_starts)
        offsets = [offset for offset, _ in words] + [len(utterance.text)]
        times = [time_s for _, time_s in words] + [utterance.duration_s]
        # Token offsets count the leading space that the text itself lacks.
        edges = [(max(0, a - 1), max(a, b - 1, 1)) for a, b in encoding.offsets]
        spans = np.interp(np.array(edges), offsets, times).astype(np.float32)
    return Example(
        kind=utterance.corpus.split("-")[0],
        log_mel=utterance.log_mel,
        duration_s=utterance.duration_s,
        language=SpecialTokens.of(tokenizer).languages[utterance.language],
        tokens=encoding.ids,
        spans_s=spans,
        phonemes=_phoneme_frames(utterance, inventory),
    )


def _phoneme_frames(utterance: Utterance, inventory: list[str]) -> NDArray[np.int64]:
    count = utterance.log_mel.shape[1] // 2 + 2
    if not utterance.phonemes:
        return np.full(count, IGNORED, np.int64)
    frames = np.zeros(count, np.int64)
    ends = [start for start, _ in utterance.phonemes[1:]] + [utterance.duration_s]
    for (start_s, name), end_s in zip(utterance.phonemes, ends, strict=True):
        first, last = round(start_s * 50), round(end_s * 50)
        frames[first : max(first + 1, last)] = inventory.index(name)
    return frames


@dataclass
class Batch:
    """Tensors of one training step."""

    mel: Tensor
    """batch x 80 x frames, as faster-whisper feeds them; zeros after each utterance's end."""
    inputs: Tensor
    targets: Tensor
    """batch x tokens; IGNORED where nothing is to be learnt."""
    phonemes: Tensor
    """batch x frames / 2."""
    spans_s: Tensor
    """batch x tokens x 2, the time of the token that each position predicts."""
    has_span: Tensor
    """batch x tokens."""


class BatchMaker:
    """Endless random batches; the augmentation grows with training progress."""

    def __init__(
        self,
        examples: list[Example],
        noise: NDArray[np.float16],
        special: SpecialTokens,
        seed: int,
    ) -> None:
        """`noise` is clips x 80 x frames; torch's own generator is used as well."""
        self._examples = examples
        self._rng = random.Random(seed)
        self._late_examples = [
            e for e in examples if self._rng.random() < LATE_SHARES.get(e.kind, 1.0)
        ]
        self._progress = 0.0
        self._noise = torch.from_numpy(noise.astype(np.float32))
        self._special = special
        self._warps = [_frequency_warp(factor) for factor in np.linspace(0.88, 1.12, 13)]

    def groups(self, progress: float) -> Iterator[list[Example]]:
        """Examples that share a padded length, in random order, forever; starts at `progress`."""
        self._progress = progress
        by_length: dict[int, list[Example]] = defaultdict(list)
        while True:
            examples = self._examples if self._progress < LATE else self._late_examples
            full: list[list[Example]] = []
            for example in self._rng.sample(examples, min(POOL, len(examples))):
                frames = _padded_frames(example)
                group = by_length[frames]
                group.append(example)
                if len(group) >= max(SMALLEST_BATCH, FRAMES_PER_BATCH // frames):
                    full.append(group)
                    by_length[frames] = []
            self._rng.shuffle(full)
            yield from full

    def batch(self, examples: list[Example], progress: float) -> Batch:
        """One batch; `progress` runs from 0 to 1 over the whole training."""
        self._progress = progress
        strength = min(1.0, 0.25 + progress / 0.35) if progress < LATE else LATE_STRENGTH
        frames = max(map(_padded_frames, examples))
        if self._chance(LONG_BATCH_SHARE * strength):
            frames += LONG_MARGIN_FRAMES
        placed = [self._place(example, frames, strength) for example in examples]
        is_noise = [self._chance(NOISE_ONLY_SHARE) for _ in examples]
        mel = self._features(examples, placed, is_noise, frames, strength)
        rows = [
            self._sequence(example, lead / 100, examples, noise_only=noise_only)
            for example, (lead, _), noise_only in zip(examples, placed, is_noise, strict=True)
        ]
        phonemes = torch.stack(
            [
                _placed_phonemes(example, lead // 2, end // 2, frames // 2, noise_only=noise_only)
                for example, (lead, end), noise_only in zip(examples, placed, is_noise, strict=True)
            ]
        )
        return _assemble(mel, phonemes, rows, self._special.end)

    def _chance(self, probability: float) -> bool:
        return self._rng.random() < probability

    def _place(self, example: Example, frames: int, strength: float) -> tuple[int, int]:
        """Put silence around an utterance: (first frame of the speech, end of the recording)."""
        length = example.log_mel.shape[1]
        room = frames - length - 2

        def silence(limit: int) -> int:
            is_long = self._chance(LONG_SILENCE_SHARE * strength)
            return self._rng.randint(0, min(limit, 150 if is_long else int(15 + 30 * strength)))

        lead = silence(room)
        end = lead + length + silence(room - lead)
        return lead & ~1, end

    def _features(
        self,
        examples: list[Example],
        placed: list[tuple[int, int]],
        is_noise: list[bool],
        frames: int,
        strength: float,
    ) -> Tensor:
        speech = torch.full((len(examples), MEL_BANDS, frames), FLOOR)
        noise = torch.full_like(speech, FLOOR)
        for i, (example, (lead, _)) in enumerate(zip(examples, placed, strict=True)):
            if not is_noise[i]:
                mel = torch.from_numpy(example.log_mel.astype(np.float32))
                if self._chance(WARP_SHARE * strength):
                    mel = self._rng.choice(self._warps) @ mel
                speech[i, :, lead : lead + mel.shape[1]] = mel
            if self._chance(0.7 if is_noise[i] else NOISY_SHARE * strength):
                noise[i] = self._noise_clip(frames)
        mixed = torch.log10(torch.pow(10.0, speech) + torch.pow(10.0, noise))
        gain = torch.rand(len(examples), 1, 1) * 3.6 - 2.8
        curve = torch.randn(len(examples), 1, 6) * 0.25 * strength
        equalizer = functional.interpolate(curve, size=MEL_BANDS, mode="linear").transpose(1, 2)
        mixed = (mixed + gain + equalizer).clamp(min=FLOOR)
        ends = torch.tensor([end for _, end in placed])
        recorded = (torch.arange(frames) < ends[:, None])[:, None]
        loudest = torch.where(recorded, mixed, torch.tensor(-99.0)).amax((1, 2), keepdim=True)
        # faster-whisper's own clamp and scaling; its padding behind the recording is zero.
        scaled = (torch.maximum(mixed, loudest - 8) + 4) / 4
        for row, (_, end) in zip(scaled, placed, strict=True):
            if self._chance(MASK_SHARE * strength):
                self._mask(row, end)
        return scaled * recorded

    def _noise_clip(self, frames: int) -> Tensor:
        clip = self._rng.choice(self._noise)
        while clip.shape[1] < frames:
            clip = torch.cat([clip, clip], 1)
        start = self._rng.randrange(clip.shape[1] - frames + 1)
        is_loud = self._chance(LOUD_NOISE_SHARE)
        below_speech = self._rng.uniform(0.3, 1.5) if is_loud else self._rng.uniform(0.7, 6.0)
        level: Tensor = clip[:, start : start + frames] + (SPEECH_LEVEL - below_speech)
        return level

    def _mask(self, mel: Tensor, end: int) -> None:
        """Blank one band of frequencies and two short times, in place."""
        lowest = mel.min()
        width = self._rng.randint(1, 10)
        band = self._rng.randrange(MEL_BANDS - width)
        mel[band : band + width] = lowest
        for _ in range(2):
            width = self._rng.randint(1, 9)
            start = self._rng.randrange(max(1, end - width))
            mel[:, start : start + width] = lowest

    def _sequence(
        self, example: Example, lead_s: float, others: list[Example], *, noise_only: bool
    ) -> _Sequence:
        special = self._special
        prompt = self._previous_text(others) if self._chance(PREVIOUS_TEXT_SHARE) else []
        head = [*prompt, special.start, example.language, special.transcribe]
        has_times = self._chance(TIMESTAMP_SHARE)
        if noise_only:
            tail = [special.end] if has_times else [special.no_timestamps, special.end]
            return _Sequence(head + tail, len(prompt), None, np.zeros((0, 2), np.float32), special)
        if has_times:
            begin, end = (_timestamp(t, special) for t in (lead_s, lead_s + example.duration_s))
            tokens = [*head, begin, *example.tokens, end, special.end]
        else:
            tokens = [*head, special.no_timestamps, *example.tokens, special.end]
        spans = example.spans_s + np.float32(lead_s)
        return _Sequence(tokens, len(prompt), len(head), spans, special)

    def _previous_text(self, others: list[Example]) -> list[int]:
        """Make what a prompt or hotwords put before the transcript: unrelated text."""
        tokens = list(self._rng.choice(others).tokens)
        if self._chance(0.4):
            tokens += self._rng.choice(self._examples).tokens
        if self._chance(0.1):
            for _ in range(5):
                tokens += self._rng.choice(self._examples).tokens
        return [self._special.previous, *tokens[:150]]


@dataclass(frozen=True)
class _Sequence:
    tokens: list[int]
    prompt_length: int
    text_start: int | None
    """Index of the token before the text; None for noise."""
    spans_s: NDArray[np.float32]
    special: SpecialTokens

    def targets(self) -> list[int]:
        """List what each position but the last predicts; the prompt and the task are given."""
        targets = self.tokens[1:]
        targets[: self.prompt_length] = [IGNORED] * self.prompt_length
        if self.text_start is None:
            targets[self.prompt_length] = self.special.no_speech
        targets[self.prompt_length + 1] = IGNORED
        return targets


def _timestamp(seconds: float, special: SpecialTokens) -> int:
    return special.first_timestamp + min(TIMESTAMPS - 1, max(0, round(seconds / 0.02)))


def _padded_frames(example: Example) -> int:
    frames = int(example.log_mel.shape[1]) + MARGIN_FRAMES
    return -(-frames // FRAME_GRID) * FRAME_GRID


def _frequency_warp(factor: float) -> Tensor:
    """Make a matrix that moves every band to `factor` times its index: another vocal tract."""
    source = np.clip(np.arange(MEL_BANDS) * factor, 0, MEL_BANDS - 1)
    low = source.astype(int)
    high = np.minimum(low + 1, MEL_BANDS - 1)
    matrix = np.zeros((MEL_BANDS, MEL_BANDS), np.float32)
    np.add.at(matrix, (np.arange(MEL_BANDS), low), 1 - (source - low))
    np.add.at(matrix, (np.arange(MEL_BANDS), high), source - low)
    return torch.from_numpy(matrix)


def _placed_phonemes(
    example: Example, lead: int, end: int, length: int, *, noise_only: bool
) -> Tensor:
    """Labels per 20 ms: silence (0) around the phonemes, IGNORED behind the recording."""
    labels = torch.zeros(length, dtype=torch.long)
    if not noise_only:
        own = torch.from_numpy(example.phonemes[: length - lead])
        labels[lead : lead + len(own)] = own
    labels[end:] = IGNORED
    return labels


def _assemble(mel: Tensor, phonemes: Tensor, rows: list[_Sequence], end_token: int) -> Batch:
    longest = max(len(row.tokens) for row in rows) - 1
    shape = (len(rows), -(-longest // TOKEN_GRID) * TOKEN_GRID)
    inputs, targets = torch.full(shape, end_token), torch.full(shape, IGNORED)
    spans, has_span = torch.zeros(*shape, 2), torch.zeros(shape)
    for i, row in enumerate(rows):
        length = len(row.tokens) - 1
        inputs[i, :length] = torch.tensor(row.tokens[:-1])
        targets[i, :length] = torch.tensor(row.targets())
        if row.text_start is not None and len(row.spans_s):
            where = slice(row.text_start, row.text_start + len(row.spans_s))
            spans[i, where] = torch.from_numpy(row.spans_s)
            has_span[i, where] = 1
    return Batch(mel, inputs, targets, phonemes, spans, has_span)
