"""Fetch files from a model hub: resumed after a cut, verified, renamed into place when whole.

The hub is Hugging Face or a mirror that answers like it. Two of its addresses are used:
`/api/models/REPOSITORY/tree/REVISION/FOLDER` lists files with their hashes, and
`/REPOSITORY/resolve/REVISION/PATH` serves one, usually through a redirect to a CDN.
"""

import contextlib
import errno
import fcntl
import http.client
import json
import logging
import os
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

from . import __version__
from .hashes import HubFile, is_same
from .patient_http import Patience, open_patiently

_LOGGER = logging.getLogger(__name__)

DEFAULT_HUB_URL = "https://huggingface.co"
_REVISION = "main"
_READ_BYTES = 1 << 18
# The largest listing of the repositories in our catalogue is under 100 kB, Piper's own catalogue
# of voices some 400 kB.
_MAX_SMALL_BYTES = 4 << 20
# A disk filled to the last byte stops Home Assistant's own database.
_DISK_RESERVE_BYTES = 100 << 20
# Below this a 60 MB voice takes over 16 hours: the link is dead, not slow.
_MIN_BYTES_PER_S = 1024
_PROGRESS_INTERVAL_S = 3.0


class HubError(Exception):
    """A file could not be had from the hub."""


class HubUnreachableError(HubError):
    """The hub did not answer, stalled, or kept cutting the transfer: trying later may help."""


class HubBusyError(HubUnreachableError):
    """The hub answered with an error of its own (HTTP 429 or 5xx)."""


class NotOnHubError(HubError):
    """The hub answered that it has no such repository or file."""


class CorruptFileError(HubError):
    """What arrived is not what the hub declares."""


class DiskSpaceError(HubError):
    """The files do not fit on the disk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a fetch is."""

    name: str
    """What is fetched, as people call it."""
    done_bytes: int
    total_bytes: int


class Hub:
    """Client of one model hub; its methods block, call them from a worker thread."""

    def __init__(self, url: str = DEFAULT_HUB_URL, *, patience: Patience | None = None) -> None:
        if not url.startswith(("https://", "http://")):
            raise ValueError(f"the hub address must start with https:// or http://, not {url!r}")
        self.url = url.rstrip("/")
        self._patience = patience or Patience()
        self._opener = open_patiently(self._patience)
        self._progress: Progress | None = None

    @property
    def progress(self) -> Progress | None:
        """How far the fetch is that runs now; may be read from any thread."""
        return self._progress

    def list_files(self, repository: str, folder: str = "") -> list[HubFile]:
        """Files directly in a folder of a repository; raises HubError."""
        path = f"/api/models/{repository}/tree/{_REVISION}" + (f"/{folder}" if folder else "")
        raw = self._read_small(path)
        try:
            return [_hub_file(entry) for entry in json.loads(raw) if entry["type"] == "file"]
        except (ValueError, KeyError, TypeError) as err:
            raise HubError(
                f"{self.url} sent a listing of {repository} that makes no sense"
            ) from err

    def read_json(self, repository: str, path: str) -> Any:
        """Return the content of a small JSON file of a repository; raises HubError."""
        raw = self._read_small(f"/{repository}/resolve/{_REVISION}/{path}")
        try:
            return json.loads(raw)
        except ValueError as err:
            raise HubError(f"{self.url} sent {path} of {repository} that makes no sense") from err

    def fetch(
        self, repository: str, files: list[HubFile], directory: Path, *, name: str = ""
    ) -> None:
        """Put each file into the directory under its own name, the largest last.

        Whoever sees the largest file can rely on the others. An interrupted call leaves
        `.part` files from which the next one goes on. `progress` calls it by its name, or else
        by the repository's. Raises HubError.
        """
        directory.mkdir(parents=True, exist_ok=True)
        wanted = sorted(files, key=lambda file: file.size_bytes)
        _check_space(directory, wanted)
        meter = _Meter(name or repository, wanted, self._tell)
        try:
            for file in wanted:
                self._fetch_one(repository, file, directory, meter)
                meter.end_file(file)
        except OSError as err:
            if err.errno == errno.ENOSPC:
                raise DiskSpaceError(f"{directory} has no room left") from err
            raise
        finally:
            self._tell(None)

    def _tell(self, progress: Progress | None) -> None:
        self._progress = progress

    def _read_small(self, path: str) -> bytes:
        for pause_s in (*self._patience.pauses_s, None):
            try:
                with self._open(path) as response, _network_errors(self.url):
                    return response.read(_MAX_SMALL_BYTES)
            except HubBusyError:
                if pause_s is None:
                    raise
                time.sleep(pause_s)
        raise AssertionError("unreachable")

    def _fetch_one(self, repository: str, file: HubFile, directory: Path, meter: "_Meter") -> None:
        target = directory / file.name
        part = _part_path(directory, file)
        if target.exists() and is_same(target, file):
            return
        with part.open("ab") as stream:
            # Another server may be after the same file: the second waits, then finds it there.
            fcntl.flock(stream, fcntl.LOCK_EX)
            if not part.exists():
                return
            # What an earlier run left may be damaged: one more try from the first byte.
            self._transfer(repository, file, stream, meter)
            if not is_same(part, file):
                _LOGGER.warning("%s does not match its hash, fetching it again", file.name)
                stream.truncate(0)
                self._transfer(repository, file, stream, meter)
            if not is_same(part, file):
                part.unlink()
                raise CorruptFileError(
                    f"{file.path} of {repository} does not have the hash that {self.url} declares"
                )
            # Else a power cut could leave the name on the disk and not the bytes.
            os.fsync(stream.fileno())
            part.replace(target)

    def _transfer(self, repository: str, file: HubFile, stream: IO[bytes], meter: "_Meter") -> None:
        """Append to the stream until it has the file's size."""
        failures = 0
        while (have := _size(stream)) < file.size_bytes:
            try:
                self._transfer_once(repository, file, stream, meter)
                cause: HubError = HubUnreachableError(f"{self.url} cut the transfer")
            except HubUnreachableError as err:
                cause = err
            if (now_have := _size(stream)) >= file.size_bytes:
                break
            if now_have - have >= self._patience.stall_s * _MIN_BYTES_PER_S:
                failures = 0
                continue
            if failures == len(self._patience.pauses_s):
                raise cause
            time.sleep(self._patience.pauses_s[failures])
            failures += 1
        stream.truncate(file.size_bytes)
        stream.flush()

    def _transfer_once(
        self, repository: str, file: HubFile, stream: IO[bytes], meter: "_Meter"
    ) -> None:
        have = _size(stream)
        path = f"/{repository}/resolve/{_REVISION}/{file.path}"
        with self._open(path, offset=have) as response:
            if response.status != http.HTTPStatus.PARTIAL_CONTENT:
                stream.truncate(0)
                have = 0
            speed = _SpeedFloor(self._patience.stall_s)
            while have < file.size_bytes and (block := self._read(response, speed)):
                _keep_reserve(stream)
                stream.write(block)
                have += len(block)
                meter.show(have)
            stream.flush()

    def _read(self, response: http.client.HTTPResponse, speed: "_SpeedFloor") -> bytes:
        with _network_errors(self.url):
            block = response.read1(_READ_BYTES)
            speed.add(len(block))
            return block

    @contextlib.contextmanager
    def _open(self, path: str, *, offset: int = 0) -> Iterator[http.client.HTTPResponse]:
        request = urllib.request.Request(self.url + quote(path))  # noqa: S310 (checked in __init__)
        request.add_header("User-Agent", f"jonh/{__version__}")
        if offset:
            request.add_header("Range", f"bytes={offset}-")
        with _network_errors(self.url):
            response = self._opener.open(request)
        with response:
            yield response


