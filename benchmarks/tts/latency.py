"""How long servers let a person wait, and what it costs: the same texts to each in turn."""

import asyncio
import time
from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.tts.subjects import running
from benchmarks.tts.talk import Heard, leave_at_first_sound, say, say_as_written
from tests.fakes.wyoming_client import connect

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.servers import Running, Subject
    from benchmarks.tts.texts import Texts

# What a server goes on making for nobody is made by then.
_AFTERMATH_S = 2.5
_DESCRIBE_PAUSE_S = 0.02
# What a server gives back, it has given back by then.
_SETTLE_S = 1.0
# Address space for more than any sound that is wanted.
_ROOM_MB = 8192


class SpeechError(Exception):
    """A server did not speak, so there is nothing to measure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """What several requests of one kind heard."""

    heard: tuple[Heard, ...]
    cpu_s: float
    """CPU time of all of them."""

    @property
    def first_ms(self) -> float:
        """The median of the first sounds."""
        return median(each.first_ms for each in self.heard)

    @property
    def total_ms(self) -> float:
        """The median of the last sounds."""
        return median(each.total_ms for each in self.heard)

    @property
    def stall_ms(self) -> float:
        """The longest that a player had to wait within an answer."""
        return max(each.stall_ms for each in self.heard)

    @property
    def starts(self) -> int:
        """The most starts of sound within an answer."""
        return max(each.starts for each in self.heard)

    @property
    def cpu_share(self) -> float:
        """CPU time of a second of sound."""
        return self.cpu_s / sum(each.audio_s for each in self.heard)


@dataclass(frozen=True, slots=True, kw_only=True)
class Footprint:
    """What one text did to the memory of a server that had said nothing before."""

    peak_mb: float
    kept_mb: float
    outcome: str
    """How the request ended."""


async def first_requests(
    subjects: Sequence[Subject], texts: Texts, rounds: int
) -> dict[str, float]:
    """Return when the first sound of the first request after a start came, in ms."""
    waits: dict[str, list[Heard]] = {subject.name: [] for subject in subjects}
    for _ in range(rounds):
        text = texts.short()
        for subject in subjects:
            async with running(subject) as server:
                waits[server.name].append(_spoken(await say(server.uri, text)))
    return {name: median(each.first_ms for each in heard) for name, heard in waits.items()}


async def warm_up(server: Running, texts: Texts) -> None:
    """Have a sentence spoken that is not measured."""
    _spoken(await say(server.uri, texts.one_comma()))


async def at_once(
    servers: Sequence[Running], make: Callable[[], str], rounds: int
) -> dict[str, Waits]:
    """Have whole texts spoken."""
    return await _alternate(servers, [make() for _ in range(rounds)], is_written=False)


async def as_written(
    servers: Sequence[Running], make: Callable[[], str], rounds: int
) -> dict[str, Waits]:
    """Have texts spoken while they are written."""
    return await _alternate(servers, [make() for _ in range(rounds)], is_written=True)


async def repeated(
    servers: Sequence[Running], make: Callable[[], str], rounds: int
) -> dict[str, Waits]:
    """Have one text spoken again and again; the first time does not count."""
    text = make()
    await _alternate(servers, [text], is_written=False)
    return await _alternate(servers, [text] * rounds, is_written=False)


async def _alternate(
    servers: Sequence[Running], texts: Sequence[str], *, is_written: bool
) -> dict[str, Waits]:
    request = say_as_written if is_written else say
    heard: dict[str, list[Heard]] = {server.name: [] for server in servers}
    cpu_s = dict.fromkeys(heard, 0.0)
    for text in texts:
        for server in servers:
            before_s = server.cpu_s
            heard[server.name].append(_spoken(await request(server.uri, text)))
            cpu_s[server.name] += server.cpu_s - before_s
    return {name: Waits(heard=tuple(made), cpu_s=cpu_s[name]) for name, made in heard.items()}


async def last_of_several(
    servers: Sequence[Running], make: Callable[[], str], *, clients: int, rounds: int
) -> dict[str, float]:
    """Return when the last of some clients that ask at the same time hears something, in ms."""
    last_ms: dict[str, list[float]] = {server.name: [] for server in servers}
    for _ in range(rounds):
        texts = [make() for _ in range(clients)]
        for server in servers:
            heard = await asyncio.gather(*(say(server.uri, text) for text in texts))
            last_ms[server.name].append(max(_spoken(each).first_ms for each in heard))
    return {name: median(times_ms) for name, times_ms in last_ms.items()}


async def describe_while_speaking(
    servers: Sequence[Running], make: Callable[[], str], rounds: int
) -> dict[str, float]:
    """Return the longest that `describe` took, in ms, while a long text was made into sound."""
    slowest_ms = {server.name: 0.0 for server in servers}
    for _ in range(rounds):
        text = make()
        for server in servers:
            speaking = asyncio.create_task(say(server.uri, text))
            while not speaking.done():
                taken_ms = await _describe_ms(server)
                slowest_ms[server.name] = max(slowest_ms[server.name], taken_ms)
                await asyncio.sleep(_DESCRIBE_PAUSE_S)
            _spoken(await speaking)
    return slowest_ms


async def _describe_ms(server: Running) -> float:
    async with connect(server.uri) as client:
        begin_s = time.perf_counter()
        await client.describe()
        return (time.perf_counter() - begin_s) * 1000


async def abandoned(
    servers: Sequence[Running], make: Callable[[], str], rounds: int
) -> dict[str, float]:
    """Return the CPU time that a server spends after its client has left, in seconds each."""
    spent_s = {server.name: 0.0 for server in servers}
    for _ in range(rounds):
        text = make()
        for server in servers:
            await leave_at_first_sound(server.uri, text)
            before_s = server.cpu_s
            await asyncio.sleep(_AFTERMATH_S)
            spent_s[server.name] += server.cpu_s - before_s
    return {name: total_s / rounds for name, total_s in spent_s.items()}


async def footprint(subject: Subject, text: str, *, patience_s: float) -> Footprint:
    """Return what a text does to the memory of a fresh server.

    The server may have 8 GB of address space more than it begins with, and so many seconds; it is
    killed after them.
    """
    async with running(replace(subject, room_mb=_ROOM_MB)) as server:
        begin_s = time.perf_counter()
        try:
            async with asyncio.timeout(patience_s):
                outcome = _outcome(await say(server.uri, text))
                await asyncio.sleep(_SETTLE_S)
        except TimeoutError, OSError:
            outcome = f"nothing within {time.perf_counter() - begin_s:.0f} s"
        if not server.is_alive:
            outcome = "the server has crashed"
        found = Footprint(peak_mb=server.peak_mb, kept_mb=server.memory_mb, outcome=outcome)
        server.kill()
        return found


def _outcome(heard: Heard) -> str:
    if heard.error:
        return f"error: {' '.join(heard.error.replace('|', '/').split())[:60]}"
    if not heard.total_ms:
        return "closed without a word"
    return f"{heard.audio_s:.0f} s of sound in {heard.total_ms / 1000:.1f} s"


def _spoken(heard: Heard) -> Heard:
    if not heard.total_ms or not heard.first_ms:
        raise SpeechError(heard.error or "The server closed the connection.")
    return heard
