"""What the scheduler knows of jobs: whom they are for, what is queued, what shares a slot."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from .cancellation import Cancellation
from .protocol import RequestError, Urgency


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
class Run[JobT, ResultT]:
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
    """Its client knows the end."""


@dataclass(slots=True, eq=False)
class Batch[JobT, ResultT]:
    """Jobs that share a slot, and the moment at which their worker is given up."""

    runs: list[Run[JobT, ResultT]]
    limit: asyncio.TimerHandle | None = None
    is_given_up: bool = False


@dataclass(slots=True, eq=False)
class Turn[JobT, ResultT]:
    """What one client has in the scheduler."""

    waiting: list[Run[JobT, ResultT]] = field(default_factory=list)
    running: Run[JobT, ResultT] | None = None

    @property
    def next(self) -> Run[JobT, ResultT]:
        """The most urgent job that waits, of equally urgent ones the oldest."""
        return min(self.waiting, key=lambda run: run.urgency)
