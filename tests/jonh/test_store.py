"""What the agents remember across reloads and restarts, and what leaves the disk."""

from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.components.conversation import AssistantContent, UserContent
from homeassistant.config_entries import ConfigSubentry
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed, flush_store

from custom_components.jonh.const import CONF_HISTORY_S, CONF_STORE_HISTORY
from custom_components.jonh.providers.base import AssistantMessage, ToolResultMessage, UserMessage
from custom_components.jonh.store import (
    ARCHIVE,
    SAVE_DELAY_S,
    STORAGE_KEY,
    SWEEP_INTERVAL,
    SessionStore,
    async_load_sessions,
    async_remove_sessions,
    async_sessions,
)
from tests.jonh.conftest import OLLAMA_AGENT, jonh_entry

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from custom_components.jonh.agent.history.memory import Session

AGENT = "agent1"


def now() -> float:
    """Return the time that Home Assistant has."""
    return dt_util.utcnow().timestamp()


def talk(store: SessionStore, text: str, **who: str | None) -> Session:
    """Have one turn."""
    seat = {"conversation_id": "c1", "device_id": None, "user_id": None} | who
    started_s = now()
    session = store.open(**seat, now_s=started_s)
    store.remember(session, started_s, [UserMessage(text), AssistantMessage("Sim.")])
    return session


def knows(store: SessionStore, **who: str | None) -> list[str]:
    """Return the requests that a turn would be told of."""
    seat = {"conversation_id": "c1", "device_id": None, "user_id": None} | who
    session = store.open(**seat, now_s=now())
    said = store.history(session, now())
    return [message.text for message in said if isinstance(message, UserMessage)]


async def load(hass: HomeAssistant, **settings: Any) -> MockConfigEntry:
    """Load the sessions of an entry with one agent."""
    entry = jonh_entry({}, OLLAMA_AGENT | settings)
    entry.add_to_hass(hass)
    await async_load_sessions(hass, entry)
    return entry


async def restart(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Write what is to be written, forget what is in memory, and load."""
    await save(hass)
    del hass.data[ARCHIVE]
    await async_load_sessions(hass, entry)


async def save(hass: HomeAssistant) -> None:
    """Wait until a change is written."""
    await flush_store(hass.data[ARCHIVE]._store)


def change(hass: HomeAssistant, entry: MockConfigEntry, **settings: Any) -> None:
    """Save the agent's form."""
    (subentry,) = entry.subentries.values()
    hass.config_entries.async_update_subentry(entry, subentry, data={**subentry.data, **settings})


def written(hass_storage: dict[str, Any]) -> str:
    """Return everything that is on the disk."""
    return str(hass_storage.get(STORAGE_KEY, ""))


async def test_sessions_survive_a_restart(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    """A room and a person go on where they were."""
    entry = await load(hass)
    store = async_sessions(hass, AGENT)
    talk(store, "um", device_id="d1")
    talk(store, "dois", user_id="ana")
    assert STORAGE_KEY not in hass_storage
    await restart(hass, entry)
    assert async_sessions(hass, AGENT) is not store
    assert knows(async_sessions(hass, AGENT), device_id="d1") == ["um"]
    assert knows(async_sessions(hass, AGENT), user_id="ana", conversation_id="c2") == ["dois"]


async def test_everything_of_a_turn_is_kept(hass: HomeAssistant) -> None:
    """Who spoke, in which language, who answered and how it ended."""
    entry = await load(hass)
    store = async_sessions(hass, AGENT)
    session = store.open(conversation_id="c1", device_id="d1", user_id="ana", now_s=now())
    store.remember(
        session,
        now(),
        [UserMessage("conte uma história"), AssistantMessage("Era uma vez ...")],
        user_id="ana",
        language="pt-BR",
        provider="Ollama",
        was_interrupted=True,
        has_failed=True,
    )
    await restart(hass, entry)
    ((_, restored),) = hass.data[ARCHIVE]
    (turn,) = restored.turns
    assert (turn.user_id, turn.device_id, turn.language) == ("ana", "d1", "pt-BR")
    assert (turn.provider, turn.was_interrupted, turn.has_failed) == ("Ollama", True, True)
    assert turn.messages[1] == AssistantMessage("Era uma vez ...")
    assert restored.id == session.id


async def test_written_after_a_while(hass: HomeAssistant, hass_storage: dict[str, Any]) -> None:
    """A crash loses the last seconds only."""
    await load(hass)
    talk(async_sessions(hass, AGENT), "um")
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=SAVE_DELAY_S - 1))
    await hass.async_block_till_done()
    assert STORAGE_KEY not in hass_storage
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=SAVE_DELAY_S + 1))
    await hass.async_block_till_done()
    assert "um" in written(hass_storage)


