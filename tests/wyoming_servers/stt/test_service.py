"""Which model jonh-stt works with: on disk, on the hub, or in their place."""

import logging
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.hub import FakeHub, Fault
from tests.fakes.speech import STARTER_DIR, silence, spoken
from wyoming_servers import model_store, patience
from wyoming_servers.hub import Hub
from wyoming_servers.models import WhisperModels
from wyoming_servers.protocol import ErrorCode, RequestError
from wyoming_servers.settings import SettingsError, SttSettings
from wyoming_servers.stt.endpoint import EndpointOptions
from wyoming_servers.stt.metrics import UtteranceMetrics
from wyoming_servers.stt.service import SttService
from wyoming_servers.stt.turn import Recognition, Utterance
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
    settings = SttSettings(
        model=model, model_dir=tmp_path, data_dir=tmp_path, hub_url=hub_url, preload=preload
    )
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


def test_an_unreachable_hub_refuses_requests_and_is_asked_again(
    tmp_path: Path, hub: FakeHub, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The starter model does not make up commands meanwhile; one warning tells of it."""
    monkeypatch.setattr(patience.time, "sleep", lambda _: None)
    hub.faults.extend(Fault(path="/tree/", status=503) for _ in range(11))
    service = _service(tmp_path, hub.url)
    with caplog.at_level(logging.WARNING):
        service.fetch_in_background()
        with pytest.raises(RequestError, match="cannot be fetched now") as refusal:
            _say(service)
        assert refusal.value.code is ErrorCode.MODEL_MISSING
        assert service.offering.models == ()
        _wait_for_fetch()
    assert len(caplog.records) == 1
    assert "requests are refused" in caplog.text
    assert _say(service) == _TEXT


def _flip(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("name", "at"),
    [("model.bin", 1_000_000), ("model.bin", 0), ("config.json", 0), ("tokenizer.json", 0)],
)
def test_a_damaged_model_is_fetched_again(
    tmp_path: Path, hub: FakeHub, caplog: pytest.LogCaptureFixture, name: str, at: int
) -> None:
    """Whether it can still be loaded or not: it is put aside, told of, and replaced."""
    _service(tmp_path, hub.url, preload="fetch").preload()
    path = tmp_path / "base" / name
    whole = path.read_bytes()
    _flip(path, at)
    with caplog.at_level(logging.ERROR):
        service = _service(tmp_path, hub.url)
        service.preload()
        service.fetch_in_background()
        deadline_s = time.monotonic() + 60
        while not path.exists() or path.read_bytes() != whole or not service.offering.models:
            assert time.monotonic() < deadline_s
            time.sleep(0.01)
    assert _say(service) == _TEXT
    assert service.offer.model == "base"
    assert path.with_name(f"{name}.damaged").exists()
    (line,) = caplog.messages
    for words in ("base", name, "damaged", "fetched again"):
        assert words in line


def test_a_damaged_model_that_cannot_be_moved_is_not_used(
    tmp_path: Path, hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a disk that nobody may write it is refused all the same."""
    _service(tmp_path, hub.url, preload="fetch").preload()
    _flip(tmp_path / "base" / "model.bin", 1_000_000)

    def refuse(path: Path) -> Path:
        raise OSError(30, "Read-only file system", str(path))

    monkeypatch.setattr(model_store, "put_aside", refuse)
    hub.repositories.clear()
    store = WhisperModels(tmp_path, Hub(hub.url))
    model = store.find("base")
    assert model is not None
    assert store.put_aside_if_damaged(model)
    assert store.find("base") is None
    assert [each.name for each in store.installed()] == ["starter"]


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


def test_preload_of_what_is_on_disk_waits_for_no_hub(tmp_path: Path) -> None:
    """A hub that takes connections and never answers does not delay the start."""
    with socket.create_server(("127.0.0.1", 0)) as hole:
        service = _service(tmp_path, f"http://127.0.0.1:{hole.getsockname()[1]}")
        service.preload()
        hole.settimeout(0.2)
        with pytest.raises(TimeoutError):
            hole.accept()
    with pytest.raises(RequestError, match="still being fetched"):
        _say(service)


@pytest.mark.parametrize(("preload", "is_ready"), [("disk", True), ("off", False)])
def test_preload_makes_the_first_request_as_any_other(
    tmp_path: Path, preload: str, *, is_ready: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """The model is loaded before listening, or with the first request."""
    service = _service(tmp_path, model="starter", preload=preload)
    with caplog.at_level(logging.INFO):
        service.preload()
    assert ("starter ready" in caplog.text) is is_ready
    assert _say(service) == _TEXT


def _with(tmp_path: Path, *arguments: str) -> SttService:
    settings = SttSettings.read(
        ["--model", "starter", "--hub-url", "off", "--data-dir", str(tmp_path), *arguments], {}
    )
    return SttService(settings, Telemetry(), UtteranceMetrics())


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), EndpointOptions()),
        (("--endpoint", "off", "--safety-silence", "3"), EndpointOptions(is_own=False, safety_s=3)),
        (
            ("--endpoint", "0.6"),
            EndpointOptions(finished_s=0.6, open_s=0.6, unfinished_s=0.6),
        ),
        (
            ("--finished-silence", "0.3", "--open-silence", "0.5", "--unfinished-silence", "1"),
            EndpointOptions(finished_s=0.3, open_s=0.5, unfinished_s=1.0),
        ),
        (
            ("--speculate", "0", "--vad-threshold", "0.7", "--no-speech-seconds", "9"),
            EndpointOptions(speculate_s=0, threshold=0.7, no_speech_s=9.0),
        ),
        (("--max-turn-seconds", "12"), EndpointOptions(max_turn_s=12.0)),
    ],
)
def test_flags_of_the_turn(
    tmp_path: Path, arguments: tuple[str, ...], expected: EndpointOptions
) -> None:
    """Each flag reaches what decides when a turn is over."""
    service = _with(tmp_path, *arguments)
    assert service.offer.endpoint == expected
    assert service.info.asr[0].requires_external_vad is not expected.is_own


