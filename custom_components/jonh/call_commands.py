"""What a call can be doing, and what its rules ask for."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """What a call is doing, in the words of its clients."""

    LISTENING = "listening"
    THINKING = "thinking"
    SPEAKING = "speaking"
    INTERRUPTED = "interrupted"
    HUNG_UP = "ended"


class Interruption(StrEnum):
    """What interrupts an answer."""

    VOICE = "voice"
    TOUCH = "touch"
    OFF = "off"


class Reason(StrEnum):
    """Why a call ended."""

    HANGUP = "hangup"
    IDLE = "idle"
    ERROR = "error"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class Tell:
    """Send the client an event."""

    event: str
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OpenEars:
    """Recognise what is said from now on, and what was heard just before."""

    turn: int
    preroll_s: float


@dataclass(frozen=True, slots=True)
class FinishEars:
    """End the sound, so that the recogniser says what it has."""


@dataclass(frozen=True, slots=True)
class CloseEars:
    """Forget what the recogniser may still say."""


@dataclass(frozen=True, slots=True)
class RunTurn:
    """Answer a text."""

    turn: int
    text: str


@dataclass(frozen=True, slots=True)
class CancelTurn:
    """Stop the turn, and every sound of it."""

    turn: int


@dataclass(frozen=True, slots=True)
class NoteHeard:
    """Remember of the turn's answer only this."""

    turn: int
    text: str


@dataclass(frozen=True, slots=True)
class Speak:
    """Make a sound of a text; more of it follows until it is complete."""

    turn: int
    text: str
    is_complete: bool


@dataclass(frozen=True, slots=True)
class SpeakMore:
    """Add to the text that is made a sound, or complete it."""

    turn: int
    text: str = ""
    is_complete: bool = False


@dataclass(frozen=True, slots=True)
class HangUp:
    """Free everything: the call is over."""

    reason: Reason


type Command = (
    Tell
    | OpenEars
    | FinishEars
    | CloseEars
    | RunTurn
    | CancelTurn
    | NoteHeard
    | Speak
    | SpeakMore
    | HangUp
)
