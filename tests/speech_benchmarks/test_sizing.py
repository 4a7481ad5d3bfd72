"""The sizing benchmark: its models of waiting, its tables, and real servers, small."""

import json
import math
from dataclasses import replace
from statistics import fmean
from typing import TYPE_CHECKING

import numpy as np
import pytest
from onnxruntime import InferenceSession

from benchmarks.servers import running
from benchmarks.sizing import page, portuguese, rooms
from benchmarks.sizing.check import Check, Waits, haproxy, has_haproxy
from benchmarks.sizing.listening import Listening
from benchmarks.sizing.load import Cost, Crews, Full, beside, cores, full, on_cores, unloaded
from benchmarks.sizing.queueing import (
    MOST_BUSY,
    Line,
    Turns,
    Voice,
    Work,
    most_by_turns,
    most_in_line,
    others_within,
)
from benchmarks.sizing.requests import ANSWERS, UTTERANCES, answer, recite, speech, utter
from benchmarks.sizing.simulation import (
    arrivals,
    by_turns,
    chosen,
    least_connections,
    one_queue,
)
from benchmarks.sizing.speaking import Speaking
from benchmarks.sizing.traffic import drive
from benchmarks.stt import models
from benchmarks.stt.latency import p95
from benchmarks.stt.subjects import Subject as Recogniser
from benchmarks.tts import voices
from benchmarks.tts.subjects import Subject as VoiceServer
from benchmarks.tts.texts import Texts
from wyoming_servers.stt.engine import EngineOptions, Request, Transcriber
from wyoming_servers.tts.cutting import make_parts

if TYPE_CHECKING:
    from pathlib import Path

_SAME = Work(mean_s=1.0, variation=0.0)
_BY_CHANCE = Work(mean_s=1.0, variation=1.0)
_PLAYED = 20_000


def test_work_of_several_kinds() -> None:
    """The mean and the variation of what comes, by its shares."""
    work = Work.of([1.0, 3.0], [0.5, 0.5])
    assert work.mean_s == pytest.approx(2.0)
    assert work.variation == pytest.approx(0.25)
    assert Work.of([2.0, 2.0, 7.0], [0.4, 0.6, 0.0]).variation == pytest.approx(0.0)


def test_erlangs_formula_gives_the_values_of_its_tables() -> None:
    """One worker is busy as often as somebody waits; known values for several."""
    assert Line(work=_SAME, per_s=0.6).waiting_share == pytest.approx(0.6)
    assert Line(work=_SAME, per_s=2.0, workers=3).waiting_share == pytest.approx(4 / 9)
    assert Line(work=_SAME, per_s=4.0, workers=5).waiting_share == pytest.approx(0.5541, abs=1e-4)
    assert Line(work=_SAME, per_s=5.0, workers=5).waiting_share == 1.0


@pytest.mark.parametrize("busy", [0.1, 0.5, 0.9])
def test_one_worker_waits_as_pollaczek_and_khinchine_say(busy: float) -> None:
    """The mean wait is exact, whatever the variation."""
    for variation in (0.0, 0.4, 1.0, 2.0):
        line = Line(work=Work(mean_s=0.5, variation=variation), per_s=busy / 0.5)
        expected = busy * 0.5 * (1 + variation) / (2 * (1 - busy))
        assert line.mean_s == pytest.approx(expected)


@pytest.mark.parametrize("workers", [1, 3, 10])
def test_waits_grow_with_the_load_and_shrink_with_workers(workers: int) -> None:
    """The more is asked for, the longer; never below zero; without end when it is too much."""
    waits_s = [
        Line(work=_BY_CHANCE, per_s=busy * workers, workers=workers).within_s(0.95)
        for busy in (0.0, 0.2, 0.4, 0.6, 0.8, 0.95)
    ]
    assert waits_s == sorted(waits_s)
    assert waits_s[0] == 0.0
    assert Line(work=_SAME, per_s=workers * 1.01, workers=workers).within_s(0.95) == math.inf
    more = Line(work=_BY_CHANCE, per_s=0.8 * workers, workers=workers + 1)
    assert more.within_s(0.95) < waits_s[4]


