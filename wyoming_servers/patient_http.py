"""HTTP to a model hub that is never waited for longer than was agreed."""

import http.client
import socket
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, override


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to wait for the hub."""

    connect_s: float = 5.0
    """Per address tried; all addresses together get twice this."""
    stall_s: float = 30.0
    """Longest silence, and the window in which 1 KiB/s must be reached."""
    pauses_s: tuple[float, ...] = (1.0, 2.0, 4.0, 8.0)
    """Before each further attempt after one that brought less than a stall's worth of bytes."""


def open_patiently(patience: Patience) -> urllib.request.OpenerDirector:
    """Make an opener of addresses that waits so long."""
    return urllib.request.build_opener(_PatientHttp(patience), _PatientHttps(patience))


def _connect(address: tuple[str, int], patience: Patience) -> socket.socket:
    """Connect to the first address that answers; a black-holed name with ten addresses ends too."""
    deadline_s = time.monotonic() + 2 * patience.connect_s
    failure: OSError = TimeoutError("timed out")
    for family, kind, protocol, _, place in socket.getaddrinfo(*address, type=socket.SOCK_STREAM):
        if (left_s := deadline_s - time.monotonic()) <= 0:
            break
        link = socket.socket(family, kind, protocol)
        try:
            link.settimeout(min(patience.connect_s, left_s))
            link.connect(place)
        except OSError as err:
            link.close()
            failure = err
        else:
            link.settimeout(patience.stall_s)
            return link
    raise failure


def _patiently[C: http.client.HTTPConnection](
    kind: type[C], patience: Patience
) -> Callable[..., C]:
    """Make connections that wait so long to connect and so long for bytes.

    The standard library has one timeout for both, and tries every address of a name with it.
    """

    def connection(host: str, **options: Any) -> C:
        def connect(address: tuple[str, int], *_: object) -> socket.socket:
            return _connect(address, patience)

        made = kind(host, **options)
        made._create_connection = connect  # type: ignore[attr-defined]  # noqa: SLF001
        return made

    return connection


class _PatientHttp(urllib.request.HTTPHandler):
    def __init__(self, patience: Patience) -> None:
        super().__init__()
        self._connection = _patiently(http.client.HTTPConnection, patience)

    @override
    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(self._connection, req)


class _PatientHttps(urllib.request.HTTPSHandler):
    def __init__(self, patience: Patience) -> None:
        super().__init__()
        self._connection = _patiently(http.client.HTTPSConnection, patience)

    @override
    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(self._connection, req)
