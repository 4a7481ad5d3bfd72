"""One version, written where each tool wants it, the same everywhere."""

import json
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SEMANTIC = re.compile(r"\d+\.\d+\.\d+")


def project_version() -> str:
    """Return the version of the distribution."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    version: str = project["project"]["version"]
    return version


def newest_entry(changelog: str) -> str:
    """Return the version of the topmost released entry of a changelog."""
    match = re.search(r"^## \[(\d[^\]]*)\] - \d{4}-\d{2}-\d{2}$", changelog, re.MULTILINE)
    assert match, "CHANGELOG.md has no entry like `## [1.2.3] - 2026-11-30`"
    return match[1]


def test_version_is_semantic() -> None:
    """HACS orders releases by it."""
    assert SEMANTIC.fullmatch(project_version())


def test_integration_has_the_version() -> None:
    """Home Assistant shows the manifest's."""
    path = ROOT / "custom_components" / "jonh" / "manifest.json"
    assert json.loads(path.read_text("utf-8"))["version"] == project_version()


def test_servers_have_the_version() -> None:
    """The servers tell it to Home Assistant and to `--version`."""
    text = (ROOT / "wyoming_servers" / "__init__.py").read_text("utf-8")
    assert re.findall(r'^__version__ = "(.*)"$', text, re.MULTILINE) == [project_version()]


def test_lock_has_the_version() -> None:
    """A lock of another version fails `uv sync --locked`."""
    lock = tomllib.loads((ROOT / "uv.lock").read_text("utf-8"))
    versions = [package["version"] for package in lock["package"] if package["name"] == "jonh"]
    assert versions == [project_version()]


def test_changelog_has_the_version_on_top() -> None:
    """A release cuts its notes from that entry."""
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert newest_entry(changelog) == project_version()
    assert f"\n[{project_version()}]: https://" in changelog


def test_newest_entry_needs_a_date() -> None:
    """A heading that the release workflow would not find is refused."""
    assert newest_entry("# C\n\n## [Unreleased]\n\n## [2.0.0] - 2027-01-02\n") == "2.0.0"
    with pytest.raises(AssertionError, match="no entry"):
        newest_entry("## 2.0.0\n")


def test_documents_install_the_version() -> None:
    """A line to copy that installs an older version is found."""
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
    named = [
        version
        for page in pages
        for version in re.findall(r"/jonh@v([\d.]+)", page.read_text("utf-8"))
    ]
    assert len(named) >= 3
    assert set(named) == {project_version()}
