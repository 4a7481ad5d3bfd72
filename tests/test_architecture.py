"""The rooms use no door but their own: imports are read, not believed."""

import re
from pathlib import Path

import pytest

from tests.rules import doors

ROOT = Path(__file__).parents[1]


def test_every_door_is_used_rightly() -> None:
    """No file imports what its room must not know."""
    assert doors.door_faults(ROOT) == []


def test_every_room_stands() -> None:
    """A row of the table that no file matches guards nothing."""
    paths = [
        path.relative_to(ROOT).as_posix()
        for source in doors.SOURCES
        for path in (ROOT / source).rglob("*.py")
    ]
    inhabited = {doors.room_of(path) for path in paths}
    assert [room.files for room in doors.ROOMS if room not in inhabited] == []


@pytest.mark.parametrize(
    ("path", "line", "fault"),
    [
        ("custom_components/jonh/agent/new.py", "import homeassistant", "homeassistant"),
        ("custom_components/jonh/agent/new.py", "import aiohttp", "aiohttp"),
        ("custom_components/jonh/agent/new.py", "import time", "time"),
        ("custom_components/jonh/agent/new.py", "from .. import providers", "jonh.providers"),
        ("custom_components/jonh/agent/new.py", "from ..const import DOMAIN", "jonh.const"),
        ("custom_components/jonh/agent/new.py", "x = datetime.now()", ".now()"),
        ("custom_components/jonh/agent/new.py", "x = open('x')", "open()"),
        ("custom_components/jonh/providers/groq.py", "import ollama", "ollama"),
        ("custom_components/jonh/providers/groq.py", "from .ollama import X", "providers.ollama"),
        ("custom_components/jonh/providers/ollama.py", "from ..agent import memory", "jonh.agent"),
        (
            "custom_components/jonh/providers/ollama.py",
            "import homeassistant.core",
            "homeassistant",
        ),
        ("custom_components/jonh/providers/failover.py", "from .groq import X", "providers.groq"),
        ("custom_components/jonh/providers/third.py", "import json", "no room"),
        ("custom_components/jonh/conversation.py", "import ollama", "ollama"),
        ("custom_components/jonh/conversation.py", "import wyoming_servers", "wyoming_servers"),
        ("custom_components/jonh/conversation.py", "import voluptuous as vol", "voluptuous"),
        ("wyoming_servers/server.py", "from .stt import engine", "stt.engine"),
        ("wyoming_servers/server.py", "import faster_whisper", "faster_whisper"),
        ("wyoming_servers/server.py", "from custom_components import jonh", "custom_components"),
        ("wyoming_servers/server.py", "import wyoming.server", "wyoming.server"),
        ("wyoming_servers/stt/protocol.py", "import asyncio", "asyncio"),
        ("wyoming_servers/stt/protocol.py", "from .engine import X", "stt.engine"),
        ("wyoming_servers/stt/endpoint.py", "from wyoming.event import Event", "wyoming"),
        ("wyoming_servers/stt/engine.py", "from wyoming.event import Event", "wyoming.event"),
        ("wyoming_servers/stt/engine.py", "from .protocol import X", "stt.protocol"),
        ("wyoming_servers/stt/__main__.py", "from ..tts import voices", "tts.voices"),
        ("wyoming_servers/tts/sentences.py", "import asyncio", "asyncio"),
        ("wyoming_servers/tts/sentences.py", "from wyoming.event import Event", "wyoming"),
        ("wyoming_servers/tts/engine.py", "import asyncio", "asyncio"),
        ("wyoming_servers/tts/__main__.py", "from wyoming_servers.stt import x", "stt"),
        ("wyoming_servers/tts/voices.py", "import piper", "piper"),
        ("wyoming_servers/audio/pcm.py", "import json", "no room"),
    ],
)
def test_a_wrong_door_is_found(path: str, line: str, fault: str, tmp_path: Path) -> None:
    """A file with one wrong line is named, and nothing else is."""
    (tmp_path / path).parent.mkdir(parents=True)
    for package in ("stt", "tts"):
        (tmp_path / "wyoming_servers" / package).mkdir(parents=True, exist_ok=True)
        for module in ("engine", "voices", "protocol"):
            (tmp_path / "wyoming_servers" / package / f"{module}.py").write_text("import json\n")
    (tmp_path / "custom_components" / "jonh" / "providers").mkdir(parents=True, exist_ok=True)
    (tmp_path / path).write_text(f"import dataclasses\n\n{line}\n")
    faults = doors.door_faults(tmp_path)
    assert len(faults) == 1
    assert faults[0].startswith(path)
    assert fault in faults[0]


def test_lazy_and_typing_imports_count(tmp_path: Path) -> None:
    """A door is a door inside a function and under TYPE_CHECKING too."""
    path = tmp_path / "wyoming_servers" / "stt" / "protocol.py"
    path.parent.mkdir(parents=True)
    path.write_text("def f():\n    import asyncio\nif TYPE_CHECKING:\n    from . import engine\n")
    path.with_name("engine.py").write_text("")
    assert [fault.split(":", 1)[1] for fault in doors.door_faults(tmp_path)] == [
        "2: must not import asyncio",
        "4: must not import wyoming_servers.stt.engine",
    ]


def test_every_room_is_on_the_map() -> None:
    """Whoever looks for a file finds its row in docs/architecture.md."""
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    named = set(re.findall(r"`([\w/]+)`", page))
    rooms = {
        path.relative_to(ROOT / source).with_suffix("").as_posix()
        for source in ("custom_components/jonh", "wyoming_servers")
        for path in (ROOT / source).rglob("*.py")
        if not path.stem.startswith("__")
    }
    assert sorted(rooms - named) == []
