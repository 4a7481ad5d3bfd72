"""The one asyncio driver of both servers: it accepts, limits, drains and stops.

server = Server(
    name="jonh-tts",                  # for error texts
    uri=settings.uri,                 # tcp://HOST:PORT or unix://PATH
    info=info,                        # wyoming Info; `server.info = ...` replaces it any time
    new_protocol=lambda: TtsProtocol(...),   # one per connection, see `protocol`
    work=one_by_one(synthesize),      # work(job, cancellation) -> results, on a worker thread
    limits=Limits(data_bytes=256 * 1024),
    deadlines=Deadlines(stall_s=120),
)
sys.exit(run_server(server))          # until SIGTERM or SIGINT, drained, 0
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Hashable
from dataclasses import dataclass
from urllib.parse import urlsplit

from wyoming.info import Info

from .connection import Connection
from .protocol import BatchWork, ConnectionProtocol, ErrorCode, RequestError
from .scheduler import Scheduler
from .telemetry import Telemetry
from .wire import Deadlines, Limits, WireReader

# So many times the allowed connections are told that they are too many; the others are not.
_MOST_REFUSALS = 2

# Connections that the system keeps for us meanwhile: past them, a good client waits for a second.
_BACKLOG = 512


class ListenError(Exception):
    """The address cannot be listened on; the message says which and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How much a server has to do at one moment."""

    connections: int
    max_connections: int
    queued: int
    """Jobs that wait for a slot."""
    running: int
    """Slots that are taken."""
    slots: int


class Server[JobT, ResultT]:
    """Listens on one address and serves each client through its own protocol object."""

    def __init__(
        self,
        *,
        name: str,
        uri: str,
        info: Callable[[], Info],
        new_protocol: Callable[[], ConnectionProtocol[JobT, ResultT]],
        work: BatchWork[JobT, ResultT],
        limits: Limits | None = None,
        deadlines: Deadlines | None = None,
        slots: int = 1,
        queue_limit: int = 16,
        batch_key: Callable[[JobT], Hashable] | None = None,
        max_batch: int = 1,
        takes_turns: bool = False,
        job_limit_s: Callable[[JobT], float] | None = None,
        max_connections: int = 64,
        telemetry: Telemetry | None = None,
    ) -> None:
        """Prepare the server; nothing is opened before `listen`."""
        self.name = name
        self.uri = uri
        self._info = info
        self._new_protocol = new_protocol
        self._limits = limits or Limits()
        self._deadlines = deadlines or Deadlines()
        self._max_connections = max_connections
        self._telemetry = telemetry or Telemetry()
        self._scheduler = Scheduler(
            work,
            slots=slots,
            queue_limit=queue_limit,
            batch_key=batch_key,
            max_batch=max_batch,
            takes_turns=takes_turns,
            job_limit_s=job_limit_s,
            telemetry=self._telemetry,
        )
        self._is_listening = False
        self._is_draining = False
        self._connections: dict[Connection[JobT, ResultT], asyncio.Task[None]] = {}

    @contextlib.asynccontextmanager
    async def listen(self) -> AsyncIterator[str]:
        """Serve while the context is open and give the real address; drain at its end.

        Raises ListenError when the address cannot be used.
        """
        try:
            listener = await self._open()
        except (OSError, ValueError) as err:
            raise ListenError(f"{self.name} cannot listen on {self.uri}: {err}") from err
        self._scheduler.start()
        self._is_listening = True
        try:
            yield self._address(listener)
        finally:
            self._is_draining = True
            await asyncio.sleep(self._deadlines.lame_duck_s)
            self._is_listening = False
            listener.close()
            await self._drain()
            self._scheduler.stop()

    async def until_stuck(self) -> None:
        """Wait until the engine is beyond help: only a new process can serve again."""
        await self._scheduler.has_given_up.wait()

    @property
    def is_listening(self) -> bool:
        """True while new clients are accepted."""
        return self._is_listening

    @property
    def is_draining(self) -> bool:
        """True once the server was told to stop."""
        return self._is_draining

    @property
    def load(self) -> Load:
        """What there is to do now."""
        return Load(
            connections=len(self._connections),
            max_connections=self._max_connections,
            queued=self._scheduler.waiting,
            running=self._scheduler.running,
            slots=self._scheduler.slots,
        )

    @property
    def is_idle(self) -> bool:
        """True when no worker thread is busy."""
        return self._scheduler.is_idle

    async def _open(self) -> asyncio.Server:
        parts = urlsplit(self.uri)
        limit = self._limits.header_bytes
        if parts.scheme == "unix":
            path = parts.netloc + parts.path
            return await asyncio.start_unix_server(
                self._accept, path, limit=limit, backlog=_BACKLOG
            )
        return await asyncio.start_server(
            self._accept, parts.hostname, parts.port, limit=limit, backlog=_BACKLOG
        )

    def _address(self, listener: asyncio.Server) -> str:
        if self.uri.startswith("unix:"):
            return self.uri
        host, port = listener.sockets[0].getsockname()[:2]
        return f"tcp://[{host}]:{port}" if ":" in host else f"tcp://{host}:{port}"

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(
            reader,
            writer,
            wire=WireReader(reader, self._limits),
            protocol=self._new_protocol(),
            scheduler=self._scheduler,
            deadlines=self._deadlines,
            describe=lambda: self._info().event(),
            telemetry=self._telemetry,
        )
        task = asyncio.current_task()
        assert task is not None
        is_full = self._is_full()
        if len(self._connections) > _MOST_REFUSALS * self._max_connections:
            # Even telling each of them that there is no room would take what others need.
            writer.transport.abort()
            return
        self._connections[connection] = task
        self._telemetry.connection_opened()
        if not self._is_listening:
            connection.drain()
        try:
            if is_full:
                connection.fail(
                    RequestError(
                        ErrorCode.BUSY,
                        f"The server has its {self._max_connections} connections; "
                        "close one or try again later.",
                    )
                )
            await connection.serve()
        finally:
            del self._connections[connection]
            self._telemetry.connection_closed()

    def _is_full(self) -> bool:
        """Tell whether there is no room for one more client, once it was made if it can be."""
        if len(self._connections) < self._max_connections:
            return False
        # Somebody who connects and says nothing must not keep out those who do.
        silent = next((each for each in self._connections if each.is_silent), None)
        if silent is None:
            return True
        silent.drop()
        return False

    async def _drain(self) -> None:
        """Let running requests end within the deadline, then close what is left."""
        for connection in self._connections:
            connection.drain()
        tasks = list(self._connections.values())
        if not tasks:
            return
        await asyncio.wait(tasks, timeout=self._deadlines.drain_s)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
