"""What utterances cost jonh-stt, by the size of the model."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from benchmarks.servers import running
from benchmarks.sizing.load import Cost, Crews, cores, crews, on_cores, unloaded
from benchmarks.sizing.queueing import Work
from benchmarks.sizing.requests import TYPICAL, UTTERANCES, recite, speech, utter
from benchmarks.stt import models
from benchmarks.stt.subjects import Subject

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.sizing.plan import Size


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """What was measured of one size of model."""

    name: str
    costs: tuple[Cost, ...]
    """Of the utterances in their order, on one core."""
    crews: Crews

    @property
    def works(self) -> dict[int, Work]:
        """What utterances keep a worker busy for, by the cores that it has.

        With one core that is their CPU time, as long as it gets while the other core is busy too.
        A second thread makes it shorter as far as it does at full load.
        """
        return {1: self._work(self.crews.beside), 2: self._work(self.crews.threaded)}

    def _work(self, scale: float) -> Work:
        times_s = [cost.cpu_s * scale for cost in self.costs]
        return Work.of(times_s, [each.share for each in UTTERANCES])


def subject(name: str, words: int, cache: Path) -> Subject:
    """Return our server on a model of a size that writes so many words."""
    return Subject.ours(models.build(name, cache, words=words), name=f"jonh-stt, {name}")


async def measure(name: str, cache: Path, size: Size) -> Listening:
    """Measure one size of model, from a free server to two that are never free."""
    costs = []
    for each in UTTERANCES:
        async with running(on_cores(subject(name, each.words, cache), cores()[0])) as server:
            say = partial(utter, sound=speech(each.seconds))
            costs.append(await unloaded(server, say, size.free_s))
    typical = UTTERANCES[TYPICAL]
    ask = partial(recite, sound=speech(typical.seconds))
    found = await crews(subject(name, typical.words, cache), ask, seconds=size.full_s)
    return Listening(name=name, costs=tuple(costs), crews=found)
