"""Requests, answers and errors as Groq writes them."""

import json
import re
from typing import TYPE_CHECKING, Any

from .base import (
    AssistantMessage,
    AuthError,
    BadRequestError,
    BadToolCallError,
    BrokenStreamError,
    BusyError,
    ChatRequest,
    ContextOverflowError,
    Done,
    Event,
    Message,
    Model,
    ModelMissingError,
    ProviderError,
    Quota,
    RateLimitedError,
    ServiceError,
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
    Usage,
    UserMessage,
    tool_args,
)
from .quota import duration_s
from .service_text import service_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from groq.types import CompletionUsage
    from groq.types.chat import ChatCompletionChunk

NOT_CHAT = ("whisper", "tts", "orpheus", "guard")
"""Parts of the ids of models that hear, speak or classify; the API does not tell them apart."""


ANSWER_TOOL = "give_answer"
"""Tool that takes an answer of a given shape: the service refuses to stream its JSON mode, and
few of its models know it."""


class Answer:
    """Turns the chunks of one answer into events.

    A typical stream: role, reasoning*, content*, tool call fragments*, finish reason with usage.
    """

    def __init__(self) -> None:
        self._calls: dict[int, _CallParts] = {}
        self._finish_reason: str | None = None
        self.usage: Usage | None = None
        """What the answer cost; None until its end."""

    def events(self, chunk: ChatCompletionChunk) -> Iterator[Event]:
        """Yield what the chunk adds; complete tool calls wait for `finish`."""
        if extra := chunk.x_groq:
            if extra.error:
                raise error(-1, {"message": str(extra.error)})
            if extra.usage:
                self.usage = _usage(extra.usage)
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
        parts = sorted(self._calls.items())
        # All before the first: a call handed out cannot be taken back when the next one is bad.
        calls = [call.complete(f"call_{index}") for index, call in parts if not call.is_answer]
        for _, call in parts:
            if call.is_answer:
                yield TextDelta(call.args)
        for complete in calls:
            yield ToolCallEvent(complete)
        if self.usage:
            yield self.usage
        if calls:
            # Some models call tools and say "stop" all the same.
            yield Done(StopReason.TOOL_CALLS)
        else:
            yield Done(StopReason.LENGTH if self._finish_reason == "length" else StopReason.STOP)


class _CallParts:
    """Fragments of one tool call."""

    def __init__(self) -> None:
        self._id = ""
        self._name = ""
        self.args = ""
        """JSON, as the model wrote it."""

    @property
    def is_answer(self) -> bool:
        """Return True when the call hands over the answer itself."""
        return self._name == ANSWER_TOOL

    def add(self, call_id: str | None, function: Any) -> None:
        """Add a fragment; the id and the name come whole, the arguments in pieces."""
        self._id = call_id or self._id
        if function is not None:
            self._name = function.name or self._name
            self.args += function.arguments or ""

    def complete(self, fallback_id: str) -> ToolCall:
        """Return the call; `BadToolCallError` when the arguments cannot be read."""
        if not self._name:
            raise BadToolCallError("a tool call without a name")
        return ToolCall(id=self._id or fallback_id, name=self._name, args=tool_args(self.args))


def chat_body(request: ChatRequest) -> dict[str, Any]:
    """Return the body of a request for an answer."""
    body: dict[str, Any] = {
        "model": request.model,
        "messages": [_message(message) for message in request.messages],
        "stream": True,
        "temperature": request.temperature,
        "max_completion_tokens": request.max_tokens,
    }
    if request.tools:
        body["tools"] = [_tool(tool) for tool in request.tools]
    if request.json_schema is not None:
        answer = ToolSpec(
            name=ANSWER_TOOL, description="Takes the answer.", parameters=request.json_schema
        )
        body["tools"] = [_tool(answer)]
        body["tool_choice"] = {"type": "function", "function": {"name": ANSWER_TOOL}}
    if effort := _reasoning_effort(request.model):
        body["reasoning_effort"] = effort
    return body


def model(entry: Mapping[str, Any]) -> Model | None:
    """Read an entry of the model list; None when it cannot chat or is switched off."""
    model_id = str(entry.get("id", ""))
    if entry.get("active") is False or any(part in model_id.lower() for part in NOT_CHAT):
        return None
    context = entry.get("context_window")
    return Model(id=model_id, context_length=context if isinstance(context, int) else None)


def error_fields(body: object) -> Mapping[str, Any]:
    """Return the error in `{"error": {...}}`, or the inner object, as it comes in a stream."""
    fields = body if isinstance(body, dict) else {}
    inner = fields.get("error")
    return inner if isinstance(inner, dict) else fields


