"""Rules for `manifest.json`, `quality_scale.yaml` and the imports of the integration.

A rule takes the root of a repository and returns its faults, one line each; none means it holds.
"""

import ast
import json
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlparse

import yaml
from awesomeversion import AwesomeVersion, AwesomeVersionException, AwesomeVersionStrategy

from tests.rules import installed

if TYPE_CHECKING:
    from collections.abc import Iterator

INTEGRATION = Path("custom_components") / "jonh"

# What hassfest of 2026.10 knows for a custom integration; a newer key is refused by the older one.
KEYS = {
    "after_dependencies", "bluetooth", "codeowners", "config_flow", "dependencies", "dhcp",
    "disabled", "documentation", "domain", "homekit", "import_executor", "integration_type",
    "iot_class", "issue_tracker", "loggers", "mqtt", "name", "quality_scale", "requirements",
    "single_config_entry", "ssdp", "usb", "version", "zeroconf",
}  # fmt: skip
HACS_KEYS = {"codeowners", "documentation", "domain", "issue_tracker", "name", "version"}
INTEGRATION_TYPES = {"device", "entity", "hardware", "helper", "hub", "service", "system"}
IOT_CLASSES = {
    "assumed_state", "calculated", "cloud_polling", "cloud_push", "local_polling", "local_push",
}  # fmt: skip
# Imported by many without being declared: they have no requirements of their own or always run.
UNDECLARED_IMPORTS = {
    "automation", "conversation", "device_automation", "frontend", "group", "homeassistant",
    "media_source", "onboarding", "panel_custom", "persistent_notification", "person", "script",
    "sun", "system_health", "system_log", "webhook", "websocket_api", "zone",
}  # fmt: skip

TIERS = {
    "bronze": {
        "action-setup", "appropriate-polling", "brands", "common-modules", "config-flow",
        "config-flow-test-coverage", "dependency-transparency", "docs-actions", "docs-conditions",
        "docs-high-level-description", "docs-installation-instructions",
        "docs-removal-instructions", "docs-triggers", "entity-event-setup", "entity-unique-id",
        "has-entity-name", "runtime-data", "test-before-configure", "test-before-setup",
        "unique-config-entry",
    },
    "silver": {
        "action-exceptions", "config-entry-unloading", "docs-configuration-parameters",
        "docs-installation-parameters", "entity-unavailable", "integration-owner",
        "log-when-unavailable", "parallel-updates", "reauthentication-flow", "test-coverage",
    },
    "gold": {
        "devices", "diagnostics", "discovery", "discovery-update-info", "docs-data-update",
        "docs-examples", "docs-known-limitations", "docs-supported-devices",
        "docs-supported-functions", "docs-troubleshooting", "docs-use-cases", "dynamic-devices",
        "entity-category", "entity-device-class", "entity-disabled-by-default",
        "entity-translations", "exception-translations", "icon-translations",
        "reconfiguration-flow", "repair-issues", "stale-devices",
    },
    "platinum": {"async-dependency", "inject-websession", "strict-typing"},
}  # fmt: skip
OTHER_SCALES = {"custom", "internal", "legacy", "no_score"}


def manifest_faults(root: Path) -> list[str]:
    """Return what hassfest and HACS would refuse in the manifest."""
    path = root / INTEGRATION / "manifest.json"
    manifest: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return [*_key_faults(manifest), *_value_faults(manifest), *_requirement_faults(root, manifest)]


def _key_faults(manifest: dict[str, Any]) -> Iterator[str]:
    for key in sorted(HACS_KEYS - set(manifest)):
        yield f"manifest: {key} is missing"
    for key in sorted(set(manifest) - KEYS):
        yield f"manifest: {key} is no key that Home Assistant 2026.10 knows"
    if list(manifest) != ["domain", "name", *sorted(set(manifest) - {"domain", "name"})]:
        yield "manifest: the order is domain, name, then the alphabet"


def _value_faults(manifest: dict[str, Any]) -> Iterator[str]:
    domain = manifest.get("domain")
    if domain != INTEGRATION.name:
        yield f"manifest: domain {domain} is not the name of the folder"
    if domain in installed.components():
        yield f"manifest: domain {domain} belongs to Home Assistant"
    if manifest.get("integration_type") not in INTEGRATION_TYPES:
        yield "manifest: integration_type is not known"
    if manifest.get("iot_class") not in IOT_CLASSES:
        yield "manifest: iot_class is not known"
    if manifest.get("quality_scale") not in {None, *TIERS, *OTHER_SCALES}:
        yield "manifest: quality_scale is not known"
    for owner in manifest.get("codeowners", []):
        if not owner.startswith("@"):
            yield f"manifest: code owner {owner} does not start with @"
    for key in ("documentation", "issue_tracker"):
        yield from _url_faults(key, manifest.get(key, ""))
    if not _is_version(manifest.get("version")):
        yield "manifest: version is neither SemVer nor CalVer"
    declared = [*manifest.get("dependencies", []), *manifest.get("after_dependencies", [])]
    for dependency in declared:
        if dependency not in installed.components():
            yield f"manifest: dependency {dependency} is no integration of Home Assistant"
    if len(declared) != len(set(declared)):
        yield "manifest: a dependency is named twice"


