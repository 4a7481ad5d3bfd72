"""Rules for translations, icons and the description of the actions.

A rule takes the root of a repository and returns its faults, one line each; none means it holds.
"""

import ast
import json
import re
import string
from typing import TYPE_CHECKING, Any

import yaml

from tests.rules import installed
from tests.rules.manifest import INTEGRATION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

LANGUAGES = ("en", "es", "pt", "pt-BR")
KEY = re.compile(r"[a-z0-9]+(?:[_-][a-z0-9]+)*")
HTML = re.compile(r"<[a-z/!][^>]*>", re.IGNORECASE)
ADDRESS = re.compile(r"(?:[a-z]+://|www\.)[a-z0-9]", re.IGNORECASE)
QUOTED_PLACEHOLDER = re.compile(r"'\{\w+\}'")

# The shape of a translation file: TEXT is a text, "*" any key of ours, a trailing ! is required.
TEXT = "text"
TEXTS = {"*": TEXT}
FLOW: dict[str, Any] = {
    "abort": TEXTS, "create_entry": TEXTS, "error": TEXTS, "flow_title": TEXT, "progress": TEXTS,
    "step!": {
        "*": {
            "title": TEXT, "description": TEXT, "submit": TEXT, "data": TEXTS,
            "data_description": TEXTS, "menu_options": TEXTS, "menu_option_descriptions": TEXTS,
            "sections": {
                "*": {"name": TEXT, "description": TEXT, "data": TEXTS, "data_description": TEXTS}
            },
        }
    },
}  # fmt: skip
SHAPE: dict[str, Any] = {
    "title": TEXT,
    "common": TEXTS,
    "config": FLOW,
    "config_subentries": {
        "*": FLOW | {"entry_type!": TEXT, "initiate_flow!": {"user!": TEXT, "reconfigure": TEXT}}
    },
    "conversation": {"agent": {"done": TEXT}},
    "device": {"*": {"name!": TEXT}},
    "entity": {
        "*": {
            "*": {
                "name": TEXT, "state": TEXTS, "unit_of_measurement": TEXT,
                "state_attributes": {"*": {"name": TEXT, "state": TEXTS}},
            }
        }
    },
    "exceptions": {"*": {"message!": TEXT}},
    "issues": {"*": {"title!": TEXT, "description": TEXT, "fix_flow": FLOW}},
    "options": FLOW,
    "selector": {"*": {"options": TEXTS, "unit_of_measurement": TEXTS}},
    "services": {
        "*": {
            "name!": TEXT, "description!": TEXT,
            "fields": {"*": {"name!": TEXT, "description!": TEXT}},
            "sections": {"*": {"name!": TEXT, "description": TEXT}},
        }
    },
    "system_health": {"info": TEXTS},
}  # fmt: skip


def translation_faults(root: Path) -> list[str]:
    """Return what hassfest refuses, and what one language has and another lacks."""
    folder = root / INTEGRATION / "translations"
    faults = [
        f"{path.name}: not a translation of ours"
        for path in sorted((root / INTEGRATION).glob("**/strings.json"))
    ]
    if sorted(path.stem for path in folder.iterdir()) != sorted(LANGUAGES):
        return [*faults, f"translations: not exactly {', '.join(LANGUAGES)}"]
    english = _read(folder / "en.json")
    for language in LANGUAGES:
        content = _read(folder / f"{language}.json")
        found = [*_shape_faults(content, SHAPE, ()), *_step_faults(content)]
        for path, text in _texts(content).items():
            found += [f"{path} {fault}" for fault in _text_faults(text)]
        found += _same_as_english(_texts(content), _texts(english))
        faults += [f"{language}: {fault}" for fault in found]
    return faults


def _read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return content


