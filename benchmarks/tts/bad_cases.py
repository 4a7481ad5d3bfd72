"""Conversations with a text-to-speech server that a broken or hostile client has."""

from typing import Any

from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.event import Event

from benchmarks.cases import Answer, Case, line, not_events
from wyoming_servers.models import STARTER_DIR
from wyoming_servers.wire import encode

SOUND = ("audio-start", "audio-chunk", "audio-stop")
"""What the answer to a text is made of."""
_STREAM = (*SOUND, "synthesize-stopped")
# Of a text in which there is nothing to say.
_SILENCE = ("audio-stop",)

_TEXT = "A luz da sala está acesa."
_LONG = "A luz da sala está acesa e a porta da garagem ficou aberta. " * 30
_FORMAT: dict[str, Any] = {"rate": 16_000, "width": 2, "channels": 1}


def one_shot(**data: Any) -> Event:
    """Return a request for a whole text, or what is to go for one."""
    return Event("synthesize", {"text": _TEXT} | data)


def stream(*chunks: str, voice: Any = None) -> list[Event]:
    """Return a request for a text that comes in parts, as Home Assistant sends it."""
    return [
        Event("synthesize-start", {"voice": voice} if voice is not None else {}),
        *(Event("synthesize-chunk", {"text": chunk}) for chunk in chunks),
        Event("synthesize", {"text": "".join(chunks)}),
        Event("synthesize-stop"),
    ]


def _sent(*events: Event) -> bytes:
    return b"".join(map(encode, events))


def _voices() -> list[Case]:
    file = STARTER_DIR / "voice/pt_BR-starter-low.onnx"
    wishes: dict[str, tuple[Any, Answer]] = {
        "voice_unknown": ({"name": "xx_XX-nobody-low"}, Answer.ERROR),
        "voice_path": ({"name": "/etc/passwd"}, Answer.ERROR),
        "voice_path_upwards": ({"name": "../voice/pt_BR-starter-low"}, Answer.ERROR),
        "voice_path_of_a_voice": ({"name": str(file)}, Answer.ERROR),
        "voice_path_without_suffix": ({"name": str(file.with_suffix(""))}, Answer.ERROR),
        "voice_long": ({"name": "x" * 5000}, Answer.ERROR),
        "voice_nul_byte": ({"name": "pt_BR-starter-low\0"}, Answer.ERROR),
        "voice_name_number": ({"name": 7}, Answer.ERROR),
        "voice_name_list": ({"name": ["pt_BR-starter-low"]}, Answer.ERROR),
        "voice_name_true": ({"name": True}, Answer.ERROR),
        "voice_name_null": ({"name": None}, Answer.RESULT),
        "voice_name_empty": ({"name": ""}, Answer.EITHER),
        "voice_text": ("pt_BR-starter-low", Answer.ERROR),
        "voice_number": (5, Answer.ERROR),
        "voice_list": (["pt_BR-starter-low"], Answer.ERROR),
        "voice_null": (None, Answer.RESULT),
        "voice_empty": ({}, Answer.RESULT),
        "voice_unknown_fields": ({"x": {"y": [1]}}, Answer.RESULT),
        "speaker_unknown": ({"name": "pt_BR-starter-low", "speaker": "nobody"}, Answer.EITHER),
        "speaker_number": ({"speaker": 0}, Answer.EITHER),
        "speaker_negative": ({"speaker": "-1"}, Answer.EITHER),
        "speaker_huge": ({"speaker": "9" * 5000}, Answer.EITHER),
        "speaker_list": ({"speaker": ["s0"]}, Answer.ERROR),
        "speaker_object": ({"speaker": {}}, Answer.ERROR),
        "language_underscore": ({"language": "pt_BR"}, Answer.RESULT),
        "language_upper": ({"language": "PT-br"}, Answer.RESULT),
        "language_unknown": ({"language": "xx"}, Answer.ERROR),
        "language_nobody_speaks": ({"language": "ja-JP"}, Answer.ERROR),
        "language_path": ({"language": "../../etc"}, Answer.ERROR),
        "language_long": ({"language": "p" * 5000}, Answer.ERROR),
        "language_number": ({"language": 7}, Answer.ERROR),
        "language_list": ({"language": ["pt"]}, Answer.ERROR),
    }
    return [
        Case(name=name, data=_sent(one_shot(voice=wish)), answer=answer)
        for name, (wish, answer) in wishes.items()
    ]


