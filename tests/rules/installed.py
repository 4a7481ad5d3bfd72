"""What the installed Home Assistant says of itself, read from its files and never imported."""

import ast
import importlib.util
import json
from functools import cache
from pathlib import Path
from typing import Any

import yaml


@cache
def package_folder(name: str) -> Path:
    """Return the folder of an installed package."""
    spec = importlib.util.find_spec(name)
    assert spec is not None, f"{name} is not installed: run scripts/setup"
    assert spec.submodule_search_locations, name
    return Path(next(iter(spec.submodule_search_locations)))


@cache
def components() -> frozenset[str]:
    """Return the domains of Home Assistant's own integrations."""
    folder = package_folder("homeassistant") / "components"
    return frozenset(path.parent.name for path in folder.glob("*/manifest.json"))


@cache
def manifest(domain: str) -> dict[str, Any]:
    """Return the manifest of one of Home Assistant's own integrations."""
    path = package_folder("homeassistant") / "components" / domain / "manifest.json"
    content: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return content


@cache
def entity_platforms() -> frozenset[str]:
    """Return the entity platforms, such as `light`."""
    path = package_folder("homeassistant") / "generated" / "entity_platforms.py"
    return frozenset(
        node.value.value
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


@cache
def quality_rules() -> frozenset[str]:
    """Return the rules of the quality scale, as a platinum integration lists them."""
    path = package_folder("homeassistant") / "components" / "anthropic" / "quality_scale.yaml"
    return frozenset(yaml.safe_load(path.read_text("utf-8"))["rules"])


@cache
def icons() -> frozenset[str]:
    """Return the names of the Material Design Icons that the user interface ships."""
    folder = package_folder("hass_frontend") / "static" / "mdi"
    parts = json.loads((folder / "iconMetadata.json").read_text("utf-8"))["parts"]
    return frozenset(
        name
        for part in parts
        for name in json.loads((folder / f"{part['file']}.json").read_text("utf-8"))
    )