def _texts(content: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in content.items():
        found |= (
            _texts(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value}
        )
    return found


def _shape_faults(content: Any, shape: Any, path: tuple[str, ...]) -> Iterator[str]:
    where = ".".join(path)
    if shape == TEXT or not isinstance(content, dict):
        if shape != TEXT or not isinstance(content, str):
            yield f"{where} is not a {'text' if shape == TEXT else 'group'}"
        return
    named = {key.rstrip("!"): key for key in shape if key != "*"}
    for key in sorted({key for key in shape if key.endswith("!")} - {f"{k}!" for k in content}):
        yield f"{where} has no {key.rstrip('!')}"
    for key, value in content.items():
        if key in named:
            yield from _shape_faults(value, shape[named[key]], (*path, key))
        elif "*" in shape:
            if not KEY.fullmatch(key):
                yield f"{where} has the key {key}, which is not of a-z, 0-9, - and _"
            yield from _shape_faults(value, shape["*"], (*path, key))
        else:
            yield f"{where} has the key {key}, which nobody reads"


def _step_faults(content: Mapping[str, Any]) -> Iterator[str]:
    """Every field of a form has a description, every description a field."""
    flows = [content.get("config", {}), *content.get("config_subentries", {}).values()]
    for flow in flows:
        for name, step in flow.get("step", {}).items():
            for form in (step, *step.get("sections", {}).values()):
                for field in set(form.get("data", {})) ^ set(form.get("data_description", {})):
                    yield f"step {name}: {field} stands only in data or only in data_description"
    for key, issue in content.get("issues", {}).items():
        if ("description" in issue) == ("fix_flow" in issue):
            yield f"issues.{key} needs either a description or a fix_flow"


def _text_faults(text: str) -> Iterator[str]:
    if not text or text != text.strip():
        yield "is empty or has spaces around it"
    if HTML.search(text):
        yield "has HTML in it"
    if ADDRESS.search(text):
        yield "has an address in it: use a placeholder"
    if QUOTED_PLACEHOLDER.search(text):
        yield "has a placeholder in single quotes"
    if "[%" in text or "%]" in text:
        yield "has a reference, which only Home Assistant's own integrations can use"
    try:
        names = _placeholders(text)
    except ValueError as error:
        yield f"has a broken placeholder: {error}"
    else:
        yield from (f"has the placeholder {name!r}" for name in names if not name.isidentifier())


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def _same_as_english(texts: Mapping[str, str], english: Mapping[str, str]) -> Iterator[str]:
    for path in sorted(set(texts) ^ set(english)):
        yield f"{path} stands only {'here' if path in texts else 'in English'}"
    for path in sorted(set(texts) & set(english)):
        if _safe_placeholders(texts[path]) != _safe_placeholders(english[path]):
            yield f"{path} has other placeholders than in English"


def _safe_placeholders(text: str) -> set[str]:
    try:
        return _placeholders(text)
    except ValueError:
        return set()


def icon_faults(root: Path) -> list[str]:
    """Return icons that do not exist, and actions without one."""
    icons = _read(root / INTEGRATION / "icons.json")
    faults = [
        f"icons: {key} is no section"
        for key in set(icons) - {"entity", "services", "triggers", "conditions"}
    ]
    for path, icon in _texts(icons).items():
        prefix, _, name = icon.partition(":")
        if prefix != "mdi" or name not in installed.icons():
            faults.append(f"icons: {path} names {icon}, which the user interface does not have")
    missing = set(_actions(root)) ^ set(icons.get("services", {}))
    faults += [f"icons: action {name} stands only in one of the two files" for name in missing]
    return faults


def action_faults(root: Path) -> list[str]:
    """Return where services.yaml and the translations of the actions disagree."""
    actions = _actions(root)
    texts = _read(root / INTEGRATION / "translations" / "en.json").get("services", {})
    faults = [f"services: {name} stands only in one file" for name in set(actions) ^ set(texts)]
    for name in set(actions) & set(texts):
        fields = (actions[name] or {}).get("fields", {})
        for field in set(fields) ^ set(texts[name].get("fields", {})):
            faults.append(f"services: field {name}.{field} stands only in one file")
        for field, description in fields.items():
            if len(description.get("selector", {})) != 1:
                faults.append(f"services: field {name}.{field} needs one selector")
    return faults


def _actions(root: Path) -> dict[str, Any]:
    path = root / INTEGRATION / "services.yaml"
    actions: dict[str, Any] = yaml.safe_load(path.read_text("utf-8")) if path.exists() else {}
    return actions


# Ends of flows that Home Assistant itself reaches.
GIVEN_BY_HOME_ASSISTANT = {"reauth_successful", "reconfigure_successful"}


def use_faults(root: Path) -> list[str]:
    """Return texts that no code asks for, and texts that code asks for and nobody wrote."""
    english = _read(root / INTEGRATION / "translations" / "en.json")
    flows = [english["config"], *english.get("config_subentries", {}).values()]
    flows += [issue["fix_flow"] for issue in english["issues"].values() if "fix_flow" in issue]
    steps = {name for flow in flows for name in flow.get("step", {})}
    ends = {key for flow in flows for part in ("error", "abort") for key in flow.get(part, {})}
    messages = {*english["exceptions"], *english["issues"]}
    entities = {key for platform in english.get("entity", {}).values() for key in platform}
    trees = [ast.parse(path.read_text("utf-8")) for path in (root / INTEGRATION).rglob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    spelled = re.compile("|".join({pattern for node in nodes for pattern in _spellings(node)}))
    faults = [
        f"en: nothing in the code asks for {key}"
        for key in sorted((steps | ends | messages) - GIVEN_BY_HOME_ASSISTANT)
        if not spelled.fullmatch(key)
    ]
    written = {"step_id": steps, "reason": ends, "translation_key": messages | entities}
    for argument, key in sorted({asked for node in nodes for asked in _asked(node)}):
        if key not in written[argument]:
            faults.append(f"en: {argument}={key} in the code has no text")
    return faults


def _spellings(node: ast.AST) -> Iterator[str]:
    """Yield patterns of the keys that a piece of code can name."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and KEY.fullmatch(node.value):
        yield re.escape(node.value)
    elif isinstance(node, ast.JoinedStr):
        parts = [p.value if isinstance(p, ast.Constant) else "" for p in node.values]
        # A pattern of placeholders alone would name every key.
        if any(re.search("[a-z]{2}", str(part)) for part in parts):
            yield "".join(re.escape(str(part)) or r"\w+" for part in parts)
    elif isinstance(node, ast.AsyncFunctionDef) and node.name.startswith("async_step_"):
        yield re.escape(node.name.removeprefix("async_step_"))


def _asked(node: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield the keys that a call hands to Home Assistant to be shown."""
    if not isinstance(node, ast.Call) or ast.unparse(node.func).endswith("_show_progress"):
        return
    for keyword in node.keywords:
        is_shown = keyword.arg in {"step_id", "reason", "translation_key"}
        if is_shown and keyword.arg and isinstance(keyword.value, ast.Constant):
            yield keyword.arg, str(keyword.value.value)
