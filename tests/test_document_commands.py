"""What is copied and quoted from the documents is right: commands, units, automations, labels."""

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.rules import commands, copied_files, labels
from tests.rules.fences import fences
from wyoming_servers.models import DEFAULT_VOICE, STARTER_MODEL, WHISPER_REPOSITORIES, PiperVoices
from wyoming_servers.settings import SttSettings, TtsSettings
from wyoming_servers.stt.service import _MEMORY_BYTES

ROOT = Path(__file__).parents[1]
VOICES_PAGE = (ROOT / "docs" / "voices-and-models.md").read_text("utf-8")

type Rule = Callable[[Path], list[str]]

RULES: list[Rule] = [
    commands.command_faults,
    copied_files.unit_faults,
    copied_files.yaml_faults,
    labels.label_faults,
    labels.log_faults,
]
# Of systemd's 10: a service that may do everything has 9.6.
MOST_EXPOSURE = 2.0


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rule_holds(rule: Rule) -> None:
    """The documents have no fault that the rule can find."""
    assert rule(ROOT) == []


def test_there_is_something_to_check() -> None:
    """A change of the rules that finds no commands any more is noticed."""
    assert len(fences(ROOT, "sh", "bash", "console")) > 30
    assert len(fences(ROOT, "yaml")) > 5
    assert copied_files.units(ROOT)


# --- Units


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    """Systemd finds no mistake in a unit, nor much that it would let a broken server do."""
    for page, text in copied_files.units(ROOT):
        # What a reader has in /opt is here in the environment of the tests.
        programs = ROOT / ".venv" / "bin"
        path = tmp_path / "jonh.service"
        path.write_text(text.replace("/opt/jonh/bin", str(programs)), "utf-8")
        command = ["systemd-analyze", "verify", "--man=no", str(path)]
        verified = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (verified.returncode, verified.stderr) == (0, ""), page
        command = ["systemd-analyze", "security", "--offline=true", str(path)]
        report = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        exposure = re.search(r"Overall exposure level for \S+: ([\d.]+)", report)
        assert exposure
        assert float(exposure[1]) <= MOST_EXPOSURE, page


# --- Voices and models

SIZES = ["tiny", "base", "small", "medium", "large-v3-turbo", "large-v3", "starter"]


def test_every_model_has_its_row() -> None:
    """A model that the server knows is on the page, and the default is marked."""
    table = VOICES_PAGE.split("| `--model` |")[1].split("\n\n")[0]
    named = re.findall(r"^\| `([\w.-]+)`( \(the default\))? \|", table, re.MULTILINE)
    assert [name for name, _ in named] == SIZES
    assert set(SIZES) == {*WHISPER_REPOSITORIES, STARTER_MODEL}
    default = SttSettings.__dataclass_fields__["model"].default
    assert [name for name, is_default in named if is_default] == [default]


def test_memory_of_a_model_is_what_the_server_reckons_with() -> None:
    """The page and the warning of the server speak of the same megabytes."""
    assert f"and {_MEMORY_BYTES >> 20} MB more" in VOICES_PAGE


def test_every_voice_named_can_be_asked_for(tmp_path: Path) -> None:
    """The names on the page have the shape of those in the catalogue; the default is marked."""
    table = VOICES_PAGE.split("| language | voices |")[1].split("\n\n")[0]
    named = re.findall(r"`([^`]+)`", table)
    assert len(named) > 15
    store = PiperVoices(tmp_path, None)
    for name in named:
        store.find(name)  # raises for what is no name of a voice
    marked = re.findall(r"`([^`]+)` \(the default\)", table)
    default = TtsSettings.__dataclass_fields__["voice"].default
    assert marked == [DEFAULT_VOICE] == [default]


def test_the_model_to_pull_is_the_one_that_is_offered() -> None:
    """The setup of Jonh offers to download the model that the pages name."""
    const = (ROOT / "custom_components" / "jonh" / "const.py").read_text("utf-8")
    offered = re.findall(r'^DEFAULT_PULL_MODEL: Final = "(.+)"$', const, re.MULTILINE)
    typed = [each.text for each in fences(ROOT, "sh")]
    pulled = {model for text in typed for model in re.findall(r"ollama pull (\S+)", text)}
    assert pulled == set(offered)


