"""Models on the user's own machine, through the official `ollama` client."""

import asyncio
import json
import uuid
from contextlib import aclosing, contextmanager, suppress
from typing import TYPE_CHECKING, Any

import httpx
import ollama

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
    PullProgress,
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
    import ssl
    from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence

PULL_GAP_S = 600.0
"""Silence allowed during a download: verifying the hash of 20 GB on a slow disk takes minutes."""

SHOW_AT_ONCE = 4
"""Models asked about in parallel; the server answers each from its disk."""

DRAIN_S = 0.5
"""Wait for the end of a response after its last line; servers send both together."""

DETAIL_MAX_CHARS = 200
"""Of a server's error text; a proxy may answer with a whole web page."""


class OllamaProvider:
    """An Ollama server.

    Inside Home Assistant pass its prepared `ssl_context`: without one, httpx reads the
    certificates from disk, which blocks.
    """

    name = "Ollama"

    def __init__(
        self,
        url: str,
        *,
        ssl_context: ssl.SSLContext | None = None,
        api_key: str | None = None,
        deadlines: Deadlines | None = None,
    ) -> None:
        """Prepare a client; nothing is sent. `UnreachableError` when the URL cannot be one."""
        self._deadlines = deadlines or Deadlines()
        try:
            self._client = _Client(
                url,
                verify=ssl_context or True,
                timeout=httpx.Timeout(None, connect=self._deadlines.connect_s),
                headers={"Authorization": f"Bearer {api_key}"} if api_key else None,
            )
        except (ValueError, httpx.InvalidURL) as err:
            raise UnreachableError("the address is not a URL") from err

    async def models(self) -> Sequence[Model]:
        """Chat models on the server's disk, with their capabilities, sorted by id."""
        slots = asyncio.Semaphore(SHOW_AT_ONCE)

        async def described(model: ollama.ListResponse.Model) -> Model | None:
            async with slots:
                return await self._described(model)

        listed = await self._list()
        models = await asyncio.gather(*(described(model) for model in listed.models))
        return sorted((m for m in models if m), key=lambda model: model.id)

    async def warm(self, request: ChatRequest) -> None:
        """Load the model with the same options as `request`, or another load would follow."""
        body = _body(request) | {"messages": [], "stream": False}
        body.pop("tools", None)
        with _translated():
            async with (
                asyncio.timeout(self._deadlines.cold_first_event_s),
                aclosing(self._client.json_lines("/api/chat", body)) as lines,
            ):
                async for _ in lines:
                    pass

    async def pull(self, model: str) -> AsyncGenerator[PullProgress]:
        """Download a model; closing the generator stops the download, which can be resumed."""
        body = {"model": model, "stream": True}
        status = ""
        with _translated():
            async for part in self._timed("/api/pull", body, PULL_GAP_S, PULL_GAP_S):
                status = str(part.get("status", ""))
                yield PullProgress(
                    status=status,
                    completed_bytes=part.get("completed"),
                    total_bytes=part.get("total"),
                )
        if status != "success":
            raise BrokenStreamError("the download ended early")

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Event]:
        """Answer the request; closing the generator frees the server's slot."""
        with _translated():
            first_s = await self._first_event_s(request.model)
            parts = self._timed("/api/chat", _body(request), first_s, self._deadlines.gap_s)
            async with aclosing(parts):
                async for part in parts:
                    for event in _events(part):
                        yield event
                    if part.get("done"):
                        await _drain(parts)
                        return
        raise BrokenStreamError("the answer ended without its last line")

    async def close(self) -> None:
        """Close the connections; harmless when called twice."""
        await self._client.close()  # type: ignore[no-untyped-call]

    async def _list(self) -> ollama.ListResponse:
        with _translated(not_json=BadRequestError("the address is not Ollama's")):
            async with asyncio.timeout(self._deadlines.request_s):
                return await self._client.list()

    async def _described(self, model: ollama.ListResponse.Model) -> Model | None:
        """Ask what the model can do; None when it cannot chat."""
        name = model.model or ""
        size_bytes = None if model.size is None else int(model.size)
        try:
            with _translated():
                async with asyncio.timeout(self._deadlines.request_s):
                    shown = await self._client.show(name)
        except BrokenStreamError, ModelMissingError, ServiceError:
            # One damaged model must not hide the others.
            return Model(id=name, size_bytes=size_bytes)
        capabilities = shown.capabilities
        if capabilities and "completion" not in capabilities:
            return None
        return Model(
            id=name,
            context_length=_context_length(shown.modelinfo or {}),
            supports_tools=None if capabilities is None else "tools" in capabilities,
            size_bytes=size_bytes,
        )

    async def _first_event_s(self, model: str) -> float:
        """Allow for loading when the model is not in memory; old servers cannot tell."""
        try:
            with _translated():
                async with asyncio.timeout(self._deadlines.request_s):
                    running = await self._client.ps()
        except BrokenStreamError, BadRequestError, ServiceError:
            return self._deadlines.cold_first_event_s
        names = {loaded.model for loaded in running.models}
        is_loaded = bool(names & {model, f"{model}:latest"})
        return self._deadlines.first_event_s if is_loaded else self._deadlines.cold_first_event_s

    async def _timed(
        self, path: str, body: Mapping[str, Any], first_s: float, gap_s: float
    ) -> AsyncGenerator[dict[str, Any]]:
        async with (
            aclosing(self._client.json_lines(path, body)) as lines,
            aclosing(with_deadlines(lines, first_s=first_s, gap_s=gap_s)) as timed,
        ):
            async for part in timed:
                yield part


