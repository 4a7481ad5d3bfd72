"""Rules for the files that are copied from the documents: units, settings, automations.

A rule takes the root of a repository and returns its faults, one line each; none means it holds.
"""

import re
import shlex
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from tests.rules.commands import SERVERS, server_faults
from tests.rules.fences import fences, load_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

# The beginning of a unit, of what is added to one, and of lines to put in its place.
_UNIT = re.compile(r"\[|(?:Description|Environment|ExecStart)=")


def unit_faults(root: Path) -> list[str]:
    """Return faults of the service units and of the settings of the compose file."""
    faults = [f"{page}: {fault}" for page, unit in units(root) for fault in _service_faults(unit)]
    for fence in fences(root, "ini"):
        if not _UNIT.match(fence.text):
            faults += [f"{fence.page}: {fault}" for fault in _variable_faults(root, fence.text)]
    return faults


def units(root: Path) -> list[tuple[Path, str]]:
    """Return the units that the pages show, each with what they say to change or to add."""
    found = [each for each in fences(root, "ini") if _UNIT.match(each.text)]
    base = next((each.text for each in found if each.text.startswith("[Unit]")), "")
    complete = []
    for page, _, text in found:
        if text.startswith("[Unit]"):
            complete.append((page, text))
        elif text.startswith("["):
            complete.append((page, f"{base}\n{text}"))
        else:
            complete.append((page, _changed(base, text)))
    return complete


def _changed(unit: str, lines: str) -> str:
    """Put lines in the place of those with the same keys."""
    for line in lines.splitlines():
        key = line.partition("=")[0]
        unit = re.sub(rf"^{key}=.*$", line.replace("\\", r"\\"), unit, flags=re.MULTILINE)
    return unit


def _service_faults(unit: str) -> Iterator[str]:
    """Check the command, the variables and the folder of a unit."""
    command = re.search(r"^ExecStart=(.*)$", unit, re.MULTILINE)
    if command is None:
        yield "the unit starts nothing"
        return
    words = shlex.split(command[1])
    name = Path(words[0]).name
    yield from server_faults(name, words[1:])
    folder = re.search(r"^StateDirectory=(.*)$", unit, re.MULTILINE)
    names = {f"{name.replace('-', '_')}_{field}".upper() for field in _fields(name)}
    for variable in re.findall(r"^Environment=(.*)$", unit, re.MULTILINE):
        for key, value in re.findall(r"(\w+)=(\S+)", variable):
            if key.startswith("JONH_") and key not in names:
                yield f"{name} does not read {key}"
            if value.startswith("%S/") and (folder is None or value != f"%S/{folder[1]}"):
                yield f"{key} is outside the StateDirectory"


def _fields(name: str) -> set[str]:
    return set(SERVERS[name].__dataclass_fields__)


def _variable_faults(root: Path, text: str) -> Iterator[str]:
    """Check that the compose file reads what `.env` says."""
    files = sorted((root / "deploy").glob("compose*.yaml"))
    known = "".join(path.read_text("utf-8") for path in files)
    for line in text.splitlines():
        key = line.partition("=")[0]
        if f"${{{key}:" not in known:
            yield f"the compose file does not read {key}"


# --- YAML


def yaml_faults(root: Path) -> list[str]:
    """Return fences that are no YAML, actions that do not exist, and files that are others."""
    shipped = [path.read_text("utf-8") for path in sorted((root / "deploy").glob("**/*.y*ml"))]
    faults = []
    for fence in fences(root, "yaml"):
        try:
            content = load_yaml(fence.text)
        except yaml.YAMLError as err:
            faults.append(f"{fence.page}: {err}")
            continue
        if any(
            {"services", "apiVersion"} & set(each) for each in content if isinstance(each, dict)
        ):
            if not any(fence.text.strip() in text for text in shipped):
                faults.append(f"{fence.page}: no file in deploy has what is shown")
            continue
        for call in _calls(content):
            faults += [f"{fence.page}: {fault}" for fault in _call_faults(root, call)]
    return faults


def _calls(content: Any) -> Iterator[dict[str, Any]]:
    if isinstance(content, list):
        for each in content:
            yield from _calls(each)
    elif isinstance(content, dict):
        if isinstance(content.get("action"), str) and "." in content["action"]:
            yield content
        for value in content.values():
            yield from _calls(value)


def _call_faults(root: Path, call: dict[str, Any]) -> Iterator[str]:
    domain, _, name = call["action"].partition(".")
    found = find_spec("homeassistant")
    core = Path(str(found and found.origin)).parent / "components"
    folder = root / "custom_components" / domain
    path = (folder if folder.is_dir() else core / domain) / "services.yaml"
    actions = yaml.safe_load(path.read_text("utf-8")) if path.is_file() else {}
    if name not in actions:
        yield f"there is no action {call['action']}"
        return
    fields = dict((actions[name] or {}).get("fields") or {})
    for section in [each for each in fields.values() if "fields" in each]:
        fields |= section["fields"]
    data = set(call.get("data") or {})
    yield from (f"{call['action']} has no field {key}" for key in sorted(data - set(fields)))
    for key, field in fields.items():
        if field.get("required") and key not in data:
            yield f"{call['action']} needs {key}"
