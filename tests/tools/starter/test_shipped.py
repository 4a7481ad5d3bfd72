"""The shipped starter models, through unmodified faster-whisper and piper-tts."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from faster_whisper import WhisperModel
from piper import PiperVoice, SynthesisConfig

from tools.starter.ship import changed_files

if TYPE_CHECKING:
    from numpy.typing import NDArray

STARTER_DIR = Path(__file__).parents[3] / "wyoming_servers" / "starter"
RATE_HZ = 16000
VOICES = {"pt": "pt_BR-starter-low", "en": "en_US-starter-low"}
SENTENCES = {
    "pt": [
        "Acenda a luz da sala.",
        "Apague a luz da cozinha.",
        "Ligue o ventilador do quarto.",
        "Abra a persiana da sala.",
        "Feche o portão da garagem.",
        "Qual a temperatura da sala?",
        "Que horas são?",
        "Quem descobriu o Brasil?",
        "A luz da sala está acesa.",
    ],
    "en": [
        "Turn on the living room light.",
        "Turn off the kitchen light.",
        "Turn on the bedroom fan.",
        "Open the garage door.",
        "What is the temperature in the bedroom?",
        "What time is it?",
        "The living room light is on.",
    ],
}


@pytest.fixture(scope="module")
def whisper() -> WhisperModel:
    """Load the recogniser; a missing file must not become a download."""
    return WhisperModel(
        str(STARTER_DIR / "whisper"), device="cpu", compute_type="int8", local_files_only=True
    )


@pytest.fixture(scope="module")
def voices() -> dict[str, PiperVoice]:
    """Both voices by language."""
    folder = STARTER_DIR / "voice"
    return {language: PiperVoice.load(folder / f"{name}.onnx") for language, name in VOICES.items()}


def speak(voice: PiperVoice, text: str, length_scale: float = 1.0) -> NDArray[np.float32]:
    """One sentence with a quarter of a second of silence around."""
    chunks = voice.synthesize(text, SynthesisConfig(length_scale=length_scale))
    silence = np.zeros(RATE_HZ // 4, np.float32)
    return np.concatenate([silence, *(chunk.audio_float_array for chunk in chunks), silence])


def transcribe(whisper: WhisperModel, audio: NDArray[np.float32], language: str | None) -> str:
    """Greedy and deterministic."""
    segments, _ = whisper.transcribe(audio, language=language, beam_size=1, temperature=0.0)
    return "".join(segment.text for segment in segments).strip()


def test_files_are_the_pinned_ones():
    """No file was changed, lost or added since the build."""
    assert changed_files(STARTER_DIR) == []


def test_recogniser_knows_its_languages(whisper: WhisperModel):
    """It is multilingual and takes 80 mel bands."""
    assert whisper.model.is_multilingual
    assert whisper.model.n_mels == 80


@pytest.mark.parametrize(
    ("language", "text"), [(lang, text) for lang, texts in SENTENCES.items() for text in texts]
)
def test_spoken_sentence_comes_back(
    whisper: WhisperModel, voices: dict[str, PiperVoice], language: str, text: str
):
    """What the starter voice says, the starter recogniser writes."""
    heard = transcribe(whisper, speak(voices[language], text), language)
    assert re.sub(r"[^\w\s]", "", heard.lower()) == re.sub(r"[^\w\s]", "", text.lower())


@pytest.mark.parametrize("language", ["pt", "en"])
def test_language_is_detected(whisper: WhisperModel, voices: dict[str, PiperVoice], language: str):
    """Automatic detection chooses between the two trained languages."""
    audio = np.concatenate([speak(voices[language], text) for text in SENTENCES[language][:3]])
    detected, _, _ = whisper.detect_language(audio)
    assert detected == language


@pytest.mark.parametrize("language", ["pt", "en"])
@pytest.mark.parametrize("seconds", [1, 3, 8])
def test_silence_and_noise_are_no_words(whisper: WhisperModel, seconds: int, language: str):
    """Nobody spoke: no text."""
    generator = np.random.default_rng(7)
    length = seconds * RATE_HZ
    turns = np.arange(length) / RATE_HZ
    recordings = {
        "silence": np.zeros(length),
        "faint noise": 0.002 * generator.standard_normal(length),
        "loud noise": 0.1 * generator.standard_normal(length),
        "hum": 0.05 * np.sin(2 * np.pi * 50 * turns),
    }
    heard = {
        name: transcribe(whisper, audio.astype(np.float32), language)
        for name, audio in recordings.items()
    }
    assert {name: text for name, text in heard.items() if text} == {}


def test_words_have_times(whisper: WhisperModel, voices: dict[str, PiperVoice]):
    """Word times rise within the recording."""
    audio = speak(voices["pt"], "Acenda a luz da sala.")
    segments, _ = whisper.transcribe(audio, language="pt", word_timestamps=True, temperature=0.0)
    starts = [word.start for segment in segments for word in segment.words or []]
    assert len(starts) == 5
    assert starts == sorted(starts)
    assert 0 <= starts[0] < starts[-1] < len(audio) / RATE_HZ


@pytest.mark.parametrize("language", ["pt", "en"])
def test_voice_speaks_slower_when_asked(voices: dict[str, PiperVoice], language: str):
    """The length scale stretches speech about as much as it says."""
    text = SENTENCES[language][0]
    normal, slow = (len(speak(voices[language], text, scale)) for scale in (1.0, 1.5))
    assert 1.2 < slow / normal < 1.6


@pytest.mark.parametrize("language", ["pt", "en"])
def test_voice_is_audible_and_bounded(voices: dict[str, PiperVoice], language: str):
    """Speech, not clicks: a loud part and no sample out of range."""
    audio = speak(voices[language], SENTENCES[language][0])
    assert np.isfinite(audio).all()
    assert float(np.sqrt((audio**2).mean())) > 0.02
    assert float(np.abs(audio).max()) <= 1.0
