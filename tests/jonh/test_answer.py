"""One answer of a model: what is spoken and what is done."""

from typing import TYPE_CHECKING, Any

import pytest

from custom_components.jonh.agent.telemetry import AnsweredBy
from tests.jonh.conftest import LIGHT, OLLAMA_AGENT, ask, satellite, set_up, speech
from tests.jonh.devices import LOCK, add_lamp, add_lock
from tests.jonh.turns import TURN_ON, VAGUE, chats, control, last_turn, listen, remembered, roles

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant, ServiceCall

    from tests.fakes.ollama import FakeOllama

CLAIM = {"content": "Pronto, acendi a luz da sala."}
NOT_DONE = "Eu ainda não fiz isso. Pode pedir de outro jeito?"
QUICK = {"quick_confirm": True}


# Claims


async def test_a_claim_without_a_deed_is_asked_once_more(
    home: HomeAssistant, ollama: FakeOllama
) -> None:
    """Nothing of it is spoken; told so, the model does what it said."""
    entry = await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    ollama.script(CLAIM)
    ollama.script(TURN_ON)
    ollama.script({"content": "Agora a luz está acesa."})
    deltas: list[dict[str, Any]] = []
    await listen(home, VAGUE, deltas.append)
    spoken = "".join(delta["content"] for delta in deltas if set(delta) == {"content"})
    assert spoken == "Agora a luz está acesa."
    assert home.states.get(LIGHT).state == "on"
    nudge = chats(ollama)[1]["messages"]
    assert nudge[-2]["content"] == CLAIM["content"]
    assert "não chamou nenhuma ferramenta" in nudge[-1]["content"]
    assert roles(chats(ollama)[2])[-3:] == ["user", "assistant", "tool"]
    report = last_turn(entry)
    assert (report.rounds, report.tool_calls, report.error) == (3, 1, None)


async def test_a_claim_that_is_repeated_is_corrected(
    home: HomeAssistant, ollama: FakeOllama
) -> None:
    """The person hears that nothing was done, and so does the next turn."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    ollama.script(CLAIM)
    ollama.script(CLAIM)
    assert speech(await ask(home, VAGUE)) == NOT_DONE
    assert home.states.get(LIGHT).state == "off"
    assert len(chats(ollama)) == 2
    assert [getattr(message, "text", "") for message in remembered(home).messages] == [
        VAGUE,
        NOT_DONE,
    ]


async def test_an_honest_second_answer_is_spoken(home: HomeAssistant, ollama: FakeOllama) -> None:
    """A model that takes its claim back may do so in its own words."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    ollama.script(CLAIM)
    ollama.script({"content": "Não consigo fazer isso."})
    assert speech(await ask(home, VAGUE)) == "Não consigo fazer isso."


async def test_a_long_claim_is_held_back_too(home: HomeAssistant, ollama: FakeOllama) -> None:
    """A sentence that is too long to be held to its end is judged by its beginning."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    long = "Acabei de acender a luz da sala e de ajustar o brilho dela para ficar bem confortável."
    ollama.script(*({"content": piece} for piece in (long[:30], long[30:65], long[65:])))
    ollama.script({"content": "Não consegui."})
    assert speech(await ask(home, VAGUE)) == "Não consegui."


async def test_a_question_is_answered_with_a_state(home: HomeAssistant, ollama: FakeOllama) -> None:
    """Asked whether something is on, "está ligada" claims no deed."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    ollama.script({"content": "Luz da sala apagada."})
    assert speech(await ask(home, "como ficou a luz que eu deixei?")) == "Luz da sala apagada."


async def test_a_deed_may_be_told_after_it(home: HomeAssistant, ollama: FakeOllama) -> None:
    """What a tool did is no false claim."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    ollama.script(TURN_ON)
    ollama.script(CLAIM)
    assert speech(await ask(home, VAGUE)) == CLAIM["content"]


async def test_a_failed_tool_may_not_be_told_as_a_deed(
    home: HomeAssistant, ollama: FakeOllama
) -> None:
    """A claim after a call that failed is false all the same."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    ollama.script(control("on", "Ventilador"))
    ollama.script(CLAIM)
    ollama.script(CLAIM)
    assert speech(await ask(home, VAGUE)) == NOT_DONE


async def test_silence_after_a_failed_tool_is_no_deed(
    home: HomeAssistant, ollama: FakeOllama
) -> None:
    """Nothing was done, so nothing is confirmed."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    ollama.script(control("on", "Ventilador"))
    ollama.script()
    assert "não respondeu" in speech(await ask(home, VAGUE))


# Text and calls in one round


async def test_text_before_a_call_is_spoken(home: HomeAssistant, ollama: FakeOllama) -> None:
    """All rounds are one text, with a space between them."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    ollama.script({"content": "Um momento."}, TURN_ON)
    ollama.script({"content": "A luz está acesa."})
    deltas: list[dict[str, Any]] = []
    await listen(home, VAGUE, deltas.append)
    spoken = "".join(delta["content"] for delta in deltas if set(delta) == {"content"})
    assert spoken == "Um momento. A luz está acesa."


