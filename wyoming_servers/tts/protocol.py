"""Wyoming's text-to-speech events: text in, pieces to speak and chunks of sound out.

A typical stream, one piece after another while the text still comes:

    synthesize-start, synthesize-chunk*, [synthesize], synthesize-stop
    -> audio-start, audio-chunk*, audio-stop, synthesize-stopped

The `synthesize` inside a stream repeats the whole text for servers that cannot stream; it is
ignored. Outside of a stream it is a request of its own, answered without synthesize-stopped.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.event import Event
from wyoming.info import Attribution, Info, TtsProgram, TtsVoice, TtsVoiceSpeaker
from wyoming.tts import (
    Synthesize,
    SynthesizeChunk,
    SynthesizeStart,
    SynthesizeStop,
    SynthesizeStopped,
    SynthesizeTextFormat,
)

from wyoming_servers import __version__
from wyoming_servers.protocol import (
    Command,
    ErrorCode,
    RequestError,
    Send,
    StartJob,
    read_field,
)

from .metrics import SpeechReport
from .sentences import Piece, SentenceSplitter
from .voices import Voice, VoiceError, choose_voice

_WIDTH_BYTES = 2
# The first chunk is small, so that a player starts at once; in those that follow, the header of
# about 100 bytes is next to nothing.
_FIRST_CHUNK_S = 0.02
_CHUNK_S = 0.1
_PROJECT_URL = "https://github.com/jonh-assistant/jonh"


@dataclass(slots=True, eq=False, kw_only=True)
class _Speech:
    """One request: a stream of text or one whole text, and how far its sound is."""

    voice: Voice
    speaker_id: int | None
    is_stream: bool
    begun_s: float | None = None
    """When the first text came, on the protocol's clock."""
    first_audio_s: float | None = None
    """From then to the first sound."""
    splitter: SentenceSplitter = field(default_factory=SentenceSplitter)
    is_open: bool = True
    """More text may come."""
    received_chars: int = 0
    pieces: int = 0
    """Pieces cut so far."""
    unspoken_pieces: int = 0
    """Of these, pieces whose sound is not complete."""
    sent_bytes: int = 0
    has_audio_start: bool = False
    is_silent: bool = True
    """Nothing has sounded since the beginning, or since the last pause."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SpeakPiece:
    """A job: speak this text with this voice."""

    text: str
    voice: Voice
    speaker_id: int | None
    ends_sentence: bool
    speech: _Speech


type SpeechSound = bytes
"""Part of a piece's sound: 16-bit little-endian mono PCM at the voice's rate."""

type _Commands = Iterator[Command[SpeakPiece]]


@dataclass(frozen=True, slots=True, kw_only=True)
class TtsOffer:
    """What a connection is granted."""

    voices: Callable[[], Sequence[Voice]]
    """The voices there are when a request begins, the default one first."""
    max_chars: int
    """Characters of one text."""
    sentence_silence_s: float
    prepare: Callable[[Voice], None]
    """Told of a voice as soon as it will be wanted."""
    report: Callable[[SpeechReport], None]
    """Told of every request at its end."""
    clock: Callable[[], float]
    """Seconds from any start."""


class TtsProtocol:
    """One connection to the text-to-speech server; see `wyoming_servers.protocol`."""

    def __init__(self, offer: TtsOffer) -> None:
        self._offer = offer
        self._stream: _Speech | None = None
        self._unfinished: list[_Speech] = []

    @property
    def is_receiving(self) -> bool:
        """True from synthesize-start to synthesize-stop."""
        return self._stream is not None

    def on_event(self, event: Event) -> Iterable[Command[SpeakPiece]]:
        """Answer an event; raises RequestError."""
        if SynthesizeStart.is_type(event.type):
            if self._stream is not None:
                raise RequestError(
                    ErrorCode.UNEXPECTED_EVENT,
                    "synthesize-start came again before synthesize-stop.",
                )
            self._stream = self._begin(event, is_stream=True)
            return ()
        if SynthesizeChunk.is_type(event.type):
            return self._take(self._open_stream(event), _text_of(event))
        if SynthesizeStop.is_type(event.type):
            stream, self._stream = self._open_stream(event), None
            return self._end(stream)
        if Synthesize.is_type(event.type) and self._stream is None:
            speech = self._begin(event, is_stream=False)
            return (*self._take(speech, _text_of(event)), *self._end(speech))
        return ()

    def on_result(self, job: SpeakPiece, result: SpeechSound) -> Iterable[Command[SpeakPiece]]:
        """Send a part of a piece's sound."""
        speech = job.speech
        if speech.first_audio_s is None:
            speech.first_audio_s = self._since(speech)
        speech.is_silent = False
        yield from _audio_start(speech)
        yield from _audio_chunks(speech, result)

    def on_done(self, job: SpeakPiece) -> Iterable[Command[SpeakPiece]]:
        """Note the end of a piece, and end the answer after the last one."""
        speech = job.speech
        speech.unspoken_pieces -= 1
        # At once, and not with the next sentence: that may still be on its way, and who waits for
        # it hears the pause meanwhile.
        if (
            job.ends_sentence
            and not speech.is_silent
            and (speech.is_open or speech.unspoken_pieces)
        ):
            speech.is_silent = True
            samples = int(self._offer.sentence_silence_s * speech.voice.sample_rate_hz)
            yield from _audio_chunks(speech, bytes(samples * _WIDTH_BYTES))
        yield from self._finish_spoken()

    def on_close(self) -> None:
        """Report what was not spoken to its end."""
        for speech in self._unfinished:
            self._report(speech, is_complete=False)

    def _open_stream(self, event: Event) -> _Speech:
        if self._stream is None:
            raise RequestError(
                ErrorCode.UNEXPECTED_EVENT, f"{event.type} came without synthesize-start."
            )
        return self._stream

    def _begin(self, event: Event, *, is_stream: bool) -> _Speech:
        if read_field(event, "text_format", str) == SynthesizeTextFormat.SSML:
            raise RequestError(
                ErrorCode.BAD_EVENT, "SSML is not supported: send plain text (text_format: text)."
            )
        wish = read_field(event, "voice", dict) or {}
        name, language, speaker = (_wish(wish, key) for key in ("name", "language", "speaker"))
        try:
            voice = choose_voice(self._offer.voices(), name=name, language=language)
            speaker_id = voice.speaker_id(speaker)
        except VoiceError as err:
            code = ErrorCode.UNKNOWN_VOICE if name or speaker else ErrorCode.UNKNOWN_LANGUAGE
            raise RequestError(code, str(err)) from err
        self._offer.prepare(voice)
        speech = _Speech(voice=voice, speaker_id=speaker_id, is_stream=is_stream)
        self._unfinished.append(speech)
        return speech

    def _take(self, speech: _Speech, text: str) -> Iterable[Command[SpeakPiece]]:
        speech.received_chars += len(text)
        if speech.received_chars > self._offer.max_chars:
            raise RequestError(
                ErrorCode.TOO_LARGE,
                f"The text is longer than {self._offer.max_chars} characters; send it in parts.",
            )
        if speech.begun_s is None:
            speech.begun_s = self._offer.clock()
        return list(_start_jobs(speech, speech.splitter.feed(text)))

    def _end(self, speech: _Speech) -> Iterable[Command[SpeakPiece]]:
        jobs = list(_start_jobs(speech, speech.splitter.finish()))
        speech.is_open = False
        return (*jobs, *self._finish_spoken())

    def _finish_spoken(self) -> _Commands:
        """End the answers that are spoken; one that has nothing to say waits for those before."""
        while self._unfinished:
            speech = self._unfinished[0]
            if speech.is_open or speech.unspoken_pieces:
                return
            yield from _audio_start(speech)
            yield Send(AudioStop().event())
            if speech.is_stream:
                yield Send(SynthesizeStopped().event())
            self._unfinished.remove(speech)
            self._report(speech, is_complete=True)

    def _report(self, speech: _Speech, *, is_complete: bool) -> None:
        self._offer.report(
            SpeechReport(
                voice=speech.voice.name,
                is_stream=speech.is_stream,
                characters=speech.received_chars,
                pieces=speech.pieces,
                audio_s=speech.sent_bytes / _WIDTH_BYTES / speech.voice.sample_rate_hz,
                first_audio_s=speech.first_audio_s,
                total_s=self._since(speech),
                is_complete=is_complete,
            )
        )

    def _since(self, speech: _Speech) -> float:
        """Seconds since the first text of a request came; 0 when none has come."""
        return 0.0 if speech.begun_s is None else self._offer.clock() - speech.begun_s


