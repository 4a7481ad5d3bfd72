"""What every model provider speaks: requests, events, errors and the Provider protocol."""

import contextlib
import json
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from .errors import (
    AllFailedError,
    AnswerInterruptedError,
    AuthError,
    BadRequestError,
    BadToolCallError,
    BrokenStreamError,
    BusyError,
    ContextOverflowError,
    Failure,
    ModelMissingError,
    ProviderError,
    Quota,
    RateLimitedError,
    ServiceError,
    StalledError,
    TooLargeError,
    ToolsUnsupportedError,
    UnreachableError,
)

# Whoever speaks to a provider also meets its errors: one door for both.
__all__ = [
    "AllFailedError",
    "AnswerInterruptedError",
    "AuthError",
    "BadRequestError",
    "BadToolCallError",
    "BrokenStreamError",
    "BusyError",
    "ContextOverflowError",
    "Failure",
    "ModelMissingError",
    "ProviderError",
    "Quota",
    "RateLimitedError",
    "ServiceError",
    "StalledError",
    "TooLargeError",
    "ToolsUnsupportedError",
    "UnreachableError",
]

type JsonObject = Mapping[str, Any]

MAX_CHARS_PER_TOKEN = 16
"""No language has longer words on the average; a service that sends more ignores the limit."""
ARGS_MAX_CHARS = 16_000
"""Of the arguments of one call: four times what a model may say at all."""
ARGS_MAX_DEPTH = 8
ARGS_MAX_VALUES = 256
"""On one level; who means so many things says the kind or the room."""


# Requests


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """One request of the model to act."""

    id: str
    """Pairs the call with its result; made up by the provider when the service gives none."""
    name: str
    args: JsonObject
    """Arguments as the schema of the tool describes them; empty values already removed."""


@dataclass(frozen=True, slots=True)
class SystemMessage:
    """The rules of the conversation; at most one, and the first message."""

    text: str


@dataclass(frozen=True, slots=True)
class UserMessage:
    """What the person said."""

    text: str


