"""What utterances took, as Prometheus metrics; prometheus-client is an optional dependency."""

from typing import override

from prometheus_client import CollectorRegistry, Counter, Histogram

from .endpoint import Over
from .metrics import UtteranceMetrics
from .turn import UtteranceReport

# Around the silences that end a turn, and around a decode on small and large computers.
_SILENCES_S = (0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.3, 2.0)
_DECODES_S = (0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 1.3, 2.0, 5.0, 10.0)


class PrometheusUtteranceMetrics(UtteranceMetrics):
    """Counts every utterance, beside logging it."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Make the metrics in the registry that `/metrics` shows."""
        super().__init__()
        self._utterances = Counter(
            "jonh_stt_utterances",
            "Utterances answered, by outcome.",
            ["outcome"],
            registry=registry,
        )
        self._speech = Counter(
            "jonh_stt_speech_seconds", "Speech heard, without its pauses.", registry=registry
        )
        self._endpoint = Histogram(
            "jonh_stt_endpoint_delay_seconds",
            "Silence after the speech until the turn was over, by how its text ended.",
            ["ending"],
            buckets=_SILENCES_S,
            registry=registry,
        )
        self._decode = Histogram(
            "jonh_stt_decode_seconds",
            "Time to recognise an utterance.",
            buckets=_DECODES_S,
            registry=registry,
        )
        self._retries = Counter(
            "jonh_stt_decode_retries",
            "Texts decoded again because they were doubtful.",
            registry=registry,
        )
        self._speculations = Counter(
            "jonh_stt_speculations",
            "Utterances recognised at a pause: used as the transcript, or wasted.",
            ["outcome"],
            registry=registry,
        )
        self._loads = Counter(
            "jonh_stt_model_loads", "Times the model was loaded.", registry=registry
        )
        self._unloads = Counter(
            "jonh_stt_model_unloads", "Times the idle model left the memory.", registry=registry
        )

    @override
    def utterance(self, report: UtteranceReport) -> None:
        """Take one report."""
        super().utterance(report)
        if report.over is Over.NO_SPEECH:
            self._utterances.labels(outcome="no-speech").inc()
            return
        self._utterances.labels(outcome="transcript" if report.words else "empty").inc()
        self._speech.inc(report.speech_s)
        if report.over is Over.SILENCE:
            self._endpoint.labels(ending=report.ending or "unknown").observe(report.endpoint_s)
        self._decode.observe(report.decode_s)
        self._retries.inc(report.tries - 1)
        used = int(report.is_speculative)
        self._speculations.labels(outcome="used").inc(used)
        self._speculations.labels(outcome="wasted").inc(report.speculations - used)

    @override
    def model_loaded(self, load_s: float) -> None:
        """Note that the model came into memory."""
        self._loads.inc()

    @override
    def model_unloaded(self) -> None:
        """Note that the model left the memory."""
        self._unloads.inc()
