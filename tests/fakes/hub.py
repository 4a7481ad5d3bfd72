"""A local HTTP server that speaks the model hub's protocol, faults included.

As on the real hub, `/api/models/ID/tree/main/FOLDER` lists files with their hashes, a large
file is reached through a redirect to a CDN path on which ranges work, and a small one through
a redirect to another path of the hub.
"""

import contextlib
import hashlib
import json
import threading
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import PurePosixPath
from types import TracebackType
from typing import Any, ClassVar, Self, override
from urllib.parse import unquote, urlsplit

# The real hub keeps files above 10 MB in LFS; here the name tells, so that tests stay small.
_LARGE = (".bin", ".onnx")
# A gate that nobody opens must not hold a failing test for ever.
_GATE_S = 60.0


@dataclass(kw_only=True)
class Fault:
    """Something that goes wrong with one answer, for paths that contain `path`."""

    path: str
    """Part of the requested path: "/tree/", "/cdn/", a file's name ..."""
    status: int | None = None
    """Answer with this status and nothing else."""
    cut_after_bytes: int | None = None
    """Close the connection after so many bytes of the body."""
    body: bytes | None = None
    """Send this instead of the true body."""
    stall_s: float = 0.0
    """Wait so long before the body."""
    gate: threading.Event | None = None
    """Wait for it before the body."""
    gate_after_bytes: int = 0
    """Send so many bytes of the body before the gate."""
    ignores_range: bool = False
    """Send the whole file with status 200 whatever range was asked for."""


@dataclass
class FakeHub:
    """The hub: files by repository and path, faults in the order they are to happen."""

    repositories: dict[str, dict[str, bytes]]
    faults: deque[Fault] = field(default_factory=deque)
    requests: list[tuple[str, str | None]] = field(default_factory=list)
    """Path and `Range` header of every request so far."""
    sent_bytes: Counter[str] = field(default_factory=Counter)
    """Bytes of body sent, by requested path."""
    host: str = "127.0.0.1"
    """Address to listen on."""

    def __enter__(self) -> Self:
        handler = type("_HandlerOfThisHub", (_Handler,), {"fake": self})
        self._server = ThreadingHTTPServer((self.host, 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """Where the hub listens."""
        return f"http://{self.host}:{self._server.server_address[1]}"

    def fault_for(self, path: str) -> Fault | None:
        """Take the next fault if it is meant for this path."""
        if self.faults and self.faults[0].path in path:
            return self.faults.popleft()
        return None

    def listing(self, repository: str, folder: str) -> list[dict[str, Any]] | None:
        """Describe the files directly in a folder as the hub's API does."""
        files = self.repositories.get(repository)
        if files is None:
            return None
        parent = PurePosixPath(folder)
        here = {path: body for path, body in files.items() if PurePosixPath(path).parent == parent}
        return [_entry(path, body) for path, body in here.items()] or None


def _entry(path: str, body: bytes) -> dict[str, Any]:
    blob = f"blob {len(body)}\0".encode() + body
    entry = {
        "type": "file",
        "oid": hashlib.sha1(blob, usedforsecurity=False).hexdigest(),
        "size": len(body),
        "path": path,
    }
    if path.endswith(_LARGE):
        entry["lfs"] = {
            "oid": hashlib.sha256(body).hexdigest(),
            "size": len(body),
            "pointerSize": 130,
        }
    return entry


class _Handler(BaseHTTPRequestHandler):
    fake: ClassVar[FakeHub]

    def do_GET(self) -> None:  # the name http.server looks for
        """Answer one request."""
        path = unquote(urlsplit(self.path).path)
        self.fake.requests.append((path, self.headers.get("Range")))
        fault = self.fake.fault_for(path)
        if fault is not None and fault.status is not None:
            self.send_error(fault.status)
        elif path.startswith("/api/models/"):
            self._send_listing(path, fault)
        elif path.startswith(("/cdn/", "/api/resolve-cache/")):
            prefix = "/cdn/" if path.startswith("/cdn/") else "/api/resolve-cache/"
            self._send_file(path, path.removeprefix(prefix), fault)
        else:
            self._redirect(path)

    def _send_listing(self, path: str, fault: Fault | None) -> None:
        repository, _, rest = path.removeprefix("/api/models/").partition("/tree/main")
        listing = self.fake.listing(repository, rest.strip("/"))
        if listing is None:
            self.send_error(404, "Repository not found")
            return
        body = json.dumps(listing).encode()
        if fault is not None:
            time.sleep(fault.stall_s)
            body = body if fault.body is None else fault.body
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _redirect(self, path: str) -> None:
        repository, _, file = path.strip("/").partition("/resolve/main/")
        body = self.fake.repositories.get(repository, {}).get(file)
        if body is None:
            self.send_error(404, "Entry not found")
            return
        entry = _entry(file, body)
        is_large = "lfs" in entry
        digest = entry["lfs"]["oid"] if is_large else entry["oid"]
        prefix = f"{self.fake.url}/cdn" if is_large else "/api/resolve-cache"
        self.send_response(302 if is_large else 307)
        self.send_header("X-Linked-Size", str(len(body)))
        self.send_header("X-Linked-ETag", f'"{digest}"')
        location = f"{repository}/{file}".encode().decode("latin-1")
        self.send_header("Location", f"{prefix}/{location}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _send_file(self, path: str, place: str, fault: Fault | None) -> None:
        owner, name, file = place.split("/", 2)
        whole = self.fake.repositories[f"{owner}/{name}"][file]
        start = 0
        asked = self.headers.get("Range")
        if asked and not (fault and fault.ignores_range):
            start = int(asked.removeprefix("bytes=").partition("-")[0])
        if start >= len(whole) and asked:
            self.send_error(416)
            return
        body = whole[start:] if fault is None or fault.body is None else fault.body[start:]
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body)))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(whole) - 1}/{len(whole)}")
        self.end_headers()
        self.wfile.flush()
        if fault is not None:
            body = body[: fault.cut_after_bytes]
            time.sleep(fault.stall_s)
            if fault.gate is not None:
                self._send_part(path, body[: fault.gate_after_bytes])
                body = body[fault.gate_after_bytes :]
                fault.gate.wait(_GATE_S)
        self._send_part(path, body)
        self.close_connection = True

    def _send_part(self, path: str, body: bytes) -> None:
        self.fake.sent_bytes[path] += len(body)
        # Who asked may have been killed meanwhile.
        with contextlib.suppress(ConnectionError):
            self.wfile.write(body)
            self.wfile.flush()

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """Stay quiet."""
