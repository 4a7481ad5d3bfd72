"""What Jonh is built from and by: workflows, packages, scripts, and who watches them."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path, PurePosixPath

import pytest

from tests.rules import sample_addon, strict_yaml, supply_chain, workflows
from tests.rules.breaks import Break, Rule, append, replace

ROOT = Path(__file__).parents[1]
WORKFLOWS = ROOT / ".github" / "workflows"

RULES: list[Rule] = [
    strict_yaml.yaml_faults,
    supply_chain.lock_faults,
    supply_chain.requirement_faults,
    supply_chain.completeness_faults,
    supply_chain.update_faults,
    workflows.workflow_faults,
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rule_holds(rule: Rule) -> None:
    """The repository has no fault that the rule can find."""
    assert rule(ROOT) == []


# --- Tools that others wrote, at the versions of uv.lock


def tool(name: str) -> str:
    """Return the path of a linter: the locked one of the environment, else the system's."""
    found = shutil.which(name, path=Path(sys.executable).parent) or shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed: scripts/setup brings it")
    return found


def run(*command: str | Path) -> str:
    """Return what a linter says, or nothing where it is content."""
    result = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    return "" if result.returncode == 0 else result.stdout + result.stderr


def zizmor() -> list[str]:
    """Return the call of the auditor of workflows, without the network and its advice on style."""
    return [tool("zizmor"), "--offline", "--quiet", "--no-progress", "--min-severity=medium"]


def shell_scripts(root: Path) -> list[Path]:
    """Return the shell scripts of a repository."""
    found = [*root.glob("scripts/*"), *root.glob(".ci/*"), *root.glob("deploy/**/*.sh")]
    return [path for path in found if path.read_bytes().startswith(b"#!/usr/bin/env bash")]


def test_scripts_please_shellcheck() -> None:
    """Quotes, globs and exit codes that do something else than they seem to."""
    scripts = shell_scripts(ROOT)
    assert len(scripts) >= 8
    assert run(tool("shellcheck"), "--severity=warning", *scripts) == ""


def test_shellcheck_finds_a_fault(tmp_path: Path) -> None:
    """The run above would tell."""
    script = tmp_path / "a"
    script.write_text("#!/usr/bin/env bash\ncd /nowhere\n[ $1 = *.txt ]\n")
    assert "SC2164" in run(tool("shellcheck"), "--severity=warning", script)


def test_dockerfiles_please_hadolint() -> None:
    """What the linter of everybody says of our Dockerfiles."""
    files = sorted(ROOT.glob("addons/*/Dockerfile"))
    assert len(files) == 2
    # DL3006, DL3008: the base is an argument with a tag; Debian keeps no old versions to pin.
    assert run(tool("hadolint"), "--ignore=DL3006", "--ignore=DL3008", *files) == ""


def test_workflows_please_zizmor() -> None:
    """Injection, leaking tokens, poisoned caches; offline, so the commits are not looked up."""
    assert run(*zizmor(), ".github") == ""


def test_zizmor_finds_a_fault(tmp_path: Path) -> None:
    """The run above would tell."""
    workflow = tmp_path / ".github" / "workflows" / "a.yml"
    workflow.parent.mkdir(parents=True)
    text = (WORKFLOWS / "ci.yml").read_text("utf-8")
    workflow.write_text(text.replace("persist-credentials: false", "fetch-depth: 1"))
    assert "artipacked" in run(*zizmor(), workflow)


