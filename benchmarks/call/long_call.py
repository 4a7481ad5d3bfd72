"""One call of many turns, with interruptions and lost connections, and what it leaves behind."""

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from benchmarks.call.barge_in import from_first_sound
from benchmarks.call.house import COMMAND, QUESTION, Scene
from benchmarks.call.processes import Footprint, footprint

if TYPE_CHECKING:
    from demo.audio import Sound
    from tests.browser.person import Person

_COMMANDS = (COMMAND, "Apague a luz da sala.")
_INTERRUPT_EVERY = 5
_CUT_EVERY = 20
_INTO_ANSWER_S = 1.5
# What a call leaves to be cleaned up, is cleaned up by then.
_SETTLE_S = 5.0


@dataclass(slots=True)
class Course:
    """How a call went."""

    right: int = 0
    """Turns that were understood and answered as they should be."""
    turns: int = 0
    interrupted: int = 0
    """Interruptions after which the house was silent and did the next command."""
    interruptions: int = 0
    restored_ms: list[float] = field(default_factory=list)
    """From a lost connection to the same conversation."""
    cuts: int = 0
    faults: list[str] = field(default_factory=list)
    """What went wrong, by turn."""
    before: dict[str, Footprint] = field(default_factory=dict)
    """Before the call."""
    warm: dict[str, Footprint] = field(default_factory=dict)
    """After the first tenth of it."""
    late: dict[str, Footprint] = field(default_factory=dict)
    """After its last turn."""
    after: dict[str, Footprint] = field(default_factory=dict)
    """After it."""


class _LongCall:
    def __init__(self, scene: Scene, person: Person) -> None:
        self._scene = scene
        self._person = person
        self.course = Course()

    async def run(self, turns: int) -> None:
        """Make the whole call."""
        course = self.course
        # What the first call of a page loads would look like something left over.
        await self._person.dial()
        await self._command(0)
        await self._person.hang_up()
        await asyncio.sleep(_SETTLE_S)
        course.before = await self._footprints()
        await self._person.dial()
        for number in range(1, turns + 1):
            try:
                await self._turn(number)
            except (AssertionError, TimeoutError) as error:
                course.faults.append(f"turn {number}: {error!r}"[:200])
                await self._recover()
            if number == max(1, turns // 10):
                course.warm = await self._footprints()
        course.late = await self._footprints()
        await self._person.hang_up()
        await asyncio.sleep(_SETTLE_S)
        course.after = await self._footprints()

    async def _turn(self, number: int) -> None:
        course = self.course
        course.turns += 1
        if number % _INTERRUPT_EVERY == 0:
            course.interruptions += 1
            await self._interrupt(number)
            course.interrupted += 1
        else:
            await self._command(number)
        course.right += 1
        if number % _CUT_EVERY == _INTERRUPT_EVERY - 1:
            course.cuts += 1
            course.restored_ms.append(await self._cut())

    async def _command(self, number: int) -> None:
        await self._do(number, await self._scene.speech(_COMMANDS[number % 2]))

    async def _do(self, number: int, speech: Sound) -> None:
        """Say a command; the light and the answer must follow."""
        before = len(self._person.events)
        await self._person.say(speech)
        answer = await self._person.wait_for_event("answer", before)
        assert not answer["error"], answer["text"]
        await self._person.until_listening()
        states = await self._scene.house.home.states()
        state = states["light.luz_da_sala"]["state"]
        wanted = ("on", "off")[number % 2]
        assert state == wanted, f"the light is {state}"

    async def _interrupt(self, number: int) -> None:
        """Ask, and say a command over the answer."""
        said = await self._person.say(await self._scene.speech(QUESTION))
        await self._person.until_sounding(said.end_ms)
        await asyncio.sleep(_INTO_ANSWER_S)
        before = len(self._person.events)
        command = from_first_sound(await self._scene.speech(_COMMANDS[number % 2]))
        doing = asyncio.create_task(self._do(number, command))
        try:
            await self._person.wait_for_event("stop", before)
        finally:
            await doing

    async def _cut(self) -> float:
        """Lose the connection; return after how many ms the conversation goes on."""
        conversation_id = (await self._person.state())["conversationId"]
        begin_ms = await self._person.now_ms()
        await self._person.cut_the_line()
        await self._person.until("reconnecting")
        await self._person.until("listening")
        restored_ms = await self._person.now_ms() - begin_ms
        state = await self._person.state()
        assert state["conversationId"] == conversation_id, "another conversation"
        return restored_ms

    async def _recover(self) -> None:
        """Bring the call back to where it listens."""
        with contextlib.suppress(Exception):
            await self._person.interrupt()
            await self._person.until_listening()
        if (await self._person.state())["phase"] == "ended":
            await self._person.dial()

    async def _footprints(self) -> dict[str, Footprint]:
        return {name: await footprint(pid) for name, pid in self._scene.processes.items()}


async def measure(scene: Scene, person: Person, turns: int) -> Course:
    """Make a call of so many turns."""
    call = _LongCall(scene, person)
    await call.run(turns)
    return call.course
