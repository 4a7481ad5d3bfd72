"""The conversations, over the HTTP API."""

from http import HTTPStatus

from aiohttp import web
from homeassistant.exceptions import ServiceValidationError

from . import session_access
from .const import DOMAIN
from .http_body import checked_session_id
from .http_errors import ApiError
from .http_view import JonhView, answering


class SessionsView(JonhView):
    """The conversations that somebody may see."""

    url = f"/api/{DOMAIN}/sessions"
    name = f"api:{DOMAIN}:sessions"

    @answering(is_limited=False)
    async def get(self, request: web.Request) -> web.StreamResponse:
        """List them, the latest first."""
        sessions = await session_access.async_list(self.hass(request), self.viewer(request))
        return self.json({"sessions": sessions})


class SessionView(JonhView):
    """One conversation."""

    url = f"/api/{DOMAIN}/session/{{session_id}}"
    name = f"api:{DOMAIN}:session"

    @answering(is_limited=False)
    async def get(self, request: web.Request, session_id: str) -> web.StreamResponse:
        """Return it with what was said."""
        hass, viewer = self.hass(request), self.viewer(request)
        try:
            session = await session_access.async_read(
                hass, viewer, self._archived_id(request, session_id)
            )
        except ServiceValidationError as err:
            raise session_not_found(session_id) from err
        return self.json(session)

    @answering(is_limited=False)
    async def delete(self, request: web.Request, session_id: str) -> web.StreamResponse:
        """Forget it."""
        hass, viewer = self.hass(request), self.viewer(request)
        try:
            session_access.async_delete(hass, viewer, self._archived_id(request, session_id))
        except ServiceValidationError as err:
            raise session_not_found(session_id) from err
        return web.Response(status=HTTPStatus.NO_CONTENT)

    def _archived_id(self, request: web.Request, session_id: str) -> str:
        """Return the id under which a session is kept: a turn answers with its conversation's."""
        checked_session_id(session_id)
        for _, session in session_access.async_visible(self.hass(request), self.viewer(request)):
            if session.conversation_id == session_id:
                return session.id
        return session_id


def session_not_found(session_id: str) -> ApiError:
    """Return the answer for an id that is not there, or is somebody else's."""
    return ApiError(HTTPStatus.NOT_FOUND, "session_not_found", session=session_id)
