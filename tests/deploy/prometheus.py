"""A real Prometheus with the files of deploy/, in which targets and waiting times are replaced."""

import json
import subprocess
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import yaml

from benchmarks.resilience.scale_out_balancer import DEPLOY
from benchmarks.resilience.scale_out_workers import fetch, free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

SHIPPED = DEPLOY / "prometheus"
_WAIT_S = 30.0


class Prometheus:
    """A running one."""

    def __init__(self, port: int) -> None:
        self._port = port

    def query(self, expression: str) -> list[dict[str, Any]]:
        """Return what an expression gives now; an error of its own fails the test."""
        answer = self._ask("/api/v1/query?" + urlencode({"query": expression}))
        assert answer["status"] == "success", f"{expression}: {answer}"
        result: list[dict[str, Any]] = answer["data"]["result"]
        return result

    def wait_for(self, expression: str, count: int = 1) -> list[dict[str, Any]]:
        """Wait until an expression gives so many series."""
        deadline_s = time.monotonic() + _WAIT_S
        while len(found := self.query(expression)) < count:
            assert time.monotonic() < deadline_s, f"{expression} gave {found}"
            time.sleep(0.1)
        return found

    @property
    def firing(self) -> set[tuple[str, str]]:
        """Name and instance, or server, of the alerts that fire."""
        return {
            (labels["alertname"], labels.get("instance") or labels.get("server", ""))
            for alert in self._ask("/api/v1/alerts")["data"]["alerts"]
            if alert["state"] == "firing"
            for labels in [alert["labels"]]
        }

    def wait_until_firing(self, *names: str) -> set[tuple[str, str]]:
        """Wait until alerts of all these names fire."""
        return self._wait_for_alerts(lambda firing: set(names) <= firing)

    def wait_until_silent(self, *names: str) -> None:
        """Wait until no alert of these names fires."""
        self._wait_for_alerts(lambda firing: not firing & set(names))

    def _wait_for_alerts(self, is_so: Callable[[set[str]], bool]) -> set[tuple[str, str]]:
        deadline_s = time.monotonic() + _WAIT_S
        while True:
            firing = self.firing
            if is_so({name for name, _ in firing}):
                return firing
            assert time.monotonic() < deadline_s, firing
            time.sleep(0.1)

    def _ask(self, path: str) -> dict[str, Any]:
        _, text = fetch("127.0.0.1", self._port, path)
        answer: dict[str, Any] = json.loads(text)
        return answer


@contextmanager
def prometheus(folder: Path, targets: Mapping[str, Sequence[str]]) -> Iterator[Prometheus]:
    """Run Prometheus on these targets, by the names of the jobs, while the context is open."""
    config = yaml.safe_load((SHIPPED / "prometheus.yml").read_text("utf-8"))
    config["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    assert {job["job_name"] for job in config["scrape_configs"]} == set(targets)
    for job in config["scrape_configs"]:
        del job["dns_sd_configs"]
        job["static_configs"] = [{"targets": list(targets[job["job_name"]])}]
    rules = yaml.safe_load((SHIPPED / "alerts.yml").read_text("utf-8"))
    for rule in rules["groups"][0]["rules"]:
        rule["for"] = "0s"
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
    (folder / "alerts.yml").write_text(yaml.safe_dump(rules))
    port = free_port()
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                "prometheus",
                f"--config.file={folder / 'prometheus.yml'}",
                f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address=127.0.0.1:{port}",
            ],
            stdout=log,
            stderr=log,
        )
    try:
        _wait_until_up(process, port, folder / "log")
        yield Prometheus(port)
    finally:
        process.terminate()
        process.wait(10)


def _wait_until_up(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline_s = time.monotonic() + _WAIT_S
    while True:
        with suppress(OSError):
            if fetch("127.0.0.1", port, "/-/ready")[0] == 200:
                return
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline_s, log.read_text()
        time.sleep(0.05)
