"""A release writes its version everywhere, or nowhere."""

import os
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from tests.rules.repository import files
from tools.release import versions
from tools.release.versions import ReleaseError

ROOT = Path(__file__).parents[3]
DAY = date(2027, 1, 2)
CHANGELOG = """\
# Changelog

## [Unreleased]

### Added

- A thing.

## [0.1.0] - 2026-11-22

- The first.

[Unreleased]: https://github.com/jonh-assistant/jonh/compare/v0.1.0...HEAD
[0.1.0]: https://github.com/jonh-assistant/jonh/releases/tag/v0.1.0
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Copy every file that states the version, and the changelogs; something is to be released."""
    paths = {path for path, _ in versions.stated(ROOT)} | set(ROOT.glob("addons/*/CHANGELOG.md"))
    for path in paths:
        (tmp_path / path.relative_to(ROOT)).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, tmp_path / path.relative_to(ROOT))
    current = versions.stated(ROOT)[0][1]
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG.replace("0.1.0", current))
    return tmp_path


def test_version_is_written_everywhere(copy: Path) -> None:
    """Nothing states the old one afterwards, and the test of the versions agrees."""
    before = versions.stated(copy)
    changed = versions.write(copy, "7.8.9", DAY)
    after = versions.stated(copy)
    assert [path for path, _ in after] == [path for path, _ in before]
    assert {version for _, version in after} == {"7.8.9"}
    assert {path for path, _ in before} < set(changed)
    for name in ("conftest.py", "test_versions.py"):
        (copy / "tests").mkdir(exist_ok=True)
        shutil.copy(ROOT / "tests" / name, copy / "tests" / name)
    shutil.copytree(ROOT / "tools" / "release", copy / "tools" / "release")
    shutil.copytree(ROOT / "tests" / "rules", copy / "tests" / "rules")
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_versions.py"],
        cwd=copy,
        env=os.environ | {"PYTHONPATH": str(copy)},
        check=False,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout


def test_only_the_version_changes(copy: Path) -> None:
    """A file keeps everything else: one line more or less is a surprise."""
    lock = (copy / "uv.lock").read_text()
    current = versions.stated(copy)[0][1]
    versions.write(copy, "7.8.9", DAY)
    old, new = f'name = "jonh"\nversion = "{current}"', 'name = "jonh"\nversion = "7.8.9"'
    assert (copy / "uv.lock").read_text() == lock.replace(old, new)


@pytest.mark.parametrize("version", ["0.0.1", "1.2", "v1.2.3", "1.2.3-beta", "x"])
def test_version_that_is_none_is_refused(copy: Path, version: str) -> None:
    """And nothing is written."""
    before = {path: path.read_bytes() for path, _ in versions.stated(copy)}
    with pytest.raises(ReleaseError, match="no version"):
        versions.write(copy, version, DAY)
    assert {path: path.read_bytes() for path in before} == before


def test_same_version_again_is_refused(copy: Path) -> None:
    """An image of that name is out already."""
    with pytest.raises(ReleaseError, match="above"):
        versions.write(copy, versions.stated(copy)[0][1], DAY)


def test_files_that_disagree_are_refused(copy: Path) -> None:
    """Somebody has to look first."""
    path = copy / "custom_components" / "jonh" / "manifest.json"
    current = versions.stated(copy)[0][1]
    path.write_text(path.read_text().replace(f'"{current}"', '"9.9.9"'))
    with pytest.raises(ReleaseError, match=r"disagree.*9\.9\.9"):
        versions.write(copy, "10.0.0", DAY)


def test_file_that_states_none_is_refused(copy: Path) -> None:
    """A pattern that no longer fits must not pass in silence."""
    (copy / "wyoming_servers" / "__init__.py").write_text("")
    with pytest.raises(ReleaseError, match="states 0 versions"):
        versions.write(copy, "7.8.9", DAY)


def test_changelog_gets_its_date() -> None:
    """The entries move below the version, and the links follow."""
    text = versions.dated(CHANGELOG, "0.2.0", "0.1.0", DAY)
    assert "## [Unreleased]\n\n## [0.2.0] - 2027-01-02\n\n### Added\n\n- A thing." in text
    assert "/compare/v0.2.0...HEAD\n[0.2.0]: " in text
    assert "/compare/v0.1.0...v0.2.0\n" in text
    again = versions.dated(
        text.replace("[Unreleased]\n", "[Unreleased]\n\n- B\n", 1), "0.3.0", "0.2.0", DAY
    )
    assert again.index("## [0.3.0]") < again.index("- B") < again.index("## [0.2.0]")


def test_release_of_nothing_is_refused() -> None:
    """There has to be something to tell."""
    empty = CHANGELOG.replace("### Added\n\n- A thing.\n\n", "")
    with pytest.raises(ReleaseError, match="nothing below"):
        versions.dated(empty, "0.2.0", "0.1.0", DAY)


def test_program_says_what_it_wrote_and_what_it_refuses() -> None:
    """Its own words, and no traceback."""
    command = [sys.executable, "-m", "tools.release", "0.0.1"]
    run = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert run.returncode == 1
    assert run.stderr == "release: 0.0.1 is no version X.Y.Z above 0.1.0\n".replace(
        "0.1.0", versions.stated(ROOT)[0][1]
    )
    run = subprocess.run(command[:-1], cwd=ROOT, check=False, capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (2, "scripts/release X.Y.Z\n")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Make a repository of what this one holds, with something to release and the same tools."""
    for name in files(ROOT):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / ".venv").symlink_to(Path(sys.executable).parents[1])
    (tmp_path / ".git" / "info").mkdir(parents=True)
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    (tmp_path / ".git" / "info" / "exclude").write_text(".venv\n")
    changelog = tmp_path / "CHANGELOG.md"
    entry = "## [Unreleased]\n\n- A thing.\n"
    changelog.write_text(changelog.read_text().replace("## [Unreleased]\n", entry))
    commit(tmp_path, "All of it")
    return tmp_path


def git(root: Path, *arguments: str) -> str:
    """Return what git says."""
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@example.com", *arguments]
    return subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout


def commit(root: Path, message: str) -> None:
    """Commit whatever there is."""
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", message)


def test_script_makes_the_branch(checkout: Path) -> None:
    """From main to a branch that only has to be looked at, committed and pushed."""
    run = subprocess.run(
        ["scripts/release", "7.8.9"], cwd=checkout, check=False, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert git(checkout, "branch", "--show-current") == "release/7.8.9\n"
    changed = {line[3:] for line in git(checkout, "status", "--porcelain").splitlines()}
    assert changed >= {"CHANGELOG.md", "addons/jonh_stt/config.yaml", "pyproject.toml", "uv.lock"}
    assert "git push" in run.stdout


def test_script_wants_a_clean_checkout(checkout: Path) -> None:
    """What is not committed would slip into the release."""
    (checkout / "more.txt").write_text("x")
    run = subprocess.run(
        ["scripts/release", "7.8.9"], cwd=checkout, check=False, capture_output=True, text=True
    )
    assert run.returncode == 1
    assert "not committed" in run.stderr
    assert git(checkout, "branch", "--show-current") == "main\n"
