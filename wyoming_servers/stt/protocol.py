"""The speech-to-text side of a connection: audio in, one job per utterance, transcripts out."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from wyoming.asr import Transcribe, Transcript
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.event import Event

from wyoming_servers.audio import AudioFormatError, PcmConverter, PcmFormat, Samples
from wyoming_servers.protocol import Command, ErrorCode, RequestError, Send, StartJob, read_field

from .endpoint import Endpointer
from .languages import AUTO, whisper_code

# Utterances of one connection that wait for their transcript. Home Assistant has one;
# a client that keeps more in flight only fills memory.
_MAX_UNANSWERED = 4


@dataclass(frozen=True, slots=True, eq=False)
class Utterance:
    """A job: what was said, and in which language if that is known."""

    samples: Samples
    language: str | None
    """Whisper's code; None to detect it."""
    tag: str | None
    """The language as the client wrote it."""


@dataclass(frozen=True, slots=True)
class Recognition:
    """A job's result: the text, empty when nothing was said, and its language."""

    text: str
    language: str | None
    """Whisper's code; None when nothing was said and no language was given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SttOffer:
    """What this server grants its clients."""

    model: str
    languages: Collection[str]
    """Whisper's codes of the model."""
    default_language: str
    """`auto`, or a tag the model has."""
    max_s: float
    """Seconds of sound after which an utterance is transcribed as it stands."""


@dataclass(slots=True)
class _Request:
    """An utterance that is being received."""

    endpointer: Endpointer
    language: str | None
    tag: str | None
    pcm: PcmFormat | None = None
    converter: PcmConverter | None = None
    has_ended: bool = False
    """The utterance was taken at its maximum; the rest of the audio is ignored."""


@dataclass(slots=True)
class SttProtocol:
    """Turns `transcribe? audio-start? audio-chunk* audio-stop` into a transcript, repeatedly."""

    offer: SttOffer
    _request: _Request | None = None
    _unanswered: int = field(default=0)

    @property
    def is_receiving(self) -> bool:
        """True from the first event of an utterance to its audio-stop."""
        return self._request is not None

    def on_event(self, event: Event) -> Iterable[Command[Utterance]]:
        """Take one event of the client."""
        if Transcribe.is_type(event.type):
            self._on_transcribe(event)
        elif AudioStart.is_type(event.type):
            self._on_start(event)
        elif AudioChunk.is_type(event.type):
            return self._on_chunk(event)
        elif AudioStop.is_type(event.type):
            return self._on_stop()
        return ()

    def on_result(self, job: Utterance, result: Recognition) -> Iterable[Command[Utterance]]:
        """Send the transcript in the client's own spelling of the language."""
        self._unanswered -= 1
        language = job.tag or result.language
        return (Send(Transcript(text=result.text, language=language).event()),)

    def on_done(self, job: Utterance) -> Iterable[Command[Utterance]]:
        """Do nothing: an utterance has one result."""
        return ()

    def _on_transcribe(self, event: Event) -> None:
        if self._request is not None and self._request.pcm is not None:
            raise _unexpected("transcribe", "in the middle of an utterance; send audio-stop first")
        model = read_field(event, "name", str)
        if model not in (None, self.offer.model):
            raise RequestError(
                ErrorCode.UNKNOWN_MODEL,
                f"There is no model {str(model)[:80]!r} here; this server has {self.offer.model}.",
            )
        self._request = self._new_request(read_field(event, "language", str))

    def _on_start(self, event: Event) -> None:
        request = self._request or self._new_request(None)
        if request.pcm is not None:
            raise _unexpected("audio-start", "in the middle of an utterance; send audio-stop first")
        self._request = request
        self._set_format(request, _format(event, None))

    def _on_chunk(self, event: Event) -> Iterable[Command[Utterance]]:
        request = self._request = self._request or self._new_request(None)
        pcm = _format(event, request.pcm)
        if request.converter is None:
            self._set_format(request, pcm)
        elif pcm != request.pcm:
            raise RequestError(
                ErrorCode.BAD_AUDIO, "The audio format changed in the middle of an utterance."
            )
        assert request.converter is not None
        if request.has_ended:
            return ()
        try:
            samples = request.converter.convert(event.payload or b"")
        except AudioFormatError as err:
            raise RequestError(ErrorCode.BAD_AUDIO, str(err)) from err
        if not request.endpointer.hear(samples):
            return ()
        request.has_ended = True
        return (self._start_job(request),)

    def _on_stop(self) -> Iterable[Command[Utterance]]:
        request, self._request = self._request, None
        if request is None:
            raise _unexpected("audio-stop", "without audio before it")
        if request.has_ended:
            return ()
        if request.converter is not None:
            request.endpointer.hear(request.converter.flush())
        return (self._start_job(request),)

    def _start_job(self, request: _Request) -> StartJob[Utterance]:
        if self._unanswered >= _MAX_UNANSWERED:
            raise RequestError(
                ErrorCode.BUSY,
                f"{_MAX_UNANSWERED} utterances of this connection wait for their transcript;"
                " read those first.",
            )
        self._unanswered += 1
        samples = request.endpointer.utterance()
        return StartJob(Utterance(samples, request.language, request.tag))

    def _new_request(self, tag: str | None) -> _Request:
        wanted = tag or self.offer.default_language
        language = None if wanted.lower() == AUTO else self._code(wanted)
        return _Request(
            Endpointer(self.offer.max_s), language, tag if language is not None else None
        )

    def _code(self, tag: str) -> str:
        codes = self.offer.languages
        code = whisper_code(tag, codes)
        if code is None:
            raise RequestError(
                ErrorCode.UNKNOWN_LANGUAGE,
                f"The model {self.offer.model} has no language {tag[:35]!r};"
                f" it has {', '.join(sorted(codes))}, with any region, or auto.",
            )
        return code

    @staticmethod
    def _set_format(request: _Request, pcm: PcmFormat) -> None:
        request.pcm = pcm
        request.converter = PcmConverter(pcm)


def _format(event: Event, default: PcmFormat | None) -> PcmFormat:
    """Read the sample format of an audio event; absent fields come from `default`."""
    rate = read_field(event, "rate", int)
    width = read_field(event, "width", int)
    channels = read_field(event, "channels", int)
    if default is not None:
        rate = default.rate_hz if rate is None else rate
        width = default.width_bytes if width is None else width
        channels = default.channels if channels is None else channels
    if rate is None or width is None or channels is None:
        raise RequestError(
            ErrorCode.BAD_AUDIO, f"{event.type} needs rate, width and channels before any audio."
        )
    try:
        return PcmFormat(rate, width, channels)
    except AudioFormatError as err:
        raise RequestError(ErrorCode.BAD_AUDIO, str(err)) from err


def _unexpected(event_type: str, why: str) -> RequestError:
    return RequestError(ErrorCode.UNEXPECTED_EVENT, f"{event_type} came {why}.")
