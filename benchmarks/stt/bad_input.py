"""What a speech-to-text server does with bad input.

    python -m benchmarks.stt.bad_input [--peer PYTHON --model FOLDER] [--mutations N]

The verdicts are those of `benchmarks.bad_input`.
"""

import argparse
import asyncio
from typing import TYPE_CHECKING

from benchmarks import bad_input
from benchmarks.bad_input import Outcome, Trial, Verdict
from benchmarks.stt.bad_cases import all_cases, good_case
from benchmarks.stt.mutations import mutated
from benchmarks.stt.subjects import Subject

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.cases import Case

__all__ = ["Outcome", "Verdict", "mutated", "try_everything"]

# Above every deadline of a server for what a client owes it.
_ANSWER_S = 40.0


async def try_everything(subject: Subject, mutations: Sequence[Case]) -> Outcome:
    """Run every case, and then these, against a server of its own."""
    trial = Trial(
        cases=tuple(all_cases()), good=good_case(), result=("transcript",), answer_s=_ANSWER_S
    )
    return await bad_input.try_everything(subject, trial, mutations)


async def main() -> None:
    """Print what became of every case."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stt.bad_input")
    parser.add_argument("--peer", help="a Python that has the peer installed")
    parser.add_argument("--model", default="starter", help="folder of a model")
    parser.add_argument("--mutations", type=int, default=2000)
    given = parser.parse_args()
    if given.peer:
        subject = Subject.peer(given.peer, given.model)
    else:
        subject = Subject.ours(given.model, "--max-connections", "400", "--log-level", "warning")
    outcome = await try_everything(subject, await mutated(given.mutations))
    for line in bad_input.printed(subject.name, outcome):
        print(line)


if __name__ == "__main__":
    asyncio.run(main())
