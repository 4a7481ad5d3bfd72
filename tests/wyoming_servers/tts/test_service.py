"""Tests of what jonh-tts offers: the wanted voice or a stand-in, fetched or from disk."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.hub import FakeHub, Fault
from wyoming_servers.models import DEFAULT_VOICE, STARTER_DIR
from wyoming_servers.settings import TtsSettings
from wyoming_servers.telemetry import Telemetry
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


def make_service(voice_dir: Path, hub_url: str | None) -> TtsService:
    """Make a service that wants the default voice."""
    return TtsService(TtsSettings(voice_dir=voice_dir, hub_url=hub_url), Telemetry())


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
