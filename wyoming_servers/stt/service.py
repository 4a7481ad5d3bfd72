"""What jonh-stt offers: its model on disk or in memory, its info, its work."""

import contextlib
import logging
import threading
import time
from collections.abc import Hashable, Iterator, Sequence

from wyoming.info import Info

from wyoming_servers.audio import SAMPLE_RATE_HZ
from wyoming_servers.hub import Hub
from wyoming_servers.models import (
    Model,
    ModelMissingError,
    WhisperModels,
    describe_fallback,
)
from wyoming_servers.patience import in_background, keep_trying
from wyoming_servers.preflight import available_memory_bytes
from wyoming_servers.protocol import ErrorCode, IsCancelled, RequestError
from wyoming_servers.residence import Residence
from wyoming_servers.settings import SettingsError, SttSettings
from wyoming_servers.status import ModelStatus, Offering
from wyoming_servers.telemetry import Telemetry

from .context import Context
from .description import describe_model
from .detector import SileroDetector
from .endpoint import EndpointOptions
from .engine import EngineError, EngineOptions, Request, Transcriber
from .languages import AUTO, whisper_code
from .metrics import UtteranceMetrics
from .names import HomeNames
from .protocol import SttOffer
from .turn import Recognition, Utterance
from .vocabulary import ALL_LANGUAGES, VocabularyError, languages_of

_LOGGER = logging.getLogger(__name__)

# Measured with models of the sizes tiny to small: what the process needs beside the weights.
_MEMORY_BYTES = 200 << 20

# Seconds per second of sound: nobody waits for a model that is slower than this, even after all
# of its retries; and the least, which is a cold start of the largest model from a slow disk.
_SLOWEST = 10.0
_LEAST_LIMIT_S = 60.0


