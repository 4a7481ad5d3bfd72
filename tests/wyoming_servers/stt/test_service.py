"""Which model jonh-stt works with: on disk, on the hub, or in their place."""

import logging
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.hub import FakeHub, Fault
from tests.fakes.speech import STARTER_DIR, silence, spoken
from wyoming_servers.protocol import ErrorCode, RequestError
from wyoming_servers.settings import SettingsError, SttSettings
from wyoming_servers.stt.metrics import UtteranceMetrics
from wyoming_servers.stt.service import SttService
from wyoming_servers.stt.turn import Utterance
from wyoming_servers.telemetry import Telemetry

_MODEL = STARTER_DIR / "whisper"
_TEXT = "Acenda a luz da sala."


class _Sums(Telemetry):
    audio_s = 0.0
    run_s = 0.0

    def audio_processed(self, audio_s: float, run_s: float) -> None:
        self.audio_s += audio_s
        self.run_s += run_s


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    """Run a hub whose `base` is the starter model."""
    files = {path.name: path.read_bytes() for path in _MODEL.iterdir()}
    with FakeHub({"Systran/faster-whisper-base": files}) as running:
        yield running


def _service(
    tmp_path: Path, hub_url: str | None = None, model: str = "base", preload: str = "disk"
) -> SttService:
    settings = SttSettings(model=model, model_dir=tmp_path, hub_url=hub_url, preload=preload)
    return SttService(settings, Telemetry(), UtteranceMetrics())


def _say(service: SttService, language: str | None = "pt") -> str:
    job = Utterance(spoken(_TEXT), language)
    ((_, found),) = service.work([(job, lambda: False)])
    if isinstance(found, RequestError):
        raise found
    return found.text


def _model_name(service: SttService) -> str:
    return service.info.asr[0].models[0].name


def _wait_for_fetch() -> None:
    for thread in threading.enumerate():
        if thread.name == "fetch-stt":
            thread.join(60)
            assert not thread.is_alive()


def test_a_folder_is_a_model(tmp_path: Path) -> None:
    """A model can be given by its directory, which is its name."""
    shutil.copytree(_MODEL, tmp_path / "mine")
    service = _service(tmp_path, model=str(tmp_path / "mine"))
    assert _model_name(service) == "mine"
    assert _say(service) == _TEXT


def test_work_is_measured(tmp_path: Path) -> None:
    """Telemetry gets the sound's seconds and the seconds spent, not the text."""
    sums = _Sums()
    settings = SttSettings(model="starter", model_dir=tmp_path, hub_url=None)
    service = SttService(settings, sums, UtteranceMetrics())
    _say(service)
    assert sums.audio_s == len(spoken(_TEXT)) / 16_000
    assert sums.run_s > 0


def test_a_cancelled_job_has_no_result(tmp_path: Path) -> None:
    """A job that nobody waits for yields nothing."""
    service = _service(tmp_path, model="starter")
    assert list(service.work([(Utterance(spoken(_TEXT), "pt"), lambda: True)])) == []


def test_preload_fetches_the_model(tmp_path: Path, hub: FakeHub) -> None:
    """Preload gets the wanted model from the hub and has it ready."""
    service = _service(tmp_path, hub.url, preload="fetch")
    service.preload()
    assert _model_name(service) == "base"
    assert _say(service) == _TEXT
    assert (tmp_path / "base" / "model.bin").read_bytes() == (_MODEL / "model.bin").read_bytes()


def test_requests_wait_for_no_download(tmp_path: Path, hub: FakeHub) -> None:
    """While the model is on its way requests are told so, and then it is used."""
    hub.faults.append(Fault(path="/tree/", stall_s=0.5))
    service = _service(tmp_path, hub.url)
    service.fetch_in_background()
    with pytest.raises(RequestError, match="still being fetched") as refusal:
        _say(service)
    assert refusal.value.code is ErrorCode.MODEL_MISSING
    _wait_for_fetch()
    assert service.offer.languages == ("en", "pt")
    assert _say(service) == _TEXT


def test_a_hub_without_the_model_leaves_the_starter(
    tmp_path: Path, hub: FakeHub, caplog: pytest.LogCaptureFixture
) -> None:
    """When the hub has no such model one line says so and the starter model stands in."""
    hub.repositories.clear()
    service = _service(tmp_path, hub.url)
    with caplog.at_level(logging.WARNING):
        service.fetch_in_background()
        _wait_for_fetch()
    assert len(caplog.records) == 1
    assert str(tmp_path) in caplog.text
    assert "not for a living room" in caplog.text
    assert _say(service) == _TEXT


def test_another_model_on_disk_stands_in_at_once(tmp_path: Path, hub: FakeHub) -> None:
    """A real model on disk is used while the wanted one is fetched, which then takes over."""
    shutil.copytree(_MODEL, tmp_path / "tiny")
    service = _service(tmp_path, hub.url)
    assert service.offer.model == "tiny"
    assert _say(service) == _TEXT
    service.fetch_in_background()
    _wait_for_fetch()
    assert service.offer.model == "base"
    assert _say(service) == _TEXT


def test_nothing_is_fetched_when_the_model_is_there(tmp_path: Path, hub: FakeHub) -> None:
    """With the model on disk the hub is never asked."""
    shutil.copytree(_MODEL, tmp_path / "base")
    service = _service(tmp_path, hub.url)
    service.fetch_in_background()
    service.preload()
    assert _say(service) == _TEXT
    assert hub.requests == []


def test_a_model_that_breaks_is_an_error_not_a_crash(tmp_path: Path) -> None:
    """A damaged model is reported to each client, with the folder to look at."""
    shutil.copytree(_MODEL, tmp_path / "tiny")
    service = _service(tmp_path, model="tiny")
    (tmp_path / "tiny" / "model.bin").write_bytes(b"damaged")
    for _ in range(2):
        with pytest.raises(RequestError, match=str(tmp_path)) as refusal:
            list(service.work([(Utterance(silence(1), "pt"), lambda: False)]))
        assert refusal.value.code is ErrorCode.MODEL_MISSING


def test_a_language_lost_with_the_model_is_refused(tmp_path: Path) -> None:
    """A job queued for a language that the stand-in lacks is refused, not garbled."""
    service = _service(tmp_path, model="starter")
    with pytest.raises(RequestError, match="it has en, pt") as refusal:
        _say(service, "de")
    assert refusal.value.code is ErrorCode.UNKNOWN_LANGUAGE


@pytest.mark.parametrize("language", ["pt", "pt-BR", "EN_us", "auto", "AUTO"])
def test_languages_the_model_has(tmp_path: Path, language: str) -> None:
    """The default language may be written in any form."""
    settings = SttSettings(model="starter", model_dir=tmp_path, language=language)
    assert SttService(settings, Telemetry(), UtteranceMetrics()).offer.default_language == language


def test_a_language_the_model_lacks(tmp_path: Path) -> None:
    """A default language that the model lacks is refused at the start."""
    settings = SttSettings(model="starter", model_dir=tmp_path, language="de")
    with pytest.raises(SettingsError, match=r"--language.*en, pt"):
        SttService(settings, Telemetry(), UtteranceMetrics())


def test_info_of_a_model_not_there_yet(tmp_path: Path) -> None:
    """Until a multilingual model is there all of Whisper's languages are promised."""
    service = _service(tmp_path, "http://127.0.0.1:9")
    languages = service.info.asr[0].models[0].languages
    assert len(languages) > 99
    assert {"pt-BR", "de", "ja-JP"} <= set(languages)
