"""The actions over what the agents remember."""

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.components import conversation
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError, Unauthorized
from homeassistant.util import dt as dt_util

from custom_components.jonh.agent.limits import MAX_FACT_CHARS, MAX_FACTS
from custom_components.jonh.const import CONF_FACTS, DOMAIN
from custom_components.jonh.providers.base import (
    AssistantMessage,
    ToolCall,
    ToolResultMessage,
    UserMessage,
)
from custom_components.jonh.store import async_sessions
from tests.jonh.conftest import AGENT, satellite, set_up

if TYPE_CHECKING:
    from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser


@pytest.fixture
async def entry(home: HomeAssistant) -> MockConfigEntry:
    """Set up Jonh with one agent."""
    return await set_up(home, {})


async def act(home: HomeAssistant, action: str, user: MockUser | None = None, **fields: Any) -> Any:
    """Run an action as an automation, or as a user."""
    response = home.services.supports_response(DOMAIN, action).value != "none"
    return await home.services.async_call(
        DOMAIN,
        action,
        fields,
        blocking=True,
        context=Context(user_id=user.id if user else None),
        return_response=response,
    )


def talk(
    home: HomeAssistant,
    text: str,
    user: MockUser | None = None,
    device: str | None = None,
    agent: str = "agent1",
) -> str:
    """Have one turn and return the id of its session."""
    store = async_sessions(home, agent)
    now_s = dt_util.utcnow().timestamp()
    user_id = user.id if user else None
    session = store.open(conversation_id=text, device_id=device, user_id=user_id, now_s=now_s)
    said = [
        UserMessage(text),
        AssistantMessage("", (ToolCall(id="1", name="light", args={"name": "Sala"}),)),
        ToolResultMessage(call_id="1", name="light", result="ok"),
        AssistantMessage("Pronto."),
    ]
    store.remember(session, now_s, said, user_id=user_id, language="pt-BR", provider="Ollama")
    return session.id


async def ids(home: HomeAssistant, user: MockUser | None = None, **fields: Any) -> list[str]:
    """Return the sessions that somebody is shown."""
    listed = await act(home, "list_sessions", user, **fields)
    return [session["session_id"] for session in listed["sessions"]]


async def test_people_see_theirs_and_administrators_all(
    home: HomeAssistant,
    entry: MockConfigEntry,
    hass_admin_user: MockUser,
    hass_read_only_user: MockUser,
) -> None:
    """What was said to a satellite is for administrators and automations only."""
    hers = talk(home, "um", hass_read_only_user)
    theirs = talk(home, "dois", hass_admin_user)
    room = talk(home, "três", device=satellite(home))
    assert await ids(home, hass_read_only_user) == [hers]
    assert await ids(home, hass_admin_user) == [room, theirs, hers]
    assert await ids(home) == [room, theirs, hers]
    assert await ids(home, agent=AGENT) == [room, theirs, hers]


async def test_unknown_user_sees_nothing(home: HomeAssistant, entry: MockConfigEntry) -> None:
    """A context of somebody who was deleted is not trusted."""
    talk(home, "um")
    listed = await home.services.async_call(
        DOMAIN,
        "list_sessions",
        {},
        blocking=True,
        context=Context(user_id="gone"),
        return_response=True,
    )
    assert listed == {"sessions": []}


async def test_list_says_who_and_when_but_not_what(
    home: HomeAssistant, entry: MockConfigEntry, hass_admin_user: MockUser
) -> None:
    """A list can be shown without showing a word that was said."""
    device = satellite(home)
    talk(home, "segredo", hass_admin_user)
    talk(home, "segredo", device=device)
    room, typed = (await act(home, "list_sessions"))["sessions"]
    assert "segredo" not in str([room, typed])
    assert room["agent_id"] == AGENT
    assert (room["device_id"], room["user_id"], room["user_name"]) == (device, None, None)
    assert (typed["device_id"], typed["device_name"]) == (None, None)
    assert (typed["user_id"], typed["user_name"]) == (hass_admin_user.id, hass_admin_user.name)
    assert typed["turn_count"] == 1
    assert dt_util.parse_datetime(typed["started"]) is not None
    assert typed["started"] == typed["last_turn"]


async def test_get_returns_what_was_said_and_done(
    home: HomeAssistant, entry: MockConfigEntry, hass_read_only_user: MockUser
) -> None:
    """Words, tools and results, and who answered."""
    session = await act(
        home, "get_session", hass_read_only_user, session_id=talk(home, "um", hass_read_only_user)
    )
    (turn,) = session["turns"]
    assert [message["role"] for message in turn["messages"]] == [
        "user",
        "assistant",
        "tool",
        "assistant",
    ]
    assert turn["messages"][0]["text"] == "um"
    assert turn["messages"][1]["tool_calls"][0]["args"] == {"name": "Sala"}
    assert (turn["provider"], turn["language"]) == ("Ollama", "pt-BR")
    assert turn["started"] == session["started"]


@pytest.mark.parametrize("action", ["get_session", "delete_session"])
async def test_foreign_and_unknown_sessions_are_not_found(
    home: HomeAssistant, entry: MockConfigEntry, hass_read_only_user: MockUser, action: str
) -> None:
    """Nobody learns whether a conversation of somebody else exists."""
    room = talk(home, "um", device=satellite(home))
    for session_id in (room, "unknown"):
        with pytest.raises(ServiceValidationError) as caught:
            await act(home, action, hass_read_only_user, session_id=session_id)
        assert caught.value.translation_key == "session_not_found"
    assert await ids(home) == [room]


