"""Children that are real small processes: how they start, die, and are stopped."""

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path

import pytest

from demo import processes
from demo.errors import PortTakenError, ProcessDiedError
from demo.processes import Children, Command, check_port, free_port

SLEEP = "import time; print('ready', flush=True); time.sleep(60)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SLEEP
TELL_PID = "import os; print(os.getpid(), flush=True); "


def python(code: str, folder: Path, *, restart_code: int | None = None) -> Command:
    """Make a child that runs this code."""
    return Command(
        name="child",
        arguments=[sys.executable, "-c", code],
        directory=folder,
        restart_code=restart_code,
    )


async def wait_for_line(children: Children, line: str) -> None:
    """Wait until the child has written a line."""
    async with asyncio.timeout(30):
        while children.last_log_line("child") != line:  # noqa: ASYNC110 (a file sends no event)
            await asyncio.sleep(0.01)


def is_alive(pid: int) -> bool:
    """Tell whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def wait_for_death(pid: int) -> None:
    """Wait until a process that is not our own child is gone."""
    async with asyncio.timeout(30):
        while is_alive(pid):  # noqa: ASYNC110 (a stranger's death sends no event)
            await asyncio.sleep(0.01)


def test_a_free_port_passes_the_check() -> None:
    """A port of the kernel's choice is nobody's."""
    check_port(free_port(), "the voice", "--tts-port")


def test_a_taken_port_is_refused_with_its_number_and_flag() -> None:
    """The person reads which port, what for, and how to choose another."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortTakenError) as error:
            check_port(port, "the voice", "--tts-port")

    assert f"port {port} is needed for the voice" in str(error.value)
    assert "--tts-port NUMBER" in str(error.value)


async def test_leaving_the_context_stops_a_child_and_keeps_its_log(tmp_path: Path) -> None:
    """Nothing lives on, and what it said can still be read."""
    async with Children(tmp_path / "logs") as children:
        await children.start(python(TELL_PID + SLEEP, tmp_path))
        await wait_for_line(children, "ready")
    pid, ready = children.log_file("child").read_text().split()

    assert ready == "ready"
    assert not is_alive(int(pid))


async def test_grandchildren_are_stopped_too(tmp_path: Path) -> None:
    """A process that the child started, such as ffmpeg, ends with its group."""
    code = (
        "import subprocess, sys, time\n"
        f"subprocess.Popen([sys.executable, '-c', {TELL_PID + STUBBORN!r}])\n"
        "time.sleep(60)\n"
    )
    async with Children(tmp_path) as children:
        await children.start(python(code, tmp_path))
        await wait_for_line(children, "ready")
    pid = int(children.log_file("child").read_text().split()[0])

    await wait_for_death(pid)


async def test_a_child_that_ignores_the_request_to_stop_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the deadline the launcher does not wait any more."""
    monkeypatch.setattr(processes, "STOP_S", 0.2)
    async with Children(tmp_path) as children:
        await children.start(python(TELL_PID + STUBBORN, tmp_path))
        await wait_for_line(children, "ready")
    pid = int(children.log_file("child").read_text().split()[0])

    assert not is_alive(pid)


async def test_a_dead_child_ends_the_work_with_the_end_of_its_log(tmp_path: Path) -> None:
    """The reason is in the log, so the log is in the error."""
    async with Children(tmp_path) as children:
        await children.start(python("print('no model'); raise SystemExit(3)", tmp_path))
        with pytest.raises(ProcessDiedError) as error:
            await children.supervise(asyncio.sleep(30))

    assert "child ended by itself with exit code 3" in str(error.value)
    assert "| no model" in str(error.value)
    assert str(children.log_file("child")) in str(error.value)


async def test_a_killed_child_is_reported_with_the_signal(tmp_path: Path) -> None:
    """Out of memory looks like this."""
    async with Children(tmp_path) as children:
        code = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
        await children.start(python(code, tmp_path))
        with pytest.raises(ProcessDiedError, match="was ended by signal SIGKILL"):
            await children.supervise(asyncio.sleep(30))


async def test_a_death_explains_a_failure_that_it_caused(tmp_path: Path) -> None:
    """A refused connection is the symptom, the dead server the cause."""

    async def fails_soon() -> None:
        await asyncio.sleep(0.05)
        raise ConnectionRefusedError

    async with Children(tmp_path) as children:
        code = "import time; time.sleep(0.1); raise SystemExit(1)"
        await children.start(python(code, tmp_path))
        with pytest.raises((ProcessDiedError, ConnectionRefusedError)) as error:
            await children.supervise(fails_soon())

    assert error.type is ProcessDiedError


async def test_work_that_ends_returns_its_result(tmp_path: Path) -> None:
    """Supervision is invisible while everything lives."""

    async def answer() -> int:
        return 42

    async with Children(tmp_path) as children:
        await children.start(python(SLEEP, tmp_path))

        assert await children.supervise(answer()) == 42


async def test_a_child_that_asks_for_it_is_started_again(tmp_path: Path) -> None:
    """Home Assistant's restart button ends the process with a code of its own."""
    code = (
        "import pathlib, time\n"
        "mark = pathlib.Path('mark')\n"
        "if not mark.exists():\n"
        "    mark.touch(); raise SystemExit(100)\n"
        "print('second life', flush=True); time.sleep(60)\n"
    )
    async with Children(tmp_path / "logs") as children:
        await children.start(python(code, tmp_path, restart_code=100))
        await children.supervise(wait_for_line(children, "second life"))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of a death")
async def test_a_killed_launcher_takes_its_children_along(tmp_path: Path) -> None:
    """No cleanup code runs after SIGKILL; the kernel's signal must do."""
    code = (
        "import asyncio, pathlib, sys\n"
        "from demo.processes import Children, Command\n"
        "async def main():\n"
        f"    folder = pathlib.Path({str(tmp_path)!r})\n"
        "    async with Children(folder) as children:\n"
        f"        code = {TELL_PID + SLEEP!r}\n"
        "        command = Command(name='child', arguments=[sys.executable, '-c', code],\n"
        "                          directory=folder)\n"
        "        await children.start(command)\n"
        "        await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    launcher = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        code,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    try:
        await wait_for_line(Children(tmp_path), "ready")
        pid = int((tmp_path / "child.log").read_text().split()[0])
        assert is_alive(pid)
    finally:
        launcher.send_signal(signal.SIGKILL)
        await launcher.wait()

    await wait_for_death(pid)
