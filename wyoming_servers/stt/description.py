"""How jonh-stt describes itself to Home Assistant."""

from wyoming.info import AsrModel, AsrProgram, Attribution, Info

from wyoming_servers import __version__
from wyoming_servers.settings import SttSettings

from .languages import advertised


def describe_model(name: str, languages: tuple[str, ...], settings: SttSettings) -> Info:
    """Return what `describe` is answered with."""
    whisper = Attribution(
        "OpenAI Whisper, SYSTRAN faster-whisper", "https://github.com/SYSTRAN/faster-whisper"
    )
    model = AsrModel(
        name=name,
        description=f"Whisper {name}",
        attribution=whisper,
        installed=True,
        version=None,
        languages=advertised(languages),
    )
    wants_processing = not settings.raw_microphone
    program = AsrProgram(
        name="Jonh STT",
        description="Speech to text on faster-whisper",
        attribution=Attribution("Jonh", "https://github.com/jonh-assistant/jonh"),
        installed=True,
        version=__version__,
        models=[model],
        supports_transcript_streaming=True,
        requires_external_vad=settings.endpoint == "off",
        prefers_auto_gain_enabled=wants_processing,
        prefers_noise_reduction_enabled=wants_processing,
    )
    return Info(asr=[program])