class SttService:
    """Recognises with the wanted model, or with the best one on disk while that is not there.

    The starter model would turn a person's speech into commands nobody gave, so it stands in
    only where the hub will never have the model; until then requests are refused.
    """

    def __init__(
        self, settings: SttSettings, telemetry: Telemetry, metrics: UtteranceMetrics
    ) -> None:
        """Look for the model on disk, without the network.

        Raises ModelError, EngineError or SettingsError for a model that can never be used and
        for a language it does not have.
        """
        self._settings = settings
        self._telemetry = telemetry
        self._metrics = metrics
        self._hub = Hub(settings.hub_url) if settings.hub_url else None
        self._store = WhisperModels(settings.model_dir, self._hub)
        self.names = HomeNames(settings.names_file, settings.data_dir / "names.json")
        self._loading = threading.Lock()
        self._residence: Residence[Transcriber] | None = None
        self._has_tried = False
        self._model: Model | None = None
        self._languages = ALL_LANGUAGES
        if found := self._store.find(settings.model):
            try:
                self._stand_in(found)
            except EngineError:
                if not self._store.put_aside_if_damaged(found):
                    raise
        if self._model is None:
            self._stand_in_meanwhile()
        self._check_languages()

    @property
    def _model_name(self) -> str:
        return self._model.name if self._model else self._settings.model

    @property
    def offer(self) -> SttOffer:
        """What a new connection is granted."""
        settings = self._settings
        return SttOffer(
            model=self._model_name,
            languages=self._languages,
            default_language=settings.language,
            max_s=settings.max_seconds,
            endpoint=_endpoint_options(settings),
            partial_s=settings.partial_seconds,
            new_detector=SileroDetector,
            names=lambda: self.names.current,
            take_names=self.names.take,
            prepare=self._prepare,
            report=self._metrics.utterance,
        )

    @property
    def info(self) -> Info:
        """What `describe` is answered with."""
        return describe_model(self._model_name, self._languages, self._settings)

    @property
    def offering(self) -> Offering:
        """What the status page tells."""
        model, residence = self._model, self._residence
        is_loaded = residence is not None and residence.model.is_loaded
        return Offering(
            wanted=self._settings.model,
            models=(ModelStatus(name=model.name, is_loaded=is_loaded),) if model else (),
            fetching=self._hub.progress if self._hub else None,
            latencies_s=tuple(self._metrics.latencies_s),
        )

    def preload(self) -> None:
        """Load and warm up what `--preload` asks for; waits for the hub only for `fetch`.

        Blocks. Raises EngineError.
        """
        if self._settings.preload == "fetch":
            self._use(self._store.obtain(self._settings.model))
        elif self._settings.preload == "disk" and (model := self._model) is not None:
            try:
                self._use(model)
            except EngineError:
                if not self._store.put_aside_if_damaged(model):
                    raise
                self._lose(model)

    def fetch_in_background(self) -> None:
        """Get the wanted model, if it is not there, and go over to it; returns at once.

        One that is there is looked over: one that was damaged on the disk is fetched again.
        """
        if self._model is not None and not self._model.is_starter:
            self._look_over(self._model)
        if self._hub is not None and self._store.find(self._settings.model) is None:
            # A file that is cut off when the process ends is resumed next time.
            keep_trying("fetch-stt", self._try_to_fetch)

    def batch_key(self, job: Utterance) -> Hashable:
        """Return what utterances must have in common to be recognised together."""
        residence = self._residence
        return residence and residence.model.batch_key(self._request(job))

    @staticmethod
    def limit_s(job: Utterance) -> float:
        """Return the time after which the engine is taken for stuck."""
        return max(_LEAST_LIMIT_S, _SLOWEST * len(job.samples) / SAMPLE_RATE_HZ)

    def work(
        self, batch: Sequence[tuple[Utterance, IsCancelled]]
    ) -> Iterator[tuple[int, Recognition | RequestError]]:
        """Transcribe utterances; the scheduler's work."""
        started_s = time.monotonic()
        with self._in_use() as transcriber:
            known: list[tuple[int, Request]] = []
            for index, (job, is_cancelled) in enumerate(batch):
                if job.language is not None and job.language not in transcriber.languages:
                    yield index, self._unknown_language(job.language, transcriber)
                else:
                    known.append((index, self._request(job, is_cancelled)))
            if not known:
                return
            for index, transcription in transcriber.transcribe_each([each for _, each in known]):
                if transcription is not None:
                    yield (
                        known[index][0],
                        Recognition(
                            transcription.text,
                            transcription.language,
                            decode_s=transcription.decode_s,
                            tries=transcription.tries,
                        ),
                    )
        audio_s = sum(len(request.samples) for _, request in known) / SAMPLE_RATE_HZ
        self._telemetry.audio_processed(audio_s, time.monotonic() - started_s)

    def _request(self, job: Utterance, is_cancelled: IsCancelled = lambda: False) -> Request:
        return Request(
            samples=job.samples,
            language=job.language,
            names=job.names + self.names.current,
            is_cancelled=is_cancelled,
        )

    def _unknown_language(self, language: str, transcriber: Transcriber) -> RequestError:
        return RequestError(
            ErrorCode.UNKNOWN_LANGUAGE,
            f"The model {self._model_name} has no language {language!r};"
            f" it has {', '.join(transcriber.languages)}.",
        )

    def _prepare(self) -> None:
        if self._residence is not None:
            self._residence.prepare()

    @contextlib.contextmanager
    def _in_use(self) -> Iterator[Transcriber]:
        try:
            with self._loaded().in_use() as transcriber:
                yield transcriber
        except EngineError as err:  # a model that left the memory and cannot come back
            _LOGGER.error("%s", err)  # noqa: TRY400 - the one line says all
            raise RequestError(ErrorCode.MODEL_MISSING, str(err)) from err

    def _loaded(self) -> Residence[Transcriber]:
        """Return the model, loading it on first use; raises RequestError (model-missing)."""
        with self._loading:
            if self._residence is None:
                if self._model is None:
                    raise RequestError(
                        ErrorCode.MODEL_MISSING,
                        f"The model {self._settings.model} is still being fetched"
                        " or cannot be fetched now; the server's log says more."
                        " Try again in some minutes.",
                    )
                self._residence = self._load(self._model)
            return self._residence

    def _use(self, model: Model) -> None:
        """Load a model and go over to it; raises EngineError."""
        residence = self._load(model)
        with self._loading:
            if self._residence is not None:
                self._residence.retire()
            self._model, self._languages = model, residence.model.languages
            self._residence = residence

    def _load(self, model: Model) -> Residence[Transcriber]:
        settings, started_s = self._settings, time.monotonic()
        _check_memory(model)
        options = EngineOptions(
            device=settings.device,
            compute_type=settings.compute_type,
            threads=settings.threads,
            beam_size=settings.beam_size,
            context=Context(settings.context),
            languages=tuple(
                code for tag in settings.languages if (code := whisper_code(tag, ALL_LANGUAGES))
            ),
            initial_prompt=settings.initial_prompt,
            # The starter model was trained on sentences before this one; names confuse it: 22 %
            # instead of 5 % wrong words with sixteen of them.
            names_tokens=0 if model.is_starter else settings.names_tokens,
        )
        transcriber = Transcriber(model.path, options)
        transcriber.warm_up()
        load_s = time.monotonic() - started_s
        self._metrics.model_loaded(load_s)
        _LOGGER.info("Model %s ready after %.1f s", model.name, load_s)
        return Residence(transcriber, settings.keep_alive, self._metrics.model_unloaded)

    def _try_to_fetch(self) -> bool:
        """Fetch the wanted model and go over to it; False when a later try may help.

        Warns the first time only.
        """
        level = logging.DEBUG if self._has_tried else logging.WARNING
        self._has_tried = True
        try:
            self._use(self._store.fetch(self._settings.model))
        except ModelMissingError as err:
            stand_in = self._model or self._store.fallback(self._settings.model)
            if err.is_retryable and stand_in.is_starter:
                _LOGGER.log(level, "%s; requests are refused until it is there", err)
                return False
            _LOGGER.log(level, "%s; %s", err, describe_fallback(stand_in))
            self._stand_in(stand_in)
            return not err.is_retryable
        except EngineError as err:
            _LOGGER.error("%s", err)  # noqa: TRY400 - the one line says all
        return True

    def _look_over(self, model: Model) -> None:
        """Compare a model on the disk with what was fetched, and get it again if need be."""

        def judge(is_damaged: bool) -> None:
            if is_damaged:
                self._lose(model)
                self.fetch_in_background()

        in_background("check-stt", lambda: self._store.put_aside_if_damaged(model), judge)

    def _lose(self, model: Model) -> None:
        """Use a model no more, even from memory: nobody knows what it makes of speech."""
        with self._loading:
            if self._model != model:
                return
            if self._residence is not None:
                self._residence.retire()
            self._model, self._residence = None, None
        self._stand_in_meanwhile()

    def _stand_in_meanwhile(self) -> None:
        """Use another real model while the wanted one is not there, the starter only for ever."""
        if self._hub is None:
            self._stand_in(self._store.obtain(self._settings.model))
        elif not (stand_in := self._store.fallback(self._settings.model)).is_starter:
            self._stand_in(stand_in)

    def _stand_in(self, model: Model) -> None:
        languages = _languages_of(model)
        with self._loading:
            if self._model is None:
                self._model, self._languages = model, languages

    def _check_languages(self) -> None:
        settings = self._settings
        wanted = [("--languages", tag) for tag in settings.languages]
        if settings.language.lower() != AUTO:
            wanted.append(("--language", settings.language))
        for flag, tag in wanted:
            if whisper_code(tag, self._languages) is None:
                raise SettingsError(
                    f"{flag}: the model {self._model_name} has no language {tag};"
                    f" it has {', '.join(self._languages)}, with any region, or auto"
                )


