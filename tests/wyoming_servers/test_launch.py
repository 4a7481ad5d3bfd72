"""A server as a process: how it ends, and what it allows itself. The engine is a scripted one."""

import asyncio
import contextlib
import signal
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from wyoming.event import Event

from tests.fakes.server_process import ServerProcess
from tests.fakes.wyoming_client import connect
from tests.wyoming_servers.scripted import INFO, Script, ScriptedProtocol, ScriptedWorker
from wyoming_servers.cancellation import Cancellation
from wyoming_servers.launch import launch, make_telemetry, start_logging
from wyoming_servers.scheduler import one_by_one
from wyoming_servers.server import Server
from wyoming_servers.settings import TtsSettings
from wyoming_servers.status import ModelStatus, Offering

_ROOT = Path(__file__).parents[2]


def main(*arguments: str) -> int:
    """Run a server on a scripted engine; the body of the process."""
    settings = TtsSettings.read(["--uri", "tcp://127.0.0.1:0", "--http-port", "0", *arguments])
    start_logging(settings)
    telemetry = make_telemetry(settings)
    worker = ScriptedWorker()

    def work(job: Script, cancellation: Cancellation) -> Iterator[bytes]:
        if job.name == "stuck":
            threading.Event().wait()
        yield from worker.work(job, cancellation)

    server = Server(
        name="scripted",
        uri=settings.uri,
        info=lambda: INFO,
        new_protocol=ScriptedProtocol,
        work=one_by_one(work),
        job_limit_s=lambda job: 0.1 if job.name == "stuck" else 60.0,
        telemetry=telemetry,
    )
    model = ModelStatus(name="scripted", is_loaded=True)
    offering = Offering(wanted="scripted", models=(model,), fetching=None, latencies_s=())
    return launch(server, settings, telemetry, lambda: offering)


@contextlib.asynccontextmanager
async def _running(prelude: str = "") -> AsyncIterator[ServerProcess]:
    program = f"{prelude}\nimport sys; from {__name__} import main; sys.exit(main())"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program), cwd=_ROOT, stderr=asyncio.subprocess.PIPE
    )
    server = ServerProcess(process)
    try:
        await server.read_until_ready()
        yield server
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


def _ready(server: ServerProcess) -> int:
    try:
        with urllib.request.urlopen(f"{server.http_url}/ready", timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as err:
        return err.code


def _wait_until_draining(server: ServerProcess) -> None:
    deadline_s = time.monotonic() + 30
    while _ready(server) != 404:
        assert time.monotonic() < deadline_s
        time.sleep(0.01)


async def test_a_request_that_is_open_is_finished() -> None:
    """Told to stop, the server says so, lets the client end, and ends well."""
    async with _running() as server, connect(server.uri) as client:
        await client.send(Event("open"), Event("ping"))
        await client.receive()
        assert await asyncio.to_thread(_ready, server) == 200
        server.process.send_signal(signal.SIGTERM)
        await asyncio.to_thread(_wait_until_draining, server)
        await client.send(Event("job", {"name": "last"}), Event("close"))
        assert (await client.receive_until("done"))[-1].data == {"name": "last"}
        assert await server.read_until_end() == 0


async def test_a_second_signal_ends_it_at_once() -> None:
    """Who presses Ctrl-C twice does not want to wait."""
    async with _running() as server, connect(server.uri) as client:
        await client.send(Event("job", {"name": "long", "gate": "never"}), Event("ping"))
        await client.receive()
        server.process.send_signal(signal.SIGINT)
        await asyncio.to_thread(_wait_until_draining, server)
        server.process.send_signal(signal.SIGINT)
        assert await server.read_until_end() == 1
        assert "ends at once" in server.log


async def test_an_engine_beyond_help_ends_the_process() -> None:
    """What watches the process starts a new one; three clients were told before."""
    async with _running() as server, contextlib.AsyncExitStack() as stack:
        for _ in range(3):
            client = await stack.enter_async_context(connect(server.uri))
            await client.send(Event("job", {"name": "stuck"}))
            error = await client.receive()
            assert error is not None
            assert error.data["code"] == "timeout"
        assert await server.read_until_end() == 1
        assert "only a new start can help" in server.log


async def test_open_files_are_as_many_as_it_may_have() -> None:
    """The usual 1024 are raised; a lower hard limit is kept."""
    limits = "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (256, 2048))"
    async with _running(limits) as server:
        text = Path(f"/proc/{server.process.pid}/limits").read_text("ascii")
    line = next(line for line in text.splitlines() if line.startswith("Max open files"))
    assert line.split()[3:5] == ["2048", "2048"]
