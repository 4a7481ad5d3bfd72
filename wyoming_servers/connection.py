"""One client's connection: its reader, its writer and its jobs side by side."""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable, Iterable

from wyoming.error import Error
from wyoming.event import Event
from wyoming.info import Describe
from wyoming.ping import Ping, Pong

from .protocol import (
    CancelJob,
    CancelJobs,
    Command,
    ConnectionProtocol,
    ErrorCode,
    Promote,
    RequestError,
    Send,
    StartJob,
    read_field,
)
from .scheduler import Scheduler, internal_error
from .telemetry import Telemetry
from .wire import Deadlines, WireReader, encode

_LOGGER = logging.getLogger(__name__)

# Unsent bytes above which a client gets no further job and is not read: 24 s of speech
# at 22.05 kHz, so that a player in real time never waits for the next sentence.
_UNSENT_HIGH_BYTES = 1024 * 1024

# A socket closed with unread input resets the connection, and the reset can overtake the
# error event; so what still comes in is read and thrown away for a moment.
_LINGER_S = 1.0
_LINGER_BYTES = 64 * 1024 * 1024

# A client that has just connected when the server is told to stop has its first event on its way.
_FIRST_EVENT_GRACE_S = 1.0


class Connection[JobT, ResultT]:
    """Serves one client from connect to disconnect; the scheduler's client."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        wire: WireReader,
        protocol: ConnectionProtocol[JobT, ResultT],
        scheduler: Scheduler[JobT, ResultT],
        deadlines: Deadlines,
        describe: Callable[[], Event],
        telemetry: Telemetry,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._wire = wire
        self._protocol = protocol
        self._scheduler = scheduler
        self._deadlines = deadlines
        self._describe = describe
        self._telemetry = telemetry
        self._outbox: deque[bytes] = deque()
        self._unsent_bytes = 0
        self._has_output = asyncio.Event()
        self._has_room = asyncio.Event()
        self._has_room.set()
        self._awaits_first_event = True
        self._is_closing = False
        self._is_draining = False
        self._request_ends_at_s: float | None = None
        self._reading: asyncio.Task[None] | None = None

    @property
    def is_silent(self) -> bool:
        """True while no whole event has come and the connection is open."""
        return self._awaits_first_event and not self._is_closing

    @property
    def is_ready(self) -> bool:
        """False while the client leaves too much output unread."""
        return self._has_room.is_set()

    @property
    def is_idle(self) -> bool:
        """True when no request is open, queued, running or being answered."""
        return not (
            self._protocol.is_receiving or self._scheduler.has_work(self) or self._unsent_bytes
        )

    async def serve(self) -> None:
        """Serve the client until it leaves, breaks a rule, or is told to `stop`."""
        self._reading = asyncio.create_task(self._read_events(), name="read")
        writing = asyncio.create_task(self._write_outbox(), name="write")
        try:
            await asyncio.wait((self._reading, writing), return_when=asyncio.FIRST_COMPLETED)
            self._scheduler.cancel(self)
            if not self._is_closing:  # the client left, so nobody reads what is unsent
                self._outbox.clear()
            self.stop()
            await asyncio.gather(self._reading, writing, return_exceptions=True)
            await self._linger()
        finally:
            self._reading.cancel()
            writing.cancel()
            self._scheduler.cancel(self)
            self._protocol.on_close()
            self._writer.close()

    def stop(self) -> None:
        """Take no further event; what was answered so far is still sent."""
        self._is_closing = True
        self._has_output.set()
        if self._reading is not None:
            self._reading.cancel()

    def drain(self) -> None:
        """Stop as soon as no request is open, and give one that is on its way a moment."""
        self._is_draining = True
        if self._awaits_first_event:
            loop = asyncio.get_running_loop()
            loop.call_later(_FIRST_EVENT_GRACE_S, self._stop_if_drained)
        else:
            self._stop_if_drained()

    def drop(self) -> None:
        """End the connection at once, without a word."""
        self._is_closing = True
        self._writer.transport.abort()

    def fail(self, error: RequestError) -> None:
        """Send the error as the connection's last event and close it."""
        if self._is_closing:
            return
        _LOGGER.info("A request failed: %s", error.code)
        self._telemetry.request_failed(error.code)
        self._send(Error(text=error.text, code=str(error.code)).event())
        self.stop()

    def job_yielded(self, job: JobT, result: ResultT) -> None:
        """Pass one result to the protocol."""
        self._apply(lambda: self._protocol.on_result(job, result))

    def job_done(self, job: JobT) -> None:
        """Pass the end of a job to the protocol."""
        self._apply(lambda: self._protocol.on_done(job))

    def job_failed(self, job: JobT, error: RequestError) -> None:
        """End the connection with the job's error."""
        self.fail(error)

    # Reading

    async def _read_events(self) -> None:
        try:
            while (event := await self._next_event()) is not None:
                self._apply(lambda event=event: self._answer(event))  # type: ignore[misc]
                self._watch_request()
                await self._has_room.wait()
                # A buffer full of tiny events would keep the loop from everybody else.
                await asyncio.sleep(0)
        except RequestError as error:
            self.fail(error)
        except OSError as err:
            _LOGGER.debug("Connection lost: %s", type(err).__name__)

    async def _next_event(self) -> Event | None:
        if not await self._event_begins():
            return None
        try:
            async with asyncio.timeout(self._deadlines.message_s):
                return await self._wire.finish()
        except TimeoutError as err:
            raise _late("The rest of the event", self._deadlines.message_s) from err

    async def _event_begins(self) -> bool:
        """Wait as long as the moment allows; False at the end of the stream."""
        while True:
            limit_s, what = self._patience()
            try:
                async with asyncio.timeout(limit_s):
                    return await self._wire.begin()
            except TimeoutError as err:
                if self._protocol.is_receiving or self.is_idle:
                    raise _late(what, limit_s) from err

    def _patience(self) -> tuple[float, str]:
        """Return for how long the client may be silent now, and what it owes."""
        if self._awaits_first_event:
            return self._deadlines.first_event_s, "The first event"
        if self._request_ends_at_s is None:
            return self._deadlines.idle_s, "A new request"
        left_s = max(0.0, self._request_ends_at_s - _now_s())
        if left_s < self._deadlines.stall_s:
            return left_s, "The end of the request"
        return self._deadlines.stall_s, "The next part of the request"

    def _watch_request(self) -> None:
        self._awaits_first_event = False
        if not self._protocol.is_receiving:
            self._request_ends_at_s = None
        elif self._request_ends_at_s is None:
            self._request_ends_at_s = _now_s() + self._deadlines.request_s

    # Answering

    def _answer(self, event: Event) -> Iterable[Command[JobT]]:
        if Describe.is_type(event.type):
            return (Send(self._describe()),)
        if Ping.is_type(event.type):
            return (Send(Pong(text=read_field(event, "text", str)).event()),)
        return self._protocol.on_event(event)

    def _apply(self, answer: Callable[[], Iterable[Command[JobT]]]) -> None:
        if self._is_closing:
            return
        try:
            for command in answer():
                self._execute(command)
        except RequestError as error:
            self.fail(error)
        except Exception as error:  # noqa: BLE001 - one connection is a boundary
            self.fail(internal_error("A connection", error))
        self._stop_if_drained()

    def _execute(self, command: Command[JobT]) -> None:
        match command:
            case Send(event):
                self._send(event)
            case StartJob(job, continues, urgency):
                self._scheduler.submit(self, job, continues=continues, urgency=urgency)
            case Promote(job):
                self._scheduler.promote(self, job)
            case CancelJob(job):
                self._scheduler.cancel_job(self, job)
            case CancelJobs():
                self._scheduler.cancel(self)

    # Writing

    def _send(self, event: Event) -> None:
        data = encode(event)
        self._outbox.append(data)
        self._unsent_bytes += len(data)
        if self._unsent_bytes > _UNSENT_HIGH_BYTES:
            self._has_room.clear()
        self._has_output.set()

    async def _write_outbox(self) -> None:
        # With no buffer above the kernel's, `drain` tells when the bytes have left.
        self._writer.transport.set_write_buffer_limits(high=0)
        try:
            while self._outbox or not self._is_closing:
                await self._has_output.wait()
                self._has_output.clear()
                while self._outbox:
                    await self._write(self._outbox.popleft())
        except (OSError, TimeoutError) as err:
            _LOGGER.info("A client did not take its answer: %s", type(err).__name__)
            self._outbox.clear()
            self._writer.transport.abort()

    async def _write(self, data: bytes) -> None:
        self._writer.write(data)
        async with asyncio.timeout(self._deadlines.write_s):
            await self._writer.drain()
        self._unsent_bytes -= len(data)
        if not self.is_ready and self._unsent_bytes <= _UNSENT_HIGH_BYTES:
            self._has_room.set()
            self._scheduler.resume()
        self._stop_if_drained()

    def _stop_if_drained(self) -> None:
        if self._is_draining and not self._is_closing and self.is_idle:
            self.stop()

    async def _linger(self) -> None:
        """Read and forget what still comes, until the client closes its end."""
        if self._writer.transport.is_closing():
            return
        left_bytes = _LINGER_BYTES
        with contextlib.suppress(OSError, TimeoutError):
            self._writer.write_eof()
            async with asyncio.timeout(_LINGER_S):
                while left_bytes > 0 and (data := await self._reader.read(left_bytes)):
                    left_bytes -= len(data)


def _late(what: str, limit_s: float) -> RequestError:
    return RequestError(ErrorCode.TIMEOUT, f"{what} did not come within {limit_s:g} s.")


def _now_s() -> float:
    return asyncio.get_running_loop().time()
