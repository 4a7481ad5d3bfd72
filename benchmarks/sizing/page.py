"""The tables of docs/sizing.md, and the places where they stand."""

import re
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING

from benchmarks.sizing import rooms
from benchmarks.sizing.queueing import Line, most_in_line
from benchmarks.sizing.requests import ANSWERS, TYPICAL, UTTERANCES
from benchmarks.sizing.simulation import arrivals, chosen, least_connections, one_queue
from benchmarks.stt.latency import p95
from benchmarks.tables import machine, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.sizing.check import Check, Waits
    from benchmarks.sizing.listening import Listening
    from benchmarks.sizing.load import Crews
    from benchmarks.sizing.speaking import Speaking

PAGE = Path(__file__).parents[2] / "docs" / "sizing.md"

_BEGIN = "<!-- scripts/bench sizing: begin {name} -->"
_END = "<!-- end -->"
# A worker on a core of its own that never waits has all of it.
_ALL_OF_IT = 0.9
DISTURBED = (
    "**Other programs were at work on the machine**, so everything is slower than it is alone.",
    "Do not size by these figures.",
)
# Machines that stand together, and their cores.
_MACHINES = ((1, 2), (1, 4), (1, 8), (3, 4), (10, 4))
_SIMULATED = 20_000


class PageError(Exception):
    """The page does not have the places that it should."""


def put_in(page: str, parts: dict[str, list[str]]) -> str:
    """Return the page with new lines in its places. Raises PageError."""
    for name, lines in parts.items():
        begin = _BEGIN.format(name=name)
        if page.count(begin) != 1 or _END not in page.partition(begin)[2]:
            raise PageError(f"{PAGE.name} has to have one place for {name}.")
        before, _, rest = page.partition(begin)
        content = "".join(f"{line}\n" for line in ["", *lines, ""])
        page = f"{before}{begin}\n{content}{_END}{rest.partition(_END)[2]}"
    return page


def parts_of(page: str) -> dict[str, list[str]]:
    """Return the lines that stand in the places of a page."""
    found = re.findall(
        r"<!-- scripts/bench sizing: begin (\w+) -->\n(.*?)<!-- end -->", page, re.DOTALL
    )
    return {name: text.strip().splitlines() for name, text in found}


def about(crews: Sequence[Crews], *, is_quick: bool) -> list[str]:
    """Tell what the figures were measured on."""
    day = datetime.now(UTC).strftime("%-d %B %Y")
    kind = "`scripts/bench sizing --quick`" if is_quick else "`scripts/bench sizing`"
    return [
        f"Printed by {kind} on {day}: {machine()},",
        f"ctranslate2 {version('ctranslate2')}, onnxruntime {version('onnxruntime')},"
        f" piper-tts {version('piper-tts')}.",
        *(DISTURBED if min(each.had_core for each in crews) < _ALL_OF_IT else ()),
    ]


def heard(found: Sequence[Listening]) -> list[str]:
    """Return the table of what utterances cost."""
    rows: list[list[str]] = [
        *(
            [
                f"CPU s of an utterance of {each.name}",
                *(f"{it.costs[index].cpu_s:.2f}" for it in found),
            ]
            for index, each in enumerate(UTTERANCES)
        ),
        *(
            [
                f"end of {each.name} to its transcript, nothing else to do, ms",
                *(f"{it.costs[index].waited_s * 1000:.0f}" for it in found),
            ]
            for index, each in enumerate(UTTERANCES)
        ),
        *_full_rows(found, f"utterances of {UTTERANCES[TYPICAL].name}"),
    ]
    return list(table(("jonh-stt", *(f"`{each.name}`" for each in found)), rows))


def spoken(found: Sequence[Speaking]) -> list[str]:
    """Return the table of what answers cost."""
    rows: list[list[str]] = [
        ["seconds of speech in a CPU second", *(f"{_speech_per_cpu_s(it):.1f}" for it in found)],
        *(
            [
                f"CPU s of {each.name}, {fmean(it.sounds_s[index] for it in found):.0f} s of sound",
                *(f"{it.costs[index].cpu_s:.2f}" for it in found),
            ]
            for index, each in enumerate(ANSWERS)
        ),
        [
            f"first sound of {ANSWERS[TYPICAL].name}, nothing else to do, ms",
            *(f"{it.costs[TYPICAL].waited_s * 1000:.0f}" for it in found),
        ],
        [
            "later for each other answer that is being spoken, ms",
            *(f"{it.turn_s * 1000:.0f}" for it in found),
        ],
        *_full_rows(found, f"answers of {ANSWERS[TYPICAL].name}"),
    ]
    return list(table(("jonh-tts", *(each.name for each in found)), rows))


