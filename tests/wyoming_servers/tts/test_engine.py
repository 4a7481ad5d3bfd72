"""Tests of speaking with real Piper voices: sound, silence, cancellation, memory, hostile text."""

import shutil
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.onnx_voice import write_speaker_voice
from wyoming_servers.cancellation import Cancellation
from wyoming_servers.models import STARTER_DIR
from wyoming_servers.tts.engine import SpeechEngine, Style, VoiceLoadError
from wyoming_servers.tts.loudness import TARGET_RMS, Pcm, gain_for

PT = STARTER_DIR / "voice" / "pt_BR-starter-low.onnx"
EN = STARTER_DIR / "voice" / "en_US-starter-low.onnx"
RATE_HZ = 16_000


@pytest.fixture(scope="module")
def engine() -> SpeechEngine:
    """Make an engine that the tests of this module share."""
    return SpeechEngine(threads=1)


def say(engine: SpeechEngine, text: str, path: Path = PT) -> Pcm:
    """Speak a text and join its parts."""
    return np.concatenate([np.empty(0, np.int16), *engine.speak(path, text)])


def test_sentence_sounds_like_one(engine: SpeechEngine):
    """Speech of a plausible length, loud and quiet in turns, and nowhere cut off."""
    sound = say(engine, "A luz da sala está acesa.")
    assert sound.dtype == np.int16
    assert 1.0 < len(sound) / RATE_HZ < 4.0
    assert 8_000 < np.abs(sound.astype(int)).max() < 32_767
    frames = sound[: len(sound) // 320 * 320].reshape(-1, 320).astype(float)
    loudness = np.sqrt((frames**2).mean(axis=1))
    assert loudness.max() > 10 * loudness.min()


@pytest.mark.parametrize(
    "text", ["", " ", "....", "?!", "—", "\n", "\x00", "،؟", "\u200d\u200b", "[["]
)
def test_text_without_sounds_gives_none(engine: SpeechEngine, text: str):
    """Nothing to say is no error and no sound."""
    assert len(say(engine, text)) == 0


@pytest.mark.parametrize(
    "text",
    [
        "a\x00b",
        "luz \ud83d acesa",
        "שלום עולם",
        "\u202eacesa\u202c",
        "[[ʃʃʃ]] luz",
        "😀 👩‍👩‍👧 🏠",
        "ação\r\n\tjá\x07\x1b[31m",
        "<speak>luz</speak>",
        "a" * 500,
        "9" * 200,
        "a\u0301" * 200,
    ],
)
def test_hostile_text_is_spoken(engine: SpeechEngine, text: str):
    """Whatever comes over the wire, the engine makes some sound and no error."""
    assert len(say(engine, text)) > 0


@settings(max_examples=50, deadline=None)
@given(text=st.text(st.characters(), max_size=60))
def test_any_text_is_survived(text: str):
    """No text raises, lone surrogates and control characters included."""
    list(_SHARED.speak(PT, text))


_SHARED = SpeechEngine(threads=1)


@pytest.mark.parametrize(
    ("odd", "plain"),
    [("acen\u00addida", "acendida"), ("\u202eluz\u202c", "luz"), ("luz\u00a0acesa", "luz acesa")],
)
def test_invisible_characters_change_no_word(engine: SpeechEngine, odd: str, plain: str):
    """Soft hyphens, direction marks and hard spaces are not heard."""
    assert len(say(engine, odd)) == len(say(engine, plain))


def test_raw_phoneme_markup_is_read_as_text(engine: SpeechEngine):
    """Piper's [[...]] would let a language model's brackets speak gibberish."""
    assert len(say(engine, "[[aaaaaaaaaaaaaaaaaaaa]]")) == len(
        say(engine, "[ [aaaaaaaaaaaaaaaaaaaa]]")
    )


def test_long_text_comes_in_bounded_parts(engine: SpeechEngine):
    """Memory is bounded by the longest part, so no part is longer than half a minute."""
    parts = list(engine.speak(PT, "acende a luz da sala " * 60))
    assert len(parts) > 3
    assert max(len(part) for part in parts) < 30 * RATE_HZ


def test_cancellation_stops_before_the_next_part(engine: SpeechEngine):
    """Nobody waits for what is still unspoken."""
    cancellation = Cancellation()
    speech = engine.speak(PT, "Um. Dois. Três. Quatro.", cancellation=cancellation)
    assert len(next(speech)) > 0
    cancellation.cancel()
    assert sum(len(part) for part in speech) < RATE_HZ // 10


def test_both_voices_are_equally_loud(engine: SpeechEngine):
    """Whoever speaks, and whatever is said, nobody reaches for the volume."""
    levels = [
        20 * np.log10(TARGET_RMS / gain_of(say(engine, text, path)))
        for path in (PT, EN)
        for text in ("A luz da sala está acesa.", "The door is open.", "Bom dia, tudo bem?")
    ]
    assert max(levels) - min(levels) < 3
    assert abs(float(np.mean(levels))) < 2


def gain_of(sound: Pcm) -> float:
    """Measure how loud speech is, 1 being full scale."""
    return TARGET_RMS / gain_for(sound.astype(np.float32) / 32767, RATE_HZ)


def test_pieces_come_out_of_silence_and_go_back(engine: SpeechEngine):
    """Where two pieces meet there is no step that could be heard as a click."""
    sound = say(engine, "Acesa").astype(int)
    steps = np.abs(np.diff(sound))
    assert abs(sound[0]) < 200
    assert abs(sound[-1]) < 200
    assert steps[:3].max() <= np.percentile(steps, 99)


def test_style_changes_the_speech():
    """A length scale of two makes speech about twice as long."""
    normal = len(say(SpeechEngine(threads=1), "A porta está fechada."))
    slow = len(say(SpeechEngine(Style(length_scale=2.0), threads=1), "A porta está fechada."))
    assert 1.6 < slow / normal < 2.4


def test_languages_differ(engine: SpeechEngine):
    """Each voice reads the text in its own language."""
    assert not np.array_equal(say(engine, "data", PT)[:8000], say(engine, "data", EN)[:8000])


def test_speaker_reaches_the_voice(engine: SpeechEngine, tmp_path: Path):
    """The chosen speaker speaks, and the voice's default one when none is chosen."""
    speakers = {"ana": 300, "rui": 500}
    path = write_speaker_voice(tmp_path, "two", speakers, default_speaker_id=500)
    assert sum(len(part) for part in engine.speak(path, "ok", speaker_id=300)) == 300
    assert sum(len(part) for part in engine.speak(path, "ok")) == 500


def test_voice_used_longest_ago_leaves_the_memory(tmp_path: Path):
    """Two voices stay loaded, the latest used ones."""
    third = tmp_path / "third.onnx"
    shutil.copy(PT, third)
    shutil.copy(f"{PT}.json", f"{third}.json")
    engine = SpeechEngine(threads=1, max_voices=2)
    for path in (PT, EN, PT, third):
        engine.warm_up(path)
    assert engine.loaded == [PT, third]


def test_an_idle_voice_leaves_the_memory_and_comes_back():
    """A small machine gets its memory back, and the next request loads the voice again."""
    gone = threading.Event()
    engine = SpeechEngine(threads=1, keep_alive_s=0.1, unloaded=gone.set)
    assert len(say(engine, "ok")) > 0
    assert gone.wait(20)
    assert engine.loaded == []
    engine.prepare(PT)
    assert len(say(engine, "ok")) > 0


def test_a_voice_is_loaded_ahead_of_time():
    """It is on its way while a model still writes; one that cannot be loaded is told later."""
    engine = SpeechEngine(threads=1)
    engine.prepare(PT)
    engine.prepare(Path("/nowhere/voice.onnx"))
    until_s = time.monotonic() + 20
    while engine.loaded != [PT]:
        assert time.monotonic() < until_s
        time.sleep(0.01)
    with pytest.raises(VoiceLoadError):
        list(engine.speak(Path("/nowhere/voice.onnx"), "ok"))


@pytest.mark.parametrize("broken", ["onnx", "json", "phonemes", "gone"])
def test_broken_voice_is_named(tmp_path: Path, broken: str):
    """The error says which voice and where it lies; another voice still speaks."""
    path = write_speaker_voice(tmp_path, "odd", {}, phoneme_type="pinyin")
    if broken == "onnx":
        write_speaker_voice(tmp_path, "odd", {})
        path.write_bytes(b"not a model")
    elif broken == "json":
        Path(f"{path}.json").write_text("{")
    elif broken == "gone":
        write_speaker_voice(tmp_path, "odd", {})
        path.unlink()
    engine = SpeechEngine(threads=1)
    with pytest.raises(VoiceLoadError, match="odd"):
        list(engine.speak(path, "ok"))
    assert len(say(engine, "ok")) > 0


def test_nothing_spoken_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    """Piper's own loggers would write the text, and each letter that a voice does not know."""
    path = write_speaker_voice(tmp_path, "letters", {}, phoneme_type="text", num_speakers=9)
    with caplog.at_level("DEBUG"):
        list(SpeechEngine(threads=1).speak(path, "segredo 秘密"))
    assert "segredo" not in caplog.text
    assert "秘" not in caplog.text
