"""A small writer of ONNX graphs with random weights, always the same ones."""

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import numpy.typing as npt
    from onnx import NodeProto, ValueInfoProto

_OPSET = 17
_IR_VERSION = 8


class Graph:
    """Nodes and weights; every method adds one or a few and returns the name of the result."""

    def __init__(self, seed: int) -> None:
        self._generator = np.random.default_rng(seed)
        self._nodes: list[NodeProto] = []
        self._weights: dict[str, npt.NDArray[Any]] = {}

    def op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """Add a node with one output."""
        return self.ops(kind, *inputs, outputs=1, **attributes)[0]

    def ops(self, kind: str, *inputs: str, outputs: int, **attributes: Any) -> list[str]:
        """Add a node with several outputs."""
        name = f"{kind}_{len(self._nodes)}"
        names = [f"{name}_output_{index}" for index in range(outputs)]
        self._nodes.append(helper.make_node(kind, inputs, names, name=name, **attributes))
        return names

    def rename(self, value: str, name: str) -> None:
        """Give a value a name of its own, as a graph's output needs it."""
        self._nodes.append(helper.make_node("Identity", [value], [name], name=name))

    def floats(self, *values: float) -> str:
        """Add a constant; one value is a scalar."""
        return self._constant(np.array(values if len(values) > 1 else values[0], np.float32))

    def ints(self, *values: int) -> str:
        """Add a constant list."""
        return self._constant(np.array(values, np.int64))

    def scalar(self, value: int) -> str:
        """Add a constant scalar."""
        return self._constant(np.array(value, np.int64))

    def weight(self, name: str, *shape: int, scale: float) -> str:
        """Add normally distributed numbers."""
        values = self._generator.standard_normal(shape, np.float32) * np.float32(scale)
        self._weights[name] = values
        return name

    def conv(
        self,
        name: str,
        value: str,
        channels: tuple[int, int],
        kernel: int = 1,
        *,
        dilation: int = 1,
        gain: float = 1.0,
        is_depthwise: bool = False,
    ) -> str:
        """Add a convolution that keeps the length; its output varies as its input does, by gain."""
        into, out = channels
        groups = into if is_depthwise else 1
        scale = gain / math.sqrt(into // groups * kernel)
        padding = dilation * (kernel - 1) // 2
        return self.op(
            "Conv",
            value,
            self.weight(f"{name}.weight", out, into // groups, kernel, scale=scale),
            self.weight(f"{name}.bias", out, scale=0.01),
            kernel_shape=[kernel],
            dilations=[dilation],
            group=groups,
            pads=[padding, padding],
        )

    def upsample(self, name: str, value: str, channels: tuple[int, int], rate: int) -> str:
        """Add a transposed convolution, its kernel twice as wide as its stride."""
        kernel = 2 * rate
        scale = 1 / math.sqrt(channels[0] * kernel / rate)
        return self.op(
            "ConvTranspose",
            value,
            self.weight(f"{name}.weight", *channels, kernel, scale=scale),
            self.weight(f"{name}.bias", channels[1], scale=0.01),
            kernel_shape=[kernel],
            strides=[rate],
            pads=[rate // 2, rate // 2],
        )

    def norm(self, name: str, value: str, width: int) -> str:
        """Normalise over the channels of a value of the shape (batch, channels, time)."""
        self._weights[f"{name}.gamma"] = np.ones(width, np.float32)
        self._weights[f"{name}.beta"] = np.zeros(width, np.float32)
        turned = self.op("Transpose", value, perm=[0, 2, 1])
        made = self.op("LayerNormalization", turned, f"{name}.gamma", f"{name}.beta", axis=-1)
        return self.op("Transpose", made, perm=[0, 2, 1])

    def halves(self, value: str, width: int) -> list[str]:
        """Split the channels in two."""
        return self.ops("Split", value, self.ints(width // 2, width // 2), outputs=2, axis=1)

    def cut(self, value: str, start: str, end: str, axis: int) -> str:
        """Take a range of one axis."""
        return self.op("Slice", value, start, end, self.ints(axis))

    def add(self, *values: str) -> str:
        """Add values up."""
        total = values[0]
        for each in values[1:]:
            total = self.op("Add", total, each)
        return total

    def join(self, *values: str) -> str:
        """Join lists of integers."""
        return self.op("Concat", *values, axis=0)

    def save(self, path: Path, inputs: Iterable[ValueInfoProto], output: ValueInfoProto) -> None:
        """Write the model file; whoever looks sees all of it or nothing."""
        graph = helper.make_graph(
            self._nodes,
            path.stem,
            list(inputs),
            [output],
            [numpy_helper.from_array(each, name) for name, each in self._weights.items()],
        )
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR_VERSION
        )
        part = path.with_suffix(".part")
        part.write_bytes(model.SerializeToString())
        part.rename(path)

    def _constant(self, values: npt.NDArray[Any]) -> str:
        return self.op("Constant", value=numpy_helper.from_array(values))


def int_input(name: str, *shape: str | int) -> ValueInfoProto:
    """Describe an input of integers."""
    return helper.make_tensor_value_info(name, TensorProto.INT64, shape)


def float_tensor(name: str, *shape: str | int) -> ValueInfoProto:
    """Describe an input or output of floats."""
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
