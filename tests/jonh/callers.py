"""Somebody who calls: a WebSocket, a microphone and a player, as the panel has them."""

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from tests.fakes.speech import RATE_HZ, silence

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiohttp.test_utils import TestClient
    from pytest_homeassistant_custom_component.typing import MockHAClientWebSocket

    from wyoming_servers.audio import Samples

FRAME = RATE_HZ // 50
REPORT_S = 0.5
HEADER_BYTES = 44


class Caller:
    """Use it as an async context manager, which starts the call and hangs up."""

    def __init__(
        self, socket: MockHAClientWebSocket, http: TestClient[Any, Any], **options: Any
    ) -> None:
        self.socket = socket
        self.http = http
        self.options = options
        self.result: dict[str, Any] = {}
        self.events: list[dict[str, Any]] = []
        """All events, each with `at_s`, its arrival on the monotonic clock."""
        self.answers: dict[int, dict[str, Any]] = {}
        """Results of commands."""
        self.sounds: dict[int, float] = {}
        """Seconds that were played of each turn."""
        self.plays = True
        """Whether the player reports anything."""
        self._id = 0
        self._to_say: list[Samples] = []
        self._spoken = asyncio.Event()
        self._changed = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._players: dict[int, asyncio.Task[None]] = {}
        self.is_silent_line = False
        """Send nothing, as a muted client does."""
        self.onset_s = 0.0
        """When the last speech began."""

    async def __aenter__(self) -> Self:
        self._tasks.append(asyncio.create_task(self._receive()))
        answer = await self.command("jonh/call/start", **self.options)
        assert answer["success"], answer
        self.result = answer["result"]
        self._tasks.append(asyncio.create_task(self._send_sound()))
        return self

    async def __aexit__(self, *_: object) -> None:
        with suppress(ConnectionError, TimeoutError):
            if not self.socket.closed and not self.of("ended"):
                async with asyncio.timeout(5):
                    await self.act("hangup")
        await self.stop()

    async def stop(self) -> None:
        """End everything on this side."""
        tasks = [*self._tasks, *self._players.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def command(self, kind: str, **fields: Any) -> Any:
        """Send a command and return its answer."""
        self._id += 1
        number = self._id
        await self.socket.send_json({"id": number, "type": kind, **fields})
        await self.until(lambda: number in self.answers)
        return self.answers[number]

    async def act(self, action: str, **fields: Any) -> Any:
        """Do something in the call."""
        return await self.command(
            "jonh/call/action", call_id=self.result["call_id"], action=action, **fields
        )

    async def say(self, speech: Samples) -> None:
        """Speak, and wait until it is spoken."""
        self._spoken.clear()
        self._to_say.append(speech)
        await self._spoken.wait()

    async def until(self, is_true: Callable[[], bool], timeout: float = 30.0) -> None:
        """Wait for something that an event brings."""
        try:
            async with asyncio.timeout(timeout):
                while not is_true():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            told = [{k: v for k, v in e.items() if k != "at_s"} for e in self.events]
            raise AssertionError(f"it did not happen; told: {told}") from None

    def of(self, event: str, **fields: Any) -> list[dict[str, Any]]:
        """Return the events of a kind."""
        return [
            each
            for each in self.events
            if each["event"] == event and fields.items() <= each.items()
        ]

    async def event(self, event: str, count: int = 1, **fields: Any) -> dict[str, Any]:
        """Wait for the so-manieth event of a kind."""
        await self.until(lambda: len(self.of(event, **fields)) >= count)
        return self.of(event, **fields)[count - 1]

    async def _receive(self) -> None:
        while True:
            message = await self.socket.receive_json()
            if message["type"] == "result":
                self.answers[message["id"]] = message
            elif message["type"] == "event":
                event = {**message["event"], "at_s": time.monotonic()}
                self.events.append(event)
                self._on_event(event)
            self._changed.set()

    def _on_event(self, event: dict[str, Any]) -> None:
        if event["event"] == "sound" and self.plays:
            player = asyncio.create_task(self._play(event["turn"], event["url"]))
            self._players[event["turn"]] = player
        elif event["event"] == "stop" and (player := self._players.pop(event["turn"], None)):
            player.cancel()

    async def _play(self, turn: int, url: str) -> None:
        """Play a sound as time goes by, and report it."""
        response = await self.http.get(url)
        size, began_s = 0, 0.0
        async for chunk in response.content.iter_any():
            if size <= HEADER_BYTES < size + len(chunk):
                began_s = time.monotonic()
                await self._report("sound_started", turn=turn)
            size += len(chunk)
        seconds = max(0, size - HEADER_BYTES) / (2 * 22_050)
        while began_s and (position_s := time.monotonic() - began_s) < seconds:
            self.sounds[turn] = position_s
            await self._report("sound_progress", turn=turn, position_s=position_s)
            await asyncio.sleep(min(REPORT_S, seconds - position_s))
        self.sounds[turn] = seconds
        await self._report("sound_ended", turn=turn)

    async def _report(self, action: str, **fields: Any) -> None:
        self._id += 1
        await self.socket.send_json(
            {
                "id": self._id,
                "type": "jonh/call/action",
                "call_id": self.result["call_id"],
                "action": action,
                **fields,
            }
        )

    async def _send_sound(self) -> None:
        """Send the microphone, 20 ms at a time, at the pace of time."""
        handler = bytes([self.result["handler_id"]])
        quiet = silence(FRAME / RATE_HZ)
        due_s = time.monotonic()
        speech = np.zeros(0, np.int16)
        while True:
            if not len(speech) and self._to_say:
                speech = self._to_say.pop(0)
                self.onset_s = time.monotonic() + _onset_s(speech)
            frame, speech = speech[:FRAME], speech[FRAME:]
            if len(frame) and not len(speech):
                self._spoken.set()
            if not self.is_silent_line:
                frame = np.concatenate((frame, quiet[: FRAME - len(frame)]))
                await self.socket.send_bytes(handler + frame.tobytes())
            due_s += FRAME / RATE_HZ
            await asyncio.sleep(max(0.0, due_s - time.monotonic()))


def _onset_s(speech: Samples) -> float:
    """Return when the first loud sample of a speech comes."""
    return float(np.argmax(np.abs(speech.astype(np.int32)) > 500)) / RATE_HZ
