"""Tests of the pure protocol: events in, jobs and events out."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wyoming.event import Event, Eventable
from wyoming.info import Info
from wyoming.tts import (
    Synthesize,
    SynthesizeChunk,
    SynthesizeStart,
    SynthesizeStop,
    SynthesizeVoice,
)

from wyoming_servers.protocol import Command, ErrorCode, RequestError, Send, StartJob
from wyoming_servers.tts.metrics import SpeechReport
from wyoming_servers.tts.protocol import SpeakPiece, TtsOffer, TtsProtocol, describe_voices
from wyoming_servers.tts.voices import Voice

PT = Voice(
    name="pt_BR-faber-medium",
    path=Path("/pt.onnx"),
    languages=("pt-BR", "pt"),
    sample_rate_hz=22_050,
    quality="medium",
)
EN = Voice(
    name="en_US-two-low",
    path=Path("/en.onnx"),
    languages=("en-US", "en"),
    sample_rate_hz=16_000,
    quality="low",
    speakers={"ana": 0, "rui": 1},
)
PIECE_SOUND = b"\1\0" * 2205
"""0.1 s at the rate of PT."""


class Driver:
    """Drives a protocol as the server does, with a voice that answers when told to."""

    def __init__(self, *, max_chars: int = 200, sentence_silence_s: float = 0.0) -> None:
        self.now_s = 100.0
        self.reports: list[SpeechReport] = []
        self.prepared: list[Voice] = []
        self.protocol = TtsProtocol(
            TtsOffer(
                voices=lambda: (PT, EN),
                max_chars=max_chars,
                sentence_silence_s=sentence_silence_s,
                prepare=self.prepared.append,
                report=self.reports.append,
                clock=lambda: self.now_s,
            )
        )
        self.sent: list[Event] = []
        self.jobs: list[StartJob[SpeakPiece]] = []
        self.done = 0

    def send(self, *events: Event | Eventable) -> None:
        """Give events to the protocol and carry out what it says."""
        for event in events:
            event = event if isinstance(event, Event) else event.event()
            self._carry_out(self.protocol.on_event(event))

    def speak(self, sound: bytes = PIECE_SOUND) -> None:
        """Let the voice speak every piece that waits."""
        while self.done < len(self.jobs):
            job = self.jobs[self.done].job
            self.done += 1
            if sound:
                self._carry_out(self.protocol.on_result(job, sound))
            self._carry_out(self.protocol.on_done(job))

    @property
    def texts(self) -> list[str]:
        """The pieces so far."""
        return [command.job.text for command in self.jobs]

    @property
    def types(self) -> list[str]:
        """Types of the events sent so far, runs of chunks as one."""
        types = [event.type for event in self.sent]
        return [
            kind
            for at, kind in enumerate(types)
            if kind != "audio-chunk" or types[at - 1] != "audio-chunk"
        ]

    @property
    def sound(self) -> bytes:
        """All sound sent so far."""
        return b"".join(event.payload or b"" for event in self.sent)

    def _carry_out(self, commands: object) -> None:
        for command in commands:  # type: ignore[attr-defined]
            self._one(command)

    def _one(self, command: Command[SpeakPiece]) -> None:
        match command:
            case Send(event):
                self.sent.append(event)
            case StartJob():
                self.jobs.append(command)


STREAM = ["audio-start", "audio-chunk", "audio-stop", "synthesize-stopped"]
ONE_SHOT = ["audio-start", "audio-chunk", "audio-stop"]


def test_one_shot():
    """A whole text is cut into pieces and ends with audio-stop alone."""
    driver = Driver()
    driver.send(Synthesize("Sim. A porta está fechada."))
    assert driver.texts == ["Sim.", "A porta está fechada."]
    assert driver.sent == []
    driver.speak()
    assert driver.types == ONE_SHOT
    assert driver.sound == PIECE_SOUND * 2


def test_stream_as_home_assistant_sends_it():
    """One audio-start, one audio-stop, and the repeated text is not spoken twice."""
    driver = Driver()
    driver.send(SynthesizeStart(), SynthesizeChunk("Si"), SynthesizeChunk("m. A por"))
    assert driver.texts == ["Sim."]
    driver.speak()
    assert driver.types == ["audio-start", "audio-chunk"]
    driver.send(SynthesizeChunk("ta fechou."), Synthesize("Sim. A porta fechou."), SynthesizeStop())
    driver.speak()
    assert driver.texts == ["Sim.", "A porta fechou."]
    assert driver.types == STREAM


def test_stream_whose_sound_is_ready_before_its_end():
    """The stop alone ends the answer when nothing is left to speak."""
    driver = Driver()
    driver.send(SynthesizeStart(), SynthesizeChunk("Sim.\n"))
    driver.speak()
    assert driver.types == ["audio-start", "audio-chunk"]
    driver.send(SynthesizeStop())
    assert driver.types == STREAM


@pytest.mark.parametrize("text", ["", "   \n", "...."])
def test_nothing_to_say_is_answered_properly(text: str):
    """Text without sound is a complete answer without chunks, in both ways of asking."""
    driver = Driver()
    driver.send(SynthesizeStart(), SynthesizeChunk(text), SynthesizeStop())
    driver.speak(b"")
    assert driver.types == ["audio-start", "audio-stop", "synthesize-stopped"]
    driver.send(Synthesize(text))
    driver.speak(b"")
    assert driver.types[3:] == ["audio-start", "audio-stop"]


def test_one_shot_after_a_stream_on_the_same_connection():
    """A finished stream leaves nothing behind."""
    driver = Driver()
    driver.send(SynthesizeStart(), SynthesizeChunk("Um."), Synthesize("Um."), SynthesizeStop())
    driver.speak()
    driver.send(Synthesize("Dois."))
    driver.speak()
    driver.send(SynthesizeStart(), SynthesizeChunk("Três."), SynthesizeStop())
    driver.speak()
    assert driver.texts == ["Um.", "Dois.", "Três."]
    assert driver.types == [*STREAM, *ONE_SHOT, *STREAM]


def test_requests_sent_ahead_are_answered_in_order():
    """A second request may come before the first one is spoken; their sounds never mix."""
    driver = Driver()
    driver.send(Synthesize("Um. Dois."), Synthesize("One.", voice=SynthesizeVoice(language="en")))
    driver.speak()
    assert driver.types == [*ONE_SHOT, *ONE_SHOT]
    starts = [event.data["rate"] for event in driver.sent if event.type == "audio-start"]
    assert starts == [22_050, 16_000]


def test_what_has_nothing_to_say_waits_for_what_was_asked_before():
    """An empty request that was sent ahead does not end the one that is being spoken."""
    driver = Driver()
    driver.send(Synthesize("Sim."), SynthesizeStart(), SynthesizeStop(), Synthesize("..."))
    assert driver.types == []
    driver.speak()
    assert driver.types[:3] == ["audio-start", "audio-chunk", "audio-stop"]
    assert driver.types.count("audio-stop") == 3
    assert driver.types.index("synthesize-stopped") > 3


def test_only_the_first_piece_can_be_refused_as_busy():
    """A text that was let in is spoken to its end."""
    driver = Driver()
    driver.send(Synthesize("Um. Dois. Três."), Synthesize("Quatro. Cinco."))
    assert [command.continues for command in driver.jobs] == [False, True, True, False, True]


def test_chunks_are_raw_sound_and_the_first_one_is_small():
    """16-bit mono at the voice's rate, with the time at which each chunk belongs."""
    driver = Driver()
    driver.send(Synthesize("Sim."))
    driver.speak(PIECE_SOUND * 2)
    chunks = [event for event in driver.sent if event.type == "audio-chunk"]
    assert [len(chunk.payload or b"") for chunk in chunks] == [882, 4410, 3528]
    assert [chunk.data["timestamp"] for chunk in chunks] == [0, 20, 120]
    expected = {"rate": 22_050, "width": 2, "channels": 1}
    assert all(chunk.data.items() >= expected.items() for chunk in chunks)


