"""`scripts/run` as a person types it: real subprocesses, what they print, what they leave."""

import asyncio
import os
import signal
import socket
import sys
import wave
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest

from demo.audio import ASSIST_RATE_HZ, Sound
from demo.installation import CHECKOUT, Ports
from tests.e2e.conftest import free_ports, left_running
from tests.fakes.groq import FakeGroq
from tests.fakes.ollama import FakeOllama
from tests.fakes.speech import spoken

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(600)]

START_S = 300.0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One house for all starts of this module."""
    return tmp_path_factory.mktemp("run")


@pytest.fixture(scope="module")
def ports() -> Ports:
    """Choose the ports of that house."""
    return free_ports()


def options(folder: Path, ports: Ports) -> list[str]:
    """Return flags that keep a start out of the way of everything else on this machine."""
    return [
        *("--home", str(folder), "--port", str(ports.home_assistant)),
        *("--stt-port", str(ports.stt), "--tts-port", str(ports.tts)),
    ]


@asynccontextmanager
async def launched(
    *command: str,
    user_folder: Path | None = None,
    providers: Mapping[str, str] = MappingProxyType({}),
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Start a launcher and make sure that it is gone at the end."""
    environment = {**os.environ, "OLLAMA_HOST": "127.0.0.1:9", "PYTHONPATH": str(CHECKOUT)}
    environment.pop("GROQ_API_KEY", None)
    environment |= providers
    if user_folder is not None:
        environment["HOME"] = str(user_folder)
        for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
            environment.pop(name, None)
    process = await asyncio.create_subprocess_exec(
        *command,
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            await process.wait()


async def finish(process: asyncio.subprocess.Process) -> tuple[int, str]:
    """Wait for the end; return the exit code and everything that was printed."""
    output, _ = await asyncio.wait_for(process.communicate(), START_S)
    assert process.returncode is not None
    return process.returncode, output.decode()


async def read_until(process: asyncio.subprocess.Process, words: str) -> str:
    """Read what a launcher prints up to a line with these words."""
    assert process.stdout is not None
    printed = ""
    async with asyncio.timeout(START_S):
        while words not in printed:
            line = await process.stdout.readline()
            assert line, f"the launcher ended early:\n{printed}"
            printed += line.decode()
    return printed


def launcher(*arguments: str) -> tuple[str, ...]:
    """Start the launcher without `scripts/setup`, which has already run."""
    return (sys.executable, "-m", "demo", *arguments)


async def test_nothing_survives_a_launcher_that_is_killed(folder: Path, ports: Ports) -> None:
    """The kernel tells the children when the launcher could not. The house is left half made."""
    async with launched(*launcher("--models", "starter", *options(folder, ports))) as house:
        await wait_for_port(ports.home_assistant)
        house.kill()
        await house.wait()

        async with asyncio.timeout(START_S):
            while left_running(ports, folder):  # noqa: ASYNC110 (other processes send no event)
                await asyncio.sleep(0.1)


async def test_say_turns_on_the_light_saves_the_answer_and_leaves_nothing(
    folder: Path, ports: Ports, tmp_path: Path
) -> None:
    """The promise of the README, even where the first start was cut in the middle."""
    answer = tmp_path / "answer.wav"
    command = ("scripts/run", "--say", "acenda a luz da sala", "--out", str(answer))
    async with launched(str(CHECKOUT / command[0]), *command[1:], *options(folder, ports)) as run:
        code, printed = await finish(run)

    assert code == 0, printed
    assert "light.luz_da_sala  off -> on" in printed
    assert "first sound of the answer" in printed
    assert str(answer) in printed
    with wave.open(str(answer)) as sound:
        assert sound.getnframes() > sound.getframerate() / 4
    assert not left_running(ports, folder)


async def test_the_second_start_remembers_the_house_and_a_dead_server_ends_it(
    folder: Path, ports: Ports, tmp_path: Path
) -> None:
    """The light is still on; what changed outside is taken over; no half of a house lives on."""
    own = options(folder, ports)
    command = launcher("--models", "starter", *own)
    async with (
        FakeOllama() as ollama,
        FakeGroq() as groq,
        launched(
            *command,
            user_folder=tmp_path / "user",
            providers={
                "OLLAMA_HOST": ollama.url,
                "GROQ_API_KEY": "gsk_wrong",
                "GROQ_BASE_URL": groq.url,
            },
        ) as house,
    ):
        printed = await read_until(house, "Ctrl-C stops everything")
        assert f"http://127.0.0.1:{ports.home_assistant}" in printed
        assert "user jonh, password jonh" in printed
        assert "understands only synthetic" in printed
        assert "failed at step groq: invalid_auth" in printed
        assert f"language models: Ollama at {ollama.url}\n" in printed

        recording = tmp_path / "command.wav"
        Sound(spoken("apague a luz da sala").tobytes(), ASSIST_RATE_HZ).save(recording)
        async with launched(*launcher("--wav", str(recording), *own)) as visitor:
            code, said = await finish(visitor)
        assert code == 0, said
        assert "light.luz_da_sala  on (brightness 255) -> off" in said

        silent = tmp_path / "silence.wav"
        Sound(bytes(2 * ASSIST_RATE_HZ), ASSIST_RATE_HZ).save(silent)
        async with launched(*launcher("--wav", str(silent), *own)) as visitor:
            code, said = await finish(visitor)
        assert code == 1
        assert "nothing was understood" in said
        assert "starter model understands only synthetic voices" in said

        async with launched(*launcher(*own)) as second:
            code, refused = await finish(second)
        assert code == 1
        assert "already runs" in refused

        os.kill(server_pid(ports.tts), signal.SIGKILL)
        code, end = await finish(house)

    assert code == 1
    assert "jonh-tts was ended by signal SIGKILL" in end
    assert "jonh-tts.log" in end
    assert not left_running(ports, folder)
    # Nothing is kept outside the house's folder: no caches, no device ids, no reports.
    assert not (tmp_path / "user").exists()


@pytest.mark.parametrize(
    ("position", "option"), [(0, "--port"), (1, "--stt-port"), (2, "--tts-port")]
)
async def test_a_taken_port_is_named_with_the_flag_that_chooses_another(
    tmp_path: Path, position: int, option: str
) -> None:
    """Refused at once, before anything is started."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        free = free_ports()
        numbers = [free.home_assistant, free.stt, free.tts]
        numbers[position] = taken
        ports = Ports(home_assistant=numbers[0], stt=numbers[1], tts=numbers[2])
        async with launched(*launcher("--say", "oi", *options(tmp_path, ports))) as run:
            code, printed = await finish(run)

    assert code == 1
    assert f"port {taken} is needed" in printed
    assert f"{option} NUMBER" in printed
    assert not (tmp_path / "logs").exists()


async def test_a_recording_that_is_no_sound_is_refused(tmp_path: Path) -> None:
    """Said before the house is started, since it cannot be cured by waiting."""
    text = tmp_path / "note.wav"
    text.write_text("not a sound")
    own = options(tmp_path / "house", free_ports())
    async with launched(*launcher("--wav", str(text), *own)) as run:
        code, printed = await finish(run)

    assert code == 1
    assert "note.wav holds no sound that can be read" in printed
    assert not (tmp_path / "house").exists()


def server_pid(port: int) -> int:
    """Return the process that was told to listen at a port."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        arguments = path.read_bytes().split(b"\0")
        if f"tcp://127.0.0.1:{port}".encode() in arguments:
            return int(path.parent.name)
    raise AssertionError(f"no server was told to listen at {port}")


async def wait_for_port(port: int) -> None:
    """Wait until something listens."""
    async with asyncio.timeout(START_S):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.1)
                continue
            writer.close()
            return
