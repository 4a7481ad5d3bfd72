"""Models in Groq's cloud, through the official `groq` client."""

import asyncio
import json
from contextlib import aclosing, contextmanager
from typing import TYPE_CHECKING, Any

import groq
import httpx

from .base import (
    AssistantMessage,
    AuthError,
    BadRequestError,
    BadToolCallError,
    BrokenStreamError,
    BusyError,
    ChatRequest,
    Deadlines,
    Done,
    Event,
    Message,
    Model,
    ModelMissingError,
    ProviderError,
    RateLimitedError,
    ServiceError,
    StalledError,
    StopReason,
    SystemMessage,
    TextDelta,
    ThinkingDelta,
    TooLargeError,
    ToolCall,
    ToolCallEvent,
    ToolResultMessage,
    ToolSpec,
    ToolsUnsupportedError,
    UnreachableError,
    Usage,
    UserMessage,
    tool_args,
    with_deadlines,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence

    from groq.types import CompletionUsage
    from groq.types.chat import ChatCompletionChunk

NOT_CHAT = ("whisper", "tts", "orpheus", "guard")
"""Parts of the ids of models that hear, speak or classify; the API does not tell them apart."""

DETAIL_MAX_CHARS = 200
"""Of a service's error text."""

GROQ_DEADLINES = Deadlines(first_event_s=4.0)
"""Groq answers in tenths of a second; seconds of silence mean trouble."""


class GroqProvider:
    """Groq's cloud.

    Inside Home Assistant pass its shared `http_client`, and build this in an executor: the
    client reads who the operating system is and imports modules, and without an `http_client`
    httpx reads the certificates from disk.
    """

    name = "Groq"

    def __init__(
        self,
        api_key: str,
        *,
        http_client: Any = None,
        base_url: str | None = None,
        deadlines: Deadlines = GROQ_DEADLINES,
    ) -> None:
        """Prepare a client; nothing is sent.

        `http_client` is an `httpx.AsyncClient` of the httpx that this process imports (from
        Home Assistant 2026.11 on that is httpx2, hence untyped). It is never closed here.
        """
        self._deadlines = deadlines
        self._owns_http_client = http_client is None
        self._client = groq.AsyncGroq(
            api_key=api_key,
            base_url=base_url,
            http_client=http_client,
            # The client would sleep for as long as the service asks, without telling us.
            max_retries=0,
            timeout=httpx.Timeout(None, connect=deadlines.connect_s),
        )
        # The client caches these; left alone, it would read the system and import its own
        # modules during the first request.
        self._client.platform_headers()
        self._models, self._completions = self._client.models, self._client.chat.completions

    async def models(self) -> Sequence[Model]:
        """Chat models that the key may use, sorted by id."""
        with _translated():
            async with asyncio.timeout(self._deadlines.request_s):
                listed = await self._models.list()
        models = (_model(entry.to_dict()) for entry in listed.data)
        return sorted((m for m in models if m), key=lambda model: model.id)

    async def warm(self, request: ChatRequest) -> None:
        """Nothing to load: the service keeps its models ready."""

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Event]:
        """Answer the request; closing the generator closes the connection."""
        answer = _Answer()
        with _translated():
            async with (
                aclosing(self._chunks(request)) as chunks,
                aclosing(
                    with_deadlines(
                        chunks, first_s=self._deadlines.first_event_s, gap_s=self._deadlines.gap_s
                    )
                ) as timed,
            ):
                async for chunk in timed:
                    for event in answer.events(chunk):
                        yield event
            for event in answer.finish():
                yield event

    async def close(self) -> None:
        """Close the connections we own; harmless when called twice."""
        if self._owns_http_client:
            await self._client.close()

    async def _chunks(self, request: ChatRequest) -> AsyncGenerator[ChatCompletionChunk]:
        # The client's types list literals for what the service accepts as plain strings.
        create: Any = self._completions.create
        async with await create(**_body(request)) as stream:
            async for chunk in stream:
                yield chunk


class _Answer:
    """Turns the chunks of one answer into events.

    A typical stream: role, reasoning*, content*, tool call fragments*, finish reason with usage.
    """

    def __init__(self) -> None:
        self._calls: dict[int, _CallParts] = {}
        self._finish_reason: str | None = None
        self._usage: Usage | None = None

    def events(self, chunk: ChatCompletionChunk) -> Iterator[Event]:
        """Yield what the chunk adds; complete tool calls wait for `finish`."""
        if extra := chunk.x_groq:
            if extra.error:
                raise _error(-1, "", str(extra.error)[:DETAIL_MAX_CHARS])
            if extra.usage:
                self._usage = _usage(extra.usage)
        for choice in chunk.choices[:1]:
            if choice.delta.reasoning:
                yield ThinkingDelta(choice.delta.reasoning)
            if choice.delta.content:
                yield TextDelta(choice.delta.content)
            for part in choice.delta.tool_calls or ():
                call = self._calls.setdefault(part.index, _CallParts())
                call.add(part.id, part.function)
            self._finish_reason = choice.finish_reason or self._finish_reason

    def finish(self) -> Iterator[Event]:
        """Yield the tool calls and the end, or raise when the answer has none."""
        if self._finish_reason is None:
            raise BrokenStreamError("the answer ended without a finish reason")
        for index, call in sorted(self._calls.items()):
            yield ToolCallEvent(call.complete(f"call_{index}"))
        if self._usage:
            yield self._usage
        if self._calls:
            yield Done(StopReason.TOOL_CALLS)
        else:
            yield Done(StopReason.LENGTH if self._finish_reason == "length" else StopReason.STOP)


