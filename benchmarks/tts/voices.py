"""Piper voices without real weights, for measuring time and memory.

Every part has the shape that VITS has in Piper's voices of a quality, so that it costs what it
costs there: text encoder, duration predictor, flow and vocoder. The durations alone are not left
to the weights: each phoneme id lasts some frames, which is about the speed of speech. What such a
voice says is noise of a moderate level, so nothing can be told about how a voice sounds.
"""

import json
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from piper.phoneme_ids import DEFAULT_PHONEME_ID_MAP

from benchmarks.tts.graph import Graph, float_tensor, int_input

if TYPE_CHECKING:
    from pathlib import Path

SAMPLE_RATE_HZ = 22_050
FRAME_SAMPLES = 256
FRAMES_PER_ID = 3
"""At a length scale of 1."""

_SEED = 20
_SYMBOLS = 256
_HEADS = 2
# How far back and ahead attention knows the distance.
_WINDOW = 4
_DURATION_FLOWS = 3
_COUPLINGS = 4
_SLOPE = 0.1
# What makes the noise that comes out moderate.
_LOUDNESS = 0.12


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """The widths of a voice."""

    quality: str
    """As Piper calls it, in the name of the voice."""
    width: int
    filter_width: int
    encoder_layers: int
    flow_layers: int
    vocoder_width: int
    speaker_width: int
    sample_rate_hz: int = SAMPLE_RATE_HZ
    frames_per_id: int = FRAMES_PER_ID
    rates: tuple[int, ...] = (8, 8, 4)
    """How many times longer each stage of the vocoder makes the sound."""
    residuals: tuple[tuple[int, tuple[int, ...]], ...] = ((3, (1, 2)), (5, (2, 6)), (7, (3, 12)))
    """Kernels of each stage, and how far apart they listen."""
    has_pairs: bool = False
    """Whether a second convolution follows each of these (HiFi-GAN's first kind of block)."""


MEDIUM = Size(
    quality="medium",
    width=192,
    filter_width=768,
    encoder_layers=6,
    flow_layers=4,
    vocoder_width=256,
    speaker_width=512,
)
LOW = replace(MEDIUM, quality="low", sample_rate_hz=16_000, frames_per_id=2)
"""Medium's network at a lower rate."""
HIGH = replace(
    MEDIUM,
    quality="high",
    vocoder_width=512,
    rates=(8, 8, 2, 2),
    residuals=((3, (1, 3, 5)), (7, (1, 3, 5)), (11, (1, 3, 5))),
    has_pairs=True,
)
TINY = Size(
    quality="x_low",
    width=16,
    filter_width=32,
    encoder_layers=1,
    flow_layers=1,
    vocoder_width=16,
    speaker_width=8,
)
"""The same parts, built and run in no time."""


def build(folder: Path, *, size: Size = MEDIUM, speakers: int = 1) -> Path:
    """Make a voice in a folder, unless it is there, and return its `.onnx` file."""
    count = str(speakers) if speakers > 1 else ""
    path = folder / f"pt_BR-random{count}-{size.quality}.onnx"
    if path.is_file():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    described = json.dumps(_description(size, speakers), ensure_ascii=False)
    path.with_name(f"{path.name}.json").write_text(described, encoding="utf-8")
    inputs = [
        int_input("input", "batch_size", "phonemes"),
        int_input("input_lengths", "batch_size"),
        float_tensor("scales", 3),
    ]
    if speakers > 1:
        inputs.append(int_input("sid", "batch_size"))
    graph = _Vits(size, speakers)
    graph.write()
    graph.save(path, inputs, float_tensor("output", "batch_size", 1, "time", "samples"))
    return path


def _description(size: Size, speakers: int) -> dict[str, object]:
    return {
        "audio": {"sample_rate": size.sample_rate_hz, "quality": size.quality},
        "espeak": {"voice": "pt-br"},
        "language": {"code": "pt_BR", "family": "pt", "region": "BR"},
        "dataset": "random",
        "inference": {"noise_scale": 0.667, "length_scale": 1.0, "noise_w": 0.8},
        "phoneme_type": "espeak",
        "phoneme_id_map": DEFAULT_PHONEME_ID_MAP,
        "num_symbols": _SYMBOLS,
        "num_speakers": speakers,
        "speaker_id_map": {f"s{index}": index for index in range(speakers)} if speakers > 1 else {},
        "hop_length": FRAME_SAMPLES,
    }


