"""Slots and queue, without connections."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.wyoming_servers.scripted import Script, ScriptedWorker
from wyoming_servers.cancellation import Cancellation
from wyoming_servers.protocol import ErrorCode, RequestError, Urgency
from wyoming_servers.scheduler import Scheduler, one_by_one
from wyoming_servers.telemetry import Telemetry


class _Client:
    """A scheduler's client that remembers what it was told."""

    def __init__(self) -> None:
        self.is_ready = True
        self.told: list[str] = []
        self._changed = asyncio.Event()

    def job_yielded(self, job: Script, result: bytes) -> None:
        self._tell(f"{job.name}:{len(result)}")

    def job_done(self, job: Script) -> None:
        self._tell(f"{job.name} done")

    def job_failed(self, job: Script, error: RequestError) -> None:
        self._tell(f"{job.name} {error.code}")

    async def wait_for(self, last: str) -> list[str]:
        async with asyncio.timeout(30):
            while last not in self.told:
                self._changed.clear()
                await self._changed.wait()
        return self.told

    def _tell(self, what: str) -> None:
        self.told.append(what)
        self._changed.set()


class _Bench:
    """A scheduler on a scripted worker."""

    def __init__(self, slots: int, queue_limit: int) -> None:
        self.worker = ScriptedWorker()
        self.scheduler: Scheduler[Script, bytes] = Scheduler(
            one_by_one(self.worker.work), slots=slots, queue_limit=queue_limit
        )
        self.scheduler.start()

    async def started(self, *names: str) -> None:
        assert await asyncio.to_thread(self.worker.wait_for, list(names), self.worker.started)


@pytest.fixture
async def bench() -> AsyncIterator[_Bench]:
    """One slot, and room for two requests that wait."""
    made = _Bench(slots=1, queue_limit=2)
    yield made
    made.scheduler.stop()


async def test_results_come_in_order_and_then_the_end(bench: _Bench) -> None:
    """A client hears every result of a job before its end."""
    client = _Client()
    bench.scheduler.submit(client, Script("a", results=3, payload_bytes=2))
    assert bench.scheduler.has_work(client)
    assert await client.wait_for("a done") == ["a:2", "a:2", "a:2", "a done"]
    assert not bench.scheduler.has_work(client)
    assert bench.scheduler.is_idle


async def test_failures_name_their_code_and_free_the_slot(bench: _Bench) -> None:
    """A job that fails, expected or not, ends with an error, and the next one runs."""
    client = _Client()
    bench.scheduler.submit(client, Script("a", results=0, error="request"))
    bench.scheduler.submit(client, Script("b", results=0, error="crash"))
    bench.scheduler.submit(client, Script("c", results=0))
    assert await client.wait_for("c done") == ["a model-missing", "b internal", "c done"]


async def test_the_queue_is_bounded_and_recovers(bench: _Bench) -> None:
    """Above the limit a request is refused at once; a freed place is given again."""
    clients = [_Client() for _ in range(5)]
    bench.scheduler.submit(clients[0], Script("a", gate="a"))
    for client in clients[1:3]:
        bench.scheduler.submit(client, Script("b"))
    with pytest.raises(RequestError) as refusal:
        bench.scheduler.submit(clients[3], Script("c"))
    assert refusal.value.code is ErrorCode.BUSY
    bench.scheduler.cancel(clients[1])
    bench.scheduler.submit(clients[4], Script("d"))
    bench.worker.gate("a").set()
    await clients[4].wait_for("d done")
    assert clients[1].told == []


async def test_two_slots_work_at_the_same_time() -> None:
    """Jobs of two clients run side by side, those of one client never do."""
    bench = _Bench(slots=2, queue_limit=2)
    one, two = _Client(), _Client()
    bench.scheduler.submit(one, Script("a1", gate="a"))
    bench.scheduler.submit(one, Script("a2"))
    bench.scheduler.submit(two, Script("b", gate="b"))
    await bench.started("a1", "b")
    bench.worker.gate("b").set()
    await two.wait_for("b done")
    assert sorted(bench.worker.started) == ["a1", "b"]
    bench.worker.gate("a").set()
    await one.wait_for("a2 done")
    bench.scheduler.stop()


