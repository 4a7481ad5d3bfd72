"""The real Whisper on the starter model."""

import itertools
import logging
import shutil
from collections.abc import Callable
from pathlib import Path

import ctranslate2
import numpy as np
import pytest

from tests.fakes.scripted_whisper import write_model
from tests.fakes.speech import STARTER_DIR, noise, silence, spoken
from wyoming_servers.audio import Samples
from wyoming_servers.stt.context import Context
from wyoming_servers.stt.engine import (
    EngineError,
    EngineOptions,
    Request,
    Transcriber,
    Transcription,
)

_MODEL = STARTER_DIR / "whisper"
_TEXT = "Acenda a luz da sala."
_ONE = EngineOptions(threads=1)
_COMMANDS = [(_TEXT, "pt"), ("Turn on the kitchen light.", "en")]


@pytest.fixture(scope="module")
def transcriber() -> Transcriber:
    """Load the model once."""
    loaded = Transcriber(_MODEL, EngineOptions())
    loaded.warm_up()
    return loaded


def _hear(
    transcriber: Transcriber,
    samples: Samples,
    language: str | None = "pt",
    is_cancelled: Callable[[], bool] = lambda: False,
) -> Transcription | None:
    request = Request(samples=samples, language=language, is_cancelled=is_cancelled)
    (found,) = transcriber.transcribe([request])
    return found


@pytest.mark.parametrize(("text", "language"), _COMMANDS)
@pytest.mark.parametrize("context", list(Context))
def test_commands_are_understood(text: str, language: str, context: Context) -> None:
    """A home command comes back in the language asked for and in the one detected."""
    transcriber = Transcriber(_MODEL, EngineOptions(context=context))
    for asked in (language, None):
        heard = _hear(transcriber, spoken(text, language), asked)
        assert heard is not None
        assert (heard.text.lower(), heard.language) == (text.lower(), language)
        assert heard.tries == 1


@pytest.mark.parametrize("word", ["Sim.", "Não.", "Para."])
def test_short_words_are_understood(transcriber: Transcriber, word: str) -> None:
    """An answer of one word needs no context."""
    heard = _hear(transcriber, spoken(word))
    assert heard is not None
    assert heard.text == word


def test_utterances_together_are_those_alone(transcriber: Transcriber) -> None:
    """Decoded in one batch, each utterance has its own text, language and cancellation."""
    requests = [
        Request(samples=spoken(text, language), language=asked)
        for text, language in _COMMANDS
        for asked in (language, None)
    ]
    assert len({transcriber.batch_key(each) for each in requests}) == 1
    alone = [_hear(transcriber, each.samples, each.language) for each in requests]
    together = transcriber.transcribe(requests)
    assert [each and each.text for each in together] == [each and each.text for each in alone]
    gone = Request(samples=spoken(_TEXT), language="pt", is_cancelled=lambda: True)
    assert [each is None for each in transcriber.transcribe([requests[0], gone])] == [False, True]


def test_what_cannot_be_decoded_together(transcriber: Transcriber) -> None:
    """Other lengths of sound or of prompts have other keys, and long speech has none."""
    short = Request(samples=spoken(_TEXT))
    named = Request(samples=spoken(_TEXT), names=("sala", "cozinha"))
    longer = Request(samples=silence(20))
    keys = {transcriber.batch_key(each) for each in (short, named, longer)}
    assert len(keys) == 3
    assert transcriber.batch_key(Request(samples=silence(40))) is None


def test_utterances_that_do_not_belong_together(transcriber: Transcriber) -> None:
    """Whatever is asked for in one call, each utterance gets its own text, in order."""
    requests = [
        Request(samples=_long(), language="pt"),
        Request(samples=spoken(_TEXT), language="pt", names=("sala", "luz da sala", "abajur")),
        Request(samples=spoken("Sim."), language="pt"),
        Request(samples=spoken(_TEXT), language="pt"),
    ]
    texts = [each and each.text for each in transcriber.transcribe(requests)]
    assert texts == [f"{_TEXT} Abra a cortina do quarto.", _TEXT, "Sim.", _TEXT]
    assert transcriber.transcribe([]) == []


def test_results_come_as_they_are_ready(transcriber: Transcriber) -> None:
    """What takes no second try does not wait for what does."""
    requests = [
        Request(samples=spoken("Abra a cortina do quarto.")[::-1].copy(), language="pt"),
        Request(samples=spoken(_TEXT), language="pt"),
    ]
    (sure, first), (doubtful, second) = transcriber.transcribe_each(requests)
    assert (sure, doubtful) == (1, 0)
    assert first is not None
    assert second is not None
    assert (first.text, first.tries) == (_TEXT, 1)
    assert second.tries > 1
    assert first.decode_s < second.decode_s


def test_noise_is_not_made_into_words(transcriber: Transcriber) -> None:
    """Should noise pass for speech, nothing comes of it."""
    for sound in (noise(1.5, 0.05), noise(1.5, 0.3), silence(1.5)):
        heard = _hear(transcriber, sound)
        assert heard is not None
        assert heard.text == ""


def _long() -> Samples:
    """Two commands that are cut apart, the second one with a long silence after it."""
    second = spoken("Abra a cortina do quarto.")
    return np.concatenate((spoken(_TEXT), silence(19), second, silence(8)))


