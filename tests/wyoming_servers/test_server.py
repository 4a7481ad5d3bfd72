"""The driver with a scripted protocol and worker, over real sockets."""

import asyncio
import contextlib
import logging
import socket
import struct
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any, override
from urllib.parse import urlsplit

import pytest
from wyoming.error import Error
from wyoming.event import Event
from wyoming.info import Describe
from wyoming.ping import Ping

from tests.fakes.wyoming_client import WyomingClient, connect
from tests.wyoming_servers.scripted import INFO, SECRET, Script, ScriptedProtocol, ScriptedWorker
from wyoming_servers.protocol import ErrorCode
from wyoming_servers.scheduler import one_by_one
from wyoming_servers.server import ListenError, Server
from wyoming_servers.telemetry import Telemetry
from wyoming_servers.wire import Deadlines, Limits

_PATIENT = Deadlines()
# Deadlines that pass in a test; the ones not under test stay long.
_SHORT_S = 0.2


class _Marks(Telemetry):
    def __init__(self) -> None:
        self.codes: list[ErrorCode] = []
        self.connections = 0
        self.closed = asyncio.Event()

    @override
    def request_failed(self, code: ErrorCode) -> None:
        self.codes.append(code)

    @override
    def connection_opened(self) -> None:
        self.connections += 1

    @override
    def connection_closed(self) -> None:
        self.connections -= 1
        self.closed.set()

    async def wait_for_connections(self, number: int) -> None:
        async with asyncio.timeout(30):
            while self.connections != number:
                self.closed.clear()
                await self.closed.wait()


@pytest.fixture
def worker() -> ScriptedWorker:
    """Return a worker whose jobs wait for gates."""
    return ScriptedWorker()


@contextlib.asynccontextmanager
async def _serving(worker: ScriptedWorker, **options: Any) -> AsyncIterator[str]:
    settings: dict[str, Any] = {"deadlines": _PATIENT, "uri": "tcp://127.0.0.1:0"} | options
    server: Server[Script, bytes] = Server(
        name="scripted",
        info=lambda: INFO,
        new_protocol=ScriptedProtocol,
        work=one_by_one(worker.work),
        **settings,
    )
    async with server.listen() as uri:
        yield uri
        for gate in worker.gates.values():
            gate.set()


def _job(name: str, **data: Any) -> Event:
    return Event("job", {"name": name} | data)


async def _code(client: WyomingClient) -> str | None:
    event = await client.receive()
    assert event is not None
    assert Error.is_type(event.type), event
    assert await client.receive() is None
    return Error.from_event(event).code


async def _seen(worker: ScriptedWorker, names: list[str], where: list[str]) -> bool:
    return await asyncio.to_thread(worker.wait_for, names, where)


async def test_describe_and_ping_are_answered_while_a_job_runs(worker: ScriptedWorker) -> None:
    """Reading and answering never wait for work."""
    async with _serving(worker) as uri, connect(uri) as client:
        await client.send(_job("a", gate="a"))
        assert (await client.describe()).tts[0].name == "scripted"
        await client.send(Ping(text="hello"))
        pong = await client.receive()
        assert pong == Event("pong", {"text": "hello"})
        worker.gate("a").set()
        assert [event.type for event in await client.receive_until("done")] == ["result", "done"]


async def test_unix_socket(worker: ScriptedWorker, tmp_path: Path) -> None:
    """The same protocol is spoken on a Unix socket."""
    async with (
        _serving(worker, uri=f"unix://{tmp_path}/s.sock") as uri,
        connect(uri) as client,
    ):
        assert (await client.describe()).tts


async def test_jobs_of_one_connection_run_in_order(worker: ScriptedWorker) -> None:
    """Results come job by job even when several slots are free."""
    async with _serving(worker, slots=3) as uri, connect(uri) as client:
        await client.send(_job("a", gate="a", results=2), _job("b"), _job("c"))
        await client.send(Event("open"))
        assert await _seen(worker, ["a"], worker.started)
        assert worker.started == ["a"]
        worker.gate("a").set()
        names = [(await client.receive_until("done"))[-1].data["name"] for _ in range(3)]
        assert names == ["a", "b", "c"]


async def test_disconnect_cancels_running_and_queued_jobs(worker: ScriptedWorker) -> None:
    """Nothing is done for a client that left."""
    async with _serving(worker) as uri:
        async with connect(uri) as client:
            await client.send(_job("running", gate="never"), _job("queued"))
            assert await _seen(worker, ["running"], worker.started)
        assert await _seen(worker, ["running"], worker.cancelled)
        async with connect(uri) as other:
            await other.send(_job("next"))
            await other.receive_until("done")
        assert worker.started == ["running", "next"]


