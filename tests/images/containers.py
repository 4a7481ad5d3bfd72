"""Containers of the images, started as the Supervisor and as compose start them."""

import json
import re
import subprocess
import time
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
PATIENCE_S = 120.0
# The Supervisor's own network, with its own addresses.
SUBNET, GATEWAY, SUPERVISOR = "172.30.32.0/23", "172.30.32.1", "172.30.32.2"
TOKEN = "opens-the-whole-house"


def podman(*arguments: str, check: bool = True, text: str | None = None) -> str:
    """Run podman on the images of `scripts/images`; its output, of standard error if it fails."""
    command = [str(ROOT / "scripts" / "images"), "podman", *arguments]
    run = subprocess.run(command, check=False, capture_output=True, text=True, input=text)
    if check and run.returncode:
        raise AssertionError(f"podman {' '.join(arguments)}: {run.stderr or run.stdout}")
    return run.stdout if not run.returncode else run.stdout + run.stderr


def image(program: str) -> str:
    """Return the name of the newest image of stt or tts."""
    text = (ROOT / "addons" / f"jonh_{program}" / "config.yaml").read_text("utf-8")
    version = re.search(r'^version: "(.+)"$', text, re.MULTILINE)
    assert version
    return f"localhost/jonh-{program}:{version[1]}"


def wait_for[T](what: str, find: Callable[[], T | None]) -> T:
    """Return what a function finds once it finds something; fails after a long time."""
    deadline_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline_s:
        if found := find():
            return found
        time.sleep(0.2)
    raise AssertionError(f"no {what} after {PATIENCE_S:g} s")


@dataclass
class Container:
    """A running container; `remove` ends it."""

    name: str
    started_s: float = field(default_factory=time.monotonic)

    @property
    def state(self) -> dict[str, Any]:
        """What podman knows of it."""
        found: dict[str, Any] = json.loads(podman("inspect", self.name))[0]["State"]
        return found

    @property
    def log(self) -> str:
        """Both streams of output so far."""
        run = subprocess.run(
            [ROOT / "scripts" / "images", "podman", "logs", self.name],
            check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        return run.stdout

    @cached_property
    def address(self) -> str:
        """Its address in the network of the tests."""
        networks = json.loads(podman("inspect", self.name))[0]["NetworkSettings"]["Networks"]
        return str(next(iter(networks.values()))["IPAddress"])

    def run(self, *command: str, user: str = "0", text: str | None = None) -> str:
        """Run a command inside; its output, with what it said when it failed."""
        interactive = ["--interactive"] if text is not None else []
        return podman(
            "exec", *interactive, "--user", user, self.name, *command, check=False, text=text
        )

    def wait_until_logged(self, text: str) -> float:
        """Wait for a line of its log; seconds since it was started."""

        def is_there() -> bool:
            log = self.log
            if text not in log and not self.state["Running"]:
                raise AssertionError(f"{self.name} ended:\n{log}")
            return text in log

        wait_for(f"{text!r} in the log of {self.name}", is_there)
        return time.monotonic() - self.started_s

    def is_healthy(self) -> bool:
        """Run the image's own health check once, as Docker does by itself."""
        return not podman("healthcheck", "run", self.name, check=False)

    def stop(self) -> int:
        """Stop it as the Supervisor does, and return its exit status."""
        podman("stop", "--time", "30", self.name)
        return int(self.state["ExitCode"])

    def remove(self) -> None:
        """End it however it is."""
        podman("rm", "--force", "--time", "0", self.name, check=False)

    def processes(self) -> dict[str, Path]:
        """Return the directory in /proc of each Python module that runs inside."""
        found: dict[str, Path] = {}
        for pid in podman("top", self.name, "hpid").split()[1:]:
            folder = Path("/proc") / pid
            words = (folder / "cmdline").read_bytes().decode().split("\0")
            # An init has the whole command behind it.
            if "-m" in words and "python" in words[0]:
                found[words[words.index("-m") + 1]] = folder
        return found


def start(name: str, image_name: str, *arguments: str, command: tuple[str, ...] = ()) -> Container:
    """Start a container with these arguments of podman."""
    podman("rm", "--force", "--time", "0", name, check=False)
    started_s = time.monotonic()
    podman("run", "--detach", "--name", name, *arguments, image_name, *command)
    return Container(name, started_s)


def start_add_on(
    program: str, data: Path, options: dict[str, Any], *arguments: str, network: str
) -> Container:
    """Start an add-on as the Supervisor does, and let it write nowhere else than it may."""
    data.mkdir(exist_ok=True)
    path = data / "options.json"
    path.write_text(json.dumps(options), "utf-8")
    path.chmod(0o600)
    return start(
        f"jonh-{program}", image(program), "--init", "--network", network,
        "--hostname", f"a0d7b954-jonh-{program}", "--add-host", f"supervisor:{SUPERVISOR}",
        "--add-host", f"hassio:{SUPERVISOR}", "--security-opt", "seccomp=unconfined",
        "--read-only", "--read-only-tmpfs=false", "--tmpfs", "/tmp", "--tmpfs", "/dev/shm",
        "--env", "TZ=America/Sao_Paulo", "--env", f"SUPERVISOR_TOKEN={TOKEN}",
        "--env", f"HASSIO_TOKEN={TOKEN}", "--volume", f"{data}:/data", *arguments,
    )  # fmt: skip


def start_alone(program: str, *arguments: str) -> Container:
    """Start an image as compose and Kubernetes do, without a network."""
    return start(
        f"jonh-{program}-alone", image(program), "--init", "--network", "none", "--read-only",
        "--read-only-tmpfs=false", "--cap-drop", "all", "--security-opt", "no-new-privileges",
        "--user", "1000:1000", "--tmpfs", "/tmp", *arguments,
    )  # fmt: skip


def start_supervisor(network: str, *, not_ready: int = 0) -> Container:
    """Start the stand-in for the Supervisor, at the address that the real one has."""
    script = ROOT / "tests" / "fakes" / "supervisor.py"
    return start(
        "jonh-supervisor", image("stt"), "--network", f"{network}:ip={SUPERVISOR}",
        "--entrypoint", "python", "--volume", f"{script}:/supervisor.py:ro",
        command=(
            "/supervisor.py", "--port", "80", "--token", TOKEN, "--not-ready", str(not_ready)
        ),
    )  # fmt: skip


def requests_to(supervisor: Container) -> list[dict[str, Any]]:
    """Return what the Supervisor was asked so far."""
    lines = supervisor.log.splitlines()
    return [json.loads(line) for line in lines if line.startswith("{")]
