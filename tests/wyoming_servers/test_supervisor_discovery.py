"""The announcement of an add-on, to a Supervisor on a real socket."""

import asyncio
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.fakes.server_process import ServerProcess, server_process
from tests.fakes.supervisor import FakeSupervisor
from wyoming_servers.supervisor_discovery import Announcement, AnnouncementError, RefusedError

_ROOT = Path(__file__).parents[2]
_TOKEN = "opens-the-whole-house"
_PATIENCE_S = 60.0


@asynccontextmanager
async def _voice(*arguments: str) -> AsyncIterator[ServerProcess]:
    async with server_process(
        "tts", "--voice", "pt_BR-starter-low", "--hub-url", "off", *arguments
    ) as server:
        yield server


async def _make(announcement: Announcement) -> bool:
    async with asyncio.timeout(_PATIENCE_S):
        return await asyncio.to_thread(announcement.make)


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Announcement, "first_pause_s", 0.01)


async def test_the_supervisor_is_told_once() -> None:
    """With the token, the service and where Home Assistant reaches it."""
    uri = "tcp://a0d7b954-jonh-stt:10300"
    async with FakeSupervisor(_TOKEN) as supervisor:
        assert await _make(Announcement(token=_TOKEN, uri=uri, supervisor=supervisor.url))
    assert list(supervisor.messages.values()) == [{"service": "wyoming", "config": {"uri": uri}}]
    assert len(supervisor.requests) == 1


@pytest.mark.usefixtures("_impatient")
async def test_a_supervisor_that_starts_is_asked_again(caplog: pytest.LogCaptureFixture) -> None:
    """It refuses with 400 until it is ready, as the real one does."""
    caplog.set_level(logging.INFO)
    async with FakeSupervisor(_TOKEN) as supervisor:
        supervisor.not_ready = 2
        assert await _make(Announcement(token=_TOKEN, uri="tcp://a:1", supervisor=supervisor.url))
    assert [request["status"] for request in supervisor.requests] == [400, 400, 200]
    assert "System is not ready" in caplog.text
    assert _TOKEN not in caplog.text


@pytest.mark.usefixtures("_impatient")
async def test_a_supervisor_that_is_not_there_is_asked_again() -> None:
    """It restarts when it updates itself, and nobody listens meanwhile."""
    async with FakeSupervisor(_TOKEN) as supervisor:
        pass
    announcement = Announcement(token=_TOKEN, uri="tcp://a:1", supervisor=supervisor.url)
    with pytest.raises(AnnouncementError, match="refused"):
        await asyncio.to_thread(announcement.attempt)
    making = asyncio.create_task(_make(announcement))
    port = int(supervisor.url.rpartition(":")[2])
    async with FakeSupervisor(_TOKEN, port=port) as later:
        assert await making
    assert len(later.messages) == 1


@pytest.mark.parametrize(
    ("token", "discovery", "reason"),
    [
        pytest.param("wrong", ("wyoming",), "HTTP 403", id="wrong token"),
        pytest.param(_TOKEN, ("mqtt",), "must list services", id="service not in config.yaml"),
    ],
)
async def test_a_refusal_for_good_is_told_once(
    token: str, discovery: tuple[str, ...], reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Asking again would only fill the log of the Supervisor."""
    async with FakeSupervisor(_TOKEN, discovery=discovery) as supervisor:
        announcement = Announcement(token=token, uri="tcp://a:1", supervisor=supervisor.url)
        assert not await _make(announcement)
        with pytest.raises(RefusedError):
            await asyncio.to_thread(announcement.attempt)
    assert len(supervisor.requests) == 2
    assert len(caplog.records) == 1
    assert reason in caplog.text


async def test_nothing_is_announced_before_the_server_answers() -> None:
    """The process as the entry point starts it: first the server's info, then the Supervisor."""
    async with FakeSupervisor(_TOKEN) as supervisor:
        async with _voice() as first:
            pass
        # Nobody listens there any more; the process waits.
        helper = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "wyoming_servers.supervisor_discovery", first.uri,
            "tcp://add-on:10200", supervisor.url,
            env={"SUPERVISOR_TOKEN": _TOKEN, "http_proxy": "http://127.0.0.1:9"}, cwd=_ROOT,
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        await asyncio.sleep(1.5)
        assert (supervisor.requests, helper.returncode) == ([], None)
        async with _voice("--uri", first.uri):
            async with asyncio.timeout(_PATIENCE_S):
                _, log = await helper.communicate()
    assert helper.returncode == 0
    assert [message["config"] for message in supervisor.messages.values()] == [
        {"uri": "tcp://add-on:10200"}
    ]
    assert b"can discover tcp://add-on:10200" in log
