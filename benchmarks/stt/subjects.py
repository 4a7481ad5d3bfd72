"""The two servers and how they are started."""

import sys
from pathlib import Path
from typing import Self

from benchmarks import servers
from benchmarks.servers import Running, running

__all__ = ["OURS", "PEER", "Running", "Subject", "running"]

PEER = "wyoming-faster-whisper"
OURS = "jonh-stt"


class Subject(servers.Subject):
    """A speech-to-text server as it is started."""

    __slots__ = ()

    @classmethod
    def ours(cls, model: Path | str, *flags: str, name: str = OURS) -> Self:
        """Return our own server with its defaults and these flags."""
        command = (sys.executable, "-m", "wyoming_servers.stt", "--model", str(model))
        return cls(name=name, command=(*command, "--hub-url", "off", *flags))

    @classmethod
    def peer(cls, python: str, model: Path | str, *flags: str, name: str = PEER) -> Self:
        """Return the peer with its defaults, as its add-on starts it: int8."""
        command = (python, "-m", "wyoming_faster_whisper", "--model", str(model))
        offline = ("--data-dir", str(Path(model).parent), "--local-files-only")
        return cls(name=name, command=(*command, *offline, "--compute-type", "int8", *flags))
