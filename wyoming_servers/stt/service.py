"""What jonh-stt offers: its model on disk or in memory, its info, its work."""

import logging
import threading
import time
from collections.abc import Iterator

from wyoming.info import AsrModel, AsrProgram, Attribution, Info

from wyoming_servers import __version__
from wyoming_servers.audio import SAMPLE_RATE_HZ
from wyoming_servers.hub import Hub
from wyoming_servers.models import (
    Model,
    ModelMissingError,
    WhisperModels,
    describe_fallback,
)
from wyoming_servers.protocol import ErrorCode, IsCancelled, RequestError
from wyoming_servers.settings import SettingsError, SttSettings
from wyoming_servers.telemetry import Telemetry

from .engine import ALL_LANGUAGES, EngineError, EngineOptions, Transcriber, languages_of
from .languages import AUTO, advertised, whisper_code
from .protocol import Recognition, SttOffer, Utterance

_LOGGER = logging.getLogger(__name__)


# A router that restarts is back within minutes; a house that is offline is not asked often.
_FETCH_PAUSE_S = 60.0
_MAX_FETCH_PAUSE_S = 1800.0


class SttService:
    """Recognises with the wanted model, or with the best one on disk while that is not there.

    The starter model would turn a person's speech into commands nobody gave, so it stands in
    only once the hub has failed; until then requests are told that the model is on its way.
    """

    def __init__(self, settings: SttSettings, telemetry: Telemetry) -> None:
        """Look for the model on disk, without the network.

        Raises ModelError, EngineError or SettingsError for a model that can never be used and
        for a language it does not have.
        """
        self._settings = settings
        self._telemetry = telemetry
        self._hub = Hub(settings.hub_url) if settings.hub_url else None
        self._store = WhisperModels(settings.model_dir, self._hub)
        self._loading = threading.Lock()
        self._transcriber: Transcriber | None = None
        self._model = found = self._store.find(settings.model)
        self._languages = languages_of(found.path) if found else ALL_LANGUAGES
        if found is None and self._hub is None:
            self._stand_in(self._store.obtain(settings.model))
        elif found is None and not (stand_in := self._store.fallback(settings.model)).is_starter:
            self._stand_in(stand_in)
        self._check_language()

    @property
    def _model_name(self) -> str:
        return self._model.name if self._model else self._settings.model

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

    def preload(self) -> None:
        """Fetch the wanted model if need be, load what there is and warm it up.

        Blocks. Raises EngineError.
        """
        self._use(self._store.obtain(self._settings.model))

    def fetch_in_background(self) -> None:
        """Get the wanted model, if it is not there, and go over to it; returns at once."""
        if self._hub is not None and self._store.find(self._settings.model) is None:
            # A daemon, so that it never holds the process; a cut file is resumed next time.
            thread = threading.Thread(target=self._fetch_until_there, name="fetch-stt", daemon=True)
            thread.start()

    def work(self, job: Utterance, is_cancelled: IsCancelled) -> Iterator[Recognition]:
        """Transcribe one utterance; the scheduler's work."""
        transcriber = self._loaded()
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

    def _loaded(self) -> Transcriber:
        """Return the model, loading it on first use; raises RequestError (model-missing)."""
        with self._loading:
            if self._transcriber is None:
                if self._model is None:
                    raise RequestError(
                        ErrorCode.MODEL_MISSING,
                        f"The model {self._settings.model} is still being fetched;"
                        " try again in some minutes.",
                    )
                try:
                    self._transcriber = self._load(self._model)
                except EngineError as err:
                    _LOGGER.error("%s", err)  # noqa: TRY400 - the one line says all
                    raise RequestError(ErrorCode.MODEL_MISSING, str(err)) from err
            return self._transcriber

    def _use(self, model: Model) -> None:
        """Load a model and go over to it; raises EngineError."""
        transcriber = self._load(model)
        with self._loading:
            self._model, self._languages = model, transcriber.languages
            self._transcriber = transcriber

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
        _LOGGER.info("Model %s ready after %.1f s", model.name, time.monotonic() - started_s)
        return transcriber

    def _fetch_until_there(self) -> None:
        pause_s = _FETCH_PAUSE_S
        while True:
            try:
                self._use(self._store.fetch(self._settings.model))
            except ModelMissingError as err:
                stand_in = self._model or self._store.fallback(self._settings.model)
                _LOGGER.warning("%s; %s", err, describe_fallback(stand_in))
                self._stand_in(stand_in)
                if not err.is_retryable:
                    return
            except EngineError as err:
                _LOGGER.error("%s", err)  # noqa: TRY400 - the one line says all
                return
            else:
                return
            time.sleep(pause_s)
            pause_s = min(2 * pause_s, _MAX_FETCH_PAUSE_S)

    def _stand_in(self, model: Model) -> None:
        languages = languages_of(model.path)
        with self._loading:
            if self._model is None:
                self._model, self._languages = model, languages

    def _check_language(self) -> None:
        wanted = self._settings.language
        if wanted.lower() != AUTO and whisper_code(wanted, self._languages) is None:
            raise SettingsError(
                f"--language: the model {self._model_name} has no language {wanted};"
                f" it has {', '.join(self._languages)}, with any region, or auto"
            )
