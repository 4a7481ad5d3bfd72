"""The optional HTTP port: `/health` and `/metrics` for the house's own monitoring."""

import json
import logging
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from socketserver import TCPServer, ThreadingMixIn
from typing import override
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server
from wsgiref.types import StartResponse, WSGIEnvironment

from prometheus_client import CollectorRegistry, make_wsgi_app

_LOGGER = logging.getLogger(__name__)


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    @override
    def server_bind(self) -> None:
        """Bind without asking the DNS for the machine's name, which can take seconds."""
        TCPServer.server_bind(self)
        host, port, *_ = self.server_address
        self.server_name, self.server_port = str(host), int(port)
        self.setup_environ()


class _Server6(_Server):
    address_family = socket.AF_INET6


class _Handler(WSGIRequestHandler):
    timeout = 10
    """Seconds for a client to send its request."""

    @override
    def log_message(self, format: str, *args: object) -> None:
        _LOGGER.debug(format, *args)


@contextmanager
def serve_http(
    host: str, port: int, registry: CollectorRegistry, is_ready: Callable[[], bool]
) -> Iterator[int]:
    """Serve from a thread while the context is open and give the real port.

    `/health` answers 200 once ready and 503 before. Raises OSError when the port is taken.
    """
    metrics = make_wsgi_app(registry)

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        match environ["PATH_INFO"]:
            case "/health":
                return _health(start_response, is_ready=is_ready())
            case "/metrics":
                page: Iterable[bytes] = metrics(environ, start_response)
                return page
            case _:
                start_response("404 Not Found", [("Content-Type", "text/plain")])
                return [b"This server has /health and /metrics.\n"]

    kind = _Server6 if ":" in host else _Server
    with make_server(host, port, answer, kind, _Handler) as server:
        thread = threading.Thread(target=server.serve_forever, name="http", daemon=True)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def _health(start_response: StartResponse, *, is_ready: bool) -> list[bytes]:
    status = "200 OK" if is_ready else "503 Service Unavailable"
    start_response(status, [("Content-Type", "application/json")])
    return [json.dumps({"ready": is_ready}).encode() + b"\n"]