async def test_final_write(hass: HomeAssistant, hass_storage: dict[str, Any]) -> None:
    """What was said just before a shutdown is written."""
    await load(hass)
    talk(async_sessions(hass, AGENT), "um")
    await hass.async_stop(force=True)
    assert "um" in written(hass_storage)


async def test_private_agent_writes_nothing(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    """Without "store" a reload is survived, a restart is not."""
    entry = await load(hass, **{CONF_STORE_HISTORY: False})
    talk(async_sessions(hass, AGENT), "um", device_id="d1")
    await save(hass)
    assert STORAGE_KEY not in hass_storage
    await async_load_sessions(hass, entry)
    assert knows(async_sessions(hass, AGENT), device_id="d1") == ["um"]
    await restart(hass, entry)
    assert knows(async_sessions(hass, AGENT), device_id="d1") == []


async def test_turning_the_store_off_and_on(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    """What was stored leaves the disk at once but not the memory."""
    entry = await load(hass)
    talk(async_sessions(hass, AGENT), "segredo", device_id="d1")
    await save(hass)
    assert "segredo" in written(hass_storage)
    change(hass, entry, **{CONF_STORE_HISTORY: False})
    await async_load_sessions(hass, entry)
    assert "segredo" not in written(hass_storage)
    assert knows(async_sessions(hass, AGENT), device_id="d1") == ["segredo"]
    change(hass, entry, **{CONF_STORE_HISTORY: True})
    await async_load_sessions(hass, entry)
    talk(async_sessions(hass, AGENT), "aberto", device_id="d1")
    await save(hass)
    assert "aberto" in written(hass_storage)


async def test_turned_off_while_home_assistant_was_down(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    """A file from before is not read, and emptied."""
    entry = await load(hass)
    talk(async_sessions(hass, AGENT), "segredo", device_id="d1")
    await save(hass)
    change(hass, entry, **{CONF_STORE_HISTORY: False})
    await restart(hass, entry)
    assert knows(async_sessions(hass, AGENT), device_id="d1") == []
    assert "segredo" not in written(hass_storage)


async def test_changed_settings_count_at_once(hass: HomeAssistant) -> None:
    """A shorter memory forgets what it would not have kept."""
    entry = await load(hass)
    talk(async_sessions(hass, AGENT), "um", device_id="d1")
    change(hass, entry, **{CONF_HISTORY_S: 0, "history_messages": 4})
    await async_load_sessions(hass, entry)
    store = async_sessions(hass, AGENT)
    assert knows(store, device_id="d1") == []
    assert store.memory.max_messages == 4


async def test_removed_agent_takes_its_sessions_along(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    """The others keep theirs."""
    entry = await load(hass)
    other = ConfigSubentry(
        data=MappingProxyType({}),
        subentry_type="conversation",
        title="Outro",
        unique_id=None,
    )
    hass.config_entries.async_add_subentry(entry, other)
    await async_load_sessions(hass, entry)
    talk(async_sessions(hass, AGENT), "um")
    talk(async_sessions(hass, other.subentry_id), "dois")
    await save(hass)
    hass.config_entries.async_remove_subentry(entry, AGENT)
    await async_load_sessions(hass, entry)
    assert "um" not in written(hass_storage)
    assert "dois" in written(hass_storage)
    assert knows(async_sessions(hass, other.subentry_id)) == ["dois"]
    with pytest.raises(KeyError):
        async_sessions(hass, AGENT)


async def test_agent_removed_while_home_assistant_was_down(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    """What nobody owns any longer leaves the disk."""
    entry = await load(hass)
    talk(async_sessions(hass, AGENT), "um")
    await save(hass)
    hass.config_entries.async_remove_subentry(entry, AGENT)
    await restart(hass, entry)
    assert "um" not in written(hass_storage)


async def test_removed_entry_leaves_nothing(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    """Not even a turn that was still running writes again."""
    await load(hass)
    store = async_sessions(hass, AGENT)
    talk(store, "um")
    await save(hass)
    talk(store, "dois")
    archive = hass.data[ARCHIVE]
    await async_remove_sessions(hass)
    talk(store, "três")
    await flush_store(archive._store)
    assert STORAGE_KEY not in hass_storage
    await async_remove_sessions(hass)


async def test_old_sessions_leave_the_disk(
    hass: HomeAssistant, hass_storage: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is too old to be told is not kept in a quiet house either."""
    await load(hass)
    talk(async_sessions(hass, AGENT), "segredo", device_id="d1")
    await save(hass)
    later = dt_util.utcnow() + timedelta(seconds=3600) + SWEEP_INTERVAL
    monkeypatch.setattr(dt_util, "utcnow", lambda: later)
    async_fire_time_changed(hass, later)
    await save(hass)
    assert "segredo" not in written(hass_storage)


def test_absorbs_what_home_assistant_answered() -> None:
    """Turns of the chat log are met once, and those from before a reset never."""
    store = SessionStore(max_messages=10, max_age_s=3600)
    log: list[Any] = [
        UserContent("acenda a luz"),
        AssistantContent(agent_id="conversation.home_assistant", content="Acendi."),
    ]
    session = store.open(conversation_id="c1", device_id="d1", user_id=None, now_s=now())
    store.absorb(session, log)
    store.absorb(session, log)
    assert store.history(session, now()) == [
        UserMessage("acenda a luz"),
        AssistantMessage("Acendi."),
    ]
    store.forget(session, now())
    fresh = store.open(conversation_id="c1", device_id="d1", user_id=None, now_s=now())
    store.absorb(fresh, log)
    assert store.history(fresh, now()) == []
    store.absorb(fresh, [UserContent("apague a luz")])
    assert store.history(fresh, now())[0] == UserMessage("apague a luz")


def test_results_are_shortened() -> None:
    """A dump of the whole home is useful in its own turn only."""
    store = SessionStore(max_messages=10, max_age_s=3600)
    session = store.open(conversation_id="c1", device_id=None, user_id=None, now_s=now())
    called = [
        UserMessage("o que está ligado?"),
        AssistantMessage("", ()),
        ToolResultMessage(call_id="1", name="x", result="a" * 10_000),
    ]
    store.remember(session, now(), called)
    assert sum(len(str(message)) for message in store.history(session, now())) < 1000


@pytest.mark.parametrize(
    ("speaker", "other", "is_left"),
    [
        pytest.param({"user_id": "ana"}, {"user_id": "ana"}, False, id="another chat of theirs"),
        pytest.param({"user_id": "ana"}, {"user_id": "bia"}, True, id="somebody else's"),
        pytest.param({}, {}, True, id="nobody in particular"),
        pytest.param({"user_id": "ana"}, {"user_id": "ana", "device_id": "d"}, True, id="a room"),
        pytest.param(
            {"user_id": "ana", "device_id": "d"}, {"user_id": "ana"}, True, id="in a room"
        ),
    ],
)
def test_forgetting_by_voice(speaker: dict[str, str], other: dict[str, str], is_left: bool) -> None:
    """The next conversation starts empty: an earlier one of the same person would go on."""
    store = SessionStore(max_messages=10, max_age_s=3600)
    kept = talk(store, "um", conversation_id="c2", **other)
    session = talk(store, "dois", **speaker)
    store.forget(session, now())
    assert store.history(session, now()) == []
    assert bool(store.history(kept, now())) is is_left


async def test_listeners_hear_until_they_leave(hass: HomeAssistant) -> None:
    """A panel follows the sessions of every agent."""
    await load(hass)
    heard: list[tuple[str, int]] = []
    archive = hass.data[ARCHIVE]
    leave = archive.async_add_listener(
        lambda agent, session: heard.append((agent, len(session.turns)))
    )
    session = talk(async_sessions(hass, AGENT), "um")
    archive.async_forget(AGENT, session)
    leave()
    talk(async_sessions(hass, AGENT), "dois")
    assert heard == [(AGENT, 1), (AGENT, 0)]


async def test_what_was_heard_survives_a_restart(hass: HomeAssistant) -> None:
    """The file holds no more of an answer than was heard."""
    entry = await load(hass)
    talk(async_sessions(hass, AGENT), "conte uma história")
    assert hass.data[ARCHIVE].note_heard("c1", "Si")
    await restart(hass, entry)
    ((_, restored),) = hass.data[ARCHIVE]
    assert restored.turns[-1].messages[-1] == AssistantMessage("Si ...")
    assert restored.turns[-1].was_interrupted
