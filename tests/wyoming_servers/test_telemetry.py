"""What is counted, and where it is read."""

import asyncio
import json
import urllib.error
import urllib.request

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.fakes.wyoming_client import connect
from tests.wyoming_servers.scripted import INFO, ScriptedProtocol, ScriptedWorker
from wyoming_servers.http import serve_http
from wyoming_servers.protocol import ErrorCode
from wyoming_servers.scheduler import one_by_one
from wyoming_servers.server import Server
from wyoming_servers.telemetry import PrometheusTelemetry


def _get(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=30) as response:
            return response.status, bytes(response.read()).decode()
    except urllib.error.HTTPError as err:
        return err.code, bytes(err.read()).decode()


def _values(telemetry: PrometheusTelemetry) -> dict[str, float]:
    """Read the metrics as Prometheus does; labels follow the name."""
    with serve_http("127.0.0.1", 0, telemetry.registry, lambda: True) as port:
        _, text = _get(f"http://127.0.0.1:{port}/metrics")
    return {
        " ".join([sample.name, *sample.labels.values()]): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_health_follows_readiness() -> None:
    """/health is 503 until the server is ready and 200 from then on."""
    is_ready = False
    registry = PrometheusTelemetry("test").registry
    with serve_http("127.0.0.1", 0, registry, lambda: is_ready) as port:
        status, body = _get(f"http://127.0.0.1:{port}/health")
        assert (status, json.loads(body)) == (503, {"ready": False})
        is_ready = True
        status, body = _get(f"http://127.0.0.1:{port}/health")
        assert (status, json.loads(body)) == (200, {"ready": True})
        status, body = _get(f"http://127.0.0.1:{port}/etc/passwd")
        assert status == 404
        assert "/metrics" in body


def test_ipv6() -> None:
    """A server on an IPv6 address has its HTTP port there too."""
    registry = PrometheusTelemetry("test").registry
    try:
        with serve_http("::1", 0, registry, lambda: True) as port:
            assert _get(f"http://[::1]:{port}/health")[0] == 200
    except OSError as err:
        pytest.skip(f"this machine has no IPv6: {err}")


def test_a_taken_port_is_an_error() -> None:
    """Two servers cannot share an HTTP port."""
    registry = PrometheusTelemetry("test").registry
    with (
        serve_http("127.0.0.1", 0, registry, lambda: True) as port,
        pytest.raises(OSError, match="in use"),
        serve_http("127.0.0.1", port, registry, lambda: True),
    ):
        pass


async def test_the_driver_marks_every_job_once() -> None:
    """Done, failed, cancelled and dropped jobs are counted apart; gauges return to zero."""
    telemetry, worker = PrometheusTelemetry("jonh-test"), ScriptedWorker()
    server = Server(
        name="scripted",
        uri="tcp://127.0.0.1:0",
        info=lambda: INFO,
        new_protocol=ScriptedProtocol,
        work=one_by_one(worker.work),
        telemetry=telemetry,
    )
    async with server.listen() as uri:
        async with connect(uri) as client:
            for raw in (b'{"name": "good"}', b'{"name": "bad", "error": "request"}'):
                await client.send_raw(b'{"type": "job", "data": ' + raw + b"}\n")
            assert (await client.receive_until("error"))[-1].type == "error"
        async with connect(uri) as client:
            for name in (b"running", b"queued"):
                job = b'{"name": "%s", "gate": "never"}' % name
                await client.send_raw(b'{"type": "job", "data": ' + job + b"}\n")
            assert await asyncio.to_thread(worker.wait_for, ["running"], worker.started)
            during = await asyncio.to_thread(_values, telemetry)
        assert await asyncio.to_thread(worker.wait_for, ["running"], worker.cancelled)
    values = await asyncio.to_thread(_values, telemetry)
    assert during["jonh_test_connections"] == 1
    assert during["jonh_test_jobs_running"] == 1
    assert during["jonh_test_jobs_queued"] == 1
    assert values["jonh_test_job_run_seconds_count done"] == 1
    assert values["jonh_test_job_run_seconds_count failed"] == 1
    assert values["jonh_test_job_run_seconds_count cancelled"] == 1
    assert values["jonh_test_job_wait_seconds_count"] == 3
    assert values[f"jonh_test_errors_total {ErrorCode.MODEL_MISSING}"] == 1
    assert values["jonh_test_connections"] == 0
    assert values["jonh_test_jobs_running"] == 0
    assert values["jonh_test_jobs_queued"] == 0


def test_audio_and_its_cost_give_the_real_time_factor() -> None:
    """Both sums are there; their ratio is the real-time factor."""
    telemetry = PrometheusTelemetry("jonh-test")
    telemetry.audio_processed(audio_s=4.0, run_s=1.0)
    telemetry.audio_processed(audio_s=6.0, run_s=1.5)
    values = _values(telemetry)
    assert values["jonh_test_audio_seconds_total"] == 10.0
    assert values["jonh_test_processing_seconds_total"] == 2.5
