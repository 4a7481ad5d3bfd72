"""Starts the whole demo and stops it: both speech servers, Home Assistant, Jonh."""

import asyncio
import contextlib
import sys
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from wyoming.client import AsyncTcpClient
from wyoming.info import Describe, Info

from demo import assistant, home_assistant, house
from demo.audio import speak
from demo.console import step
from demo.errors import DemoError, NotReadyError, TurnError
from demo.installation import CHECKOUT, Installation, Ports
from demo.processes import HOST, Children, Command, check_port
from demo.turn import run_turn

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from demo.home_assistant import HomeAssistant

USER = "jonh"
PASSWORD = "jonh"  # noqa: S105 (printed for the user, reachable from this machine only)
# 6 s on two idle cores; a busy single-board computer is given fifty times that.
HOME_ASSISTANT_S = 300.0
SERVER_S = 120.0
# About 550 MB of models over a slow line.
DOWNLOAD_S = 3600.0
POLL_S = 0.1
DESCRIBE_S = 5.0
HOME_ASSISTANT = "home-assistant"

# Home Assistant answers it by itself, so a language model that still loads is not waited for.
SELF_CHECK = "Que horas são agora?"


class Models(StrEnum):
    """Which speech models the servers run."""

    REAL = "real"
    """Whisper small and the Faber voice; fetched on the first start, understand people."""
    STARTER = "starter"
    """The small models that ship here; no download, understand only synthetic voices."""