def _endpoint_options(settings: SttSettings) -> EndpointOptions:
    finished_s, open_s = settings.finished_silence, settings.open_silence
    unfinished_s = settings.unfinished_silence
    if not isinstance(settings.endpoint, str):
        finished_s = open_s = unfinished_s = settings.endpoint
    return EndpointOptions(
        is_own=settings.endpoint != "off",
        threshold=settings.vad_threshold,
        speculate_s=settings.speculate,
        finished_s=finished_s,
        open_s=open_s,
        unfinished_s=unfinished_s,
        no_speech_s=settings.no_speech_seconds,
        max_turn_s=settings.max_turn_seconds,
        safety_s=settings.safety_silence,
    )


def _languages_of(model: Model) -> tuple[str, ...]:
    try:
        return languages_of(model.path)
    except VocabularyError as err:
        raise EngineError(str(err)) from err


def _check_memory(model: Model) -> None:
    """Warn when a model will hardly fit: the system may then end the server without a word."""
    needed_bytes = (model.path / "model.bin").stat().st_size + _MEMORY_BYTES
    available_bytes = available_memory_bytes()
    if available_bytes is not None and available_bytes < needed_bytes:
        _LOGGER.warning(
            "The model %s needs some %d MB of memory and %d MB are free: if the server is ended"
            " by the system, use a smaller --model",
            model.name,
            needed_bytes >> 20,
            available_bytes >> 20,
        )
