"""Sentences of the replies, by action and language; `replies` fills them in."""

from dataclasses import dataclass

from custom_components.jonh.agent.commands import Action
from custom_components.jonh.agent.languages import Language


@dataclass(frozen=True, slots=True)
class Phrase:
    """How an action is told.

    Slots: {name} and {the} are the targets without and with article, {of} and {on} with
    "of the" and "on the" before them, {o} is the ending that agrees with them.
    """

    done: str
    """It worked."""
    fail: str
    """What could not be done, after "não consegui"."""
    count: str
    """It worked on {n}, a number of things."""


@dataclass(frozen=True, slots=True)
class Noun:
    """What several things of a kind are called together."""

    plural: str
    is_feminine: bool = False


def phrase(action: Action, domain: str, language: Language) -> Phrase:
    """Return how an action on things of a domain is told."""
    special = _BY_DOMAIN[language].get((action, domain))
    return special or _PHRASES[language][action]


def plural_noun(domain: str, device_class: str | None, language: Language) -> Noun:
    """Return what several things of a domain and class are called."""
    nouns = _NOUNS[language]
    return nouns.get(f"{domain}.{device_class}") or nouns.get(domain) or nouns[""]


_PT_PHRASES = {
    Action.ON: Phrase("{name} ligad{o}", "ligar {the}", "liguei {n}"),
    Action.OFF: Phrase("{name} desligad{o}", "desligar {the}", "desliguei {n}"),
    Action.TOGGLE: Phrase("alternei {the}", "alternar {the}", "alternei {n}"),
    Action.OPEN: Phrase("{name} abert{o}", "abrir {the}", "abri {n}"),
    Action.CLOSE: Phrase("{name} fechad{o}", "fechar {the}", "fechei {n}"),
    Action.STOP: Phrase("{name} parad{o}", "parar {the}", "parei {n}"),
    Action.SET: Phrase("{name} ajustad{o}", "ajustar {the}", "ajustei {n}"),
    Action.INCREASE: Phrase("{name} aumentad{o}", "aumentar {the}", "aumentei {n}"),
    Action.DECREASE: Phrase("{name} diminuíd{o}", "diminuir {the}", "diminuí {n}"),
    Action.LOCK: Phrase("{name} trancad{o}", "trancar {the}", "tranquei {n}"),
    Action.UNLOCK: Phrase("{name} destrancad{o}", "destrancar {the}", "destranquei {n}"),
    Action.ARM: Phrase("{name} armad{o}", "armar {the}", "armei {n}"),
    Action.DISARM: Phrase("{name} desarmad{o}", "desarmar {the}", "desarmei {n}"),
    Action.START: Phrase("{name} iniciad{o}", "iniciar {the}", "iniciei {n}"),
    Action.PAUSE: Phrase("{name} pausad{o}", "pausar {the}", "pausei {n}"),
    Action.DOCK: Phrase(
        "{name} a caminho da base", "mandar {the} para a base", "mandei {n} para a base"
    ),
    Action.PLAY: Phrase("tocando {on}", "tocar {on}", "retomei {n}"),
    Action.NEXT: Phrase("próxima faixa {on}", "avançar a faixa {on}", "avancei {n}"),
    Action.PREVIOUS: Phrase("faixa anterior {on}", "voltar a faixa {on}", "voltei a faixa de {n}"),
    Action.MUTE: Phrase("{name} sem som", "tirar o som {of}", "tirei o som de {n}"),
    Action.UNMUTE: Phrase("{name} com som", "devolver o som {of}", "devolvi o som de {n}"),
}
_PT_ACTIVE = Phrase("{name} ativad{o}", "ativar {the}", "ativei {n}")
_PT_RUN = Phrase("{name} executad{o}", "executar {the}", "executei {n}")
_PT_PRESSED = Phrase("{name} acionad{o}", "acionar {the}", "acionei {n}")
_PT_BY_DOMAIN = {
    (Action.ON, "scene"): _PT_ACTIVE,
    (Action.ON, "automation"): _PT_ACTIVE,
    (Action.OFF, "automation"): Phrase("{name} desativad{o}", "desativar {the}", "desativei {n}"),
    (Action.ON, "script"): _PT_RUN,
    (Action.START, "script"): _PT_RUN,
    (Action.OFF, "script"): Phrase("{name} interrompid{o}", "interromper {the}", "interrompi {n}"),
    (Action.ON, "button"): _PT_PRESSED,
    (Action.ON, "input_button"): _PT_PRESSED,
    (Action.ON, "vacuum"): _PT_PHRASES[Action.START],
    (Action.ON, "lawn_mower"): _PT_PHRASES[Action.START],
}

