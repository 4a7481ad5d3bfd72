"""What a broken or an evil model service sends: the house stays whole, and somebody hears why."""

import asyncio
import json
import logging
from typing import TYPE_CHECKING, Any, override

import pytest
from homeassistant.const import EVENT_CALL_SERVICE

from custom_components.jonh.agent.limits import MAX_TOOL_CALLS, MAX_TOOL_ROUNDS
from custom_components.jonh.providers.base import ARGS_MAX_CHARS, MAX_CHARS_PER_TOKEN
from tests.fakes.ollama import FakeOllama
from tests.jonh.conftest import (
    GROQ_AGENT,
    OLLAMA_AGENT,
    OLLAMA_MODEL,
    ask,
    set_up,
    speech,
)
from tests.jonh.resilience.logs import defects
from tests.jonh.turns import MODEL_FIRST, last_turn

if TYPE_CHECKING:
    from aiohttp import web
    from homeassistant.core import Event, HomeAssistant

    from tests.fakes.groq import FakeGroq
    from tests.fakes.scripted_model import Step

MEGABYTE = 1024**2
QUICK = MODEL_FIRST | {"turn_s": 3.0}
MAX_TOKENS = 512
NOT_FINISHED = "Não consegui terminar esse pedido. Tente dividir em partes menores."
NO_COMMAND = "Não consegui montar esse comando. Tente pedir de outro jeito."
NOTHING = "O modelo não respondeu nada. Tente perguntar de outro jeito."


def call(**arguments: Any) -> Step:
    """Call our tool for devices."""
    arguments = {"action": "on", "names": ["Luz da Sala"]} | arguments
    return {"tool_calls": [{"name": "home_control", "arguments": arguments}]}


def nested(depth: int) -> Any:
    """Return an object within an object, and so on."""
    value: Any = 1
    for _ in range(depth):
        value = {"a": value}
    return value


FIFTY_CALLS: Step = {
    "tool_calls": [call(value=str(number))["tool_calls"][0] for number in range(50)]
}
ATTACKS: dict[str, tuple[Step, str]] = {
    "a tool that does not exist, for ever": (
        {"tool_calls": [{"name": "rm_rf", "arguments": {}}]},
        NOT_FINISHED,
    ),
    "the same harmless tool, for ever": (
        {"tool_calls": [{"name": "home_state", "arguments": {"area": "Sala"}}]},
        NOT_FINISHED,
    ),
    "fifty calls at once": (FIFTY_CALLS, NOT_FINISHED),
    "a name of a megabyte": (call(names=["x" * MEGABYTE]), NO_COMMAND),
    "a name just too long": (call(names=["x" * ARGS_MAX_CHARS]), NO_COMMAND),
    "thousands of names": (call(names=[f"luz {n}" for n in range(3000)]), NO_COMMAND),
    "arguments hundreds deep": (call(extra=nested(200)), NO_COMMAND),
    "arguments deep in a text": (call(names="[" * 50_000 + "]" * 50_000), NO_COMMAND),
    "arguments not so deep in a text": (call(names="[" * 100 + "]" * 100), NO_COMMAND),
    "a call deep in the answer": ({"content": json.dumps({"name": "x"})[:-1] * 5000}, NOTHING),
    "brackets without end": ({"content": "[" * 200_000}, NOTHING),
    "thoughts without end": ({"content": "<think>" + "hum " * 250_000}, NOTHING),
}


@pytest.fixture(autouse=True)
async def quiet(socket_enabled: None, caplog: pytest.LogCaptureFixture) -> None:
    """Leave out what takes a third of the time."""
    caplog.set_level(logging.WARNING)
    asyncio.get_running_loop().set_debug(False)


@pytest.fixture
def calls(home: HomeAssistant) -> list[str]:
    """Gather what is done."""
    done: list[str] = []

    def note(event: Event[Any]) -> None:
        if event.data["domain"] == "light":
            done.append(event.data["service"])

    home.bus.async_listen(EVENT_CALL_SERVICE, note)
    return done


