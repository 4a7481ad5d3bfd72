"""A house with the call panel, a real browser in front of it, and a person who speaks."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from demo.audio import Sound, speak
from demo.launcher import Models, Settings, running_house
from tests.browser.person import Person, chromium, person
from tests.e2e.conftest import CODES, Scene, free_ports, left_running
from tests.fakes.groq import FakeGroq
from tests.fakes.ollama import FakeOllama

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let every test here run on the loop that the house and the browser live on."""
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
            item.add_marker(pytest.mark.timeout(420))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    """Start a house for the calls."""
    folder = tmp_path_factory.mktemp("called_house")
    async with FakeOllama() as ollama, FakeGroq() as groq:
        settings = Settings(
            folder=folder,
            ports=free_ports(),
            models=Models.STARTER,
            environment={"OLLAMA_HOST": ollama.url},
        )
        async with running_house(settings) as (house, _):
            yield Scene(house, ollama, groq)
    assert not await asyncio.to_thread(left_running, settings.ports, folder)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Start a browser for the calls."""
    async with chromium() as program:
        yield program


@dataclass(slots=True)
class Voice:
    """Says sentences; each is made once."""

    port: int
    said: dict[str, Sound] = field(default_factory=dict)

    async def __call__(self, text: str, language: str = "pt") -> Sound:
        """Return a sentence as the starter voice says it."""
        if text not in self.said:
            self.said[text] = await speak(self.port, text, CODES[language])
        return self.said[text]


@pytest.fixture(scope="session")
def voice(scene: Scene) -> Voice:
    """Speak with the house's own voice, which its ears understand."""
    return Voice(scene.house.ports.tts)


type MakePerson = Callable[..., AbstractAsyncContextManager[Person]]


@pytest.fixture
def meet(scene: Scene, browser: Browser) -> MakePerson:
    """Return a way to open a page in front of the house."""

    def meet_person(url: str | None = None, **options: Any) -> AbstractAsyncContextManager[Person]:
        return person(browser, scene.house.home, url or scene.house.ports.url, **options)

    return meet_person


@pytest_asyncio.fixture(loop_scope="session")
async def guest(meet: MakePerson) -> AsyncIterator[Person]:
    """Open a page whose microphone and loudspeaker belong to the test."""
    async with meet() as somebody:
        yield somebody
        assert somebody.problems == []
