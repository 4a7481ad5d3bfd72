"""What spoken answers took, as Prometheus metrics; prometheus-client is an optional dependency."""

from collections.abc import Callable
from typing import override

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from .metrics import SpeechMetrics, SpeechReport

# Around a piece that is known, a short answer, and a long sentence on a small computer.
_FIRST_AUDIO_S = (0.005, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 1.3, 2.0, 5.0, 10.0)


class PrometheusSpeechMetrics(SpeechMetrics):
    """Counts every request, beside logging it."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Make the metrics in the registry that `/metrics` shows."""
        super().__init__()
        self._requests = Counter(
            "jonh_tts_requests",
            "Texts spoken, or broken off because the client left or something failed.",
            ["outcome"],
            registry=registry,
        )
        self._first_audio = Histogram(
            "jonh_tts_first_audio_seconds",
            "From the first text of a request to its first sound, by how the text came.",
            ["text"],
            buckets=_FIRST_AUDIO_S,
            registry=registry,
        )
        self._pieces = Counter(
            "jonh_tts_pieces",
            "Pieces of text by their sound: made, or known from before.",
            ["sound"],
            registry=registry,
        )
        self._unloads = Counter(
            "jonh_tts_voice_unloads", "Times an idle voice left the memory.", registry=registry
        )
        self._cache = Gauge("jonh_tts_cache_bytes", "Sound kept in memory.", registry=registry)

    @override
    def speech(self, report: SpeechReport) -> None:
        """Take one report."""
        super().speech(report)
        self._requests.labels(outcome="spoken" if report.is_complete else "broken-off").inc()
        if report.first_audio_s is not None:
            text = "stream" if report.is_stream else "whole"
            self._first_audio.labels(text=text).observe(report.first_audio_s)

    @override
    def piece(self, *, is_known: bool) -> None:
        """Note that a piece was spoken, or was known from before."""
        self._pieces.labels(sound="known" if is_known else "made").inc()

    @override
    def voice_unloaded(self) -> None:
        """Note that an idle voice left the memory."""
        self._unloads.inc()

    @override
    def watch_cache(self, size_bytes: Callable[[], int]) -> None:
        """Show how much sound is kept, whenever somebody looks."""
        self._cache.set_function(size_bytes)
