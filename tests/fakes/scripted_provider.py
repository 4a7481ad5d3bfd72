"""A model provider that does as told, without a service."""

import asyncio
from collections.abc import AsyncGenerator, Sequence

from custom_components.jonh.providers.base import (
    ChatRequest,
    Event,
    Limits,
    Model,
    ProviderError,
    ProviderStatus,
    Usage,
)


class ScriptedProvider:
    """Yields events, raises errors and sleeps for numbers of seconds, in the order given."""

    is_local = True

    def __init__(self, name: str, *script: Event | ProviderError | float) -> None:
        self._name = name
        self.script: tuple[Event | ProviderError | float, ...] = script
        self.first_scripts: list[tuple[Event | ProviderError | float, ...]] = []
        """Played by the first requests, one each, before `script`."""
        self.requests: list[ChatRequest] = []
        self.closed = 0
        """Number of answers that ended, by themselves or not."""

    @property
    def name(self) -> str:
        """Name given by the test."""
        return self._name

    @property
    def asked(self) -> int:
        """Number of requests."""
        return len(self.requests)

    async def models(self) -> Sequence[Model]:
        """Offer nothing."""
        return []

    async def status(self) -> ProviderStatus:
        """Have nothing to tell."""
        return ProviderStatus()

    def limits(self, model: str) -> Limits | None:
        """Count nothing."""
        return None

    def cost_usd(self, model: str, usage: Usage) -> float | None:
        """Cost nothing."""
        return None

    async def warm(self, request: ChatRequest) -> None:
        """Be warm."""

    async def close(self) -> None:
        """Hold nothing."""

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Event]:
        """Play the script."""
        self.requests.append(request)
        script = self.first_scripts.pop(0) if self.first_scripts else self.script
        try:
            for step in script:
                if isinstance(step, ProviderError):
                    raise step
                if isinstance(step, float):
                    await asyncio.sleep(step)
                else:
                    yield step
        finally:
            self.closed += 1
