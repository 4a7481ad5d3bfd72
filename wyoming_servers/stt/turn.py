"""One utterance: its sound, where it ends, and the text that is ready when it does.

While somebody speaks the sound is kept. At the first pause it is recognised, in case that was
all: when speech goes on, that text is dropped, and when the turn ends, it is already there.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from wyoming_servers.audio import SAMPLE_RATE_HZ, Samples
from wyoming_servers.protocol import CancelJob, Command, Promote, StartJob, Urgency

from .ending import Ending, ending_of
from .endpoint import Endpointer, EndpointOptions, Mark, Over

# Half a second on both sides keeps soft beginnings and endings that the detector misses.
_MARGIN_S = 0.5
# Speech that short without a text was a cough or a chair; the person has not spoken yet.
_NOISE_S = 0.5


class Detector(Protocol):
    """Hears one stream of int16 mono samples at 16 kHz."""

    def probabilities(self, samples: Samples) -> list[float]:
        """Take the next samples and return the probability of speech of each full window.

        Windows are `endpoint.WINDOW_SAMPLES` long; what is left over waits for the next call.
        """
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Utterance:
    """A job: what was said, and in which language if that is known."""

    samples: Samples
    """Never empty, cut to the speech with a margin."""
    language: str | None
    """Whisper's code; None to detect it."""
    names: tuple[str, ...] = ()
    """Words to expect, the most important first."""


@dataclass(frozen=True, slots=True)
class Recognition:
    """A job's result: the text, empty when nothing was said, and its language."""

    text: str
    language: str | None
    """Whisper's code; None when nothing was said and no language was given."""
    decode_s: float = 0.0
    """Time it took to recognise."""
    tries: int = 1
    """How often it was decoded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UtteranceReport:
    """What one utterance took, without its words."""

    over: Over | None
    """Why the turn was over; None when the client ended it."""
    audio_s: float
    """Sound that was heard."""
    speech_s: float
    """Speech in it."""
    endpoint_s: float
    """Silence after the speech until the turn was over."""
    ending: Ending | None
    """How the text ended, if it was there in time to matter."""
    speculations: int
    """Recognitions that were started at a pause."""
    is_speculative: bool
    """Whether the text comes from one of them."""
    decode_s: float
    tries: int
    words: int
    language: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a client wants of one utterance."""

    language: str | None
    """Whisper's code; None to detect it."""
    names: tuple[str, ...] = ()
    """Words that this utterance may contain."""
    has_partials: bool = False
    endpoint: EndpointOptions
    max_s: float
    """Sound after which the turn is over in any case."""
    partial_s: float
    """Speech between two partial transcripts."""


