"""What a turn is asked, what it tells while it runs, and what it reports at its end."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from homeassistant.components import tts
    from homeassistant.core import Context


class Stage(StrEnum):
    """What a turn reaches, in this order."""

    TRANSCRIPT = "transcript"
    FIRST_WORD = "first_word"
    FIRST_SOUND = "first_sound"
    ANSWER = "answer"
    END = "end"


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnRequest:
    """Who asks, and how."""

    pipeline_id: str | None
    """None for the preferred one."""
    conversation_id: str | None
    """None for a new conversation."""
    context: Context
    """Of the user who asks; one for each turn, as it tells what the turn changed."""
    device_id: str | None = None
    speak: bool = True
    """Make an answer sound."""
    silence_s: float | None = None
    """Silence that ends a phrase; None for the recogniser's own choice."""
    is_recording: bool = False
    """The audio is a whole phrase, whatever pauses are in it."""
    speak_errors: bool = True
    """Speak also when nothing was understood."""


@dataclass(frozen=True, slots=True)
class Partial:
    """The transcript so far; only from our own recogniser."""

    text: str


@dataclass(frozen=True, slots=True)
class SpeechEnded:
    """The phrase is over."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was said."""

    text: str


@dataclass(frozen=True, slots=True)
class AnswerSound:
    """Where the answer can be heard as WAV; told before there is a word of it."""

    url: str
    stream: tts.ResultStream


@dataclass(frozen=True, slots=True)
class AnswerDelta:
    """More text of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Deed:
    """Something in the home changed because of this turn."""

    entity_id: str
    name: str
    state: str
    icon: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """The whole answer."""

    text: str
    conversation_id: str
    continue_conversation: bool
    is_error: bool


@dataclass(frozen=True, slots=True)
class TurnFailed:
    """Why there is no answer, or no sound of it."""

    code: str
    text: str
    """In the language of the pipeline."""


type TurnUpdate = (
    Partial | SpeechEnded | Transcript | AnswerSound | AnswerDelta | Deed | Answer | TurnFailed
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnReport:
    """What became of a turn."""

    transcript: str
    """Empty when nothing was understood."""
    answer: str
    """What was said, an excuse included."""
    conversation_id: str | None
    """To go on with; None when no conversation came about."""
    continue_conversation: bool
    """The answer is a question."""
    error_code: str | None
    """Of TurnFailed; None when the turn went well."""
    marks_ms: dict[Stage, float]
    """When each stage was reached, after the last sound of the request or the text's arrival."""
    zero_s: float
    """That moment, on the monotonic clock."""
    tokens: int | None
    """Written by the model; None where that is not known."""
    deeds: tuple[Deed, ...]
    """The last of each entity."""
