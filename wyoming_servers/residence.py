"""How long a model stays in memory."""

import contextlib
import ctypes
import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Protocol

_LOGGER = logging.getLogger(__name__)


class Loadable(Protocol):
    """A model that can be brought into memory and taken out of it, from any thread."""

    @property
    def is_loaded(self) -> bool:
        """Whether it is in memory."""
        ...

    def load(self) -> None:
        """Bring it into memory unless it is there; blocks."""

    def unload(self) -> None:
        """Take it out of memory."""


class Residence[ModelT: Loadable]:
    """Lends out one model and unloads it when nobody has wanted it for a while."""

    def __init__(
        self, model: ModelT, keep_alive_s: float | None, unloaded: Callable[[], None]
    ) -> None:
        """Watch a model; None keeps it in memory for ever once it is there."""
        self.model = model
        self._keep_alive_s = keep_alive_s
        self._unloaded = unloaded
        self._changed = threading.Condition()
        self._users = 0
        self._used_at_s = time.monotonic()
        self._is_retired = False
        if keep_alive_s is not None:
            threading.Thread(target=self._watch, name="keep-alive", daemon=True).start()

    @contextlib.contextmanager
    def in_use(self) -> Iterator[ModelT]:
        """Keep the model in memory while the context is open, loading it if need be; blocks."""
        with self._changed:
            self._users += 1
        try:
            self.model.load()
            yield self.model
        finally:
            with self._changed:
                self._users -= 1
                self._used_at_s = time.monotonic()
                self._changed.notify_all()

    def prepare(self) -> None:
        """Begin to load the model if it is not in memory; returns at once."""
        with self._changed:
            self._used_at_s = time.monotonic()
        if not self.model.is_loaded:
            threading.Thread(target=self._touch, name="load", daemon=True).start()

    def retire(self) -> None:
        """Stop watching: another model has taken over."""
        with self._changed:
            self._is_retired = True
            self._changed.notify_all()

    def _touch(self) -> None:
        try:
            with self.in_use():
                pass
        except Exception as err:  # noqa: BLE001 - whoever uses it is told
            _LOGGER.debug("%s cannot be loaded ahead of time: %s", self.model, type(err).__name__)

    def _watch(self) -> None:
        assert self._keep_alive_s is not None
        with self._changed:
            while not self._is_retired:
                idle_s = time.monotonic() - self._used_at_s
                is_idle = not self._users and self.model.is_loaded
                if is_idle and idle_s >= self._keep_alive_s:
                    self.model.unload()
                    _give_back_memory()
                    self._unloaded()
                    _LOGGER.info(
                        "%s left the memory after %.0f s without speech", self.model, idle_s
                    )
                # Woken by every use; without one there is nothing to do before this long.
                self._changed.wait(max(self._keep_alive_s - idle_s, 0.05) if is_idle else None)


def _give_back_memory() -> None:
    """Give freed memory back to the system; glibc would keep all of it for the next model."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:  # musl has none, and keeps nothing
            trim(0)
