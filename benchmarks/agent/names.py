"""How well names are understood: the right entity, a wrong one, or one that does not exist.

.venv-harness/bin/python -m benchmarks.agent.names
"""

import random
from collections import Counter
from time import thread_time
from typing import Any

from benchmarks.agent.homes import make_home
from benchmarks.agent.requests import invented_names, name_variants
from custom_components.jonh.agent.names.resolver import Resolver

SEEDS = (9101, 9202, 9303)
"""Homes that nothing was tuned on."""


def measure(n: int, seeds: tuple[int, ...] = SEEDS) -> dict[str, Any]:
    """Return what became of the names of homes of `n` entities; times are of the processor."""
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    wrong, asked, invented, false = 0, 0, 0, 0
    times: list[float] = []
    for seed in seeds:
        made = make_home(n, seed)
        resolver = Resolver(made.home)
        for case in name_variants(made, random.Random(seed + 1)):
            begin = thread_time()
            found = resolver.entity(case.said, area_id=case.area_id)
            times.append(thread_time() - begin)
            total[case.kind] += 1
            right[case.kind] += found.entities == (case.entity,)
            wrong += found.entity not in {None, case.entity}
            asked += len(found.entities) > 1
        for name in invented_names(made, random.Random(seed + 2)):
            invented += 1
            false += resolver.entity(name).entity is not None
    return {
        "entities": n,
        "cases": total.total(),
        "resolved_percent": _percent(right.total(), total.total()),
        "asked_percent": _percent(asked, total.total()),
        "wrong": wrong,
        "invented": invented,
        "invented_resolved_percent": _percent(false, invented),
        "p95_ms": round(sorted(times)[int(len(times) * 0.95)] * 1000, 2),
        "by_kind": {kind: _percent(right[kind], total[kind]) for kind in total},
    }


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 2) if whole else 0.0


def main() -> None:
    """Print the figures for homes of 100, 300 and 1000 entities."""
    for n in (100, 300, 1000):
        for key, value in measure(n).items():
            print(f"{key}: {value}")
        print()


if __name__ == "__main__":
    main()
