"""What one turn's tools share: who speaks, where, and what has been done so far."""

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from homeassistant.helpers import llm

from custom_components.jonh.actions.execute import async_execute
from custom_components.jonh.agent.calls.sought import Sought, TargetFinder, Targets
from custom_components.jonh.agent.calls.tool_calls import names_in
from custom_components.jonh.agent.calls.tool_lines import Line, label, labels, line
from custom_components.jonh.agent.safety.interrogatives import is_question
from custom_components.jonh.agent.speech.replies import done_reply

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

    from homeassistant.core import Context, HomeAssistant

    from custom_components.jonh.agent.commands import Command, Outcome
    from custom_components.jonh.agent.home import Entity, Home
    from custom_components.jonh.agent.languages import Language
    from custom_components.jonh.agent.safety.guard import Guard, Speaker
    from custom_components.jonh.home_context import HomeIndex

TOLD_MAX = 4
"""Targets that are told one by one; of more, only their number and what failed."""


@dataclass(slots=True, kw_only=True)
class ToolTurn:
    """One turn as its tools see it; they note here what they did."""

    index: HomeIndex
    guard: Guard
    speaker: Speaker
    utterance: str
    language: Language
    here: str | None
    """Area id of the speaker."""
    context: Context
    state_words: Callable[[Entity], str]
    done: list[tuple[Command, list[Outcome]]] = field(default_factory=list)
    held: list[Command] = field(default_factory=list)
    """To be passed to `Guard.hold` when the turn ends."""
    has_written: bool = False
    """Something changed in the home."""
    has_told: bool = False
    """A tool said what only the model can pass on: a state, a timer, what was not found."""
    targets: list[str] = field(default_factory=list)
    """Entity ids that were controlled or read, each once, in order."""
    calls: dict[str, asyncio.Task[llm.ToolResult]] = field(default_factory=dict)
    """Calls of this turn by what they mean, so that none is run twice."""

    @property
    def home(self) -> Home:
        """The exposed home."""
        return self.index.home

    @property
    def is_question(self) -> bool:
        """Return True when the person asked something, so that nothing may be changed."""
        return is_question(self.utterance, self.language)

    def find(self, args: Mapping[str, Any], **domains: Iterable[str]) -> Targets:
        """Find what the arguments of a call are about."""
        finder = TargetFinder(
            self.home, self.index.resolver, here=self.here, utterance=self.utterance
        )
        sought = Sought(
            names=tuple(names_in(args.get("names") or args.get("name"))),
            areas=tuple(names_in(args.get("area"))),
            kinds=tuple(names_in(args.get("kind"))),
        )
        return finder.find(sought, **{key: frozenset(value) for key, value in domains.items()})

    def line(self, which: Line, **details: object) -> str:
        """Say something in the language of the turn."""
        return line(which, self.language, **details)

    def note(self, entities: Iterable[Entity]) -> None:
        """Remember what the turn is about."""
        self.targets += [
            entity.entity_id for entity in entities if entity.entity_id not in self.targets
        ]

    def question_lines(self, targets: Targets) -> list[str]:
        """Say what was not found, and what could be meant."""
        lines = []
        for missing in targets.missing:
            lines.append(self.line(Line.MISSING, said=missing.said))
            if missing.candidates:
                names = labels(missing.candidates, self.home)
                lines[-1] += f" {self.line(Line.MAYBE, names=names)}"
        lines += [
            self.line(Line.WHICH, names=labels(entities, self.home))
            for entities in targets.doubtful
        ]
        return lines


def result(lines: Iterable[str], *, is_error: bool = False) -> llm.ToolResult:
    """Make the result of a tool of its lines."""
    return llm.ToolResult(data={"result": "\n".join(lines)}, error=is_error)


def call_key(name: str, args: Mapping[str, Any]) -> str:
    """Return what equal calls have in common."""
    return json.dumps([name, args], sort_keys=True, ensure_ascii=False, default=str)


type Executor = Callable[[HomeAssistant, Command, Context, Language], Awaitable[list[Outcome]]]


async def async_run(
    hass: HomeAssistant,
    turn: ToolTurn,
    commands: Sequence[Command],
    targets: Targets,
    execute: Executor = async_execute,
) -> llm.ToolResult:
    """Review commands, do what is allowed, and tell what came of every target."""
    lines: list[str] = []
    has_worked = False
    for command in commands:
        turn.note(command.targets)
        review = turn.guard.review(command, turn.utterance, turn.language)
        if review.allowed:
            outcomes = await execute(hass, review.allowed, turn.context, turn.language)
            turn.done.append((review.allowed, outcomes))
            has_worked |= any(outcome.is_done for outcome in outcomes)
            lines += _outcome_lines(turn, review.allowed, outcomes)
        if review.held:
            turn.held.append(review.held)
            names = labels(review.held.targets, turn.home)
            lines.append(turn.line(Line.HELD, names=names))
        if review.refused:
            turn.has_told = True
            lines.append(turn.line(Line.REFUSED, names=labels(review.refused, turn.home)))
    turn.has_written |= has_worked
    questions = turn.question_lines(targets)
    turn.has_told |= bool(questions)
    lines += questions
    return result(lines, is_error=not has_worked and not turn.held)


def _outcome_lines(turn: ToolTurn, command: Command, outcomes: Sequence[Outcome]) -> list[str]:
    if len(outcomes) > TOLD_MAX:
        return [done_reply(command, outcomes, turn.language, turn.home)]
    return [
        done_reply(command, [outcome], turn.language, turn.home)
        if outcome.is_done
        else f"{label(outcome.entity, turn.home)}: {outcome.error}"
        for outcome in outcomes
    ]
