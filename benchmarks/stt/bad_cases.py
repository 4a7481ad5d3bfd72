"""Conversations with a speech-to-text server that a broken or hostile client has."""

from typing import Any

from wyoming.asr import Transcribe
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.event import Event

from benchmarks.cases import Answer, Case, line, not_events
from tests.fakes.speech import spoken
from wyoming_servers.wire import encode

FORMAT: dict[str, Any] = {"rate": 16_000, "width": 2, "channels": 1}
_SILENCE = bytes(3200)


def conversation(
    *,
    transcribe: dict[str, Any] | None = None,
    start: dict[str, Any] | None = None,
    chunk: dict[str, Any] | None = None,
    audio: bytes = _SILENCE,
    chunks: int = 3,
) -> bytes:
    """Return an utterance whose events have other fields than they should."""
    events = [
        Event("transcribe", {"language": "pt"} if transcribe is None else transcribe),
        Event("audio-start", FORMAT if start is None else start),
        *[Event("audio-chunk", FORMAT if chunk is None else chunk, audio)] * chunks,
        AudioStop().event(),
    ]
    return b"".join(encode(event) for event in events)


def _formats() -> list[Case]:
    bad: dict[str, dict[str, Any]] = {
        "rate_0": {"rate": 0},
        "rate_1_amplify": {"rate": 1},
        "rate_negative": {"rate": -16000},
        "rate_huge": {"rate": 10**9},
        "rate_text": {"rate": "16000"},
        "rate_float": {"rate": 16000.5},
        "rate_true": {"rate": True},
        "rate_list": {"rate": [16000]},
        "width_0": {"width": 0},
        "width_5": {"width": 5},
        "width_negative": {"width": -2},
        "width_text": {"width": "2"},
        "channels_0": {"channels": 0},
        "channels_9": {"channels": 9},
        "channels_huge": {"channels": 10**6},
        "channels_object": {"channels": {}},
    }
    cases = [
        Case(name=name, data=conversation(start=FORMAT | change, chunk=FORMAT | change))
        for name, change in bad.items()
    ]
    good: dict[str, dict[str, Any]] = {
        "rate_8000": {"rate": 8000},
        "rate_44100": {"rate": 44100},
        "width_1": {"width": 1},
        "width_4": {"width": 4},
        "channels_2": {"channels": 2},
        "channels_8": {"channels": 8},
    }
    cases += [
        Case(
            name=name,
            data=conversation(start=FORMAT | change, chunk=FORMAT | change),
            answer=Answer.RESULT,
        )
        for name, change in good.items()
    ]
    return cases


def _fields() -> list[Case]:
    wishes: dict[str, tuple[dict[str, Any], Answer]] = {
        "language_pt_BR": ({"language": "pt_BR"}, Answer.RESULT),
        "language_upper": ({"language": "PT-br"}, Answer.RESULT),
        "language_unknown": ({"language": "xx"}, Answer.ERROR),
        "language_path": ({"language": "../../etc"}, Answer.ERROR),
        "language_long": ({"language": "p" * 5000}, Answer.ERROR),
        "language_number": ({"language": 7}, Answer.ERROR),
        "language_list": ({"language": ["pt"]}, Answer.ERROR),
        "language_null": ({"language": None}, Answer.RESULT),
        "language_nul_byte": ({"language": "pt\0"}, Answer.ERROR),
        "language_long_region": ({"language": "pt-" + "x" * 5000}, Answer.ERROR),
        "model_unknown": ({"name": "large-v99"}, Answer.EITHER),
        "model_path": ({"name": "/etc/passwd"}, Answer.EITHER),
        "model_number": ({"name": 1}, Answer.EITHER),
        "context_text": ({"context": "x"}, Answer.EITHER),
        "context_unknown": ({"context": {"x": 1}}, Answer.RESULT),
        "context_endpoint": ({"context": {"endpoint": 3}}, Answer.EITHER),
        "context_partials": ({"context": {"partials": "yes"}}, Answer.EITHER),
        "sensitivity_unknown": ({"vad_sensitivity": "hasty"}, Answer.EITHER),
        "sensitivity_number": ({"vad_sensitivity": 0.3}, Answer.EITHER),
        "names_text": ({"transcript_names": "sala"}, Answer.EITHER),
        "names_numbers": ({"transcript_names": [1, 2]}, Answer.EITHER),
        "names_many": ({"transcript_names": ["sala"] * 4000}, Answer.EITHER),
        "names_long": ({"transcript_terms": ["x" * 9000]}, Answer.EITHER),
        "unknown_fields": ({"language": "pt", "x": {"y": [1]}}, Answer.RESULT),
    }
    return [
        Case(name=name, data=conversation(transcribe=wish), answer=answer)
        for name, (wish, answer) in wishes.items()
    ]


