"""What answers cost jonh-tts, by the quality of the voice."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.servers import running
from benchmarks.sizing.load import Cost, Crews, beside, cores, crews, on_cores, unloaded
from benchmarks.sizing.queueing import Voice, Work
from benchmarks.sizing.requests import ANSWERS, TYPICAL, answer
from benchmarks.tts import voices
from benchmarks.tts.subjects import Subject
from benchmarks.tts.texts import Texts
from wyoming_servers.tts.cutting import make_parts
from wyoming_servers.tts.service import PARTS

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.servers import Running
    from benchmarks.sizing.plan import Size

QUALITIES = {each.quality: each for each in (voices.LOW, voices.MEDIUM, voices.HIGH)}
# So many others are answered while the turns are measured.
_OTHERS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaking:
    """What was measured of one quality of voice."""

    name: str
    costs: tuple[Cost, ...]
    """Of the answers in their order, on one core; they wait for the first sound."""
    sounds_s: tuple[float, ...]
    """How long these answers are."""
    turn_s: float
    """What an answer waits more for each other one that is being spoken."""
    crews: Crews

    @property
    def voices(self) -> dict[int, Voice]:
        """What a worker does, by its cores, as `Listening.works` tells it of the recogniser."""
        return {1: self._voice(self.crews.beside), 2: self._voice(self.crews.threaded)}

    def _voice(self, scale: float) -> Voice:
        shares = [each.share for each in ANSWERS]
        work = Work.of([cost.cpu_s * scale for cost in self.costs], shares)
        sound_s = Work.of(self.sounds_s, shares).mean_s
        return Voice(work=work, turn_s=self.turn_s * scale, speed=sound_s / work.mean_s)


def subject(name: str, cache: Path) -> Subject:
    """Return our server on a voice of a quality, cut before as it is after its first start."""
    voice = voices.build(cache / "voices", size=QUALITIES[name])
    make_parts(voice, voice.parent / PARTS)
    # Of short sentences there are few, and what was said before would cost nothing.
    flags = ("--voice-dir", str(voice.parent), "--cache-mb", "0")
    return Subject.ours(voice, *flags, name=f"jonh-tts, {name}")


class _Sayings:
    """Asks for one text after another, and notes how much sound there was."""

    def __init__(self, texts: Texts, kind: str) -> None:
        self._texts = texts
        self._kind = kind
        self.sounds_s: list[float] = []

    async def __call__(self, uri: str) -> float:
        first_s, sound_s = await answer(uri, self._texts, self._kind)
        self.sounds_s.append(sound_s)
        return first_s

    @property
    def sound_s(self) -> float:
        """How long they were on average."""
        return sum(self.sounds_s) / len(self.sounds_s)


async def measure(name: str, cache: Path, size: Size) -> Speaking:
    """Measure one quality of voice, from a free server to two that are never free."""
    ours, texts = subject(name, cache), Texts()
    costs, sounds_s = [], []
    async with running(on_cores(ours, cores()[0])) as server:
        for each in ANSWERS:
            ask = _Sayings(texts, each.kind)
            costs.append(await unloaded(server, ask, size.free_s))
            sounds_s.append(ask.sound_s)
        turn_s = await _turn(server, texts, costs[TYPICAL], size)
    say = _Sayings(texts, ANSWERS[TYPICAL].kind)
    found = await crews(ours, say, seconds=size.full_s)
    return Speaking(
        name=name, costs=tuple(costs), sounds_s=tuple(sounds_s), turn_s=turn_s, crews=found
    )


async def _turn(server: Running, texts: Texts, free: Cost, size: Size) -> float:
    waited_s = await beside(
        server,
        _Sayings(texts, ANSWERS[TYPICAL].kind),
        _Sayings(texts, "long"),
        count=_OTHERS,
        seconds=2 * size.free_s,
    )
    return max(0.001, (waited_s - free.waited_s) / _OTHERS)
