"""A stand-in for Groq's API: its documented paths, event streams and errors.

`python -m tests.fakes.groq --port 0` serves it as a process; the key is `gsk_test`.
"""

import json
import math
import time
from typing import Any, override

from aiohttp import web

from tests.fakes.scripted_model import ScriptedModel, Step
from tests.fakes.stand_in import StandIn, play, run

API_KEY = "gsk_test"
USAGE = {
    "queue_time": 0.01,
    "prompt_tokens": 120,
    "prompt_time": 0.01,
    "completion_tokens": 12,
    "completion_time": 0.02,
    "total_tokens": 132,
    "total_time": 0.03,
    "prompt_tokens_details": {"cached_tokens": 64},
}
LIMITS = {
    "x-ratelimit-limit-requests": "1000",
    "x-ratelimit-remaining-requests": "999",
    "x-ratelimit-reset-requests": "1m26.4s",
    "x-ratelimit-limit-tokens": "8000",
    "x-ratelimit-remaining-tokens": "7868",
    "x-ratelimit-reset-tokens": "990ms",
}


class Bucket:
    """Tokens that fill again all the time and requests that are counted by the day."""

    def __init__(self, *, tokens_per_minute: int, requests_per_day: int = 1000) -> None:
        self.tokens_per_minute = tokens_per_minute
        self.requests_per_day = requests_per_day
        self.requests_left = requests_per_day
        self._tokens_left = float(tokens_per_minute)
        self._counted_at_s = time.monotonic()

    def headers(self) -> dict[str, str]:
        """Tell what is left."""
        missing = self.tokens_per_minute - self.tokens_left
        used = self.requests_per_day - self.requests_left
        return {
            "x-ratelimit-limit-requests": str(self.requests_per_day),
            "x-ratelimit-remaining-requests": str(self.requests_left),
            "x-ratelimit-reset-requests": f"{used * 86400 / self.requests_per_day:.2f}s",
            "x-ratelimit-limit-tokens": str(self.tokens_per_minute),
            "x-ratelimit-remaining-tokens": str(int(self.tokens_left)),
            "x-ratelimit-reset-tokens": f"{missing * 60 / self.tokens_per_minute:.2f}s",
        }

    def refusal(self, name: str, body: dict[str, Any]) -> web.Response | None:
        """Take the tokens of a request, or refuse it in Groq's words."""
        prompt = json.dumps([body["messages"], body.get("tools")], ensure_ascii=False)
        needed = len(prompt) // 4 + body.get("max_completion_tokens", 1024)
        left = self.tokens_left
        where = f"for model `{name}` in organization `org_1` service tier `on_demand`"
        limit = f"on tokens per minute (TPM): Limit {self.tokens_per_minute}"
        if needed > self.tokens_per_minute:
            text = (
                f"Request too large {where} {limit}, Requested {needed}, please reduce your "
                "message size and try again."
            )
            return self._refused(413, text, "tokens")
        if not self.requests_left:
            each_s = 86400 / self.requests_per_day
            text = (
                f"Rate limit reached {where} on requests per day (RPD): "
                f"Limit {self.requests_per_day}, Used {self.requests_per_day}, Requested 1. "
                f"Please try again in {each_s:.2f}s."
            )
            return self._refused(429, text, "requests", each_s)
        if needed > left:
            wait_s = (needed - left) * 60 / self.tokens_per_minute
            used = int(self.tokens_per_minute - left)
            text = (
                f"Rate limit reached {where} {limit}, Used {used}, Requested {needed}. "
                f"Please try again in {wait_s:.2f}s."
            )
            return self._refused(429, text, "tokens", wait_s)
        self._tokens_left = left - needed
        self.requests_left -= 1
        return None

    @property
    def tokens_left(self) -> float:
        """Tokens left now."""
        now_s = time.monotonic()
        filled = (now_s - self._counted_at_s) * self.tokens_per_minute / 60
        self._tokens_left = min(self._tokens_left + filled, float(self.tokens_per_minute))
        self._counted_at_s = now_s
        return self._tokens_left

    def _refused(
        self, status: int, text: str, kind: str, wait_s: float | None = None
    ) -> web.Response:
        wait = {} if wait_s is None else {"retry-after": f"{math.ceil(wait_s)}"}
        headers = {**self.headers(), **wait}
        return error(status, "rate_limit_exceeded", text, headers=headers, type=kind)


