"""Actions of the integration."""

from typing import Any

import probatio
from homeassistant.const import CONF_LANGUAGE, CONF_NAME
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv

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
from .pipelines import async_create_pipeline

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


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions."""
    hass.services.async_register(
        DOMAIN,
        SERVICE_CREATE_PIPELINE,
        _async_create_pipeline,
        schema=CREATE_PIPELINE_SCHEMA,
        supports_response=SupportsResponse.OPTIONAL,
    )


async def _async_create_pipeline(call: ServiceCall) -> ServiceResponse:
    """Create or update the voice pipeline and say what it is made of."""
    fields: dict[str, Any] = dict(call.data)
    fields[CONF_CONVERSATION_AGENT] = _agent(call.hass, fields.get(CONF_CONVERSATION_AGENT))
    summary = await async_create_pipeline(call.hass, **fields)
    return summary.as_dict()


def _agent(hass: HomeAssistant, entity_id: str | None) -> str:
    """Return the agent asked for, or the first one of Jonh."""
    agents = async_agent_entity_ids(hass)
    if entity_id is None and agents:
        return agents[0]
    if entity_id is not None and (entity_id in agents or hass.states.get(entity_id)):
        return entity_id
    raise ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key="no_agent" if entity_id is None else "agent_not_found",
        translation_placeholders={"entity": entity_id or ""},
    )
