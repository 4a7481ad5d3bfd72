"""Rules for what the documents quote: labels of forms and menus, lines of the servers' logs.

A rule takes the root of a repository and returns its faults, one line each; none means it holds.
"""

import ast
import json
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from tests.rules.fences import FENCE

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGES = ("docs/*.md", "PRIVACY.md", "SECURITY.md", "README.md")
# Pages about the inside, and for those who run many machines: their italics are no labels.
_WITHOUT_LABELS = (
    "architecture", "benchmarks", "dependencies", "releasing", "scale-out", "sizing",
)  # fmt: skip
_ITALICS = re.compile(r"(?<![*\w])\*([^*\n]+)\*(?![*\w])")
# Home Assistant's components whose forms and pages are spoken of.
_COMPONENTS = (
    "assist_pipeline", "assist_satellite", "esphome", "hassio", "marketplace", "ollama",
    "openai_conversation", "wyoming",
)  # fmt: skip
# Menus of telephones, and of the app Shortcuts.
_ON_A_PHONE = {
    "assist in app", "autoplay videos", "default apps", "dictate text", "dictated text",
    "digital assistant app", "get contents of url", "contents of url", "get dictionary value",
    "json", "play sound", "post", "record audio", "show result", "shortcuts", "speak text",
}  # fmt: skip
# What is said, written or answered, and values that stand for themselves.
_NO_LABELS = {
    "403", "503", "alarme", "documentation", "gás", "garagem", "gate", "int8",
    "no", "porta", "portão", "sim", "unhealthy", "voice_assistant", "yes",
}  # fmt: skip
_LOG_HEADING = "## What the servers write"


def label_faults(root: Path) -> list[str]:
    """Return words in italics that are no label of Home Assistant or of ours."""
    labels = _labels(root)
    faults = []
    for path in [path for pattern in PAGES for path in sorted(root.glob(pattern))]:
        if path.stem in _WITHOUT_LABELS:
            continue
        for quoted in _ITALICS.findall(FENCE.sub("", path.read_text("utf-8"))):
            for part in [quoted] if _is_label(quoted, labels) else quoted.split(", "):
                if not _is_label(part, labels):
                    faults.append(f"{path.relative_to(root)}: nothing is called {part!r}")
    return faults


def _is_label(text: str, labels: frozenset[str]) -> bool:
    name = text.strip().lower()
    # "Wake word 2" is "Wake word {index}"; of a long label its beginning is enough.
    return (
        name in labels
        or re.sub(r" \d+$", "", name) in labels
        or any(len(name) > 8 and label.startswith(name) for label in labels)
    )


@cache
def _labels(root: Path) -> frozenset[str]:
    found = find_spec("homeassistant")
    core = Path(str(found and found.origin)).parent
    files = [core / "components" / name / "translations" / "en.json" for name in _COMPONENTS]
    frontend = core.parent / "hass_frontend" / "static" / "translations"
    for folder in ("", "config", "marketplace", "profile"):
        files += (frontend / folder).glob("en-[0-9a-f]*.json")
    files.append(root / "custom_components" / "jonh" / "translations" / "en.json")
    texts = {text for file in files for text in _texts(json.loads(file.read_text("utf-8")))}
    for file in root.glob("addons/*/translations/en.yaml"):
        texts |= set(_texts(yaml.safe_load(file.read_text("utf-8"))))
    for name in _COMPONENTS:
        manifest = core / "components" / name / "manifest.json"
        texts.add(json.loads(manifest.read_text("utf-8"))["name"])
    panel = root / "custom_components" / "jonh" / "frontend" / "strings.js"
    texts |= set(re.findall(r'^    \w+: "(.*)",$', panel.read_text("utf-8"), re.MULTILINE))
    status = root / "wyoming_servers" / "status.html"
    texts |= set(re.findall(r'\w+: "([^"]*)"', status.read_text("utf-8")))
    plain = {re.sub(r"\s*\{[^}]*\}", "", text).strip().lower() for text in texts}
    return frozenset(plain | {text.lower() for text in texts} | _ON_A_PHONE | _NO_LABELS | {"jonh"})


def _texts(content: dict[str, Any]) -> Iterator[str]:
    for value in content.values():
        if isinstance(value, dict):
            yield from _texts(value)
        elif isinstance(value, str):
            yield value


def log_faults(root: Path) -> list[str]:
    """Return lines of the servers' logs on the page that no server writes."""
    page = (root / "docs" / "troubleshooting.md").read_text("utf-8")
    _, heading, rest = page.partition(_LOG_HEADING)
    table = rest.partition("\n## ")[0]
    lines = re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE)
    written = _written(root)
    faults = [] if heading and lines else ["docs/troubleshooting.md has no lines of the logs"]
    for line in lines:
        for part in line.split("…"):
            if len(part) > 2 and not any(part.strip("; ") in text for text in written):
                faults.append(f"docs/troubleshooting.md: no server writes {part!r}")
    return faults


@cache
def _written(root: Path) -> list[str]:
    """Return every text in the servers' source, with a gap where something is filled in."""
    texts = []
    for path in sorted((root / "wyoming_servers").rglob("*.py")):
        nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
        docstrings = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
        for node in nodes:
            is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
            if is_text and id(node) not in docstrings:
                texts += re.split(r"%(?:\.\d+)?[sdf]", node.value)
    return texts
