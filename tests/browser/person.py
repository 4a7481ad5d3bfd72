"""A person at a browser: Chromium on Home Assistant's pages, what is said to it, what is heard."""

import asyncio
import base64
import json
import re
import shutil
import tempfile
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from playwright.async_api import async_playwright

from demo.audio import Sound, load

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from playwright.async_api import Browser, BrowserContext, Error, Page, WebSocket

    from demo.home_assistant import HomeAssistant, Json

_FOLDER = Path(__file__).parent
MICROPHONE = (_FOLDER / "microphone.js").read_text("utf-8")
EARS = (_FOLDER / "ears.js").read_text("utf-8")

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = (
    # As root there is no sandbox; the pages are our own.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--use-fake-device-for-media-stream",
    # A house in the network, which a browser does not trust as it trusts this machine.
    "--host-resolver-rules=MAP casa.test 127.0.0.1",
)
PANEL = "/jonh"
# The pages of Home Assistant are several megabytes; a busy machine takes a while to read them.
PAGE_MS = 60_000
# The panel's words, in the language of the house.
CALL = re.compile(r"^Ligar\b")
HANG_UP = re.compile(r"^Desligar\b")
MUTE_MICROPHONE = "Silenciar microfone"
MUTE_SOUND = "Silenciar som"
# Louder than the noise of rounding, quieter than any voice.
SILENCE_RMS = 0.002
_WATCH_S = 0.05


@asynccontextmanager
async def chromium(*flags: str) -> AsyncIterator[Browser]:
    """Run the system's Chromium while the context is open."""
    program = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    assert program is not None, "no Chromium: scripts/setup installs it"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=program, args=[*_FLAGS, *flags], headless=True
        )
        try:
            yield browser
        finally:
            await browser.close()


async def log_in(context: BrowserContext, home: HomeAssistant, url: str) -> None:
    """Let every page of the context be one of a user who has logged in."""
    token = await home.command(
        "auth/long_lived_access_token", client_name=f"browser {time.time_ns()}", lifespan=1
    )
    tokens = {
        "access_token": token,
        "token_type": "Bearer",
        "expires_in": 86_400,
        # Milliseconds since 1970, far away: the page must not try to renew it.
        "expires": 4_000_000_000_000,
        "hassUrl": url,
        "clientId": f"{url}/",
        "refresh_token": "",
    }
    stored = json.dumps(json.dumps(tokens))
    await context.add_init_script(f"localStorage.setItem('hassTokens', {stored});")


@asynccontextmanager
async def person(
    browser: Browser,
    home: HomeAssistant,
    url: str,
    *,
    has_own_device: bool = False,
    **options: Any,
) -> AsyncIterator[Person]:
    """Open a page of a user who has logged in, with the test's microphone and ears.

    With `has_own_device` the microphone is the browser's. `options` are those of the browser's
    context, such as its viewport and its language.
    """
    context = await browser.new_context(**{"locale": "pt-BR", "base_url": url, **options})
    try:
        context.set_default_timeout(PAGE_MS)
        await log_in(context, home, url)
        if not has_own_device:
            await context.add_init_script(MICROPHONE)
        await context.add_init_script(EARS)
        yield Person(await context.new_page())
    finally:
        await context.close()


@dataclass(frozen=True, slots=True)
class Said:
    """When a sound went into the microphone, in milliseconds of the page's clock."""

    begin_ms: float
    end_ms: float
    """The last sample that is not silence."""


