"""How long a model stays in memory."""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator

from .engine import Transcriber

_LOGGER = logging.getLogger(__name__)


class Residence:
    """Lends out one model and unloads it when nobody has wanted it for a while."""

    def __init__(
        self, transcriber: Transcriber, keep_alive_s: float | None, unloaded: Callable[[], None]
    ) -> None:
        """Watch a loaded model; None keeps it for ever."""
        self.transcriber = transcriber
        self._keep_alive_s = keep_alive_s
        self._unloaded = unloaded
        self._changed = threading.Condition()
        self._users = 0
        self._used_at_s = time.monotonic()
        self._is_retired = False
        if keep_alive_s is not None:
            threading.Thread(target=self._watch, name="keep-alive", daemon=True).start()

    @contextlib.contextmanager
    def in_use(self) -> Iterator[Transcriber]:
        """Keep the model in memory while the context is open, loading it if need be; blocks."""
        with self._changed:
            self._users += 1
        try:
            self.transcriber.load()
            yield self.transcriber
        finally:
            with self._changed:
                self._users -= 1
                self._used_at_s = time.monotonic()
                self._changed.notify_all()

    def prepare(self) -> None:
        """Begin to load the model if it is not in memory; returns at once."""
        if self._keep_alive_s is not None:
            with self._changed:
                self._used_at_s = time.monotonic()
            if not self.transcriber.is_loaded:
                threading.Thread(target=self._touch, name="load", daemon=True).start()

    def retire(self) -> None:
        """Stop watching: another model has taken over."""
        with self._changed:
            self._is_retired = True
            self._changed.notify_all()

    def _touch(self) -> None:
        with self.in_use():
            pass

    def _watch(self) -> None:
        assert self._keep_alive_s is not None
        with self._changed:
            while not self._is_retired:
                idle_s = time.monotonic() - self._used_at_s
                is_idle = not self._users and self.transcriber.is_loaded
                if is_idle and idle_s >= self._keep_alive_s:
                    self.transcriber.unload()
                    self._unloaded()
                    _LOGGER.info("The model left the memory after %.0f s without speech", idle_s)
                # Woken by every use; without one there is nothing to do before this long.
                self._changed.wait(max(self._keep_alive_s - idle_s, 0.05) if is_idle else None)
