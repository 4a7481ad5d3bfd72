"""Several workers of one server, as machines of their own: one address of loopback each."""

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import signal
    from collections.abc import Iterator, Mapping, Sequence

PORTS = {"stt": 10300, "tts": 10200}
"""What the files in deploy/ call the Wyoming port of a server."""
_NETWORK = "127.77.0"
_START_S = 60.0
_STOP_S = 40.0
_ANSWER_S = 5.0
_ESTABLISHED = "01"


class Worker:
    """A process that can be started again at the same address."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        host: str,
        port: int,
        http_port: int | None,
        environment: Mapping[str, str],
        log: Path,
    ) -> None:
        self.host = host
        self.port = port
        self.http_port = http_port
        self._command = command
        self._environment = environment
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; `wait_until_ready` tells when it can be used."""
        address = ["--uri", f"tcp://{self.host}:{self.port}"]
        if self.http_port is not None:
            address += ["--http-port", str(self.http_port)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603
                [*self._command, *address],
                stdout=log,
                stderr=log,
                env={**os.environ, **self._environment},
            )

    def wait_until_ready(self) -> None:
        """Return when it takes work; raises RuntimeError when it ends instead."""
        deadline_s = time.monotonic() + _START_S
        while not self._is_ready():
            if self._running.poll() is not None or time.monotonic() > deadline_s:
                text = self._log.read_text("utf-8", errors="replace")
                raise RuntimeError(f"The worker at {self.host} did not start:\n{text[-2000:]}")
            time.sleep(0.05)

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self._running.send_signal(number)

    def wait(self) -> int:
        """Wait for its end and return the exit status."""
        return self._running.wait(_STOP_S)

    def end(self) -> None:
        """Stop it, whatever it is doing."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def ask(self, path: str) -> tuple[int, str]:
        """Return status and text of a page of its HTTP port; raises OSError."""
        assert self.http_port is not None
        return fetch(self.host, self.http_port, path)

    @property
    def connections(self) -> int:
        """How many there are to its Wyoming port, as the kernel sees it."""
        octets = [int(part) for part in self.host.split(".")]
        address = "".join(f"{octet:02X}" for octet in reversed(octets)) + f":{self.port:04X}"
        peers = set()
        # While others come and go, the kernel's list may leave out a line.
        for _ in range(3):
            for line in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]:
                _, here, there, state, *_ = line.split()
                if (here, state) == (address, _ESTABLISHED):
                    peers.add(there)
        return len(peers)

    @property
    def _running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None
        return self._process

    def _is_ready(self) -> bool:
        with contextlib.suppress(OSError):
            if self.http_port is not None:
                return self.ask("/ready")[0] == http.HTTPStatus.OK
            socket.create_connection((self.host, self.port), _ANSWER_S).close()
            return True
        return False


def fetch(host: str, port: int, path: str) -> tuple[int, str]:
    """Return status and text of a page; raises OSError."""
    connection = http.client.HTTPConnection(host, port, timeout=_ANSWER_S)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read().decode()
    except http.client.HTTPException as err:
        raise OSError(str(err)) from err
    finally:
        connection.close()


def ours(kind: str) -> tuple[str, ...]:
    """Return the command of one of our servers, as deploy/ starts it behind a balancer."""
    name = "--model" if kind == "stt" else "--voice"
    model = "starter" if kind == "stt" else "pt_BR-starter-low"
    command = (sys.executable, "-m", f"wyoming_servers.{kind}", name, model, "--hub-url", "off")
    # One core each, as if they had machines of their own.
    return (*command, "--threads", "1", "--lame-duck", "2.5")


@contextlib.contextmanager
def workers(command: Sequence[str], count: int, *, has_http: bool = True) -> Iterator[list[Worker]]:
    """Run so many workers while the context is open; all have the same ports."""
    hosts = [f"{_NETWORK}.{number}" for number in range(1, count + 1)]
    port, http_port = free_port(hosts), free_port(hosts)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # Shared, as the volume of containers is.
        kept = {"JONH_STT_DATA_DIR": name, "JONH_TTS_VOICE_DIR": name}
        started = [
            Worker(
                command,
                host=host,
                port=port,
                http_port=http_port if has_http else None,
                environment=kept,
                log=folder / f"{host}.log",
            )
            for host in hosts
        ]
        try:
            for worker in started:
                worker.start()
            for worker in started:
                worker.wait_until_ready()
            yield started
        finally:
            for worker in started:
                worker.end()


def free_port(hosts: Sequence[str] = ("127.0.0.1",)) -> int:
    """Return a port that is free on all of these addresses."""
    while True:
        with contextlib.ExitStack() as stack, contextlib.suppress(OSError):
            first = stack.enter_context(socket.create_server((hosts[0], 0)))
            port = int(first.getsockname()[1])
            for host in hosts[1:]:
                stack.enter_context(socket.create_server((host, port)))
            return port
