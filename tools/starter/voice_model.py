"""The starter voice: phoneme ids -> durations -> vocoder parameters, both languages."""

from __future__ import annotations

import torch
from tools.starter.voice_features import APERIODICITY_BANDS_HZ, ENVELOPE_POINTS, LANGUAGES
from torch import Tensor, nn
from torch.nn import functional

PHONEME_IDS = 256
WIDTH = 96
KERNEL = 5
ENCODER_DILATIONS = (1, 2, 4, 8, 1)
DECODER_DILATIONS = (1, 2, 1, 4, 1)
BANDS = len(APERIODICITY_BANDS_HZ)
VOICING = ENVELOPE_POINTS + BANDS
"""Output channel of the voicing logit; the next one is the normalised log f0."""


class ResidualBlock(nn.Module):
    """A dilated convolution beside the identity, starting as the identity."""

    def __init__(self, dilation: int) -> None:
        super().__init__()
        padding = dilation * (KERNEL // 2)
        self.wide = nn.Conv1d(WIDTH, WIDTH, KERNEL, padding=padding, dilation=dilation)
        self.mix = nn.Conv1d(WIDTH, WIDTH, 1)
        nn.init.zeros_(self.mix.weight)
        nn.init.zeros_(self.mix.bias)  # type: ignore[arg-type]

    def forward(self, hidden: Tensor, mask: Tensor) -> Tensor:
        """hidden: batch x WIDTH x time; mask: batch x 1 x time."""
        update: Tensor = self.mix(functional.relu(self.wide(hidden)))
        return (hidden + update) * mask


class VoiceModel(nn.Module):
    """`encode` runs per phoneme id, `decode` per frame of 8 ms."""

    def __init__(self) -> None:
        super().__init__()
        self.phonemes = nn.Embedding(PHONEME_IDS, WIDTH)
        self.languages = nn.Embedding(len(LANGUAGES), WIDTH)
        nn.init.normal_(self.phonemes.weight, std=0.5)
        nn.init.normal_(self.languages.weight, std=0.3)
        self.encoder = nn.ModuleList(ResidualBlock(dilation) for dilation in ENCODER_DILATIONS)
        self.duration = nn.Conv1d(WIDTH, 1, 1)
        self.position = nn.Linear(4, WIDTH)
        self.decoder = nn.ModuleList(ResidualBlock(dilation) for dilation in DECODER_DILATIONS)
        self.output = nn.Conv1d(WIDTH, VOICING + 2, 1)

    def encode(self, ids: Tensor, language: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """ids: batch x n -> (batch x WIDTH x n, frames of each id: batch x n)."""
        embedded = self.phonemes(ids) + self.languages(language)[:, None]
        hidden = embedded.transpose(1, 2) * mask
        for block in self.encoder:
            hidden = block(hidden, mask)
        return hidden, self.duration(hidden)[:, 0] * mask[:, 0]

    def decode(self, hidden: Tensor, owner: Tensor, position: Tensor, mask: Tensor) -> Tensor:
        """owner: batch x t, the id each frame belongs to; position: batch x t x 4 inside it."""
        index = owner[:, None].expand(-1, hidden.shape[1], -1)
        frames = torch.gather(hidden, 2, index) + self.position(position).transpose(1, 2)
        frames = frames * mask
        for block in self.decoder:
            frames = block(frames, mask)
        output: Tensor = self.output(frames)
        return output
