"""Rules for the repository as a whole: Marketplace files, layout, brand, texts.

A rule takes the root of a repository and returns its faults, one line each; none means it holds.
"""

import json
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlparse

import yaml

from tests.rules.images import size_px
from tests.rules.manifest import INTEGRATION

HACS_KEYS = {
    "content_in_root", "country", "filename", "hacs", "hide_default_branch", "homeassistant",
    "name", "persistent_directory", "render_readme",
}  # fmt: skip
REPOSITORY_KEYS = ["name", "url", "maintainer"]
# The Marketplace refuses more.
MAX_ARCHIVE_BYTES = 100 * 1024 * 1024
ICON_SIDES_PX = {"icon.png": 256, "icon@2x.png": 512}
# Home Assistant asks for the shortest side of a logo within these bounds.
LOGO_SIDES_PX = {"logo.png": (128, 256), "logo@2x.png": (256, 512)}

INVITATION = re.compile(r"https://my\.home-assistant\.io/redirect/(\w+)/\?([^)\s\"]+)")

# Spelled so that this file does not hold what it looks for.
UNWANTED = {
    "a package registry's address": re.compile(
        r"pypi\.(?:org|io)|pythonhosted\.org|npmjs\.(?:org|com)|crates\.io", re.IGNORECASE
    ),
    # The image of Ollama keeps its models at one of these.
    "a path of one machine": re.compile(r"(?<![\w.])/(?:work|root)/(?!\.ollama\b)|/tmp/[j]onh"),
    "how it was made": re.compile(
        r"co-[a]uthored-by|\bcl[a]ude\b|\bcop[i]lot\b|\bchat[g]pt\b|[g]enerated (?:by|with) an? AI",
        re.IGNORECASE,
    ),
    "an issue number": re.compile(r"\b(?:closes|fixes|[i]ssue) #?\d", re.IGNORECASE),
    "an unfinished spot": re.compile(r"\b(?:[T]ODO|[F]IXME|[X]XX)\b"),
}
# Written by uv, which names where each package comes from.
UNCHECKED = {Path("uv.lock")}


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
    if not hacs.get("hide_default_branch"):
        faults.append("hacs.json: the default branch is offered beside the releases")
    # An approved licence and a page to show are checks of its own for the store.
    for name, beginning in {"LICENSE": "Apache License", "README.md": "<p"}.items():
        path = root / name
        if not path.is_file() or not path.read_text("utf-8").lstrip().startswith(beginning):
            faults.append(f"{name}: is not what the store shows")
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


def invitation_faults(root: Path) -> list[str]:
    """Return links into a reader's own Home Assistant that are missing or lead elsewhere."""
    store: dict[str, Any] = yaml.safe_load((root / "repository.yaml").read_text("utf-8"))
    owner, name = urlparse(store["url"]).path.strip("/").split("/")
    wanted = {
        "supervisor_store": {"repository_url": store["url"]},
        "hacs_repository": {"owner": owner, "repository": name, "category": "integration"},
        "config_flow_start": {"domain": INTEGRATION.name},
    }
    faults = []
    for path in files(root):
        if path.suffix != ".md":
            continue
        text = (root / path).read_text("utf-8")
        found = INVITATION.findall(text)
        for place, query in found:
            if place in wanted and dict(parse_qsl(query)) != wanted[place]:
                faults.append(f"{path}: the link to {place} leads to {query}")
        if path.name.startswith("README") and len(path.parts) == 1:
            missing = sorted(set(wanted) - {place for place, _ in found})
            faults += [f"{path}: has no link to {place}" for place in missing]
    return faults


def layout_faults(root: Path) -> list[str]:
    """Return files at places where Home Assistant's tools would misread them."""
    paths = files(root)
    folders = {path.parts[1] for path in paths if path.parts[0] == INTEGRATION.parts[0]}
    faults = [] if folders == {INTEGRATION.name} else [f"custom_components holds {sorted(folders)}"]
    for path in paths:
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
        if size_px(folder / name) != (side, side):
            faults.append(f"brand: {name} is not a PNG of {side} x {side}")
    for name in [f"{shade}{name}" for shade in ("", "dark_") for name in LOGO_SIDES_PX]:
        smallest, largest = LOGO_SIDES_PX[name.removeprefix("dark_")]
        if not smallest <= min(size_px(folder / name)) <= largest:
            faults.append(f"brand: the short side of {name} is not in {smallest}..{largest}")
    known = {
        f"{shade}{name}" for shade in ("", "dark_") for name in (*ICON_SIDES_PX, *LOGO_SIDES_PX)
    }
    if folder.is_dir():
        strange = sorted({path.name for path in folder.iterdir()} - known)
        faults += [f"brand: Home Assistant reads no {name}" for name in strange]
    return faults


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
