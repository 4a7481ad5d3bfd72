"""The images' tests: `scripts/images` first, then `.venv/bin/python -m pytest tests/images`."""

import os
from typing import TYPE_CHECKING

import pytest

from tests.images.containers import SUBNET, image, podman

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_FIGURES: list[str] = []


@pytest.fixture(scope="session", autouse=True)
def _images() -> None:
    """Fail in one line where the images were not built; nothing here can run without them."""
    if os.geteuid() != 0:
        pytest.exit("tests/images needs root, as scripts/images does", returncode=1)
    for program in ("stt", "tts"):
        if podman("image", "exists", image(program), check=False):
            pytest.exit(f"{image(program)} is not there: run scripts/images", returncode=1)


@pytest.fixture(scope="session")
def network() -> Iterator[str]:
    """Make the network that the Supervisor's containers live in."""
    name = "jonh-images"
    podman("network", "rm", "--force", name, check=False)
    podman("network", "create", "--subnet", SUBNET, name)
    yield name
    podman("network", "rm", "--force", name, check=False)


@pytest.fixture(scope="session")
def report() -> Callable[[str], None]:
    """Return what puts a measured figure below the results."""
    return _FIGURES.append


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the figures."""
    if _FIGURES:
        terminalreporter.section("measured")
        for line in _FIGURES:
            terminalreporter.write_line(line)
