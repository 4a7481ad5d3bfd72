"""What tools answer a model, in the language of the turn: short lines, one for each thing."""

from enum import StrEnum
from typing import TYPE_CHECKING

from custom_components.jonh.agent.languages import Language
from custom_components.jonh.agent.words import words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from custom_components.jonh.agent.home import Entity, Home

NAMES_MAX = 5
"""More names than these are no question that can be answered by voice."""


class Line(StrEnum):
    """A thing that a tool says."""

    MISSING = "missing"
    MAYBE = "maybe"
    WHICH = "which"
    HELD = "held"
    REFUSED = "refused"
    ASK_FIRST = "ask_first"
    NO_ACTION = "no_action"
    NO_TARGET = "no_target"
    NOTHING_THERE = "nothing_there"
    MORE = "more"
    NO_TIMERS = "no_timers"
    NO_DURATION = "no_duration"
    NO_SUCH_TIMER = "no_such_timer"
    WHICH_TIMER = "which_timer"
    TIMER_START = "timer_start"
    TIMER_CANCEL = "timer_cancel"
    TIMER_CHANGE = "timer_change"
    TIMER_PAUSE = "timer_pause"
    TIMER_RESUME = "timer_resume"
    TIMER_LEFT = "timer_left"
    TIMER_PAUSED = "timer_paused"
    NO_TIMER_RUNS = "no_timer_runs"
    NO_LIST = "no_list"
    NO_ITEM = "no_item"
    ITEM_ADDED = "item_added"
    ITEM_DONE = "item_done"
    ITEM_REMOVED = "item_removed"
    ITEM_MISSING = "item_missing"
    LIST_EMPTY = "list_empty"
    NO_EVENTS = "no_events"
    NO_FORECAST = "no_forecast"
    ALL_DAY = "all_day"
    RAIN = "rain"
    FAILED = "failed"


def line(which: Line, language: Language, **details: object) -> str:
    """Return a line."""
    return _LINES[language][which].format(**details)


def label(entity: Entity, home: Home) -> str:
    """Return the name of an entity, with its room where the name does not say it."""
    area = home.area_of(entity)
    if area is None or any(set(words(name)) <= set(words(entity.name)) for name in area.names):
        return entity.name
    return f"{entity.name} ({area.name})"


def labels(entities: Iterable[Entity], home: Home) -> str:
    """Join the names of some entities."""
    return ", ".join([label(entity, home) for entity in entities][:NAMES_MAX])


_PT = {
    Line.MISSING: "Não encontrei {said}.",
    Line.MAYBE: "Talvez: {names}?",
    Line.WHICH: "Pergunte qual: {names}?",
    Line.HELD: "{names}: ainda não feito. O sistema vai pedir a confirmação; não diga mais nada.",
    Line.REFUSED: "{names}: não feito, precisa ser pedido pelo nome.",
    Line.ASK_FIRST: "Não feito: foi uma pergunta. Pergunte antes se é para fazer.",
    Line.NO_ACTION: "Não entendi a ação.",
    Line.NO_TARGET: "Diga o nome, o cômodo ou o tipo.",
    Line.NOTHING_THERE: "Não há nada assim lá.",
    Line.MORE: "E mais {count}.",
    Line.NO_TIMERS: "Este aparelho não tem timers.",
    Line.NO_DURATION: "Pergunte a duração.",
    Line.NO_SUCH_TIMER: "Não há esse timer.",
    Line.WHICH_TIMER: "Há mais de um timer; pergunte qual.",
    Line.TIMER_START: "Timer iniciado: {timer}.",
    Line.TIMER_CANCEL: "Timer cancelado.",
    Line.TIMER_CHANGE: "Timer alterado.",
    Line.TIMER_PAUSE: "Timer pausado.",
    Line.TIMER_RESUME: "Timer retomado.",
    Line.TIMER_LEFT: "{timer}: faltam {left}",
    Line.TIMER_PAUSED: "{timer}: pausado, faltam {left}",
    Line.NO_TIMER_RUNS: "Nenhum timer ativo.",
    Line.NO_LIST: "Não há listas.",
    Line.NO_ITEM: "Pergunte o item.",
    Line.ITEM_ADDED: "{item}: adicionado à lista {list}.",
    Line.ITEM_DONE: "{item}: concluído na lista {list}.",
    Line.ITEM_REMOVED: "{item}: removido da lista {list}.",
    Line.ITEM_MISSING: "{item}: não está na lista {list}.",
    Line.LIST_EMPTY: "{list}: vazia.",
    Line.NO_EVENTS: "{name}: nada marcado.",
    Line.NO_FORECAST: "{name}: sem previsão.",
    Line.ALL_DAY: "dia todo",
    Line.RAIN: "chuva {percent} %",
    Line.FAILED: "{name}: deu erro.",
}

