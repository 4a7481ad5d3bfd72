"""The speech-to-text server beside its peer."""
