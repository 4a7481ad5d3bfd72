"""What the agents remember of their conversations, beyond a reload and a restart."""

from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey
from homeassistant.util.ulid import ulid_now

from .agent.history.memory import Memory, Session
from .agent.history.session_record import read_session, session_record
from .agent.history.turns import Turn
from .chat_log import cut_chat_log, shorten_results, to_messages, turns
from .const import DOMAIN, LOGGER, SUBENTRY_CONVERSATION
from .settings import AgentSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from homeassistant.components import conversation

    from .coordinator import JonhConfigEntry
    from .providers.base import Message

STORAGE_KEY = f"{DOMAIN}.sessions"
STORAGE_VERSION = 1
SAVE_DELAY_S = 10
"""A conversation writes once, not at every turn; a crash loses as little as that."""
SWEEP_INTERVAL = timedelta(minutes=5)
"""How long what is too old may stay; as often as Home Assistant drops conversations."""
UNREADABLE_SUFFIX = ".unreadable"
"""Ends the name of a file that was put aside."""


class SessionStore:
    """Sessions of one agent."""

    def __init__(
        self,
        *,
        max_messages: int,
        max_age_s: int,
        on_change: Callable[[Session], None] = lambda _: None,
    ) -> None:
        """Remember at most `max_messages` of a session, none older than `max_age_s`.

        `on_change` gets every session whose turns changed; one without turns is gone.
        """
        self.memory = Memory(
            max_messages=max_messages, max_age_s=max_age_s, new_id=ulid_now, on_change=on_change
        )
        self.is_stored = False
        """Whether the sessions are written to disk."""

    def open(
        self, *, conversation_id: str, device_id: str | None, user_id: str | None, now_s: float
    ) -> Session:
        """Return the session that a turn belongs to."""
        return self.memory.open(
            conversation_id=conversation_id, device_id=device_id, user_id=user_id, now_s=now_s
        )

    def absorb(self, session: Session, contents: Sequence[conversation.Content]) -> None:
        """Remember the turns of a chat log that are not known yet.

        These were answered by Home Assistant itself or were ours, cancelled or not.
        """
        oldest_s = dt_util.utcnow().timestamp() - self.memory.max_age_s
        for turn in turns(contents):
            started_s = turn[0].created.timestamp()
            if started_s < oldest_s:
                continue
            if started_s not in session.known and not self.memory.is_forgotten(session, started_s):
                self.remember(session, started_s, to_messages(turn))

    def remember(
        self,
        session: Session,
        started_s: float,
        messages: Sequence[Message],
        *,
        user_id: str | None = None,
        language: str | None = None,
        provider: str | None = None,
        was_interrupted: bool = False,
        has_failed: bool = False,
    ) -> None:
        """Remember a turn once, failed and interrupted ones as well; see `Turn`."""
        turn = Turn(
            started_s=started_s,
            messages=shorten_results(messages),
            user_id=user_id,
            device_id=session.device_id,
            language=language,
            provider=provider,
            was_interrupted=was_interrupted,
            has_failed=has_failed,
        )
        self.memory.remember(session, turn)

    def note_heard(
        self,
        conversation_id: str,
        heard_text: str,
        *,
        device_id: str | None = None,
        started_s: float | None = None,
    ) -> bool:
        """Keep of the last answer only what was heard; see `Memory.note_heard`."""
        return self.memory.note_heard(
            conversation_id=conversation_id,
            device_id=device_id,
            heard_text=heard_text,
            started_s=started_s,
        )

    def history(self, session: Session, now_s: float) -> list[Message]:
        """Return what the model is told of earlier turns, oldest first."""
        return self.memory.history(session, now_s)

    def forget(self, session: Session, now_s: float) -> None:
        """Forget a session for the one who speaks in it.

        Somebody without a satellite would go on with an earlier session next time, so all
        of theirs are forgotten.
        """
        people = set() if session.device_id else session.users - {None}
        for other in list(self.memory):
            if not other.device_id and people & other.users:
                self.memory.forget(other, now_s)
        self.memory.forget(session, now_s)