def _fields() -> list[Case]:
    requests: dict[str, tuple[dict[str, Any], Answer]] = {
        "text_missing": ({"text": None}, Answer.ERROR),
        "text_number": ({"text": 23}, Answer.ERROR),
        "text_nan": ({"text": float("nan")}, Answer.ERROR),
        "text_list": ({"text": ["a", "b"]}, Answer.ERROR),
        "text_object": ({"text": {"x": 1}}, Answer.ERROR),
        "text_true": ({"text": True}, Answer.ERROR),
        "ssml": ({"text": "<speak>Oi</speak>", "text_format": "ssml"}, Answer.ERROR),
        "ssml_unannounced": ({"text": "<speak>Oi <break time='9s'/></speak>"}, Answer.RESULT),
        "format_unknown": ({"text_format": "markdown"}, Answer.EITHER),
        "format_number": ({"text_format": 1}, Answer.ERROR),
        "format_null": ({"text_format": None}, Answer.RESULT),
        "context": ({"context": {"x": [1]}}, Answer.RESULT),
    }
    cases = [
        Case(name=name, data=_sent(one_shot(**data)), answer=answer)
        for name, (data, answer) in requests.items()
    ]
    no_data = Case(name="no_fields", data=_sent(Event("synthesize")))
    payload = Event("synthesize", {"text": _TEXT}, bytes(5000))
    return [*cases, no_data, Case(name="payload", data=_sent(payload), answer=Answer.RESULT)]


def _texts() -> list[Case]:
    """Return texts with nothing to say in them, with too much, and with strange letters."""
    empty = {
        "text_empty": "",
        "text_blank": "   ",
        "text_newlines": "\n\r\n\n",
        "text_dots": "....",
        "text_marks": "?! … — ;:",
        "text_asterisks": "*" * 200,
        "text_emoji": "😀🎉👨‍👩‍👧🏳️‍🌈",
        "text_invisible": "\u200b\u200d\u2060\ufeff",
        "text_controls": "\x01\x1b[31m\x7f\x85",
        "text_commas_5000": "," * 5000,
        "text_dots_8000": "." * 8000,
        "text_open_brackets": "(" * 4000,
        "text_chinese": "你好世界。今天天气很好。",
        "text_arabic": "مرحبا بالعالم",
        "text_private_letters": "\ue000\U000f0000",
        "text_digits_3000": "9" * 3000,
    }
    spoken = {
        "text_nul_byte": "A luz\0 da sala",
        "text_overrides": "A luz \u202eda sala\u202c \u2066acesa\u2069",
        "text_accents_500": "a" + "\u0301" * 500 + " luz",
        "text_raw_phonemes": "A [[ l u z ]] da [[ sala",
        "text_percents": "%s %d {x} ${y} \\n \\x00 A luz",
        "text_lines": "- uma\n- duas\n\n# três\n| a | b |\n",
        "word_3000_letters": "a" + "ba" * 1500,
        "words_without_stop_5000": "luz da sala " * 416,
        "text_7999": ("A luz acesa. " * 700)[:7999],
        "numbers": " ".join(str(7**power) for power in range(60)),
    }
    too_much = {"text_8001": ("A luz acesa. " * 700)[:8001], "text_100k": "A luz. " * 14_286}
    answers = (
        *((empty, Answer.EITHER, _SILENCE), (spoken, Answer.RESULT, SOUND)),
        (too_much, Answer.ERROR, SOUND),
    )
    return [
        Case(name=name, data=_sent(one_shot(text=text)), answer=answer, result=result)
        for texts, answer, result in answers
        for name, text in texts.items()
    ]


def _patterns() -> list[Case]:
    """Return what a reader of numbers, times and markup may look at for too long."""
    parts = (
        *(
            "1,",
            "1.",
            "12:",
            "1/1/",
            "R$ ",
            "http://",
            "_a",
            "*a ",
            "a.",
            "[a](",
            "#1 ",
            "-9",
            "1e",
        ),
        *("I", "°", "5 k", "a@b", "(11) ", "1º ", "\n- ", "`", "<a ", "&amp;", "Sr. ", "½", "€1 "),
    )
    return [
        Case(
            name=f"pattern {part.strip()}",
            data=_sent(one_shot(text=(part * 4000)[:7900])),
            answer=Answer.EITHER,
            result=_SILENCE,
        )
        for part in parts
    ]