_MODEL_FLAGS: Mapping[Models, Mapping[str, Sequence[str]]] = {
    Models.REAL: {
        "jonh-stt": ("--model", "small", "--preload", "fetch"),
        "jonh-tts": ("--voice", "pt_BR-faber-medium", "--preload", "fetch"),
    },
    Models.STARTER: {
        "jonh-stt": ("--model", "starter", "--hub-url", "off"),
        "jonh-tts": ("--voice", "pt_BR-starter-low", "--hub-url", "off"),
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How the demo is started."""

    folder: Path
    ports: Ports
    models: Models
    is_fresh: bool = False
    """Forget the house of earlier starts."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Where OLLAMA_HOST, GROQ_API_KEY and GROQ_BASE_URL are looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """A demo that runs."""

    ports: Ports
    home: HomeAssistant
    pipelines: Mapping[str, str]
    """Pipeline ids by language, `pt` and `en`."""
    providers: str
    """The language models in use, for a person to read."""
    has_starter_ears: bool
    """True while speech recognition runs on the starter model."""
    has_starter_voice: bool
    """True while only the starter voices speak Portuguese."""


@asynccontextmanager
async def running_house(settings: Settings) -> AsyncIterator[tuple[House, Children]]:
    """Start everything, hand it out ready for a turn, and stop everything at the end.

    Raise a DemoError with what to do when a port is taken, a process dies or nothing answers.
    """
    installation = Installation(settings.folder)
    with installation.claim(settings.ports):
        _check_ports(settings.ports)
        if settings.is_fresh:
            installation.clear()
        installation.prepare(settings.ports.home_assistant)
        async with Children(installation.logs) as children:
            for command in _commands(settings, installation):
                await children.start(command)
            await children.supervise(_wait_for_processes(settings, children))
            await children.supervise(_ensure_owner(settings.ports.url))
            async with home_assistant.connect(settings.ports.url, USER, PASSWORD) as home:
                house_ = await children.supervise(_set_up(home, settings, installation))
                yield house_, children


@asynccontextmanager
async def visit(ports: Ports) -> AsyncIterator[House]:
    """Use a demo that another launcher runs."""
    async with home_assistant.connect(ports.url, USER, PASSWORD) as home:
        yield await _describe_house(home, ports, "")


async def check_house(house_: House) -> None:
    """Run one spoken turn that changes nothing; raise DemoError when it fails."""
    language = assistant.LANGUAGES["pt"]
    speech = await speak(house_.ports.tts, SELF_CHECK, language.code)
    try:
        turn = await run_turn(house_.home, speech, house_.pipelines["pt"])
    except TurnError as err:
        raise DemoError(f"the self-check failed: {err}") from err
    if turn.answer_sound is None or turn.answer_sound.speech_end_s == 0:
        raise DemoError("the self-check failed: the answer was silent; see logs/jonh-tts.log")


def _check_ports(ports: Ports) -> None:
    check_port(ports.home_assistant, "Home Assistant", "--port")
    check_port(ports.stt, "speech recognition (jonh-stt)", "--stt-port")
    check_port(ports.tts, "the voice (jonh-tts)", "--tts-port")


def _commands(settings: Settings, installation: Installation) -> list[Command]:
    programs = Path(sys.executable).parent
    flags = _MODEL_FLAGS[settings.models]
    # The names of the demo house are no use to a server that later listens to a real one.
    kept = {"jonh-stt": ("--data-dir", str(settings.folder / "stt")), "jonh-tts": ()}
    servers = [
        Command(
            name=name,
            arguments=[
                *(str(programs / name), "--uri", f"tcp://{HOST}:{port}"),
                *flags[name],
                *kept[name],
            ],
            directory=CHECKOUT,
        )
        for name, port in (("jonh-stt", settings.ports.stt), ("jonh-tts", settings.ports.tts))
    ]
    hass = Command(
        name=HOME_ASSISTANT,
        # Every package is in uv.lock; Home Assistant must not install others by itself.
        arguments=[
            str(programs / "hass"),
            *("--config", str(installation.config), "--skip-pip", "--log-no-color"),
        ],
        directory=installation.config,
        restart_code=100,
    )
    return [*servers, hass]


async def _wait_for_processes(settings: Settings, children: Children) -> None:
    deadline_s = DOWNLOAD_S if settings.models is Models.REAL else SERVER_S
    ports = settings.ports
    try:
        async with asyncio.TaskGroup() as group:
            for name, port in (("jonh-stt", ports.stt), ("jonh-tts", ports.tts)):
                group.create_task(_wait_for_server(name, port, deadline_s, children))
            group.create_task(_wait_for_home_assistant(ports.url))
    except ExceptionGroup as errors:
        # The first that failed is what the person needs to read.
        raise errors.exceptions[0] from None


async def _wait_for_home_assistant(url: str) -> None:
    async with step("starting Home Assistant"):
        await home_assistant.wait_for_http(url, HOME_ASSISTANT_S)


async def _wait_for_server(name: str, port: int, deadline_s: float, children: Children) -> None:
    """Wait until a speech server describes itself."""
    end_s = time.monotonic() + deadline_s
    async with step(f"starting {name}", lambda: children.last_log_line(name)):
        while time.monotonic() < end_s:
            with contextlib.suppress(OSError, TimeoutError, NotReadyError):
                await _ask(port)
                return
            await asyncio.sleep(POLL_S)
    raise NotReadyError(
        f"{name} did not answer within {deadline_s:.0f} s; see {children.log_file(name)}"
    )


async def _ask(port: int) -> Info:
    """Let a speech server describe itself."""
    async with asyncio.timeout(DESCRIBE_S), AsyncTcpClient(HOST, port) as client:
        await client.write_event(Describe().event())
        event = await client.read_event()
        if event is None or not Info.is_type(event.type):
            raise NotReadyError(f"the speech server at port {port} does not describe itself")
        return Info.from_event(event)


async def _ensure_owner(url: str) -> None:
    await home_assistant.create_owner(url, "Jonh", USER, PASSWORD, assistant.LANGUAGES["pt"].code)


async def _set_up(home: HomeAssistant, settings: Settings, installation: Installation) -> House:
    async with step("setting up the house"):
        await home_assistant.wait_until_running(home, HOME_ASSISTANT_S)
        if not installation.is_done("house", house.digest()):
            await house.furnish(home)
            installation.mark_done("house", house.digest())
        providers = await assistant.find_providers(settings.environment)
        digest = assistant.digest(settings.ports, providers)
        if installation.is_done("assistant", digest):
            await assistant.wake_entries(home)
        else:
            accepted = await assistant.connect(home, settings.ports, providers)
            # A provider that was left out gets another chance at the next start.
            if accepted == providers:
                installation.mark_done("assistant", digest)
            providers = accepted
        return await _describe_house(home, settings.ports, providers.names)


async def _describe_house(home: HomeAssistant, ports: Ports, providers: str) -> House:
    ears, voice = await _ask(ports.stt), await _ask(ports.tts)
    portuguese = [
        spoken.name
        for program in voice.tts
        for spoken in program.voices
        if any(language.startswith("pt") for language in spoken.languages)
    ]
    return House(
        ports=ports,
        home=home,
        pipelines=await assistant.create_pipelines(home),
        providers=providers,
        has_starter_ears=any(m.name == "starter" for program in ears.asr for m in program.models),
        has_starter_voice=all("starter" in name for name in portuguese),
    )
