"""People who speak through a balancer, and what became of what they said."""

import asyncio
import contextlib
import random
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from wyoming.asr import Transcribe
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.tts import Synthesize

from tests.fakes.speech import RATE_HZ, silence, spoken
from tests.fakes.wyoming_client import WyomingClient, connect

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from wyoming_servers.audio import Samples

PHRASES = ("acenda a luz da sala", "apague a luz da cozinha", "feche a cortina do quarto")
_FORMAT = {"rate": RATE_HZ, "width": 2, "channels": 1}
_CHUNK_S = 0.1
# When Home Assistant's own detector is sure that somebody has finished, if the server was not.
_TAIL_S = 0.7
# Longer than Home Assistant would be left alone by anybody.
_PATIENCE_S = 60.0
_TRIES = 4


@dataclass(slots=True)
class Outcome:
    """What became of the utterances or texts of all clients together."""

    turns: int = 0
    lost: int = 0
    """Ended without their answer."""
    repeated: int = 0
    """Answered only after the whole of them was sent again."""
    seconds: list[float] = field(default_factory=list)
    """From the end of an utterance, or the beginning of a text, to its answer."""

    @property
    def worst_s(self) -> float:
        """The longest that anybody waited."""
        return max(self.seconds, default=0.0)


class Crowd:
    """Clients that speak again and again until they are told to stop."""

    def __init__(self, kind: str, uri: str, clients: int, *, repeats: bool = False) -> None:
        self.outcome = Outcome()
        self._ask = _hear if kind == "stt" else _voice
        self._uri = uri
        self._clients = clients
        self._repeats = repeats
        self._is_over = False

    @contextlib.asynccontextmanager
    async def speaking(self) -> AsyncIterator[Outcome]:
        """Speak while the context is open; what has begun is waited for at its end."""
        async with asyncio.TaskGroup() as group:
            for number in range(self._clients):
                group.create_task(self._person(random.Random(number)))
            try:
                yield self.outcome
            finally:
                self._is_over = True

    async def turns(self, count: int) -> None:
        """Wait until so many more turns have ended."""
        wanted = self.outcome.turns + count
        while self.outcome.turns < wanted:  # noqa: ASYNC110 - seconds go by
            await asyncio.sleep(0.05)

    async def _person(self, chance: random.Random) -> None:
        await asyncio.sleep(chance.uniform(0, 1.0))  # not all at once
        while not self._is_over:
            is_answered = await self._turn(chance.choice(PHRASES))
            # Who was not understood has to notice it first.
            await asyncio.sleep(chance.uniform(0.1, 0.6) if is_answered else chance.uniform(1, 2))

    async def _turn(self, phrase: str) -> bool:
        begin_s = None
        for attempt in range(_TRIES if self._repeats else 1):
            with contextlib.suppress(OSError, EOFError, TimeoutError):
                async with asyncio.timeout(_PATIENCE_S), connect(self._uri) as client:
                    # What was said once is known: a repetition takes no time to speak.
                    spoke_s, is_answered = await self._ask(client, phrase, is_paced=attempt == 0)
                    begin_s = begin_s or spoke_s
                    if is_answered:
                        self.outcome.seconds.append(time.monotonic() - begin_s)
                        self.outcome.repeated += attempt > 0
                        self.outcome.turns += 1
                        return True
            begin_s = begin_s or time.monotonic()
            await asyncio.sleep(0.1)
        self.outcome.lost += 1
        self.outcome.turns += 1
        return False


async def _hear(client: WyomingClient, phrase: str, *, is_paced: bool) -> tuple[float, bool]:
    """Say a phrase as Home Assistant passes it on; when it was over, and whether a text came."""
    await client.send(Transcribe(language="pt"), AudioStart(**_FORMAT))
    receiving = asyncio.create_task(client.receive())
    sound, begin_s = spoken(phrase), time.monotonic()
    over_s = begin_s + (len(sound) / RATE_HZ if is_paced else 0.0)
    try:
        with contextlib.suppress(ConnectionError):  # the answer, or its absence, tells more
            for index, chunk in enumerate(_chunks(np.concatenate((sound, silence(_TAIL_S)))), 1):
                if receiving.done():
                    break
                await client.send(AudioChunk(audio=chunk, **_FORMAT))
                if is_paced:
                    await asyncio.sleep(max(0.0, begin_s + index * _CHUNK_S - time.monotonic()))
            if not receiving.done():
                await client.send(AudioStop())
        event = await receiving
    finally:
        receiving.cancel()
    return over_s, event is not None and event.type == "transcript" and bool(event.data["text"])


def _chunks(sound: Samples) -> Iterator[bytes]:
    size = round(_CHUNK_S * RATE_HZ)
    for at in range(0, len(sound), size):
        yield sound[at : at + size].astype("<i2").tobytes()


async def _voice(client: WyomingClient, phrase: str, *, is_paced: bool) -> tuple[float, bool]:
    """Have a phrase spoken; when it was asked for, and whether all of its sound came."""
    del is_paced  # a text comes at once
    begin_s = time.monotonic()
    await client.send(Synthesize(text=phrase.capitalize() + "."))
    events = await client.receive_until("audio-stop")
    return begin_s, bool(events) and events[-1].type == "audio-stop"