_EN_PHRASES = {
    Action.ON: Phrase("turned on {the}", "turn on {the}", "turned on {n}"),
    Action.OFF: Phrase("turned off {the}", "turn off {the}", "turned off {n}"),
    Action.TOGGLE: Phrase("toggled {the}", "toggle {the}", "toggled {n}"),
    Action.OPEN: Phrase("opened {the}", "open {the}", "opened {n}"),
    Action.CLOSE: Phrase("closed {the}", "close {the}", "closed {n}"),
    Action.STOP: Phrase("stopped {the}", "stop {the}", "stopped {n}"),
    Action.SET: Phrase("set {the}", "set {the}", "set {n}"),
    Action.INCREASE: Phrase("turned up {the}", "turn up {the}", "turned up {n}"),
    Action.DECREASE: Phrase("turned down {the}", "turn down {the}", "turned down {n}"),
    Action.LOCK: Phrase("locked {the}", "lock {the}", "locked {n}"),
    Action.UNLOCK: Phrase("unlocked {the}", "unlock {the}", "unlocked {n}"),
    Action.ARM: Phrase("armed {the}", "arm {the}", "armed {n}"),
    Action.DISARM: Phrase("disarmed {the}", "disarm {the}", "disarmed {n}"),
    Action.START: Phrase("started {the}", "start {the}", "started {n}"),
    Action.PAUSE: Phrase("paused {the}", "pause {the}", "paused {n}"),
    Action.DOCK: Phrase("sent {the} to the dock", "send {the} to the dock", "sent {n} to the dock"),
    Action.PLAY: Phrase("playing {on}", "play {on}", "resumed {n}"),
    Action.NEXT: Phrase("next track {on}", "skip the track {on}", "skipped the track on {n}"),
    Action.PREVIOUS: Phrase(
        "previous track {on}", "go back a track {on}", "went back a track on {n}"
    ),
    Action.MUTE: Phrase("muted {the}", "mute {the}", "muted {n}"),
    Action.UNMUTE: Phrase("unmuted {the}", "unmute {the}", "unmuted {n}"),
}
_EN_ACTIVE = Phrase("activated {the}", "activate {the}", "activated {n}")
_EN_RUN = Phrase("ran {the}", "run {the}", "ran {n}")
_EN_PRESSED = Phrase("pressed {the}", "press {the}", "pressed {n}")
_EN_BY_DOMAIN = {
    (Action.ON, "scene"): _EN_ACTIVE,
    (Action.ON, "script"): _EN_RUN,
    (Action.START, "script"): _EN_RUN,
    (Action.OFF, "script"): _EN_PHRASES[Action.STOP],
    (Action.ON, "button"): _EN_PRESSED,
    (Action.ON, "input_button"): _EN_PRESSED,
    (Action.ON, "vacuum"): _EN_PHRASES[Action.START],
    (Action.ON, "lawn_mower"): _EN_PHRASES[Action.START],
}

_ES_PHRASES = {
    Action.ON: Phrase("{name} encendid{o}", "encender {the}", "encendí {n}"),
    Action.OFF: Phrase("{name} apagad{o}", "apagar {the}", "apagué {n}"),
    Action.TOGGLE: Phrase("cambié {the}", "cambiar {the}", "cambié {n}"),
    Action.OPEN: Phrase("{name} abiert{o}", "abrir {the}", "abrí {n}"),
    Action.CLOSE: Phrase("{name} cerrad{o}", "cerrar {the}", "cerré {n}"),
    Action.STOP: Phrase("{name} detenid{o}", "detener {the}", "detuve {n}"),
    Action.SET: Phrase("{name} ajustad{o}", "ajustar {the}", "ajusté {n}"),
    Action.INCREASE: Phrase("{name} aumentad{o}", "aumentar {the}", "aumenté {n}"),
    Action.DECREASE: Phrase("{name} reducid{o}", "reducir {the}", "reduje {n}"),
    Action.LOCK: Phrase("{name} bloquead{o}", "bloquear {the}", "bloqueé {n}"),
    Action.UNLOCK: Phrase("{name} desbloquead{o}", "desbloquear {the}", "desbloqueé {n}"),
    Action.ARM: Phrase("{name} armad{o}", "armar {the}", "armé {n}"),
    Action.DISARM: Phrase("{name} desarmad{o}", "desarmar {the}", "desarmé {n}"),
    Action.START: Phrase("{name} en marcha", "poner en marcha {the}", "puse en marcha {n}"),
    Action.PAUSE: Phrase("{name} en pausa", "pausar {the}", "pausé {n}"),
    Action.DOCK: Phrase(
        "{name} de vuelta a la base", "enviar {the} a la base", "envié {n} a la base"
    ),
    Action.PLAY: Phrase("reproduciendo {on}", "reproducir {on}", "reanudé {n}"),
    Action.NEXT: Phrase("siguiente pista {on}", "pasar de pista {on}", "pasé de pista en {n}"),
    Action.PREVIOUS: Phrase("pista anterior {on}", "volver de pista {on}", "volví de pista en {n}"),
    Action.MUTE: Phrase("{name} sin sonido", "silenciar {the}", "silencié {n}"),
    Action.UNMUTE: Phrase(
        "{name} con sonido", "devolver el sonido {of}", "devolví el sonido a {n}"
    ),
}
_ES_ACTIVE = Phrase("{name} activad{o}", "activar {the}", "activé {n}")
_ES_RUN = Phrase("{name} ejecutad{o}", "ejecutar {the}", "ejecuté {n}")
_ES_PRESSED = Phrase("{name} pulsad{o}", "pulsar {the}", "pulsé {n}")
_ES_BY_DOMAIN = {
    (Action.ON, "scene"): _ES_ACTIVE,
    (Action.ON, "automation"): _ES_ACTIVE,
    (Action.OFF, "automation"): Phrase("{name} desactivad{o}", "desactivar {the}", "desactivé {n}"),
    (Action.ON, "script"): _ES_RUN,
    (Action.START, "script"): _ES_RUN,
    (Action.OFF, "script"): _ES_PHRASES[Action.STOP],
    (Action.ON, "button"): _ES_PRESSED,
    (Action.ON, "input_button"): _ES_PRESSED,
    (Action.ON, "vacuum"): _ES_PHRASES[Action.START],
    (Action.ON, "lawn_mower"): _ES_PHRASES[Action.START],
}

