"""The images as add-ons, under a Supervisor that checks its side of the contract."""

import asyncio
import json
import os
import signal
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from wyoming.asr import Transcribe, Transcript
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.tts import Synthesize

from tests.fakes.speech import RATE_HZ, spoken
from tests.fakes.wyoming_client import connect
from tests.images.containers import (
    SUPERVISOR,
    TOKEN,
    Container,
    podman,
    requests_to,
    start_add_on,
    start_supervisor,
    wait_for,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.timeout(600)
OPTIONS: dict[str, dict[str, Any]] = {
    "stt": {
        "model": "starter", "language": "pt-BR", "endpoint": "auto", "names": True,
        "log_level": "info",
    },
    "tts": {"voice": "pt_BR-starter-low", "speed": 1.0, "sentence_silence": 0.2,
            "log_level": "info"},
}  # fmt: skip
PORTS = {"stt": 10300, "tts": 10200}
SENTENCE = "acenda a luz da sala"
_GET = "import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1], timeout=10).read())"


@pytest.fixture(scope="module")
def supervisor(network: str) -> Iterator[Container]:
    """Start a Supervisor that is not ready at first."""
    container = start_supervisor(network, not_ready=1)
    yield container
    container.remove()


@pytest.fixture(scope="module", params=["stt", "tts"])
def add_on(
    request: pytest.FixtureRequest,
    network: str,
    supervisor: Container,
    tmp_path_factory: pytest.TempPathFactory,
    report: Callable[[str], None],
) -> Iterator[Container]:
    """Start an add-on and wait until Home Assistant could discover it."""
    program = request.param
    data = tmp_path_factory.mktemp(program)
    # The Supervisor's directory of an add-on can be entered by all; pytest's cannot.
    for folder in (data, *data.parents[:3]):
        folder.chmod(0o755)
    container = start_add_on(
        program, data, OPTIONS[program], "--env", f"JONH_{program.upper()}_HUB_URL=off",
        network=network,
    )  # fmt: skip
    ready_s = container.wait_until_logged(" ready on ")
    known_s = container.wait_until_logged("can discover")
    report(f"{container.name}: answers {ready_s:.1f} s after its start, known to Home Assistant"
           f" after {known_s:.1f} s")  # fmt: skip
    yield container
    container.remove()


@pytest.fixture
def program(add_on: Container) -> str:
    """Return stt or tts."""
    return add_on.name.removeprefix("jonh-")


@pytest.fixture
def uri(add_on: Container, program: str) -> str:
    """Return where the server listens."""
    return f"tcp://{add_on.address}:{PORTS[program]}"


def _status(folder: Path) -> dict[str, str]:
    lines = (folder / "status").read_text("utf-8").splitlines()
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


def _variables(folder: Path) -> dict[str, str]:
    words = (folder / "environ").read_bytes().decode().split("\0")
    return dict(word.split("=", 1) for word in words if "=" in word)


def _server(add_on: Container, program: str) -> Path:
    return add_on.processes()[f"wyoming_servers.{program}"]


def test_discovery_is_announced_once_and_after_the_server_answers(
    add_on: Container, supervisor: Container, program: str
) -> None:
    """One announcement that was taken, with the add-on's own name in the Supervisor's network."""
    uri = f"tcp://a0d7b954-jonh-{program}:{PORTS[program]}"
    made = [each for each in requests_to(supervisor) if uri in each["body"]]
    taken = [each for each in made if each["status"] == 200]
    assert len(taken) == 1
    assert json.loads(taken[0]["body"]) == {"service": "wyoming", "config": {"uri": uri}}
    assert taken[0]["peer"] == add_on.address
    stamped = podman("logs", "--timestamps", add_on.name, check=False)
    lines = [line for line in stamped.splitlines() if " ready on " in line]
    ready = datetime.fromisoformat(lines[0].split(" ", 1)[0]) if lines else None
    if ready is not None:
        assert made[0]["time_s"] >= ready.timestamp() - 1


def test_the_supervisor_that_starts_is_asked_again(supervisor: Container) -> None:
    """The very first announcement was refused, because it was not ready."""
    statuses = [each["status"] for each in requests_to(supervisor) if each["method"] == "POST"]
    assert statuses[0] == 400
    assert 200 in statuses


def test_the_server_has_no_rights(add_on: Container, program: str) -> None:
    """User, groups, capabilities and no way back, as the kernel tells them."""
    status = _status(_server(add_on, program))
    assert status["Uid"].split() == ["1000"] * 4
    assert status["Gid"].split() == ["1000"] * 4
    assert status["Groups"].split() == []
    assert status["NoNewPrivs"] == "1"
    for kind in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(status[kind], 16) == 0, kind


def test_the_token_is_out_of_the_servers_reach(add_on: Container, program: str) -> None:
    """Not in its environment, and not to be read from any process that has it."""
    variables = _variables(_server(add_on, program))
    assert TOKEN not in variables.values()
    assert not {"SUPERVISOR_TOKEN", "HASSIO_TOKEN"} & set(variables)
    # Without an environment of its own: podman gives what it runs here the container's.
    search = ("env", "-i", "/bin/sh", "-c", "/bin/cat /proc/[0-9]*/environ")
    every = add_on.run(*search, user="1000")
    assert "Permission denied" in every
    assert TOKEN not in every
    # Root, who may, finds it: the search above would have too.
    assert TOKEN in add_on.run(*search)


def test_the_helpers_have_no_rights_either(
    add_on: Container, program: str, report: Callable[[str], None]
) -> None:
    """The courier of names stays, as another user; the announcement has ended."""
    helpers = {
        name: folder
        for name, folder in add_on.processes().items()
        if name != f"wyoming_servers.{program}"
    }
    assert set(helpers) == ({"wyoming_servers.stt.names_courier"} if program == "stt" else set())
    memory = _status(_server(add_on, program))["VmRSS"]
    report(f"{add_on.name}: {int(memory.split()[0]) / 1024:.0f} MB of memory")
    for name, folder in helpers.items():
        status = _status(folder)
        report(f"{name}: {int(status['VmRSS'].split()[0]) / 1024:.0f} MB of memory")
        assert status["Uid"].split() == ["1001"] * 4
        assert int(status["CapEff"], 16) == int(status["CapBnd"], 16) == 0


def test_the_server_cannot_read_the_options(add_on: Container) -> None:
    """Only root can, and the server never becomes root again."""
    assert add_on.run("stat", "-c", "%a %u", "/data/options.json").split() == ["600", "0"]
    told = add_on.run("cat", "/data/options.json", user="1000")
    assert "Permission denied" in told


def test_nothing_can_be_written_but_data_and_memory(add_on: Container) -> None:
    """The file system is read-only, /tmp is memory, and of /data only its own directories."""
    assert "Read-only file system" in add_on.run("touch", "/app/x")
    assert "Permission denied" in add_on.run("touch", "/data/x", user="1000")
    assert add_on.run("touch", "/data/models/x", user="1000") == ""
    mounts = dict(line.split()[1:3] for line in add_on.run("cat", "/proc/mounts").splitlines())
    assert mounts["/tmp"] == "tmpfs"
    assert add_on.run("find", "/tmp", "-type", "f") == ""


def test_it_is_healthy(add_on: Container) -> None:
    """By the image's own check, which takes its address from the image's environment."""
    assert add_on.is_healthy()
    health = add_on.state.get("Health") or add_on.state["Healthcheck"]
    assert health["Status"] == "healthy"


def test_a_server_that_hangs_is_not(add_on: Container, program: str) -> None:
    """It accepts connections and answers none: the watchdog has something to act on."""
    pid = int(_server(add_on, program).name)
    os.kill(pid, signal.SIGSTOP)
    try:
        assert not add_on.is_healthy()
    finally:
        os.kill(pid, signal.SIGCONT)
    assert add_on.is_healthy()


def test_only_ingress_sees_the_status(
    add_on: Container, supervisor: Container, program: str
) -> None:
    """The Supervisor is answered; others in its network, here this machine, are not."""
    url = f"http://{add_on.address}:10400/status.json"
    assert f"jonh-{program}" in supervisor.run("python", "-c", _GET, url)
    assert SUPERVISOR in podman("inspect", supervisor.name)
    with pytest.raises(HTTPError, match="403"):
        urlopen(url, timeout=10)


async def test_it_does_its_work(add_on: Container, program: str, uri: str) -> None:
    """Speech becomes words, words become speech."""
    async with connect(uri) as client:
        if program == "stt":
            event = await client.transcribe(spoken(SENTENCE).tobytes(), language="pt-BR")
            assert event is not None
            assert Transcript.from_event(event).text.casefold().startswith("acenda a luz")
        else:
            await client.send(Synthesize(text="Bom dia."))
            events = await client.receive_until("audio-stop")
            sound = sum(len(each.payload or b"") for each in events)
            assert sound > RATE_HZ // 2
    assert add_on.run("find", "/tmp", "-type", "f") == ""
    assert SENTENCE not in add_on.log.casefold()


def test_the_names_of_the_home_arrive(add_on: Container, program: str) -> None:
    """Over the Supervisor, for the add-on whose option asks for them."""
    if program == "tts":
        assert "names" not in OPTIONS["tts"]
        return
    kept = wait_for("names", lambda: "Luz da sala" in add_on.run("cat", "/data/state/names.json"))
    assert kept


async def test_it_stops_after_what_is_being_said(
    add_on: Container, program: str, uri: str, report: Callable[[str], None]
) -> None:
    """Stopped in the middle, it finishes, and ends with 0: nobody is cut off by an update."""
    async with connect(uri) as client:
        if program == "stt":
            answer = await _speak_while_it_stops(client, add_on)
        else:
            answer = await _listen_while_it_stops(client, add_on)
    text, stopping = answer
    begin_s = asyncio.get_running_loop().time()
    code = await stopping
    assert code == 0, add_on.log
    assert "Traceback" not in add_on.log
    took_s = asyncio.get_running_loop().time() - begin_s
    report(f"{add_on.name}: stopped while {text}, exit {code}, {took_s:.1f} s after the answer")


async def _speak_while_it_stops(client: Any, add_on: Container) -> tuple[str, asyncio.Task[int]]:
    pcm = spoken(SENTENCE).tobytes()
    await client.send(Transcribe(language="pt-BR"), AudioStart(RATE_HZ, 2, 1))
    stopping: asyncio.Task[int] | None = None
    step = RATE_HZ // 10 * 2
    for position in range(0, len(pcm), step):
        if stopping is None and position > len(pcm) // 3:
            stopping = asyncio.create_task(asyncio.to_thread(add_on.stop))
        await client.send(AudioChunk(RATE_HZ, 2, 1, pcm[position : position + step]))
        await asyncio.sleep(0.2)
    await client.send(AudioStop())
    event = await client.receive()
    assert event is not None, add_on.log
    text = Transcript.from_event(event).text
    assert text.casefold().startswith("acenda a luz")
    assert stopping is not None
    return f"hearing {text!r}", stopping


async def _listen_while_it_stops(client: Any, add_on: Container) -> tuple[str, asyncio.Task[int]]:
    await client.send(Synthesize(text="A luz da sala está ligada. " * 8))
    first = await client.receive()
    assert first is not None
    stopping = asyncio.create_task(asyncio.to_thread(add_on.stop))
    events = await client.receive_until("audio-stop")
    assert events[-1].type == "audio-stop"
    sound_s = sum(len(each.payload or b"") for each in events) / 2 / RATE_HZ
    return f"saying {sound_s:.0f} s", stopping
