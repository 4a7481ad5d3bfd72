"""Models on the user's own machine, through the official `ollama` client."""

import asyncio
import json
from contextlib import aclosing, contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import httpx
import ollama

from . import ollama_wire as wire
from .base import (
    BadRequestError,
    BrokenStreamError,
    ChatRequest,
    Event,
    Limits,
    Model,
    ModelMissingError,
    ProviderError,
    ProviderStatus,
    PullProgress,
    Ration,
    ServiceError,
    StalledError,
    UnreachableError,
    Usage,
)
from .deadlines import Deadlines, with_deadlines

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager

PULL_GAP_S = 600.0
"""Silence allowed during a download: verifying the hash of 20 GB on a slow disk takes minutes."""

SHOW_AT_ONCE = 4
"""Models asked about in parallel; the server answers each from its disk."""

DRAIN_S = 0.5
"""Wait for the end of a response after its last line; servers send both together."""

LINE_MAX_BYTES = 1024**2
"""Of one line of an answer; a piece of it has some words, a whole one some thousand."""

LATEST = ":latest"
"""What the server adds to a model's name without a tag."""


class OllamaProvider:
    """An Ollama server."""

    name = "Ollama"
    is_local = True

    def __init__(
        self,
        url: str,
        *,
        http_client: Any = None,
        api_key: str | None = None,
        deadlines: Deadlines | None = None,
    ) -> None:
        """Prepare a client; nothing is sent. `UnreachableError` when the URL cannot be one.

        `http_client` is an `httpx.AsyncClient` of the httpx that this process imports (from
        Home Assistant 2026.11 on that is httpx2, hence untyped). It is never closed here.
        Without one, certificates are read from disk now, which blocks.
        """
        self._deadlines = deadlines or Deadlines()
        try:
            self._client = _Client(
                url,
                http_client,
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

    async def status(self) -> ProviderStatus:
        """Ask which models are in memory."""
        return ProviderStatus(loaded=await self._loaded())

    def limits(self, model: str) -> Limits | None:
        """Nobody counts on the person's own machine."""
        return None

    def cost_usd(self, model: str, usage: Usage) -> float | None:
        """Nobody sends a bill either."""
        return None

    async def warm(self, request: ChatRequest) -> None:
        """Load the model and let it read everything before the person's last words."""
        with _translated(request.model):
            async with (
                asyncio.timeout(self._deadlines.warm_s),
                aclosing(self._client.json_lines("/api/chat", wire.warm_body(request))) as lines,
            ):
                async for _ in lines:
                    pass

    async def pull(self, model: str) -> AsyncGenerator[PullProgress]:
        """Download a model; closing the generator stops the download, which can be resumed."""
        body = {"model": model, "stream": True}
        status = ""
        with _translated(model):
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
        # Asked beside the request, not before it: a turn pays for one round trip.
        ration = Ration(request)
        first_s = asyncio.ensure_future(self._first_event_s(request.model))
        try:
            with _translated(request.model):
                parts = self._timed(
                    "/api/chat",
                    wire.chat_body(request),
                    self._deadlines.first_event_s,
                    self._deadlines.gap_s,
                    first_s,
                )
                async with aclosing(parts):
                    async for part in parts:
                        # All before the first: what was handed out cannot be taken back.
                        for event in ration.take(list(wire.events(part))):
                            yield event
                        if ration.is_used_up:
                            return
                        if part.get("done"):
                            await _drain(parts)
                            # Cut off, it would take its connection with it.
                            await asyncio.wait([first_s], timeout=DRAIN_S)
                            return
        finally:
            first_s.cancel()
            await asyncio.gather(first_s, return_exceptions=True)
        raise BrokenStreamError("the answer ended without its last line")

    async def close(self) -> None:
        """Close the connections we own; harmless when called twice."""
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
            context_length=wire.context_length(shown.modelinfo or {}),
            supports_tools=None if capabilities is None else "tools" in capabilities,
            size_bytes=size_bytes,
        )

    async def _loaded(self) -> frozenset[str]:
        """Ask which models are in memory; one without a tag is named both ways."""
        with _translated():
            async with asyncio.timeout(self._deadlines.request_s):
                running = await self._client.ps()
        names = {loaded.model for loaded in running.models if loaded.model}
        return frozenset(names | {name.removesuffix(LATEST) for name in names})

    async def _first_event_s(self, model: str) -> float:
        """Allow for loading when the model is not in memory; old servers cannot tell."""
        try:
            is_loaded = model in await self._loaded()
        except BrokenStreamError, BadRequestError, ServiceError:
            is_loaded = False
        return self._deadlines.first_event_s if is_loaded else self._deadlines.cold_first_event_s

    async def _timed(
        self,
        path: str,
        body: Mapping[str, Any],
        first_s: float,
        gap_s: float,
        revised_first_s: asyncio.Future[float] | None = None,
    ) -> AsyncGenerator[dict[str, Any]]:
        async with (
            aclosing(self._client.json_lines(path, body)) as lines,
            aclosing(
                with_deadlines(lines, first_s=first_s, gap_s=gap_s, revised_first_s=revised_first_s)
            ) as timed,
        ):
            async for part in timed:
                yield part


