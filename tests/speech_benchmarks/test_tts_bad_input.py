"""Bad input of every kind against a real server: the cases and mutations of the benchmark."""

import sys
from collections import Counter
from pathlib import Path

import pytest
import pytest_asyncio

from benchmarks.bad_input import compared, printed
from benchmarks.cases import Answer, Case
from benchmarks.servers import Subject as AnySubject
from benchmarks.stt import bad_cases as stt_cases
from benchmarks.tts import bad_input
from benchmarks.tts.bad_cases import all_cases, good_case, one_shot, stream
from benchmarks.tts.bad_input import STARTER, Outcome, Verdict, mutated, try_everything
from benchmarks.tts.subjects import Subject
from tests.fakes import rude_server
from wyoming_servers.protocol import ErrorCode
from wyoming_servers.wire import encode

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]

_MUTATIONS = 1000
# What the rude server takes for bad and for good.
_BAD = Case(name="bad", data=stt_cases.conversation(start={"rate": 0}))
_GOOD = Case(
    name="good",
    data=stt_cases.conversation(),
    answer=Answer.RESULT,
    result=("transcript",),
)


@pytest.fixture(scope="module")
def subject() -> Subject:
    """Name our server on the starter voice, with room for many clients."""
    return Subject.ours(STARTER.stem, "--max-connections", "400")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def outcome(subject: Subject) -> Outcome:
    """Run all of it once, but the one case that takes a minute and a half."""
    return await try_everything(subject, await mutated(_MUTATIONS), has_longest_wait=False)


async def test_every_case_is_answered_and_harms_nobody(outcome: Outcome) -> None:
    """Each is refused with a sentence or served; none blocks, leaks, hangs or crashes."""
    assert len(outcome.verdicts) == len(all_cases()) - 1 > 150
    wrong = {name: each for name, each in outcome.verdicts.items() if each is not Verdict.OK}
    assert wrong == {}


async def test_damaged_conversations_are_answered(outcome: Outcome) -> None:
    """Whatever bytes change, the client hears why, and the server is none the worse for it."""
    made = Counter(outcome.mutations)
    del made[Verdict.BLOCKS]  # hundreds of clients beside it on one machine do that
    assert +made == Counter({Verdict.OK: _MUTATIONS})


async def test_errors_say_whose_fault_it_is(outcome: Outcome) -> None:
    """Each error has one of our codes, the common ones occur, and none is a fault of ours."""
    assert set(outcome.codes) <= {str(code) for code in ErrorCode} - {str(ErrorCode.INTERNAL)}
    assert {"bad-event", "unknown-voice", "unknown-language", "too-large", "timeout"} <= set(
        outcome.codes
    )


async def test_nothing_was_unforeseen(outcome: Outcome) -> None:
    """No stack of an exception stands in the log."""
    assert outcome.stacks == 0


@pytest.mark.parametrize(
    ("manner", "verdict"),
    [
        ("polite", Verdict.OK),
        ("mute", Verdict.MUTE),
        ("endless", Verdict.HUNG),
        ("fragile", Verdict.CRASH),
    ],
)
async def test_a_bad_manner_is_found_out(
    manner: str, verdict: Verdict, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cases of this server are judged as those of the other are."""
    _try_only(monkeypatch, [_BAD], _GOOD)
    found = await try_everything(_rude(manner), [])
    assert found.verdicts == {_BAD.name: verdict}


async def test_a_result_has_all_of_its_parts_as_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sound without its end and one of two sounds are not enough."""
    cases = [
        Case(name=name, data=data, answer=Answer.RESULT, result=result)
        for name, data, result in (
            ("half", encode(one_shot()), ("audio-chunk", "synthesize-stopped")),
            ("one of two", encode(one_shot()), ("audio-stop",) * 2),
            ("whole", encode(one_shot()), ("audio-stop",)),
            ("stream", b"".join(map(encode, stream("Ok."))), ("synthesize-stopped",)),
        )
    ]
    _try_only(monkeypatch, cases, good_case())
    found = await try_everything(Subject.ours(STARTER.stem), [])
    assert found.verdicts == {
        "half": Verdict.HUNG,
        "one of two": Verdict.HUNG,
        "whole": Verdict.OK,
        "stream": Verdict.OK,
    }


def _try_only(monkeypatch: pytest.MonkeyPatch, cases: list[Case], good: Case) -> None:
    monkeypatch.setattr(bad_input, "_ANSWER_S", 2.0)
    monkeypatch.setattr(bad_input, "all_cases", lambda: cases)
    monkeypatch.setattr(bad_input, "good_case", lambda: good)


def _rude(manner: str) -> AnySubject:
    return AnySubject(
        name=manner, command=(sys.executable, str(Path(rude_server.__file__)), manner)
    )


async def test_outcomes_are_printed() -> None:
    """What was not ok is named, beside the other server and alone."""
    made = Outcome(verdicts={"a": Verdict.OK, "b": Verdict.MUTE}, stacks=2)
    lines = list(compared({"one": made, "other": Outcome()}))
    assert "| cases: MUTE" in lines[3]
    assert lines[-1] == "\none: b MUTE."
    assert next(iter(printed("one", made))).split() == ["b", "MUTE"]


async def test_cases_have_names_of_their_own() -> None:
    """No verdict hides another one."""
    names = Counter(case.name for case in all_cases())
    assert max(names.values()) == 1


async def test_mutations_are_of_all_kinds() -> None:
    """Some damage is refused, some may be served, some leaves a request open."""
    owed = Counter(case.answer for case in await mutated(300))
    assert min(owed[each] for each in (Answer.ERROR, Answer.EITHER, Answer.NOTHING)) > 5


async def test_mutations_are_always_the_same() -> None:
    """A failure can be run again."""
    assert await mutated(50) == (await mutated(60))[:50]
