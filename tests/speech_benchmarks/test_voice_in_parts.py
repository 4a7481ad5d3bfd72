"""A voice of Piper's shape, cut before its vocoder: the same sound, the first of it early.

The voices of the benchmark stand in for real ones: their weights are random, their parts are not.
"""

import json
import logging
import shutil
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import onnx
import pytest

from benchmarks.tts.voices import FRAME_SAMPLES, TINY, build
from wyoming_servers.cancellation import Cancellation
from wyoming_servers.models import STARTER_DIR
from wyoming_servers.tts import cutting
from wyoming_servers.tts.cutting import CutError, can_be_cut, find_parts, make_parts
from wyoming_servers.tts.engine import SpeechEngine
from wyoming_servers.tts.networks import Line, NetworkInParts, WholeNetwork

if TYPE_CHECKING:
    from pathlib import Path

    from wyoming_servers.tts.networks import Sound

STARTER = STARTER_DIR / "voice" / "pt_BR-starter-low.onnx"
TEXT = "A luz da sala de estar está acesa agora e a da cozinha apagou faz pouco tempo"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder that the tests of this module share."""
    return tmp_path_factory.mktemp("parts")


@pytest.fixture(scope="module", params=[1, 2], ids=["one speaker", "two speakers"])
def voice(folder: Path, request: pytest.FixtureRequest) -> Path:
    """Make a small voice."""
    return build(folder, size=TINY, speakers=request.param)


def line(ids: int, speaker_id: int | None = None) -> Line:
    """Make a line of so many phonemes without any variation from one time to the next."""
    return Line(
        phoneme_ids=[1 + number % 20 for number in range(ids)],
        noise_scale=0.0,
        length_scale=1.0,
        noise_w_scale=0.0,
        speaker_id=speaker_id,
    )


def speaker_of(voice: Path) -> int | None:
    """Return a speaker that is not the first one, None for a voice with one."""
    count = json.loads(voice.with_name(f"{voice.name}.json").read_text())["num_speakers"]
    return 1 if count > 1 else None


@pytest.mark.parametrize("ids", [1, 7, 9, 30, 200])
def test_parts_make_the_very_same_sound(voice: Path, folder: Path, ids: int) -> None:
    """However long a line is, no sample differs by more than a step of 16-bit sound."""
    parts = make_parts(voice, folder / "made")
    assert parts is not None
    assert parts.hop == FRAME_SAMPLES
    said = line(ids, speaker_of(voice))
    whole = list(WholeNetwork(voice, 1).speak(said, Cancellation()))
    pieces = list(NetworkInParts(parts, 1).speak(said, Cancellation()))
    assert len(whole) == 1
    assert len(pieces) == {1: 1, 7: 1, 9: 1, 30: 2, 200: 5}[ids]
    assert np.abs(np.concatenate(pieces) - whole[0]).max() < 3e-5


def test_speakers_differ(folder: Path) -> None:
    """What is the same for all frames reaches the vocoder too."""
    parts = make_parts(build(folder, size=TINY, speakers=2), folder / "made")
    assert parts is not None
    assert len(parts.boundary) == 2

    def say(speaker_id: int) -> Sound:
        speech = NetworkInParts(parts, 1).speak(line(60, speaker_id), Cancellation())
        return np.concatenate(list(speech))

    assert np.abs(say(0) - say(1)).max() > 1e-3


def test_a_voice_is_cut_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The parts on disk are used while the voice is the same file, and made anew when it is not."""
    voice = build(folder / "once", size=TINY)
    made = make_parts(voice, folder / "once" / "parts")
    monkeypatch.setattr(cutting, "_CUT_TIME_S", 0.0)
    assert make_parts(voice, folder / "once" / "parts") == made
    voice.touch()
    assert find_parts(voice, folder / "once" / "parts") is None
    with pytest.raises(CutError):
        make_parts(voice, folder / "once" / "parts")


def test_parts_of_lost_voices_are_deleted(folder: Path) -> None:
    """A voice that a person has deleted leaves nothing behind once another one is cut."""
    place = folder / "lost"
    gone, stays = build(place, size=TINY), build(place, size=TINY, speakers=2)
    make_parts(gone, place / "parts")
    assert len(list((place / "parts").iterdir())) == 1
    gone.unlink()
    make_parts(stays, place / "parts")
    (left,) = (place / "parts").iterdir()
    assert left.name.startswith(stays.stem)


def test_a_voice_without_such_a_vocoder_is_left_whole(folder: Path) -> None:
    """The starter voices are built otherwise, and nothing is tried."""
    assert not can_be_cut(STARTER)
    assert make_parts(STARTER, folder / "none") is None
    assert not (folder / "none").exists()