def test_flags_of_the_offer_and_the_info(tmp_path: Path) -> None:
    """The longest sound, partial transcripts and the microphone are as the flags say."""
    service = _with(tmp_path, "--max-seconds", "9", "--partial-seconds", "2", "--raw-microphone")
    assert (service.offer.max_s, service.offer.partial_s) == (9.0, 2.0)
    program = service.info.asr[0]
    assert not program.prefers_auto_gain_enabled
    assert not program.prefers_noise_reduction_enabled
    assert program.supports_transcript_streaming
    assert _with(tmp_path).info.asr[0].prefers_auto_gain_enabled


def test_flags_of_the_engine(tmp_path: Path) -> None:
    """Context, languages, beam, prompt and compute type reach the model."""
    flags = ("--context", "full", "--languages", "en", "--beam-size", "2", "--threads", "1")
    service = _with(tmp_path, *flags, "--initial-prompt", "sala", "--compute-type", "int8")
    job = Utterance(spoken(_TEXT), None)
    ((_, found),) = service.work([(job, lambda: False)])
    assert isinstance(found, Recognition)
    assert found.language == "en"
    assert service.batch_key(job) != _loaded(_with(tmp_path)).batch_key(job)


def _loaded(service: SttService) -> SttService:
    _say(service)
    return service


@pytest.mark.parametrize("languages", ["de", "pt,de"])
def test_languages_the_model_cannot_detect(tmp_path: Path, languages: str) -> None:
    """A language of the house that the model lacks is refused at the start."""
    with pytest.raises(SettingsError, match=r"--languages.*no language de"):
        _with(tmp_path, "--languages", languages)


def test_an_idle_model_leaves_the_memory_and_comes_back(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """With --keep-alive an idle model is unloaded, and the next utterance is still understood."""
    with caplog.at_level(logging.INFO):
        service = _loaded(_with(tmp_path, "--keep-alive", "0.1"))
        until_s = time.monotonic() + 20
        while "left the memory" not in caplog.text:
            assert time.monotonic() < until_s
            time.sleep(0.01)
    service.offer.prepare()
    assert _say(service) == _TEXT


def test_names_of_the_home_are_shared(tmp_path: Path) -> None:
    """Names from a file and from a client are offered to every connection."""
    (tmp_path / "names.txt").write_text("Sala\n", encoding="utf-8")
    service = _with(tmp_path, "--names-file", str(tmp_path / "names.txt"))
    service.offer.take_names(["Abajur"])
    assert service.offer.names() == ("Sala", "Abajur")
    assert _say(service) == _TEXT


def test_little_memory_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Before a model is loaded that hardly fits, one line says what to do."""
    monkeypatch.setattr("wyoming_servers.stt.service.available_memory_bytes", lambda: 10 << 20)
    with caplog.at_level(logging.WARNING):
        _loaded(_with(tmp_path))
    told = [each for each in caplog.records if each.name == "wyoming_servers.stt.service"]
    assert len(told) == 1
    assert "smaller --model" in told[0].getMessage()


def test_a_model_that_cannot_come_back_is_an_error(tmp_path: Path) -> None:
    """A model whose files are gone once it left the memory is named to the client."""
    shutil.copytree(_MODEL, tmp_path / "tiny")
    service = _loaded(_service(tmp_path, model="tiny"))
    residence = service._residence
    assert residence is not None
    residence.model.unload()
    shutil.rmtree(tmp_path / "tiny")
    with pytest.raises(RequestError) as refusal:
        _say(service)
    assert refusal.value.code is ErrorCode.MODEL_MISSING
