"""Actions of the integration."""

from typing import TYPE_CHECKING, Any

import probatio
from homeassistant.const import CONF_LANGUAGE, CONF_NAME, Platform
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.service import async_register_admin_service

from . import session_access
from .const import (
    CONF_CONVERSATION_AGENT,
    CONF_SET_PREFERRED,
    CONF_STT_ENTITY,
    CONF_TTS_ENTITY,
    DEFAULT_LANGUAGE,
    DEFAULT_TITLE,
    DOMAIN,
)
from .entity import async_agent_entity_ids
from .facts import async_forget_fact, async_remember_fact
from .pipelines import async_create_pipeline

if TYPE_CHECKING:
    from homeassistant.config_entries import ConfigSubentry
    from homeassistant.util.json import JsonValueType

    from .coordinator import JonhConfigEntry

SERVICE_CREATE_PIPELINE = "create_pipeline"
CREATE_PIPELINE_SCHEMA = probatio.Schema(
    {
        probatio.Optional(CONF_NAME, default=DEFAULT_TITLE): probatio.All(
            cv.string, probatio.Length(min=1)
        ),
        probatio.Optional(CONF_LANGUAGE, default=DEFAULT_LANGUAGE): cv.language,
        probatio.Optional(CONF_STT_ENTITY): cv.entity_domain("stt"),
        probatio.Optional(CONF_TTS_ENTITY): cv.entity_domain("tts"),
        probatio.Optional(CONF_CONVERSATION_AGENT): cv.entity_domain("conversation"),
        probatio.Optional(CONF_SET_PREFERRED, default=False): cv.boolean,
    }
)

SERVICE_CLEAR_HISTORY = "clear_history"
SERVICE_LIST_SESSIONS = "list_sessions"
SERVICE_GET_SESSION = "get_session"
SERVICE_DELETE_SESSION = "delete_session"
SERVICE_REMEMBER_FACT = "remember_fact"
SERVICE_FORGET_FACT = "forget_fact"

ATTR_AGENT = "agent"
ATTR_DEVICE = "device_id"
ATTR_SESSION = "session_id"
ATTR_TEXT = "text"
ATTR_USER = "user_id"