class _Vits(Graph):
    """The graph of one voice, part by part."""

    def __init__(self, size: Size, speakers: int) -> None:
        super().__init__(_SEED)
        self._size = size
        self._speakers = speakers

    def write(self) -> None:
        """Add everything from the inputs to the output."""
        noise, length, noise_w = (
            self.op("Gather", "scales", self.scalar(index), axis=0) for index in range(3)
        )
        voice = self._speaker() if self._speakers > 1 else None
        length_ids = self.cut(self.op("Shape", "input"), self.ints(1), self.ints(2), 0)
        mask = self._mask(length_ids, "input_lengths")
        hidden = self._encoder(mask, length_ids)
        width = self._size.width
        stats = self.conv("enc_p.proj", hidden, (width, 2 * width))
        means, deviations = self.halves(self.op("Mul", stats, mask), 2 * width)
        durations = self._durations(hidden, mask, length, noise_w)
        frames_mask, spread = self._alignment(durations)
        means = self.op("MatMul", means, spread)
        deviations = self.op("Mul", self.op("MatMul", deviations, spread), self.floats(0.1))
        by_chance = self.op("Mul", self.op("RandomNormalLike", means), self.op("Exp", deviations))
        sounds = self.add(means, self.op("Mul", by_chance, noise))
        for index in reversed(range(_COUPLINGS)):
            sounds = self._coupling(f"flow.flows.{2 * index}", sounds, frames_mask, voice)
        made = self._vocoder(self.op("Mul", sounds, frames_mask), voice)
        self.rename(self.op("Unsqueeze", made, self.ints(1)), "output")

    def _speaker(self) -> str:
        width = self._size.speaker_width
        table = self.weight("emb_g.weight", self._speakers, width, scale=1.0)
        return self.op("Unsqueeze", self.op("Gather", table, "sid"), self.ints(2))

    def _mask(self, longest: str, lengths: str) -> str:
        """Return 1 up to each length and 0 after it, of the shape (batch, 1, time)."""
        end = self.op("Squeeze", longest, self.ints(0))
        positions = self.op("Range", self.scalar(0), end, self.scalar(1))
        inside = self.op("Less", positions, self.op("Unsqueeze", lengths, self.ints(1)))
        return self.op("Unsqueeze", self.op("Cast", inside, to=1), self.ints(1))

    # Text encoder

    def _encoder(self, mask: str, length: str) -> str:
        size = self._size
        table = self.weight("enc_p.emb.weight", _SYMBOLS, size.width, scale=size.width**-0.5)
        found = self.op("Gather", table, "input")
        found = self.op("Mul", found, self.floats(math.sqrt(size.width)))
        hidden = self.op("Mul", self.op("Transpose", found, perm=[0, 2, 1]), mask)
        across = self.op("Unsqueeze", mask, self.ints(2))
        both = self.op("Mul", across, self.op("Transpose", across, perm=[0, 1, 3, 2]))
        is_outside = self.op("Equal", both, self.floats(0.0))
        for index in range(size.encoder_layers):
            name = f"enc_p.encoder.{{}}.{index}"
            heard = self._attention(name.format("attn_layers"), hidden, is_outside, length)
            hidden = self.norm(name.format("norm_layers_1"), self.add(hidden, heard), size.width)
            inner = self.op("Mul", hidden, mask)
            wide = (size.width, size.filter_width)
            inner = self.conv(name.format("ffn_layers") + ".conv_1", inner, wide, 3)
            inner = self.op("Mul", self.op("Relu", inner), mask)
            inner = self.conv(name.format("ffn_layers") + ".conv_2", inner, wide[::-1], 3)
            hidden = self.norm(name.format("norm_layers_2"), self.add(hidden, inner), size.width)
        return self.op("Mul", hidden, mask)

    def _attention(self, name: str, hidden: str, is_outside: str, length: str) -> str:
        width = self._size.width
        depth = width // _HEADS
        apart = self.join(self.ints(1, _HEADS, depth), length)
        query, key, value = (
            self.op("Reshape", self.conv(f"{name}.conv_{part}", hidden, (width, width)), apart)
            for part in "qkv"
        )
        query = self.op("Transpose", query, perm=[0, 1, 3, 2])
        query = self.op("Div", query, self.floats(math.sqrt(depth)))
        value = self.op("Transpose", value, perm=[0, 1, 3, 2])
        near = self._distances(f"{name}.emb_rel_k", depth, length)
        near = self.op("MatMul", query, self.op("Transpose", near, perm=[0, 2, 1]))
        scores = self.add(self.op("MatMul", query, key), self._by_position(near, length))
        scores = self.op("Where", is_outside, self.floats(-1e4), scores)
        weights = self.op("Softmax", scores, axis=-1)
        near = self._distances(f"{name}.emb_rel_v", depth, length)
        near = self.op("MatMul", self._by_distance(weights, length), near)
        heard = self.add(self.op("MatMul", weights, value), near)
        heard = self.op("Transpose", heard, perm=[0, 1, 3, 2])
        heard = self.op("Reshape", heard, self.join(self.ints(1, width), length))
        return self.conv(f"{name}.conv_o", heard, (width, width))

    def _distances(self, name: str, depth: int, length: str) -> str:
        """Return a vector for each distance up to the length, zeros for far ones."""
        known = self.weight(name, 1, 2 * _WINDOW + 1, depth, scale=depth**-0.5)
        missing = self.op("Sub", length, self.ints(_WINDOW + 1))
        far = self.op("Max", missing, self.ints(0))
        begin = self.op("Max", self.op("Neg", missing), self.ints(0))
        zero = self.ints(0)
        padded = self.op("Pad", known, self.join(zero, far, zero, zero, far, zero))
        end = self.add(begin, self._all_distances(length))
        return self.cut(padded, begin, end, 1)

    def _all_distances(self, length: str) -> str:
        return self.op("Sub", self.add(length, length), self.ints(1))

    def _by_position(self, scores: str, length: str) -> str:
        """Turn (..., time, distances) into (..., time, time)."""
        none, heads, ahead = self.ints(0, 0, 0), self.ints(1, _HEADS), self.ints(-1)
        less = self.op("Sub", length, self.ints(1))
        scores = self.op("Pad", scores, self.join(none, none, self.ints(0), self.ints(1)))
        scores = self.op("Reshape", scores, self.join(heads, ahead))
        scores = self.op("Pad", scores, self.join(none, self.ints(0, 0), less))
        shape = self.join(heads, self.add(length, self.ints(1)), self._all_distances(length))
        scores = self.op("Reshape", scores, shape)
        scores = self.cut(scores, self.ints(0), length, 2)
        return self.cut(scores, less, self._all_distances(length), 3)

    def _by_distance(self, weights: str, length: str) -> str:
        """Turn (..., time, time) into (..., time, distances)."""
        none, heads, ahead = self.ints(0, 0, 0), self.ints(1, _HEADS), self.ints(-1)
        less = self.op("Sub", length, self.ints(1))
        weights = self.op("Pad", weights, self.join(none, none, self.ints(0), less))
        weights = self.op("Reshape", weights, self.join(heads, ahead))
        weights = self.op("Pad", weights, self.join(self.ints(0, 0), length, none))
        shape = self.join(heads, length, self.add(length, length))
        weights = self.op("Reshape", weights, shape)
        return self.cut(weights, self.ints(1), self.add(length, length), 3)

    # Durations

    def _durations(self, hidden: str, mask: str, length: str, noise: str) -> str:
        """Return the frames of each phoneme id; the weights change next to nothing."""
        width = self._size.width
        given = self.conv("dp.pre", hidden, (width, width))
        given = self._separable("dp.convs", given, mask)
        given = self.op("Mul", self.conv("dp.proj", given, (width, width)), mask)
        state = self.op("Mul", self.op("RandomNormalLike", mask), noise)
        for index in range(_DURATION_FLOWS):
            name = f"dp.flows.{index}"
            inner = self.add(self.conv(f"{name}.pre", state, (1, width)), given)
            inner = self._separable(f"{name}.convs", inner, mask)
            change = self.conv(f"{name}.proj", inner, (width, 1))
            state = self.op("Mul", self.add(state, change), mask)
        tiny = self.op("Mul", self.op("Tanh", state), self.floats(1e-3))
        # A little less than a whole number, so that rounding up gives it.
        logs = self.add(tiny, self.floats(math.log(self._size.frames_per_id - 0.01)))
        frames = self.op("Mul", self.op("Mul", self.op("Exp", logs), mask), length)
        return self.op("Squeeze", self.op("Ceil", frames), self.ints(1))

    def _separable(self, name: str, value: str, mask: str) -> str:
        width = self._size.width
        for index in range(3):
            inner = self.op("Mul", value, mask)
            inner = self.conv(
                f"{name}.convs_sep.{index}",
                inner,
                (width, width),
                3,
                dilation=3**index,
                is_depthwise=True,
            )
            inner = self._gelu(self.norm(f"{name}.norms_1.{index}", inner, width))
            inner = self.conv(f"{name}.convs_1x1.{index}", inner, (width, width))
            inner = self._gelu(self.norm(f"{name}.norms_2.{index}", inner, width))
            value = self.add(value, inner)
        return self.op("Mul", value, mask)

    def _gelu(self, value: str) -> str:
        risen = self.op("Erf", self.op("Div", value, self.floats(math.sqrt(2))))
        half = self.op("Mul", value, self.floats(0.5))
        return self.op("Mul", half, self.add(risen, self.floats(1.0)))

    def _alignment(self, durations: str) -> tuple[str, str]:
        """Return the mask of the frames, and a matrix that repeats each id for its frames."""
        total = self.op("ReduceSum", durations, self.ints(1), keepdims=0)
        total = self.op("Cast", self.op("Clip", total, self.floats(1.0)), to=7)
        longest = self.op("ReduceMax", total, keepdims=1)
        end = self.op("Squeeze", longest, self.ints(0))
        frames = self.op("Range", self.scalar(0), end, self.scalar(1))
        frames = self.op("Cast", frames, to=1)
        ends = self.op("Unsqueeze", self.op("CumSum", durations, self.scalar(1)), self.ints(2))
        lasts = self.op("Unsqueeze", durations, self.ints(2))
        is_before = self.op("Less", frames, ends)
        is_after = self.op("GreaterOrEqual", frames, self.op("Sub", ends, lasts))
        spread = self.op("Cast", self.op("And", is_before, is_after), to=1)
        return self._mask(longest, total), spread

    # Flow

    def _coupling(self, name: str, sounds: str, mask: str, voice: str | None) -> str:
        """Undo one coupling layer: turn the channels round and shift one half by the other."""
        width = self._size.width
        turned = self.op(
            "Slice", sounds, self.ints(-1), self.ints(-(2**31)), self.ints(1), self.ints(-1)
        )
        first, second = self.halves(turned, width)
        inner = self.op("Mul", self.conv(f"{name}.pre", first, (width // 2, width)), mask)
        inner = self._wave_net(f"{name}.enc", inner, mask, voice)
        shift = self.conv(f"{name}.post", inner, (width, width // 2), gain=0.3)
        second = self.op("Sub", second, self.op("Mul", shift, mask))
        return self.op("Concat", first, self.op("Mul", second, mask), axis=1)

    def _wave_net(self, name: str, value: str, mask: str, voice: str | None) -> str:
        width, layers = self._size.width, self._size.flow_layers
        if voice is not None:
            channels = (self._size.speaker_width, 2 * width * layers)
            voice = self.conv(f"{name}.cond_layer", voice, channels, gain=0.3)
        skipped = []
        for index in range(layers):
            gates = self.conv(f"{name}.in_layers.{index}", value, (width, 2 * width), 5)
            if voice is not None:
                begin, end = 2 * width * index, 2 * width * (index + 1)
                gates = self.add(gates, self.cut(voice, self.ints(begin), self.ints(end), 1))
            tanh, sigmoid = self.halves(gates, 2 * width)
            acts = self.op("Mul", self.op("Tanh", tanh), self.op("Sigmoid", sigmoid))
            is_last = index == layers - 1
            channels = (width, width if is_last else 2 * width)
            acts = self.conv(f"{name}.res_skip_layers.{index}", acts, channels)
            if not is_last:
                kept, acts = self.halves(acts, 2 * width)
                value = self.op("Mul", self.add(value, kept), mask)
            skipped.append(acts)
        return self.op("Mul", self.add(*skipped), mask)

    # Vocoder

    def _vocoder(self, sounds: str, voice: str | None) -> str:
        width = self._size.vocoder_width
        value = self.conv("dec.conv_pre", sounds, (self._size.width, width), 7)
        if voice is not None:
            channels = (self._size.speaker_width, width)
            value = self.add(value, self.conv("dec.cond", voice, channels, gain=0.3))
        for stage, rate in enumerate(self._size.rates):
            value = self.op("LeakyRelu", value, alpha=_SLOPE)
            value = self.upsample(f"dec.ups.{stage}", value, (width, width // 2), rate)
            width //= 2
            kernels = self._size.residuals
            blocks = [
                self._residual(
                    f"dec.resblocks.{len(kernels) * stage + index}", value, width, *kernel
                )
                for index, kernel in enumerate(kernels)
            ]
            value = self.op("Div", self.add(*blocks), self.floats(len(blocks)))
        value = self.op("LeakyRelu", value, alpha=0.01)
        value = self.conv("dec.conv_post", value, (width, 1), 7, gain=_LOUDNESS)
        return self.op("Tanh", value)

    def _residual(
        self, name: str, value: str, width: int, kernel: int, dilations: tuple[int, ...]
    ) -> str:
        pairs = self._size.has_pairs
        for index, dilation in enumerate(dilations):
            part = f"{name}.convs1.{index}" if pairs else f"{name}.convs.{index}"
            inner = self.op("LeakyRelu", value, alpha=_SLOPE)
            inner = self.conv(part, inner, (width, width), kernel, dilation=dilation)
            if pairs:
                inner = self.op("LeakyRelu", inner, alpha=_SLOPE)
                inner = self.conv(f"{name}.convs2.{index}", inner, (width, width), kernel)
            value = self.add(value, inner)
        return value
