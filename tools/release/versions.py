"""Where the one version stands, and how a release writes it there.

Changelogs are entries, not places: the entries below `Unreleased` move under the new version.
"""

import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date
    from pathlib import Path

SEMANTIC = re.compile(r"(\d+)\.(\d+)\.(\d+)")
REPOSITORY = "https://github.com/jonh-assistant/jonh"


class ReleaseError(Exception):
    """A version that cannot be released, with the reason."""


@dataclass(frozen=True, slots=True)
class Place:
    """Files that state the version, and how: the one group of the pattern is the version."""

    files: tuple[str, ...]
    pattern: str
    is_everywhere: bool = False
    """Whether a file may say it any number of times; else exactly once."""


PLACES = (
    Place(("pyproject.toml",), r'^version = "([^"]+)"$'),
    Place(("uv.lock",), r'^\[\[package\]\]\nname = "jonh"\nversion = "([^"]+)"$'),
    Place(("custom_components/jonh/manifest.json",), r'^  "version": "([^"]+)"$'),
    Place(("wyoming_servers/__init__.py",), r'^__version__ = "([^"]+)"$'),
    Place(("addons/*/config.yaml",), r'^version: "([^"]+)"$'),
    # What a reader copies: images by tag, the servers from the repository.
    Place(
        ("*.md", "docs/**/*.md", "addons/*/*.md", "deploy/**/*.yaml", "deploy/**/*.md"),
        r"(?:ghcr\.io/jonh-assistant/jonh-(?:stt|tts):|/jonh@v)(\d+\.\d+\.\d+)",
        is_everywhere=True,
    ),
    Place(
        ("deploy/kubernetes/kustomization.yaml",),
        r"^ +newTag: (\S+)$",
        is_everywhere=True,
    ),
    Place(
        ("docs/**/*.md", "SECURITY.md"),
        r"apps\.yml@refs/heads/release/(\d+\.\d+\.\d+)",
        is_everywhere=True,
    ),
)


def stated(root: Path) -> list[tuple[Path, str]]:
    """Return every place that states a version, with the version; changelogs aside."""
    return [
        (path, match[1])
        for place in PLACES
        for path in _files(root, place)
        for match in _matches(path, place)
    ]


def write(root: Path, version: str, day: date) -> list[Path]:
    """Write the version everywhere and date the changelogs; return the files that changed."""
    now = {version for _, version in stated(root)}
    if len(now) != 1:
        raise ReleaseError(f"the files disagree already: {', '.join(sorted(now))}")
    (current,) = now
    if not SEMANTIC.fullmatch(version) or _order(version) <= _order(current):
        raise ReleaseError(f"{version} is no version X.Y.Z above {current}")
    before: dict[Path, str] = {}
    texts: dict[Path, str] = {}

    def edit(path: Path, change: Callable[[str], str]) -> None:
        before.setdefault(path, path.read_text("utf-8"))
        texts[path] = change(texts.get(path, before[path]))

    for place in PLACES:
        for path in _files(root, place):
            edit(path, partial(_rewritten, place, version))
    edit(root / "CHANGELOG.md", lambda text: dated(text, version, current, day))
    for path in sorted(root.glob("addons/*/CHANGELOG.md")):
        edit(path, lambda text: _app_entry(text, version))
    # Nothing is written before everything is known to fit.
    changed = [path for path in texts if texts[path] != before[path]]
    for path in changed:
        path.write_text(texts[path], "utf-8")
    return sorted(changed)


def dated(changelog: str, version: str, before: str, day: date) -> str:
    """Return a changelog whose unreleased entries are those of the version."""
    head, heading, rest = changelog.partition("## [Unreleased]\n")
    entries = rest.partition("\n## [")[0]
    if not heading or not entries.strip():
        raise ReleaseError("CHANGELOG.md has nothing below `## [Unreleased]` to tell of")
    link = f"[Unreleased]: {REPOSITORY}/compare/v{before}...HEAD\n"
    if link not in rest:
        raise ReleaseError(f"CHANGELOG.md has no line `{link.strip()}`")
    links = (
        f"[Unreleased]: {REPOSITORY}/compare/v{version}...HEAD\n"
        f"[{version}]: {REPOSITORY}/compare/v{before}...v{version}\n"
    )
    return f"{head}{heading}\n## [{version}] - {day}\n{rest.replace(link, links)}"


def _app_entry(changelog: str, version: str) -> str:
    """Return an add-on's changelog with the version on top; its own entries, where it has some."""
    if f"\n## {version}\n" in changelog:
        return changelog
    head, heading, rest = changelog.partition("\n## ")
    title, _, entries = rest.partition("\n")
    if title == "Unreleased":
        return f"{head}{heading}{version}\n{entries}"
    notes = f"[What is new]({REPOSITORY}/releases/tag/v{version})."
    entry = f"\n## {version}\n\n{notes}\n"
    return f"{head}{entry}{heading}{rest}"


def _files(root: Path, place: Place) -> list[Path]:
    found = sorted({path for pattern in place.files for path in root.glob(pattern)})
    return [path for path in found if path.name != "CHANGELOG.md"]


def _matches(path: Path, place: Place) -> Iterator[re.Match[str]]:
    matches = list(re.finditer(place.pattern, path.read_text("utf-8"), re.MULTILINE))
    if not place.is_everywhere and len(matches) != 1:
        raise ReleaseError(f"{path} states {len(matches)} versions, not one")
    return iter(matches)


def _rewritten(place: Place, version: str, text: str) -> str:
    return re.sub(place.pattern, lambda match: _put(match, version), text, flags=re.MULTILINE)


def _put(match: re.Match[str], version: str) -> str:
    start, end = match.start(1) - match.start(), match.end(1) - match.start()
    return f"{match[0][:start]}{version}{match[0][end:]}"


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
