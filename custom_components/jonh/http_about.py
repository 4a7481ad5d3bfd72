"""What is there and how it is asked, over the HTTP API."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiohttp import hdrs, web
from homeassistant.components import stt
from homeassistant.loader import async_get_integration

from .const import DOMAIN
from .http_body import PIPELINE
from .http_speech import find_pipeline
from .http_view import JSON, JonhView, answering

if TYPE_CHECKING:
    from homeassistant.components.assist_pipeline import Pipeline
    from homeassistant.core import HomeAssistant

    from .coordinator import JonhConfigEntry


class HealthView(JonhView):
    """Whether everything is there that a turn needs."""

    url = f"/api/{DOMAIN}/health"
    name = f"api:{DOMAIN}:health"

    @answering(is_limited=False)
    async def get(self, request: web.Request) -> web.StreamResponse:
        """Say what is there, by what is known: nobody is asked."""
        hass = self.hass(request)
        pipeline = find_pipeline(hass, request.query.get(PIPELINE), None)
        engines = _engines(hass, pipeline)
        entries: list[JonhConfigEntry] = hass.config_entries.async_loaded_entries(DOMAIN)
        providers = {
            key: {"reachable": coordinator.last_update_success}
            for entry in entries
            for key, coordinator in entry.runtime_data.coordinators.items()
        }
        is_well = all(engine["available"] for engine in engines.values()) and all(
            provider["reachable"] for provider in providers.values()
        )
        integration = await async_get_integration(hass, DOMAIN)
        return self.json(
            {
                "status": "ok" if is_well and entries else "degraded",
                "version": str(integration.version),
                "pipeline": {
                    "id": pipeline.id,
                    "name": pipeline.name,
                    "language": pipeline.language,
                },
                "engines": engines,
                "providers": providers,
            }
        )


class OpenApiView(JonhView):
    """The API, described for programs."""

    url = f"/api/{DOMAIN}/openapi.json"
    name = f"api:{DOMAIN}:openapi"

    @answering(is_limited=False)
    async def get(self, request: web.Request) -> web.StreamResponse:
        """Return the description."""
        return web.FileResponse(
            Path(__file__).with_name("openapi.json"), headers={hdrs.CONTENT_TYPE: JSON}
        )


def _engines(hass: HomeAssistant, pipeline: Pipeline) -> dict[str, dict[str, Any]]:
    """Return what the pipeline is made of and whether it is there."""
    parts = {
        "stt": pipeline.stt_engine,
        "conversation": pipeline.conversation_engine,
        "tts": pipeline.tts_engine,
    }
    return {
        part: {"id": engine, "available": engine is not None and _is_there(hass, engine)}
        for part, engine in parts.items()
    }


def _is_there(hass: HomeAssistant, engine: str) -> bool:
    """Return True for an entity that is loaded and for an engine without one."""
    if (state := hass.states.get(engine)) is not None:
        return state.state != "unavailable"
    return "." not in engine or stt.async_get_speech_to_text_engine(hass, engine) is not None
