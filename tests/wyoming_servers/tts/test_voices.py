"""Tests of which voices are listed and which one answers a request."""

import logging
import shutil
from pathlib import Path

import pytest

from tests.fakes.onnx_voice import write_speaker_voice
from wyoming_servers.models import Model, PiperVoices, UnknownModelError
from wyoming_servers.tts.voices import (
    Voice,
    VoiceCatalogue,
    VoiceError,
    choose_voice,
    language_tag,
    read_voice,
)

FABER = "pt_BR-faber-medium"


def make_voice(name: str, *languages: str, quality: str = "low", **options: bool) -> Voice:
    """Describe a voice that needs no files."""
    return Voice(
        name=name,
        path=Path(f"/{name}.onnx"),
        languages=languages,
        sample_rate_hz=16_000,
        quality=quality,
        **options,
    )


FIRST = make_voice("pt_BR-starter-low", "pt-BR", "pt", is_starter=True)
VOICES = (
    FIRST,
    make_voice("en_US-starter-low", "en-US", "en", is_starter=True),
    make_voice("en_GB-alan-medium", "en-GB", "en", quality="medium"),
    make_voice("en_US-ryan-high", "en-US", "en", quality="high"),
    make_voice("pt_PT-tugao-medium", "pt-PT", "pt", quality="medium"),
)


@pytest.fixture
def store(tmp_path: Path) -> PiperVoices:
    """Make a directory of voices that is not there yet."""
    return PiperVoices(tmp_path / "voices", None)


def names(catalogue: VoiceCatalogue) -> list[str]:
    """List the names in a catalogue."""
    return [voice.name for voice in catalogue.voices()]


@pytest.mark.parametrize(
    ("written", "tag"),
    [
        ("pt_BR", "pt-BR"),
        ("pt-br", "pt-BR"),
        ("PT", "pt"),
        ("en_us", "en-US"),
        ("zh-hans-cn", "zh-Hans-CN"),
        ("es-419", "es-419"),
        ("../x", "../x"),
        ("", ""),
    ],
)
def test_languages_are_spelled_as_home_assistant_does(written: str, tag: str):
    """Underscores and lower-case regions are understood."""
    assert language_tag(written) == tag


@pytest.mark.parametrize(
    ("name", "language", "expected"),
    [
        (None, None, "pt_BR-starter-low"),
        ("pt_PT-tugao-medium", None, "pt_PT-tugao-medium"),
        ("en_GB-alan-medium", "pt-BR", "en_GB-alan-medium"),
        (None, "pt-BR", "pt_BR-starter-low"),
        (None, "pt_br", "pt_BR-starter-low"),
        (None, "pt", "pt_BR-starter-low"),
        (None, "pt-PT", "pt_PT-tugao-medium"),
        (None, "pt-AO", "pt_BR-starter-low"),
        (None, "en", "en_US-ryan-high"),
        (None, "en-US", "en_US-ryan-high"),
        (None, "en-GB", "en_GB-alan-medium"),
        (None, "en-AU", "en_US-ryan-high"),
    ],
)
def test_choice_of_a_voice(name: str | None, language: str | None, expected: str):
    """The name decides, then the region, then the family, then quality; else the default."""
    assert choose_voice(VOICES, name=name, language=language).name == expected


@pytest.mark.parametrize(
    ("name", "language", "message"),
    [
        ("x", None, "There is no voice 'x' here; installed: pt_BR-starter-low, en_US-starter-low"),
        ("/etc/passwd", None, "There is no voice"),
        (None, "de-DE", "No installed voice speaks 'de-DE'; there is en-GB, en-US, pt-BR, pt-PT."),
        (None, "\x00", "No installed voice speaks"),
    ],
)
def test_unknown_voice_names_what_there_is(name: str | None, language: str | None, message: str):
    """The error tells what could be asked for."""
    with pytest.raises(VoiceError) as caught:
        choose_voice(VOICES, name=name, language=language)
    assert message in str(caught.value)


def test_long_lists_are_cut_short():
    """Two hundred voices do not fill a log line."""
    many = [make_voice(f"pt_BR-v{number}-low", "pt-BR", "pt") for number in range(200)]
    with pytest.raises(VoiceError, match=r"v11-low and 188 more"):
        choose_voice(many, name="x", language=None)


def test_description_of_a_starter_voice(store: PiperVoices):
    """Region and family are both offered, the region first."""
    model = store.find("en_US-starter-low")
    assert model is not None
    voice = read_voice(model)
    assert voice.languages == ("en-US", "en")
    assert voice.sample_rate_hz == 16_000
    assert voice.speakers == {}
    assert voice.title == "starter (low), for demonstrations"


