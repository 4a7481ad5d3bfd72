"""deploy/compose.yaml and compose.scale.yaml for real: workers behind HAProxy, in containers."""

import asyncio
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from benchmarks.resilience.scale_out_balancer import DEPLOY, Balancer
from benchmarks.resilience.scale_out_clients import Crowd
from tests.images.containers import ROOT, Container, image, podman, wait_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.timeout(900)
PROJECT = "jonh-scale"
WORKERS = {"stt": 3, "tts": 2}
HAPROXY = "localhost/jonh-haproxy"
# What the official image is made of, from Debian.
_DOCKERFILE = """
FROM localhost/jonh-base:trixie
RUN apt-get update && apt-get install --yes --no-install-recommends haproxy
USER haproxy
STOPSIGNAL SIGUSR1
ENTRYPOINT ["haproxy", "-db", "-f", "/usr/local/etc/haproxy/haproxy.cfg"]
"""


def compose(folder: Path, *arguments: str) -> None:
    """Run podman-compose on the shipped files and what a test has to change in them."""
    program = Path(sys.executable).with_name("podman-compose")
    files = (DEPLOY / "compose.yaml", DEPLOY / "compose.scale.yaml", folder / "here.yaml")
    names = [argument for file in files for argument in ("-f", str(file))]
    command = [program, "--podman-path", folder / "podman", "-p", PROJECT, *names, *arguments]
    run = subprocess.run(command, cwd=DEPLOY, check=False, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


def changes() -> str:
    """Return an override: images that were built here, starter models, no port of this machine."""
    # A container of a container may not raise its limits.
    limits = {"nofile": {"soft": 1024, "hard": 4096}, "nproc": {"soft": 4096, "hard": 4096}}
    services: dict[str, Any] = {
        kind: {
            "image": image(kind),
            "ulimits": limits,
            "environment": {
                f"JONH_{kind.upper()}_{'MODEL' if kind == 'stt' else 'VOICE'}": model,
                f"JONH_{kind.upper()}_HUB_URL": "off",
                f"JONH_{kind.upper()}_THREADS": "1",
            },
        }
        for kind, model in (("stt", "starter"), ("tts", "pt_BR-starter-low"))
    }
    text = yaml.safe_dump({"services": services})
    haproxy = f"haproxy:\n  image: {HAPROXY}\n  ports: !reset []\n  ulimits: {limits}\n"
    return text + textwrap.indent(haproxy, "  ")


def workers(kind: str) -> list[Container]:
    """Return the containers of a service."""
    wanted = f"label=io.podman.compose.project={PROJECT}"
    names = podman("ps", "--filter", wanted, "--format", "{{.Names}}").split()
    return [Container(name) for name in sorted(names) if f"_{kind}_" in name]


@pytest.fixture(scope="module")
def balancer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Balancer]:
    """Bring everything up but Home Assistant and Ollama, whose images cannot be had here."""
    folder = tmp_path_factory.mktemp("compose")
    (folder / "podman").write_text(f'#!/bin/sh\nexec {ROOT}/scripts/images podman "$@"\n')
    (folder / "podman").chmod(0o755)
    (folder / "here.yaml").write_text(changes(), "utf-8")
    (folder / "Dockerfile").write_text(_DOCKERFILE, "utf-8")
    podman("build", "--isolation", "chroot", "--network", "host", "--tag", HAPROXY, str(folder))
    try:
        compose(folder, "up", "-d", "stt", "tts", "haproxy")
        (container,) = workers("haproxy")
        running = Balancer({"stt": 10300, "tts": 10200, "metrics": 8404}, host=container.address)
        for kind, count in WORKERS.items():
            wait_for(f"{count} workers", lambda kind=kind, count=count: _has(running, kind, count))
        yield running
    finally:
        compose(folder, "down", "--volumes", "--timeout", "0")


def _has(balancer: Balancer, kind: str, count: int) -> bool:
    try:
        return balancer.count(kind) == count
    except OSError:
        return False


@pytest.mark.parametrize("kind", WORKERS)
def test_workers_are_nobody(balancer: Balancer, kind: str) -> None:
    """User 1000 without capabilities, on a file system that takes nothing but models."""
    for worker in workers(kind):
        assert worker.run("id", "-u", user="1000").strip() == "1000"
        (folder,) = worker.processes().values()
        status = (folder / "status").read_text("utf-8")
        assert "Uid:\t1000\t1000\t1000\t1000" in status
        assert "CapEff:\t0000000000000000" in status
        assert "NoNewPrivs:\t1" in status
        assert "Read-only file system" in worker.run("touch", "/app/x")
        assert worker.is_healthy()


async def test_stopped_container_loses_nothing(
    balancer: Balancer, report: Callable[[str], None]
) -> None:
    """One container of each kind is stopped and started while people speak."""
    crowds = [Crowd(kind, balancer.uri(kind), clients=6) for kind in WORKERS]
    async with crowds[0].speaking() as heard, crowds[1].speaking() as spoken:
        for kind, crowd in zip(WORKERS, crowds, strict=True):
            await crowd.turns(6)
            worker = workers(kind)[0]
            assert await asyncio.to_thread(worker.stop) == 0
            await asyncio.to_thread(podman, "start", worker.name)
            await asyncio.to_thread(
                wait_for, "the worker", lambda kind=kind: _has(balancer, kind, WORKERS[kind])
            )
            await crowd.turns(6)
    report(
        f"compose: {heard.lost} of {heard.turns} utterances and {spoken.lost} of {spoken.turns}"
        " texts lost while containers were stopped"
    )
    assert (heard.lost, spoken.lost) == (0, 0)
