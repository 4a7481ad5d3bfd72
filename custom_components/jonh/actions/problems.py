"""Why something in the home did not do what it was told, in the language of who asked."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

import probatio
from homeassistant.exceptions import (
    ServiceNotFound,
    ServiceNotSupported,
    ServiceValidationError,
    Unauthorized,
)

from custom_components.jonh.agent.languages import Language
from custom_components.jonh.agent.speech.states import number_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from homeassistant.core import State


class Reason(StrEnum):
    """Why a target of a command was left as it was."""

    NOT_RESPONDING = "not_responding"
    TOO_SLOW = "too_slow"
    FAILED = "failed"
    NOT_ALLOWED = "not_allowed"
    NEEDS_CODE = "needs_code"
    UNSUPPORTED = "unsupported"
    NO_VALUE = "no_value"
    NO_OPTION = "no_option"
    OUT_OF_RANGE = "out_of_range"
    IS_OFF = "is_off"
    NO_BRIGHTNESS = "no_brightness"
    NO_COLOR = "no_color"
    NO_WHITE = "no_white"
    NO_POSITION = "no_position"
    NO_SPEED = "no_speed"
    NO_TEMPERATURE = "no_temperature"
    NO_HUMIDITY = "no_humidity"
    NO_VOLUME = "no_volume"
    NO_SEARCH = "no_search"
    NOTHING_FOUND = "nothing_found"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A reason, with what its sentence names."""

    reason: Reason
    details: Mapping[str, str | float] = field(default_factory=dict)

    def words(self, language: Language) -> str:
        """Say it as the predicate of a sentence: "não tem posição ajustável"."""
        details = {
            name: detail if isinstance(detail, str) else number_words(detail, language)
            for name, detail in self.details.items()
        }
        return _WORDS[language][self.reason].format(**details)


OPTIONS_MAX = 6
"""As many options as a person can keep in mind when they are read aloud."""


def no_option(options: list[str]) -> Problem:
    """Say which options there are; without any, that it cannot be set like this."""
    if not options:
        return Problem(reason=Reason.UNSUPPORTED)
    return Problem(reason=Reason.NO_OPTION, details={"options": ", ".join(options[:OPTIONS_MAX])})


def out_of_range(low: float, high: float) -> Problem:
    """Say between which numbers it can be set."""
    return Problem(reason=Reason.OUT_OF_RANGE, details={"low": low, "high": high})


def problem_of(error: Exception, state: State) -> Problem:
    """Name what a service raised, without its English words."""
    if isinstance(error, Unauthorized):
        return Problem(reason=Reason.NOT_ALLOWED)
    if isinstance(error, TimeoutError):
        return Problem(reason=Reason.TOO_SLOW)
    if isinstance(error, ServiceNotSupported | ServiceNotFound | probatio.Invalid):
        return Problem(reason=Reason.UNSUPPORTED)
    if isinstance(error, ServiceValidationError) and state.attributes.get("code_format"):
        return Problem(reason=Reason.NEEDS_CODE)
    return Problem(reason=Reason.FAILED)


_PT = {
    Reason.NOT_RESPONDING: "não está respondendo",
    Reason.TOO_SLOW: "demorou demais para responder",
    Reason.FAILED: "deu erro ao executar",
    Reason.NOT_ALLOWED: "não está liberado para você",
    Reason.NEEDS_CODE: "precisa de um código que eu não tenho",
    Reason.UNSUPPORTED: "não aceita esse comando",
    Reason.NO_VALUE: "precisa de um valor",
    Reason.NO_OPTION: "só tem as opções {options}",
    Reason.OUT_OF_RANGE: "só vai de {low} a {high}",
    Reason.IS_OFF: "não está em funcionamento",
    Reason.NO_BRIGHTNESS: "não tem brilho ajustável",
    Reason.NO_COLOR: "não muda de cor",
    Reason.NO_WHITE: "não muda o tom de branco",
    Reason.NO_POSITION: "não tem posição ajustável",
    Reason.NO_SPEED: "não tem velocidade ajustável",
    Reason.NO_TEMPERATURE: "não tem temperatura ajustável",
    Reason.NO_HUMIDITY: "não tem umidade ajustável",
    Reason.NO_VOLUME: "não tem volume ajustável",
    Reason.NO_SEARCH: "não consegue buscar músicas",
    Reason.NOTHING_FOUND: "não achou nada com esse nome",
}

_WORDS = {
    Language.PT_BR: _PT,
    Language.PT: _PT | {
        Reason.NOT_RESPONDING: "não está a responder",
        Reason.NOT_ALLOWED: "não está autorizado para si",
        Reason.NO_HUMIDITY: "não tem humidade ajustável",
        Reason.NO_SEARCH: "não consegue procurar música",
    },
    Language.EN: {
        Reason.NOT_RESPONDING: "is not responding",
        Reason.TOO_SLOW: "took too long to respond",
        Reason.FAILED: "reported an error",
        Reason.NOT_ALLOWED: "is not allowed for you",
        Reason.NEEDS_CODE: "needs a code that I do not have",
        Reason.UNSUPPORTED: "does not take that command",
        Reason.NO_VALUE: "needs a value",
        Reason.NO_OPTION: "only has the options {options}",
        Reason.OUT_OF_RANGE: "only goes from {low} to {high}",
        Reason.IS_OFF: "is not running",
        Reason.NO_BRIGHTNESS: "cannot be dimmed",
        Reason.NO_COLOR: "cannot change its colour",
        Reason.NO_WHITE: "cannot change its shade of white",
        Reason.NO_POSITION: "has no adjustable position",
        Reason.NO_SPEED: "has no adjustable speed",
        Reason.NO_TEMPERATURE: "has no adjustable temperature",
        Reason.NO_HUMIDITY: "has no adjustable humidity",
        Reason.NO_VOLUME: "has no adjustable volume",
        Reason.NO_SEARCH: "cannot search for music",
        Reason.NOTHING_FOUND: "found nothing of that name",
    },
    Language.ES: {
        Reason.NOT_RESPONDING: "no responde",
        Reason.TOO_SLOW: "tardó demasiado en responder",
        Reason.FAILED: "dio un error",
        Reason.NOT_ALLOWED: "no está permitido para ti",
        Reason.NEEDS_CODE: "necesita un código que no tengo",
        Reason.UNSUPPORTED: "no acepta esa orden",
        Reason.NO_VALUE: "necesita un valor",
        Reason.NO_OPTION: "solo tiene las opciones {options}",
        Reason.OUT_OF_RANGE: "solo va de {low} a {high}",
        Reason.IS_OFF: "no está en funcionamiento",
        Reason.NO_BRIGHTNESS: "no tiene brillo ajustable",
        Reason.NO_COLOR: "no cambia de color",
        Reason.NO_WHITE: "no cambia el tono de blanco",
        Reason.NO_POSITION: "no tiene posición ajustable",
        Reason.NO_SPEED: "no tiene velocidad ajustable",
        Reason.NO_TEMPERATURE: "no tiene temperatura ajustable",
        Reason.NO_HUMIDITY: "no tiene humedad ajustable",
        Reason.NO_VOLUME: "no tiene volumen ajustable",
        Reason.NO_SEARCH: "no puede buscar música",
        Reason.NOTHING_FOUND: "no encontró nada con ese nombre",
    },
}  # fmt: skip