def test_own_voice_takes_its_language_from_its_description(tmp_path: Path):
    """A name without a language is no obstacle."""
    path = write_speaker_voice(tmp_path, "my own voice", {}, language={"code": "es_MX"})
    assert read_voice(Model(name="my own voice", path=path)).languages == ("es-MX", "es")
    path = write_speaker_voice(tmp_path, "plain", {}, espeak={"voice": "de"})
    assert read_voice(Model(name="plain", path=path)).languages == ("de",)


def test_speakers_by_name_and_number(tmp_path: Path):
    """A speaker can be asked for both ways; others are refused by name."""
    path = write_speaker_voice(tmp_path, "two", {"ana": 0, "rui": 1})
    voice = read_voice(Model(name="two", path=path))
    assert [voice.speaker_id(wish) for wish in ("ana", "rui", "1", None)] == [0, 1, 1, None]
    for wish in ("bia", "2", "-1", "", "²"):
        with pytest.raises(VoiceError, match=r"two has no speaker .*; it has ana, rui\."):
            voice.speaker_id(wish)


def test_nameless_speakers_are_numbered(tmp_path: Path):
    """Speakers without names go by their numbers."""
    path = write_speaker_voice(tmp_path, "three", {}, num_speakers=3)
    voice = read_voice(Model(name="three", path=path))
    assert voice.speakers == {"0": 0, "1": 1, "2": 2}


def test_voice_of_one_speaker_ignores_the_wish():
    """Home Assistant keeps sending the speaker of the voice that was chosen before."""
    assert FIRST.speaker_id("ana") is None


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"num_speakers": "x"}', '{"num_speakers": 1, "audio": []}']
)
def test_description_that_is_none(tmp_path: Path, text: str):
    """A JSON file of something else is refused by path."""
    (tmp_path / "odd.onnx.json").write_text(text)
    with pytest.raises(VoiceError, match=r"odd\.onnx\.json"):
        read_voice(Model(name="odd", path=tmp_path / "odd.onnx"))


def test_starter_voices_are_listed_when_nothing_else_is_there(store: PiperVoices):
    """The voice of the wanted language stands in, and it is known that it only does so."""
    catalogue = VoiceCatalogue(store, FABER)
    assert names(catalogue) == ["pt_BR-starter-low", "en_US-starter-low"]
    assert catalogue.lacks_wanted
    assert names(VoiceCatalogue(store, "en_US-amy-low"))[0] == "en_US-starter-low"
    assert not VoiceCatalogue(store, "en_US-starter-low").lacks_wanted


def test_voice_put_there_later_is_found_and_becomes_the_default(store: PiperVoices):
    """Neither a download nor a copy by hand needs a restart."""
    catalogue = VoiceCatalogue(store, FABER)
    catalogue.voices()
    write_speaker_voice(store.directory, FABER, {}, espeak={"voice": "pt-br"})
    assert names(catalogue) == [FABER, "pt_BR-starter-low", "en_US-starter-low"]
    assert not catalogue.lacks_wanted
    shutil.rmtree(store.directory)
    assert names(catalogue)[0] == "pt_BR-starter-low"


def test_unchanged_directory_is_not_read_again(store: PiperVoices):
    """Describing the server costs no file reads."""
    write_speaker_voice(store.directory, FABER, {})
    catalogue = VoiceCatalogue(store, FABER)
    assert catalogue.voices() is catalogue.voices()


def test_broken_voice_is_left_out(store: PiperVoices, caplog: pytest.LogCaptureFixture):
    """One bad file is logged and takes no other voice with it, not even as the wanted one."""
    write_speaker_voice(store.directory, FABER, {})
    write_speaker_voice(store.directory, "en_GB-alan-medium", {})
    (store.directory / f"{FABER}.onnx.json").write_text("{")
    with caplog.at_level(logging.WARNING):
        catalogue = VoiceCatalogue(store, FABER)
    assert names(catalogue) == ["pt_BR-starter-low", "en_GB-alan-medium", "en_US-starter-low"]
    assert f"Voice {FABER} is left out" in caplog.text


def test_voice_file_outside_the_directory(store: PiperVoices, tmp_path: Path):
    """A file given by path is listed under its own name and is the default."""
    path = write_speaker_voice(tmp_path / "else", "mine", {})
    assert names(VoiceCatalogue(store, str(path)))[0] == "mine"


def test_wanted_voice_that_makes_no_sense(store: PiperVoices):
    """A wrong name is an error at the start, not a silent stand-in."""
    with pytest.raises(UnknownModelError, match="faber"):
        VoiceCatalogue(store, "faber")
