"""Settings of the servers: flags over environment over defaults, validated once, frozen."""

import argparse
import dataclasses
import importlib.util
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, NoReturn, Self, override
from urllib.parse import urlsplit

from . import __version__
from .hub import DEFAULT_HUB_URL
from .models import DEFAULT_VOICE

_DATA_DIRECTORY = Path(os.environ.get("XDG_DATA_HOME") or "~/.local/share").expanduser() / "jonh"
_MODEL_DIR = _DATA_DIRECTORY / "stt"
_VOICE_DIR = _DATA_DIRECTORY / "tts"
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class SettingsError(ValueError):
    """A value that cannot be used; the text is one line for a person."""


def option(
    text: str, parse: Callable[[str], Any] = str, *, default: Any, also: str | None = None
) -> Any:
    """Declare a setting: default, `--help` line, how to read it, one more variable it is in."""
    return dataclasses.field(default=default, metadata={"help": text, "parse": parse, "also": also})


def _number(
    low: float, high: float, kind: Callable[[str], float] = float
) -> Callable[[str], float]:
    def parse(text: str) -> float:
        try:
            value = kind(text)
        except ValueError:
            value = float("nan")
        if not low <= value <= high:
            raise SettingsError(f"{text!r} is no number from {low:g} to {high:g}")
        return value

    return parse


def _whole(low: int, high: int) -> Callable[[str], float]:
    return _number(low, high, int)


