"""The forms of the flows."""

from typing import TYPE_CHECKING, Any

import probatio
from homeassistant import data_entry_flow
from homeassistant.const import CONF_API_KEY, CONF_LANGUAGE, CONF_MODEL, CONF_URL
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.selector import (
    BooleanSelector,
    LanguageSelector,
    LanguageSelectorConfig,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import language as language_util

from .agent.languages import Language
from .const import (
    CONF_BASE_URL,
    CONF_CREATE_PIPELINE,
    CONF_SET_PREFERRED,
    DEFAULT_LANGUAGE,
    DEFAULT_OLLAMA_URL,
    DEFAULT_PULL_MODEL,
    DOMAIN,
    PROVIDERS,
    SECTION_ADVANCED,
)
from .providers.base import AuthError, Model, ProviderError, StalledError
from .settings import ModelChoice

if TYPE_CHECKING:
    from collections.abc import Iterable

    from homeassistant.core import HomeAssistant

    from .coordinator import JonhConfigEntry

GROQ_KEYS_URL = "https://console.groq.com/keys"
LANGUAGES = [language.value for language in Language]
CHOICE_SEPARATOR = ":"
"""Between provider and model in a choice; a model's own name may hold more of them."""

_PASSWORD = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD))
_URL = TextSelector(TextSelectorConfig(type=TextSelectorType.URL))

OLLAMA_SCHEMA = probatio.Schema({probatio.Required(CONF_URL, default=DEFAULT_OLLAMA_URL): _URL})
PULL_SCHEMA = probatio.Schema(
    {probatio.Required(CONF_MODEL, default=DEFAULT_PULL_MODEL): TextSelector()}
)
GROQ_SCHEMA = probatio.Schema(
    {
        probatio.Required(CONF_API_KEY): _PASSWORD,
        probatio.Optional(SECTION_ADVANCED, default={}): data_entry_flow.section(
            probatio.Schema({probatio.Optional(CONF_BASE_URL): _URL}), {"collapsed": True}
        ),
    }
)
REAUTH_SCHEMA = probatio.Schema({probatio.Required(CONF_API_KEY): _PASSWORD})


def normalized_url(text: str) -> str | None:
    """Return an address as Ollama's client wants it, or None when it is none."""
    text = text.strip().rstrip("/")
    if "://" not in text:
        text = f"http://{text}"
    try:
        return cv.url(text)
    except probatio.Invalid, ValueError:
        return None


def error_key(error: ProviderError) -> str:
    """Return the key of the form error for a failed connection test."""
    if isinstance(error, AuthError):
        return "invalid_auth"
    return "timeout_connect" if isinstance(error, StalledError) else "cannot_connect"


async def async_model_schema(hass: HomeAssistant, models: Iterable[Model]) -> probatio.Schema:
    """Return the form that chooses a model; one that can call tools is suggested."""
    listed = sorted(models, key=lambda model: (model.supports_tools is False, model.id))
    options = await async_model_options(hass, listed)
    return probatio.Schema(
        {probatio.Required(CONF_MODEL, default=listed[0].id): model_selector(options)}
    )


def model_selector(options: list[SelectOptionDict]) -> SelectSelector:
    """Return a list of models that also takes the name of another one."""
    return SelectSelector(
        SelectSelectorConfig(options=options, mode=SelectSelectorMode.DROPDOWN, custom_value=True)
    )


async def async_model_options(
    hass: HomeAssistant, models: Iterable[Model]
) -> list[SelectOptionDict]:
    """Return the models with what is known of their capabilities."""
    prefix = f"component.{DOMAIN}.common."
    texts = await async_get_translations(hass, hass.config.language, "common", [DOMAIN])
    said = {True: texts[f"{prefix}model_with_tools"], False: texts[f"{prefix}model_without_tools"]}
    options = []
    for model in models:
        facts = [
            said.get(model.supports_tools) if model.supports_tools is not None else None,
            f"{model.context_length} tokens" if model.context_length else None,
            f"{model.size_bytes / 1e9:.1f} GB" if model.size_bytes else None,
        ]
        known = ", ".join(fact for fact in facts if fact)
        label = f"{model.id} ({known})" if known else model.id
        options.append(SelectOptionDict(value=model.id, label=label))
    return options


async def async_choice_options(
    hass: HomeAssistant, entry: JonhConfigEntry
) -> list[SelectOptionDict]:
    """Return the models of all providers of a loaded entry."""
    return [
        SelectOptionDict(
            value=choice_text(ModelChoice(provider=key, model=option["value"])),
            label=f"{coordinator.provider.name}: {option['label']}",
        )
        for key, coordinator in entry.runtime_data.coordinators.items()
        for option in await async_model_options(hass, coordinator.data or [])
    ]


def choice_text(choice: ModelChoice) -> str:
    """Return a model and its provider as a field holds them."""
    return f"{choice.provider}{CHOICE_SEPARATOR}{choice.model}"


def parse_choice(text: str) -> ModelChoice | None:
    """Read a model and its provider; None when the text names no provider of ours or no model."""
    provider, _, model = text.partition(CHOICE_SEPARATOR)
    if provider not in PROVIDERS or not model:
        return None
    return ModelChoice(provider=provider, model=model)


def pipeline_schema(*, is_optional: bool) -> probatio.Schema:
    """Return the form of the voice pipeline."""
    fields: dict[Any, Any] = {
        probatio.Required(CONF_LANGUAGE, default=DEFAULT_LANGUAGE): LanguageSelector(
            LanguageSelectorConfig(languages=LANGUAGES, native_name=True)
        ),
        probatio.Required(CONF_SET_PREFERRED, default=False): BooleanSelector(),
    }
    if is_optional:
        fields = {probatio.Required(CONF_CREATE_PIPELINE, default=True): BooleanSelector()} | fields
    return probatio.Schema(fields)


def suggested_language(hass: HomeAssistant) -> str:
    """Return Home Assistant's language where Jonh speaks it."""
    found = language_util.matches(hass.config.language, LANGUAGES, country=hass.config.country)
    return found[0] if found else DEFAULT_LANGUAGE
