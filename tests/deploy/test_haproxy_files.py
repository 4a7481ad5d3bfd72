"""HAProxy itself takes the shipped files as they are."""

import os
import subprocess

import pytest

from benchmarks.resilience.scale_out_balancer import DEPLOY

CONTAINERS = {"JONH_STT_ADDRESS": "stt:10300", "JONH_TTS_ADDRESS": "tts:10200"}
MODEL = {"OLLAMA_MODEL": "qwen3:4b-instruct"}


def check(file: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Have HAProxy check a file."""
    path = f"{os.environ['PATH']}:/usr/sbin"
    return subprocess.run(
        ["haproxy", "-c", "-f", DEPLOY / file],
        env={**os.environ, "PATH": path, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("file", "environment"),
    [("haproxy.cfg", {}), ("haproxy.cfg", CONTAINERS), ("haproxy-ollama.cfg", MODEL)],
    ids=["machines", "containers", "ollama"],
)
def test_file_is_valid(file: str, environment: dict[str, str]) -> None:
    """No error and no warning."""
    run = check(file, environment)
    assert run.returncode == 0, run.stderr
    assert "WARNING" not in run.stderr


def test_forgotten_model_is_told() -> None:
    """Without it every server would pass as one that has it."""
    run = check("haproxy-ollama.cfg", {})
    assert run.returncode != 0
    assert "Set OLLAMA_MODEL" in run.stderr
