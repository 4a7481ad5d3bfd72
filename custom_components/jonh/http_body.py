"""What clients of the HTTP API send, read within limits."""

import re
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from aiohttp import BodyPartReader, hdrs
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web import RequestPayloadError
from homeassistant.util.json import json_loads

from .http_errors import ApiError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from aiohttp import web

MEBIBYTE = 1024**2
SESSION_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""Ours have 32 characters, Home Assistant's 26."""

_WAV_TYPES = {"audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave", "audio/x-pn-wav"}
_FORM = "multipart/form-data"
_JSON = "application/json"
_CHUNK_BYTES = 65_536
_MAX_FIELD_BYTES = 1024
"""Longer than any id, name or language."""
_MAX_PARTS = 16
"""A form has four."""

AUDIO = "audio"
SESSION = "session_id"
PIPELINE = "pipeline"
LANGUAGE = "language"
TEXT = "text"
VOICE = "voice"

_MAX_CHARS = {SESSION: 64, PIPELINE: 128, LANGUAGE: 35, VOICE: 128}
_MAX_TEXT_CHARS = 4000
"""Two pages: nobody says more at once, and a voice needs minutes for it."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A request that was read; fields that were left out are missing."""

    fields: dict[str, str]
    audio: bytes = field(default=b"", repr=False)

    def get(self, name: str) -> str | None:
        """Return a field; None when it was left out or is empty."""
        return self.fields.get(name) or None


async def async_read_audio(request: web.Request, max_bytes: int, *optional: str) -> Sent:
    """Read a WAV with its fields: in a form, or in the address beside the bare WAV."""
    _refuse_large(request, max_bytes)
    if request.content_type == _FORM:
        return await _async_read_form(request, max_bytes, optional)
    if request.content_type not in _WAV_TYPES:
        raise ApiError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "content_unsupported", expected=f"audio/wav, {_FORM}"
        )
    fields = {name: request.query[name] for name in optional if name in request.query}
    body = await _async_collect(request.content.iter_chunked(_CHUNK_BYTES), max_bytes)
    return Sent(_checked(fields), body)


async def async_read_json(request: web.Request, max_bytes: int, *optional: str) -> Sent:
    """Read a JSON object with a text in it and, where they stand, the optional fields."""
    _refuse_large(request, max_bytes)
    if request.content_type != _JSON:
        raise ApiError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "content_unsupported", expected=_JSON)
    body = await _async_collect(request.content.iter_chunked(_CHUNK_BYTES), max_bytes)
    try:
        data: Any = json_loads(body)
    except ValueError:
        data = None
    if not isinstance(data, dict):
        raise _invalid("body")
    for name in data:
        if name != TEXT and name not in optional:
            raise _invalid(name)
    fields = {name: value for name, value in data.items() if value is not None}
    for name, value in fields.items():
        if not isinstance(value, str):
            raise _invalid(name)
    text = fields.get(TEXT, "").strip()
    if not text or len(text) > _MAX_TEXT_CHARS:
        raise _invalid(TEXT)
    return Sent(_checked(fields) | {TEXT: text})


def checked_session_id(session_id: str) -> str:
    """Return an id that may be one; raises ApiError for anything else."""
    if not SESSION_ID.fullmatch(session_id):
        raise ApiError(HTTPStatus.BAD_REQUEST, "session_id_invalid")
    return session_id


async def _async_read_form(request: web.Request, max_bytes: int, optional: tuple[str, ...]) -> Sent:
    fields: dict[str, str] = {}
    audio: bytes | None = None
    left = max_bytes
    try:
        reader = await request.multipart()
        for _ in range(_MAX_PARTS):
            part = await reader.next()
            if part is None:
                break
            if not isinstance(part, BodyPartReader):
                raise _invalid("body")
            if part.name == AUDIO and audio is None:
                audio = await _async_collect(_chunks(part), left)
                left -= len(audio)
            elif part.name in optional and part.name not in fields:
                value = await _async_collect(_chunks(part), min(left, _MAX_FIELD_BYTES))
                left -= len(value)
                fields[part.name] = value.decode("utf-8")
            else:
                raise _invalid(part.name or "body")
        else:
            raise _invalid("body")
    except (ValueError, AssertionError, LookupError, RuntimeError, HttpProcessingError) as err:
        # What aiohttp raises for a form that is damaged.
        raise _invalid("body") from err
    if audio is None:
        raise _invalid(AUDIO)
    return Sent(_checked(fields), audio)


async def _chunks(part: BodyPartReader) -> AsyncIterator[bytes]:
    """Yield a part of a form, piece by piece, as it was before it was encoded."""
    if part.headers.get(hdrs.CONTENT_TRANSFER_ENCODING, "binary").lower() not in ("binary", "8bit"):
        raise _invalid("body")
    while not part.at_eof():
        yield await part.read_chunk(_CHUNK_BYTES)


async def _async_collect(chunks: AsyncIterator[bytes], max_bytes: int) -> bytes:
    body = bytearray()
    try:
        async for chunk in chunks:
            body += chunk
            if len(body) > max_bytes:
                raise _too_large(max_bytes)
    except RequestPayloadError as err:
        raise _invalid("body") from err
    return bytes(body)


def _refuse_large(request: web.Request, max_bytes: int) -> None:
    """Refuse before reading what says itself that it is too large."""
    if (request.content_length or 0) > max_bytes:
        raise _too_large(max_bytes)


def _checked(fields: Mapping[str, str]) -> dict[str, str]:
    for name, value in fields.items():
        if len(value) > _MAX_CHARS.get(name, _MAX_TEXT_CHARS):
            raise _invalid(name)
    if session_id := fields.get(SESSION):
        checked_session_id(session_id)
    return dict(fields)


def _too_large(max_bytes: int) -> ApiError:
    limit = f"{max_bytes / MEBIBYTE:g}"
    return ApiError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "body_too_large", limit=limit)


def _invalid(name: str) -> ApiError:
    return ApiError(HTTPStatus.BAD_REQUEST, "request_invalid", field=name[:40])