async def test_cancel_command_keeps_the_connection(worker: ScriptedWorker) -> None:
    """A protocol can drop its jobs and go on."""
    async with _serving(worker) as uri, connect(uri) as client:
        await client.send(_job("a", gate="never"), _job("b"), Event("cancel"), _job("c"))
        events = await client.receive_until("done")
        assert [event.data["name"] for event in events] == ["c", "c"]


async def test_full_queue_is_busy_at_once(worker: ScriptedWorker) -> None:
    """With slots and queue taken the next request is refused; a continued one is not."""
    async with (
        _serving(worker, queue_limit=1) as uri,
        connect(uri) as first,
        connect(uri) as second,
        connect(uri) as third,
    ):
        await first.send(_job("a", gate="a"))
        assert await _seen(worker, ["a"], worker.started)
        await second.send(_job("b"), Ping(), _job("b2", continues=True))
        await second.receive()
        await third.send(_job("c"))
        assert await _code(third) == "busy"
        worker.gate("a").set()
        assert await first.receive_until("done")
        names = [(await second.receive_until("done"))[-1].data["name"] for _ in range(2)]
        assert names == ["b", "b2"]


async def test_clients_take_turns(worker: ScriptedWorker) -> None:
    """A client with many jobs does not keep another one waiting for all of them."""
    async with _serving(worker) as uri, connect(uri) as many, connect(uri) as one:
        await many.send(*[_job(f"m{number}", gate="m") for number in range(4)], Ping())
        await many.receive()
        await one.send(_job("o"), Ping())
        await one.receive()
        worker.gate("m").set()
        await one.receive_until("done")
        for _ in range(4):
            await many.receive_until("done")
        assert worker.started == ["m0", "m1", "o", "m2", "m3"] or worker.started == [
            "m0",
            "o",
            "m1",
            "m2",
            "m3",
        ]


async def test_connection_limit(worker: ScriptedWorker) -> None:
    """One client too many is told so, and a place that becomes free is given again."""
    telemetry = _Marks()
    async with _serving(worker, max_connections=1, telemetry=telemetry) as uri:
        async with connect(uri) as client:
            await client.describe()
            async with connect(uri) as refused:
                assert await _code(refused) == "busy"
            await client.describe()
        assert telemetry.codes == [ErrorCode.BUSY]
        await telemetry.wait_for_connections(0)
        async with connect(uri) as client:
            await client.describe()


