"""A real HAProxy with the files of deploy/, in which nothing but addresses is replaced."""

import contextlib
import http.client
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.resilience.scale_out_workers import PORTS, Worker, fetch, free_port
from tests.fakes.name_server import name_server

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

DEPLOY = Path(__file__).parents[2] / "deploy"
_WAIT_S = 30.0
_METRIC = re.compile(r"^(?P<name>\w+)\{(?P<labels>[^}]*)\} (?P<value>\S+)$", re.MULTILINE)
_LABEL = re.compile(r'(\w+)="([^"]*)"')


class Balancer:
    """A running HAProxy."""

    def __init__(
        self, ports: Mapping[str, int], *, host: str = "127.0.0.1", pid: int | None = None
    ) -> None:
        self.ports = ports
        """By frontend."""
        self._host = host
        self._pid = pid

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Let it do nothing while the context is open: no connection begins or ends."""
        assert self._pid is not None
        os.kill(self._pid, signal.SIGSTOP)
        stat = Path(f"/proc/{self._pid}/stat")
        while stat.read_text("ascii").rpartition(")")[2].split()[0] != "T":
            time.sleep(0.001)
        try:
            yield
        finally:
            os.kill(self._pid, signal.SIGCONT)

    def uri(self, frontend: str) -> str:
        """Where clients connect."""
        return f"tcp://{self._host}:{self.ports[frontend]}"

    def metrics(self, name: str, **labels: str) -> dict[str, float]:
        """Return the values of a metric of all servers with these labels, by server."""
        _, text = fetch(self._host, self.ports["metrics"], "/metrics")
        found = {}
        for match in _METRIC.finditer(text):
            given = dict(_LABEL.findall(match["labels"]))
            if match["name"] == name and labels.items() <= given.items():
                found[given.get("server", "")] = float(match["value"])
        return found

    def count(self, backend: str, state: str = "UP") -> int:
        """How many servers of a backend are in a state."""
        states = self.metrics("haproxy_server_status", proxy=backend, state=state)
        return round(sum(states.values()))

    def wait_for(self, backend: str, count: int, state: str = "UP") -> float:
        """Wait until so many servers are in a state, and return how long it took."""
        begin_s = time.monotonic()
        while (found := self.count(backend, state)) != count:
            if time.monotonic() - begin_s > _WAIT_S:
                raise RuntimeError(f"{found} instead of {count} servers of {backend} are {state}")
            time.sleep(0.02)
        return time.monotonic() - begin_s


def replaced(text: str, changes: Mapping[str, str]) -> str:
    """Replace pieces of a file, each of which must be in it."""
    for old, new in changes.items():
        if old not in text:
            raise ValueError(f"The file has no {old!r}")
        text = text.replace(old, new)
    return text


@contextlib.contextmanager
def haproxy(
    text: str, binds: Mapping[str, int], environment: Mapping[str, str]
) -> Iterator[Balancer]:
    """Run HAProxy while the context is open; `binds` are the ports of its frontends in the text."""
    program = shutil.which("haproxy", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        raise RuntimeError("HAProxy is not installed")
    ports = {name: free_port() for name in binds}
    changes = {f"bind :{port}\n": f"bind 127.0.0.1:{ports[name]}\n" for name, port in binds.items()}
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "haproxy.cfg"
        file.write_text(replaced(text, changes), "utf-8")
        with (Path(name) / "log").open("wb") as log:
            process = subprocess.Popen(  # noqa: S603
                [program, "-db", "-f", str(file)],
                stdout=log,
                stderr=log,
                env={**os.environ, **environment},
            )
        try:
            _wait_until_up(process, ports["metrics"], Path(name) / "log")
            yield Balancer(ports, pid=process.pid)
        finally:
            process.kill()
            process.wait()


@contextlib.contextmanager
def in_containers(
    pools: Mapping[str, Sequence[Worker]], changes: Mapping[str, str] | None = None
) -> Iterator[Balancer]:
    """Run deploy/haproxy.cfg as compose.scale.yaml does: workers are found by their names.

    With `changes` it is for servers that have no HTTP port.
    """
    text = _with_http_ports(pools) if changes is None else replaced(_text(), changes)
    environment = {
        f"JONH_{kind.upper()}_ADDRESS": f"{kind}:{pool[0].port}" for kind, pool in pools.items()
    }
    hosts = {kind: [worker.host for worker in pool] for kind, pool in pools.items()}
    with name_server(hosts) as names:
        text = replaced(text, {"parse-resolv-conf": f"nameserver test 127.0.0.1:{names.port}"})
        with haproxy(text, {**PORTS, "metrics": 8404}, environment) as balancer:
            for kind, pool in pools.items():
                balancer.wait_for(kind, len(pool))
            yield balancer


@contextlib.contextmanager
def on_machines(pools: Mapping[str, Sequence[Worker]]) -> Iterator[Balancer]:
    """Run deploy/haproxy.cfg as it is copied to a machine: workers are written into it."""
    text = _with_http_ports(pools)
    for kind, pool in pools.items():
        lines = re.findall(rf"^ +server {kind}\d \S+:{PORTS[kind]}", text, re.MULTILINE)
        if len(lines) != len(pool):
            raise ValueError(f"The file has {len(lines)} servers of {kind}, not {len(pool)}")
        for line, worker in zip(lines, pool, strict=True):
            there = f"{line.rpartition(' ')[0]} {worker.host}:{worker.port}"
            text = text.replace(line, there).replace(" port 10401", "")
    with haproxy(text, {**PORTS, "metrics": 8404}, {}) as balancer:
        for kind, pool in pools.items():
            balancer.wait_for(kind, len(pool))
        yield balancer


def _text() -> str:
    return (DEPLOY / "haproxy.cfg").read_text("utf-8")


def _with_http_ports(pools: Mapping[str, Sequence[Worker]]) -> str:
    head, *parts = re.split(r"(?=^backend )", _text(), flags=re.MULTILINE)
    for index, part in enumerate(parts):
        kind = part.split()[1]
        if kind in pools:
            parts[index] = replaced(part, {"port 10400": f"port {pools[kind][0].http_port}"})
    return head + "".join(parts)


def _wait_until_up(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline_s = time.monotonic() + _WAIT_S
    while True:
        with contextlib.suppress(OSError):
            if fetch("127.0.0.1", port, "/health")[0] == http.HTTPStatus.OK:
                return
        if process.poll() is not None or time.monotonic() > deadline_s:
            raise RuntimeError(f"HAProxy did not start:\n{log.read_text('utf-8')}")
        time.sleep(0.02)
