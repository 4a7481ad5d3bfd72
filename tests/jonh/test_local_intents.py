"""Home Assistant's own sentences, and that they do not go round the guard."""

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from hassil.intents import Intent, IntentData
from hassil.recognize import MatchEntity, RecognizeResult
from homeassistant.components.conversation import ChatLog, ConversationInput
from homeassistant.core import Context
from homeassistant.setup import async_setup_component

from custom_components.jonh.agent.languages import Language
from custom_components.jonh.agent.safety.guard import Guard, Speaker
from custom_components.jonh.agent.telemetry import AnsweredBy
from custom_components.jonh.home_context import HomeContext
from custom_components.jonh.local_intents import async_answer_locally, intent_filter
from custom_components.jonh.tools.turn import ToolTurn
from tests.jonh.conftest import AGENT, LIGHT, OLLAMA_AGENT, agent_data, ask, set_up, speech
from tests.jonh.devices import LAMP, LOCK, add_lamp, add_lock
from tests.jonh.turns import chats

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.intent import IntentResponse
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from tests.fakes.ollama import FakeOllama


def turn_of(home: HomeAssistant, sentence: str = "", confirmed: str = "") -> ToolTurn:
    """Return a turn of somebody whose agent asks about what is `confirmed`."""
    context = HomeContext(home)
    return ToolTurn(
        index=context.index,
        guard=Guard(clock=home.loop.time, confirmed=frozenset({confirmed})),
        speaker=Speaker(device_id=None, user_id=None, conversation_id="c"),
        utterance=sentence,
        language=Language.EN,
        here=None,
        context=Context(),
        state_words=partial(context.state_words, language=Language.EN),
    )


async def answer(
    home: HomeAssistant,
    sentence: str,
    *,
    language: str = "en",
    confirmed: str = "",
    has_model: bool = False,
    has_control: bool = True,
) -> IntentResponse | None:
    """Return what Home Assistant answers by itself, without our plain rules before it."""
    turn = turn_of(home, sentence, confirmed)
    asked = ConversationInput(
        text=sentence,
        context=turn.context,
        conversation_id="c",
        device_id=None,
        satellite_id=None,
        language=language,
        agent_id=AGENT,
    )
    found = await async_answer_locally(
        home, asked, ChatLog(home, "c"), turn, has_model=has_model, has_control=has_control
    )
    await home.async_block_till_done()
    return found


def answered_by(entry: MockConfigEntry) -> AnsweredBy:
    """Return who settled the latest turn."""
    last = entry.runtime_data.turns["agent1"].last
    assert last is not None
    return last.answered_by


@pytest.mark.parametrize(
    ("sentence", "language"),
    [("turn on the Luz da Sala", "en"), ("acenda a Luz da Sala", "pt-BR")],
)
async def test_a_light_obeys(home: HomeAssistant, sentence: str, language: str) -> None:
    """What can do no harm is done, in whatever language Home Assistant knows."""
    assert await answer(home, sentence, language=language) is not None
    assert home.states.get(LIGHT).state == "on"


@pytest.mark.parametrize(
    ("sentence", "language"),
    [
        ("unlock the Porta da Frente", "en"),
        ("destrancar porta da frente", "pt-BR"),
        ("destranca a Porta da Frente", "pt-BR"),
    ],
)
async def test_a_named_lock_stays_locked(home: HomeAssistant, sentence: str, language: str) -> None:
    """Nobody is let in by a sentence that asks nothing."""
    await add_lock(home)
    assert await answer(home, sentence, language=language) is None
    assert home.states.get(LOCK).state == "locked"


