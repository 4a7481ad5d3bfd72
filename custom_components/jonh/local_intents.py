"""Home Assistant's own sentences, as far as they cannot go round the guard."""

from typing import TYPE_CHECKING, Any

from homeassistant.components import conversation
from homeassistant.helpers import intent

from .agent.safety.risk import is_guarded

if TYPE_CHECKING:
    from collections.abc import Callable

    from hassil.recognize import RecognizeResult
    from homeassistant.core import HomeAssistant

    from .agent.names.resolver import Resolver

SWITCHING_INTENTS = frozenset(
    {
        intent.INTENT_TURN_ON,
        intent.INTENT_TURN_OFF,
        intent.INTENT_TOGGLE,
        intent.INTENT_SET_POSITION,
        "HassOpenCover",
        "HassCloseCover",
    }
)
"""Intents that can open what must stay shut: Home Assistant unlocks a lock that is "turned off"
with the rest of its room."""

HARMLESS_DOMAINS = frozenset({"climate", "fan", "humidifier", "light", "media_player", "vacuum"})
"""Domains that such an intent may name for a whole room or floor."""

MODEL_INTENTS = frozenset(
    {intent.INTENT_GET_STATE, intent.INTENT_RESPOND, "HassMediaSearchAndPlay"}
)
"""Intents that a model answers better: free questions about the home, greetings, music."""


async def async_answer_locally(
    hass: HomeAssistant,
    user_input: conversation.ConversationInput,
    chat_log: conversation.ChatLog,
    resolver: Resolver,
    *,
    has_model: bool,
) -> intent.IntentResponse | None:
    """Answer over sentence triggers and intents; None when nothing safe matches."""
    text = await conversation.async_handle_sentence_triggers(hass, user_input, chat_log)
    if text is not None:
        response = intent.IntentResponse(language=user_input.language)
        response.async_set_speech(text)
        return response
    return await conversation.async_handle_intents(
        hass, user_input, chat_log, intent_filter=intent_filter(resolver, has_model=has_model)
    )


def intent_filter(resolver: Resolver, *, has_model: bool) -> Callable[[RecognizeResult], bool]:
    """Return a filter that is True for what Home Assistant must not answer by itself."""

    def is_refused(result: RecognizeResult) -> bool:
        name = result.intent.name
        if name in MODEL_INTENTS:
            return has_model
        if name not in SWITCHING_INTENTS:
            return False
        slots = {key: entity.value for key, entity in result.entities.items()}
        return not _is_harmless(slots, resolver)

    return is_refused


def _is_harmless(slots: dict[str, Any], resolver: Resolver) -> bool:
    """Return True when all that can be meant may be switched without a question."""
    if name := slots.get("name"):
        found = resolver.entity(str(name)).entities
        return bool(found) and not any(is_guarded(entity) for entity in found)
    named = slots.get("domain")
    domains = {named} if isinstance(named, str) else set(named or ())
    return bool(domains) and domains <= HARMLESS_DOMAINS