async def test_a_client_that_is_not_ready_waits_without_a_slot(bench: _Bench) -> None:
    """Others are served meanwhile, and `resume` brings the client back."""
    slow, other = _Client(), _Client()
    slow.is_ready = False
    bench.scheduler.submit(slow, Script("slow"))
    bench.scheduler.submit(other, Script("other"))
    await other.wait_for("other done")
    assert bench.worker.started == ["other"]
    slow.is_ready = True
    bench.scheduler.resume()
    await slow.wait_for("slow done")


async def test_a_cancelled_job_holds_its_slot_until_it_ends(bench: _Bench) -> None:
    """A worker that is still busy is not counted as free, and its results are dropped."""
    gone, other = _Client(), _Client()
    bench.scheduler.submit(gone, Script("gone", gate="gone", results=2))
    bench.scheduler.submit(other, Script("other"))
    await bench.started("gone")
    bench.scheduler.cancel(gone)
    assert not bench.scheduler.is_idle
    await other.wait_for("other done")
    assert gone.told == []
    bench.scheduler.cancel(gone)  # once more is harmless


async def test_results_on_their_way_are_dropped_with_the_job(bench: _Bench) -> None:
    """A result that the worker gave before the cancellation is not delivered after it."""
    client, other = _Client(), _Client()
    bench.scheduler.submit(client, Script("a", results=3))
    # Blocks the loop on purpose: the results wait for it.
    assert bench.worker.wait_for(["a"], bench.worker.yielded)
    bench.scheduler.cancel(client)
    bench.scheduler.submit(other, Script("b"))
    await other.wait_for("b done")
    assert client.told == []


@pytest.fixture
def busy(bench: _Bench) -> _Client:
    """Occupy the only slot until the gate "busy" opens."""
    client = _Client()
    bench.scheduler.submit(client, Script("busy", gate="busy"))
    return client


async def test_the_most_urgent_job_goes_first(bench: _Bench, busy: _Client) -> None:
    """What somebody waits for overtakes speculation, and that what is only shown."""
    clients = [_Client() for _ in range(3)]
    for client, urgency in zip(clients, reversed(Urgency), strict=True):
        bench.scheduler.submit(client, Script(urgency.name), urgency=urgency)
    bench.worker.gate("busy").set()
    await clients[0].wait_for("PARTIAL done")
    assert bench.worker.started == ["busy", "FINAL", "SPECULATIVE", "PARTIAL"]


async def test_a_client_has_its_own_order(bench: _Bench, busy: _Client) -> None:
    """Within a client the most urgent job is first, and equally urgent ones keep their order."""
    client = _Client()
    for name, urgency in [("p", 2), ("f1", 0), ("s", 1), ("f2", 0)]:
        bench.scheduler.submit(client, Script(name), urgency=Urgency(urgency))
    bench.worker.gate("busy").set()
    await client.wait_for("p done")
    assert bench.worker.started == ["busy", "f1", "f2", "s", "p"]


async def test_a_promoted_job_overtakes(bench: _Bench, busy: _Client) -> None:
    """Speculation that is wanted now goes before older speculation; promoting twice is harmless."""
    one, two = _Client(), _Client()
    wanted = Script("wanted")
    bench.scheduler.submit(one, Script("other"), urgency=Urgency.SPECULATIVE)
    bench.scheduler.submit(two, wanted, urgency=Urgency.SPECULATIVE)
    bench.scheduler.promote(two, wanted)
    bench.scheduler.promote(two, wanted)
    bench.scheduler.promote(_Client(), wanted)
    bench.worker.gate("busy").set()
    await one.wait_for("other done")
    assert bench.worker.started == ["busy", "wanted", "other"]
    bench.scheduler.promote(two, wanted)  # it has ended