def test_silence_stands_between_sentences_only():
    """No pause before the first, after the last, or inside a long sentence."""
    driver = Driver(sentence_silence_s=0.2, max_chars=2000)
    long_sentence = "palavra " * 40
    driver.send(Synthesize(f"Um. {long_sentence}fim. Três."))
    assert len(driver.jobs) > 4
    driver.speak(b"\1\0")
    pause = bytes(4410 * 2)
    inner = b"\1\0" * (len(driver.jobs) - 2)
    assert driver.sound == b"\1\0" + pause + inner + pause + b"\1\0"


def test_pause_is_heard_while_the_next_sentence_is_on_its_way():
    """A stream that goes on is not silent for longer than it must be."""
    driver = Driver(sentence_silence_s=0.1)
    driver.send(SynthesizeStart(), SynthesizeChunk("Um. Do"))
    driver.speak(b"\1\0")
    assert driver.sound == b"\1\0" + bytes(2205 * 2)
    driver.send(SynthesizeChunk("is."), SynthesizeStop())
    driver.speak(b"\2\0")
    assert driver.sound == b"\1\0" + bytes(2205 * 2) + b"\2\0"


def test_piece_without_sound_gets_no_pause_of_its_own():
    """Silence is not doubled by a sentence of dots."""
    driver = Driver(sentence_silence_s=0.1)
    driver.send(Synthesize("Um. .... Dois."))
    for command, sound in zip(driver.jobs, (b"\1\0", b"", b"\2\0"), strict=True):
        driver.done += 1
        if sound:
            driver._carry_out(driver.protocol.on_result(command.job, sound))
        driver._carry_out(driver.protocol.on_done(command.job))
    assert driver.sound == b"\1\0" + bytes(2205 * 2) + b"\2\0"


