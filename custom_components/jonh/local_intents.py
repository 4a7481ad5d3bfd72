"""Home Assistant's own sentences, as far as they cannot go round the guard."""

from typing import TYPE_CHECKING, Any

from homeassistant.components import conversation
from homeassistant.helpers import intent

if TYPE_CHECKING:
    from collections.abc import Callable

    from hassil.recognize import RecognizeResult
    from homeassistant.core import HomeAssistant

    from .tools.turn import ToolTurn

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
    turn: ToolTurn,
    *,
    has_model: bool,
    has_control: bool,
) -> intent.IntentResponse | None:
    """Answer over sentence triggers, and over intents where the agent may control the home.

    None when nothing safe matches.
    """
    text = await conversation.async_handle_sentence_triggers(hass, user_input, chat_log)
    if text is not None:
        response = intent.IntentResponse(language=user_input.language)
        response.async_set_speech(text)
        return response
    if not has_control:
        return None
    return await conversation.async_handle_intents(
        hass, user_input, chat_log, intent_filter=intent_filter(turn, has_model=has_model)
    )


def intent_filter(turn: ToolTurn, *, has_model: bool) -> Callable[[RecognizeResult], bool]:
    """Return a filter that is True for what Home Assistant must not answer by itself."""

    def is_refused(result: RecognizeResult) -> bool:
        name = result.intent.name
        if name in MODEL_INTENTS:
            return has_model
        slots = {key: entity.value for key, entity in result.entities.items()}
        if said := slots.get("name"):
            found = turn.index.resolver.entity(str(said)).entities
            is_unsure = name in SWITCHING_INTENTS and not found
            return is_unsure or any(map(turn.guard.is_watched, found))
        return name in SWITCHING_INTENTS and not _is_harmless(slots, turn)

    return is_refused


def _is_harmless(slots: dict[str, Any], turn: ToolTurn) -> bool:
    """Return True when nothing in a whole room or floor has to be asked about."""
    named = slots.get("domain")
    domains = {named} if isinstance(named, str) else set(named or ())
    reached = (entity for entity in turn.home.entities if entity.domain in domains)
    return (
        bool(domains)
        and domains <= HARMLESS_DOMAINS
        and not any(map(turn.guard.is_watched, reached))
    )
