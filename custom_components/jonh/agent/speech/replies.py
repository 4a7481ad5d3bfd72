"""What is said when a command was done or a state was asked for, without a model."""

import re
from typing import TYPE_CHECKING

from custom_components.jonh.agent.commands import Action
from custom_components.jonh.agent.languages import Language

from .grammar import Agreement, head_noun, inside_sentence
from .naming import Subject, count_words, listed, subject, together
from .reply_words import phrase, plural_noun
from .value_words import spoken_units, value_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from custom_components.jonh.agent.commands import Command, Outcome
    from custom_components.jonh.agent.home import Entity, Home

    from .reply_words import Noun

NAMED_MAX = 3
"""More names than a listener keeps; a number says it better."""


def done_reply(
    command: Command, outcomes: Sequence[Outcome], language: Language, home: Home
) -> str:
    """Tell what came of a command, in one sentence that owns up to what did not work."""
    teller = _Teller(command, language, home)
    done = [outcome.entity for outcome in outcomes if outcome.is_done]
    failed = [outcome for outcome in outcomes if not outcome.is_done]
    if not outcomes:
        return _sentence(_NOTHING[language])
    if not failed:
        return _sentence(teller.done(done, is_all=True))
    failures = teller.failures(failed, is_all=not done)
    if not done:
        return _sentence(failures)
    return _sentence(f"{teller.done(done)}, {_BUT[language]} {failures}")


def state_reply(entity: Entity, words: str, language: Language, home: Home | None = None) -> str:
    """Tell the state of an entity, given its state words such as "ligada, 50 %"."""
    named = subject(entity, language, home)
    spoken = spoken_units(words, language)
    if words in _BARE[language]:
        return _sentence(f"{named.name}: {spoken}")
    verbs = _VERBS[language]
    if spoken[:1].isdigit() or spoken[:1] == "-":
        verb = verbs["is"] if head_noun(entity.name) in _MEASURES else verbs["reads"]
        if language is Language.EN and any(word in _MEASURES_EN for word in _last_words(entity)):
            verb = verbs["is"]
    else:
        verb = verbs["state"]
        spoken = _with_level(spoken, entity, language)
    plural = named.agrees.is_plural
    who = named.name if entity.domain == "person" else named.the
    return _sentence(f"{who} {verb[plural]} {spoken}")


class _Teller:
    """Tells of one command."""

    def __init__(self, command: Command, language: Language, home: Home) -> None:
        self._command = command
        self._action = _meant(command)
        self._language = language
        self._home = home

    def done(self, entities: Sequence[Entity], *, is_all: bool = False) -> str:
        """Tell what worked."""
        told = self._told(entities, is_all=is_all)
        template = phrase(self._action, _domain(entities), self._language)
        if told is None:
            counted = self._counted(entities)
            return template.count.format(n=counted) + self._value(_domain(entities))
        if self._action in _GRADED:
            return self._graded(told, _domain(entities))
        return _fill(template.done, told)

    def failures(self, outcomes: Sequence[Outcome], *, is_all: bool = False) -> str:
        """Tell what did not work and why, things with the same reason together."""
        by_reason: dict[str, list[Entity]] = {}
        for outcome in outcomes:
            by_reason.setdefault(outcome.error or "", []).append(outcome.entity)
        parts = []
        for reason, entities in by_reason.items():
            what = self._failed(entities, is_all=is_all and len(by_reason) == 1)
            parts.append(f"{_COULD_NOT[self._language]} {what}: {reason.rstrip('.')}")
        return "; ".join(parts)

    def _failed(self, entities: Sequence[Entity], *, is_all: bool) -> str:
        template = phrase(self._action, _domain(entities), self._language).fail
        told = self._told(entities, is_all=is_all)
        if told is None:
            return _fill(template, _bare(self._counted(entities), self._language))
        return _fill(template, told)

    def _told(self, entities: Sequence[Entity], *, is_all: bool) -> Subject | None:
        """Return what the entities are called; None where only their number is told."""
        if self._command.is_wide and is_all and len(entities) > 1:
            return self._of_one_area(entities)
        if len(entities) > NAMED_MAX:
            return None
        return listed(
            [subject(entity, self._language, self._home) for entity in entities], self._language
        )

    def _of_one_area(self, entities: Sequence[Entity]) -> Subject | None:
        areas = {entity.area_id for entity in entities}
        area = self._home.area_by_id.get(next(iter(areas)) or "") if len(areas) == 1 else None
        return together(self._noun(entities), area, self._language) if area else None

    def _counted(self, entities: Sequence[Entity]) -> str:
        noun = self._noun(entities)
        return f"{count_words(len(entities), noun, self._language)} {noun.plural}"

    def _noun(self, entities: Sequence[Entity]) -> Noun:
        nouns = {plural_noun(one.domain, one.device_class, self._language) for one in entities}
        return nouns.pop() if len(nouns) == 1 else plural_noun("", None, self._language)

    def _graded(self, told: Subject, domain: str) -> str:
        """Tell of a value: "luz da sala em 50 por cento", "volume da TV aumentado"."""
        action, value = self._action, self._command.value
        attribute = _ATTRIBUTES[self._language].get(domain)
        if action is Action.SET:
            if domain == "media_player" and attribute and value and value.number is not None:
                told = told.attribute(attribute, self._language)
            return _fill(_SET[self._language] + self._value(domain), told)
        if attribute:
            told = told.attribute(attribute, self._language)
        return _fill(phrase(action, domain, self._language).done, told)

    def _value(self, domain: str) -> str:
        if self._action is not Action.SET:
            return ""
        return value_words(self._command.value, domain, self._language)


