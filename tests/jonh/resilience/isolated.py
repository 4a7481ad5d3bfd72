"""A house on an island: no network but itself, or a disk that is full; run inside `unshare`.

Prints one JSON object with what was seen. See test_islands.py.
"""

import argparse
import asyncio
import fcntl
import ipaddress
import json
import logging
import os
import socket
import struct
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from homeassistant.components.assist_pipeline import async_get_pipeline, async_update_pipeline
from homeassistant.core import Context
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry, flush_store

from benchmarks.agent.agents import Agent, jonh_ollama
from benchmarks.agent.faults import HOUSE
from benchmarks.agent.houses import House, open_house
from custom_components.jonh.store import ARCHIVE, STORAGE_KEY
from custom_components.jonh.turn import async_run_turn
from custom_components.jonh.turn_updates import TurnRequest
from tests.fakes.speech import spoken
from tests.jonh.speech_servers import both_running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1
SAID = "girassol"
"""Stands in every request, and in every answer."""
SOUND = (b"RIFF", b"OggS", b"ID3", b"fLaC")
MDNS = "224.0.0.251"
"""Where Home Assistant looks for devices in the house; nothing routes it out of there."""
SPOKEN = "acenda a luz da sala"


def bring_loopback_up() -> None:
    """Let this process reach itself, which a new network cannot."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        request = struct.pack("16sH14x", b"lo", 0)
        name, flags = struct.unpack("16sH14x", fcntl.ioctl(probe, SIOCGIFFLAGS, request))
        fcntl.ioctl(probe, SIOCSIFFLAGS, struct.pack("16sH14x", name, flags | IFF_UP))


class Watch(logging.Handler):
    """Notes every connection that leaves the machine, and every line of the log."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.outbound: list[str] = []
        self.lines: list[str] = []
        sys.addaudithook(self._hear)

    def emit(self, record: logging.LogRecord) -> None:
        """Take a line."""
        self.lines.append(f"{record.name} {record.getMessage()}")

    def _hear(self, event: str, args: tuple[Any, ...]) -> None:
        if event == "socket.connect" and isinstance(args[1], tuple):
            # Home Assistant learns its own address so; that alone sends nothing.
            if args[0].type != socket.SOCK_DGRAM:
                self._note(str(args[1][0]))
        elif event in ("socket.sendto", "socket.getaddrinfo"):
            host = args[1][0] if event == "socket.sendto" else args[0]
            self._note(host.decode() if isinstance(host, bytes) else str(host))

    def _note(self, host: str) -> None:
        with suppress(ValueError):
            if ipaddress.ip_address(host.partition("%")[0]).is_loopback:
                return
        if host not in ("localhost", "None", "", MDNS):
            self.outbound.append(host)


async def offline(turns: int, spoken_turns: int) -> dict[str, Any]:
    """Talk to a house that has no network, and look at what that leaves behind."""
    watch = Watch()
    logging.getLogger().addHandler(watch)
    logging.getLogger().setLevel(logging.INFO)
    folder = Path(tempfile.gettempdir())
    heard: list[str] = []
    with both_running() as ports:
        before = set(_files(folder))
        async with open_house(HOUSE) as house, jonh_ollama(house) as agent:
            for number in range(turns):
                agent.server.script({"content": f"O {SAID} {number} olha para o sol."})
                answer = await agent.ask(f"fale do {SAID} {number}")
                assert SAID in answer.speech, answer
            if spoken_turns:
                await _add_ears_and_voice(house, agent, *ports)
                heard = [await _say(house) for _ in range(spoken_turns)]
            await house.hass.async_block_till_done(wait_background_tasks=True)
            left = [path for path in _files(folder) if path not in before]
            with_words = [p.name for p in left if SAID.encode() in p.read_bytes()]
            sounds = [p.name for p in left if p.read_bytes()[:4].startswith(SOUND)]
    return {
        "outbound": watch.outbound,
        "logged": [line for line in watch.lines if SAID in line or SPOKEN in line.lower()],
        "lines": len(watch.lines),
        "heard": heard,
        "files": len(left),
        "with_words": with_words,
        "sounds": sounds,
        "interfaces": [name for _, name in socket.if_nameindex()],
    }


