"""Word error rates: of the starter model on what it knows, or of any model on anybody's speech."""

import asyncio
import csv
import re
import unicodedata
import wave
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.stt.latency import p50, p95
from benchmarks.stt.sentences import Kind, all_sentences
from benchmarks.stt.talk import say
from tests.fakes.speech import silence, spoken
from wyoming_servers.audio import PcmConverter, PcmFormat

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from benchmarks.stt.clips import Clip
    from benchmarks.stt.subjects import Running
    from wyoming_servers.audio import Samples

# Streams at the same time: their sound takes real time, decoding does not.
_STREAMS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A sentence and its sound."""

    text: str
    language: str
    sound: Samples


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a server made of all sentences."""

    wer: float
    """Word edits per word said."""
    exact: float
    """Share of sentences without an error."""
    p50_ms: float
    """From the last audible sample to the transcript."""
    p95_ms: float


class DatasetError(Exception):
    """A folder is no dataset; the text says what is wanted."""


def starter_speech(count: int) -> list[Spoken]:
    """Return home commands spoken by the starter voices, each in both languages alike."""
    texts = {each.text: each for each in all_sentences() if each.kind is Kind.COMMAND}
    every = list(texts.values())
    chosen = [every[at * len(every) // count] for at in range(min(count, len(every)))]
    return [
        Spoken(
            text=each.text,
            language=each.language,
            sound=np.concatenate((silence(0.3), spoken(f"{each.text}.", each.language))),
        )
        for each in chosen
    ]


def read_dataset(folder: Path, language: str) -> list[Spoken]:
    """Read `metadata.csv` (columns file_name, text and, if not all are alike, language) and WAVs.

    Raises DatasetError for a folder without them.
    """
    try:
        with (folder / "metadata.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        return [
            Spoken(
                text=row["text"],
                language=row.get("language") or language,
                sound=_read_wav(folder / row["file_name"]),
            )
            for row in rows
        ]
    except (OSError, KeyError, wave.Error, ValueError) as err:
        raise DatasetError(
            f"{folder} is no dataset ({err}): it needs metadata.csv with the columns file_name and"
            " text, and the WAV files it names"
        ) from err


async def hear(server: Running, speech: Sequence[Spoken], *, client_ends: bool) -> Heard:
    """Speak every sentence to a server in real time, several at once."""
    gate = asyncio.Semaphore(_STREAMS)

    async def one(each: Spoken) -> tuple[int, int, float]:
        async with gate:
            take = await say(
                server.uri,
                each.sound,
                language=each.language,
                tail_s=0.7 if client_ends else 10.0,
                client_ends=client_ends,
            )
        said, heard = words(each.text), words(take.text)
        return edits(said, heard), len(said), take.after_speech_ms

    results = await asyncio.gather(*(one(each) for each in speech))
    delays = [delay for _, _, delay in results]
    return Heard(
        wer=sum(wrong for wrong, _, _ in results) / sum(said for _, said, _ in results),
        exact=sum(not wrong for wrong, _, _ in results) / len(results),
        p50_ms=p50(delays),
        p95_ms=p95(delays),
    )


async def phantoms(server: Running, clips: Sequence[Clip]) -> dict[str, int]:
    """Return how many clips without speech became text, by kind."""
    gate = asyncio.Semaphore(_STREAMS)

    async def one(clip: Clip) -> tuple[str, bool]:
        async with gate:
            take = await say(server.uri, clip.samples, tail_s=0.3, client_ends=True)
        return clip.kind, bool(take.text.strip())

    counts: dict[str, int] = {}
    for kind, is_text in await asyncio.gather(*(one(clip) for clip in clips)):
        counts[kind] = counts.get(kind, 0) + is_text
    return counts


def words(text: str) -> list[str]:
    """Return the words of a text in lower case, without punctuation."""
    return re.findall(r"\w+", unicodedata.normalize("NFC", text).lower())


def edits(said: Sequence[str], heard: Sequence[str]) -> int:
    """Return the fewest word insertions, deletions and substitutions between two texts."""
    row = list(range(len(heard) + 1))
    for i, word in enumerate(said, 1):
        previous, row[0] = row[0], i
        for j, other in enumerate(heard, 1):
            substituted = previous + (word != other)
            previous = row[j]
            row[j] = min(substituted, row[j] + 1, row[j - 1] + 1)
    return row[-1]


def _read_wav(path: Path) -> Samples:
    with wave.open(str(path), "rb") as file:
        pcm = PcmFormat(file.getframerate(), file.getsampwidth(), file.getnchannels())
        converter = PcmConverter(pcm)
        parts: Iterable[Samples] = (
            converter.convert(file.readframes(file.getnframes())),
            converter.flush(),
        )
        return np.concatenate(list(parts))
