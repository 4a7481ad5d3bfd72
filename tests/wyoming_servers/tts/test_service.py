"""Tests of what jonh-tts offers: the wanted voice or a stand-in, fetched or from disk."""

import logging
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.hub import FakeHub, Fault
from wyoming_servers.cancellation import Cancellation
from wyoming_servers.models import DEFAULT_VOICE, STARTER_DIR
from wyoming_servers.settings import TtsSettings
from wyoming_servers.telemetry import Telemetry
from wyoming_servers.tts.engine import SpeechEngine
from wyoming_servers.tts.metrics import SpeechMetrics
from wyoming_servers.tts.protocol import SpeakPiece, _Speech
from wyoming_servers.tts.service import TtsService

STARTER = STARTER_DIR / "voice" / "pt_BR-starter-low.onnx"
ON_HUB = f"pt/pt_BR/faber/medium/{DEFAULT_VOICE}.onnx"


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    """Run a hub whose default voice is a copy of the starter voice."""
    files = {
        ON_HUB: STARTER.read_bytes(),
        f"{ON_HUB}.json": Path(f"{STARTER}.json").read_bytes(),
    }
    with FakeHub({"rhasspy/piper-voices": files}) as fake:
        yield fake


def make_service(voice_dir: Path, hub_url: str | None, **options: Any) -> TtsService:
    """Make a service that wants the default voice."""
    settings = TtsSettings(voice_dir=voice_dir, hub_url=hub_url, **options)
    return TtsService(settings, Telemetry(), SpeechMetrics())


def speak(service: TtsService, text: str, cancellation: Cancellation | None = None) -> bytes:
    """Speak a piece as the scheduler would."""
    voice = service.voices()[0]
    speech = _Speech(voice=voice, speaker_id=None, is_stream=False)
    job = SpeakPiece(text=text, voice=voice, speaker_id=None, ends_sentence=True, speech=speech)
    return b"".join(service.work(job, cancellation or Cancellation()))


def test_preload_fetches_the_wanted_voice(hub: FakeHub, tmp_path: Path):
    """After a preload the wanted voice is the default one."""
    service = make_service(tmp_path, hub.url)
    assert service.voices()[0].is_starter
    service.preload()
    assert service.voices()[0].name == DEFAULT_VOICE
    assert service.info.tts[0].voices[0].name == DEFAULT_VOICE


def test_voice_on_disk_needs_no_hub(hub: FakeHub, tmp_path: Path):
    """Once there, a voice is used without a single request."""
    make_service(tmp_path, hub.url).preload()
    hub.requests.clear()
    service = make_service(tmp_path, hub.url)
    service.preload()
    service.fetch_in_background()
    assert service.voices()[0].name == DEFAULT_VOICE
    assert hub.requests == []


@pytest.mark.parametrize(("suffix", "at"), [(".onnx", 100_000), (".onnx", 0), (".onnx.json", 0)])
def test_a_damaged_voice_is_fetched_again(
    hub: FakeHub, tmp_path: Path, caplog: pytest.LogCaptureFixture, suffix: str, at: int
):
    """Whether it can still be loaded or not: it is put aside, told of, and replaced."""
    make_service(tmp_path, hub.url).preload()
    path = tmp_path / f"{DEFAULT_VOICE}{suffix}"
    whole = path.read_bytes()
    damaged = bytearray(whole)
    damaged[at] ^= 1
    path.write_bytes(damaged)
    with caplog.at_level(logging.ERROR):
        service = make_service(tmp_path, hub.url)
        service.preload(may_fetch=False)
        service.fetch_in_background()
        deadline_s = time.monotonic() + 60
        while not path.exists() or path.read_bytes() != whole:
            assert time.monotonic() < deadline_s
            time.sleep(0.01)
    assert service.voices()[0].name == DEFAULT_VOICE
    assert len(speak(service, "Sim.")) > 1000
    assert path.with_name(f"{path.name}.damaged").exists()
    (line,) = caplog.messages
    for words in (DEFAULT_VOICE, path.name, "damaged", "fetched again"):
        assert words in line