def describe_voices(voices: Sequence[Voice]) -> Info:
    """Tell Home Assistant what can speak here, the default voice first."""
    program = TtsProgram(
        name="Jonh TTS",
        description="Jonh text to speech on Piper",
        attribution=Attribution(name="Jonh", url=_PROJECT_URL),
        installed=True,
        version=__version__,
        voices=[_describe(voice) for voice in voices],
        supports_synthesize_streaming=True,
    )
    return Info(tts=[program])


def _describe(voice: Voice) -> TtsVoice:
    piper = Attribution(name="Piper", url="https://huggingface.co/rhasspy/piper-voices")
    starter = Attribution(name="Jonh", url=_PROJECT_URL)
    return TtsVoice(
        name=voice.name,
        description=voice.title,
        attribution=starter if voice.is_starter else piper,
        installed=True,
        version=None,
        languages=list(voice.languages),
        speakers=[TtsVoiceSpeaker(name=name) for name in voice.speakers] or None,
    )


def _text_of(event: Event) -> str:
    text = read_field(event, "text", str)
    if text is None:
        raise RequestError(ErrorCode.BAD_EVENT, f'{event.type} has no "text".')
    return text


def _wish(voice: dict[str, object], key: str) -> str | None:
    """Read one field of the wanted voice; some clients number the speakers."""
    value = voice.get(key)
    if value is None or isinstance(value, str):
        return value or None
    if key == "speaker" and type(value) is int:
        return str(value)
    raise RequestError(ErrorCode.BAD_EVENT, f'"{key}" of the voice is not text.')


