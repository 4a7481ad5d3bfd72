"""The command line: what is refused before anything starts."""

import pytest

from demo.__main__ import DEFAULT_PORTS, _parse


def test_defaults_are_the_ports_everybody_knows() -> None:
    """Home Assistant's own port and those of Wyoming servers."""
    options = _parse([])

    assert (options.port, options.stt_port, options.tts_port) == (8123, 10300, 10200)
    assert DEFAULT_PORTS.url == "http://127.0.0.1:8123"
    assert options.say is None
    assert options.wav is None


@pytest.mark.parametrize(
    "arguments",
    [
        ["--port", "0"],
        ["--stt-port", "65536"],
        ["--tts-port", "http"],
        ["--say", "oi", "--wav", "file.wav"],
        ["--say", ""],
        ["--say", " ... "],
        ["--language", "de"],
        ["--models", "huge"],
        ["--unknown"],
    ],
    ids=lambda arguments: " ".join(arguments),
)
def test_what_makes_no_sense_is_refused(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """The exit code is that of a usage error, and the message names the flag."""
    with pytest.raises(SystemExit) as end:
        _parse(arguments)

    assert end.value.code == 2
    assert arguments[0].lstrip("-") in capsys.readouterr().err


def test_help_names_every_flag(capsys: pytest.CaptureFixture[str]) -> None:
    """The help is the reference of the command."""
    with pytest.raises(SystemExit) as end:
        _parse(["--help"])

    assert end.value.code == 0
    text = capsys.readouterr().out
    flags = "--say --wav --language --out --models --home --fresh --port --stt-port --tts-port"
    assert [flag for flag in flags.split() if flag not in text] == []