@pytest.mark.parametrize(
    ("voice", "expected", "speaker_id"),
    [
        ({}, PT, None),
        (None, PT, None),
        ({"name": "en_US-two-low"}, EN, None),
        ({"name": "en_US-two-low", "speaker": "rui"}, EN, 1),
        ({"name": "en_US-two-low", "speaker": 1}, EN, 1),
        ({"name": "pt_BR-faber-medium", "speaker": "rui"}, PT, None),
        ({"language": "en"}, EN, None),
        ({"language": "pt_BR"}, PT, None),
        ({"language": "pt"}, PT, None),
        ({"name": None, "language": "en-GB", "speaker": "ana"}, EN, 0),
    ],
)
@pytest.mark.parametrize("kind", ["synthesize", "synthesize-start"])
def test_voice_of_a_request(
    kind: str, voice: dict[str, object] | None, expected: Voice, speaker_id: int | None
):
    """Voice, language and speaker are honoured in both ways of asking."""
    driver = Driver()
    driver.send(Event(type=kind, data={"text": "Sim.", "voice": voice}))
    if kind == "synthesize-start":
        driver.send(SynthesizeChunk("Sim."), SynthesizeStop())
    (command,) = driver.jobs
    assert (command.job.voice, command.job.speaker_id) == (expected, speaker_id)


@pytest.mark.parametrize(
    ("event", "code", "words"),
    [
        (Synthesize("a", voice=SynthesizeVoice(name="x")), ErrorCode.UNKNOWN_VOICE, PT.name),
        (
            SynthesizeStart(voice=SynthesizeVoice(name="../../etc/passwd")),
            ErrorCode.UNKNOWN_VOICE,
            PT.name,
        ),
        (
            Synthesize("a", voice=SynthesizeVoice(language="de")),
            ErrorCode.UNKNOWN_LANGUAGE,
            "en-US, pt-BR",
        ),
        (
            Synthesize("a", voice=SynthesizeVoice(name=EN.name, speaker="bia")),
            ErrorCode.UNKNOWN_VOICE,
            "ana, rui",
        ),
        (Synthesize("a" * 201), ErrorCode.TOO_LARGE, "200 characters"),
        (SynthesizeChunk("a"), ErrorCode.UNEXPECTED_EVENT, "without synthesize-start"),
        (SynthesizeStop(), ErrorCode.UNEXPECTED_EVENT, "without synthesize-start"),
        (Synthesize("a", text_format="ssml"), ErrorCode.BAD_EVENT, "SSML"),
        (Event("synthesize"), ErrorCode.BAD_EVENT, 'no "text"'),
        (Event("synthesize", {"text": 5}), ErrorCode.BAD_EVENT, "text"),
        (Event("synthesize", {"text": "a", "voice": "x"}), ErrorCode.BAD_EVENT, "voice"),
        (Event("synthesize", {"text": "a", "voice": {"name": []}}), ErrorCode.BAD_EVENT, "name"),
    ],
)
def test_refusals(event: Event | Eventable, code: ErrorCode, words: str):
    """Each refusal has a code for machines and words that help a person."""
    with pytest.raises(RequestError) as caught:
        Driver().send(event)
    assert caught.value.code == code
    assert words in caught.value.text


def test_limit_counts_the_whole_stream():
    """Small chunks cannot get round the limit, and the repeated text does not count."""
    driver = Driver()
    driver.send(SynthesizeStart(), SynthesizeChunk("a" * 150), Synthesize("a" * 150))
    driver.send(SynthesizeChunk("a" * 50))
    with pytest.raises(RequestError, match="200 characters"):
        driver.send(SynthesizeChunk("a"))


def test_second_start_inside_a_stream():
    """A stream must end before the next one begins."""
    driver = Driver()
    driver.send(SynthesizeStart())
    with pytest.raises(RequestError, match="before synthesize-stop"):
        driver.send(SynthesizeStart())


def test_receiving_lasts_from_start_to_stop():
    """The driver's deadlines for a silent client follow the stream."""
    driver = Driver()
    assert not driver.protocol.is_receiving
    driver.send(SynthesizeStart())
    assert driver.protocol.is_receiving
    driver.send(SynthesizeChunk("Sim."), Synthesize("Sim."))
    assert driver.protocol.is_receiving
    driver.send(SynthesizeStop())
    assert not driver.protocol.is_receiving


