"""What the two servers make of load, faults and abuse: the rows of `scripts/bench resilience`."""

import asyncio

import pytest

from benchmarks.resilience import suite
from benchmarks.resilience.rows import Trial, measure
from benchmarks.resilience.sides import our_side

# A machine that runs other tests beside these is slower than the bars allow; a server that is
# held up by one client is slower than this by far.
_SLACK = 6.0
_LONG_TEST_S = 3600
# Rows in which a server loses its patience with clients that do nothing.
_WAITING = frozenset({"F7", "B6"})


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a test of every row, and one of those that mostly wait."""
    size = suite.LONG if metafunc.config.getoption("--long") else suite.TEST
    trials = list(suite.trials(size))
    waiting = [trial for trial in trials if trial.id in _WAITING]
    groups = [[trial] for trial in trials if trial not in waiting] + [waiting]
    names = [f"{group[0].id}-{group[0].what.partition(':')[0]}" for group in groups]
    metafunc.parametrize("trials", groups, ids=names)


@pytest.mark.timeout(_LONG_TEST_S)
async def test_rows_hold(trials: list[Trial]) -> None:
    """The figures are within their bars, with some slack for time."""
    for trial in trials:
        if lacks := trial.lacks():
            pytest.skip(f"needs {lacks}")
    rows = await asyncio.gather(*(measure(trial, our_side(_SLACK), None) for trial in trials))
    for row in rows:
        assert row.holds, f"{row.id} {row.what}: {row.ours}; the bar is {row.bar}"
