"""Where an utterance ends."""

import numpy as np

from wyoming_servers.audio import SAMPLE_RATE_HZ
from wyoming_servers.stt.endpoint import Endpointer


def test_everything_heard_is_kept_in_order() -> None:
    """Below the maximum the client decides, and nothing is lost."""
    endpointer = Endpointer(max_s=1)
    parts = [np.arange(size, dtype=np.int16) for size in (10, 0, 500)]
    assert not any(endpointer.hear(part) for part in parts)
    assert np.array_equal(endpointer.utterance(), np.concatenate(parts))


def test_the_maximum_ends_the_turn() -> None:
    """The sample that reaches the maximum ends the turn; more is not kept."""
    endpointer = Endpointer(max_s=0.5)
    half = SAMPLE_RATE_HZ // 2
    assert not endpointer.hear(np.ones(half - 1, np.int16))
    assert endpointer.hear(np.ones(100, np.int16))
    assert len(endpointer.utterance()) == half


def test_nothing_heard_is_an_empty_utterance() -> None:
    """An utterance without sound is one of no samples."""
    assert len(Endpointer(max_s=1).utterance()) == 0