@pytest.mark.parametrize("status", [404, None], ids=["not on the hub", "turned off"])
def test_missing_voice_is_one_warning(
    hub: FakeHub, tmp_path: Path, caplog: pytest.LogCaptureFixture, status: int | None
):
    """What is missing, where to put it, and what the stand-in is worth are said once."""
    hub.faults.append(Fault(path="/tree/", status=status))
    service = make_service(tmp_path, hub.url if status else None)
    with caplog.at_level(logging.WARNING):
        service.preload()
    (line,) = caplog.messages
    for words in (DEFAULT_VOICE, str(tmp_path), "pt_BR-starter-low", "not for a living room"):
        assert words in line
    assert service.voices()[0].name == "pt_BR-starter-low"


def test_description_is_made_once(tmp_path: Path):
    """`describe` is answered from memory while nothing changes."""
    service = make_service(tmp_path, None)
    assert service.info is service.info


def test_what_was_said_before_is_the_same_sound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The second time no engine is needed, also when the text was written otherwise."""
    service = make_service(tmp_path, None)
    first = speak(service, "São 21,5 °C.")
    monkeypatch.setattr(SpeechEngine, "speak", _refuse)
    assert speak(service, "São 21,5 °C.") == first
    assert speak(service, "São **21.5** ºC.") == first
    with pytest.raises(AssertionError):
        speak(service, "São 22 °C.")


def _refuse(*_: object, **__: object) -> Iterator[bytes]:
    raise AssertionError


def test_what_was_broken_off_is_not_kept(tmp_path: Path):
    """Half a sentence is never played as if it were whole."""
    service = make_service(tmp_path, None)
    cancellation = Cancellation()
    cancellation.cancel()
    assert speak(service, "A luz está acesa.", cancellation) == b""
    assert len(speak(service, "A luz está acesa.")) > 1000


def test_sounds_are_kept_across_restarts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """With a folder for them, the first "Pronto." after a restart costs nothing either."""
    options = {"cache_dir": tmp_path / "sounds"}
    first = speak(make_service(tmp_path, None, **options), "Pronto.")
    monkeypatch.setattr(SpeechEngine, "speak", _refuse)
    assert speak(make_service(tmp_path, None, **options), "Pronto.") == first
    with pytest.raises(AssertionError):
        speak(make_service(tmp_path, None, **options, length_scale=2.0), "Pronto.")


def test_another_file_of_a_voice_is_another_voice(hub: FakeHub, tmp_path: Path):
    """A voice that was replaced while the server runs speaks from then on, also what is kept."""
    english = STARTER_DIR / "voice" / "en_US-starter-low.onnx"
    make_service(tmp_path, hub.url).preload()
    service = make_service(tmp_path, None)
    first = speak(service, "Data.")
    (tmp_path / f"{DEFAULT_VOICE}.onnx.json").write_bytes(Path(f"{english}.json").read_bytes())
    (tmp_path / f"{DEFAULT_VOICE}.onnx").write_bytes(english.read_bytes())
    whole = b"".join(part.tobytes() for part in SpeechEngine().speak(english, "Data."))
    assert len(first) != len(whole)
    assert len(speak(service, "Data.")) == len(whole)


def test_numbers_are_read_as_words_unless_that_is_turned_off(tmp_path: Path):
    """Without it espeak reads the sign by itself."""
    on, off = (make_service(tmp_path, None, normalize=each) for each in (True, False))
    words = speak(on, "vinte e três graus Celsius")
    assert len(speak(on, "23 °C")) == len(words)
    assert len(speak(off, "23 °C")) != len(words)


def test_an_idle_voice_is_counted(tmp_path: Path):
    """Who looks at the metrics sees voices come and go."""
    gone = threading.Event()

    class Watch(SpeechMetrics):
        def voice_unloaded(self) -> None:
            gone.set()

    settings = TtsSettings(voice_dir=tmp_path, hub_url=None, keep_alive=0.1)
    service = TtsService(settings, Telemetry(), Watch())
    service.preload()
    assert gone.wait(20)


@pytest.mark.parametrize(("threads", "workers"), [(1, 1), (2, 1), (4, 2), (9, 4)])
def test_more_cores_speak_with_more_clients(tmp_path: Path, threads: int, workers: int):
    """Each piece gets two threads."""
    assert make_service(tmp_path, None, threads=threads).workers == workers
