"""Names and defaults of the Jonh integration."""

import logging
from typing import Final

DOMAIN: Final = "jonh"
LOGGER = logging.getLogger(__package__)

DEFAULT_TITLE: Final = "Jonh"
"""Title of the entry, of the first agent and of the voice pipeline."""

SUBENTRY_CONVERSATION: Final = "conversation"

# Keys of `entry.data`: one mapping for each provider that is set up.
PROVIDER_OLLAMA: Final = "ollama"
PROVIDER_GROQ: Final = "groq"
PROVIDERS: Final = (PROVIDER_OLLAMA, PROVIDER_GROQ)
CONF_BASE_URL: Final = "base_url"

# Keys of a conversation subentry, beside `prompt`, `llm_hass_api`, `model` and `temperature`.
CONF_PROVIDER: Final = "provider"
CONF_FALLBACK_PROVIDER: Final = "fallback_provider"
CONF_FALLBACK_MODEL: Final = "fallback_model"
CONF_TEMPERATURE: Final = "temperature"
CONF_MAX_TOKENS: Final = "max_tokens"
CONF_HISTORY_MESSAGES: Final = "history_messages"
CONF_HISTORY_S: Final = "history_s"
CONF_PATIENCE_S: Final = "patience_s"
CONF_NUM_CTX: Final = "num_ctx"
CONF_KEEP_ALIVE_S: Final = "keep_alive_s"

# Sections of forms.
SECTION_ADVANCED: Final = "advanced"

# Fields of the pipeline form and of the action `create_pipeline`.
CONF_CREATE_PIPELINE: Final = "create_pipeline"
CONF_SET_PREFERRED: Final = "set_preferred"
CONF_STT_ENTITY: Final = "stt_entity"
CONF_TTS_ENTITY: Final = "tts_entity"
CONF_CONVERSATION_AGENT: Final = "conversation_agent"

DEFAULT_OLLAMA_URL: Final = "http://localhost:11434"
DEFAULT_PULL_MODEL: Final = "qwen3:4b-instruct"
"""Small enough for 8 GB of memory, and it calls tools."""

DEFAULT_LANGUAGE: Final = "pt-BR"

ISSUE_MODEL_MISSING: Final = "model_missing"
ISSUE_PIPELINE_WITHOUT_AGENT: Final = "pipeline_without_agent"
