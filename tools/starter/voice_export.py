"""The starter voice as an ONNX file that an unmodified piper-tts loads."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from piper.phoneme_ids import DEFAULT_PHONEME_ID_MAP
from tools.starter.voice_features import (
    APERIODICITY_BANDS_HZ,
    ENVELOPE_POINTS,
    ESPEAK_VOICES,
    HOP,
    LANGUAGES,
    SAMPLE_RATE_HZ,
    SYNTHESIS_FFT,
    interpolation_matrix,
    mel_points_hz,
    minimum_phase_matrix,
)
from tools.starter.voice_model import DECODER_DILATIONS, ENCODER_DILATIONS, VOICING
from tools.starter.voice_train import Normalisation, load_voice

if TYPE_CHECKING:
    from pathlib import Path

VOICE_NAMES = {"pt-BR": "pt_BR-starter-low", "en": "en_US-starter-low"}
_ENGLISH_NAMES = {"pt-BR": "Portuguese", "en": "English"}
_OPSET = 17
_BINS = SYNTHESIS_FFT // 2 + 1
_EDGE = (SYNTHESIS_FFT - HOP) // 2

Weights = dict[str, NDArray[np.float32]]


def export_voices(checkpoint_path: Path, folder: Path) -> None:
    """Write each language's `.onnx` and `.onnx.json` into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    weights, normalisation = load_voice(checkpoint_path)
    for index, language in enumerate(LANGUAGES):
        path = folder / f"{VOICE_NAMES[language]}.onnx"
        onnx.save(_VoiceGraph(weights, normalisation, index).build(), path)
        config = json.dumps(_config(language), ensure_ascii=False, indent=1)
        path.with_suffix(".onnx.json").write_text(config + "\n", encoding="utf-8")


def _config(language: str) -> dict[str, Any]:
    code = VOICE_NAMES[language].split("-")[0]
    return {
        "audio": {"sample_rate": SAMPLE_RATE_HZ, "quality": "low"},
        "espeak": {"voice": ESPEAK_VOICES[language]},
        "phoneme_type": "espeak",
        "num_symbols": 256,
        "num_speakers": 1,
        "speaker_id_map": {},
        "inference": {"noise_scale": 0.667, "length_scale": 1, "noise_w": 0.8},
        "phoneme_id_map": DEFAULT_PHONEME_ID_MAP,
        "hop_length": HOP,
        "piper_version": "1.8.0",
        "dataset": "starter",
        "language": {
            "code": code,
            "family": code[:2],
            "region": code[3:],
            "name_english": _ENGLISH_NAMES[language],
        },
    }


