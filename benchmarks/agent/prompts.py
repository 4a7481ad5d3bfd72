"""How many tokens a model reads: cold, and in the next turn when it still knows the last one."""

from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.agent.agents import NEUTRAL, Agent, core_ollama, jonh_groq, jonh_ollama
from benchmarks.agent.houses import House, open_house
from benchmarks.agent.tokens import Tokenizer, stable_part, uncached

if TYPE_CHECKING:
    from custom_components.jonh.agent.home import Home

NEXT = "E o que mais elas fazem?"
"""A second request that only a model answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompts:
    """Tokens of one agent in one home; `next_turn` by what changed since the turn before."""

    agent: str
    entities: int
    stable: int
    """System message and tools."""
    tools: int
    next_turn: dict[str, int]


async def measure(home: Home, tokens: Tokenizer) -> list[Prompts]:
    """Measure the agents in one home: core's, ours over Ollama, ours over Groq."""
    async with open_house(home) as house, AsyncExitStack() as stack:
        # What is measured is the prompt, which a plain command would not need.
        agents = {
            "core": await stack.enter_async_context(core_ollama(house)),
            "jonh": await stack.enter_async_context(jonh_ollama(house, fast_path=False)),
        }
        measured = [await _of(agent, name, tokens) for name, agent in agents.items()]
    async with open_house(home) as house, jonh_groq(house, fast_path=False) as agent:
        measured.append(await _of(agent, "jonh, Groq", tokens))
    return measured


async def _of(agent: Agent, name: str, tokens: Tokenizer) -> Prompts:
    house = agent.house
    here, there = _satellites(house)
    first = await _request(agent, NEUTRAL, "one", here)
    cases = {"same satellite": await _request(agent, NEXT, "one", here)}
    if players := [e for e in house.home.entities if e.domain == "media_player"]:
        house.play(players[0].entity_id)
        cases["a player turned on"] = await _request(agent, NEUTRAL, "one", here)
        house.stop(players[0].entity_id)
    cases |= {
        "another satellite": await _request(agent, NEUTRAL, "two", there),
        "no device": await _request(agent, NEUTRAL, "three", None),
    }
    return Prompts(
        agent=name,
        entities=len(house.home.entities),
        stable=len(tokens.encode(stable_part(first))),
        tools=len(first.get("tools") or ()),
        next_turn={
            case: uncached(tokens, before, body)
            for before, (case, body) in zip([first, *cases.values()], cases.items(), strict=False)
        },
    )


def _satellites(house: House) -> tuple[str, str]:
    """Add one satellite in each of two areas."""
    here, there = house.home.areas[:2]
    return house.satellite("here", here.id), house.satellite("there", there.id)


async def _request(
    agent: Agent, text: str, conversation_id: str, device_id: str | None
) -> dict[str, Any]:
    """Run one turn and return its request."""
    agent.server.requests.clear()
    await agent.ask(text, conversation_id=f"{agent.name} {conversation_id}", device_id=device_id)
    if not (requests := agent.requests()):
        raise RuntimeError(f"{agent.name} asked no model")
    return requests[-1]
