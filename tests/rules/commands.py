"""Rules for the commands that are copied from the documents.

Each command line is read by what would read it: flags by the servers' own parser, scripts by
their text, packages by pyproject.toml, files by the repository. A program that nothing here
knows is a fault, so that whoever writes it down says how it is checked.

A rule takes the root of a repository and returns its faults, one line each; none means it holds.
"""

import contextlib
import io
import json
import re
import shlex
import subprocess
import tomllib
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from tests.rules.fences import FENCE, compose_text, fences, load_yaml
from tests.rules.repository import files
from wyoming_servers.settings import Settings, SttSettings, TtsSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_SPAN = re.compile(r"`([^`\n]+)`")
SERVERS: dict[str, type[Settings]] = {"jonh-stt": SttSettings, "jonh-tts": TtsSettings}
# What a command line in the middle of a sentence begins with.
_COMMANDS = ("jonh-stt -", "jonh-tts -", "scripts/", "uv tool ", "docker compose ", "sudo ")
_PLACEHOLDER = re.compile(r"\b[A-Z][A-Z_]{2,}\b")
# Shells' own words, and programs whose arguments are the reader's.
_ANYBODYS = {
    "aplay",
    "apt-get",
    "cd",
    "chown",
    "echo",
    "export",
    "grep",
    "mkdir",
    "sha256sum",
    "unzip",
}
_PATHS = ("/", "/health", "/metrics", "/ready", "/status.json")


def command_faults(root: Path) -> list[str]:
    """Return command lines that would fail where the reader types them."""
    faults = []
    for page, text in _scripts(root):
        if "\n" in text:
            syntax = subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True)
            faults += [f"{page}: {syntax.stderr.strip()}"] if syntax.returncode else []
        for words in _commands(text):
            faults += [f"{page}: {shlex.join(words)}: {fault}" for fault in _check(root, words)]
    return faults


def _scripts(root: Path) -> Iterator[tuple[Path, str]]:
    """Yield what is typed: fences, lines after a prompt, and commands within sentences."""
    for fence in fences(root, "sh", "bash", "console"):
        if fence.kind == "console":
            typed = re.findall(r"^\$ (.*)$", fence.text, re.MULTILINE)
            yield fence.page, "\n".join(typed)
        else:
            yield fence.page, fence.text
    for path in files(root):
        if path.suffix == ".md":
            prose = FENCE.sub("", (root / path).read_text("utf-8"))
            for span in _SPAN.findall(prose):
                if span.startswith(_COMMANDS) and " " in span and "..." not in span:
                    yield path, span


def _commands(text: str) -> Iterator[list[str]]:
    """Yield the words of each simple command, without `sudo`, variables and redirections."""
    text = re.sub(r"\\\n\s*", " ", text)
    for line in text.splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;<>")
        lexer.whitespace_split = True
        words: list[str] = []
        with contextlib.suppress(ValueError):  # `bash -n` says it better
            for word in [*lexer, ";"]:
                if word[0] not in "|&;":
                    words.append(word)
                    continue
                while words and (words[0] == "sudo" or re.match(r"\w+=", words[0])):
                    del words[0]
                if words:
                    yield words
                words = []


def _check(root: Path, words: list[str]) -> Iterator[str]:
    name = Path(words[0]).name
    arguments = [word for word in words[1:] if word not in ("<", ">", ">>")]
    if name in SERVERS:
        yield from server_faults(name, arguments)
    elif words[0].startswith("scripts/"):
        yield from _script_faults(root, words[0], arguments)
    elif name in _CHECKS:
        yield from _CHECKS[name](root, arguments)
    elif re.fullmatch(r"python3?(\.\d+)?", name):
        yield from _python_faults(root, arguments)
    elif name not in _ANYBODYS:
        yield "nobody checks this program"


def server_faults(name: str, arguments: list[str]) -> Iterator[str]:
    """Check the flags of `jonh-stt` or `jonh-tts`, as the program itself does."""
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
            SERVERS[name].read(arguments, {})
    except SystemExit as end:
        if end.code:
            yield said.getvalue().strip()


def _script_faults(root: Path, script: str, arguments: list[str]) -> Iterator[str]:
    path = root / script
    if not path.is_file():
        yield "there is no such script"
        return
    text = path.read_text("utf-8")
    what = arguments[0] if arguments and not arguments[0].startswith("-") else ""
    if script == "scripts/bench" and not re.search(rf"\b{re.escape(what)}\b", text):
        yield f"it knows no {what}"
    sources = [root / "demo", root / "benchmarks" / what, root / "tests" / "conftest.py"]
    for source in sources:
        paths = sorted(source.glob("**/*.py")) if source.is_dir() else [source]
        text += "".join(each.read_text("utf-8") for each in paths if each.is_file())
    for flag in _flags(arguments):
        if f'"{flag}"' not in text and f"{flag} " not in text and f"{flag})" not in text:
            yield f"it has no {flag}"


def _flags(arguments: list[str]) -> list[str]:
    return [word.partition("=")[0] for word in arguments if re.match(r"--?[a-z]", word)]