@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize("busy", [0.3, 0.6, 0.8])
def test_the_formula_is_near_the_queue_played_through(workers: int, busy: float) -> None:
    """Within a fifth of the work, or a tenth of the wait, for work that is alike or mixed."""
    for times_s in ([1.0, 1.0], [0.5, 1.5]):
        work = Work.of(times_s, [0.5, 0.5])
        asked_s = arrivals(busy * workers, _PLAYED, 3)
        works_s = [times_s[kind] for kind in chosen(_PLAYED, [0.5, 0.5], 4)]
        played_s = one_queue(asked_s, works_s, workers)
        line = Line(work=work, per_s=busy * workers, workers=workers)
        assert line.mean_s == pytest.approx(fmean(played_s), rel=0.1, abs=0.05)
        assert line.within_s(0.95) == pytest.approx(p95(played_s), rel=0.1, abs=0.25)


@pytest.mark.parametrize("busy", [0.3, 0.7])
def test_a_balancer_waits_between_one_queue_and_none(busy: float) -> None:
    """Counting connections is worse than one queue, and better than workers for themselves."""
    workers = 4
    opened_s = arrivals(busy * workers, _PLAYED, 5)
    works_s = [1.0] * _PLAYED
    spoken_s = [(2.0, 4.0, 10.0)[kind] for kind in chosen(_PLAYED, [0.5, 0.4, 0.1], 6)]
    shared = fmean(one_queue(opened_s, works_s, workers))
    balanced = fmean(least_connections(opened_s, spoken_s, works_s, workers))
    alone = Line(work=_SAME, per_s=busy).mean_s
    assert shared < balanced < alone


def test_a_balancer_of_equals_is_one_queue() -> None:
    """With one worker, and when all speak equally long, it knows who will be free."""
    for workers in (1, 3):
        opened_s = arrivals(0.7 * workers, 500, 5)
        works_s, spoken_s = [1.0] * 500, [3.0] * 500
        balanced = least_connections(opened_s, spoken_s, works_s, workers)
        assert balanced == pytest.approx(one_queue(opened_s, works_s, workers))


def test_most_in_line_is_the_edge() -> None:
    """As much as keeps the bar, and not more; work that is quick is bounded by its share."""
    for mean_s in (0.3, 1.0, 3.0):
        work = Work(mean_s=mean_s, variation=0.3)
        per_s = most_in_line(work, 1, wait_s=0.5)
        assert Line(work=work, per_s=per_s).within_s(0.95) <= 0.5 + 1e-6
        assert Line(work=work, per_s=per_s * 1.02).within_s(0.95) > 0.5
    quick = Work(mean_s=0.01, variation=0.3)
    assert most_in_line(quick, 1, wait_s=0.5) == pytest.approx(MOST_BUSY / 0.01)


def test_others_that_are_found() -> None:
    """A worker that is half busy is free for half, and has at most one other for three quarters."""
    assert others_within(0.0, 0.95) == 0
    assert others_within(0.5, 0.5) == 0
    assert others_within(0.5, 0.75) == 1
    assert others_within(0.5, 0.95) == 4
    assert others_within(1.0, 0.5) == math.inf
    assert Turns(busy=0.5, turn_s=0.1).mean_s == pytest.approx(0.1)
    assert Turns(busy=0.5, turn_s=0.1).within_s(0.95) == pytest.approx(0.4)


@pytest.mark.parametrize("busy", [0.3, 0.6, 0.8])
def test_turns_are_near_those_played_through(busy: float) -> None:
    """Whatever the lengths: hardly too short, and too long by a turn and some more at most."""
    for times_s in ([0.6, 0.6], [0.2, 1.8]):
        work = Work.of(times_s, [0.5, 0.5])
        works_s = [times_s[kind] for kind in chosen(_PLAYED, [0.5, 0.5], 4)]
        asked_s = arrivals(busy / work.mean_s, _PLAYED, 3)
        played_s = by_turns(asked_s, works_s, 0.1)
        turns = Turns(busy=busy, turn_s=0.1)
        assert 0.85 * fmean(played_s) < turns.mean_s < 1.3 * fmean(played_s) + 0.1
        assert 0.85 * p95(played_s) < turns.within_s(0.95) < 1.3 * p95(played_s) + 0.1


def test_a_long_turn_is_a_line() -> None:
    """Whoever has a turn as long as its work is finished before the next."""
    asked_s = arrivals(0.7, 500, 5)
    assert by_turns(asked_s, [1.0] * 500, 9.0) == pytest.approx(one_queue(asked_s, [1.0] * 500))


