"""Which room may import what: the doors that docs/architecture.md draws.

A file belongs to the first room whose pattern matches. The standard library is open to every
room but for what `never` names; anything else has to be in `may`. Names stand for themselves
and for what lies below them.
"""

import ast
import sys
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

JONH = "custom_components.jonh"
SERVERS = "wyoming_servers"
# Folders that hold rooms; everything else (tests, tools, demo) may look into all of them.
SOURCES = ("custom_components", "wyoming_servers")

WALL_CLOCK = frozenset({"now", "utcnow", "today"})
"""Methods of `date` and `datetime` that read the clock."""
SOCKETS = ("asyncio", "ftplib", "http", "selectors", "smtplib", "socket", "ssl", "urllib.request")
IO = (*SOCKETS, "multiprocessing", "os", "shutil", "sqlite3", "subprocess", "tempfile", "threading")


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """One row of the table of doors."""

    files: tuple[str, ...]
    """Patterns of paths from the root; `*` stops at no slash, so the narrow rooms stand first."""
    may: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    is_pure: bool = False
    """No files, no wall clock: whoever calls passes the time in."""


ROOMS = (
    # --- the library inside the integration: no Home Assistant, no I/O, clocks passed in
    Room(
        files=("custom_components/jonh/agent/**",),
        may=(f"{JONH}.agent", f"{JONH}.providers.base"),
        never=(*IO, "time"),
        is_pure=True,
    ),
    # --- providers: the official clients, each in one file, behind one Protocol
    Room(files=("custom_components/jonh/providers/errors.py",)),
    Room(
        files=("custom_components/jonh/providers/base.py",),
        may=(f"{JONH}.providers.errors",),
    ),
    Room(
        files=("custom_components/jonh/providers/ollama.py",),
        may=(
            "httpx",
            "ollama",
            f"{JONH}.providers.base",
            f"{JONH}.providers.deadlines",
            f"{JONH}.providers.ollama_wire",
        ),
    ),
    Room(
        files=("custom_components/jonh/providers/groq.py",),
        may=(
            "groq",
            "httpx",
            f"{JONH}.providers.base",
            f"{JONH}.providers.deadlines",
            f"{JONH}.providers.groq_wire",
            f"{JONH}.providers.prices",
            f"{JONH}.providers.quota",
        ),
    ),
    Room(
        files=("custom_components/jonh/providers/failover.py",),
        may=(f"{JONH}.providers.base", f"{JONH}.providers.breaker"),
    ),
    Room(
        files=("custom_components/jonh/providers/groq_wire.py",),
        may=(
            "groq",
            f"{JONH}.providers.base",
            f"{JONH}.providers.quota",
            f"{JONH}.providers.service_text",
        ),
        never=(*IO, "time"),
        is_pure=True,
    ),
    Room(
        files=("custom_components/jonh/providers/deadlines.py",),
        may=(f"{JONH}.providers.base",),
    ),
    Room(
        files=(
            "custom_components/jonh/providers/breaker.py",
            "custom_components/jonh/providers/prices.py",
            "custom_components/jonh/providers/quota.py",
        ),
        may=(f"{JONH}.providers.base",),
        never=(*IO, "time"),
        is_pure=True,
    ),
    Room(
        files=("custom_components/jonh/providers/ollama_wire.py",),
        may=(f"{JONH}.providers.base", f"{JONH}.providers.service_text"),
        never=(*IO, "time"),
        is_pure=True,
    ),
    Room(
        files=("custom_components/jonh/providers/service_text.py",),
        never=(*IO, "time"),
        is_pure=True,
    ),
    Room(
        files=("custom_components/jonh/providers/__init__.py",),
        may=(f"{JONH}.providers",),
    ),
    # --- the rules of a call: as pure as the agent's
    Room(
        files=(
            "custom_components/jonh/call.py",
            "custom_components/jonh/call_answer.py",
            "custom_components/jonh/call_commands.py",
            "custom_components/jonh/call_line.py",
            "custom_components/jonh/call_rules.py",
            "custom_components/jonh/call_words.py",
        ),
        may=(
            f"{JONH}.agent.languages",
            f"{JONH}.agent.words",
            f"{JONH}.call_answer",
            f"{JONH}.call_commands",
            f"{JONH}.call_line",
            f"{JONH}.call_rules",
            f"{JONH}.call_words",
        ),
        never=(*IO, "time"),
        is_pure=True,
    ),
    # It waits for sound, and for nothing else.
    Room(
        files=("custom_components/jonh/call_audio.py",),
        never=("socket", "time", "threading"),
        is_pure=True,
    ),
    # --- the rooms of Home Assistant
    Room(
        files=("custom_components/jonh/call_session.py",),
        may=("homeassistant", "pymicro_vad", JONH),
    ),
    Room(
        files=("custom_components/jonh/call_api.py",),
        may=("aiohttp", "homeassistant", "probatio", JONH),
    ),
    Room(
        files=("custom_components/jonh/recordings.py",),
        may=("audioop", "homeassistant", JONH),
    ),
    Room(
        files=("custom_components/jonh/local_intents.py",),
        may=("hassil", "homeassistant", JONH),
    ),
    Room(
        files=(
            "custom_components/jonh/speech_input.py",
            "custom_components/jonh/speech_names.py",
        ),
        may=("homeassistant", "wyoming", JONH),
        never=("wyoming.server",),
    ),
    Room(
        files=("custom_components/jonh/rate_limit.py",),
        never=(*IO, "time"),
        is_pure=True,
    ),
    Room(
        files=("custom_components/jonh/http_audio.py",),
        may=("audioop",),
        never=(*IO, "time"),
        is_pure=True,
    ),
    Room(
        files=(
            "custom_components/jonh/http.py",
            "custom_components/jonh/http_*.py",
        ),
        may=("aiohttp", "homeassistant", JONH),
    ),
    Room(
        files=(
            "custom_components/jonh/*.py",
            "custom_components/jonh/actions/*.py",
            "custom_components/jonh/tools/*.py",
        ),
        may=("homeassistant", "httpx", "probatio", JONH),
    ),
    # --- speech servers: pure protocols and rules
    Room(
        files=(
            "wyoming_servers/stt/ending.py",
            "wyoming_servers/stt/ending_words.py",
            "wyoming_servers/stt/endpoint.py",
            "wyoming_servers/stt/languages.py",
            "wyoming_servers/stt/partials.py",
        ),
        may=(
            f"{SERVERS}.audio",
            f"{SERVERS}.stt.ending",
            f"{SERVERS}.stt.ending_words",
        ),
        never=(*IO, "time"),
        is_pure=True,
    ),
    Room(
        files=("wyoming_servers/stt/protocol.py", "wyoming_servers/stt/turn.py"),
        may=(
            "numpy",
            "wyoming",
            f"{SERVERS}.audio",
            f"{SERVERS}.protocol",
            f"{SERVERS}.stt.ending",
            f"{SERVERS}.stt.endpoint",
            f"{SERVERS}.stt.languages",
            f"{SERVERS}.stt.partials",
            f"{SERVERS}.stt.turn",
        ),
        never=(*IO, "time", "wyoming.client", "wyoming.server"),
        is_pure=True,
    ),
    Room(
        files=("wyoming_servers/tts/protocol.py",),
        may=(
            "wyoming",
            f"{SERVERS}.__version__",
            f"{SERVERS}.protocol",
            f"{SERVERS}.tts.metrics",
            f"{SERVERS}.tts.sentences",
            f"{SERVERS}.tts.voices",
        ),
        never=(*IO, "time", "wyoming.client", "wyoming.server"),
        is_pure=True,
    ),
    Room(
        files=("wyoming_servers/tts/sentences.py",),
        never=(*IO, "time"),
        is_pure=True,
    ),
    Room(
        files=("wyoming_servers/tts/normalize/*.py",),
        may=("num2words", f"{SERVERS}.tts.normalize"),
        never=(*IO, "time"),
        is_pure=True,
    ),
    Room(
        files=("wyoming_servers/tts/loudness.py",),
        may=("numpy",),
        never=(*IO, "time"),
        is_pure=True,
    ),
    Room(
        files=(
            "wyoming_servers/stt/attempt.py",
            "wyoming_servers/stt/context.py",
            "wyoming_servers/stt/phantoms.py",
        ),
        may=("numpy", f"{SERVERS}.audio", f"{SERVERS}.stt.phantoms"),
        never=(*IO, "time"),
        is_pure=True,
    ),
    # --- speech servers: the engines, each the only importer of its library
    Room(
        files=(
            "wyoming_servers/stt/engine.py",
            "wyoming_servers/stt/decoding.py",
            "wyoming_servers/stt/vocabulary.py",
        ),
        may=("ctranslate2", "faster_whisper", "numpy", "tokenizers", SERVERS),
        never=("asyncio", f"{SERVERS}.server", f"{SERVERS}.stt.protocol", f"{SERVERS}.tts"),
    ),
    Room(
        files=("wyoming_servers/stt/detector.py",),
        may=("faster_whisper", "numpy", "onnxruntime", f"{SERVERS}.audio", f"{SERVERS}.stt"),
        never=("asyncio", f"{SERVERS}.stt.protocol"),
    ),
    Room(
        files=("wyoming_servers/stt/supervisor_names.py",),
        may=("aiohttp",),
        never=("wyoming", f"{SERVERS}.stt"),
    ),
    Room(
        files=("wyoming_servers/stt/prometheus.py",),
        may=("prometheus_client", f"{SERVERS}.stt"),
        never=("asyncio", f"{SERVERS}.stt.engine"),
    ),
    Room(
        files=("wyoming_servers/tts/engine.py",),
        may=("numpy", "piper", SERVERS),
        never=("asyncio", f"{SERVERS}.server", f"{SERVERS}.stt", f"{SERVERS}.tts.protocol"),
    ),
    Room(
        files=("wyoming_servers/tts/networks.py",),
        may=("numpy", "onnxruntime", f"{SERVERS}.cancellation", f"{SERVERS}.tts.cutting"),
        never=("asyncio",),
    ),
    Room(
        files=("wyoming_servers/tts/cutting.py",),
        may=("numpy", "onnx", "onnxruntime"),
        never=("asyncio",),
    ),
    Room(
        files=("wyoming_servers/tts/prometheus.py",),
        may=("prometheus_client", f"{SERVERS}.tts"),
        never=("asyncio", f"{SERVERS}.tts.engine"),
    ),
    # --- speech servers: each program joins its own rooms
    Room(files=("wyoming_servers/stt/*.py",), may=(SERVERS, "wyoming"), never=(f"{SERVERS}.tts",)),
    Room(files=("wyoming_servers/tts/*.py",), may=(SERVERS, "wyoming"), never=(f"{SERVERS}.stt",)),
    # --- what both programs share
    Room(
        files=("wyoming_servers/protocol.py",),
        may=("wyoming.event", f"{SERVERS}.cancellation"),
        never=(*IO, "time"),
        is_pure=True,
    ),
    Room(files=("wyoming_servers/preflight.py",)),
    Room(
        files=("wyoming_servers/*.py",),
        may=("numpy", "prometheus_client", "wyoming", "zeroconf", SERVERS),
        never=("wyoming.client", "wyoming.server", f"{SERVERS}.stt", f"{SERVERS}.tts"),
    ),
)


