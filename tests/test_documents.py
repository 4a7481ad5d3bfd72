"""The documentation names what the code offers, with the values the code has."""

import ast
import dataclasses
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from wyoming_servers.options import SHOWN
from wyoming_servers.settings import Settings, SttSettings, TtsSettings
from wyoming_servers.telemetry import PrometheusTelemetry
from wyoming_servers.tts.normalize import normalize

ROOT = Path(__file__).parents[1]
CONFIGURATION = (ROOT / "docs" / "configuration.md").read_text("utf-8")
USING = (ROOT / "docs" / "using.md").read_text("utf-8")


def rows(page: str) -> dict[str, str]:
    """Return the rows of all tables of a page: what the first cell names, and the row."""
    return {
        name: line
        for line in page.splitlines()
        if line.startswith("| ")
        for name in re.findall(r"`([^`]+)`", line.split(" | ")[0])
    }


def shown(settings: type[Settings], field: dataclasses.Field[Any]) -> str:
    """Return how a default is written in the tables."""
    if field.name in SHOWN:
        return f"| {SHOWN[field.name]} |"
    if field.default is None:
        nothing = {"http_port", "initial_prompt", "names_file", "cache_dir", "download"}
        return "| none |" if field.name in nothing else "| the voice's |"
    if isinstance(field.default, bool):
        return "| on |" if field.default else "| off |"
    if isinstance(field.default, Path):
        return f"~/.local/share/jonh/{settings.program.removeprefix('jonh-')}`"
    return f"{field.default:g}" if isinstance(field.default, float) else str(field.default)


@pytest.mark.parametrize("settings", [SttSettings, TtsSettings])
def test_every_flag_is_explained_with_its_default(settings: type[Settings]) -> None:
    """A flag without a row, or with another default in it, is found."""
    explained = rows(CONFIGURATION)
    for field in dataclasses.fields(settings):
        flag = f"--{field.name.replace('_', '-')}"
        assert flag in explained, flag
        assert shown(settings, field) in explained[flag], flag


def test_every_flag_explained_exists() -> None:
    """A row for a flag that is gone is found."""
    flags = {name for name in rows(CONFIGURATION) if name.startswith("--")}
    fields = [*dataclasses.fields(SttSettings), *dataclasses.fields(TtsSettings)]
    offered = {f"--{field.name.replace('_', '-')}" for field in fields}
    assert flags - offered == {"--version", "--help"}


def test_every_metric_is_explained() -> None:
    """Monitoring is built from the page, not from the code."""
    telemetry = PrometheusTelemetry("jonh-stt")
    explained = {name.removesuffix("_total") for name in rows(CONFIGURATION)}
    assert {metric.name for metric in telemetry.registry.collect()} <= explained


def test_every_field_of_the_action_is_explained() -> None:
    """The fields of `jonh.create_pipeline` and their defaults are on the page."""
    path = ROOT / "custom_components" / "jonh" / "services.yaml"
    actions = yaml.safe_load(path.read_text("utf-8"))
    explained = rows(USING)
    for action, content in actions.items():
        assert f"## Action: jonh.{action}" in USING
        for name, field in content["fields"].items():
            assert name in explained, name
            if "default" in field:
                assert str(field["default"]).lower() in explained[name].lower(), name


def test_every_setting_of_an_agent_is_explained_with_its_numbers() -> None:
    """A field of the agent's form without a row, or with other numbers in it, is found."""
    path = ROOT / "custom_components" / "jonh" / "translations" / "en.json"
    form = json.loads(path.read_text("utf-8"))["config_subentries"]["conversation"]["step"]["user"]
    page = {line.split(" | ")[0]: line for line in CONFIGURATION.splitlines()}
    program = (
        "import json, custom_components.jonh.agent_form as f; "
        "print(json.dumps(f.MEMORY_NUMBERS | f.ADVANCED_NUMBERS))"
    )
    command = [sys.executable, "-c", program]
    output = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    numbers = json.loads(output)
    labels = dict(form["data"])
    for section in form["sections"].values():
        assert f"| **{section['name']}**" in page, section["name"]
        labels |= section["data"]
    for key, label in labels.items():
        assert f"| {label}" in page, label
        if key in numbers:
            default, low, high, _ = numbers[key]
            assert f"| {default:g}" in page[f"| {label}"], label
            assert f"| {low:g} to {high:.7g} |" in page[f"| {label}"], label