async def test_speculation_is_never_refused_but_wanting_it_may_be(
    bench: _Bench, busy: _Client
) -> None:
    """Only what somebody waits for counts for the queue, from the moment he does."""
    clients = [_Client() for _ in range(4)]
    jobs = [Script(f"job {index}") for index in range(4)]
    for client, job in zip(clients, jobs, strict=True):
        bench.scheduler.submit(client, job, urgency=Urgency.SPECULATIVE)
    for client, job in zip(clients[:2], jobs[:2], strict=True):
        bench.scheduler.promote(client, job)
    with pytest.raises(RequestError) as refusal:
        bench.scheduler.promote(clients[2], jobs[2])
    assert refusal.value.code is ErrorCode.BUSY
    bench.worker.gate("busy").set()
    await clients[3].wait_for("job 3 done")


async def test_one_job_is_cancelled_and_others_go_on(bench: _Bench, busy: _Client) -> None:
    """A job that waits is dropped; the other one of its client runs."""
    client = _Client()
    dropped = Script("dropped")
    bench.scheduler.submit(client, dropped, urgency=Urgency.SPECULATIVE)
    bench.scheduler.submit(client, Script("kept"), urgency=Urgency.SPECULATIVE)
    bench.scheduler.cancel_job(client, dropped)
    bench.scheduler.cancel_job(client, Script("never submitted"))
    bench.worker.gate("busy").set()
    assert await client.wait_for("kept done") == ["kept:0", "kept done"]
    assert not bench.scheduler.has_work(client)
    bench.scheduler.cancel_job(client, dropped)  # the client has nothing any more


async def test_after_a_cancelled_job_that_runs_the_next_one_starts(bench: _Bench) -> None:
    """The slot is busy until the worker has noticed, and then has the client's next job."""
    client = _Client()
    gone = Script("gone", gate="never")
    bench.scheduler.submit(client, gone)
    await bench.started("gone")
    bench.scheduler.cancel_job(client, gone)
    assert not bench.scheduler.has_work(client)
    bench.scheduler.submit(client, Script("next"))
    assert await client.wait_for("next done") == ["next:0", "next done"]
    assert bench.worker.cancelled == ["gone"]


