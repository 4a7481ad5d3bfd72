"""Real speech servers for the tests of a whole pipeline."""

import subprocess
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from pytest_homeassistant_custom_component.common import MockConfigEntry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from homeassistant.core import HomeAssistant


@contextmanager
def running(kind: str) -> Iterator[int]:
    """Run a server on the starter models, its port chosen by the kernel."""
    starter = ("--hub-url", "off") if kind == "tts" else ("--model", "starter")
    with TemporaryDirectory() as empty, Path(empty, "log").open("wb") as log:
        where = ("--voice-dir", empty) if kind == "tts" else ("--data-dir", empty)
        command = [sys.executable, "-m", f"wyoming_servers.{kind}", "--uri", "tcp://127.0.0.1:0"]
        process = subprocess.Popen(
            [*command, *starter, *where], stderr=subprocess.PIPE, stdout=log, text=True
        )
        try:
            yield _port(process)
        finally:
            process.kill()
            process.communicate()


def _port(process: subprocess.Popen[str]) -> int:
    """Read the log up to the line that names the address."""
    assert process.stderr is not None
    lines = []
    for line in process.stderr:
        lines.append(line)
        if " ready on " in line:
            return int(line.rpartition(":")[2])
    raise AssertionError("".join(lines))


@contextmanager
def both_running() -> Iterator[tuple[int, int]]:
    """Run both servers and return their ports, ears first."""
    with ExitStack() as stack:
        yield stack.enter_context(running("stt")), stack.enter_context(running("tts"))


async def add_wyoming(hass: HomeAssistant, *ports: int) -> None:
    """Add Wyoming services as a user adds them."""
    for port in ports:
        entry = MockConfigEntry(domain="wyoming", data={"host": "127.0.0.1", "port": port})
        entry.add_to_hass(hass)
        assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
