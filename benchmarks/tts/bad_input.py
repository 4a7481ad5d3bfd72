"""What a text-to-speech server does with bad input.

    python -m benchmarks.tts.bad_input [--peer PYTHON] [--voice FILE] [--mutations N]

The verdicts are those of `benchmarks.bad_input`.
"""

import argparse
import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import bad_input
from benchmarks.bad_input import Outcome, Trial, Verdict
from benchmarks.tts.bad_cases import LONGEST_WAIT, SOUND, all_cases, good_case
from benchmarks.tts.mutations import mutated
from benchmarks.tts.subjects import PEER, Subject
from wyoming_servers.models import STARTER_DIR

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.cases import Case
    from benchmarks.servers import Subject as AnySubject

__all__ = ["STARTER", "Outcome", "Verdict", "mutated", "try_everything"]

STARTER = STARTER_DIR / "voice/pt_BR-starter-low.onnx"
"""The smallest voice, so that even floods are spoken soon."""

# Above every deadline of a server for what a client owes it.
_ANSWER_S = 120.0
# The peer has no deadlines.
_PEER_ANSWER_S = 40.0
_ROOM_MB = 4096


async def try_everything(
    subject: AnySubject, mutations: Sequence[Case], *, has_longest_wait: bool = True
) -> Outcome:
    """Run every case, or all but the one that takes longest, and then these mutations.

    The server may have 4 GB of address space more than it begins with: some would take all.
    """
    cases = [case for case in all_cases() if has_longest_wait or case.name != LONGEST_WAIT]
    trial = Trial(
        cases=tuple(cases),
        good=good_case(),
        result=SOUND,
        answer_s=_PEER_ANSWER_S if subject.name == PEER else _ANSWER_S,
    )
    return await bad_input.try_everything(replace(subject, room_mb=_ROOM_MB), trial, mutations)


async def main() -> None:
    """Print what became of every case."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tts.bad_input")
    parser.add_argument("--peer", help="a Python that has the peer installed")
    parser.add_argument("--voice", type=Path, default=STARTER, help="an .onnx file")
    parser.add_argument("--mutations", type=int, default=2000)
    given = parser.parse_args()
    if given.peer:
        subject = Subject.peer(given.peer, given.voice)
    else:
        flags = ("--max-connections", "400", "--log-level", "warning")
        subject = Subject.ours(given.voice.stem if given.voice == STARTER else given.voice, *flags)
    outcome = await try_everything(subject, await mutated(given.mutations))
    for line in bad_input.printed(subject.name, outcome):
        print(line)


if __name__ == "__main__":
    asyncio.run(main())