def _orders() -> list[Case]:
    start, stop = Event("synthesize-start"), Event("synthesize-stop")
    chunk, whole = Event("synthesize-chunk", {"text": _TEXT}), one_shot()
    audio = [
        AudioStart(**_FORMAT).event(),
        AudioChunk(audio=bytes(3200), **_FORMAT).event(),
        AudioStop().event(),
    ]
    describe, ping = Event("describe"), Event("ping", {"text": "x"})
    orders: dict[str, tuple[list[Event], Answer, tuple[str, ...]]] = {
        "stream": (stream("A luz ", "da sala ", "está acesa."), Answer.RESULT, _STREAM),
        "stream_without_whole": ([start, chunk, stop], Answer.RESULT, _STREAM),
        "stream_of_nothing": ([start, stop], Answer.EITHER, ("synthesize-stopped",)),
        "stream_of_blanks": (stream(" ", "\n", "..."), Answer.EITHER, ("synthesize-stopped",)),
        "stream_whole_twice": ([start, chunk, whole, whole, stop], Answer.RESULT, _STREAM),
        "stream_whole_first": ([start, whole, chunk, stop], Answer.RESULT, _STREAM),
        "stream_twice": ([start, chunk, stop] * 2, Answer.RESULT, _STREAM * 2),
        "stream_then_whole": ([start, chunk, whole, stop, whole], Answer.RESULT, _STREAM + SOUND),
        "whole_then_stream": ([whole, start, chunk, stop], Answer.RESULT, SOUND + _STREAM),
        "whole_twice": ([whole, whole], Answer.RESULT, SOUND * 2),
        "whole_40_times": ([whole] * 40, Answer.EITHER, SOUND * 40),
        "chunk_first": ([chunk], Answer.ERROR, _STREAM),
        "stop_first": ([stop], Answer.ERROR, _STREAM),
        "start_twice": ([start, start, chunk, stop], Answer.EITHER, _STREAM),
        "start_after_chunk": ([start, chunk, start, chunk, stop], Answer.EITHER, _STREAM),
        "stop_twice": ([start, chunk, stop, stop], Answer.EITHER, _STREAM),
        "chunk_after_stop": ([start, chunk, stop, chunk], Answer.EITHER, _STREAM),
        "chunk_without_text": ([start, Event("synthesize-chunk"), stop], Answer.ERROR, _STREAM),
        "chunk_number": (
            [start, Event("synthesize-chunk", {"text": 1}), stop],
            Answer.ERROR,
            _STREAM,
        ),
        "start_unknown_voice": (stream(_TEXT, voice={"name": "nobody"}), Answer.ERROR, _STREAM),
        "start_voice_text": (stream(_TEXT, voice="nobody"), Answer.ERROR, _STREAM),
        "start_ssml": (
            [Event("synthesize-start", {"text_format": "ssml"}), chunk, stop],
            Answer.ERROR,
            _STREAM,
        ),
        "chunks_of_a_letter": (stream(*(_LONG[:1500])), Answer.RESULT, _STREAM),
        "chunks_empty": (stream(*[""] * 3000, _TEXT), Answer.RESULT, _STREAM),
        "chunks_too_much": ([start, *[chunk] * 400, stop], Answer.ERROR, _STREAM),
        "sentences_2000": (stream(*["É. "] * 2000), Answer.EITHER, _STREAM),
        "describe_within": (
            [start, chunk, describe, chunk, stop],
            Answer.RESULT,
            ("info", *_STREAM),
        ),
        "pings_within": (
            [start, chunk, *[ping] * 50, stop],
            Answer.RESULT,
            ("pong",) * 50 + _STREAM,
        ),
        "pings": ([ping] * 50, Answer.RESULT, ("pong",) * 50),
        "ping_number": ([Event("ping", {"text": 1})], Answer.EITHER, ("pong",)),
        "audio_events": ([*audio, whole], Answer.RESULT, SOUND),
        "audio_within": ([start, chunk, *audio, stop], Answer.RESULT, _STREAM),
        "transcribe": ([Event("transcribe", {"language": 5}), whole], Answer.RESULT, SOUND),
        "unknown_event": ([Event("x", {"y": [1]}, b"z"), whole], Answer.RESULT, SOUND),
        "answers_from_client": (
            [Event("info", {"tts": 1}), Event("synthesize-stopped"), Event("error", {}), whole],
            Answer.RESULT,
            SOUND,
        ),
        "start_flood": ([start] * 3000, Answer.ERROR, _STREAM),
        "stop_flood": ([stop] * 3000, Answer.ERROR, _STREAM),
        "describe_flood": ([describe] * 3000, Answer.NOTHING, ()),
    }
    return [
        Case(name=name, data=_sent(*events), answer=answer, result=result)
        for name, (events, answer, result) in orders.items()
    ]


