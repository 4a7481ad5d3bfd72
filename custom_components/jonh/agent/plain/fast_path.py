"""Plain commands and questions, understood without a model and only when every word is sure."""

import re
from typing import TYPE_CHECKING

from custom_components.jonh.agent.commands import Action, Command
from custom_components.jonh.agent.languages import Language

from .fast_words import (
    A_BIT,
    ALLOWED,
    ATTRIBUTES,
    BASES,
    MEDIA_NOUNS,
    STATE_DOMAINS,
    STATES,
    VERBS,
    Verb,
)
from .questions import StateQuery, read_question
from .targets import TargetReader, without_articles, without_joints
from .utterance import plain_words, without
from .value_split import fits, is_level, split_value

if TYPE_CHECKING:
    from custom_components.jonh.agent.commands import Value
    from custom_components.jonh.agent.home import Home
    from custom_components.jonh.agent.names.resolver import Resolver

    from .targets import Targets

__all__ = ["StateQuery", "understand"]


def understand(
    text: str, language: Language, *, home: Home, resolver: Resolver, here: str | None = None
) -> Command | StateQuery | None:
    """Understand a plain command or question; None unless nothing at all is left in doubt.

    `here` is the area of the speaker. Portuguese and English only.
    """
    if language is Language.ES:
        return None
    said = plain_words(text)
    if not said:
        return None
    reader = TargetReader(home, resolver, here)
    query = read_question(said, reader)
    if query is not None:
        return query
    return _Request(reader).read(said)


def understand_both(
    text: str, language: Language, *, home: Home, resolver: Resolver, here: str | None = None
) -> tuple[Command, Command] | None:
    """Understand two plain commands in one sentence; None unless both are sure by themselves.

    "acende a luz e fecha a cortina": each half begins with a verb of its own.
    """
    if language is Language.ES:
        return None
    said = plain_words(text)
    request = _Request(TargetReader(home, resolver, here))
    for at, word in enumerate(said):
        if word not in _JOINTS:
            continue
        first, second = request.read_ordered(said[:at]), request.read_ordered(said[at + 1 :])
        if first and second:
            return first, second
    return None


