"""What an agent itself adds to a turn: the time of the turn without that of the model's service."""

from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any

import ollama
from homeassistant.components.conversation import HOME_ASSISTANT_AGENT

from benchmarks.agent.agents import NEUTRAL, Agent, core_ollama, jonh_ollama
from benchmarks.agent.houses import House, open_house

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from custom_components.jonh.agent.home import Entity, Home

    type Turn = Callable[[], Awaitable[Any]]

REPLY = "Elas dançam para contar às outras onde há flores."
"""Played at once: what remains is the agent."""
WARM_UP_TURNS = 3
"""The first turns load languages and templates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overhead:
    """Milliseconds of one kind of turn, the service's own time taken off."""

    agent: str
    turn: str
    turns: int
    p50_ms: float
    p95_ms: float


async def measure(home: Home, turns: int) -> list[Overhead]:
    """Measure turns of both agents in one home: plain commands, and with an instant model."""
    measured = []
    async with open_house(home) as house, core_ollama(house) as agent:
        measured.append(await _model_turns(agent, turns))
        local = Agent(name="core", entity_id=HOME_ASSISTANT_AGENT, house=house, server=agent.server)
        measured.append(await _plain_turns(local, turns))
    async with open_house(home) as house, jonh_ollama(house) as agent:
        measured.append(await _model_turns(agent, turns))
        measured.append(await _plain_turns(agent, turns))
    return measured


async def _model_turns(agent: Agent, turns: int) -> Overhead:
    device_id = agent.house.satellite("here", agent.house.home.areas[0].id)
    client = ollama.AsyncClient(host=agent.server.url)

    async def turn() -> None:
        agent.server.script({"content": REPLY})
        await agent.ask(NEUTRAL, device_id=device_id)

    async def bare() -> None:
        agent.server.script({"content": REPLY})
        request = {key: body[key] for key in ("model", "messages", "tools", "options", "think")}
        async for _ in await client.chat(**request, stream=True):
            pass

    await _times_ms(turn, WARM_UP_TURNS)
    body = agent.requests()[-1]
    await _times_ms(bare, WARM_UP_TURNS)
    service_ms = _at(await _times_ms(bare, turns), 0.5)
    return _overhead(agent.name, "model", await _times_ms(turn, turns), service_ms)


async def _plain_turns(agent: Agent, turns: int) -> Overhead:
    """Turn lights of the home on and off by name; no model takes part."""
    commands = [
        f"{verb} {entity.name}" for entity in _lights(agent.house) for verb in ("acenda", "apague")
    ]
    device_id = agent.house.satellite("here", agent.house.home.areas[0].id)
    asked = iter(commands * (1 + (turns + WARM_UP_TURNS) // len(commands)))

    async def turn() -> None:
        await agent.ask(next(asked), device_id=device_id)

    await _times_ms(turn, WARM_UP_TURNS)
    agent.clear()
    times = await _times_ms(turn, turns)
    done = len(agent.house.calls)
    if agent.requests() or done < turns:
        raise RuntimeError(f"{agent.name} carried out {done} of {turns} plain commands")
    return _overhead(agent.name, "plain command", times, 0.0)


def _lights(house: House) -> list[Entity]:
    """Return lights with a name that no other entity has."""
    names = [entity.name for entity in house.home.entities]
    lights = [entity for entity in house.home.entities if entity.domain == "light"]
    return [light for light in lights if names.count(light.name) == 1 and light.area_id]


async def _times_ms(turn: Turn, turns: int) -> list[float]:
    times = []
    for _ in range(turns):
        begin = perf_counter()
        await turn()
        times.append((perf_counter() - begin) * 1000)
    return times


def _overhead(agent: str, turn: str, times_ms: Sequence[float], service_ms: float) -> Overhead:
    return Overhead(
        agent=agent,
        turn=turn,
        turns=len(times_ms),
        p50_ms=_at(times_ms, 0.5) - service_ms,
        p95_ms=_at(times_ms, 0.95) - service_ms,
    )


def _at(times_ms: Sequence[float], share: float) -> float:
    return sorted(times_ms)[int(len(times_ms) * share)]