@pytest.mark.parametrize(
    ("name", "slots", "is_refused"),
    [
        pytest.param("HassTurnOff", {"area": "Sala de Estar"}, True, id="all of a room"),
        pytest.param("HassTurnOff", {"domain": "lock"}, True, id="all locks"),
        pytest.param("HassTurnOn", {"domain": ["light", "cover"]}, True, id="covers among them"),
        pytest.param("HassOpenCover", {"area": "Sala de Estar"}, True, id="covers of a room"),
        pytest.param("HassTurnOff", {"domain": ["light", "fan"]}, False, id="lights and fans"),
        pytest.param("HassTurnOff", {"name": LOCK}, True, id="a lock by its id"),
        pytest.param("HassTurnOff", {"name": LIGHT}, False, id="a light by its id"),
        pytest.param("HassTurnOff", {"name": "Xis"}, True, id="what we do not know"),
        pytest.param("HassTurnOff", {"name": "Porta"}, True, id="what may be a lock"),
        pytest.param("HassMediaNext", {"area": "Sala de Estar"}, False, id="no switch"),
    ],
)
async def test_whole_rooms_and_kinds(
    home: HomeAssistant, name: str, slots: dict[str, Any], is_refused: bool
) -> None:
    """Home Assistant would unlock a lock that is "turned off" with the rest of its room."""
    await add_lock(home)
    result = RecognizeResult(
        intent=Intent(name=name),
        intent_data=IntentData(sentence_texts=[]),
        entities={
            slot: MatchEntity(name=slot, value=value, text="") for slot, value in slots.items()
        },
    )
    assert intent_filter(turn_of(home), has_model=False)(result) is is_refused


async def test_the_lights_of_a_room_obey(home: HomeAssistant) -> None:
    """A whole room of one harmless kind is switched without a question."""
    await add_lamp(home)
    assert await answer(home, "turn on the lights in the Sala de Estar") is not None
    assert [home.states.get(light).state for light in (LIGHT, LAMP)] == ["on", "on"]


@pytest.mark.parametrize(
    "sentence",
    [
        "turn on the Luz da Sala",
        "turn on the lights in the Sala de Estar",
        "set the Luz da Sala to 50% brightness",
    ],
)
async def test_what_the_user_wants_confirmed_is_not_switched(
    home: HomeAssistant, sentence: str
) -> None:
    """A light of the user's list is asked about like a lock, by name and in its room."""
    assert await answer(home, sentence, confirmed=LIGHT) is None
    assert home.states.get(LIGHT).state == "off"


async def test_what_switches_nothing_is_home_assistants_business(home: HomeAssistant) -> None:
    """What names nothing and switches nothing is answered."""
    assert await answer(home, "what time is it", has_model=True) is not None


@pytest.mark.parametrize("sentence", ["what is the state of the Luz da Sala", "hello"])
async def test_questions_and_greetings_go_to_the_model(home: HomeAssistant, sentence: str) -> None:
    """They are answered by the model where there is one, else by Home Assistant."""
    assert await answer(home, sentence, has_model=True) is None
    assert await answer(home, sentence, has_model=False) is not None


@pytest.mark.parametrize("has_control", [True, False])
async def test_an_agent_without_control(home: HomeAssistant, has_control: bool) -> None:
    """Who only talks switches nothing over these sentences either."""
    found = await answer(home, "turn on the Luz da Sala", has_control=has_control)
    assert (found is not None) is has_control
    assert home.states.get(LIGHT).state == ("on" if has_control else "off")


async def test_who_answered_is_reported(home: HomeAssistant) -> None:
    """The turn counts as answered by Home Assistant, and went well."""
    entry = await set_up(home, agent_data())
    assert speech(await ask(home, "what time is it", language="en"))
    assert answered_by(entry) is AnsweredBy.LOCAL


async def test_an_automation_answers_first(home: HomeAssistant, ollama: FakeOllama) -> None:
    """A sentence of the user's own needs no model."""
    automation = {
        "trigger": {"platform": "conversation", "command": ["hora do cinema"]},
        "action": {"set_conversation_response": "Bom filme."},
    }
    assert await async_setup_component(home, "automation", {"automation": automation})
    entry = await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    assert speech(await ask(home, "hora do cinema")) == "Bom filme."
    assert answered_by(entry) is AnsweredBy.LOCAL
    assert not chats(ollama)
