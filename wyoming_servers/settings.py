"""Settings of the servers: one frozen object each, read and checked once."""

import importlib.util
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import ClassVar, Self
from urllib.parse import urlsplit

from .hub import DEFAULT_HUB_URL
from .models import DEFAULT_VOICE
from .options import (
    SettingsError,
    as_endpoint,
    as_hub_url,
    as_keep_alive,
    as_language,
    as_languages,
    as_networks,
    as_number,
    as_one_of,
    as_path,
    as_switch,
    as_threads,
    as_uri,
    as_whole_number,
    option,
    read_options,
)

_DATA_DIRECTORY = Path(os.environ.get("XDG_DATA_HOME") or "~/.local/share").expanduser() / "jonh"
_MODEL_DIR = _DATA_DIRECTORY / "stt"
_VOICE_DIR = _DATA_DIRECTORY / "tts"
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What both servers share."""

    program: ClassVar[str]
    description: ClassVar[str]

    uri: str = option(
        "address to listen on: tcp://HOST:PORT (port 0: any free one) or unix://PATH",
        as_uri,
        default="",
    )
    http_port: int | None = option(
        "port of the status page, /health, /ready and /metrics on the same host, 0 for any free"
        " one (default: none)",
        as_whole_number(0, 65535),
        default=None,
    )
    http_clients: tuple[IPv4Network | IPv6Network, ...] = option(
        "addresses or networks that may use it beside this machine, such as 192.168.1.0/24, or all",
        as_networks,
        default=(),
    )
    zeroconf: bool = option(
        "let Home Assistant discover the server (mDNS)", as_switch, default=False
    )
    max_connections: int = option(
        "clients connected at the same time", as_whole_number(1, 4096), default=64
    )
    queue: int = option(
        "requests that may wait for their turn; more are refused as busy",
        as_whole_number(0, 1024),
        default=16,
    )
    threads: int = option(
        "CPU threads of the engine, or auto: one per physical core, at most 4",
        as_threads,
        default=0,
    )
    hub_url: str | None = option(
        "where models are fetched from, or off to never use the network",
        as_hub_url,
        default=DEFAULT_HUB_URL,
        also="HF_ENDPOINT",
    )
    preload: str = option(
        "what is loaded and warmed up before listening: disk (the best that is there), fetch"
        " (the wanted model, even if the hub keeps us waiting) or off (all on first use)",
        as_one_of("disk", "fetch", "off"),
        default="disk",
    )
    keep_alive: float | None = option(
        "seconds without speech after which the model leaves the memory, or always",
        as_keep_alive,
        default=None,
    )
    lame_duck: float = option(
        "seconds for which a server that was told to stop still takes new requests, so that a load"
        " balancer can turn elsewhere",
        as_number(0, 60),
        default=0.0,
    )
    log_level: str = option(
        "debug, info, warning or error",
        as_one_of("debug", "info", "warning", "error"),
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
        return read_options(cls, cls.program, cls.description, arguments, environ)


@dataclass(frozen=True, slots=True, kw_only=True)
class SttSettings(Settings):
    """Settings of jonh-stt."""

    program: ClassVar[str] = "jonh-stt"
    description: ClassVar[str] = "Wyoming speech-to-text server on faster-whisper."

    uri: str = option(
        "address to listen on: tcp://HOST:PORT (port 0: any free one) or unix://PATH",
        as_uri,
        default="tcp://127.0.0.1:10300",
    )
    model: str = option(
        "tiny, base, small, medium, large-v3, large-v3-turbo, starter, the folder of a"
        " CTranslate2 Whisper model, or a hub id",
        default="base",
    )
    model_dir: Path = option(  # noqa: RUF009 - a Path is immutable
        "directory that models are kept in", as_path, default=_MODEL_DIR
    )
    device: str = option(
        "cpu, cuda, or auto: cuda where there is one",
        as_one_of("auto", "cpu", "cuda"),
        default="auto",
    )
    compute_type: str = option(
        "number format such as int8 or float16, or auto: int8 on cpu, float16 on cuda",
        default="auto",
    )
    language: str = option(
        "language of clients that name none: auto, pt, pt-BR, en ...", as_language, default="auto"
    )
    languages: tuple[str, ...] = option(
        "languages that auto chooses among, such as pt,en, or all", as_languages, default=()
    )
    beam_size: int = option(
        "texts followed at once when decoding; more is slower, seldom better",
        as_whole_number(1, 20),
        default=1,
    )
    context: str = option(
        "sound that the model gets at once: safe (15 s, or more if needed), auto (8 s, or more"
        " if needed) or full (always 30 s)",
        as_one_of("safe", "auto", "full"),
        default="safe",
    )
    batch: int = option(
        "waiting utterances decoded together; more is quicker and takes more memory",
        as_whole_number(1, 16),
        default=2,
    )

    endpoint: str | float = option(
        "who decides when somebody has finished speaking: auto (the server, by the silence and"
        " the words), a number (the server, after so many seconds of silence) or off (the client)",
        as_endpoint,
        default="auto",
    )
    finished_silence: float = option(
        "seconds of silence after a whole command or sentence", as_number(0.1, 10), default=0.4
    )
    open_silence: float = option(
        "seconds of silence after words that may be all", as_number(0.1, 10), default=0.9
    )
    unfinished_silence: float = option(
        "seconds of silence in the middle of a sentence", as_number(0.1, 10), default=1.3
    )
    speculate: float = option(
        "seconds of silence after which the words are recognised in case they are all; 0 waits"
        " for the end",
        as_number(0, 10),
        default=0.25,
    )
    vad_threshold: float = option(
        "probability from which sound is taken for speech", as_number(0.05, 0.95), default=0.5
    )
    no_speech_seconds: float = option(
        "seconds in which somebody must begin to speak", as_number(1, 60), default=6.0
    )
    max_turn_seconds: float = option(
        "seconds after which a turn without a pause is over", as_number(1, 600), default=30.0
    )
    safety_silence: float = option(
        "seconds of silence that end a turn although the client should have",
        as_number(0.5, 60),
        default=2.0,
    )
    max_seconds: float = option(
        "seconds of sound after which an utterance is transcribed as it is",
        as_number(1, 600),
        default=120.0,
    )
    partial_seconds: float = option(
        "seconds of speech between two partial transcripts", as_number(0.3, 30), default=1.0
    )
    raw_microphone: bool = option(
        "ask satellites for sound without noise reduction and gain control",
        as_switch,
        default=False,
    )

    initial_prompt: str | None = option(
        "words the model should expect in every utterance", default=None
    )
    names_file: Path | None = option(  # noqa: RUF009 - a Path is immutable
        "file with names of rooms and devices to expect, one per line", as_path, default=None
    )
    data_dir: Path = option(  # noqa: RUF009 - a Path is immutable
        "directory that the names which clients bring are kept in", as_path, default=_MODEL_DIR
    )
    names_tokens: int = option(
        "room for words to expect, in tokens of the model; 0 for none",
        as_whole_number(0, 220),
        default=100,
    )

    def __post_init__(self) -> None:
        """Refuse what each value allows and their combination does not (SettingsError)."""
        super(SttSettings, self).__post_init__()
        if not self.finished_silence <= self.open_silence <= self.unfinished_silence:
            raise SettingsError(
                "--finished-silence must not be above --open-silence, nor that above"
                " --unfinished-silence"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class TtsSettings(Settings):
    """Settings of jonh-tts."""

    program: ClassVar[str] = "jonh-tts"
    description: ClassVar[str] = "Wyoming text-to-speech server on Piper."

    uri: str = option(
        "address to listen on: tcp://HOST:PORT (port 0: any free one) or unix://PATH",
        as_uri,
        default="tcp://127.0.0.1:10200",
    )
    voice: str = option(
        "voice of clients that name none: a name or the path of an .onnx file",
        default=DEFAULT_VOICE,
    )
    voice_dir: Path = option(  # noqa: RUF009 - a Path is immutable
        "directory that voices are kept in", as_path, default=_VOICE_DIR
    )
    max_chars: int = option("characters of one text", as_whole_number(1, 100_000), default=8000)
    length_scale: float | None = option(
        "duration of the speech, 1 is normal and 2 twice as long (default: the voice's)",
        as_number(0.1, 5),
        default=None,
    )
    noise_scale: float | None = option(
        "variation of the sound, 0 to 2 (default: the voice's)", as_number(0, 2), default=None
    )
    noise_w: float | None = option(
        "variation of the rhythm, 0 to 2 (default: the voice's)", as_number(0, 2), default=None
    )
    sentence_silence: float = option(
        "seconds of silence between sentences", as_number(0, 10), default=0.2
    )
    normalize: bool = option(
        "read numbers, units, times and abbreviations as words", as_switch, default=True
    )
    stream_vocoder: bool = option(
        "make the sound of a sentence in parts, the first one early; keeps a second copy of each"
        " voice in use on disk",
        as_switch,
        default=True,
    )
    cache_mb: int = option(
        "megabytes of sound kept in memory, so that what was said before costs nothing",
        as_whole_number(0, 4096),
        default=32,
    )
    cache_dir: Path | None = option(  # noqa: RUF009 - a Path is immutable
        "directory that as much of it is kept in across restarts (default: none)",
        as_path,
        default=None,
    )
    download: str | None = option(
        "fetch a voice of Piper's catalogue, and end (default: serve)", default=None
    )


def _require(flag: str, module: str, extra: str) -> None:
    if importlib.util.find_spec(module) is None:
        raise SettingsError(f"{flag} needs the package {module}: pip install '{extra}'")
