"""Flags, environment and defaults of both servers."""

import dataclasses
import importlib.util
from pathlib import Path

import pytest

from wyoming_servers.settings import Settings, SttSettings, TtsSettings

_BOTH = [SttSettings, TtsSettings]


def test_defaults() -> None:
    """Without flags and environment the servers listen on loopback only."""
    stt = SttSettings.read([], {})
    assert stt == SttSettings()
    assert stt.uri == "tcp://127.0.0.1:10300"
    assert stt.model == "base"
    assert TtsSettings.read([], {}).uri == "tcp://127.0.0.1:10200"


def test_flags_win_over_environment() -> None:
    """A flag beats JONH_STT_X, which beats the default; an empty variable is none."""
    environ = {"JONH_STT_MODEL": "tiny", "JONH_STT_BEAM_SIZE": "3", "JONH_STT_LANGUAGE": ""}
    stt = SttSettings.read(["--model", "small"], environ)
    assert (stt.model, stt.beam_size, stt.language) == ("small", 3, "auto")
    assert TtsSettings.read([], environ).voice == TtsSettings().voice


@pytest.mark.parametrize(
    ("environ", "arguments", "expected"),
    [
        ({}, [], "https://huggingface.co"),
        ({"HF_ENDPOINT": "http://mirror/"}, [], "http://mirror"),
        ({"HF_ENDPOINT": "http://mirror", "JONH_STT_HUB_URL": "https://own"}, [], "https://own"),
        ({"HF_ENDPOINT": "http://mirror"}, ["--hub-url", "off"], None),
    ],
    ids=["default", "mirror", "own", "off"],
)
def test_hub_url(environ: dict[str, str], arguments: list[str], expected: str | None) -> None:
    """The hub's usual variable is honoured, and `off` means no network at all."""
    assert SttSettings.read(arguments, environ).hub_url == expected


def test_switches() -> None:
    """A switch is on by its flag, or by a word in the environment."""
    assert SttSettings.read(["--raw-microphone"], {}).raw_microphone
    assert SttSettings.read([], {"JONH_STT_RAW_MICROPHONE": "yes"}).raw_microphone
    assert not SttSettings.read([], {"JONH_STT_RAW_MICROPHONE": "0"}).raw_microphone


@pytest.mark.parametrize(
    ("arguments", "name", "expected"),
    [
        (["--endpoint", "OFF"], "endpoint", "off"),
        (["--endpoint", "0.6"], "endpoint", 0.6),
        (["--keep-alive", "300"], "keep_alive", 300.0),
        (["--keep-alive", "-1"], "keep_alive", None),
        (["--keep-alive", "always"], "keep_alive", None),
        (["--languages", "pt, en-US"], "languages", ("pt", "en-US")),
        (["--languages", "all"], "languages", ()),
        (["--speculate", "0"], "speculate", 0.0),
        (["--context", "auto"], "context", "auto"),
        (["--names-file", "~/names"], "names_file", Path.home() / "names"),
        (["--preload", "fetch"], "preload", "fetch"),
    ],
)
def test_values_of_speech_to_text(arguments: list[str], name: str, expected: object) -> None:
    """Each value is read as what the server works with."""
    assert getattr(SttSettings.read(arguments, {}), name) == expected


def test_values_are_read_as_their_types() -> None:
    """Numbers are numbers, folders are paths, auto threads are 0."""
    arguments = ["--threads", "auto", "--model-dir", "~/models", "--max-seconds", "30"]
    stt = SttSettings.read([*arguments, "--http-port", "0"], {})
    assert stt.threads == 0
    assert stt.model_dir == Path.home() / "models"
    assert stt.max_seconds == 30.0
    assert stt.http_port == 0


@pytest.mark.parametrize(
    ("arguments", "environ", "words"),
    [
        (["--uri", "localhost:10300"], {}, ("--uri", "tcp://HOST:PORT")),
        (["--uri", "tcp://localhost"], {}, ("--uri", "tcp://HOST:PORT")),
        (["--uri", "tcp://localhost:99999"], {}, ("--uri", "tcp://HOST:PORT")),
        (["--uri", "unix://"], {}, ("--uri", "unix://PATH")),
        (["--threads", "0"], {}, ("--threads", "1 to 64")),
        (["--beam-size", "many"], {}, ("--beam-size", "'many'")),
        (["--max-seconds", "nan"], {}, ("--max-seconds", "600")),
        (["--device", "tpu"], {}, ("--device", "auto, cpu, cuda")),
        (["--language", "português"], {}, ("--language", "pt-BR")),
        (["--hub-url", "ftp://x"], {}, ("--hub-url", "off")),
        (["--zeroconf"], {}, ("--zeroconf", "0.0.0.0")),
        (["--nonsense"], {}, ("--nonsense",)),
        (["--mod", "tiny"], {}, ("--mod",)),
        ([], {"JONH_STT_HTTP_PORT": "http"}, ("JONH_STT_HTTP_PORT", "65535")),
        ([], {"JONH_STT_PRELOAD": "maybe"}, ("JONH_STT_PRELOAD", "disk, fetch, off")),
        ([], {"JONH_STT_ZEROCONF": "maybe"}, ("JONH_STT_ZEROCONF", "yes")),
        (["--endpoint", "soon"], {}, ("--endpoint", "auto nor off")),
        (["--endpoint", "99"], {}, ("--endpoint", "0.1 to 10")),
        (["--keep-alive", "-2"], {}, ("--keep-alive", "86400")),
        (["--languages", "pt,português"], {}, ("--languages", "'português'")),
        (["--context", "short"], {}, ("--context", "safe, auto, full")),
        (["--open-silence", "0.3"], {}, ("--finished-silence", "--open-silence")),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_wrong_values_are_one_line_and_status_2(
    arguments: list[str],
    environ: dict[str, str],
    words: tuple[str, ...],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The line names where the value came from and what is possible."""
    with pytest.raises(SystemExit) as end:
        SttSettings.read(arguments, environ)
    assert end.value.code == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert error.startswith("jonh-stt: ")
    assert all(word in error for word in words)


@pytest.mark.parametrize("kind", _BOTH)
def test_help_explains_every_setting(
    kind: type[Settings], capsys: pytest.CaptureFixture[str]
) -> None:
    """--help has each flag with its variable, and --version the version."""
    with pytest.raises(SystemExit) as end:
        kind.read(["--help"], {})
    assert end.value.code == 0
    text = capsys.readouterr().out
    for item in dataclasses.fields(kind):
        assert "--" + item.name.replace("_", "-") in text
        assert f"[{kind.program.replace('-', '_').upper()}_{item.name.upper()}]" in text
    with pytest.raises(SystemExit):
        kind.read(["--version"], {})
    assert capsys.readouterr().out.startswith(f"{kind.program} ")


def test_settings_are_frozen() -> None:
    """Nothing downstream can change a setting."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        SttSettings().beam_size = 2  # type: ignore[misc]


@pytest.mark.parametrize(
    ("arguments", "module"),
    [
        (["--http-port", "9300"], "prometheus_client"),
        (["--zeroconf", "--uri", "tcp://0.0.0.0:10300"], "zeroconf"),
    ],
    ids=["http", "zeroconf"],
)
def test_a_missing_extra_is_named(
    arguments: list[str],
    module: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A flag whose package is not installed says what to install."""
    SttSettings.read(arguments, {})
    monkeypatch.setattr(importlib.util, "find_spec", {}.get)
    with pytest.raises(SystemExit) as end:
        SttSettings.read(arguments, {})
    assert end.value.code == 2
    error = capsys.readouterr().err
    assert module in error
    assert "pip install 'jonh[" in error
