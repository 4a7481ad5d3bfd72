"""Sessions over the WebSocket, for a panel."""

from typing import TYPE_CHECKING, Any

import probatio
from homeassistant.components import websocket_api
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError

from . import session_access
from .const import DOMAIN
from .session_access import Viewer
from .store import ARCHIVE

if TYPE_CHECKING:
    from collections.abc import Callable

    from homeassistant.components.websocket_api import ActiveConnection

    from .agent.history.memory import Session


@callback
def async_setup_websocket_api(hass: HomeAssistant) -> None:
    """Register the commands."""
    for command in (_async_list, _async_get, _async_delete, _async_subscribe):
        websocket_api.async_register_command(hass, command)


@websocket_api.websocket_command({probatio.Required("type"): "jonh/sessions/list"})
@websocket_api.async_response
async def _async_list(
    hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]
) -> None:
    """Send the sessions that the user may see."""
    sessions = await session_access.async_list(hass, _viewer(connection))
    connection.send_result(msg["id"], {"sessions": sessions})


@websocket_api.websocket_command(
    {probatio.Required("type"): "jonh/sessions/get", probatio.Required("session_id"): str}
)
@websocket_api.async_response
async def _async_get(
    hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]
) -> None:
    """Send one session with what was said."""
    try:
        session = await session_access.async_read(hass, _viewer(connection), msg["session_id"])
    except ServiceValidationError as err:
        _send_not_found(connection, msg, err)
    else:
        connection.send_result(msg["id"], session)


@websocket_api.websocket_command(
    {probatio.Required("type"): "jonh/sessions/delete", probatio.Required("session_id"): str}
)
@callback
def _async_delete(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """Forget one session."""
    try:
        session_access.async_delete(hass, _viewer(connection), msg["session_id"])
    except ServiceValidationError as err:
        _send_not_found(connection, msg, err)
    else:
        connection.send_result(msg["id"])


@websocket_api.websocket_command({probatio.Required("type"): "jonh/sessions/subscribe"})
@callback
def _async_subscribe(
    hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]
) -> None:
    """Send an event whenever a session changes that the user may see, or is gone."""
    if (archive := hass.data.get(ARCHIVE)) is None:
        connection.send_error(
            msg["id"],
            websocket_api.ERR_NOT_FOUND,
            "Jonh is not set up",
            translation_key="no_agent",
            translation_domain=DOMAIN,
        )
        return
    changed = _session_events(hass, connection, msg["id"])
    connection.subscriptions[msg["id"]] = archive.async_add_listener(changed)
    connection.send_result(msg["id"])


def _session_events(
    hass: HomeAssistant, connection: ActiveConnection, msg_id: int
) -> Callable[[str, Session], None]:
    """Return a listener that tells one connection of the sessions it may see."""
    viewer = _viewer(connection)
    shown = {session.id for _, session in session_access.async_visible(hass, viewer)}

    async def send(subentry_id: str, session: Session) -> None:
        description = await session_access.async_describe(hass, subentry_id, session)
        connection.send_event(msg_id, {"action": "changed", "session": description})

    @callback
    def changed(subentry_id: str, session: Session) -> None:
        if session.turns and viewer.may_see(session):
            shown.add(session.id)
            hass.async_create_task(send(subentry_id, session), f"{DOMAIN} session changed")
        elif session.id in shown:
            shown.discard(session.id)
            connection.send_event(msg_id, {"action": "deleted", "session_id": session.id})

    return changed


def _viewer(connection: ActiveConnection) -> Viewer:
    return Viewer(user_id=connection.user.id, is_admin=connection.user.is_admin)


def _send_not_found(
    connection: ActiveConnection, msg: dict[str, Any], error: ServiceValidationError
) -> None:
    """Refuse an id that does not exist, or is not the user's to know."""
    connection.send_error(
        msg["id"],
        websocket_api.ERR_NOT_FOUND,
        str(error),
        translation_key=error.translation_key,
        translation_domain=DOMAIN,
        translation_placeholders=error.translation_placeholders,
    )
