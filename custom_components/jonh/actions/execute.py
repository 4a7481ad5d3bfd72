"""What the agent decided, done by Home Assistant."""

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from homeassistant.const import STATE_UNAVAILABLE

from custom_components.jonh.agent.commands import Outcome
from custom_components.jonh.const import LOGGER

from .problems import Problem, Reason, problem_of
from .service_calls import plan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from homeassistant.core import Context, HomeAssistant, State

    from custom_components.jonh.agent.commands import Command
    from custom_components.jonh.agent.home import Entity
    from custom_components.jonh.agent.languages import Language

    from .wishes import Call

SERVICE_S = 10.0
"""A person waits no longer for a device; slower ones are battery-powered and far away."""


async def async_execute(
    hass: HomeAssistant, command: Command, context: Context, language: Language
) -> list[Outcome]:
    """Do a command with the rights of `context`; one outcome per target, in their order.

    Each target has its call, so that one that fails keeps none from working; Home Assistant
    would take the entities of one call apart, too.
    """
    return list(
        await asyncio.gather(
            *(
                _async_outcome(hass, command, entity, context, language)
                for entity in command.targets
            )
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a service said."""

    data: Mapping[str, Any] = field(default_factory=dict)
    """Its response, where it gives one."""
    error: Exception | None = None


async def async_call(
    hass: HomeAssistant, call: Call, context: Context, *, has_response: bool = False
) -> Answer:
    """Call a service and wait for it; what it raises is a part of the answer."""
    try:
        async with asyncio.timeout(SERVICE_S):
            data = await hass.services.async_call(
                call.domain,
                call.service,
                call.data,
                blocking=True,
                context=context,
                return_response=has_response,
            )
    except Exception as error:  # noqa: BLE001 - integrations raise whatever their libraries do
        LOGGER.debug("%s.%s failed: %s", call.domain, call.service, type(error).__name__)
        return Answer(error=error)
    return Answer(data=data or {})


async def _async_outcome(
    hass: HomeAssistant, command: Command, entity: Entity, context: Context, language: Language
) -> Outcome:
    state = hass.states.get(entity.entity_id)
    problem = await _async_do(hass, state, command, context)
    return Outcome(entity=entity, error=problem.words(language) if problem else None)


async def _async_do(
    hass: HomeAssistant, state: State | None, command: Command, context: Context
) -> Problem | None:
    if state is None or state.state == STATE_UNAVAILABLE:
        return Problem(reason=Reason.NOT_RESPONDING)
    call = plan(state, command)
    if isinstance(call, Problem):
        return call
    answer = await async_call(hass, call, context)
    return problem_of(answer.error, state) if answer.error else None
