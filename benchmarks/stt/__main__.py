"""jonh-stt beside wyoming-faster-whisper: the same speech in real time to each in turn.

scripts/bench stt [--quick] [--model base] [--dataset FOLDER [--language pt]]
"""

import argparse
import asyncio
import contextlib
import sys
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.bad_input import compared
from benchmarks.stt import accuracy, bad_input, clips, cutoff, latency, models
from benchmarks.stt.latency import p50, p95
from benchmarks.stt.sentences import Kind
from benchmarks.stt.subjects import Running, Subject, running
from benchmarks.tables import machine, show, table

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence

_STARTER = "starter"
_AUTO = "jonh-stt --context auto"
_PEER_ENDS = "wyoming-faster-whisper --vad-endpointing 0.5"


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is measured."""

    rounds: int
    clients: tuple[int, ...]
    describe_s: float
    abandoned: int
    clips: int
    every: int
    """One in so many sentences of the cut-off measurement."""
    sentences: int
    """For each word error rate."""
    mutations: int
    peer_mutations: int


FULL = Size(
    rounds=15,
    clients=(1, 4),
    describe_s=10,
    abandoned=3,
    clips=200,
    every=1,
    sentences=120,
    mutations=20_000,
    peer_mutations=500,
)
QUICK = Size(
    rounds=3,
    clients=(1, 4),
    describe_s=3,
    abandoned=1,
    clips=27,
    every=8,
    sentences=20,
    mutations=1000,
    peer_mutations=50,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is measured, on what."""

    size: Size
    model: Path | str
    peer_python: str

    def ours(self, *flags: str, name: str = "jonh-stt") -> Subject:
        """Return our server on the model."""
        return Subject.ours(self.model, *flags, name=name)

    def peer(self, *flags: str, name: str = "wyoming-faster-whisper") -> Subject:
        """Return the peer on the same model."""
        return Subject.peer(self.peer_python, self.model, *flags, name=name)


