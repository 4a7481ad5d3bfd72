"""Many chats and endless answers through Home Assistant: our agent beside Home Assistant's own.

The model is a stand-in in a process of its own, so that what the event loop waits for is the agent.
Runs in the environment of Home Assistant's test harness:
`python -m benchmarks.resilience.integration [--quick]`.
"""

import argparse
import asyncio
import inspect
import json
import logging
import sys
import tempfile
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter, thread_time
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

from homeassistant.components import conversation
from homeassistant.components.conversation.chat_log import async_get_chat_log
from homeassistant.config_entries import ConfigSubentryDataWithId
from homeassistant.core import Context
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.chat_session import async_get_chat_session
from pytest_homeassistant_custom_component.common import MockConfigEntry

from benchmarks.agent.faults import HOUSE
from benchmarks.agent.houses import open_house
from benchmarks.resilience.rows import Row, printed
from custom_components.jonh.const import DOMAIN as JONH
from custom_components.jonh.store import ARCHIVE

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence

    from homeassistant.core import HomeAssistant

    from benchmarks.agent.houses import House
    from tests.fakes.scripted_model import Step

MODEL = "qwen3:4b-instruct"
CHATS = 20
TOKENS_PER_S = 200
TOKENS = 120
PAUSE_S = 0.3
FLOOD_BYTES = 1024**2
FLOOD_DELTAS = 50_000
FLOOD_TOKENS = 65_536
"""Long enough an answer that none of it is cut off."""
LAG_BAR_MS = 50.0
SENTENCE_BAR_MS = 50.0
REMEMBERED_BAR_CHARS = 16_000
"""What may be kept of one answer; a hundredth of the flood."""
LANGUAGE = "pt-BR"


@dataclass(slots=True)
class Lag:
    """How late the event loop is, looked at every few milliseconds.

    What other programs took of the processor meanwhile is left out: a second counts as late only
    as far as this thread worked in it.
    """

    worst_ms: float = 0.0
    every_s: float = 0.004
    _watch: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._watch = asyncio.create_task(self._async_watch(), name="lag")
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._watch is not None
        self._watch.cancel()
        await asyncio.wait((self._watch,))

    async def _async_watch(self) -> None:
        while True:
            begun_s, worked_s = perf_counter(), thread_time()
            await asyncio.sleep(self.every_s)
            late_s = perf_counter() - begun_s - self.every_s
            late_s = min(late_s, thread_time() - worked_s)
            self.worst_ms = max(self.worst_ms, late_s * 1000)


class Complaints(logging.Handler):
    """Gathers what Home Assistant says of things that took too long."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Take a line of the log."""
        if "took" in (line := record.getMessage()):
            self.lines.append(line)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chats:
    """What became of the chats of one agent."""

    lag_ms: float
    complaints: int
    mixed_up: int
    """Chats that got another one's words, or words in another order."""
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Flood:
    """What became of an answer that does not end."""

    sentence_ms: float
    """From the period of the first sentence to the voice."""
    lag_ms: float
    seconds: float
    spoken: int
    """Characters that reached the voice."""
    remembered: int
    """Characters that are kept."""


@dataclass(slots=True)
class Heard:
    """What reaches the voice, and when."""

    text: str = ""
    at_s: dict[str, float] = field(default_factory=dict)
    waits_for: tuple[str, ...] = ()

    def __call__(self, _log: Any, delta: dict[str, Any]) -> None:
        """Take a delta."""
        if not (content := delta.get("content")) or delta.get("role") not in (None, "assistant"):
            return
        self.text += content
        for word in self.waits_for:
            if word not in self.at_s and word in self.text:
                self.at_s[word] = perf_counter()


async def measure(*, is_quick: bool) -> Sequence[Row]:
    """Measure both agents, each in the same house."""
    turns = 2 if is_quick else 10
    ours: dict[str, Any] = {}
    theirs: dict[str, Any] = {}
    async with open_house(HOUSE, language=LANGUAGE) as house:
        asyncio.get_running_loop().set_debug(False)
        for found, set_up in ((theirs, _core), (ours, _jonh)):
            async with model(_chat_answers()) as url, set_up(house, url) as agent:
                found["chats"] = await chats(house.hass, agent, turns)
            answers = _flood_answers(1 if is_quick else 4)
            async with model(answers) as url, set_up(house, url, FLOOD_TOKENS) as agent:
                found["flood"] = await flood(house.hass, agent)
        async with model(_flood_answers(1)) as url, _jonh(house, url) as agent:
            ours["cut"] = await flood(house.hass, agent)
    return _rows(ours, theirs)


