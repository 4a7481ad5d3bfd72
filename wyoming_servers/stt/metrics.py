"""What utterances took: a line in the log for each, and never what was said."""

import logging
from collections import deque

from .endpoint import Over
from .turn import UtteranceReport

_LOGGER = logging.getLogger(__name__)


def describe(report: UtteranceReport) -> str:
    """Tell in a line what happened to an utterance, without its words."""
    if report.over is Over.NO_SPEECH:
        return f"Nobody spoke in {report.audio_s:.1f} s of sound"
    ended_by = {
        None: "ended by the client",
        Over.TOO_LONG: "ended at its longest",
        Over.SILENCE: f"over after {report.endpoint_s:.2f} s of silence",
    }[report.over]
    ending = f" ({report.ending})" if report.over is Over.SILENCE and report.ending else ""
    when = "while listening" if report.is_speculative else "after that"
    again = f" in {report.tries} tries" if report.tries > 1 else ""
    words = f"{report.words} words" if report.words else "nothing understood"
    return (
        f"Utterance of {report.speech_s:.1f} s: {ended_by}{ending}, decoded in"
        f" {report.decode_s:.2f} s{again} {when}, {words}, {report.language or 'no language'}"
    )


class UtteranceMetrics:
    """Receives the report of every utterance and logs it."""

    def __init__(self) -> None:
        self.latencies_s: deque[float] = deque(maxlen=50)
        """What the latest recognitions took, oldest first."""

    def utterance(self, report: UtteranceReport) -> None:
        """Take one report."""
        if report.words:
            self.latencies_s.append(report.decode_s)
        _LOGGER.info("%s", describe(report))

    def model_loaded(self, load_s: float) -> None:
        """Note that the model came into memory."""

    def model_unloaded(self) -> None:
        """Note that the model left the memory."""