# --- A rule that cannot fail is none


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Copy what the rules read, with a sample add-on that installs what uv.lock says."""
    shutil.copytree(ROOT / ".github", tmp_path / ".github")
    shutil.copy(ROOT / "uv.lock", tmp_path / "uv.lock")
    folder = sample_addon.write(tmp_path)
    (folder / "requirements.txt").write_text(locked_requirements())
    return tmp_path


def locked_requirements() -> str:
    """Return the packages of jonh-stt as `uv export` writes them."""
    lock = tomllib.loads((ROOT / "uv.lock").read_text("utf-8"))
    names = supply_chain.needed(lock, {"stt", "http"})
    text = "# written by uv\n"
    newest = {package["name"]: package for package in lock["package"]}
    for name in sorted(names):
        package = newest[name]
        hashes = [f"--hash={wheel['hash']}" for wheel in package["wheels"]]
        text += " \\\n    ".join([f"{name}=={package['version']}", *hashes]) + "\n"
    return text


CI, APPS = ".github/workflows/ci.yml", ".github/workflows/apps.yml"
PINNED = "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1"
REQUIREMENTS = "addons/jonh_stt/requirements.txt"
FLOW, LOCK = workflows.workflow_faults, supply_chain.lock_faults
PINS, UPDATES = supply_chain.requirement_faults, supply_chain.update_faults
YAML = strict_yaml.yaml_faults
WYOMING = r"wyoming==[\d.]+"


def rewrite(name: str, pattern: str, new: str) -> Break:
    """Return a break that replaces the first match of a pattern."""

    def apply(root: Path) -> None:
        text, count = re.subn(pattern, new, (root / name).read_text(), count=1)
        assert count == 1
        (root / name).write_text(text)

    return apply


BROKEN: dict[str, tuple[Rule, Break, str]] = {
    "movable action": (FLOW, replace(CI, f"{PINNED} # v7.0.1", "actions/checkout@v7"), "hash"),
    "action without version": (FLOW, replace(CI, f"{PINNED} # v7.0.1", PINNED), "which version"),
    "action that is not there": (
        FLOW,
        append(CI, "  more:\n    uses: ./.github/workflows/none.yml\n"),
        "not there",
    ),
    "permissions": (FLOW, replace(CI, "permissions: {}", "permissions: write-all"), "`permissions"),
    "permissions of a job": (
        FLOW,
        replace(CI, "      contents: read", "      contents: write"),
        "may write contents",
    ),
    "all permissions of a job": (
        FLOW,
        rewrite(CI, r"permissions:\n      contents: read", "permissions: write-all"),
        "takes all",
    ),
    "pull request that writes": (
        FLOW,
        replace(APPS, "    if: ${{ inputs.publish }}\n", ""),
        "a pull request starts it",
    ),
    "deadline": (FLOW, rewrite(CI, r"    timeout-minutes: \d+\n", ""), "timeout-minutes"),
    "movable machine": (FLOW, replace(CI, "ubuntu-24.04", "ubuntu-latest"), "no fixed image"),
    "token in the checkout": (FLOW, replace(CI, "persist-credentials: false", ""), "token"),
    "words of a stranger": (
        FLOW,
        replace(CI, "run: scripts/test", "run: echo ${{ github.head_ref }}"),
        "into a shell",
    ),
    "secret": (FLOW, replace(APPS, "secrets.GITHUB_TOKEN", "secrets.REGISTRY_KEY"), "REGISTRY_KEY"),
    "trigger": (FLOW, replace(CI, "  pull_request:\n", "  pull_request_target:\n"), "stranger"),
    "run that is overtaken": (
        FLOW,
        rewrite(".github/workflows/nightly.yml", r"concurrency:\n(  .*\n)+", ""),
        "overtakes",
    ),
    "file without hash": (LOCK, rewrite("uv.lock", r'hash = "sha256:\w+"', 'hash = ""'), "hash"),
    "package from a forge": (
        LOCK,
        rewrite("uv.lock", r'source = \{ registry = "[^"]+" \}', 'source = { git = "a" }'),
        "comes from",
    ),
    "version not pinned": (PINS, rewrite(REQUIREMENTS, WYOMING, "wyoming>=1"), "pinned"),
    "version of its own": (PINS, rewrite(REQUIREMENTS, WYOMING, "wyoming==1"), "uv.lock"),
    "no hash": (PINS, rewrite(REQUIREMENTS, r"(wyoming==[\d.]+) \\\n.*\n", r"\1\n"), "no hash"),
    "wheel of another machine": (
        PINS,
        lambda root: keep_hashes(root, "ctranslate2", "x86_64"),
        "ctranslate2 has no wheel with its hash for aarch64",
    ),
    "package missing": (
        supply_chain.completeness_faults,
        rewrite(REQUIREMENTS, r"wyoming==[\d.]+ \\\n.*\n", ""),
        "installs wyoming",
    ),
    "ecosystem unwatched": (
        UPDATES,
        replace(".github/dependabot.yml", "package-ecosystem: uv", "package-ecosystem: npm"),
        "uv is not watched",
    ),
    "image unwatched": (
        UPDATES,
        replace(".github/dependabot.yml", "/addons/jonh_stt", "/addons/other"),
        "jonh_stt is not watched",
    ),
    "nobody's": (UPDATES, replace(".github/CODEOWNERS", "* @", "docs/ @"), "nobody owns"),
    "key twice": (YAML, append("a.yaml", "a: 1\nb: 2\na: 3\n"), "a.yaml:3: the key a"),
    "key twice below": (YAML, append("a.yml", "a:\n  b: 1\n  b: 2\n"), "a.yml:3: the key b"),
    "tab": (YAML, append("a.yaml", "a:\n\tb: 1\n"), "a.yaml:2:"),
    "spaces at the end": (YAML, append("a.yaml", "a: 1 \n"), "a.yaml:1: ends in spaces"),
    "no end": (YAML, append("a.yaml", "a: 1"), "one line break"),
    "truth or text": (YAML, append("a.yaml", "a: [1, no]\n"), "a.yaml:1: no is a truth"),
}  # fmt: skip


def keep_hashes(root: Path, name: str, machine: str) -> None:
    """Leave a package only the hashes of one machine's wheels."""
    lock = tomllib.loads((root / "uv.lock").read_text("utf-8"))
    package = next(package for package in lock["package"] if package["name"] == name)
    path = root / REQUIREMENTS
    text = path.read_text()
    for wheel in package["wheels"]:
        if machine not in wheel["url"]:
            text = text.replace(f"--hash={wheel['hash']}", "")
    path.write_text(re.sub(r"\\\n +(?=\\\n|\n)", "", text))


