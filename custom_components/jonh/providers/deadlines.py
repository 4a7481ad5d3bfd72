"""How long a provider may keep us waiting."""

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .base import StalledError

AT_ONCE = 4
"""Items that are passed on before others in this process have their turn, when many lie ready."""

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """How long a provider may keep us waiting, in seconds."""

    connect_s: float = 2.0
    """Until the TCP (and TLS) connection stands; a living host in a home answers in
    milliseconds, a cloud one in tenths of a second."""
    first_event_s: float = 10.0
    """From the request to the first event of a model that is ready."""
    cold_first_event_s: float = 60.0
    """The same when the model must be read from disk first."""
    gap_s: float = 8.0
    """Between two events."""
    request_s: float = 10.0
    """A whole request that does not stream, such as a model list."""
    warm_s: float = 300.0
    """Loading a model and reading a whole prompt ahead of time; nobody waits for it, and a
    small computer reads some tens of tokens a second."""


async def with_deadlines[T](
    source: AsyncIterator[T],
    *,
    first_s: float | None,
    gap_s: float | None,
    revised_first_s: asyncio.Future[float] | None = None,
) -> AsyncGenerator[T]:
    """Pass the items on; `StalledError` when the first or the next one takes too long.

    `revised_first_s` may bring, while the first item is awaited, another time for it; like
    `first_s` it counts from the beginning. When it fails, `first_s` stands.
    """
    wait_s, revised_s = first_s, revised_first_s
    count = 0
    while True:
        try:
            async with asyncio.timeout(wait_s) as deadline:
                with _Revision(deadline, revised_s):
                    item = await anext(source)
        except StopAsyncIteration:
            return
        except TimeoutError as err:
            if not deadline.expired():
                raise
            raise StalledError("silent for too long") from err
        yield item
        wait_s, revised_s = gap_s, None
        count += 1
        if count % AT_ONCE == 0:
            await asyncio.sleep(0)


class _Revision:
    """Moves a running deadline as soon as a better one is known."""

    def __init__(self, deadline: asyncio.Timeout, revised_s: asyncio.Future[float] | None) -> None:
        self._deadline = deadline
        self._revised_s = revised_s
        self._started_s = asyncio.get_running_loop().time()
        self._is_over = False

    def __enter__(self) -> None:
        if self._revised_s is not None:
            self._revised_s.add_done_callback(self._revise)

    def __exit__(self, *_: object) -> None:
        # The news may be on their way already, and come after all.
        self._is_over = True
        if self._revised_s is not None:
            self._revised_s.remove_done_callback(self._revise)

    def _revise(self, revised_s: asyncio.Future[float]) -> None:
        is_late = self._is_over or self._deadline.expired()
        if not (is_late or revised_s.cancelled() or revised_s.exception()):
            self._deadline.reschedule(self._started_s + revised_s.result())
