"""Slots and the queue in front of them: who works now, who waits, who is refused."""

import asyncio
import contextlib
import logging
import queue
import threading
import time
import traceback
from collections import deque
from dataclasses import dataclass, field
from typing import Protocol

from .protocol import ErrorCode, RequestError, Work
from .telemetry import Telemetry

_LOGGER = logging.getLogger(__name__)


class Client[JobT, ResultT](Protocol):
    """Whom a job is done for; called on the event loop, never after `Scheduler.cancel`."""

    @property
    def is_ready(self) -> bool:
        """False while results pile up unread: none of its waiting jobs is started then."""
        ...

    def job_yielded(self, job: JobT, result: ResultT) -> None:
        """Take one result of a job."""

    def job_done(self, job: JobT) -> None:
        """Take the end of a job that went well."""

    def job_failed(self, job: JobT, error: RequestError) -> None:
        """Take the end of a job that did not."""


@dataclass(slots=True, eq=False)
class _Run[JobT, ResultT]:
    """One job on its way through the queue and a slot."""

    client: Client[JobT, ResultT]
    job: JobT
    opens_request: bool
    queued_at_s: float = field(default_factory=time.monotonic)
    started_at_s: float = 0.0
    cancelled: threading.Event = field(default_factory=threading.Event)
    error: RequestError | None = None


@dataclass(slots=True, eq=False)
class _Turn[JobT, ResultT]:
    """What one client has in the scheduler."""

    waiting: deque[_Run[JobT, ResultT]] = field(default_factory=deque)
    running: _Run[JobT, ResultT] | None = None


class Scheduler[JobT, ResultT]:
    """Runs jobs on `slots` worker threads: one per client at a time, clients in turn.

    All methods belong to the event loop that called `start`.
    """

    def __init__(
        self,
        work: Work[JobT, ResultT],
        *,
        slots: int = 1,
        queue_limit: int = 16,
        telemetry: Telemetry | None = None,
    ) -> None:
        """Prepare `slots` workers, and room for `queue_limit` requests that wait for one."""
        self._work = work
        self._slots = slots
        self._queue_limit = queue_limit
        self._telemetry = telemetry or Telemetry()
        # Insertion order is the order of turns: a client that got a slot goes to the end.
        self._turns: dict[Client[JobT, ResultT], _Turn[JobT, ResultT]] = {}
        self._busy_slots = 0
        self._inbox: queue.SimpleQueue[_Run[JobT, ResultT] | None] = queue.SimpleQueue()

    @property
    def is_idle(self) -> bool:
        """True when no worker runs anything, cancelled jobs included."""
        return self._busy_slots == 0

    def start(self) -> None:
        """Start the workers; they are daemons, so a stuck engine cannot hold the process."""
        self._loop = asyncio.get_running_loop()
        for number in range(self._slots):
            threading.Thread(target=self._serve, name=f"slot-{number}", daemon=True).start()

    def stop(self) -> None:
        """Let each worker end after the job it has."""
        for client in list(self._turns):
            self.cancel(client)
        for _ in range(self._slots):
            self._inbox.put(None)

    def submit(self, client: Client[JobT, ResultT], job: JobT, *, continues: bool = False) -> None:
        """Queue a job behind the client's others.

        Raises RequestError (busy) when no slot is free and the queue is full, unless the job
        `continues` a request that was let in before.
        """
        if not continues and self._free_slots() == 0 and self._waiting() >= self._queue_limit:
            raise RequestError(
                ErrorCode.BUSY, "The server is busy with other requests; try again in a moment."
            )
        run = _Run(client, job, opens_request=not continues)
        self._turns.setdefault(client, _Turn()).waiting.append(run)
        self._telemetry.job_queued()
        self._dispatch()

    def cancel(self, client: Client[JobT, ResultT]) -> None:
        """Forget the client: drop what waits, tell what runs that nobody listens."""
        turn = self._turns.pop(client, None)
        if turn is None:
            return
        for _ in turn.waiting:
            self._telemetry.job_dropped()
        if turn.running is not None:
            turn.running.cancelled.set()

    def resume(self) -> None:
        """Look again for clients that may start a job, after one became ready."""
        self._dispatch()

    def has_work(self, client: Client[JobT, ResultT]) -> bool:
        """Tell whether a job of the client waits or runs."""
        turn = self._turns.get(client)
        return turn is not None and (turn.running is not None or bool(turn.waiting))

    def _free_slots(self) -> int:
        return self._slots - self._busy_slots

    def _waiting(self) -> int:
        return sum(run.opens_request for turn in self._turns.values() for run in turn.waiting)

    def _dispatch(self) -> None:
        while self._free_slots() and (client := self._next_client()) is not None:
            turn = self._turns.pop(client)
            self._turns[client] = turn
            run = turn.running = turn.waiting.popleft()
            run.started_at_s = time.monotonic()
            self._busy_slots += 1
            self._telemetry.job_started(run.started_at_s - run.queued_at_s)
            self._inbox.put(run)

    def _next_client(self) -> Client[JobT, ResultT] | None:
        for client, turn in self._turns.items():
            if turn.waiting and turn.running is None and client.is_ready:
                return client
        return None

    def _serve(self) -> None:
        """Run jobs until told to end; the body of a worker thread."""
        while (run := self._inbox.get()) is not None:
            try:
                self._execute(run)
            except RequestError as error:
                run.error = error
            except Exception as error:  # noqa: BLE001 - one job is a boundary
                run.error = internal_error("A job", error)
            # The loop is closed when the process ends before a job heard of it.
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._ended, run)

    def _execute(self, run: _Run[JobT, ResultT]) -> None:
        for result in self._work(run.job, run.cancelled.is_set):
            if run.cancelled.is_set():
                return
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._yielded, run, result)

    def _yielded(self, run: _Run[JobT, ResultT], result: ResultT) -> None:
        if not run.cancelled.is_set():
            run.client.job_yielded(run.job, result)

    def _ended(self, run: _Run[JobT, ResultT]) -> None:
        self._busy_slots -= 1
        outcome = "cancelled" if run.cancelled.is_set() else "failed" if run.error else "done"
        self._telemetry.job_ended(outcome, time.monotonic() - run.started_at_s)
        if outcome != "cancelled":
            self._turns[run.client].running = None
            self._forget_if_idle(run.client)
            if run.error is not None:
                run.client.job_failed(run.job, run.error)
            else:
                run.client.job_done(run.job)
        self._dispatch()

    def _forget_if_idle(self, client: Client[JobT, ResultT]) -> None:
        if not self.has_work(client):
            del self._turns[client]


def internal_error(what: str, error: Exception) -> RequestError:
    """Log where an unforeseen error arose and name it for the client.

    The message of the exception stays out of both: it may quote what a person said.
    """
    frames = "".join(traceback.format_tb(error.__traceback__))
    _LOGGER.error("%s failed with %s\n%s", what, type(error).__name__, frames)
    return RequestError(
        ErrorCode.INTERNAL, f"The server failed with {type(error).__name__}; its log says where."
    )