def test_each_request_is_reported_at_its_end():
    """How it came, what was made of it, and how long the first sound and all of it took."""
    driver = Driver(sentence_silence_s=0.1)
    driver.send(SynthesizeStart())
    driver.now_s += 5
    driver.send(SynthesizeChunk("Um. Do"))
    driver.now_s += 2
    driver.speak()
    driver.send(SynthesizeChunk("is."), SynthesizeStop())
    assert driver.reports == []
    driver.now_s += 1
    driver.speak()
    assert driver.reports == [
        SpeechReport(
            voice=PT.name,
            is_stream=True,
            characters=9,
            pieces=2,
            audio_s=pytest.approx(0.3),
            first_audio_s=2.0,
            total_s=3.0,
            is_complete=True,
        )
    ]


@pytest.mark.parametrize("text", ["Um. Dois.", ""])
def test_a_request_whose_client_left_is_reported_too(text: str):
    """It is broken off; requests before it on the connection were reported when they ended."""
    driver = Driver()
    driver.send(Synthesize("Zero."))
    driver.speak()
    driver.send(SynthesizeStart(), SynthesizeChunk(text))
    driver.speak(b"")
    driver.now_s += 1
    driver.protocol.on_close()
    first, second = driver.reports
    assert first.is_complete
    assert not second.is_complete
    assert (second.first_audio_s, second.audio_s) == (None, 0.0)
    assert second.total_s == 1.0


def test_a_stream_that_never_began_is_over_at_once():
    """Without text there is nothing that can have lasted."""
    driver = Driver()
    driver.send(SynthesizeStart())
    driver.now_s += 9
    driver.protocol.on_close()
    assert [report.total_s for report in driver.reports] == [0.0]


@pytest.mark.parametrize(
    "event",
    [
        SynthesizeStart(voice=SynthesizeVoice(language="en")),
        Synthesize("", voice=SynthesizeVoice(language="en")),
    ],
)
def test_the_voice_is_prepared_before_there_is_text(event: Eventable):
    """A voice that has left the memory is on its way while a model still writes."""
    driver = Driver()
    driver.send(event)
    assert driver.prepared == [EN]


def test_other_events_are_ignored():
    """Events of other services and of later versions do no harm."""
    driver = Driver()
    driver.send(Event("transcribe"), Event("select-program", {"name": "x"}), Event("?"))
    assert (driver.sent, driver.jobs) == ([], [])


def test_description():
    """Home Assistant reads streaming support, languages in its own spelling, and speakers."""
    (program,) = Info.from_event(describe_voices((PT, EN)).event()).tts
    assert program.installed
    assert program.supports_synthesize_streaming
    assert [voice.name for voice in program.voices] == [PT.name, EN.name]
    assert [voice.languages for voice in program.voices] == [["pt-BR", "pt"], ["en-US", "en"]]
    assert program.voices[0].speakers is None
    assert [speaker.name for speaker in program.voices[1].speakers or []] == ["ana", "rui"]
    assert all(voice.installed for voice in program.voices)


_EVENTS = st.one_of(
    st.builds(lambda text: SynthesizeChunk(text).event(), st.text(max_size=300)),
    st.builds(lambda text: Synthesize(text).event(), st.text(max_size=300)),
    st.sampled_from([SynthesizeStart().event(), SynthesizeStop().event()]),
    st.builds(
        Event,
        st.sampled_from(["synthesize", "synthesize-start", "synthesize-chunk", "describe", "x"]),
        st.dictionaries(
            st.sampled_from(["text", "voice", "text_format", "context"]),
            st.recursive(
                st.none() | st.booleans() | st.integers() | st.text(max_size=5),
                lambda inner: (
                    st.lists(inner, max_size=2)
                    | st.dictionaries(st.sampled_from(["name", "language", "speaker"]), inner)
                ),
                max_leaves=4,
            ),
        ),
    ),
)


@given(events=st.lists(_EVENTS, max_size=12))
def test_any_events_end_in_whole_answers_or_one_refusal(events: list[Event]):
    """No sequence of events raises anything else, and what is answered is well formed."""
    driver = Driver()
    try:
        driver.send(*events)
    except RequestError:
        return
    driver.speak()
    if driver.protocol.is_receiving:
        driver.send(SynthesizeStop())
        driver.speak()
    types = list(driver.types)
    while types:
        assert types.pop(0) == "audio-start"
        if types[0] == "audio-chunk":
            types.pop(0)
        assert types.pop(0) == "audio-stop"
        if types and types[0] == "synthesize-stopped":
            types.pop(0)
