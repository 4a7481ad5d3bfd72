"""A voice's network on ONNX Runtime: phonemes in, sound out, as a whole or in parts."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import onnxruntime

from wyoming_servers.cancellation import Cancellation

from .cutting import ACOUSTIC, VOCODER, Parts, overlapping

type Sound = npt.NDArray[np.float32]
"""Mono samples at the voice's rate, about -1 to 1."""

# The first part is what a listener waits for: 0.28 s of sound at 22.05 kHz. Each further one is
# so much longer than the one before that few frames are computed twice, and never longer than
# what takes a tenth of a second here: others wait for their turn meanwhile.
_FIRST_FRAMES = 24
_GROWTH = 3
_MOST_FRAMES = 240


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What a network is given to speak."""

    phoneme_ids: list[int]
    noise_scale: float
    length_scale: float
    noise_w_scale: float
    speaker_id: int | None
    """None for a network that has one speaker."""

    @property
    def feeds(self) -> dict[str, npt.NDArray[Any]]:
        """The inputs of a Piper voice, under their names."""
        scales = [self.noise_scale, self.length_scale, self.noise_w_scale]
        feeds: dict[str, npt.NDArray[Any]] = {
            "input": np.array([self.phoneme_ids], np.int64),
            "input_lengths": np.array([len(self.phoneme_ids)], np.int64),
            "scales": np.array(scales, np.float32),
        }
        if self.speaker_id is not None:
            feeds["sid"] = np.array([self.speaker_id], np.int64)
        return feeds


class Network(Protocol):
    """Speaks a line."""

    def speak(self, line: Line, cancellation: Cancellation) -> Iterator[Sound]:
        """Yield the sound in one or more parts; ends early, within a moment, when cancelled."""
        ...


class WholeNetwork:
    """A voice's file as it is: all of a line's sound at once."""

    def __init__(self, voice: Path, threads: int) -> None:
        self._network = _Session(voice, threads, is_bounded=False)

    def speak(self, line: Line, cancellation: Cancellation) -> Iterator[Sound]:
        """Yield the sound of the line."""
        made = self._network.run(line.feeds, cancellation)
        if made is not None:
            yield made[0].ravel()


class NetworkInParts:
    """A voice that was cut before its vocoder: the same sound, the first of it early."""

    def __init__(self, parts: Parts, threads: int) -> None:
        self._parts = parts
        self._acoustic = _Session(parts.folder / ACOUSTIC, threads, is_bounded=True)
        self._vocoder = _Session(parts.folder / VOCODER, threads, is_bounded=True)

    def speak(self, line: Line, cancellation: Cancellation) -> Iterator[Sound]:
        """Yield the sound of the line in parts that grow."""
        made = self._acoustic.run(line.feeds, cancellation)
        if made is None:
            return
        boundary, hop = self._parts.boundary, self._parts.hop
        values = dict(zip(boundary, made, strict=True))
        frames = values[boundary[0]]
        count = frames.shape[-1]
        for start, end in _stretches(count):
            seen, before = overlapping(start, end, self._parts.overlap, count)
            some = values | {boundary[0]: frames[..., seen]}
            if (sound := self._vocoder.run(some, cancellation)) is None:
                return
            yield sound[0].ravel()[before * hop : (before + end - start) * hop]


def _stretches(frames: int) -> Iterator[tuple[int, int]]:
    """Divide frames into stretches that grow, none shorter than the first but it is alone."""
    start, size = 0, _FIRST_FRAMES
    while start < frames:
        end = start + size
        if frames - end < _FIRST_FRAMES:
            end = frames
        yield start, end
        start, size = end, min(size * _GROWTH, _MOST_FRAMES)


class _Session:
    """One network; safe to run from several threads."""

    def __init__(self, path: Path, threads: int, *, is_bounded: bool) -> None:
        """Load it; what it makes in one run has a bound that fits into memory, or has none."""
        self._session = onnxruntime.InferenceSession(
            str(path),
            sess_options=_options(threads, has_arena=is_bounded),
            providers=["CPUExecutionProvider"],
        )

    def run(
        self, feeds: dict[str, npt.NDArray[Any]], cancellation: Cancellation
    ) -> list[npt.NDArray[Any]] | None:
        """Return all outputs, None when it is cancelled before it has them."""
        options = onnxruntime.RunOptions()

        def stop() -> None:
            options.terminate = True

        with cancellation.stopping(stop):
            try:
                return list(self._session.run(None, feeds, options))
            except Exception:  # onnxruntime's exceptions share no public base
                if cancellation():
                    return None
                raise


def _options(threads: int, *, has_arena: bool) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # The arena never gives back what the longest run took: 2.1 GB for 52 s of speech made as a
    # whole. For parts, which are short, it is 60 MB, and a tenth of the time is saved.
    options.enable_cpu_mem_arena = has_arena
    options.enable_mem_pattern = False
    # Threads that spin between operators burn 5 % more CPU and gain no time.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # An interrupted run is no error.
    options.log_severity_level = 4
    return options
