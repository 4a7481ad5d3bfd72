"""The two servers and how they are started."""

import sys
from typing import TYPE_CHECKING, Self

from benchmarks import servers
from benchmarks.servers import Running, running

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["OURS", "PEER", "Running", "Subject", "running"]

PEER = "wyoming-piper"
OURS = "jonh-tts"


class Subject(servers.Subject):
    """A text-to-speech server as it is started."""

    __slots__ = ()

    @classmethod
    def ours(cls, voice: Path | str, *flags: str, name: str = OURS) -> Self:
        """Return our own server with its defaults and these flags."""
        command = (sys.executable, "-m", "wyoming_servers.tts", "--voice", str(voice))
        return cls(name=name, command=(*command, "--hub-url", "off", *flags))

    @classmethod
    def peer(cls, python: str, voice: Path, *flags: str, name: str = PEER) -> Self:
        """Return the peer with its defaults and a voice that its catalogue does not know.

        For such a voice it never uses the network.
        """
        command = (python, "-m", "wyoming_piper", "--voice", voice.stem)
        return cls(name=name, command=(*command, "--data-dir", str(voice.parent), *flags))