def _speech_per_cpu_s(found: Speaking) -> float:
    return sum(found.sounds_s) / sum(each.cpu_s for each in found.costs)


def _full_rows(found: Sequence[Listening] | Sequence[Speaking], what: str) -> list[list[str]]:
    return [
        [
            f"{what} a minute: one worker, one core",
            *(f"{it.crews.one.per_minute:.0f}" for it in found),
        ],
        ["two workers, a core each", *(f"{it.crews.pair.per_minute:.0f}" for it in found)],
        ["the same, per core", *(f"{it.crews.pair.per_minute / 2:.0f}" for it in found)],
        [
            "one worker, two threads, two cores",
            *(f"{it.crews.threads.per_minute:.0f}" for it in found),
        ],
        ["peak memory of a worker, MB", *(f"{it.crews.one.peak_mb:.0f}" for it in found)],
    ]


def apart(heard_by: Sequence[Listening], spoken_by: Sequence[Speaking]) -> list[str]:
    """Return what each server serves that has cores for itself."""
    rows = []
    for it in heard_by:
        per_s = [rooms.heard_per_s(it, cores) for cores in (1, 2, 4)]
        rows.append((f"`{it.name}` listens", *(f"{rooms.rooms(each):,}" for each, _ in per_s)))
    for voice in spoken_by:
        per_s = [rooms.spoken_per_s(voice, cores) for cores in (1, 2, 4)]
        rows.append((f"{voice.name} speaks", *(f"{rooms.rooms(each):,}" for each, _ in per_s)))
    return list(table(("rooms", "one core", "two", "four"), rows))


def together(heard_by: Sequence[Listening], spoken_by: Sequence[Speaking]) -> list[str]:
    """Return how many rooms machines serve that listen and speak."""
    rows = []
    for it in heard_by:
        for voice in spoken_by:
            cells = []
            for machines, cores in _MACHINES:
                best = rooms.best_share(it, voice, cores)
                of_all = machines * best.rooms
                cells.append(f"{of_all:,} ({rooms.homes(of_all):,})")
            best = rooms.best_share(it, voice, 4)
            listen = _workers(best.listening, best.listening_threads)
            split = f"{listen} + {_workers(best.speaking, best.speaking_threads)}"
            rows.append((f"`{it.name}`, {voice.name}", *cells, split))
    head = (
        "rooms (homes)",
        *(
            f"{cores} cores" if machines == 1 else f"{machines} machines of {cores}"
            for machines, cores in _MACHINES
        ),
        "4 cores: to listen + to speak",
    )
    return list(table(head, rows))


def _workers(cores: int, threads: int) -> str:
    return f"{cores // threads} x {threads} thread{'s' if threads > 1 else ''}"


def checked(checks: Sequence[Check]) -> list[str]:
    """Return the models beside what was measured."""
    rows = [
        (
            each.what,
            f"{each.busy:.0%} ({each.was_busy:.0%})",
            each.requests,
            each.failed,
            *(_pair(waits) for waits in (each.measured, each.formula, each.played)),
        )
        for each in checks
    ]
    head = (
        "",
        "busy",
        "requests",
        "failed",
        "waited",
        "formula",
        "the same requests, played through",
    )
    return list(table(head, rows))


def _pair(waits: Waits | None) -> str:
    return "" if waits is None else f"{waits.mean_s * 1000:.0f} / {waits.p95_s * 1000:.0f}"


def balanced(found: Listening) -> list[str]:
    """Return what a balancer makes of the waits that the tables allow."""
    work = found.works[1]
    per_s = most_in_line(work, 1, wait_s=rooms.WAIT_S)
    times_s = [each.cpu_s * found.crews.beside for each in found.costs]
    rows = []
    for workers in (1, 3, 12):
        opened_s = arrivals(workers * per_s, _SIMULATED, workers)
        kinds = chosen(_SIMULATED, [each.share for each in UTTERANCES], workers)
        works_s = [times_s[kind] for kind in kinds]
        spoken_s = [float(UTTERANCES[kind].seconds) for kind in kinds]
        rows.append(
            (
                workers,
                f"{workers * per_s * 60:.0f}",
                _ms(Line(work=work, per_s=per_s).within_s(0.95)),
                _ms(p95(least_connections(opened_s, spoken_s, works_s, workers))),
                _ms(p95(one_queue(opened_s, works_s, workers))),
            )
        )
    head = ("workers", "utterances a minute", "as counted", "fewest connections", "one queue")
    return list(table(head, rows))


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f}"