class _Request:
    """Reads one command."""

    def __init__(self, reader: TargetReader) -> None:
        self._reader = reader

    def read(self, said: tuple[str, ...]) -> Command | None:
        """Return the command that all of the words make up."""
        return self.read_ordered(said) or self._without_verb(said)

    def read_ordered(self, said: tuple[str, ...]) -> Command | None:
        """Return the command of words that begin with a verb."""
        for phrase, verb in VERBS:
            if said[: len(phrase)] == phrase:
                command = self._with_verb(verb, said[len(phrase) :])
                if command is not None:
                    return command
        return None

    def _without_verb(self, said: tuple[str, ...]) -> Command | None:
        """Read "kitchen lights off" and "música anterior"."""
        if said[-1:] in (("on",), ("off",)) and len(said) > 1:
            verb = Verb.ON if said[-1] == "on" else Verb.OFF
            return self._on_targets(verb, said[:-1])
        if len(said) == 2 and said[0] in MEDIA_NOUNS and said[1] in ("anterior", "seguinte"):
            return self._media(Verb.PREVIOUS if said[1] == "anterior" else Verb.NEXT, said[:1])
        return None

    def _with_verb(self, verb: Verb, rest: tuple[str, ...]) -> Command | None:
        if verb is Verb.TURN:
            return self._turned(rest)
        if verb in _ON_MEDIA and (command := self._media(verb, rest)) is not None:
            return command
        if verb is Verb.SEND:
            return self._sent(rest)
        if verb in (Verb.SET, Verb.INCREASE, Verb.DECREASE, Verb.RAISE, Verb.LOWER):
            return self._graded(verb, rest)
        if verb in (Verb.ON, Verb.OPEN, Verb.CLOSE):
            return self._on_targets(verb, rest) or self._valued(verb, rest)
        return self._on_targets(verb, rest)

    def _on_targets(self, verb: Verb, rest: tuple[str, ...]) -> Command | None:
        """Read a verb whose object is its target."""
        if verb in (Verb.ON, Verb.ACTIVATE, Verb.RUN) and (found := self._run(rest)) is not None:
            return found
        targets = self._reader.read(rest, ALLOWED[verb])
        if targets is None:
            return None
        action = _action(verb, {entity.domain for entity in targets.entities})
        return None if action is None else _command(action, targets)

    def _run(self, rest: tuple[str, ...]) -> Command | None:
        """Read "a cena cinema", "the movie scene", "o script boa noite"."""
        said = without_articles(rest)
        for at in (0, len(said) - 1):
            domains = _RUN_KINDS.get(said[at]) if len(said) > 1 else None
            if domains is None:
                continue
            name = said[1:] if at == 0 else said[:-1]
            if targets := self._reader.named(said, domains) or self._reader.named(
                without_joints(name), domains
            ):
                return _command(Action.ON, targets)
        return None

    def _turned(self, rest: tuple[str, ...]) -> Command | None:
        """Read "turn the lights off", "turn the volume down", "turn the lamp blue"."""
        at = next((at for at, word in enumerate(rest) if word in _PARTICLES), 0)
        if rest[:1] and rest[0] in _PARTICLES:
            return None
        if not at or (at + 1 < len(rest) and rest[at + 1] not in _IN):
            return self._graded(Verb.SET, rest)
        verb, said = _PARTICLES[rest[at]], rest[:at] + rest[at + 1 :]
        if verb in (Verb.ON, Verb.OFF):
            return self._on_targets(verb, said)
        return self._graded(verb, said)

    def _sent(self, rest: tuple[str, ...]) -> Command | None:
        for base in BASES:
            if rest[-len(base) :] == base:
                return self._on_targets(Verb.DOCK, rest[: -len(base)])
        return None

    def _media(self, verb: Verb, rest: tuple[str, ...]) -> Command | None:
        """Read "a música", "essa faixa na TV", "the song", or nothing at all."""
        said = rest
        while said and (said[0] in _THIS or said[0] in MEDIA_NOUNS):
            said = said[1:]
        if MEDIA_NOUNS.intersection(rest[: len(rest) - len(said)]):
            targets = self._reader.having(said, _MEDIA)
        elif rest:
            targets = self._reader.read(without_joints(rest), _MEDIA)
        else:
            targets = self._reader.having((), _MEDIA) if verb in _SAID_ALONE else None
        return None if targets is None else _command(Action(verb.value), targets)

    def _graded(self, verb: Verb, rest: tuple[str, ...]) -> Command | None:
        """Read what is set, raised or lowered."""
        for bit in A_BIT if verb is not Verb.SET else ():
            rest = without(rest, bit)
        if verb is Verb.SET:
            found = self._brought_to_state(rest) or self._run(rest)
            return found or self._valued(verb, rest)
        return self._by_a_step(verb, rest) or self._valued(verb, rest)

    def _brought_to_state(self, rest: tuple[str, ...]) -> Command | None:
        """Read "deixa a luz acesa", "leave the door locked", "põe a TV no mudo"."""
        if len(rest) < 2:
            return None
        for action, states in STATES.items():
            if rest[-1] in states and action is not Action.START:
                said = rest[:-1]
                if action is Action.MUTE and said[-1] in _ON:
                    said = said[:-1]
                targets = self._reader.read(said, STATE_DOMAINS[action] - {"binary_sensor"})
                return None if targets is None else _command(action, targets)
        return None

    def _by_a_step(self, verb: Verb, rest: tuple[str, ...]) -> Command | None:
        targets = self._having(rest, ALLOWED[verb])
        if targets is None:
            return None
        action = _action(verb, {one.domain for one in targets.entities})
        return None if action is None else _command(action, targets)

    def _valued(self, verb: Verb, rest: tuple[str, ...]) -> Command | None:
        for value, lead, said in split_value(rest):
            targets = self._having(said, ALLOWED[verb] & ALLOWED[Verb.SET])
            action = _valued_action(verb, value, lead, targets) if targets else None
            if targets is None or action is None:
                continue
            is_step = action is not Action.SET
            if all(fits(value, one.domain, is_step=is_step) for one in targets.entities):
                return _command(action, targets, value)
        return None

    def _having(self, said: tuple[str, ...], allowed: frozenset[str]) -> Targets | None:
        """Return a target, or what has the attribute that is named with it."""
        said = without_articles(said)
        for at in (0, len(said) - 1):
            domains = ATTRIBUTES.get(said[at], frozenset()) & allowed if said else frozenset()
            rest = said[1:] if at == 0 else said[:-1]
            if domains and (found := self._reader.having(rest, domains)) is not None:
                return found
        return self._reader.read(said, allowed)