@pytest.mark.parametrize(
    ("events", "code"),
    [
        ([Event("refuse")], "unknown-voice"),
        ([Event("break")], "internal"),
        ([_job("a", error="request")], "model-missing"),
        ([_job("a", error="crash")], "internal"),
    ],
    ids=["protocol", "protocol-bug", "work", "work-bug"],
)
async def test_errors_end_the_connection_with_a_code(
    worker: ScriptedWorker, events: list[Event], code: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Every failure is an error event; what an exception says stays out of event and log."""
    async with _serving(worker) as uri, connect(uri) as client, connect(uri) as other:
        with caplog.at_level(logging.DEBUG):
            await client.send(*events)
            received = await client.receive_until("error")
        assert Error.from_event(received[-1]).code == code
        assert SECRET not in str(received[-1].data)
        assert SECRET not in caplog.text
        assert await client.receive() is None
        assert (await other.describe()).tts


async def test_an_error_reaches_a_client_that_is_still_sending(worker: ScriptedWorker) -> None:
    """What comes after the error does not turn it into a reset connection."""
    async with _serving(worker) as uri, connect(uri) as client:
        await client.send_raw(b'{"type": "x", "payload_length": 1000000}\n')
        for _ in range(5):
            await asyncio.sleep(0.02)
            await client.send_raw(b"x" * 50_000)
        assert await _code(client) == "too-large"


@pytest.mark.parametrize(
    ("deadline", "sent"),
    [
        ("first_event_s", b""),
        ("message_s", b'{"type": "x", "payload_length": 10}\nabc'),
        ("message_s", b'{"type"'),
        ("stall_s", b'{"type": "open"}\n'),
        ("request_s", b'{"type": "open"}\n'),
        ("idle_s", b'{"type": "open"}\n{"type": "close"}\n'),
    ],
    ids=["first", "payload", "header", "stall", "request", "idle"],
)
async def test_each_silence_has_its_deadline(
    worker: ScriptedWorker, deadline: str, sent: bytes
) -> None:
    """A client that goes silent is told what was missing, and closed."""
    deadlines = replace(_PATIENT, **{deadline: _SHORT_S})
    async with _serving(worker, deadlines=deadlines) as uri, connect(uri) as client:
        await client.send_raw(sent)
        assert await _code(client) == "timeout"


async def test_a_request_that_drips_is_ended(worker: ScriptedWorker) -> None:
    """Steady events do not keep a request open for ever."""
    deadlines = replace(_PATIENT, request_s=_SHORT_S)
    async with _serving(worker, deadlines=deadlines) as uri, connect(uri) as client:
        await client.send(Event("open"))

        async def drip() -> None:
            with contextlib.suppress(ConnectionError):
                while True:
                    await client.send(Event("anything"))
                    await asyncio.sleep(_SHORT_S / 10)

        dripping = asyncio.create_task(drip())
        assert await _code(client) == "timeout"
        dripping.cancel()


async def test_a_waiting_client_is_not_idle(worker: ScriptedWorker) -> None:
    """The idle deadline does not run while the server owes an answer."""
    deadlines = replace(_PATIENT, idle_s=_SHORT_S)
    async with _serving(worker, deadlines=deadlines) as uri, connect(uri) as client:
        await client.send(_job("a", gate="a"))
        await asyncio.sleep(3 * _SHORT_S)
        worker.gate("a").set()
        assert [event.type for event in await client.receive_until("done")] == ["result", "done"]


async def _connect_deaf(uri: str) -> socket.socket:
    """Connect a client with small buffers that reads nothing."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.setblocking(False)  # noqa: FBT003 - the only way to say it
    host, port = uri.removeprefix("tcp://").split(":")
    await asyncio.get_running_loop().sock_connect(sock, (host, int(port)))
    return sock


_FLOOD = b'{"type": "job", "data": {"name": "%d", "results": 40, "payload_bytes": 250000}}\n'


async def test_a_client_that_never_reads_is_closed(worker: ScriptedWorker) -> None:
    """Unread output holds back the client's own jobs only, and has a deadline."""
    deadlines = replace(_PATIENT, write_s=1.0)
    telemetry = _Marks()
    async with _serving(worker, deadlines=deadlines, telemetry=telemetry, queue_limit=99) as uri:
        deaf = await _connect_deaf(uri)
        flood = b"".join(_FLOOD % number for number in range(20))
        await asyncio.get_running_loop().sock_sendall(deaf, flood)
        assert await _seen(worker, ["0"], worker.started)
        async with connect(uri) as client:
            await client.send(_job("other"))
            assert await client.receive_until("done")
            await telemetry.wait_for_connections(1)  # the deaf one is closed
            assert (await client.describe()).tts
        deaf.close()
    # 10 MB a job: more than the kernel's buffers and what a client may leave unread.
    assert worker.started == ["0", "other"]
    assert telemetry.codes == []


async def test_a_slow_reader_gets_everything(worker: ScriptedWorker) -> None:
    """A reader slower than the worker loses nothing."""
    async with _serving(worker) as uri, connect(uri) as client:
        for number in range(4):
            await client.send(_job(str(number), results=4, payload_bytes=200_000))
        names = []
        for _ in range(4):
            await asyncio.sleep(0.05)
            events = await client.receive_until("done")
            assert sum(len(event.payload or b"") for event in events) == 800_000
            names.append(events[-1].data["name"])
        assert names == ["0", "1", "2", "3"]


async def test_a_reset_connection_is_quiet(
    worker: ScriptedWorker, caplog: pytest.LogCaptureFixture
) -> None:
    """A client that resets disturbs nobody and leaves no traceback."""
    async with _serving(worker) as uri:
        for _ in range(5):
            reader, writer = await asyncio.open_connection(*_host_port(uri))
            del reader
            writer.write(b'{"type": "job", "data": {"name": "r", "gate": "never"}}\n{"ty')
            await writer.drain()
            linger = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            writer.transport.abort()
        async with connect(uri) as client:
            await client.send(_job("after"))
            assert await client.receive_until("done")
    assert "Traceback" not in caplog.text


def _host_port(uri: str) -> tuple[str, int]:
    host, _, port = uri.removeprefix("tcp://").rpartition(":")
    return host, int(port)


async def test_drain_finishes_running_requests(worker: ScriptedWorker) -> None:
    """The end closes idle clients at once and lets a running request finish."""
    async with contextlib.AsyncExitStack() as clients:
        async with _serving(worker) as uri:
            idle = await clients.enter_async_context(connect(uri))
            busy = await clients.enter_async_context(connect(uri))
            await idle.describe()
            await busy.send(_job("a", gate="a"))
            assert await _seen(worker, ["a"], worker.started)
            # Leaving the context opens the gate and drains.
        assert [event.type for event in await busy.receive_until("done")] == ["result", "done"]
        assert await busy.receive() is None
        assert await idle.receive() is None


async def test_drain_has_an_end(worker: ScriptedWorker) -> None:
    """What does not finish within the deadline is cancelled."""
    deadlines = replace(_PATIENT, drain_s=_SHORT_S)
    server: Server[Script, bytes] = Server(
        name="scripted",
        uri="tcp://127.0.0.1:0",
        info=lambda: INFO,
        new_protocol=ScriptedProtocol,
        work=one_by_one(worker.work),
        deadlines=deadlines,
    )
    async with contextlib.AsyncExitStack() as clients:
        async with server.listen() as uri:
            assert server.is_listening
            client = await clients.enter_async_context(connect(uri))
            await client.send(_job("a", gate="never"))
            assert await _seen(worker, ["a"], worker.started)
        assert not server.is_listening
        assert await client.receive() is None
    assert await _seen(worker, ["a"], worker.cancelled)


@pytest.mark.parametrize(
    "uri",
    ["tcp://192.0.2.1:10300", "unix:///nonexistent/folder/s.sock", "unix:///" + "x" * 200],
    ids=["foreign-host", "no-folder", "too-long"],
)
async def test_an_unusable_address_is_named(worker: ScriptedWorker, uri: str) -> None:
    """The error says which address, so that a person can change it."""
    with pytest.raises(ListenError, match="scripted cannot listen on"):
        async with _serving(worker, uri=uri):
            pass


async def test_limits_are_the_servers_own(worker: ScriptedWorker) -> None:
    """A server can grant more data than another."""
    text = "x" * 100_000
    async with (
        _serving(worker, limits=Limits(data_bytes=256 * 1024)) as uri,
        connect(uri) as client,
    ):
        await client.send(Event("anything", {"text": text}), Describe())
        event = await client.receive()
        assert event is not None
        assert event.type == "info"


async def test_who_says_nothing_makes_room(worker: ScriptedWorker) -> None:
    """When all places are taken, the oldest client that never spoke loses its own."""
    async with (
        _serving(worker, max_connections=2) as uri,
        connect(uri) as spoken,
        connect(uri) as silent,
    ):
        await spoken.describe()
        async with connect(uri) as third:
            assert (await third.describe()).tts
            assert await silent.receive() is None
            assert (await spoken.describe()).tts


async def test_a_flood_of_connections_keeps_nobody_out(worker: ScriptedWorker) -> None:
    """Somebody who asks is served while hundreds connect and say nothing."""
    telemetry = _Marks()
    async with _serving(worker, max_connections=8, telemetry=telemetry) as uri:
        address = urlsplit(uri).hostname, urlsplit(uri).port
        with contextlib.ExitStack() as stack:
            for _ in range(300):
                connection = await asyncio.to_thread(socket.create_connection, address)
                stack.enter_context(connection)
            async with connect(uri) as client:
                assert (await client.describe()).tts
            assert telemetry.connections <= 16
        await telemetry.wait_for_connections(0)


async def test_a_lame_duck_still_serves(worker: ScriptedWorker) -> None:
    """Told to stop, it takes new clients until a load balancer had the time to turn elsewhere."""
    server: Server[Script, bytes] = Server(
        name="scripted",
        uri="tcp://127.0.0.1:0",
        info=lambda: INFO,
        new_protocol=ScriptedProtocol,
        work=one_by_one(worker.work),
        deadlines=replace(_PATIENT, lame_duck_s=0.5),
    )
    told, uris = asyncio.Event(), asyncio.Queue[str]()

    async def run() -> None:
        async with server.listen() as uri:
            uris.put_nowait(uri)
            await told.wait()

    running = asyncio.create_task(run())
    uri = await uris.get()
    told.set()
    await asyncio.sleep(0.1)
    assert server.is_draining
    async with connect(uri) as client:
        await client.send(_job("late"))
        assert (await client.receive_until("done"))[-1].data == {"name": "late"}
    await running
    with pytest.raises(OSError, match=r"refused|Connect call failed"):
        await asyncio.open_connection(urlsplit(uri).hostname, urlsplit(uri).port)


async def test_drain_waits_for_a_first_event_on_its_way(worker: ScriptedWorker) -> None:
    """Who has just connected is served, although the server stops meanwhile."""
    async with contextlib.AsyncExitStack() as stack:
        serving = await stack.enter_async_context(contextlib.AsyncExitStack())
        uri = await serving.enter_async_context(_serving(worker))
        client = await stack.enter_async_context(connect(uri))
        await asyncio.sleep(0.05)  # the server has accepted it
        stopping = asyncio.create_task(serving.aclose())
        await asyncio.sleep(0.05)
        await client.send(_job("just in time"))
        assert (await client.receive_until("done"))[-1].data == {"name": "just in time"}
        assert await client.receive() is None
        await stopping
