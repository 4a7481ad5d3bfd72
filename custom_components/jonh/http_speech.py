"""The ears and the voice of a pipeline by themselves, for the HTTP API."""

import re
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from homeassistant.components import stt, tts
from homeassistant.components.assist_pipeline import (
    PipelineNotFound,
    async_get_pipeline,
    async_get_pipelines,
)
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import language as language_util

from .http_errors import ApiError, turn_error
from .http_turn import pieces
from .speech_input import ListenError, Listening, async_listen
from .turn_words import TurnError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable

    from homeassistant.components.assist_pipeline import Pipeline
    from homeassistant.core import Context, HomeAssistant

_TAG = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True)
class Understood:
    """What was said, and in which language it was listened for."""

    text: str
    language: str


def find_pipeline(hass: HomeAssistant, wanted: str | None, language: str | None) -> Pipeline:
    """Return a pipeline by its id or name, else by a language, else the preferred one.

    Raises ApiError when there is none.
    """
    try:
        preferred = async_get_pipeline(hass)
    except PipelineNotFound as err:
        raise turn_error(TurnError.PIPELINE_NOT_FOUND, pipeline=wanted or "") from err
    pipelines = [preferred, *async_get_pipelines(hass)]
    if wanted is not None:
        for pipeline in pipelines:
            if wanted == pipeline.id or wanted.casefold() == pipeline.name.casefold():
                return pipeline
        raise turn_error(TurnError.PIPELINE_NOT_FOUND, pipeline=wanted)
    if language is None:
        return preferred
    spelling = _spelling(language, [pipeline.language for pipeline in pipelines])
    return next(pipeline for pipeline in pipelines if pipeline.language == spelling)


async def async_understand(
    hass: HomeAssistant, context: Context, pipeline: Pipeline, pcm: bytes, language: str | None
) -> Understood:
    """Return what was said in a recording; raises ApiError when that cannot be told."""
    engine = stt.async_get_speech_to_text_engine(hass, pipeline.stt_engine or "")
    if engine is None:
        raise turn_error(TurnError.STT_MISSING)
    language = language or pipeline.stt_language or pipeline.language
    spelling = _spelling(language, engine.supported_languages)
    listening = Listening(
        context=context,
        is_whole=True,
        silence_s=None,
        on_partial=lambda _: None,
        on_end=lambda: None,
    )
    try:
        heard = await async_listen(
            hass, replace(pipeline, stt_language=spelling), pieces(pcm), listening
        )
    except ListenError as err:
        raise turn_error(err.error) from err
    if not heard.text:
        raise turn_error(TurnError.NOTHING_HEARD)
    return Understood(heard.text, spelling)


def speak(
    hass: HomeAssistant, pipeline: Pipeline, text: str, language: str | None, voice: str | None
) -> tts.ResultStream:
    """Return a text as sound that is being made; raises ApiError when nobody can say it."""
    engine = hass.data[tts.DATA_COMPONENT].get_entity(pipeline.tts_engine or "")
    if engine is None:
        raise turn_error(TurnError.TTS_UNSUPPORTED)
    usual = pipeline.tts_language or pipeline.language
    spelling = _spelling(language or usual, engine.supported_languages)
    voices = [each.voice_id for each in engine.async_get_supported_voices(spelling) or ()]
    if voice is not None and voice not in voices:
        raise ApiError(HTTPStatus.UNPROCESSABLE_ENTITY, "voice_unknown", voice=voice)
    if voice is None and pipeline.tts_voice in voices:
        voice = pipeline.tts_voice
    if voice is None and voices:
        # A server that is not told speaks its own favourite language.
        voice = voices[0]
    options: dict[str, Any] = {tts.ATTR_PREFERRED_FORMAT: "wav"}
    if voice is not None:
        options[tts.ATTR_VOICE] = voice
    try:
        stream = tts.async_create_stream(
            hass, pipeline.tts_engine or "", language=spelling, options=options
        )
    except HomeAssistantError as err:
        raise turn_error(TurnError.TTS_UNSUPPORTED) from err
    # As a stream it begins sooner, and is not written to a disk.
    stream.async_set_message_stream(_once(text))
    return stream


async def _once(text: str) -> AsyncGenerator[str]:
    yield text


def _spelling(language: str, offered: Iterable[str]) -> str:
    """Return a language as somebody else spells it; raises ApiError for one that is not there."""
    if _TAG.fullmatch(language):
        tags = list(dict.fromkeys(offered))
        if language in tags:
            return language
        if matches := language_util.matches(language.replace("_", "-"), tags):
            return matches[0]
    raise ApiError(HTTPStatus.UNPROCESSABLE_ENTITY, "language_unsupported", language=language)