def main() -> None:
    """Measure and print."""
    given = _arguments()
    begin_s = time.monotonic()
    model: Path | str = given.model
    if given.model in models.SIZES and not given.dataset:
        model = models.build(given.model, Path(given.cache))
    plan = Plan(size=QUICK if given.quick else FULL, model=model, peer_python=given.peer)
    if given.dataset:
        asyncio.run(_dataset(plan, Path(given.dataset), given.language))
    else:
        asyncio.run(_everything(plan, given.model))
    show(f"\n{machine()}, ctranslate2 {version('ctranslate2')}, Home Assistant")
    show(f"{version('homeassistant')}. {time.monotonic() - begin_s:.0f} s.")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench stt", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer of everything")
    parser.add_argument(
        "--model",
        default="base",
        help="tiny, base or small: that size with random weights; with --dataset, a real model",
    )
    parser.add_argument("--dataset", help="folder with metadata.csv and WAVs: word error rates")
    parser.add_argument("--language", default="pt", help="language of the dataset")
    # Given by the script.
    parser.add_argument("--peer", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--cache", required=True, help=argparse.SUPPRESS)
    return parser.parse_args()


async def _everything(plan: Plan, name: str) -> None:
    show(f"\n## Waiting, random weights of the size {name}, int8\n")
    async for line in _waiting(plan):
        show(line)
    show("\n## Turns that end by themselves\n")
    for line in _cut_off(plan.size):
        show(line)
    show("\n## Words of the starter model, spoken by the starter voices\n")
    async for line in _words(plan):
        show(line)
    show("\n## Sounds that are no speech\n")
    async for line in _phantoms(plan):
        show(line)
    show("\n## Bad input\n")
    async for line in _bad_input(plan):
        show(line)


async def _waiting(plan: Plan) -> AsyncIterator[str]:
    size = plan.size
    subjects = (plan.peer(), plan.ours(), plan.ours("--context", "auto", name=_AUTO))
    async with contextlib.AsyncExitStack() as stack:
        servers = [await stack.enter_async_context(running(each)) for each in subjects]
        first = {each.name: await latency.first_request(each, size.rounds // 3) for each in servers}
        waits = {
            clients: await latency.client_ends(
                servers, clients=clients, rounds=max(1, size.rounds * 2 // (1 + clients))
            )
            for clients in size.clients
        }
        yield "From audio-stop, 0.7 s after the speech, to the transcript; ms, p50 / p95."
        yield ""
        for line in _after_stop(servers, waits):
            yield line
        yield ""
        yield "From the last audible sample to the transcript; ms, p50 / p95."
        yield ""
        async for line in _after_speech(plan, servers):
            yield line
        yield ""
        rows = [
            _row("CPU s of an utterance", (waits[1][each.name].cpu_s for each in servers), 2),
            _row("first request after the start, ms", (first[each.name][0] for each in servers)),
            _row("the same, later ones", (first[each.name][1] for each in servers)),
            *[row async for row in _behaviour(servers, size)],
        ]
        for line in table(("", *(each.name for each in servers)), rows):
            yield line


def _after_stop(
    servers: Sequence[Running], waits: dict[int, dict[str, latency.Waits]]
) -> Iterable[str]:
    peer, ours, auto = (each.name for each in servers)
    return table(
        ("clients", peer, ours, auto, "ratio of p95", "with auto"),
        [
            (
                clients,
                *(_pair(made[name].after_stop_ms) for name in (peer, ours, auto)),
                _ratio(made[ours].after_stop_ms, made[peer].after_stop_ms),
                _ratio(made[auto].after_stop_ms, made[peer].after_stop_ms),
            )
            for clients, made in waits.items()
        ],
    )


async def _after_speech(plan: Plan, servers: Sequence[Running]) -> AsyncIterator[str]:
    peer, ours, auto = servers
    rounds = plan.size.rounds
    ends = await latency.server_ends((ours, auto), rounds=rounds)
    ends |= await latency.home_assistant_ends((peer,), rounds=rounds)
    async with running(plan.peer("--vad-endpointing", "0.5", name=_PEER_ENDS)) as other:
        ends |= await latency.server_ends((other,), rounds=rounds)
    for line in table(
        ("who ends the turn", "ms", "CPU s"),
        [
            (_who_ends(name), _pair(made.after_speech_ms), f"{made.cpu_s:.2f}")
            for name, made in ends.items()
        ],
    ):
        yield line


async def _behaviour(servers: Sequence[Running], size: Size) -> AsyncIterator[tuple[str, ...]]:
    """Yield what servers do when they start, are busy, are left alone and hear a short word."""
    yield _row("start to ready, s", (each.start_s for each in servers), 1)
    busy = [await _describe(each, size) for each in servers]
    yield _row("describe while all slots decode, ms, p99", busy)
    for tail_s in (0.7, 0.3):
        left = [
            await latency.abandoned(each, rounds=size.abandoned, tail_s=tail_s) for each in servers
        ]
        yield _row(f"CPU s after a client left, {tail_s} s after the speech", left, 2)
    peer = servers[0]
    sim = [await latency.short_word(each, has_ears=each is peer) for each in servers]
    yield _row('"sim" without sound before it, ms', (each.after_speech_ms for each in sim))
    yield _row("peak memory, MB", (each.peak_mb for each in servers))


def _row(what: str, values: Iterable[float], digits: int = 0) -> tuple[str, ...]:
    return what, *(f"{each:.{digits}f}" for each in values)


async def _describe(server: Running, size: Size) -> float:
    times_ms = await latency.describe_while_busy(server, seconds=size.describe_s, clients=4)
    return sorted(times_ms)[-(-99 * len(times_ms) // 100) - 1]


def _cut_off(size: Size) -> Iterable[str]:
    cases = cutoff.make_cases(every=size.every)
    rows = []
    for reading in cutoff.Reading:
        is_starter = reading is cutoff.Reading.STARTER
        heard = [each for each in cases if not is_starter or each.sentence.kind is Kind.COMMAND]
        for name, results in cutoff.groups(cutoff.measure(heard, reading)).items():
            made = cutoff.score(results)
            rows.append(
                (
                    reading,
                    name,
                    made.turns,
                    f"{made.cut_off:.1%}",
                    f"{made.soon:.1%}",
                    f"{made.p50_s * 1000:.0f} / {made.p95_s * 1000:.0f}",
                )
            )
    return table(
        ("text at a pause", "sentences", "turns", "cut off", "ended within 0.6 s", "delay, ms"),
        rows,
    )


async def _words(plan: Plan) -> AsyncIterator[str]:
    speech = accuracy.starter_speech(plan.size.sentences)
    rows = []
    for context, speculate in (("full", "0"), ("safe", "0"), ("safe", "0.25"), ("auto", "0.25")):
        flags = ("--context", context, "--speculate", speculate)
        async with running(Subject.ours(_STARTER, *flags)) as server:
            heard = await accuracy.hear(server, speech, client_ends=True)
        rows.append((f"jonh-stt {' '.join(flags)}", f"{heard.wer:.1%}", f"{heard.exact:.1%}"))
    starter = models.STARTER
    async with running(Subject.peer(plan.peer_python, starter)) as server:
        heard = await accuracy.hear(server, speech, client_ends=True)
    rows.append(("wyoming-faster-whisper", f"{heard.wer:.1%}", f"{heard.exact:.1%}"))
    for line in table(("", f"word errors, {len(speech)} commands", "sentences right"), rows):
        yield line


async def _phantoms(plan: Plan) -> AsyncIterator[str]:
    sounds = clips.make_clips(plan.size.clips)
    subjects = (
        Subject.peer(plan.peer_python, models.STARTER),
        Subject.ours(_STARTER),
        # Whatever reaches this one becomes a text.
        plan.ours(name="jonh-stt, random weights"),
    )
    counts = {}
    for subject in subjects:
        async with running(subject) as server:
            counts[subject.name] = await accuracy.phantoms(server, sounds)
    kinds = dict.fromkeys(clip.kind for clip in sounds)
    rows: list[tuple[object, ...]] = [
        (kind, *(each[kind] for each in counts.values())) for kind in kinds
    ]
    rows.append((f"all {len(sounds)}", *(sum(each.values()) for each in counts.values())))
    for line in table(("sounds that became text", *counts), rows):
        yield line


async def _bad_input(plan: Plan) -> AsyncIterator[str]:
    size = plan.size
    peer = Subject.peer(plan.peer_python, models.STARTER)
    ours = Subject.ours(_STARTER, "--max-connections", "400")
    outcomes = {
        subject.name: await bad_input.try_everything(subject, await bad_input.mutated(count))
        for subject, count in ((peer, size.peer_mutations), (ours, size.mutations))
    }
    for line in compared(outcomes):
        yield line


async def _dataset(plan: Plan, folder: Path, language: str) -> None:
    try:
        speech = accuracy.read_dataset(folder, language)
    except accuracy.DatasetError as err:
        sys.exit(str(err))
    rows = []
    for context in ("full", "safe", "auto"):
        async with running(plan.ours("--context", context, "--preload", "fetch")) as server:
            heard = await accuracy.hear(server, speech, client_ends=False)
            rows.append((f"jonh-stt --context {context}", *_heard(heard), f"{server.peak_mb:.0f}"))
    async with running(plan.peer()) as server:
        heard = await accuracy.hear(server, speech, client_ends=True)
        rows.append(("wyoming-faster-whisper", *_heard(heard), f"{server.peak_mb:.0f}"))
    for line in table(
        ("", "word errors", "sentences right", "speech to transcript, ms", "peak MB"), rows
    ):
        show(line)


def _heard(heard: accuracy.Heard) -> tuple[str, str, str]:
    return f"{heard.wer:.1%}", f"{heard.exact:.1%}", f"{heard.p50_ms:.0f} / {heard.p95_ms:.0f}"


def _who_ends(name: str) -> str:
    return f"{name}, behind Home Assistant's detector" if name == "wyoming-faster-whisper" else name


def _pair(values: Sequence[float]) -> str:
    return f"{p50(values):.0f} / {p95(values):.0f}"


def _ratio(ours: Sequence[float], peer: Sequence[float]) -> str:
    return f"{p95(ours) / p95(peer):.3f}"


if __name__ == "__main__":
    main()
