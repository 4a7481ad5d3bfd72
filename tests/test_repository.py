"""The repository keeps the rules of hassfest, HACS, the Marketplace and its own."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from PIL import Image, ImageChops, ImageStat

from tests.rules import documents, installed, manifest, repository, strings
from tests.rules.breaks import Break, Rule, append, replace

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[1]
INTEGRATION = manifest.INTEGRATION

RULES: list[Rule] = [
    manifest.manifest_faults,
    manifest.import_faults,
    manifest.owner_faults,
    manifest.quality_faults,
    strings.translation_faults,
    strings.use_faults,
    strings.icon_faults,
    strings.action_faults,
    repository.hacs_faults,
    repository.store_faults,
    repository.invitation_faults,
    repository.layout_faults,
    repository.brand_faults,
    repository.text_faults,
    documents.page_faults,
    documents.dependency_faults,
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rule_holds(rule: Rule) -> None:
    """The repository has no fault that the rule can find."""
    assert rule(ROOT) == []


def test_quality_rules_are_home_assistants() -> None:
    """The list of rules is the one that Home Assistant itself keeps."""
    assert set().union(*manifest.TIERS.values()) == installed.quality_rules()


# --- A rule that cannot fail is none: each is broken once, in a copy.


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Copy what the rules read, without the history."""
    for name in ("LICENSE", "hacs.json", "pyproject.toml", "repository.yaml", "uv.lock"):
        shutil.copy(ROOT / name, tmp_path / name)
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "custom_components", tmp_path / "custom_components", ignore=ignore)
    for name in (".github", "addons", "deploy", "docs"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for path in [*ROOT.glob("*.md"), *ROOT.glob("*/starter/*.md")]:
        (tmp_path / path.relative_to(ROOT)).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, tmp_path / path.relative_to(ROOT))
    return tmp_path


def edit(name: str, change: Callable[[Any], Any]) -> Break:
    """Return a break that changes a JSON or YAML file of the integration in place."""

    def apply(root: Path) -> None:
        path = root / (name if name in {"hacs.json", "repository.yaml"} else INTEGRATION / name)
        is_json = path.suffix == ".json"
        content = json.loads(path.read_text()) if is_json else yaml.safe_load(path.read_text())
        change(content)
        path.write_text(
            json.dumps(content) if is_json else yaml.safe_dump(content, sort_keys=False)
        )

    return apply


def move_key_last(content: dict[str, Any]) -> None:
    """Put the domain at the end."""
    content["domain"] = content.pop("domain")


def in_exceptions(text: str) -> Callable[[Any], Any]:
    """Return a change that adds one message to the exceptions."""
    return lambda content: content["exceptions"].update(never_said={"message": text})


def shrink_icon(root: Path) -> None:
    """Save the icon at half its size."""
    path = root / INTEGRATION / "brand" / "icon.png"
    Image.open(path).resize((128, 128)).save(path)


