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
from custom_components.jonh.agent.languages import Sentence, language_of, sentence
from tests.fakes.groq import FakeGroq

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable
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
        Entity(
            entity_id=LIGHT,
            name=LIGHT_NAME,
            aliases=("Lustre", "Living Room Light"),
            area_id="sala",
        ),
        Entity(entity_id="light.abajur", name="Abajur", area_id="sala"),
        Entity(entity_id="fan.ventilador", name="Ventilador", area_id="sala"),
    ),
)
type Text = dict[str, str]
"""The same in each language."""


def both(portuguese: str, english: str) -> Text:
    """Return a text of a model, a request or an expectation in both languages."""
    return {"pt-BR": portuguese, "en": english}


ASK = both(NEUTRAL, "Tell me something curious about bees.")
ACT = both("Acende a luz da sala, por favor.", "Turn the living room light on, please.")
ASK_AGAIN = both("E por que as abelhas?", "And why do bees do that?")
RECOVERED = both("Agora deu certo.", "Now it has worked.")
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
    """Scripts of the model; the tool call "act" stands for the agent's own way to do it, and
    content may be a `Text`."""
    words: Text | None = None
    """What is heard of the model's words, whole; asked of ours only, as is the cause."""
    cause: Sentence | None = None
    """What the person is told about the fault, behind those words."""
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


async def measure(
    set_up: SetUp, faults: Iterable[Fault], *, language: str = "pt-BR"
) -> list[Result]:
    """Let a new agent go through each of the faults, all in one house."""
    results = []
    async with open_house(HOUSE, language=language) as house:
        for fault in faults:
            house.reset()
            async with set_up(house) as agent:
                results.append(await _one(agent, fault, language))
    return results


async def _one(agent: Agent, fault: Fault, language: str) -> Result:
    server = agent.server
    # Longer than an id of Home Assistant, in whose place it would make up another one.
    conversation_id = f"conversation with the fault: {fault.name}"
    for steps in fault.answers:
        server.script(*(_step(agent, step, language) for step in steps))
    if fault.begin:
        await fault.begin(server)
    asked = (ASK if fault.wanted is Wanted.SENTENCE else ACT)[language]
    try:
        async with asyncio.timeout(SILENCE_S):
            answer = await agent.ask(asked, conversation_id=conversation_id, language=language)
    except TimeoutError:
        answer = Answer(speech="", raised="nothing for too long")
    if fault.end:
        await fault.end(server)
    problems = [
        *_speech_problems(answer, language),
        *_deed_problems(agent, fault.wanted, answer, language),
        *_word_problems(agent, fault, answer, language),
        *await _next_turn_problems(agent, asked, conversation_id, language),
    ]
    return Result(fault=fault.name, problems=tuple(problems), speech=answer.speech)


def _speech_problems(answer: Answer, language: str) -> list[str]:
    problems = []
    if answer.raised:
        return [f"raised {answer.raised}"]
    if not answer.speech.strip():
        problems.append("silence")
    elif MARKUP.search(answer.speech):
        problems.append("markup is spoken")
    elif not _WORDS[language].search(answer.speech):
        problems.append("another language")
    return problems


def _word_problems(agent: Agent, fault: Fault, answer: Answer, language: str) -> list[str]:
    """Return what is wrong with the very words; other agents may choose their own."""
    if agent.name == "core" or not (fault.words or fault.cause):
        return []
    provider = "Groq" if isinstance(agent.server, FakeGroq) else "Ollama"
    parts = [fault.words[language]] if fault.words else []
    if fault.cause:
        parts.append(sentence(fault.cause, language_of(language), provider=provider))
    return [] if answer.speech == " ".join(parts) else [f"says other words: {answer.speech}"]


def _deed_problems(agent: Agent, wanted: Wanted, answer: Answer, language: str) -> list[str]:
    times = sum(call.entity_id == LIGHT for call in agent.house.calls)
    claims = bool(_CLAIM[language].search(answer.speech))
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


async def _next_turn_problems(
    agent: Agent, asked: str, conversation_id: str, language: str
) -> list[str]:
    agent.clear()
    agent.server.script({"content": RECOVERED[language]})
    answer = Answer(speech="")
    with suppress(TimeoutError):
        async with asyncio.timeout(SILENCE_S):
            answer = await agent.ask(
                ASK_AGAIN[language], conversation_id=conversation_id, language=language
            )
    if answer.speech.strip() != RECOVERED[language]:
        return ["the next turn fails"]
    said = [m.get("content") or "" for m in agent.requests()[-1]["messages"] if m["role"] == "user"]
    return [] if any(asked in text for text in said[:-1]) else ["the next turn knows nothing of it"]


def _step(agent: Agent, step: Step, language: str) -> Step:
    """Write the placeholders of a script in the agent's own tools, its words in a language."""
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
    content = step.get("content")
    return step | {"content": content[language]} if isinstance(content, dict) else step


_WORDS = {
    "pt-BR": re.compile(
        r"\b(não|está|pronto|um|uma|o|a|as|os|de|do|da|que|feito|ligad\w|aces\w)\b", re.IGNORECASE
    ),
    "en": re.compile(r"\b(the|is|not|done|to|it|of|for|on|an|in|could|was)\b", re.IGNORECASE),
}
"""Words without which hardly a sentence is said, and which the other language does not know."""
_CLAIM = {
    "pt-BR": re.compile(r"\b(pronto|feito|acendi|liguei|aces[ao]|ligad[ao])\b", re.IGNORECASE),
    "en": re.compile(r"^done\b|\b(turned|is) on\b", re.IGNORECASE),
}

ACT_STEP: Step = {"act": True}
"""Placeholder: the agent's tool that switches the light on."""
ACT_BY_PRINTED_NAME: Step = {"act": "printed"}
"""Placeholder: the same with name and alias together, as a prompt prints them."""
