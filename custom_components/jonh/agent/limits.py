"""Defaults and limits of a conversation."""

MAX_MESSAGES = 10
"""Messages of earlier turns that the model sees; five questions and their answers."""
MAX_AGE_S = 3600.0
"""What was said longer ago is forgotten, in seconds."""
MAX_CONVERSATIONS = 64
"""Conversations remembered at once; more than the satellites and browsers of a home."""

TEMPERATURE = 0.7
"""Between repetitive (0) and erratic (2)."""
MAX_TOKENS = 512
"""Longest answer of one tool round; some two minutes of speech."""
MAX_TOOL_ROUNDS = 10
"""Model calls in one turn; the number that Home Assistant's own agents use."""

NUM_CTX = 8192
"""Context window asked of a local model, in tokens; the default of Home Assistant's own agent."""
KEEP_ALIVE_S = -1
"""A local model stays loaded: loading it again costs seconds before the first word."""