EN = "translations/en.json"
BROKEN: dict[str, tuple[Rule, Break, str]] = {
    "manifest order": (manifest.manifest_faults, edit("manifest.json", move_key_last), "order"),
    "manifest unknown key": (
        manifest.manifest_faults,
        edit("manifest.json", lambda c: c.update(zz_key=1)),
        "zz_key",
    ),
    "manifest version": (
        manifest.manifest_faults,
        edit("manifest.json", lambda c: c.update(version="one")),
        "SemVer",
    ),
    "manifest documentation": (
        manifest.manifest_faults,
        edit("manifest.json", lambda c: c.update(documentation="http://example.com")),
        "https",
    ),
    "manifest requirement": (
        manifest.manifest_faults,
        edit("manifest.json", lambda c: c.update(requirements=["ollama==0.5.0"])),
        "fights",
    ),
    "manifest dependency": (
        manifest.manifest_faults,
        edit("manifest.json", lambda c: c.update(dependencies=["no_such_thing"])),
        "no_such_thing",
    ),
    "owner nobody asks": (
        manifest.owner_faults,
        edit("manifest.json", lambda c: c.update(codeowners=["@somebody"])),
        "@somebody",
    ),
    "undeclared import": (
        manifest.import_faults,
        append(f"{INTEGRATION}/const.py", "\nfrom homeassistant.components import mqtt\n"),
        "mqtt",
    ),
    "quality rule missing": (
        manifest.quality_faults,
        edit("quality_scale.yaml", lambda c: c["rules"].pop("brands")),
        "brands is missing",
    ),
    "quality exempt without reason": (
        manifest.quality_faults,
        edit("quality_scale.yaml", lambda c: c["rules"].update(brands={"status": "exempt"})),
        "without a reason",
    ),
    "quality claimed": (
        manifest.quality_faults,
        edit("quality_scale.yaml", lambda c: c["rules"].update(brands="todo")),
        "claims a tier",
    ),
    "translation missing": (
        strings.translation_faults,
        edit("translations/pt.json", lambda c: c.pop("exceptions")),
        "only in English",
    ),
    "translation placeholder": (
        strings.translation_faults,
        edit("translations/es.json", lambda c: c["config"].update(flow_title="{nada}")),
        "stands only here",
    ),
    "translation address": (
        strings.translation_faults,
        edit(EN, in_exceptions("See https://example.com")),
        "address",
    ),
    "translation HTML": (strings.translation_faults, edit(EN, in_exceptions("<b>No</b>")), "HTML"),
    "translation quotes": (
        strings.translation_faults,
        edit(EN, in_exceptions("No '{name}'")),
        "quotes",
    ),
    "translation spaces": (strings.translation_faults, edit(EN, in_exceptions("No ")), "spaces"),
    "translation brace": (strings.translation_faults, edit(EN, in_exceptions("No {")), "broken"),
    "translation section": (
        strings.translation_faults,
        edit(EN, lambda c: c.update(sentences={"a": "b"})),
        "nobody reads",
    ),
    "translation of a field": (
        strings.translation_faults,
        edit(EN, lambda c: c["config"]["step"].update(more={"data": {"url": "URL"}})),
        "only in data",
    ),
    "text nobody asks for": (
        strings.use_faults,
        edit(EN, in_exceptions("Never shown")),
        "asks for never_said",
    ),
    "text nobody wrote": (
        strings.use_faults,
        edit(EN, lambda c: c["exceptions"].pop("key_refused")),
        "translation_key=key_refused",
    ),
    "icon": (
        strings.icon_faults,
        edit("icons.json", lambda c: c["services"].update(create_pipeline="mdi:no-such-icon")),
        "no-such-icon",
    ),
    "action without texts": (
        strings.action_faults,
        edit("services.yaml", lambda c: c.update(sing={})),
        "sing",
    ),
    "action field without texts": (
        strings.action_faults,
        edit("services.yaml", lambda c: c["create_pipeline"]["fields"].update(tune={})),
        "tune",
    ),
    "hacs key": (
        repository.hacs_faults,
        edit("hacs.json", lambda c: c.update(zip_release=True)),
        "zip_release",
    ),
    "hacs floor": (
        repository.hacs_faults,
        edit("hacs.json", lambda c: c.update(homeassistant="2026.3.0")),
        "oldest",
    ),
    "hacs branch": (
        repository.hacs_faults,
        edit("hacs.json", lambda c: c.pop("hide_default_branch")),
        "default branch",
    ),
    "licence": (repository.hacs_faults, replace("LICENSE", "Apache License", "My"), "LICENSE"),
    "store key": (
        repository.store_faults,
        edit("repository.yaml", lambda c: c.update(slug="jonh")),
        "keys",
    ),
    "invitation elsewhere": (
        repository.invitation_faults,
        replace("README.md", "owner=jonh-assistant", "owner=somebody"),
        "hacs_repository leads",
    ),
    "invitation missing": (
        repository.invitation_faults,
        replace("README.pt-BR.md", "redirect/supervisor_store/", "redirect/supervisor/"),
        "no link to supervisor_store",
    ),
    "second integration": (
        repository.layout_faults,
        append("custom_components/other/manifest.json", "{}"),
        "other",
    ),
    "brand size": (repository.brand_faults, shrink_icon, "icon.png"),
    "brand name": (
        repository.brand_faults,
        append(f"{INTEGRATION}/brand/banner.png", "x"),
        "reads no banner.png",
    ),
    "registry address": (
        repository.text_faults,
        append("README.md", "pip install -i https://pypi" + ".org/simple jonh"),
        "README.md:",
    ),
    "broken link": (
        documents.page_faults,
        append("docs/a.md", "[here](b.md)"),
        "b.md does not exist",
    ),
    "broken anchor": (
        documents.page_faults,
        append("docs/a.md", "# One thing\n[a](#one-thing) [b](#another)"),
        "#another has no such heading",
    ),
    "place not filled in": (
        documents.page_faults,
        append("docs/a.md", "It takes @@SECONDS@@ s."),
        "@@SECONDS@@ is not filled in",
    ),
    "dependency without a reason": (
        documents.dependency_faults,
        replace("pyproject.toml", '"numpy>=2.0",', '"numpy>=2.0", "left-pad",'),
        "left-pad",
    ),
    "machine path": (repository.text_faults, append("docs/a.md", "cd /ro" + "ot/jonh"), "path"),
    "unfinished": (repository.text_faults, append("docs/a.md", "# TO" + "DO: later"), "unfinished"),
}  # fmt: skip