def _orders() -> list[Case]:
    transcribe, start = Transcribe(language="pt").event(), AudioStart(**FORMAT).event()
    chunk, stop = AudioChunk(audio=_SILENCE, **FORMAT).event(), AudioStop().event()
    bare = Event("audio-chunk", {}, _SILENCE)
    other = AudioChunk(rate=8000, width=2, channels=1, audio=_SILENCE).event()
    orders: dict[str, tuple[list[Event], Answer]] = {
        "stop_first": ([stop], Answer.ERROR),
        "stop_twice": ([chunk, stop, stop], Answer.EITHER),
        "start_twice": ([start, start, chunk, stop], Answer.EITHER),
        "transcribe_twice": ([transcribe, transcribe, start, chunk, stop], Answer.RESULT),
        "transcribe_within": ([start, chunk, transcribe, stop], Answer.EITHER),
        "chunk_without_format": ([bare, stop], Answer.ERROR),
        "chunk_without_start": ([chunk, stop], Answer.RESULT),
        "format_change": ([start, chunk, other, stop], Answer.EITHER),
        "no_audio": ([transcribe, start, stop], Answer.RESULT),
        "empty_chunks": (
            [start, *[AudioChunk(audio=b"", **FORMAT).event()] * 50, stop],
            Answer.RESULT,
        ),
        "odd_bytes": (
            [start, AudioChunk(audio=b"\0" * 3201, **FORMAT).event(), stop],
            Answer.ERROR,
        ),
        "second_utterance": ([start, chunk, stop, start, chunk, stop], Answer.RESULT),
        "many_utterances": ([start, chunk, stop] * 40, Answer.EITHER),
        "tts_event": ([Event("synthesize", {"text": "x"}), start, chunk, stop], Answer.RESULT),
        "transcribe_flood": ([transcribe] * 3000 + [start, chunk, stop], Answer.EITHER),
        "describe_flood": ([Event("describe")] * 3000, Answer.NOTHING),
        "stop_flood": ([stop] * 3000, Answer.ERROR),
        "names_event_flood": (
            [Event("jonh-names", {"names": ["sala"] * size}) for size in range(300)],
            Answer.NOTHING,
        ),
        "names_event_huge": ([Event("jonh-names", {"names": ["sala"] * 7000})], Answer.EITHER),
        "names_event_no_list": ([Event("jonh-names", {"names": {"sala": 1}})], Answer.EITHER),
        "info_from_client": ([Event("info", {"asr": 1}), start, chunk, stop], Answer.RESULT),
        "ping_number": ([Event("ping", {"text": 1})], Answer.EITHER),
        "names_event_text": ([Event("jonh-names", {"names": "x"})], Answer.EITHER),
        "names_event_deep": ([Event("jonh-names", {"names": [["x"]]})], Answer.EITHER),
    }
    return [
        Case(name=name, data=b"".join(map(encode, events)), answer=answer)
        for name, (events, answer) in orders.items()
    ]


