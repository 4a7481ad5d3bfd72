"""Cut a voice's network in two, so that its sound can be made in parts.

A Piper voice is a VITS network (Kim et al. 2021, arXiv:2106.06103): from phonemes it makes frames
of 192 numbers each, and a vocoder (HiFi-GAN, Kong et al. 2020, arXiv:2010.05646) makes some 256
samples of each frame. The vocoder takes most of the time and sees only some frames to each side;
so it can run on a few frames at once and yield the very same samples.

    python -m wyoming_servers.tts.cutting VOICE.onnx FOLDER

writes the two parts and what was found out about them. It runs as a process of its own: what it
takes in memory to rewrite a network is free again when it ends.
"""

import json
import mmap
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

ACOUSTIC, VOCODER = "acoustic.onnx", "vocoder.onnx"
_FINDINGS = "parts.json"
# Whatever is changed in how networks are cut makes parts of another version.
_VERSION = 1
_CUT_TIME_S = 300.0

# What Piper calls the weights of the vocoder's first operator.
_FIRST_WEIGHTS = b"dec.conv_pre.weight"
# Frames to each side that may matter; the usual vocoders need 10 to 14.
_OVERLAPS = (8, 10, 12, 14, 16, 20, 24, 32, 48)
# Of full scale; a step of 16-bit sound is 3e-5.
_TOLERANCE = 1e-5
_TRIAL_FRAMES = 200
_TRIAL_PHONEMES = 70


class CutError(Exception):
    """A voice that cannot be cut; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The two networks of a voice on disk."""

    folder: Path
    overlap: int
    """Frames that the vocoder needs to see on each side of those it is to make sound of."""
    hop: int
    """Samples that it makes of a frame."""
    boundary: tuple[str, ...]
    """What goes from the first network into the second: the frames, and what is for all of them."""


def can_be_cut(voice: Path) -> bool:
    """Tell from its names whether a network has such a vocoder; quick; raises OSError."""
    with (
        voice.open("rb") as stream,
        mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content,
    ):
        return content.find(_FIRST_WEIGHTS) >= 0


def find_parts(voice: Path, folder: Path) -> Parts | None:
    """Return the parts that were made of a voice, None when there are none of this very file."""
    found = _find(voice, folder)
    if found is None or found["overlap"] is None:
        return None
    return Parts(
        folder=_place(voice, folder),
        overlap=found["overlap"],
        hop=found["hop"],
        boundary=tuple(found["boundary"]),
    )


def make_parts(voice: Path, folder: Path) -> Parts | None:
    """Cut a voice in a process of its own, unless it has been; None when it cannot be cut.

    Blocks for seconds. Raises CutError.
    """
    try:
        if not can_be_cut(voice) or _find(voice, folder) is not None:
            return find_parts(voice, folder)
        command = (sys.executable, "-m", "wyoming_servers.tts.cutting", voice, folder)
        done = subprocess.run(  # noqa: S603 - our own program
            command, capture_output=True, text=True, timeout=_CUT_TIME_S, check=False
        )
    except (OSError, ValueError, subprocess.SubprocessError) as err:
        raise CutError(str(err)) from err
    if done.returncode:
        raise CutError(done.stderr.strip().rpartition("\n")[2] or f"status {done.returncode}")
    return find_parts(voice, folder)


def overlapping(start: int, end: int, overlap: int, frames: int) -> tuple[slice, int]:
    """Return the frames to run the vocoder on for some of them, and how many come before these."""
    first = max(0, start - overlap)
    return slice(first, min(frames, end + overlap)), start - first


def _find(voice: Path, folder: Path) -> dict[str, Any] | None:
    """Return what was found out about this very file, None when it has not been tried."""
    try:
        found = json.loads((_place(voice, folder) / _FINDINGS).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    is_ours = isinstance(found, dict) and found.get("voice") == _stamp(voice)
    return found if is_ours else None


def _place(voice: Path, folder: Path) -> Path:
    digest = sha256(os.fsencode(voice.resolve())).hexdigest()[:12]
    return folder / f"{voice.stem}-{digest}"


def _stamp(voice: Path) -> dict[str, Any]:
    """Tell one version of a voice from another, and where it was."""
    status = voice.stat()
    return {
        "path": str(voice.resolve()),
        "bytes": status.st_size,
        "changed_ns": status.st_mtime_ns,
        "version": _VERSION,
    }


def _cut(voice: Path, folder: Path) -> None:
    """Write the parts; another process that does the same at the same time does no harm."""
    folder.mkdir(parents=True, exist_ok=True)
    _forget_lost_voices(folder)
    stamp, place = _stamp(voice), _place(voice, folder)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".new-") as name:
        made = Path(name) / "parts"
        made.mkdir()
        boundary = _write_networks(voice, made)
        overlap, hop = _try_out(voice, made, boundary)
        findings = {"voice": stamp, "overlap": overlap, "hop": hop, "boundary": boundary}
        (made / _FINDINGS).write_text(json.dumps(findings), "utf-8")
        shutil.rmtree(place, ignore_errors=True)
        made.rename(place)