_PHRASES = {
    Language.PT_BR: _PT_PHRASES,
    Language.PT: _PT_PHRASES,
    Language.EN: _EN_PHRASES,
    Language.ES: _ES_PHRASES,
}
_BY_DOMAIN = {
    Language.PT_BR: _PT_BY_DOMAIN,
    Language.PT: _PT_BY_DOMAIN,
    Language.EN: _EN_BY_DOMAIN,
    Language.ES: _ES_BY_DOMAIN,
}

_PT_NOUNS = {
    "": Noun("aparelhos"),
    "light": Noun("luzes", is_feminine=True),
    "switch": Noun("interruptores"),
    "switch.outlet": Noun("tomadas", is_feminine=True),
    "cover": Noun("cortinas", is_feminine=True),
    "cover.blind": Noun("persianas", is_feminine=True),
    "cover.shade": Noun("persianas", is_feminine=True),
    "cover.shutter": Noun("persianas", is_feminine=True),
    "cover.awning": Noun("toldos"),
    "cover.garage": Noun("portões"),
    "cover.gate": Noun("portões"),
    "cover.door": Noun("portas", is_feminine=True),
    "cover.window": Noun("janelas", is_feminine=True),
    "fan": Noun("ventiladores"),
    "lock": Noun("fechaduras", is_feminine=True),
    "scene": Noun("cenas", is_feminine=True),
    "script": Noun("rotinas", is_feminine=True),
    "valve": Noun("válvulas", is_feminine=True),
    "vacuum": Noun("aspiradores"),
}
_EN_NOUNS = {
    "": Noun("devices"),
    "light": Noun("lights"),
    "switch": Noun("switches"),
    "switch.outlet": Noun("outlets"),
    "cover": Noun("curtains"),
    "cover.blind": Noun("blinds"),
    "cover.shade": Noun("blinds"),
    "cover.shutter": Noun("shutters"),
    "cover.awning": Noun("awnings"),
    "cover.garage": Noun("garage doors"),
    "cover.gate": Noun("gates"),
    "cover.door": Noun("doors"),
    "cover.window": Noun("windows"),
    "fan": Noun("fans"),
    "lock": Noun("locks"),
    "scene": Noun("scenes"),
    "script": Noun("scripts"),
    "valve": Noun("valves"),
    "vacuum": Noun("vacuums"),
}
_ES_NOUNS = {
    "": Noun("aparatos"),
    "light": Noun("luces", is_feminine=True),
    "switch": Noun("interruptores"),
    "switch.outlet": Noun("enchufes"),
    "cover": Noun("cortinas", is_feminine=True),
    "cover.blind": Noun("persianas", is_feminine=True),
    "cover.shade": Noun("persianas", is_feminine=True),
    "cover.shutter": Noun("persianas", is_feminine=True),
    "cover.awning": Noun("toldos"),
    "cover.garage": Noun("portones"),
    "cover.gate": Noun("portones"),
    "cover.door": Noun("puertas", is_feminine=True),
    "cover.window": Noun("ventanas", is_feminine=True),
    "fan": Noun("ventiladores"),
    "lock": Noun("cerraduras", is_feminine=True),
    "scene": Noun("escenas", is_feminine=True),
    "script": Noun("rutinas", is_feminine=True),
    "valve": Noun("válvulas", is_feminine=True),
    "vacuum": Noun("aspiradoras", is_feminine=True),
}
_NOUNS = {
    Language.PT_BR: _PT_NOUNS,
    Language.PT: _PT_NOUNS,
    Language.EN: _EN_NOUNS,
    Language.ES: _ES_NOUNS,
}
