"""Tests of where models are looked for, how they are fetched, and what stands in for them."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.hub import FakeHub, Fault
from wyoming_servers.hub import Hub
from wyoming_servers.models import (
    DEFAULT_VOICE,
    STARTER_MODEL,
    WHISPER_REPOSITORIES,
    ModelMissingError,
    PiperVoices,
    UnknownModelError,
    WhisperModels,
)
from wyoming_servers.patient_http import Patience

BASE = "Systran/faster-whisper-base"
VOICES = "rhasspy/piper-voices"
FABER = "pt/pt_BR/faber/medium/pt_BR-faber-medium.onnx"
TUGAO = "pt/pt_PT/tugão/medium/pt_PT-tugão-medium.onnx"
WHISPER_FILES = {
    "model.bin": b"m" * 5000,
    "config.json": b"{}",
    "tokenizer.json": b"{} ",
    "vocabulary.txt": b"a",
    "README.md": b"# not needed",
    ".gitattributes": b"x",
}
VOICE_JSON = json.dumps({"audio": {"sample_rate": 22050}}).encode()
QUICK = Patience(connect_s=2.0, stall_s=2.0, pauses_s=(0.0,))


@pytest.fixture
def fake() -> Iterator[FakeHub]:
    """Run a hub that has one Whisper model and two voices."""
    repositories = {
        BASE: dict(WHISPER_FILES),
        "someone/whisper_pt-BR.v2": dict(WHISPER_FILES),
        "someone/not-whisper": {"README.md": b"hello"},
        VOICES: {
            FABER: b"o" * 9000,
            f"{FABER}.json": VOICE_JSON,
            "pt/pt_BR/faber/medium/MODEL_CARD": b"card",
            TUGAO: b"t" * 9000,
            f"{TUGAO}.json": VOICE_JSON,
        },
    }
    with FakeHub(repositories) as hub:
        yield hub


@pytest.fixture
def whisper(fake: FakeHub, tmp_path: Path) -> WhisperModels:
    """Make an empty directory of Whisper models with a hub behind it."""
    return WhisperModels(tmp_path / "whisper", Hub(fake.url, patience=QUICK))


@pytest.fixture
def voices(fake: FakeHub, tmp_path: Path) -> PiperVoices:
    """Make an empty directory of voices with a hub behind it."""
    return PiperVoices(tmp_path / "voices", Hub(fake.url, patience=QUICK))


def put_voice(directory: Path, name: str) -> Path:
    """Put the two files of a voice into a directory."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / f"{name}.onnx.json").write_bytes(VOICE_JSON)
    path = directory / f"{name}.onnx"
    path.write_bytes(b"onnx")
    return path


def put_whisper(folder: Path, size_bytes: int = 10) -> Path:
    """Put the files of a Whisper model into a folder."""
    folder.mkdir(parents=True)
    for name in ("config.json", "tokenizer.json", "vocabulary.json"):
        (folder / name).write_text("{}")
    (folder / "model.bin").write_bytes(b"m" * size_bytes)
    return folder


# Whisper


def test_catalogue_matches_what_faster_whisper_would_fetch():
    """Our names mean the same repositories as in faster-whisper."""
    utils = pytest.importorskip("faster_whisper.utils")
    assert {name: utils._MODELS[name] for name in WHISPER_REPOSITORIES} == WHISPER_REPOSITORIES


def test_fetched_model_holds_only_what_the_engine_needs(whisper: WhisperModels):
    """The model's files arrive in a folder with its name, the rest of the repository does not."""
    model = whisper.obtain("base")
    assert model.path == whisper.directory / "base"
    assert {path.name for path in model.path.iterdir()} == {
        "model.bin",
        "config.json",
        "tokenizer.json",
        "vocabulary.txt",
        "hashes.json",
    }


def test_model_on_disk_never_touches_the_network(whisper: WhisperModels, fake: FakeHub):
    """Once there, a model works offline."""
    put_whisper(whisper.directory / "base")
    assert whisper.obtain("base").name == "base"
    assert fake.requests == []


