"""What a server makes of models that are missing or damaged: F8, F9, F11."""

import asyncio
import contextlib
import shutil
import socket
import tempfile
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.resilience.rows import Figure, Trial
from benchmarks.resilience.sides import VOICE, WHISPER, ask, describe_s, fetch, ms, request
from benchmarks.servers import Subject, free_port, running
from tests.fakes.hub import FakeHub
from wyoming_servers.models import DEFAULT_VOICE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.resilience.sides import Side
    from benchmarks.servers import Running

_UP_BAR_S, _MORE_BAR_S = 2.0, 1.0
REPOSITORIES = {"stt": "Systran/faster-whisper-base", "tts": "rhasspy/piper-voices"}
_VOICE_ON_HUB = f"pt/pt_BR/faber/medium/{DEFAULT_VOICE}.onnx"
_WAIT_S = 60.0
_PEER_WAIT_S = 30.0


def trials() -> Sequence[Trial]:
    """Return the rows."""
    return [
        *(
            Trial(
                id="F8",
                what=f"{kind}: the model is missing and the hub refuses",
                bar=f"up <= {_UP_BAR_S:g} s, describes, says what is wrong or goes on with less",
                run=partial(missing_model, kind=kind),
            )
            for kind in ("stt", "tts")
        ),
        *(
            Trial(
                id="F9",
                what=f"{kind}: the model is on the disk and the hub swallows what it gets",
                bar=f"a result <= {_MORE_BAR_S:g} s later than without, the hub is never called",
                run=partial(swallowing_hub, kind=kind),
            )
            for kind in ("stt", "tts")
        ),
        *(
            Trial(
                id="F11",
                what=f"{kind}: a bit of the model flips on the disk",
                bar="noticed by its hash, put aside, fetched again, in use",
                run=partial(flipped_bit, kind=kind),
            )
            for kind in ("stt", "tts")
        ),
    ]


def wanting(side: Side, kind: str, folder: Path, hub_url: str, *flags: str) -> Subject:
    """Return a server that wants a real model, which may be in the folder."""
    plain = side.subject(kind)
    python = plain.command[0]
    if side.is_ours:
        where = {
            "stt": ("--model", "base", "--model-dir", str(folder)),
            "tts": ("--voice", DEFAULT_VOICE, "--voice-dir", str(folder)),
        }[kind]
        command = (python, "-m", f"wyoming_servers.{kind}", *where, "--hub-url", hub_url, *flags)
        return replace(plain, command=command)
    if kind == "stt":
        command = (python, "-m", "wyoming_faster_whisper", "--model", "base", "--compute-type")
        command = (*command, "int8", "--data-dir", str(folder))
        return replace(plain, command=command, environment=(("HF_ENDPOINT", hub_url),))
    command = (python, "-m", "wyoming_piper", "--voice", DEFAULT_VOICE, "--data-dir", str(folder))
    return replace(plain, command=command, environment=(("https_proxy", hub_url),))


def _put_model(side: Side, kind: str, folder: Path) -> Path:
    """Put the wanted model where the server looks for it; its largest file."""
    if kind == "tts":
        shutil.copyfile(VOICE, folder / f"{DEFAULT_VOICE}.onnx")
        shutil.copyfile(f"{VOICE}.json", folder / f"{DEFAULT_VOICE}.onnx.json")
        return folder / f"{DEFAULT_VOICE}.onnx"
    if side.is_ours:
        shutil.copytree(WHISPER, folder / "base")
        return folder / "base" / "model.bin"
    cache = folder / "models--Systran--faster-whisper-base"
    commit = "0" * 40
    (cache / "refs").mkdir(parents=True)
    (cache / "refs/main").write_text(commit)
    shutil.copytree(WHISPER, cache / "snapshots" / commit)
    return cache / "snapshots" / commit / "model.bin"


def on_hub(kind: str) -> dict[str, bytes]:
    """Return what the hub has of the wanted model."""
    if kind == "stt":
        return {path.name: path.read_bytes() for path in WHISPER.iterdir()}
    return {
        _VOICE_ON_HUB: VOICE.read_bytes(),
        f"{_VOICE_ON_HUB}.json": Path(f"{VOICE}.json").read_bytes(),
    }


