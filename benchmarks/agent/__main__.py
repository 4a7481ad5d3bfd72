"""The agent beside Home Assistant's own Ollama agent: same homes, same scripted model, one run.

scripts/bench agent [--quick]
"""

import argparse
import asyncio
import time
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from homeassistant.const import __version__ as HOME_ASSISTANT  # noqa: N812

from benchmarks.agent import (
    core_names,
    fault_sets,
    faults,
    names,
    overhead,
    prompts,
    retrieval,
    risks,
    speech,
)
from benchmarks.agent.agents import core_ollama, jonh_groq, jonh_ollama
from benchmarks.agent.homes import make_home
from benchmarks.agent.houses import quiet
from benchmarks.agent.tokens import tokenizer
from benchmarks.tables import machine, show, table
from tests.fakes.attacks import ATTACKS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from benchmarks.agent.prompts import Prompts

TURN_S = 15.0
"""Deadline of our turns in the faults; a person hears of a silent service within it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is measured."""

    entities: tuple[int, ...]
    seeds: tuple[int, ...]
    sentences: int
    """For each home of the retrieval."""
    turns: int
    """For each kind of the overhead."""
    attacks: int


FULL = Size(
    entities=(20, 100, 300, 1000),
    seeds=retrieval.SEEDS,
    sentences=1000,
    turns=200,
    attacks=len(ATTACKS),
)
QUICK = Size(
    entities=(20, 100),
    seeds=retrieval.SEEDS[:1],
    sentences=200,
    turns=20,
    attacks=len(ATTACKS) // 4,
)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="scripts/bench agent", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer and smaller homes")
    size = QUICK if parser.parse_args().quick else FULL
    quiet()
    begin = time.monotonic()
    for title, measure in (
        ("Tokens that a model reads", prompt_tables),
        ("Entities that a sentence is about, among the first 12", retrieval_table),
        ("Names, as people and small models write them", names_table),
        ("Speech filter, characters held back", speech_table),
        ("Faults that end in one right sentence, the next turn intact", faults_table),
        ("Attacks", risks_table),
        ("Time that the agent adds to a turn, in ms", overhead_table),
    ):
        show(f"\n## {title}\n")
        for line in measure(size):
            show(line)
    show(f"\nSeeds of the homes: {', '.join(map(str, size.seeds))}. {machine()}.")
    show(f"Home Assistant {HOME_ASSISTANT}, ollama {version('ollama')}, groq {version('groq')},")
    show(f"tokens: {tokenizer().name}. {time.monotonic() - begin:.0f} s.")


def prompt_tables(size: Size) -> Iterable[str]:
    """Yield the tables of cold and of warm prompts."""
    tokens = tokenizer()
    rows: list[tuple[Prompts, ...]] = [
        tuple(asyncio.run(prompts.measure(make_home(n, size.seeds[0]).home, tokens)))
        for n in size.entities
    ]
    yield from table(
        ("entities", "core: system + tools", "tools", "jonh: system + tools", "tools", "ratio"),
        [
            (
                core.entities,
                core.stable,
                core.tools,
                jonh.stable,
                jonh.tools,
                f"{core.stable / jonh.stable:.1f} x",
            )
            for core, jonh, _ in rows
        ],
    )
    yield ""
    yield from table(
        ("next turn, new tokens", "entities", "core", "jonh, Ollama", "jonh, Groq"),
        [
            (case, core.entities, count, near.next_turn[case], far.next_turn[case])
            for core, near, far in rows
            for case, count in core.next_turn.items()
        ],
    )


def retrieval_table(size: Size) -> Iterable[str]:
    """Yield how many sentences found all of their entities, in percent."""
    measured = [
        retrieval.measure(n, size.seeds, noise_ratio=noise_ratio, count=size.sentences)
        for n in size.entities
        if n >= 100  # below, twelve are most of the home
        for noise_ratio in (0.0, retrieval.NOISE_RATIO)
    ]
    return table(
        ("entities", "words heard wrong", "sentences", "BM25", "jonh", "p95 ms"),
        [
            (
                row["entities"],
                f"{row['noise_ratio']:.0%}",
                row["sentences"],
                row["bm25_percent"][12],
                row["ours_percent"][12],
                row["p95_ms"],
            )
            for row in measured
        ],
    )


