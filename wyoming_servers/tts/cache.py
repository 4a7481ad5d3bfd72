"""The sound of pieces that were spoken before: in memory, and on disk if a folder is given."""

import contextlib
import hashlib
import logging
import os
import tempfile
import threading
from collections import OrderedDict
from pathlib import Path

_LOGGER = logging.getLogger(__name__)

type Key = tuple[object, ...]
"""All that a sound depends on; its parts must have a `repr` that tells them apart."""

# A folder is looked through for what is too much only after so much was added to it.
_TIDY_SHARE = 8


class SoundCache:
    """Keeps the sounds used last, up to a size; safe to use from any thread.

    A sound is 16-bit mono PCM. What is on disk is named by a hash and holds no words, but
    whoever can read the folder can listen to it.
    """

    def __init__(self, max_bytes: int, folder: Path | None = None) -> None:
        """Keep up to so many bytes in memory, and as many again in the folder."""
        self._max_bytes = max_bytes
        self._sounds: OrderedDict[Key, bytes] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()
        self._disk = _Folder(folder, max_bytes) if folder is not None and max_bytes else None

    @property
    def size_bytes(self) -> int:
        """What is kept in memory."""
        return self._bytes

    def get(self, key: Key) -> bytes | None:
        """Return a sound, None when it is not kept."""
        with self._lock:
            if (sound := self._sounds.get(key)) is not None:
                self._sounds.move_to_end(key)
                return sound
        if self._disk is not None and (sound := self._disk.get(key)) is not None:
            self._remember(key, sound)
            return sound
        return None

    def put(self, key: Key, sound: bytes) -> None:
        """Keep a sound; those used longest ago give way to it."""
        if len(sound) > self._max_bytes:
            return
        self._remember(key, sound)
        if self._disk is not None:
            self._disk.put(key, sound)

    def _remember(self, key: Key, sound: bytes) -> None:
        with self._lock:
            self._bytes += len(sound) - len(self._sounds.pop(key, b""))
            self._sounds[key] = sound
            while self._bytes > self._max_bytes:
                _, forgotten = self._sounds.popitem(last=False)
                self._bytes -= len(forgotten)


class _Folder:
    """Sounds as files, the time of a file being when it was used last."""

    def __init__(self, path: Path, max_bytes: int) -> None:
        self._path = path
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._untidied_bytes = max_bytes

    def get(self, key: Key) -> bytes | None:
        """Return a sound, None when it is not there."""
        file = self._file(key)
        try:
            sound = file.read_bytes()
            os.utime(file)
        except OSError:
            return None
        return sound

    def put(self, key: Key, sound: bytes) -> None:
        """Write a sound; a disk that is full or read-only only means that nothing is kept."""
        try:
            # Only its owner may listen.
            self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self._path, prefix=".", delete=False) as new:
                new.write(sound)
            Path(new.name).replace(self._file(key))
            self._tidy(len(sound))
        except OSError as err:
            _LOGGER.warning("A sound cannot be kept in %s: %s", self._path, err.strerror)

    def _file(self, key: Key) -> Path:
        return self._path / f"{hashlib.sha256(repr(key).encode()).hexdigest()}.pcm"

    def _tidy(self, added_bytes: int) -> None:
        """Delete the files used longest ago, once in a while."""
        with self._lock:
            self._untidied_bytes += added_bytes
            if self._untidied_bytes < self._max_bytes // _TIDY_SHARE:
                return
            self._untidied_bytes = 0
            found = []
            for file in self._path.glob("*.pcm"):
                with contextlib.suppress(OSError):  # another server tidies the same folder
                    found.append((file.stat().st_mtime_ns, file.stat().st_size, file))
            left_bytes = self._max_bytes - self._max_bytes // _TIDY_SHARE
            for _, size, file in sorted(found, reverse=True):
                left_bytes -= size
                if left_bytes < 0:
                    file.unlink(missing_ok=True)
