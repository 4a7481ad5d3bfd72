"""Defaults and limits of a conversation."""

MAX_MESSAGES = 10
"""Messages of earlier turns that the model sees; five questions and their answers."""
MAX_AGE_S = 3600.0
"""What was said longer ago is forgotten, in seconds."""
MAX_CONVERSATIONS = 64
"""Conversations remembered at once; more than the satellites and browsers of a home."""

TEMPERATURE = 0.3
"""Between repetitive (0) and erratic (2); low enough that tool calls keep their form."""
MAX_TOKENS = 512
"""Longest answer of one tool round; some two minutes of speech."""
MAX_TOOL_ROUNDS = 10
"""Model calls in one turn; the number that Home Assistant's own agents use."""

MAX_TOOL_CALLS = 16
"""Calls in one turn; small models make one for each lamp of a room."""

TURN_S = 45.0
"""Longest turn, in seconds; nobody waits longer in front of a satellite."""
HEDGE_S = 0.0
"""Head start of the first model before the fallback is asked beside it; 0 never asks both."""

MAX_FACTS = 30
"""Facts about the home; with the next limit some 2,000 tokens at most, a quarter of `NUM_CTX`."""
MAX_FACT_CHARS = 200
"""One or two sentences."""

NUM_CTX = 8192
"""Context window asked of a local model, in tokens; the default of Home Assistant's own agent."""
KEEP_ALIVE_S = -1
"""A local model stays loaded: loading it again costs seconds before the first word."""
