"""The HTTP API: a turn, its parts and the conversations, for programs without a WebSocket.

docs/http.md explains it to people, openapi.json to programs.
"""

from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from uuid import uuid4

from aiohttp import hdrs, web
from homeassistant.core import HomeAssistant, callback

from .const import DOMAIN
from .http_about import HealthView, OpenApiView
from .http_audio import (
    AudioError,
    AudioFormatError,
    AudioTooLongError,
    WavFormat,
    speech_of,
    wav_header,
)
from .http_body import (
    LANGUAGE,
    PIPELINE,
    SESSION,
    VOICE,
    Sent,
    async_read_audio,
    async_read_json,
)
from .http_errors import ApiError, turn_error
from .http_sessions import SessionsView, SessionView, session_not_found
from .http_speech import async_understand, find_pipeline, speak
from .http_turn import WAV, Told, async_send_sound, async_sound, async_stream_turn, async_whole_turn
from .http_view import API, JSON, HttpApi, JonhView, answering
from .rate_limit import RateLimit
from .store import ARCHIVE
from .turn_updates import TurnReport, TurnRequest
from .turn_words import TurnError

if TYPE_CHECKING:
    from collections.abc import Mapping


PER_MINUTE = 10
BURST = 3
"""A person corrects what was misheard at once; a program that asks more often has gone wrong."""

_MAX_HEADER_CHARS = 4000
"""Clients take 8 kB of headers, and there are two of these."""
_TRUE = {"1", "true", "yes"}


@callback
def async_setup_http(hass: HomeAssistant) -> None:
    """Register the paths."""
    hass.data[API] = HttpApi(rate=RateLimit(hass.loop.time, per_minute=PER_MINUTE, burst=BURST))
    for view in VIEWS:
        hass.http.register_view(view())


class _TurnView(JonhView):
    """A path that runs a turn."""

    async def answer(
        self,
        request: web.Request,
        sent: Sent,
        *,
        text: str | None = None,
        default_type: str,
    ) -> web.StreamResponse:
        """Run a turn with a text or the sound that was sent, and answer with sound or JSON."""
        hass = self.hass(request)
        begun_s = hass.loop.time()
        pipeline = find_pipeline(hass, sent.get(PIPELINE), sent.get(LANGUAGE))
        wants_sound = _wanted_type(request, default_type) == WAV
        if text is None and pipeline.stt_engine is None:
            raise turn_error(TurnError.STT_MISSING)
        if wants_sound and pipeline.tts_engine is None:
            raise turn_error(TurnError.TTS_UNSUPPORTED)
        turn = TurnRequest(
            pipeline_id=pipeline.id,
            conversation_id=self._conversation_id(request, sent.get(SESSION)),
            context=self.context(request),
            speak=wants_sound or text is None,
            is_recording=True,
            speak_errors=False,
        )
        pcm = None
        if text is None:
            pcm = await _async_speech(hass, sent.audio, self.api(request).limits.audio_s)
        if wants_sound and _wants_stream(request):
            return await async_stream_turn(
                hass, turn, request, lambda told: _stream_headers(turn, told), text=text, pcm=pcm
            )
        report, told = await async_whole_turn(
            hass, turn, text=text, pcm=pcm, needs_sound=wants_sound
        )
        total_ms = round((hass.loop.time() - begun_s) * 1000)
        if not wants_sound:
            return self.json(_as_json(report, told, total_ms))
        wav = wav_header(WavFormat(), 0)
        if report.answer.strip():
            wav = await async_sound(told.sound.result() if told.sound.done() else None)
        headers = _headers(report.transcript, report.answer, report.conversation_id)
        headers["X-Processing-Time"] = str(total_ms)
        if report.tokens is not None:
            headers["X-Tokens-Used"] = str(report.tokens)
        return web.Response(body=wav, content_type=WAV, headers=headers)

    def _conversation_id(self, request: web.Request, session_id: str | None) -> str:
        """Return Home Assistant's name of a session; raises ApiError for somebody else's."""
        user_id = str(self.viewer(request).user_id)
        # Home Assistant exchanges an id of its own kind once it has forgotten the conversation,
        # and keeps any other.
        conversation_id = session_id or uuid4().hex
        for _, session in self.hass(request).data.get(ARCHIVE, ()):
            if conversation_id in (session.id, session.conversation_id):
                if session.conversation_id is None or session.users != {user_id}:
                    raise session_not_found(conversation_id)
                conversation_id = session.conversation_id
                break
        if not self.api(request).own(conversation_id, user_id):
            raise session_not_found(conversation_id)
        return conversation_id


class ProcessAudioView(_TurnView):
    """Speech in, speech out."""

    url = f"/api/{DOMAIN}/process_audio"
    name = f"api:{DOMAIN}:process_audio"

    @answering(is_limited=True)
    async def post(self, request: web.Request) -> web.StreamResponse:
        """Answer what was said in a WAV."""
        limits = self.api(request).limits
        sent = await async_read_audio(request, limits.body_bytes, SESSION, PIPELINE, LANGUAGE)
        return await self.answer(request, sent, default_type=WAV)


