"""Where a turn ends: it collects the sound of one and says when that is enough."""

import numpy as np

from wyoming_servers.audio import SAMPLE_RATE_HZ, Samples


class Endpointer:
    """Holds one utterance's samples until the client ends it or it reaches its maximum."""

    def __init__(self, max_s: float) -> None:
        self._left = int(max_s * SAMPLE_RATE_HZ)
        self._chunks: list[Samples] = []

    def hear(self, samples: Samples) -> bool:
        """Take the next samples; True when the turn is over and the rest is not wanted."""
        kept = samples[: self._left]
        self._left -= len(kept)
        self._chunks.append(kept)
        return self._left == 0

    def utterance(self) -> Samples:
        """Return everything heard."""
        return np.concatenate(self._chunks) if self._chunks else np.empty(0, np.int16)
