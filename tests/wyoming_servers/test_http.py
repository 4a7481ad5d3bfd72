"""The HTTP port: who may use it and what it answers."""

import contextlib
import json
import re
import socket
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

import pytest

import wyoming_servers
from wyoming_servers.http import Application, serve_http
from wyoming_servers.hub import Progress
from wyoming_servers.server import Load
from wyoming_servers.status import ModelStatus, Offering, Status
from wyoming_servers.telemetry import PrometheusTelemetry

_LOAD = Load(connections=2, max_connections=64, queued=1, running=1, slots=1)
_OFFERING = Offering(
    wanted="base",
    models=(ModelStatus(name="base", is_loaded=True),),
    fetching=None,
    latencies_s=(0.1, 0.25),
)
_READY = Status(
    program="jonh-stt", offering=_OFFERING, load=_LOAD, uptime_s=60.4, accepts=True, drains=False
)
_LOADING = replace(
    _READY,
    offering=replace(
        _OFFERING, models=(), fetching=Progress(name="model.bin", done_bytes=5, total_bytes=9)
    ),
)


def _get(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=30) as response:
            return response.status, bytes(response.read()).decode()
    except urllib.error.HTTPError as err:
        return err.code, bytes(err.read()).decode()


@contextlib.contextmanager
def _serving(
    ask: Callable[[], Status], *networks: str, host: str = "127.0.0.1"
) -> Iterator[Callable[[str], tuple[int, str]]]:
    registry = PrometheusTelemetry("jonh-test").registry
    clients = [ip_network(network) for network in networks]
    with serve_http(host, 0, registry, ask, clients) as port:
        name = f"[{host}]" if ":" in host else "127.0.0.1"
        yield lambda path: _get(f"http://{name}:{port}{path}")


@pytest.mark.parametrize(
    ("status", "code", "state"),
    [
        (_READY, 200, "ready"),
        (_LOADING, 503, "loading"),
        (replace(_READY, accepts=False), 503, "loading"),
        (replace(_READY, drains=True), 404, "draining"),
        (replace(_READY, drains=True, accepts=False), 404, "draining"),
    ],
)
def test_ready_tells_where_work_should_go(status: Status, code: int, state: str) -> None:
    """A load balancer sees who can work, who cannot yet, and who is about to leave."""
    with _serving(lambda: status) as get:
        got, body = get("/ready")
        assert (got, json.loads(body)) == (code, {"state": state})
        assert get("/health")[0] == 200


def test_health_fails_when_the_server_does_not_answer() -> None:
    """What restarts a server asks whether it lives, and nothing about its model."""

    def hang() -> Status:
        raise TimeoutError

    with _serving(hang) as get:
        assert {get(path)[0] for path in ("/health", "/ready", "/status.json")} == {503}
        assert get("/metrics")[0] == 200


def test_status_names_model_load_and_times() -> None:
    """The page has everything from one answer."""
    with _serving(lambda: _LOADING) as get:
        status = json.loads(get("/status.json")[1])
    assert status.pop("memory_mb") > 0
    assert status == {
        "program": "jonh-stt",
        "version": wyoming_servers.__version__,
        "state": "loading",
        "wanted": "base",
        "models": [],
        "fetching": {"name": "model.bin", "done_bytes": 5, "total_bytes": 9},
        "connections": 2,
        "max_connections": 64,
        "queued": 1,
        "running": 1,
        "slots": 1,
        "latencies_ms": [100, 250],
        "uptime_s": 60,
    }


def test_page_needs_nobody_else() -> None:
    """It works below any address, as Home Assistant shows it, and without the internet."""
    with _serving(lambda: _READY) as get:
        status, page = get("/")
    assert status == 200
    assert page == (Path(wyoming_servers.__file__).parent / "status.html").read_text("utf-8")
    addresses = re.findall(r"""(?:src|href)=["']([^"']+)|fetch\(["']([^"']+)""", page)
    assert [one or other for one, other in addresses] == ["data:,", "status.json"]
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")


def test_other_paths_are_named() -> None:
    """A wrong path is told which ones there are."""
    with _serving(lambda: _READY) as get:
        status, body = get("/etc/passwd")
    assert status == 404
    assert "/metrics" in body


@pytest.mark.parametrize(
    ("address", "is_served"),
    [
        ("172.30.32.2", True),
        ("::ffff:172.30.32.2", True),
        ("10.1.2.3", True),
        ("127.0.0.1", True),
        ("::1", True),
        ("172.30.32.3", False),
        ("::ffff:172.30.33.4", False),
        ("2001:db8::1", False),
    ],
)
def test_only_named_clients_are_served(address: str, *, is_served: bool) -> None:
    """Others than the named addresses are refused; this machine never is."""
    registry = PrometheusTelemetry("jonh-test").registry
    clients = [ip_network("172.30.32.2"), ip_network("10.0.0.0/8")]
    application = Application(registry, lambda: _READY, clients)
    said = []
    environ = {"REMOTE_ADDR": address, "PATH_INFO": "/status.json"}
    list(application(environ, lambda status, headers: said.append(status)))
    assert said == ["200 OK" if is_served else "403 Forbidden"]


def test_ipv6() -> None:
    """A server on an IPv6 address has its HTTP port there too."""
    try:
        with _serving(lambda: _READY, "192.0.2.0/24", host="::1") as get:
            assert get("/health")[0] == 200
    except OSError as err:
        pytest.skip(f"this machine has no IPv6: {err}")


def test_a_taken_port_is_an_error() -> None:
    """Two servers cannot share an HTTP port."""
    registry = PrometheusTelemetry("jonh-test").registry
    with (
        serve_http("127.0.0.1", 0, registry, lambda: _READY) as port,
        pytest.raises(OSError, match="in use"),
        serve_http("127.0.0.1", port, registry, lambda: _READY),
    ):
        pass


def test_who_only_connects_keeps_nobody_out() -> None:
    """Two hundred silent connections lose their places to those who ask."""
    registry = PrometheusTelemetry("jonh-test").registry
    with (
        contextlib.ExitStack() as stack,
        serve_http("127.0.0.1", 0, registry, lambda: _READY) as port,
    ):
        for _ in range(200):
            stack.enter_context(socket.create_connection(("127.0.0.1", port)))
        assert _get(f"http://127.0.0.1:{port}/ready")[0] == 200
