"""Sizes of the suites: small in every run, the real ones with `--long`."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--long`, which `scripts/test --long` passes."""
    parser.addoption("--long", action="store_true", help="run the suites at their long sizes")


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark known to `--strict-markers`."""
    config.addinivalue_line("markers", "long: runs with --long only")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what only long runs do."""
    if not config.getoption("--long"):
        skip = pytest.mark.skip(reason="runs with --long only")
        for item in items:
            if item.get_closest_marker("long"):
                item.add_marker(skip)


@pytest.fixture
def size(request: pytest.FixtureRequest) -> Callable[..., int]:
    """Return `size(fast=..., long=...)`: how many there are in this run."""
    is_long = request.config.getoption("--long")

    def choose(*, fast: int, long: int) -> int:
        return long if is_long else fast

    return choose
