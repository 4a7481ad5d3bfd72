"""What a person has to confirm before it is done, and who confirmed it.

Nothing that a model writes can confirm anything: a command of a model is reviewed, what is held
is asked in the guard's own words, and only what the same person says next, at the same satellite
and as a whole utterance, is an answer.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from .confirmation import Reply, echo_words, pin_question, question, reply
from .consent import Answer, answer_of, pin_of
from .interrogatives import is_question
from .pin import is_pin
from .risk import is_guarded, needs_asking

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from custom_components.jonh.agent.commands import Command
    from custom_components.jonh.agent.home import Entity
    from custom_components.jonh.agent.languages import Language

    from .pin import Pin

ANSWER_S = 30.0
"""To hear the question, think and answer; later a "sim" is about something else."""
MAX_PENDING = 64
"""Questions at once; more than the satellites and browsers of a home."""
MAX_WRONG_PINS = 5
"""Tries before the lock-out: 5 in 5 minutes need two days for half of the 4-digit PINs."""
LOCKED_S = 300.0
"""How long no PIN is taken after that, from anybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """Where a request comes from, as far as it is known."""

    device_id: str | None
    """The satellite."""
    user_id: str | None
    conversation_id: str
    """Counts only when neither of the other two is known."""

    @property
    def key(self) -> tuple[str | None, ...]:
        """What two utterances of one speaker have in common."""
        if self.device_id is None and self.user_id is None:
            return (self.conversation_id,)
        return (self.device_id, self.user_id)


class Reason(StrEnum):
    """Why a command was not allowed as it stands."""

    RISKY = "risky"
    """It opens, unlocks or disarms, or the user wants it confirmed."""
    QUESTION = "question"
    """The person asked something; a question never changes anything."""
    TOO_WIDE = "too_wide"
    """It would reach entrances without naming them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A command taken apart; every target is in one of the three."""

    allowed: Command | None = None
    """To be done now."""
    held: Command | None = None
    """To be confirmed: pass it to `Guard.hold`."""
    refused: tuple[Entity, ...] = ()
    """Never reached by a command for a room or a kind; they have to be named."""
    reason: Reason | None = None
    """Why something is held, else why something is refused; None when all of it is allowed."""


