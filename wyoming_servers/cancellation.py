"""Telling a worker thread that nobody waits for its result any more."""

import contextlib
import threading
from collections.abc import Callable, Iterator


class Cancellation:
    """Whether a job is cancelled: ask by calling it, or let it interrupt what cannot ask.

    Safe to use from any thread.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_cancelled = False
        self._stop: Callable[[], None] | None = None

    def __call__(self) -> bool:
        """Return True once nobody waits for the job any more."""
        return self._is_cancelled

    def cancel(self) -> None:
        """Cancel the job, for good."""
        with self._lock:
            self._is_cancelled = True
            if self._stop is not None:
                self._stop()

    @contextlib.contextmanager
    def stopping(self, stop: Callable[[], None]) -> Iterator[None]:
        """Have `stop` called, from another thread, upon cancellation within the context.

        It is called at once for a job that is cancelled already.
        """
        with self._lock:
            self._stop = stop
            if self._is_cancelled:
                stop()
        try:
            yield
        finally:
            with self._lock:
                self._stop = None
