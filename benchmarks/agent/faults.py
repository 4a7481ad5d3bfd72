"""Faults of a model service, and whether a person hears one right sentence in spite of them.

After each fault the service works again, and the next turn must be answered by a model that is
told what was said in the failed one.
"""

import asyncio
import re
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from benchmarks.agent.agents import NEUTRAL, Agent, Answer
from benchmarks.agent.houses import open_house
from benchmarks.agent.speech import MARKUP
from custom_components.jonh.agent.home import Area, Entity, Home

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from contextlib import AbstractAsyncContextManager

    from benchmarks.agent.houses import House
    from tests.fakes.scripted_model import Step

    type SetUp = Callable[[House], AbstractAsyncContextManager[Agent]]
    type Change = Callable[[Any], Awaitable[None]]

LIGHT = "light.luz_da_sala"
LIGHT_NAME = "Luz da Sala"
HOUSE = Home(
    areas=(Area(id="sala", name="Sala de Estar", aliases=("Sala",)),),
    entities=(
        Entity(entity_id=LIGHT, name=LIGHT_NAME, aliases=("Lustre",), area_id="sala"),
        Entity(entity_id="light.abajur", name="Abajur", area_id="sala"),
        Entity(entity_id="fan.ventilador", name="Ventilador", area_id="sala"),
    ),
)
ACT = "Acende a luz da sala, por favor."
RECOVERED = "Agora deu certo."
SILENCE_S = 20.0
"""Longer than both agents' deadlines, where they have one; nobody waits so long for a voice."""


class Wanted(StrEnum):
    """What should come of a turn."""

    SENTENCE = "sentence"
    """One sentence, the answer or an apology; nothing was asked to be done."""
    DONE = "done"
    """The light is on, once, and the sentence says so."""
    HONEST = "honest"
    """The sentence says that the light is on if and only if it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One way to fail."""

    name: str
    wanted: Wanted = Wanted.SENTENCE
    answers: tuple[tuple[Step, ...], ...] = ()
    """Scripts of the model; the tool call "act" stands for the agent's own way to do it."""
    begin: Change | None = None
    """Break the service."""
    end: Change | None = None
    """Mend it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of one fault."""

    fault: str
    problems: tuple[str, ...] = field(default=())
    speech: str = ""

    @property
    def is_right(self) -> bool:
        """Return True when the person heard one right sentence and the next turn was intact."""
        return not self.problems


async def measure(set_up: SetUp, faults: tuple[Fault, ...]) -> list[Result]:
    """Let an agent go through the faults, each in a house of its own."""
    results = []
    for fault in faults:
        async with open_house(HOUSE) as house, set_up(house) as agent:
            results.append(await _one(agent, fault))
    return results


async def _one(agent: Agent, fault: Fault) -> Result:
    server, conversation_id = agent.server, f"fault {fault.name}"
    for steps in fault.answers:
        server.script(*(_step(agent, step) for step in steps))
    if fault.begin:
        await fault.begin(server)
    asked = NEUTRAL if fault.wanted is Wanted.SENTENCE else ACT
    try:
        async with asyncio.timeout(SILENCE_S):
            answer = await agent.ask(asked, conversation_id=conversation_id)
    except TimeoutError:
        answer = Answer(speech="", raised="nothing for too long")
    if fault.end:
        await fault.end(server)
    problems = [*_speech_problems(answer), *_deed_problems(agent, fault.wanted, answer)]
    problems += await _next_turn_problems(agent, asked, conversation_id)
    return Result(fault=fault.name, problems=tuple(problems), speech=answer.speech)


def _speech_problems(answer: Answer) -> list[str]:
    problems = []
    if answer.raised:
        return [f"raised {answer.raised}"]
    if not answer.speech.strip():
        problems.append("silence")
    elif MARKUP.search(answer.speech):
        problems.append("markup is spoken")
    elif not _PORTUGUESE.search(answer.speech):
        problems.append("another language")
    return problems


def _deed_problems(agent: Agent, wanted: Wanted, answer: Answer) -> list[str]:
    times = sum(call.entity_id == LIGHT for call in agent.house.calls)
    claims = bool(_CLAIM.search(answer.speech))
    match wanted:
        case Wanted.SENTENCE:
            return ["something was done"] if times else []
        case Wanted.DONE:
            return [
                *([] if times == 1 else [f"done {times} times"]),
                *([] if claims else ["does not say that it was done"]),
            ]
        case Wanted.HONEST:
            return [] if claims == bool(times) else ["claims what is not so"]


async def _next_turn_problems(agent: Agent, asked: str, conversation_id: str) -> list[str]:
    agent.clear()
    agent.server.script({"content": RECOVERED})
    answer = Answer(speech="")
    with suppress(TimeoutError):
        async with asyncio.timeout(SILENCE_S):
            answer = await agent.ask("E por que as abelhas?", conversation_id=conversation_id)
    if answer.speech.strip() != RECOVERED:
        return ["the next turn fails"]
    said = [m.get("content") or "" for m in agent.requests()[-1]["messages"] if m["role"] == "user"]
    return [] if any(asked in text for text in said[:-1]) else ["the next turn knows nothing of it"]


def _step(agent: Agent, step: Step) -> Step:
    """Write the placeholders of a script in the agent's own tools."""
    is_core = agent.name == "core"
    name = "intent__HassTurnOn" if is_core else "home_control"
    arguments: dict[str, Any] = (
        {"name": LIGHT_NAME} if is_core else {"action": "on", "names": [LIGHT_NAME]}
    )
    if step == ACT_STEP:
        return {"tool_calls": [{"name": name, "arguments": arguments}]}
    if step == ACT_BY_PRINTED_NAME:
        printed = f"{LIGHT_NAME}, Lustre"
        arguments = {"name": printed} if is_core else {"action": "on", "names": [printed]}
        return {"tool_calls": [{"name": name, "arguments": arguments}]}
    return step


_PORTUGUESE = re.compile(
    r"\b(não|está|pronto|um|uma|o|a|as|os|de|do|da|que|feito|ligad\w|aces\w)\b", re.IGNORECASE
)
_CLAIM = re.compile(r"\b(pronto|feito|acendi|liguei|aces[ao]|ligad[ao])\b", re.IGNORECASE)

ACT_STEP: Step = {"act": True}
"""Placeholder: the agent's tool that switches the light on."""
ACT_BY_PRINTED_NAME: Step = {"act": "printed"}
"""Placeholder: the same with name and alias together, as a prompt prints them."""
