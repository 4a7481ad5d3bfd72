"""How long servers let a person wait, and what it costs them: the same speech to each in turn."""

import asyncio
import statistics
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.stt.talk import (
    HomeAssistantEars,
    Take,
    say,
    send_at_once,
    speech_end_s,
)
from tests.fakes.speech import silence, spoken
from tests.fakes.wyoming_client import connect
from wyoming_servers.audio import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from benchmarks.stt.subjects import Running
    from wyoming_servers.audio import Samples

# Home commands of 1.3 to 1.7 s, as people say most of them.
COMMANDS = (
    ("Acenda a luz da sala.", "pt"),
    ("Turn on the kitchen lights.", "en"),
    ("Abra a cortina do quarto.", "pt"),
    ("Close the garage door.", "en"),
)
_LEAD_S = 0.4
# An abandoned decode that is not stopped is over by then.
_AFTERMATH_S = 2.5
_DESCRIBE_PAUSE_S = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """How long several utterances waited, and what they cost."""

    after_stop_ms: tuple[float, ...]
    """Zero for a transcript that came before audio-stop."""
    after_speech_ms: tuple[float, ...]
    cpu_s: float
    """CPU time of one utterance."""


def p50(values: Sequence[float]) -> float:
    """Return the median."""
    return statistics.median(values)


def p95(values: Sequence[float]) -> float:
    """Return the 95th percentile: the smallest value that 95 % of all are not above."""
    return sorted(values)[max(0, -(-95 * len(values) // 100) - 1)]


def sounds() -> list[tuple[Samples, str]]:
    """Return the commands as sound that ends with the speech, after a short lead.

    All are asked for in Portuguese, because models without real weights write nothing else.
    """
    made = []
    for text, language in COMMANDS:
        sound = np.concatenate((silence(_LEAD_S), spoken(text, language)))
        made.append((sound[: int(speech_end_s(sound) * SAMPLE_RATE_HZ)], "pt"))
    return made


async def client_ends(servers: Sequence[Running], *, clients: int, rounds: int) -> dict[str, Waits]:
    """Let the client end each turn 0.7 s after the speech, some clients at the same time."""

    async def turn(server: Running, sound: Samples, language: str) -> Take:
        return await say(server.uri, sound, language=language, client_ends=True)

    return await _alternate(servers, turn, clients=clients, rounds=rounds)


async def server_ends(servers: Sequence[Running], *, rounds: int) -> dict[str, Waits]:
    """Let the server end each turn; audio goes on until its transcript comes."""

    async def turn(server: Running, sound: Samples, language: str) -> Take:
        return await say(server.uri, sound, language=language, tail_s=10.0)

    return await _alternate(servers, turn, clients=1, rounds=rounds)


async def home_assistant_ends(servers: Sequence[Running], *, rounds: int) -> dict[str, Waits]:
    """Let Home Assistant's own detector end each turn, with its default settings."""

    async def turn(server: Running, sound: Samples, language: str) -> Take:
        return await say(server.uri, sound, language=language, ears=HomeAssistantEars())

    return await _alternate(servers, turn, clients=1, rounds=rounds)


async def _alternate(
    servers: Sequence[Running],
    turn: Callable[[Running, Samples, str], Awaitable[Take]],
    *,
    clients: int,
    rounds: int,
) -> dict[str, Waits]:
    speech = sounds()
    takes: dict[str, list[Take]] = {server.name: [] for server in servers}
    cpu_s = dict.fromkeys(takes, 0.0)
    for index in range(rounds):
        for server in servers:
            before_s = server.cpu_s
            chosen = [speech[(index + client) % len(speech)] for client in range(clients)]
            takes[server.name] += await asyncio.gather(
                *(turn(server, sound, language) for sound, language in chosen)
            )
            cpu_s[server.name] += server.cpu_s - before_s
    return {
        name: Waits(
            after_stop_ms=tuple(each.after_stop_ms or 0.0 for each in made),
            after_speech_ms=tuple(each.after_speech_ms for each in made),
            cpu_s=cpu_s[name] / len(made),
        )
        for name, made in takes.items()
    }


async def first_request(server: Running, rounds: int) -> tuple[float, float]:
    """Return how long the first request after the start took and how long later ones take, in ms.

    The sound is sent at once, so that nothing can be prepared while it is spoken.
    """
    sound, language = sounds()[0]
    times_ms = []
    for _ in range(1 + rounds):
        async with connect(server.uri) as client:
            begin_s = time.perf_counter()
            await send_at_once(client, sound, language)
            await client.receive_until("transcript")
            times_ms.append((time.perf_counter() - begin_s) * 1000)
    return times_ms[0], p50(times_ms[1:])


async def describe_while_busy(server: Running, *, seconds: float, clients: int) -> list[float]:
    """Return how long `describe` took, in ms, while so many clients keep all slots busy."""
    sound, language = sounds()[0]
    is_over = asyncio.Event()

    async def keep_busy() -> None:
        while not is_over.is_set():
            async with connect(server.uri) as client:
                await send_at_once(client, sound, language)
                await client.receive_until("transcript")

    async with asyncio.TaskGroup() as group:
        for _ in range(clients):
            group.create_task(keep_busy())
        await asyncio.sleep(0.5)
        times_ms, until_s = [], time.perf_counter() + seconds
        while time.perf_counter() < until_s:
            async with connect(server.uri) as client:
                begin_s = time.perf_counter()
                await client.describe()
                times_ms.append((time.perf_counter() - begin_s) * 1000)
            await asyncio.sleep(_DESCRIBE_PAUSE_S)
        is_over.set()
    return times_ms


async def abandoned(server: Running, *, rounds: int, tail_s: float) -> float:
    """Return the CPU time that a server spends after its client has left, in seconds each.

    The client leaves with its audio-stop, `tail_s` after the speech, without the transcript.
    """
    sound, language = sounds()[0]
    spent_s = 0.0
    for _ in range(rounds):
        leaving = asyncio.create_task(
            say(server.uri, sound, language=language, tail_s=tail_s, client_ends=True)
        )
        await asyncio.sleep(len(sound) / SAMPLE_RATE_HZ + tail_s + 0.01)
        leaving.cancel()
        await asyncio.gather(leaving, return_exceptions=True)
        before_s = server.cpu_s
        await asyncio.sleep(_AFTERMATH_S)
        spent_s += server.cpu_s - before_s
    return spent_s / rounds


async def short_word(server: Running, *, has_ears: bool) -> Take:
    """Say "sim" with no sound before it; with Home Assistant's detector or the server's own."""
    word = spoken("Sim.")
    first = int(np.flatnonzero(np.abs(word) > 500)[0])
    sound = word[first : int(speech_end_s(word) * SAMPLE_RATE_HZ)]
    ears = HomeAssistantEars() if has_ears else None
    return await say(server.uri, sound, tail_s=10.0, ears=ears)
