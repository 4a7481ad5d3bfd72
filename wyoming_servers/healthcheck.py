"""Asks a server what it has, as Home Assistant does: the health check of containers.

    python -m wyoming_servers.healthcheck [URI]

Without an address it asks the one that JONH_STT_URI or JONH_TTS_URI names. A server that fetches
its model is healthy; one that accepts a connection and never answers is not, and only a question
tells them apart.
"""

import json
import os
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

# An idle server takes a millisecond. Docker ends a check after 10 s, and then says less about it.
_TIMEOUT_S = 8.0
# The header of an answer; what the server has comes behind it.
_MAX_HEADER_BYTES = 64 * 1024
_DESCRIBE = b'{"type":"describe"}\n'
_VARIABLES = ("JONH_STT_URI", "JONH_TTS_URI")
_ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where such a server is asked


class NoAnswerError(Exception):
    """The server did not describe itself; the text says what it did."""


def ask(uri: str, timeout_s: float = _TIMEOUT_S) -> None:
    """Return once the server at tcp://HOST:PORT or unix://PATH has described itself.

    Raises NoAnswerError.
    """
    deadline_s = time.monotonic() + timeout_s
    try:
        with _connect(uri, timeout_s) as connection:
            connection.sendall(_DESCRIBE)
            header = _read_line(connection, deadline_s)
    except TimeoutError as err:
        raise NoAnswerError(f"{uri} did not answer within {timeout_s:g} s") from err
    except OSError as err:
        raise NoAnswerError(f"{uri}: {err}") from err
    try:
        event = json.loads(header)
    except ValueError as err:
        raise NoAnswerError(f"{uri} does not speak the Wyoming protocol") from err
    kind = event.get("type") if isinstance(event, dict) else None
    if kind != "info":
        raise NoAnswerError(f"{uri} answered {kind} instead of info")


def _connect(uri: str, timeout_s: float) -> socket.socket:
    parts = urlsplit(uri)
    if parts.scheme == "unix":
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(timeout_s)
        try:
            connection.connect(parts.netloc + parts.path)
        except BaseException:
            connection.close()
            raise
        return connection
    host = parts.hostname or ""
    return socket.create_connection((_ANY_ADDRESS.get(host, host), parts.port or 0), timeout_s)


def _read_line(connection: socket.socket, deadline_s: float) -> bytes:
    line = b""
    while b"\n" not in line and len(line) < _MAX_HEADER_BYTES:
        left_s = deadline_s - time.monotonic()
        if left_s <= 0:
            raise TimeoutError
        connection.settimeout(left_s)
        part = connection.recv(4096)
        if not part:
            raise ConnectionError("the connection was closed without an answer")
        line += part
    return line.partition(b"\n")[0]


def main(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Ask once; 0 for an answer, 1 for none, with one line on standard error."""
    named = [environ[name] for name in _VARIABLES if environ.get(name)]
    try:
        uri = [*arguments, *named][0]
        ask(uri)
    except IndexError:
        print(f"no address: neither an argument nor {' nor '.join(_VARIABLES)}", file=sys.stderr)
        return 1
    except NoAnswerError as err:
        print(err, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
