"""The contract between a pure protocol, its worker and the driver.

One `ConnectionProtocol` object lives for one connection. It does no I/O and knows no
clock: `server.Server` hands it events and job results, it answers with commands.

    event -> on_event(event) -> [Send | StartJob | Promote | CancelJob | CancelJobs]
    StartJob(job) -> work(job, cancellation) on a worker thread, yielding results
    result -> on_result(job, result) -> commands     (each result, as it comes)
    end of job -> on_done(job) -> commands           (never for a cancelled job)
    end of the connection -> on_close()

Jobs of one connection run one at a time: the most urgent first, equally urgent ones in
the order they were started; connections take turns. A `RequestError` raised anywhere
(event, work, result) reaches the client as an `error` event and closes that connection
alone. `describe` and `ping` never get here.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Protocol

from wyoming.event import Event

from .cancellation import Cancellation

type IsCancelled = Callable[[], bool]
"""True once nobody waits for the job any more; ask between segments or pieces."""

type Work[JobT, ResultT] = Callable[[JobT, Cancellation], Iterable[ResultT]]
"""What a worker thread does with a job: results, one after another."""

type BatchWork[JobT, ResultT] = Callable[
    [Sequence[tuple[JobT, Cancellation]]], Iterable[tuple[int, ResultT | RequestError]]
]
"""What a worker thread does with jobs that are cheaper together.

Each result comes with the index of its job; an error ends that job alone.
"""


class ErrorCode(StrEnum):
    """Machine-readable codes of Wyoming `error` events."""

    BAD_EVENT = "bad-event"
    """The bytes are no Wyoming event, or a field is missing or of the wrong type."""
    UNEXPECTED_EVENT = "unexpected-event"
    """A known event at a moment that makes no sense."""
    TOO_LARGE = "too-large"
    """A header, data, payload, text or number of requests above its limit."""
    BAD_AUDIO = "bad-audio"
    """A sample format that is not supported, or bytes that do not fit it."""
    UNKNOWN_LANGUAGE = "unknown-language"
    UNKNOWN_MODEL = "unknown-model"
    UNKNOWN_VOICE = "unknown-voice"
    MODEL_MISSING = "model-missing"
    """The model or voice is known, but not on disk and not to be fetched now."""
    BUSY = "busy"
    """All slots and the queue are taken; a later try may pass."""
    TIMEOUT = "timeout"
    """The client did not send or read in time."""
    INTERNAL = "internal"
    """A fault of ours; the log has the details."""


class RequestError(Exception):
    """A request that cannot be served: `code` for machines, `text` for people."""

    def __init__(self, code: ErrorCode, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


@dataclass(frozen=True, slots=True)
class Send:
    """Send this event to the client, after all events sent before."""

    event: Event


class Urgency(IntEnum):
    """Who waits for a job; the smallest number gets a slot first."""

    FINAL = 0
    """Somebody waits for it now."""
    SPECULATIVE = 1
    """It will probably be wanted in a moment. Never refused as busy."""
    PARTIAL = 2
    """Only shown while somebody still speaks. Never refused as busy."""


@dataclass(frozen=True, slots=True)
class StartJob[JobT]:
    """Queue this job behind the connection's equally urgent ones."""

    job: JobT
    continues: bool = False
    """True for a later piece of a request already accepted: it is never refused as busy."""
    urgency: Urgency = Urgency.FINAL


@dataclass(frozen=True, slots=True)
class Promote[JobT]:
    """Make this job, queued or running, as urgent as a final one."""

    job: JobT


@dataclass(frozen=True, slots=True)
class CancelJob[JobT]:
    """Drop this job, or its results if it runs; nothing happens when it has ended."""

    job: JobT


@dataclass(frozen=True, slots=True)
class CancelJobs:
    """Drop the connection's queued jobs and the results of the running one."""


type Command[JobT] = Send | StartJob[JobT] | Promote[JobT] | CancelJob[JobT] | CancelJobs


class ConnectionProtocol[JobT, ResultT](Protocol):
    """One connection's state machine: events and results in, commands out."""

    @property
    def is_receiving(self) -> bool:
        """True while a request has begun and its end has not come.

        The driver then applies the stall and request deadlines instead of the idle one.
        """
        ...

    def on_event(self, event: Event) -> Iterable[Command[JobT]]:
        """Answer an event; unknown types are ignored.

        Raises RequestError when the event cannot be served.
        """
        ...

    def on_result(self, job: JobT, result: ResultT) -> Iterable[Command[JobT]]:
        """Answer one result of a job."""
        ...

    def on_done(self, job: JobT) -> Iterable[Command[JobT]]:
        """Answer the end of a job that was not cancelled."""
        ...

    def on_close(self) -> None:
        """Note that the connection is over; nothing can be sent any more."""


def read_field[T](event: Event, name: str, kind: type[T]) -> T | None:
    """Return a field of an event, None when it is absent or null.

    Raises RequestError (bad-event) when it is there and is no `kind`.
    """
    value = event.data.get(name)
    if value is None:
        return None
    if not isinstance(value, kind) or isinstance(value, bool) is not (kind is bool):
        raise RequestError(
            ErrorCode.BAD_EVENT, f'"{name}" of {event.type} is not of type {kind.__name__}.'
        )
    return value
