"""The house that is called: real processes on the starter models, every wire watched."""

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.call.processes import find
from benchmarks.call.relay import Relay, relayed
from benchmarks.call.talker import Talker
from demo import assistant
from demo.audio import Sound, speak
from demo.installation import Ports
from demo.launcher import House, Models, Settings, running_house
from demo.processes import free_port
from tests.fakes.ollama import FakeOllama

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

LANGUAGE = "pt-BR"
QUESTION = "Me conta uma história."
COMMAND = "Acenda a luz da sala."


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A running house with watched wires."""

    house: House
    pipeline_id: str
    model: Talker
    stt: Relay
    tts: Relay
    processes: dict[str, int]
    """Process ids by name."""

    @property
    def url(self) -> str:
        """Where a browser finds Home Assistant."""
        return self.house.ports.url

    async def speech(self, text: str) -> Sound:
        """Let the starter voice say a sentence, past the watched wires."""
        return await speak(self.house.ports.tts, text, LANGUAGE)


@contextlib.asynccontextmanager
async def running_scene(folder: Path) -> AsyncIterator[Scene]:
    """Start the house; every wire between Home Assistant and a service passes this process."""
    model = Talker()
    ports = Ports(home_assistant=free_port(), stt=free_port(), tts=free_port())
    async with contextlib.AsyncExitStack() as stack:
        ollama = await stack.enter_async_context(FakeOllama(model=model))
        settings = Settings(
            folder=folder,
            ports=ports,
            models=Models.STARTER,
            environment={"OLLAMA_HOST": ollama.url},
        )
        house, _ = await stack.enter_async_context(running_house(settings))
        stt = await stack.enter_async_context(relayed(ports.stt))
        tts = await stack.enter_async_context(relayed(ports.tts))
        watched = Ports(home_assistant=ports.home_assistant, stt=stt.port, tts=tts.port)
        await assistant.connect(house.home, watched, assistant.Providers(ollama_url=ollama.url))
        pipelines = await assistant.create_pipelines(house.home)
        yield Scene(
            house=house,
            pipeline_id=pipelines["pt"],
            model=model,
            stt=stt,
            tts=tts,
            processes={
                "Home Assistant": find(str(folder), "hass"),
                "jonh-stt": find(f"tcp://127.0.0.1:{ports.stt}", "jonh-stt"),
                "jonh-tts": find(f"tcp://127.0.0.1:{ports.tts}", "jonh-tts"),
            },
        )