async def chats(hass: HomeAssistant, agent: str, turns: int) -> Chats:
    """Hold the chats, all at the same time."""
    complaints, right = Complaints(), 0
    logging.getLogger().addHandler(complaints)
    await _warm(hass, agent)
    begun_s = perf_counter()
    async with Lag() as lag:
        answers = await asyncio.gather(*(_chat(hass, agent, n, turns) for n in range(CHATS)))
    seconds = perf_counter() - begun_s
    logging.getLogger().removeHandler(complaints)
    for number, said in enumerate(answers):
        right += said == [_words(number)] * turns
    return Chats(
        lag_ms=lag.worst_ms,
        complaints=len(complaints.lines),
        mixed_up=CHATS - right,
        seconds=seconds,
    )


async def flood(hass: HomeAssistant, agent: str) -> Flood:
    """Ask for the answer that does not end."""
    await _warm(hass, agent)
    heard = Heard(waits_for=("gato.", "xx"))
    begun_s = perf_counter()
    async with Lag() as lag:
        conversation_id = await _ask(hass, agent, "conte sem parar", "flood", heard)
    # The flood begins a known time after the period: who waits for it hears both together.
    sentence_s = max(0.0, PAUSE_S + 1 / TOKENS_PER_S - (heard.at_s["xx"] - heard.at_s["gato."]))
    return Flood(
        sentence_ms=sentence_s * 1000,
        lag_ms=lag.worst_ms,
        seconds=perf_counter() - begun_s,
        spoken=len(heard.text),
        remembered=_remembered(hass, conversation_id, heard.text),
    )


async def _chat(hass: HomeAssistant, agent: str, number: int, turns: int) -> list[str]:
    said = []
    for _ in range(turns):
        heard = Heard()
        await _ask(hass, agent, f"conte a história {number}", f"chat {number}", heard)
        said.append(" ".join(heard.text.split()))
    return said


async def _warm(hass: HomeAssistant, agent: str) -> None:
    """Let imports and sentences be loaded, which the first turn of all waits for."""
    await _ask(hass, agent, "conte a história 0", "warm", Heard())
    await hass.async_block_till_done(wait_background_tasks=True)


async def _ask(hass: HomeAssistant, agent: str, text: str, where: str, heard: Heard) -> str:
    """Run one turn as a pipeline does, which hears each delta."""
    # From 2026.11 on, a session belongs to the user of a context.
    knows_context = "context" in inspect.signature(async_get_chat_session).parameters
    owner: Any = {"context": Context()} if knows_context else {}
    # Longer than an id of Home Assistant, in whose place it would make up another one.
    conversation_id = f"conversation of the load test: {where} {agent}"

    async def turn() -> None:
        with (
            async_get_chat_session(hass, conversation_id, **owner) as session,
            async_get_chat_log(hass, session, chat_log_delta_listener=heard),
        ):
            await conversation.async_converse(
                hass, text, session.conversation_id, Context(), LANGUAGE, agent
            )

    await hass.async_create_task(turn(), eager_start=False)
    return conversation_id


def _remembered(hass: HomeAssistant, conversation_id: str, text: str) -> int:
    """Count what the agent keeps for the next turn: ours its session, core's the chat log."""
    for _, session in hass.data.get(ARCHIVE, ()):
        if session.conversation_id == conversation_id:
            return sum(len(str(turn.messages)) for turn in session.turns)
    return len(text)


def _words(number: int) -> str:
    return " ".join(f"parte{number}x{token}" for token in range(TOKENS)) + "."


def _chat_answers() -> list[dict[str, Any]]:
    answers = []
    for number in range(CHATS):
        steps: list[Step] = []
        for word in _words(number).split():
            steps += [{"content": f"{word} "}, {"sleep_s": 1 / TOKENS_PER_S}]
        answers.append({"match": f"história {number}$", "steps": steps})
    return answers


