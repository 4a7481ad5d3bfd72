"""What is asked of a model, step by step: real models that say what a test wants."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
import pytest

from tests.fakes.scripted_whisper import write_model
from tests.fakes.speech import silence
from wyoming_servers.stt.attempt import best_of
from wyoming_servers.stt.decoding import Decoder, Window
from wyoming_servers.stt.vocabulary import Vocabulary

_NAMES = ("sala", "cozinha", "quarto", "varanda")


@dataclass
class _Watched:
    """A model that notes what it is asked; it answers as ever."""

    model: Any
    asked: list[str] = field(default_factory=list)

    def encode(self, features: Any) -> Any:
        self.asked.append(f"encode {features.shape[0]}x{features.shape[2]}")
        return self.model.encode(features)

    def detect_language(self, encoded: Any) -> Any:
        self.asked.append(f"language {encoded.shape[0]}")
        return self.model.detect_language(encoded)

    def generate(self, encoded: Any, prompts: list[list[int]], **how: Any) -> Any:
        assert how["sampling_temperature"] == (1.0 if how["sampling_topk"] else 0.2)
        beam = "" if how["sampling_topk"] else ", sampling"
        self.asked.append(f"generate {encoded.shape[0]}, beam {how['beam_size']}{beam}")
        return self.model.generate(encoded, prompts, **how)


@dataclass
class _Rig:
    decoder: Decoder
    model: _Watched

    def decode(self, windows: list[Window], frames: int) -> list[int]:
        return list(self.decoder.decode(windows, frames))


type _Make = Callable[..., _Rig]


@pytest.fixture
def rig(tmp_path: Path) -> _Make:
    """Make a decoder around a model with a script."""

    def make(text: str, *, languages: tuple[str, ...] = ("en", "pt"), **script: Any) -> _Rig:
        folder = write_model(tmp_path, text, **script)
        model = _Watched(ctranslate2.models.Whisper(str(folder), device="cpu", intra_threads=1))
        decoder = Decoder(
            model,  # type: ignore[arg-type]
            Vocabulary(folder),
            beam_size=1,
            languages=languages,
            initial_prompt="",
            names_tokens=500,
        )
        return _Rig(decoder, model)

    return make


def _window(
    language: str | None = "pt",
    *,
    names: tuple[str, ...] = (),
    seconds: float = 2,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> Window:
    return Window(
        samples=silence(seconds),
        features=np.zeros((80, round(seconds * 100)), np.float32),
        names=names,
        is_cancelled=is_cancelled,
        language=language,
    )


def _after(checks: int) -> Callable[[], bool]:
    """Return what turns true after it was asked so many times."""
    left = iter([False] * checks)
    return lambda: next(left, True)


def test_a_sure_text_takes_one_step_each(rig: _Make) -> None:
    """The bounded context and beam 1 are all that a clear command needs."""
    made, window = rig("Acenda a luz da sala."), _window()
    made.decode([window], 800)
    assert made.model.asked == ["encode 1x800", "generate 1, beam 1"]
    (attempt,) = window.attempts
    assert attempt.text == attempt.heard == "Acenda a luz da sala."
    assert attempt.is_complete
    assert -0.1 < attempt.logprob <= 0
    assert window.encoded is None


def test_a_hopeless_text_is_tried_with_all_there_is(rig: _Make) -> None:
    """More thoroughly, then with the whole context, then by chance; then nothing was said."""
    made, window = rig("Sim.", surety=0.8), _window()
    made.decode([window], 800)
    assert made.model.asked == [
        "encode 1x800",
        "generate 1, beam 1",
        "generate 1, beam 5",
        "encode 1x3000",
        "generate 1, beam 5",
        "generate 1, beam 1, sampling",
    ]
    assert len(window.attempts) == 4
    assert best_of(window.attempts).heard == ""


def test_a_whole_context_is_not_encoded_twice(rig: _Make) -> None:
    """Where everything was heard at first, only the search changes."""
    made, window = rig("Sim.", surety=0.8), _window()
    made.decode([window], 3000)
    assert made.model.asked[:3] == ["encode 1x3000", "generate 1, beam 1", "generate 1, beam 5"]
    assert len(made.model.asked) == 4


def test_an_endless_text_needs_more_context(rig: _Make) -> None:
    """A model that loops is stopped by the length of speech and asked with the whole context."""
    made, window = rig("a luz da sala", is_endless=True), _window(seconds=2)
    made.decode([window], 800)
    assert made.model.asked[1:4] == ["generate 1, beam 1", "encode 1x3000", "generate 1, beam 5"]
    assert not any(each.is_complete for each in window.attempts)
    words = window.attempts[0].text.split()
    assert 30 <= len(words) <= 60
    assert best_of(window.attempts).heard == ""


@pytest.mark.parametrize(("seconds", "limit"), [(0.1, 31), (1, 45), (10, 180), (28, 224)])
def test_text_is_no_longer_than_speech(rig: _Make, seconds: float, limit: int) -> None:
    """A text has at most so many tokens, whatever stands before it in the prompt."""
    made = rig("la", is_endless=True)
    for names in ((), _NAMES * 5, _NAMES * 100):
        window = _window(seconds=seconds, names=names)
        made.decoder.attempt([window], 800)
        assert len(window.attempts[0].text.split()) == limit  # "la" is one token
        assert not window.attempts[0].is_complete


def test_what_the_model_was_told_is_no_text(rig: _Make) -> None:
    """An echo of the names is tried again without them, and the text without them is taken."""
    prompt = rig("Sim.").decoder.prompt("pt", _NAMES)
    made = rig("Sim.", told=(len(prompt), "sala, cozinha, quarto"))
    window = _window(names=_NAMES)
    made.decode([window], 800)
    assert window.attempts[0].text == "sala, cozinha, quarto"
    assert window.attempts[0].is_echo
    assert made.model.asked[-1] == "generate 1, beam 1, sampling"
    assert best_of(window.attempts).heard == "Sim."


def test_windows_together_are_encoded_one_by_one(rig: _Make) -> None:
    """The encoder hears each alone, the rest is done for all at once."""
    made = rig("Sim.")
    windows = [_window("pt"), _window(None), _window("en", seconds=4)]
    made.decode(windows, 1500)
    assert made.model.asked == ["encode 1x1500"] * 3 + ["language 3", "generate 3, beam 1"]
    assert [each.attempts[0].heard for each in windows] == ["Sim."] * 3
    assert [windows[0].language, windows[2].language] == ["pt", "en"]
    assert windows[1].language in ("en", "pt")


def test_a_doubtful_one_of_several_is_tried_alone(rig: _Make) -> None:
    """Each window goes on for itself when its text is doubtful."""
    made = rig("a luz da sala", is_endless=True)
    windows = [_window(), _window()]
    made.decode(windows, 1500)
    assert made.model.asked[2] == "generate 2, beam 1"
    assert made.model.asked.count("encode 1x3000") == 2


def test_a_sure_text_does_not_wait_for_a_doubtful_one(rig: _Make) -> None:
    """Windows are done in the order in which they need no more."""
    prompt = rig("Sim.").decoder.prompt("pt", _NAMES)
    # A list of names is an echo for whoever was told them, and a text for whoever was not.
    made = rig("Sim.", told=(len(prompt), "sala, cozinha, quarto"))
    others = tuple(reversed(_NAMES))
    windows = [_window(names=_NAMES), _window(names=others), _window(names=_NAMES)]
    steps = made.decoder.decode(windows, 800)
    assert next(steps) == 1
    assert "encode 1x3000" not in made.model.asked
    assert list(steps) == [0, 2]


@pytest.mark.parametrize(
    ("language", "languages", "asked", "expected"),
    [
        ("pt", ("en", "pt"), False, "pt"),
        (None, ("en",), False, "en"),
        (None, ("pt",), False, "pt"),
        (None, ("en", "pt"), True, None),
    ],
    ids=["given", "english-house", "portuguese-house", "detected"],
)
def test_the_language(
    rig: _Make,
    language: str | None,
    languages: tuple[str, ...],
    asked: bool,
    expected: str | None,
) -> None:
    """It is detected only when there is a choice, among the languages of the house."""
    made, window = rig("Sim.", languages=languages), _window(language)
    made.decode([window], 800)
    assert ("language 1" in made.model.asked) is asked
    assert window.language in ((expected,) if expected else languages)


@pytest.mark.parametrize(
    ("checks", "asked"),
    [
        (0, []),
        (1, ["encode 1x800"]),
        (2, ["encode 1x800", "generate 1, beam 1"]),
        (3, ["encode 1x800", "generate 1, beam 1", "generate 1, beam 5"]),
        (4, ["encode 1x800", "generate 1, beam 1", "generate 1, beam 5", "encode 1x3000"]),
    ],
)
def test_cancellation_is_seen_before_each_step(rig: _Make, checks: int, asked: list[str]) -> None:
    """Nothing more is done for a window that nobody waits for, and it has no text."""
    made = rig("Sim.", surety=0.8)
    window = _window(is_cancelled=_after(checks))
    made.decode([window], 800)
    assert made.model.asked == asked
    assert window.attempts == []
    assert window.encoded is None


def test_one_of_several_is_cancelled(rig: _Make) -> None:
    """The others go on, and the one takes no part in what is still to do."""
    made = rig("Sim.")
    windows = [_window(), _window(is_cancelled=_after(1)), _window(is_cancelled=lambda: True)]
    made.decode(windows, 800)
    assert made.model.asked == ["encode 1x800"] * 2 + ["generate 1, beam 1"]
    assert [len(each.attempts) for each in windows] == [1, 0, 0]