async def disk(*, is_read_only: bool) -> dict[str, Any]:
    """Talk to a house whose disk takes no more, and then takes something again."""
    folder = Path(tempfile.gettempdir())
    ballast = folder / "ballast"
    seen: dict[str, Any] = {}
    async with (
        open_house(HOUSE) as house,
        jonh_ollama(house, store_history=True, fast_path=False) as agent,
    ):
        store = house.hass.data[ARCHIVE]._store
        path = Path(house.hass.config.path(".storage", STORAGE_KEY))
        seen["first"] = await _talk(agent, "maçãs")
        await flush_store(store)
        whole = path.read_bytes()
        _take_no_more(path.parent, ballast, is_read_only=is_read_only)
        seen["full"] = await _talk(agent, "peras")
        await flush_store(store)
        seen["is_whole"] = path.read_bytes() == whole
        seen["again"] = await _talk(agent, "figos")
        seen["remembered"] = "peras" in str(agent.requests()[-1]["messages"])
        _take_again(path.parent, ballast, is_read_only=is_read_only)
        seen["after"] = await _talk(agent, "uvas")
        await flush_store(store)
        seen["written"] = all(word in path.read_text("utf-8") for word in ("peras", "uvas"))
        seen["left_over"] = [each.name for each in path.parent.iterdir() if "tmp" in each.name]
    return seen


async def _talk(agent: Agent, text: str) -> str:
    agent.server.script({"content": f"Sobre {text}, sim."})
    answer = await agent.ask(
        f"fale de {text}", conversation_id="conversation on the island, longer than an id"
    )
    return answer.speech


def _take_no_more(stored: Path, ballast: Path, *, is_read_only: bool) -> None:
    if is_read_only:
        _run("mount", "--bind", str(stored), str(stored))
        _run("mount", "-o", "remount,bind,ro", str(stored))
        return
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(1024))


def _take_again(stored: Path, ballast: Path, *, is_read_only: bool) -> None:
    if is_read_only:
        _run("umount", str(stored))
    else:
        ballast.unlink()


def _run(*command: str) -> None:
    if os.spawnvp(os.P_WAIT, command[0], command):
        raise OSError(f"{' '.join(command)} failed")


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


async def _add_ears_and_voice(house: House, agent: Agent, *ports: int) -> None:
    hass = house.hass
    for component in ("stt", "tts", "wyoming"):
        assert await async_setup_component(hass, component, {})
    for port in ports:
        entry = MockConfigEntry(domain="wyoming", data={"host": "127.0.0.1", "port": port})
        entry.add_to_hass(hass)
        assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    engines = {domain: hass.states.async_entity_ids(domain)[0] for domain in ("stt", "tts")}
    await async_update_pipeline(
        hass,
        async_get_pipeline(hass),
        conversation_engine=agent.entity_id,
        conversation_language="pt-BR",
        language="pt-BR",
        stt_engine=engines["stt"],
        stt_language="pt-BR",
        tts_engine=engines["tts"],
        tts_language="pt-BR",
        tts_voice=None,
    )


async def _say(house: House) -> str:
    """Speak to the house and hear its answer."""

    async def sound() -> AsyncIterator[bytes]:
        pcm = spoken(SPOKEN).tobytes() + bytes(32_000)
        for start in range(0, len(pcm), 3200):
            yield pcm[start : start + 3200]

    request = TurnRequest(
        pipeline_id=async_get_pipeline(house.hass).id,
        conversation_id=None,
        context=Context(),
        is_recording=True,
    )
    report = await async_run_turn(house.hass, request, audio=sound(), listener=lambda _: None)
    assert report.error_code is None, report
    return report.transcript


def main() -> None:
    """Do what is asked and print what was seen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("offline", "full", "read-only"))
    parser.add_argument("--turns", type=int, default=100)
    parser.add_argument("--spoken", type=int, default=0)
    args = parser.parse_args()
    if args.what == "offline":
        bring_loopback_up()
        seen = asyncio.run(offline(args.turns, args.spoken))
    else:
        logging.disable(logging.CRITICAL)
        seen = asyncio.run(disk(is_read_only=args.what == "read-only"))
    print(json.dumps(seen))


if __name__ == "__main__":
    main()