def _half_characters() -> list[Case]:
    """Return texts that JSON can write and no UTF-8 can repeat."""
    half = "\ud800"
    events = {
        "half_character_text": ("synthesize", {"text": f"A luz {half}"}),
        "half_character_voice": ("synthesize", {"text": _TEXT, "voice": {"name": half}}),
        "half_character_language": ("synthesize", {"text": _TEXT, "voice": {"language": half}}),
        "half_character_field": ("synthesize", {"text": _TEXT, half: 1}),
        "half_character_ping": ("ping", {"text": half}),
    }
    return [
        Case(name=name, data=line(type=kind, data=data), answer=Answer.EITHER)
        for name, (kind, data) in events.items()
    ]


def _loads() -> list[Case]:
    """Return too much at once, and clients that leave or do not read."""
    long, open_stream = _sent(one_shot(text=_LONG)), _sent(*stream(_LONG)[:2])
    nothing = Answer.NOTHING
    return [
        Case(name="truncated", data=_sent(one_shot())[:40], answer=nothing),
        Case(name="connects_and_leaves", data=b"", answer=nothing, repeats=100),
        Case(name="leaves_at_once", data=long, answer=nothing, repeats=20),
        Case(name="leaves_within_a_stream", data=open_stream, answer=nothing, repeats=20),
        Case(
            name="never_reads", data=_sent(*[one_shot(text=_LONG)] * 4), answer=nothing, holds_s=3
        ),
        Case(name="never_reads_20", data=long, answer=nothing, holds_s=3, repeats=20),
        Case(name="half_closed", data=_sent(one_shot()), answer=nothing, is_half_closed=True),
        Case(
            name="half_closed_within_a_stream",
            data=open_stream,
            answer=nothing,
            is_half_closed=True,
        ),
        Case(name="half_closed_at_once", data=b"", answer=nothing, is_half_closed=True),
        Case(name="drip", data=_sent(one_shot()), answer=Answer.RESULT, drip_s=0.02),
        Case(
            name="drip_stream",
            data=_sent(*stream("A luz ", "acesa.")),
            answer=Answer.RESULT,
            result=_STREAM,
            drip_s=0.005,
        ),
        Case(name="busy_flood", data=_sent(one_shot()), answer=Answer.EITHER, repeats=60),
        Case(
            name="busy_flood_of_streams",
            data=_sent(*stream(_LONG[:600])),
            answer=Answer.EITHER,
            result=_STREAM,
            repeats=60,
        ),
    ]


def _waits() -> list[Case]:
    """Return clients that keep a server waiting."""
    whole = _sent(one_shot())
    return [
        Case(name="silent_from_the_start", data=b"", takes_long=True),
        Case(name="silent_within_an_event", data=whole[: len(whole) - 9], takes_long=True),
        Case(name=LONGEST_WAIT, data=_sent(*stream("A luz ")[:2]), takes_long=True),
        Case(name="slow_loris", data=whole, drip_s=0.2, repeats=20, takes_long=True),
    ]


LONGEST_WAIT = "silent_within_a_stream"
"""The case that takes a minute and a half: a model may think for that long."""


def good_case() -> Case:
    """Return a sentence in which nothing is wrong."""
    return Case(name="good", data=_sent(one_shot()), answer=Answer.RESULT)


def all_cases() -> list[Case]:
    """Return every case, the harmless ones first."""
    return [
        *(*_voices(), *_fields(), *_texts(), *_patterns(), *_orders()),
        *not_events("synthesize", sound="synthesize"),
        *(*_half_characters(), *_loads(), *_waits()),
    ]
