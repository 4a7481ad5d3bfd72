"""Answers that need no model: the guard's questions, plain commands and plain questions."""

import json
import logging
from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.components.conversation.chat_log import DATA_CHAT_LOGS
from homeassistant.helpers import intent
from pytest_homeassistant_custom_component.common import flush_store

from custom_components.jonh.agent.safety.pin import Pin
from custom_components.jonh.agent.telemetry import AnsweredBy
from custom_components.jonh.const import CONF_PIN_HASH
from custom_components.jonh.conversation import REDACTED
from custom_components.jonh.store import ARCHIVE
from tests.jonh.conftest import LIGHT, OLLAMA_AGENT, agent_data, ask, satellite, set_up, speech
from tests.jonh.devices import LAMP, LOCK, add_lamp, add_lock
from tests.jonh.turns import DEAD_URL, MODEL_FIRST, chats, last_turn

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

    from tests.fakes.ollama import FakeOllama

PIN = "4812"
WITH_PIN = {CONF_PIN_HASH: Pin.create(PIN, b"salt of a test..").to_text()}
UNLOCK = "destranque a porta da frente"


def lock_state(home: HomeAssistant) -> str:
    """Return the state of the lock."""
    state: str = home.states.get(LOCK).state
    return state


async def test_a_plain_command_costs_no_model(home: HomeAssistant, ollama: FakeOllama) -> None:
    """It is done and confirmed at once, and reported as such."""
    entry = await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    result = await ask(home, "acenda a luz da sala")
    assert speech(result) == "Luz da Sala ligada."
    assert home.states.get(LIGHT).state == "on"
    assert not result.continue_conversation
    assert not chats(ollama)
    report = last_turn(entry)
    assert report.answered_by is AnsweredBy.FAST_PATH
    assert (report.provider, report.model, report.rounds, report.error) == (None, None, 0, None)
    assert report.first_token_s is not None


async def test_a_plain_question_costs_no_model(home: HomeAssistant, ollama: FakeOllama) -> None:
    """The state is told in a sentence."""
    entry = await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    assert speech(await ask(home, "a luz da sala está acesa?")) == "A Luz da Sala está desligada."
    assert last_turn(entry).answered_by is AnsweredBy.FAST_PATH
    assert not chats(ollama)


@pytest.mark.parametrize(
    ("answer", "state", "said"),
    [
        ("sim", "unlocked", "Porta da Frente destrancada."),
        ("não", "locked", "Tudo bem, não fiz nada."),
    ],
)
async def test_a_risky_command_is_asked_first(
    home: HomeAssistant, ollama: FakeOllama, answer: str, state: str, said: str
) -> None:
    """The satellite listens on, and only the answer decides, without any model."""
    await add_lock(home)
    entry = await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    device = satellite(home)
    asked = await ask(home, UNLOCK, device_id=device)
    assert speech(asked) == "Quer mesmo destrancar a Porta da Frente?"
    assert asked.continue_conversation
    assert lock_state(home) == "locked"
    assert last_turn(entry).answered_by is AnsweredBy.CONFIRMATION
    answered = await ask(home, answer, device_id=device, conversation_id=asked.conversation_id)
    assert (lock_state(home), speech(answered)) == (state, said)
    assert not answered.continue_conversation
    assert last_turn(entry).answered_by is AnsweredBy.CONFIRMATION
    assert not chats(ollama)


async def test_another_satellite_cannot_say_yes(home: HomeAssistant, ollama: FakeOllama) -> None:
    """A yes in another room is an ordinary sentence for the model."""
    await add_lock(home)
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    await ask(home, UNLOCK, device_id=satellite(home, "hall"))
    ollama.script({"content": "Sim o quê?"})
    assert speech(await ask(home, "sim", device_id=satellite(home, "attic"))) == "Sim o quê?"
    assert lock_state(home) == "locked"
    await ask(home, "sim", device_id=satellite(home, "hall"))
    assert lock_state(home) == "unlocked"


async def test_another_request_drops_the_question(home: HomeAssistant, ollama: FakeOllama) -> None:
    """A yes that comes later is about something else."""
    await add_lock(home)
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    device = satellite(home)
    await ask(home, UNLOCK, device_id=device)
    await ask(home, "acenda a luz da sala", device_id=device)
    assert home.states.get(LIGHT).state == "on"
    await ask(home, "sim", device_id=device)
    assert lock_state(home) == "locked"


async def test_a_light_that_the_user_wants_confirmed(home: HomeAssistant) -> None:
    """What is on the user's list is asked about; the rest of the command is done at once."""
    await add_lamp(home)
    await set_up(home, agent_data(confirm_entities=[LAMP]))
    asked = await ask(home, "acenda as luzes da sala de estar")
    assert [home.states.get(light).state for light in (LIGHT, LAMP)] == ["on", "off"]
    assert speech(asked) == "Luz da Sala ligada. Quer mesmo ligar o abajur?"
    assert asked.continue_conversation


async def test_a_room_leaves_its_lock_alone(home: HomeAssistant) -> None:
    """What may not be reached in passing is named, and not asked about."""
    await add_lock(home)
    await set_up(home, agent_data())
    result = await ask(home, "desligue tudo na sala de estar")
    assert lock_state(home) == "locked"
    assert not result.continue_conversation