class _BatchWorker:
    """Notes which jobs came together; a job named "bad" fails, and "crash" breaks them all."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.may_go = threading.Event()

    def work(
        self, batch: Sequence[tuple[Script, Cancellation]]
    ) -> Iterator[tuple[int, bytes | RequestError]]:
        self.batches.append([job.name for job, _ in batch])
        assert self.may_go.wait(30)
        for index, (job, _) in enumerate(batch):
            if job.name == "crash":
                raise ZeroDivisionError
            bad = RequestError(ErrorCode.UNKNOWN_LANGUAGE, "No.")
            yield index, bad if job.name == "bad" else job.name.encode()


@pytest.fixture
async def batches() -> AsyncIterator[tuple[Scheduler[Script, bytes], _BatchWorker]]:
    """One slot for up to three jobs with the same gate, which stands for their size."""
    worker = _BatchWorker()
    scheduler = Scheduler(worker.work, batch_key=lambda job: job.gate, max_batch=3)
    scheduler.start()
    scheduler.submit(_Client(), Script("first"))
    yield scheduler, worker
    worker.may_go.set()
    scheduler.stop()


async def test_jobs_alike_are_done_together(
    batches: tuple[Scheduler[Script, bytes], _BatchWorker],
) -> None:
    """Up to the limit, one for each client; other sizes and jobs without one go alone."""
    scheduler, worker = batches
    clients = [_Client() for _ in range(6)]
    names = [("a", "big"), ("b", "big"), ("c", "small"), ("d", "big"), ("e", "big"), ("f", None)]
    for client, (name, size) in zip(clients, names, strict=True):
        scheduler.submit(client, Script(name, gate=size))
    scheduler.submit(clients[0], Script("a2", gate="big"))
    worker.may_go.set()
    await clients[5].wait_for("f done")
    assert worker.batches == [["first"], ["a", "b", "d"], ["c"], ["e", "a2"], ["f"]]
    assert clients[3].told == ["d:1", "d done"]


async def test_speculation_slows_nobody_who_waits(
    batches: tuple[Scheduler[Script, bytes], _BatchWorker],
) -> None:
    """Jobs are done together only when they are equally urgent."""
    scheduler, worker = batches
    clients = [_Client() for _ in range(3)]
    scheduler.submit(clients[0], Script("s", gate="x"), urgency=Urgency.SPECULATIVE)
    scheduler.submit(clients[1], Script("f", gate="x"))
    scheduler.submit(clients[2], Script("t", gate="x"), urgency=Urgency.SPECULATIVE)
    worker.may_go.set()
    await clients[2].wait_for("t done")
    assert worker.batches == [["first"], ["f"], ["s", "t"]]


async def test_an_error_ends_one_job_of_a_batch(
    batches: tuple[Scheduler[Script, bytes], _BatchWorker],
) -> None:
    """The others have their results; an unforeseen error ends those that have none yet."""
    scheduler, worker = batches
    clients = [_Client() for _ in range(5)]
    for client, name in zip(clients, ["good", "bad", "fine", "crash", "late"], strict=True):
        gate = "one" if name in {"good", "bad", "fine"} else "two"
        scheduler.submit(client, Script(name, gate=gate))
    worker.may_go.set()
    await clients[4].wait_for("late internal")
    assert [client.told[-1] for client in clients] == [
        "good done",
        "bad unknown-language",
        "fine done",
        "crash internal",
        "late internal",
    ]


async def test_a_client_that_leaves_a_batch(
    batches: tuple[Scheduler[Script, bytes], _BatchWorker],
) -> None:
    """Whoever is cancelled hears nothing, and the others get their results."""
    scheduler, worker = batches
    one, two = _Client(), _Client()
    scheduler.submit(one, Script("one", gate="x"))
    scheduler.submit(two, Script("two", gate="x"))
    scheduler.cancel(one)
    worker.may_go.set()
    await two.wait_for("two done")
    assert one.told == []


class _Steps:
    """Work of as many results as a job has, each after a step that the test allows."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.begun: set[str] = set()
        self._allowed = threading.Semaphore(0)

    def allow(self, steps: int) -> None:
        """Let so many more results be made."""
        self._allowed.release(steps)

    def work(self, job: Script, cancellation: Cancellation) -> Iterator[bytes]:
        """Yield the results of a job."""
        self.begun.add(job.name)
        for _ in range(job.results):
            with cancellation.stopping(lambda: self.allow(1)):
                self._allowed.acquire()
            self.done.append(job.name)
            yield b""


async def _wait_until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - a thread changes it
            await asyncio.sleep(0.001)


def _turns(steps: _Steps, telemetry: Telemetry | None = None) -> Scheduler[Script, bytes]:
    scheduler = Scheduler(
        one_by_one(steps.work), queue_limit=1, takes_turns=True, telemetry=telemetry
    )
    scheduler.start()
    return scheduler


async def test_jobs_take_turns() -> None:
    """Who comes later gets a first result before the one who came first has the last."""
    steps, clients = _Steps(), [_Client() for _ in range(3)]
    scheduler = _turns(steps)
    for client, name in zip(clients, "abc", strict=True):
        scheduler.submit(client, Script(name, results=3), continues=True)
    steps.allow(9)
    for client, name in zip(clients, "abc", strict=True):
        assert await client.wait_for(f"{name} done") == [f"{name}:0"] * 3 + [f"{name} done"]
    assert steps.done == list("abcabcabc")
    scheduler.stop()


