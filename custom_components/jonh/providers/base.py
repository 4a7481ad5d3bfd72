"""What every model provider speaks: requests, events, errors and the Provider protocol."""

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

type JsonObject = Mapping[str, Any]


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


def tool_args(raw: object) -> JsonObject:
    """Clean the arguments a model wrote: an object or its JSON text.

    Small models fill what they do not need with "" or null, and write lists and objects as
    text; Home Assistant's tools refuse both. Raises `BadToolCallError` when nothing can be read.
    """
    if isinstance(raw, str):
        try:
            raw = json.loads(raw or "{}")
        except ValueError as err:
            raise BadToolCallError("arguments are not JSON") from err
    if raw is None:
        return {}
    if not isinstance(raw, Mapping):
        raise BadToolCallError("arguments are not an object")
    values = {str(key): _unwrapped(value) for key, value in raw.items()}
    return {key: value for key, value in values.items() if value not in ("", None)}


def _unwrapped(value: object) -> object:
    if isinstance(value, str) and value[:1] + value[-1:] in ("[]", "{}"):
        with contextlib.suppress(ValueError):
            return json.loads(value)
    return value


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


# Errors


class ProviderError(Exception):
    """Root of everything that may leave a provider.

    The text is for logs: it names the trouble, never what a person said.
    """

    retryable: bool = False
    """The same request may work later without anybody changing a setting."""

    def __init__(self, detail: str = "", *, retry_after_s: float | None = None) -> None:
        super().__init__(detail or (type(self).__doc__ or "").partition("\n")[0])
        self.retry_after_s = retry_after_s
        """Seconds the service asked to wait; None when it did not say."""


class UnreachableError(ProviderError):
    """No connection to the service: wrong address, switched off, or no network."""

    retryable = True


class AuthError(ProviderError):
    """The service refused the key."""


class ModelMissingError(ProviderError):
    """The service does not have the model, or no longer."""


class ToolsUnsupportedError(ProviderError):
    """The model cannot call tools."""


class RateLimitedError(ProviderError):
    """The quota of requests or tokens is used up for now."""

    retryable = True


class BusyError(ProviderError):
    """The service works, but has no room for another request now."""

    retryable = True


class TooLargeError(ProviderError):
    """The request is longer than the model or the quota allows."""


class BadToolCallError(ProviderError):
    """The model wrote a tool call that cannot be read."""

    retryable = True


class StalledError(ProviderError):
    """The service accepted the request and fell silent."""

    retryable = True


class BrokenStreamError(ProviderError):
    """The answer stopped in the middle."""

    retryable = True


class ServiceError(ProviderError):
    """The service reported an internal error."""

    retryable = True


class BadRequestError(ProviderError):
    """The service does not accept the request, or the address is not this service."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One provider that did not answer, and why."""

    provider: str
    model: str
    error: ProviderError


class AllFailedError(ProviderError):
    """No provider answered, and nothing of the answer was handed out."""

    def __init__(self, failures: Sequence[Failure]) -> None:
        causes = ", ".join(f"{f.provider} ({f.model}): {f.error}" for f in failures)
        super().__init__(causes or "no provider configured")
        self.failures = tuple(failures)
        """In the order in which they were asked; empty when there was nobody to ask."""
        self.retryable = any(failure.error.retryable for failure in failures)


class AnswerInterruptedError(ProviderError):
    """The provider failed after a part of its answer was handed out."""

    def __init__(self, failure: Failure, *, spoken: bool) -> None:
        super().__init__(f"{failure.provider} ({failure.model}): {failure.error}")
        self.failure = failure
        self.spoken = spoken
        """Text was handed out; otherwise only tool calls were."""


# Providers


class Provider(Protocol):
    """A service that answers chat requests.

    Only `ProviderError` and cancellation leave its methods. Every wait has a deadline.
    """

    @property
    def name(self) -> str:
        """The service as a person calls it: "Ollama", "Groq"."""

    async def models(self) -> Sequence[Model]:
        """Chat models offered, sorted by id; also the proof that the service accepts our key."""

    async def warm(self, request: ChatRequest) -> None:
        """Get ready for requests like this one; nothing where nothing can be loaded."""

    def stream(self, request: ChatRequest) -> AsyncGenerator[Event]:
        """Answer the request; closing the generator stops the service's work."""

    async def close(self) -> None:
        """Release connections; harmless when called twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """How long a provider may keep us waiting, in seconds."""

    connect_s: float = 2.0
    """Until the TCP (and TLS) connection stands; a living host in a home answers in
    milliseconds, a cloud one in tenths of a second."""
    first_event_s: float = 10.0
    """From the request to the first event of a model that is ready."""
    cold_first_event_s: float = 60.0
    """The same when the model must be read from disk first."""
    gap_s: float = 8.0
    """Between two events."""
    request_s: float = 10.0
    """A whole request that does not stream, such as a model list."""


async def with_deadlines[T](
    source: AsyncIterator[T], *, first_s: float | None, gap_s: float | None
) -> AsyncGenerator[T]:
    """Pass the items on; `StalledError` when the first or the next one takes too long."""
    wait_s = first_s
    while True:
        try:
            async with asyncio.timeout(wait_s) as deadline:
                item = await anext(source)
        except StopAsyncIteration:
            return
        except TimeoutError as err:
            if not deadline.expired():
                raise
            raise StalledError(f"silent for {wait_s:g} s") from err
        yield item
        wait_s = gap_s


@dataclass(frozen=True, slots=True, kw_only=True)
class PullProgress:
    """How far the download of a model is."""

    status: str
    completed_bytes: int | None = None
    total_bytes: int | None = None
