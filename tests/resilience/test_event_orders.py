"""Events in any order (B3): a client may send what it likes, when it likes."""

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from wyoming.event import Event

from tests.fakes.speech import STARTER_DIR
from tests.wyoming_servers.stt.levels import loud, make_offer, quiet
from wyoming_servers.models import PiperVoices
from wyoming_servers.protocol import (
    CancelJob,
    CancelJobs,
    Command,
    ConnectionProtocol,
    RequestError,
    Send,
    StartJob,
)
from wyoming_servers.stt.endpoint import EndpointOptions
from wyoming_servers.stt.protocol import SttProtocol
from wyoming_servers.stt.turn import Recognition
from wyoming_servers.tts.protocol import TtsOffer, TtsProtocol
from wyoming_servers.tts.voices import VoiceCatalogue
from wyoming_servers.wire import encode

if TYPE_CHECKING:
    from collections.abc import Callable

_FORMAT: dict[str, Any] = {"rate": 16_000, "width": 2, "channels": 1}
_SOUNDS = {
    "loud": loud(0.4).tobytes(),
    "long": loud(1.6).tobytes(),
    "quiet": quiet(0.4).tobytes(),
    "short": loud(0.4).tobytes()[:6],
    "half a sample": b"\0",
    "none": b"",
}
# A text of so many characters as are allowed has no more sentences.
_MOST_JOBS = 400
_ENDS = ("transcript", "synthesize-stopped", "audio-stop")
_VOICES = VoiceCatalogue(PiperVoices(STARTER_DIR / "voice", None), "pt_BR-starter-low").voices()


class _Orders(RuleBasedStateMachine):
    """Drives a protocol as its connection does, and watches what it asks for."""

    def __init__(self) -> None:
        super().__init__()
        self._connect()

    def _connect(self) -> None:
        self.protocol: ConnectionProtocol[Any, Any] = self.make()
        self.jobs: list[Any] = []
        """Started, and neither done nor dropped."""
        self.is_over = False
        self.owed: list[str] = []
        """The events that end what was asked for, in order."""
        self.sent: list[str] = []
        self.refusals: list[str] = []

    def make(self) -> ConnectionProtocol[Any, Any]:
        """Make a new protocol."""
        raise NotImplementedError

    def result(self, job: Any) -> Any:
        """Return what the engine makes of a job."""
        raise NotImplementedError

    def take(self, kind: str, data: dict[str, Any], payload: bytes | None = None) -> None:
        """Hand over an event, as it comes from the wire."""
        self._apply(lambda: self.protocol.on_event(Event(kind, data, payload)))

    def teardown(self) -> None:
        """Let the engine finish: whoever is still there has got all that was owed, in order."""
        while self.jobs and not self.is_over:
            self.engine_is_done()
        if not self.is_over:
            ends = [kind for kind in self.sent if kind in _ENDS]
            assert ends == self.owed

    @precondition(lambda self: not self.is_over and self.jobs)
    @rule()
    def engine_is_done(self) -> None:
        """Give the oldest job its result and its end."""
        job = self.jobs[0]
        self._apply(lambda: self.protocol.on_result(job, self.result(job)))
        if not self.is_over and job in self.jobs:
            self.jobs.remove(job)
            self._apply(lambda: self.protocol.on_done(job))

    @precondition(lambda self: self.is_over)
    @rule()
    def client_connects_again(self) -> None:
        """Begin a new connection after one has ended."""
        self.protocol.on_close()
        self._connect()

    @invariant()
    def nothing_is_without_bound(self) -> None:
        """However many events there were, few jobs wait; every refusal is a sentence."""
        assert len(self.jobs) <= _MOST_JOBS
        assert all(len(text.split()) > 2 for text in self.refusals)

    def _apply(self, step: Any) -> None:
        try:
            for command in step():
                self._execute(command)
        except RequestError as error:
            self.is_over = True
            self.refusals.append(error.text)

    def _execute(self, command: Command[Any]) -> None:
        match command:
            case Send(event):
                encode(event)
                self.sent.append(event.type)
            case StartJob():
                self.jobs.append(command.job)
            case CancelJob():
                self.jobs = [job for job in self.jobs if job is not command.job]
            case CancelJobs():
                self.jobs.clear()