def test_long_speech_is_heard_in_windows(transcriber: Transcriber) -> None:
    """Half a minute is more than the model can hear at once; its texts are joined in order."""
    heard = _hear(transcriber, _long())
    assert heard is not None
    assert heard.text == f"{_TEXT} Abra a cortina do quarto."


def test_cancellation_is_seen_between_steps(transcriber: Transcriber) -> None:
    """What is cancelled after the first window is not decoded to the end."""
    asked = itertools.count()
    assert _hear(transcriber, _long(), "pt", lambda: next(asked) < 0) is not None
    whole = next(asked)
    assert whole >= 4
    asked = itertools.count()
    assert _hear(transcriber, _long(), "pt", lambda: next(asked) > 1) is None
    assert _hear(transcriber, spoken(_TEXT), "pt", lambda: True) is None


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (EngineOptions(initial_prompt="Sala, cozinha.", beam_size=3, threads=1), ()),
        (EngineOptions(names_tokens=30), ("sala", "luz da sala", "abajur")),
    ],
)
def test_words_to_expect_do_no_harm(options: EngineOptions, names: tuple[str, ...]) -> None:
    """A prompt of names, and a wider beam, do not break recognition."""
    request = Request(samples=spoken(_TEXT), language="pt", names=names)
    (heard,) = Transcriber(_MODEL, options).transcribe([request])
    assert heard is not None
    assert heard.text == _TEXT


def test_detection_chooses_among_the_languages_of_the_house() -> None:
    """A language that is not spoken here is not detected."""
    transcriber = Transcriber(_MODEL, EngineOptions(languages=("en",)))
    heard = _hear(transcriber, spoken(_TEXT), None)
    assert heard is not None
    assert heard.language == "en"


def test_a_doubtful_text_is_tried_again(transcriber: Transcriber) -> None:
    """Speech played backwards is no language, and is not made into a command at once."""
    heard = _hear(transcriber, spoken("Abra a cortina do quarto.")[::-1].copy())
    assert heard is not None
    assert heard.tries > 1


def test_a_text_that_stays_hopeless_is_not_said(tmp_path: Path) -> None:
    """All tries are used, up to the whole context, and then nothing was understood."""
    heard = _hear(Transcriber(write_model(tmp_path, "Sim.", surety=0.8), _ONE), spoken("Sim."))
    assert heard is not None
    assert (heard.text, heard.tries, heard.frames) == ("", 4, 3000)
    assert heard.logprob < -1


def test_an_invented_text_is_not_said(tmp_path: Path) -> None:
    """A model may be sure of a subtitle's last words; nobody said them to a house."""
    heard = _hear(Transcriber(write_model(tmp_path, "Thanks for watching!"), _ONE), spoken("Sim."))
    assert heard is not None
    assert (heard.text, heard.tries) == ("", 1)


def test_windows_that_were_not_understood_are_left_out(tmp_path: Path) -> None:
    """The texts of windows are joined with single spaces."""
    transcriber = Transcriber(write_model(tmp_path, "Sim."), _ONE)
    heard = _hear(transcriber, silence(60))
    assert heard is not None
    assert heard.text == "Sim. Sim. Sim."


def test_what_a_transcription_tells(transcriber: Transcriber) -> None:
    """Time, context and likelihood come with the text."""
    heard = _hear(transcriber, spoken(_TEXT))
    assert heard is not None
    assert heard.frames == 1500
    assert heard.decode_s > 0
    assert -0.5 < heard.logprob < 0


def test_a_model_leaves_the_memory_and_comes_back() -> None:
    """An unloaded model is loaded again by the next utterance, every time."""
    transcriber = Transcriber(_MODEL, EngineOptions())
    for _ in range(3):
        transcriber.unload()
        assert not transcriber.is_loaded
        heard = _hear(transcriber, spoken(_TEXT))
        assert transcriber.is_loaded
        assert heard is not None
        assert heard.text == _TEXT


def test_a_model_that_is_gone_when_it_is_wanted_again(broken: Path) -> None:
    """A file that was deleted in the meantime is an error that names the folder."""
    transcriber = Transcriber(broken, EngineOptions())
    transcriber.unload()
    (broken / "model.bin").unlink()
    with pytest.raises(EngineError, match=str(broken)):
        _hear(transcriber, spoken(_TEXT))


def test_loading_and_unloading_twice_is_harmless() -> None:
    """What is already so stays so."""
    transcriber = Transcriber(_MODEL, EngineOptions())
    transcriber.load()
    assert transcriber.is_loaded
    transcriber.unload()
    transcriber.unload()
    assert not transcriber.is_loaded


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """Copy the model, to be damaged."""
    for file in _MODEL.iterdir():
        shutil.copy(file, tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", ["model.bin", "config.json", "vocabulary.json", "tokenizer.json"])
@pytest.mark.parametrize("content", [b"", b"[]", b"\xff" * 100], ids=["empty", "list", "junk"])
def test_a_broken_model_is_named(broken: Path, name: str, content: bytes) -> None:
    """A damaged file is one error that names the folder."""
    (broken / name).write_bytes(content)
    with pytest.raises(EngineError, match=str(broken)):
        Transcriber(broken, EngineOptions())


def test_a_missing_model_never_asks_the_network(tmp_path: Path) -> None:
    """A folder that is gone is an error; a library would take its name for a hub id."""
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
    """Neither we nor a library log a transcript, not even at debug."""
    with caplog.at_level(logging.DEBUG):
        _hear(transcriber, spoken(_TEXT))
    assert "luz" not in caplog.text.lower()
