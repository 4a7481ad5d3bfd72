"""What jonh-tts offers: its voices on disk, their fetching, its info and its work."""

import logging
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from wyoming.info import Info

from wyoming_servers.cancellation import Cancellation
from wyoming_servers.cores import default_threads
from wyoming_servers.hub import Hub
from wyoming_servers.models import ModelMissingError, PiperVoices, describe_fallback
from wyoming_servers.patience import in_background, keep_trying
from wyoming_servers.protocol import ErrorCode, RequestError
from wyoming_servers.settings import TtsSettings
from wyoming_servers.status import ModelStatus, Offering
from wyoming_servers.telemetry import Telemetry

from .cache import Key, SoundCache
from .engine import SpeechEngine, Style, VoiceLoadError, cut_voice, version_of
from .metrics import SpeechMetrics
from .normalize import normalize
from .protocol import SpeakPiece, SpeechSound, TtsOffer, describe_voices
from .voices import Voice, VoiceCatalogue

_LOGGER = logging.getLogger(__name__)

PARTS = ".parts"
"""Where the parts of voices are, within the folder of voices."""

# Two threads speak quicker than one, four hardly quicker than two: more cores serve more clients.
_THREADS_OF_A_WORKER = 2


class TtsService:
    """Speaks with what is on disk at once, and with the wanted voice once that is there."""

    def __init__(self, settings: TtsSettings, telemetry: Telemetry, metrics: SpeechMetrics) -> None:
        """Read the voices on disk, without the network; raises ModelError."""
        self._settings = settings
        self._telemetry = telemetry
        self._metrics = metrics
        self._hub = Hub(settings.hub_url) if settings.hub_url else None
        self._store = PiperVoices(settings.voice_dir, self._hub)
        self._catalogue = VoiceCatalogue(self._store, settings.voice)
        style = Style(
            length_scale=settings.length_scale,
            noise_scale=settings.noise_scale,
            noise_w_scale=settings.noise_w,
        )
        self._style = style
        self._engine = SpeechEngine(
            style,
            threads=settings.threads,
            parts_dir=parts_dir(settings) if settings.stream_vocoder else None,
            keep_alive_s=settings.keep_alive,
            unloaded=metrics.voice_unloaded,
        )
        self._cache = SoundCache(settings.cache_mb << 20, settings.cache_dir)
        metrics.watch_cache(lambda: self._cache.size_bytes)
        self._tried: set[str] = set()
        self._described: tuple[Voice, ...] = ()
        self._info = Info()

    @property
    def info(self) -> Info:
        """What `describe` is answered with; made anew only when the voices have changed."""
        if (voices := self.voices()) is not self._described:
            self._described, self._info = voices, describe_voices(voices)
        return self._info

    @property
    def offer(self) -> TtsOffer:
        """What a new connection is granted."""
        return TtsOffer(
            voices=self.voices,
            max_chars=self._settings.max_chars,
            sentence_silence_s=self._settings.sentence_silence,
            prepare=lambda voice: self._engine.prepare(voice.path),
            report=self._metrics.speech,
            clock=time.monotonic,
        )

    def voices(self) -> tuple[Voice, ...]:
        """List the voices on disk, the default one first."""
        return self._catalogue.voices()

    @property
    def offering(self) -> Offering:
        """What the status page tells."""
        loaded = set(self._engine.loaded)
        return Offering(
            wanted=self._settings.voice,
            models=tuple(
                ModelStatus(name=voice.name, is_loaded=voice.path in loaded)
                for voice in self.voices()
            ),
            fetching=self._hub.progress if self._hub else None,
            latencies_s=tuple(self._metrics.latencies_s),
        )

    @property
    def workers(self) -> int:
        """How many pieces are spoken at the same time."""
        return max(1, (self._settings.threads or default_threads()) // _THREADS_OF_A_WORKER)

    def preload(self, *, may_fetch: bool = True) -> None:
        """Load the default voice and say a word with it, after fetching the wanted one if allowed.

        Blocks. Raises VoiceLoadError.
        """
        if may_fetch and self._catalogue.lacks_wanted:
            self._try_to_fetch()
        started_s = time.monotonic()
        voice = self.voices()[0]
        try:
            self._engine.warm_up(voice.path)
        except VoiceLoadError:
            if not self._put_aside_damaged():
                raise
            voice = self.voices()[0]
            self._engine.warm_up(voice.path)
        self._words_of("1", voice)
        _LOGGER.info("Voice %s ready after %.1f s", voice.name, time.monotonic() - started_s)

    def fetch_in_background(self) -> None:
        """Get the wanted voice, if it is not there, while others speak; returns at once.

        Those that are there are looked over: one that was damaged on the disk is fetched again.
        """
        in_background("check-tts", self._put_aside_damaged, self._get_again)
        if self._catalogue.lacks_wanted:
            # A file that is cut off when the process ends is resumed next time.
            keep_trying("fetch-tts", self._try_to_fetch)

    def work(self, job: SpeakPiece, cancellation: Cancellation) -> Iterator[SpeechSound]:
        """Speak one piece; the scheduler's work."""
        text = self._words_of(job.text, job.voice)
        key = self._key(job, text)
        sound = self._cache.get(key)
        self._metrics.piece(is_known=sound is not None)
        if sound is not None:
            if sound:
                yield sound
            return
        parts = []
        for part in self._speak(job, text, cancellation):
            parts.append(part)
            yield part
        if not cancellation():
            self._cache.put(key, b"".join(parts))

    def _words_of(self, text: str, voice: Voice) -> str:
        """Return what a voice is to say for a text."""
        return normalize(text, voice.languages[0]) if self._settings.normalize else text

    def _speak(
        self, job: SpeakPiece, text: str, cancellation: Cancellation
    ) -> Iterator[SpeechSound]:
        samples, run_s, begin_s = 0, 0.0, time.monotonic()
        try:
            for sound in self._engine.speak(
                job.voice.path, text, speaker_id=job.speaker_id, cancellation=cancellation
            ):
                samples += len(sound)
                run_s += time.monotonic() - begin_s
                yield sound.astype("<i2").tobytes()
                # Others may have had their turn meanwhile.
                begin_s = time.monotonic()
        except VoiceLoadError as err:
            _LOGGER.error("%s", err)  # noqa: TRY400 - the one line says all
            raise RequestError(ErrorCode.MODEL_MISSING, str(err)) from err
        self._telemetry.audio_processed(samples / job.voice.sample_rate_hz, run_s)

    def _key(self, job: SpeakPiece, text: str) -> Key:
        path = job.voice.path
        return (str(path), version_of(path), job.speaker_id, self._style, text)

    def _put_aside_damaged(self) -> list[str]:
        """Put what is damaged on the disk aside; the names of these voices."""
        voices = [voice for voice in self._store.installed() if not voice.is_starter]
        return [voice.name for voice in voices if self._store.put_aside_if_damaged(voice)]

    def _get_again(self, damaged: list[str]) -> None:
        for name in damaged:
            keep_trying("fetch-tts", partial(self._try_to_fetch, name))

    def _try_to_fetch(self, name: str | None = None) -> bool:
        """Fetch a voice, or else the wanted one; False when a later try may help.

        Warns the first time only.
        """
        name = name or self._settings.voice
        level = logging.DEBUG if name in self._tried else logging.WARNING
        self._tried.add(name)
        try:
            self._store.fetch(name)
        except ModelMissingError as err:
            stand_in = self._store.fallback(name)
            _LOGGER.log(level, "%s; %s", err, describe_fallback(stand_in))
            return not err.is_retryable
        _LOGGER.info("Voice %s is there and speaks from now on", name)
        return True


def download(settings: TtsSettings) -> None:
    """Fetch a voice and make it ready for quick first sounds; blocks.

    Raises ModelError, which names what there is if there is no such voice.
    """
    assert settings.download is not None
    hub = Hub(settings.hub_url) if settings.hub_url else None
    voice = PiperVoices(settings.voice_dir, hub).download(settings.download)
    if settings.stream_vocoder:
        cut_voice(voice.path, parts_dir(settings))
    _LOGGER.info("Voice %s is in %s", voice.name, voice.path.parent)


def parts_dir(settings: TtsSettings) -> Path:
    """Return where the parts of voices are kept."""
    return settings.voice_dir / PARTS
