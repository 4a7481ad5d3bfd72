"""The command jonh-stt."""

import logging
import sys

from wyoming_servers.launch import launch, make_telemetry, start_logging
from wyoming_servers.models import ModelError
from wyoming_servers.preflight import PreflightError, check_cpu
from wyoming_servers.settings import SettingsError, SttSettings
from wyoming_servers.telemetry import PrometheusTelemetry

_LOGGER = logging.getLogger(__name__)


def main() -> int:
    """Run jonh-stt; 0 after a signal, 1 when it cannot start, 2 for a wrong setting."""
    settings = SttSettings.read()
    start_logging(settings)
    try:
        check_cpu()
    except PreflightError as err:
        _LOGGER.error("%s", err)  # noqa: TRY400 - the one line says all
        return 1
    return _serve(settings)


def _serve(settings: SttSettings) -> int:
    # What is compiled for newer CPUs must not be imported before the CPU was looked at.
    from wyoming_servers.server import Server
    from wyoming_servers.wire import Deadlines

    from .engine import EngineError
    from .metrics import UtteranceMetrics
    from .protocol import SttProtocol
    from .service import SttService

    telemetry = make_telemetry(settings)
    metrics = UtteranceMetrics()
    if isinstance(telemetry, PrometheusTelemetry):
        # An optional dependency: only a server with an HTTP port needs it.
        from .prometheus import PrometheusUtteranceMetrics

        metrics = PrometheusUtteranceMetrics(telemetry.registry)
    try:
        service = SttService(settings, telemetry, metrics)
        service.preload()
    except (SettingsError, ModelError) as err:
        _LOGGER.error("%s", err)  # noqa: TRY400 - the one line says all
        return 2
    except EngineError as err:
        _LOGGER.error("%s", err)  # noqa: TRY400 - the one line says all
        return 1
    service.fetch_in_background()
    server = Server(
        name=settings.program,
        uri=settings.uri,
        info=lambda: service.info,
        new_protocol=lambda: SttProtocol(service.offer),
        work=service.work,
        batch_key=service.batch_key,
        job_limit_s=service.limit_s,
        max_batch=settings.batch,
        queue_limit=settings.queue,
        max_connections=settings.max_connections,
        deadlines=Deadlines(lame_duck_s=settings.lame_duck),
        telemetry=telemetry,
    )
    return launch(server, settings, telemetry, lambda: service.offering)


if __name__ == "__main__":
    sys.exit(main())
