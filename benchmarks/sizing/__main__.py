"""How many rooms and homes a machine serves: what an utterance and an answer cost here.

scripts/bench sizing [--quick] [--write]
"""

import argparse
import asyncio
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.sizing import check, listening, page, portuguese, speaking
from benchmarks.sizing.load import MachineError
from benchmarks.sizing.plan import FULL, QUICK, Size
from benchmarks.tables import machine, show

if TYPE_CHECKING:
    from collections.abc import Sequence

# Quick to serve, so that many requests are made in a check; and what most people use.
_CHECKED = "tiny"
_BALANCED = "base"
_VOICE = "medium"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much is measured, and where models are kept."""

    size: Size
    cache: Path


def main() -> None:
    """Measure, print, and write the tables into the page if that is wanted."""
    given = _arguments()
    begin_s = time.monotonic()
    plan = Plan(size=QUICK if given.quick else FULL, cache=Path(given.cache))
    try:
        parts = asyncio.run(everything(plan, is_quick=given.quick))
    except MachineError as err:
        raise SystemExit(str(err)) from err
    if given.write:
        text = page.put_in(page.PAGE.read_text("utf-8"), parts)
        page.PAGE.write_text(text, "utf-8")
        portuguese.bring_up_to_date()
    show(f"\n{machine()}. {time.monotonic() - begin_s:.0f} s.")


def _arguments() -> argparse.Namespace:
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    parser = argparse.ArgumentParser(prog="scripts/bench sizing", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="less of everything")
    parser.add_argument("--write", action="store_true", help="put the tables into the pages")
    parser.add_argument("--cache", default=cache / "jonh" / "bench-models", help=argparse.SUPPRESS)
    return parser.parse_args()


async def everything(plan: Plan, *, is_quick: bool) -> dict[str, list[str]]:
    """Measure and print each part as soon as it is there; return all of them."""
    parts: dict[str, list[str]] = {}

    def add(name: str, lines: list[str]) -> None:
        parts[name] = lines
        show(f"\n## {name}\n")
        for line in lines:
            show(line)

    heard_by = [await listening.measure(name, plan.cache, plan.size) for name in plan.size.models]
    add("listening", page.heard(heard_by))
    base = next(each for each in heard_by if each.name == _BALANCED)
    add("balancer", page.balanced(base))
    spoken_by = [await speaking.measure(name, plan.cache, plan.size) for name in speaking.QUALITIES]
    add("speaking", page.spoken(spoken_by))
    add("apart", page.apart(heard_by, spoken_by))
    add("together", page.together(heard_by, spoken_by))
    add("checks", page.checked(await _checks(plan, spoken_by)))
    crews = [each.crews for each in heard_by] + [each.crews for each in spoken_by]
    add("machine", page.about(crews, is_quick=is_quick))
    return parts


async def _checks(plan: Plan, spoken_by: Sequence[speaking.Speaking]) -> list[check.Check]:
    made = await check.listening_checks(_CHECKED, plan.cache, plan.size)
    if check.has_haproxy():
        made.append(await check.balanced_check(_BALANCED, plan.cache, plan.size))
    voice = next(each for each in spoken_by if each.name == _VOICE)
    made.append(await check.speaking_check(voice, plan.cache, plan.size))
    return made


if __name__ == "__main__":
    main()
