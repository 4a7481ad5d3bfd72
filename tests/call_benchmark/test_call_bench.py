"""The instruments of the benchmark of the call show what happened."""

import asyncio
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from wyoming.audio import AudioChunk
from wyoming.event import Event, async_read_event, async_write_event

from benchmarks.call import waiting
from benchmarks.call.barge_in import from_first_sound, silence_ms
from benchmarks.call.false_alarms import Outcome, outcome
from benchmarks.call.processes import footprint
from benchmarks.call.relay import relayed
from benchmarks.call.talker import FIRST_TOKEN_S, WORD_S, Talker
from demo.audio import Sound
from tests.browser.person import Loudness
from tests.fakes.wyoming_client import connect

if TYPE_CHECKING:
    from collections.abc import Sequence


async def answer_transcript(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer every question with one event, and end after it."""
    while (event := await async_read_event(reader)) is not None:
        if event.type == "transcribe":
            await async_write_event(Event("transcript", {"text": "sim"}), writer)
    writer.close()


async def test_a_relay_hands_on_both_ways_and_notes_what_is_no_microphone() -> None:
    """The client sees the server as it is; audio on its way to the server is no event."""
    server = await asyncio.start_server(answer_transcript, "127.0.0.1", 0)
    async with server, relayed(server.sockets[0].getsockname()[1]) as relay:
        async with connect(f"tcp://127.0.0.1:{relay.port}") as client:
            await client.send(AudioChunk(rate=16000, width=2, channels=1, audio=b"\0\0"))
            await client.send(Event("transcribe", {"language": "pt"}))
            answer = await client.receive()
            assert relay.open == 1
        async with asyncio.timeout(10):
            while relay.open:  # noqa: ASYNC110 (a closed connection sends no event)
                await asyncio.sleep(0.01)

        assert answer is not None
        assert answer.data == {"text": "sim"}
        assert [(each.event.type, each.to_server) for each in relay.passed] == [
            ("transcribe", True),
            ("transcript", False),
        ]
        transcript = relay.first("transcript")
        assert transcript is not None
        assert transcript.at_s >= relay.passed[0].at_s
        assert relay.first("transcript", after_s=transcript.at_s + 1) is None
        relay.forget()
        assert relay.first("transcript") is None


def test_the_model_is_as_fast_as_said_and_never_begins_alike() -> None:
    """What the voice has said before must not make the next answer faster."""
    talker = Talker()
    answers = [talker.answer([{"role": "user", "content": "e aí"}], []) for _ in range(3)]

    first, *rest = answers[0]
    assert first == {"sleep_s": FIRST_TOKEN_S}
    assert rest[1::2] == [{"sleep_s": WORD_S}] * (len(rest) // 2)
    texts = ["".join(step.get("content", "") for step in steps) for steps in answers]
    assert len({text[:40] for text in texts}) == 3
    assert len(talker.asked_s) == 3


def test_no_command_is_said_twice_in_a_run() -> None:
    """Its answer would be in a cache."""
    said = [text for index in range(11) for text in waiting.commands(index)]
    assert len(set(said)) == len(said) == 22


@pytest.mark.parametrize(
    ("kinds", "is_lowered", "expected"),
    [
        ([], False, Outcome.UNTOUCHED),
        (["speech", "speech"], False, Outcome.UNTOUCHED),
        # The page lowers the sound before the server knows of anything.
        ([], True, Outcome.LOWERED),
        (["speech", "duck", "resume"], True, Outcome.LOWERED),
        (["duck", "stop", "state", "resume", "sound"], True, Outcome.RESUMED),
        (["duck", "resume", "duck", "stop", "transcript"], True, Outcome.LOST),
    ],
)
def test_events_tell_what_became_of_an_answer(
    kinds: Sequence[str], is_lowered: bool, expected: Outcome
) -> None:
    """A resumption counts only after the stop that it undoes."""
    assert outcome(kinds, is_lowered=is_lowered) is expected


def test_silence_begins_with_the_first_pause_that_no_speech_has() -> None:
    """A pause between two words is none, and the next answer is another sound."""
    times = np.array([0, 10, 20, 150, 160, 600, 610], float)
    rows = np.stack((times, np.full(times.shape, 0.1)), axis=1)

    assert 160 <= silence_ms(Loudness(rows)) < 180


def test_the_first_sound_of_a_recording_is_its_beginning() -> None:
    """So that the moment it is said is the moment somebody speaks."""
    samples = np.concatenate((np.zeros(1600, "<i2"), np.full(160, 9000, "<i2")))
    cut = from_first_sound(Sound(samples.tobytes(), 16_000))
    assert cut.duration_s == pytest.approx(0.01)


async def test_a_process_shows_its_tasks_and_sockets() -> None:
    """Two tasks and a listening socket are seen from outside."""
    program = (
        "import asyncio\n"
        "async def main():\n"
        "    server = await asyncio.start_server(print, '127.0.0.1', 0)\n"
        "    waiting = asyncio.create_task(asyncio.sleep(60))\n"
        "    print('ready', flush=True)\n"
        "    await waiting\n"
        "asyncio.run(main())\n"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        await process.stdout.readline()
        seen = await footprint(process.pid)
    finally:
        process.kill()
        await process.wait()

    assert seen.tasks == 2
    # The listening one, and the pair with which a loop wakes itself.
    assert seen.sockets == 3
    assert seen.memory_mb > 5
