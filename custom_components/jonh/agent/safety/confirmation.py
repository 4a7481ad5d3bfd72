"""The guard's own sentences: what it asks, naming deed and device, and what it answers."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from custom_components.jonh.agent.commands import Action
from custom_components.jonh.agent.languages import Language
from custom_components.jonh.agent.names.lexicon import STOP_WORDS, name_in
from custom_components.jonh.agent.speech.grammar import agreement, article, inside_sentence
from custom_components.jonh.agent.words import words

from .risk import is_guarded

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from custom_components.jonh.agent.commands import Command
    from custom_components.jonh.agent.home import Entity

MAX_NAMED = 4
"""More harmless devices than that are counted instead of named; risky ones are always named."""


class Reply(StrEnum):
    """What the guard says, besides its questions."""

    CANCELLED = "cancelled"
    PIN_NEEDED = "pin_needed"
    WRONG_PIN = "wrong_pin"
    LOCKED = "locked"
    NOT_ASKED = "not_asked"


@dataclass(frozen=True, slots=True)
class _Verb:
    """One verb: "quer abrir", "quer que eu abra", "abre"; the last two as they are echoed."""

    infinitive: str
    wished: str
    told: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        """All its forms, folded."""
        return words(f"{self.infinitive} {self.wished} {self.told}")


def question(commands: Sequence[Command], language: Language, *, is_risky: bool) -> str:
    """Ask whether to do it: "Quer mesmo abrir o portão da garagem?"."""
    texts = _TEXTS[language]
    if is_risky:
        return texts["really"].format(_deeds(commands, language, is_wished=False))
    return texts["wish"].format(_deeds(commands, language, is_wished=True))


def pin_question(commands: Sequence[Command], language: Language) -> str:
    """Ask for the PIN: "Para abrir o portão da garagem, diga o PIN."."""
    return _TEXTS[language]["pin"].format(_deeds(commands, language, is_wished=False))


def refusal(refused: Sequence[Entity], language: Language) -> str:
    """Say what a command for a whole room left out: "Por segurança, não mexi no portão."."""
    return _TEXTS[language]["refused"].format(_things(refused, language))


def reply(which: Reply, language: Language) -> str:
    """Return what the guard says to an answer."""
    return _TEXTS[language][which]


def echo_words(commands: Iterable[Command]) -> frozenset[str]:
    """Return the folded words that may follow a yes: verbs and names of the question."""
    said: set[str] = set()
    for command in commands:
        for target in command.targets:
            verb = _verb_of(command.action, target)
            said.update(word for name in target.names for word in words(name))
            for verbs in _VERBS.values():
                said.update(*(verbs[also].words for also in (verb, *_SAID_INSTEAD.get(verb, ()))))
    return frozenset(said) - STOP_WORDS


def _deeds(commands: Sequence[Command], language: Language, *, is_wished: bool) -> str:
    """Return all that is asked: "abrir o portão e destrancar a porta"."""
    phrases: dict[tuple[Action, str], list[Entity]] = {}
    for command in commands:
        for target in command.targets:
            verb = _verb_of(command.action, target)
            to = _to_value(command, language) if verb is Action.SET else ""
            phrases.setdefault((verb, to), []).append(target)
    return _listed(
        [
            _infinitive_or_wish(_VERBS[language][verb], is_wished=is_wished)
            .replace("{}", _things(targets, language)) + to
            for (verb, to), targets in phrases.items()
        ],
        language,
    )  # fmt: skip


def _infinitive_or_wish(verb: _Verb, *, is_wished: bool) -> str:
    text = verb.wished if is_wished else verb.infinitive
    return text if "{}" in text else f"{text} {{}}"


def _verb_of(action: Action, entity: Entity) -> Action:
    """Return the action whose verb says what will happen to this entity."""
    match entity.domain, action:
        case "lock", Action.OFF | Action.OPEN | Action.UNLOCK:
            return Action.UNLOCK
        case "lock", Action.ON | Action.CLOSE | Action.LOCK:
            return Action.LOCK
        case "alarm_control_panel", Action.ON | Action.ARM:
            return Action.ARM
        case "alarm_control_panel", Action.OFF | Action.DISARM:
            return Action.DISARM
        case "cover" | "valve", Action.ON:
            return Action.OPEN
        case "cover" | "valve", Action.OFF:
            return Action.CLOSE
        case "cover" | "valve", Action.SET | Action.INCREASE if is_guarded(entity):
            return Action.OPEN
        case "button" | "input_button", Action.ON:
            return Action.TOGGLE
        case "script" | "scene", Action.ON:
            return Action.START
    return action


def _to_value(command: Command, language: Language) -> str:
    return f" {_TEXTS[language]['to']} {command.value.text}" if command.value else ""


def _things(entities: Sequence[Entity], language: Language) -> str:
    """Return the things with their articles: "o portão da garagem e a porta da frente"."""
    if len(entities) > MAX_NAMED and not any(map(is_guarded, entities)):
        return f"{len(entities)} {_TEXTS[language]['devices']}"
    return _listed([_the(entity, language) for entity in entities], language)


def _the(entity: Entity, language: Language) -> str:
    called = name_in(entity.names, language)
    agrees = agreement(called, language, entity.domain)
    return f"{article(agrees, language)} {inside_sentence(called)}"


def _listed(parts: Sequence[str], language: Language) -> str:
    joining = _TEXTS[language]["and"]
    return f" {joining} ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))


_VERBS_PT = {
    Action.ON: _Verb("ligar", "ligue", "liga acende acenda acender"),
    Action.OFF: _Verb("desligar", "desligue", "desliga apaga apague apagar"),
    Action.TOGGLE: _Verb("acionar", "acione", "aciona"),
    Action.OPEN: _Verb("abrir", "abra", "abre"),
    Action.CLOSE: _Verb("fechar", "feche", "fecha"),
    Action.STOP: _Verb("parar", "pare", "para"),
    Action.SET: _Verb("ajustar", "ajuste", "ajusta"),
    Action.INCREASE: _Verb("aumentar", "aumente", "aumenta"),
    Action.DECREASE: _Verb("diminuir", "diminua", "diminui"),
    Action.LOCK: _Verb("trancar", "tranque", "tranca"),
    Action.UNLOCK: _Verb("destrancar", "destranque", "destranca"),
    Action.ARM: _Verb("ativar", "ative", "ativa armar arme arma"),
    Action.DISARM: _Verb("desativar", "desative", "desativa desarmar desarme desarma"),
    Action.START: _Verb("ativar", "ative", "ativa executar execute executa inicia"),
    Action.PAUSE: _Verb("pausar", "pause", "pausa"),
    Action.DOCK: _Verb("mandar {} para a base", "mande {} para a base", "manda"),
    Action.PLAY: _Verb("retomar", "retome", "toca toque tocar"),
    Action.NEXT: _Verb("avançar", "avance", "avança"),
    Action.PREVIOUS: _Verb("voltar", "volte", "volta"),
    Action.MUTE: _Verb("silenciar", "silencie", "silencia"),
    Action.UNMUTE: _Verb("tirar {} do mudo", "tire {} do mudo", "tira"),
}
_VERBS_EN = {
    Action.ON: _Verb("turn on", "turn on", "switch"),
    Action.OFF: _Verb("turn off", "turn off", "switch"),
    Action.TOGGLE: _Verb("operate", "operate", "press toggle"),
    Action.OPEN: _Verb("open", "open"),
    Action.CLOSE: _Verb("close", "close", "shut"),
    Action.STOP: _Verb("stop", "stop"),
    Action.SET: _Verb("set", "set"),
    Action.INCREASE: _Verb("turn up", "turn up", "raise"),
    Action.DECREASE: _Verb("turn down", "turn down", "lower"),
    Action.LOCK: _Verb("lock", "lock"),
    Action.UNLOCK: _Verb("unlock", "unlock"),
    Action.ARM: _Verb("arm", "arm"),
    Action.DISARM: _Verb("disarm", "disarm"),
    Action.START: _Verb("start", "start", "run activate"),
    Action.PAUSE: _Verb("pause", "pause"),
    Action.DOCK: _Verb("send {} to its base", "send {} to its base"),
    Action.PLAY: _Verb("resume", "resume", "play"),
    Action.NEXT: _Verb("skip ahead on {}", "skip ahead on {}"),
    Action.PREVIOUS: _Verb("go back on {}", "go back on {}"),
    Action.MUTE: _Verb("mute", "mute"),
    Action.UNMUTE: _Verb("unmute", "unmute"),
}
_VERBS_ES = {
    Action.ON: _Verb("encender", "encienda", "enciende prende prenda"),
    Action.OFF: _Verb("apagar", "apague", "apaga"),
    Action.TOGGLE: _Verb("accionar", "accione", "acciona"),
    Action.OPEN: _Verb("abrir", "abra", "abre"),
    Action.CLOSE: _Verb("cerrar", "cierre", "cierra"),
    Action.STOP: _Verb("detener", "detenga", "para"),
    Action.SET: _Verb("ajustar", "ajuste", "ajusta"),
    Action.INCREASE: _Verb("subir", "suba", "sube"),
    Action.DECREASE: _Verb("bajar", "baje", "baja"),
    Action.LOCK: _Verb("bloquear", "bloquee", "bloquea"),
    Action.UNLOCK: _Verb("desbloquear", "desbloquee", "desbloquea"),
    Action.ARM: _Verb("activar", "active", "activa arma arme"),
    Action.DISARM: _Verb("desactivar", "desactive", "desactiva desarma desarme"),
    Action.START: _Verb("activar", "active", "activa ejecuta ejecute inicia"),
    Action.PAUSE: _Verb("pausar", "pause", "pausa"),
    Action.DOCK: _Verb("mandar {} a la base", "mande {} a la base", "manda"),
    Action.PLAY: _Verb("reanudar", "reanude", "reproduce"),
    Action.NEXT: _Verb("avanzar", "avance", "avanza"),
    Action.PREVIOUS: _Verb("retroceder", "retroceda", "retrocede"),
    Action.MUTE: _Verb("silenciar", "silencie", "silencia"),
    Action.UNMUTE: _Verb("activar el sonido de {}", "active el sonido de {}"),
}
_VERBS = {
    Language.PT_BR: _VERBS_PT,
    Language.PT: _VERBS_PT,
    Language.EN: _VERBS_EN,
    Language.ES: _VERBS_ES,
}
_SAID_INSTEAD = {
    Action.UNLOCK: (Action.OPEN,),
    Action.TOGGLE: (Action.OPEN, Action.ON),
    Action.DISARM: (Action.OFF,),
}
"""What people say to a question that used another verb: "pode abrir" for "destrancar"."""

_TEXTS_PT = {
    "really": "Quer mesmo {}?",
    "wish": "Quer que eu {}?",
    "pin": "Para {}, diga o PIN.",
    "refused": "Por segurança, deixei de fora {}: peça pelo nome.",
    "to": "para",
    "and": "e",
    "devices": "dispositivos",
    Reply.CANCELLED: "Tudo bem, não fiz nada.",
    Reply.PIN_NEEDED: "Só com o PIN. Diga o PIN.",
    Reply.WRONG_PIN: "O PIN não confere. Diga o PIN de novo.",
    Reply.LOCKED: "O PIN foi errado vezes demais. Tente de novo em cinco minutos.",
    Reply.NOT_ASKED: "Não há nada para confirmar agora.",
}
_TEXTS_EN = {
    "really": "Do you really want me to {}?",
    "wish": "Do you want me to {}?",
    "pin": "To {}, say the PIN.",
    "refused": "For safety I left out {}: ask for it by name.",
    "to": "to",
    "and": "and",
    "devices": "devices",
    Reply.CANCELLED: "All right, I did nothing.",
    Reply.PIN_NEEDED: "Only with the PIN. Say the PIN.",
    Reply.WRONG_PIN: "That is not the PIN. Say the PIN again.",
    Reply.LOCKED: "The PIN was wrong too many times. Try again in five minutes.",
    Reply.NOT_ASKED: "There is nothing to confirm right now.",
}
_TEXTS_ES = {
    "really": "¿Seguro que quieres {}?",
    "wish": "¿Quieres que {}?",
    "pin": "Para {}, di el PIN.",
    "refused": "Por seguridad dejé fuera {}: pídelo por su nombre.",
    "to": "a",
    "and": "y",
    "devices": "dispositivos",
    Reply.CANCELLED: "De acuerdo, no hice nada.",
    Reply.PIN_NEEDED: "Solo con el PIN. Di el PIN.",
    Reply.WRONG_PIN: "El PIN no es correcto. Di el PIN otra vez.",
    Reply.LOCKED: "El PIN falló demasiadas veces. Inténtalo de nuevo en cinco minutos.",
    Reply.NOT_ASKED: "No hay nada que confirmar ahora.",
}
_TEXTS = {
    Language.PT_BR: _TEXTS_PT,
    Language.PT: _TEXTS_PT,
    Language.EN: _TEXTS_EN,
    Language.ES: _TEXTS_ES,
}
