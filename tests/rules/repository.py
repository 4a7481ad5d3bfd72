"""Rules for the repository as a whole: Marketplace files, layout, brand, texts, workflows.

A rule takes the root of a repository and returns its faults, one line each; none means it holds.
"""

import json
import re
import subprocess
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlparse

import yaml
from PIL import Image

from tests.rules.manifest import INTEGRATION

if TYPE_CHECKING:
    from collections.abc import Iterator

HACS_KEYS = {
    "content_in_root", "country", "filename", "hacs", "hide_default_branch", "homeassistant",
    "name", "persistent_directory", "render_readme",
}  # fmt: skip
REPOSITORY_KEYS = ["name", "url", "maintainer"]
ADD_ON_NAME = re.compile(r"config\.(?:ya?ml|json)")
# CTranslate2 wants its settings under this name. The Supervisor, which reads every file of the
# name as an add-on, passes over it with a line in its log.
FOREIGN_CONFIG = {Path("wyoming_servers/starter/whisper/config.json")}
# The Marketplace refuses more.
MAX_ARCHIVE_BYTES = 100 * 1024 * 1024
ICON_SIDES_PX = {"icon.png": 256, "icon@2x.png": 512}
# Home Assistant asks for the shortest side of a logo within these bounds.
LOGO_SIDES_PX = {"logo.png": (128, 256), "logo@2x.png": (256, 512)}

# Spelled so that this file does not hold what it looks for.
UNWANTED = {
    "a package registry's address": re.compile(
        r"pypi\.(?:org|io)|pythonhosted\.org|npmjs\.(?:org|com)|crates\.io", re.IGNORECASE
    ),
    "a path of one machine": re.compile(r"(?<![\w.])/(?:work|root)/|/tmp/[j]onh"),
    "how it was made": re.compile(
        r"co-[a]uthored-by|\bcl[a]ude\b|\bcop[i]lot\b|\bchat[g]pt\b|[g]enerated (?:by|with) an? AI",
        re.IGNORECASE,
    ),
    "an issue number": re.compile(r"\b(?:closes|fixes|[i]ssue) #?\d", re.IGNORECASE),
    "an unfinished spot": re.compile(r"\b(?:[T]ODO|[F]IXME|[X]XX)\b"),
}
# Written by uv, which names where each package comes from.
UNCHECKED = {Path("uv.lock")}

PINNED_ACTION = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")
VERSION_COMMENT = re.compile(r"uses: (\S+@[0-9a-f]{40}) # \S+")


def files(root: Path) -> list[Path]:
    """Return the files of the repository, relative to its root; ignored ones are left out."""
    if not (root / ".git").exists():
        return sorted(path.relative_to(root) for path in root.rglob("*") if path.is_file())
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        check=True,
        capture_output=True,
    ).stdout.decode()
    return sorted({Path(name) for name in listing.split("\0") if name and (root / name).is_file()})


def hacs_faults(root: Path) -> list[str]:
    """Return what HACS and the Marketplace would refuse in hacs.json."""
    hacs: dict[str, Any] = json.loads((root / "hacs.json").read_text("utf-8"))
    faults = [f"hacs.json: {key} is not allowed here" for key in sorted(set(hacs) - HACS_KEYS)]
    if not hacs.get("name"):
        faults.append("hacs.json: name is missing")
    lock = tomllib.loads((root / "uv.lock").read_text("utf-8"))
    tested = [p["version"] for p in lock["package"] if p["name"] == "homeassistant"]
    oldest = min(tested, key=lambda version: [int(part) for part in version.split(".")])
    if hacs.get("homeassistant", "").split(".")[:2] != oldest.split(".")[:2]:
        faults.append(f"hacs.json: the oldest Home Assistant tested is {oldest}")
    return faults


def store_faults(root: Path) -> list[str]:
    """Return faults of repository.yaml, which makes the repository one of add-ons too."""
    store: dict[str, Any] = yaml.safe_load((root / "repository.yaml").read_text("utf-8"))
    faults = [] if list(store) == REPOSITORY_KEYS else ["repository.yaml: wrong keys"]
    manifest = json.loads((root / INTEGRATION / "manifest.json").read_text("utf-8"))
    if (
        urlparse(store.get("url", "")).scheme != "https"
        or store["url"] != manifest["documentation"]
    ):
        faults.append("repository.yaml: url is not the https address of the project")
    return faults


