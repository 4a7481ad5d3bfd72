"""Defects that were logged, by us or by Home Assistant on our account."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

STAND_INS = "aiohttp.server"
"""Complains when the servers of the tests lose their clients in the middle of an answer."""


def defects(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what was logged with a traceback."""
    return [
        f"{record.name}: {record.getMessage()}"
        for record in caplog.get_records("call")
        if record.exc_info and not record.name.startswith(STAND_INS)
    ]
