"""What docs/scale-out.md tells to type does what it says."""

import re
import shlex
import subprocess
from typing import TYPE_CHECKING

import pytest
import yaml

from benchmarks.resilience.scale_out import WITHOUT_HTTP
from benchmarks.resilience.scale_out_balancer import DEPLOY
from tests.rules.fences import FENCE
from wyoming_servers.settings import Settings, SttSettings, TtsSettings

if TYPE_CHECKING:
    from pathlib import Path

    from tests.deploy.conftest import Site

ROOT = DEPLOY.parent
PAGES = [ROOT / "docs" / "scale-out.md", ROOT / "docs" / "pt-BR" / "scale-out.md"]
SERVERS: dict[str, type[Settings]] = {"jonh-stt": SttSettings, "jonh-tts": TtsSettings}


def fenced(kind: str, page: Path = PAGES[0]) -> list[str]:
    """Return the fences of a kind."""
    return [text for _, found, text in FENCE.findall(page.read_text("utf-8")) if found == kind]


def typed(*programs: str) -> list[str]:
    """Return the lines that begin with one of these programs."""
    lines = [line for text in fenced("sh") for line in text.splitlines()]
    found = [line for line in lines if line.removeprefix("sudo ").split()[0] in programs]
    assert found, programs
    return found


def shell(line: str, folder: Path = ROOT) -> str:
    """Run a line and return its output; a failure ends the test."""
    program = ["bash", "-euo", "pipefail", "-c", f"PATH=$PATH:/usr/sbin; {line}"]
    run = subprocess.run(program, cwd=folder, capture_output=True, text=True, check=False)
    assert run.returncode == 0, f"{line}\n{run.stdout}{run.stderr}"
    return run.stdout


def test_every_line_is_tried() -> None:
    """A program that no test below takes is found."""
    tried = {"curl", "docker", "haproxy", "jonh-stt", "jonh-tts", "kubectl", "promtool"}
    tried |= {"OLLAMA_MODEL=qwen3:4b-instruct", "cp"}
    # The reader's own system, and the way to this repository.
    others = {"apt-get", "cd", "git", "systemctl"}
    lines = [line for text in fenced("sh") for line in text.splitlines()]
    assert {line.removeprefix("sudo ").split()[0] for line in lines} == tried | others


def test_both_languages_tell_the_same() -> None:
    """What is copied, and the figures, are the same in both pages."""
    for kind in ("sh", "haproxy"):
        assert fenced(kind, PAGES[0]) == fenced(kind, PAGES[1])
    figures = [re.findall(r"\d+[.,]\d+ s\b", page.read_text("utf-8")) for page in PAGES]
    assert [figure.replace(",", ".") for figure in figures[1]] == figures[0]


@pytest.mark.parametrize("line", typed("docker"))
def test_compose_line(line: str) -> None:
    """The files it names are there, and are the ones for what it says."""
    files = re.findall(r"-f (\S+)", line)
    assert files[0] == "compose.yaml"
    assert all((DEPLOY / file).is_file() for file in files)
    profiles = {
        profile
        for file in files
        for service in yaml.load((DEPLOY / file).read_text("utf-8"), _Compose)["services"].values()
        for profile in service.get("profiles", [])
    }
    assert set(re.findall(r"--profile (\S+)", line)) <= profiles
    assert line.endswith(" up -d")


class _Compose(yaml.SafeLoader):
    pass


_Compose.add_multi_constructor("!", lambda _loader, _tag, _node: None)


@pytest.mark.parametrize("line", typed("jonh-stt", "jonh-tts"))
def test_worker_line(line: str) -> None:
    """The server takes it, and its ports are the ones in the file of HAProxy."""
    program, *arguments = shlex.split(line)
    given = SERVERS[program].read(arguments, {})
    kind = program.removeprefix("jonh-")
    lines = re.findall(
        rf"^ +server {kind}\d \S+:(\d+)(?: port (\d+))?$", haproxy_cfg(), re.MULTILINE
    )
    assert lines
    assert {(port, own or "10400") for port, own in lines} == {
        (given.uri.rpartition(":")[2], str(given.http_port))
    }
    assert given.lame_duck == 2.5


def haproxy_cfg() -> str:
    """Return the shipped file."""
    return (DEPLOY / "haproxy.cfg").read_text("utf-8")


def test_copied_file_is_checked(tmp_path: Path) -> None:
    """The copy of the file, and then the check of it."""
    there = tmp_path / "haproxy.cfg"
    for line in [*typed("cp"), *typed("haproxy")]:
        shell(line.removeprefix("sudo ").replace("/etc/haproxy/haproxy.cfg", str(there)))
    assert there.read_text("utf-8") == haproxy_cfg()


def test_ollama_line() -> None:
    """HAProxy takes the file with the model of the line."""
    (line,) = typed("OLLAMA_MODEL=qwen3:4b-instruct")
    shell(line.replace("haproxy ", "haproxy -c "))


def test_promtool_line() -> None:
    """Prometheus's tool takes the files."""
    (line,) = typed("promtool")
    assert "SUCCESS" in shell(line)


def test_kubectl_line() -> None:
    """It names the folder of the manifests, which tests of their own check."""
    (line,) = typed("kubectl")
    assert (ROOT / line.rpartition(" ")[2] / "kustomization.yaml").is_file()


def test_lines_that_ask(site: Site) -> None:
    """A worker that is ready says so, and HAProxy counts all of them."""
    worker = site.stt.workers[0]
    ready, servers = (
        shell(
            line.replace("192.0.2.11:10400", f"{worker.host}:{worker.http_port}").replace(
                "192.0.2.10:8404", f"127.0.0.1:{site.balancer.ports['metrics']}"
            )
        )
        for line in typed("curl")
    )
    assert '"ready"' in ready
    assert servers.count('state="UP"') == len(site.stt.workers) + len(site.tts.workers)


def test_other_servers_are_checked_as_in_the_measurement(tmp_path: Path) -> None:
    """The lines for servers without an HTTP port are valid, and those that were measured."""
    (text,) = fenced("haproxy")
    for change in WITHOUT_HTTP.values():
        for piece in change.splitlines():
            assert piece.strip() in text
    file = tmp_path / "haproxy.cfg"
    defaults = "".join(f"    timeout {what} 9s\n" for what in ("connect", "client", "server"))
    frontend = "frontend others\n    mode tcp\n    bind 127.0.0.1:1\n    default_backend others\n"
    file.write_text(f"defaults\n{defaults}{frontend}{text}")
    shell(f"haproxy -c -f {shlex.quote(str(file))}")


def test_every_alert_is_explained() -> None:
    """Both pages have a row for each alert, and for no other."""
    rules = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text("utf-8"))
    names = {rule["alert"] for rule in rules["groups"][0]["rules"]}
    for page in PAGES:
        assert set(re.findall(r"\bJonh[A-Z]\w+", page.read_text("utf-8"))) == names
