"""What the model is told of earlier turns."""

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.components import conversation
from homeassistant.components.conversation.chat_log import DATA_CHAT_LOGS
from homeassistant.core import Context, HomeAssistant
from pytest_homeassistant_custom_component.common import flush_store

from custom_components.jonh.const import CONF_STORE_HISTORY
from custom_components.jonh.store import ARCHIVE
from tests.jonh.conftest import OLLAMA_AGENT, ask, satellite, set_up, speech
from tests.jonh.turns import chats, listen, pass_minutes, remembered, said

if TYPE_CHECKING:
    from tests.fakes.ollama import FakeOllama

REQUEST_MARK = "PEDIDO: "
"""Between what is true right now, which only the last message tells, and the request."""


def told(ollama: FakeOllama, which: int = -1) -> list[str]:
    """Return the words in a request, what is true right now left out of the last message."""
    words = said(chats(ollama)[which])
    return [*words[:-1], words[-1].rpartition(REQUEST_MARK)[2]]


async def test_history_is_limited(home: HomeAssistant, ollama: FakeOllama) -> None:
    """The model sees the last ten messages, five questions with their answers."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    conversation_id = None
    for number in range(7):
        ollama.script({"content": f"Resposta {number}."})
        result = await ask(home, f"pergunta {number}", conversation_id=conversation_id)
        conversation_id = result.conversation_id
    words = told(ollama)
    assert words[0] == "pergunta 1"
    assert words[-2:] == ["Resposta 5.", "pergunta 6"]
    assert len(words) == 11


@pytest.mark.parametrize(
    ("minutes", "is_remembered"),
    [pytest.param(20, True, id="within the hour"), pytest.param(61, False, id="later")],
)
async def test_satellite_remembers_for_an_hour(
    home: HomeAssistant,
    ollama: FakeOllama,
    monkeypatch: pytest.MonkeyPatch,
    minutes: int,
    is_remembered: bool,
) -> None:
    """A room goes on after Home Assistant has forgotten the conversation."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    device = satellite(home)
    await ask(home, "meu nome é Ana", device_id=device)
    pass_minutes(monkeypatch, minutes)
    await ask(home, "como me chamo", device_id=device)
    assert ("meu nome é Ana" in told(ollama)) is is_remembered


async def test_rooms_do_not_share_memory(home: HomeAssistant, ollama: FakeOllama) -> None:
    """What was said in one room stays there."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    await ask(home, "segredo", device_id=satellite(home, "a"))
    await ask(home, "qual?", device_id=satellite(home, "b"))
    assert told(ollama) == ["qual?"]


@pytest.mark.parametrize(
    ("second_user", "minutes", "is_remembered"),
    [
        pytest.param("ana", 20, True, id="the same person later"),
        pytest.param("ana", 1, False, id="the same person starts anew"),
        pytest.param("bia", 20, False, id="somebody else"),
    ],
)
async def test_person_without_satellite(
    home: HomeAssistant,
    ollama: FakeOllama,
    monkeypatch: pytest.MonkeyPatch,
    second_user: str,
    minutes: int,
    is_remembered: bool,
) -> None:
    """A person goes on after Home Assistant dropped the conversation, and nobody else does."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    await ask(home, "meu nome é Ana", user_id="ana")
    pass_minutes(monkeypatch, minutes)
    await ask(home, "como me chamo", user_id=second_user)
    assert ("meu nome é Ana" in told(ollama)) is is_remembered


async def test_barge_in_stops_the_model(home: HomeAssistant, ollama: FakeOllama) -> None:
    """A cancelled turn frees the server, and what was said until then is remembered."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    device = satellite(home)
    begun = "Era uma vez, há muito tempo, um rei que morava num castelo longe daqui."
    ollama.script({"content": f"{begun} "}, {"stall": True})
    heard = asyncio.Event()

    def note(delta: dict[str, Any]) -> None:
        if "content" in delta:
            heard.set()

    turn = listen(home, "conte uma história", note, device_id=device)
    await asyncio.wait_for(heard.wait(), 5)
    turn.cancel()
    with pytest.raises(asyncio.CancelledError):
        await turn
    await asyncio.wait_for(ollama.closed_early.wait(), 5)
    ollama.script({"content": "Oi."})
    await ask(home, "oi", device_id=device)
    words = told(ollama)
    assert words[0] == "conte uma história"
    assert words[1] == f"{begun} ..."


async def test_local_turns_are_remembered(home: HomeAssistant, ollama: FakeOllama) -> None:
    """The model knows what Home Assistant answered by itself in the same conversation."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    first = await home.async_create_task(
        conversation.async_converse(
            home,
            "acenda a luz da sala",
            None,
            Context(),
            "pt-BR",
            conversation.HOME_ASSISTANT_AGENT,
        )
    )
    await ask(home, "apague", conversation_id=first.conversation_id)
    words = told(ollama, 0)
    assert words[0] == "acenda a luz da sala"
    assert words[-1] == "apague"


