"""The speech-to-text protocol without any I/O."""

from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wyoming.asr import (
    Transcribe,
    Transcript,
    TranscriptChunk,
    TranscriptStart,
    TranscriptStop,
)
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.event import Event, Eventable

from tests.wyoming_servers.stt.levels import loud, make_offer, quiet, seconds
from wyoming_servers.audio import Samples
from wyoming_servers.protocol import (
    Command,
    ErrorCode,
    Promote,
    RequestError,
    Send,
    StartJob,
    Urgency,
)
from wyoming_servers.stt.endpoint import EndpointOptions, Over
from wyoming_servers.stt.protocol import NAMES_EVENT, SttProtocol
from wyoming_servers.stt.turn import Recognition, Utterance, UtteranceReport

_SOUND = loud(0.2)
_START = AudioStart(rate=16_000, width=2, channels=1)
_STOP = AudioStop()
_ANSWER = Recognition("Acenda a luz da sala.", "pt")


def _chunk(sound: Samples = _SOUND) -> AudioChunk:
    return AudioChunk(rate=16_000, width=2, channels=1, audio=sound.tobytes())


def _give(protocol: SttProtocol, *events: Event | Eventable) -> list[Command[Utterance]]:
    commands: list[Command[Utterance]] = []
    for event in events:
        commands += protocol.on_event(event if isinstance(event, Event) else event.event())
    return commands


def _jobs(protocol: SttProtocol, *events: Event | Eventable) -> list[Utterance]:
    """Give events to the protocol and return the jobs it starts."""
    return [each.job for each in _give(protocol, *events) if isinstance(each, StartJob)]


def _sent(commands: Iterable[Command[Utterance]]) -> list[Event]:
    return [command.event for command in commands if isinstance(command, Send)]


def test_an_utterance_is_one_job() -> None:
    """All speech between start and stop is one job, in the language asked for."""
    protocol = SttProtocol(make_offer())
    assert not protocol.is_receiving
    assert _jobs(protocol, Transcribe(language="en-US"), _START, _chunk(), _chunk()) == []
    assert protocol.is_receiving
    (job,) = _jobs(protocol, _STOP)
    assert not protocol.is_receiving
    assert np.array_equal(job.samples, np.concatenate((_SOUND, _SOUND)))
    assert job.language == "en"
    events = _sent(protocol.on_result(job, Recognition("Hello.", "en")))
    assert events == [Transcript(text="Hello.", language="en-US").event()]
    assert list(protocol.on_done(job)) == []


def test_the_transcript_comes_before_audio_stop() -> None:
    """A turn that is over is answered at once; what still comes of its audio is ignored."""
    protocol = SttProtocol(make_offer())
    (job,) = _jobs(protocol, _START, _chunk(loud(1.0)), _chunk(quiet(0.3)))
    assert list(protocol.on_result(job, Recognition("Para", "pt"))) == []
    commands = _give(protocol, *[_chunk(quiet(0.2))] * 3, _chunk(quiet(1.0)))
    assert _sent(commands) == [Transcript(text="Para", language="pt").event()]
    assert not protocol.is_receiving
    assert _give(protocol, _chunk(loud(1.0)), _chunk(loud(1.0)), _STOP) == []
    (second,) = _jobs(protocol, _chunk(), _STOP)
    assert len(second.samples) == len(_SOUND)


def test_a_new_utterance_need_not_wait_for_the_old_audio_stop() -> None:
    """After the answer a client may begin again at once, with transcribe or audio-start."""
    for begin in (Transcribe(), _START):
        protocol = SttProtocol(make_offer(endpoint=EndpointOptions(no_speech_s=1.0)))
        assert len(_sent(_give(protocol, _chunk(quiet(1.5))))) == 1
        assert _jobs(protocol, begin, _chunk(), _STOP)


def test_silence_is_answered_without_a_job() -> None:
    """Nobody spoke: an empty transcript, in the language that was asked for."""
    protocol = SttProtocol(make_offer())
    commands = _give(protocol, Transcribe(language="en"), _START, _chunk(quiet(1.0)), _STOP)
    assert commands == [Send(Transcript(text="", language="en").event())]
    (event,) = _sent(_give(protocol, Transcribe(language="auto"), _START, _STOP))
    assert event.data == {"text": ""}


