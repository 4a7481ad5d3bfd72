"""One version, written wherever a tool wants it."""
