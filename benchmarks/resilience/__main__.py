"""What the two servers make of load, faults and abuse, beside their peers.

    python -m benchmarks.resilience [--peer-stt PYTHON --peer-tts PYTHON] [--quick | --long]

Prints one table and every row that falls short; the exit status is 1 if there is one.
"""

import argparse
import asyncio
import sys
from typing import TYPE_CHECKING

from benchmarks.resilience import scale_out, suite
from benchmarks.resilience.rows import Row, measure, printed
from benchmarks.resilience.sides import our_side, peer_side
from benchmarks.tables import machine, show

if TYPE_CHECKING:
    from benchmarks.resilience.suite import Size

_QUICK_CLIENTS, _CLIENTS = 8, 24


async def main() -> int:
    """Measure every row and print them; 1 when a bar is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.resilience")
    parser.add_argument("--peer-stt", help="a Python that has wyoming-faster-whisper")
    parser.add_argument("--peer-tts", help="a Python that has wyoming-piper")
    parser.add_argument("--only", default="", help="rows of these ids, as in L1,F8")
    parser.add_argument("--no-scale-out", action="store_true", help="without HAProxy")
    sizes = parser.add_mutually_exclusive_group()
    sizes.add_argument("--quick", action="store_true", help="less of everything")
    sizes.add_argument("--long", action="store_true", help="an hour or more")
    given = parser.parse_args()
    size = suite.QUICK if given.quick else suite.LONG if given.long else suite.DEFAULT
    peer = None
    if given.peer_stt and given.peer_tts:
        peer = peer_side(given.peer_stt, given.peer_tts)
    rows: list[Row] = []
    show(machine())
    for trial in suite.trials(size):
        if not given.only or set(trial.id.split(", ")) & set(given.only.split(",")):
            rows.append(await measure(trial, our_side(), peer))
            show(f"{rows[-1].id}: {rows[-1].what}: {rows[-1].ours} | {rows[-1].peer}")
    if not given.only and not given.no_scale_out:
        rows += await asyncio.to_thread(_scale_out, size)
    show("")
    for line in printed(rows, "wyoming-faster-whisper, wyoming-piper"):
        show(line)
    return 0 if all(row.holds for row in rows) else 1


def _scale_out(size: Size) -> list[Row]:
    """Return the rows of several workers behind a balancer."""
    clients = _QUICK_CLIENTS if size is suite.QUICK else _CLIENTS
    return [
        Row(
            id=row.id,
            what=row.what,
            ours=row.ours,
            peer=row.peer,
            bar=row.bar,
            holds=row.holds,
        )
        for row in scale_out.suite(clients)
    ]


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