def _url_faults(key: str, value: str) -> Iterator[str]:
    url = urlparse(value)
    if url.scheme != "https" or not url.netloc:
        yield f"manifest: {key} is not an https address"
    if url.netloc.endswith("home-assistant.io") and url.path.startswith("/integrations"):
        yield f"manifest: {key} points to the documentation of Home Assistant's own integrations"


def _is_version(value: object) -> bool:
    strategies = [AwesomeVersionStrategy.CALVER, AwesomeVersionStrategy.SEMVER]
    try:
        AwesomeVersion(str(value), ensure_strategy=strategies)
    except AwesomeVersionException:
        return False
    return isinstance(value, str)


def _requirement_faults(root: Path, manifest: dict[str, Any]) -> Iterator[str]:
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    tested = set(project["dependency-groups"]["assist"])
    for requirement in manifest.get("requirements", []):
        name, separator, version = requirement.partition("==")
        if " " in requirement or not separator or not version:
            yield f"manifest: requirement {requirement} is not pinned as name==version"
        if requirement not in tested:
            yield f"manifest: requirement {requirement} is not what pyproject.toml tests with"
        if name not in manifest.get("loggers", []):
            yield f"manifest: requirement {name} has no logger in loggers"
        if name in installed.components():
            core = installed.manifest(name).get("requirements", [])
            if core and requirement not in core:
                yield f"manifest: requirement {requirement} fights Home Assistant's own {core[0]}"


def owner_faults(root: Path) -> list[str]:
    """Return owners of the integration whom GitHub asks about no change."""
    manifest = json.loads((root / INTEGRATION / "manifest.json").read_text("utf-8"))
    path = root / ".github" / "CODEOWNERS"
    named = set(path.read_text("utf-8").split()) if path.is_file() else set()
    return [
        f".github/CODEOWNERS: {owner}, who owns the integration, is not in it"
        for owner in manifest.get("codeowners", [])
        if owner not in named
    ]


def import_faults(root: Path) -> list[str]:
    """Return imports of other integrations that the manifest does not declare."""
    folder = root / INTEGRATION
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    declared = {*manifest.get("dependencies", []), *manifest.get("after_dependencies", [])}
    allowed = declared | UNDECLARED_IMPORTS | installed.entity_platforms()
    return [
        f"{path.relative_to(root)}: imports {component}, which the manifest does not declare"
        for path in sorted(folder.rglob("*.py"))
        for component in sorted(_imported_components(ast.parse(path.read_text("utf-8"))))
        if component not in allowed and not (folder / f"{component}.py").is_file()
    ]


def _imported_components(tree: ast.Module) -> set[str]:
    prefix = "homeassistant.components"
    found: set[str] = set()
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            pending += node.orelse
            continue
        pending += ast.iter_child_nodes(node)
        if isinstance(node, ast.ImportFrom) and node.module == prefix:
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{prefix}."):
            found.add((node.module or "").split(".")[2])
        elif isinstance(node, ast.Import):
            found |= {n.name.split(".")[2] for n in node.names if n.name.startswith(f"{prefix}.")}
    return found


def quality_faults(root: Path) -> list[str]:
    """Return gaps in the quality scale file, and rules that the claimed tier needs and lacks."""
    rules = yaml.safe_load((root / INTEGRATION / "quality_scale.yaml").read_text("utf-8"))["rules"]
    manifest = json.loads((root / INTEGRATION / "manifest.json").read_text("utf-8"))
    known = set().union(*TIERS.values())
    faults = [f"quality_scale: {name} is missing" for name in sorted(known - set(rules))]
    faults += [f"quality_scale: {name} is no rule" for name in sorted(set(rules) - known)]
    for name, value in rules.items():
        status = value if isinstance(value, str) else value.get("status")
        if status not in {"done", "todo", "exempt"}:
            faults.append(f"quality_scale: {name} has the status {status}")
        if status == "exempt" and not (isinstance(value, dict) and value.get("comment")):
            faults.append(f"quality_scale: {name} is exempt without a reason")
        if status == "todo" and name in _claimed(manifest.get("quality_scale")):
            faults.append(f"quality_scale: the manifest claims a tier that needs {name}")
    return faults


def _claimed(tier: str | None) -> set[str]:
    if tier not in TIERS:
        return set()
    order = list(TIERS)
    return set().union(*(TIERS[name] for name in order[: order.index(tier) + 1]))
