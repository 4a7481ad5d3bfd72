"""Runs a server as a process: logs, limits, HTTP port, mDNS, signals, exit status."""

import asyncio
import contextlib
import logging
import os
import resource
import signal
import sys
import time
from collections.abc import Callable

from .discovery import announce
from .server import ListenError, Server
from .settings import Settings
from .status import Offering, Status
from .telemetry import PrometheusTelemetry, Telemetry

_LOGGER = logging.getLogger(__name__)

# Files and connections: Linux's usual 1024 are soon taken by somebody who only connects.
_OPEN_FILES = 4096
# An event loop that answers takes milliseconds.
_LOOP_ANSWERS_S = 2.0


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
    server: Server[JobT, ResultT],
    settings: Settings,
    telemetry: Telemetry,
    offering: Callable[[], Offering],
) -> int:
    """Serve until SIGTERM or SIGINT and return the exit status.

    It is 0 once all requests were finished, and 1 when the server cannot listen, when a second
    signal ends it, or when its engine does not come back.
    """
    _allow_open_files()
    status = 1
    try:
        status = asyncio.run(_Process(server, settings, telemetry, offering).run())
    except ListenError as err:
        _LOGGER.error("%s", err)  # noqa: TRY400 - the one line says all
    except asyncio.CancelledError:
        _LOGGER.warning("%s ends at once", settings.program)
    if not server.is_idle:
        # A worker inside an engine cannot be ended, and would crash in a dying interpreter.
        logging.shutdown()
        os._exit(status)
    return status


def _allow_open_files() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(_OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


class _Process[JobT, ResultT]:
    """One server with everything around it, from its start to its end."""

    def __init__(
        self,
        server: Server[JobT, ResultT],
        settings: Settings,
        telemetry: Telemetry,
        offering: Callable[[], Offering],
    ) -> None:
        self._server = server
        self._settings = settings
        self._telemetry = telemetry
        self._offering = offering
        self._begin_s = time.monotonic()

    async def run(self) -> int:
        """Serve until a signal or the end of the engine; the exit status."""
        program = self._settings.program
        stop = self._stop_on_signals()
        async with contextlib.AsyncExitStack() as stack:
            if isinstance(self._telemetry, PrometheusTelemetry):
                self._open_http(stack, self._telemetry)
            address = await stack.enter_async_context(self._server.listen())
            if self._settings.zeroconf:
                await self._announce(stack, address)
            _LOGGER.info("%s ready on %s", program, address)
            ends = [asyncio.create_task(wait) for wait in (stop.wait(), self._server.until_stuck())]
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            for end in ends:
                end.cancel()
            if stop.is_set():
                _LOGGER.info("%s stops", program)
                return_status = 0
            else:
                _LOGGER.error("%s ends: only a new start can help its engine", program)
                return_status = 1
        return return_status

    def _stop_on_signals(self) -> asyncio.Event:
        """Return an event that the first signal sets; a second one cancels this task."""
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        task = asyncio.current_task()
        assert task is not None

        def stop_or_end() -> None:
            if stop.is_set():
                task.cancel()
            stop.set()

        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop_or_end)
        return stop

    def _open_http(self, stack: contextlib.AsyncExitStack, telemetry: PrometheusTelemetry) -> None:
        # prometheus-client is an optional dependency.
        from .http import serve_http

        loop = asyncio.get_running_loop()

        def ask() -> Status:
            answer = asyncio.run_coroutine_threadsafe(self._status(), loop)
            return answer.result(_LOOP_ANSWERS_S)

        settings = self._settings
        host, wanted = settings.http_host, settings.http_port or 0
        try:
            port = stack.enter_context(
                serve_http(host, wanted, telemetry.registry, ask, settings.http_clients)
            )
        except OSError as err:
            raise ListenError(f"{settings.program} cannot use HTTP port {wanted}: {err}") from err
        _LOGGER.info("Health and metrics on http://%s:%s", host, port)

    async def _status(self) -> Status:
        return Status(
            program=self._settings.program,
            offering=self._offering(),
            load=self._server.load,
            uptime_s=time.monotonic() - self._begin_s,
            accepts=self._server.is_listening,
            drains=self._server.is_draining,
        )

    async def _announce(self, stack: contextlib.AsyncExitStack, address: str) -> None:
        program = self._settings.program
        try:
            await stack.enter_async_context(announce(program, address))
        except OSError as err:
            _LOGGER.warning("Home Assistant cannot discover %s: %s", program, err)
