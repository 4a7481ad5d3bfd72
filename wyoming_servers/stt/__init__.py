"""jonh-stt: speech to text on faster-whisper."""
