"""The images without a Supervisor: as in compose, by hand, and with options that are wrong."""

import json
from typing import TYPE_CHECKING

import pytest

from tests.fakes.speech import spoken
from tests.images.containers import (
    Container,
    image,
    podman,
    start,
    start_add_on,
    start_alone,
    wait_for,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.timeout(600)
# Runs inside, where Wyoming's own client is.
_CLIENT = """
import asyncio, sys
from wyoming.asr import Transcribe
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.client import AsyncClient
from wyoming.tts import Synthesize

async def hear():
    async with AsyncClient.from_uri("tcp://127.0.0.1:10300") as client:
        await client.write_event(Transcribe(language="pt").event())
        await client.write_event(AudioStart(16000, 2, 1).event())
        await client.write_event(AudioChunk(16000, 2, 1, bytes.fromhex(sys.stdin.read())).event())
        await client.write_event(AudioStop().event())
        event = await client.read_event()
        print(event.data.get("text"))

async def say():
    async with AsyncClient.from_uri("tcp://127.0.0.1:10200") as client:
        await client.write_event(Synthesize(text="Bom dia.").event())
        size = 0
        while (event := await client.read_event()).type != "audio-stop":
            size += len(event.payload or b"")
        print("sound", size)

asyncio.run(hear() if sys.argv[1] == "stt" else say())
"""


def _ask(container: Container, program: str) -> str:
    sound = spoken("acenda a luz da sala").tobytes().hex() if program == "stt" else ""
    return container.run("python", "-c", _CLIENT, program, user="1000", text=sound).casefold()


@pytest.mark.parametrize("program", ["stt", "tts"])
def test_without_network_options_or_rights(program: str, report: Callable[[str], None]) -> None:
    """As compose runs it, with the models that are inside the image."""
    container = start_alone(
        program, "--tmpfs", "/data:mode=0777", "--env", "JONH_STT_MODEL=starter"
    )
    try:
        ready_s = container.wait_until_logged(" ready on ")
        answer = _ask(container, program)
        if program == "stt":
            assert "acenda a luz" in answer
        else:
            # The wanted voice is not there, and a starter voice stands in.
            assert int(answer.split()[-1]) > 10_000
        assert container.is_healthy()
        (folder,) = container.processes().values()
        status = (folder / "status").read_text("utf-8")
        assert "Uid:\t1000\t1000\t1000\t1000" in status
        assert container.stop() == 0
        assert "Traceback" not in container.log
        report(f"{container.name}: answers {ready_s:.1f} s after its start, without network")
    finally:
        container.remove()


def test_root_without_options_gives_root_up_too(tmp_path: Path) -> None:
    """`podman run` without thinking: a volume that is root's, and no Supervisor anywhere."""
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    container = start(
        "jonh-by-hand", image("tts"), "--network", "none", "--volume", f"{tmp_path}:/data"
    )
    try:
        container.wait_until_logged(" ready on ")
        (folder,) = container.processes().values()
        assert "Uid:\t1000\t1000\t1000\t1000" in (folder / "status").read_text("utf-8")
        assert (tmp_path / "models").stat().st_uid == 1000
        assert container.stop() == 0
    finally:
        container.remove()


@pytest.mark.parametrize(
    ("program", "options", "line"),
    [
        ("stt", {"language": "português"}, "the option language cannot be used"),
        ("stt", {"model": "huge"}, "There is no STT model 'huge'"),
        ("tts", {"voice": "faber"}, "There is no voice 'faber'"),
        ("tts", {"speed": 90}, "the option speed cannot be used"),
    ],
)
def test_a_wrong_option_is_one_line_in_the_log(
    program: str, options: dict[str, object], line: str, network: str, tmp_path: Path
) -> None:
    """The add-on ends with 2, and its log says which option and why."""
    container = start_add_on(program, tmp_path / "data", options, network=network)
    try:
        wait_for("end", lambda: not container.state["Running"])
        assert container.state["ExitCode"] == 2
        log = container.log
        assert line in log
        assert log.count("\n") == 1, log
    finally:
        container.remove()


@pytest.mark.parametrize("program", ["stt", "tts"])
def test_the_image_is_what_the_supervisor_expects(
    program: str, report: Callable[[str], None]
) -> None:
    """Labels, entry point and health check; no user, because only root reads the options."""
    found = json.loads(podman("image", "inspect", image(program)))[0]
    config = found["Config"]
    assert config["Labels"]["io.hass.type"] == "app"
    assert image(program).endswith(f":{config['Labels']['io.hass.version']}")
    assert config["Entrypoint"] == ["python", "-m", "wyoming_servers.container", program]
    assert not config.get("User")
    check = found["Healthcheck"]
    assert check["Test"] == ["CMD", "python", "-m", "wyoming_servers.healthcheck"]
    assert check["StartPeriod"] == 600_000_000_000
    report(f"{image(program)}: {found['Size'] / 1e6:.0f} MB")


@pytest.mark.parametrize("program", ["stt", "tts"])
def test_the_image_holds_nothing_else(program: str) -> None:
    """Not the other server, not what installs, compiles or tests, and no trace of this machine."""
    script = (
        "ls /app/wyoming_servers /opt/jonh/bin /home /root;"
        " find / -xdev '(' -name pip -o -name gcc -o -name .git -o -name tests ')' -type d,f"
    )
    told = podman("run", "--rm", "--network", "none", "--entrypoint", "sh", image(program),
                  "-c", script).split()  # fmt: skip
    assert program in told
    assert ("tts" if program == "stt" else "stt") not in told
    unwanted = {"pip", "gcc", ".git", "tests"}
    found = [word for word in told if word.rpartition("/")[2] in unwanted]
    # Where Debian's debugger would look for it.
    assert [word for word in found if word != "/usr/share/gcc"] == []
