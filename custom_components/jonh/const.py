"""Names and defaults of the Jonh integration."""

import logging
from typing import Final

DOMAIN: Final = "jonh"
LOGGER = logging.getLogger(__package__)

DEFAULT_TITLE: Final = "Jonh"
"""Title of the entry, of the first agent and of the voice pipeline."""

SUBENTRY_CONVERSATION: Final = "conversation"
SUBENTRY_AI_TASK: Final = "ai_task_data"

# Keys of `entry.data`: one mapping for each provider that is set up.
PROVIDER_OLLAMA: Final = "ollama"
PROVIDER_GROQ: Final = "groq"
PROVIDERS: Final = (PROVIDER_OLLAMA, PROVIDER_GROQ)
LOCAL_PROVIDERS: Final = frozenset({PROVIDER_OLLAMA})
"""Providers on a machine of the user's own; what a person says stays at home with them."""
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
CONF_PRIVACY: Final = "privacy"
CONF_HEDGE_S: Final = "hedge_s"
CONF_TURN_S: Final = "turn_s"
CONF_FAST_PATH: Final = "fast_path"
CONF_QUICK_CONFIRM: Final = "quick_confirm"
CONF_FACTS: Final = "facts"
CONF_STORE_HISTORY: Final = "store_history"
CONF_CONFIRM_ENTITIES: Final = "confirm_entities"
CONF_PIN_HASH: Final = "pin_hash"
# Fields of the agent's form that are not stored: the PIN leaves only its salted hash behind.
CONF_PIN: Final = "pin"
CONF_REMOVE_PIN: Final = "remove_pin"

# Sections of forms.
SECTION_BEHAVIOUR: Final = "behaviour"
SECTION_SAFETY: Final = "safety"
SECTION_MEMORY: Final = "memory"
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
ISSUE_MODEL_WITHOUT_TOOLS: Final = "model_without_tools"
ISSUE_CONTEXT_TOO_SMALL: Final = "context_too_small"
ISSUE_BUDGET_TOO_SMALL: Final = "budget_too_small"
ISSUE_PIPELINE_WITHOUT_AGENT: Final = "pipeline_without_agent"
ISSUE_PIPELINE_BYPASSES_GUARD: Final = "pipeline_bypasses_guard"
