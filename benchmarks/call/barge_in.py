"""How soon the house is silent when somebody speaks over it."""

import asyncio
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.call.house import COMMAND, QUESTION
from demo.audio import Sound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.call.house import Scene
    from tests.browser.person import Loudness, Person

# Behind the first second of an answer, in which more speech is asked for.
INTO_ANSWER_S = 2.0
# Longer than the pauses between two words, shorter than the way to the next answer.
_SILENCE_MS = 250.0
# A block of the ears.
_STEP_MS = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Interruption:
    """One, in ms from the first sample of the speech."""

    lowered: float
    """The volume begins to go down."""
    silent: float
    """Nothing sounds any more."""


async def measure(scene: Scene, person: Person, rounds: int) -> list[Interruption]:
    """Interrupt so many answers of the model with a command."""
    question = await scene.speech(QUESTION)
    command = from_first_sound(await scene.speech(COMMAND))
    made = []
    for _ in range(rounds):
        await start_answer(person, question)
        before = len(person.events)
        said = await person.say(command)
        await person.wait_for_event("stop", before)
        await asyncio.sleep(command.duration_s)
        volumes = await person.volumes(said.begin_ms)
        silent_ms = silence_ms(await person.loudness(said.begin_ms))
        lowered_ms = next(time_ms for time_ms, volume in volumes if volume < 1)
        made.append(
            Interruption(lowered=lowered_ms - said.begin_ms, silent=silent_ms - said.begin_ms)
        )
        await person.wait_for_event("answer", before)
        await person.until_listening()
    return made


async def start_answer(person: Person, question: Sound) -> None:
    """Ask, and wait until the answer has sounded for a while."""
    said = await person.say(question)
    await person.until_sounding(said.end_ms)
    await asyncio.sleep(INTO_ANSWER_S)


def from_first_sound(sound: Sound) -> Sound:
    """Cut the silence before the speech off."""
    samples = np.frombuffer(sound.samples, "<i2").astype(np.int32)
    first = int(np.flatnonzero(np.abs(samples) > np.abs(samples).max() // 50)[0])
    return Sound(sound.samples[2 * first :], sound.rate_hz)


def silence_ms(loudness: Loudness) -> float:
    """Return the end of the last block before the first pause that no speech has."""
    times = loudness.sounds_ms()
    for this_ms, next_ms in zip(times, [*times[1:], np.inf], strict=True):
        if next_ms - this_ms > _SILENCE_MS:
            return float(this_ms) + _STEP_MS / 2
    return float("nan")


def middle(values: Sequence[float]) -> float:
    """Return the median."""
    return median(values)
