"""What all paths of the HTTP API share: limits, and errors as JSON."""

import asyncio
from dataclasses import dataclass, field
from functools import wraps
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Concatenate

from aiohttp import web
from homeassistant.components.http import KEY_HASS, KEY_HASS_USER, HomeAssistantView
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN, LOGGER
from .http_body import MEBIBYTE
from .http_errors import ApiError, async_error_body
from .http_turn import BEGUN
from .session_access import Viewer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from homeassistant.core import HomeAssistant

    from .rate_limit import RateLimit

JSON = "application/json"
_MAX_OWNERS = 1000
"""Conversations whose person is known; as many as fit in five minutes, many times over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one request may ask for."""

    body_bytes: int = 10 * MEBIBYTE
    """A minute of stereo at 44.1 kHz, with 16 bits."""
    audio_s: float = 60.0
    """Longer than a request ever is; a recogniser on a small machine takes as long again."""
    answer_s: float = 120.0
    """Longer than a proxy between here and the client would wait."""


@dataclass(slots=True, kw_only=True)
class HttpApi:
    """What the HTTP API knows between two requests."""

    rate: RateLimit
    limits: Limits = field(default_factory=Limits)
    owners: dict[str, str] = field(default_factory=dict)
    """The person of each conversation; ids are the clients' and may be easy to guess."""

    def own(self, conversation_id: str, user_id: str) -> bool:
        """Return True when a conversation is this person's, and make theirs what is nobody's."""
        owner = self.owners.pop(conversation_id, user_id)
        self.owners[conversation_id] = owner
        if len(self.owners) > _MAX_OWNERS:
            del self.owners[next(iter(self.owners))]
        return owner == user_id


API: HassKey[HttpApi] = HassKey(f"{DOMAIN}.http")


class JonhView(HomeAssistantView):
    """A path of the API, for whoever is logged in to Home Assistant."""

    requires_auth = True

    @staticmethod
    def hass(request: web.Request) -> HomeAssistant:
        """Return the Home Assistant that was asked."""
        return request.app[KEY_HASS]

    @staticmethod
    def api(request: web.Request) -> HttpApi:
        """Return what the API knows."""
        return request.app[KEY_HASS].data[API]

    @staticmethod
    def viewer(request: web.Request) -> Viewer:
        """Return who asks."""
        user = request[KEY_HASS_USER]
        return Viewer(user_id=user.id, is_admin=user.is_admin)


type _Handler[V: JonhView, **P] = Callable[
    Concatenate[V, web.Request, P], Awaitable[web.StreamResponse]
]


def answering[V: JonhView, **P](*, is_limited: bool) -> Callable[[_Handler[V, P]], _Handler[V, P]]:
    """Answer in time, with JSON also where a handler fails; count what costs something."""

    def decorate(handler: _Handler[V, P]) -> _Handler[V, P]:
        @wraps(handler)
        async def answer(
            view: V, request: web.Request, /, *args: P.args, **kwargs: P.kwargs
        ) -> web.StreamResponse:
            hass, api = view.hass(request), view.api(request)
            error: ApiError
            try:
                if is_limited:
                    _count(api, view.viewer(request))
                async with asyncio.timeout(api.limits.answer_s):
                    return await handler(view, request, *args, **kwargs)
            except ApiError as err:
                error = err
            except TimeoutError:
                error = ApiError(HTTPStatus.GATEWAY_TIMEOUT, "took_too_long")
            except ConnectionError:
                # The client is gone.
                raise
            except Exception:  # noqa: BLE001  # the boundary: a program must get its JSON
                LOGGER.exception("A request to %s failed unexpectedly", request.path)
                error = ApiError(HTTPStatus.INTERNAL_SERVER_ERROR, "unexpected")
            if request.get(BEGUN):
                # Half a sound cannot become an error any more: the connection breaks off.
                raise ConnectionResetError(error.code) from error
            body: Any = await async_error_body(hass, request, error)
            return view.json(body, error.status, headers=error.headers)

        return answer

    return decorate


def _count(api: HttpApi, viewer: Viewer) -> None:
    """Raise ApiError for somebody who asks too often."""
    if wait_s := api.rate.take(str(viewer.user_id)):
        raise ApiError(HTTPStatus.TOO_MANY_REQUESTS, "rate_limited", retry_after_s=wait_s)
