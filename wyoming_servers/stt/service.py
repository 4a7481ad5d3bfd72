"""What jonh-stt offers: its model on disk or in memory, its info, its work."""

import logging
import threading
import time
from collections.abc import Iterator

from wyoming.info import AsrModel, AsrProgram, Attribution, Info

from wyoming_servers import __version__
from wyoming_servers.audio import SAMPLE_RATE_HZ
from wyoming_servers.hub import Hub
from wyoming_servers.models import Model, WhisperModels
from wyoming_servers.protocol import ErrorCode, IsCancelled, RequestError
from wyoming_servers.settings import SettingsError, SttSettings
from wyoming_servers.telemetry import Telemetry

from .engine import ALL_LANGUAGES, EngineError, EngineOptions, Transcriber, languages_of
from .languages import AUTO, advertised, whisper_code
from .protocol import Recognition, SttOffer, Utterance

_LOGGER = logging.getLogger(__name__)


class SttService:
    """Finds the model at once and loads it on first use."""

    def __init__(self, settings: SttSettings, telemetry: Telemetry) -> None:
        """Find the model on disk, without the network.

        Raises ModelError, EngineError or SettingsError for a model that can never be used and
        for a language it does not have.
        """
        self._settings = settings
        self._telemetry = telemetry
        hub = Hub(settings.hub_url) if settings.hub_url else None
        self._store = WhisperModels(settings.model_dir, hub)
        self._loading = threading.Lock()
        self._transcriber: Transcriber | None = None
        model = self._store.find(settings.model)
        self._languages = languages_of(model.path) if model else ALL_LANGUAGES
        self._model_name = model.name if model else settings.model
        wanted = settings.language
        if wanted.lower() != AUTO and whisper_code(wanted, self._languages) is None:
            raise SettingsError(
                f"--language: the model {self._model_name} has no language {wanted};"
                f" it has {', '.join(self._languages)}, with any region, or auto"
            )

    @property
    def offer(self) -> SttOffer:
        """What a new connection is granted."""
        return SttOffer(
            model=self._model_name,
            languages=self._languages,
            default_language=self._settings.language,
            max_s=self._settings.max_seconds,
        )

    @property
    def info(self) -> Info:
        """What `describe` is answered with."""
        whisper = Attribution(
            "OpenAI Whisper, SYSTRAN faster-whisper", "https://github.com/SYSTRAN/faster-whisper"
        )
        model = AsrModel(
            name=self._model_name,
            description=f"Whisper {self._model_name}",
            attribution=whisper,
            installed=True,
            version=None,
            languages=advertised(self._languages),
        )
        program = AsrProgram(
            name="Jonh STT",
            description="Speech to text on faster-whisper",
            attribution=Attribution("Jonh", "https://github.com/jonh-assistant/jonh"),
            installed=True,
            version=__version__,
            models=[model],
        )
        return Info(asr=[program])

    def load(self) -> Transcriber:
        """Return the loaded model, after fetching, loading and warming it up the first time.

        Blocks. Raises EngineError.
        """
        with self._loading:
            if self._transcriber is None:
                model = self._store.obtain(self._settings.model)
                self._transcriber = self._load(model)
            return self._transcriber

    def work(self, job: Utterance, is_cancelled: IsCancelled) -> Iterator[Recognition]:
        """Transcribe one utterance; the scheduler's work."""
        try:
            transcriber = self.load()
        except EngineError as err:
            _LOGGER.error("%s", err)  # noqa: TRY400 - the one line says all
            raise RequestError(ErrorCode.MODEL_MISSING, str(err)) from err
        if job.language is not None and job.language not in transcriber.languages:
            raise RequestError(
                ErrorCode.UNKNOWN_LANGUAGE,
                f"The model {self._model_name} has no language {job.language!r};"
                f" it has {', '.join(transcriber.languages)}.",
            )
        started_s = time.monotonic()
        transcription = transcriber.transcribe(job.samples, job.language, is_cancelled)
        if transcription is None:
            return
        audio_s, run_s = len(job.samples) / SAMPLE_RATE_HZ, time.monotonic() - started_s
        self._telemetry.audio_processed(audio_s, run_s)
        _LOGGER.debug("Transcribed %.2f s of sound in %.2f s", audio_s, run_s)
        yield Recognition(transcription.text, transcription.language)

    def _load(self, model: Model) -> Transcriber:
        settings, started_s = self._settings, time.monotonic()
        options = EngineOptions(
            device=settings.device,
            compute_type=settings.compute_type,
            threads=settings.threads,
            beam_size=settings.beam_size,
            initial_prompt=settings.initial_prompt,
        )
        transcriber = Transcriber(model.path, options)
        transcriber.warm_up()
        self._model_name, self._languages = model.name, transcriber.languages
        _LOGGER.info("Model %s loaded in %.1f s", model.name, time.monotonic() - started_s)
        return transcriber
