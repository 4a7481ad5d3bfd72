"""Rows of the report: what is tried, how our server did, how the peer did, and the bar."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.tables import table

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    from benchmarks.resilience.sides import Side

NOT_RUN = "not run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the report."""

    id: str
    what: str
    ours: str
    peer: str = NOT_RUN
    bar: str
    holds: bool
    """Ours is within the bar."""


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured on one server, in words."""

    text: str
    holds: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A row before it was measured."""

    id: str
    what: str
    bar: str
    run: Callable[[Side], Awaitable[Figure]]
    peer: str | None = None
    """What is known of the peer from its source, where it cannot be tried here."""
    is_for_peer: bool = True
    lacks: Callable[[], str] = str
    """What this machine would need for it; nothing when it can run."""


async def measured(trials: Iterable[Trial], ours: Side, peer: Side | None) -> Sequence[Row]:
    """Run every trial, ours first."""
    return [await measure(trial, ours, peer) for trial in trials]


async def measure(trial: Trial, ours: Side, peer: Side | None) -> Row:
    """Run one trial on our server and on the peer's."""
    mine = await _try(trial, ours)
    theirs = trial.peer or NOT_RUN
    if peer is not None and trial.is_for_peer and trial.peer is None:
        theirs = (await _try(trial, peer)).text
    return Row(
        id=trial.id,
        what=trial.what,
        ours=mine.text,
        peer=theirs,
        bar=trial.bar,
        holds=mine.holds,
    )


async def _try(trial: Trial, side: Side) -> Figure:
    """Run a trial; a server that does not even start, or dies, is a figure too."""
    if lacks := trial.lacks():
        return Figure(f"{NOT_RUN}: needs {lacks}", holds=False)
    try:
        return await trial.run(side)
    except (OSError, RuntimeError, TimeoutError, AssertionError, EOFError) as err:
        return Figure(f"failed: {type(err).__name__} {err}"[:100].strip(), holds=False)


def printed(rows: Sequence[Row], peer: str = "peer") -> Iterable[str]:
    """Yield the table, and then every row that falls short."""
    head = ("", "what", "ours", peer, "bar", "holds")
    cells = [
        (row.id, row.what, row.ours, row.peer, row.bar, "yes" if row.holds else "NO")
        for row in rows
    ]
    yield from table(head, cells)
    short = [row for row in rows if not row.holds]
    yield ""
    for row in short:
        yield f"falls short: {row.id} {row.what}: {row.ours} (bar: {row.bar})"
    yield f"{len(rows) - len(short)} of {len(rows)} rows hold"
