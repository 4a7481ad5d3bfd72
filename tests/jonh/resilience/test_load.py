"""Twenty chats at once, and an answer that does not end: the figures of the report, small."""

from typing import TYPE_CHECKING

import pytest

from benchmarks.resilience import integration

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def noisy(caplog: pytest.LogCaptureFixture) -> None:
    """Leave out what takes a third of the time."""
    caplog.set_level("WARNING")


@pytest.mark.usefixtures("noisy", "socket_enabled")
@pytest.mark.timeout(300)
async def test_every_row_holds(size: Callable[..., int]) -> None:
    """Nothing is mixed up, nothing is late, and nothing is kept that is not needed."""
    rows = await integration.measure(is_quick=size(fast=1, long=0) == 1)
    assert {row.id for row in rows} == {"L6", "L7"}
    late = [row for row in rows if not row.holds]
    assert late == [], [f"{row.what}: {row.ours}" for row in late]
