"""The stand-ins behave like the services where other tests rely on it."""

import asyncio
import json
import re
import sys
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from tests.fakes.groq import Bucket
from tests.fakes.scripted_model import ScriptedModel

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fakes.groq import FakeGroq
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


OWN_MAP = """Responda: frases curtas, luz e cor.
CASA
Cozinha (Térreo): light Luz=Pendente; switch Cafeteira
Sala de Estar=Sala (Térreo): climate Ar-condicionado=Split; light Abajur, Luz
-: lock Porta da Frente
"""
BLOCK = """CONTEXTO: quarta-feira, 25/11/2026 03:16. Cômodo: Cozinha.
Quarto: light Luminária Azul = apagada; cover Cortina = aberta, 50 %
PEDIDO: """


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("acenda o abajur", {"action": "on", "names": ["Abajur"]}),
        ("apague a luz da sala", {"action": "off", "names": ["Luz"], "area": "Sala de Estar"}),
        ("acenda a luz da cozinha", {"action": "on", "names": ["Luz"], "area": "Cozinha"}),
        ("acenda a luz", {"action": "on", "names": ["Luz"]}),
        ("apague o pendente", {"action": "off", "names": ["Pendente"]}),
        ("ligue a cafeteira", {"action": "on", "names": ["Cafeteira"]}),
        ("ligue o split", {"action": "on", "names": ["Split"]}),
        ("acenda a luminaria azul", {"action": "on", "names": ["Luminária Azul"]}),
        ("turn on the lamp", {"action": "on", "names": ["lamp"]}),
    ],
)
def test_our_own_tool_and_map_are_understood(text: str, arguments: dict[str, Any]) -> None:
    """Names come from the map and the states; the area comes with those that are not unique."""
    messages = [
        {"role": "system", "content": OWN_MAP},
        {"role": "user", "content": "REQUEST: turn off the abajur"},
        {"role": "assistant", "content": "Done."},
        {"role": "user", "content": BLOCK + text},
    ]
    (step,) = ScriptedModel().answer(messages, ["home_control", "home_state"])
    assert step["tool_calls"] == [{"name": "home_control", "arguments": arguments}]


def test_only_the_request_is_answered() -> None:
    """The words of the context switch nothing and match no rule."""
    context = BLOCK.replace("CONTEXTO", "CONTEXTO: acenda")
    model = ScriptedModel(rules=[(re.compile("novembro"), [{"content": "não"}])])
    steps = model.answer([{"role": "user", "content": f"{context}que horas são?"}], TOOLS)
    assert "demonstração" in "".join(step["content"] for step in steps)


@pytest.mark.parametrize(
    ("text", "result", "said"),
    [
        ("acenda a luz", "{}", "Pronto, a luz está acesa."),
        ("apague a luz", "{}", "Pronto, a luz está apagada."),
        ("turn on the light", "{}", "Done, the light is on."),
        ("turn on the light", '{"error": "x"}', "I could not find that device."),
        ("acenda a luz", "Luz: não encontrada", "Não encontrei esse dispositivo."),
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


@pytest.mark.parametrize("knows_truncate", [True, False])
async def test_an_old_server_cuts_long_prompts_in_silence(
    ollama: FakeOllama, knows_truncate: bool
) -> None:
    """A new one refuses them when it is told to, and loads a model for its context window."""
    ollama.knows_truncate = knows_truncate
    body = {
        "model": "qwen3:4b-instruct",
        "messages": asked("acenda a luz " * 100),
        "stream": False,
        "truncate": False,
        "options": {"num_ctx": 256},
    }
    async with aiohttp.ClientSession() as session:
        async with session.post(f"{ollama.url}/api/chat", json=body) as response:
            assert response.status == (400 if knows_truncate else 200)
        async with session.get(f"{ollama.url}/api/ps") as response:
            (running,) = (await response.json())["models"]
    assert running["context_length"] == 256


async def test_a_quota_decreases_and_refuses(groq: FakeGroq) -> None:
    """Each answer leaves less, then the service says how long to wait."""
    groq.bucket = Bucket(tokens_per_minute=1000)
    body = {
        "model": "openai/gpt-oss-20b",
        "messages": asked("oi"),
        "stream": True,
        "max_completion_tokens": 700,
    }
    path = f"{groq.url}/openai/v1/chat/completions"
    key = {"Authorization": f"Bearer {groq.api_key}"}
    async with aiohttp.ClientSession(headers=key) as session:
        async with session.post(path, json=body) as response:
            assert response.status == 200
            assert int(response.headers["x-ratelimit-remaining-tokens"]) < 300
        async with session.post(path, json=body) as response:
            assert response.status == 429
            assert 0 < int(response.headers["retry-after"]) <= 60
            assert "(TPM): Limit 1000, Used" in (await response.json())["error"]["message"]
        async with session.post(path, json=body | {"max_completion_tokens": 1000}) as response:
            assert response.status == 413


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