class _Client(ollama.AsyncClient):
    """The official client plus what it cannot do.

    It always makes an HTTP client of its own. Its `chat` reduces tool schemas to type,
    description and enum, drops the ids of tool calls, knows no `truncate`, and fails on the
    blank lines that some proxies send to keep a connection open.
    """

    def __init__(self, url: str, http_client: Any, **options: Any) -> None:
        """Use `http_client`, or make one where it is None."""
        make = httpx.AsyncClient if http_client is None else partial(_Borrowed, http_client)
        # The base class takes whatever makes an HTTP client; AsyncClient passes httpx's.
        super(ollama.AsyncClient, self).__init__(make, url, **options)

    async def json_lines(
        self, path: str, body: Mapping[str, Any]
    ) -> AsyncGenerator[dict[str, Any]]:
        """POST and yield one object per line; `ollama.ResponseError` as the client raises it."""
        async with self._client.stream("POST", path, json=body) as response:
            if response.is_error:
                await response.aread()
                raise ollama.ResponseError(response.text, response.status_code)
            async for line in _lines(response.aiter_bytes()):
                if not line.strip():
                    continue
                part = json.loads(line)
                if not isinstance(part, dict):
                    raise TypeError("a line is not an object")
                if error := part.get("error"):
                    raise ollama.ResponseError(str(error))
                yield part


async def _lines(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield the lines, wherever the pieces were cut; ValueError for one without an end."""
    waiting = bytearray()
    async for piece in pieces:
        *ends, rest = piece.split(b"\n")
        for end in ends:
            yield bytes(waiting + end)
            waiting.clear()
        waiting += rest
        if len(waiting) > LINE_MAX_BYTES:
            raise ValueError("a line has no end")
    yield bytes(waiting)


class _Borrowed:
    """Somebody else's HTTP client, with our address and options on each request."""

    def __init__(self, http_client: Any, *, base_url: str, **options: Any) -> None:
        """Prepare the options; `httpx.InvalidURL` when the address cannot be one."""
        self._http_client = http_client
        self._base_url = str(httpx.URL(base_url)).rstrip("/")
        self._options = options

    async def request(self, method: str, path: str, **fields: Any) -> httpx.Response:
        """Send a request and read the whole response."""
        response: httpx.Response = await self._http_client.request(
            method, self._base_url + path, **self._options, **fields
        )
        return response

    def stream(
        self, method: str, path: str, **fields: Any
    ) -> AbstractAsyncContextManager[httpx.Response]:
        """Send a request whose response is read piece by piece."""
        response: AbstractAsyncContextManager[httpx.Response] = self._http_client.stream(
            method, self._base_url + path, **self._options, **fields
        )
        return response

    async def aclose(self) -> None:
        """Leave the client to its owner."""


async def _drain(parts: AsyncGenerator[dict[str, Any]]) -> None:
    """Read the end of a complete answer, so that its connection can be used again.

    Whatever goes wrong now does not spoil the answer.
    """
    with suppress(ProviderError), _translated():
        async with asyncio.timeout(DRAIN_S):
            async for _ in parts:
                pass


@contextmanager
def _translated(model: str = "", *, not_json: ProviderError | None = None) -> Iterator[None]:
    """Turn everything the client may raise into our errors."""
    try:
        yield
    except ollama.ResponseError as err:
        raise wire.error(err.status_code, str(err.error), model=model) from err
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
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as err:
        # JSON that is none, or not of the documented shape; pydantic's error is a ValueError.
        raise not_json or BrokenStreamError("the answer cannot be read") from err
