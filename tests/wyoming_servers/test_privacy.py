"""Nothing of a server's own making leaves the machine or stays in the user's home."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("engine", ["stt", "tts"])
def test_loading_an_engine_leaves_no_trace_in_the_home(tmp_path: Path, engine: str) -> None:
    """Onnxruntime would write a device id and a queue of reports there."""
    environment = {name: value for name, value in os.environ.items() if "ORT_" not in name}
    environment |= {"HOME": str(tmp_path), "XDG_CACHE_HOME": "", "PYTHONDONTWRITEBYTECODE": "1"}
    code = f"import wyoming_servers.{engine}.engine, onnxruntime"

    subprocess.run([sys.executable, "-c", code], env=environment, check=True, timeout=120)

    assert list(tmp_path.rglob("*")) == []
