"""The user's side of the sound of a call: what was just heard, and whether somebody speaks."""

import asyncio
from array import array
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

RATE_HZ = 16_000
SAMPLE_BYTES = 2
BYTES_PER_S = RATE_HZ * SAMPLE_BYTES
BUFFER_BYTES_MAX = 10_000_000
"""Five minutes: a recogniser that is so far behind does not catch up."""
RECENT_S = 40.0
"""Longer than any phrase that somebody may go on with while the call thinks."""

FRAME_BYTES = BYTES_PER_S // 100
"""10 ms, what the detector takes."""
FRAME_S = 0.01
SPEECH = 0.4
"""Probability from which somebody speaks; Home Assistant takes 0.2 and waits 0.3 s."""
NO_SPEECH = 0.1
LAG_FRAMES = 20
"""The detector notices speech 0.13-0.2 s late, and its end half a second."""
PAUSE_FRAMES = 35
"""Silence that ends a stretch of speech: longer than the pause before a consonant."""
LOUD = 3.0
"""Times as loud as the room: a voice."""
LOUD_MIN = 100.0
"""Of 32767, as a mean; nobody speaks as softly as that into a microphone."""
FLOOR_RISE = 1.004
"""By frame: what goes on for three seconds is the room."""


class RecentSound:
    """The last seconds of a stream."""

    def __init__(self) -> None:
        """Start with silence."""
        self._chunks: deque[bytes] = deque()
        self._size = 0

    def add(self, chunk: bytes) -> None:
        """Keep a chunk, and forget what is too old."""
        self._chunks.append(chunk)
        self._size += len(chunk)
        while self._size - len(self._chunks[0]) >= RECENT_S * BYTES_PER_S:
            self._size -= len(self._chunks.popleft())

    def last(self, seconds: float) -> bytes:
        """Return the end of the stream, as far as it is known."""
        wanted = round(seconds * RATE_HZ) * SAMPLE_BYTES
        found: list[bytes] = []
        for chunk in reversed(self._chunks):
            if wanted <= 0:
                break
            found.append(chunk[-wanted:])
            wanted -= len(chunk)
        return b"".join(reversed(found))

    def clear(self) -> None:
        """Forget everything."""
        self._chunks.clear()
        self._size = 0


class SoundQueue:
    """Sound on its way to a recogniser."""

    def __init__(self, max_bytes: int = BUFFER_BYTES_MAX) -> None:
        """Hold at most so much."""
        self._chunks: deque[bytes] = deque()
        self._size = 0
        self._max_bytes = max_bytes
        self._is_complete = False
        self._changed = asyncio.Event()

    def put(self, chunk: bytes) -> bool:
        """Add sound; returns False when the oldest had to go."""
        if self._is_complete or not chunk:
            return True
        self._chunks.append(chunk)
        self._size += len(chunk)
        self._changed.set()
        is_whole = True
        while self._size > self._max_bytes:
            self._size -= len(self._chunks.popleft())
            is_whole = False
        return is_whole

    def end(self) -> None:
        """Nothing more comes."""
        self._is_complete = True
        self._changed.set()

    async def sound(self) -> AsyncGenerator[bytes]:
        """Yield the sound as it comes."""
        while True:
            while self._chunks:
                chunk = self._chunks.popleft()
                self._size -= len(chunk)
                yield chunk
            if self._is_complete:
                return
            self._changed.clear()
            await self._changed.wait()


@dataclass(frozen=True, slots=True)
class Voice:
    """Somebody's speech up to now."""

    lasted_s: float
    """How much of it was loud; 0 while nobody speaks."""
    age_s: float
    """Since it began."""


SILENCE = Voice(0.0, 0.0)


class VoiceWatch:
    """Notices speech soon, and how much of it there was.

    The detector says that a sound is a voice; how long it lasts is told by its loudness, as the
    detector goes on for half a second after every sound.
    """

    def __init__(self, probability: Callable[[bytes], float]) -> None:
        """Watch with a detector that takes 10 ms of sound."""
        self._probability = probability
        self._rest = b""
        self._floor = LOUD_MIN
        self._was_loud: deque[bool] = deque(maxlen=LAG_FRAMES)
        self._loud_frames = 0
        self._age_frames = 0
        self._quiet_frames = 0
        self._doubtful_frames = 0

    def hear(self, chunk: bytes) -> Voice:
        """Take more sound and say what there is of a voice."""
        data = self._rest + chunk
        end = len(data) // FRAME_BYTES * FRAME_BYTES
        self._rest = data[end:]
        for start in range(0, end, FRAME_BYTES):
            self._hear_frame(data[start : start + FRAME_BYTES])
        if not self._age_frames:
            return SILENCE
        return Voice(self._loud_frames * FRAME_S, self._age_frames * FRAME_S)

    def reset(self) -> None:
        """Forget the speech that goes on."""
        self._rest = b""
        self._age_frames = 0
        self._was_loud.clear()

    def _hear_frame(self, frame: bytes) -> None:
        probability = self._probability(frame)
        loudness = _loudness(frame)
        is_loud = loudness > max(LOUD_MIN, LOUD * self._floor)
        self._floor = max(1.0, min(loudness, self._floor * FLOOR_RISE))
        self._was_loud.append(is_loud)
        if not self._age_frames:
            # The detector alone may still mean what has ended a moment ago.
            if probability >= SPEECH and is_loud:
                self._begin()
            return
        self._age_frames += 1
        self._loud_frames += is_loud
        self._quiet_frames = 0 if is_loud else self._quiet_frames + 1
        self._doubtful_frames = 0 if probability > NO_SPEECH else self._doubtful_frames + 1
        if max(self._quiet_frames, self._doubtful_frames) >= PAUSE_FRAMES:
            self._age_frames = 0

    def _begin(self) -> None:
        """Count what was loud while the detector was not sure yet."""
        loud = list(self._was_loud)
        self._age_frames = len(loud) - loud.index(True)
        self._loud_frames = sum(loud)
        self._quiet_frames = self._doubtful_frames = 0


def _loudness(frame: bytes) -> float:
    """Return the mean of the samples without their sign."""
    samples = array("h")
    samples.frombytes(frame)
    return sum(map(abs, samples)) / len(samples)