def test_every_flag_of_the_demo_is_explained() -> None:
    """The page of the demo house has the flags that `scripts/run --help` has."""
    command = [sys.executable, "-m", "demo", "--help"]
    text = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    offered = set(re.findall(r"^  (--[a-z-]+)", text, re.MULTILINE))
    page = (ROOT / "docs" / "demo.md").read_text("utf-8")
    assert offered
    assert offered == set(re.findall(r"`(--[a-z-]+)`", page)) - {"--help"}


def test_both_readmes_show_the_same_run() -> None:
    """A sample that was renewed in one language only is found."""
    samples = {
        fence
        for name in ("README.md", "README.pt-BR.md")
        for fence in re.findall(r"(?ms)^```console\n.*?^```", (ROOT / name).read_text("utf-8"))
    }
    assert len(samples) == 1


@pytest.mark.parametrize("language", ["pt-BR", "en"])
def test_what_is_said_to_be_read_is_read(language: str) -> None:
    """The examples of how things are read are what the voice is given."""
    table = CONFIGURATION.split(f"said in {language} |")[1].split("\n\n")[0]
    examples = [line.strip("| ").split(" | ") for line in table.splitlines()[2:]]
    assert examples
    for written, said in examples:
        given = re.findall(r"`([^`]+)`", written)
        assert ", ".join(normalize(each, language) for each in given).lower() == said.lower()


# Home Assistant's rules for the documentation of an integration, and where each is kept.
DOCUMENTATION_RULES = {
    "docs-actions": ("docs/using.md", "Action: jonh.create_pipeline"),
    "docs-configuration-parameters": ("docs/configuration.md", "Agents"),
    "docs-data-update": ("docs/configuration.md", "What is updated when"),
    "docs-examples": ("docs/using.md", "Examples"),
    "docs-high-level-description": ("docs/using.md", "What it does"),
    "docs-installation-instructions": ("docs/installation.md", "What you need"),
    "docs-installation-parameters": ("docs/configuration.md", "Setting up"),
    "docs-known-limitations": ("docs/using.md", "Known limitations"),
    "docs-removal-instructions": ("docs/installation.md", "Removing"),
    "docs-supported-devices": ("docs/using.md", "Supported devices"),
    "docs-supported-functions": ("docs/using.md", "Supported functions"),
    "docs-troubleshooting": ("docs/troubleshooting.md", "It stays silent"),
    "docs-use-cases": ("docs/using.md", "Use cases"),
}


def test_every_rule_for_documentation_has_its_place() -> None:
    """What the quality scale calls done stands under a heading, with something below it."""
    path = ROOT / "custom_components" / "jonh" / "quality_scale.yaml"
    rules = yaml.safe_load(path.read_text("utf-8"))["rules"]
    done = {rule for rule, state in rules.items() if rule.startswith("docs-") and state == "done"}
    assert done == set(DOCUMENTATION_RULES)
    for page, heading in DOCUMENTATION_RULES.values():
        section = re.search(
            rf"(?ms)^#+ {re.escape(heading)}\n(.+?)(?=^#|\Z)", (ROOT / page).read_text("utf-8")
        )
        assert section, (page, heading)
        assert len(section[1].split()) > 20, (page, heading)