CLEAR_HISTORY_SCHEMA = probatio.Schema(
    {
        probatio.Optional(ATTR_AGENT): cv.entity_domain("conversation"),
        probatio.Optional(ATTR_DEVICE): cv.string,
        probatio.Optional(ATTR_USER): cv.string,
    }
)
LIST_SCHEMA = probatio.Schema({probatio.Optional(ATTR_AGENT): cv.entity_domain("conversation")})
SESSION_SCHEMA = probatio.Schema({probatio.Required(ATTR_SESSION): cv.string})
FACT_SCHEMA = probatio.Schema(
    {
        probatio.Optional(ATTR_AGENT): cv.entity_domain("conversation"),
        probatio.Required(ATTR_TEXT): probatio.All(cv.string, str.strip, probatio.Length(min=1)),
    }
)


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions."""
    for name, action, schema, response in (
        (
            SERVICE_CLEAR_HISTORY,
            _async_clear_history,
            CLEAR_HISTORY_SCHEMA,
            SupportsResponse.OPTIONAL,
        ),
        (SERVICE_LIST_SESSIONS, _async_list_sessions, LIST_SCHEMA, SupportsResponse.ONLY),
        (SERVICE_GET_SESSION, _async_get_session, SESSION_SCHEMA, SupportsResponse.ONLY),
        (SERVICE_DELETE_SESSION, _async_delete_session, SESSION_SCHEMA, SupportsResponse.NONE),
    ):
        hass.services.async_register(
            DOMAIN, name, action, schema=schema, supports_response=response
        )
    # Home Assistant lets nobody but administrators change pipelines.
    async_register_admin_service(
        hass,
        DOMAIN,
        SERVICE_CREATE_PIPELINE,
        _async_create_pipeline,
        schema=CREATE_PIPELINE_SCHEMA,
        supports_response=SupportsResponse.OPTIONAL,
    )
    # Facts are told in every turn of everybody.
    for name, change in (
        (SERVICE_REMEMBER_FACT, _async_remember_fact),
        (SERVICE_FORGET_FACT, _async_forget_fact),
    ):
        async_register_admin_service(hass, DOMAIN, name, change, schema=FACT_SCHEMA)


async def _async_create_pipeline(call: ServiceCall) -> ServiceResponse:
    """Create or update the voice pipeline and say what it is made of."""
    fields: dict[str, Any] = dict(call.data)
    fields[CONF_CONVERSATION_AGENT] = _agent(call.hass, fields.get(CONF_CONVERSATION_AGENT))
    summary = await async_create_pipeline(call.hass, **fields)
    return summary.as_dict()


async def _async_clear_history(call: ServiceCall) -> ServiceResponse:
    """Forget conversations, all that the caller may see where nothing narrower is said."""
    viewer = await session_access.async_viewer(call.hass, call.context)
    forgotten = session_access.async_clear(
        call.hass,
        viewer,
        subentry_id=_subentry_id(call),
        device_id=call.data.get(ATTR_DEVICE),
        user_id=call.data.get(ATTR_USER),
    )
    return {"forgotten": forgotten}


async def _async_list_sessions(call: ServiceCall) -> ServiceResponse:
    """Return the sessions that the caller may see."""
    viewer = await session_access.async_viewer(call.hass, call.context)
    subentry_id = _subentry_id(call)
    sessions: list[JsonValueType] = [
        *await session_access.async_list(call.hass, viewer, subentry_id)
    ]
    return {"sessions": sessions}


async def _async_get_session(call: ServiceCall) -> ServiceResponse:
    """Return one session with what was said."""
    viewer = await session_access.async_viewer(call.hass, call.context)
    return await session_access.async_read(call.hass, viewer, call.data[ATTR_SESSION])


async def _async_delete_session(call: ServiceCall) -> None:
    """Forget one session."""
    viewer = await session_access.async_viewer(call.hass, call.context)
    session_access.async_delete(call.hass, viewer, call.data[ATTR_SESSION])


async def _async_remember_fact(call: ServiceCall) -> None:
    """Add a fact to an agent."""
    async_remember_fact(
        call.hass, *_subentry(call.hass, call.data.get(ATTR_AGENT)), call.data[ATTR_TEXT]
    )


async def _async_forget_fact(call: ServiceCall) -> None:
    """Take a fact from an agent."""
    async_forget_fact(
        call.hass, *_subentry(call.hass, call.data.get(ATTR_AGENT)), call.data[ATTR_TEXT]
    )


def _subentry_id(call: ServiceCall) -> str | None:
    """Return the subentry of the agent that is named; None for all agents."""
    entity_id = call.data.get(ATTR_AGENT)
    return _subentry(call.hass, entity_id)[1].subentry_id if entity_id else None


def _subentry(hass: HomeAssistant, entity_id: str | None) -> tuple[JonhConfigEntry, ConfigSubentry]:
    """Return what an agent of ours was set up with; the first agent where none is named."""
    found = _agent(hass, entity_id)
    registry = er.async_get(hass)
    for entry in hass.config_entries.async_loaded_entries(DOMAIN):
        for subentry_id, subentry in entry.subentries.items():
            ours = registry.async_get_entity_id(Platform.CONVERSATION, DOMAIN, subentry_id)
            if ours == found:
                return entry, subentry
    raise _no_agent(found)


def _agent(hass: HomeAssistant, entity_id: str | None) -> str:
    """Return the agent asked for, or the first one of Jonh."""
    agents = async_agent_entity_ids(hass)
    if entity_id is None and agents:
        return agents[0]
    if entity_id is not None and (entity_id in agents or hass.states.get(entity_id)):
        return entity_id
    raise _no_agent(entity_id)


def _no_agent(entity_id: str | None) -> ServiceValidationError:
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key="no_agent" if entity_id is None else "agent_not_found",
        translation_placeholders={"entity": entity_id or ""},
    )
