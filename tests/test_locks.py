"""What the images install is what uv.lock has."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = ("pyproject.toml", "uv.lock", "README.md", "LICENSE", "scripts/lock-images")
ADD_ONS = ("jonh_stt", "jonh_tts")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Copy what the script reads and writes."""
    names = [*FILES, *(f"addons/{name}/requirements.txt" for name in ADD_ONS)]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def _check(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [root / "scripts" / "lock-images", *arguments], check=False, capture_output=True, text=True
    )


def test_the_locks_of_the_images_are_current() -> None:
    """Whoever changes uv.lock runs scripts/lock-images."""
    run = _check(ROOT, "--check")
    assert (run.returncode, run.stderr) == (0, "")


def test_a_lock_of_its_own_is_noticed_and_written_anew(copy: Path) -> None:
    """A version that was changed by hand, in one of both."""
    path = copy / "addons" / "jonh_tts" / "requirements.txt"
    current = path.read_text("utf-8")
    path.write_text(current.replace("wyoming==", "wyoming==9."), "utf-8")
    run = _check(copy, "--check")
    assert run.returncode == 1
    assert "addons/jonh_tts/requirements.txt is not what uv.lock has" in run.stderr
    assert "jonh_stt" not in run.stderr
    assert _check(copy).returncode == 0
    assert path.read_text("utf-8") == current