def test_both_readmes_show_the_same_ways_to_install() -> None:
    """A button or a command that was renewed in one language only is found."""
    ways = []
    for name in ("README.md", "README.pt-BR.md"):
        page = (ROOT / name).read_text("utf-8")
        section = re.split(r"^## Instal\w+\n", page, flags=re.MULTILINE)[1].split("\n## ")[0]
        ways.append(re.findall(r"https://my\.[^)\s]+|`([^`]+)`", section))
    assert ways[0] == ways[1]
    assert len(ways[0]) >= 6


# A figure on a page, and the constant that it is.
FIGURES = [
    ("PRIVACY.md", "the last {} of each person", "recordings", "RECORDINGS_MAX"),
    ("PRIVACY.md", "the latest {} in memory", "coordinator", "KEPT_REPORTS"),
    ("PRIVACY.md", "by default the last {} messages", "agent/limits", "MAX_MESSAGES"),
    ("docs/using.md", "remembers the last {} messages", "agent/limits", "MAX_MESSAGES"),
    ("docs/using.md", "their answers, for {} seconds", "agent/limits", "MAX_AGE_S"),
    ("docs/using.md", "keeps at most {} conversations", "agent/limits", "MAX_CONVERSATIONS"),
    ("docs/using.md", "an agent keeps {} |", "agent/limits", "MAX_FACTS"),
    ("docs/using.md", "The *Longest turn* ({} seconds)", "agent/limits", "TURN_S"),
    ("docs/using.md", "the figures of the latest {} turns", "coordinator", "KEPT_REPORTS"),
    ("docs/using.md", "Within {} seconds, from the same", "agent/safety/guard", "ANSWER_S"),
    ("docs/http.md", "| {} a minute", "http", "PER_MINUTE"),
    ("docs/http.md", ", {} at once |", "http", "BURST"),
    ("docs/http.md", "| text | {} characters |", "http_body", "_MAX_TEXT_CHARS"),
    ("docs/migration.md", "*Remembered messages* ({})", "agent/limits", "MAX_MESSAGES"),
    ("docs/migration.md", "*Context window* ({})", "agent/limits", "NUM_CTX"),
]


def constant(path: Path, name: str) -> float:
    """Return a number that a module gives a name to."""
    for node in ast.parse(path.read_text("utf-8")).body:
        target = getattr(node, "target", None) or next(iter(getattr(node, "targets", [])), None)
        if isinstance(target, ast.Name) and target.id == name:
            value = ast.literal_eval(node.value)  # type: ignore[attr-defined]
            return float(value)
    raise AssertionError(f"{path} has no {name}")


@pytest.mark.parametrize(("page", "text", "module", "name"), FIGURES)
def test_a_figure_is_the_one_of_the_code(page: str, text: str, module: str, name: str) -> None:
    """A limit that was changed in the code only is found."""
    path = ROOT / "custom_components" / "jonh" / f"{module}.py"
    assert text.format(f"{constant(path, name):g}") in (ROOT / page).read_text("utf-8")


def test_buttons_lead_to_this_repository() -> None:
    """Every button that opens Home Assistant names the repository, and the integration's domain."""
    manifest = json.loads((ROOT / "custom_components/jonh/manifest.json").read_text("utf-8"))
    home = manifest["documentation"]
    owner, repository = urlsplit(home).path.strip("/").split("/")
    wanted = {
        "supervisor_store": {"repository_url": [home]},
        "hacs_repository": {
            "owner": [owner],
            "repository": [repository],
            "category": ["integration"],
        },
        "config_flow_start": {"domain": [manifest["domain"]]},
    }
    for name in ("README.md", "README.pt-BR.md", "docs/installation.md"):
        links = re.findall(
            r"!\[[^\]]*\]\((https://my\.\S+?)\)\]\((https://my\.\S+?)\)",
            (ROOT / name).read_text("utf-8"),
        )
        targets = {}
        for badge, link in links:
            target = urlsplit(link).path.split("/")[2]
            assert badge.endswith(f"/badges/{target}.svg")
            targets[target] = parse_qs(urlsplit(link).query)
        assert targets == wanted, name