def names_table(size: Size) -> Iterable[str]:
    """Yield how many names led to their entity, in percent, by home and then by kind."""
    homes = [n for n in size.entities if n >= 100]  # as above
    ours = {n: names.measure(n, size.seeds) for n in homes}
    core = {n: asyncio.run(core_names.measure(n, size.seeds)) for n in homes}
    yield from table(
        ("entities", "names", "core", "jonh", "core: wrong", "jonh: wrong", "core: invented",
         "jonh: invented"),
        [
            (
                n,
                ours[n]["cases"],
                f"{core[n].resolved_percent:.1f}",
                ours[n]["resolved_percent"],
                core[n].wrong,
                ours[n]["wrong"],
                f"{core[n].invented_resolved_percent:.1f}",
                ours[n]["invented_resolved_percent"],
            )
            for n in homes
        ],
    )  # fmt: skip
    largest = max(homes)
    yield ""
    yield from table(
        (f"kind of name, {largest} entities", "core", "jonh"),
        [
            (kind, f"{core[largest].by_kind[kind]:.1f}", percent)
            for kind, percent in ours[largest]["by_kind"].items()
        ],
    )


def speech_table(_size: Size) -> Iterable[str]:
    """Yield what the speech filter holds back and lets through."""
    held = speech.measure()
    return table(
        ("", "largest", "p99", "mean", f"of {held.answers} answers, with markup spoken"),
        [
            ("core", 0, 0, 0, held.with_markup_unfiltered),
            ("jonh", held.largest, held.p99, f"{held.mean:.1f}", held.with_markup),
        ],
    )


def faults_table(_size: Size) -> Iterable[str]:
    """Yield how many faults end well, and what is wrong with each of the others."""
    settings: dict[str, Any] = {"fast_path": False, "turn_s": TURN_S}
    runs = {
        "core, Ollama": asyncio.run(faults.measure(core_ollama, fault_sets.OF_OLLAMA)),
        "jonh, Ollama": asyncio.run(
            faults.measure(lambda house: jonh_ollama(house, **settings), fault_sets.OF_OLLAMA)
        ),
        "jonh, Groq": asyncio.run(
            faults.measure(lambda house: jonh_groq(house, **settings), fault_sets.OF_GROQ)
        ),
    }
    yield from table(
        ("", "right", "faults"),
        [
            (name, sum(result.is_right for result in results), len(results))
            for name, results in runs.items()
        ],
    )
    yield ""
    yield from table(
        ("agent", "fault", "what is wrong"),
        [
            (name, result.fault, "; ".join(result.problems))
            for name, results in runs.items()
            for result in results
            if not result.is_right
        ],
    )


def risks_table(size: Size) -> Iterable[str]:
    """Yield how many attacks succeed."""
    step = len(ATTACKS) // size.attacks
    measured = asyncio.run(risks.measure(ATTACKS[::step]))
    yield from table(
        ("", "attacks", "broken into", "risky actions unconfirmed", "allowed actions", "done"),
        [
            (
                each.agent,
                each.attacks,
                len(each.broken_into),
                each.actions,
                each.wanted,
                each.wanted - len(each.undone),
            )
            for each in measured
        ],
    )
    for each in measured:
        if each.undone:
            yield f"\nAllowed and not done by {each.agent}: {', '.join(each.undone)}."
    if ours := measured[-1].broken_into:
        yield f"\nBroken into in spite of the guard: {', '.join(ours)}."


def overhead_table(size: Size) -> Iterable[str]:
    """Yield the time of turns without that of the service."""
    home = make_home(min(300, max(size.entities)), size.seeds[0]).home
    measured = asyncio.run(overhead.measure(home, size.turns))
    return table(
        ("agent", "turn", "entities", "turns", "p50", "p95"),
        [
            (
                each.agent,
                each.turn,
                len(home.entities),
                each.turns,
                f"{each.p50_ms:.1f}",
                f"{each.p95_ms:.1f}",
            )
            for each in measured
        ],
    )


if __name__ == "__main__":
    main()
