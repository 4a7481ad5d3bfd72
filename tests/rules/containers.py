"""Rules for Dockerfiles and AppArmor profiles of the add-ons.

A rule takes the root of a repository and returns its faults, one line each; none means it holds.
"""

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from tests.rules.addons import folders

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PROFILE = re.compile(r"^profile (\S+)", re.MULTILINE)
# Without a word behind them these rules permit everything of their kind.
BARE_RULES = re.compile(r"^\s*(capability|file|network|mount|ptrace|dbus),", re.MULTILINE)
# Reading and running what the image holds is the profile's business; writing all over it is not.
EVERY_FILE = re.compile(r"^\s*(/\*\*\s+\w*[wa]\w*),", re.MULTILINE)
PIP_INSTALL = re.compile(r"\b(?:uv\s+)?pip3?\s+(?:\S+\s+)*?(?:install|sync|wheel|download)\b")
FETCHED = re.compile(r"\b(?:curl|wget)\b.*\|\s*(?:ba|da|z)?sh\b")
START_PERIOD = re.compile(r"--start-period=(\d+)([smh])")
SECONDS = {"s": 1, "m": 60, "h": 3600}
# A first model may take that long to arrive; until then a failing check counts for nothing.
MIN_START_PERIOD_S = 300
PARSER_TIMEOUT_S = 30


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction of a Dockerfile, its continuation lines joined."""

    word: str
    rest: str

    @property
    def is_exec(self) -> bool:
        """Whether its command is a JSON list, which no shell reads."""
        start = self.rest.find("[")
        try:
            command = json.loads(self.rest[start:]) if start >= 0 else None
        except ValueError:
            return False
        return isinstance(command, list) and all(isinstance(word, str) for word in command)


def instructions(text: str) -> list[Instruction]:
    """Return what a Dockerfile does, without comments and blank lines."""
    lines = [
        line for line in text.split("\n") if line.strip() and not line.lstrip().startswith("#")
    ]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    words = (line.strip().partition(" ") for line in joined.split("\n"))
    return [Instruction(word.upper(), rest.strip()) for word, _, rest in words]


def dockerfile_faults(root: Path) -> list[str]:
    """Return what makes an image unlike its source, unsafe or deaf to its health."""
    return [
        f"addons/{folder.name}/Dockerfile: {fault}"
        for folder in folders(root)
        if (folder / "Dockerfile").is_file()
        for fault in _dockerfile_faults((folder / "Dockerfile").read_text("utf-8"))
    ]


def _dockerfile_faults(text: str) -> Iterator[str]:
    steps = instructions(text)
    yield from _base_faults(steps)
    yield from _install_faults(steps)
    last = max((i for i, step in enumerate(steps) if step.word == "FROM"), default=0)
    final = steps[last:]
    for step in steps:
        if step.word == "USER":
            yield "USER: /data/options.json is root's; the entry point gives up root by itself"
        if step.word == "ADD":
            yield f"ADD {step.rest}: COPY says what it does"
        if step.word == "VOLUME":
            yield "VOLUME: whatever the add-on keeps lies in /data"
    if not any(step.word == "ENTRYPOINT" and step.is_exec for step in final):
        yield "the last stage has no ENTRYPOINT as a list: a shell would swallow the signal to stop"
    if any(step.word == "CMD" and not step.is_exec for step in final):
        yield "CMD is not a list"
    checks = [step for step in final if step.word == "HEALTHCHECK"]
    if len(checks) != 1:
        yield "the last stage needs one HEALTHCHECK"
    for check in checks:
        if not check.is_exec or " CMD " not in f" {check.rest}":
            yield "HEALTHCHECK is not CMD and a list"
        period = START_PERIOD.search(check.rest)
        if period is None or int(period[1]) * SECONDS[period[2]] < MIN_START_PERIOD_S:
            yield f"HEALTHCHECK needs a --start-period of {MIN_START_PERIOD_S} s or more"


def _base_faults(steps: list[Instruction]) -> Iterator[str]:
    first = next((i for i, step in enumerate(steps) if step.word == "FROM"), len(steps))
    bases = [step for step in steps[:first] if step.rest.startswith("BUILD_FROM")]
    if not bases or not re.fullmatch(r"BUILD_FROM=\S+:[\w.-]+(?:@sha256:\w{64})?", bases[0].rest):
        yield "ARG BUILD_FROM has no default with a tag; since 2026.04 nobody passes another"
    elif ":latest" in bases[0].rest:
        yield "ARG BUILD_FROM is `latest`, which is another image every week"
    stages: set[str] = set()
    for step in steps:
        if step.word != "FROM":
            continue
        image, *rest = step.rest.split()
        if image not in stages and image.strip("${}") != "BUILD_FROM" and "@sha256:" not in image:
            yield f"FROM {image} is neither BUILD_FROM, nor an earlier stage, nor pinned by digest"
        if len(rest) == 2:
            stages.add(rest[1])


def _install_faults(steps: list[Instruction]) -> Iterator[str]:
    settings = " ".join(step.rest for step in steps if step.word in {"ENV", "ARG"})
    for step in (step for step in steps if step.word == "RUN"):
        if FETCHED.search(step.rest):
            yield "RUN pipes what it fetched into a shell"
        for command in re.split(r"&&|;|\|\|", step.rest):
            if PIP_INSTALL.search(command):
                if "--require-hashes" not in command and "PIP_REQUIRE_HASHES=1" not in settings:
                    yield f"`{command.strip()}` takes packages without --require-hashes"
                if "--only-binary" not in command and "PIP_ONLY_BINARY=:all:" not in settings:
                    yield f"`{command.strip()}` may run the setup of a source: --only-binary=:all:"
            if re.search(r"\bapt-get\b.*\binstall\b", command):
                if "--no-install-recommends" not in command:
                    yield "apt-get install needs --no-install-recommends"
                if "/var/lib/apt/lists" not in step.rest:
                    yield "apt-get leaves its lists in the image"


def context_faults(root: Path) -> list[str]:
    """Return what an image could take along by accident, and what its Dockerfile asks in vain."""
    path = root / ".dockerignore"
    lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    patterns = [line for line in lines if line and not line.startswith("#")]
    if patterns[:1] != ["*"]:
        return [".dockerignore: is no list of what may be sent: it has to begin with *"]
    allowed = [line[1:] for line in patterns if line.startswith("!")]
    return [
        f"addons/{folder.name}/Dockerfile: COPY {source}, which .dockerignore keeps back"
        for folder in folders(root)
        if (folder / "Dockerfile").is_file()
        for source in _sources((folder / "Dockerfile").read_text("utf-8"))
        if not any(_is_below(source, pattern) for pattern in allowed)
    ]


def _sources(text: str) -> Iterator[str]:
    """Yield what a Dockerfile copies out of the context."""
    for step in instructions(text):
        words = [word for word in step.rest.split() if not word.startswith("--")]
        if step.word == "COPY" and "--from=" not in step.rest:
            yield from words[:-1]


def _is_below(source: str, pattern: str) -> bool:
    path = PurePosixPath(source)
    return any(parent.full_match(pattern) for parent in (path, *path.parents))


def profile_faults(root: Path) -> list[str]:
    """Return faults of the AppArmor profiles, with AppArmor's own words where it is installed."""
    return [
        f"addons/{folder.name}/apparmor.txt: {fault}"
        for folder in folders(root)
        if (folder / "apparmor.txt").is_file()
        for fault in _profile_faults(folder / "apparmor.txt", folder.name)
    ]


def _profile_faults(path: Path, slug: str) -> Iterator[str]:
    text = path.read_text("utf-8")
    names = PROFILE.findall(text)
    if names != [slug]:
        yield f"holds the profiles {names}; the Supervisor wants one, named {slug}"
    for rule in BARE_RULES.findall(text):
        yield f"`{rule},` permits everything of its kind"
    if "flags=(complain" in text.replace(" ", ""):
        yield "complain only writes down what it should refuse"
    for rule in EVERY_FILE.findall(text):
        yield f"`{rule}` permits to write everywhere"
    parser = shutil.which("apparmor_parser") or shutil.which("apparmor_parser", path="/usr/sbin")
    if parser:
        yield from _parser_faults(parser, path)


def _parser_faults(parser: str, path: Path) -> Iterator[str]:
    run = subprocess.run(
        [parser, "-Q", "-K", path],
        check=False,
        capture_output=True,
        text=True,
        timeout=PARSER_TIMEOUT_S,
    )
    if run.returncode:
        yield run.stderr.strip().replace(str(path), path.name).replace("\n", "; ")
