"""Fuzzing the parsers with atheris (B4), in long runs only."""

import importlib.util
import subprocess
import sys

import pytest

from benchmarks.resilience.targets import TARGETS

_SECONDS = 600


@pytest.mark.long
@pytest.mark.timeout(2 * _SECONDS)
@pytest.mark.parametrize("name", sorted(TARGETS))
def test_a_fuzzer_finds_nothing(name: str) -> None:
    """Ten minutes of inputs that try to reach every branch raise nothing but the one refusal."""
    if importlib.util.find_spec("atheris") is None:
        pytest.skip("atheris is not installed; scripts/test --long fetches it")
    command = [sys.executable, "-m", "benchmarks.resilience.fuzz", name, "--seconds", str(_SECONDS)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr[-3000:]