@pytest.mark.parametrize(
    ("default", "asked", "language", "answered"),
    [
        ("pt-BR", None, "pt", "pt"),
        ("pt-BR", "en", "en", "en"),
        ("pt-BR", "auto", None, "en"),
        ("auto", None, None, "en"),
        ("AUTO", "PT_br", "pt", "PT_br"),
        ("en", "", "en", "en"),
    ],
)
def test_the_language_of_a_job(
    default: str, asked: str | None, language: str | None, answered: str
) -> None:
    """The client's tag wins over the default; auto leaves it to the engine."""
    protocol = SttProtocol(make_offer(default_language=default))
    (job,) = _jobs(protocol, Transcribe(language=asked), _chunk(), _STOP)
    assert job.language == language
    (event,) = _sent(protocol.on_result(job, Recognition("x", language or "en")))
    assert event.data["language"] == answered


def test_the_language_does_not_outlive_its_utterance() -> None:
    """A second utterance without transcribe has the default again."""
    protocol = SttProtocol(make_offer())
    jobs = _jobs(protocol, Transcribe(language="en"), _chunk(), _STOP, _chunk(), _STOP)
    assert [job.language for job in jobs] == ["en", "pt"]


def test_the_last_wish_before_the_audio_counts() -> None:
    """A second transcribe replaces the first, which then needs no answer."""
    protocol = SttProtocol(make_offer())
    events = [Transcribe(language="en"), Transcribe(language="pt"), _chunk(), _STOP]
    (job,) = _jobs(protocol, *events)
    assert job.language == "pt"
    assert len(_sent(protocol.on_result(job, _ANSWER))) == 1


def test_chunks_take_missing_fields_from_the_start() -> None:
    """A chunk without a format has the one of audio-start."""
    protocol = SttProtocol(make_offer())
    (job,) = _jobs(protocol, _START, Event("audio-chunk", {}, _SOUND.tobytes()), _STOP)
    assert np.array_equal(job.samples, _SOUND)


def test_the_end_of_resampled_sound_is_not_lost() -> None:
    """What the filter still holds at audio-stop belongs to the utterance."""
    protocol = SttProtocol(make_offer())
    sound = np.repeat(loud(0.512), 3)
    chunk = AudioChunk(rate=48_000, width=2, channels=1, audio=sound.tobytes())
    (job,) = _jobs(protocol, chunk, _STOP)
    assert len(job.samples) == len(sound) // 3


def test_the_maximum_ends_the_turn_and_ignores_the_rest() -> None:
    """At the maximum the job starts; sound up to audio-stop is ignored, then all is new."""
    protocol = SttProtocol(make_offer(max_s=1.0))
    (job,) = _jobs(protocol, _chunk(loud(0.6)), _chunk(loud(0.6)))
    assert seconds(job.samples) == pytest.approx(1.0, abs=0.04)
    assert not protocol.is_receiving
    assert _jobs(protocol, _chunk(loud(0.6)), _STOP) == []
    (job,) = _jobs(protocol, _chunk(), _STOP)
    assert len(job.samples) == len(_SOUND)


def test_answers_keep_the_order_of_their_utterances() -> None:
    """An utterance that needs no job waits for the one before it."""
    protocol = SttProtocol(make_offer())
    (job,) = _jobs(protocol, _chunk(), _STOP)
    assert _give(protocol, _chunk(quiet(0.5)), _STOP) == []
    events = _sent(protocol.on_result(job, _ANSWER))
    assert [event.data["text"] for event in events] == [_ANSWER.text, ""]


def test_unanswered_utterances_are_bounded() -> None:
    """A client cannot queue for ever; an answer makes room."""
    protocol = SttProtocol(make_offer())
    jobs = [_jobs(protocol, _chunk(), _STOP)[0] for _ in range(4)]
    list(protocol.on_result(jobs[0], Recognition("", "pt")))
    assert _jobs(protocol, _chunk(), _STOP)
    with pytest.raises(RequestError) as refusal:
        _jobs(protocol, _chunk(), _STOP)
    assert refusal.value.code is ErrorCode.BUSY


def test_results_that_nobody_waits_for_are_ignored() -> None:
    """The text of a job that speech has overtaken changes nothing."""
    protocol = SttProtocol(make_offer())
    (first,) = _jobs(protocol, _chunk(loud(0.5)), _chunk(quiet(0.3)))
    (second,) = _jobs(protocol, _chunk(loud(0.3)), _chunk(quiet(0.3)))
    assert list(protocol.on_result(first, _ANSWER)) == []
    assert _give(protocol, _STOP) == [Promote(second)]
    assert len(_sent(protocol.on_result(second, _ANSWER))) == 1