def _hub_file(entry: dict[str, Any]) -> HubFile:
    large = entry.get("lfs")
    return HubFile(
        path=str(entry["path"]),
        size_bytes=int((large or entry)["size"]),
        digest=str((large or entry)["oid"]),
        is_large=bool(large),
    )


def _part_path(directory: Path, file: HubFile) -> Path:
    """Where a file grows; the hash in the name keeps two versions of it apart."""
    return directory / f"{file.name}.{file.digest[:12]}.part"


def _size(stream: IO[bytes]) -> int:
    stream.flush()
    return stream.seek(0, 2)


def _check_space(directory: Path, files: list[HubFile]) -> None:
    parts = (_part_path(directory, file) for file in files)
    have = sum(part.stat().st_size for part in parts if part.exists())
    need = sum(file.size_bytes for file in files) - have + _DISK_RESERVE_BYTES
    if (free := shutil.disk_usage(directory).free) < need:
        raise DiskSpaceError(
            f"{directory} has {free >> 20} MiB free and {need >> 20} MiB are needed"
        )


def _keep_reserve(stream: IO[bytes]) -> None:
    """Go no further when others have filled the disk meanwhile."""
    state = os.fstatvfs(stream.fileno())
    if state.f_bavail * state.f_frsize < _DISK_RESERVE_BYTES:
        raise DiskSpaceError(f"{Path(stream.name).parent} has no room left")


class _Meter:
    """Tells how far a fetch is: whoever looks, and now and then the log."""

    def __init__(
        self, name: str, files: list[HubFile], tell: Callable[[Progress | None], None]
    ) -> None:
        self._name = name
        self._total_bytes = sum(file.size_bytes for file in files)
        self._done_bytes = 0
        self._tell = tell
        self._logged_s = time.monotonic()
        self.show(0)

    def show(self, have_bytes: int) -> None:
        """So much is there of the file that is on its way."""
        done_bytes, total_bytes = self._done_bytes + have_bytes, self._total_bytes
        self._tell(Progress(name=self._name, done_bytes=done_bytes, total_bytes=total_bytes))
        if (now_s := time.monotonic()) - self._logged_s >= _PROGRESS_INTERVAL_S:
            self._logged_s = now_s
            percent = 100 * done_bytes // total_bytes
            _LOGGER.info("Fetching %s: %d %% of %.1f MB", self._name, percent, total_bytes / 1e6)

    def end_file(self, file: HubFile) -> None:
        """All of this file is there."""
        self._done_bytes += file.size_bytes
        self.show(0)


class _SpeedFloor:
    """Raises TimeoutError when bytes trickle slower than the floor for a whole window."""

    def __init__(self, window_s: float) -> None:
        self._window_s = window_s
        self._since_s = time.monotonic()
        self._bytes = 0

    def add(self, count: int) -> None:
        self._bytes += count
        if time.monotonic() - self._since_s < self._window_s:
            return
        if self._bytes < self._window_s * _MIN_BYTES_PER_S:
            raise TimeoutError("too slow")
        self._since_s, self._bytes = time.monotonic(), 0


@contextlib.contextmanager
def _network_errors(url: str) -> Iterator[None]:
    try:
        yield
    except urllib.error.HTTPError as err:
        err.close()
        if err.code in (401, 403, 404, 410):
            # The hub answers 401 for a repository that does not exist.
            raise NotOnHubError(f"{url} has no such file (HTTP {err.code})") from err
        raise HubBusyError(f"{url} answered HTTP {err.code}") from err
    except (OSError, http.client.HTTPException) as err:
        reason = getattr(err, "reason", None) or err
        raise HubUnreachableError(f"{url}: {reason or type(err).__name__}") from err
