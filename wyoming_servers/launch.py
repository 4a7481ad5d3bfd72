"""Runs a server as a process: logs, HTTP port, mDNS, signals, exit status."""

import asyncio
import contextlib
import logging
import os
import signal
import sys

from .discovery import announce
from .server import ListenError, Server
from .settings import Settings
from .telemetry import PrometheusTelemetry, Telemetry

_LOGGER = logging.getLogger(__name__)


def start_logging(settings: Settings) -> None:
    """Log to standard error, from the level of the settings on, and end quietly on Ctrl-C."""
    # Until the server listens there is nothing to drain, and a traceback tells nobody anything.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    logging.basicConfig(
        level=settings.log_level.upper(),
        format="%(asctime)s %(levelname)s %(message)s",
        stream=sys.stderr,
    )


def make_telemetry(settings: Settings) -> Telemetry:
    """Count for /metrics when there is an HTTP port to read it from."""
    if settings.http_port is None:
        return Telemetry()
    return PrometheusTelemetry(settings.program)


def launch[JobT, ResultT](
    server: Server[JobT, ResultT], settings: Settings, telemetry: Telemetry
) -> int:
    """Serve until SIGTERM or SIGINT and return the exit status: 0, or 1 when it cannot listen."""
    try:
        asyncio.run(_serve_until_signal(server, settings, telemetry))
    except ListenError as err:
        _LOGGER.error("%s", err)  # noqa: TRY400 - the one line says all
        return 1
    if not server.is_idle:
        # A worker inside an engine cannot be ended, and would crash in a dying interpreter.
        logging.shutdown()
        os._exit(0)
    return 0


async def _serve_until_signal[JobT, ResultT](
    server: Server[JobT, ResultT], settings: Settings, telemetry: Telemetry
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with contextlib.AsyncExitStack() as stack:
        if isinstance(telemetry, PrometheusTelemetry):
            _open_http(stack, server, settings, telemetry)
        address = await stack.enter_async_context(server.listen())
        if settings.zeroconf:
            await _announce(stack, settings.program, address)
        _LOGGER.info("%s ready on %s", settings.program, address)
        await stop.wait()
        _LOGGER.info("%s stops", settings.program)


def _open_http[JobT, ResultT](
    stack: contextlib.AsyncExitStack,
    server: Server[JobT, ResultT],
    settings: Settings,
    telemetry: PrometheusTelemetry,
) -> None:
    # prometheus-client is an optional dependency.
    from .http import serve_http

    host, wanted = settings.http_host, settings.http_port or 0
    try:
        port = stack.enter_context(
            serve_http(host, wanted, telemetry.registry, lambda: server.is_listening)
        )
    except OSError as err:
        raise ListenError(f"{settings.program} cannot use HTTP port {wanted}: {err}") from err
    _LOGGER.info("Health and metrics on http://%s:%s", host, port)


async def _announce(stack: contextlib.AsyncExitStack, program: str, address: str) -> None:
    try:
        await stack.enter_async_context(announce(program, address))
    except OSError as err:
        _LOGGER.warning("Home Assistant cannot discover %s: %s", program, err)
