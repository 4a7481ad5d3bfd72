"""One spoken turn without a browser, through our call and through Home Assistant's pipeline."""

import asyncio
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp

from demo.audio import ASSIST_RATE_HZ, Sound

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from demo.home_assistant import HomeAssistant

FRAME_S = 0.02
WAV_HEADER_BYTES = 44
# Far longer than any turn of the benchmark.
PATIENCE_S = 60.0
# The microphone of a call is open before anybody speaks.
LEAD_S = 0.6

type Json = dict[str, Any]
type Play = Callable[[str], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """Moments of one turn, as `time.perf_counter` tells them."""

    speech_end_s: float
    """The last sample of the speech went out."""
    first_byte_s: float
    """The first byte of sound came in, headers aside."""


class Line:
    """A websocket to Home Assistant on which one person speaks. Made by `open_line`."""

    def __init__(
        self, http: aiohttp.ClientSession, socket: aiohttp.ClientWebSocketResponse
    ) -> None:
        self._http = http
        self._socket = socket
        self._id = 0

    async def command(self, kind: str, **fields: Any) -> int:
        """Send a command and return its number."""
        self._id += 1
        await self._socket.send_json({"id": self._id, "type": kind, **fields})
        return self._id

    async def receive(self) -> Json:
        """Return the next message."""
        async with asyncio.timeout(PATIENCE_S):
            message: Json = await self._socket.receive_json()
        return message

    async def result(self, number: int) -> Any:
        """Read up to the result of a command; raise when it was refused."""
        while True:
            message = await self.receive()
            if message["type"] == "result" and message["id"] == number:
                if not message["success"]:
                    raise RuntimeError(f"Home Assistant refused: {message['error']}")
                return message["result"]

    async def speak(self, handler_id: int, speech: Sound) -> float:
        """Send speech at its pace and then silence until cancelled."""
        frame_bytes = round(speech.rate_hz * FRAME_S) * 2
        samples = bytes(round(LEAD_S / FRAME_S) * frame_bytes) + speech.samples
        begin_s = time.perf_counter()
        index = 0
        while True:
            await asyncio.sleep(begin_s + (index + 1) * FRAME_S - time.perf_counter())
            frame = samples[index * frame_bytes : (index + 1) * frame_bytes]
            await self._socket.send_bytes(bytes([handler_id]) + frame.ljust(frame_bytes, b"\0"))
            index += 1

    async def first_byte_s(self, path: str, header_bytes: int) -> float:
        """Fetch a sound; return when its first byte behind the header came; read it all."""
        first_s = 0.0
        seen = 0
        async with self._http.get(path) as response:
            response.raise_for_status()
            async for piece in response.content.iter_any():
                seen += len(piece)
                if seen > header_bytes and not first_s:
                    first_s = time.perf_counter()
        if not first_s:
            raise RuntimeError("the answer was silent")
        return first_s


@asynccontextmanager
async def open_line(home: HomeAssistant, url: str) -> AsyncIterator[Line]:
    """Log in beside the session that the house has."""
    token = await home.command(
        "auth/long_lived_access_token", client_name=f"bench {time.time_ns()}", lifespan=1
    )
    headers = {"Authorization": f"Bearer {token}"}
    timeout = aiohttp.ClientTimeout(total=None)
    async with (
        aiohttp.ClientSession(url, headers=headers, timeout=timeout) as http,
        http.ws_connect("/api/websocket", max_msg_size=0) as socket,
    ):
        await socket.receive_json()
        await socket.send_json({"type": "auth", "access_token": token})
        answer = await socket.receive_json()
        if answer["type"] != "auth_ok":
            raise RuntimeError("login refused")
        yield Line(http, socket)


async def our_turn(
    line: Line, pipeline_id: str, speech: Sound, silence_s: float | None = None
) -> Marks:
    """Call the house, say one thing, hear the answer, hang up.

    A phrase ends after `silence_s`, or when the recogniser thinks so.
    """
    wish = {} if silence_s is None else {"silence_s": silence_s}
    number = await line.command("jonh/call/start", pipeline=pipeline_id, interruption="off", **wish)
    call = await line.result(number)
    return await _Turn(line, speech, WAV_HEADER_BYTES).call(call)


async def stock_turn(
    line: Line, pipeline_id: str, speech: Sound, play: Play | None = None
) -> Marks:
    """Run the pipeline as Home Assistant's own dialog does; `play` is given the answer's url."""
    number = await line.command(
        "assist_pipeline/run",
        start_stage="stt",
        end_stage="tts",
        pipeline=pipeline_id,
        input={"sample_rate": ASSIST_RATE_HZ},
    )
    await line.result(number)
    return await _Turn(line, speech, 0, play).run()


class _Turn:
    """Speech that goes out and the sound that comes back."""

    def __init__(
        self, line: Line, speech: Sound, header_bytes: int, play: Play | None = None
    ) -> None:
        self._line = line
        self._play = play
        self._speech = speech
        self._header_bytes = header_bytes
        self._begin_s = 0.0
        self._microphone: asyncio.Task[float] | None = None
        self._sound: asyncio.Task[float] | None = None

    async def call(self, call: Json) -> Marks:
        """Follow a call of ours to the end of its first answer."""
        self._open_microphone(call["handler_id"])
        try:
            while (event := await self._event())["event"] != "answer":
                if event["event"] == "error":
                    raise RuntimeError(f"the turn failed: {event}")
                if event["event"] == "sound":
                    self._listen(event["url"])
            marks = await self._marks()
        finally:
            await self._close()
        number = await self._line.command(
            "jonh/call/action", call_id=call["call_id"], action="hangup"
        )
        await self._line.result(number)
        return marks

    async def run(self) -> Marks:
        """Follow a pipeline run."""
        url = ""
        try:
            while (event := await self._event())["type"] != "run-end":
                data = event["data"] or {}
                match event["type"]:
                    case "run-start":
                        url = data["tts_output"]["url"]
                        self._open_microphone(data["runner_data"]["stt_binary_handler_id"])
                    case "stt-vad-end" | "stt-end":
                        self._close_microphone()
                    case "intent-progress" if data.get("tts_start_streaming"):
                        self._listen(url)
                    case "tts-end":
                        self._listen(data["tts_output"]["url"])
                    case "error":
                        raise RuntimeError(f"the run failed: {data}")
            return await self._marks()
        finally:
            await self._close()

    async def _event(self) -> Json:
        while (message := await self._line.receive())["type"] != "event":
            pass
        event: Json = message["event"]
        return event

    def _open_microphone(self, handler_id: int) -> None:
        self._begin_s = time.perf_counter()
        self._microphone = asyncio.create_task(self._line.speak(handler_id, self._speech))

    def _close_microphone(self) -> None:
        if self._microphone is not None:
            self._microphone.cancel()

    def _listen(self, url: str) -> None:
        if self._sound is None:
            self._sound = asyncio.create_task(self._hear(url))

    async def _hear(self, url: str) -> float:
        if self._play is None:
            return await self._line.first_byte_s(url, self._header_bytes)
        await self._play(url)
        return time.perf_counter()

    async def _marks(self) -> Marks:
        if self._sound is None:
            raise RuntimeError("the answer has no sound")
        first_byte_s = await asyncio.wait_for(self._sound, PATIENCE_S)
        return Marks(
            speech_end_s=self._begin_s + LEAD_S + self._speech.speech_end_s,
            first_byte_s=first_byte_s,
        )

    async def _close(self) -> None:
        for task in (self._microphone, self._sound):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