def error(
    status: int,
    fields: Mapping[str, Any],
    retry_after_s: float | None = None,
    *,
    model: str = "",
) -> ProviderError:
    """Choose the error for an HTTP status (-1 when there is none) and Groq's description."""
    inner_status = fields.get("status_code")
    status = inner_status if status < 0 and isinstance(inner_status, int) else status
    code = str(fields.get("code") or "")
    text = str(fields.get("message") or f"status {status}")
    detail, folded = service_text(text, model=model), text.lower()
    if code in ("model_not_found", "model_decommissioned") or code.startswith("model_permission"):
        return ModelMissingError(detail)
    if code == "tool_use_failed":
        return BadToolCallError(detail)
    if code == "context_length_exceeded" or "reduce the length" in folded:
        return ContextOverflowError(detail)
    if status in (413, 429):
        return _over_quota(status, text, detail, retry_after_s)
    if "tool" in folded and "not supported" in folded:
        return ToolsUnsupportedError(detail)
    kind = _KIND_OF_STATUS.get(status) or (BadRequestError if 400 <= status < 499 else ServiceError)
    return kind(detail, retry_after_s=retry_after_s)


def calls_in(text: str, tools: Sequence[ToolSpec]) -> list[ToolCall]:
    """Read the tool calls in a generation that the service refused; none when one is wrong.

    Models of different families write `{"name": N, "arguments": {}}`, alone, in a list or
    between tags, and `<function=N>{}`. A call is right when its tool was offered and has what
    it requires; values are left to the tool.
    """
    offered = {tool.name: tool for tool in tools}
    calls: list[ToolCall] = []
    for name, raw in _written_calls(text):
        tool = offered.get(name)
        try:
            args = tool_args(raw)
        except BadToolCallError:
            return []
        if tool is None or not set(tool.parameters.get("required", ())) <= set(args):
            return []
        calls.append(ToolCall(id=f"call_{len(calls)}", name=name, args=args))
    return calls


def _written_calls(text: str) -> Iterator[tuple[str, object]]:
    at = misses = 0
    while misses < _MAX_MISSES and (match := _CALL_BEGINS.search(text, at)):
        start = match.end() - 1
        try:
            value, at = _JSON.raw_decode(text, start)
        except ValueError:
            at = match.end()
            misses += 1
            continue
        except RecursionError:
            return
        if match["name"]:
            yield match["name"], value
            continue
        if isinstance(value, dict):
            value = value.get("tool_calls", [value])
        for entry in value if isinstance(value, list) else ():
            call = entry.get("function", entry) if isinstance(entry, dict) else None
            if isinstance(call, dict) and isinstance(call.get("name"), str):
                yield _plain_name(call["name"]), call.get("arguments", call.get("parameters"))


def _plain_name(name: str) -> str:
    """Take off what gpt-oss puts around: "functions.N", "N<|channel|>commentary"."""
    return name.partition("<|")[0].strip().removeprefix("functions.")


def _reasoning_effort(model_id: str) -> str | None:
    """Least reasoning that the model's family accepts: it costs time and answer tokens."""
    if "gpt-oss" in model_id:
        return "low"
    if "qwen3" in model_id:
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


def _usage(usage: CompletionUsage) -> Usage:
    details = usage.prompt_tokens_details
    return Usage(
        prompt_tokens=usage.prompt_tokens,
        cached_tokens=details.cached_tokens if details else None,
        completion_tokens=usage.completion_tokens,
        prompt_s=usage.prompt_time,
        total_s=usage.total_time,
    )


def _over_quota(status: int, text: str, detail: str, retry_after_s: float | None) -> ProviderError:
    """Read "... on tokens per minute (TPM): Limit 8000, Used 7274, Requested 7590. ..."."""
    numbers = {name.lower(): int(number) for name, number in _NUMBERS.findall(text)}
    limit, requested = numbers.get("limit"), numbers.get("requested")
    may_fit_later = limit is not None and requested is not None and requested <= limit
    if status == 413 and not may_fit_later:
        return TooLargeError(detail, limit_tokens=limit, needed_tokens=requested)
    if retry_after_s is None and (wait := _WAIT.search(text)):
        retry_after_s = duration_s(wait[1])
    quota = next((quota for sign, quota in _QUOTAS.items() if f"({sign})" in text), None)
    return RateLimitedError(detail, retry_after_s=retry_after_s, quota=quota)


_KIND_OF_STATUS: dict[int, type[ProviderError]] = {
    401: AuthError,
    403: AuthError,
    498: BusyError,
    503: BusyError,
}
_QUOTAS = {
    "RPM": Quota.REQUESTS_PER_MINUTE,
    "RPD": Quota.REQUESTS_PER_DAY,
    "TPM": Quota.TOKENS_PER_MINUTE,
    "TPD": Quota.TOKENS_PER_DAY,
}
_NUMBERS = re.compile(r"\b(Limit|Used|Requested):? (\d+)")
_WAIT = re.compile(r"try again in ([\dhms.]*[hms])", re.IGNORECASE)
_CALL_BEGINS = re.compile(r"<function=(?P<name>[\w.-]+)[\s>(,=]*\{|[\[{]")
_JSON = json.JSONDecoder()
# Each bracket that begins nothing may be read to the end of the text: 20 kB of them, which a model
# that has lost its way writes, would hold up the whole house for half a minute.
_MAX_MISSES = 32