def _package_faults(root: Path, arguments: list[str]) -> Iterator[str]:
    """Check what uv and pip are told to install."""
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    for word in arguments:
        for extras in re.findall(r"^jonh\[([\w,-]+)\]", word):
            for extra in set(extras.split(",")) - set(project["optional-dependencies"]):
                yield f"there is no extra {extra}"
        if " @ " in word and not word.endswith(
            f"git+https://github.com/jonh-assistant/jonh@v{project['version']}"
        ):
            yield f"it does not install version {project['version']} of ours"
    if "uninstall" in arguments and project["name"] not in arguments:
        yield "it removes something else"


def _python_faults(root: Path, arguments: list[str]) -> Iterator[str]:
    """Check the module or the script that Python is to run."""
    if arguments[:1] == ["-m"]:
        module = arguments[1]
        path = root / module.replace(".", "/")
        here = path.is_dir() or path.with_suffix(".py").is_file()
        if not here and find_spec(module.partition(".")[0]) is None:
            yield f"there is no module {module}"
    elif arguments and not arguments[0].startswith("-") and not (root / arguments[0]).is_file():
        yield f"there is no {arguments[0]}"


def _compose_faults(root: Path, arguments: list[str]) -> Iterator[str]:
    """Check files and services of a compose command; plain engine commands name neither."""
    if arguments[:1] == ["compose"]:
        del arguments[0]
    elif arguments and arguments[0] not in ("up", "down", "-f"):
        return
    services = set(load_yaml(compose_text(root))[0]["services"])
    given = iter(arguments)
    for word in given:
        if word in ("-f", "--file"):
            name = next(given)
            if not any((root / place / name).is_file() for place in ("", "deploy")):
                yield f"there is no {name}"
        elif word in ("--profile", "--scale", "--tail"):
            next(given)
        elif word in ("exec", "logs", "pull", "restart", "run", "stop", "up"):
            rest = [each for each in given if not each.startswith("-")]
            named = rest[:1] if word in ("exec", "run") else rest
            yield from (f"there is no service {each}" for each in named if each not in services)


def _unit_faults(root: Path, arguments: list[str]) -> Iterator[str]:
    """Check the units that systemctl and journalctl are told."""
    known = {f"jonh-{each}" for each in ("stt", "tts")}
    for word in arguments:
        if word.startswith("jonh") and word.removesuffix(".service") not in known:
            yield f"no page shows a unit {word}"


def _request_faults(root: Path, arguments: list[str]) -> Iterator[str]:
    """Check the path that one of our servers is asked for."""
    for word in arguments:
        match = re.fullmatch(r"http://[\w.-]+:10\d\d\d(/\S*)?", word)
        if match and (match[1] or "/") not in _PATHS:
            yield f"the servers have no {match[1]}"


def _clone_faults(root: Path, arguments: list[str]) -> Iterator[str]:
    """Check that git is told of our repository."""
    manifest = root / "custom_components" / "jonh" / "manifest.json"
    home = json.loads(manifest.read_text("utf-8"))["documentation"]
    for word in arguments:
        if word.startswith("https://") and word.removesuffix(".git") != home:
            yield f"the repository is {home}"


def _file_faults(root: Path, arguments: list[str]) -> Iterator[str]:
    """Check files of the repository that a program is given."""
    for word in arguments:
        name = word.rpartition("=")[2]
        top = Path(name).parts[0] if Path(name).parts else ""
        is_ours = top in ("addons", "deploy", "docs", "custom_components", "wyoming_servers")
        if is_ours and not (root / name).exists() and not _PLACEHOLDER.search(name):
            yield f"there is no {name}"


def _installed(program: str) -> Callable[[Path, list[str]], Iterator[str]]:
    """Check the long flags of a system program against its own help, where it is installed."""

    def check(root: Path, arguments: list[str]) -> Iterator[str]:
        yield from _file_faults(root, arguments)
        text = _help(program)
        if text:
            for flag in _flags(arguments):
                if flag.startswith("--") and flag not in text:
                    yield f"{program} has no {flag}"

    return check


@cache
def _help(program: str) -> str:
    try:
        shown = subprocess.run([program, "--help"], capture_output=True, text=True, timeout=20)
    except OSError:
        return ""
    return shown.stdout + shown.stderr


def _all(
    *checks: Callable[[Path, list[str]], Iterator[str]],
) -> Callable[[Path, list[str]], Iterator[str]]:
    def check(root: Path, arguments: list[str]) -> Iterator[str]:
        for each in checks:
            yield from each(root, list(arguments))

    return check


_CHECKS: dict[str, Callable[[Path, list[str]], Iterator[str]]] = {
    "cosign": _file_faults,
    "cp": _file_faults,
    "curl": _request_faults,
    "docker": _all(_compose_faults, _file_faults),
    "find": _file_faults,
    "gh": _file_faults,
    "git": _clone_faults,
    "haproxy": _file_faults,
    "journalctl": _all(_unit_faults, _installed("journalctl")),
    "kubectl": _file_faults,
    "pip": _package_faults,
    "podman": _file_faults,
    "podman-compose": _compose_faults,
    "promtool": _file_faults,
    "ss": _installed("ss"),
    "systemctl": _all(_unit_faults, _installed("systemctl")),
    "uv": _package_faults,
}