def test_most_by_turns_keeps_the_wait_and_the_pace() -> None:
    """Slow turns and slow voices bound it; a voice slower than speech serves nobody."""
    quick = Voice(work=Work(mean_s=0.5, variation=1.0), turn_s=0.01, speed=20.0)
    most = most_by_turns(quick, wait_s=0.5)
    assert most == pytest.approx(MOST_BUSY / 0.5)
    for voice in (replace(quick, turn_s=0.2), replace(quick, speed=3.5)):
        per_s = most_by_turns(voice, wait_s=0.5)
        others = others_within(per_s * 0.5 - 1e-9, 0.95)
        assert 0 < per_s < most
        assert others * voice.turn_s <= 0.5
        assert others + 1 <= voice.speed
    assert most_by_turns(replace(quick, speed=0.9), wait_s=0.5) == 0.0


def _full(each_s: float, servers: int = 1) -> Full:
    return Full(each_s=each_s, cpu_s=each_s, peak_mb=200, servers=servers)


def _listening(name: str, scale: float) -> Listening:
    costs = [Cost(cpu_s=scale * each, waited_s=scale * each, requests=1) for each in (0.8, 1, 2)]
    return Listening(
        name=name,
        costs=tuple(costs),
        crews=Crews(one=_full(scale), pair=_full(1.1 * scale, 2), threads=_full(0.55 * scale)),
    )


def _speaking(name: str, scale: float) -> Speaking:
    costs = [Cost(cpu_s=scale * each, waited_s=0.05, requests=1) for each in (0.2, 0.7, 2)]
    return Speaking(
        name=name,
        costs=tuple(costs),
        sounds_s=(2.0, 8.0, 27.0),
        turn_s=0.1 * scale,
        crews=Crews(one=_full(0.7 * scale), pair=_full(0.7 * scale, 2), threads=_full(0.4 * scale)),
    )


def _disturbed(crews: Crews) -> Crews:
    return replace(crews, one=replace(crews.one, each_s=2 * crews.one.each_s))


def test_rooms_grow_with_cores_and_shrink_with_models() -> None:
    """Twice the cores serve twice the rooms at least; a slower model or voice serves fewer."""
    fast, slow = _listening("tiny", 0.2), _listening("small", 1.2)
    light, heavy = _speaking("low", 0.8), _speaking("high", 6.0)
    for voice in (light, heavy):
        served = [rooms.best_share(fast, voice, cores).rooms for cores in (2, 4, 8)]
        assert served[1] >= 2 * served[0]
        assert served[2] >= 2 * served[1]
        assert rooms.best_share(slow, voice, 4).rooms <= served[1]
    assert rooms.best_share(fast, heavy, 4).rooms < rooms.best_share(fast, light, 4).rooms
    share = rooms.best_share(slow, light, 4)
    assert share.listening + share.speaking == 4
    assert rooms.heard_per_s(slow, 2)[1] == 2, "a slow model needs both cores for one utterance"
    assert rooms.spoken_per_s(heavy, 2)[1] == 2, "a slow voice needs both cores for one answer"


def test_the_tables_go_into_their_places() -> None:
    """Into the real page, all of them, twice the same; a page without a place is refused."""
    heard_by, spoken_by = [_listening("base", 0.4)], [_speaking("medium", 1.0)]
    busy = _disturbed(heard_by[0].crews)
    waits = Waits(mean_s=0.1, p95_s=0.2)
    check = Check(
        what="jonh-stt, tiny",
        busy=0.6,
        was_busy=0.5,
        requests=9,
        failed=0,
        measured=waits,
        formula=waits,
        played=None,
    )
    parts = {
        "machine": page.about([busy], is_quick=True),
        "listening": page.heard(heard_by),
        "speaking": page.spoken(spoken_by),
        "apart": page.apart(heard_by, spoken_by),
        "together": page.together(heard_by, spoken_by),
        "checks": page.checked([check]),
        "balancer": page.balanced(heard_by[0]),
    }
    written = page.put_in(page.PAGE.read_text("utf-8"), parts)
    assert page.put_in(written, parts) == written
    for lines in parts.values():
        assert "\n".join(lines) in written
    assert written.count("scripts/bench sizing: begin") == len(parts)
    translated = {name: portuguese.in_portuguese(name, lines) for name, lines in parts.items()}
    page.put_in(portuguese.PAGE.read_text("utf-8"), translated)
    assert "Outros programas" in " ".join(translated["machine"])
    with pytest.raises(page.PageError, match="checks"):
        page.put_in("# A page\n", {"checks": ["x"]})


