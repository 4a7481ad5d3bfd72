"""The state of an entity in a few words: short enough for a prompt, clear enough for a voice."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from custom_components.jonh.agent.languages import Language

if TYPE_CHECKING:
    from collections.abc import Mapping

TEXT_MAX_CHARS = 60
"""Of a text that comes from outside, such as the title of a song: enough to recognise it, too
little to give a model orders."""

OPENINGS = frozenset({"door", "garage_door", "opening", "window"})
"""Classes of binary sensors whose "on" means open."""

PRESENCES = frozenset({"motion", "occupancy", "presence", "moving", "vibration", "sound"})
PROBLEMS = frozenset(
    {"problem", "smoke", "gas", "carbon_monoxide", "moisture", "tamper", "safety", "heat", "cold"}
)
"""Classes of binary sensors whose "on" means that something was found, and is not normal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityState:
    """What Home Assistant knows of an entity at this moment."""

    domain: str
    state: str
    device_class: str | None = None
    unit: str | None = None
    attributes: Mapping[str, object] = field(default_factory=dict)
    """As Home Assistant names them: brightness 0-255, current_position 0-100, volume_level 0-1."""


def state_words(state: EntityState, language: Language, *, ending: str = "o") -> str:
    """Describe a state: "ligada, 50 %", "23,5 °C", "aberto, 30 %", "playing, Bach"."""
    details = _details(state, language)
    return ", ".join([_state(state, language, ending=ending), *details])


