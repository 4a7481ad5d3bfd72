"""A stand-in for an Ollama server: its documented paths, streams and errors.

`python -m tests.fakes.ollama --port 11434` serves it as a process.
"""

import asyncio
import json
from dataclasses import dataclass
from typing import Any, override

from aiohttp import web

from tests.fakes.scripted_model import ScriptedModel, Step
from tests.fakes.stand_in import StandIn, play, run

DEFAULT_NUM_CTX = 8192
CREATED_AT = "2026-01-01T00:00:00Z"


@dataclass(slots=True, kw_only=True)
class StoredModel:
    """A model on the server's disk."""

    capabilities: list[str]
    context_length: int = 32768
    size_bytes: int = 2_500_000_000


def _default_models() -> dict[str, StoredModel]:
    return {
        "qwen3:4b-instruct": StoredModel(capabilities=["completion", "tools"]),
        "llama2:7b": StoredModel(capabilities=["completion"], context_length=4096),
        "nomic-embed-text:latest": StoredModel(capabilities=["embedding"], context_length=2048),
    }


class FakeOllama(StandIn):
    """Knobs: `models`, `loaded`, `load_s`, `ps_s`, `is_busy`, `api_key`, `pull_steps`, and more.

    `knows_truncate` is False for an old server, which cuts long prompts in silence.
    """

    def __init__(self, *, port: int = 0, model: ScriptedModel | None = None) -> None:
        super().__init__(port=port, model=model)
        self.models = _default_models()
        self.damaged: set[str] = set()
        """Models that are listed, but cannot be described."""
        self.loaded: set[str] = set()
        self.contexts: dict[str, int] = {}
        """Context window that each loaded model runs with, once it is known."""
        self.loads = 0
        """How often a model was read from disk; another context window counts too."""
        self.load_s = 0.0
        self.ps_s = 0.0
        """Delay of the answer to /api/ps."""
        self.ps_status = 200
        """Status of that answer: old servers do not know the path."""
        self.knows_truncate = True
        self.is_busy = False
        self.api_key: str | None = None
        self.pull_steps: list[Step] = [
            {"status": "pulling manifest"},
            {"status": "pulling abc", "digest": "sha256:abc", "total": 100, "completed": 40},
            {"status": "pulling abc", "digest": "sha256:abc", "total": 100, "completed": 100},
            {"status": "verifying sha256 digest"},
            {"status": "success"},
        ]

    @property
    def chats(self) -> list[Any]:
        """Bodies of the requests for an answer; loading and warming up are left out."""
        chats = self.bodies("/api/chat")
        return [body for body in chats if body.get("messages") and not _only_warms(body)]

    @override
    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_get("/", self._root)
        router.add_get("/api/version", self._version)
        router.add_get("/api/tags", self._tags)
        router.add_get("/api/ps", self._ps)
        router.add_post("/api/show", self._show)
        router.add_post("/api/pull", self._pull)
        router.add_post("/api/chat", self._chat)

    @override
    def refusal(self, request: web.Request) -> web.Response | None:
        wanted = f"Bearer {self.api_key}"
        if self.api_key and request.headers.get("Authorization") != wanted:
            return _error(401, "unauthorized")
        return None

    async def _root(self, _request: web.Request) -> web.Response:
        return web.Response(text="Ollama is running")

    async def _version(self, _request: web.Request) -> web.Response:
        return web.json_response({"version": "0.33.0"})

    async def _tags(self, _request: web.Request) -> web.Response:
        return web.json_response({"models": [self._listed(name) for name in self.models]})

    async def _ps(self, _request: web.Request) -> web.Response:
        if self.ps_status != 200:
            return web.Response(status=self.ps_status, text="404 page not found")
        running = [
            self._listed(name)
            | {
                "expires_at": CREATED_AT,
                "size_vram": 0,
                "context_length": self.contexts.get(name, DEFAULT_NUM_CTX),
            }
            for name in sorted(self.loaded)
        ]
        await asyncio.sleep(self.ps_s)
        return web.json_response({"models": running})

    async def _show(self, request: web.Request) -> web.Response:
        name = (await request.json())["model"]
        if (stored := self.models.get(name)) is None:
            return _error(404, f"model '{name}' not found")
        if name in self.damaged:
            return _error(500, "unexpected EOF")
        return web.json_response(
            {
                "capabilities": stored.capabilities,
                "details": {"family": "qwen3"},
                "model_info": {
                    "general.architecture": "qwen3",
                    "qwen3.context_length": stored.context_length,
                },
            }
        )

    async def _pull(self, request: web.Request) -> web.StreamResponse:
        name = (await request.json())["model"]
        response = await self._open(request)
        for step in self.pull_steps:
            await response.write(_line(step))
        if self.pull_steps[-1].get("status") == "success":
            self.models[name] = StoredModel(capabilities=["completion", "tools"])
        await response.write_eof()
        return response

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        if refused := self._refused(body):
            return refused
        name = body["model"]
        await self._load(name, body)
        if not body.get("messages"):
            return web.json_response(self._unloaded_or_loaded(name, body))
        if self._overflows(name, body) and self.knows_truncate and body.get("truncate") is False:
            return _error(400, "the input length exceeds the context length")
        if _only_warms(body):
            return web.json_response(_whole(name, [{"content": "."}, {"length": True}]))
        tools = [tool["function"]["name"] for tool in body.get("tools") or ()]
        steps = self.model.answer(body["messages"], tools)
        if steps and "status" in steps[0]:
            return _error(steps[0]["status"], steps[0].get("error", "refused"))
        if self._thinks(name, body):
            steps = [{"thinking": "hum"}, *steps]
        if body.get("stream", True):
            return await self._streamed(request, name, steps)
        return web.json_response(_whole(name, steps))

    async def _load(self, name: str, body: dict[str, Any]) -> None:
        """Read a model from disk, also when it runs with another context window."""
        num_ctx = body.get("options", {}).get("num_ctx", DEFAULT_NUM_CTX)
        if name not in self.loaded or self.contexts.get(name, num_ctx) != num_ctx:
            self.loads += 1
            await asyncio.sleep(self.load_s)
        self.loaded.add(name)
        self.contexts[name] = num_ctx

    def _overflows(self, name: str, body: dict[str, Any]) -> bool:
        """Count four characters as a token."""
        prompt = json.dumps([body["messages"], body.get("tools")], ensure_ascii=False)
        return len(prompt) / 4 > self.contexts[name]

    def _thinks(self, name: str, body: dict[str, Any]) -> bool:
        """Think unless told not to; gpt-oss does not take no for an answer."""
        can_think = "thinking" in self.models[name].capabilities
        return can_think and (body.get("think", True) is not False or "gpt-oss" in name)

    def _refused(self, body: dict[str, Any]) -> web.Response | None:
        """Check what the server checks before it loads a model."""
        if self.is_busy:
            return _error(503, "server busy, please try again.  maximum pending requests exceeded")
        name = body.get("model")
        if not name:
            return _error(400, "model is required")
        if (stored := self.models.get(name)) is None:
            return _error(404, f"model '{name}' not found")
        full_name = f"registry.ollama.ai/library/{name}"
        if body.get("tools") and "tools" not in stored.capabilities:
            return _error(400, f"{full_name} does not support tools")
        if body.get("think") and "thinking" not in stored.capabilities:
            return _error(400, f'"{name}" does not support thinking')
        for message in body.get("messages", ()):
            for call in message.get("tool_calls", ()):
                if not isinstance(call["function"]["arguments"], dict):
                    return _error(400, "json: cannot unmarshal string into Go struct field")
        return None

    def _unloaded_or_loaded(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        if body.get("keep_alive") == 0:
            self.loaded.discard(name)
            return _part(name, {"content": ""}) | {"done": True, "done_reason": "unload"}
        return _part(name, {"content": ""}) | {"done": True, "done_reason": "load"}

    async def _open(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        response.enable_chunked_encoding()
        await response.prepare(request)
        return response

    async def _streamed(
        self, request: web.Request, name: str, steps: list[Step]
    ) -> web.StreamResponse:
        response = await self._open(request)

        def write(step: Step) -> bytes:
            return _line({"error": step["error"]} if "error" in step else _part(name, step))

        if await play(request, response, steps, write):
            await response.write(_line(_last(name, steps)))
        await response.write_eof()
        return response

    def _listed(self, name: str) -> dict[str, Any]:
        stored = self.models.get(name) or StoredModel(capabilities=[])
        return {
            "name": name,
            "model": name,
            "modified_at": CREATED_AT,
            "size": stored.size_bytes,
            "digest": "0" * 64,
            "details": {"family": "qwen3", "parameter_size": "4B"},
            "capabilities": stored.capabilities,
        }


def _only_warms(body: dict[str, Any]) -> bool:
    """Return True for a request that fills the cache; it takes no script from the queue."""
    return not body.get("stream", True) and body.get("options", {}).get("num_predict") == 1


def _part(name: str, step: Step) -> dict[str, Any]:
    """One line of an answer; content and tool calls never share one."""
    message: dict[str, Any] = {"role": "assistant", "content": step.get("content", "")}
    if "thinking" in step:
        message["thinking"] = step["thinking"]
    if "tool_calls" in step:
        message["tool_calls"] = [
            {"id": f"call_{index}", "function": {"index": index, **call}}
            for index, call in enumerate(step["tool_calls"])
        ]
    return {"model": name, "created_at": CREATED_AT, "message": message, "done": False}


def _last(name: str, steps: list[Step]) -> dict[str, Any]:
    reason = "length" if any(step.get("length") for step in steps) else "stop"
    return _part(name, {}) | {
        "done": True,
        "done_reason": reason,
        "total_duration": 900_000_000,
        "load_duration": 250_000_000,
        "prompt_eval_count": 120,
        "prompt_eval_duration": 300_000_000,
        "eval_count": 12,
        "eval_duration": 350_000_000,
    }


def _whole(name: str, steps: list[Step]) -> dict[str, Any]:
    """Answer a request that does not stream."""
    calls = [call for step in steps for call in step.get("tool_calls", ())]
    joined: Step = {"content": "".join(step.get("content", "") for step in steps)}
    if calls:
        joined["tool_calls"] = calls
    return _last(name, steps) | {"message": _part(name, joined)["message"]}


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"


def _error(status: int, text: str) -> web.Response:
    return web.json_response({"error": text}, status=status)


if __name__ == "__main__":
    run(FakeOllama, "A stand-in for an Ollama server", 11434)