@pytest.mark.parametrize(("rule", "spoil", "fault"), BROKEN.values(), ids=BROKEN.keys())
def test_rule_finds_the_fault(rule: Rule, spoil: Break, fault: str, copy: Path) -> None:
    """A copy that is broken in one way is found out."""
    spoil(copy)
    assert fault in "\n".join(rule(copy))


def test_copy_itself_is_sound(copy: Path) -> None:
    """The faults above come from the breaks, not from copying."""
    assert [fault for rule in RULES for fault in rule(copy)] == []


# --- What leaves the repository


def test_brand_is_what_the_script_draws(tmp_path: Path) -> None:
    """The images in the repository are the script's, up to rounding."""
    script = ROOT / "tools" / "brand" / "draw.py"
    subprocess.run([sys.executable, script, tmp_path], check=True)
    drawn = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*.png"))
    kept = [*(ROOT / INTEGRATION / "brand").iterdir(), *ROOT.glob("addons/*/*.png")]
    assert drawn == sorted(path.relative_to(ROOT) for path in kept)
    for name in drawn:
        with Image.open(tmp_path / name) as new, Image.open(ROOT / name) as old:
            assert max(ImageStat.Stat(ImageChops.difference(new, old)).mean) < 0.5, name


def test_source_archive_holds_the_integration_and_no_tests() -> None:
    """What the Marketplace installs from a tag is complete, and trimmed of what nobody runs."""
    if not (ROOT / ".git").exists():
        pytest.skip("an unpacked archive has no history to make an archive from")
    command = ["git", "archive", "--worktree-attributes", "--format=tar", "HEAD"]
    archive = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout
    names = subprocess.run(["tar", "-t"], input=archive, check=True, capture_output=True)
    listed = set(names.stdout.decode().split("\n"))
    tracked = ["git", "ls-tree", "-r", "--name-only", "HEAD", "custom_components"]
    integration = subprocess.run(tracked, cwd=ROOT, check=True, capture_output=True, text=True)
    assert set(integration.stdout.splitlines()) <= listed
    assert not [name for name in listed if name.startswith(("tests/", "docs/", ".github/"))]


def test_release_notes_are_the_newest_entry_of_the_changelog(tmp_path: Path) -> None:
    """The step of the release workflow cuts out the version's own entry."""
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text())
    steps = workflow["jobs"]["release"]["steps"]
    step = next(step for step in steps if step.get("name") == "Notes from the changelog")
    version = json.loads((ROOT / INTEGRATION / "manifest.json").read_text())["version"]
    environment = os.environ | {
        "GITHUB_REF_NAME": f"release/{version}",
        "RUNNER_TEMP": str(tmp_path),
    }
    subprocess.run(
        ["bash", "-euo", "pipefail", "-c", step["run"]], cwd=ROOT, env=environment, check=True
    )
    notes = (tmp_path / "notes.md").read_text()
    assert "### Added" in notes
    assert "\n## " not in notes


def test_marketplace_reads_every_key_of_hacs_json() -> None:
    """Home Assistant's own Marketplace takes each value as it is written, and sees no zip."""
    program = (
        "import json; from homeassistant.components.marketplace.repositories import base;"
        "hacs = json.load(open('hacs.json'));"
        "print(json.dumps(base.RepositoryManifest.from_dict(hacs).to_dict()))"
    )
    command = [sys.executable, "-c", program]
    output = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    understood = json.loads(output)
    written = json.loads((ROOT / "hacs.json").read_text())
    assert {key: understood[key] for key in written} == written
    assert understood["zip_release"] is False
