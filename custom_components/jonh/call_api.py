"""Calls over the WebSocket: one subscription and one stream of sound for a whole conversation."""

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import probatio
from aiohttp import web
from homeassistant.components import websocket_api
from homeassistant.components.assist_pipeline import PipelineNotFound, async_get_pipeline
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.util.hass_dict import HassKey

from .call_commands import Interruption
from .call_session import CallOptions, CallSession
from .const import DOMAIN
from .http_view import JonhView
from .rate_limit import RateLimit
from .recordings import async_delete_recording, async_find_recording, async_list_recordings
from .session_access import Viewer

if TYPE_CHECKING:
    from collections.abc import Callable

    from homeassistant.components.assist_pipeline import Pipeline
    from homeassistant.components.websocket_api import ActiveConnection

CALLS_MAX = 2
"""Of one person: one in each hand."""
STARTS_PER_MINUTE = 10
"""A browser that calls again and again has gone wrong."""
IDLE_S = 60.0
MAX_ID_CHARS = 64

ERR_CALL_ACTIVE = "call_active"
ERR_TOO_MANY_CALLS = "too_many_calls"
ERR_PIPELINE_NOT_FOUND = "pipeline_not_found"
ERR_NO_SPEECH_ENGINE = "no_speech_engine"
ERR_RATE_LIMITED = "rate_limited"
ERR_CALL_NOT_FOUND = "call_not_found"
ERR_RECORDING_NOT_FOUND = "recording_not_found"


@dataclass(slots=True)
class _Line:
    """A call and the connection that it comes over."""

    session: CallSession
    connection: ActiveConnection
    release: Callable[[], None]
    """Frees the number of the stream of sound."""


@dataclass(slots=True)
class _Calls:
    """All calls that go on."""

    rate: RateLimit
    lines: dict[str, _Line] = field(default_factory=dict)
    released: dict[ActiveConnection, Callable[[], None]] = field(default_factory=dict)
    """Streams of calls that have ended, while their clients may still send."""


CALLS: HassKey[_Calls] = HassKey(f"{DOMAIN}.calls")


class _RefusedError(Exception):
    """A call cannot be."""

    def __init__(self, code: str, message: str, key: str, **placeholders: str) -> None:
        super().__init__(message)
        self.code = code
        self.key = key
        self.placeholders = placeholders


@callback
def async_setup_call_api(hass: HomeAssistant) -> None:
    """Register the commands, and the address of recordings."""
    rate = RateLimit(hass.loop.time, per_minute=STARTS_PER_MINUTE, burst=STARTS_PER_MINUTE)
    hass.data[CALLS] = _Calls(rate)
    for command in (_async_start, _async_act, _async_list, _async_delete):
        websocket_api.async_register_command(hass, command)
    hass.http.register_view(RecordingView())


