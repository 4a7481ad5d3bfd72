"""Models in Groq's cloud, through the official `groq` client."""

import asyncio
import logging
import time
from contextlib import aclosing, contextmanager
from typing import TYPE_CHECKING, Any, override

import groq
import httpx

from . import groq_wire as wire
from . import prices
from .base import (
    BadToolCallError,
    BrokenStreamError,
    ChatRequest,
    Done,
    Event,
    Limits,
    Model,
    ProviderStatus,
    RateLimitedError,
    Ration,
    StalledError,
    StopReason,
    ToolCallEvent,
    UnreachableError,
    Usage,
)
from .deadlines import Deadlines, with_deadlines
from .quota import Meter, duration_s

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterator, Sequence

    from groq.types.chat import ChatCompletionChunk

GROQ_DEADLINES = Deadlines(first_event_s=4.0)
"""Groq answers in tenths of a second; seconds of silence mean trouble."""

# The client would write whole requests into a log that somebody wants to be detailed.
logging.getLogger("groq._base_client").addFilter(lambda record: record.levelno > logging.DEBUG)

SHORT_WAIT_S = 1.5
"""Waited for the quota without a word; longer, and another provider is faster."""


class GroqProvider:
    """Groq's cloud.

    It keeps the quota of each model, so that a request which cannot be accepted is not sent.
    Inside Home Assistant pass its shared `http_client`, and build this in an executor: the
    client imports modules, and without an `http_client` httpx reads the certificates from disk.
    """

    name = "Groq"
    is_local = False

    def __init__(
        self,
        api_key: str,
        *,
        http_client: Any = None,
        base_url: str | None = None,
        deadlines: Deadlines = GROQ_DEADLINES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare a client; nothing is sent.

        `http_client` is an `httpx.AsyncClient` of the httpx that this process imports (from
        Home Assistant 2026.11 on that is httpx2, hence untyped). It is never closed here.
        """
        self._deadlines = deadlines
        self._clock = clock
        self._meters: dict[str, Meter] = {}
        self._asked_last = ""
        self._owns_http_client = http_client is None
        self._client = _Client(
            api_key=api_key,
            base_url=base_url,
            http_client=http_client,
            # The client would sleep for as long as the service asks, without telling us.
            max_retries=0,
            timeout=httpx.Timeout(None, connect=deadlines.connect_s),
        )
        # Left alone, the client would import its own modules during the first request.
        self._models, self._completions = self._client.models, self._client.chat.completions

    async def models(self) -> Sequence[Model]:
        """Chat models that the key may use, sorted by id."""
        with _translated():
            async with asyncio.timeout(self._deadlines.request_s):
                listed = await self._models.list()
        models = (wire.model(entry.to_dict()) for entry in listed.data)
        return sorted((m for m in models if m), key=lambda model: model.id)

    async def status(self) -> ProviderStatus:
        """Tell what is left of the quota, as of the last reply."""
        meter = self._meter(self._asked_last)
        return ProviderStatus(limits=meter.limits(), limited_until_s=meter.limited_until_s)

    def limits(self, model: str) -> Limits | None:
        """Quota of a model as the service told it last; None before its first reply."""
        return self._meter(model).limits()

    def cost_usd(self, model: str, usage: Usage) -> float | None:
        """Estimate the price of an answer; None when the price is unknown."""
        return prices.cost_usd(model, usage)

    async def warm(self, request: ChatRequest) -> None:
        """Nothing to load: the service keeps its models ready."""

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Event]:
        """Answer the request; closing the generator closes the connection."""
        self._asked_last = request.model
        meter = self._meter(request.model)
        await _await_quota(meter, request)
        answer, ration = wire.Answer(), Ration(request)
        try:
            with _translated(request.model):
                async with aclosing(self._timed_chunks(request, meter)) as chunks:
                    async for chunk in chunks:
                        for event in ration.take(answer.events(chunk)):
                            yield event
                        if ration.is_used_up:
                            return
                for event in answer.finish():
                    yield event
        except RateLimitedError as err:
            meter.note_refusal(err)
            raise
        except BadToolCallError as err:
            # The service refuses calls that our own tools can read.
            calls = wire.calls_in(_failed_generation(err), request.tools)
            if not calls:
                raise
            for call in calls:
                yield ToolCallEvent(call)
            yield Done(StopReason.TOOL_CALLS)
        if answer.usage and answer.usage.prompt_tokens:
            meter.calibrate(request, answer.usage.prompt_tokens)

    async def close(self) -> None:
        """Close the connections we own; harmless when called twice."""
        if self._owns_http_client:
            await self._client.close()

    def _meter(self, model: str) -> Meter:
        """Return the quota of a model: the service counts each one by itself."""
        return self._meters.setdefault(model, Meter(self._clock))

    async def _timed_chunks(
        self, request: ChatRequest, meter: Meter
    ) -> AsyncGenerator[ChatCompletionChunk]:
        first_s, gap_s = self._deadlines.first_event_s, self._deadlines.gap_s
        async with (
            aclosing(self._chunks(request, meter)) as chunks,
            aclosing(with_deadlines(chunks, first_s=first_s, gap_s=gap_s)) as timed,
        ):
            async for chunk in timed:
                yield chunk

    async def _chunks(
        self, request: ChatRequest, meter: Meter
    ) -> AsyncGenerator[ChatCompletionChunk]:
        # The client's types list literals for what the service accepts as plain strings.
        create: Any = self._completions.create
        try:
            stream = await create(**wire.chat_body(request))
        except groq.APIStatusError as err:
            meter.note_reply(err.response.headers)
            raise
        async with stream:
            meter.note_reply(stream.response.headers)
            async for chunk in stream:
                yield chunk


class _Client(groq.AsyncGroq):
    """The official client, without what it would tell of this machine with every request."""

    @override
    def platform_headers(self) -> dict[str, str]:
        return {}


async def _await_quota(meter: Meter, request: ChatRequest) -> None:
    """Return when the request fits; `RateLimitedError` when that takes too long.

    `TooLargeError` when it never will.
    """
    wait_s, quota = meter.wait_s(meter.needed_tokens(request))
    if wait_s > SHORT_WAIT_S:
        raise RateLimitedError("no quota left", retry_after_s=wait_s, quota=quota)
    if wait_s > 0:
        await asyncio.sleep(wait_s)


def _failed_generation(err: BadToolCallError) -> str:
    """Return what the model wrote instead of a call, where the service tells."""
    cause = err.__cause__
    fields = wire.error_fields(cause.body) if isinstance(cause, groq.APIError) else {}
    return str(fields.get("failed_generation") or "")


@contextmanager
def _translated(model: str = "") -> Iterator[None]:
    """Turn everything the client may raise into our errors."""
    try:
        yield
    except groq.APIStatusError as err:
        fields = wire.error_fields(err.body)
        retry_after_s = duration_s(err.response.headers.get("retry-after", ""))
        raise wire.error(err.status_code, fields, retry_after_s, model=model) from err
    except groq.APITimeoutError as err:
        if isinstance(err.__cause__, httpx.ConnectTimeout):
            raise UnreachableError("no connection in time") from err
        raise StalledError("the connection fell silent") from err
    except groq.APIConnectionError as err:
        raise UnreachableError("no connection") from err
    except groq.GroqError as err:
        fields = wire.error_fields(getattr(err, "body", None))
        raise wire.error(-1, fields, model=model) from err
    except httpx.TimeoutException as err:
        raise StalledError("the connection fell silent") from err
    except httpx.HTTPError as err:
        raise BrokenStreamError("the connection was cut") from err
    except TimeoutError as err:
        raise StalledError("no answer in time") from err
    except (ValueError, TypeError, AttributeError, RecursionError) as err:
        # Not the documented shape; the client builds its objects without validation.
        raise BrokenStreamError("the answer cannot be read") from err