def test_a_client_can_end_its_turns_itself() -> None:
    """Asked for it, a server that ends turns itself waits for audio-stop, and the reverse."""
    pause = [_chunk(loud(0.3)), _chunk(quiet(1.4))]
    ours, client = EndpointOptions(), EndpointOptions(is_own=False)
    for options, wish, is_over in [
        (ours, None, True),
        (ours, "client", False),
        (client, None, False),
        (client, "server", True),
    ]:
        protocol = SttProtocol(make_offer(endpoint=options))
        context = None if wish is None else {"endpoint": wish}
        _give(protocol, Transcribe(context=context), *pause)
        assert protocol.is_receiving is not is_over


@pytest.mark.parametrize(("sensitivity", "is_over"), [("aggressive", True), ("relaxed", False)])
def test_how_patient_a_client_wants_us(sensitivity: str, *, is_over: bool) -> None:
    """The sensitivities of Home Assistant make a turn end sooner or later."""
    protocol = SttProtocol(make_offer(endpoint=EndpointOptions(unfinished_s=1.0)))
    wish = Transcribe(vad_sensitivity=sensitivity)
    _give(protocol, wish, _chunk(loud(0.3)), _chunk(quiet(0.9)))
    assert protocol.is_receiving is not is_over


def test_partial_transcripts_for_a_client_that_asks() -> None:
    """Words are told as they become certain; the whole transcript comes last."""
    protocol = SttProtocol(make_offer())
    wish = Transcribe(language="pt-BR", context={"partials": True})
    commands = _give(protocol, wish, _chunk(loud(0.6)))
    assert _sent(commands) == [TranscriptStart(language="pt-BR").event()]
    (start,) = [each for each in commands if isinstance(each, StartJob)]
    assert start.urgency is Urgency.PARTIAL
    assert list(protocol.on_result(start.job, Recognition("acenda a lua", "pt"))) == []
    (again,) = _jobs(protocol, _chunk(loud(0.6)))
    told = _sent(protocol.on_result(again, Recognition("acenda a luz", "pt")))
    assert told == [TranscriptChunk("acenda a").event()]
    (job,) = _jobs(protocol, _STOP)
    assert _sent(protocol.on_result(job, _ANSWER)) == [
        TranscriptChunk(" luz da sala.").event(),
        TranscriptStop().event(),
        Transcript(text=_ANSWER.text, language="pt-BR").event(),
    ]


def test_partial_transcripts_of_silence() -> None:
    """Who asked for them gets a whole sequence even when nobody spoke."""
    protocol = SttProtocol(make_offer())
    events = _sent(_give(protocol, Transcribe(context={"partials": True}), _chunk(quiet(1)), _STOP))
    kinds = ["transcript-start", "transcript-stop", "transcript"]
    assert [event.type for event in events] == kinds


def test_names_come_with_an_utterance_or_for_all() -> None:
    """Names of one utterance go with its job, before its terms; those of the home are kept."""
    taken: list[list[str]] = []
    protocol = SttProtocol(make_offer(take_names=taken.append))
    wish = Transcribe(transcript_names=["Ana ", ""], transcript_terms=["abajur"])
    (job,) = _jobs(protocol, wish, _chunk(), _STOP)
    assert job.names == ("Ana", "abajur")
    assert _give(protocol, Event(NAMES_EVENT, {"names": ["Sala", " Cozinha"]})) == []
    assert taken == [["Sala", "Cozinha"]]
    assert not protocol.is_receiving


def test_each_utterance_is_prepared_and_reported() -> None:
    """The model is told when an utterance begins; its figures carry no word of it."""
    reports: list[UtteranceReport] = []
    prepared: list[None] = []
    offer = make_offer(report=reports.append, prepare=lambda: prepared.append(None))
    protocol = SttProtocol(offer)
    (job,) = _jobs(protocol, _START, _chunk(), _STOP)
    list(protocol.on_result(job, Recognition("Acenda a luz.", "pt", decode_s=0.2, tries=2)))
    _give(protocol, _chunk(quiet(0.5)), _STOP)
    assert len(prepared) == len(reports) == 2
    first, second = reports
    assert (first.words, first.decode_s, first.tries, first.over) == (3, 0.2, 2, None)
    assert (second.words, second.over) == (0, Over.NO_SPEECH)