@pytest.mark.parametrize("name", [STARTER_MODEL, "FOLDER"])
def test_starter_and_own_folder_never_touch_the_network(
    whisper: WhisperModels, fake: FakeHub, tmp_path: Path, name: str
):
    """Neither the shipped model nor a person's own is looked for on the hub."""
    folder = put_whisper(tmp_path / "mine")
    model = whisper.obtain(name.replace("FOLDER", str(folder)))
    assert model.is_starter == (name == STARTER_MODEL)
    assert (model.path / "model.bin").is_file()
    assert fake.requests == []


def test_hub_id_is_fetched_into_a_folder_of_its_own(whisper: WhisperModels):
    """Any repository can be named; its slash becomes no folder."""
    model = whisper.obtain("someone/whisper_pt-BR.v2")
    assert model.path == whisper.directory / "someone--whisper_pt-BR.v2"
    assert [found.name for found in whisper.installed()] == [
        "someone/whisper_pt-BR.v2",
        STARTER_MODEL,
    ]


def test_interrupted_model_is_not_taken_for_whole(whisper: WhisperModels, fake: FakeHub):
    """A model without its largest file is fetched on, not loaded."""
    fake.faults.append(Fault(path="/cdn/", cut_after_bytes=100))
    fake.faults.extend(Fault(path="/cdn/", status=500) for _ in range(2))
    with pytest.raises(ModelMissingError):
        whisper.fetch("base")
    assert whisper.find("base") is None
    assert whisper.obtain("base").name == "base"


@pytest.mark.parametrize(
    "name", ["huge", "", "../base", "a/../b", "a/b/c", "/etc", "a b/c", "a/..", "base\x00", "C:\\x"]
)
def test_odd_model_names_are_refused_before_any_request(
    whisper: WhisperModels, fake: FakeHub, name: str
):
    """A name is a name: it never becomes a path or a request."""
    with pytest.raises(UnknownModelError, match="large-v3-turbo"):
        whisper.obtain(name)
    assert fake.requests == []


def test_repository_without_a_model(whisper: WhisperModels):
    """A repository that holds no Whisper model is refused in words."""
    with pytest.raises(ModelMissingError, match="no such model") as caught:
        whisper.fetch("someone/not-whisper")
    assert not caught.value.is_retryable


def test_bigger_model_on_disk_stands_in(whisper: WhisperModels):
    """The best model that is there replaces one that cannot be had."""
    put_whisper(whisper.directory / "tiny", size_bytes=10)
    put_whisper(whisper.directory / "small", size_bytes=20)
    assert whisper.obtain("large-v3").name == "small"


def test_starter_model_is_the_last_resort(whisper: WhisperModels, caplog: pytest.LogCaptureFixture):
    """One line says what is missing, where to put it, and what is used in its place."""
    with caplog.at_level(logging.WARNING):
        assert whisper.obtain("medium").is_starter
    (line,) = caplog.messages
    assert "medium" in line
    assert str(whisper.directory / "medium") in line
    assert "good for a demonstration and for tests, not for a living room" in line


# Voices


def test_voice_is_fetched_into_one_directory(voices: PiperVoices):
    """A voice is two files under its own name, and what they are known by."""
    model = voices.obtain(DEFAULT_VOICE)
    assert model.path == voices.directory / f"{DEFAULT_VOICE}.onnx"
    assert model.path.read_bytes() == b"o" * 9000
    assert sorted(path.name for path in voices.directory.iterdir()) == [
        f"{DEFAULT_VOICE}.hashes.json",
        f"{DEFAULT_VOICE}.onnx",
        f"{DEFAULT_VOICE}.onnx.json",
    ]


def test_voice_with_an_accent_in_its_name(voices: PiperVoices):
    """Names are quoted on the wire and kept on disk."""
    assert voices.obtain("pt_PT-tugão-medium").path.read_bytes() == b"t" * 9000


