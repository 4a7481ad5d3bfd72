"""The speech-to-text protocol without any I/O."""

from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wyoming.asr import Transcribe, Transcript
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.event import Event, Eventable

from tests.fakes.speech import tone
from wyoming_servers.protocol import Command, ErrorCode, RequestError, Send, StartJob
from wyoming_servers.stt.protocol import Recognition, SttOffer, SttProtocol, Utterance

_OFFER = SttOffer(model="starter", languages=("en", "pt"), default_language="pt-BR", max_s=1.0)
_SOUND = tone(0.1)


def _chunk(audio: bytes = _SOUND.tobytes(), rate: int = 16_000) -> AudioChunk:
    return AudioChunk(rate=rate, width=2, channels=1, audio=audio)


_START = AudioStart(rate=16_000, width=2, channels=1)


def _jobs(protocol: SttProtocol, *events: Event | Eventable) -> list[Utterance]:
    """Give events to the protocol and return the jobs it starts."""
    commands: list[Command[Utterance]] = []
    for event in events:
        commands += protocol.on_event(event if isinstance(event, Event) else event.event())
    assert all(isinstance(command, StartJob) for command in commands)
    return [command.job for command in commands if isinstance(command, StartJob)]


def _sent(commands: Iterable[Command[Utterance]]) -> list[Event]:
    return [command.event for command in commands if isinstance(command, Send)]


def test_an_utterance_is_one_job() -> None:
    """All sound between start and stop is one job, in the language asked for."""
    protocol = SttProtocol(_OFFER)
    assert not protocol.is_receiving
    assert _jobs(protocol, Transcribe(language="en-US"), _START, _chunk(), _chunk()) == []
    assert protocol.is_receiving
    (job,) = _jobs(protocol, AudioStop())
    assert not protocol.is_receiving
    assert np.array_equal(job.samples, np.concatenate((_SOUND, _SOUND)))
    assert job.language == "en"
    events = _sent(protocol.on_result(job, Recognition("Hello.", "en")))
    assert events == [Transcript(text="Hello.", language="en-US").event()]
    assert list(protocol.on_done(job)) == []


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
    offer = SttOffer(model="m", languages=("en", "pt"), default_language=default, max_s=1)
    protocol = SttProtocol(offer)
    (job,) = _jobs(protocol, Transcribe(language=asked), _START, AudioStop())
    assert job.language == language
    (event,) = _sent(protocol.on_result(job, Recognition("x", language or "en")))
    assert event.data["language"] == answered


def test_the_language_does_not_outlive_its_utterance() -> None:
    """A second utterance without transcribe has the default again."""
    protocol = SttProtocol(_OFFER)
    jobs = _jobs(protocol, Transcribe(language="en"), _chunk(), AudioStop(), _chunk(), AudioStop())
    assert [job.language for job in jobs] == ["en", "pt"]


def test_chunks_take_missing_fields_from_the_start() -> None:
    """A chunk without a format has the one of audio-start."""
    protocol = SttProtocol(_OFFER)
    (job,) = _jobs(protocol, _START, Event("audio-chunk", {}, _SOUND.tobytes()), AudioStop())
    assert np.array_equal(job.samples, _SOUND)


def test_the_end_of_resampled_sound_is_not_lost() -> None:
    """What the filter still holds at audio-stop belongs to the utterance."""
    protocol = SttProtocol(_OFFER)
    sound = tone(0.5, rate_hz=48_000).tobytes()
    (job,) = _jobs(protocol, _chunk(sound, 48_000), AudioStop())
    assert len(job.samples) == 8_000


def test_the_maximum_starts_the_job_and_ignores_the_rest() -> None:
    """At the maximum the job starts; sound up to audio-stop is ignored, then all is new."""
    protocol = SttProtocol(_OFFER)
    second = _chunk(tone(0.6).tobytes())
    (job,) = _jobs(protocol, second, second)
    assert len(job.samples) == 16_000
    assert protocol.is_receiving
    assert _jobs(protocol, second, AudioStop()) == []
    (job,) = _jobs(protocol, _chunk(), AudioStop())
    assert len(job.samples) == len(_SOUND)


def test_silence_of_an_unknown_language_has_none() -> None:
    """A transcript of nothing in no known language carries no language."""
    protocol = SttProtocol(_OFFER)
    (job,) = _jobs(protocol, Transcribe(language="auto"), _START, AudioStop())
    (event,) = _sent(protocol.on_result(job, Recognition("", None)))
    assert event.data == {"text": ""}


def test_unanswered_utterances_are_bounded() -> None:
    """A client cannot queue for ever; an answer makes room."""
    protocol = SttProtocol(_OFFER)
    jobs = [_jobs(protocol, _chunk(), AudioStop())[0] for _ in range(4)]
    list(protocol.on_result(jobs[0], Recognition("", "pt")))
    assert _jobs(protocol, _chunk(), AudioStop())
    with pytest.raises(RequestError) as refusal:
        _jobs(protocol, _chunk(), AudioStop())
    assert refusal.value.code is ErrorCode.BUSY


def test_the_model_by_name() -> None:
    """The model's own name is accepted, any other names the one there is."""
    assert _jobs(SttProtocol(_OFFER), Transcribe(name="starter"), _chunk(), AudioStop())
    with pytest.raises(RequestError, match="this server has starter") as refusal:
        _jobs(SttProtocol(_OFFER), Transcribe(name="medium"))
    assert refusal.value.code is ErrorCode.UNKNOWN_MODEL


def test_an_unknown_language_names_what_exists() -> None:
    """The text tells what would have worked."""
    with pytest.raises(RequestError, match="it has en, pt, with any region") as refusal:
        _jobs(SttProtocol(_OFFER), Transcribe(language="de-DE"))
    assert refusal.value.code is ErrorCode.UNKNOWN_LANGUAGE


_INTS = st.integers(-1, 100_000) | st.sampled_from([1, 2, 3, 4, 16_000, 48_000])
_FIELDS = st.dictionaries(
    st.sampled_from(["rate", "width", "channels", "language", "name", "timestamp"]),
    _INTS | st.none() | st.booleans() | st.sampled_from(["pt", "en-US", "auto", "xx", "starter"]),
)
_EVENTS = st.builds(
    Event,
    st.sampled_from(["transcribe", "audio-start", "audio-chunk", "audio-stop", "detect"]),
    _FIELDS,
    st.none() | st.binary(max_size=64),
) | st.sampled_from([_START.event(), _chunk().event(), AudioStop().event(), Transcribe().event()])


@settings(max_examples=200, deadline=None)
@given(events=st.lists(_EVENTS, max_size=12))
def test_any_events_end_in_jobs_or_one_refusal(events: list[Event]) -> None:
    """No sequence of events breaks the protocol, and no job is above the maximum."""
    protocol, jobs, refusals = SttProtocol(_OFFER), list[Utterance](), list[RequestError]()
    for event in events:
        try:
            jobs += _jobs(protocol, event)
        except RequestError as error:
            refusals.append(error)
            break
    assert all(error.text.endswith(".") for error in refusals)
    assert all(len(job.samples) <= 16_000 for job in jobs)
    assert all(job.language in (None, "en", "pt") for job in jobs)
