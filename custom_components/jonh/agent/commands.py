"""What the agent can be told to do in the home, whoever understood it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .home import Entity


class Action(StrEnum):
    """What to do with the targets of a command."""

    ON = "on"
    """Switch on; start or run what is started and run (scene, script, vacuum, button)."""
    OFF = "off"
    TOGGLE = "toggle"
    OPEN = "open"
    CLOSE = "close"
    STOP = "stop"
    SET = "set"
    """Bring to the value of the command."""
    INCREASE = "increase"
    """By the value, or by a step where there is none."""
    DECREASE = "decrease"
    LOCK = "lock"
    UNLOCK = "unlock"
    ARM = "arm"
    DISARM = "disarm"
    START = "start"
    PAUSE = "pause"
    DOCK = "dock"
    PLAY = "play"
    NEXT = "next"
    PREVIOUS = "previous"
    MUTE = "mute"
    UNMUTE = "unmute"


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """What to set something to, as far as it was understood."""

    text: str
    """As it was said."""
    number: float | None = None
    unit: str | None = None
    """"%" or "°", None where none was said."""
    color: str | None = None
    """Name of a CSS colour, as Home Assistant's lights take it."""
    kelvin: int | None = None
    """White of that colour temperature."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One action on one or more entities."""

    action: Action
    targets: tuple[Entity, ...]
    value: Value | None = None
    is_exact: bool = True
    """False when a target was found only by forgiving a misspelling."""
    is_wide: bool = False
    """The targets come from a room, a floor or a kind of device, not from names of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a command for one of its targets."""

    entity: Entity
    error: str | None = None
    """Why it did not work, in the language of the turn, without a final period; None when it
    worked."""

    @property
    def is_done(self) -> bool:
        """Return True when it worked."""
        return self.error is None
