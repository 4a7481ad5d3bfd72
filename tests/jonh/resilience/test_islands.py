"""The house without a network, and on a disk that takes no more: in namespaces of their own."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[3]


def can_unshare(*kinds: str) -> bool:
    """Return True where this machine lets a program have its own network or mounts."""
    try:
        tried = subprocess.run(["unshare", "-r", *kinds, "true"], check=False, capture_output=True)
    except FileNotFoundError:
        return False
    return tried.returncode == 0


async def on_an_island(folder: Path, kinds: str, before: str, *args: str) -> dict[str, Any]:
    """Run the program there, its temporary files in a folder of its own."""
    program = f"{before} exec {sys.executable} -m tests.jonh.resilience.isolated {' '.join(args)}"
    process = await asyncio.create_subprocess_exec(
        *("unshare", "-r", *kinds.split(), "sh", "-ec", program),
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(folder), "HOME": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    output, errors = await asyncio.wait_for(process.communicate(), 280)
    assert process.returncode == 0, errors.decode()[-3000:]
    seen: dict[str, Any] = json.loads(output.decode().splitlines()[-1])
    return seen


@pytest.mark.timeout(300)
@pytest.mark.skipif(not can_unshare("-n"), reason="programs cannot have networks of their own here")
async def test_a_hundred_turns_leave_no_trace(size: Callable[..., int], tmp_path: Path) -> None:
    """Ollama alone: nothing leaves the machine, no word is logged, no sound is kept."""
    spoken = size(fast=3, long=100)
    seen = await on_an_island(tmp_path, "-n", "", "offline", "--turns", "100", f"--spoken={spoken}")
    assert seen["interfaces"] == ["lo"], "there is nothing that could be reached"
    assert seen["outbound"] == []
    assert seen["lines"] > 0
    assert seen["logged"] == []
    assert len(seen["heard"]) == spoken
    assert all("luz" in text.lower() for text in seen["heard"])
    assert seen["with_words"] == []
    assert seen["sounds"] == []


@pytest.mark.timeout(300)
@pytest.mark.parametrize("what", ["full", pytest.param("read-only", marks=pytest.mark.long)])
@pytest.mark.skipif(not can_unshare("-m"), reason="programs cannot mount anything here")
async def test_a_disk_that_takes_no_more(tmp_path: Path, what: str) -> None:
    """The agent answers and remembers; the old file stays whole, the next one is complete."""
    mount = f"mount -t tmpfs -o size=2m jonh-test {tmp_path};"
    seen = await on_an_island(tmp_path, "-m", mount, what)
    assert seen == {
        "first": "Sobre maçãs, sim.",
        "full": "Sobre peras, sim.",
        "is_whole": True,
        "again": "Sobre figos, sim.",
        "remembered": True,
        "after": "Sobre uvas, sim.",
        "written": True,
        "left_over": [],
    }