def _meant(command: Command) -> Action:
    """Take "turn on at 50 %" and "open to 30 %" for what is done with them."""
    value = command.value
    says = value is not None and (value.number is not None or value.color or value.kelvin)
    return Action.SET if says and command.action in (Action.ON, Action.OPEN) else command.action


def _domain(entities: Sequence[Entity]) -> str:
    """Return the domain of all the entities, nothing where they differ."""
    domains = {entity.domain for entity in entities}
    return domains.pop() if len(domains) == 1 else ""


def _fill(template: str, told: Subject) -> str:
    return template.format(
        name=told.name, the=told.the, of=told.of, on=told.on, o=told.agrees.ending
    )


def _bare(name: str, language: Language) -> Subject:
    """Return a counted subject, which takes no article."""
    of, on = ("of", "on") if language is Language.EN else ("de", "em")
    return Subject(name=name, the=name, of=f"{of} {name}", on=f"{on} {name}", agrees=_PLURAL)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def _with_level(spoken: str, entity: Entity, language: Language) -> str:
    """Say "ligada, em 50 por cento" of what has a level."""
    if entity.domain not in ("light", "cover", "fan", "valve"):
        return spoken
    return _LEVEL.sub(rf", {_AT[language]} \1", spoken)


def _last_words(entity: Entity) -> tuple[str, ...]:
    return tuple(inside_sentence(entity.name).lower().split()[-1:])


_PLURAL = Agreement(is_plural=True)

_LEVEL = re.compile(r", (\d)")

_GRADED = frozenset({Action.SET, Action.INCREASE, Action.DECREASE})

_BUT = {Language.PT_BR: "mas", Language.PT: "mas", Language.EN: "but", Language.ES: "pero"}
_COULD_NOT = {
    Language.PT_BR: "não consegui",
    Language.PT: "não consegui",
    Language.EN: "I could not",
    Language.ES: "no pude",
}
_NOTHING = {
    Language.PT_BR: "nada mudou",
    Language.PT: "nada mudou",
    Language.EN: "nothing changed",
    Language.ES: "nada cambió",
}
_AT = {Language.PT_BR: "em", Language.PT: "em", Language.EN: "at", Language.ES: "al"}
_SET = {
    Language.PT_BR: "{name}",
    Language.PT: "{name}",
    Language.EN: "set {the}",
    Language.ES: "{name}",
}

_PT_ATTRIBUTES = {
    "light": "brilho", "media_player": "volume", "climate": "temperatura",
    "water_heater": "temperatura", "fan": "velocidade", "cover": "abertura",
    "valve": "abertura", "humidifier": "umidade",
}  # fmt: skip
_ATTRIBUTES = {
    Language.PT_BR: _PT_ATTRIBUTES,
    Language.PT: _PT_ATTRIBUTES | {"humidifier": "humidade"},
    Language.EN: {
        "light": "brightness", "media_player": "volume", "climate": "temperature",
        "water_heater": "temperature", "fan": "speed", "cover": "opening", "valve": "opening",
        "humidifier": "humidity",
    },
    Language.ES: {
        "light": "brillo", "media_player": "volumen", "climate": "temperatura",
        "water_heater": "temperatura", "fan": "velocidad", "cover": "apertura",
        "valve": "apertura", "humidifier": "humedad",
    },
}  # fmt: skip

_PT_VERBS = {
    "state": ("está", "estão"), "is": ("é", "são"), "reads": ("marca", "marcam"),
}  # fmt: skip
_VERBS = {
    Language.PT_BR: _PT_VERBS,
    Language.PT: _PT_VERBS,
    Language.EN: {"state": ("is", "are"), "is": ("is", "are"), "reads": ("reads", "read")},
    Language.ES: {
        "state": ("está", "están"), "is": ("es", "son"), "reads": ("marca", "marcan"),
    },
}  # fmt: skip

_BARE = {
    Language.PT_BR: frozenset({"detectado", "nada detectado"}),
    Language.PT: frozenset({"detectado", "nada detectado"}),
    Language.EN: frozenset({"detected", "clear"}),
    Language.ES: frozenset({"detectado", "nada detectado"}),
}
"""State words that no verb goes with: "Movimento da sala: nada detectado."."""

_MEASURES = frozenset(
    {
        "temperatura", "umidade", "humidade", "humedad", "bateria", "pressao", "presion",
        "luminosidade", "luminosidad", "potencia", "energia", "consumo", "tensao", "velocidade",
        "velocidad", "nivel", "volume", "brilho", "qualidade", "calidad",
    }
)  # fmt: skip
_MEASURES_EN = frozenset(
    {
        "temperature", "humidity", "battery", "pressure", "power", "energy", "consumption",
        "illuminance", "level", "speed", "volume", "quality",
    }
)  # fmt: skip
"""Nouns that are the value; other things only read it."""
