"""Requests, answers and errors as Ollama writes them."""

import re
import uuid
from typing import TYPE_CHECKING, Any

from .base import (
    AssistantMessage,
    AuthError,
    BadRequestError,
    BadToolCallError,
    BusyError,
    ChatRequest,
    ContextOverflowError,
    Done,
    Event,
    Message,
    ModelMissingError,
    ProviderError,
    RateLimitedError,
    ServiceError,
    StopReason,
    SystemMessage,
    TextDelta,
    ThinkingDelta,
    ToolCall,
    ToolCallEvent,
    ToolResultMessage,
    ToolSpec,
    ToolsUnsupportedError,
    Usage,
    UserMessage,
    tool_args,
)
from .service_text import service_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

READ_CHARS = 2000
"""Of a server's error text; a proxy may answer with a whole web page."""

NOTHING_SAID = UserMessage(".")
"""Stands where the next request will be: some templates refuse a prompt without a user."""


def chat_body(request: ChatRequest) -> dict[str, Any]:
    """Return the body of a request for an answer."""
    body: dict[str, Any] = {
        "model": request.model,
        "messages": [_message(message) for message in request.messages],
        "stream": True,
        # Left out, a thinking model thinks: seconds of silence in a conversation.
        "think": _think(request.model),
        # Left out, a prompt that is too long loses its rules and half of the home, silently.
        "truncate": False,
        "options": _options(request, request.max_tokens),
    }
    if request.tools:
        body["tools"] = [_tool(tool) for tool in request.tools]
    if request.json_schema is not None:
        body["format"] = dict(request.json_schema)
    if request.keep_alive_s is not None:
        body["keep_alive"] = request.keep_alive_s
    return body


def warm_body(request: ChatRequest) -> dict[str, Any]:
    """Return the body of a request that leaves the beginning of `request` in memory.

    The beginning is everything before the last words of the person. Without one, the model
    is only loaded. The options that choose how the model runs are those of `chat_body`:
    others would load it a second time.
    """
    beginning = _beginning(request.messages)
    messages = [*beginning, NOTHING_SAID] if beginning else []
    body = chat_body(request) | {
        "messages": [_message(message) for message in messages],
        "stream": False,
        # One token: none at all means without end to some servers.
        "options": _options(request, 1),
    }
    if not messages:
        body.pop("tools", None)
    return body


def events(part: Mapping[str, Any]) -> Iterator[Event]:
    """Read one line of an answer; content and tool calls never share one."""
    message = part.get("message") or {}
    if thinking := message.get("thinking"):
        yield ThinkingDelta(thinking)
    if content := message.get("content"):
        yield TextDelta(content)
    for call in message.get("tool_calls") or ():
        yield ToolCallEvent(_tool_call(call))
    if part.get("done"):
        yield _usage(part)
        yield Done(StopReason.LENGTH if part.get("done_reason") == "length" else StopReason.STOP)


def error(status: int, text: str, *, model: str = "") -> ProviderError:
    """Choose the error for an HTTP status (-1 in the middle of a stream) and its text."""
    detail = service_text(text, model=model)
    folded = text[:READ_CHARS].lower()
    if status in (401, 403):
        return AuthError(detail)
    if "does not support tools" in folded:
        return ToolsUnsupportedError(detail)
    if ("model" in folded and "not found" in folded) or "file does not exist" in folded:
        return ModelMissingError(detail)
    if _OVERFLOW.search(folded):
        return _overflow(folded, detail)
    if "tool call" in folded:
        return BadToolCallError(detail)
    if status == 429:
        return RateLimitedError(detail)
    if status == 503:
        return BusyError(detail)
    if 400 <= status < 500:
        return BadRequestError(detail)
    return ServiceError(detail)


def context_length(model_info: Mapping[str, Any]) -> int | None:
    """Find `<architecture>.context_length` in what is known of a model."""
    for key, value in model_info.items():
        if key.endswith(".context_length") and isinstance(value, int):
            return value
    return None


def _think(model: str) -> bool | str:
    """Ask for no thinking; the one family that cannot do without knows levels only."""
    return "low" if "gpt-oss" in model.lower() else False


def _options(request: ChatRequest, num_predict: int) -> dict[str, Any]:
    options: dict[str, Any] = {"temperature": request.temperature, "num_predict": num_predict}
    if request.num_ctx is not None:
        options["num_ctx"] = request.num_ctx
    return options


def _beginning(messages: Sequence[Message]) -> Sequence[Message]:
    last = next(
        (at for at in reversed(range(len(messages))) if isinstance(messages[at], UserMessage)), None
    )
    return messages if last is None else messages[:last]


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


def _tool_call(call: Mapping[str, Any]) -> ToolCall:
    """Read a call; older servers give it no id."""
    function = call["function"]
    return ToolCall(
        id=call.get("id") or f"call_{uuid.uuid4().hex}",
        name=function["name"],
        args=tool_args(function.get("arguments")),
    )


def _usage(part: Mapping[str, Any]) -> Usage:
    return Usage(
        prompt_tokens=part.get("prompt_eval_count"),
        completion_tokens=part.get("eval_count"),
        load_s=_seconds(part.get("load_duration")),
        prompt_s=_seconds(part.get("prompt_eval_duration")),
        total_s=_seconds(part.get("total_duration")),
    )


def _seconds(nanoseconds: int | None) -> float | None:
    return None if nanoseconds is None else nanoseconds / 1e9


def _overflow(text: str, detail: str) -> ContextOverflowError:
    """Read "request (4476 tokens) exceeds the available context size (4096 tokens)"."""
    numbers = [int(number) for number in _TOKENS.findall(text)]
    needed, limit = numbers if len(numbers) == 2 else (None, None)
    return ContextOverflowError(detail, needed_tokens=needed, limit_tokens=limit)


_OVERFLOW = re.compile(r"context (length|size|window)")
_TOKENS = re.compile(r"\((\d+) tokens\)")