_anyone = precondition(lambda self: not self.is_over)


class SpeechOrders(_Orders):
    """A client of the recogniser, which says itself when it has finished."""

    def make(self) -> ConnectionProtocol[Any, Any]:
        """Make a new protocol."""
        return SttProtocol(make_offer(endpoint=EndpointOptions(is_own=False), max_s=600.0))

    def result(self, job: Any) -> Any:
        """Return a text."""
        del job
        return Recognition("Acenda a luz.", "pt")

    @_anyone
    @rule(language=st.sampled_from([None, "pt", "pt-BR", "auto", "en", "xx", 7]))
    def transcribe(self, language: object) -> None:
        """Begin, with a wish."""
        self.take("transcribe", {"language": language})

    @_anyone
    @rule(change=st.sampled_from([{}, {"rate": 8000}, {"width": 0}, {"channels": 2}]))
    def start(self, change: dict[str, int]) -> None:
        """Begin the sound."""
        self.take("audio-start", _FORMAT | change)

    @_anyone
    @rule(sound=st.sampled_from(sorted(_SOUNDS)))
    def chunk(self, sound: str) -> None:
        """Send sound."""
        self.take("audio-chunk", dict(_FORMAT), _SOUNDS[sound])

    @_anyone
    @rule()
    def stop(self) -> None:
        """End the sound."""
        self.take("audio-stop", {})
        self.owed.append("transcript")

    @_anyone
    @rule(names=st.lists(st.text(max_size=5), max_size=3) | st.none())
    def names(self, names: object) -> None:
        """Bring the names of a home, or something else."""
        self.take("jonh-names", {"names": names})

    @_anyone
    @rule(kind=st.sampled_from(["synthesize", "info", "transcript", "x"]))
    def other(self, kind: str) -> None:
        """Send what is meant for somebody else."""
        self.take(kind, {"text": "x"})


class TextOrders(_Orders):
    """A client of the voice."""

    def make(self) -> ConnectionProtocol[Any, Any]:
        """Make a new protocol."""
        return TtsProtocol(
            TtsOffer(
                voices=lambda: _VOICES,
                max_chars=400,
                sentence_silence_s=0.1,
                prepare=lambda _: None,
                report=lambda _: None,
                clock=lambda: 0.0,
            )
        )

    def result(self, job: Any) -> Any:
        """Return a moment of sound."""
        del job
        return bytes(320)

    @_anyone
    @rule(text=st.sampled_from(["Sim.", "A luz está acesa. É tarde.", "", "🙂", "a" * 300, None]))
    def whole(self, text: object) -> None:
        """Ask for a text; within a stream this is what the stream was."""
        is_stream = self.protocol.is_receiving
        self.take("synthesize", {"text": text})
        if not is_stream:
            self.owed.append("audio-stop")

    @_anyone
    @rule(voice=st.sampled_from([{}, {"voice": {"name": "pt_BR-starter-low"}}, {"voice": 3}]))
    def start(self, voice: dict[str, Any]) -> None:
        """Begin a stream."""
        self.take("synthesize-start", voice)

    @_anyone
    @rule(text=st.sampled_from(["A luz ", "está acesa. ", "Sim! ", " ", "", "x" * 150, None]))
    def chunk(self, text: object) -> None:
        """Go on with a stream."""
        self.take("synthesize-chunk", {"text": text})

    @_anyone
    @rule()
    def stop(self) -> None:
        """End a stream."""
        self.take("synthesize-stop", {})
        self.owed += ["audio-stop", "synthesize-stopped"]

    @_anyone
    @rule(kind=st.sampled_from(["transcribe", "audio-start", "info", "x"]))
    def other(self, kind: str) -> None:
        """Send what is meant for somebody else."""
        self.take(kind, {})


@pytest.mark.parametrize("machine", [SpeechOrders, TextOrders])
@pytest.mark.timeout(3600)
def test_any_order(machine: type[_Orders], size: Callable[..., int]) -> None:
    """Nothing but an error in words ends a connection, and nothing that was asked for is lost."""
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=size(fast=150, long=25_000),
            stateful_step_count=20,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
