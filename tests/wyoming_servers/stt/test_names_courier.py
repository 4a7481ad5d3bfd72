"""Names of the home on their way from Home Assistant to a real jonh-stt."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.fakes.server_process import ServerProcess, server_process
from tests.fakes.supervisor import FakeSupervisor
from wyoming_servers.stt.names_courier import Courier, RefusedError, bring
from wyoming_servers.stt.protocol import MAX_NAME_CHARS, MAX_NAMES

_ROOT = Path(__file__).parents[3]
_TOKEN = "opens-the-whole-house"
_PATIENCE_S = 60.0


@asynccontextmanager
async def _ears(kept: Path) -> AsyncIterator[ServerProcess]:
    async with server_process(
        "stt", "--model", "starter", "--hub-url", "off", "--data-dir", str(kept)
    ) as server:
        yield server


async def _kept_names(folder: Path) -> list[str]:
    async with asyncio.timeout(_PATIENCE_S):
        while not (folder / "names.json").is_file():  # noqa: ASYNC110 - another process writes it
            await asyncio.sleep(0.05)
    return json.loads((folder / "names.json").read_text("utf-8"))


async def test_the_names_of_the_home_reach_the_server(tmp_path: Path) -> None:
    """The process as the entry point starts it: from Home Assistant's socket to the server."""
    home = FakeSupervisor(_TOKEN, names=("Abajur", "Luz da sala"))
    async with home, _ears(tmp_path) as server:
        courier = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "wyoming_servers.stt.names_courier", server.uri,
            f"{home.url.replace('http', 'ws')}/core/websocket",
            env={"SUPERVISOR_TOKEN": _TOKEN}, cwd=_ROOT,
        )  # fmt: skip
        try:
            assert await _kept_names(tmp_path) == ["Abajur", "Luz da sala"]
        finally:
            courier.kill()
            await courier.wait()


async def test_names_wait_for_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It loads its model meanwhile; then it gets the newest ones, fit for its limits."""
    monkeypatch.setattr("wyoming_servers.stt.names_courier._PAUSE_S", 0.05)
    async with _ears(tmp_path / "before") as first:
        pass
    courier = Courier(first.uri)
    task = asyncio.create_task(courier.run())
    courier.take(["Sala"])
    await asyncio.sleep(0.2)
    many = [f"Luz {number}" for number in range(MAX_NAMES)]
    courier.take(["Varanda", "Varanda", "x" * (MAX_NAME_CHARS + 1), *many])
    async with server_process(
        "stt", "--model", "starter", "--hub-url", "off",
        "--uri", first.uri, "--data-dir", str(tmp_path),
    ):  # fmt: skip
        names = await _kept_names(tmp_path)
    task.cancel()
    assert names == ["Varanda", *many[: MAX_NAMES - 1]]


async def test_a_server_may_refuse_names() -> None:
    """What it says is told, and it is not asked again at once."""

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b'{"type":"error","data":{"text":"no room"}}\n')
        writer.close()

    listener = await asyncio.start_server(refuse, "127.0.0.1", 0)
    async with listener:
        port = listener.sockets[0].getsockname()[1]
        with pytest.raises(RefusedError, match="no room"):
            await bring(f"tcp://127.0.0.1:{port}", ["Sala"])
