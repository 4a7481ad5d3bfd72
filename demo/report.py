"""What a person reads at the end: how to use the house, or what one turn did."""

from typing import TYPE_CHECKING

from demo.console import say
from demo.launcher import PASSWORD, USER, House

if TYPE_CHECKING:
    from pathlib import Path

    from demo.turn import Turn

EXAMPLES = (
    "acenda a luz da sala",
    "mude o abajur para azul",
    "abra a cortina da sala",
    "ligue o ar-condicionado",
    "qual a temperatura da sala?",
    "turn on the kitchen lights",
)


def welcome(house: House) -> None:
    """Say where the house is, how to log in and what to try."""
    say()
    say(f"The house is ready at {house.ports.url}")
    say(f"  user {USER}, password {PASSWORD} (reachable from this machine only)")
    say(f"  language models: {house.providers}")
    if house.has_starter_ears:
        say("  speech recognition runs on the starter model, which understands only synthetic")
        say("  voices: type to the house, or start where the real model can be fetched")
    if house.has_starter_voice:
        say("  the voice is the starter voice, good for a demonstration only")
    say()
    say("Try: open the address, click the Assist icon at the top right, and type or say")
    for example in EXAMPLES:
        say(f"  {example}")
    say('or, in another terminal: scripts/run --say "acenda a luz da sala"')
    say("Ctrl-C stops everything.")


def show_turn(turn: Turn, answer: Path) -> None:
    """Print a turn: the texts, each stage with its time, what changed, where the answer is."""
    say()
    say(f"heard:    {turn.transcript}")
    say(f"answered: {turn.answer}  ({'no language model' if turn.is_local else 'language model'})")
    if not turn.is_understood:
        say("          the request was not understood or could not be carried out")
    say()
    say(f"{'stage':<28} after the end of speech")
    for stage in turn.stages:
        say(f"  {stage.name:<26} {stage.after_speech_ms:>8.0f} ms")
    say(f"  (the request lasted {turn.speech.speech_end_s:.2f} s{_answer_length(turn)})")
    say()
    if turn.changes:
        width = max(len(change.entity_id) for change in turn.changes)
        say("changed in the home:")
        for change in turn.changes:
            say(f"  {change.entity_id:<{width}}  {change.before} -> {change.after}")
    else:
        say("changed in the home: nothing")
    if turn.answer_sound is not None:
        say(f"answer saved: {answer}")


def _answer_length(turn: Turn) -> str:
    if turn.answer_sound is None:
        return ""
    return f", the answer {turn.answer_sound.duration_s:.2f} s"