async def test_the_pin_opens(home: HomeAssistant, ollama: FakeOllama) -> None:
    """A yes is not enough, a wrong PIN neither; the right one is."""
    await add_lock(home)
    await set_up(home, OLLAMA_AGENT | WITH_PIN, ollama_url=ollama.url)
    device = satellite(home)
    asked = await ask(home, UNLOCK, device_id=device)
    assert speech(asked) == "Para destrancar a Porta da Frente, diga o PIN."
    for said in ("sim", "quatro oito um três"):
        answered = await ask(home, said, device_id=device)
        assert answered.continue_conversation
        assert lock_state(home) == "locked"
    answered = await ask(home, "quatro oito um dois", device_id=device)
    assert lock_state(home) == "unlocked"
    assert not answered.continue_conversation
    assert not chats(ollama)


@pytest.mark.parametrize("is_asked", [True, False], ids=["asked", "unasked"])
async def test_nobody_remembers_a_pin(
    home: HomeAssistant, ollama: FakeOllama, caplog: pytest.LogCaptureFixture, is_asked: bool
) -> None:
    """Neither the model nor the memory, the disk, Home Assistant's chat or our log has it."""
    await add_lock(home)
    await set_up(home, OLLAMA_AGENT | WITH_PIN, ollama_url=ollama.url)
    device = satellite(home)
    conversation_id = None
    if is_asked:
        conversation_id = (await ask(home, UNLOCK, device_id=device)).conversation_id
    with caplog.at_level(logging.DEBUG, "custom_components.jonh"):
        told = await ask(home, f"é {PIN}", device_id=device, conversation_id=conversation_id)
        assert (lock_state(home) == "unlocked") is is_asked
        ollama.script({"content": "De nada."})
        await ask(home, "obrigado", device_id=device, conversation_id=told.conversation_id)
    (body,) = chats(ollama)
    assert REDACTED in json.dumps(body, ensure_ascii=False)
    archive = home.data[ARCHIVE]
    await flush_store(archive._store)
    logs = home.data[DATA_CHAT_LOGS].values()
    ours = [record.getMessage() for record in caplog.records if "jonh" in record.name]
    for where in (body, archive._data(), [log.as_dict() for log in logs], ours):
        assert PIN not in json.dumps(where, default=str)


async def test_reset_by_voice_costs_no_model(home: HomeAssistant, ollama: FakeOllama) -> None:
    """The wish to forget is settled by us, and leaves nothing of itself."""
    entry = await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    device = satellite(home)
    ollama.script({"content": "Prazer, Ana."})
    await ask(home, "meu nome é Ana", device_id=device)
    assert len(list(home.data[ARCHIVE]["agent1"].memory)) == 1
    await ask(home, "esquece tudo que conversamos", device_id=device)
    assert not list(home.data[ARCHIVE]["agent1"].memory)
    assert last_turn(entry).answered_by is AnsweredBy.FAST_PATH
    assert len(chats(ollama)) == 1


async def test_model_first(home: HomeAssistant, ollama: FakeOllama) -> None:
    """Without the fast path even a plain command is the model's."""
    entry = await set_up(home, OLLAMA_AGENT | MODEL_FIRST, ollama_url=ollama.url)
    ollama.script({"content": "Qual luz?"})
    assert speech(await ask(home, "acenda a luz da sala")) == "Qual luz?"
    assert home.states.get(LIGHT).state == "off"
    assert last_turn(entry).answered_by is AnsweredBy.MODEL


async def test_model_first_and_the_home_still_obeys(
    home: HomeAssistant, socket_enabled: None
) -> None:
    """When no model answers, plain rules do after all."""
    entry = await set_up(home, OLLAMA_AGENT | MODEL_FIRST, ollama_url=DEAD_URL)
    assert speech(await ask(home, "acenda a luz da sala")) == "Luz da Sala ligada."
    report = last_turn(entry)
    assert (report.answered_by, report.error) == (AnsweredBy.FAST_PATH, None)
    failed = await ask(home, "conte uma piada")
    assert failed.response.response_type is intent.IntentResponseType.ERROR
    report = last_turn(entry)
    assert (report.answered_by, report.error) == (AnsweredBy.ERROR, "unreachable")


async def test_model_first_and_home_assistant_still_obeys(
    home: HomeAssistant, socket_enabled: None
) -> None:
    """Home Assistant's sentences step in too, where our rules know nothing."""
    entry = await set_up(home, OLLAMA_AGENT | MODEL_FIRST, ollama_url=DEAD_URL)
    assert speech(await ask(home, "what time is it", language="en"))
    report = last_turn(entry)
    assert (report.answered_by, report.error) == (AnsweredBy.LOCAL, None)


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("acenda o abajur", "e agora o que mais?"),
        ("o abajur está aceso?", "e agora o que mais?"),
    ],
)
async def test_what_was_done_stays_in_mind(
    home: HomeAssistant, ollama: FakeOllama, first: str, then: str
) -> None:
    """The model that is asked next is told of what plain rules switched or told."""
    await add_lamp(home)
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    device = satellite(home)
    await ask(home, first, device_id=device)
    ollama.script({"content": "Nada."})
    await ask(home, then, device_id=device)
    assert "Abajur = " in _last(chats(ollama)[-1])


def _last(body: dict[str, Any]) -> str:
    text: str = body["messages"][-1]["content"]
    return text