def layout_faults(root: Path) -> list[str]:
    """Return files at places where Home Assistant's tools would misread them."""
    paths = files(root)
    folders = {path.parts[1] for path in paths if path.parts[0] == INTEGRATION.parts[0]}
    faults = [] if folders == {INTEGRATION.name} else [f"custom_components holds {sorted(folders)}"]
    for path in paths:
        expected = path in FOREIGN_CONFIG or path.parts[0] == "addons"
        hidden = any(part.startswith(".") for part in path.parts)
        if ADD_ON_NAME.fullmatch(path.name) and not hidden and not expected:
            faults.append(f"{path}: the Supervisor takes it for an add-on")
        if path.parts[0] == "dist":
            faults.append(
                f"{path}: the Marketplace offers a top-level dist as a dashboard resource"
            )
    size_bytes = sum((root / path).stat().st_size for path in paths)
    if size_bytes > MAX_ARCHIVE_BYTES:
        faults.append(f"the files are {size_bytes} bytes, more than the Marketplace downloads")
    return faults


def brand_faults(root: Path) -> list[str]:
    """Return missing brand images and wrong sizes."""
    folder = root / INTEGRATION / "brand"
    faults = []
    for name in [f"{shade}{name}" for shade in ("", "dark_") for name in ICON_SIDES_PX]:
        side = ICON_SIDES_PX[name.removeprefix("dark_")]
        if _image_size(folder / name) != (side, side):
            faults.append(f"brand: {name} is not a PNG of {side} x {side}")
    for name in [f"{shade}{name}" for shade in ("", "dark_") for name in LOGO_SIDES_PX]:
        smallest, largest = LOGO_SIDES_PX[name.removeprefix("dark_")]
        if not smallest <= min(_image_size(folder / name)) <= largest:
            faults.append(f"brand: the short side of {name} is not in {smallest}..{largest}")
    return faults


def _image_size(path: Path) -> tuple[int, int]:
    if not path.is_file():
        return (0, 0)
    with Image.open(path) as image:
        return image.size if image.format == "PNG" else (0, 0)


def text_faults(root: Path) -> list[str]:
    """Return lines that speak of something other than the project."""
    faults = []
    for path in files(root):
        content = (root / path).read_bytes()
        if path in UNCHECKED or b"\0" in content:
            continue
        for number, line in enumerate(content.decode("utf-8").splitlines(), start=1):
            for what, pattern in UNWANTED.items():
                if pattern.search(line):
                    faults.append(f"{path}:{number}: {what}")
    return faults


def workflow_faults(root: Path) -> list[str]:
    """Return workflows with standing permissions, no deadline or movable actions."""
    faults = []
    for path in sorted((root / ".github" / "workflows").iterdir()):
        text = path.read_text("utf-8")
        workflow: dict[str, Any] = yaml.safe_load(text)
        if workflow.get("permissions") != {}:
            faults.append(f"{path.name}: needs `permissions: {{}}` at the top")
        for name, job in workflow["jobs"].items():
            faults += [f"{path.name}: {name} {fault}" for fault in _job_faults(job)]
        explained = set(VERSION_COMMENT.findall(text))
        for action in re.findall(r"uses: (\S+@[0-9a-f]{40})", text):
            if action not in explained:
                faults.append(f"{path.name}: {action} does not say which version it is")
    return faults


def _job_faults(job: dict[str, Any]) -> Iterator[str]:
    if "timeout-minutes" not in job and "uses" not in job:
        yield "has no timeout-minutes"
    if job.get("permissions") not in (None, {}) and not isinstance(job["permissions"], dict):
        yield "takes all permissions"
    for step in [job, *job.get("steps", [])]:
        action = step.get("uses")
        if action and not action.startswith("./") and not PINNED_ACTION.fullmatch(action):
            yield f"uses {action}, which is not pinned by a full commit hash"
        if "${{ github.event" in str(step.get("run", "")):
            yield "puts what a stranger wrote into a shell"
