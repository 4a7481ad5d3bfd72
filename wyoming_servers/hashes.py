"""What the files of a model are known by: noted when they are fetched, compared afterwards.

A note lies beside the model, as the hub listed its files. Disks of small computers go bad without
a word, and an engine takes most damaged weights for good ones.
"""

import dataclasses
import errno
import hashlib
import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

DAMAGED = ".damaged"
"""What is added to the name of a file that is put aside."""

_DIGEST = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class HubFile:
    """One file as the hub lists it."""

    path: str
    """Path inside the repository."""
    size_bytes: int
    digest: str
    """SHA-256 of the content when `is_large`, else the Git blob hash, both in hexadecimal."""
    is_large: bool
    """Stored with Git LFS; only these carry a SHA-256."""

    def __post_init__(self) -> None:
        """Raise ValueError for a hash that is none: it becomes part of a file name."""
        if not _DIGEST.fullmatch(self.digest):
            raise ValueError("no hash")

    @property
    def name(self) -> str:
        """The last part of the path."""
        return PurePosixPath(self.path).name


def is_same(path: Path, file: HubFile) -> bool:
    """Tell whether a file has the content that the hub declares; reads all of it."""
    size_bytes = path.stat().st_size
    if size_bytes != file.size_bytes:
        return False
    # Git names a blob by the SHA-1 of this header and its content; a check, not a signature.
    header = b"" if file.is_large else f"blob {size_bytes}\0".encode()
    digest = hashlib.sha256() if file.is_large else hashlib.sha1(header, usedforsecurity=False)
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest() == file.digest


def write_note(note: Path, files: Sequence[HubFile]) -> None:
    """Note what these files are known by; there is the old note or the new one, never a part."""
    part = note.with_name(f"{note.name}.{os.getpid()}.part")
    part.write_text(json.dumps([dataclasses.asdict(file) for file in files], indent=1), "utf-8")
    part.replace(note)


def find_damaged(note: Path) -> list[Path]:
    """Return the files beside a note that are not what it says; reads all of them.

    What is not there is not damaged, and a note that is not there or makes no sense knows nothing.
    """
    try:
        files = [_read_file(entry) for entry in json.loads(note.read_text("utf-8"))]
    except (OSError, ValueError, TypeError, KeyError):
        return []
    damaged = []
    for file in files:
        path = note.with_name(file.name)
        if not _is_sound(path, file):
            damaged.append(path)
    return damaged


def _is_sound(path: Path, file: HubFile) -> bool:
    try:
        return is_same(path, file)
    except OSError as err:
        # A disk that cannot read its own bytes; anything else says nothing about them.
        return err.errno != errno.EIO


def put_aside(path: Path) -> Path:
    """Give a damaged file a name that no engine looks for and return that; raises OSError."""
    return path.replace(path.with_name(path.name + DAMAGED))


def _read_file(entry: dict[str, Any]) -> HubFile:
    return HubFile(
        path=str(entry["path"]),
        size_bytes=int(entry["size_bytes"]),
        digest=str(entry["digest"]),
        is_large=bool(entry["is_large"]),
    )
