"""The requests of one answer: every model of the agent, each asked in its own terms."""

import json
from functools import partial
from typing import TYPE_CHECKING

from .agent.prompt import estimated_tokens
from .agent.turn_prompt import Budget, message_tokens
from .providers.base import ChatRequest, ToolsUnsupportedError
from .providers.failover import Candidate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .agent.turn_prompt import TurnPrompt
    from .coordinator import JonhData
    from .providers.base import AllFailedError, Message, ToolSpec, Usage
    from .settings import AgentSettings, ModelChoice

SCALE_MIN, SCALE_MAX = 0.5, 2.0
"""Corrections of the estimate beyond these mean that the service counts something else."""

SCALE_WEIGHT = 0.3
"""Share of the newest measurement; one odd request must not turn the estimate over."""


class AnswerRequests:
    """Makes the candidates of each tool round, and learns from what comes back."""

    def __init__(
        self,
        *,
        data: JonhData,
        settings: AgentSettings,
        prompt: TurnPrompt,
        tools: Sequence[ToolSpec],
    ) -> None:
        """Prepare the requests of one turn."""
        self.choices = available_models(data, settings)
        """The models to ask, the preferred one first."""
        self._data = data
        self._settings = settings
        self._prompt = prompt
        self._tools = tuple(tools)
        self._estimates: dict[ModelChoice, int] = {}

    def candidates(self, rounds: Sequence[Message]) -> list[Candidate]:
        """Return the models to ask, given what was said and done since the request."""
        return [self._candidate(choice, tuple(rounds)) for choice in self.choices]

    def learn(self, error: AllFailedError) -> bool:
        """Remember models that refused tools; return True when that is news."""
        refused = {
            (failure.provider, failure.model)
            for failure in error.failures
            if isinstance(failure.error, ToolsUnsupportedError)
        }
        news = {c for c in self.choices if self._key(c) in refused} - self._data.toolless
        self._data.toolless.update(news)
        return bool(news)

    def settle(self, provider: str | None, model: str | None, usage: Usage) -> float | None:
        """Correct the estimate by what was counted; return the price in USD, if it is known."""
        for choice in self.choices:
            if self._key(choice) == (provider, model):
                self._correct(choice, usage.prompt_tokens)
                return self._data.coordinators[choice.provider].provider.cost_usd(
                    choice.model, usage
                )
        return None

    def _candidate(self, choice: ModelChoice, rounds: tuple[Message, ...]) -> Candidate:
        provider = self._data.coordinators[choice.provider].provider
        can_act = self._data.can_call_tools(choice)
        messages = self._prompt.messages(
            rounds,
            budget_of(self._data, self._settings, choice),
            is_local=provider.is_local,
            scale=self._data.scales.get(choice, 1.0),
        )
        make = partial(self._request, choice, can_act=can_act)
        return Candidate(
            provider=provider,
            request=make(messages),
            reduced=lambda: make(self._prompt.reduced(rounds)),
            first_token_s=self._settings.patience_s,
        )

    def _request(
        self, choice: ModelChoice, messages: Sequence[Message], *, can_act: bool
    ) -> ChatRequest:
        """Return a request; its estimate is what the count of the service is compared with."""
        tools_estimate = self._prompt.tools_tokens if can_act else 0
        self._estimates[choice] = message_tokens(messages) + tools_estimate
        tools = self._tools if can_act else ()
        return chat_request(self._settings, choice, messages=messages, tools=tools)

    def _correct(self, choice: ModelChoice, counted_tokens: int | None) -> None:
        estimated = self._estimates.get(choice)
        if not counted_tokens or not estimated:
            return
        now = min(max(counted_tokens / estimated, SCALE_MIN), SCALE_MAX)
        before = self._data.scales.get(choice, now)
        self._data.scales[choice] = before + SCALE_WEIGHT * (now - before)

    def _key(self, choice: ModelChoice) -> tuple[str, str]:
        return self._data.coordinators[choice.provider].provider.name, choice.model


def available_models(data: JonhData, settings: AgentSettings) -> list[ModelChoice]:
    """Return the agent's models whose provider is set up."""
    return [choice for choice in settings.models if choice.provider in data.coordinators]


def chat_request(
    settings: AgentSettings,
    choice: ModelChoice,
    *,
    messages: Sequence[Message],
    tools: Sequence[ToolSpec],
) -> ChatRequest:
    """Return a request with the options of the agent, the same for warm-up and turn.

    A local model is loaded again when its options change.
    """
    return ChatRequest(
        model=choice.model,
        messages=messages,
        tools=tools,
        temperature=settings.temperature,
        max_tokens=settings.max_tokens,
        num_ctx=settings.num_ctx,
        keep_alive_s=settings.keep_alive_s,
    )


def budget_of(data: JonhData, settings: AgentSettings, choice: ModelChoice) -> Budget:
    """Return what a request to a model may cost."""
    coordinator = data.coordinators[choice.provider]
    listed = [model for model in coordinator.data or [] if model.id == choice.model]
    window = listed[0].context_length if listed else None
    if coordinator.provider.is_local:
        window = min(settings.num_ctx, window or settings.num_ctx)
    limits = coordinator.provider.limits(choice.model)
    return Budget(
        window=window,
        quota=limits.tokens_limit if limits else None,
        answer=settings.max_tokens,
    )


def tools_tokens(tools: Sequence[ToolSpec]) -> int:
    """Estimate the length of tools as a service writes them into the prompt."""
    return sum(
        estimated_tokens(f"{tool.name}{tool.description}{json.dumps(tool.parameters)}")
        for tool in tools
    )
