"""The speech-to-text side of a connection: audio in, transcripts out, one after another."""

import dataclasses
from collections import deque
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field

from wyoming.asr import (
    Transcribe,
    Transcript,
    TranscriptChunk,
    TranscriptStart,
    TranscriptStop,
    VadSensitivity,
)
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.event import Event

from wyoming_servers.audio import AudioFormatError, PcmConverter, PcmFormat
from wyoming_servers.protocol import Command, ErrorCode, RequestError, Send, read_field

from .endpoint import EndpointOptions
from .languages import AUTO, whisper_code
from .partials import Partials
from .turn import Detector, Recognition, Turn, Utterance, UtteranceReport, Wish

NAMES_EVENT = "jonh-names"
"""Brings the names of the home, as `names`, a list of text; only Jonh knows this event."""

# Utterances of one connection that wait for their transcript. Home Assistant has one;
# a client that keeps more in flight only fills memory.
_MAX_UNANSWERED = 4

MAX_NAMES = 1000
"""More are no help: a prompt has room for some forty."""
MAX_NAME_CHARS = 80

# Home Assistant's settings for how soon a command is over: 0.25, 0.7 and 1.25 s of silence
# (assist_pipeline/vad.py), as ratios to its default one, the first less hasty than there.
_PATIENCE = {
    VadSensitivity.AGGRESSIVE: 0.7,
    VadSensitivity.DEFAULT: 1.0,
    VadSensitivity.RELAXED: 1.8,
}


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
    endpoint: EndpointOptions
    partial_s: float
    """Seconds of speech between two partial transcripts."""
    new_detector: Callable[[], Detector]
    names: Callable[[], tuple[str, ...]]
    """The names of the home, as they are known now."""
    take_names: Callable[[list[str]], None]
    """Receives those that a client brings."""
    prepare: Callable[[], None]
    """Called when an utterance begins: a model that was unloaded has time to come back."""
    report: Callable[[UtteranceReport], None]
    """Called with the figures of each utterance that was answered."""


@dataclass(slots=True, eq=False)
class _Request:
    """An utterance from its first event to its transcript."""

    turn: Turn
    tag: str | None
    """The language as the client wrote it."""
    partials: Partials | None
    """What was told so far; None for a client that did not ask for it."""
    has_begun: bool = False
    """The client was told that a transcript begins."""
    pcm: PcmFormat | None = None
    converter: PcmConverter | None = None


@dataclass(slots=True)
class SttProtocol:
    """Turns `transcribe? audio-start? audio-chunk* audio-stop` into a transcript, repeatedly.

    The transcript may come before audio-stop; the rest of that audio is then ignored.
    """

    offer: SttOffer
    _request: _Request | None = None
    """The utterance that is being received."""
    _unanswered: deque[_Request] = field(default_factory=deque)
    """Those without a transcript, in the order in which they are answered."""
    _ignores_audio: bool = False
    """The utterance was over before its audio-stop."""

    @property
    def is_receiving(self) -> bool:
        """True from the first event of an utterance until it is over."""
        return self._request is not None

    def on_event(self, event: Event) -> Iterable[Command[Utterance]]:
        """Take one event of the client."""
        if AudioChunk.is_type(event.type):
            yield from self._on_chunk(event)
        elif AudioStop.is_type(event.type):
            yield from self._on_stop()
        elif Transcribe.is_type(event.type):
            self._on_transcribe(event)
        elif AudioStart.is_type(event.type):
            self._on_start(event)
        elif event.type == NAMES_EVENT:
            self.offer.take_names(list(_names(event, "names")))

    def on_result(self, job: Utterance, result: Recognition) -> Iterable[Command[Utterance]]:
        """Take the text of an utterance, whole or so far."""
        request = next((each for each in self._unanswered if each.turn.owns(job)), None)
        if request is not None:
            yield from request.turn.on_result(job, result)
            yield from self._follow(request)

    def on_done(self, job: Utterance) -> Iterable[Command[Utterance]]:
        """Do nothing: an utterance has one result."""
        return ()

    def on_close(self) -> None:
        """Do nothing: an utterance that nobody waits for is not reported."""

    def _on_transcribe(self, event: Event) -> None:
        if self._request is not None and self._request.pcm is not None:
            raise _unexpected("transcribe", "in the middle of an utterance; send audio-stop first")
        model = read_field(event, "name", str)
        if model not in (None, self.offer.model):
            raise RequestError(
                ErrorCode.UNKNOWN_MODEL,
                f"There is no model {str(model)[:80]!r} here; this server has {self.offer.model}.",
            )
        if self._request is not None:  # asked again before any audio: the last wish counts
            self._unanswered.remove(self._request)
            self._request = None
        self._open(event)

    def _on_start(self, event: Event) -> None:
        request = self._request or self._open(None)
        if request.pcm is not None:
            raise _unexpected("audio-start", "in the middle of an utterance; send audio-stop first")
        self._set_format(request, _format(event, None))

    def _on_chunk(self, event: Event) -> Iterable[Command[Utterance]]:
        if self._request is None and self._ignores_audio:
            return
        request = self._request or self._open(None)
        pcm = _format(event, request.pcm)
        if request.converter is None:
            self._set_format(request, pcm)
        elif pcm != request.pcm:
            raise RequestError(
                ErrorCode.BAD_AUDIO, "The audio format changed in the middle of an utterance."
            )
        assert request.converter is not None
        try:
            samples = request.converter.convert(event.payload or b"")
        except AudioFormatError as err:
            raise RequestError(ErrorCode.BAD_AUDIO, str(err)) from err
        yield from request.turn.hear(samples)
        yield from self._follow(request)

    def _on_stop(self) -> Iterable[Command[Utterance]]:
        request = self._request
        if request is None:
            if not self._ignores_audio:
                raise _unexpected("audio-stop", "without audio before it")
            self._ignores_audio = False
            return
        if request.converter is not None:
            yield from request.turn.hear(request.converter.flush())
        yield from request.turn.stop()
        yield from self._follow(request)
        self._ignores_audio = False

    def _follow(self, request: _Request) -> Iterable[Command[Utterance]]:
        """Tell the client what is new of an utterance, and of those that waited for it."""
        turn = request.turn
        if turn.is_over and request is self._request:
            self._request, self._ignores_audio = None, True
        if request.partials is not None:
            yield from _tell_partials(request, request.partials)
        while self._unanswered and (answer := self._unanswered[0].turn.answer) is not None:
            yield from self._answer(self._unanswered.popleft(), answer)

    def _answer(self, request: _Request, answer: Recognition) -> Iterable[Command[Utterance]]:
        self.offer.report(request.turn.report())
        if request.partials is not None:
            if rest := request.partials.rest(answer.text):
                yield Send(TranscriptChunk(rest).event())
            yield Send(TranscriptStop().event())
        language = request.tag or answer.language
        yield Send(Transcript(text=answer.text, language=language).event())

    def _open(self, event: Event | None) -> _Request:
        """Begin an utterance with what a `transcribe` event asks for, or with our own defaults.

        Raises RequestError for a wish that cannot be granted.
        """
        if len(self._unanswered) >= _MAX_UNANSWERED:
            raise RequestError(
                ErrorCode.BUSY,
                f"{_MAX_UNANSWERED} utterances of this connection wait for their transcript;"
                " read those first.",
            )
        event = event or Transcribe().event()
        tag = read_field(event, "language", str)
        wanted = tag or self.offer.default_language
        language = None if wanted.lower() == AUTO else self._code(wanted)
        context = read_field(event, "context", dict) or {}
        wish = Wish(
            language=language,
            names=_names(event, "transcript_names") + _names(event, "transcript_terms"),
            has_partials=_context_flag(context, "partials"),
            endpoint=_endpoint(self.offer.endpoint, event, context),
            max_s=self.offer.max_s,
            partial_s=self.offer.partial_s,
        )
        self.offer.prepare()
        turn = Turn(wish, self.offer.new_detector(), self.offer.names())
        self._request = _Request(
            turn, tag if language is not None else None, Partials() if wish.has_partials else None
        )
        self._unanswered.append(self._request)
        self._ignores_audio = False
        return self._request

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