async def missing_model(side: Side, kind: str) -> Figure:
    """Start without the model, with a hub that nobody serves."""
    port = free_port()
    flags = ("--http-port", str(port)) if side.is_ours else ()
    with tempfile.TemporaryDirectory() as name:
        subject = wanting(side, kind, Path(name), f"http://127.0.0.1:{free_port()}", *flags)
        try:
            async with asyncio.timeout(_PEER_WAIT_S), running(subject) as server:
                said = await ask(server.uri, request(kind))
                await describe_s(server.uri)
                ready = fetch(port, "/ready")[0] if side.is_ours else None
        except TimeoutError:
            return Figure(f"not up within {_PEER_WAIT_S:g} s", holds=False)
        except RuntimeError as err:
            return Figure(str(err).replace(server_of(err), "it"), holds=False)
    answer = said.code or ("a result" if said.is_result else "nothing")
    wanted = ("model-missing", 503) if kind == "stt" else ("a result", 200)
    return Figure(
        f"up after {server.start_s:.1f} s, a request gets {answer}, /ready {ready}",
        holds=server.start_s <= side.slack * _UP_BAR_S and (answer, ready) == wanted,
    )


def server_of(err: Exception) -> str:
    """Return the words for the server in a message of one that did not start."""
    return str(err).partition(" ended ")[0]


async def swallowing_hub(side: Side, kind: str) -> Figure:
    """Start with the model on the disk, and a hub that takes connections and never answers."""
    with (
        tempfile.TemporaryDirectory() as name,
        socket.create_server(("127.0.0.1", 0)) as hole,
    ):
        hole.settimeout(0.01)
        _put_model(side, kind, Path(name))
        url = f"http://127.0.0.1:{hole.getsockname()[1]}"
        try:
            async with asyncio.timeout(_PEER_WAIT_S):
                # The better of two: a machine that does other things is no fault of a server's.
                plain, cut_off = side.subject(kind), wanting(side, kind, Path(name), url)
                without_s = min([await _first_result(plain, kind) for _ in range(2)])
                with_s = min([await _first_result(cut_off, kind) for _ in range(2)])
        except TimeoutError:
            return Figure(f"no result within {_PEER_WAIT_S:g} s", holds=False)
        calls = 0
        with contextlib.suppress(TimeoutError):
            while True:
                hole.accept()[0].close()
                calls += 1
    figure = f"{with_s - without_s:+.1f} s ({without_s:.1f} s without), {calls} calls"
    return Figure(figure, holds=with_s - without_s <= side.slack * _MORE_BAR_S and not calls)


async def _first_result(subject: Subject, kind: str) -> float:
    begin_s = time.perf_counter()
    async with running(subject) as server:
        said = await ask(server.uri, request(kind))
        assert said.is_result, f"no result but {said.code or 'the end'}"
        return time.perf_counter() - begin_s


def under_final_names(folder: Path) -> list[Path]:
    """Return what an engine would take for a model."""
    return [path for path in folder.rglob("*") if path.suffix in {".bin", ".onnx"}]


async def until_in_use(server: Running, kind: str, folder: Path, content: bytes) -> bool:
    """Wait until the wanted model is whole on the disk and answers."""
    name = "model.bin" if kind == "stt" else f"{DEFAULT_VOICE}.onnx"

    def is_whole() -> bool:
        return any(path.read_bytes() == content for path in folder.rglob(name))

    try:
        await until(is_whole)
        async with asyncio.timeout(_WAIT_S):
            while not (await ask(server.uri, request(kind))).is_result:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
    except TimeoutError:
        return False
    return True


async def until(is_so: Callable[[], bool]) -> None:
    """Wait for what another process does."""
    async with asyncio.timeout(_WAIT_S):
        while not is_so():  # noqa: ASYNC110 - what happens is in another process
            await asyncio.sleep(0.02)


async def flipped_bit(side: Side, kind: str) -> Figure:
    """Flip a bit in the middle of a model that was fetched, and start again."""
    files = on_hub(kind)
    with (
        tempfile.TemporaryDirectory() as name,
        tempfile.TemporaryDirectory() as logs,
        FakeHub({REPOSITORIES[kind]: files}) as fake,
    ):
        folder, large = Path(name), max(files.values(), key=len)
        subject = wanting(side, kind, folder, fake.url)
        if side.is_ours:
            async with running(subject) as server:
                await until_in_use(server, kind, folder, large)
            path = under_final_names(folder)[0]
        else:
            path = _put_model(side, kind, folder)
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
        begin_s = time.perf_counter()
        async with running(subject, Path(logs)) as server:
            if not side.is_ours:
                said = await ask(server.uri, request(kind))
                return Figure(f"taken as it is, {said.last and said.last.type}", holds=False)
            is_healed = await until_in_use(server, kind, folder, large)
            took_s = time.perf_counter() - begin_s - server.start_s
        is_told = b"is damaged on the disk" in (Path(logs) / "log").read_bytes()
        is_aside = path.with_name(f"{path.name}.damaged").exists()
    if not is_healed:
        return Figure("taken as it is", holds=False)
    figure = f"healed {ms(took_s)} after the start" + (", told in the log" if is_told else "")
    return Figure(figure + (", put aside" if is_aside else ""), is_told and is_aside)