_LINES = {
    Language.PT_BR: _PT,
    Language.PT: _PT | {
        Line.NO_TARGET: "Diga o nome, a divisão ou o tipo.",
        Line.NO_TIMERS: "Este aparelho não tem temporizadores.",
        Line.TIMER_START: "Temporizador iniciado: {timer}.",
        Line.TIMER_CANCEL: "Temporizador cancelado.",
    },
    Language.EN: {
        Line.MISSING: "I did not find {said}.",
        Line.MAYBE: "Maybe: {names}?",
        Line.WHICH: "Ask which one: {names}?",
        Line.HELD: "{names}: not done yet. The system asks for confirmation; say nothing more.",
        Line.REFUSED: "{names}: not done, has to be asked for by name.",
        Line.ASK_FIRST: "Not done: this was a question. Ask first whether to do it.",
        Line.NO_ACTION: "I did not understand the action.",
        Line.NO_TARGET: "Give a name, a room or a kind.",
        Line.NOTHING_THERE: "There is nothing like that.",
        Line.MORE: "And {count} more.",
        Line.NO_TIMERS: "This device has no timers.",
        Line.NO_DURATION: "Ask for the duration.",
        Line.NO_SUCH_TIMER: "There is no such timer.",
        Line.WHICH_TIMER: "There are several timers; ask which one.",
        Line.TIMER_START: "Timer started: {timer}.",
        Line.TIMER_CANCEL: "Timer cancelled.",
        Line.TIMER_CHANGE: "Timer changed.",
        Line.TIMER_PAUSE: "Timer paused.",
        Line.TIMER_RESUME: "Timer resumed.",
        Line.TIMER_LEFT: "{timer}: {left} left",
        Line.TIMER_PAUSED: "{timer}: paused, {left} left",
        Line.NO_TIMER_RUNS: "No timer is running.",
        Line.NO_LIST: "There are no lists.",
        Line.NO_ITEM: "Ask for the item.",
        Line.ITEM_ADDED: "{item}: added to {list}.",
        Line.ITEM_DONE: "{item}: completed on {list}.",
        Line.ITEM_REMOVED: "{item}: removed from {list}.",
        Line.ITEM_MISSING: "{item}: not on {list}.",
        Line.LIST_EMPTY: "{list}: empty.",
        Line.NO_EVENTS: "{name}: nothing planned.",
        Line.NO_FORECAST: "{name}: no forecast.",
        Line.ALL_DAY: "all day",
        Line.RAIN: "rain {percent} %",
        Line.FAILED: "{name}: failed.",
    },
    Language.ES: {
        Line.MISSING: "No encontré {said}.",
        Line.MAYBE: "¿Quizás: {names}?",
        Line.WHICH: "Pregunta cuál: ¿{names}?",
        Line.HELD: "{names}: aún no hecho. El sistema pedirá confirmación; no digas nada más.",
        Line.REFUSED: "{names}: no hecho, hay que pedirlo por su nombre.",
        Line.ASK_FIRST: "No hecho: era una pregunta. Pregunta antes si hay que hacerlo.",
        Line.NO_ACTION: "No entendí la acción.",
        Line.NO_TARGET: "Di el nombre, la habitación o el tipo.",
        Line.NOTHING_THERE: "No hay nada así.",
        Line.MORE: "Y {count} más.",
        Line.NO_TIMERS: "Este aparato no tiene temporizadores.",
        Line.NO_DURATION: "Pregunta la duración.",
        Line.NO_SUCH_TIMER: "No hay ese temporizador.",
        Line.WHICH_TIMER: "Hay varios temporizadores; pregunta cuál.",
        Line.TIMER_START: "Temporizador iniciado: {timer}.",
        Line.TIMER_CANCEL: "Temporizador cancelado.",
        Line.TIMER_CHANGE: "Temporizador cambiado.",
        Line.TIMER_PAUSE: "Temporizador en pausa.",
        Line.TIMER_RESUME: "Temporizador reanudado.",
        Line.TIMER_LEFT: "{timer}: faltan {left}",
        Line.TIMER_PAUSED: "{timer}: en pausa, faltan {left}",
        Line.NO_TIMER_RUNS: "No hay ningún temporizador activo.",
        Line.NO_LIST: "No hay listas.",
        Line.NO_ITEM: "Pregunta qué artículo.",
        Line.ITEM_ADDED: "{item}: añadido a la lista {list}.",
        Line.ITEM_DONE: "{item}: completado en la lista {list}.",
        Line.ITEM_REMOVED: "{item}: quitado de la lista {list}.",
        Line.ITEM_MISSING: "{item}: no está en la lista {list}.",
        Line.LIST_EMPTY: "{list}: vacía.",
        Line.NO_EVENTS: "{name}: nada previsto.",
        Line.NO_FORECAST: "{name}: sin pronóstico.",
        Line.ALL_DAY: "todo el día",
        Line.RAIN: "lluvia {percent} %",
        Line.FAILED: "{name}: dio un error.",
    },
}  # fmt: skip
