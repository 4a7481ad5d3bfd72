"""A turn for one request of the HTTP API: what became of it, and its sound."""

import asyncio
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

from aiohttp import web
from homeassistant.exceptions import HomeAssistantError

from .const import DOMAIN, LOGGER
from .http_audio import AudioError, WavFormat, find_sound, wav_header, with_true_sizes
from .http_errors import ApiError, turn_error
from .turn import async_run_turn
from .turn_updates import (
    Answer,
    AnswerSound,
    Transcript,
    TurnFailed,
    TurnReport,
    TurnRequest,
    TurnUpdate,
)
from .turn_words import TurnError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping

    from homeassistant.components.tts import ResultStream
    from homeassistant.core import HomeAssistant

    from .agent.telemetry import TurnReport as AgentReport
    from .coordinator import JonhConfigEntry

WAV = "audio/wav"
BEGUN = "jonh_sound_begun"
"""Key of a request whose answer is on its way: there is no other any more."""
_STALLED = "stalled"
"""A model that took the request and fell silent, among the kinds of errors."""
_PIECE_BYTES = 3200
"""A tenth of a second, about what a microphone sends at once."""
_TTS_ERRORS = (TurnError.TTS_FAILED, TurnError.TTS_UNSUPPORTED)


@dataclass(slots=True)
class Told:
    """What is known of a turn, while it runs and afterwards."""

    transcript: str = ""
    sound: asyncio.Future[ResultStream] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    answer: Answer | None = None
    failure: TurnFailed | None = None
    model_error: str | None = None
    """Kind of the error for which the agent had only an excuse."""

    def on_update(self, update: TurnUpdate) -> None:
        """Take what a turn tells."""
        match update:
            case Transcript():
                self.transcript = update.text
            case AnswerSound():
                if not self.sound.done():
                    self.sound.set_result(update.stream)
            case Answer():
                self.answer = update
            case TurnFailed():
                self.failure = update

    def refuse(self, request: TurnRequest, *, needs_sound: bool = True) -> None:
        """Raise ApiError when there is no answer, or none that can be heard."""
        session_id, pipeline = request.conversation_id or "", request.pipeline_id or ""
        if self.failure is not None and (needs_sound or self.failure.code not in _TTS_ERRORS):
            raise turn_error(self.failure.code, session_id=session_id, pipeline=pipeline)
        if self.answer is not None and self.answer.is_error and self.model_error is not None:
            is_slow = self.model_error == _STALLED
            status = HTTPStatus.GATEWAY_TIMEOUT if is_slow else HTTPStatus.BAD_GATEWAY
            raise ApiError(status, "model_failed", answer=self.answer.text)


async def async_whole_turn(
    hass: HomeAssistant,
    request: TurnRequest,
    *,
    text: str | None = None,
    pcm: bytes | None = None,
    needs_sound: bool,
) -> tuple[TurnReport, Told]:
    """Run a turn to its end; raises ApiError when it failed."""
    told = Told()
    with _model_errors(hass, told):
        report = await async_run_turn(
            hass,
            request,
            text=text,
            audio=None if pcm is None else pieces(pcm),
            listener=told.on_update,
        )
    told.refuse(request, needs_sound=needs_sound)
    return report, told


async def async_stream_turn(
    hass: HomeAssistant,
    request: TurnRequest,
    incoming: web.Request,
    headers: Callable[[Told], Mapping[str, str]],
    *,
    text: str | None = None,
    pcm: bytes | None = None,
) -> web.StreamResponse:
    """Answer with sound from its first sample on; raises ApiError when there is none."""
    told = Told()
    audio = None if pcm is None else pieces(pcm)
    with _model_errors(hass, told):
        turn = asyncio.create_task(
            async_run_turn(hass, request, text=text, audio=audio, listener=told.on_update)
        )
        try:
            await asyncio.wait((turn, told.sound), return_when=asyncio.FIRST_COMPLETED)
            if not told.sound.done():
                # Without a voice, or without words to answer.
                await turn
                told.refuse(request)
                raise ApiError(HTTPStatus.SERVICE_UNAVAILABLE, "voice_missing")

            def begin() -> Mapping[str, str]:
                told.refuse(request)
                return headers(told)

            try:
                response = await async_send_sound(incoming, told.sound.result(), begin)
            except ApiError:
                # What was asked for is done all the same.
                await turn
                told.refuse(request)
                if told.answer is None or told.answer.text:
                    raise
                # "Never mind" is answered with nothing.
                silence = wav_header(WavFormat(), 0)
                response = web.Response(body=silence, content_type=WAV, headers=headers(told))
            await turn
            return response
        finally:
            told.sound.cancel()
            if not turn.done():
                turn.cancel()
                await asyncio.wait((turn,))


async def async_send_sound(
    incoming: web.Request, stream: ResultStream, begin: Callable[[], Mapping[str, str]]
) -> web.StreamResponse:
    """Send a sound while it is made; raises ApiError when nothing comes.

    `begin` is called before the first sample and returns headers, or raises.
    """
    response: web.StreamResponse | None = None
    header = bytearray()
    try:
        async for chunk in stream.async_stream_result():
            if response is not None:
                await response.write(chunk)
                continue
            header += chunk
            if (found := find_sound(header)) is None or found[1] >= len(header):
                continue
            pcm, start, _ = found
            response = web.StreamResponse(headers=dict(begin()))
            incoming[BEGUN] = True
            response.content_type = WAV
            response.enable_chunked_encoding()
            await response.prepare(incoming)
            await response.write(wav_header(pcm, None) + header[start:])
    except (HomeAssistantError, AudioError, OSError, RuntimeError) as err:
        if response is not None:
            # The client is told by the missing end that it did not get everything.
            raise
        LOGGER.warning("There is no sound to send: %r", err)
    if response is None:
        begin()
        raise ApiError(HTTPStatus.BAD_GATEWAY, "voice_failed")
    await response.write_eof()
    return response


async def async_sound(stream: ResultStream | None) -> bytes:
    """Return a whole WAV; raises ApiError when the voice fails."""
    try:
        if stream is not None:
            wav = b"".join([chunk async for chunk in stream.async_stream_result()])
            return with_true_sizes(wav)
    except (HomeAssistantError, AudioError, OSError, RuntimeError) as err:
        LOGGER.warning("There is no sound to send: %r", err)
        raise ApiError(HTTPStatus.BAD_GATEWAY, "voice_failed") from err
    raise ApiError(HTTPStatus.SERVICE_UNAVAILABLE, "voice_missing")


async def pieces(pcm: bytes) -> AsyncIterator[bytes]:
    """Yield 16-bit mono sound as if it came from a microphone, but at once."""
    for start in range(0, len(pcm), _PIECE_BYTES):
        yield pcm[start : start + _PIECE_BYTES]


@contextmanager
def _model_errors(hass: HomeAssistant, told: Told) -> Iterator[None]:
    """Note why our agents have no answer: the sentence they say instead does not tell."""

    def note(report: AgentReport) -> None:
        told.model_error = report.error or told.model_error

    entries: list[JonhConfigEntry] = hass.config_entries.async_loaded_entries(DOMAIN)
    logs = [log for entry in entries for log in entry.runtime_data.turns.values()]
    stops = [log.async_add_listener(note) for log in logs]
    try:
        yield
    finally:
        for stop in stops:
            stop()
