"""Bad input of every kind against a real server: the cases and mutations of the benchmark."""

import sys
from collections import Counter
from pathlib import Path

import pytest
import pytest_asyncio

from benchmarks.stt import bad_input
from benchmarks.stt.bad_cases import Answer, Case, all_cases, conversation, good_case
from benchmarks.stt.bad_input import Outcome, Verdict, mutated, try_everything
from benchmarks.stt.subjects import Subject
from tests.fakes import rude_server
from wyoming_servers.protocol import ErrorCode

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]

_MUTATIONS = 1000
_BAD = Case(name="bad", data=conversation(start={"rate": 0}))


@pytest.fixture(scope="module")
def subject() -> Subject:
    """Name our server on the starter model, with room for many clients."""
    return Subject.ours("starter", "--max-connections", "400")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def outcome(subject: Subject) -> Outcome:
    """Run all of it once."""
    return await try_everything(subject, await mutated(_MUTATIONS))


async def test_every_case_is_answered_and_harms_nobody(outcome: Outcome) -> None:
    """Each is refused with a sentence or served; none blocks, leaks, hangs or crashes."""
    assert len(outcome.verdicts) == len(all_cases()) > 100
    wrong = {name: each for name, each in outcome.verdicts.items() if each is not Verdict.OK}
    assert wrong == {}


async def test_damaged_conversations_are_answered(outcome: Outcome) -> None:
    """Whatever bytes change, the client hears why, and the server is none the worse for it."""
    del outcome.mutations[Verdict.BLOCKS]  # hundreds of clients beside it on one machine do that
    assert +outcome.mutations == Counter({Verdict.OK: _MUTATIONS})


async def test_errors_say_whose_fault_it_is(outcome: Outcome) -> None:
    """Each error has one of our codes, the common ones occur, and none is a fault of ours."""
    assert set(outcome.codes) <= {str(code) for code in ErrorCode} - {str(ErrorCode.INTERNAL)}
    assert {"bad-event", "bad-audio", "too-large", "timeout"} <= set(outcome.codes)


async def test_nothing_was_unforeseen(outcome: Outcome) -> None:
    """No stack of an exception stands in the log."""
    assert outcome.stacks == 0


@pytest.mark.parametrize(
    ("manner", "verdict", "stacks"),
    [
        ("polite", Verdict.OK, 0),
        ("mute", Verdict.MUTE, 0),
        ("faulty", Verdict.MUTE, 1),
        ("raising", Verdict.MUTE, 1),
        ("blocking", Verdict.BLOCKS, 0),
        ("greedy", Verdict.LEAK, 0),
        ("endless", Verdict.HUNG, 0),
        ("exhausted", Verdict.HUNG, 0),
        ("fragile", Verdict.CRASH, 0),
    ],
)
async def test_each_verdict_can_be_reached(
    manner: str, verdict: Verdict, stacks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server with one bad manner is found out, and a polite one is not blamed."""
    monkeypatch.setattr(bad_input, "_ANSWER_S", 2.0)
    monkeypatch.setattr(bad_input, "all_cases", lambda: [_BAD])
    found = await try_everything(_rude(manner), [])
    assert found.verdicts == {_BAD.name: verdict}
    assert min(found.stacks, 1) == stacks


@pytest.mark.parametrize(
    ("manner", "verdict"),
    [("mute", Verdict.MUTE), ("exhausted", Verdict.HUNG), ("fragile", Verdict.CRASH)],
)
async def test_mutations_are_judged_too(
    manner: str, verdict: Verdict, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a server does to one of many damaged conversations is seen."""
    monkeypatch.setattr(bad_input, "_ANSWER_S", 2.0)
    monkeypatch.setattr(bad_input, "all_cases", list)
    found = await try_everything(_rude(manner), [good_case(), _BAD])
    assert found.mutations[verdict] >= 1


def _rude(manner: str) -> Subject:
    return Subject(name=manner, command=(sys.executable, str(Path(rude_server.__file__)), manner))


async def test_cases_have_names_of_their_own() -> None:
    """No verdict hides another one."""
    names = Counter(case.name for case in all_cases())
    assert max(names.values()) == 1


async def test_mutations_are_of_all_kinds() -> None:
    """Some damage is refused, some is served, some leaves an utterance open."""
    owed = Counter(case.answer for case in await mutated(300))
    assert min(owed[each] for each in Answer) > 5


async def test_mutations_are_always_the_same() -> None:
    """A failure can be run again."""
    assert await mutated(50) == (await mutated(60))[:50]
