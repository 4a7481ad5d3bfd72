"""Bad input of every kind against a real server: the cases and mutations of the benchmark."""

from collections import Counter

import pytest
import pytest_asyncio

from benchmarks.stt.bad_cases import Answer, all_cases
from benchmarks.stt.bad_input import Outcome, Verdict, mutated, try_everything
from benchmarks.stt.subjects import Subject

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]

_MUTATIONS = 1000


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
    assert len(outcome.verdicts) == len(all_cases()) > 80
    wrong = {name: each for name, each in outcome.verdicts.items() if each is not Verdict.OK}
    assert wrong == {}


async def test_damaged_conversations_are_answered(outcome: Outcome) -> None:
    """Whatever bytes change, the client hears why, and others are served meanwhile."""
    assert +outcome.mutations == Counter({Verdict.OK: _MUTATIONS})


async def test_no_traceback_is_logged(outcome: Outcome) -> None:
    """Nothing of it was unforeseen."""
    assert outcome.tracebacks == 0


async def test_mutations_are_of_all_kinds() -> None:
    """Some damage is refused, some is served, some leaves an utterance open."""
    owed = Counter(case.answer for case in await mutated(300))
    assert min(owed[each] for each in (Answer.ERROR, Answer.TRANSCRIPT, Answer.NOTHING)) > 5
