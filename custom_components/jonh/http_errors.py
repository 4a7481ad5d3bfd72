"""Errors of the HTTP API: a code for programs, a sentence for people in their language."""

import math
from http import HTTPStatus
from typing import TYPE_CHECKING

from homeassistant.helpers.translation import async_get_translations

from .agent.languages import Language, language_of
from .const import DOMAIN
from .turn_words import TurnError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aiohttp import web
    from homeassistant.core import HomeAssistant

_TAGS = {"pt", "en", "es"}
_MAX_ACCEPT_CHARS = 200
"""A browser names some five languages."""

# Status, code. A recogniser or a voice that is not there is a matter of the settings (503),
# one that fails is somebody else's failure (502).
_TURN_ERRORS = {
    TurnError.PIPELINE_NOT_FOUND: (HTTPStatus.UNPROCESSABLE_ENTITY, "pipeline_not_found"),
    TurnError.STT_MISSING: (HTTPStatus.SERVICE_UNAVAILABLE, "recogniser_missing"),
    TurnError.STT_UNSUPPORTED: (HTTPStatus.SERVICE_UNAVAILABLE, "recogniser_missing"),
    TurnError.STT_FAILED: (HTTPStatus.BAD_GATEWAY, "recogniser_failed"),
    TurnError.NOTHING_HEARD: (HTTPStatus.UNPROCESSABLE_ENTITY, "no_speech"),
    TurnError.CLOUD_AUTH: (HTTPStatus.BAD_GATEWAY, "recogniser_failed"),
    TurnError.AGENT_NOT_SUPPORTED: (HTTPStatus.SERVICE_UNAVAILABLE, "agent_missing"),
    TurnError.AGENT_NOT_FOUND: (HTTPStatus.SERVICE_UNAVAILABLE, "agent_missing"),
    TurnError.AGENT_FAILED: (HTTPStatus.BAD_GATEWAY, "agent_failed"),
    TurnError.BUSY: (HTTPStatus.CONFLICT, "conversation_busy"),
    TurnError.UNAUTHORIZED: (HTTPStatus.NOT_FOUND, "session_not_found"),
    TurnError.TTS_UNSUPPORTED: (HTTPStatus.SERVICE_UNAVAILABLE, "voice_missing"),
    TurnError.TTS_FAILED: (HTTPStatus.BAD_GATEWAY, "voice_failed"),
    TurnError.TIMEOUT: (HTTPStatus.GATEWAY_TIMEOUT, "took_too_long"),
    TurnError.UNKNOWN: (HTTPStatus.BAD_GATEWAY, "agent_failed"),
}


class ApiError(Exception):
    """A request that is answered with an error."""

    def __init__(
        self,
        status: HTTPStatus,
        code: str,
        *,
        retry_after_s: float | None = None,
        **placeholders: str,
    ) -> None:
        """Take the key of a sentence of `exceptions` as the code."""
        super().__init__(code)
        self.status = status
        self.code = code
        self.headers: dict[str, str] = {}
        self.placeholders = placeholders
        if retry_after_s is not None:
            seconds = str(max(1, math.ceil(retry_after_s)))
            self.headers["Retry-After"] = seconds
            self.placeholders["seconds"] = seconds


def turn_error(code: str, *, session_id: str = "", pipeline: str = "") -> ApiError:
    """Return what a turn that failed is answered with."""
    status, key = _TURN_ERRORS[TurnError(code)]
    return ApiError(status, key, session=session_id, pipeline=pipeline)


def language_of_request(accept: str | None, default: str) -> Language:
    """Return the language that a person would rather read, `default` where we have none of them."""
    for tag in _preferred(accept or ""):
        if tag.partition("-")[0] in _TAGS:
            return language_of(tag)
    return language_of(default)


async def async_error_body(
    hass: HomeAssistant, request: web.Request, error: ApiError
) -> dict[str, dict[str, str]]:
    """Return the JSON of an error."""
    language = language_of_request(request.headers.get("Accept-Language"), hass.config.language)
    texts = await async_get_translations(hass, language, "exceptions", {DOMAIN})
    text = texts[f"component.{DOMAIN}.exceptions.{error.code}.message"]
    return {"error": {"code": error.code, "message": text.format(**error.placeholders)}}


def _preferred(accept: str) -> Iterator[str]:
    """Yield the languages of an Accept-Language header, the dearest first."""
    weighed = []
    for part in accept[:_MAX_ACCEPT_CHARS].lower().split(","):
        tag, _, weight = part.partition(";")
        try:
            quality = float(weight.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        if quality > 0:
            weighed.append((quality, tag.strip().replace("_", "-")))
    yield from (tag for _, tag in sorted(weighed, key=lambda each: -each[0]))