async def test_a_client_keeps_the_order_of_its_jobs_when_they_take_turns() -> None:
    """The next job of a client does not overtake one that has begun."""
    steps, one, two = _Steps(), _Client(), _Client()
    scheduler = _turns(steps)
    scheduler.submit(one, Script("a", results=2), continues=True)
    scheduler.submit(one, Script("b", results=2), continues=True)
    scheduler.submit(two, Script("c", results=4), continues=True)
    steps.allow(8)
    await one.wait_for("b done")
    await two.wait_for("c done")
    assert [name for name in steps.done if name != "c"] == list("aabb")
    scheduler.stop()


async def test_a_job_between_two_turns_is_cancelled() -> None:
    """It is neither worked on nor told of again, and counts as cancelled, not as dropped."""
    outcomes: list[str] = []

    class Watch(Telemetry):
        def job_ended(self, outcome: str, run_s: float) -> None:
            outcomes.append(outcome)

        def job_dropped(self) -> None:
            outcomes.append("dropped")

    steps, gone, stays = _Steps(), _Client(), _Client()
    scheduler = _turns(steps, Watch())
    scheduler.submit(gone, Script("a", results=3), continues=True)
    await _wait_until(lambda: "a" in steps.begun)
    scheduler.submit(stays, Script("b", results=1), continues=True)
    steps.allow(1)
    await _wait_until(lambda: "b" in steps.begun)
    scheduler.cancel(gone)
    assert not scheduler.has_work(gone)
    steps.allow(3)
    await stays.wait_for("b done")
    assert steps.done == ["a", "b"]
    assert outcomes == ["cancelled", "done"]
    scheduler.stop()


async def test_what_waits_between_two_turns_takes_no_room_in_the_queue() -> None:
    """Only requests that have not begun count as waiting."""
    steps, clients = _Steps(), [_Client() for _ in range(4)]
    scheduler = _turns(steps)
    scheduler.submit(clients[0], Script("a", results=9))
    await _wait_until(lambda: "a" in steps.begun)
    scheduler.submit(clients[1], Script("b", results=9))
    steps.allow(1)
    await _wait_until(lambda: "b" in steps.begun)
    scheduler.submit(clients[2], Script("c", results=9))
    with pytest.raises(RequestError, match="busy"):
        scheduler.submit(clients[3], Script("d"))
    for client in clients:
        scheduler.cancel(client)
    scheduler.stop()


async def test_a_running_job_is_interrupted() -> None:
    """Work that cannot ask is stopped by the call it left."""
    steps, client = _Steps(), _Client()
    scheduler = _turns(steps)
    scheduler.submit(client, Script("a", results=3))
    await _wait_until(lambda: "a" in steps.begun)
    scheduler.cancel(client)
    await _wait_until(lambda: scheduler.is_idle)
    assert client.told == []
    scheduler.stop()


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["submit", "promote", "cancel job", "cancel", "let end"]),
            st.integers(0, 3),
            st.sampled_from(list(Urgency)),
        ),
        max_size=40,
    ),
    st.booleans(),
)
def test_any_order_of_calls_leaves_nothing_behind(
    steps: list[tuple[str, int, Urgency]], takes_turns: bool
) -> None:
    """Whatever is submitted, promoted and cancelled, all that is left ends, each job once."""

    async def run() -> None:
        worker = ScriptedWorker()
        scheduler = Scheduler(
            one_by_one(worker.work), slots=2, queue_limit=3, takes_turns=takes_turns
        )
        scheduler.start()
        clients = [_Client() for _ in range(4)]
        jobs: list[tuple[int, Script]] = []
        for number, (step, who, urgency) in enumerate(steps):
            with contextlib.suppress(RequestError):
                match step:
                    case "submit":
                        job = Script(f"j{number}", gate=f"j{number}", results=3)
                        scheduler.submit(clients[who], job, urgency=urgency)
                        jobs.append((who, job))
                    case "cancel":
                        scheduler.cancel(clients[who])
                    case "let end":
                        for _, job in jobs[:who]:
                            worker.gate(job.name).set()
                        await asyncio.sleep(0)
                    case _ if jobs:
                        owner, job = jobs[who % len(jobs)]
                        call = scheduler.promote if step == "promote" else scheduler.cancel_job
                        call(clients[owner], job)
        for _, job in jobs:
            worker.gate(job.name).set()
        async with asyncio.timeout(30):
            # Nothing tells that all is quiet.
            while not scheduler.is_idle or any(map(scheduler.has_work, clients)):  # noqa: ASYNC110
                await asyncio.sleep(0.001)
        scheduler.stop()
        for client in clients:
            ended = [each for each in client.told if each.endswith("done")]
            assert len(ended) == len(set(ended))
        assert len(worker.started) == len(set(worker.started))

    asyncio.run(run())