class Turn:
    """Follows one utterance from its first sample to its text."""

    def __init__(self, wish: Wish, detector: Detector, home_names: tuple[str, ...]) -> None:
        """Begin to listen; `home_names` are those of the home's things and rooms."""
        self._wish = wish
        self._detector = detector
        self._names = wish.names + home_names
        self._endpointer = Endpointer(wish.endpoint)
        self._sound = _Sound()
        self._job: Utterance | None = None
        """The recognition of all speech so far, running or done."""
        self._is_speculative = False
        self._is_promoted = False
        self._recognition: Recognition | None = None
        """What `_job` gave."""
        self._ending: Ending | None = None
        self._partial: Utterance | None = None
        self._partial_from_s = 0.0
        self._speculations = 0
        self._over: Over | None = None
        self._endpoint_s = 0.0
        self.is_over = False
        """True once no more sound is wanted."""
        self.answer: Recognition | None = None
        """The text, once the turn is over and it is known."""
        self.partial: str | None = None
        """The text so far, until it is taken away."""

    @property
    def has_speech(self) -> bool:
        """Whether somebody has begun to speak."""
        return self._endpointer.has_speech

    def report(self) -> UtteranceReport:
        """Return what the utterance took, once it has an answer."""
        assert self.answer is not None
        return UtteranceReport(
            over=self._over,
            audio_s=self._sound.heard / SAMPLE_RATE_HZ,
            speech_s=self._endpointer.speech_s,
            endpoint_s=self._endpoint_s,
            ending=self._ending,
            speculations=self._speculations,
            is_speculative=self._is_speculative,
            decode_s=self.answer.decode_s,
            tries=self.answer.tries,
            words=len(self.answer.text.split()),
            language=self.answer.language,
        )

    def hear(self, samples: Samples) -> Iterable[Command[Utterance]]:
        """Take the next samples."""
        left = int(self._wish.max_s * SAMPLE_RATE_HZ) - self._sound.heard
        samples = samples[:left]
        self._sound.add(samples)
        for probability in self._detector.probabilities(samples):
            yield from self._on_mark(self._endpointer.hear(probability))
            yield from self._end_if_over()
            if self.is_over:
                return
            yield from self._recognise_partially()
        if not self._endpointer.has_speech:
            self._sound.forget_before(self._endpointer.starts_at_s - _MARGIN_S)
        if len(samples) == left:
            yield from self._end(Over.TOO_LONG)

    def stop(self) -> Iterable[Command[Utterance]]:
        """Take the client's word that the turn is over."""
        if not self.is_over:
            yield from self._end(None)

    def owns(self, job: Utterance) -> bool:
        """Tell whether a result is this turn's."""
        return job is self._job or job is self._partial

    def on_result(self, job: Utterance, found: Recognition) -> Iterable[Command[Utterance]]:
        """Take the text of a job of this turn."""
        if job is self._partial:
            self._partial, self.partial = None, found.text
            return
        self._recognition = found
        if self.is_over:
            self.answer = found
            return
        if not found.text and self._endpointer.speech_s < _NOISE_S:
            self._forget_noise()
            return
        self._ending = ending_of(found.text, found.language, self._names)
        yield from self._end_if_over()

    def _on_mark(self, mark: Mark | None) -> Iterable[Command[Utterance]]:
        match mark:
            case Mark.PAUSED if self._wish.endpoint.speculate_s:
                yield from self._drop_partial()
                self._is_speculative = True
                self._speculations += 1
                yield self._start(Urgency.SPECULATIVE)
            case Mark.RESUMED if self._job is not None:
                yield CancelJob(self._job)
                self._forget_job()

    def _end_if_over(self) -> Iterable[Command[Utterance]]:
        over = self._endpointer.over(self._ending)
        if over is not None:
            yield from self._end(over)
        elif self._is_late():
            # On a slow machine the text may not be there when the silence would be enough.
            self._is_promoted = True
            assert self._job is not None
            yield Promote(self._job)

    def _is_late(self) -> bool:
        return (
            self._job is not None
            and self._recognition is None
            and not self._is_promoted
            and self._endpointer.silence_s >= self._wish.endpoint.open_s
        )

    def _end(self, over: Over | None) -> Iterable[Command[Utterance]]:
        self.is_over = True
        self._over = over
        self._endpoint_s = self._endpointer.silence_s if self.has_speech else 0.0
        yield from self._drop_partial()
        if not self.has_speech:
            self._over = Over.NO_SPEECH
            self.answer = Recognition("", self._wish.language)
        elif self._recognition is not None:
            self.answer = self._recognition
        elif self._job is not None:
            if not self._is_promoted:
                yield Promote(self._job)
        else:
            yield self._start(Urgency.FINAL)

    def _start(self, urgency: Urgency) -> StartJob[Utterance]:
        self._job = self._utterance()
        return StartJob(self._job, urgency=urgency)

    def _utterance(self) -> Utterance:
        """Cut the speech so far out of the sound."""
        endpointer = self._endpointer
        # The client may stop within a window, which the detector then never hears.
        is_stopped = self.is_over and self._over is None
        heard_s = self._sound.heard / SAMPLE_RATE_HZ if is_stopped else endpointer.heard_s
        ends_at_s = min(heard_s, endpointer.ends_at_s + _MARGIN_S)
        samples = self._sound.cut(endpointer.starts_at_s - _MARGIN_S, ends_at_s)
        return Utterance(samples, self._wish.language, self._wish.names)

    def _forget_job(self) -> None:
        self._job = self._recognition = self._ending = None
        self._is_speculative = self._is_promoted = False

    def _forget_noise(self) -> None:
        self._endpointer.forget()
        self._forget_job()

    def _recognise_partially(self) -> Iterable[Command[Utterance]]:
        endpointer, wish = self._endpointer, self._wish
        if not wish.has_partials or not endpointer.is_speaking or not endpointer.has_speech:
            return
        if self._partial is None and endpointer.speech_s - self._partial_from_s >= wish.partial_s:
            self._partial_from_s = endpointer.speech_s
            self._partial = self._utterance()
            yield StartJob(self._partial, urgency=Urgency.PARTIAL)

    def _drop_partial(self) -> Iterable[Command[Utterance]]:
        if self._partial is not None:
            yield CancelJob(self._partial)
            self._partial = None


class _Sound:
    """The samples of a turn that may still be wanted, by their time from its beginning."""

    def __init__(self) -> None:
        # Bytes, not a list of arrays: a client may send millions of chunks of one sample.
        self._bytes = bytearray()
        self._forgotten = 0
        self.heard = 0
        """Samples since the beginning."""

    def add(self, samples: Samples) -> None:
        self._bytes += samples.tobytes()
        self.heard += len(samples)

    def forget_before(self, time_s: float) -> None:
        unused = int(time_s * SAMPLE_RATE_HZ) - self._forgotten
        if unused > SAMPLE_RATE_HZ:  # seldom, because what is left has to be moved
            del self._bytes[: 2 * unused]
            self._forgotten += unused

    def cut(self, from_s: float, to_s: float) -> Samples:
        first = max(0, round(from_s * SAMPLE_RATE_HZ) - self._forgotten)
        last = round(to_s * SAMPLE_RATE_HZ) - self._forgotten
        return np.frombuffer(bytes(self._bytes[2 * first : 2 * last]), np.int16)
