"""The stand-ins behave like the services where other tests rely on it."""

import asyncio
import json
import sys
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from tests.fakes.scripted_model import ScriptedModel

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fakes.ollama import FakeOllama

TOOLS = ["intent__HassTurnOn", "intent__HassTurnOff", "llm__GetDateTime"]
HOME = """Static Context: An overview of the areas and the devices in this smart home:
- names: Luz da Sala
  domain: light
- names: Luz da Sala de Jantar, Lustre
  domain: light
"""


def asked(text: str, *more: dict[str, Any]) -> list[dict[str, Any]]:
    """Speak to a model that knows a home."""
    return [{"role": "system", "content": HOME}, {"role": "user", "content": text}, *more]


@pytest.mark.parametrize(
    ("text", "tool", "name"),
    [
        ("Acenda a luz da sala.", "intent__HassTurnOn", "Luz da Sala"),
        ("acender a luz da sala de jantar", "intent__HassTurnOn", "Luz da Sala de Jantar"),
        ("desligue o lustre", "intent__HassTurnOff", "Lustre"),
        ("apague a luz do sótão", "intent__HassTurnOff", "luz do sótão"),
        ("Turn on the kitchen light, please", "intent__HassTurnOn", "kitchen light"),
        ("turn the luz da sala off", "intent__HassTurnOff", "Luz da Sala"),
    ],
)
def test_a_light_becomes_a_tool_call(text: str, tool: str, name: str) -> None:
    """The name is the home's when the prompt lists it, else what was said."""
    (step,) = ScriptedModel().answer(asked(text), TOOLS)
    assert step["tool_calls"] == [{"name": tool, "arguments": {"name": name}}]


@pytest.mark.parametrize(
    ("text", "result", "said"),
    [
        ("acenda a luz", "{}", "Pronto, a luz está acesa."),
        ("apague a luz", "{}", "Pronto, a luz está apagada."),
        ("turn on the light", "{}", "Done, the light is on."),
        ("turn on the light", '{"error": "x"}', "I could not find that device."),
    ],
)
def test_a_result_becomes_a_sentence(text: str, result: str, said: str) -> None:
    """The answer is in the language of the request and honest about a failure."""
    steps = ScriptedModel().answer(asked(text, {"role": "tool", "content": result}), TOOLS)
    assert "".join(step["content"] for step in steps) == said


@pytest.mark.parametrize(
    ("text", "word"), [("que horas são?", "demonstração"), ("what time is it?", "demonstration")]
)
def test_anything_else_is_small_talk(text: str, word: str) -> None:
    """Without a light to switch, or without tools, it only talks."""
    steps = ScriptedModel().answer(asked(text), TOOLS)
    assert word in "".join(step["content"] for step in steps)
    assert "content" in ScriptedModel().answer(asked("acenda a luz da sala"), [])[0]


async def test_answers_as_a_whole_too(ollama: FakeOllama) -> None:
    """A client that does not stream gets one object."""
    body = {"model": "qwen3:4b-instruct", "messages": asked("oi"), "stream": False}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{ollama.url}/api/chat", json=body) as response,
    ):
        answer = await response.json()
    assert answer["done"] is True
    assert answer["message"]["content"].startswith("Sou um modelo de demonstração")


async def test_serves_as_a_process(tmp_path: Path) -> None:
    """The command prints its address, follows its script and ends on SIGTERM."""
    script = {
        "names": {"cozinha": "Luz da Cozinha"},
        "answers": [{"match": "piada", "steps": [{"content": "Toc toc."}]}],
    }
    path = tmp_path / "script.json"
    path.write_text(json.dumps(script), "utf-8")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.fakes.ollama", "--port", "0", "--script", str(path)),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout
    try:
        url = (await asyncio.wait_for(process.stdout.readline(), 60)).decode().strip()
        joke = {"model": "qwen3:4b-instruct", "messages": asked("conte uma piada"), "stream": False}
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{url}/api/chat", json=joke) as response,
        ):
            assert (await response.json())["message"]["content"] == "Toc toc."
    finally:
        process.terminate()
    assert await process.wait() == 0