def _half_characters() -> list[Case]:
    """Return texts that JSON can write and no UTF-8 can repeat."""
    half = "\ud800"
    events = {
        "half_character_ping": ("ping", {"text": half}),
        "half_character_language": ("transcribe", {"language": f"pt-{half}"}),
        "half_character_names": ("transcribe", {"transcript_names": [half]}),
        "half_character_home": ("jonh-names", {"names": [half]}),
        "half_character_field": ("transcribe", {half: 1}),
    }
    speech = spoken("Acenda a luz da sala.").tobytes()
    utterance = [
        AudioStart(**FORMAT).event(),
        AudioChunk(audio=speech, **FORMAT).event(),
        AudioStop().event(),
    ]
    sound = b"".join(map(encode, utterance))
    return [
        Case(name=name, data=line(type=kind, data=data) + sound, answer=Answer.EITHER)
        for name, (kind, data) in events.items()
    ]


def _loads() -> list[Case]:
    """Return too much, too dense, and clients that leave or do not read."""
    loud = spoken("Acenda a luz da sala.").tobytes()
    pause = bytes(2 * 16_000 * 2 // 5)
    telephone = FORMAT | {"rate": 8000, "width": 1}
    return [
        Case(name="truncated", data=conversation()[:400], answer=Answer.NOTHING),
        Case(
            name="audio_50mb",
            data=conversation(audio=bytes(250_000), chunks=200),
            answer=Answer.EITHER,
        ),
        Case(
            name="audio_50mb_of_speech",
            data=conversation(audio=(loud * 4)[:250_000], chunks=200),
            answer=Answer.EITHER,
        ),
        Case(
            name="dense_chunks",  # half a minute of sound in each
            data=conversation(start=telephone, chunk=telephone, audio=bytes(262_144), chunks=8),
            answer=Answer.EITHER,
        ),
        Case(
            name="pauses_flood",  # each pause begins a recognition, each word drops it
            data=conversation(audio=loud[:32_000] + pause, chunks=60),
            answer=Answer.EITHER,
            repeats=4,
        ),
        Case(
            name="tiny_chunks",
            data=conversation(audio=b"\0\0", chunks=20_000),
            answer=Answer.RESULT,
        ),
        Case(
            name="leaves_before_the_answer",
            data=conversation(audio=loud, chunks=1),
            answer=Answer.NOTHING,
            repeats=30,
        ),
        Case(
            name="half_closed_before_the_answer",
            data=conversation(audio=loud, chunks=1),
            answer=Answer.NOTHING,
            is_half_closed=True,
        ),
        Case(name="never_reads", data=encode(Event("describe")) * 3000, answer=Answer.NOTHING),
        Case(name="connects_and_leaves", data=b"", answer=Answer.NOTHING, repeats=100),
        Case(
            name="busy_flood",
            data=conversation(audio=loud, chunks=1),
            answer=Answer.EITHER,
            repeats=60,
        ),
    ]


def _waits() -> list[Case]:
    """Return clients that keep a server waiting."""
    small = conversation()
    stop = encode(AudioStop().event())
    return [
        Case(name="silent_within_an_event", data=small[: len(small) // 2 + 7], takes_long=True),
        Case(name="silent_within_an_utterance", data=small.removesuffix(stop), takes_long=True),
        Case(name="slow_loris", data=small, drip_s=0.2, repeats=20, takes_long=True),
    ]


def good_case() -> Case:
    """Return a spoken sentence in which nothing is wrong."""
    speech = spoken("Acenda a luz da sala.").tobytes()
    return Case(name="good", data=conversation(audio=speech, chunks=1), answer=Answer.RESULT)


def all_cases() -> list[Case]:
    """Return every case, the harmless ones first."""
    return [
        *(*_fields(), *_formats(), *_orders()),
        Case(name="json_nan", data=b'{"type": "audio-start", "data": {"rate": NaN}}\n'),
        *not_events("transcribe", sound="audio-chunk"),
        *(*_half_characters(), *_loads(), *_waits()),
    ]
