"""All rows of load, faults and abuse of the two servers, at one of four sizes."""

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from benchmarks.resilience import (
    abuse,
    contents,
    engines,
    faults,
    fetches,
    load,
    models,
    privacy,
    surroundings,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.resilience.rows import Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much of everything."""

    busy_s: float
    """L1."""
    speaking_s: float
    """L2."""
    speakers: int
    clients: int
    """L4: connections, one after another."""
    utterances: int
    """L5."""
    failures: int
    """F5."""
    parsed: int
    """B2: damaged conversations, straight into the parsers."""
    conversations: int
    """B1, B2: damaged conversations with a real server, beside the hand-made ones; 0 for neither
    of them."""
    flood_mb: int
    """B5: from each of two clients."""
    turns: int
    """P1."""
    half_open: int
    """B6."""
    crowded: tuple[str, ...] = ("stt", "tts")
    """B6: both servers share what decides it."""


TEST = Size(
    busy_s=1.5,
    speaking_s=3,
    speakers=3,
    clients=200,
    utterances=30,
    failures=24,
    parsed=2000,
    # Their own tests try them.
    conversations=0,
    flood_mb=100,
    half_open=400,
    crowded=("stt",),
    turns=8,
)
QUICK = Size(
    busy_s=4,
    speaking_s=6,
    speakers=4,
    clients=300,
    utterances=60,
    failures=30,
    parsed=4000,
    # `scripts/bench stt` and `tts` print them beside the peer.
    conversations=0,
    flood_mb=300,
    half_open=1200,
    turns=12,
)
DEFAULT = Size(
    busy_s=20,
    speaking_s=60,
    speakers=8,
    clients=3000,
    utterances=500,
    failures=99,
    parsed=20_000,
    conversations=2000,
    flood_mb=300,
    half_open=1200,
    turns=100,
)
LONG = Size(
    busy_s=60,
    speaking_s=600,
    speakers=8,
    clients=10_000,
    utterances=2000,
    failures=300,
    parsed=500_000,
    conversations=20_000,
    flood_mb=300,
    half_open=1200,
    turns=100,
)


def trials(size: Size) -> Iterator[Trial]:
    """Yield every row, in the order of the report."""
    yield from load.trials(
        seconds=size.busy_s,
        speaking_s=size.speaking_s,
        speakers=size.speakers,
        clients=size.clients,
        utterances=size.utterances,
    )
    yield from chain(
        faults.trials(),
        engines.trials(failures=size.failures),
        models.trials(),
        fetches.trials(),
        surroundings.trials(),
    )
    if size.conversations:
        yield from abuse.conversations(mutations=size.conversations)
    yield from abuse.damaged_bytes(mutations=size.parsed)
    yield from abuse.trials(
        half_open=size.half_open, flood_bytes=size.flood_mb << 20, crowded=size.crowded
    )
    yield from contents.trials()
    yield from privacy.trials(turns=size.turns)