def _one_of(*choices: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text.lower() not in choices:
            raise SettingsError(f"{text!r} is none of {', '.join(choices)}")
        return text.lower()

    return parse


def _switch(text: str) -> bool:
    return _one_of("1", "0", "true", "false", "yes", "no", "on", "off")(text) in (
        "1",
        "true",
        "yes",
        "on",
    )


def _uri(text: str) -> str:
    try:
        parts = urlsplit(text)
        is_tcp = parts.scheme == "tcp" and bool(parts.hostname) and parts.port is not None
    except ValueError:
        is_tcp = False
    if not is_tcp and not re.fullmatch(r"unix://.+", text):
        raise SettingsError(f"{text!r} is neither tcp://HOST:PORT nor unix://PATH")
    return text


def _hub_url(text: str) -> str | None:
    if text.lower() == "off":
        return None
    if urlsplit(text).scheme not in ("http", "https"):
        raise SettingsError(f"{text!r} is neither an http(s) address nor off")
    return text.rstrip("/")


def _endpoint(text: str) -> str | float:
    if text.lower() in ("auto", "off"):
        return text.lower()
    try:
        return _number(0.1, 10)(text)
    except SettingsError as err:
        raise SettingsError(f"{err}, and neither auto nor off") from err


def _keep_alive(text: str) -> float | None:
    return None if text.lower() in ("always", "-1") else _number(0, 86_400)(text)


def _threads(text: str) -> int:
    return 0 if text.lower() == "auto" else int(_whole(1, 64)(text))


def _language(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{2,4}([-_][A-Za-z0-9]{2,4})?", text):
        raise SettingsError(f"{text!r} is no language such as pt-BR or en, and not auto")
    return text


def _languages(text: str) -> tuple[str, ...]:
    if text.lower() == "all":
        return ()
    return tuple(_language(part.strip()) for part in text.split(","))


def _path(text: str) -> Path:
    return Path(text).expanduser()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What both servers share."""

    program: ClassVar[str]
    description: ClassVar[str]

    uri: str = option(
        "address to listen on: tcp://HOST:PORT (port 0: any free one) or unix://PATH",
        _uri,
        default="",
    )
    http_port: int | None = option(
        "port for /health and /metrics on the same host, 0 for any free one (default: none)",
        _whole(0, 65535),
        default=None,
    )
    zeroconf: bool = option("let Home Assistant discover the server (mDNS)", _switch, default=False)
    max_connections: int = option("clients connected at the same time", _whole(1, 4096), default=64)
    queue: int = option(
        "requests that may wait for their turn; more are refused as busy",
        _whole(0, 1024),
        default=16,
    )
    threads: int = option(
        "CPU threads of the engine, or auto: one per physical core, at most 4", _threads, default=0
    )
    hub_url: str | None = option(
        "where models are fetched from, or off to never use the network",
        _hub_url,
        default=DEFAULT_HUB_URL,
        also="HF_ENDPOINT",
    )
    preload: str = option(
        "what is loaded and warmed up before listening: disk (the best that is there), fetch"
        " (the wanted model, even if the hub keeps us waiting) or off (all on first use)",
        _one_of("disk", "fetch", "off"),
        default="disk",
    )
    log_level: str = option(
        "debug, info, warning or error",
        _one_of("debug", "info", "warning", "error"),
        default="info",
    )

    def __post_init__(self) -> None:
        """Refuse what each value allows and their combination does not (SettingsError)."""
        if self.http_port is not None:
            _require("--http-port", "prometheus_client", "jonh[http]")
        if self.zeroconf:
            _require("--zeroconf", "zeroconf", "jonh[zeroconf]")
        if self.zeroconf and (urlsplit(self.uri).hostname or "localhost") in _LOOPBACK:
            raise SettingsError(
                "--zeroconf would announce an address that only this machine can reach;"
                " use it with --uri tcp://0.0.0.0:PORT"
            )

    @property
    def http_host(self) -> str:
        """The host of `uri`; loopback for a Unix socket."""
        return urlsplit(self.uri).hostname or "127.0.0.1"

    @classmethod
    def read(
        cls, arguments: Sequence[str] | None = None, environ: Mapping[str, str] | None = None
    ) -> Self:
        """Read flags, then environment, then defaults; exits with 2 and one line on error."""
        environ = os.environ if environ is None else environ
        parser = _Parser(prog=cls.program, description=cls.description, allow_abbrev=False)
        fields = dataclasses.fields(cls)
        for item in fields:
            _add_flag(parser, item, _variable(cls.program, item.name))
        parser.add_argument("--version", action="version", version=f"{cls.program} {__version__}")
        given = vars(parser.parse_args(arguments))
        try:
            values: dict[str, Any] = {}
            for item in fields:
                values |= _value(cls.program, item, given, environ)
            return cls(**values)
        except SettingsError as err:
            parser.error(str(err))


@dataclass(frozen=True, slots=True, kw_only=True)
class SttSettings(Settings):
    """Settings of jonh-stt."""

    program: ClassVar[str] = "jonh-stt"
    description: ClassVar[str] = "Wyoming speech-to-text server on faster-whisper."

    uri: str = option(
        "address to listen on: tcp://HOST:PORT (port 0: any free one) or unix://PATH",
        _uri,
        default="tcp://127.0.0.1:10300",
    )
    model: str = option(
        "tiny, base, small, medium, large-v3, large-v3-turbo, starter, the folder of a"
        " CTranslate2 Whisper model, or a hub id",
        default="base",
    )
    model_dir: Path = option(  # noqa: RUF009 - a Path is immutable
        "directory that models are kept in", _path, default=_MODEL_DIR
    )
    device: str = option(
        "cpu, cuda, or auto: cuda where there is one",
        _one_of("auto", "cpu", "cuda"),
        default="auto",
    )
    compute_type: str = option(
        "number format such as int8 or float16, or auto: int8 on cpu, float16 on cuda",
        default="auto",
    )
    language: str = option(
        "language of clients that name none: auto, pt, pt-BR, en ...", _language, default="auto"
    )
    languages: tuple[str, ...] = option(
        "languages that auto chooses among, such as pt,en, or all", _languages, default=()
    )
    beam_size: int = option(
        "texts followed at once when decoding; more is slower, seldom better",
        _whole(1, 20),
        default=1,
    )
    context: str = option(
        "sound that the model gets at once: safe (15 s, or more if needed), auto (8 s, or more"
        " if needed) or full (always 30 s)",
        _one_of("safe", "auto", "full"),
        default="safe",
    )
    batch: int = option("waiting utterances decoded together", _whole(1, 16), default=4)
    keep_alive: float | None = option(
        "seconds without speech after which the model leaves the memory, or always",
        _keep_alive,
        default=None,
    )

    endpoint: str | float = option(
        "who decides when somebody has finished speaking: auto (the server, by the silence and"
        " the words), a number (the server, after so many seconds of silence) or off (the client)",
        _endpoint,
        default="auto",
    )
    finished_silence: float = option(
        "seconds of silence after a whole command or sentence", _number(0.1, 10), default=0.4
    )
    open_silence: float = option(
        "seconds of silence after words that may be all", _number(0.1, 10), default=0.9
    )
    unfinished_silence: float = option(
        "seconds of silence in the middle of a sentence", _number(0.1, 10), default=1.3
    )
    speculate: float = option(
        "seconds of silence after which the words are recognised in case they are all; 0 waits"
        " for the end",
        _number(0, 10),
        default=0.25,
    )
    vad_threshold: float = option(
        "probability from which sound is taken for speech", _number(0.05, 0.95), default=0.5
    )
    no_speech_seconds: float = option(
        "seconds in which somebody must begin to speak", _number(1, 60), default=6.0
    )
    max_turn_seconds: float = option(
        "seconds after which a turn without a pause is over", _number(1, 600), default=30.0
    )
    safety_silence: float = option(
        "seconds of silence that end a turn although the client should have",
        _number(0.5, 60),
        default=2.0,
    )
    max_seconds: float = option(
        "seconds of sound after which an utterance is transcribed as it is",
        _number(1, 600),
        default=120.0,
    )
    partial_seconds: float = option(
        "seconds of speech between two partial transcripts", _number(0.3, 30), default=1.0
    )
    raw_microphone: bool = option(
        "ask satellites for sound without noise reduction and gain control",
        _switch,
        default=False,
    )

    initial_prompt: str | None = option(
        "words the model should expect in every utterance", default=None
    )
    names_file: Path | None = option(  # noqa: RUF009 - a Path is immutable
        "file with names of rooms and devices to expect, one per line", _path, default=None
    )
    supervisor_names: bool = option(
        "learn those names from Home Assistant (in an add-on)", _switch, default=False
    )
    names_tokens: int = option(
        "room for words to expect, in tokens of the model; 0 for none", _whole(0, 220), default=100
    )

    def __post_init__(self) -> None:
        """Refuse what each value allows and their combination does not (SettingsError)."""
        super(SttSettings, self).__post_init__()
        if not self.finished_silence <= self.open_silence <= self.unfinished_silence:
            raise SettingsError(
                "--finished-silence must not be above --open-silence, nor that above"
                " --unfinished-silence"
            )
        if self.supervisor_names:
            _require("--supervisor-names", "aiohttp", "jonh[names]")


@dataclass(frozen=True, slots=True, kw_only=True)
class TtsSettings(Settings):
    """Settings of jonh-tts."""

    program: ClassVar[str] = "jonh-tts"
    description: ClassVar[str] = "Wyoming text-to-speech server on Piper."

    uri: str = option(
        "address to listen on: tcp://HOST:PORT (port 0: any free one) or unix://PATH",
        _uri,
        default="tcp://127.0.0.1:10200",
    )
    voice: str = option(
        "voice of clients that name none: a name or the path of an .onnx file",
        default=DEFAULT_VOICE,
    )
    voice_dir: Path = option(  # noqa: RUF009 - a Path is immutable
        "directory that voices are kept in", _path, default=_VOICE_DIR
    )
    max_chars: int = option("characters of one text", _whole(1, 100_000), default=8000)
    length_scale: float | None = option(
        "duration of the speech, 1 is normal and 2 twice as long (default: the voice's)",
        _number(0.1, 5),
        default=None,
    )
    noise_scale: float | None = option(
        "variation of the sound, 0 to 2 (default: the voice's)", _number(0, 2), default=None
    )
    noise_w: float | None = option(
        "variation of the rhythm, 0 to 2 (default: the voice's)", _number(0, 2), default=None
    )
    sentence_silence: float = option(
        "seconds of silence between sentences", _number(0, 10), default=0.2
    )


def _require(flag: str, module: str, extra: str) -> None:
    if importlib.util.find_spec(module) is None:
        raise SettingsError(f"{flag} needs the package {module}: pip install '{extra}'")


class _Parser(argparse.ArgumentParser):
    @override
    def error(self, message: str) -> NoReturn:
        """Say one line; the usage of fifteen flags would bury it."""
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


def _add_flag(parser: argparse.ArgumentParser, item: dataclasses.Field[Any], variable: str) -> None:
    default = _SHOWN.get(item.name, item.default)
    shown = "" if default is None or default is False else f" (default: {default})"
    text = f"{item.metadata['help']}{shown} [{variable}]".replace("%", "%%")
    if item.default is False:
        parser.add_argument(_flag(item.name), action="store_const", const="true", help=text)
    else:
        parser.add_argument(_flag(item.name), metavar="VALUE", help=text)


def _value(
    program: str, item: dataclasses.Field[Any], given: Mapping[str, Any], environ: Mapping[str, str]
) -> dict[str, Any]:
    """Read one setting from the first of its sources that has it; empty when none does."""
    sources = [(_flag(item.name), given[item.name])]
    variables = (_variable(program, item.name), item.metadata["also"])
    sources += [(name, environ.get(name) or None) for name in variables if name is not None]
    for source, text in sources:
        if text is not None:
            try:
                return {item.name: item.metadata["parse"](text)}
            except SettingsError as err:
                raise SettingsError(f"{source}: {err}") from err
    return {}


# Defaults that are written otherwise than they are kept.
_SHOWN = {"threads": "auto", "languages": "all", "keep_alive": "always"}


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")


def _variable(program: str, name: str) -> str:
    return f"{program}_{name}".replace("-", "_").upper()
