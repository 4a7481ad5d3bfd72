"""The sound of a call: what is kept of it, and when somebody is heard to speak."""

import asyncio

import numpy as np
import pytest
from pymicro_vad import MicroVad

import custom_components.jonh  # noqa: F401  # the harness ships a package of that name
from custom_components.jonh.call_audio import (
    BYTES_PER_S,
    RECENT_S,
    RecentSound,
    SoundQueue,
    VoiceWatch,
)
from custom_components.jonh.call_rules import CONFIRM_S
from tests.fakes.speech import RATE_HZ, noise, silence, spoken, tone

STEP = RATE_HZ // 50


def test_recent_sound_has_its_end() -> None:
    """Never more than there is, and no more than is needed."""
    recent = RecentSound()
    recent.add(b"aabb")
    recent.add(b"ccdd")
    assert recent.last(0) == b""
    assert recent.last(3 / RATE_HZ) == b"bbccdd"
    assert recent.last(1) == b"aabbccdd"
    for _ in range(round(RECENT_S) + 5):
        recent.add(bytes(BYTES_PER_S))
    assert RECENT_S * BYTES_PER_S <= len(recent.last(1000)) < (RECENT_S + 1) * BYTES_PER_S
    recent.clear()
    assert recent.last(1) == b""


async def test_a_queue_that_is_full_drops_the_oldest() -> None:
    """And says so."""
    queue = SoundQueue(max_bytes=4)
    assert queue.put(b"aa")
    assert queue.put(b"bb")
    assert not queue.put(b"cc")
    queue.end()
    assert queue.put(b"dd")
    assert [chunk async for chunk in queue.sound()] == [b"bb", b"cc"]


async def test_a_queue_is_waited_for() -> None:
    """Sound comes when it is there."""
    queue = SoundQueue()
    found: list[bytes] = []

    async def read() -> None:
        found.extend([chunk async for chunk in queue.sound()])

    reader = asyncio.create_task(read())
    for chunk in (b"aa", b"bb"):
        await asyncio.sleep(0)
        queue.put(chunk)
    await asyncio.sleep(0)
    queue.end()
    await reader
    assert found == [b"aa", b"bb"]


def watched(sound: np.ndarray) -> list[tuple[float, float]]:
    """Return what lasted, and since when, after each 20 ms."""
    watch = VoiceWatch(MicroVad().Process10ms)
    found = []
    for start in range(0, len(sound) - STEP + 1, STEP):
        voice = watch.hear(sound[start : start + STEP].tobytes())
        found.append((voice.lasted_s, voice.age_s))
    return found


@pytest.mark.parametrize("level", [0.0, 0.003])
@pytest.mark.parametrize("text", ["acenda a luz da sala", "espera um pouco", "sim", "chega"])
def test_speech_is_noticed_soon_and_its_end_too(text: str, level: float) -> None:
    """It is confirmed within half a second, and over half a second after its end."""
    speech = spoken(text)
    sound = np.concatenate((silence(2), speech, silence(1.5)))
    sound = (sound + noise(len(sound) / RATE_HZ, level)[: len(sound)]).astype(np.int16)
    loud = np.flatnonzero(np.abs(speech.astype(np.int32)) > 500)
    begins_s, ends_s = 2 + loud[0] / RATE_HZ, 2 + loud[-1] / RATE_HZ
    found = watched(sound)
    confirmed_s = next(i * 0.02 + 0.02 for i, (s, _) in enumerate(found) if s >= CONFIRM_S)
    over_s = max(i * 0.02 + 0.02 for i, (s, _) in enumerate(found) if s)
    # A sound is as loud as a voice before it is as loud as the mark of this test.
    assert CONFIRM_S - 0.05 <= confirmed_s - begins_s < 0.5
    assert ends_s < over_s < ends_s + 0.5
    # What is said began when it began: the sound from before it is not cut.
    at = next(i for i, (s, _) in enumerate(found) if s >= CONFIRM_S)
    assert found[at][1] + 0.5 > confirmed_s - begins_s


@pytest.mark.parametrize("sound", [noise(3), noise(3, 0.2), tone(3), silence(3)])
def test_what_is_no_voice_is_not_noticed(sound: np.ndarray) -> None:
    """A fan, a whistle."""
    assert not any(lasted_s >= CONFIRM_S for lasted_s, _ in watched(sound))


def test_the_room_is_not_counted_as_speech() -> None:
    """The detector goes on for half a second; loudness does not."""
    speech = spoken("sim")
    lasted_s = max(s for s, _ in watched(np.concatenate((silence(2), speech, silence(2)))))
    assert lasted_s < len(speech) / RATE_HZ


def test_reset_forgets() -> None:
    """As when somebody mutes in the middle of a word."""
    watch = VoiceWatch(lambda _: 1.0)
    assert watch.hear(tone(0.5).tobytes()).lasted_s > 0.4
    watch.reset()
    assert watch.hear(silence(0.1).tobytes()).lasted_s == 0
