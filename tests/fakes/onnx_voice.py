"""A voice of one ONNX operator, for what the starter voices do not have: several speakers.

It says one sample of silence per speaker id: speaker 300 gives 300 samples. The model file is
written field by field, because the package `onnx` is not among the dependencies.
"""

import json
from pathlib import Path

from piper.phoneme_ids import DEFAULT_PHONEME_ID_MAP

_INT64, _FLOAT = 7, 1


def write_speaker_voice(
    directory: Path, name: str, speakers: dict[str, int], **config: object
) -> Path:
    """Write the two files of the voice and return the `.onnx` one."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{name}.onnx"
    path.write_bytes(_model())
    description = {
        "audio": {"sample_rate": 22050, "quality": "medium"},
        "espeak": {"voice": "en-us"},
        "num_symbols": 256,
        "num_speakers": max(1, len(speakers)),
        "speaker_id_map": speakers,
        "phoneme_id_map": DEFAULT_PHONEME_ID_MAP,
        "inference": {},
    }
    path.with_name(f"{name}.onnx.json").write_text(json.dumps(description | config))
    return path


def _model() -> bytes:
    inputs = (
        ("input", _INT64, 2),
        ("input_lengths", _INT64, 1),
        ("scales", _FLOAT, 1),
        ("sid", _INT64, 1),
    )
    node = _text(1, "sid") + _text(2, "output") + _text(4, "ConstantOfShape")
    graph = _part(1, node) + _text(2, "voice")
    graph += b"".join(_part(11, _tensor(*item)) for item in inputs)
    graph += _part(12, _tensor("output", _FLOAT, 1))
    opset = _number(2, 17)
    return _number(1, 8) + _part(7, graph) + _part(8, opset)


def _tensor(name: str, kind: int, rank: int) -> bytes:
    shape = b"".join(_part(1, _text(2, f"{name}_{axis}")) for axis in range(rank))
    return _text(1, name) + _part(2, _part(1, _number(1, kind) + _part(2, shape)))


def _number(field: int, value: int) -> bytes:
    return bytes([field << 3, value])


def _part(field: int, content: bytes) -> bytes:
    length = len(content)
    size = bytes([length]) if length < 128 else bytes([length & 127 | 128, length >> 7])
    return bytes([field << 3 | 2]) + size + content


def _text(field: int, value: str) -> bytes:
    return _part(field, value.encode())