class _Stuck:
    """Work that neither ends nor looks whether anybody waits, until it is let go."""

    def __init__(self) -> None:
        self.may_end = threading.Event()
        self.begun: list[str] = []

    def work(self, job: Script, cancellation: Cancellation) -> Iterator[bytes]:
        self.begun.append(job.name)
        if job.name.startswith("stuck"):
            self.may_end.wait(30)
        yield b"sound"


def _impatient(stuck: _Stuck) -> Scheduler[Script, bytes]:
    scheduler = Scheduler(one_by_one(stuck.work), job_limit_s=lambda _: 0.05)
    scheduler.start()
    return scheduler


async def test_an_engine_that_does_not_come_back_is_given_up() -> None:
    """Its client is told, the next one is served by another worker, and none is left over."""
    stuck, client = _Stuck(), _Client()
    scheduler = _impatient(stuck)
    before = threading.active_count()
    scheduler.submit(client, Script("stuck"))
    scheduler.submit(client, Script("next"))
    assert await client.wait_for("next done") == ["stuck timeout", "next:5", "next done"]
    assert not scheduler.is_idle
    stuck.may_end.set()
    for _ in range(3000):
        if scheduler.is_idle and threading.active_count() == before:
            break
        await asyncio.sleep(0.01)
    assert (scheduler.is_idle, threading.active_count()) == (True, before)
    scheduler.submit(client, Script("last"))
    assert (await client.wait_for("last done"))[-2:] == ["last:5", "last done"]
    assert not scheduler.has_given_up.is_set()
    scheduler.stop()


async def test_a_sign_of_life_is_patience_for_more() -> None:
    """A long answer whose parts come in time is not given up."""
    client = _Client()

    def work(job: Script, cancellation: Cancellation) -> Iterator[bytes]:
        for _ in range(6):
            threading.Event().wait(0.1)
            yield b"sound"

    scheduler = Scheduler(one_by_one(work), job_limit_s=lambda _: 0.4)
    scheduler.start()
    scheduler.submit(client, Script("long"))
    assert (await client.wait_for("long done"))[-1] == "long done"
    scheduler.stop()


async def test_an_engine_beyond_help_is_told() -> None:
    """When every worker that takes over is stuck as well, only a new process can help."""
    stuck, clients = _Stuck(), [_Client() for _ in range(4)]
    scheduler = _impatient(stuck)
    for number, client in enumerate(clients):
        scheduler.submit(client, Script(f"stuck{number}"))
    async with asyncio.timeout(30):
        await scheduler.has_given_up.wait()
    assert [client.told for client in clients[:3]] == [[f"stuck{n} timeout"] for n in range(3)]
    assert stuck.begun == ["stuck0", "stuck1", "stuck2"]
    stuck.may_end.set()
    scheduler.stop()


async def test_a_client_that_left_takes_no_slot_with_it() -> None:
    """A stuck engine is noticed although nobody waits for its result any more."""
    stuck, gone, other = _Stuck(), _Client(), _Client()
    scheduler = _impatient(stuck)
    scheduler.submit(gone, Script("stuck"))
    scheduler.cancel(gone)
    scheduler.submit(other, Script("next"))
    await other.wait_for("next done")
    assert gone.told == []
    stuck.may_end.set()
    scheduler.stop()
