"""Streaming voice detection: how probable speech is, window by window.

The detector is Silero VAD v6 (https://github.com/snakers4/silero-vad, MIT), from the file that
faster-whisper carries. A window takes some 65 us on one thread, 0.2 % of real time, so it runs
where the audio arrives.
"""

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
from faster_whisper.utils import get_assets_path

from wyoming_servers.audio import Samples

from .endpoint import WINDOW_SAMPLES

# The network reads each window with the 4 ms before it.
_CONTEXT_SAMPLES = 64
_STATE_SHAPE = (1, 1, 128)

_FROM_INT16 = np.float32(1 / 32768)


class SileroDetector:
    """Silero VAD over one stream of int16 mono samples at 16 kHz."""

    def __init__(self) -> None:
        self._session = _session()
        self._h = self._c = np.zeros(_STATE_SHAPE, np.float32)
        # The context of the next window, then the samples of it that are already here.
        self._pending: npt.NDArray[np.float32] = np.zeros(_CONTEXT_SAMPLES, np.float32)

    def probabilities(self, samples: Samples) -> list[float]:
        """Return the probability of speech of each window that these samples complete."""
        heard = np.concatenate((self._pending, samples.astype(np.float32) * _FROM_INT16))
        count = (len(heard) - _CONTEXT_SAMPLES) // WINDOW_SAMPLES
        self._pending = heard[count * WINDOW_SAMPLES :]
        if not count:
            return []
        size = _CONTEXT_SAMPLES + WINDOW_SAMPLES
        windows = np.lib.stride_tricks.sliding_window_view(heard, size)[::WINDOW_SAMPLES][:count]
        inputs = {"input": windows, "h": self._h, "c": self._c}
        found, self._h, self._c = self._session.run(None, inputs)
        return [float(probability) for probability in np.ravel(found)]


@lru_cache(maxsize=1)
def _session() -> Any:
    """Return the network, whose state is outside of it: all streams share one session."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(
        str(Path(get_assets_path()) / "silero_vad_v6.onnx"),
        sess_options=options,
        providers=["CPUExecutionProvider"],
    )
