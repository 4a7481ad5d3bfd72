"""Answers that are cut short, fail or run side by side."""

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.helpers import intent

from custom_components.jonh.agent.telemetry import AnsweredBy
from custom_components.jonh.answer import error_kind
from custom_components.jonh.providers.base import AllFailedError
from custom_components.jonh.store import ARCHIVE
from tests.jonh.conftest import BOTH_AGENT, LIGHT, OLLAMA_AGENT, ask, satellite, set_up, speech
from tests.jonh.devices import LAMP, add_lamp
from tests.jonh.turns import TURN_ON, VAGUE, chats, control, last_turn, listen, remembered

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

    from tests.fakes.groq import FakeGroq
    from tests.fakes.ollama import FakeOllama

BEGUN = "Era uma vez, há muito tempo, um rei que morava num castelo longe daqui."


async def test_what_was_heard_of_an_interrupted_answer_is_kept(
    home: HomeAssistant, ollama: FakeOllama
) -> None:
    """Somebody spoke in between: the memory marks the turn, and the report comes all the same."""
    entry = await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    ollama.script({"content": f"{BEGUN} "}, {"stall": True})
    heard = asyncio.Event()
    turn = listen(home, "conte uma história", lambda d: heard.set() if "content" in d else None)
    await asyncio.wait_for(heard.wait(), 5)
    turn.cancel()
    with pytest.raises(asyncio.CancelledError):
        await turn
    kept = remembered(home)
    assert kept.was_interrupted
    assert kept.messages[-1].text == f"{BEGUN} ..."
    assert last_turn(entry).answered_by is AnsweredBy.MODEL


async def test_a_defect_in_mid_answer(
    home: HomeAssistant, ollama: FakeOllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was heard stands before the excuse, in the order in which it was heard."""

    def broken(*_: object) -> None:
        raise RuntimeError

    entry = await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    ollama.script({"content": BEGUN}, TURN_ON)
    monkeypatch.setattr("custom_components.jonh.answer.to_tool_input", broken)
    result = await ask(home, "conte uma história")
    assert "Algo deu errado" in speech(result)
    first, second = remembered(home).messages[1:]
    assert first.text == f"{BEGUN} ..."
    assert "Algo deu errado" in second.text
    assert last_turn(entry).error == "unknown"


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        pytest.param([{"stall": True}], "O Ollama demorou demais", id="silence"),
        pytest.param(
            [{"content": f"{BEGUN} "}, {"stall": True}],
            f"{BEGUN} Desculpe, a resposta",
            id="mid-answer",
        ),
    ],
)
async def test_a_turn_ends_at_its_deadline(
    home: HomeAssistant, ollama: FakeOllama, steps: list[Any], said: str
) -> None:
    """Whatever the model does, nobody is kept waiting for longer than the settings say."""
    entry = await set_up(home, OLLAMA_AGENT | {"turn_s": 1.5}, ollama_url=ollama.url)
    ollama.script(*steps)
    result = await ask(home, "conte uma história")
    assert speech(result).startswith(said)
    assert last_turn(entry).error == "stalled"
    await asyncio.wait_for(ollama.closed_early.wait(), 5)


async def test_all_models_fail_after_a_read(home: HomeAssistant, ollama: FakeOllama) -> None:
    """Nothing was done, so the excuse is all there is to say."""
    entry = await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    ollama.script({"tool_calls": [{"name": "home_state", "arguments": {"area": "Sala de Estar"}}]})
    ollama.script({"status": 500, "error": "boom"})
    result = await ask(home, VAGUE)
    assert "erro interno" in speech(result)
    assert last_turn(entry).error == "service"


async def test_a_cut_after_a_deed_is_reported(home: HomeAssistant, ollama: FakeOllama) -> None:
    """The deed is done, but the answer broke off, and that is what the report says."""
    entry = await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    ollama.script(TURN_ON)
    ollama.script({"content": "A luz está"}, {"cut": True})
    assert "interrompida" in speech(await ask(home, VAGUE))
    assert last_turn(entry).error == "broken_stream"


async def test_two_providers_fail(home: HomeAssistant, ollama: FakeOllama, groq: FakeGroq) -> None:
    """The excuse names the preferred one."""
    entry = await set_up(home, BOTH_AGENT, ollama_url=ollama.url, groq_url=groq.url)
    ollama.script({"status": 500, "error": "boom"})
    groq.script({"status": 503, "error": "down"})
    result = await ask(home, VAGUE)
    assert "Ollama" in speech(result)
    assert result.response.response_type is intent.IntentResponseType.ERROR
    assert last_turn(entry).answered_by is AnsweredBy.ERROR


async def test_the_report_names_who_stepped_in(
    home: HomeAssistant, ollama: FakeOllama, groq: FakeGroq
) -> None:
    """A fallback that answered is in the figures, and the turn went well."""
    entry = await set_up(home, BOTH_AGENT, ollama_url=ollama.url, groq_url=groq.url)
    ollama.script({"status": 500, "error": "boom"})
    groq.script({"content": "Oi."})
    assert speech(await ask(home, VAGUE)) == "Oi."
    report = last_turn(entry)
    assert (report.answered_by, report.provider, report.switches) == (AnsweredBy.MODEL, "Groq", 1)
    assert (report.rounds, report.error) == (1, None)
    assert report.first_token_s is not None
    assert report.first_token_s <= report.total_s


async def test_two_turns_at_once(home: HomeAssistant, ollama: FakeOllama) -> None:
    """Two rooms speak at the same time; each gets its own answer, and its own light."""
    await add_lamp(home)
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    ollama.model.rules.clear()
    first = ask(home, "a sala precisa de claridade", device_id=satellite(home, "a"))
    second = ask(home, "o canto de leitura está escuro", device_id=satellite(home, "b"))
    ollama.script(control("on", "Luz da Sala"))
    ollama.script(control("on", "Abajur"))
    ollama.script({"content": "Feito."})
    ollama.script({"content": "Feito."})
    results = await asyncio.gather(first, second)
    assert [speech(result) for result in results] == ["Feito.", "Feito."]
    assert [home.states.get(light).state for light in (LIGHT, LAMP)] == ["on", "on"]
    assert len(list(home.data[ARCHIVE]["agent1"].memory)) == 2


async def test_a_reload_during_a_turn(home: HomeAssistant, ollama: FakeOllama) -> None:
    """The turn ends as it began, and the agent that is loaded anew remembers it."""
    entry = await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    device = satellite(home)
    ollama.script({"content": "Oi, "}, {"sleep_s": 0.3}, {"content": "Ana."})
    while not ollama.arrivals.empty():
        ollama.arrivals.get_nowait()
    turn = home.async_create_task(ask(home, "meu nome é Ana", device_id=device))
    while await ollama.arrivals.get() != "/api/chat":
        pass
    assert await home.config_entries.async_reload(entry.entry_id)
    assert speech(await turn) == "Oi, Ana."
    ollama.script({"content": "Ana."})
    await ask(home, "como me chamo", device_id=device)
    assert "meu nome é Ana" in str(chats(ollama)[-1]["messages"])


def test_error_kind_without_a_failure() -> None:
    """No model was there to be asked."""
    assert error_kind(AllFailedError(())) == "all_failed"