def _flood_answers(times: int) -> list[dict[str, Any]]:
    deltas = FLOOD_DELTAS * times
    word = "x" * (FLOOD_BYTES // FLOOD_DELTAS - 1) + " "
    flood: list[Step] = [{"content": "Era uma vez"}, {"sleep_s": PAUSE_S}]
    # What ends a sentence is known by what follows it, the next token.
    flood += [{"content": " um gato."}, {"sleep_s": 1 / TOKENS_PER_S}, {"content": " Ele"}]
    flood += [{"sleep_s": PAUSE_S}]
    flood += [{"content": f" {word}"}] * deltas
    return [{"match": "sem parar", "steps": flood}, {"match": "", "steps": [{"content": "Oi."}]}]


@asynccontextmanager
async def model(answers: list[dict[str, Any]]) -> AsyncGenerator[str]:
    """Run the stand-in for Ollama with these answers; yields its address."""
    with tempfile.TemporaryDirectory(prefix="jonh-bench-") as folder:
        script = Path(folder, "script.json")
        script.write_text(json.dumps({"answers": answers}), "utf-8")  # noqa: ASYNC240  # before
        command = ("-m", "tests.fakes.ollama", "--port", "0", "--script", str(script))
        process = await asyncio.create_subprocess_exec(
            sys.executable, *command, stdout=asyncio.subprocess.PIPE
        )
        try:
            assert process.stdout is not None
            yield (await process.stdout.readline()).decode().strip()
        finally:
            process.terminate()
            await process.wait()


@asynccontextmanager
async def _core(house: House, url: str, max_tokens: int = 0) -> AsyncGenerator[str]:
    """Set up Home Assistant's own agent, which has no limit of an answer."""
    agent = {"model": MODEL, "llm_hass_api": ["assist"], "think": False}
    async with _agent(house.hass, "ollama", {"url": url}, agent, version=3, minor=3) as entity_id:
        yield entity_id


@asynccontextmanager
async def _jonh(house: House, url: str, max_tokens: int = 512) -> AsyncGenerator[str]:
    """Set up ours."""
    agent = {
        "provider": "ollama",
        "model": MODEL,
        "llm_hass_api": ["assist"],
        "max_tokens": max_tokens,
        "num_ctx": 131_072,
    }
    async with _agent(house.hass, JONH, {"ollama": {"url": url}}, agent) as entity_id:
        yield entity_id


@asynccontextmanager
async def _agent(
    hass: HomeAssistant,
    domain: str,
    data: dict[str, Any],
    agent: dict[str, Any],
    *,
    version: int = 1,
    minor: int = 1,
) -> AsyncGenerator[str]:
    subentry = ConfigSubentryDataWithId(
        data=MappingProxyType(agent),
        subentry_id="agent",
        subentry_type="conversation",
        title=f"Bench {domain}",
        unique_id=None,
    )
    entry = MockConfigEntry(
        domain=domain, data=data, subentries_data=[subentry], version=version, minor_version=minor
    )
    entry.add_to_hass(hass)
    if not await hass.config_entries.async_setup(entry.entry_id):
        raise RuntimeError(f"{domain} was not set up: {entry.reason or entry.state}")
    await hass.async_block_till_done()
    found = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    try:
        yield next(e.entity_id for e in found if e.domain == conversation.DOMAIN)
    finally:
        await hass.config_entries.async_remove(entry.entry_id)
        await hass.async_block_till_done()


def _rows(ours: dict[str, Any], theirs: dict[str, Any]) -> list[Row]:
    """Put the figures beside each other."""
    theirs = theirs | {"cut": theirs["flood"]}
    lag, sentence = f"<= {LAG_BAR_MS:.0f} ms", f"<= {SENTENCE_BAR_MS:.0f} ms"
    kept = f"<= {REMEMBERED_BAR_CHARS} characters"
    chat = f"{CHATS} chats at once, {TOKENS_PER_S} tokens/s each: "
    long = f"an answer of {FLOOD_DELTAS} pieces: "
    wanted: tuple[tuple[str, str, str, str, Callable[[Any], str], Callable[[Any], bool]], ...] = (
        ("L6", "chats", f"{chat}loop late by", lag,
         lambda c: f"{c.lag_ms:.0f} ms", lambda c: c.lag_ms <= LAG_BAR_MS),
        ("L6", "chats", f"{chat}with other words, warnings of slowness", "0, 0",
         lambda c: f"{c.mixed_up}, {c.complaints}", lambda c: c.mixed_up + c.complaints == 0),
        ("L7", "flood", f"{long}first sentence to the voice after", sentence,
         lambda f: f"{f.sentence_ms:.0f} ms", lambda f: f.sentence_ms <= SENTENCE_BAR_MS),
        ("L7", "flood", f"{long}loop late by, until the end of it", lag,
         lambda f: f"{f.lag_ms:.0f} ms, {f.seconds:.1f} s", lambda f: f.lag_ms <= LAG_BAR_MS),
        ("L7", "flood", f"{long}kept for the next turn", kept,
         lambda f: str(f.remembered), lambda f: f.remembered <= REMEMBERED_BAR_CHARS),
        ("L7", "cut", f"{long}spoken with the settings of a new agent", kept,
         lambda f: str(f.spoken), lambda f: f.spoken <= REMEMBERED_BAR_CHARS),
    )  # fmt: skip
    return [
        Row(
            id=number,
            what=what,
            ours=tell(ours[kind]),
            peer=tell(theirs[kind]),
            bar=bar,
            holds=holds(ours[kind]),
        )
        for number, kind, what, bar, tell, holds in wanted
    ]


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, add_help=True)
    parser.add_argument("--quick", action="store_true", help="fewer turns, for a look")
    args = parser.parse_args()
    logging.disable(logging.INFO)
    rows = asyncio.run(measure(is_quick=args.quick))
    for line in printed(rows, "Home Assistant's own agent"):
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
