"""A call in the browser beside Home Assistant's own pipeline: one house, one run.

scripts/bench call [--quick]
"""

import argparse
import asyncio
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from homeassistant.const import __version__ as HOME_ASSISTANT  # noqa: N812

from benchmarks.call import barge_in, false_alarms, long_call, playing, waiting
from benchmarks.call.house import Scene, running_scene
from benchmarks.tables import machine, show, table
from tests.browser.person import Person, chromium, person

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable
    from contextlib import AbstractAsyncContextManager

    from playwright.async_api import Browser

    from benchmarks.call.long_call import Course

type Part = Callable[[Visit, Size], Awaitable[Iterable[str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is measured."""

    rounds: int
    interruptions: int
    noises: int
    """Of each kind."""
    turns: int


FULL = Size(rounds=10, interruptions=15, noises=3, turns=100)
QUICK = Size(rounds=3, interruptions=4, noises=1, turns=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A house and a browser in front of it."""

    scene: Scene
    browser: Browser


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="scripts/bench call", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer of everything")
    parser.add_argument("--only", choices=[*_PARTS], help="only one of the tables")
    given = parser.parse_args()
    begin_s = time.monotonic()
    parts = [given.only] if given.only else [*_PARTS]
    asyncio.run(_everything(QUICK if given.quick else FULL, parts))
    show(f"\n{machine()}, Home Assistant {HOME_ASSISTANT},")
    show(f"playwright {version('playwright')}. {time.monotonic() - begin_s:.0f} s.")


async def _everything(size: Size, parts: Iterable[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with running_scene(Path(folder)) as scene, chromium() as browser:
            show(f"Chromium {browser.version}.")
            visit = Visit(scene=scene, browser=browser)
            for part in parts:
                title, measure = _PARTS[part]
                show(f"\n## {title}\n")
                for line in await measure(visit, size):
                    show(line)


async def _waiting(visit: Visit, size: Size) -> Iterable[str]:
    measured = await waiting.measure(visit.scene, size.rounds)
    rows = []
    for (what, way), wait in measured.items():
        parts = (
            wait.recognised,
            wait.to_model,
            wait.model,
            wait.to_voice,
            wait.voice,
            wait.to_listener,
        )
        cells = (f"{part:.0f}" for part in parts)
        rows.append((what, way, f"{wait.total:.0f}", f"{wait.overhead:.0f}", *cells))
    return table(
        (
            "ms", "by", "first byte", "of it overhead",
            "silence and recogniser", "to the model", "first token",
            "to the voice", "voice", "to the listener",
        ),
        rows,
    )  # fmt: skip


async def _playing(visit: Visit, size: Size) -> Iterable[str]:
    async with _guest(visit) as guest:
        played = await playing.measure(visit.scene, guest, size.rounds)
    rows = [
        (name, f"{each.after_speech:.0f}", f"{each.after_voice:.0f}")
        for name, each in played.items()
    ]
    head = ("a model's answer in the browser, ms", "after the speech", "after the voice's first")
    return table(head, rows)


async def _barge_in(visit: Visit, size: Size) -> Iterable[str]:
    async with _guest(visit) as guest:
        await guest.dial()
        made = await barge_in.measure(visit.scene, guest, size.interruptions)
        await guest.hang_up()
    rows = [
        (name, f"{median(values):.0f}", f"{max(values):.0f}")
        for name, values in (
            ("the volume goes down", [each.lowered for each in made]),
            ("silence", [each.silent for each in made]),
        )
    ]
    return table((f"from the first sample, {len(made)} interruptions", "median ms", "most"), rows)


async def _false_alarms(visit: Visit, size: Size) -> Iterable[str]:
    async with _guest(visit) as guest:
        await guest.dial()
        sounds = await false_alarms.noises(visit.scene, size.noises)
        outcomes = await false_alarms.measure(visit.scene, guest, sounds)
        await guest.hang_up()
    rows = []
    for kind, made in outcomes.items():
        count = Counter(made)
        rows.append((kind, len(made), *(count[each] for each in false_alarms.Outcome)))
    return table(("over the answer", "tried", *map(str, false_alarms.Outcome)), rows)


async def _long_call(visit: Visit, size: Size) -> Iterable[str]:
    async with _guest(visit) as guest:
        course = await long_call.measure(visit.scene, guest, size.turns)
    return [*_course(course), "", *_left(course), *(f"\n{fault}" for fault in course.faults)]


def _course(course: Course) -> Iterable[str]:
    restored = f"{median(course.restored_ms):.0f} ms" if course.restored_ms else ""
    rows = [
        ("turns", course.turns, course.right, ""),
        ("interruptions", course.interruptions, course.interrupted, ""),
        ("lost connections", course.cuts, len(course.restored_ms), restored),
    ]
    return table(("one call", "tried", "right", "back after"), rows)


def _left(course: Course) -> Iterable[str]:
    rows = [
        (
            name,
            f"{course.warm[name].memory_mb:.0f}",
            f"{course.late[name].memory_mb:.0f}",
            f"{course.before[name].sockets}, {course.after[name].sockets}",
            f"{course.before[name].tasks}, {course.after[name].tasks}",
        )
        for name in course.before
    ]
    return table(
        (
            "", "MB after a tenth", "after the last turn",
            "sockets before, after", "tasks before, after",
        ),
        rows,
    )  # fmt: skip


def _guest(visit: Visit) -> AbstractAsyncContextManager[Person]:
    return person(visit.browser, visit.scene.house.home, visit.scene.url)


_PARTS: dict[str, tuple[str, Part]] = {
    "waiting": ("Waiting for the first byte of sound", _waiting),
    "playing": ("Waiting for sound from the loudspeaker", _playing),
    "barge-in": ("Speaking over the answer", _barge_in),
    "false-alarms": ("Sounds over the answer that are no turn", _false_alarms),
    "long-call": ("A long call", _long_call),
}


if __name__ == "__main__":
    main()
