"""What the benchmark of text to speech is made of: voices, texts, clocks, readings."""

import json
from typing import TYPE_CHECKING

import numpy as np
import onnxruntime
import pytest
from piper import PiperVoice
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.error import Error

from benchmarks.tts import latency, reading, talk, voices
from benchmarks.tts.bad_input import STARTER
from benchmarks.tts.subjects import Subject, running
from benchmarks.tts.talk import Heard
from benchmarks.tts.texts import Texts

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

_SAMPLES_PER_ID = voices.FRAMES_PER_ID * voices.FRAME_SAMPLES


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the smallest voice."""
    return voices.build(tmp_path_factory.mktemp("voices"), size=voices.TINY)


def _sound(path: Path, ids: int, *, length: float = 1.0, speaker: int | None = None) -> npt.NDArray:
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    given = {
        "input": np.arange(ids)[None] % 100,
        "input_lengths": np.array([ids]),
        "scales": np.array([0.667, length, 0.8], np.float32),
    }
    if speaker is not None:
        given["sid"] = np.array([speaker])
    return session.run(None, given)[0]


@pytest.mark.parametrize("ids", [1, 4, 5, 6, 237])
def test_a_voice_without_weights_makes_noise(tiny: Path, ids: int) -> None:
    """As long as the phonemes say, finite and of a moderate level."""
    sound = _sound(tiny, ids)
    assert sound.shape == (1, 1, 1, ids * _SAMPLES_PER_ID)
    assert np.isfinite(sound).all()
    assert 0.05 < np.abs(sound).max() < 0.95


@pytest.mark.parametrize(("length", "frames"), [(0.5, 2), (1.0, 3), (2.0, 6)])
def test_a_voice_without_weights_speaks_slower(tiny: Path, length: float, frames: int) -> None:
    """The length scale counts, rounded up to frames."""
    assert _sound(tiny, 10, length=length).size == 10 * frames * voices.FRAME_SAMPLES


def test_a_voice_without_weights_has_speakers(tmp_path: Path) -> None:
    """They sound different, and each needs to be asked for."""
    path = voices.build(tmp_path, size=voices.TINY, speakers=2)
    config = json.loads(path.with_name(f"{path.name}.json").read_text("utf-8"))
    assert (config["num_speakers"], config["speaker_id_map"]) == (2, {"s0": 0, "s1": 1})
    levels = [np.std(_sound(path, 50, speaker=speaker)) for speaker in (0, 1)]
    assert np.isfinite(levels).all()
    assert levels[0] != levels[1]


def test_a_voice_is_built_once(tiny: Path) -> None:
    """It is always the same one, so a second call finds it."""
    before = tiny.stat().st_mtime_ns
    assert voices.build(tiny.parent, size=voices.TINY) == tiny
    assert tiny.stat().st_mtime_ns == before


def test_a_voice_without_weights_is_one_of_pipers(tiny: Path) -> None:
    """Piper loads it and speaks with it; its network can be cut before the vocoder."""
    voice = PiperVoice.load(tiny)
    (chunk,) = voice.synthesize("Sim.")
    assert chunk.sample_rate == voices.SAMPLE_RATE_HZ
    assert len(chunk.audio_float_array) == len(chunk.phoneme_ids) * _SAMPLES_PER_ID
    assert b"dec.conv_pre.weight" in tiny.read_bytes()


def test_no_text_comes_twice() -> None:
    """Of the lengths that the rows of the table name, and no clause twice."""
    texts = Texts()
    for make, chars, count in (
        (texts.short, 25, 10),
        (texts.one_comma, 95, 100),
        (texts.after_a_word, 103, 20),
        (texts.long, 312, 40),
    ):
        made = [make() for _ in range(count)]
        assert len(set(made)) == count
        assert all(abs(len(text) - chars) <= 8 for text in made)
    clauses = [part for _ in range(30) for part in texts.one_comma().lower().split(", e ")]
    assert len(set(clauses)) == len(clauses)
    assert "." not in texts.endless(5000)
    assert texts.after_a_word() != Texts().after_a_word()
    assert Texts().long() == Texts().long()


def test_what_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    """A player that begins with the first chunk waits for the third one."""
    times = iter((10.0, 10.2, 10.3, 11.5, 11.6, 11.7))
    monkeypatch.setattr(talk.time, "perf_counter", lambda: next(times))
    heard = Heard()
    chunk = AudioChunk(rate=1000, width=2, channels=1, audio=bytes(1000)).event()
    heard.begin_s = 10.0
    start = AudioStart(rate=1000, width=2, channels=1).event()
    for event in (start, chunk, chunk, chunk, AudioStop().event()):
        heard.take(event)
    assert heard.first_ms == pytest.approx(200)
    assert heard.total_ms == pytest.approx(1600)
    assert (heard.starts, heard.audio_s) == (1, 1.5)
    assert heard.stall_ms == pytest.approx(300)
    heard.take(Error(text="No.").event())
    assert heard.error == "No."


async def test_waits_are_measured() -> None:
    """Our server on the starter voice is heard, in each of the ways."""
    texts = Texts()
    async with running(Subject.ours(STARTER.stem)) as server:
        servers = [server]
        every = [
            await latency.at_once(servers, texts.one_comma, 2),
            await latency.as_written(servers, texts.after_a_word, 1),
            await latency.repeated(servers, texts.short, 2),
        ]
        for waits in every:
            made = waits[server.name]
            assert 0 < made.first_ms <= made.total_ms
            assert made.starts == 1
            assert made.stall_ms >= 0
            assert made.cpu_share >= 0
        last = await latency.last_of_several(servers, texts.short, clients=3, rounds=1)
        busy = await latency.describe_while_speaking(servers, texts.long, 1)
        left = await latency.abandoned(servers, texts.long, 1)
    assert last[server.name] > 0
    assert busy[server.name] > 0
    assert left[server.name] >= 0


async def test_the_first_request_is_measured() -> None:
    """On a server of its own."""
    found = await latency.first_requests([Subject.ours(STARTER.stem)], Texts(), 1)
    assert list(found) == ["jonh-tts"]
    assert found["jonh-tts"] > 0


async def test_what_a_text_does_to_memory() -> None:
    """What is spoken, what is refused and what takes too long is told apart."""
    subject = Subject.ours(STARTER.stem)
    spoken = await latency.footprint(subject, "A luz da sala.", patience_s=30)
    assert "s of sound" in spoken.outcome
    assert spoken.peak_mb >= spoken.kept_mb > 10
    refused = await latency.footprint(subject, Texts().endless(100_000), patience_s=30)
    assert refused.outcome.startswith("error: ")
    late = await latency.footprint(subject, Texts().endless(5000), patience_s=0.05)
    assert late.outcome.startswith("nothing within")
    assert late.peak_mb > 10


async def test_a_server_that_says_nothing_is_not_measured() -> None:
    """A figure without sound would be none."""
    async with running(Subject.ours(STARTER.stem)) as server:
        with pytest.raises(latency.SpeechError):
            await latency.at_once([server], lambda: "....", 1)


@pytest.mark.parametrize(
    ("given", "fed"),
    [
        ("**Luz** acesa", "Luz acesa."),
        ("* um\n* dois!", "um  dois!"),
        ("Sim?", "Sim?"),
        ("2 * 3", "2 * 3."),
    ],
)
def test_what_the_peer_reads(given: str, fed: str) -> None:
    """Asterisks around words and at the start of lines are left out, a stop is added."""
    assert reading.as_the_peer(given) == fed


def test_readings_are_compared_by_their_sounds() -> None:
    """The same words from digits are right, a letter for a unit is wrong."""
    rows = [
        reading.Reading(given="São 23 horas", expected="São vinte e três horas."),
        reading.Reading(given="São 23 °C", expected="São vinte e três graus Celsius."),
    ]
    made = reading.score(rows, "pt-BR", "pt-br")
    assert (made.lines, made.peer, made.ours) == (2, 1, 2)


def test_tables_of_readings_are_there() -> None:
    """Every language that is measured has lines."""
    for name, _, _ in reading.LANGUAGES:
        rows = reading.read_table(name)
        assert len(rows) > 50
        assert all(row.given and not row.given.startswith("# ") for row in rows)
    assert reading.read_table("xx") == []
