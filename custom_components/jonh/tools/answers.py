"""The tools that only read: states, forecasts, calendars and the search for devices."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from homeassistant.components.weather import WeatherEntityFeature
from homeassistant.util import dt as dt_util

from custom_components.jonh.actions.execute import async_call
from custom_components.jonh.actions.wishes import Call
from custom_components.jonh.agent.calls.tool_lines import Line, label
from custom_components.jonh.agent.speech.states import (
    EntityState,
    number_words,
    plain_text,
    state_words,
)
from custom_components.jonh.agent.words import words

from .turn import result

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from homeassistant.core import HomeAssistant
    from homeassistant.helpers import llm

    from custom_components.jonh.agent.home import Entity

    from .turn import ToolTurn

STATES_MAX = 40
"""Some 600 tokens; whoever needs more has to ask for a room or a kind."""
FOUND_MAX = 12
"""A search answers a question; the rest would only be read."""
EVENTS_MAX = 12
"""More appointments than anybody wants to hear."""
WEEK_DAYS = 7

_MUTE = frozenset({"scene", "script", "button", "input_button", "automation", "event", "update"})
"""Domains whose state tells nothing about a room."""


async def async_home_state(
    hass: HomeAssistant, turn: ToolTurn, args: Mapping[str, Any]
) -> llm.ToolResult:
    """Tell the states of what is named, or of a room; forecasts and events where days are."""
    turn.has_told = True
    span = _span(str(args.get("when", "")))
    if span and not any(args.get(key) for key in ("names", "area", "kind")):
        args = {**args, "kind": "weather"}
    told = {entity.domain for entity in turn.home.entities} - _MUTE
    targets = turn.find(args, wide=told)
    # All that share a name are told: reading does no harm.
    entities = [*targets.entities, *(one for group in targets.doubtful for one in group)]
    turn.note(entities[:STATES_MAX])
    lines: list[str] = []
    for entity in entities[:STATES_MAX]:
        lines += await _async_lines(hass, turn, entity, span)
    if len(entities) > STATES_MAX:
        lines.append(turn.line(Line.MORE, count=len(entities) - STATES_MAX))
    lines += turn.question_lines(replace(targets, doubtful=()))
    if lines:
        return result(lines, is_error=not entities)
    is_empty = not any(args.get(key) for key in ("names", "area", "kind"))
    return result([turn.line(Line.NO_TARGET if is_empty else Line.NOTHING_THERE)], is_error=True)


async def async_find(
    _hass: HomeAssistant, turn: ToolTurn, args: Mapping[str, Any]
) -> llm.ToolResult:
    """Tell what fits a description best, with its state, the best first."""
    turn.has_told = True
    query = str(args.get("query", ""))
    found = turn.index.retriever.relevant(query, k=FOUND_MAX, here=turn.here)
    if not found:
        return result([turn.line(Line.MISSING, said=query)], is_error=True)
    return result(_state_line(turn, entity) for entity in found)


async def _async_lines(
    hass: HomeAssistant, turn: ToolTurn, entity: Entity, span: _Days | None
) -> list[str]:
    if entity.domain == "calendar":
        return await _async_events(hass, turn, entity, span or _Days.week())
    if entity.domain == "weather" and span:
        return await _async_forecast(hass, turn, entity, span)
    return [_state_line(turn, entity)]


def _state_line(turn: ToolTurn, entity: Entity) -> str:
    return f"{label(entity, turn.home)}: {turn.state_words(entity)}"


class _Days:
    """Days from now on, by their number from today; the last one is not in it."""

    def __init__(self, first: int, last: int) -> None:
        today = dt_util.start_of_local_day()
        self.first = today + timedelta(days=first)
        self.last = today + timedelta(days=last)
        self.start = max(self.first, dt_util.now())

    @classmethod
    def week(cls) -> _Days:
        """Today and the six days that follow."""
        return cls(0, WEEK_DAYS)

    def includes(self, day: date) -> bool:
        """Return True for a day of the span."""
        return self.first.date() <= day < self.last.date()


def _span(when: str) -> _Days | None:
    """Understand "today", "amanhã", "this week"; anything else that was said is a week."""
    said = set(words(when))
    if not said:
        return None
    if said & {"depois"} or {"after", "tomorrow"} <= said or "pasado" in said:
        return _Days(2, 3)
    if said & {"tomorrow", "amanha", "manana"}:
        return _Days(1, 2)
    if said & {"today", "hoje", "hoy", "now", "agora", "tonight", "noite"}:
        return _Days(0, 1)
    return _Days.week()


async def _async_events(
    hass: HomeAssistant, turn: ToolTurn, entity: Entity, span: _Days
) -> list[str]:
    call = Call(
        domain="calendar",
        service="get_events",
        data={
            "entity_id": entity.entity_id,
            "start_date_time": span.start.isoformat(),
            "end_date_time": span.last.isoformat(),
        },
    )
    answer = await async_call(hass, call, turn.context, has_response=True)
    name = label(entity, turn.home)
    if answer.error:
        return [turn.line(Line.FAILED, name=name)]
    events: Sequence[Mapping[str, Any]] = _field(answer.data, entity, "events")
    if not events:
        return [turn.line(Line.NO_EVENTS, name=name)]
    return [
        f"{name}: {_moment(turn, event)} {plain_text(str(event.get('summary') or ''))}"
        for event in events[:EVENTS_MAX]
    ]


def _moment(turn: ToolTurn, event: Mapping[str, Any]) -> str:
    """Write when an event begins: "2026-11-25 14:00"."""
    start = str(event.get("start", ""))
    if "T" not in start:
        return f"{start} {turn.line(Line.ALL_DAY)}"
    moment = dt_util.parse_datetime(start)
    return f"{dt_util.as_local(moment):%Y-%m-%d %H:%M}" if moment else start


async def _async_forecast(
    hass: HomeAssistant, turn: ToolTurn, entity: Entity, span: _Days
) -> list[str]:
    state = hass.states.get(entity.entity_id)
    features = (state.attributes.get("supported_features") or 0) if state else 0
    lines = [_state_line(turn, entity)]
    kind = next((kind for feature, kind in _FORECASTS if features & feature), None)
    if kind is None:
        return [*lines, turn.line(Line.NO_FORECAST, name=label(entity, turn.home))]
    data = {"entity_id": entity.entity_id, "type": kind}
    call = Call(domain="weather", service="get_forecasts", data=data)
    answer = await async_call(hass, call, turn.context, has_response=True)
    for forecast in _field(answer.data, entity, "forecast"):
        moment = dt_util.parse_datetime(str(forecast.get("datetime")))
        if moment and span.includes(dt_util.as_local(moment).date()):
            lines.append(_forecast_line(turn, dt_util.as_local(moment), forecast))
    return lines


def _forecast_line(turn: ToolTurn, moment: datetime, forecast: Mapping[str, Any]) -> str:
    """Write one day: "2026-11-26: chuvoso, 18 a 25 °, chuva 80 %"."""
    condition = EntityState(domain="weather", state=str(forecast.get("condition") or "unknown"))
    parts = [state_words(condition, turn.language)]
    degrees = [
        number_words(float(value), turn.language)
        for value in (forecast.get("templow"), forecast.get("temperature"))
        if isinstance(value, int | float)
    ]
    if degrees:
        parts.append(f"{'-'.join(degrees)} °")
    rain = forecast.get("precipitation_probability")
    if isinstance(rain, int | float):
        parts.append(turn.line(Line.RAIN, percent=round(rain)))
    return f"{moment:%Y-%m-%d}: {', '.join(parts)}"


def _field(data: Mapping[str, Any], entity: Entity, name: str) -> Sequence[Mapping[str, Any]]:
    return (data.get(entity.entity_id) or {}).get(name) or []


_FORECASTS = (
    (WeatherEntityFeature.FORECAST_DAILY, "daily"),
    (WeatherEntityFeature.FORECAST_TWICE_DAILY, "twice_daily"),
)
"""Kinds of forecast that tell of days, the best first."""
