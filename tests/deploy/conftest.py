"""Two pools of real workers behind a real HAProxy, watched by a real Prometheus."""

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from benchmarks.resilience.scale_out import Pool
from benchmarks.resilience.scale_out_balancer import Balancer, in_containers
from benchmarks.resilience.scale_out_workers import ours, workers
from tests.deploy.prometheus import Prometheus, prometheus

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Site:
    """Everything that runs."""

    stt: Pool
    tts: Pool
    balancer: Balancer
    prometheus: Prometheus


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Run all of it once: workers are restarted and killed, and are back at the end of a test."""
    folder: Path = tmp_path_factory.mktemp("prometheus")
    with ExitStack() as stack:
        pools = {
            kind: stack.enter_context(workers(ours(kind), count))
            for kind, count in (("stt", 3), ("tts", 2))
        }
        balancer = stack.enter_context(in_containers(pools))
        targets = {
            f"jonh-{kind}": [f"{worker.host}:{worker.http_port}" for worker in pool]
            for kind, pool in pools.items()
        }
        targets["haproxy"] = [f"127.0.0.1:{balancer.ports['metrics']}"]
        yield Site(
            *(Pool(kind=kind, workers=pool, balancer=balancer) for kind, pool in pools.items()),
            balancer,
            stack.enter_context(prometheus(folder, targets)),
        )
