"""Takes the pictures of the call, in daylight, at night, on a telephone, and of a status page."""

import argparse
import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wyoming.tts import Synthesize

from demo.audio import speak
from demo.installation import Ports
from demo.launcher import House, Models, Settings, running_house
from demo.processes import free_port
from tests.browser.person import chromium, person
from tests.fakes.ollama import FakeOllama
from tests.fakes.server_process import server_process
from tests.fakes.wyoming_client import connect

if TYPE_CHECKING:
    from playwright.async_api import Browser

FOLDER = Path(__file__).parents[2] / "docs" / "images"
COMMAND = "Acenda a luz da sala."
QUESTION = "Qual a temperatura da sala?"
STORY = "Me conta uma história."
TOLD = (
    "Era uma vez uma casa que ouvia. ",
    "Toda noite ela apagava as luzes, uma por uma, e trancava a porta da frente. ",
    "Só a luz da varanda ficava acesa, para quem ainda estava a caminho.",
)
# Into the first sentence of the story.
_INTO_STORY_S = 2.0
_DESK = {"width": 1280, "height": 800}
_PHONE = {"width": 390, "height": 844}
PICTURES: dict[str, dict[str, Any]] = {
    "conversa-light": {"viewport": _DESK, "color_scheme": "light"},
    "conversa-dark": {"viewport": _DESK, "color_scheme": "dark"},
    "conversa-phone": {"viewport": _PHONE, "device_scale_factor": 2, "has_touch": True},
}
STATUS_PAGE = "status-page"
_STATUS: dict[str, Any] = {
    "locale": "pt-BR",
    "viewport": {"width": 720, "height": 480},
    "device_scale_factor": 1.5,
}
# Answers whose times the page shows.
_ANSWERS = 50


def main() -> None:
    """Take them."""
    parser = argparse.ArgumentParser(prog="scripts/screenshots", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(_take(folder))


async def _take(folder: Path) -> None:
    ports = Ports(home_assistant=free_port(), stt=free_port(), tts=free_port())
    with tempfile.TemporaryDirectory() as home:
        async with FakeOllama() as ollama:
            settings = Settings(
                folder=Path(home),
                ports=ports,
                models=Models.STARTER,
                environment={"OLLAMA_HOST": ollama.url},
            )
            async with running_house(settings) as (house, _), chromium() as browser:
                for name, options in PICTURES.items():
                    ollama.script(*({"content": sentence} for sentence in TOLD))
                    await _picture(browser, house, folder / f"{name}.png", options)
                await _status_picture(browser, folder / f"{STATUS_PAGE}.png")


async def _picture(browser: Browser, house: House, path: Path, options: dict[str, Any]) -> None:
    """Hold the same conversation each time, and press the button in the middle of an answer."""
    async with person(browser, house.home, house.ports.url, **options) as guest:
        await guest.dial()
        for text in (COMMAND, QUESTION):
            before = len(guest.events)
            await guest.say(await speak(house.ports.tts, text, "pt-BR"))
            await guest.wait_for_event("answer", before)
            await guest.until_listening()
        said = await guest.say(await speak(house.ports.tts, STORY, "pt-BR"))
        await guest.until_sounding(said.end_ms)
        await asyncio.sleep(_INTO_STORY_S)
        await guest.page.screenshot(path=path)


async def _status_picture(browser: Browser, path: Path) -> None:
    """Look at a voice that has answered for a while."""
    async with server_process("tts", "--hub-url", "off", "--http-port", "0") as server:
        async with connect(server.uri) as client:
            for number in range(_ANSWERS):
                await client.send(Synthesize(text=f"A luz {number} da sala está acesa."))
                await client.receive_until("audio-stop")
        context = await browser.new_context(**_STATUS)
        page = await context.new_page()
        await page.goto(server.http_url)
        await page.locator("#bars rect").nth(_ANSWERS - 1).wait_for(state="attached")
        await page.screenshot(path=path, full_page=True)
        await context.close()


if __name__ == "__main__":
    main()
