"""A protocol and a worker whose every step a test decides, for the driver's own tests."""

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from wyoming.event import Event
from wyoming.info import Attribution, Info, TtsProgram

from wyoming_servers.cancellation import Cancellation
from wyoming_servers.protocol import (
    CancelJobs,
    Command,
    ErrorCode,
    RequestError,
    Send,
    StartJob,
)

SECRET = "what a person said"
_NOBODY = Attribution("nobody", "https://example.org")
INFO = Info(
    tts=[
        TtsProgram(
            name="scripted",
            attribution=_NOBODY,
            installed=True,
            description=None,
            version=None,
            voices=[],
        )
    ]
)


@dataclass(frozen=True, slots=True)
class Script:
    """A job: yield `results` events of `payload_bytes` each, first waiting for a gate."""

    name: str
    gate: str | None = None
    results: int = 1
    payload_bytes: int = 0
    error: str | None = None


class ScriptedProtocol:
    """`job` starts a Script, `open` and `close` bracket a request, `cancel` drops all jobs."""

    def __init__(self) -> None:
        self.is_receiving = False

    def on_event(self, event: Event) -> Iterable[Command[Script]]:
        """Do what the event's type says."""
        match event.type:
            case "job":
                data: dict[str, Any] = dict(event.data)
                continues = bool(data.pop("continues", False))
                yield StartJob(Script(**data), continues)
            case "open" | "close":
                self.is_receiving = event.type == "open"
            case "cancel":
                yield CancelJobs()
            case "refuse":
                raise RequestError(ErrorCode.UNKNOWN_VOICE, "No.")
            case "break":
                raise ZeroDivisionError(SECRET)

    def on_result(self, job: Script, result: bytes) -> Iterable[Command[Script]]:
        """Send each result."""
        return [Send(Event("result", {"name": job.name}, result))]

    def on_done(self, job: Script) -> Iterable[Command[Script]]:
        """Send the end of the job."""
        return [Send(Event("done", {"name": job.name}))]

    def on_close(self) -> None:
        """Forget the client."""


@dataclass
class ScriptedWorker:
    """Runs Scripts and remembers what it saw."""

    started: list[str] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    yielded: list[str] = field(default_factory=list)
    gates: dict[str, threading.Event] = field(default_factory=dict)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def gate(self, name: str) -> threading.Event:
        """Return the gate of this name, closed at first."""
        return self.gates.setdefault(name, threading.Event())

    def work(self, job: Script, cancellation: Cancellation) -> Iterator[bytes]:
        """Run one script; a gate also opens once the job is cancelled."""
        self._note(self.started, job.name)
        if job.gate is not None:
            while not self.gate(job.gate).wait(0.01):
                if cancellation():
                    self._note(self.cancelled, job.name)
                    return
        for _ in range(job.results):
            yield b"x" * job.payload_bytes
        self._note(self.yielded, job.name)
        if job.error == "request":
            raise RequestError(ErrorCode.MODEL_MISSING, "No model.")
        if job.error == "crash":
            raise ZeroDivisionError(SECRET)

    def wait_for(self, names: list[str], seen: list[str], patience_s: float = 30.0) -> bool:
        """Block until all names were seen; False when that takes too long."""
        with self.changed:
            return self.changed.wait_for(lambda: set(names) <= set(seen), patience_s)

    def _note(self, where: list[str], name: str) -> None:
        with self.changed:
            where.append(name)
            self.changed.notify_all()
