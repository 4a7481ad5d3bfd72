"""The tool for timers, over Home Assistant's own: they ring where they were started."""

from typing import TYPE_CHECKING, Any

from homeassistant.components.intent import async_device_supports_timers
from homeassistant.components.intent.timers import TimerNotFoundError
from homeassistant.helpers import intent

from custom_components.jonh.agent.calls.tool_lines import Line
from custom_components.jonh.agent.languages import Language
from custom_components.jonh.agent.plain.values import parse_duration_s
from custom_components.jonh.const import DOMAIN

from .turn import result

if TYPE_CHECKING:
    from collections.abc import Mapping

    from homeassistant.core import HomeAssistant
    from homeassistant.helpers import llm

    from .turn import ToolTurn

_INTENTS = {
    "start": (intent.INTENT_START_TIMER, Line.TIMER_START),
    "cancel": (intent.INTENT_CANCEL_TIMER, Line.TIMER_CANCEL),
    "cancel_all": (intent.INTENT_CANCEL_ALL_TIMERS, Line.TIMER_CANCEL),
    "increase": (intent.INTENT_INCREASE_TIMER, Line.TIMER_CHANGE),
    "decrease": (intent.INTENT_DECREASE_TIMER, Line.TIMER_CHANGE),
    "pause": (intent.INTENT_PAUSE_TIMER, Line.TIMER_PAUSE),
    "resume": (intent.INTENT_UNPAUSE_TIMER, Line.TIMER_RESUME),
}
_NEEDS_DURATION = frozenset({"start", "increase", "decrease"})


async def async_timer(
    hass: HomeAssistant, turn: ToolTurn, args: Mapping[str, Any]
) -> llm.ToolResult:
    """Start, change or tell timers of the device that was spoken to."""
    turn.has_told = True
    device_id = turn.speaker.device_id
    if device_id is None or not async_device_supports_timers(hass, device_id):
        return result([turn.line(Line.NO_TIMERS)], is_error=True)
    action = str(args.get("action", ""))
    if action == "status":
        return await _async_status(hass, turn, args)
    if action not in _INTENTS:
        return result([turn.line(Line.NO_ACTION)], is_error=True)
    if turn.is_question:
        return result([turn.line(Line.ASK_FIRST)], is_error=True)
    duration_s = parse_duration_s(str(args.get("duration", "")))
    if action in _NEEDS_DURATION and duration_s is None:
        return result([turn.line(Line.NO_DURATION)], is_error=True)
    intent_type, told = _INTENTS[action]
    slots = _name_slots(args)
    if action in _NEEDS_DURATION:
        slots |= _duration_slots(duration_s or 0)
    elif duration_s and action != "cancel_all":
        # "Cancel the timer of 5 minutes" tells it by its length.
        slots |= {f"start_{unit}": value for unit, value in _duration_slots(duration_s).items()}
    try:
        await _async_intent(hass, turn, intent_type, slots)
    except TimerNotFoundError:
        return result([turn.line(Line.NO_SUCH_TIMER)], is_error=True)
    except intent.IntentError:
        return result([turn.line(Line.WHICH_TIMER)], is_error=True)
    turn.has_written = True
    timer = _timer_name(str(args.get("name", "")), duration_s or 0, turn.language)
    return result([turn.line(told, timer=timer)])


async def _async_status(
    hass: HomeAssistant, turn: ToolTurn, args: Mapping[str, Any]
) -> llm.ToolResult:
    response = await _async_intent(hass, turn, intent.INTENT_TIMER_STATUS, _name_slots(args))
    lines = []
    for timer in response.speech_slots.get("timers", []):
        start_s = _seconds(timer, "start_hours", "start_minutes", "start_seconds")
        which = Line.TIMER_LEFT if timer["is_active"] else Line.TIMER_PAUSED
        lines.append(
            turn.line(
                which,
                timer=_timer_name(timer["name"], start_s, turn.language),
                left=duration_words(timer["total_seconds_left"], turn.language),
            )
        )
    return result(lines or [turn.line(Line.NO_TIMER_RUNS)])


async def _async_intent(
    hass: HomeAssistant, turn: ToolTurn, intent_type: str, slots: Mapping[str, Any]
) -> intent.IntentResponse:
    return await intent.async_handle(
        hass,
        DOMAIN,
        intent_type,
        slots={name: {"value": value} for name, value in slots.items()},
        context=turn.context,
        language=turn.language,
        assistant="conversation",
        device_id=turn.speaker.device_id,
    )


def duration_words(seconds: int, language: Language) -> str:
    """Write a duration: "1 hora 5 minutos", "30 segundos"."""
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    counted = zip((hours, minutes, left), _UNITS[language], strict=True)
    parts = [f"{count} {unit if count == 1 else unit + 's'}" for count, unit in counted if count]
    return " ".join(parts) or f"0 {_UNITS[language][2]}s"


def _timer_name(name: str, seconds: int, language: Language) -> str:
    duration = duration_words(seconds, language)
    return f"{name}, {duration}" if name else duration


def _name_slots(args: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": str(args["name"])} if args.get("name") else {}


def _duration_slots(seconds: int) -> dict[str, Any]:
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    slots = {"hours": hours, "minutes": minutes, "seconds": left}
    return {unit: count for unit, count in slots.items() if count}


def _seconds(timer: Mapping[str, Any], *units: str) -> int:
    hours, minutes, seconds = (int(timer[unit]) for unit in units)
    return hours * 3600 + minutes * 60 + seconds


_UNITS = {
    Language.PT_BR: ("hora", "minuto", "segundo"),
    Language.PT: ("hora", "minuto", "segundo"),
    Language.EN: ("hour", "minute", "second"),
    Language.ES: ("hora", "minuto", "segundo"),
}