class _CallParts:
    """Fragments of one tool call."""

    def __init__(self) -> None:
        self._id = ""
        self._name = ""
        self._args = ""

    def add(self, call_id: str | None, function: Any) -> None:
        """Add a fragment; the id and the name come whole, the arguments in pieces."""
        self._id = call_id or self._id
        if function is not None:
            self._name = function.name or self._name
            self._args += function.arguments or ""

    def complete(self, fallback_id: str) -> ToolCall:
        """Return the call; `BadToolCallError` when the arguments cannot be read."""
        if not self._name:
            raise BadToolCallError("a tool call without a name")
        return ToolCall(id=self._id or fallback_id, name=self._name, args=tool_args(self._args))


def _body(request: ChatRequest) -> dict[str, Any]:
    body: dict[str, Any] = {
        "model": request.model,
        "messages": [_message(message) for message in request.messages],
        "stream": True,
        "temperature": request.temperature,
        "max_completion_tokens": request.max_tokens,
    }
    if request.tools:
        body["tools"] = [_tool(tool) for tool in request.tools]
    if effort := _reasoning_effort(request.model):
        body["reasoning_effort"] = effort
    return body


def _reasoning_effort(model: str) -> str | None:
    """Least reasoning that the model's family accepts: it costs time and answer tokens."""
    if "gpt-oss" in model:
        return "low"
    if "qwen3" in model:
        return "none"
    return None


def _message(message: Message) -> dict[str, Any]:
    match message:
        case SystemMessage(text):
            return {"role": "system", "content": text}
        case UserMessage(text):
            return {"role": "user", "content": text}
        case ToolResultMessage():
            return {"role": "tool", "content": message.result, "tool_call_id": message.call_id}
        case AssistantMessage(text, calls):
            said: dict[str, Any] = {"role": "assistant", "content": text}
            if calls:
                said["tool_calls"] = [_sent_call(call) for call in calls]
            return said


def _sent_call(call: ToolCall) -> dict[str, Any]:
    arguments = json.dumps(dict(call.args), ensure_ascii=False)
    function = {"name": call.name, "arguments": arguments}
    return {"id": call.id, "type": "function", "function": function}


def _tool(tool: ToolSpec) -> dict[str, Any]:
    function = {
        "name": tool.name,
        "description": tool.description,
        "parameters": dict(tool.parameters),
    }
    return {"type": "function", "function": function}


def _model(entry: Mapping[str, Any]) -> Model | None:
    """Read an entry of the model list; None when it cannot chat or is switched off."""
    model_id = str(entry.get("id", ""))
    if entry.get("active") is False or any(part in model_id.lower() for part in NOT_CHAT):
        return None
    context = entry.get("context_window")
    return Model(id=model_id, context_length=context if isinstance(context, int) else None)


def _usage(usage: CompletionUsage) -> Usage:
    details = usage.prompt_tokens_details
    return Usage(
        prompt_tokens=usage.prompt_tokens,
        cached_tokens=details.cached_tokens if details else None,
        completion_tokens=usage.completion_tokens,
    )


@contextmanager
def _translated() -> Iterator[None]:
    """Turn everything the client may raise into our errors."""
    try:
        yield
    except groq.APIStatusError as err:
        raise _error_of(err, err.status_code, err.response.headers.get("retry-after")) from err
    except groq.APITimeoutError as err:
        if isinstance(err.__cause__, httpx.ConnectTimeout):
            raise UnreachableError("no connection in time") from err
        raise StalledError("the connection fell silent") from err
    except groq.APIConnectionError as err:
        raise UnreachableError("no connection") from err
    except groq.APIError as err:
        raise _error_of(err, -1, None) from err
    except groq.GroqError as err:
        raise BadRequestError("the client refused the request") from err
    except httpx.TimeoutException as err:
        raise StalledError("the connection fell silent") from err
    except httpx.HTTPError as err:
        raise BrokenStreamError("the connection was cut") from err
    except TimeoutError as err:
        raise StalledError("no answer in time") from err
    except (ValueError, TypeError, AttributeError) as err:
        # Not the documented shape; the client builds its objects without validation.
        raise BrokenStreamError("the answer cannot be read") from err


def _error_of(err: groq.APIError, status: int, retry_after: str | None) -> ProviderError:
    """Read the error body, `{"error": {...}}` or, in the middle of a stream, the inner object."""
    body = err.body if isinstance(err.body, dict) else {}
    inner = body.get("error")
    body = inner if isinstance(inner, dict) else body
    inner_status = body.get("status_code")
    status = inner_status if status < 0 and isinstance(inner_status, int) else status
    detail = str(body.get("message") or f"status {status}")[:DETAIL_MAX_CHARS]
    return _error(status, str(body.get("code") or ""), detail, _seconds(retry_after))


def _error(
    status: int, code: str, detail: str, retry_after_s: float | None = None
) -> ProviderError:
    """Choose the error for an HTTP status (-1 when there is none) and Groq's code."""
    text = detail.lower()
    kind: type[ProviderError]
    if code in ("model_not_found", "model_decommissioned") or code.startswith("model_permission"):
        kind = ModelMissingError
    elif code == "tool_use_failed":
        kind = BadToolCallError
    elif status == 413 or code == "context_length_exceeded" or "reduce the length" in text:
        kind = TooLargeError
    elif "tool" in text and "not supported" in text:
        kind = ToolsUnsupportedError
    else:
        kind = _KIND_OF_STATUS.get(status) or (
            BadRequestError if 400 <= status < 499 else ServiceError
        )
    return kind(detail, retry_after_s=retry_after_s)


_KIND_OF_STATUS: dict[int, type[ProviderError]] = {
    401: AuthError,
    403: AuthError,
    429: RateLimitedError,
    498: BusyError,
    503: BusyError,
}


def _seconds(header: str | None) -> float | None:
    try:
        return max(float(header), 0.0) if header else None
    except ValueError:
        return None