@pytest.mark.parametrize(
    ("is_stored", "is_restarted", "is_remembered"),
    [
        pytest.param(True, False, True, id="a reload"),
        pytest.param(False, False, True, id="a reload, nothing on disk"),
        pytest.param(True, True, True, id="a restart"),
        pytest.param(False, True, False, id="a restart, nothing on disk"),
    ],
)
async def test_memory_survives(
    home: HomeAssistant,
    ollama: FakeOllama,
    is_stored: bool,
    is_restarted: bool,
    is_remembered: bool,
) -> None:
    """A room goes on after the agent was loaded anew, as far as it may be written."""
    settings = OLLAMA_AGENT | {CONF_STORE_HISTORY: is_stored}
    entry = await set_up(home, settings, ollama_url=ollama.url)
    device = satellite(home)
    await ask(home, "meu nome é Ana", device_id=device)
    assert await home.config_entries.async_unload(entry.entry_id)
    await flush_store(home.data[ARCHIVE]._store)
    home.data.pop(ARCHIVE if is_restarted else "nothing", None)
    assert await home.config_entries.async_setup(entry.entry_id)
    await home.async_block_till_done()
    await ask(home, "como me chamo", device_id=device)
    assert ("meu nome é Ana" in told(ollama)) is is_remembered


async def test_reset_by_voice(home: HomeAssistant, ollama: FakeOllama) -> None:
    """The words are gone from the next request, although Home Assistant still holds them."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    device = satellite(home)
    first = await ask(home, "meu nome é Ana", device_id=device)
    conversation_id = first.conversation_id
    reset = await ask(
        home, "esquece tudo que conversamos", conversation_id=conversation_id, device_id=device
    )
    assert speech(reset) == "Pronto, esqueci a nossa conversa."
    await ask(home, "como me chamo", conversation_id=conversation_id, device_id=device)
    assert not any("Ana" in words for words in told(ollama))


async def test_only_what_was_heard_is_told(home: HomeAssistant, ollama: FakeOllama) -> None:
    """After an interruption the model is told what was heard, and no word more."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    ollama.script({"content": "Era uma vez um rei. Ele morava longe."})
    result = await ask(home, "conte uma história")
    assert home.data[ARCHIVE].note_heard(result.conversation_id, "Era uma vez um")
    assert remembered(home).was_interrupted
    ollama.script({"content": "Está bem."})
    await ask(home, "outra", conversation_id=result.conversation_id)
    assert told(ollama) == ["conte uma história", "Era uma vez um ...", "outra"]
    log = home.data[DATA_CHAT_LOGS][result.conversation_id]
    assert [each.content for each in log.content[1:3]] == [
        "conte uma história",
        "Era uma vez um ...",
    ]


async def test_only_what_was_heard_of_a_local_answer_is_told(
    home: HomeAssistant, ollama: FakeOllama
) -> None:
    """What Home Assistant answered by itself is cut where we find it later."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    result = await ask(home, "ligar Luz da Sala", agent=conversation.HOME_ASSISTANT_AGENT)
    assert home.data[ARCHIVE].note_heard(result.conversation_id, "")
    await ask(home, "conte mais", conversation_id=result.conversation_id)
    assert told(ollama)[:2] == ["ligar Luz da Sala", "..."]


async def test_a_turn_that_nobody_knows_is_not_cut(home: HomeAssistant, ollama: FakeOllama) -> None:
    """A conversation may be over for Home Assistant, or have never been."""
    await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    assert not home.data[ARCHIVE].note_heard("nenhuma", "Era")
