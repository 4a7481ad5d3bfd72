"""The smoke test that a release makes before it publishes an image."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.images.containers import ROOT, image

# As the engine starts them elsewhere; within a container it may not raise limits.
ENVIRONMENT = os.environ | {
    "ENGINE": str(Path("scripts") / "images") + " podman",
    "RUN_OPTIONS": "--ulimit nofile=1024:4096 --ulimit nproc=4096:4096",
}


def smoke(name: str, program: str) -> subprocess.CompletedProcess[str]:
    """Run the script on an image of `scripts/images`."""
    return subprocess.run(
        ["scripts/smoke-image", name, program],
        cwd=ROOT,
        env=ENVIRONMENT,
        check=False,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("program", ["stt", "tts"])
def test_image_passes(program: str) -> None:
    """It becomes healthy without network, rights or disk, hears or speaks, and stops with 0."""
    run = smoke(image(program), program)
    assert run.returncode == 0, run.stderr
    assert f"jonh-{program} " in run.stdout
    assert "stops when told to" in run.stdout


def test_other_image_does_not_pass() -> None:
    """Healthy is not enough: it has to be the server that the name says."""
    run = smoke(image("tts"), "stt")
    assert run.returncode == 1
    assert "cannot hear or speak" in run.stderr