def _tell_partials(request: _Request, partials: Partials) -> Iterable[Send]:
    turn = request.turn
    if not request.has_begun and (turn.has_speech or turn.answer is not None):
        request.has_begun = True
        yield Send(TranscriptStart(language=request.tag).event())
    text, turn.partial = turn.partial, None
    if text and (chunk := partials.agree(text)):
        yield Send(TranscriptChunk(chunk).event())


def _endpoint(
    options: EndpointOptions, event: Event, context: dict[str, object]
) -> EndpointOptions:
    """Adapt how a turn ends to what the client says of it."""
    if "endpoint" in context:
        if context["endpoint"] not in ("client", "server"):
            raise RequestError(
                ErrorCode.BAD_EVENT,
                '"endpoint" in the context of transcribe is neither "client" (the utterance is'
                ' over at audio-stop) nor "server" (it is over when we say so).',
            )
        options = dataclasses.replace(options, is_own=context["endpoint"] == "server")
    sensitivity = read_field(event, "vad_sensitivity", str) or VadSensitivity.DEFAULT
    if sensitivity not in _PATIENCE:
        raise RequestError(
            ErrorCode.BAD_EVENT,
            f'"vad_sensitivity" of transcribe is none of {", ".join(_PATIENCE)}.',
        )
    patience = _PATIENCE[VadSensitivity(sensitivity)]
    return dataclasses.replace(
        options,
        finished_s=options.finished_s * patience,
        open_s=options.open_s * patience,
        unfinished_s=options.unfinished_s * patience,
    )


def _context_flag(context: dict[str, object], name: str) -> bool:
    value = context.get(name, False)
    if not isinstance(value, bool):
        raise RequestError(
            ErrorCode.BAD_EVENT, f'"{name}" in the context of transcribe is neither true nor false.'
        )
    return value


def _names(event: Event, field_name: str) -> tuple[str, ...]:
    """Read a list of names; raises RequestError for anything else."""
    names = read_field(event, field_name, list) or []
    if len(names) > MAX_NAMES:
        raise RequestError(
            ErrorCode.TOO_LARGE,
            f'"{field_name}" has {len(names)} names; at most {MAX_NAMES} are taken.',
        )
    if not all(isinstance(name, str) and len(name) <= MAX_NAME_CHARS for name in names):
        raise RequestError(
            ErrorCode.BAD_EVENT,
            f'"{field_name}" is no list of texts of at most {MAX_NAME_CHARS} characters.',
        )
    return tuple(name.strip() for name in names if name.strip())


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
