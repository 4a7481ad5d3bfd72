"""The entry point of the images: what it starts, with which settings, and who holds the token."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from wyoming_servers.container import OptionError, Plan, as_user, make_plan, read_options
from wyoming_servers.settings import SttSettings, TtsSettings

_ROOT = Path(__file__).parents[2]
_TOKEN = "opens-the-whole-house"
_IMAGE = {
    "PATH": "/usr/bin",
    "JONH_STT_URI": "tcp://0.0.0.0:10300",
    "JONH_TTS_URI": "tcp://0.0.0.0:10200",
}
_ADD_ON = {**_IMAGE, "SUPERVISOR_TOKEN": _TOKEN, "HASSIO_TOKEN": _TOKEN}
_STT_OPTIONS = {
    "model": "base",
    "language": "auto",
    "endpoint": "auto",
    "names": False,
    "log_level": "info",
}
_TTS_OPTIONS = {"voice": "pt_BR-faber-medium", "speed": 1.0, "log_level": "info"}


def _plan(program: str, **options: Any) -> Plan:
    defaults = _STT_OPTIONS if program == "stt" else _TTS_OPTIONS
    return make_plan(program, _ADD_ON, {**defaults, **options}, "a0d7b954-jonh")


def _modules(plan: Plan) -> list[tuple[str, ...]]:
    return [helper[2:] for helper in plan.helpers]


def test_options_become_settings() -> None:
    """The server reads what the person chose, by its own rules."""
    plan = _plan("stt", model="small", language="pt-BR", languages="pt, en", endpoint="0.7")
    settings = SttSettings.read([], plan.environment)
    assert (settings.model, settings.language, settings.endpoint) == ("small", "pt-BR", 0.7)
    assert settings.languages == ("pt", "en")
    assert settings.uri == "tcp://0.0.0.0:10300"


def test_options_of_the_voice_become_settings() -> None:
    """Twice as fast is half as long; the voice's own speed stays the voice's."""
    plan = _plan("tts", voice="en_US-lessac-medium", speed=2, sentence_silence=0.5)
    settings = TtsSettings.read([], plan.environment)
    assert (settings.voice, settings.length_scale) == ("en_US-lessac-medium", 0.5)
    assert settings.sentence_silence == 0.5
    assert TtsSettings.read([], _plan("tts").environment).length_scale is None


@pytest.mark.parametrize("custom", ["Systran/faster-whisper-base.en", "/share/my-model"])
def test_a_model_of_ones_own_wins(custom: str) -> None:
    """Over the one that is chosen from the list, whichever comes first in the file."""
    plan = make_plan("stt", _ADD_ON, {"custom_model": custom, **_STT_OPTIONS}, "x")
    assert plan.environment["JONH_STT_MODEL"] == custom


def test_an_empty_option_is_none() -> None:
    """A form that was emptied leaves the default."""
    plan = _plan("stt", custom_model="", languages=None)
    assert plan.environment["JONH_STT_MODEL"] == "base"
    assert "JONH_STT_LANGUAGES" not in plan.environment


def test_every_option_of_the_add_ons_is_read() -> None:
    """What config.yaml offers does something, and its defaults start the server."""
    yaml = pytest.importorskip("yaml")
    for program in ("stt", "tts"):
        path = _ROOT / "addons" / f"jonh_{program}" / "config.yaml"
        config = yaml.safe_load(path.read_text("utf-8"))
        before = dict(make_plan(program, _ADD_ON, config["options"], "x").environment)
        kind = SttSettings if program == "stt" else TtsSettings
        kind.read([], before)
        changed = {
            "model": "tiny", "custom_model": "a/b", "language": "pt", "languages": "pt,en",
            "endpoint": "off", "names": True, "voice": "en_US-lessac-medium", "speed": 1.5,
            "sentence_silence": 1, "log_level": "debug",
        }  # fmt: skip
        for option in config["schema"]:
            options = {**config["options"], option: changed[option]}
            plan = make_plan(program, _ADD_ON, options, "x")
            assert plan.environment != before or len(plan.helpers) == 2, option


@pytest.mark.parametrize(
    ("program", "option", "value", "reason"),
    [
        ("stt", "language", "klingonisch!", "klingonisch!"),
        ("stt", "endpoint", "soon", "neither auto nor off"),
        ("stt", "log_level", "loud", "none of debug"),
        ("stt", "model", ["base"], "neither a text nor a number"),
        ("tts", "speed", 0, "no speed"),
        ("tts", "speed", "fast", "no speed"),
        ("tts", "speed", 100, "no number from 0.1 to 5"),
        ("tts", "sentence_silence", -1, "no number from 0 to 10"),
    ],
)
def test_a_bad_option_is_told_in_one_line(
    program: str, option: str, value: object, reason: str
) -> None:
    """The line names the option as the form does, and what is wrong."""
    with pytest.raises(OptionError) as caught:
        _plan(program, **{option: value})
    text = str(caught.value)
    assert text.startswith(f"the option {option} cannot be used: ")
    assert reason in text
    assert "\n" not in text


def test_an_unknown_option_does_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """One that an older version had does not keep the add-on from starting."""
    plan = _plan("stt", beam_size=5, colour="red")
    assert "The option colour is not known" in caplog.text
    assert "red" not in plan.environment.values()


def test_the_server_gets_no_token() -> None:
    """Neither under its name nor the old one, nor its value under any other."""
    for program in ("stt", "tts"):
        environment = _plan(program, names=True).environment
        assert _TOKEN not in environment.values()
        assert not {"SUPERVISOR_TOKEN", "HASSIO_TOKEN"} & set(environment)


def test_ingress_alone_reaches_the_status_page() -> None:
    """Everybody else in the Supervisor's network would come without a login."""
    assert [
        str(network) for network in SttSettings.read([], _plan("stt").environment).http_clients
    ] == ["172.30.32.2/32"]
    # In compose and Kubernetes, whoever may is said there.
    assert SttSettings.read([], make_plan("stt", _IMAGE).environment).http_clients == ()


