"""What the house does when something sounds over its answer that is nobody's turn."""

import asyncio
import contextlib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.call.barge_in import from_first_sound, start_answer
from benchmarks.call.house import QUESTION
from benchmarks.call.talker import LONG_ANSWER
from benchmarks.stt.clips import make_clips
from demo.audio import ASSIST_RATE_HZ, Sound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.call.house import Scene
    from tests.browser.person import Person

# What people say to show that they listen.
_NODS = ("uhum", "aham", "tá", "ok", "certo")
# -20 dB: what echo cancellation leaves of our own voice.
_ECHO = 0.1
# How loud the clips are: this many steps.
_LEVELS = 3
# After the sound: the recogniser decides, and the answer begins again.
_AFTERMATH_S = 4.0


class Outcome(StrEnum):
    """What became of an answer."""

    UNTOUCHED = "went on"
    LOWERED = "lowered, then went on"
    RESUMED = "stopped, then went on"
    LOST = "stopped for good"


@dataclass(frozen=True, slots=True)
class Noise:
    """A sound that is no turn."""

    kind: str
    sound: Sound


async def noises(scene: Scene, each: int) -> list[Noise]:
    """Return so many sounds of each kind, and the nods."""
    kinds = len({clip.kind for clip in make_clips(20)})
    # All levels are drawn in turn; the loudest comes last.
    clips = make_clips(kinds * _LEVELS)[-kinds * each :]
    made = [
        Noise(clip.kind, Sound(clip.samples.tobytes(), ASSIST_RATE_HZ))
        for clip in clips
        if clip.kind != "silence"
    ]
    nods = [(nod, await scene.speech(nod)) for nod in _NODS]
    made += [Noise(f"“{nod}”", from_first_sound(sound)) for nod, sound in nods]
    return made + [Noise("its own voice at -20 dB", part) for part in await _echoes(scene, each)]


async def _echoes(scene: Scene, count: int) -> list[Sound]:
    """Return parts of the answer as the loudspeaker would send them into the microphone."""
    echo = await scene.speech(LONG_ANSWER.format(number=20))
    quiet = (np.frombuffer(echo.samples, "<i2") * _ECHO).astype("<i2")
    begins_s = [2 + 2 * index for index in range(count)]
    parts = (quiet[begin_s * echo.rate_hz :][: 3 * echo.rate_hz] for begin_s in begins_s)
    return [Sound(part.tobytes(), echo.rate_hz) for part in parts]


async def measure(
    scene: Scene, person: Person, sounds: Sequence[Noise]
) -> dict[str, list[Outcome]]:
    """Let each sound over an answer of its own; return the outcomes by kind."""
    question = await scene.speech(QUESTION)
    outcomes: dict[str, list[Outcome]] = {}
    for noise in sounds:
        await start_answer(person, question)
        before = len(person.events)
        said = await person.say(noise.sound)
        await asyncio.sleep(noise.sound.duration_s)
        if "stop" in person.kinds(before):
            with contextlib.suppress(TimeoutError):
                await person.wait_for_event("resume", before, _AFTERMATH_S)
        volumes = await person.volumes(said.begin_ms)
        is_lowered = any(0 < volume < 1 for _, volume in volumes)
        made = outcome(person.kinds(before), is_lowered=is_lowered)
        outcomes.setdefault(noise.kind, []).append(made)
        await person.interrupt()
        await person.until_listening()
    return outcomes


def outcome(kinds: Sequence[str], *, is_lowered: bool) -> Outcome:
    """Return what the events of a call say about the answer that was sounding."""
    if "stop" not in kinds:
        return Outcome.LOWERED if is_lowered else Outcome.UNTOUCHED
    return Outcome.RESUMED if "resume" in kinds[kinds.index("stop") :] else Outcome.LOST
