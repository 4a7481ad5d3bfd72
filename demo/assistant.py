"""Connects Home Assistant with the speech servers and with Jonh, and makes its pipelines."""

import asyncio
import contextlib
import hashlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import aiohttp

from demo.console import note
from demo.errors import HomeAssistantError, NotReadyError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from demo.home_assistant import HomeAssistant, Json
    from demo.installation import Ports

OLLAMA_DEFAULT_PORT = 11434
# Ollama on the same machine or network answers its list of models at once.
OLLAMA_PROBE_S = 3.0
# A model that the servers still load delays their first answer.
ENTITIES_S = 60.0


@dataclass(frozen=True, slots=True)
class Language:
    """One language of the demo and its pipeline."""

    code: str
    pipeline: str
    is_preferred: bool = False


LANGUAGES = {
    "pt": Language("pt-BR", "Jonh", is_preferred=True),
    "en": Language("en", "Jonh English"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Providers:
    """The language models that answer what local commands do not cover."""

    ollama_url: str | None = None
    groq_key: str | None = field(default=None, repr=False)
    groq_url: str | None = None
    """Another server that speaks Groq's protocol, for tests and proxies."""

    @property
    def names(self) -> str:
        """Return the providers for a person to read."""
        names = [f"Ollama at {self.ollama_url}"] if self.ollama_url else []
        names += ["Groq"] if self.groq_key else []
        return " and ".join(names) or "none (local commands only)"


async def find_providers(environment: Mapping[str, str]) -> Providers:
    """Look for Ollama at OLLAMA_HOST or its default port, and for a key in GROQ_API_KEY."""
    url = ollama_url(environment.get("OLLAMA_HOST", ""))
    has_ollama = await _answers(url)
    if not has_ollama and environment.get("OLLAMA_HOST"):
        note(f"OLLAMA_HOST is set, but no Ollama answers at {url}: going on without it")
    return Providers(
        ollama_url=url if has_ollama else None,
        groq_key=environment.get("GROQ_API_KEY") or None,
        groq_url=environment.get("GROQ_BASE_URL") or None,
    )


def ollama_url(host: str) -> str:
    """Return the URL that OLLAMA_HOST means; Ollama itself accepts host, host:port and URLs."""
    scheme, separator, rest = host.strip().rpartition("://")
    authority = rest.split("/")[0]
    name, colon, port = authority.rpartition(":") if ":" in authority else (authority, "", "")
    # 0.0.0.0 is where a server listens, not where a client connects to.
    name = "127.0.0.1" if name in {"", "0.0.0.0"} else name  # noqa: S104
    if not colon and separator:
        port = "443" if scheme == "https" else "80"
    return f"{scheme or 'http'}://{name}:{port or OLLAMA_DEFAULT_PORT}"


def digest(ports: Ports, providers: Providers) -> str:
    """Identify these connections, to make them again after a change. The key is not readable."""
    parts = (ports.stt, ports.tts, providers.ollama_url, providers.groq_key, providers.groq_url)
    return hashlib.sha256(repr(parts).encode()).hexdigest()


async def connect(home: HomeAssistant, ports: Ports, providers: Providers) -> Providers:
    """Add both speech servers and Jonh, replacing those of an earlier start. Safe to repeat.

    Return the providers that Jonh accepted; one that refuses its key or lacks a fitting model is
    named and left out.
    """
    await home.abandon_flows("jonh")
    for domain in ("jonh", "wyoming"):
        await home.remove_entries(domain)
    for port in (ports.stt, ports.tts):
        address: Json = {"host": "127.0.0.1", "port": port}
        await home.walk_flow("wyoming", lambda _, address=address: address)  # type: ignore[misc]
    return await _add_jonh(home, providers)


async def wake_entries(home: HomeAssistant) -> None:
    """Load again what Home Assistant tried before the speech servers listened."""
    for domain in ("wyoming", "jonh"):
        for entry in await home.get(f"/api/config/config_entries/entry?domain={domain}"):
            if entry["state"] == "setup_retry":
                await home.post(f"/api/config/config_entries/entry/{entry['entry_id']}/reload", {})


async def create_pipelines(home: HomeAssistant) -> dict[str, str]:
    """Create or renew one pipeline per language; return their ids by language."""
    try:
        async with asyncio.timeout(ENTITIES_S):
            while not await _has_speech_entities(home):  # noqa: ASYNC110 (states live elsewhere)
                await asyncio.sleep(0.2)
    except TimeoutError as err:
        raise NotReadyError(
            f"Home Assistant did not find the speech servers within {ENTITIES_S:.0f} s; "
            "see logs/home-assistant.log"
        ) from err
    pipelines = {}
    for key, language in LANGUAGES.items():
        answer = await home.post(
            "/api/services/jonh/create_pipeline?return_response",
            {
                "name": language.pipeline,
                "language": language.code,
                "set_preferred": language.is_preferred,
            },
        )
        pipelines[key] = answer["service_response"]["pipeline_id"]
    return pipelines


async def _has_speech_entities(home: HomeAssistant) -> bool:
    domains = {entity_id.partition(".")[0] for entity_id in await home.states()}
    return {"stt", "tts"} <= domains


async def _add_jonh(home: HomeAssistant, providers: Providers) -> Providers:
    for attempt in attempts(providers):
        try:
            await home.walk_flow("jonh", _JonhFlow(attempt).answer)
        except HomeAssistantError as err:
            note(f"{attempt.names}: {err}")
            await home.abandon_flows("jonh")
        else:
            return attempt
    raise HomeAssistantError("Jonh could not be set up; see the lines above")


def attempts(providers: Providers) -> list[Providers]:
    """Return what to set up, the best first: all, each alone, and at last local commands only."""
    alone = [replace(providers, groq_key=None), replace(providers, ollama_url=None), Providers()]
    ordered = [providers, *(choice for choice in alone if choice.names != providers.names)]
    return list({choice.names: choice for choice in ordered}.values())


class _JonhFlow:
    """Fills the steps of Jonh's config flow."""

    def __init__(self, providers: Providers) -> None:
        self._providers = providers
        self._waiting = ["ollama"] if providers.ollama_url else []
        self._waiting += ["groq"] if providers.groq_key else []

    def answer(self, step: Json) -> Json:
        """Return what a person would type into a step."""
        match step["step_id"]:
            case "user":
                return {"next_step_id": self._waiting.pop(0) if self._waiting else "local_only"}
            case "add_another":
                return {"next_step_id": self._waiting.pop(0) if self._waiting else "finish"}
            case "ollama":
                return {"url": self._providers.ollama_url}
            case "groq":
                url = self._providers.groq_url
                return {
                    "api_key": self._providers.groq_key,
                    "advanced": {"base_url": url} if url else {},
                }
            case "ollama_model" | "groq_model":
                return {"model": _first_choice(step)}
            case "pipeline":
                # Made by the action, once per language.
                language = LANGUAGES["pt"].code
                return {"create_pipeline": False, "language": language, "set_preferred": False}
            case "ollama_no_model":
                raise HomeAssistantError(
                    "Ollama has no model that can call tools; type 'ollama pull qwen3:4b-instruct'"
                )
        raise HomeAssistantError(f"Jonh's setup asks an unknown question: {step['step_id']}")


def _first_choice(step: Json) -> str:
    """Return the default of a step's model field, else its first option."""
    field_schema = next(part for part in step["data_schema"] if part["name"] == "model")
    if (default := field_schema.get("default")) is not None:
        return str(default)
    option = field_schema["selector"]["select"]["options"][0]
    return str(option["value"] if isinstance(option, dict) else option)


async def _answers(url: str) -> bool:
    timeout = aiohttp.ClientTimeout(total=OLLAMA_PROBE_S)
    with contextlib.suppress(aiohttp.ClientError, TimeoutError, ValueError):
        async with (
            aiohttp.ClientSession(timeout=timeout) as http,
            http.get(f"{url}/api/version") as response,
        ):
            return response.status == 200
    return False
