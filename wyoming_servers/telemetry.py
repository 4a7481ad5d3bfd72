"""Observers of the servers: what is counted and timed, and never what was said."""

from typing import override

from .protocol import ErrorCode

# Around the targets: a queue that is empty (10 ms), a home command on a small computer
# (50 ms to 2.5 s), a long sentence on a slow one (30 s).
_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Telemetry:
    """Receives the marks of the servers; this one forgets them."""

    def connection_opened(self) -> None:
        """Note that a client connected."""

    def connection_closed(self) -> None:
        """Note that a client is gone."""

    def request_failed(self, code: ErrorCode) -> None:
        """Note that a client was sent an error event."""

    def job_queued(self) -> None:
        """Note that a job waits for a slot."""

    def job_started(self, wait_s: float) -> None:
        """Note that a queued job got a slot after so long."""

    def job_dropped(self) -> None:
        """Note that a queued job was cancelled before it got a slot."""

    def job_ended(self, outcome: str, run_s: float) -> None:
        """Note that a job left its slot: "done", "cancelled" or "failed"."""

    def audio_processed(self, audio_s: float, run_s: float) -> None:
        """Note how much sound one job read or made, and the seconds it took."""


class PrometheusTelemetry(Telemetry):
    """Keeps the marks as Prometheus metrics named `<server>_...` in its own registry."""

    def __init__(self, server: str) -> None:
        """Make the metrics of the server called `server`, for example "jonh-stt"."""
        # An optional dependency: only a server with an HTTP port needs it.
        from prometheus_client import (
            CollectorRegistry,
            Counter,
            Gauge,
            Histogram,
        )

        prefix = server.replace("-", "_")
        self.registry: CollectorRegistry = CollectorRegistry()
        registry = self.registry
        self._connections = Gauge(
            f"{prefix}_connections", "Clients connected now.", registry=registry
        )
        self._errors = Counter(
            f"{prefix}_errors", "Error events sent, by code.", ["code"], registry=registry
        )
        self._queued = Gauge(
            f"{prefix}_jobs_queued", "Jobs waiting for a slot now.", registry=registry
        )
        self._running = Gauge(f"{prefix}_jobs_running", "Jobs in a slot now.", registry=registry)
        self._wait = Histogram(
            f"{prefix}_job_wait_seconds",
            "Time a job waited for a slot.",
            buckets=_SECONDS,
            registry=registry,
        )
        self._run = Histogram(
            f"{prefix}_job_run_seconds",
            "Time a job held its slot, by outcome.",
            ["outcome"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._audio = Counter(f"{prefix}_audio_seconds", "Sound read or made.", registry=registry)
        self._processing = Counter(
            f"{prefix}_processing_seconds",
            "Time spent on that sound; the ratio of the two is the real-time factor.",
            registry=registry,
        )

    @override
    def connection_opened(self) -> None:
        self._connections.inc()

    @override
    def connection_closed(self) -> None:
        self._connections.dec()

    @override
    def request_failed(self, code: ErrorCode) -> None:
        self._errors.labels(code=str(code)).inc()

    @override
    def job_queued(self) -> None:
        self._queued.inc()

    @override
    def job_started(self, wait_s: float) -> None:
        self._queued.dec()
        self._running.inc()
        self._wait.observe(wait_s)

    @override
    def job_dropped(self) -> None:
        self._queued.dec()

    @override
    def job_ended(self, outcome: str, run_s: float) -> None:
        self._running.dec()
        self._run.labels(outcome=outcome).observe(run_s)

    @override
    def audio_processed(self, audio_s: float, run_s: float) -> None:
        self._audio.inc(audio_s)
        self._processing.inc(run_s)
