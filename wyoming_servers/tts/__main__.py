"""The command jonh-tts."""

import logging
import sys

from wyoming_servers.launch import launch, make_telemetry, start_logging
from wyoming_servers.models import ModelError, ModelMissingError
from wyoming_servers.scheduler import one_by_one
from wyoming_servers.server import Server
from wyoming_servers.settings import TtsSettings
from wyoming_servers.telemetry import PrometheusTelemetry, Telemetry
from wyoming_servers.wire import Deadlines, Limits

from .engine import VoiceLoadError
from .metrics import SpeechMetrics
from .protocol import SpeakPiece, SpeechSound, TtsProtocol
from .service import TtsService, download

_LOGGER = logging.getLogger(__name__)

# Home Assistant abandons streams when a person barges in: it neither ends nor closes them.
# A tool call in the middle of an answer is a pause that must fit.
_STREAM_STALL_S = 90.0
# A character takes up to 12 bytes in JSON, as two escaped surrogates. More than the longest text
# is read, so that who sends too much is told about characters and not about bytes.
_BYTES_PER_CHAR = 12
_LEAST_DATA_BYTES = 1 << 20
# Between two results of a piece, which has 120 characters: a cold start from a slow disk fits.
_PIECE_LIMIT_S = 60.0


def main() -> int:
    """Run jonh-tts; 0 after a signal, 1 when it cannot start, 2 for a wrong setting."""
    settings = TtsSettings.read()
    start_logging(settings)
    telemetry = make_telemetry(settings)
    try:
        if settings.download is not None:
            download(settings)
            return 0
        service = TtsService(settings, telemetry, _make_metrics(telemetry))
        if settings.preload != "off":
            service.preload(may_fetch=settings.preload == "fetch")
    except ModelMissingError as err:
        _LOGGER.error("%s", err)  # noqa: TRY400 - the one line says all
        return 1
    except ModelError as err:
        _LOGGER.error("%s", err)  # noqa: TRY400 - the one line says all
        return 2
    except VoiceLoadError as err:
        _LOGGER.error("%s", err)  # noqa: TRY400 - the one line says all
        return 1
    service.fetch_in_background()
    server = make_server(settings, service, telemetry)
    return launch(server, settings, telemetry, lambda: service.offering)


def _make_metrics(telemetry: Telemetry) -> SpeechMetrics:
    if not isinstance(telemetry, PrometheusTelemetry):
        return SpeechMetrics()
    # An optional dependency: only a server with an HTTP port needs it.
    from .prometheus import PrometheusSpeechMetrics

    return PrometheusSpeechMetrics(telemetry.registry)


def make_server(
    settings: TtsSettings,
    service: TtsService,
    telemetry: Telemetry,
    deadlines: Deadlines | None = None,
) -> Server[SpeakPiece, SpeechSound]:
    """Put the service behind the shared driver."""
    return Server(
        name=settings.program,
        uri=settings.uri,
        info=lambda: service.info,
        new_protocol=lambda: TtsProtocol(service.offer),
        work=one_by_one(service.work),
        slots=service.workers,
        takes_turns=True,
        job_limit_s=lambda _: _PIECE_LIMIT_S,
        limits=Limits(data_bytes=max(_LEAST_DATA_BYTES, 2 * settings.max_chars * _BYTES_PER_CHAR)),
        deadlines=deadlines or Deadlines(stall_s=_STREAM_STALL_S, lame_duck_s=settings.lame_duck),
        queue_limit=settings.queue,
        max_connections=settings.max_connections,
        telemetry=telemetry,
    )


if __name__ == "__main__":
    sys.exit(main())
