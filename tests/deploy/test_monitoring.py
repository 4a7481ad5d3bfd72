"""Prometheus and Grafana get what the files in deploy/ ask for."""

import json
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.resilience.scale_out_balancer import DEPLOY
from tests.deploy.prometheus import SHIPPED
from tests.fakes.wyoming_client import connect

if TYPE_CHECKING:
    from tests.deploy.conftest import Site

DASHBOARD = DEPLOY / "grafana" / "jonh.json"
HERE = Path(__file__).parent


def promtool(*arguments: str | Path) -> None:
    """Run it; its output is the message of a failure."""
    run = subprocess.run(["promtool", *arguments], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def panels() -> list[dict[str, Any]]:
    """Return the panels of the dashboard that show something."""
    content = json.loads(DASHBOARD.read_text("utf-8"))
    return [panel for panel in content["panels"] if panel["type"] != "row"]


def test_files_are_what_prometheus_reads() -> None:
    """Its own tool accepts the settings and the rules."""
    promtool("check", "config", SHIPPED / "prometheus.yml")
    promtool("check", "rules", SHIPPED / "alerts.yml")


def test_alerts_fire_and_stay_silent_as_they_should() -> None:
    """Hours of figures, played through Prometheus's own test of rules, with the real times."""
    promtool("test", "rules", HERE / "alerts.yml")


def test_every_alert_is_played() -> None:
    """A rule that the file does not name is found."""
    rules, played = (
        path.read_text("utf-8") for path in (SHIPPED / "alerts.yml", HERE / "alerts.yml")
    )
    names = [line.split()[-1] for line in rules.splitlines() if "- alert:" in line]
    assert names
    assert [name for name in names if f"alertname: {name}" not in played] == []


async def test_every_panel_shows_something(site: Site) -> None:
    """Each expression of the dashboard gives figures of the workers that run here."""
    async with connect(site.balancer.uri("stt")) as client:
        await client.send_raw(b"no event\n")
        assert (await client.receive_until("error"))[-1].type == "error"
    for pool in (site.stt, site.tts):
        crowd = pool.crowd(8)
        async with crowd.speaking():
            await crowd.turns(16)
    expressions = [target["expr"] for panel in panels() for target in panel["targets"]]
    assert expressions
    for expression in expressions:
        series = site.prometheus.wait_for(expression.replace("$__rate_interval", "1m"))
        assert all(one["value"][1] != "NaN" for one in series), expression


def test_panels_stand_beside_each_other() -> None:
    """None covers another one, and each says what it shows."""
    taken: set[tuple[int, int]] = set()
    for panel in panels():
        at = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert not cells & taken, panel["title"]
        taken |= cells
        assert panel["description"]


def test_killed_worker_is_told(site: Site) -> None:
    """Prometheus and HAProxy both notice, and the alert ends when the worker is back."""
    alerts = ("JonhWorkerDown", "JonhWorkerNotReady")
    site.prometheus.wait_until_silent(*alerts)
    victim = site.tts.workers[0]
    victim.send(signal.SIGKILL)
    victim.wait()
    firing = site.prometheus.wait_until_firing(*alerts)
    assert ("JonhWorkerDown", f"{victim.host}:{victim.http_port}") in firing
    victim.start()
    victim.wait_until_ready()
    site.prometheus.wait_until_silent(*alerts)
