"""What a machine must have, read from files as Linux writes them."""

from pathlib import Path

import pytest

from wyoming_servers.preflight import PreflightError, available_memory_bytes, check_cpu

_MODERN = "processor\t: 0\nflags\t\t: fpu pni ssse3 cx16 sse4_1 sse4_2 popcnt avx2\n"
# A virtual machine of type kvm64.
_OLD = "processor\t: 0\nflags\t\t: fpu sse sse2 pni cx16 hypervisor\n"
_ARM = "processor\t: 0\nFeatures\t: fp asimd\n"


def _file(tmp_path: Path, name: str, text: str) -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="ascii")
    return path


@pytest.mark.parametrize("text", [_MODERN, _ARM, ""], ids=["modern", "arm", "empty"])
def test_cpus_that_will_do(tmp_path: Path, text: str) -> None:
    """A CPU of the last fifteen years passes, and one that we know nothing of."""
    check_cpu(_file(tmp_path, "cpuinfo", text))
    check_cpu(tmp_path / "not-there")


def test_a_cpu_that_is_too_old(tmp_path: Path) -> None:
    """The line names what is missing and what to do about it."""
    with pytest.raises(PreflightError, match=r"lacks popcnt, sse4_1, sse4_2, ssse3.*CPU type"):
        check_cpu(_file(tmp_path, "cpuinfo", _OLD))


def test_this_machine_will_do() -> None:
    """The tests run on what they ask for."""
    check_cpu()
    assert (available_memory_bytes() or 1) > 0


def test_memory_is_what_is_left_of_the_smallest_limit(tmp_path: Path) -> None:
    """A container may use less than the machine has."""
    machine = _file(tmp_path, "meminfo", "MemTotal: 9 kB\nMemAvailable:   2048 kB\n")
    limit, used = _file(tmp_path, "max", "1000000\n"), _file(tmp_path, "now", "400000\n")
    assert available_memory_bytes(machine, limit, used) == 600_000
    unlimited = _file(tmp_path, "max", "max\n")
    assert available_memory_bytes(machine, unlimited, used) == 2048 * 1024


@pytest.mark.parametrize("text", ["", "MemAvailable:\n", "MemAvailable: many kB\n"])
def test_memory_that_is_unknown(tmp_path: Path, text: str) -> None:
    """Nothing is claimed where nothing can be read."""
    gone = tmp_path / "not-there"
    assert available_memory_bytes(_file(tmp_path, "meminfo", text), gone, gone) is None
    assert available_memory_bytes(gone, gone, gone) is None