@pytest.mark.parametrize("service", ["ollama", "groq"])
async def test_limits_hold_and_are_told(
    home: HomeAssistant,
    ollama: FakeOllama,
    groq: FakeGroq,
    calls: list[str],
    caplog: pytest.LogCaptureFixture,
    service: str,
) -> None:
    """Each ends in the sentence that tells why, and the next turn is as if nothing had been."""
    server = ollama if service == "ollama" else groq
    agent = OLLAMA_AGENT if service == "ollama" else GROQ_AGENT
    entry = await set_up(home, agent | QUICK, ollama_url=ollama.url, groq_url=groq.url)
    groq.bucket = None
    wrong = {}
    for name, (step, words) in ATTACKS.items():
        caplog.clear()
        calls.clear()
        for _ in range(MAX_TOOL_ROUNDS + 2):
            server.script(step)
        said = speech(await asyncio.wait_for(ask(home, "faça algo bonito"), 15))
        report = last_turn(entry)
        server.model.scripts.clear()
        server.script({"content": "Oi."})
        following = speech(await asyncio.wait_for(ask(home, "e agora, melhorou?"), 15))
        problems = {
            "says": None if said.endswith(words) else said[:200],
            "calls": len(calls) if len(calls) > MAX_TOOL_CALLS else None,
            "rounds": report.rounds if report.rounds > MAX_TOOL_ROUNDS else None,
            "a defect": defects(caplog) or None,
            "then says": None if following == "Oi." else following,
        }
        if found := {key: value for key, value in problems.items() if value is not None}:
            wrong[name] = found
    assert wrong == {}


@pytest.mark.parametrize("size", [50, 20_000])
async def test_an_answer_has_an_end(home: HomeAssistant, ollama: FakeOllama, size: int) -> None:
    """A service that ignores the limit is cut off where the limit would be, and let go."""
    await set_up(home, OLLAMA_AGENT | QUICK, ollama_url=ollama.url)
    sentence = "As abelhas dançam. " * (size // 19 + 1)
    ollama.script(*({"content": sentence} for _ in range(2 * MEGABYTE // len(sentence))))
    result = await ask(home, "fale das abelhas")
    assert 1000 < len(speech(result)) <= MAX_TOKENS * MAX_CHARS_PER_TOKEN
    if size < 1000:
        # Large pieces may all be on their way already.
        await asyncio.wait_for(ollama.closed_early.wait(), 5)


class Dripping(FakeOllama):
    """Sends every byte by itself, so that letters are cut in two."""

    @override
    async def _open(self, request: web.Request) -> web.StreamResponse:
        response = await super()._open(request)
        write = response.write

        async def drip(data: bytes) -> None:
            for at in range(len(data)):
                await write(data[at : at + 1])

        response.write = drip  # type: ignore[method-assign]
        return response


async def test_letters_cut_in_two(home: HomeAssistant) -> None:
    """The pieces of the network are not those of the text."""
    async with Dripping() as server:
        server.loaded.add(OLLAMA_MODEL)
        await set_up(home, OLLAMA_AGENT | QUICK, ollama_url=server.url)
        server.script({"content": "Às três, "}, {"content": "o avô comeu pão 🥖 de ló."})
        assert speech(await ask(home, "o que houve")) == "Às três, o avô comeu pão de ló."


@pytest.mark.parametrize("step", [{"raw": "\n"}, {"thinking": "hum "}], ids=["blank", "thoughts"])
async def test_nothing_for_ever(home: HomeAssistant, ollama: FakeOllama, step: Step) -> None:
    """A stream that goes on without a word ends with the turn."""
    await set_up(home, OLLAMA_AGENT | QUICK, ollama_url=ollama.url)
    ollama.script(*([step, {"sleep_s": 0.05}] * 400))
    said = speech(await asyncio.wait_for(ask(home, "e então"), 10))
    assert said.endswith(".")
    assert "Ollama" in said
    await asyncio.wait_for(ollama.closed_early.wait(), 5)


@pytest.mark.parametrize("tail", ["", "\n"], ids=["without an end", "with one"])
async def test_a_line_of_ten_megabytes(home: HomeAssistant, ollama: FakeOllama, tail: str) -> None:
    """It is not read to its end, and one sentence tells it."""
    await set_up(home, OLLAMA_AGENT | QUICK, ollama_url=ollama.url)
    ollama.script({"raw": "x" * 10 * MEGABYTE + tail})
    said = speech(await asyncio.wait_for(ask(home, "e então"), 10))
    assert said == "A resposta do Ollama foi cortada. Tente de novo."
