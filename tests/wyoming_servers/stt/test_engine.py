"""The real faster-whisper on the starter model."""

import itertools
import json
import logging
import shutil
import time
from pathlib import Path

import ctranslate2
import numpy as np
import pytest

from tests.fakes.speech import STARTER_DIR, noise, silence, spoken, tone
from wyoming_servers.audio import Samples
from wyoming_servers.stt.engine import (
    EngineError,
    EngineOptions,
    Transcriber,
    languages_of,
)

_MODEL = STARTER_DIR / "whisper"
_TEXT = "Acenda a luz da sala."


def _never() -> bool:
    return False


@pytest.fixture(scope="module")
def transcriber() -> Transcriber:
    """Load the model once."""
    loaded = Transcriber(_MODEL, EngineOptions())
    loaded.warm_up()
    return loaded


@pytest.mark.parametrize(
    ("text", "language"),
    [(_TEXT, "pt"), ("Turn on the kitchen light.", "en")],
)
def test_commands_are_understood(transcriber: Transcriber, text: str, language: str) -> None:
    """A home command comes back in the language asked for, and in the one detected."""
    for asked in (language, None):
        heard = transcriber.transcribe(spoken(text, language), asked, _never)
        assert heard is not None
        assert (heard.text.lower(), heard.language) == (text.lower(), language)


@pytest.mark.parametrize(
    "sound",
    [silence(0), silence(0.001), silence(3), noise(3, 0.003), noise(3, 0.3), tone(3), tone(3, 60)],
    ids=["nothing", "a-moment", "silence", "hiss", "loud-noise", "tone", "hum"],
)
def test_no_speech_is_empty_and_costs_less_than_speech(
    transcriber: Transcriber, sound: Samples
) -> None:
    """What is no speech never reaches the model."""
    started_s = time.perf_counter()
    heard = transcriber.transcribe(sound, "pt", _never)
    silence_s = time.perf_counter() - started_s
    assert heard is not None
    assert heard.text == ""
    started_s = time.perf_counter()
    transcriber.transcribe(spoken(_TEXT), "pt", _never)
    assert silence_s < (time.perf_counter() - started_s) / 2


def test_speech_in_the_middle_of_silence(transcriber: Transcriber) -> None:
    """Long silence around a command changes nothing."""
    sound = np.concatenate((silence(4), spoken(_TEXT), silence(4)))
    heard = transcriber.transcribe(sound, "pt", _never)
    assert heard is not None
    assert heard.text == _TEXT


def test_cancellation_is_seen_between_windows(transcriber: Transcriber) -> None:
    """Thirty-five seconds of speech are two windows; cancelled in the first, one is decoded."""
    long = np.tile(np.concatenate((spoken(_TEXT), silence(0.3))), 20)[: 35 * 16_000]
    asked = itertools.count()
    assert transcriber.transcribe(long, "pt", lambda: next(asked) < 0) is not None
    assert next(asked) == 3  # before the first window, and after each
    asked = itertools.count()
    assert transcriber.transcribe(long, "pt", lambda: next(asked) > 0) is None
    assert next(asked) == 2


def test_a_cancelled_job_is_not_decoded(transcriber: Transcriber) -> None:
    """A job cancelled before it starts ends after the voice detector."""
    assert transcriber.transcribe(spoken(_TEXT), "pt", lambda: True) is None


def test_a_prompt_is_accepted() -> None:
    """An initial prompt and a wider beam do not break recognition."""
    options = EngineOptions(initial_prompt="Sala, cozinha.", beam_size=3, threads=1)
    heard = Transcriber(_MODEL, options).transcribe(spoken(_TEXT), "pt", _never)
    assert heard is not None
    assert heard.text == _TEXT


def test_languages_of_the_starter_model(transcriber: Transcriber) -> None:
    """Only languages the model was trained with are named."""
    assert languages_of(_MODEL) == transcriber.languages == ("en", "pt")


def test_a_model_without_the_empty_token_is_english_only(tmp_path: Path) -> None:
    """The languages of an English-only model are read as CTranslate2 reads them."""
    shutil.copy(_MODEL / "config.json", tmp_path)
    tokens = json.loads((_MODEL / "vocabulary.json").read_text("utf-8"))
    (tmp_path / "vocabulary.txt").write_text("\n".join(t or "x" for t in tokens), "utf-8")
    assert languages_of(tmp_path) == ("en",)


@pytest.mark.parametrize("broken", ["model.bin", "config.json", "vocabulary.json"])
@pytest.mark.parametrize("content", [b"", b"[]", b"\xff" * 100], ids=["empty", "list", "junk"])
def test_a_broken_model_is_named(tmp_path: Path, broken: str, content: bytes) -> None:
    """A damaged file is one error that names the folder."""
    for file in _MODEL.iterdir():
        shutil.copy(file, tmp_path)
    (tmp_path / broken).write_bytes(content)
    with pytest.raises(EngineError, match=str(tmp_path)):
        Transcriber(tmp_path, EngineOptions())


def test_a_missing_model_never_asks_the_network(tmp_path: Path) -> None:
    """A folder that is gone is an error; the library would take its name for a hub id."""
    with pytest.raises(EngineError, match="gone"):
        Transcriber(tmp_path / "gone", EngineOptions())


_HAS_GPU = ctranslate2.get_cuda_device_count() > 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (EngineOptions(compute_type="int3"), "int3"),
        pytest.param(
            EngineOptions(device="cuda"),
            "CUDA",
            marks=pytest.mark.skipif(_HAS_GPU, reason="there is a GPU"),
        ),
    ],
    ids=["compute-type", "no-gpu"],
)
def test_what_the_machine_lacks_is_named(options: EngineOptions, words: str) -> None:
    """A compute type or device that is not there is refused with the choices."""
    with pytest.raises(EngineError, match=f"{words}.*use --"):
        Transcriber(_MODEL, options)


def test_nothing_said_is_logged(transcriber: Transcriber, caplog: pytest.LogCaptureFixture) -> None:
    """Neither we nor the library log a transcript, not even at debug."""
    with caplog.at_level(logging.DEBUG):
        transcriber.transcribe(spoken(_TEXT), "pt", _never)
    assert "luz" not in caplog.text.lower()
