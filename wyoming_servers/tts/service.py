"""What jonh-tts offers: its voices on disk, their fetching, its info and its work."""

import logging
import threading
import time
from collections.abc import Iterator

from wyoming.info import Info

from wyoming_servers.hub import Hub
from wyoming_servers.models import ModelMissingError, PiperVoices, describe_fallback
from wyoming_servers.protocol import ErrorCode, IsCancelled, RequestError
from wyoming_servers.settings import TtsSettings
from wyoming_servers.telemetry import Telemetry

from .engine import SpeechEngine, Style, VoiceLoadError
from .protocol import SpeakPiece, SpeechSound, describe_voices
from .voices import Voice, VoiceCatalogue

_LOGGER = logging.getLogger(__name__)

# A router that restarts is back within minutes; a house that is offline is not asked often.
_FETCH_PAUSE_S = 60.0
_MAX_FETCH_PAUSE_S = 1800.0


class TtsService:
    """Speaks with what is on disk at once, and with the wanted voice once that is there."""

    def __init__(self, settings: TtsSettings, telemetry: Telemetry) -> None:
        """Read the voices on disk, without the network; raises ModelError."""
        self._telemetry = telemetry
        self._wanted = settings.voice
        hub = Hub(settings.hub_url) if settings.hub_url else None
        self._store = PiperVoices(settings.voice_dir, hub)
        self._catalogue = VoiceCatalogue(self._store, settings.voice)
        style = Style(
            length_scale=settings.length_scale,
            noise_scale=settings.noise_scale,
            noise_w_scale=settings.noise_w,
        )
        self._engine = SpeechEngine(style, threads=settings.threads)
        self._has_tried = False
        self._described: tuple[Voice, ...] = ()
        self._info = Info()

    @property
    def info(self) -> Info:
        """What `describe` is answered with; made anew only when the voices have changed."""
        if (voices := self.voices()) is not self._described:
            self._described, self._info = voices, describe_voices(voices)
        return self._info

    def voices(self) -> tuple[Voice, ...]:
        """List the voices on disk, the default one first."""
        return self._catalogue.voices()

    def preload(self, *, may_fetch: bool = True) -> None:
        """Load the default voice and say a word with it, after fetching the wanted one if allowed.

        Blocks. Raises VoiceLoadError.
        """
        if may_fetch and self._catalogue.lacks_wanted:
            self._try_to_fetch()
        started_s = time.monotonic()
        voice = self.voices()[0]
        self._engine.warm_up(voice.path)
        _LOGGER.info("Voice %s ready after %.1f s", voice.name, time.monotonic() - started_s)

    def fetch_in_background(self) -> None:
        """Get the wanted voice, if it is not there, while others speak; returns at once."""
        if self._catalogue.lacks_wanted:
            # A daemon, so that it never holds the process; a cut file is resumed next time.
            threading.Thread(target=self._fetch_until_there, name="fetch", daemon=True).start()

    def work(self, job: SpeakPiece, is_cancelled: IsCancelled) -> Iterator[SpeechSound]:
        """Speak one piece; the scheduler's work."""
        started_s, samples = time.monotonic(), 0
        try:
            for sound in self._engine.speak(
                job.voice.path, job.text, speaker_id=job.speaker_id, is_cancelled=is_cancelled
            ):
                samples += len(sound)
                yield sound.astype("<i2").tobytes()
        except VoiceLoadError as err:
            _LOGGER.error("%s", err)  # noqa: TRY400 - the one line says all
            raise RequestError(ErrorCode.MODEL_MISSING, str(err)) from err
        audio_s, run_s = samples / job.voice.sample_rate_hz, time.monotonic() - started_s
        self._telemetry.audio_processed(audio_s, run_s)
        _LOGGER.debug("Made %.2f s of speech in %.2f s", audio_s, run_s)

    def _fetch_until_there(self) -> None:
        pause_s = _FETCH_PAUSE_S
        while True:
            if self._has_tried:
                time.sleep(pause_s)
                pause_s = min(2 * pause_s, _MAX_FETCH_PAUSE_S)
            if self._try_to_fetch():
                return

    def _try_to_fetch(self) -> bool:
        """Fetch the wanted voice; False when a later try may help. Warns the first time only."""
        level = logging.DEBUG if self._has_tried else logging.WARNING
        self._has_tried = True
        try:
            self._store.fetch(self._wanted)
        except ModelMissingError as err:
            stand_in = self._store.fallback(self._wanted)
            _LOGGER.log(level, "%s; %s", err, describe_fallback(stand_in))
            return not err.is_retryable
        _LOGGER.info("Voice %s is there and speaks from now on", self._wanted)
        return True