@dataclass(frozen=True, slots=True)
class AssistantMessage:
    """What the model answered: text, tool calls, or both."""

    text: str = ""
    tool_calls: tuple[ToolCall, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolResultMessage:
    """What came out of one tool call."""

    call_id: str
    name: str
    result: str
    """Text for the model, usually JSON."""


type Message = SystemMessage | UserMessage | AssistantMessage | ToolResultMessage


def text_of(message: Message) -> str:
    """Return all that a model reads of a message, without the marks around it."""
    match message:
        case SystemMessage(text) | UserMessage(text):
            return text
        case ToolResultMessage():
            return message.result
        case AssistantMessage(text, calls):
            return text + "".join(
                call.name + json.dumps(dict(call.args), ensure_ascii=False, default=str)
                for call in calls
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolSpec:
    """A tool offered to the model."""

    name: str
    description: str
    parameters: JsonObject
    """JSON Schema of an object."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A model that a provider offers."""

    id: str
    context_length: int | None = None
    """Longest prompt plus answer in tokens; None when the service does not say."""
    supports_tools: bool | None = None
    """None when the service does not say."""
    size_bytes: int | None = None
    """Size on disk; None for a cloud model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRequest:
    """One tool round: everything a provider needs for one answer."""

    model: str
    messages: Sequence[Message]
    tools: Sequence[ToolSpec] = ()
    temperature: float = 0.7
    """0 (always the likeliest word) to 2."""
    max_tokens: int = 512
    """Longest answer, in tokens."""
    num_ctx: int | None = None
    """Context window in tokens, for providers that load models themselves."""
    keep_alive_s: int | None = None
    """How long a local model stays loaded after this; -1 forever, None as the server decides."""
    json_schema: JsonObject | None = None
    """JSON Schema of an object that the text of the answer has to be; never beside tools, as
    services take one of the two only."""


def tool_args(raw: object) -> JsonObject:
    """Clean the arguments a model wrote: an object or its JSON text.

    Small models fill what they do not need with "" or null, and write lists and objects as
    text; Home Assistant's tools refuse both. Raises `BadToolCallError` when nothing can be read,
    or when it is more than any tool needs.
    """
    if isinstance(raw, str):
        _refuse_large(raw)
        try:
            raw = json.loads(raw or "{}")
        except (ValueError, RecursionError) as err:
            raise BadToolCallError("arguments are not JSON") from err
    if raw is None:
        return {}
    if not isinstance(raw, Mapping):
        raise BadToolCallError("arguments are not an object")
    _refuse_large(raw)
    values = {str(key): _unwrapped(value) for key, value in raw.items()}
    return {key: value for key, value in values.items() if value not in ("", None)}


def _unwrapped(value: object) -> object:
    if isinstance(value, str) and value[:1] + value[-1:] in ("[]", "{}"):
        with contextlib.suppress(ValueError, RecursionError):
            loaded = json.loads(value)
            _refuse_large(loaded)
            return loaded
    return value


def _refuse_large(args: object) -> None:
    """Raise `BadToolCallError` for arguments that are too long, too many or too deep."""
    left, level, depth = ARGS_MAX_CHARS, [args], 0
    while level:
        inner: list[object] = []
        for value in level:
            if isinstance(value, Mapping):
                inner += [*value.keys(), *value.values()]
            elif isinstance(value, list):
                inner += value
            left -= len(value) if isinstance(value, str) else 1
        depth += 1
        if left < 0 or depth > ARGS_MAX_DEPTH or len(inner) > ARGS_MAX_VALUES:
            raise BadToolCallError("arguments are too large")
        level = inner


# Events, in the order of a typical stream:
#   ThinkingDelta* TextDelta* ToolCallEvent* Usage? Done


@dataclass(frozen=True, slots=True)
class TextDelta:
    """A piece of the answer, as the model wrote it."""

    text: str


@dataclass(frozen=True, slots=True)
class ThinkingDelta:
    """A piece of the model's reasoning; never spoken."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolCallEvent:
    """A complete tool call."""

    call: ToolCall


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What the answer cost, as far as the service says."""

    prompt_tokens: int | None = None
    cached_tokens: int | None = None
    """Prompt tokens served from the provider's cache."""
    completion_tokens: int | None = None
    load_s: float | None = None
    """Time spent loading a local model."""
    prompt_s: float | None = None
    """Time spent reading the prompt, cached tokens left out."""
    total_s: float | None = None
    """Time that the service spent on the whole request."""


class StopReason(StrEnum):
    """Why the model stopped."""

    STOP = "stop"
    LENGTH = "length"
    """The answer reached `max_tokens` and is cut."""
    TOOL_CALLS = "tool_calls"


@dataclass(frozen=True, slots=True)
class Done:
    """The answer is complete; the last event of a stream that did not fail."""

    reason: StopReason


type Event = TextDelta | ThinkingDelta | ToolCallEvent | Usage | Done


class Ration:
    """What one answer may hold, for services that do not keep to `ChatRequest.max_tokens`."""

    def __init__(self, request: ChatRequest) -> None:
        """Begin with all of it."""
        self._left = request.max_tokens * MAX_CHARS_PER_TOKEN

    @property
    def is_used_up(self) -> bool:
        """Whether the answer has to end here."""
        return self._left < 0

    def take(self, events: Iterable[Event]) -> Iterator[Event]:
        """Pass events on as long as there is something left, and then the end."""
        for event in events:
            if isinstance(event, TextDelta | ThinkingDelta):
                fitting = event.text[: self._left]
                self._left -= len(event.text)
                if self.is_used_up:
                    yield type(event)(fitting)
                    yield Done(StopReason.LENGTH)
                    return
            yield event


# Providers


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What is left of a model's quota; None where the service does not say."""

    requests_left: int | None = None
    requests_limit: int | None = None
    requests_reset_s: float | None = None
    """Seconds until all requests are there again."""
    tokens_left: int | None = None
    tokens_limit: int | None = None
    """Also the longest request, its answer included, that is ever accepted."""
    tokens_reset_s: float | None = None
    """Seconds until all tokens are there again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderStatus:
    """How a provider is doing at this moment."""

    loaded: frozenset[str] | None = None
    """Ids of the models in memory; None where models are not loaded."""
    limits: Limits | None = None
    """Quota of the model asked last; None where there is none, or nobody asked yet."""
    limited_until_s: float | None = None
    """When that quota allows a request again, in seconds of `time.monotonic`; None: now."""


class Provider(Protocol):
    """A service that answers chat requests.

    Only `ProviderError` and cancellation leave its methods. Every wait has a deadline.
    """

    @property
    def name(self) -> str:
        """The service as a person calls it: "Ollama", "Groq"."""

    @property
    def is_local(self) -> bool:
        """Return True when what is said stays on the person's own machines."""

    async def models(self) -> Sequence[Model]:
        """Chat models offered, sorted by id; also the proof that the service accepts our key."""

    async def status(self) -> ProviderStatus:
        """Ask how the provider is doing; nothing is sent where nothing needs to be asked."""

    def limits(self, model: str) -> Limits | None:
        """Quota of a model as the service told it last; None when it did not."""

    def cost_usd(self, model: str, usage: Usage) -> float | None:
        """Estimate the price of an answer; None for a local model or an unknown price."""

    async def warm(self, request: ChatRequest) -> None:
        """Get ready for requests like this one; nothing where nothing can be loaded.

        Where the service keeps what it read, the system message and the tools are read now,
        so that the next request with the same beginning pays for new words only.
        """

    def stream(self, request: ChatRequest) -> AsyncGenerator[Event]:
        """Answer the request; closing the generator stops the service's work."""

    async def close(self) -> None:
        """Release connections; harmless when called twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PullProgress:
    """How far the download of a model is."""

    status: str
    completed_bytes: int | None = None
    total_bytes: int | None = None
