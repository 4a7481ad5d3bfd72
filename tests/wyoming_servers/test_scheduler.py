"""Slots and queue, without connections."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.wyoming_servers.scripted import Script, ScriptedWorker
from wyoming_servers.protocol import ErrorCode, RequestError
from wyoming_servers.scheduler import Scheduler, one_by_one


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
