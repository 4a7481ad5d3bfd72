"""jonh-tts beside wyoming-piper: the same texts to each in turn.

scripts/bench tts [--quick]
"""

import argparse
import asyncio
import contextlib
import shutil
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.bad_input import compared
from benchmarks.tables import machine, show, table
from benchmarks.tts import bad_input, latency, reading, voices
from benchmarks.tts.subjects import Running, Subject, running
from benchmarks.tts.texts import Texts
from wyoming_servers.tts.cutting import make_parts
from wyoming_servers.tts.service import PARTS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence

_LONGEST_GAP = "the same: longest that a player waits for more, ms"

type Row = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is measured."""

    starts: int
    rounds: int
    long_rounds: int
    clients: int
    patience_s: float
    """For a text that no server is made for."""
    has_endless: bool
    """Whether 5000 characters without a stop are tried on the peer too."""
    mutations: int
    peer_mutations: int
    tries_peer: bool
    """Whether the peer gets the bad input too: what it hangs on takes minutes."""
    has_longest_wait: bool
    """Whether a client that is silent for a minute and a half is among the bad input."""


FULL = Size(
    starts=5,
    rounds=15,
    long_rounds=5,
    clients=4,
    patience_s=60,
    has_endless=True,
    mutations=20_000,
    peer_mutations=500,
    tries_peer=True,
    has_longest_wait=True,
)
QUICK = Size(
    starts=1,
    rounds=3,
    long_rounds=1,
    clients=4,
    patience_s=60,
    has_endless=False,
    mutations=1000,
    peer_mutations=0,
    tries_peer=False,
    has_longest_wait=False,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is measured, on what."""

    size: Size
    voice: Path
    peer_python: str

    def subjects(self) -> tuple[Subject, Subject]:
        """Return the peer and our server, both with their defaults, on the same voice.

        Ours finds the parts of the voice, as it does at every start but the first.
        """
        ours = Subject.ours(self.voice, "--voice-dir", str(self.voice.parent))
        return Subject.peer(self.peer_python, self.voice), ours