def test_helpers_are_what_the_options_need() -> None:
    """Discovery always; names only where they are asked for; nothing outside an add-on."""
    discovery = (
        "wyoming_servers.supervisor_discovery",
        "tcp://127.0.0.1:10300",
        "tcp://a0d7b954-jonh:10300",
    )
    assert _modules(_plan("stt")) == [discovery]
    names = ("wyoming_servers.stt.names_courier", "tcp://127.0.0.1:10300")
    assert _modules(_plan("stt", names=True)) == [discovery, names]
    assert [module for module, *_ in _modules(_plan("tts", names=True))] == [discovery[0]]
    assert make_plan("stt", _IMAGE).helpers == ()
    assert make_plan("stt", _IMAGE, _STT_OPTIONS).helpers == ()


def test_without_options_the_environment_decides() -> None:
    """As in compose: what is set there reaches the server as it is."""
    environ = {**_IMAGE, "JONH_STT_MODEL": "tiny"}
    plan = make_plan("stt", environ)
    assert (plan.environment, plan.helpers) == (environ, ())


@pytest.mark.parametrize("content", ["{", "[]", "\xff"])
def test_broken_options_are_told(tmp_path: Path, content: str) -> None:
    """A file that is cut or no object is an error that names it."""
    path = tmp_path / "options.json"
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises(OptionError, match=r"options\.json"):
        read_options(path)


def test_options_are_read(tmp_path: Path) -> None:
    """None where there is no file: this is no add-on."""
    path = tmp_path / "options.json"
    assert read_options(path) is None
    path.write_text('{"model": "base"}', encoding="utf-8")
    assert read_options(path) == {"model": "base"}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_who_runs_the_server_has_no_rights() -> None:
    """User, groups and every set of capabilities, as the kernel tells them."""
    command = as_user(1000, ["cat", "/proc/self/status"])
    status = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    values = dict(line.split(":", 1) for line in status.splitlines())
    assert values["Uid"].split() == ["1000"] * 4
    assert values["Gid"].split() == ["1000"] * 4
    assert values["Groups"].split() == []
    assert values["NoNewPrivs"].strip() == "1"
    for kind in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(values[kind], 16) == 0, kind


@pytest.mark.skipif(os.geteuid() == 0, reason="as root the user is changed: tests/images runs that")
def test_as_any_other_user_the_server_is_started_as_it_is() -> None:
    """A wrong setting is the server's own to tell, and its status the container's."""
    run = subprocess.run(
        [sys.executable, "-m", "wyoming_servers.container", "tts"],
        env={"JONH_TTS_URI": "nowhere"},
        cwd=_ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert (run.returncode, run.stderr.count("\n")) == (2, 1)
    assert "nowhere" in run.stderr