class Hearing(StrEnum):
    """What an utterance means for what is pending."""

    NOTHING = "nothing"
    """Nothing was pending: an ordinary request."""
    OTHER = "other"
    """No answer: what was pending is dropped, and this is a new request."""
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    PIN_NEEDED = "pin_needed"
    """A yes where a PIN is needed; still pending."""
    WRONG_PIN = "wrong_pin"
    """Still pending."""
    LOCKED = "locked"
    """Too many wrong PINs; nothing is pending any more."""
    NOT_ASKED = "not_asked"
    """A number like a PIN that nobody asked for; no model should read it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What came of an utterance."""

    hearing: Hearing
    commands: tuple[Command, ...] = ()
    """To be done now, without another review; only when confirmed."""
    speech: str | None = None
    """To be said; None when confirmed, or when the turn goes on as a request."""
    is_pin: bool = False
    """A number that may be a PIN was said: keep the utterance out of memory and logs."""

    @property
    def is_settled(self) -> bool:
        """Return True when no model has to hear this."""
        return self.hearing not in (Hearing.NOTHING, Hearing.OTHER)

    @property
    def expects_answer(self) -> bool:
        """Return True when the satellite should listen on."""
        return self.hearing in (Hearing.PIN_NEEDED, Hearing.WRONG_PIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pending:
    commands: tuple[Command, ...]
    language: Language
    needs_pin: bool
    until_s: float

    @property
    def echo(self) -> frozenset[str]:
        """Words that may be repeated; of several things, that would choose some of them."""
        targets = [target for command in self.commands for target in command.targets]
        return echo_words(self.commands) if len(targets) == 1 else frozenset()


class Guard:
    """Reviews commands, and remembers what waits for a yes; one for each agent.

    `clock` returns seconds and only moves forward. `confirmed` are ids of entities that the user
    wants to be asked about, besides everything that is risky by itself.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float],
        pin: Pin | None = None,
        confirmed: frozenset[str] = frozenset(),
    ) -> None:
        self._clock = clock
        self._pin = pin
        self._confirmed = confirmed
        self._pending: dict[tuple[str | None, ...], _Pending] = {}
        self._wrong_pins = 0
        self._locked_until_s: float | None = None

    def review(self, command: Command, utterance: str, language: Language) -> Review:
        """Take a command apart into what can be done, what must be asked and what is refused."""
        refused = tuple(filter(is_guarded, command.targets)) if command.is_wide else ()
        targets = [target for target in command.targets if target not in refused]
        if is_question(utterance, language):
            held, reason = targets, Reason.QUESTION
        else:
            held, reason = (
                [target for target in targets if self._needs_asking(command, target)],
                (Reason.RISKY),
            )
        return Review(
            allowed=_part(command, [target for target in targets if target not in held]),
            held=_part(command, held),
            refused=refused,
            reason=reason if held else Reason.TOO_WIDE if refused else None,
        )

    def is_watched(self, entity: Entity) -> bool:
        """Return True for what some command may have to ask about, whatever the command."""
        return is_guarded(entity) or entity.entity_id in self._confirmed

    def hold(self, speaker: Speaker, commands: Sequence[Command], language: Language) -> str:
        """Keep held commands until this speaker answers, and return the question to be asked.

        They replace whatever was pending for that speaker. While PINs are locked out, nothing
        that needs one is kept, and the sentence says so.
        """
        self._drop_expired()
        self._pending.pop(speaker.key, None)
        held = tuple(dict.fromkeys(commands))
        is_risky = any(
            self._needs_asking(command, target) for command in held for target in command.targets
        )
        needs_pin = is_risky and self._pin is not None
        if needs_pin and self._is_locked:
            return reply(Reply.LOCKED, language)
        while len(self._pending) >= MAX_PENDING:
            del self._pending[next(iter(self._pending))]
        self._pending[speaker.key] = _Pending(
            commands=held,
            language=language,
            needs_pin=needs_pin,
            until_s=self._clock() + ANSWER_S,
        )
        if needs_pin:
            return pin_question(held, language)
        return question(held, language, is_risky=is_risky)

    def hear(self, speaker: Speaker, text: str, language: Language) -> Heard:
        """Settle what is pending for this speaker with what they said; never pass other text."""
        self._drop_expired()
        pending = self._pending.get(speaker.key)
        if pending is None:
            return self._hear_unasked(text, language)
        if pending.needs_pin and (digits := pin_of(text)):
            return self._hear_pin(speaker, pending, digits, language)
        match answer_of(text, {pending.language, language}, pending.echo):
            case Answer.YES if pending.needs_pin:
                self._renew(speaker, pending)
                return Heard(hearing=Hearing.PIN_NEEDED, speech=reply(Reply.PIN_NEEDED, language))
            case Answer.YES:
                del self._pending[speaker.key]
                return Heard(hearing=Hearing.CONFIRMED, commands=pending.commands)
            case Answer.NO:
                del self._pending[speaker.key]
                return Heard(hearing=Hearing.CANCELLED, speech=reply(Reply.CANCELLED, language))
        del self._pending[speaker.key]
        return Heard(hearing=Hearing.OTHER)

    def is_waiting(self, speaker: Speaker) -> bool:
        """Return True when a question to this speaker is open: the satellite should listen on."""
        self._drop_expired()
        return speaker.key in self._pending

    def _hear_pin(
        self, speaker: Speaker, pending: _Pending, digits: str, language: Language
    ) -> Heard:
        if self._pin is not None and self._pin.matches(digits):
            self._wrong_pins = 0
            del self._pending[speaker.key]
            return Heard(hearing=Hearing.CONFIRMED, commands=pending.commands, is_pin=True)
        self._wrong_pins += 1
        if self._wrong_pins < MAX_WRONG_PINS:
            self._renew(speaker, pending)
            return Heard(
                hearing=Hearing.WRONG_PIN, speech=reply(Reply.WRONG_PIN, language), is_pin=True
            )
        self._wrong_pins = 0
        self._locked_until_s = self._clock() + LOCKED_S
        self._pending = {key: one for key, one in self._pending.items() if not one.needs_pin}
        return Heard(hearing=Hearing.LOCKED, speech=reply(Reply.LOCKED, language), is_pin=True)

    def _hear_unasked(self, text: str, language: Language) -> Heard:
        if self._pin is None or not is_pin(pin_of(text)):
            return Heard(hearing=Hearing.NOTHING)
        hearing, said = (
            (Hearing.LOCKED, Reply.LOCKED)
            if self._is_locked
            else (Hearing.NOT_ASKED, Reply.NOT_ASKED)
        )
        return Heard(hearing=hearing, speech=reply(said, language), is_pin=True)

    def _needs_asking(self, command: Command, target: Entity) -> bool:
        return needs_asking(command, target, self._confirmed)

    def _renew(self, speaker: Speaker, pending: _Pending) -> None:
        self._pending[speaker.key] = replace(pending, until_s=self._clock() + ANSWER_S)

    @property
    def _is_locked(self) -> bool:
        return self._locked_until_s is not None and self._clock() < self._locked_until_s

    def _drop_expired(self) -> None:
        now_s = self._clock()
        self._pending = {key: one for key, one in self._pending.items() if one.until_s >= now_s}


def _part(command: Command, targets: Sequence[Entity]) -> Command | None:
    """Return the command for some of its targets; None for none."""
    if not targets:
        return None
    return (
        command
        if len(targets) == len(command.targets)
        else replace(command, targets=tuple(targets))
    )
