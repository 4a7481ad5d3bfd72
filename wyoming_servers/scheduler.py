"""Slots and the queue in front of them: who works now, who waits, who is refused."""

import asyncio
import contextlib
import logging
import queue
import threading
import time
import traceback
from collections.abc import Callable, Hashable, Iterator, Sequence

from .cancellation import Cancellation
from .jobs import Batch, Client, Run, Turn
from .protocol import BatchWork, ErrorCode, RequestError, Urgency, Work
from .telemetry import Telemetry

_LOGGER = logging.getLogger(__name__)

# An engine that does not come back is replaced by another worker so often; each may hold a core
# and its memory for ever.
_MAX_STUCK = 2


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
        job_limit_s: Callable[[JobT], float] | None = None,
        telemetry: Telemetry | None = None,
    ) -> None:
        """Prepare `slots` workers, and room for `queue_limit` requests that wait for one.

        Up to `max_batch` jobs whose `batch_key` is equal and not None are done together.
        With `takes_turns` a job waits after each result while jobs of other clients do.
        A worker that shows no sign of life for a job's `job_limit_s` is replaced.
        """
        self._work = work
        self._slots = slots
        self._queue_limit = queue_limit
        self._batch_key = batch_key
        self._max_batch = max_batch if batch_key is not None else 1
        self._takes_turns = takes_turns
        self._job_limit_s = job_limit_s
        self._stuck = 0
        self.has_given_up = asyncio.Event()
        """Set when even replaced workers do not come back: only a new process can help."""
        # Read by the workers, written on the loop.
        self._others_wait = False
        self._telemetry = telemetry or Telemetry()
        # Insertion order is the order of turns: a client that got a slot goes to the end.
        self._turns: dict[Client[JobT, ResultT], Turn[JobT, ResultT]] = {}
        self._busy_slots = 0
        self._inbox: queue.SimpleQueue[Batch[JobT, ResultT] | None] = queue.SimpleQueue()

    @property
    def slots(self) -> int:
        """How many jobs run at the same time."""
        return self._slots

    @property
    def running(self) -> int:
        """How many slots are taken."""
        return self._busy_slots

    @property
    def waiting(self) -> int:
        """How many jobs wait for a slot."""
        return sum(len(turn.waiting) for turn in self._turns.values())

    @property
    def is_idle(self) -> bool:
        """True when no worker runs anything, cancelled jobs included."""
        return self._busy_slots == 0 and self._stuck == 0

    def start(self) -> None:
        """Start the workers; they are daemons, so a stuck engine cannot hold the process."""
        self._loop = asyncio.get_running_loop()
        for _ in range(self._slots):
            self._start_worker()

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
        run = Run(client, job, urgency, opens_request=not continues)
        self._turns.setdefault(client, Turn()).waiting.append(run)
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
            begun = Batch(batch)
            self._watch(begun)
            self._inbox.put(begun)
        self._others_wait = bool(self._next_batch())

    def _next_batch(self) -> list[Run[JobT, ResultT]]:
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

    def _watch(self, batch: Batch[JobT, ResultT]) -> None:
        """Give the worker of a batch its time, anew after each sign of life."""
        if batch.limit is not None:
            batch.limit.cancel()
        if self._job_limit_s is not None and not batch.is_given_up:
            limit_s = max(self._job_limit_s(run.job) for run in batch.runs)
            batch.limit = self._loop.call_later(limit_s, self._give_up, batch)

    def _give_up(self, batch: Batch[JobT, ResultT]) -> None:
        """Tell the clients of a worker that does not come back, and put another in its place."""
        _LOGGER.error("The engine does not come back; %d jobs are given up", len(batch.runs))
        batch.is_given_up = True
        self._stuck += 1
        late = RequestError(ErrorCode.TIMEOUT, "The engine took too long; please try again.")
        for run in batch.runs:
            self._end(run, late)
            run.cancellation.cancel()
        if self._stuck > _MAX_STUCK:
            self.has_given_up.set()
            return
        self._start_worker()
        self._busy_slots -= 1
        self._dispatch()

    def _start_worker(self) -> None:
        threading.Thread(target=self._serve, name="slot", daemon=True).start()

    def _leave(self, batch: Batch[JobT, ResultT]) -> bool:
        """Free the slot of a batch; False for one whose slot another worker has by now."""
        if batch.limit is not None:
            batch.limit.cancel()
        if batch.is_given_up:
            # It came back after all: there is a worker too many.
            self._stuck -= 1
            self._inbox.put(None)
            return False
        self._busy_slots -= 1
        return True

    def _serve(self) -> None:
        """Run jobs until told to end; the body of a worker thread."""
        while (batch := self._inbox.get()) is not None:
            error = None
            try:
                if not self._execute(batch):
                    self._tell(self._paused, batch)
                    continue
            except RequestError as refused:
                error = refused
            except Exception as unforeseen:  # noqa: BLE001 - one job is a boundary
                error = internal_error("A job", unforeseen)
            self._tell(self._ended, batch, error)

    def _execute(self, batch: Batch[JobT, ResultT]) -> bool:
        """Run a batch; False for a job that is not at its end because others wait."""
        runs = batch.runs
        results = runs[0].results
        if results is None:
            results = iter(self._work([(run.job, run.cancellation) for run in runs]))
        for index, result in results:
            if all(run.cancellation() for run in runs):
                return True
            if isinstance(result, RequestError):
                self._tell(self._end, runs[index], result)
            else:
                self._tell(self._yielded, batch, runs[index], result)
            if self._takes_turns and self._others_wait:
                runs[0].results = results
                return False
        return True

    def _tell[*Args](self, callback: Callable[[*Args], None], *args: *Args) -> None:
        # The loop is closed when the process ends before a job heard of it.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(callback, *args)

    def _yielded(
        self, batch: Batch[JobT, ResultT], run: Run[JobT, ResultT], result: ResultT
    ) -> None:
        self._watch(batch)
        if not run.cancellation() and not run.has_ended:
            run.client.job_yielded(run.job, result)

    def _paused(self, batch: Batch[JobT, ResultT]) -> None:
        """Put a job that has begun at the end of the turns, before what its client has waiting."""
        if not self._leave(batch):
            return
        run = batch.runs[0]
        if run.cancellation():
            self._drop(run)
        else:
            turn = self._turns.pop(run.client)
            turn.running = None
            turn.waiting.insert(0, run)
            self._turns[run.client] = turn
        self._dispatch()

    def _drop(self, run: Run[JobT, ResultT]) -> None:
        """Forget a job that is in no slot."""
        run.cancellation.cancel()
        if run.results is None:
            self._telemetry.job_dropped()
        else:
            self._end(run, None)

    def _ended(self, batch: Batch[JobT, ResultT], error: RequestError | None) -> None:
        if not self._leave(batch):
            return
        for run in batch.runs:
            self._end(run, error)
        self._dispatch()

    def _end(self, run: Run[JobT, ResultT], error: RequestError | None) -> None:
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