def test_voice_on_disk_never_touches_the_network(voices: PiperVoices, fake: FakeHub):
    """Once there, a voice works offline, and so do the shipped ones and a file of one's own."""
    put_voice(voices.directory, DEFAULT_VOICE)
    own = put_voice(voices.directory / "else", "my own voice")
    assert not voices.obtain(DEFAULT_VOICE).is_starter
    assert voices.obtain("pt_BR-starter-low").is_starter
    assert voices.obtain(str(own)).path == own
    assert fake.requests == []


def test_voice_without_its_description_is_not_installed(voices: PiperVoices):
    """The JSON file belongs to a voice."""
    put_voice(voices.directory, DEFAULT_VOICE).with_suffix(".onnx.json").unlink()
    assert voices.find(DEFAULT_VOICE) is None
    assert DEFAULT_VOICE not in [model.name for model in voices.installed()]


@pytest.mark.parametrize(
    "name",
    ["faber", "", "../pt_BR-faber-medium", "pt_BR-fa/ber-medium", "pt_BR-..-medium", "pt-br-x-low"],
)
def test_odd_voice_names_are_refused_before_any_request(
    voices: PiperVoices, fake: FakeHub, name: str
):
    """A voice name is checked before it is made part of a path."""
    with pytest.raises(UnknownModelError, match=DEFAULT_VOICE):
        voices.obtain(name)
    assert fake.requests == []


def test_voice_file_that_is_not_there(voices: PiperVoices):
    """A path given by hand is never searched for on the hub."""
    with pytest.raises(UnknownModelError, match=r"no voice at /nowhere/x\.onnx"):
        voices.obtain("/nowhere/x.onnx")


@pytest.mark.parametrize(
    ("wanted", "on_disk", "stand_in"),
    [
        ("pt_BR-nobody-medium", [], "pt_BR-starter-low"),
        ("en_US-nobody-high", [], "en_US-starter-low"),
        ("en_GB-nobody-high", [], "en_US-starter-low"),
        ("de_DE-nobody-low", [], "pt_BR-starter-low"),
        ("pt_BR-nobody-low", ["pt_BR-cadu-medium"], "pt_BR-cadu-medium"),
        ("pt_BR-nobody-low", ["en_US-amy-low"], "pt_BR-starter-low"),
        ("pt_PT-nobody-low", ["pt_BR-cadu-medium"], "pt_BR-cadu-medium"),
        ("de_DE-nobody-low", ["en_US-amy-low"], "en_US-amy-low"),
    ],
)
def test_stand_in_speaks_the_language(
    voices: PiperVoices, wanted: str, on_disk: list[str], stand_in: str
):
    """Language comes before quality when a voice cannot be had."""
    for name in on_disk:
        put_voice(voices.directory, name)
    assert voices.obtain(wanted).name == stand_in


def test_unreachable_hub_is_one_clear_line(tmp_path: Path, fake: FakeHub):
    """The error names the voice, the reason and the place, and that a later try may help."""
    store = PiperVoices(tmp_path, Hub(fake.url, patience=QUICK))
    fake.faults.extend(Fault(path="/tree/", status=502) for _ in range(2))
    with pytest.raises(ModelMissingError) as caught:
        store.fetch(DEFAULT_VOICE)
    assert str(caught.value) == (
        f"The voice {DEFAULT_VOICE} is not on disk and cannot be fetched ({fake.url} answered"
        f" HTTP 502); put it into {tmp_path} as {DEFAULT_VOICE}.onnx and {DEFAULT_VOICE}.onnx.json"
    )
    assert caught.value.is_retryable


def test_directory_that_cannot_be_written(fake: FakeHub, tmp_path: Path):
    """A file in the place of the directory is an error in words, not a crash."""
    blocked = tmp_path / "file"
    blocked.write_text("")
    store = PiperVoices(blocked / "voices", Hub(fake.url, patience=QUICK))
    assert store.obtain(DEFAULT_VOICE).is_starter


def test_without_a_hub_nothing_is_fetched(tmp_path: Path):
    """Fetching can be turned off."""
    with pytest.raises(ModelMissingError, match="fetching is turned off"):
        PiperVoices(tmp_path, None).fetch(DEFAULT_VOICE)