# --- A rule that cannot fail is none: each is broken once, in a copy.


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Copy the pages, beside the rest of the repository as it is."""
    (tmp_path / "docs").mkdir()
    for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]:
        shutil.copy(path, tmp_path / path.relative_to(ROOT))
    for name in (
        *("addons", "benchmarks", "custom_components", "demo", "deploy", "pyproject.toml"),
        *("scripts", "wyoming_servers"),
    ):
        (tmp_path / name).symlink_to(ROOT / name)
    return tmp_path


INSTALL, SATELLITES = "docs/installation.md", "docs/satellites.md"
COMMANDS, UNITS, YAML = RULES[:3]
BROKEN: dict[str, tuple[Rule, str, str, str, str]] = {
    "flag of a server": (
        COMMANDS,
        INSTALL,
        "-stt --model small",
        "-stt --tongue pt",
        "tongue",
    ),
    "value of a flag": (
        COMMANDS,
        INSTALL,
        "-tts --voice pt_BR",
        "-tts --max-chars 0 --voice pt_BR",
        "is no number",
    ),
    "extra": (COMMANDS, INSTALL, "jonh[stt,", "jonh[ears,", "extra ears"),
    "version": (COMMANDS, INSTALL, "jonh@v", "jonh@v9.", "not install version"),
    "script": (
        COMMANDS,
        "docs/voices-and-models.md",
        "scripts/bench",
        "scripts/bank",
        "no such script",
    ),
    "flag of a script": (
        COMMANDS,
        "docs/voices-and-models.md",
        "--dataset",
        "--corpus",
        "no --corpus",
    ),
    "compose file": (
        COMMANDS,
        INSTALL,
        "compose.gpu.yaml",
        "compose.tpu.yaml",
        "tpu.yaml",
    ),
    "service": (COMMANDS, INSTALL, "-d stt tts", "-d ears", "service ears"),
    "program": (COMMANDS, INSTALL, "git clone", "hg clone", "nobody checks"),
    "repository": (
        COMMANDS,
        INSTALL,
        "clone https://github.com/jonh",
        "clone https://x/jonh",
        "the repository is",
    ),
    "unit": (COMMANDS, "PRIVACY.md", "--unit jonh-stt", "--unit jonh-ear", "jonh-ear"),
    "shell": (COMMANDS, INSTALL, "cd jonh/deploy", "cd 'jonh/deploy", "unexpected"),
    "variable of a unit": (
        UNITS,
        INSTALL,
        "JONH_STT_DATA_DIR",
        "JONH_STT_FOLDER",
        "does not read",
    ),
    "folder of a unit": (
        UNITS,
        INSTALL,
        "StateDirectory=jonh-stt",
        "StateDirectory=jonh",
        "outside the StateDirectory",
    ),
    "command of a unit": (
        UNITS,
        INSTALL,
        "10300 --zeroconf --model",
        "10300 --zero --model",
        "--zero",
    ),
    "setting of the compose file": (
        UNITS,
        INSTALL,
        "JONH_STT_MODEL=",
        "JONH_MODEL=",
        "does not read JONH_MODEL",
    ),
    "action": (
        YAML,
        SATELLITES,
        "assist_satellite.announce",
        "assist_satellite.shout",
        "no action assist_satellite.shout",
    ),
    "field of an action": (
        YAML,
        "docs/using.md",
        "  language: en",
        "  tongue: en",
        "no field tongue",
    ),
    "required field": (
        YAML,
        "docs/using.md",
        "      task_name:",
        "      entity_id:",
        "needs task_name",
    ),
    "label": (labels.label_faults, INSTALL, "*Add from link*", "*Add by link*", "Add by link"),
    "line of a log": (
        labels.log_faults,
        "docs/troubleshooting.md",
        "`… stops`",
        "`… halts`",
        "halts",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_rule_finds(name: str, copy: Path) -> None:
    """A page with one mistake in it has a fault that names it."""
    rule, page, old, new, fault = BROKEN[name]
    text = (copy / page).read_text("utf-8")
    assert old in text
    (copy / page).write_text(text.replace(old, new), "utf-8")
    assert any(fault in found for found in rule(copy))