class _Client(ollama.AsyncClient):
    """The official client plus a request it cannot make.

    Its `chat` reduces tool schemas to type, description and enum, drops the ids of tool
    calls, and fails on the blank lines that some proxies send to keep a connection open.
    """

    async def json_lines(
        self, path: str, body: Mapping[str, Any]
    ) -> AsyncGenerator[dict[str, Any]]:
        """POST and yield one object per line; `ollama.ResponseError` as the client raises it."""
        async with self._client.stream("POST", path, json=body) as response:
            if response.is_error:
                await response.aread()
                raise ollama.ResponseError(response.text, response.status_code)
            async for line in response.aiter_lines():
                if not line.strip():
                    continue
                part = json.loads(line)
                if not isinstance(part, dict):
                    raise TypeError("a line is not an object")
                if error := part.get("error"):
                    raise ollama.ResponseError(str(error))
                yield part


async def _drain(parts: AsyncGenerator[dict[str, Any]]) -> None:
    """Read the end of a complete answer, so that its connection can be used again.

    Whatever goes wrong now does not spoil the answer.
    """
    with suppress(ProviderError), _translated():
        async with asyncio.timeout(DRAIN_S):
            async for _ in parts:
                pass


def _events(part: Mapping[str, Any]) -> Iterator[Event]:
    """Read one line of an answer; content and tool calls never share one."""
    message = part.get("message") or {}
    if thinking := message.get("thinking"):
        yield ThinkingDelta(thinking)
    if content := message.get("content"):
        yield TextDelta(content)
    for call in message.get("tool_calls") or ():
        yield ToolCallEvent(_tool_call(call))
    if part.get("done"):
        load_ns = part.get("load_duration")
        yield Usage(
            prompt_tokens=part.get("prompt_eval_count"),
            completion_tokens=part.get("eval_count"),
            load_s=None if load_ns is None else load_ns / 1e9,
        )
        yield Done(StopReason.LENGTH if part.get("done_reason") == "length" else StopReason.STOP)


def _tool_call(call: Mapping[str, Any]) -> ToolCall:
    """Read a call; older servers give it no id."""
    function = call["function"]
    return ToolCall(
        id=call.get("id") or f"call_{uuid.uuid4().hex}",
        name=function["name"],
        args=tool_args(function.get("arguments")),
    )


def _body(request: ChatRequest) -> dict[str, Any]:
    options: dict[str, Any] = {
        "temperature": request.temperature,
        "num_predict": request.max_tokens,
    }
    if request.num_ctx is not None:
        options["num_ctx"] = request.num_ctx
    body: dict[str, Any] = {
        "model": request.model,
        "messages": [_message(message) for message in request.messages],
        "stream": True,
        # Left out, a thinking model thinks: seconds of silence in a conversation.
        "think": False,
        "options": options,
    }
    if request.tools:
        body["tools"] = [_tool(tool) for tool in request.tools]
    if request.keep_alive_s is not None:
        body["keep_alive"] = request.keep_alive_s
    return body


def _message(message: Message) -> dict[str, Any]:
    match message:
        case SystemMessage(text):
            return {"role": "system", "content": text}
        case UserMessage(text):
            return {"role": "user", "content": text}
        case ToolResultMessage():
            return {
                "role": "tool",
                "content": message.result,
                "tool_name": message.name,
                "tool_call_id": message.call_id,
            }
        case AssistantMessage(text, calls):
            said: dict[str, Any] = {"role": "assistant", "content": text}
            if calls:
                said["tool_calls"] = [
                    {"id": call.id, "function": {"name": call.name, "arguments": dict(call.args)}}
                    for call in calls
                ]
            return said


def _tool(tool: ToolSpec) -> dict[str, Any]:
    function = {
        "name": tool.name,
        "description": tool.description,
        "parameters": dict(tool.parameters),
    }
    return {"type": "function", "function": function}


def _context_length(model_info: Mapping[str, Any]) -> int | None:
    """Find `<architecture>.context_length`."""
    for key, value in model_info.items():
        if key.endswith(".context_length") and isinstance(value, int):
            return value
    return None


@contextmanager
def _translated(*, not_json: ProviderError | None = None) -> Iterator[None]:
    """Turn everything the client may raise into our errors."""
    try:
        yield
    except ollama.ResponseError as err:
        raise _error(err.status_code, str(err.error)[:DETAIL_MAX_CHARS]) from err
    except (ConnectionError, httpx.ConnectError, httpx.ConnectTimeout) as err:
        raise UnreachableError("no connection") from err
    except (httpx.UnsupportedProtocol, httpx.InvalidURL) as err:
        raise UnreachableError("the address is not a URL") from err
    except httpx.TimeoutException as err:
        raise StalledError("the connection fell silent") from err
    except httpx.HTTPError as err:
        raise BrokenStreamError("the connection was cut") from err
    except TimeoutError as err:
        raise StalledError("no answer in time") from err
    except (ValueError, TypeError, KeyError, AttributeError) as err:
        # JSON that is none, or not of the documented shape; pydantic's error is a ValueError.
        raise not_json or BrokenStreamError("the answer cannot be read") from err


def _error(status: int, detail: str) -> ProviderError:
    """Choose the error for an HTTP status (-1 in the middle of a stream) and its text."""
    text = detail.lower()
    if status in (401, 403):
        return AuthError(detail)
    if "does not support tools" in text:
        return ToolsUnsupportedError(detail)
    if ("model" in text and "not found" in text) or "file does not exist" in text:
        return ModelMissingError(detail)
    if "context length" in text or "context size" in text:
        return TooLargeError(detail)
    if "tool call" in text:
        return BadToolCallError(detail)
    if status == 429:
        return RateLimitedError(detail)
    if status == 503:
        return BusyError(detail)
    if 400 <= status < 500:
        return BadRequestError(detail)
    return ServiceError(detail)
