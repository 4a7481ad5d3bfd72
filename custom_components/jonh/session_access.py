"""Who may see which sessions, and delete them: people theirs, administrators all."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from homeassistant.const import Platform
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util

from .agent.history.session_record import turn_record
from .const import DOMAIN
from .store import ARCHIVE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .agent.history.memory import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Who asks for sessions."""

    user_id: str | None
    is_admin: bool

    def may_see(self, session: Session) -> bool:
        """Return True for administrators, and for the one person of a session.

        What was said to a satellite, or by several people, is nobody's own.
        """
        return self.is_admin or (self.user_id is not None and session.user_id == self.user_id)


async def async_viewer(hass: HomeAssistant, context: Context) -> Viewer:
    """Return who stands behind a context; an automation may do what an administrator may."""
    if context.user_id is None:
        return Viewer(user_id=None, is_admin=True)
    user = await hass.auth.async_get_user(context.user_id)
    return Viewer(user_id=context.user_id, is_admin=user is not None and user.is_admin)


@callback
def async_visible(hass: HomeAssistant, viewer: Viewer) -> Iterator[tuple[str, Session]]:
    """Yield the sessions that somebody may see, each with the subentry of its agent."""
    for subentry_id, session in hass.data.get(ARCHIVE, ()):
        if viewer.may_see(session):
            yield subentry_id, session


@callback
def async_find(hass: HomeAssistant, viewer: Viewer, session_id: str) -> tuple[str, Session]:
    """Return a session and the subentry of its agent.

    Raises ServiceValidationError when there is none of that id that the viewer may see.
    """
    for subentry_id, session in async_visible(hass, viewer):
        if session.id == session_id:
            return subentry_id, session
    raise ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key="session_not_found",
        translation_placeholders={"session": session_id},
    )


async def async_list(
    hass: HomeAssistant, viewer: Viewer, subentry_id: str | None = None
) -> list[dict[str, Any]]:
    """Describe the sessions that somebody may see, of all agents or one, the latest first."""
    found = [each for each in async_visible(hass, viewer) if subentry_id in (None, each[0])]
    found.sort(key=lambda each: each[1].last_turn_s, reverse=True)
    return [await async_describe(hass, *each) for each in found]


async def async_read(hass: HomeAssistant, viewer: Viewer, session_id: str) -> dict[str, Any]:
    """Describe a session with everything that was said in it.

    Raises ServiceValidationError as `async_find` does.
    """
    subentry_id, session = async_find(hass, viewer, session_id)
    # The turns first: waiting below, they may be forgotten.
    turns = [_with_time(turn_record(turn)) for turn in session.turns]
    conversation_id = session.conversation_id
    description = await async_describe(hass, subentry_id, session)
    return {**description, "conversation_id": conversation_id, "turns": turns}


@callback
def async_delete(hass: HomeAssistant, viewer: Viewer, session_id: str) -> None:
    """Forget a session; raises ServiceValidationError as `async_find` does."""
    subentry_id, session = async_find(hass, viewer, session_id)
    hass.data[ARCHIVE].async_forget(subentry_id, session)


@callback
def async_clear(
    hass: HomeAssistant,
    viewer: Viewer,
    *,
    subentry_id: str | None = None,
    device_id: str | None = None,
    user_id: str | None = None,
) -> int:
    """Forget the sessions that a viewer may see and that fit, and return how many."""
    fitting = [
        (agent, session)
        for agent, session in async_visible(hass, viewer)
        if subentry_id in (None, agent)
        and device_id in (None, session.device_id)
        and (user_id is None or user_id in session.users)
    ]
    for agent, session in fitting:
        hass.data[ARCHIVE].async_forget(agent, session)
    if viewer.is_admin and device_id is None and user_id is None and ARCHIVE in hass.data:
        # Also what Home Assistant answered by itself and we have not met yet.
        archive = hass.data[ARCHIVE]
        for agent in archive.subentry_ids:
            if subentry_id in (None, agent):
                archive.async_forget_all(agent)
    return len(fitting)


async def async_describe(hass: HomeAssistant, subentry_id: str, session: Session) -> dict[str, Any]:
    """Describe a session without a word of what was said."""
    user = await hass.auth.async_get_user(session.user_id) if session.user_id else None
    device = dr.async_get(hass).async_get(session.device_id) if session.device_id else None
    return {
        "session_id": session.id,
        "agent_id": er.async_get(hass).async_get_entity_id(
            Platform.CONVERSATION, DOMAIN, subentry_id
        ),
        "device_id": session.device_id,
        "device_name": (device.name_by_user or device.name) if device else None,
        "user_id": session.user_id,
        "user_name": user.name if user else None,
        "started": _time(session.turns[0].started_s if session.turns else session.last_turn_s),
        "last_turn": _time(session.last_turn_s),
        "turn_count": len(session.turns),
    }


def _with_time(turn: dict[str, Any]) -> dict[str, Any]:
    """Return a turn with its start as Home Assistant writes times."""
    return {"started": _time(turn.pop("started_s")), **turn}


def _time(seconds: float) -> str:
    return dt_util.utc_from_timestamp(seconds).isoformat()