@pytest.mark.parametrize(("rule", "spoil", "fault"), BROKEN.values(), ids=BROKEN.keys())
def test_rule_finds_the_fault(rule: Rule, spoil: Break, fault: str, copy: Path) -> None:
    """A copy that is broken in one way is found out."""
    spoil(copy)
    assert fault in "\n".join(rule(copy))


def test_copy_itself_is_sound(copy: Path) -> None:
    """The faults above come from the breaks; the copy has one of the two add-ons only."""
    replace(".github/dependabot.yml", ", /addons/jonh_tts", "")(copy)
    assert [fault for rule in RULES for fault in rule(copy)] == []


def test_groups_that_workflows_name_exist() -> None:
    """A script of CI asks uv for groups of packages that pyproject.toml has."""
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["dependency-groups"]
    texts = [path.read_text("utf-8") for path in [*WORKFLOWS.iterdir(), *shell_scripts(ROOT)]]
    named = {name for text in texts for name in re.findall(r"--(?:only-)?group[ =]([\w-]+)", text)}
    assert named
    assert named <= set(groups)


def test_images_are_published_before_the_release() -> None:
    """The Supervisor must never offer a version whose images are not there."""
    release = strict_yaml.load((WORKFLOWS / "release.yml").read_text("utf-8"))["jobs"]
    assert release["release"]["needs"] == "images"
    assert set(release["images"]["needs"]) == {"test", "validate"}
    assert release["images"]["with"] == {"publish": True}
    steps = [step.get("name") for step in release["release"]["steps"]]
    assert steps.index("Main moves to this commit") < steps.index("Publish")
    apps = strict_yaml.load((WORKFLOWS / "apps.yml").read_text("utf-8"))["jobs"]
    built = [step.get("name") for step in apps["build"]["steps"]]
    assert built.index("Build, push and sign") < built.index("Smoke test of what was pushed")
    assert apps["publish"]["needs"] == "build"


def test_documented_signature_is_the_one_that_is_made() -> None:
    """The command to copy names the workflow that signs, and the workflow checks the same name."""
    page = (ROOT / "docs" / "releasing.md").read_text("utf-8")
    named = re.findall(r"--certificate-identity (\S+)", page)
    apps = strict_yaml.load((WORKFLOWS / "apps.yml").read_text("utf-8"))["jobs"]
    check = next(step for step in apps["publish"]["steps"] if "cosign-verify" in str(step))
    pattern = check["with"]["cosign-identity"].replace(
        "${{ github.repository }}", "jonh-assistant/jonh"
    )
    release = strict_yaml.load((WORKFLOWS / "release.yml").read_text("utf-8"))
    (branches,) = release.get("on", release.get(True))["push"]["branches"]
    assert named
    for identity in named:
        branch = identity.partition("@refs/heads/")[2]
        assert PurePosixPath(branch).match(branches)
        assert re.match(pattern.replace("${{ github.ref }}", f"refs/heads/{branch}"), identity)


def test_matrix_holds_every_add_on_and_machine() -> None:
    """No add-on of the store and no machine of its configuration is left out."""
    names = sorted(path.parent.name for path in ROOT.glob("addons/*/config.yaml"))
    apps = strict_yaml.load((WORKFLOWS / "apps.yml").read_text("utf-8"))["jobs"]
    for job in ("try", "build"):
        matrix = apps[job]["strategy"]["matrix"]
        assert matrix["app"] == names
        assert matrix["arch"] == ["amd64", "aarch64"]
        images = {entry["app"]: entry["image"] for entry in matrix["include"] if "app" in entry}
        assert images == {name: name.replace("_", "-") for name in names}
    assert [entry["app"] for entry in apps["publish"]["strategy"]["matrix"]["include"]] == names
    validate = strict_yaml.load((WORKFLOWS / "validate.yml").read_text("utf-8"))["jobs"]
    assert validate["apps"]["strategy"]["matrix"]["app"] == names
