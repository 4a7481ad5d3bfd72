"""What is counted."""

import asyncio

from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from tests.fakes.wyoming_client import connect
from tests.wyoming_servers.scripted import INFO, ScriptedProtocol, ScriptedWorker
from wyoming_servers.protocol import ErrorCode
from wyoming_servers.scheduler import one_by_one
from wyoming_servers.server import Server
from wyoming_servers.telemetry import PrometheusTelemetry


def _values(telemetry: PrometheusTelemetry) -> dict[str, float]:
    """Read the metrics as Prometheus does; labels follow the name."""
    text = generate_latest(telemetry.registry).decode()
    return {
        " ".join([sample.name, *sample.labels.values()]): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


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
            during = _values(telemetry)
        assert await asyncio.to_thread(worker.wait_for, ["running"], worker.cancelled)
    values = _values(telemetry)
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