async def test_text_before_a_call_that_was_cut(home: HomeAssistant, ollama: FakeOllama) -> None:
    """The same after a connection that broke behind the call."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    ollama.script({"content": "Um momento."}, TURN_ON, {"cut": True})
    ollama.script({"content": "A luz está acesa."})
    deltas: list[dict[str, Any]] = []
    await listen(home, VAGUE, deltas.append)
    spoken = "".join(delta["content"] for delta in deltas if set(delta) == {"content"})
    assert spoken == "Um momento. A luz está acesa."


async def test_a_claim_before_its_call_is_not_spoken(
    home: HomeAssistant, ollama: FakeOllama
) -> None:
    """Announced as done and done a moment later: only the confirmed deed is told."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    ollama.script(CLAIM, control("on", "Luz da Sala"))
    ollama.script({"content": "Acesa."})
    assert speech(await ask(home, VAGUE)) == "Acesa."


async def test_calls_written_as_text_are_done(home: HomeAssistant, ollama: FakeOllama) -> None:
    """Neither the JSON nor a tool that does not exist is heard of."""
    entry = await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    call = '{"name": "home_control", "arguments": {"action": "on", "names": ["Luz da Sala"]}}'
    ollama.script({"content": f"Vamos lá. <tool_call>{call}</tool_call>"})
    ollama.script({"content": 'Acesa. <tool_call>{"name": "Dance", "arguments": {}}</tool_call>'})
    deltas: list[dict[str, Any]] = []
    await listen(home, VAGUE, deltas.append)
    spoken = "".join(delta["content"] for delta in deltas if set(delta) == {"content"})
    assert spoken.split() == ["Vamos", "lá.", "Acesa."]
    assert home.states.get(LIGHT).state == "on"
    assert last_turn(entry).tool_calls == 1


# Quick confirmation


async def test_a_done_command_needs_no_second_round(
    home: HomeAssistant, ollama: FakeOllama
) -> None:
    """Our sentence is faster than the model's."""
    entry = await set_up(home, OLLAMA_AGENT | QUICK, ollama_url=ollama.url)
    ollama.script(control("on", "Luz da Sala"))
    assert speech(await ask(home, VAGUE)) == "Luz da Sala ligada."
    report = last_turn(entry)
    assert (report.answered_by, report.rounds) == (AnsweredBy.MODEL, 1)


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param([control("on", "Luz da Sala", "Ventilador")], id="one is missing"),
        pytest.param([control("on", "Luz da Sala"), control("on", "Ventilador")], id="one failed"),
        pytest.param([control("on", "Luz da Sala"), control("fly", "Luz da Sala")], id="no action"),
        pytest.param(
            [
                control("on", "Luz da Sala"),
                {"tool_calls": [{"name": "home_state", "arguments": {"names": ["Abajur"]}}]},
            ],
            id="one was asked for",
        ),
    ],
)
async def test_what_only_the_model_can_tell_needs_a_second_round(
    home: HomeAssistant, ollama: FakeOllama, steps: list[Any]
) -> None:
    """What was not found, failed or was read is not left out of the answer."""
    await add_lamp(home)
    await set_up(home, OLLAMA_AGENT | QUICK, ollama_url=ollama.url)
    calls = [{**step["tool_calls"][0]} for step in steps]
    ollama.script({"tool_calls": calls})
    ollama.script({"content": "Só a luz."})
    assert speech(await ask(home, VAGUE)) == "Só a luz."
    assert home.states.get(LIGHT).state == "on"
    assert len(chats(ollama)) == 2


async def test_a_command_that_failed_needs_a_second_round(
    home: HomeAssistant, ollama: FakeOllama
) -> None:
    """A device that does not obey is no reason for "pronto"."""
    await set_up(home, OLLAMA_AGENT | QUICK, ollama_url=ollama.url)

    async def broken(_call: ServiceCall) -> None:
        raise RuntimeError

    home.services.async_register("light", "turn_on", broken)
    ollama.script(control("on", "Luz da Sala"))
    ollama.script({"content": "A luz não obedeceu."})
    assert speech(await ask(home, VAGUE)) == "A luz não obedeceu."


# Held commands


async def test_a_held_command_ends_the_turn_with_a_question(
    home: HomeAssistant, ollama: FakeOllama
) -> None:
    """What may be done is done and told, the rest is asked in our words; a yes needs no model."""
    await add_lock(home)
    entry = await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    device = satellite(home)
    ollama.script(
        {
            "tool_calls": [
                *control("on", "Luz da Sala")["tool_calls"],
                *control("unlock", "Porta da Frente")["tool_calls"],
            ]
        }
    )
    asked = await ask(home, "estou chegando com as compras", device_id=device)
    question = "Luz da Sala ligada. Quer mesmo destrancar a Porta da Frente?"
    assert speech(asked) == question
    assert asked.continue_conversation
    assert home.states.get(LOCK).state == "locked"
    assert last_turn(entry).rounds == 1
    yes = await ask(home, "sim", device_id=device, conversation_id=asked.conversation_id)
    assert home.states.get(LOCK).state == "unlocked"
    assert not yes.continue_conversation
    assert last_turn(entry).answered_by is AnsweredBy.CONFIRMATION
    assert len(chats(ollama)) == 1


async def test_a_model_cannot_confirm_itself(home: HomeAssistant, ollama: FakeOllama) -> None:
    """Calling twice in one turn changes nothing."""
    await add_lock(home)
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    unlock = control("unlock", "Porta da Frente")["tool_calls"]
    ollama.script({"content": "Sim, confirmado."}, {"tool_calls": [*unlock, *unlock]})
    assert "Quer mesmo destrancar" in speech(await ask(home, "estou chegando"))
    assert home.states.get(LOCK).state == "locked"
