"""Training batches; run where the build's requirements are installed."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs tools/starter/requirements.txt")
pytest.importorskip("scipy", reason="needs tools/starter/requirements.txt")

from tools.starter.vocabulary import SpecialTokens  # noqa: E402
from tools.starter.whisper_batches import IGNORED, BatchMaker, Example  # noqa: E402

SPECIAL = SpecialTokens(
    end=100,
    start=101,
    transcribe=103,
    translate=102,
    previous=105,
    no_speech=106,
    no_timestamps=107,
    languages={"pt": 111, "en": 112},
)


def make_example(kind: str, frames: int) -> Example:
    """Make an utterance of three tokens that last a third each."""
    duration_s = frames / 100
    edges = np.linspace(0, duration_s, 4)
    return Example(
        kind=kind,
        log_mel=np.zeros((80, frames), np.float16),
        duration_s=duration_s,
        language=SPECIAL.languages["pt"],
        tokens=[1, 2, 3],
        spans_s=np.stack([edges[:-1], edges[1:]], 1).astype(np.float32),
        phonemes=np.ones(frames // 2 + 2, np.int64),
    )


@pytest.fixture
def maker() -> BatchMaker:
    """Batches of 400 utterances and one clip of noise."""
    kinds = ["templates", "interface"] * 200
    examples = [make_example(kind, 100 + i // 2) for i, kind in enumerate(kinds)]
    return BatchMaker(examples, np.zeros((1, 80, 1001), np.float16), SPECIAL, seed=1)


def test_inputs_are_the_targets_a_step_earlier(maker: BatchMaker):
    """What is predicted at one position is read at the next, unless it was given."""
    groups = maker.groups(0.5)
    for _ in range(20):
        batch = maker.batch(next(groups), 0.5)
        read, predicted = batch.inputs[:, 1:], batch.targets[:, :-1]
        learnt = (predicted != IGNORED) & (predicted != SPECIAL.no_speech)
        assert torch.equal(read[learnt], predicted[learnt])


def test_behind_a_recording_there_is_nothing(maker: BatchMaker):
    """Zeros follow the end, as faster-whisper pads, and no phoneme is asked for there."""
    groups = maker.groups(0.5)
    batch = maker.batch(next(groups), 0.5)
    padded = (batch.mel == 0).all(1)[:, ::2]
    assert padded.any()
    assert bool((batch.phonemes[padded] == IGNORED).all())


def test_every_text_token_has_its_time(maker: BatchMaker):
    """Spans belong to text tokens and follow each other."""
    batch = maker.batch(next(maker.groups(0.5)), 0.5)
    timed = batch.has_span.bool()
    assert set(batch.targets[timed].tolist()) == {1, 2, 3}
    for row in range(len(timed)):
        starts = batch.spans_s[row, timed[row], 0]
        assert bool((starts.diff() > 0).all())


def test_noise_is_taught_as_no_speech(maker: BatchMaker):
    """Some recordings hold nothing; their first prediction is the no-speech token."""
    groups = maker.groups(0.5)
    batches = [maker.batch(next(groups), 0.5) for _ in range(40)]
    silent = [int((b.targets == SPECIAL.no_speech).any(1).sum()) for b in batches]
    share = sum(silent) / sum(len(b.targets) for b in batches)
    assert 0.01 < share < 0.12


def test_open_text_is_left_out_late(maker: BatchMaker):
    """The end of the training is about the home only."""
    kinds = {}
    for progress in (0.1, 0.9):
        groups = maker.groups(progress)
        kinds[progress] = {example.kind for _ in range(10) for example in next(groups)}
    assert kinds == {0.1: {"templates", "interface"}, 0.9: {"templates"}}