def _command(action: Action, targets: Targets, value: Value | None = None) -> Command:
    return Command(action=action, targets=targets.entities, value=value, is_wide=targets.is_wide)


def _action(verb: Verb, domains: set[str]) -> Action | None:
    """Return what a verb means for its targets; None where it means different things."""
    if verb in (Verb.ACTIVATE, Verb.DEACTIVATE):
        is_on = verb is Verb.ACTIVATE
        if domains == {"alarm_control_panel"}:
            return Action.ARM if is_on else Action.DISARM
        if "alarm_control_panel" in domains:
            return None
        return Action.ON if is_on else Action.OFF
    if verb is Verb.RUN:
        return Action.START if domains <= {"vacuum", "lawn_mower"} else Action.ON
    if verb in (Verb.RAISE, Verb.LOWER):
        is_up = verb is Verb.RAISE
        if domains == {"cover"}:
            return Action.OPEN if is_up else Action.CLOSE
        if "cover" in domains:
            return None
        return Action.INCREASE if is_up else Action.DECREASE
    return Action(verb.value)


def _valued_action(verb: Verb, value: Value, lead: str, targets: Targets) -> Action | None:
    """Return what a verb with a value means; None where it could mean two things."""
    domains = {entity.domain for entity in targets.entities}
    if verb is Verb.ON:
        is_light = domains <= {"light", "fan"} and (value.unit == "%" or value.number is None)
        return Action.SET if is_light else None
    if verb is Verb.OPEN:
        return Action.SET
    if verb is Verb.CLOSE:
        # "Close it by 30 %" and "close it to 30 %" differ; half is half.
        return Action.SET if value.number == 50 else None
    if verb is Verb.SET:
        return Action.SET
    if value.number is None or "cover" in domains:
        return Action.SET if value.number is not None and lead in _TO else None
    if lead in _TO or is_level(value) or _HAS_TO.search(value.text):
        return Action.SET
    if lead not in _BY and value.unit is None:
        return None
    return Action.INCREASE if verb in (Verb.INCREASE, Verb.RAISE) else Action.DECREASE


_TO = frozenset({"para", "pra", "to", "ate", "a"})
_HAS_TO = re.compile(r"^(?:para|pra|to|ate|a)\b")
_BY = frozenset({"em", "by", "mais"})
_ON = frozenset({"no", "on"})
_THIS = frozenset({"a", "o", "essa", "esse", "esta", "este", "the", "this"})
_JOINTS = frozenset({"e", "and", "then"})
"""Words between two commands."""

_PARTICLES = {"on": Verb.ON, "off": Verb.OFF, "up": Verb.INCREASE, "down": Verb.DECREASE}
_IN = frozenset({"in", "to", "by"})
_MEDIA = frozenset({"media_player"})
_ON_MEDIA = frozenset(
    {Verb.PLAY, Verb.PAUSE, Verb.STOP, Verb.NEXT, Verb.PREVIOUS, Verb.MUTE, Verb.UNMUTE}
)
_SAID_ALONE = frozenset({Verb.PAUSE, Verb.NEXT, Verb.MUTE, Verb.UNMUTE})
"""Verbs that say enough in a room with one player; "volta" and "continua" may mean the talk."""
_SCENES = frozenset({"scene"})
_SCRIPTS = frozenset({"script"})
_RUN_KINDS = {
    "cena": _SCENES, "cenario": _SCENES, "scene": _SCENES,
    "modo": _SCENES | _SCRIPTS, "mode": _SCENES | _SCRIPTS,
    "script": _SCRIPTS, "rotina": _SCRIPTS, "roteiro": _SCRIPTS, "routine": _SCRIPTS,
}  # fmt: skip