def test_the_model_by_name() -> None:
    """The model's own name is accepted, any other names the one there is."""
    assert _jobs(SttProtocol(make_offer()), Transcribe(name="starter"), _chunk(), _STOP)
    with pytest.raises(RequestError, match="this server has starter") as refusal:
        _jobs(SttProtocol(make_offer()), Transcribe(name="medium"))
    assert refusal.value.code is ErrorCode.UNKNOWN_MODEL


def test_an_unknown_language_names_what_exists() -> None:
    """The text tells what would have worked."""
    with pytest.raises(RequestError, match="it has en, pt, with any region") as refusal:
        _jobs(SttProtocol(make_offer()), Transcribe(language="de-DE"))
    assert refusal.value.code is ErrorCode.UNKNOWN_LANGUAGE


@pytest.mark.parametrize(
    ("event", "code", "words"),
    [
        (Transcribe(vad_sensitivity="hasty"), ErrorCode.BAD_EVENT, "aggressive"),
        (Transcribe(context={"endpoint": "moon"}), ErrorCode.BAD_EVENT, "client"),
        (Transcribe(context={"partials": "yes"}), ErrorCode.BAD_EVENT, "neither true nor false"),
        (Event("transcribe", {"context": "x"}), ErrorCode.BAD_EVENT, "context"),
        (Event("transcribe", {"transcript_names": "Ana"}), ErrorCode.BAD_EVENT, "list"),
        (Event("transcribe", {"transcript_names": [1]}), ErrorCode.BAD_EVENT, "texts"),
        (Event(NAMES_EVENT, {"names": ["x" * 81]}), ErrorCode.BAD_EVENT, "80 characters"),
        (Event(NAMES_EVENT, {"names": ["x"] * 1001}), ErrorCode.TOO_LARGE, "at most 1000"),
        (_STOP, ErrorCode.UNEXPECTED_EVENT, "without audio"),
    ],
)
def test_wishes_that_make_no_sense(event: Event | Eventable, code: ErrorCode, words: str) -> None:
    """Each is refused with a sentence that tells what would have worked."""
    with pytest.raises(RequestError, match=words) as refusal:
        _give(SttProtocol(make_offer()), event)
    assert refusal.value.code is code


@pytest.mark.parametrize("event", [Transcribe(), _START])
def test_an_utterance_cannot_begin_within_another(event: Eventable) -> None:
    """What begins an utterance is refused until the one before has its audio-stop."""
    with pytest.raises(RequestError, match="send audio-stop first"):
        _give(SttProtocol(make_offer()), _START, _chunk(), event)


_INTS = st.integers(-1, 100_000) | st.sampled_from([1, 2, 3, 4, 16_000, 48_000])
_FIELDS = st.dictionaries(
    st.sampled_from(["rate", "width", "channels", "language", "name", "context", "names"]),
    _INTS | st.none() | st.booleans() | st.sampled_from(["pt", "en-US", "auto", "xx", "starter"]),
)
_EVENTS = st.builds(
    Event,
    st.sampled_from(["transcribe", "audio-start", "audio-chunk", "audio-stop", "detect"]),
    _FIELDS,
    st.none() | st.binary(max_size=64),
) | st.sampled_from(
    [
        each.event()
        for each in (_START, _chunk(), _chunk(quiet(0.5)), _chunk(loud(1.5)), _STOP, Transcribe())
    ]
)


@settings(max_examples=200, deadline=None)
@given(events=st.lists(_EVENTS, max_size=12), answers=st.lists(st.booleans(), max_size=12))
def test_any_events_end_in_jobs_or_one_refusal(events: list[Event], answers: list[bool]) -> None:
    """No sequence of events and results breaks the protocol; no job is above the maximum."""
    protocol, jobs, refusals = SttProtocol(make_offer()), list[Utterance](), list[RequestError]()
    for event in events:
        try:
            jobs += _jobs(protocol, event)
        except RequestError as error:
            refusals.append(error)
            break
        if answers and answers.pop() and jobs:
            list(protocol.on_result(jobs[-1], _ANSWER))
    assert all(error.text.endswith(".") for error in refusals)
    assert all(0 < seconds(job.samples) <= 2.0 for job in jobs)
    assert all(job.language in (None, "en", "pt") for job in jobs)
