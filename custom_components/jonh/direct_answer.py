"""Answers that need no model: a yes or no to the guard, plain commands, plain questions."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .actions.execute import async_execute
from .agent.plain.fast_path import StateQuery, understand, understand_both
from .agent.safety.confirmation import refusal
from .agent.speech.replies import done_reply, state_reply
from .agent.telemetry import AnsweredBy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from homeassistant.core import HomeAssistant

    from .agent.commands import Command
    from .tools.turn import ToolTurn


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectAnswer:
    """What is said without a model."""

    text: str
    answered_by: AnsweredBy
    is_question: bool = False
    """The person is expected to answer, so the satellite goes on listening."""
    has_failed: bool = False
    is_secret: bool = False
    """The utterance held a PIN and must not be remembered."""


async def async_answer_guard(hass: HomeAssistant, turn: ToolTurn) -> DirectAnswer | None:
    """Take the utterance as the answer to a pending question; None when it is none."""
    heard = turn.guard.hear(turn.speaker, turn.utterance, turn.language)
    if not heard.is_settled:
        return None
    return DirectAnswer(
        text=heard.speech or await _async_carry_out(hass, turn, heard.commands),
        answered_by=AnsweredBy.CONFIRMATION,
        is_question=heard.expects_answer,
        is_secret=heard.is_pin,
    )


async def async_answer_plainly(hass: HomeAssistant, turn: ToolTurn) -> DirectAnswer | None:
    """Do or tell what a plain sentence surely asks for; None when a model is needed."""
    said, language, home, resolver = turn.utterance, turn.language, turn.home, turn.index.resolver
    understood = understand(said, language, home=home, resolver=resolver, here=turn.here)
    if isinstance(understood, StateQuery):
        return DirectAnswer(text=_told(turn, understood), answered_by=AnsweredBy.FAST_PATH)
    commands: Sequence[Command] | None = (
        [understood]
        if understood
        else understand_both(said, language, home=home, resolver=resolver, here=turn.here)
    )
    return await _async_obey(hass, turn, commands) if commands else None


async def _async_obey(
    hass: HomeAssistant, turn: ToolTurn, commands: Sequence[Command]
) -> DirectAnswer:
    """Do what may be done, and ask about the rest."""
    reviews = [turn.guard.review(one, turn.utterance, turn.language) for one in commands]
    allowed = [review.allowed for review in reviews if review.allowed]
    refused = [entity for review in reviews for entity in review.refused]
    held = [review.held for review in reviews if review.held]
    parts = [await _async_carry_out(hass, turn, allowed)] if allowed else []
    if refused:
        parts.append(refusal(refused, turn.language))
    if held:
        parts.append(turn.guard.hold(turn.speaker, held, turn.language))
    return DirectAnswer(
        text=" ".join(parts),
        answered_by=AnsweredBy.CONFIRMATION if held else AnsweredBy.FAST_PATH,
        is_question=turn.guard.is_waiting(turn.speaker),
    )


async def _async_carry_out(hass: HomeAssistant, turn: ToolTurn, commands: Sequence[Command]) -> str:
    """Execute commands one after the other and say what came of them."""
    said = []
    for command in commands:
        outcomes = await async_execute(hass, command, turn.context, turn.language)
        turn.note(command.targets)
        said.append(done_reply(command, outcomes, turn.language, turn.index.home))
    return " ".join(said)


def _told(turn: ToolTurn, query: StateQuery) -> str:
    """Say the states that were asked for."""
    turn.note(query.entities)
    return " ".join(
        state_reply(entity, turn.state_words(entity), turn.language, turn.index.home)
        for entity in query.entities
    )
