"""One version, written where each tool wants it, the same everywhere."""

import json
import re
import tomllib
from pathlib import Path

import pytest

from tests.rules import addons, strict_yaml
from tools.release import versions

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


def test_add_ons_have_the_version() -> None:
    """The Supervisor offers it, and pulls the image of that name."""
    configs = sorted(ROOT.glob("addons/*/config.yaml"))
    named = {path.parent.name: strict_yaml.load(path.read_text("utf-8")) for path in configs}
    assert {name: config["version"] for name, config in named.items()} == {
        "jonh_stt": project_version(),
        "jonh_tts": project_version(),
    }


def test_add_ons_tell_of_the_version() -> None:
    """The Supervisor shows the changelog of the add-on beside the button to update."""
    assert addons.version_faults(ROOT) == []


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


def test_images_are_named_with_the_version() -> None:
    """Compose, Kubernetes and the documents run what the add-ons run."""
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("deploy/**/*.yaml")]
    image = re.compile(
        r"jonh-assistant/jonh-(?:stt|tts):(\d[\w.-]*)|^ +newTag: (.*)$", re.MULTILINE
    )
    named = [
        match[1] or match[2] for page in pages for match in image.finditer(page.read_text("utf-8"))
    ]
    assert len(named) >= 4
    assert set(named) == {project_version()}


def test_release_knows_every_place() -> None:
    """What writes the next version finds this one wherever it stands, and no other."""
    places = versions.stated(ROOT)
    assert {version for _, version in places} == {project_version()}
    files = {path.relative_to(ROOT).as_posix() for path, _ in places}
    assert files >= {
        "addons/jonh_stt/config.yaml",
        "addons/jonh_tts/config.yaml",
        "custom_components/jonh/manifest.json",
        "deploy/compose.yaml",
        "deploy/kubernetes/kustomization.yaml",
        "docs/installation.md",
        "pyproject.toml",
        "uv.lock",
        "wyoming_servers/__init__.py",
    }
