"""How well Home Assistant's own matcher understands the names that `names` tries on ours."""

import random
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from homeassistant.helpers import intent

from benchmarks.agent.homes import make_home
from benchmarks.agent.houses import House, open_house
from benchmarks.agent.names import SEEDS
from benchmarks.agent.requests import invented_names, name_variants

if TYPE_CHECKING:
    from benchmarks.agent.requests import NameCase


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreNames:
    """Percent of the names; the counterpart of `names.measure`."""

    resolved_percent: float
    wrong: int
    invented_resolved_percent: float
    by_kind: dict[str, float]


async def measure(n: int, seeds: tuple[int, ...] = SEEDS) -> CoreNames:
    """Ask `intent.async_match_targets` for the same names of the same homes."""
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    wrong, invented, false = 0, 0, 0
    for seed in seeds:
        made = make_home(n, seed)
        async with open_house(made.home) as house:
            for case in name_variants(made, random.Random(seed + 1)):
                found = _matched(house, case)
                total[case.kind] += 1
                right[case.kind] += found == {case.entity.entity_id}
                wrong += len(found) == 1 and case.entity.entity_id not in found
            for name in invented_names(made, random.Random(seed + 2)):
                invented += 1
                false += len(_entity_ids(house, name, None)) == 1
    return CoreNames(
        resolved_percent=100 * right.total() / total.total(),
        wrong=wrong,
        invented_resolved_percent=100 * false / invented,
        by_kind={kind: 100 * right[kind] / total[kind] for kind in total},
    )


def _matched(house: House, case: NameCase) -> set[str]:
    area = house.home.area_by_id[case.area_id].name if case.area_id else None
    return _entity_ids(house, case.said, area)


def _entity_ids(house: House, name: str, area: str | None) -> set[str]:
    constraints = intent.MatchTargetsConstraints(
        name=name, area_name=area, assistant="conversation"
    )
    result = intent.async_match_targets(house.hass, constraints)
    return {state.entity_id for state in result.states} if result.is_match else set()