def plain_text(text: str) -> str:
    """Make text from outside harmless in a prompt: one line, short, without marks of structure."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    line = line.translate(_STRUCTURE)
    return line if len(line) <= TEXT_MAX_CHARS else f"{line[: TEXT_MAX_CHARS - 1].rstrip()}…"


def number_words(number: float, language: Language) -> str:
    """Write a number with the decimal sign of the language and at most one decimal."""
    text = f"{round(number, 1):g}"
    return text if language is Language.EN else text.replace(".", ",")


def _state(state: EntityState, language: Language, *, ending: str) -> str:
    if (number := _as_number(state.state)) is not None and state.domain not in _DISCRETE:
        unit = f" {state.unit}" if state.unit else ""
        return f"{number_words(number, language)}{unit}"
    key = state.state
    if state.domain == "binary_sensor" and key in ("on", "off"):
        key = _binary_key(state.device_class, is_on=key == "on")
    elif state.domain in _RUN_ONCE and key != "unavailable":
        # Their state is the moment of the last use, or says nothing.
        key = "ready"
    word = _WORDS[language].get(key)
    if word is None:
        return plain_text(state.state)
    return word.replace("{o}", ending)


def _binary_key(device_class: str | None, *, is_on: bool) -> str:
    if device_class in OPENINGS:
        return "open" if is_on else "closed"
    if device_class == "lock":
        return "unlocked" if is_on else "locked"
    if device_class in PRESENCES:
        return "detected" if is_on else "clear"
    if device_class in PROBLEMS:
        return "alert" if is_on else "normal"
    if device_class == "battery":
        return "low" if is_on else "normal"
    if device_class in ("connectivity", "plug", "power"):
        return "connected" if is_on else "disconnected"
    return "on" if is_on else "off"


def _details(state: EntityState, language: Language) -> list[str]:
    """Add what a person would ask next."""
    found: list[str] = []
    get = state.attributes.get
    if state.state == "off" or state.state in ("unavailable", "unknown"):
        return found
    if (brightness := _as_number(get("brightness"))) is not None:
        found.append(f"{max(round(brightness / 255 * 100), 1)} %")
    for name in ("current_position", "percentage"):
        position = _as_number(get(name))
        if position is not None and (name != "current_position" or 0 < position < 100):
            found.append(f"{position:.0f} %")
    if (volume := _as_number(get("volume_level"))) is not None:
        found.append(f"{_WORDS[language]['volume']} {round(volume * 100)} %")
    if title := get("media_title"):
        found.append(plain_text(str(title)))
    if state.domain in ("climate", "water_heater", "humidifier", "weather"):
        found += _climate_details(state, language)
    return found


def _climate_details(state: EntityState, language: Language) -> list[str]:
    found = []
    named = {"temperature": "target", "current_temperature": "now"}
    if state.domain == "weather":
        named = {"temperature": "now"}
    for attribute, word in named.items():
        if (degrees := _as_number(state.attributes.get(attribute))) is not None:
            found.append(f"{_WORDS[language][word]} {number_words(degrees, language)} °")
    if (humidity := _as_number(state.attributes.get("humidity"))) is not None:
        found.append(f"{_WORDS[language]['humidity']} {humidity:.0f} %")
    return found


def _as_number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return number if abs(number) < float("inf") else None


_STRUCTURE = str.maketrans(dict.fromkeys('<>{}[]`|*#=;\\"', " "))

_DISCRETE = frozenset({"select", "input_select", "text", "input_text", "lock", "light", "switch"})
"""Domains whose state is a word even when it looks like a number."""

_RUN_ONCE = frozenset({"scene", "button", "input_button"})

_PT = {
    "on": "ligad{o}", "off": "desligad{o}", "open": "abert{o}", "closed": "fechad{o}",
    "opening": "abrindo", "closing": "fechando", "stopped": "parad{o}",
    "locked": "trancad{o}", "unlocked": "destrancad{o}", "locking": "trancando",
    "unlocking": "destrancando", "jammed": "emperrad{o}",
    "playing": "tocando", "paused": "pausad{o}", "idle": "parad{o}", "standby": "em espera",
    "buffering": "carregando", "home": "em casa", "not_home": "fora",
    "unavailable": "sem resposta", "unknown": "desconhecid{o}", "ready": "pront{o}",
    "heat": "aquecendo", "cool": "refrigerando", "heat_cool": "automático", "auto": "automático",
    "dry": "desumidificando", "fan_only": "ventilando", "eco": "econômico",
    "cleaning": "limpando", "docked": "na base", "returning": "voltando à base",
    "mowing": "cortando", "error": "com erro",
    "disarmed": "desarmad{o}", "armed_home": "armad{o} em casa", "armed_away": "armad{o} fora",
    "armed_night": "armad{o} para a noite", "arming": "armando", "pending": "pendente",
    "triggered": "disparad{o}", "detected": "detectado", "clear": "nada detectado",
    "alert": "em alerta", "normal": "normal", "low": "fraca", "connected": "conectad{o}",
    "disconnected": "desconectad{o}", "active": "ativ{o}", "above_horizon": "de dia",
    "below_horizon": "de noite", "sunny": "ensolarado", "clear-night": "céu limpo",
    "cloudy": "nublado", "partlycloudy": "parcialmente nublado", "rainy": "chuvoso",
    "pouring": "chuva forte", "lightning": "raios", "lightning-rainy": "tempestade",
    "windy": "ventoso", "windy-variant": "ventoso", "fog": "neblina", "snowy": "neve",
    "hail": "granizo",
    "volume": "volume", "target": "alvo", "now": "agora", "humidity": "umidade",
}  # fmt: skip

_EN = {
    "on": "on", "off": "off", "open": "open", "closed": "closed", "opening": "opening",
    "closing": "closing", "stopped": "stopped", "locked": "locked", "unlocked": "unlocked",
    "locking": "locking", "unlocking": "unlocking", "jammed": "jammed", "playing": "playing",
    "paused": "paused", "idle": "idle", "standby": "on standby", "buffering": "loading",
    "home": "at home", "not_home": "away", "unavailable": "not responding", "unknown": "unknown",
    "ready": "ready", "heat": "heating", "cool": "cooling", "heat_cool": "automatic",
    "auto": "automatic", "dry": "drying", "fan_only": "fan only", "eco": "eco",
    "cleaning": "cleaning", "docked": "docked", "returning": "returning", "mowing": "mowing",
    "error": "in error", "disarmed": "disarmed", "armed_home": "armed home",
    "armed_away": "armed away", "armed_night": "armed for the night", "arming": "arming",
    "pending": "pending", "triggered": "triggered", "detected": "detected", "clear": "clear",
    "alert": "alert", "normal": "normal", "low": "low", "connected": "connected",
    "disconnected": "disconnected", "active": "active", "above_horizon": "day",
    "below_horizon": "night", "sunny": "sunny", "clear-night": "clear", "cloudy": "cloudy",
    "partlycloudy": "partly cloudy", "rainy": "rainy", "pouring": "pouring",
    "lightning": "lightning", "lightning-rainy": "thunderstorm", "windy": "windy",
    "windy-variant": "windy", "fog": "foggy", "snowy": "snowy", "hail": "hail",
    "volume": "volume", "target": "target", "now": "now", "humidity": "humidity",
}  # fmt: skip

_ES = {
    "on": "encendid{o}", "off": "apagad{o}", "open": "abiert{o}", "closed": "cerrad{o}",
    "opening": "abriendo", "closing": "cerrando", "stopped": "parad{o}",
    "locked": "cerrad{o} con llave", "unlocked": "sin llave", "locking": "cerrando",
    "unlocking": "abriendo", "jammed": "atascad{o}", "playing": "reproduciendo",
    "paused": "en pausa", "idle": "parad{o}", "standby": "en espera", "buffering": "cargando",
    "home": "en casa", "not_home": "fuera", "unavailable": "sin respuesta",
    "unknown": "desconocid{o}", "ready": "list{o}", "heat": "calentando", "cool": "enfriando",
    "heat_cool": "automático", "auto": "automático", "dry": "deshumidificando",
    "fan_only": "ventilando", "eco": "económico", "cleaning": "limpiando", "docked": "en la base",
    "returning": "volviendo a la base", "mowing": "cortando", "error": "con error",
    "disarmed": "desarmad{o}", "armed_home": "armad{o} en casa", "armed_away": "armad{o} fuera",
    "armed_night": "armad{o} para la noche", "arming": "armando", "pending": "pendiente",
    "triggered": "activad{o}", "detected": "detectado", "clear": "nada detectado",
    "alert": "en alerta", "normal": "normal", "low": "baja", "connected": "conectad{o}",
    "disconnected": "desconectad{o}", "active": "activ{o}", "above_horizon": "de día",
    "below_horizon": "de noche", "sunny": "soleado", "clear-night": "despejado",
    "cloudy": "nublado", "partlycloudy": "parcialmente nublado", "rainy": "lluvioso",
    "pouring": "lluvia fuerte", "lightning": "rayos", "lightning-rainy": "tormenta",
    "windy": "ventoso", "windy-variant": "ventoso", "fog": "niebla", "snowy": "nieve",
    "hail": "granizo",
    "volume": "volumen", "target": "objetivo", "now": "ahora", "humidity": "humedad",
}  # fmt: skip

_WORDS = {Language.PT_BR: _PT, Language.PT: _PT, Language.EN: _EN, Language.ES: _ES}