def _forget_lost_voices(folder: Path) -> None:
    for findings in folder.glob(f"*/{_FINDINGS}"):
        try:
            is_lost = not Path(json.loads(findings.read_text("utf-8"))["voice"]["path"]).exists()
        except (OSError, ValueError, KeyError, TypeError):
            is_lost = True
        if is_lost:
            shutil.rmtree(findings.parent, ignore_errors=True)


def _write_networks(voice: Path, folder: Path) -> list[str]:
    """Write both networks and return what goes from one into the other, the frames first."""
    import onnx
    from onnx.utils import Extractor

    model = onnx.load(voice)
    graph = model.graph
    boundary = _boundary(graph)
    # Extractor wants to know the type of each; shapes are found out when it runs.
    known = {each.name for each in graph.value_info}
    graph.value_info.extend(
        onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None)
        for name in boundary
        if name not in known
    )
    inputs = [each.name for each in graph.input]
    extractor = Extractor(model)
    onnx.save(extractor.extract_model(inputs, boundary), folder / ACOUSTIC)
    onnx.save(extractor.extract_model(boundary, [graph.output[0].name]), folder / VOCODER)
    return boundary


def _boundary(graph: Any) -> list[str]:
    """Return the frames that enter the vocoder, and what else enters it from before them."""
    first = [node for node in graph.node if _FIRST_WEIGHTS.decode() in node.input]
    if len(first) != 1:
        raise CutError("the network has no vocoder that is known")
    frames = first[0].input[0]
    given = {each.name for each in graph.initializer} | {each.name for each in graph.input}
    inside, constant = {frames}, set(given - {each.name for each in graph.input})
    others: list[str] = []
    # In the order in which they are run, so what a node reads has been looked at before.
    for node in graph.node:
        reads = [name for name in node.input if name]
        if inside.intersection(reads):
            inside.update(node.output)
            others += [n for n in reads if n not in inside and n not in constant]
        elif constant.issuperset(reads) and "Random" not in node.op_type:
            constant.update(node.output)
    return [frames, *dict.fromkeys(others)]


def _try_out(voice: Path, folder: Path, boundary: Sequence[str]) -> tuple[int | None, int]:
    """Find out how far a vocoder looks; None if parts make other sound than the whole."""
    import numpy as np

    acoustic, vocoder = (_Session(folder / name) for name in (ACOUSTIC, VOCODER))
    feeds = _trial_feeds(acoustic)
    made = dict(zip(boundary, acoustic.run(feeds), strict=True))
    whole = vocoder.run(made)[0].ravel()
    frames_name = boundary[0]
    frames = made[frames_name].shape[-1]
    hop = len(whole) // frames
    # Without variation of tone and rhythm two runs give the same sound.
    expected = _Session(voice).run(feeds)[0].ravel()
    if len(whole) != hop * frames or not np.allclose(whole, expected, atol=_TOLERANCE):
        return None, hop
    start, end = frames // 3, frames // 3 * 2
    for overlap in _OVERLAPS:
        if overlap > start:
            break
        seen, before = overlapping(start, end, overlap, frames)
        part = vocoder.run(made | {frames_name: made[frames_name][..., seen]})[0].ravel()
        sound = part[before * hop : (before + end - start) * hop]
        if np.allclose(sound, whole[start * hop : end * hop], atol=_TOLERANCE):
            return overlap, hop
    return None, hop


def _trial_feeds(network: "_Session") -> dict[str, Any]:
    """Return phonemes, whichever they are, for a sound of a second or more."""
    import numpy as np

    ids = 1 + np.arange(_TRIAL_PHONEMES) % 20
    values = {
        "input": ids[None].astype(np.int64),
        "input_lengths": np.array([len(ids)], np.int64),
        "scales": np.array([0, 2, 0], np.float32),
        "sid": np.zeros(1, np.int64),
    }
    return {name: values[name] for name in network.inputs}


class _Session:
    """A network that runs on one thread: others need the CPU more."""

    def __init__(self, path: Path) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            str(path), sess_options=options, providers=["CPUExecutionProvider"]
        )
        self.inputs = [each.name for each in self._session.get_inputs()]

    def run(self, feeds: dict[str, Any]) -> list[Any]:
        """Return all outputs; what the network does not read is left out."""
        return list(self._session.run(None, {name: feeds[name] for name in self.inputs}))


def main(arguments: Sequence[str]) -> int:
    """Cut a voice; 0, or 1 with one line on why it cannot be."""
    os.nice(10)
    voice, folder = (Path(each) for each in arguments)
    try:
        _cut(voice, folder)
    except Exception as err:  # noqa: BLE001 - the libraries' exceptions share no public base
        sys.stderr.write(f"{err}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