def test_a_voice_whose_parts_sound_otherwise_is_left_whole(folder: Path) -> None:
    """A vocoder that looks at all frames, as none that is known does, is found out, once."""
    voice = folder / "wide" / "wide.onnx"
    voice.parent.mkdir()
    model = onnx.load(build(folder, size=TINY))
    # The mean over all of the time is taken away: no frame is independent of another.
    graph = model.graph
    first = next(node for node in graph.node if "dec.conv_pre.weight" in node.input)
    inner = first.output[0]
    first.output[0] = "narrow"
    mean = onnx.helper.make_node("ReduceMean", ["narrow"], ["mean"], axes=[2], keepdims=1)
    wide = onnx.helper.make_node("Sub", ["narrow", "mean"], [inner])
    at = list(graph.node).index(first)
    graph.node.insert(at + 1, mean)
    graph.node.insert(at + 2, wide)
    onnx.save(model, voice)
    assert make_parts(voice, folder / "wide") is None
    (findings,) = (folder / "wide").glob("*/parts.json")
    assert json.loads(findings.read_text())["overlap"] is None
    findings_ns = findings.stat().st_mtime_ns
    assert make_parts(voice, folder / "wide") is None
    assert findings.stat().st_mtime_ns == findings_ns


@pytest.mark.parametrize("trouble", ["damaged", "no room"])
def test_what_cannot_be_cut_still_speaks(
    folder: Path, trouble: str, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """One warning says what is lost by it."""
    place, parts = tmp_path / "voice", tmp_path / "parts"
    place.mkdir()
    voice = place / "starter.onnx"
    shutil.copy(STARTER, voice)
    shutil.copy(f"{STARTER}.json", f"{voice}.json")
    if trouble == "damaged":
        # Its names promise a vocoder that is not in it.
        model = onnx.load(voice)
        model.doc_string = "dec.conv_pre.weight"
        onnx.save(model, voice)
    else:
        shutil.copy(build(folder, size=TINY), voice)
        parts.write_text("a file where the folder should be")
    with caplog.at_level(logging.WARNING):
        engine = SpeechEngine(threads=1, parts_dir=parts)
        engine.warm_up(voice)
    assert sum(len(part) for part in engine.speak(voice, "ok")) > 0
    (message,) = caplog.messages
    assert "answers later than it could" in message


def test_the_first_sound_is_there_before_the_last(voice: Path, folder: Path) -> None:
    """The engine hands on the parts as they come; together they are as long as the whole."""
    whole = list(SpeechEngine(threads=1).speak(voice, TEXT))
    engine = SpeechEngine(threads=1, parts_dir=folder / "made")
    engine.warm_up(voice)
    parts = list(engine.speak(voice, TEXT))
    assert len(parts) > 3
    assert len(parts[0]) < sum(len(part) for part in parts) / 10
    assert sum(map(len, parts)) == sum(map(len, whole))


def test_a_voice_goes_over_to_its_parts_while_it_speaks(folder: Path) -> None:
    """A voice nobody has prepared speaks at once, as a whole, and quicker a moment later."""
    voice = build(folder / "later", size=TINY)
    engine = SpeechEngine(threads=1, parts_dir=folder / "later" / "parts")
    deadline_s = time.monotonic() + 60
    counts = [_parts_of(engine, voice)]
    while counts[-1] == counts[0]:
        assert time.monotonic() < deadline_s
        counts.append(_parts_of(engine, voice))
    assert counts[0] < counts[-1]


def _parts_of(engine: SpeechEngine, voice: Path) -> int:
    return len(list(engine.speak(voice, TEXT)))


def test_nothing_is_heard_where_parts_meet(voice: Path, folder: Path) -> None:
    """At the seams, samples differ no more from their neighbours than they do elsewhere."""
    parts = make_parts(voice, folder / "made")
    assert parts is not None
    pieces = list(NetworkInParts(parts, 1).speak(line(200, speaker_of(voice)), Cancellation()))
    whole = np.concatenate(pieces)
    steps = np.abs(np.diff(whole))
    seams = np.cumsum([len(piece) for piece in pieces])[:-1]
    assert len(seams) == 4
    assert steps[seams - 1].max() < np.percentile(steps, 99.9)


@pytest.mark.parametrize("in_parts", [False, True])
def test_a_run_is_interrupted(folder: Path, in_parts: bool) -> None:
    """Who hangs up in the middle of a long sentence stops the work on it, not only the rest."""
    voice = build(folder, size=TINY)
    parts = make_parts(voice, folder / "made")
    assert parts is not None
    network = NetworkInParts(parts, 1) if in_parts else WholeNetwork(voice, 1)
    # Long without being large: some 18,000 frames.
    said = replace(line(300), length_scale=20.0)

    def run(cancellation: Cancellation) -> tuple[int, float]:
        begin_s = time.perf_counter()
        samples = sum(len(sound) for sound in network.speak(said, cancellation))
        return samples, time.perf_counter() - begin_s

    samples, run_s = run(Cancellation())
    cancellation = Cancellation()
    threading.Timer(run_s / 4, cancellation.cancel).start()
    interrupted = run(cancellation)
    assert interrupted[0] < samples
    assert interrupted[1] < run_s * 0.7
    assert run(cancellation)[0] == 0