def test_speech_is_as_long_as_it_says() -> None:
    """Every length, with sound at both ends, and the shares make a whole."""
    for each in UTTERANCES:
        assert len(speech(each.seconds)) / 16_000 == pytest.approx(each.seconds, rel=0.05)
    for kinds in (UTTERANCES, ANSWERS):
        assert sum(each.share for each in kinds) == pytest.approx(1.0)


def test_a_disturbed_measurement_says_so() -> None:
    """A worker that had half of its core was not alone on the machine."""
    alone = _listening("base", 0.4).crews
    assert "Other programs" not in " ".join(page.about([alone], is_quick=False))
    assert "Other programs" in " ".join(page.about([alone, _disturbed(alone)], is_quick=False))


def test_a_model_writes_so_many_words(tmp_path: Path) -> None:
    """At the first try, whatever it hears; so its decoding takes as many steps."""
    words = UTTERANCES[-1].words
    transcriber = Transcriber(models.build("tiny", tmp_path, words=words), EngineOptions())
    (heard,) = transcriber.transcribe([Request(samples=speech(2), language="pt")])
    assert heard is not None
    assert len(heard.text.split()) == words
    assert heard.tries == 1


@pytest.mark.parametrize("size", [voices.LOW, voices.HIGH], ids=lambda each: each.quality)
def test_a_voice_of_each_quality_is_cut_and_speaks(size: voices.Size, tmp_path: Path) -> None:
    """Its parts, much narrower, make a whole number of frames for each id at the right rate."""
    narrow = replace(
        size, width=16, filter_width=32, encoder_layers=1, flow_layers=1, vocoder_width=32
    )
    path = voices.build(tmp_path, size=narrow)
    parts = make_parts(path, tmp_path / "parts")
    assert parts is not None
    assert parts.hop == voices.FRAME_SAMPLES
    inputs = {
        "input": np.full((1, 20), 7),
        "input_lengths": np.array([20]),
        "scales": np.array([0.667, 1.0, 0.8], np.float32),
    }
    (sound,) = InferenceSession(path).run(None, inputs)
    assert sound.size == 20 * size.frames_per_id * voices.FRAME_SAMPLES
    assert json.loads(path.with_suffix(".onnx.json").read_text("utf-8"))["audio"] == {
        "sample_rate": size.sample_rate_hz,
        "quality": size.quality,
    }


async def test_a_recogniser_is_measured_and_driven() -> None:
    """The starter model on one core: free, full, and under Poisson traffic, through HAProxy."""
    server_of = on_cores(Recogniser.ours("starter"), cores()[0])
    sound = speech(2)
    async with running(server_of) as server:
        free = await unloaded(server, lambda uri: recite(uri, sound), 0.5)
        busy = await full([server], lambda uri: recite(uri, sound), seconds=0.5)
        assert 0 < free.cpu_s < 10 * busy.cpu_s
        assert busy.per_minute == pytest.approx(60 / busy.each_s)
        assert busy.peak_mb > 50
        # A core gives no more CPU time than there is.
        assert busy.cpu_s <= 1.2 * busy.each_s

        async def ask() -> float:
            return await utter(uri, sound)

        if has_haproxy():
            async with haproxy([server.uri]) as uri:
                came = await drive([server], [ask], [1.0], per_s=2.0, seconds=1.0)
        else:
            uri = server.uri
            came = await drive([server], [ask], [1.0], per_s=2.0, seconds=1.0)
        assert came.failed == 0
        assert 0 < came.busy < 1.2
        assert came.requests
        assert all(each.asked_s > each.opened_s + 1.5 for each in came.requests)
        assert min(came.delays_s([free])) >= 0


async def test_a_voice_is_measured() -> None:
    """The starter voice: new texts only, and what others cost a first sound."""
    texts = Texts()
    async with running(on_cores(VoiceServer.ours("pt_BR-starter-low"), cores()[0])) as server:

        async def first_sound(uri: str) -> float:
            return (await answer(uri, texts, "short"))[0]

        async def others(uri: str) -> float:
            return (await answer(uri, texts, "long"))[1]

        free = await unloaded(server, first_sound, 0.5)
        assert free.waited_s > 0
        waited_s = await beside(server, first_sound, others, count=2, seconds=0.5)
        assert waited_s > 0
        assert await others(server.uri) > 10
