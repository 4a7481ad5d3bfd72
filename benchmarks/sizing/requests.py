"""What is said to the servers: utterances of three lengths, and answers of three."""

import time
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.stt.talk import CLIENT_ENDS, speech_end_s
from benchmarks.stt.talk import say as speak
from benchmarks.tts.talk import say as have_spoken
from tests.fakes.speech import silence, spoken
from tests.fakes.wyoming_client import connect
from wyoming_servers.audio import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from benchmarks.tts.texts import Texts
    from wyoming_servers.audio import Samples

_SENTENCES = (
    *("Acenda a luz da sala e da cozinha agora.", "Abra a cortina do quarto."),
    *("Desligue a televisão da sala.", "Coloque o ar do escritório em vinte e dois graus."),
    *("Feche a porta da garagem.", "Apague todas as luzes do corredor e do banheiro."),
)
_AUDIBLE = 500
# Three sentences come in one breath; a pause after them is long enough for jonh-stt to recognise
# what was said so far, in vain.
_FLUENT = 3
_GAP_S = 0.1
_PAUSE_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """One length of what people say."""

    seconds: int
    words: int
    """Tokens of its transcript: some four in a second of speech."""
    share: float
    """Of all utterances."""

    @property
    def name(self) -> str:
        """What the tables call it."""
        return f"{self.seconds} s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One length of what the house says."""

    name: str
    kind: str
    """The text of `benchmarks.tts.texts.Texts` that it is."""
    share: float
    """Of all answers."""


UTTERANCES = (
    Utterance(seconds=2, words=9, share=0.5),
    Utterance(seconds=4, words=17, share=0.4),
    Utterance(seconds=10, words=42, share=0.1),
)
ANSWERS = (
    Answer(name="25 characters", kind="short", share=0.5),
    Answer(name="95 characters", kind="one_comma", share=0.4),
    Answer(name="312 characters", kind="long", share=0.1),
)
TYPICAL = 1
"""The length that servers are kept busy with."""


class AnswerError(Exception):
    """A server did not answer, so there is nothing to measure."""


@cache
def speech(seconds: float) -> Samples:
    """Return speech of a length that begins and ends audibly, with a pause now and then."""
    sound = np.zeros(0, np.int16)
    while len(sound) < seconds * SAMPLE_RATE_HZ:
        for index, sentence in enumerate(_SENTENCES, 1):
            said = spoken(sentence)
            loud = np.flatnonzero(np.abs(said) > _AUDIBLE)
            gap_s = _GAP_S if index % _FLUENT else _PAUSE_S
            sound = np.concatenate((sound, said[loud[0] : loud[-1]], silence(gap_s)))
    sound = sound[: round(seconds * SAMPLE_RATE_HZ)]
    return sound[: int(speech_end_s(sound) * SAMPLE_RATE_HZ)]


async def utter(uri: str, sound: Samples) -> float:
    """Say something as people do; return from its end to the transcript, in s.

    The client ends the turn with the speech, so that nothing is recognised in a silence after it.
    """
    take = await speak(uri, sound, tail_s=0.0, client_ends=True)
    if not take.text:
        raise AnswerError("The server heard nothing.")
    assert take.after_stop_ms is not None
    return take.after_stop_ms / 1000


async def recite(uri: str, sound: Samples) -> float:
    """Send an utterance at once; return how long its transcript took, in s."""
    async with connect(uri) as client:
        begin_s = time.perf_counter()
        await client.speak(sound.tobytes(), language="pt", context=CLIENT_ENDS)
        events = await client.receive_until("transcript")
        if not events or not events[-1].data.get("text"):
            raise AnswerError("The server heard nothing.")
        return time.perf_counter() - begin_s


async def answer(uri: str, texts: Texts, kind: str) -> tuple[float, float]:
    """Have a new text spoken; return when its first sound came and how much there was, in s."""
    heard = await have_spoken(uri, getattr(texts, kind)())
    if heard.error or not heard.total_ms:
        raise AnswerError(heard.error or "The server closed the connection.")
    return heard.first_ms / 1000, heard.audio_s
