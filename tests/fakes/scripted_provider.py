"""A model provider that does as told, without a service."""

import asyncio
from collections.abc import AsyncGenerator, Sequence

from custom_components.jonh.providers.base import ChatRequest, Event, Model, ProviderError


class ScriptedProvider:
    """Yields events, raises errors and sleeps for numbers of seconds, in the order given."""

    def __init__(self, name: str, *script: Event | ProviderError | float) -> None:
        self._name = name
        self.script: tuple[Event | ProviderError | float, ...] = script
        self.asked = 0
        """Number of requests."""
        self.closed = 0
        """Number of answers that ended, by themselves or not."""

    @property
    def name(self) -> str:
        """Name given by the test."""
        return self._name

    async def models(self) -> Sequence[Model]:
        """Offer nothing."""
        return []

    async def warm(self, request: ChatRequest) -> None:
        """Be warm."""

    async def close(self) -> None:
        """Hold nothing."""

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Event]:
        """Play the script."""
        self.asked += 1
        try:
            for step in self.script:
                if isinstance(step, ProviderError):
                    raise step
                if isinstance(step, float):
                    await asyncio.sleep(step)
                else:
                    yield step
        finally:
            self.closed += 1