class _VoiceGraph:
    """Writes the network and its vocoder node by node.

    phoneme ids -> durations -> frames -> envelope, voicing, f0 -> pulses and noise -> filter.
    """

    def __init__(self, weights: Weights, normalisation: Normalisation, language: int) -> None:
        self._weights = weights
        self._normalisation = normalisation
        self._language = language
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def build(self) -> onnx.ModelProto:
        """Build and check the model, with piper's input and output names."""
        hidden = self._encode()
        owner, position = self._spread_over_frames(self._durations(hidden))
        output = self._decode(self._node("Gather", hidden, owner, axis=2), position)
        self._vocode(output)
        graph = helper.make_graph(
            self._nodes,
            "starter-voice",
            [
                helper.make_tensor_value_info("input", TensorProto.INT64, ["batch", "phonemes"]),
                helper.make_tensor_value_info("input_lengths", TensorProto.INT64, ["batch"]),
                helper.make_tensor_value_info("scales", TensorProto.FLOAT, [3]),
            ],
            [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["batch", 1, 1, "time"])],
            self._constants,
        )
        opset = [helper.make_opsetid("", _OPSET)]
        model = helper.make_model(graph, opset_imports=opset, producer_name="jonh-starter")
        model.ir_version = 8
        onnx.checker.check_model(model)
        return model

    def _node(self, operation: str, *inputs: str, name: str = "", **attributes: Any) -> str:
        output = name or f"n{len(self._nodes)}"
        self._nodes.append(helper.make_node(operation, list(inputs), [output], **attributes))
        return output

    def _constant(self, value: NDArray[Any]) -> str:
        name = f"c{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(value, name))
        return name

    def _half(self, value: NDArray[Any]) -> str:
        """Add a large constant, stored in half precision."""
        stored = self._constant(value.astype(np.float16))
        return self._node("Cast", stored, to=TensorProto.FLOAT)

    def _real(self, value: object) -> str:
        return self._constant(np.asarray(value, np.float32))

    def _whole(self, *values: int) -> str:
        return self._constant(np.array(values, np.int64))

    def _index(self, value: int) -> str:
        return self._constant(np.array(value, np.int64))

    def _to_float(self, value: str) -> str:
        return self._node("Cast", value, to=TensorProto.FLOAT)

    def _slice(self, value: str, start: int, end: int, axis: int) -> str:
        return self._node("Slice", value, self._whole(start), self._whole(end), self._whole(axis))

    def _layer(self, value: str, name: str, dilation: int = 1) -> str:
        weight, bias = self._weights[f"{name}.weight"], self._weights[f"{name}.bias"]
        if weight.ndim == 2:
            weight = weight[:, :, None]
        padding = dilation * (weight.shape[2] // 2)
        return self._node(
            "Conv", value, self._half(weight), self._real(bias),
            dilations=[dilation], pads=[padding, padding], kernel_shape=[weight.shape[2]],
        )  # fmt: skip

    def _blocks(self, value: str, name: str, dilations: tuple[int, ...]) -> str:
        for index, dilation in enumerate(dilations):
            wide = self._layer(value, f"{name}.{index}.wide", dilation)
            update = self._layer(self._node("Relu", wide), f"{name}.{index}.mix")
            value = self._node("Add", value, update)
        return value

    def _encode(self) -> str:
        table = self._weights["phonemes.weight"] + self._weights["languages.weight"][self._language]
        embedded = self._node("Gather", self._half(table), "input")
        hidden = self._node("Transpose", embedded, perm=[0, 2, 1])
        return self._blocks(hidden, "encoder", ENCODER_DILATIONS)

    def _durations(self, hidden: str) -> str:
        """Whole frames of each id; the Ceil is the node piper looks for to report alignments."""
        predicted = self._node("Squeeze", self._layer(hidden, "duration"), self._whole(0, 1))
        ids = self._node("Squeeze", "input", self._whole(0))
        is_not_pad = self._to_float(self._node("Greater", ids, self._whole(0)))
        length_scale = self._slice("scales", 1, 2, 0)
        positive = self._node("Mul", self._node("Relu", predicted), is_not_pad)
        scaled = self._node("Mul", positive, length_scale)
        rounded = self._node("Ceil", self._node("Sub", scaled, self._real(0.5)))
        return self._node("Relu", rounded)

    def _spread_over_frames(self, durations: str) -> tuple[str, str]:
        """(id that each frame belongs to, position features inside it: 1 x 4 x frames)."""
        ends = self._node("CumSum", durations, self._index(0))
        starts = self._node("Sub", ends, durations)
        total = self._node("ReduceMax", ends, keepdims=0)
        total = self._node("Cast", total, to=TensorProto.INT64)
        total = self._node("Max", total, self._index(1))
        frames = self._to_float(self._node("Range", self._index(0), total, self._index(1)))
        rows = self._node("Unsqueeze", frames, self._whole(1))
        passed = self._node("GreaterOrEqual", rows, self._node("Unsqueeze", ends, self._whole(0)))
        owner = self._node("ReduceSum", self._to_float(passed), self._whole(1), keepdims=0)
        owner = self._node("Cast", owner, to=TensorProto.INT64)
        count = self._node("Squeeze", self._node("Shape", durations), self._whole(0))
        owner = self._node("Min", owner, self._node("Sub", count, self._index(1)))
        width = self._node("Max", self._node("Gather", durations, owner), self._real(1.0))
        since = self._node("Sub", frames, self._node("Gather", starts, owner))
        done = self._node("Div", self._node("Add", since, self._real(0.5)), width)
        left = self._node("Sub", self._real(1.0), done)
        log_width = self._node("Log", self._node("Add", width, self._real(1.0)))
        log_width = self._node("Sub", log_width, self._real(2.0))
        arch = self._node("Mul", self._real(4.0), self._node("Mul", done, left))
        return owner, self._stack([done, left, log_width, arch])

    def _stack(self, rows: list[str]) -> str:
        unsqueezed = [self._node("Unsqueeze", row, self._whole(0)) for row in rows]
        stacked = self._node("Concat", *unsqueezed, axis=0)
        return self._node("Unsqueeze", stacked, self._whole(0))

    def _decode(self, frames: str, position: str) -> str:
        """Frames -> vocoder parameters, in their physical units."""
        hidden = self._node("Add", frames, self._layer(position, "position"))
        hidden = self._blocks(hidden, "decoder", DECODER_DILATIONS)
        scale = np.ones(VOICING + 2, np.float32)
        shift = np.zeros(VOICING + 2, np.float32)
        # Half a log power is a log magnitude.
        scale[:ENVELOPE_POINTS] = 0.5 * self._normalisation.envelope_spread
        shift[:ENVELOPE_POINTS] = 0.5 * self._normalisation.envelope_mean
        scale[-1] = self._normalisation.log_f0_spread
        shift[-1] = self._normalisation.log_f0_mean
        weight = self._weights["output.weight"] * scale[:, None, None]
        bias = self._weights["output.bias"] * scale + shift
        return self._node("Conv", hidden, self._real(weight), self._real(bias), kernel_shape=[1])

    def _vocode(self, parameters: str) -> None:
        """Pulses and noise, shaped by aperiodicity and a minimum-phase filter, overlap-added."""
        cosine, sine = self._fourier_basis()
        excitation = self._excitation(self._slice(parameters, VOICING + 1, VOICING + 2, 1))
        analysis = self._node("Concat", cosine, self._node("Neg", sine), axis=0)
        spectra = self._node(
            "Conv", excitation, self._node("Unsqueeze", analysis, self._whole(1)),
            strides=[HOP], pads=[_EDGE, _EDGE], kernel_shape=[SYNTHESIS_FFT],
        )  # fmt: skip
        real, imaginary = self._mixed(spectra, parameters)
        real, imaginary = self._filtered(real, imaginary, parameters)
        # A real inverse FFT counts every bin but the first and the last twice; windows overlap 4x.
        weight = np.full((_BINS, 1), 1 / SYNTHESIS_FFT, np.float32)
        weight[[0, -1]] /= 2
        scale = self._real(weight)
        synthesis = self._node(
            "Concat",
            self._node("Mul", cosine, scale),
            self._node("Neg", self._node("Mul", sine, scale)),
            axis=0,
        )
        audio = self._node(
            "ConvTranspose", self._node("Concat", real, imaginary, axis=1),
            self._node("Unsqueeze", synthesis, self._whole(1)),
            strides=[HOP], pads=[_EDGE, _EDGE], kernel_shape=[SYNTHESIS_FFT],
        )  # fmt: skip
        self._node("Unsqueeze", audio, self._whole(1), name="output")

    def _fourier_basis(self) -> tuple[str, str]:
        """Windowed cosines and sines, bins x samples: computed on loading, so the file is small."""
        bins = self._constant(np.arange(_BINS, dtype=np.int64)[:, None])
        samples = self._constant(np.arange(SYNTHESIS_FFT, dtype=np.int64)[None])
        turns = self._node("Mod", self._node("Mul", bins, samples), self._whole(SYNTHESIS_FFT))
        angle = self._node("Mul", self._to_float(turns), self._real(2 * np.pi / SYNTHESIS_FFT))
        phase = 2 * np.pi * np.arange(SYNTHESIS_FFT) / SYNTHESIS_FFT
        window = self._real(np.sqrt(0.5 - 0.5 * np.cos(phase)))
        cosine = self._node("Mul", self._node("Cos", angle), window)
        return cosine, self._node("Mul", self._node("Sin", angle), window)

    def _excitation(self, log_f0: str) -> str:
        """2 x 1 x samples: a pulse whenever the phase completes a turn, and white noise."""
        f0_hz = self._node("Transpose", self._node("Exp", log_f0), perm=[0, 2, 1])
        repeated = self._node("Expand", f0_hz, self._whole(1, 1, HOP))
        f0_hz = self._node("Reshape", repeated, self._whole(-1))
        step = self._node("Mul", f0_hz, self._real(1 / SAMPLE_RATE_HZ))
        turns = self._node("Floor", self._node("CumSum", step, self._index(0)))
        before = self._node("Concat", self._real([0.0]), self._slice(turns, 0, -1, 0), axis=0)
        energy = self._node("Sqrt", self._node("Div", self._real(SAMPLE_RATE_HZ), f0_hz))
        pulses = self._node("Mul", self._node("Sub", turns, before), energy)
        noise = self._node("RandomNormalLike", pulses, seed=1.0)
        rows = [self._node("Unsqueeze", row, self._whole(0)) for row in (pulses, noise)]
        return self._node("Unsqueeze", self._node("Concat", *rows, axis=0), self._whole(1))

    def _matrix(self, matrix: NDArray[np.float64], value: str) -> str:
        return self._node("Conv", value, self._half(matrix[:, :, None]), kernel_shape=[1])

    def _mixed(self, spectra: str, parameters: str) -> tuple[str, str]:
        """Pulses and noise weighted by voicing and aperiodicity: (real, imaginary) parts."""
        logits = self._slice(parameters, ENVELOPE_POINTS, VOICING, 1)
        centres_hz = np.array(
            [(low + min(high, SAMPLE_RATE_HZ / 2)) / 2 for low, high in APERIODICITY_BANDS_HZ]
        )
        aperiodicity = self._matrix(interpolation_matrix(centres_hz), self._node("Sigmoid", logits))
        voicing = self._slice(parameters, VOICING, VOICING + 1, 1)
        voiced = self._to_float(self._node("Greater", voicing, self._real(0.0)))
        one = self._real(1.0)
        square = self._node("Mul", aperiodicity, aperiodicity)
        periodic = self._node("Max", self._node("Sub", one, square), self._real(0.0))
        pulse_gain = self._node("Mul", voiced, self._node("Sqrt", periodic))
        breath = self._node("Mul", voiced, aperiodicity)
        noise_gain = self._node("Add", breath, self._node("Sub", one, voiced))
        pulses, noise = self._slice(spectra, 0, 1, 0), self._slice(spectra, 1, 2, 0)

        def part(start: int) -> str:
            voiced_part = self._slice(pulses, start, start + _BINS, 1)
            noise_part = self._slice(noise, start, start + _BINS, 1)
            return self._node(
                "Add",
                self._node("Mul", voiced_part, pulse_gain),
                self._node("Mul", noise_part, noise_gain),
            )

        return part(0), part(_BINS)

    def _filtered(self, real: str, imaginary: str, parameters: str) -> tuple[str, str]:
        """Multiply the excitation's spectrum by the envelope with its minimum phase."""
        envelope = self._slice(parameters, 0, ENVELOPE_POINTS, 1)
        magnitude = self._node("Exp", self._matrix(interpolation_matrix(mel_points_hz()), envelope))
        phase = self._matrix(minimum_phase_matrix(), envelope)
        filter_real = self._node("Mul", magnitude, self._node("Cos", phase))
        filter_imaginary = self._node("Mul", magnitude, self._node("Sin", phase))

        def product(operation: str, first: tuple[str, str], second: tuple[str, str]) -> str:
            return self._node(operation, self._node("Mul", *first), self._node("Mul", *second))

        return (
            product("Sub", (real, filter_real), (imaginary, filter_imaginary)),
            product("Add", (real, filter_imaginary), (imaginary, filter_real)),
        )