class SessionArchive:
    """The sessions of all agents, of which it writes those that may be written.

    It outlives a reload of the entry: what must not be written is remembered nevertheless.
    """

    def __init__(self, hass: HomeAssistant) -> None:
        """Start empty."""
        self._hass = hass
        self._store = Store[dict[str, Any]](
            hass, STORAGE_VERSION, STORAGE_KEY, private=True, atomic_writes=True
        )
        self._agents: dict[str, SessionStore] = {}
        self._listeners: list[Callable[[str, Session], None]] = []

    def __getitem__(self, subentry_id: str) -> SessionStore:
        """Return the sessions of an agent."""
        return self._agents[subentry_id]

    @property
    def subentry_ids(self) -> list[str]:
        """Subentries of the agents."""
        return list(self._agents)

    def __iter__(self) -> Iterator[tuple[str, Session]]:
        """Yield the sessions with something in them, each with the subentry of its agent."""
        for subentry_id, agent in list(self._agents.items()):
            for session in agent.memory:
                yield subentry_id, session

    @callback
    def async_add_listener(self, listener: Callable[[str, Session], None]) -> Callable[[], None]:
        """Call with the subentry and the session whenever turns change; none left: it is gone."""
        self._listeners.append(listener)
        return partial(self._listeners.remove, listener)

    @callback
    def note_heard(
        self, conversation_id: str, heard_text: str, *, device_id: str | None = None
    ) -> bool:
        """Let nobody remember more of the last answer than was heard; True when it was cut.

        Call it once the turn is over and before the next one begins.
        """
        started_s, is_cut = cut_chat_log(self._hass, conversation_id, heard_text)
        for agent in self._agents.values():
            is_cut |= agent.note_heard(
                conversation_id, heard_text, device_id=device_id, started_s=started_s
            )
        return is_cut

    @callback
    def async_forget(self, subentry_id: str, session: Session) -> None:
        """Forget one session."""
        self._agents[subentry_id].memory.forget(session, dt_util.utcnow().timestamp())

    @callback
    def async_forget_all(self, subentry_id: str) -> None:
        """Forget everything an agent remembers."""
        self._agents[subentry_id].memory.forget_all(dt_util.utcnow().timestamp())

    @callback
    def async_sweep(self, _now: datetime | None = None) -> None:
        """Drop what is too old."""
        for agent in self._agents.values():
            agent.memory.forget_old(dt_util.utcnow().timestamp())

    async def async_load(self) -> dict[str, Any]:
        """Return what an earlier run wrote, by subentry; empty when nothing can be read."""
        try:
            agents = (await self._store.async_load() or {}).get("agents", {})
        except Exception as err:  # noqa: BLE001  # whatever the file holds, the agents load
            aside = f"{self._store.path}{UNREADABLE_SUFFIX}"
            LOGGER.warning(
                "Sessions cannot be read (%s), starting without; the file is kept as %s",
                type(err).__name__,
                aside,
            )
            await self._hass.async_add_executor_job(_move, self._store.path, aside)
            return {}
        return agents if isinstance(agents, dict) else {}

    async def async_follow(self, entry: JonhConfigEntry, stored: dict[str, Any]) -> None:
        """Serve the agents of an entry as they are set up now."""
        subentries = entry.get_subentries_of_type(SUBENTRY_CONVERSATION)
        current = {subentry.subentry_id: subentry for subentry in subentries}
        # What is not to be written any longer, or whose agent is gone, leaves the disk at once.
        is_outdated = bool(stored.keys() - current.keys())
        for subentry_id in self._agents.keys() - current.keys():
            self.async_forget_all(subentry_id)
            is_outdated = True
            del self._agents[subentry_id]
        for subentry_id, subentry in current.items():
            settings = AgentSettings.from_data(subentry.data)
            agent = self._agents.get(subentry_id) or self._new_agent(subentry_id)
            agent.memory.max_messages = settings.history_messages
            agent.memory.max_age_s = settings.history_s
            if settings.store_history:
                _restore(agent, stored.get(subentry_id))
            elif agent.is_stored or subentry_id in stored:
                is_outdated = True
            agent.is_stored = settings.store_history
        self.async_sweep()
        if is_outdated:
            await self._store.async_save(self._data())

    async def async_remove(self) -> None:
        """Delete the file; nothing is written any more."""
        # A turn may still be running.
        self._store.make_read_only()
        await self._store.async_remove()
        aside = Path(f"{self._store.path}{UNREADABLE_SUFFIX}")
        await self._hass.async_add_executor_job(partial(aside.unlink, missing_ok=True))

    def _new_agent(self, subentry_id: str) -> SessionStore:
        agent = SessionStore(
            max_messages=0, max_age_s=0, on_change=partial(self._changed, subentry_id)
        )
        self._agents[subentry_id] = agent
        return agent

    def _changed(self, subentry_id: str, session: Session) -> None:
        """Tell the listeners, and write soon."""
        for listener in list(self._listeners):
            listener(subentry_id, session)
        if self._agents[subentry_id].is_stored:
            self._store.async_delay_save(self._data, SAVE_DELAY_S)

    def _data(self) -> dict[str, Any]:
        """Return what is written."""
        return {
            "agents": {
                subentry_id: [session_record(session) for session in agent.memory]
                for subentry_id, agent in self._agents.items()
                if agent.is_stored
            }
        }


ARCHIVE: HassKey[SessionArchive] = HassKey(STORAGE_KEY)


async def async_load_sessions(hass: HomeAssistant, entry: JonhConfigEntry) -> None:
    """Make the sessions of an entry's agents ready, those from before a restart included."""
    stored: dict[str, Any] = {}
    if (archive := hass.data.get(ARCHIVE)) is None:
        archive = SessionArchive(hass)
        stored = await archive.async_load()
        hass.data[ARCHIVE] = archive
    await archive.async_follow(entry, stored)
    entry.async_on_unload(
        async_track_time_interval(
            hass, archive.async_sweep, SWEEP_INTERVAL, cancel_on_shutdown=True
        )
    )


@callback
def async_sessions(hass: HomeAssistant, subentry_id: str) -> SessionStore:
    """Return the sessions of an agent; they were made ready by `async_load_sessions`."""
    return hass.data[ARCHIVE][subentry_id]


async def async_remove_sessions(hass: HomeAssistant) -> None:
    """Forget everything, on disk and in memory."""
    archive = hass.data.pop(ARCHIVE, None) or SessionArchive(hass)
    await archive.async_remove()


def _restore(agent: SessionStore, records: object) -> None:
    """Take back what can be read of an agent's sessions."""
    for record in records if isinstance(records, list) else ():
        try:
            agent.memory.restore(read_session(record))
        except ValueError:
            LOGGER.warning("A session cannot be read and is left out")


def _move(path: str, aside: str) -> None:
    """Put a file aside; where that is not possible, it is overwritten later."""
    with suppress(OSError):
        Path(path).replace(aside)
