"""What the benchmark of speech to text is made of: sounds, sentences, scores, models."""

import wave
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pytest

from benchmarks.stt import accuracy, clips, cutoff, models
from benchmarks.stt.latency import p50, p95
from benchmarks.stt.sentences import Kind, all_sentences
from benchmarks.stt.talk import HomeAssistantEars, speech_end_s
from tests.fakes.speech import silence, spoken, tone
from wyoming_servers.stt.context import Context
from wyoming_servers.stt.endpoint import EndpointOptions
from wyoming_servers.stt.engine import EngineOptions, Request, Transcriber

if TYPE_CHECKING:
    from pathlib import Path


def test_a_model_without_weights_says_the_same_words(tmp_path: Path) -> None:
    """Whatever it hears and however much of it, the words come out at once and surely."""
    folder = models.build("tiny", tmp_path)
    assert models.build("tiny", tmp_path) == folder
    for context in (Context.FULL, Context.AUTO):
        transcriber = Transcriber(folder, EngineOptions(context=context))
        for sound, language in ((spoken("Sim."), "pt"), (tone(2.0), None)):
            (heard,) = transcriber.transcribe([Request(samples=sound, language=language)])
            assert heard is not None
            assert heard.text.lower().split() == list(models.WORDS)
            assert (heard.language, heard.tries) == ("pt", 1)


def test_sentences_are_of_all_kinds() -> None:
    """Enough of them, always the same, with whole patterns that are not tuned on."""
    sentences = all_sentences()
    assert sentences == all_sentences()
    assert len(sentences) >= 300
    counts = Counter((each.language, each.kind) for each in sentences)
    assert min(counts.values()) >= 60
    assert len(counts) == 2 * len(Kind)
    held_out = sum(each.is_held_out for each in sentences) / len(sentences)
    assert 0.4 < held_out < 0.6
    assert not any("{" in each.text for each in sentences)


def test_patience_is_what_the_cut_off_measures() -> None:
    """A turn that ends after any short silence cuts more off, one that waits cuts off nothing."""
    cases = cutoff.make_cases(every=24)
    hasty = EndpointOptions(finished_s=0.1, open_s=0.1, unfinished_s=0.1, speculate_s=0.1)
    patient = EndpointOptions(finished_s=1.5, open_s=1.5, unfinished_s=1.5)
    scores = [
        cutoff.score(cutoff.measure(cases, cutoff.Reading.WORDS, options))
        for options in (hasty, EndpointOptions(), patient)
    ]
    assert scores[0].cut_off > scores[1].cut_off >= scores[2].cut_off == 0.0
    assert scores[1].p50_s < scores[2].p50_s
    assert scores[1].soon > scores[2].soon == 0.0


def test_groups_hold_every_turn_twice_and_once() -> None:
    """By kind and language, by half, and all."""
    results = cutoff.measure(cutoff.make_cases(every=60), cutoff.Reading.STOPS)
    groups = cutoff.groups(results)
    assert len(groups["all"]) == len(results)
    halves = [len(made) for name, made in groups.items() if name.startswith("all, ")]
    assert sum(halves) == len(results)


def test_clips_are_of_all_kinds_and_no_speech() -> None:
    """Every kind alike, bounded, and always the same."""
    made, again = clips.make_clips(18), clips.make_clips(18)
    assert set(Counter(each.kind for each in made).values()) == {2}
    assert all(np.array_equal(a.samples, b.samples) for a, b in zip(made, again, strict=True))
    assert all(20_000 < len(each.samples) < 70_000 for each in made)
    assert all(each.samples.any() for each in made if each.kind != "silence")


def test_percentiles() -> None:
    """The 95th is a value that was measured, the largest of a few."""
    assert p50([3, 1, 2]) == 2
    assert p95([5, 1, 2]) == 5
    assert p95(list(range(1, 101))) == 95


@pytest.mark.parametrize(
    ("said", "heard", "expected"),
    [
        ("acenda a luz", "acenda a luz", 0),
        ("acenda a luz", "acenda luz", 1),
        ("acenda a luz", "", 3),
        ("", "oi", 1),
        ("a b c", "x b d c", 2),
    ],
)
def test_word_edits(said: str, heard: str, expected: int) -> None:
    """Insertions, deletions and substitutions, the fewest that do."""
    assert accuracy.edits(accuracy.words(said), accuracy.words(heard)) == expected


def test_the_end_of_speech_in_a_sound() -> None:
    """The last audible sample, not the last one."""
    assert speech_end_s(np.concatenate((tone(1.0), silence(0.5)))) == pytest.approx(1.0, abs=0.01)
    assert speech_end_s(silence(1.0)) == 0.0


def test_home_assistants_ears_hear_the_end_late() -> None:
    """They end a command, more than half a second after it."""
    sound = np.concatenate((silence(0.4), spoken("Acenda a luz da sala."), silence(3)))
    ears = HomeAssistantEars()
    heard = 0
    for at in range(0, len(sound) - 160, 160):
        heard = at
        if not ears.goes_on(sound[at : at + 160].tobytes()):
            break
    assert speech_end_s(sound) + 0.5 < heard / 16_000 < len(sound) / 16_000 - 0.1


def test_a_dataset_is_read(tmp_path: Path) -> None:
    """Any WAV is brought to 16 kHz; the language may stand in the table."""
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(tone(1.0, rate_hz=8000).tobytes())
    table = "file_name,text,language\na.wav,acenda a luz,\na.wav,turn it on,en\n"
    (tmp_path / "metadata.csv").write_text(table, encoding="utf-8")
    first, second = accuracy.read_dataset(tmp_path, "pt")
    assert (first.language, second.language) == ("pt", "en")
    assert len(first.sound) == 16_000


@pytest.mark.parametrize("table", [None, "name,words\n", "file_name,text\ngone.wav,x\n"])
def test_a_folder_that_is_no_dataset(tmp_path: Path, table: str | None) -> None:
    """The error tells what a dataset is."""
    if table is not None:
        text = table if "gone" in table else f"{table}a,b\n"
        (tmp_path / "metadata.csv").write_text(text, encoding="utf-8")
    with pytest.raises(accuracy.DatasetError, match=r"metadata\.csv with the columns file_name"):
        accuracy.read_dataset(tmp_path, "pt")