def main() -> None:
    """Measure and print."""
    given = _arguments()
    begin_s = time.monotonic()
    folder = Path(given.cache) / "voices"
    shutil.rmtree(folder / PARTS, ignore_errors=True)
    voice = voices.build(folder)
    size = QUICK if given.quick else FULL
    asyncio.run(_everything(Plan(size=size, voice=voice, peer_python=given.peer)))
    show(f"\n{machine()}, onnxruntime {version('onnxruntime')}, piper {version('piper-tts')}.")
    show(f"{time.monotonic() - begin_s:.0f} s.")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench tts", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer of everything")
    # Given by the script.
    parser.add_argument("--peer", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--cache", required=True, help=argparse.SUPPRESS)
    return parser.parse_args()


async def _everything(plan: Plan) -> None:
    texts = Texts()
    begin_s = time.monotonic()
    make_parts(plan.voice, plan.voice.parent / PARTS)
    cut_s = time.monotonic() - begin_s
    show("\n## Waiting, a medium voice of random weights\n")
    show(f"Our server has cut the voice before, as it does once; that took {cut_s:.1f} s.")
    show("No text was spoken before, but the repeated one. Medians, unless it says otherwise.\n")
    async for line in _waiting(plan, texts):
        show(line)
    show("\n## Memory, in MB: the most, and what is kept\n")
    show("A server of its own for each text, with 8 GB more than it begins with.\n")
    async for line in _memory(plan, texts):
        show(line)
    show("\n## Reading\n")
    for line in _reading():
        show(line)
    show("\n## Bad input\n")
    async for line in _bad_input(plan):
        show(line)


async def _waiting(plan: Plan, texts: Texts) -> AsyncIterator[str]:
    subjects = plan.subjects()
    first_ms = await latency.first_requests(subjects, texts, plan.size.starts)
    async with contextlib.AsyncExitStack() as stack:
        servers = [await stack.enter_async_context(running(each)) for each in subjects]
        for server in servers:
            await latency.warm_up(server, texts)
        rows = [
            _row("start to ready, s", {each.name: each.start_s for each in servers}, 1),
            _row("first request after the start: first sound, ms", first_ms),
            *await _sentences(servers, texts, plan.size),
            *await _streams(servers, texts, plan.size),
            *await _manners(servers, texts, plan.size),
        ]
    for line in table(("", *(each.name for each in subjects)), rows):
        yield line


async def _sentences(servers: Sequence[Running], texts: Texts, size: Size) -> list[Row]:
    """Measure texts that are there as a whole."""
    sentence = await latency.at_once(servers, texts.one_comma, size.rounds)
    again = await latency.repeated(servers, texts.one_comma, size.rounds)
    long = await latency.at_once(servers, texts.long, size.long_rounds)
    last_ms = await latency.last_of_several(
        servers, texts.one_comma, clients=size.clients, rounds=size.long_rounds
    )
    return [
        _row("95 characters with a comma: first sound, ms", _firsts(sentence)),
        _row("the same: last sound, ms", _totals(sentence)),
        _row("the same text again: first sound, ms", _firsts(again)),
        _row(f"{size.clients} clients at once: first sound of the last, ms", last_ms),
        _row("312 characters, 27 s of sound: first sound, ms", _firsts(long)),
        _row("the same: last sound, ms", _totals(long)),
        _row(
            "the same: CPU s per s of sound",
            {name: each.cpu_share for name, each in long.items()},
            3,
        ),
    ]


async def _streams(servers: Sequence[Running], texts: Texts, size: Size) -> list[Row]:
    """Measure texts of twenty words a second, from the first word on."""
    sentence = await latency.as_written(servers, texts.one_comma, size.rounds)
    answer = await latency.as_written(servers, texts.after_a_word, size.rounds)
    long = await latency.as_written(servers, texts.long, size.long_rounds)
    starts = {
        each.name: float(max(made[each.name].starts for made in (sentence, answer, long)))
        for each in servers
    }
    return [
        _row("95 characters as they are written: first sound, ms", _firsts(sentence)),
        _row(_LONGEST_GAP, _stalls(sentence)),
        _row('103 characters, "Sim. ...", as they are written: first sound, ms', _firsts(answer)),
        _row(_LONGEST_GAP, _stalls(answer)),
        _row("312 characters as they are written: first sound, ms", _firsts(long)),
        _row(_LONGEST_GAP, _stalls(long)),
        _row("as they are written: most audio-starts in one answer", starts),
    ]


async def _manners(servers: Sequence[Running], texts: Texts, size: Size) -> list[Row]:
    """Measure what else a server does while it speaks, and after nobody listens any more."""
    busy_ms = await latency.describe_while_speaking(servers, texts.long, size.long_rounds)
    left_s = await latency.abandoned(servers, texts.long, size.long_rounds)
    return [
        _row("describe while 27 s of sound are made, ms, the longest", busy_ms),
        _row("CPU s after the client left at the first sound of 27 s", left_s, 2),
    ]


async def _memory(plan: Plan, texts: Texts) -> AsyncIterator[str]:
    """Give each text to servers that have said nothing before."""
    peer, ours = plan.subjects()
    size = plan.size
    asked = {
        "312 characters": texts.long(),
        "5000 characters without a stop": texts.endless(5000),
        "100,000 characters": texts.endless(100_000),
    }
    rows: list[Row] = []
    for name, text in asked.items():
        cells = []
        for subject in (peer, ours):
            if subject is peer and len(text) > 1000 and not size.has_endless:
                cells += ["not tried", ""]
                continue
            made = await latency.footprint(subject, text, patience_s=size.patience_s)
            cells += [f"{made.peak_mb:.0f}, {made.kept_mb:.0f}", made.outcome]
        rows.append((name, *cells))
    for line in table(("", peer.name, "what came", ours.name, "what came"), rows):
        yield line


def _reading() -> Iterable[str]:
    """Count the lines of the tables that are read as a person would say them."""
    rows = []
    for name, language, espeak_voice in reading.LANGUAGES:
        if lines := reading.read_table(name):
            made = reading.score(lines, language, espeak_voice)
            rows.append((language, made.lines, made.peer, made.ours))
    return table(("lines read right", "of", "wyoming-piper", "jonh-tts"), rows)


async def _bad_input(plan: Plan) -> AsyncIterator[str]:
    size = plan.size
    subjects = [Subject.ours(bad_input.STARTER.stem, "--max-connections", "400")]
    if size.tries_peer:
        subjects.insert(0, Subject.peer(plan.peer_python, bad_input.STARTER))
    outcomes = {}
    for subject in subjects:
        count = size.mutations if subject is subjects[-1] else size.peer_mutations
        mutations = await bad_input.mutated(count)
        outcomes[subject.name] = await bad_input.try_everything(
            subject, mutations, has_longest_wait=size.has_longest_wait
        )
    for line in compared(outcomes):
        yield line


def _firsts(waits: dict[str, latency.Waits]) -> dict[str, float]:
    return {name: each.first_ms for name, each in waits.items()}


def _totals(waits: dict[str, latency.Waits]) -> dict[str, float]:
    return {name: each.total_ms for name, each in waits.items()}


def _stalls(waits: dict[str, latency.Waits]) -> dict[str, float]:
    return {name: each.stall_ms for name, each in waits.items()}


def _row(what: str, values: dict[str, float], digits: int = 0) -> Row:
    """Return one line of the table: the peer's figure and ours, in the order of the servers."""
    return what, *(f"{each:.{digits}f}" for each in values.values())


if __name__ == "__main__":
    main()