def _start_jobs(speech: _Speech, pieces: Iterable[Piece]) -> _Commands:
    for piece in pieces:
        job = SpeakPiece(
            text=piece.text,
            voice=speech.voice,
            speaker_id=speech.speaker_id,
            ends_sentence=piece.ends_sentence,
            speech=speech,
        )
        yield StartJob(job, continues=speech.pieces > 0)
        speech.pieces += 1
        speech.unspoken_pieces += 1


def _audio_start(speech: _Speech) -> _Commands:
    if not speech.has_audio_start:
        speech.has_audio_start = True
        rate = speech.voice.sample_rate_hz
        yield Send(AudioStart(rate=rate, width=_WIDTH_BYTES, channels=1).event())


def _audio_chunks(speech: _Speech, sound: SpeechSound) -> _Commands:
    rate = speech.voice.sample_rate_hz
    start = 0
    while start < len(sound):
        seconds = _CHUNK_S if speech.sent_bytes else _FIRST_CHUNK_S
        part = sound[start : start + int(rate * seconds) * _WIDTH_BYTES]
        timestamp_ms = speech.sent_bytes * 1000 // (rate * _WIDTH_BYTES)
        chunk = AudioChunk(
            rate=rate, width=_WIDTH_BYTES, channels=1, audio=part, timestamp=timestamp_ms
        )
        speech.sent_bytes += len(part)
        start += len(part)
        yield Send(chunk.event())
