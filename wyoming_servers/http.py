"""The optional HTTP port: status page, health and metrics, for people, containers, monitoring."""

import json
import logging
import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from http import HTTPStatus
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from pathlib import Path
from socketserver import TCPServer, ThreadingMixIn
from typing import Any, override
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server
from wsgiref.types import StartResponse, WSGIEnvironment

from prometheus_client import CollectorRegistry, make_wsgi_app

from .status import State, Status

_LOGGER = logging.getLogger(__name__)

_PAGE = Path(__file__).with_name("status.html")
# The page brings everything it needs and asks nobody but this server.
_PAGE_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline';"
    " connect-src 'self'; img-src data:"
)
# 404 takes a draining server out of a load balancer's list and leaves its connections alone
# (HAProxy, `http-check disable-on-404`); 503 would let it cut them.
_READY_STATUS = {
    State.READY: HTTPStatus.OK,
    State.DRAINING: HTTPStatus.NOT_FOUND,
    State.LOADING: HTTPStatus.SERVICE_UNAVAILABLE,
}
# A request takes milliseconds, so whoever has been here longest only keeps the place.
_MAX_CONNECTIONS = 64


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 128
    """The standard library's 5 make whoever comes next wait for a second."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()
        super().__init__(*args, **options)

    @override
    def server_bind(self) -> None:
        """Bind without asking the DNS for the machine's name, which can take seconds."""
        TCPServer.server_bind(self)
        host, port, *_ = self.server_address
        self.server_name, self.server_port = str(host), int(port)
        self.setup_environ()

    @override
    def process_request(self, request: Any, client_address: Any) -> None:
        """Give a connection its thread, and take the place of the oldest one if there is none."""
        with self._lock:
            if len(self._open) >= _MAX_CONNECTIONS:
                with suppress(OSError):  # it has just gone
                    self._open.pop(0).shutdown(socket.SHUT_RDWR)
            self._open.append(request)
        super().process_request(request, client_address)

    @override
    def shutdown_request(self, request: Any) -> None:
        with self._lock, suppress(ValueError):
            self._open.remove(request)
        super().shutdown_request(request)


class _Server6(_Server):
    address_family = socket.AF_INET6


class _Handler(WSGIRequestHandler):
    timeout = 5
    """Seconds for a client to send the next part of its request."""

    @override
    def log_message(self, format: str, *args: object) -> None:
        _LOGGER.debug(format, *args)

    @override
    def handle(self) -> None:
        # Clients that leave, or are made to, are no event.
        with suppress(OSError):
            super().handle()


class Application:
    """Answers requests (WSGI); each runs on a thread of its own."""

    def __init__(
        self,
        registry: CollectorRegistry,
        ask: Callable[[], Status],
        clients: Sequence[IPv4Network | IPv6Network],
    ) -> None:
        self._metrics = make_wsgi_app(registry)
        self._ask = ask
        self._clients = clients

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        if not self._admits(str(environ.get("REMOTE_ADDR", ""))):
            return _text(start_response, HTTPStatus.FORBIDDEN, "Not from this address.\n")
        path = str(environ["PATH_INFO"])
        if path == "/metrics":
            page: Iterable[bytes] = self._metrics(environ, start_response)
            return page
        if path == "/":
            return _page(start_response)
        if path not in ("/health", "/ready", "/status.json"):
            known = "This server has /, /status.json, /health, /ready and /metrics.\n"
            return _text(start_response, HTTPStatus.NOT_FOUND, known)
        try:
            status = self._ask()
        except TimeoutError:
            return _json(start_response, HTTPStatus.SERVICE_UNAVAILABLE, {"alive": False})
        match path:
            case "/health":
                return _json(start_response, HTTPStatus.OK, {"alive": True})
            case "/ready":
                state = status.state
                return _json(start_response, _READY_STATUS[state], {"state": str(state)})
            case _:
                return _json(start_response, HTTPStatus.OK, status.as_dict())

    def _admits(self, address: str) -> bool:
        client = ip_address(address)
        if isinstance(client, IPv6Address) and client.ipv4_mapped is not None:
            client = client.ipv4_mapped
        return (
            not self._clients
            or client.is_loopback
            or any(client in network for network in self._clients)
        )


@contextmanager
def serve_http(
    host: str,
    port: int,
    registry: CollectorRegistry,
    ask: Callable[[], Status],
    clients: Sequence[IPv4Network | IPv6Network] = (),
) -> Iterator[int]:
    """Serve from threads while the context is open and give the real port.

    `ask` is called on those threads and raises TimeoutError when the server does not answer.
    Only `clients` are served, and this machine; without any, everybody. Raises OSError when the
    port is taken.
    """
    kind = _Server6 if ":" in host else _Server
    with make_server(host, port, Application(registry, ask, clients), kind, _Handler) as server:
        thread = threading.Thread(target=server.serve_forever, name="http", daemon=True)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def _page(start_response: StartResponse) -> list[bytes]:
    content = _PAGE.read_bytes()
    headers = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Security-Policy", _PAGE_POLICY),
        ("Cache-Control", "no-cache"),
    ]
    return _answer(start_response, HTTPStatus.OK, headers, content)


def _json(
    start_response: StartResponse, status: HTTPStatus, content: dict[str, Any]
) -> list[bytes]:
    headers = [("Content-Type", "application/json"), ("Cache-Control", "no-store")]
    return _answer(start_response, status, headers, json.dumps(content).encode() + b"\n")


def _text(start_response: StartResponse, status: HTTPStatus, content: str) -> list[bytes]:
    return _answer(start_response, status, [("Content-Type", "text/plain")], content.encode())


def _answer(
    start_response: StartResponse,
    status: HTTPStatus,
    headers: list[tuple[str, str]],
    content: bytes,
) -> list[bytes]:
    length = ("Content-Length", str(len(content)))
    safe = ("X-Content-Type-Options", "nosniff")
    start_response(f"{status.value} {status.phrase}", [*headers, length, safe])
    return [content]
