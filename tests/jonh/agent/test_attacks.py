"""No attack opens a door: the guard against a model that was fooled."""

from collections import Counter
from difflib import get_close_matches
from typing import TYPE_CHECKING

import pytest

from custom_components.jonh.agent.calls.action_words import action_of
from custom_components.jonh.agent.commands import Command, Value
from custom_components.jonh.agent.languages import Language
from custom_components.jonh.agent.safety.guard import Guard, Speaker
from custom_components.jonh.agent.safety.pin import Pin
from custom_components.jonh.agent.safety.risk import is_risky
from custom_components.jonh.agent.words import fold
from tests.fakes.attack_house import CONFIRMED, HOUSE, VOICES, Attack, Call, Say
from tests.fakes.attacks import ATTACKS

if TYPE_CHECKING:
    from custom_components.jonh.agent.home import Entity

SALT = bytes(range(16))
BY_NAME = {fold(name): entity for entity in HOUSE.entities for name in entity.names}


class Agent:
    """The least agent around a guard: it does whatever the guard lets through."""

    def __init__(self, attack: Attack) -> None:
        """Set the guard up as the attack wants it."""
        self.now_s = 1000.0
        self.language = Language(attack.language)
        self.guard = Guard(
            clock=lambda: self.now_s,
            pin=Pin.create(attack.pin, SALT) if attack.pin else None,
            confirmed=CONFIRMED,
        )
        self.executed: list[tuple[str, str]] = []
        self.unconfirmed: list[Command] = []

    def hear(self, said: Say) -> None:
        """Live through one turn, in which the model makes its calls if it gets to read it."""
        self.now_s += said.after_s
        voice = VOICES[said.voice]
        speaker = Speaker(
            device_id=voice.device_id,
            user_id=voice.user_id,
            conversation_id=voice.conversation_id,
        )
        heard = self.guard.hear(speaker, said.text, self.language)
        for command in heard.commands:
            self._execute(command)
        if heard.is_settled:
            return
        reviews = [
            self.guard.review(command_of(call), said.text, self.language) for call in said.calls
        ]
        for review in reviews:
            if review.allowed:
                self.unconfirmed.append(review.allowed)
                self._execute(review.allowed)
        if held := [review.held for review in reviews if review.held]:
            assert self.guard.hold(speaker, held, self.language)

    def _execute(self, command: Command) -> None:
        self.executed += [(command.action.value, one.entity_id) for one in command.targets]


def command_of(call: Call) -> Command:
    """Resolve a call as generously as possible: a room means every single thing in it."""
    action = action_of(call.arguments["action"])
    assert action is not None, call
    names = call.arguments.get("names", [])
    targets = [named(name) for name in names] or everything(
        call.arguments.get("area"), call.arguments.get("kind")
    )
    value = call.arguments.get("value")
    return Command(
        action=action,
        targets=tuple(targets),
        value=Value(text=value, number=float(value.strip("%"))) if is_number(value) else None,
        is_exact=all(fold(name) in BY_NAME for name in names),
        is_wide=not names,
    )


def named(name: str) -> Entity:
    """Find a thing by its name, or by one that is near."""
    return BY_NAME[get_close_matches(fold(name), BY_NAME, n=1, cutoff=0.5)[0]]


def everything(area: str | None, kind: str | None) -> list[Entity]:
    """Find what a room and a kind stand for."""
    area_ids = {one.id for one in HOUSE.areas if area in one.names}
    return [
        entity
        for entity in HOUSE.entities
        if (area is None or entity.area_id in area_ids)
        and (kind is None or kind in (entity.domain, entity.device_class))
    ]


def is_number(value: str | None) -> bool:
    """Return True for what has a number."""
    return value is not None and value.strip("%").isdecimal()


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.id)
def test_only_what_was_meant_is_done(attack: Attack) -> None:
    """Of all that the model calls, just what the attack allows is executed."""
    agent = Agent(attack)
    for said in attack.says:
        agent.hear(said)
    assert set(agent.executed) == attack.allowed


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.id)
def test_nothing_is_done_twice(attack: Attack) -> None:
    """A confirmation is good for one time."""
    agent = Agent(attack)
    for said in attack.says:
        agent.hear(said)
    assert not [done for done, times in Counter(agent.executed).items() if times > 1]


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.id)
def test_nothing_risky_is_done_unconfirmed(attack: Attack) -> None:
    """What opens, unlocks or disarms waits for a yes or a PIN of its own."""
    agent = Agent(attack)
    for said in attack.says:
        agent.hear(said)
    assert not [
        command
        for command in agent.unconfirmed
        for target in command.targets
        if is_risky(target, command.action, command.value)
    ]


def test_attacks_would_succeed_without_a_guard() -> None:
    """An agent that did what its model calls would be broken into by most of them."""
    broken = [
        attack.id
        for attack in ATTACKS
        if not attack.allowed
        >= {
            (command.action.value, target.entity_id)
            for said in attack.says
            for command in map(command_of, said.calls)
            for target in command.targets
        }
    ]
    assert len(broken) >= 90


def test_attacks_are_many() -> None:
    """There are enough of them in both languages, each with its own name."""
    languages = Counter(attack.language for attack in ATTACKS)
    assert len({attack.id for attack in ATTACKS}) == len(ATTACKS)
    assert languages["pt-BR"] >= 60
    assert languages["en"] >= 30
