"""Text to speech: the server `jonh-tts`."""
