"""A tiny Whisper whose parameters carry the names Hugging Face transformers gives them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

MEL_BANDS = 80
AUDIO_POSITIONS = 1500
"""faster-whisper always pads to 30 s, whatever was said."""
TEXT_POSITIONS = 448
PADDING_SAMPLES = 12
"""How many of the padding positions stand for all of them while training."""


@dataclass(frozen=True)
class Dimensions:
    """Sizes of the model; the phoneme count belongs to heads that only training uses."""

    vocabulary: int
    phonemes: int
    width: int = 160
    heads: int = 4
    encoder_layers: int = 4
    decoder_layers: int = 2


def sinusoids(length: int, width: int) -> Tensor:
    """Whisper's fixed positions: sines, then cosines, over geometric wavelengths."""
    step = math.log(10000) / (width // 2 - 1)
    angles = torch.arange(length)[:, None] * torch.exp(-step * torch.arange(width // 2))
    return torch.cat([angles.sin(), angles.cos()], 1)


class Attention(nn.Module):
    """Multi-head attention; a plain softmax is twice as fast here as torch's fused one."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.k_proj = nn.Linear(width, width, bias=False)
        self.v_proj = nn.Linear(width, width)
        self.q_proj = nn.Linear(width, width)
        self.out_proj = nn.Linear(width, width)

    def forward(
        self, queries: Tensor, memory: Tensor, bias: Tensor | None = None, *, causal: bool = False
    ) -> tuple[Tensor, Tensor]:
        """Batch x length x width -> the same shape, and the attention weights of the first head."""
        query, key, value = map(self._split, self._project(queries, memory))
        scores = (query * query.shape[-1] ** -0.5) @ key.transpose(-1, -2)
        if causal:
            length = queries.shape[1]
            future = torch.full((length, length), -math.inf, dtype=scores.dtype).triu(1)
            scores = scores + future
        if bias is not None:
            scores = scores + bias.to(scores.dtype)
        weights = torch.softmax(scores, -1, dtype=scores.dtype)
        output: Tensor = self.out_proj((weights @ value).transpose(1, 2).reshape(queries.shape))
        return output, weights[:, 0]

    def _project(self, queries: Tensor, memory: Tensor) -> tuple[Tensor, ...]:
        """Query, key and value, with as few and as large products as possible."""
        no_key_bias = torch.zeros_like(self.v_proj.bias)
        if queries is memory:
            weight = torch.cat([self.q_proj.weight, self.k_proj.weight, self.v_proj.weight])
            bias = torch.cat([self.q_proj.bias, no_key_bias, self.v_proj.bias])
            return functional.linear(queries, weight, bias).chunk(3, -1)
        weight = torch.cat([self.k_proj.weight, self.v_proj.weight])
        bias = torch.cat([no_key_bias, self.v_proj.bias])
        return self.q_proj(queries), *functional.linear(memory, weight, bias).chunk(2, -1)

    def _split(self, hidden: Tensor) -> Tensor:
        batch, length, width = hidden.shape
        return hidden.view(batch, length, self.heads, width // self.heads).transpose(1, 2)


class EncoderLayer(nn.Module):
    """Self-attention and feed-forward, normalised before each."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.self_attn = Attention(width, heads)
        self.self_attn_layer_norm = nn.LayerNorm(width)
        self.fc1 = nn.Linear(width, 4 * width)
        self.fc2 = nn.Linear(4 * width, width)
        self.final_layer_norm = nn.LayerNorm(width)

    def forward(self, hidden: Tensor, bias: Tensor | None) -> Tensor:
        """Batch x frames x width, with a bias on the attention to each frame."""
        normed = self.self_attn_layer_norm(hidden)
        hidden = hidden + self.self_attn(normed, normed, bias)[0]
        update: Tensor = self.fc2(functional.gelu(self.fc1(self.final_layer_norm(hidden))))
        return hidden + update


class DecoderLayer(nn.Module):
    """Causal self-attention, attention to the audio, feed-forward."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.self_attn = Attention(width, heads)
        self.self_attn_layer_norm = nn.LayerNorm(width)
        self.encoder_attn = Attention(width, heads)
        self.encoder_attn_layer_norm = nn.LayerNorm(width)
        self.fc1 = nn.Linear(width, 4 * width)
        self.fc2 = nn.Linear(4 * width, width)
        self.final_layer_norm = nn.LayerNorm(width)

    def forward(self, hidden: Tensor, audio: Tensor, bias: Tensor | None) -> tuple[Tensor, Tensor]:
        """Return the next hidden state, and where the first head looked in the audio."""
        normed = self.self_attn_layer_norm(hidden)
        hidden = hidden + self.self_attn(normed, normed, causal=True)[0]
        heard, looked_at = self.encoder_attn(self.encoder_attn_layer_norm(hidden), audio, bias)
        hidden = hidden + heard
        update: Tensor = self.fc2(functional.gelu(self.fc1(self.final_layer_norm(hidden))))
        return hidden + update, looked_at


class Encoder(nn.Module):
    """Frames of 10 ms -> hidden states of 20 ms."""

    def __init__(self, dimensions: Dimensions) -> None:
        super().__init__()
        width = dimensions.width
        self.conv1 = nn.Conv1d(MEL_BANDS, width, 3, padding=1)
        self.conv2 = nn.Conv1d(width, width, 3, stride=2, padding=1)
        self.embed_positions = nn.Embedding(AUDIO_POSITIONS, width)
        self.embed_positions.weight.data.copy_(sinusoids(AUDIO_POSITIONS, width))
        self.embed_positions.weight.requires_grad_(False)  # noqa: FBT003
        self.layers = nn.ModuleList(
            EncoderLayer(width, dimensions.heads) for _ in range(dimensions.encoder_layers)
        )
        self.layer_norm = nn.LayerNorm(width)

    def forward(self, mel: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """mel: batch x 80 x frames -> (audio states, states of the middle layer, attention bias).

        The rest of the 30 s is all the same zero padding: a few random positions of it stand for
        all, their attention raised by the log of how many each replaces. That equals the full
        length in expectation and costs a fifth of it.
        """
        hidden = functional.gelu(self.conv1(mel))
        hidden = functional.gelu(self.conv2(hidden)).transpose(1, 2)
        batch, length, width = hidden.shape
        positions = self.embed_positions.weight
        missing = AUDIO_POSITIONS - length
        spread = (torch.arange(PADDING_SAMPLES) + torch.rand(PADDING_SAMPLES)) / PADDING_SAMPLES
        chosen = length + (spread * missing).long().clamp(max=missing - 1)
        silent = functional.gelu(_bias(self.conv1))
        silent = functional.gelu(self.conv2.weight.sum(-1) @ silent + _bias(self.conv2))
        padding = (silent + positions[chosen]).to(hidden.dtype)
        hidden = hidden + positions[:length].to(hidden.dtype)
        hidden = torch.cat([hidden, padding.expand(batch, PADDING_SAMPLES, width)], 1)
        weight = math.log(missing / PADDING_SAMPLES)
        bias = torch.cat([torch.zeros(length), torch.full((PADDING_SAMPLES,), weight)])
        middle = hidden
        for index, layer in enumerate(self.layers):
            hidden = layer(hidden, bias)
            if index == len(self.layers) // 2 - 1:
                middle = hidden
        return self.layer_norm(hidden), middle, bias


def _bias(convolution: nn.Conv1d) -> Tensor:
    assert convolution.bias is not None
    return convolution.bias


class Decoder(nn.Module):
    """Tokens and audio states -> hidden states, whose product with the embedding are the logits."""

    def __init__(self, dimensions: Dimensions) -> None:
        super().__init__()
        width = dimensions.width
        self.embed_tokens = nn.Embedding(dimensions.vocabulary, width)
        self.embed_positions = nn.Embedding(TEXT_POSITIONS, width)
        nn.init.normal_(self.embed_tokens.weight, std=0.7 * width**-0.5)
        self.embed_positions.weight.data.copy_(sinusoids(TEXT_POSITIONS, width) * 0.1)
        self.layers = nn.ModuleList(
            DecoderLayer(width, dimensions.heads) for _ in range(dimensions.decoder_layers)
        )
        self.layer_norm = nn.LayerNorm(width)

    def forward(self, tokens: Tensor, audio: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
        """Hidden states, and where the last layer's first head looked: batch x tokens x audio."""
        hidden = self.embed_tokens(tokens) + self.embed_positions.weight[: tokens.shape[1]]
        looked_at = hidden
        for layer in self.layers:
            hidden, looked_at = layer(hidden, audio, bias)
        return self.layer_norm(hidden), looked_at


@dataclass
class Prediction:
    """What one forward pass says about a batch."""

    token_logits: Tensor
    """batch x tokens x vocabulary, float32."""
    phoneme_logits: Tensor
    """batch x encoder frames x phonemes, from the last layer."""
    middle_phoneme_logits: Tensor
    alignment: Tensor
    """batch x tokens x encoder frames: attention of the head that gives word times."""


class TinyWhisper(nn.Module):
    """The model and the two phoneme heads that teach its encoder."""

    def __init__(self, dimensions: Dimensions) -> None:
        super().__init__()
        self.dimensions = dimensions
        self.encoder = Encoder(dimensions)
        self.decoder = Decoder(dimensions)
        self.phoneme_head = nn.Linear(dimensions.width, dimensions.phonemes)
        self.middle_phoneme_head = nn.Linear(dimensions.width, dimensions.phonemes)

    def forward(self, mel: Tensor, tokens: Tensor) -> Prediction:
        """mel: batch x 80 x frames (even); tokens: batch x length."""
        audio, middle, bias = self.encoder(mel)
        frames = mel.shape[2] // 2
        hidden, alignment = self.decoder(tokens, audio, bias)
        return Prediction(
            token_logits=functional.linear(hidden, self.decoder.embed_tokens.weight).float(),
            phoneme_logits=self.phoneme_head(audio[:, :frames]).float(),
            middle_phoneme_logits=self.middle_phoneme_head(middle[:, :frames]).float(),
            alignment=alignment[:, :, :frames].float(),
        )
