"""Rules for the documents: links lead somewhere, every dependency has its reason.

A rule takes the root of a repository and returns its faults, one line each; none means it holds.
"""

import re
import tomllib
from typing import TYPE_CHECKING, Any

from tests.rules.repository import files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FENCE = re.compile(r"^(```|~~~).*?^\1\s*$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
UNFILLED = re.compile(r"@@\w+@@")
REQUIREMENT_NAME = re.compile(r"[A-Za-z0-9._-]+")


def page_faults(root: Path) -> list[str]:
    """Return links within the repository that lead nowhere, and places nobody filled in."""
    faults = []
    for path in files(root):
        if path.suffix != ".md":
            continue
        text = (root / path).read_text("utf-8")
        faults += [f"{path}: {place} is not filled in" for place in UNFILLED.findall(text)]
        for target in LINK.findall(FENCE.sub("", text)):
            if re.match(r"[a-z]+:", target):
                continue
            name, _, anchor = target.partition("#")
            there = root / path.parent / name if name else root / path
            if not there.exists():
                faults.append(f"{path}: {target} does not exist")
            elif anchor and anchor not in _anchors(there):
                faults.append(f"{path}: {target} has no such heading")
    return faults


def _anchors(path: Path) -> set[str]:
    """Return the anchors that a forge makes of the headings."""
    headings = HEADING.findall(FENCE.sub("", path.read_text("utf-8")))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def dependency_faults(root: Path) -> list[str]:
    """Return dependencies without a word in docs/dependencies.md."""
    text = (root / "docs" / "dependencies.md").read_text("utf-8").lower()
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    return [
        f"docs/dependencies.md does not say why {name} is needed"
        for name in sorted(set(_requirement_names(project)))
        if not re.search(rf"(?<![\w-]){re.escape(name.lower())}(?![\w-])", text)
    ]


def _requirement_names(project: dict[str, Any]) -> Iterator[str]:
    groups = [
        project["build-system"]["requires"],
        project["project"]["dependencies"],
        *project["project"]["optional-dependencies"].values(),
        *project["dependency-groups"].values(),
    ]
    for requirement in [entry for group in groups for entry in group]:
        if isinstance(requirement, str) and (match := REQUIREMENT_NAME.match(requirement)):
            yield match[0]
