"""How often a turn ends inside a sentence, and how soon after one.

Every sentence is spoken with a pause of 0.2 to 0.8 s at one of its word gaps, all equally likely:
the words before and after the pause are spoken on their own and put together. The sound goes
through the real detector and the real turn. What the recogniser would have written is given in
three ways: the words so far as they are, the words so far with a full stop (as Whisper writes
after any pause), and what the real starter model hears, which knows commands only.
"""

import random
import statistics
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.stt.sentences import Sentence, all_sentences
from benchmarks.stt.talk import speech_end_s
from tests.fakes.speech import STARTER_DIR, spoken
from wyoming_servers.audio import SAMPLE_RATE_HZ, Samples
from wyoming_servers.protocol import StartJob
from wyoming_servers.stt.detector import SileroDetector
from wyoming_servers.stt.endpoint import EndpointOptions
from wyoming_servers.stt.engine import EngineOptions, Request, Transcriber
from wyoming_servers.stt.turn import Recognition, Turn, Utterance, Wish

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

SOON_S = 0.6
_SEED = 11
_PAUSES_S = (0.2, 0.8)
_LEAD_S = 0.3
_TAIL_S = 2.5
_CHUNK_SAMPLES = 160
# A base model on two cores takes about this long for a command.
_DECODE_S = 0.2
_GAINS = (0.3, 1.0)
_NOISES = (0.0, 0.003)
"""Standard deviation of white noise, 1 is full scale."""


class Reading(StrEnum):
    """How the text at a pause is known."""

    WORDS = "the words so far"
    STOPS = "with a full stop"
    STARTER = "as the starter model hears"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A sentence with a pause in it, as sound."""

    sentence: Sentence
    before: str
    """The words before the pause."""
    sound: Samples
    resumes_at_s: float
    """Where the words after the pause begin."""
    ends_at_s: float
    """The last audible sample."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How a turn went."""

    case: Case
    is_cut_off: bool
    delay_s: float
    """From the last audible sample to the end of the turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What came of many turns."""

    turns: int
    cut_off: float
    """Share of turns that ended within the sentence."""
    soon: float
    """Share of all turns that ended within 0.6 s of its end."""
    p50_s: float
    p95_s: float


def make_cases(*, every: int = 1) -> list[Case]:
    """Return every n-th sentence as sound, always the same."""
    generator = random.Random(_SEED)
    return [_case(sentence, generator) for sentence in all_sentences()[::every]]


def measure(
    cases: Iterable[Case], reading: Reading, options: EndpointOptions | None = None
) -> list[Result]:
    """Run each case through a turn."""
    recognise = _recogniser(reading)
    return [_run(case, recognise, options or EndpointOptions()) for case in cases]


def score(results: Iterable[Result]) -> Score:
    """Sum up; delays are those of the turns that were not cut off."""
    made = list(results)
    delays = sorted(each.delay_s for each in made if not each.is_cut_off)
    soon = sum(not each.is_cut_off and each.delay_s <= SOON_S for each in made)
    return Score(
        turns=len(made),
        cut_off=sum(each.is_cut_off for each in made) / len(made),
        soon=soon / len(made),
        p50_s=statistics.median(delays),
        p95_s=delays[-(-95 * len(delays) // 100) - 1],
    )


def _case(sentence: Sentence, generator: random.Random) -> Case:
    words = sentence.text.split()
    gap = generator.randint(1, len(words) - 1)
    before, after = " ".join(words[:gap]), " ".join(words[gap:])
    pause_s = generator.uniform(*_PAUSES_S)
    parts = [_voiced(before, sentence.language), _voiced(after, sentence.language)]
    silences = [np.zeros(round(each * SAMPLE_RATE_HZ), np.int16) for each in (_LEAD_S, pause_s)]
    speech = np.concatenate((silences[0], parts[0], silences[1], parts[1]))
    resumes_at_s = (len(speech) - len(parts[1])) / SAMPLE_RATE_HZ
    gain, level = generator.uniform(*_GAINS), generator.choice(_NOISES)
    noise = np.random.default_rng(generator.getrandbits(32))
    sound = np.concatenate((speech, np.zeros(round(_TAIL_S * SAMPLE_RATE_HZ), np.int16)))
    noisy = sound * gain + noise.normal(scale=level * 32767, size=len(sound))
    return Case(
        sentence=sentence,
        before=before,
        sound=np.clip(noisy, -32768, 32767).astype(np.int16),
        resumes_at_s=resumes_at_s,
        ends_at_s=len(speech) / SAMPLE_RATE_HZ,
    )


def _voiced(text: str, language: str) -> Samples:
    """Speak words, without the silence around them."""
    sound = spoken(text, language)
    first = int(np.flatnonzero(np.abs(sound) > 0.02 * np.abs(sound).max())[0])
    return sound[first : int(speech_end_s(sound) * SAMPLE_RATE_HZ)]


def _recogniser(reading: Reading) -> Callable[[Case, Utterance, float], Recognition]:
    if reading is Reading.STARTER:
        transcriber = Transcriber(STARTER_DIR / "whisper", EngineOptions())

        def hear(case: Case, job: Utterance, heard_s: float) -> Recognition:
            request = Request(samples=job.samples, language=case.sentence.language)
            (found,) = transcriber.transcribe([request])
            assert found is not None
            return Recognition(found.text, found.language)

        return hear
    stop = "." if reading is Reading.STOPS else ""

    def know(case: Case, job: Utterance, heard_s: float) -> Recognition:
        text = case.before if heard_s <= case.resumes_at_s else case.sentence.text
        return Recognition(f"{text}{stop}", case.sentence.language)

    return know


def _run(
    case: Case,
    recognise: Callable[[Case, Utterance, float], Recognition],
    options: EndpointOptions,
) -> Result:
    wish = Wish(language=case.sentence.language, endpoint=options, max_s=60.0, partial_s=1.0)
    turn = Turn(wish, SileroDetector(), ())
    due: list[tuple[float, Utterance, Recognition]] = []
    heard_s = 0.0
    for at in range(0, len(case.sound) - _CHUNK_SAMPLES, _CHUNK_SAMPLES):
        commands = list(turn.hear(case.sound[at : at + _CHUNK_SAMPLES]))
        heard_s = (at + _CHUNK_SAMPLES) / SAMPLE_RATE_HZ
        ready_s = heard_s + _DECODE_S
        due += [
            (ready_s, command.job, recognise(case, command.job, heard_s))
            for command in commands
            if isinstance(command, StartJob)
        ]
        for each in [each for each in due if each[0] <= heard_s]:
            due.remove(each)
            if turn.owns(each[1]):
                list(turn.on_result(each[1], each[2]))
        if turn.answer is not None:
            break
    return Result(
        case=case,
        is_cut_off=heard_s < case.resumes_at_s + 0.05,
        delay_s=heard_s - case.ends_at_s,
    )


def groups(results: Iterable[Result]) -> dict[str, list[Result]]:
    """Sort results by kind and language, those of the held-out sentences apart."""
    sorted_by: dict[str, list[Result]] = {}
    for result in results:
        sentence = result.case.sentence
        half = "held out" if sentence.is_held_out else "tuned on"
        for name in (f"{sentence.kind}, {sentence.language}", f"all, {half}", "all"):
            sorted_by.setdefault(name, []).append(result)
    return {name: sorted_by[name] for name in sorted(sorted_by)}