class Person:
    """One page, whose microphone and loudspeaker belong to the test."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.problems: list[str] = []
        """Errors that the panel did not catch; Home Assistant's own pages have some."""
        self.events: list[Json] = []
        """What Home Assistant told the call, in order."""
        page.on("pageerror", self._fail)
        page.on("websocket", self._watch)

    async def open_panel(self) -> None:
        """Go to the panel of the call."""
        response = await self.page.goto(PANEL)
        assert response is not None
        assert response.ok, f"the panel answered {response.status}"
        await self.wait_for("window.jonhConversa !== undefined", timeout_s=PAGE_MS / 1000)

    async def dial(self) -> None:
        """Call the house from its panel, and wait until it listens."""
        await self.open_panel()
        await self.press(CALL)
        await self.until("listening")

    async def press(self, name: str | re.Pattern[str]) -> None:
        """Press a button of the panel."""
        await self.page.get_by_role("button", name=name).click()

    async def hang_up(self) -> None:
        """End the call."""
        await self.press(HANG_UP)
        await self.until("ended")

    async def state(self) -> Json:
        """Return the call as the page knows it."""
        state: Json = await self.page.evaluate("window.jonhConversa.state")
        return state

    async def until(self, *phases: str, timeout_s: float = 30) -> str:
        """Wait for one of these phases of the call; return which it was."""
        return str(
            await self.wait_for(
                "phases => phases.find(phase => window.jonhConversa.state.phase === phase)",
                list(phases),
                timeout_s,
            )
        )

    async def until_listening(self) -> None:
        """Wait until the house listens and nothing sounds."""
        await self.wait_for(
            "window.jonhConversa.state.phase === 'listening' && "
            "!window.jonhConversa.speech.isPlaying"
        )

    async def until_sounding(self, since_ms: float, timeout_s: float = 30) -> float:
        """Wait until something is heard; return when, on the page's clock."""
        await self.wait_for(
            "([since, level]) => window.testEars.levels(since).some(([, each]) => each > level)",
            [since_ms, SILENCE_RMS],
            timeout_s,
        )
        heard_ms = (await self.loudness(since_ms)).first_sound_ms()
        assert heard_ms is not None
        return heard_ms

    async def interrupt(self) -> None:
        """Stop the answer by hand, if there is one."""
        await self.page.evaluate("window.jonhConversa.interrupt()")

    async def cut_the_line(self) -> None:
        """Close the websocket as a network that fails does."""
        await self.page.evaluate(
            "document.querySelector('home-assistant').hass.connection.socket.close()"
        )

    def kinds(self, begin: int = 0) -> list[str]:
        """Return the names of the events of the call from number `begin` on."""
        return [event["event"] for event in self.events[begin:]]

    async def say(self, sound: Sound) -> Said:
        """Begin to say a sound; it goes on while the test does."""
        samples = base64.b64encode(sound.samples).decode()
        said = await self.page.evaluate(
            "([samples, rate]) => window.testMicrophone.speak(samples, rate)",
            [samples, sound.rate_hz],
        )
        return Said(said["beginMs"], said["beginMs"] + sound.speech_end_s * 1000)

    async def now_ms(self) -> float:
        """Return the page's clock."""
        now: float = await self.page.evaluate("performance.now()")
        return now

    async def loudness(self, since_ms: float) -> Loudness:
        """Return what came out of the loudspeaker since a moment."""
        levels = await self.page.evaluate("since => window.testEars.levels(since)", since_ms)
        return Loudness(np.array(levels, float).reshape(-1, 2))

    async def record(self) -> None:
        """Begin to keep what comes out of the loudspeaker."""
        await self.page.evaluate("window.testEars.startRecording()")

    async def recording(self) -> Sound:
        """Return what came out of the loudspeaker since `record`."""
        kept = await self.page.evaluate("window.testEars.stopRecording()")
        return Sound(base64.b64decode(kept["base64"]), int(kept["rate"]))

    async def volumes(self, since_ms: float) -> list[tuple[float, float]]:
        """Return when the page set a volume since a moment, and to what."""
        return [
            (time_ms, value)
            for time_ms, value in await self.page.evaluate(
                "since => window.testEars.volumes(since)", since_ms
            )
        ]

    async def wait_for(self, expression: str, argument: Any = None, timeout_s: float = 30) -> Any:
        """Wait until a JavaScript expression is true, and return its value."""
        handle = await self.page.wait_for_function(
            expression, arg=argument, timeout=timeout_s * 1000, polling=_WATCH_S * 1000
        )
        return await handle.json_value()

    async def wait_for_event(self, kind: str, begin: int = 0, timeout_s: float = 30) -> Json:
        """Wait for an event of the call, among those from number `begin` on."""
        async with asyncio.timeout(timeout_s):
            while True:
                for event in self.events[begin:]:
                    if event["event"] == kind:
                        return event
                await asyncio.sleep(_WATCH_S / 5)

    def _fail(self, error: Error) -> None:
        if "/jonh_static/" in (error.stack or ""):
            self.problems.append(f"{error.message}\n{error.stack}")

    def _watch(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._receive)

    def _receive(self, frame: str | bytes) -> None:
        messages = json.loads(frame)
        for message in messages if isinstance(messages, list) else [messages]:
            event = message.get("event") if isinstance(message, dict) else None
            if isinstance(event, dict) and isinstance(event.get("event"), str):
                self.events.append(event)


@dataclass(frozen=True, slots=True)
class Loudness:
    """Moments in milliseconds of the page's clock, and how loud each was."""

    rows: npt.NDArray[np.float64]

    def sounds_ms(self) -> npt.NDArray[np.float64]:
        """Return the moments that are not silent."""
        return self._loud(0)

    def first_sound_ms(self, after_ms: float = 0) -> float | None:
        """Return the first moment that is not silent."""
        loud = self._loud(after_ms)
        return float(loud[0]) if loud.size else None

    def last_sound_ms(self, after_ms: float = 0) -> float | None:
        """Return the last moment that is not silent."""
        loud = self._loud(after_ms)
        return float(loud[-1]) if loud.size else None

    def between(self, begin_ms: float, end_ms: float) -> float:
        """Return the root mean square of a stretch."""
        inside = (self.rows[:, 0] >= begin_ms) & (self.rows[:, 0] < end_ms)
        levels = self.rows[inside, 1]
        return float(np.sqrt(np.mean(levels**2))) if levels.size else 0.0

    def _loud(self, after_ms: float) -> npt.NDArray[np.float64]:
        rows = self.rows[(self.rows[:, 0] >= after_ms) & (self.rows[:, 1] > SILENCE_RMS)]
        return rows[:, 0]


def microphone_file(pieces: Sequence[Sound], folder: Path) -> Path:
    """Write the sounds one after another to a WAV file for Chromium's own false microphone."""
    path = folder / "microphone.wav"
    rates = {piece.rate_hz for piece in pieces}
    assert len(rates) == 1
    Sound(b"".join(piece.samples for piece in pieces), rates.pop()).save(path)
    return path


async def at_assist_rate(sound: Sound) -> Sound:
    """Return a sound at the rate that a recogniser takes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "heard.wav"
        sound.save(path)
        return await load(path)


def pause(seconds: float, rate_hz: int) -> Sound:
    """Return silence."""
    return Sound(bytes(2 * round(seconds * rate_hz)), rate_hz)
