"""How a server is doing, for the status page, for what restarts it, and for what sends it work."""

import dataclasses
import os
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from . import __version__
from .hub import Progress
from .server import Load

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_MEMORY = Path("/proc/self/statm")


class State(StrEnum):
    """Whether new work should come here."""

    LOADING = "loading"
    """No: there is no model yet that could do it."""
    READY = "ready"
    DRAINING = "draining"
    """No: the server was told to stop and finishes what it has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelStatus:
    """A model or voice that is on disk."""

    name: str
    is_loaded: bool
    """It is in memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offering:
    """What a service can work with at one moment."""

    wanted: str
    """The model or voice that the settings name."""
    models: tuple[ModelStatus, ...]
    """What is there, the one in use first; nothing as long as requests are refused."""
    fetching: Progress | None
    latencies_s: Sequence[float]
    """Of the latest requests, oldest first: recognition once the speech was over, or text to
    first sound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """A server at one moment."""

    program: str
    offering: Offering
    load: Load
    uptime_s: float
    accepts: bool
    """It listens."""
    drains: bool
    """It was told to stop."""

    @property
    def state(self) -> State:
        """Whether new work should come here."""
        if self.drains:
            return State.DRAINING
        return State.READY if self.accepts and self.offering.models else State.LOADING

    def as_dict(self) -> dict[str, Any]:
        """Return what `/status.json` answers; times in it are in s unless they say ms."""
        offering, fetching = self.offering, self.offering.fetching
        return {
            "program": self.program,
            "version": __version__,
            "state": str(self.state),
            "wanted": offering.wanted,
            "models": [dataclasses.asdict(model) for model in offering.models],
            "fetching": dataclasses.asdict(fetching) if fetching else None,
            **dataclasses.asdict(self.load),
            "latencies_ms": [round(1000 * latency_s) for latency_s in offering.latencies_s],
            "uptime_s": round(self.uptime_s),
            "memory_mb": _memory_mb(),
        }


def _memory_mb() -> int | None:
    try:
        pages = int(_MEMORY.read_text("ascii").split()[1])
    except (OSError, ValueError, IndexError):  # no Linux
        return None
    return pages * _PAGE_BYTES >> 20
