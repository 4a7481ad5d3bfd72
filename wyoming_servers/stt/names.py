"""The names of a home's rooms and devices: what a recogniser should expect to hear."""

import contextlib
import json
import logging
import secrets
import threading
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from .protocol import MAX_NAME_CHARS, MAX_NAMES

_LOGGER = logging.getLogger(__name__)

# How often the file is looked at; a person who edits it does not wait for the next word.
_FILE_INTERVAL_S = 2.0


class HomeNames:
    """Joins the names that a file and clients give; safe to use from any thread."""

    def __init__(self, file: Path | None, kept_in: Path) -> None:
        """Read what is there; `kept_in` keeps what clients bring across a restart.

        Several servers may keep it in the same place: what one is brought, all of them learn.
        """
        self._file = file
        self._kept_in = kept_in
        self._lock = threading.Lock()
        self._brought: tuple[str, ...] = ()
        self._written: tuple[str, ...] = ()
        self._file_mtime_ns: int | None = None
        self._kept_mtime_ns: int | None = None
        self._current: tuple[str, ...] = ()
        self._look()

    @property
    def current(self) -> tuple[str, ...]:
        """The names to expect, each once, those of the file first."""
        if time.monotonic() - self._looked_at_s > _FILE_INTERVAL_S:
            self._look()
        return self._current

    def take(self, names: Sequence[str]) -> None:
        """Replace what clients brought before, and keep it on disk."""
        with self._lock:
            if tuple(names) == self._brought:
                return
            self._brought = tuple(names)
            self._join()
        try:
            self._keep()
        except OSError as err:
            _LOGGER.warning("The names of the home cannot be kept in %s: %s", self._kept_in, err)

    def _join(self) -> None:
        self._current = tuple(_merged((*self._written, *self._brought)))

    def _keep(self) -> None:
        self._kept_in.parent.mkdir(parents=True, exist_ok=True)
        # A name of its own, because another server may be doing the same.
        part = self._kept_in.with_suffix(f".{secrets.token_hex(4)}.part")
        part.write_text(json.dumps(self._brought, ensure_ascii=False), encoding="utf-8")
        part.replace(self._kept_in)

    def _look(self) -> None:
        with self._lock:
            self._looked_at_s = time.monotonic()
            if self._file is not None:
                self._look_at_file(self._file)
            self._look_at_kept()
            self._join()

    def _look_at_file(self, file: Path) -> None:
        try:
            mtime_ns = file.stat().st_mtime_ns
            if mtime_ns == self._file_mtime_ns:
                return
            lines = file.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as err:
            if self._file_mtime_ns != 0:
                _LOGGER.warning("The file of names %s cannot be read: %s", file, err)
            self._file_mtime_ns = 0
            return
        self._file_mtime_ns = mtime_ns
        self._written = tuple(line.strip() for line in lines if not line.lstrip().startswith("#"))

    def _look_at_kept(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            mtime_ns = self._kept_in.stat().st_mtime_ns
            if mtime_ns == self._kept_mtime_ns:
                return
            self._kept_mtime_ns = mtime_ns
            names = json.loads(self._kept_in.read_text(encoding="utf-8"))
            if isinstance(names, list) and all(isinstance(name, str) for name in names):
                self._brought = tuple(names)


def _merged(names: Iterable[str]) -> list[str]:
    """Leave out what is empty, too long, or there already."""
    found: dict[str, str] = {}
    for name in names:
        if name.strip() and len(name) <= MAX_NAME_CHARS:
            found.setdefault(name.strip().casefold(), name.strip())
    return list(found.values())[:MAX_NAMES]
