"""Where a turn ends: it collects the sound of one and says when that is enough."""

import numpy as np

from wyoming_servers.audio import SAMPLE_RATE_HZ, Samples


class Endpointer:
    """Holds one utterance's samples until the client ends it or it reaches its maximum."""

    def __init__(self, max_s: float) -> None:
        self._left = int(max_s * SAMPLE_RATE_HZ)
        # Bytes, not a list of arrays: a client may send millions of chunks of one sample.
        self._sound = bytearray()

    def hear(self, samples: Samples) -> bool:
        """Take the next samples; True when the turn is over and the rest is not wanted."""
        kept = samples[: self._left]
        self._left -= len(kept)
        self._sound += kept.tobytes()
        return self._left == 0

    def utterance(self) -> Samples:
        """Return everything heard."""
        return np.frombuffer(bytes(self._sound), np.int16)
