"""A whole demo house, started once: real `hass`, both real servers, stand-ins for the models."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest_asyncio
from wyoming.asr import Transcript

from demo.audio import Sound, speak
from demo.installation import Ports
from demo.launcher import House, Models, Settings, running_house
from demo.processes import free_port
from demo.turn import Turn, run_turn
from tests.fakes.groq import API_KEY, FakeGroq
from tests.fakes.ollama import FakeOllama
from tests.fakes.wyoming_client import connect

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import pytest

AGENT = "conversation.jonh"
CODES = {"pt": "pt-BR", "en": "en"}


@dataclass(frozen=True, slots=True)
class Scene:
    """The running house and the stand-ins that it may ask."""

    house: House
    ollama: FakeOllama
    groq: FakeGroq

    async def say(self, sentence: str, language: str = "pt") -> Turn:
        """Speak a sentence with our own voice and run the whole turn."""
        speech = await speak(self.house.ports.tts, sentence, CODES[language])
        return await self.listen(speech, language)

    async def listen(self, speech: Sound, language: str = "pt") -> Turn:
        """Run a turn with this sound."""
        return await run_turn(self.house.home, speech, self.house.pipelines[language])

    async def type(self, text: str, conversation_id: str | None = None) -> str:
        """Send a text to the agent and return what it answers."""
        answer = await self.house.home.command(
            "conversation/process",
            text=text,
            language=CODES["pt"],
            agent_id=AGENT,
            conversation_id=conversation_id,
        )
        return str(answer["response"]["speech"]["plain"]["speech"])

    async def hear(self, sound: Sound, language: str = "pt") -> str:
        """Let our own speech recognition hear a sound, as a person would."""
        async with connect(f"tcp://127.0.0.1:{self.house.ports.stt}") as client:
            await client.speak(
                sound.samples,
                language=CODES[language],
                rate=sound.rate_hz,
                # A recording that comes all at once has no pause in which its speaker listens.
                context={"endpoint": "client"},
            )
            event = await client.receive()
        assert event is not None
        return Transcript.from_event(event).text

    async def act(self, action: str, **data: object) -> None:
        """Call a Home Assistant action, to prepare the home."""
        await self.house.home.post(f"/api/services/{action.replace('.', '/')}", data)

    async def state(self, entity_id: str) -> str:
        """Return the state of an entity."""
        return str((await self.house.home.states())[entity_id]["state"])


def free_ports() -> Ports:
    """Three loopback ports that nothing uses."""
    return Ports(home_assistant=free_port(), stt=free_port(), tts=free_port())


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    """Start everything once for all tests that only talk to the house."""
    folder: Path = tmp_path_factory.mktemp("house")
    async with FakeOllama() as ollama, FakeGroq() as groq:
        settings = Settings(
            folder=folder,
            ports=free_ports(),
            models=Models.STARTER,
            environment={
                "OLLAMA_HOST": ollama.url,
                "GROQ_API_KEY": API_KEY,
                "GROQ_BASE_URL": groq.url,
            },
        )
        async with running_house(settings) as (house, _):
            yield Scene(house, ollama, groq)
    assert not await asyncio.to_thread(left_running, settings.ports, folder)


def left_running(ports: Ports, folder: Path) -> list[str]:
    """Return the command lines of processes that still belong to a house."""
    marks = (str(folder), f"tcp://127.0.0.1:{ports.stt}", f"tcp://127.0.0.1:{ports.tts}")
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if any(mark in line for mark in marks) and ("hass" in line or "jonh-" in line):
            lines.append(line)
    return lines