def door_faults(root: Path) -> list[str]:
    """Return every import, clock and file that a room must not use; none means the doors hold."""
    paths = [path for source in SOURCES for path in sorted((root / source).rglob("*.py"))]
    return [
        f"{path.relative_to(root)}:{fault}"
        for path in paths
        for fault in _file_faults(path, path.relative_to(root).as_posix(), root)
    ]


def room_of(path: str) -> Room | None:
    """Return the room of a file, given by its path from the root."""
    for room in ROOMS:
        if any(PurePosixPath(path).full_match(pattern) for pattern in room.files):
            return room
    return None


def _file_faults(path: Path, name: str, root: Path) -> Iterator[str]:
    room = room_of(name)
    if room is None:
        yield "1: belongs to no room"
        return
    tree = ast.parse(path.read_text("utf-8"))
    package = list(path.relative_to(root).with_suffix("").parts[:-1])
    for node in ast.walk(tree):
        for module in _imported(node, package, root):
            if not _may_import(room, module):
                yield f"{node.lineno}: must not import {module}"  # type: ignore[attr-defined]
        if room.is_pure and isinstance(node, ast.Call):
            yield from _impure_calls(node)


def _imported(node: ast.AST, package: list[str], root: Path) -> Iterator[str]:
    """Yield full names of imported modules; a name of a package that is a module itself counts."""
    if isinstance(node, ast.Import):
        yield from (name.name for name in node.names)
    elif isinstance(node, ast.ImportFrom):
        above = package[: len(package) - node.level + 1] if node.level else []
        module = ".".join([*above, *(node.module.split(".") if node.module else [])])
        folder = root.joinpath(*module.split("."))
        for name in node.names:
            is_module = (folder / name.name).is_dir() or (folder / f"{name.name}.py").is_file()
            yield f"{module}.{name.name}" if is_module or module == SERVERS else module


def _may_import(room: Room, module: str) -> bool:
    if _is_below(module, room.never):
        return False
    return module.split(".")[0] in sys.stdlib_module_names or _is_below(module, room.may)


def _is_below(module: str, names: tuple[str, ...]) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in names)


def _impure_calls(node: ast.Call) -> Iterator[str]:
    if isinstance(node.func, ast.Name) and node.func.id in {"open", "print", "input"}:
        yield f"{node.lineno}: must not call {node.func.id}()"
    if isinstance(node.func, ast.Attribute) and node.func.attr in WALL_CLOCK:
        yield f"{node.lineno}: must not read the clock with .{node.func.attr}()"
