"""Builds the starter models: a tiny Whisper, and a tiny Piper voice per language."""