class FakeGroq(StandIn):
    """Knobs: `models`, `decommissioned`, `api_key`, `bucket`; `url` is the client's `base_url`."""

    def __init__(self, *, port: int = 0, model: ScriptedModel | None = None) -> None:
        super().__init__(port=port, model=model)
        self.api_key = API_KEY
        self.models: dict[str, dict[str, Any]] = {
            "openai/gpt-oss-20b": {"active": True, "context_window": 131072},
            "qwen/qwen3.6-27b": {"active": True, "context_window": 131072},
            "retired/model": {"active": False, "context_window": 8192},
            "whisper-large-v3-turbo": {"active": True, "context_window": 448},
            "canopylabs/orpheus-v1-english": {"active": True, "context_window": 4000},
        }
        self.bucket: Bucket | None = None
        """Quota of the model; without one the numbers on the replies never change."""
        self.decommissioned = {"llama-3.3-70b-versatile"}

    @override
    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_get("/openai/v1/models", self._models)
        router.add_post("/openai/v1/chat/completions", self._chat)

    @override
    def refusal(self, request: web.Request) -> web.Response | None:
        if request.headers.get("Authorization") != f"Bearer {self.api_key}":
            return error(401, "invalid_api_key", "Invalid API Key")
        return None

    async def _models(self, _request: web.Request) -> web.Response:
        data = [
            {"id": name, "object": "model", "created": 1, "owned_by": "test", **fields}
            for name, fields in self.models.items()
        ]
        return web.json_response({"object": "list", "data": data})

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        refused = self._refused(body) or (
            self.bucket.refusal(body["model"], body) if self.bucket else None
        )
        if refused:
            return refused
        tools = [tool["function"]["name"] for tool in body.get("tools") or ()]
        steps = self.model.answer(body["messages"], tools)
        if steps and "status" in steps[0]:
            first = steps[0]
            return error(
                first["status"],
                first.get("code", ""),
                first.get("error", "refused"),
                headers=first.get("headers"),
                **first.get("extra", {}),
            )
        if body.get("stream"):
            limits = self.bucket.headers() if self.bucket else LIMITS
            return await _streamed(request, body["model"], steps, limits)
        return error(400, "unsupported", "the stand-in only streams")

    def _refused(self, body: dict[str, Any]) -> web.Response | None:
        name = body.get("model", "")
        if name in self.decommissioned:
            return error(
                400, "model_decommissioned", f"The model `{name}` has been decommissioned."
            )
        if name not in self.models:
            text = f"The model `{name}` does not exist or you do not have access to it."
            return error(404, "model_not_found", text)
        known: set[str] = set()
        for message in body["messages"]:
            for call in message.get("tool_calls", ()):
                known.add(call["id"])
                if not isinstance(call["function"]["arguments"], str):
                    return error(400, "", "'arguments' : value must be a string")
            if message["role"] == "tool" and message.get("tool_call_id") not in known:
                return error(400, "", "'tool_call_id' not found in 'tool_calls' of any message")
        return None


async def _streamed(
    request: web.Request, name: str, steps: list[Step], limits: dict[str, str]
) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", **limits})
    response.enable_chunked_encoding()
    await response.prepare(request)
    first = _chunk(name, {"role": "assistant", "content": ""})
    await response.write(_data(first | {"x_groq": {"id": "req_1", "seed": 1}}))

    def write(step: Step) -> bytes:
        if "error" in step:
            inner = {"message": step["error"], "type": "server_error", **step.get("extra", {})}
            return b"event: error\n" + _data({"error": inner})
        return b"".join(_data(_chunk(name, delta)) for delta in _deltas(step))

    # A script that begins with a stall models a service silent before its first byte of text.
    if await play(request, response, steps, write):
        last = _chunk(name, {}, _finish_reason(steps))
        await response.write(_data(last | {"x_groq": {"id": "req_1", "usage": USAGE}}))
        await response.write(b"data: [DONE]\n\n")
    await response.write_eof()
    return response


def _deltas(step: Step) -> list[dict[str, Any]]:
    """Deltas of one step; `"pieces": n` cuts the arguments of its tool calls into n."""
    if "content" in step:
        return [{"content": step["content"]}]
    if "thinking" in step:
        return [{"reasoning": step["thinking"], "channel": "analysis"}]
    deltas: list[dict[str, Any]] = []
    for index, call in enumerate(step["tool_calls"]):
        arguments = call["arguments"]
        text = arguments if isinstance(arguments, str) else json.dumps(arguments)
        pieces = _cut(text, step.get("pieces", 1))
        function: dict[str, Any] = {"name": call["name"], "arguments": pieces[0]}
        head = {"index": index, "id": f"fc_{index}", "type": "function", "function": function}
        deltas.append({"tool_calls": [head]})
        for piece in pieces[1:]:
            rest = {"index": index, "function": {"arguments": piece}}
            deltas.append({"tool_calls": [rest]})
    return deltas


def _cut(text: str, pieces: int) -> list[str]:
    size = max(1, -(-len(text) // pieces))
    return [text[start : start + size] for start in range(0, len(text), size)] or [""]


def _finish_reason(steps: list[Step]) -> str:
    if any(step.get("length") for step in steps):
        return "length"
    return "tool_calls" if any("tool_calls" in step for step in steps) else "stop"


def _chunk(name: str, delta: dict[str, Any], finish_reason: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": name,
        "system_fingerprint": "fp_1",
        "choices": [choice],
    }


def _data(value: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(value, ensure_ascii=False).encode() + b"\n\n"


def error(
    status: int,
    code: str,
    text: str,
    *,
    headers: dict[str, str] | None = None,
    **extra: Any,
) -> web.Response:
    """Word an error as Groq does."""
    body = {"error": {"message": text, "type": "invalid_request_error", "code": code, **extra}}
    return web.json_response(body, status=status, headers={**LIMITS, **(headers or {})})


if __name__ == "__main__":
    run(FakeGroq, "A stand-in for Groq's API", 0)
