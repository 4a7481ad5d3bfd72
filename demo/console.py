"""What the launcher prints while it works."""

import asyncio
import contextlib
import sys
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

# Shorter steps would only flicker.
SILENT_S = 2.0
# A log file gets a line now and then; a terminal counts the seconds.
LOG_INTERVAL_S = 15.0


def say(text: str = "") -> None:
    """Print one line for the person at the terminal."""
    print(text, flush=True)


def note(text: str) -> None:
    """Print one line of progress to standard error."""
    print(f"demo: {text}", file=sys.stderr, flush=True)


@asynccontextmanager
async def step(title: str, detail: Callable[[], str] = str) -> AsyncIterator[None]:
    """Show that time passes during a step that takes longer than two seconds.

    `detail` is asked for a few words each time the line is shown, such as a download's progress.
    """
    begin_s = time.monotonic()
    ticker = asyncio.create_task(_tick(title, begin_s, detail), name=f"progress: {title}")
    try:
        yield
    finally:
        ticker.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await ticker
        elapsed_s = time.monotonic() - begin_s
        if elapsed_s >= SILENT_S:
            _show(f"{title}: {elapsed_s:.1f} s", final=True)


async def _tick(title: str, begin_s: float, detail: Callable[[], str]) -> None:
    await asyncio.sleep(SILENT_S)
    while True:
        words = detail()
        _show(f"{title} ... {time.monotonic() - begin_s:.0f} s{f' ({words})' if words else ''}")
        await asyncio.sleep(1 if sys.stderr.isatty() else LOG_INTERVAL_S)


def _show(text: str, *, final: bool = False) -> None:
    if sys.stderr.isatty():
        print(f"\r\x1b[Kdemo: {text}", end="\n" if final else "", file=sys.stderr, flush=True)
    else:
        note(text)
