"""What is lost behind HAProxy when a worker is restarted, killed, or hangs.

    python -m benchmarks.resilience.scale_out [--quick]

Real workers with the starter models, a real HAProxy with deploy/haproxy.cfg.
"""

import argparse
import asyncio
import signal
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.resilience.rows import Row, printed
from benchmarks.resilience.scale_out_balancer import Balancer, in_containers
from benchmarks.resilience.scale_out_clients import Crowd, Outcome
from benchmarks.resilience.scale_out_workers import Worker, ours, workers
from benchmarks.tables import machine, show

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PEER = (sys.executable, "-m", "benchmarks.resilience.scale_out_peer")
WITHOUT_HTTP = {
    "option httpchk GET /ready": "option tcp-check",
    "http-check disable-on-404": "tcp-check connect",
    "http-check expect status 200": (
        'tcp-check send "{\\"type\\":\\"describe\\"}\\n"\n    tcp-check expect string "info"'
    ),
    "check port 10400 ": "check ",
    " on-marked-down shutdown-sessions": "",
}
"""What to change in deploy/haproxy.cfg for servers that have no HTTP port."""
DETECTION_BAR_S = 5.0
_WORKERS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """Workers of one kind behind a balancer."""

    kind: str
    workers: Sequence[Worker]
    balancer: Balancer

    def crowd(self, clients: int, *, repeats: bool = False) -> Crowd:
        """Return people who speak to it."""
        return Crowd(self.kind, self.balancer.uri(self.kind), clients, repeats=repeats)

    async def wait_for(self, count: int) -> float:
        """Wait until the balancer sends work to so many workers; how long it took."""
        return await asyncio.to_thread(self.balancer.wait_for, self.kind, count)


@dataclass(frozen=True, slots=True, kw_only=True)
class Crash:
    """What became of everybody when one worker failed."""

    outcome: Outcome
    in_flight: int
    """Connections to the worker at that moment."""
    detected_s: float
    """Until the balancer sent it nobody any more."""


async def rolling_restart(pool: Pool, clients: int) -> Outcome:
    """Stop and start one worker after the other while people speak."""
    crowd = pool.crowd(clients)
    async with crowd.speaking() as outcome:
        await crowd.turns(clients)
        for worker in pool.workers:
            worker.send(signal.SIGTERM)
            status = await asyncio.to_thread(worker.wait)
            if worker.http_port is not None and status != 0:
                raise RuntimeError(f"A worker ended with {status}")
            await _bring_back(pool, worker)
    return outcome


async def kill_one(pool: Pool, clients: int, *, repeats: bool = False) -> Crash:
    """Kill one worker while people speak, and bring it back."""
    crowd = pool.crowd(clients, repeats=repeats)
    victim = pool.workers[0]
    async with crowd.speaking() as outcome:
        await crowd.turns(clients)
        await _until_used(victim)
        victim.send(signal.SIGSTOP)
        with pool.balancer.held():  # nobody comes or goes while its clients are counted
            in_flight = victim.connections
            victim.send(signal.SIGKILL)
            victim.wait()  # its port is open until it is gone
        detected_s = await pool.wait_for(len(pool.workers) - 1)
        await _bring_back(pool, victim)
    return Crash(outcome=outcome, in_flight=in_flight, detected_s=detected_s)


async def hang_one(pool: Pool, clients: int) -> Crash:
    """Let one worker hang while people speak who repeat themselves, and go on at the end."""
    crowd = pool.crowd(clients, repeats=True)
    victim = pool.workers[0]
    async with crowd.speaking() as outcome:
        await crowd.turns(clients)
        await _until_used(victim)
        victim.send(signal.SIGSTOP)
        in_flight = victim.connections
        detected_s = await pool.wait_for(len(pool.workers) - 1)
        await crowd.turns(clients)
        victim.send(signal.SIGCONT)
        await pool.wait_for(len(pool.workers))
    return Crash(outcome=outcome, in_flight=in_flight, detected_s=detected_s)


async def _until_used(worker: Worker, connections: int = 2) -> None:
    while worker.connections < connections:  # noqa: ASYNC110 - the kernel has no event for it
        await asyncio.sleep(0.01)


async def _bring_back(pool: Pool, worker: Worker) -> None:
    worker.start()
    await asyncio.to_thread(worker.wait_until_ready)
    await pool.wait_for(len(pool.workers))


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One server, through everything."""

    restart: Outcome
    killed: Crash
    killed_repeating: Crash
    hung: Crash


def measure(
    command: Sequence[str], clients: int, changes: Mapping[str, str] | None = None
) -> Measured:
    """Run a recogniser through everything; `changes` is for one that has no HTTP port."""
    with (
        workers(command, _WORKERS, has_http=changes is None) as started,
        in_containers({"stt": started}, changes) as balancer,
    ):
        pool = Pool(kind="stt", workers=started, balancer=balancer)
        return Measured(
            restart=asyncio.run(rolling_restart(pool, clients)),
            killed=asyncio.run(kill_one(pool, clients)),
            killed_repeating=asyncio.run(kill_one(pool, clients, repeats=True)),
            hung=asyncio.run(hang_one(pool, clients)),
        )


def suite(clients: int) -> list[Row]:
    """Return the rows, ours and those of wyoming's own server class in the same run."""
    us, peer = measure(ours("stt"), clients), measure(PEER, clients, WITHOUT_HTTP)
    return [
        Row(
            id="F2",
            what=f"rolling restart of {_WORKERS} workers, {clients} clients",
            ours=_lost(us.restart),
            peer=_lost(peer.restart),
            bar="0 lost",
            holds=us.restart.lost == 0,
        ),
        Row(
            id="F3",
            what=f"kill -9 of one of {_WORKERS} workers",
            ours=_lost_of(us.killed),
            peer=_lost_of(peer.killed),
            bar="lost <= in flight on it",
            holds=us.killed.outcome.lost <= us.killed.in_flight,
        ),
        Row(
            id="F3",
            what="the same, with clients that send the whole utterance again",
            ours=_lost_of(us.killed_repeating),
            peer=_lost_of(peer.killed_repeating),
            bar="0 lost",
            holds=us.killed_repeating.outcome.lost == 0,
        ),
        Row(
            id="F4",
            what=f"one of {_WORKERS} workers hangs, clients send again",
            ours=_hung(us.hung),
            peer=_hung(peer.hung),
            bar=f"no new ones after {DETECTION_BAR_S:g} s, 0 lost",
            holds=us.hung.detected_s <= DETECTION_BAR_S and us.hung.outcome.lost == 0,
        ),
    ]


def _lost(outcome: Outcome) -> str:
    return f"{outcome.lost} lost of {outcome.turns}, worst turn {outcome.worst_s:.1f} s"


def _lost_of(crash: Crash) -> str:
    return f"{_lost(crash.outcome)}, {crash.in_flight} in flight"


def _hung(crash: Crash) -> str:
    return f"{_lost(crash.outcome)}, no new ones after {crash.detected_s:.1f} s"


def main() -> int:
    """Print the table; 1 when a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer clients")
    rows = suite(clients=8 if parser.parse_args().quick else 24)
    show(machine())
    for line in printed(rows, "wyoming's server class"):
        show(line)
    return 0 if all(row.holds for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