class ProcessTextView(_TurnView):
    """Text in, text or speech out."""

    url = f"/api/{DOMAIN}/process_text"
    name = f"api:{DOMAIN}:process_text"

    @answering(is_limited=True)
    async def post(self, request: web.Request) -> web.StreamResponse:
        """Answer a text."""
        limits = self.api(request).limits
        sent = await async_read_json(request, limits.body_bytes, SESSION, PIPELINE, LANGUAGE)
        return await self.answer(request, sent, text=sent.fields["text"], default_type=JSON)


class TranscribeView(JonhView):
    """Speech in, text out."""

    url = f"/api/{DOMAIN}/transcribe"
    name = f"api:{DOMAIN}:transcribe"

    @answering(is_limited=True)
    async def post(self, request: web.Request) -> web.StreamResponse:
        """Return what was said in a WAV."""
        hass, limits = self.hass(request), self.api(request).limits
        sent = await async_read_audio(request, limits.body_bytes, PIPELINE, LANGUAGE)
        pcm = await _async_speech(hass, sent.audio, limits.audio_s)
        pipeline = find_pipeline(hass, sent.get(PIPELINE), None)
        understood = await async_understand(
            hass, self.context(request), pipeline, pcm, sent.get(LANGUAGE)
        )
        return self.json({"text": understood.text, "language": understood.language})


class SynthesizeView(JonhView):
    """Text in, speech out."""

    url = f"/api/{DOMAIN}/synthesize"
    name = f"api:{DOMAIN}:synthesize"

    @answering(is_limited=True)
    async def post(self, request: web.Request) -> web.StreamResponse:
        """Say a text."""
        hass, limits = self.hass(request), self.api(request).limits
        sent = await async_read_json(request, limits.body_bytes, PIPELINE, LANGUAGE, VOICE)
        pipeline = find_pipeline(hass, sent.get(PIPELINE), None)
        sound = speak(hass, pipeline, sent.fields["text"], sent.get(LANGUAGE), sent.get(VOICE))
        if _wants_stream(request):
            return await async_send_sound(request, sound, dict)
        return web.Response(body=await async_sound(sound), content_type=WAV)


VIEWS = (
    ProcessAudioView,
    ProcessTextView,
    TranscribeView,
    SynthesizeView,
    SessionsView,
    SessionView,
    HealthView,
    OpenApiView,
)


async def _async_speech(hass: HomeAssistant, wav: bytes, max_s: float) -> bytes:
    """Return what a recogniser wants of a WAV; raises ApiError for what it cannot have."""
    try:
        pcm = await hass.async_add_executor_job(speech_of, wav, max_s)
    except AudioTooLongError as err:
        raise ApiError(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            "audio_too_long",
            limit=f"{max_s:g}",
            length=f"{err.seconds:.0f}",
        ) from err
    except AudioFormatError as err:
        raise ApiError(HTTPStatus.UNPROCESSABLE_ENTITY, "audio_unsupported") from err
    except AudioError as err:
        raise ApiError(HTTPStatus.UNPROCESSABLE_ENTITY, "audio_broken") from err
    if not pcm:
        raise turn_error(TurnError.NOTHING_HEARD)
    return pcm


def _wanted_type(request: web.Request, default: str) -> str:
    """Return which of the two kinds of answers the client named first."""
    accept = request.headers.get(hdrs.ACCEPT, "").lower().replace("audio/*", WAV)
    places = {kind: place for kind in (WAV, JSON) if (place := accept.find(kind)) >= 0}
    return min(places, key=lambda kind: places[kind], default=default)


def _wants_stream(request: web.Request) -> bool:
    return request.query.get("stream", "").lower() in _TRUE


def _as_json(report: TurnReport, told: Told, total_ms: int) -> dict[str, Any]:
    timings = {stage.value: round(mark_ms) for stage, mark_ms in report.marks_ms.items()}
    has_sound = told.sound.done() and told.failure is None and bool(report.answer.strip())
    return {
        "transcription": report.transcript,
        "response": report.answer.strip(),
        "session_id": report.conversation_id,
        "continue_conversation": report.continue_conversation,
        "changed": [
            {"entity_id": deed.entity_id, "name": deed.name, "state": deed.state}
            for deed in report.deeds
        ],
        "timings_ms": {**timings, "total": total_ms},
        "tokens": report.tokens,
        "audio_url": told.sound.result().url if has_sound else None,
    }


def _stream_headers(turn: TurnRequest, told: Told) -> Mapping[str, str]:
    """Return what is known when the answer begins to sound."""
    return _headers(told.transcript, None, turn.conversation_id)


def _headers(transcript: str, answer: str | None, session_id: str | None) -> dict[str, str]:
    headers = {"X-Transcription": _percent(transcript)}
    if answer is not None:
        headers["X-Response-Text"] = _percent(answer.strip())
    if session_id is not None:
        headers["X-Session-ID"] = session_id
    return headers


def _percent(text: str) -> str:
    """Write a text as a header can hold it, cut where it is too long for one."""
    written = ""
    for char in text:
        piece = quote(char)
        if len(written) + len(piece) > _MAX_HEADER_CHARS:
            return written + quote("…")
        written += piece
    return written
