"""A name server such as the one of a container network: names and their IPv4 addresses."""

import ipaddress
import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import override

_HEADER = struct.Struct("!6H")
_TYPE_A = 1
# It is a response, recursion was wanted and is available; the lower bits are the error.
_ANSWER = 0x8180
_NO_SUCH_NAME = 3
# Where the name of the question stands in the message, as a pointer.
_NAME_OF_QUESTION = 0xC00C


class NameServer:
    """Answers for `names`, which may be changed while it runs."""

    def __init__(self, names: dict[str, list[str]], port: int) -> None:
        self.names = names
        self.port = port
        """Of UDP, on 127.0.0.1."""

    def answer(self, query: bytes) -> bytes:
        """Return the response to a query of one question."""
        number, *_ = _HEADER.unpack_from(query)
        name, end = _name(query, _HEADER.size)
        kind, _ = struct.unpack_from("!2H", query, end)
        hosts = self.names.get(name.lower())
        addresses = hosts if hosts and kind == _TYPE_A else []
        flags = _ANSWER if hosts is not None else _ANSWER | _NO_SUCH_NAME
        records = b"".join(
            struct.pack("!3HIH", _NAME_OF_QUESTION, _TYPE_A, 1, 1, 4)
            + ipaddress.IPv4Address(address).packed
            for address in addresses
        )
        header = _HEADER.pack(number, flags, 1, len(addresses), 0, 0)
        return header + query[_HEADER.size : end + 4] + records


@contextmanager
def name_server(names: dict[str, list[str]]) -> Iterator[NameServer]:
    """Serve from a thread while the context is open."""

    class Handler(socketserver.BaseRequestHandler):
        @override
        def handle(self) -> None:
            query, sock = self.request
            sock.sendto(served.answer(query), self.client_address)

    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), Handler) as server:
        served = NameServer(names, server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield served
        finally:
            server.shutdown()
            thread.join()


def _name(message: bytes, at: int) -> tuple[str, int]:
    """Return the name that begins there, and where it ends."""
    labels = []
    while length := message[at]:
        labels.append(message[at + 1 : at + 1 + length].decode("ascii"))
        at += 1 + length
    return ".".join(labels), at + 1