async def test_delete_forgets_one(
    home: HomeAssistant, entry: MockConfigEntry, hass_read_only_user: MockUser
) -> None:
    """The other conversations stay."""
    first = talk(home, "um", hass_read_only_user)
    second = talk(home, "dois", hass_read_only_user)
    await act(home, "delete_session", hass_read_only_user, session_id=first)
    assert await ids(home, hass_read_only_user) == [second]


async def test_clear_forgets_what_the_caller_may_see(
    home: HomeAssistant, entry: MockConfigEntry, hass_read_only_user: MockUser
) -> None:
    """People forget theirs, an automation everything."""
    talk(home, "um", hass_read_only_user)
    room = talk(home, "dois", device=satellite(home))
    assert await act(home, "clear_history", hass_read_only_user) == {"forgotten": 1}
    assert await ids(home) == [room]
    assert await act(home, "clear_history") == {"forgotten": 1}
    assert await act(home, "clear_history") == {"forgotten": 0}
    assert await ids(home) == []


async def test_clear_can_be_narrowed(
    home: HomeAssistant, entry: MockConfigEntry, hass_admin_user: MockUser
) -> None:
    """To a satellite, a user or an agent."""
    device = satellite(home)
    typed = talk(home, "um", hass_admin_user)
    other = talk(home, "dois", device=satellite(home, "other"))
    talk(home, "três", device=device)
    assert await act(home, "clear_history", device_id=device) == {"forgotten": 1}
    assert await ids(home) == [other, typed]
    assert await act(home, "clear_history", user_id=hass_admin_user.id) == {"forgotten": 1}
    assert await ids(home) == [other]
    assert await act(home, "clear_history", agent=AGENT) == {"forgotten": 1}


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        ("clear_history", {}),
        ("list_sessions", {}),
        ("remember_fact", {"text": "oi"}),
        ("forget_fact", {"text": "oi"}),
    ],
)
@pytest.mark.parametrize("agent", [conversation.HOME_ASSISTANT_AGENT, "conversation.none"])
async def test_agent_must_be_one_of_ours(
    home: HomeAssistant, entry: MockConfigEntry, action: str, fields: dict[str, str], agent: str
) -> None:
    """Any other agent is refused with words."""
    with pytest.raises(ServiceValidationError) as caught:
        await act(home, action, agent=agent, **fields)
    assert caught.value.translation_key == "agent_not_found"


async def test_clear_one_agent_of_two(home: HomeAssistant, entry: MockConfigEntry) -> None:
    """What was said to the other one stays."""
    other = ConfigSubentry(
        data=MappingProxyType({}), subentry_type="conversation", title="Outro", unique_id=None
    )
    home.config_entries.async_add_subentry(entry, other)
    await home.async_block_till_done()
    talk(home, "um")
    kept = talk(home, "dois", agent=other.subentry_id)
    assert await act(home, "clear_history", agent=AGENT) == {"forgotten": 1}
    assert await ids(home) == [kept]
    assert await ids(home, agent=AGENT) == []
    assert await ids(home, agent="conversation.outro") == [kept]


async def test_without_an_entry(home: HomeAssistant, entry: MockConfigEntry) -> None:
    """After the entry is gone there is nothing to see, and nothing fails."""
    await home.config_entries.async_remove(entry.entry_id)
    assert await ids(home) == []
    assert await act(home, "clear_history") == {"forgotten": 0}
    with pytest.raises(ServiceValidationError) as caught:
        await act(home, "remember_fact", text="oi")
    assert caught.value.translation_key == "no_agent"


def facts(entry: MockConfigEntry) -> list[str]:
    """Return what the agent always knows."""
    return list(entry.subentries["agent1"].data.get(CONF_FACTS, ()))


async def test_facts_come_and_go(home: HomeAssistant, entry: MockConfigEntry) -> None:
    """An automation may teach; what was said in between is not forgotten over it."""
    talk(home, "um", device=satellite(home))
    await act(home, "remember_fact", text=" Bola é o gato da Ana. ")
    await act(home, "remember_fact", agent=AGENT, text="bola e o gato da ana")
    await act(home, "remember_fact", text="O lixo sai na terça.")
    await home.async_block_till_done()
    assert facts(entry) == ["Bola é o gato da Ana.", "O lixo sai na terça."]
    assert len(await ids(home)) == 1
    await act(home, "forget_fact", text="gato")
    await home.async_block_till_done()
    assert facts(entry) == ["O lixo sai na terça."]


@pytest.mark.parametrize(
    ("action", "text", "key"),
    [
        ("remember_fact", "mais um", "too_many_facts"),
        ("remember_fact", "a" * (MAX_FACT_CHARS + 1), "fact_too_long"),
        ("forget_fact", "fato", "fact_not_found"),
        ("forget_fact", "cachorro", "fact_not_found"),
    ],
)
async def test_refused_facts(home: HomeAssistant, action: str, text: str, key: str) -> None:
    """The list stays as it was, and the reason is said."""
    full = [f"fato {number}" for number in range(MAX_FACTS)]
    entry = await set_up(home, {CONF_FACTS: full})
    with pytest.raises(ServiceValidationError) as caught:
        await act(home, action, text=text)
    assert caught.value.translation_key == key
    assert facts(entry) == full


@pytest.mark.parametrize("action", ["remember_fact", "forget_fact"])
async def test_facts_are_for_administrators(
    home: HomeAssistant, entry: MockConfigEntry, hass_read_only_user: MockUser, action: str
) -> None:
    """What every conversation is told is not everybody's to change."""
    with pytest.raises(Unauthorized):
        await act(home, action, hass_read_only_user, text="oi")
    assert facts(entry) == []
