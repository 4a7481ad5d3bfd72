"""The Assist pipeline that joins speech recognition, the agent and the voice."""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from homeassistant.components import stt, tts
from homeassistant.components.assist_pipeline import Pipeline, async_get_pipelines
from homeassistant.components.assist_pipeline.pipeline import (
    KEY_ASSIST_PIPELINE,
    PipelineStorageCollection,
)
from homeassistant.const import Platform
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import entity_registry as er
from homeassistant.util import language as language_util

from .const import DEFAULT_TITLE, DOMAIN

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

WYOMING = "wyoming"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechEngine:
    """A speech entity and the spelling of the language it wants."""

    entity_id: str
    language: str
    voice: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineSummary:
    """What `async_create_pipeline` made."""

    pipeline_id: str
    name: str
    language: str
    stt_entity: str
    tts_entity: str
    conversation_agent: str
    created: bool
    """False when a pipeline of that name was there and was updated."""
    preferred: bool

    def as_dict(self) -> dict[str, Any]:
        """Return the summary as the action's response."""
        return asdict(self)


async def async_create_pipeline(
    hass: HomeAssistant,
    *,
    conversation_agent: str,
    language: str,
    name: str = DEFAULT_TITLE,
    stt_entity: str | None = None,
    tts_entity: str | None = None,
    set_preferred: bool = False,
) -> PipelineSummary:
    """Create or update the pipeline called `name`; the agent hears every sentence first.

    Raises ServiceValidationError when there is no speech entity for the language.
    """
    speech_to_text = async_find_stt(hass, language, stt_entity)
    text_to_speech = async_find_tts(hass, language, tts_entity)
    store = _store(hass)
    existing = next((item for item in async_get_pipelines(hass) if item.name == name), None)
    settings = {
        "name": name,
        "language": language,
        "conversation_engine": conversation_agent,
        "conversation_language": language,
        "stt_engine": speech_to_text.entity_id,
        "stt_language": speech_to_text.language,
        "tts_engine": text_to_speech.entity_id,
        "tts_language": text_to_speech.language,
        "tts_voice": text_to_speech.voice,
        # The agent has a guard and answers plain commands without a model; Home Assistant's
        # own sentences, tried first, would unlock a door without asking.
        "prefer_local_intents": False,
    }
    pipeline = await _async_save(store, existing, settings)
    if set_preferred:
        store.async_set_preferred_item(pipeline.id)
    return PipelineSummary(
        pipeline_id=pipeline.id,
        name=name,
        language=language,
        stt_entity=speech_to_text.entity_id,
        tts_entity=text_to_speech.entity_id,
        conversation_agent=conversation_agent,
        created=existing is None,
        preferred=store.async_get_preferred_item() == pipeline.id,
    )


async def _async_save(
    store: PipelineStorageCollection, existing: Pipeline | None, settings: dict[str, Any]
) -> Pipeline:
    """Store the settings in a new pipeline, or over those of an existing one."""
    if existing is None:
        return await store.async_create_item(
            {"wake_word_entity": None, "wake_word_id": None, **settings}
        )
    kept = existing.to_json()
    kept.pop("id")
    return await store.async_update_item(existing.id, kept | settings)


@callback
def async_find_stt(
    hass: HomeAssistant, language: str, entity_id: str | None = None
) -> SpeechEngine:
    """Return the speech-to-text entity for the language: the given one, else the best."""
    engines = {
        candidate: engine
        for candidate in _candidates(hass, Platform.STT, entity_id)
        if (engine := stt.async_get_speech_to_text_entity(hass, candidate))
    }
    found, spelling = _first_fit(hass, Platform.STT, language, engines, entity_id)
    return SpeechEngine(entity_id=found, language=spelling)


@callback
def async_find_tts(
    hass: HomeAssistant, language: str, entity_id: str | None = None
) -> SpeechEngine:
    """Return the text-to-speech entity for the language: the given one, else the best."""
    engines = {
        candidate: engine
        for candidate in _candidates(hass, Platform.TTS, entity_id)
        if (engine := hass.data[tts.DATA_COMPONENT].get_entity(candidate))
    }
    found, spelling = _first_fit(hass, Platform.TTS, language, engines, entity_id)
    voices = engines[found].async_get_supported_voices(spelling)
    voice = voices[0].voice_id if voices else None
    return SpeechEngine(entity_id=found, language=spelling, voice=voice)


def _first_fit(
    hass: HomeAssistant,
    domain: Platform,
    language: str,
    engines: Mapping[str, stt.SpeechToTextEntity | tts.TextToSpeechEntity],
    asked_for: str | None,
) -> tuple[str, str]:
    """Return the first engine that knows the language, and how it spells it."""
    for entity_id, engine in engines.items():
        spelled = language_util.matches(
            language, engine.supported_languages, country=hass.config.country
        )
        if spelled:
            return entity_id, spelled[0]
    if asked_for is None:
        raise _refusal(f"no_{domain}_entity", language=language)
    if asked_for not in engines:
        raise _refusal(f"{domain}_not_found", entity=asked_for)
    raise _refusal(f"{domain}_language_unsupported", entity=asked_for, language=language)


@callback
def async_has_speech(hass: HomeAssistant) -> bool:
    """Return True when there is at least one STT and one TTS entity."""
    return all(hass.states.async_entity_ids(domain) for domain in (Platform.STT, Platform.TTS))


@callback
def async_listen_pipelines(hass: HomeAssistant, listener: Callable[[], None]) -> CALLBACK_TYPE:
    """Call `listener` after each change of a pipeline, until the returned function is called."""

    async def changed(_change: str, _pipeline_id: str, _pipeline: dict[str, Any]) -> None:
        listener()

    return _store(hass).async_add_listener(changed)


def _candidates(hass: HomeAssistant, domain: Platform, entity_id: str | None) -> list[str]:
    """Return entity ids, the most fitting first: ours, then Wyoming's, then others."""
    if entity_id is not None:
        return [entity_id]
    registry = er.async_get(hass)

    def rank(candidate: str) -> tuple[bool, bool, str]:
        state = hass.states.get(candidate)
        is_ours = DOMAIN in f"{candidate} {state.name if state else ''}".lower()
        entry = registry.async_get(candidate)
        is_wyoming = entry is not None and entry.platform == WYOMING
        return (not is_ours, not is_wyoming, candidate)

    return sorted(hass.states.async_entity_ids(domain), key=rank)


def _refusal(key: str, **placeholders: str) -> ServiceValidationError:
    """Return a translated error for the person who asked."""
    return ServiceValidationError(
        translation_domain=DOMAIN, translation_key=key, translation_placeholders=placeholders
    )


def _store(hass: HomeAssistant) -> PipelineStorageCollection:
    """Return Home Assistant's pipeline collection.

    The public functions can neither set a language other than Home Assistant's own nor
    the preferred pipeline.
    """
    return hass.data[KEY_ASSIST_PIPELINE].pipeline_store