@websocket_api.websocket_command(
    {
        probatio.Required("type"): "jonh/call/start",
        probatio.Optional("pipeline"): str,
        probatio.Optional("conversation_id"): probatio.Any(
            None, probatio.All(str, probatio.Length(min=1, max=MAX_ID_CHARS))
        ),
        probatio.Optional("interruption"): probatio.Coerce(Interruption),
        probatio.Optional("silence_s"): probatio.All(
            probatio.Coerce(float), probatio.Range(min=0.2, max=5)
        ),
        probatio.Optional("idle_s"): probatio.All(
            probatio.Coerce(float), probatio.Range(min=5, max=3600)
        ),
        probatio.Optional("record"): bool,
    }
)
@callback
def _async_start(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """Begin a call."""
    try:
        _check(hass, connection, msg)
        pipeline = _pipeline(hass, msg.get("pipeline"))
    except _RefusedError as err:
        connection.send_error(
            msg["id"],
            err.code,
            str(err),
            translation_key=err.key,
            translation_domain=DOMAIN,
            translation_placeholders=err.placeholders,
        )
        return
    options = CallOptions(
        pipeline=pipeline,
        user_id=connection.user.id,
        # One that Home Assistant made up itself would not outlive five minutes of silence.
        conversation_id=msg.get("conversation_id") or f"{DOMAIN}-{uuid4().hex}",
        interruption=msg.get("interruption", Interruption.VOICE),
        idle_s=msg.get("idle_s", IDLE_S),
        silence_s=msg.get("silence_s"),
        record=msg.get("record", False),
    )
    _open(hass, connection, msg["id"], options)


def _check(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """Refuse what is too much; the call that this one goes on with makes room first."""
    calls = hass.data[CALLS]
    if wait_s := calls.rate.take(connection.user.id):
        raise _RefusedError(
            ERR_RATE_LIMITED,
            "Too many calls in a minute",
            "rate_limited",
            seconds=str(math.ceil(wait_s)),
        )
    if any(line.connection is connection for line in calls.lines.values()):
        raise _RefusedError(ERR_CALL_ACTIVE, "There is a call on this connection", "call_active")
    theirs = [
        line for line in calls.lines.values() if line.session.options.user_id == connection.user.id
    ]
    for line in list(theirs):
        if line.session.conversation_id == msg.get("conversation_id"):
            line.session.replace()
            theirs.remove(line)
    if len(theirs) >= CALLS_MAX:
        raise _RefusedError(
            ERR_TOO_MANY_CALLS, "Too many calls of one user", "too_many_calls", limit=str(CALLS_MAX)
        )


def _pipeline(hass: HomeAssistant, wanted: str | None) -> Pipeline:
    """Return the pipeline of that id, or the preferred one, if it can hear."""
    try:
        pipeline = async_get_pipeline(hass, wanted)
    except PipelineNotFound as err:
        raise _RefusedError(
            ERR_PIPELINE_NOT_FOUND, "No such pipeline", "pipeline_not_found", pipeline=wanted or ""
        ) from err
    if pipeline.stt_engine is None:
        raise _RefusedError(
            ERR_NO_SPEECH_ENGINE, "The pipeline has no speech-to-text engine", "recogniser_missing"
        )
    return pipeline


def _open(
    hass: HomeAssistant, connection: ActiveConnection, msg_id: int, options: CallOptions
) -> None:
    """Connect a call with its client."""
    calls = hass.data[CALLS]
    call_id = uuid4().hex

    @callback
    def on_end() -> None:
        line = calls.lines.pop(call_id)
        # The client may still send for a moment, which Home Assistant would log as errors.
        calls.released[connection] = line.release

    @callback
    def on_unsubscribe() -> None:
        session.close()
        _release(calls, connection)

    @callback
    def on_sound(_hass: HomeAssistant, _connection: ActiveConnection, pcm: bytes) -> None:
        session.hear(pcm)

    @callback
    def tell(event: dict[str, Any]) -> None:
        connection.send_event(msg_id, event)

    _release(calls, connection)
    session = CallSession(hass, options, tell=tell, on_end=on_end)
    handler_id, release = connection.async_register_binary_handler(on_sound)
    calls.lines[call_id] = _Line(session, connection, release)
    connection.subscriptions[msg_id] = on_unsubscribe
    pipeline = options.pipeline
    started = {
        "call_id": call_id,
        "handler_id": handler_id,
        "conversation_id": options.conversation_id,
        "pipeline": {
            "id": pipeline.id,
            "name": pipeline.name,
            "language": pipeline.language,
        },
        "interruption": options.interruption.value,
        "idle_s": options.idle_s,
        "record": options.record,
        "has_partials": session.has_partials,
    }
    connection.send_result(msg_id, started)
    # Home Assistant's own client keeps the result of a subscription to itself.
    tell({"event": "started", **started})
    session.start()


def _release(calls: _Calls, connection: ActiveConnection) -> None:
    if (release := calls.released.pop(connection, None)) is not None:
        release()


@websocket_api.websocket_command(
    {
        probatio.Required("type"): "jonh/call/action",
        probatio.Required("call_id"): str,
        probatio.Required("action"): probatio.In(
            [
                "interrupt",
                "mute",
                "unmute",
                "sound_started",
                "sound_progress",
                "sound_ended",
                "hangup",
            ]
        ),
        probatio.Optional("turn"): int,
        probatio.Optional("position_s"): probatio.All(
            probatio.Coerce(float), probatio.Range(min=0, max=3600)
        ),
    }
)
@callback
def _async_act(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """Do in a call what its user, or the player there, asks for."""
    line = hass.data[CALLS].lines.get(msg["call_id"])
    if line is None or line.connection is not connection:
        connection.send_error(
            msg["id"],
            ERR_CALL_NOT_FOUND,
            "No such call on this connection",
            translation_key="call_not_found",
            translation_domain=DOMAIN,
        )
        return
    connection.send_result(msg["id"], {})
    line.session.act(msg["action"], msg.get("turn"), msg.get("position_s", 0.0))


@websocket_api.websocket_command({probatio.Required("type"): "jonh/call/list_recordings"})
@websocket_api.async_response
async def _async_list(
    hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]
) -> None:
    """Send the recordings that the user may hear; their sound is at `RecordingView`."""
    recordings = await async_list_recordings(hass, _viewer(connection))
    connection.send_result(msg["id"], {"recordings": recordings})


@websocket_api.websocket_command(
    {
        probatio.Required("type"): "jonh/call/delete_recording",
        probatio.Required("recording_id"): str,
    }
)
@websocket_api.async_response
async def _async_delete(
    hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]
) -> None:
    """Delete a recording that the user may hear."""
    try:
        await async_delete_recording(hass, _viewer(connection), msg["recording_id"])
    except ServiceValidationError as err:
        connection.send_error(
            msg["id"],
            ERR_RECORDING_NOT_FOUND,
            str(err),
            translation_key=err.translation_key,
            translation_domain=DOMAIN,
            translation_placeholders=err.translation_placeholders,
        )
    else:
        connection.send_result(msg["id"], {})


class RecordingView(JonhView):
    """The sound of a recording, for whoever may hear it."""

    url = "/api/jonh/recordings/{recording_id}"
    name = "api:jonh:recording"

    async def get(self, request: web.Request, recording_id: str) -> web.StreamResponse:
        """Send the file."""
        try:
            path = await async_find_recording(
                self.hass(request), self.viewer(request), recording_id
            )
        except ServiceValidationError as err:
            raise web.HTTPNotFound from err
        return web.FileResponse(path, headers={"Content-Type": "audio/wav"})


def _viewer(connection: ActiveConnection) -> Viewer:
    return Viewer(user_id=connection.user.id, is_admin=connection.user.is_admin)
