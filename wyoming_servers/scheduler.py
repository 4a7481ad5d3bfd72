"""Slots and the queue in front of them: who works now, who waits, who is refused."""

import asyncio
import contextlib
import logging
import queue
import threading
import time
import traceback
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from .cancellation import Cancellation
from .protocol import BatchWork, ErrorCode, RequestError, Urgency, Work
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
    urgency: Urgency
    opens_request: bool
    queued_at_s: float = field(default_factory=time.monotonic)
    started_at_s: float = 0.0
    cancellation: Cancellation = field(default_factory=Cancellation)
    results: Iterator[tuple[int, ResultT | RequestError]] | None = None
    """What is still to come of a job that has begun."""
    has_ended: bool = False


@dataclass(slots=True, eq=False)
class _Turn[JobT, ResultT]:
    """What one client has in the scheduler."""

    waiting: list[_Run[JobT, ResultT]] = field(default_factory=list)
    running: _Run[JobT, ResultT] | None = None

    @property
    def next(self) -> _Run[JobT, ResultT]:
        """The most urgent job that waits, of equally urgent ones the oldest."""
        return min(self.waiting, key=lambda run: run.urgency)


class Scheduler[JobT, ResultT]:
    """Runs jobs on `slots` worker threads: one per client at a time, clients in turn.

    The most urgent jobs go first, whoever they belong to. Waiting jobs of several clients that
    are equally urgent and have the same key share a slot, if the work gains from it; or else a
    job gives its slot to others after each result, if the work gives them one by one.
    All methods belong to the event loop that called `start`.
    """

    def __init__(
        self,
        work: BatchWork[JobT, ResultT],
        *,
        slots: int = 1,
        queue_limit: int = 16,
        batch_key: Callable[[JobT], Hashable] | None = None,
        max_batch: int = 1,
        takes_turns: bool = False,
        telemetry: Telemetry | None = None,
    ) -> None:
        """Prepare `slots` workers, and room for `queue_limit` requests that wait for one.

        Up to `max_batch` jobs whose `batch_key` is equal and not None are done together.
        With `takes_turns` a job waits after each result while jobs of other clients do.
        """
        self._work = work
        self._slots = slots
        self._queue_limit = queue_limit
        self._batch_key = batch_key
        self._max_batch = max_batch if batch_key is not None else 1
        self._takes_turns = takes_turns
        # Read by the workers, written on the loop.
        self._others_wait = False
        self._telemetry = telemetry or Telemetry()
        # Insertion order is the order of turns: a client that got a slot goes to the end.
        self._turns: dict[Client[JobT, ResultT], _Turn[JobT, ResultT]] = {}
        self._busy_slots = 0
        self._inbox: queue.SimpleQueue[list[_Run[JobT, ResultT]] | None] = queue.SimpleQueue()

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

    def submit(
        self,
        client: Client[JobT, ResultT],
        job: JobT,
        *,
        continues: bool = False,
        urgency: Urgency = Urgency.FINAL,
    ) -> None:
        """Queue a job behind the client's equally urgent ones.

        Raises RequestError (busy) for a final job when no slot is free and the queue is full,
        unless the job `continues` a request that was let in before.
        """
        if urgency is Urgency.FINAL and not continues:
            self._refuse_if_full()
        run = _Run(client, job, urgency, opens_request=not continues)
        self._turns.setdefault(client, _Turn()).waiting.append(run)
        self._telemetry.job_queued()
        self._dispatch()

    def promote(self, client: Client[JobT, ResultT], job: JobT) -> None:
        """Make a job as urgent as a final one; nothing happens when it runs or has ended.

        Raises RequestError (busy) as `submit` does.
        """
        turn = self._turns.get(client)
        for run in turn.waiting if turn else ():
            if run.job is job and run.urgency is not Urgency.FINAL:
                self._refuse_if_full()
                run.urgency = Urgency.FINAL
                self._dispatch()

    def cancel_job(self, client: Client[JobT, ResultT], job: JobT) -> None:
        """Drop one job of a client, or its results if it runs; others of it go on."""
        turn = self._turns.get(client)
        if turn is None:
            return
        for run in [run for run in turn.waiting if run.job is job]:
            turn.waiting.remove(run)
            self._drop(run)
        if turn.running is not None and turn.running.job is job:
            turn.running.cancellation.cancel()
            turn.running = None
        self._forget_if_idle(client)
        self._dispatch()

    def cancel(self, client: Client[JobT, ResultT]) -> None:
        """Forget the client: drop what waits, tell what runs that nobody listens."""
        turn = self._turns.pop(client, None)
        if turn is None:
            return
        for run in turn.waiting:
            self._drop(run)
        if turn.running is not None:
            turn.running.cancellation.cancel()

    def resume(self) -> None:
        """Look again for clients that may start a job, after one became ready."""
        self._dispatch()

    def has_work(self, client: Client[JobT, ResultT]) -> bool:
        """Tell whether a job of the client waits or runs."""
        turn = self._turns.get(client)
        return turn is not None and (turn.running is not None or bool(turn.waiting))

    def _refuse_if_full(self) -> None:
        waiting = sum(
            run.opens_request and run.urgency is Urgency.FINAL and run.results is None
            for turn in self._turns.values()
            for run in turn.waiting
        )
        if self._busy_slots == self._slots and waiting >= self._queue_limit:
            raise RequestError(
                ErrorCode.BUSY, "The server is busy with other requests; try again in a moment."
            )

    def _dispatch(self) -> None:
        while self._busy_slots < self._slots and (batch := self._next_batch()):
            self._busy_slots += 1
            for run in batch:
                turn = self._turns.pop(run.client)
                self._turns[run.client] = turn
                turn.waiting.remove(run)
                turn.running = run
                if run.results is None:
                    run.started_at_s = time.monotonic()
                    self._telemetry.job_started(run.started_at_s - run.queued_at_s)
            self._inbox.put(batch)
        self._others_wait = bool(self._next_batch())

    def _next_batch(self) -> list[_Run[JobT, ResultT]]:
        """Choose the most urgent job, of equally urgent ones by turn, and what goes with it."""
        runs = [
            turn.next
            for client, turn in self._turns.items()
            if turn.waiting and turn.running is None and client.is_ready
        ]
        if not runs:
            return []
        first = min(runs, key=lambda run: run.urgency)
        if self._batch_key is None or (key := self._batch_key(first.job)) is None:
            return [first]
        alike = [
            run
            for run in runs
            if run is not first and run.urgency is first.urgency and self._batch_key(run.job) == key
        ]
        return [first, *alike[: self._max_batch - 1]]

    def _serve(self) -> None:
        """Run jobs until told to end; the body of a worker thread."""
        while (batch := self._inbox.get()) is not None:
            error = None
            try:
                if not self._execute(batch):
                    self._tell(self._paused, batch[0])
                    continue
            except RequestError as refused:
                error = refused
            except Exception as unforeseen:  # noqa: BLE001 - one job is a boundary
                error = internal_error("A job", unforeseen)
            self._tell(self._ended, batch, error)

    def _execute(self, batch: list[_Run[JobT, ResultT]]) -> bool:
        """Run a batch; False for a job that is not at its end because others wait."""
        results = batch[0].results
        if results is None:
            results = iter(self._work([(run.job, run.cancellation) for run in batch]))
        for index, result in results:
            if all(run.cancellation() for run in batch):
                return True
            if isinstance(result, RequestError):
                self._tell(self._end, batch[index], result)
            else:
                self._tell(self._yielded, batch[index], result)
            if self._takes_turns and self._others_wait:
                batch[0].results = results
                return False
        return True

    def _tell[*Args](self, callback: Callable[[*Args], None], *args: *Args) -> None:
        # The loop is closed when the process ends before a job heard of it.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(callback, *args)

    def _yielded(self, run: _Run[JobT, ResultT], result: ResultT) -> None:
        if not run.cancellation() and not run.has_ended:
            run.client.job_yielded(run.job, result)

    def _paused(self, run: _Run[JobT, ResultT]) -> None:
        """Put a job that has begun at the end of the turns, before what its client has waiting."""
        self._busy_slots -= 1
        if run.cancellation():
            self._drop(run)
        else:
            turn = self._turns.pop(run.client)
            turn.running = None
            turn.waiting.insert(0, run)
            self._turns[run.client] = turn
        self._dispatch()

    def _drop(self, run: _Run[JobT, ResultT]) -> None:
        """Forget a job that is in no slot."""
        run.cancellation.cancel()
        if run.results is None:
            self._telemetry.job_dropped()
        else:
            self._end(run, None)

    def _ended(self, batch: list[_Run[JobT, ResultT]], error: RequestError | None) -> None:
        self._busy_slots -= 1
        for run in batch:
            self._end(run, error)
        self._dispatch()

    def _end(self, run: _Run[JobT, ResultT], error: RequestError | None) -> None:
        """Tell the client, unless it was told or does not listen any more."""
        if run.has_ended:
            return
        run.has_ended = True
        run.results = None
        outcome = "cancelled" if run.cancellation() else "failed" if error else "done"
        self._telemetry.job_ended(outcome, time.monotonic() - run.started_at_s)
        if outcome == "cancelled":
            return
        self._turns[run.client].running = None
        self._forget_if_idle(run.client)
        if error is not None:
            run.client.job_failed(run.job, error)
        else:
            run.client.job_done(run.job)

    def _forget_if_idle(self, client: Client[JobT, ResultT]) -> None:
        if not self.has_work(client):
            self._turns.pop(client, None)


def one_by_one[JobT, ResultT](work: Work[JobT, ResultT]) -> BatchWork[JobT, ResultT]:
    """Make work on single jobs fit for a scheduler."""

    def on_batch(
        batch: Sequence[tuple[JobT, Cancellation]],
    ) -> Iterator[tuple[int, ResultT | RequestError]]:
        for index, (job, cancellation) in enumerate(batch):
            for result in work(job, cancellation):
                yield index, result

    return on_batch


def internal_error(what: str, error: Exception) -> RequestError:
    """Log where an unforeseen error arose and name it for the client.

    The message of the exception stays out of both: it may quote what a person said.
    """
    frames = "".join(traceback.format_tb(error.__traceback__))
    _LOGGER.error("%s failed with %s\n%s", what, type(error).__name__, frames)
    return RequestError(
        ErrorCode.INTERNAL, f"The server failed with {type(error).__name__}; its log says where."
    )
