"""jonh-tts beside wyoming-piper."""
