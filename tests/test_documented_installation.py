"""The lines of the installation page install servers that run; with `--long` only.

They are typed as they stand there, into a shell of their own with a home of its own. Only the
address of the repository is another: a copy of this checkout.
"""

import os
import re
import shutil
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "installation.md").read_text("utf-8")
SECTION = PAGE.split("### Python, on any Linux")[1].split("#### As a service")[0]
FENCES = re.findall(r"^```sh\n(.*?)^```", SECTION, re.MULTILINE | re.DOTALL)
REPOSITORY = re.compile(r"git\+https://github\.com/jonh-assistant/jonh@v[\d.]+")

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return the environment of a reader: an empty home, uv and a Python that is new enough."""
    home = tmp_path_factory.mktemp("home")
    source = home / "source"
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "wyoming_servers", source / "wyoming_servers", ignore=ignore)
    for name in ("LICENSE", "README.md", "pyproject.toml"):
        shutil.copy(ROOT / name, source / name)
    cache = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "jonh"
    uv = shutil.which("uv") or str(cache / "uv" / "bin" / "uv")
    # Certificates and proxies of this machine are the reader's too.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return kept | {
        "HOME": str(home),
        "PATH": f"{home}/.local/bin:{ROOT}/.venv/bin:{Path(uv).parent}:/usr/bin:/bin",
        "UV_PYTHON": str(ROOT / ".venv" / "bin" / "python"),
    }


def python_with_venv() -> str | None:
    """Return a folder with a `python3` that is new enough and brings pip, if there is one."""
    folders = [*os.get_exec_path(), *map(str, Path.home().glob(".pyenv/versions/*/bin"))]
    program = "import ensurepip, sys; sys.exit(sys.version_info < (3, 13))"
    for folder in folders:
        python = Path(folder, "python3")
        if (
            python.exists()
            and not subprocess.run(
                [python, "-c", program], capture_output=True, check=False
            ).returncode
        ):
            return folder
    return None


def type_in(line: str, shell: dict[str, str]) -> None:
    """Run what is copied from the page."""
    source = Path(shell["HOME"], "source").as_uri()
    subprocess.run(["bash", "-euc", REPOSITORY.sub(source, line)], env=shell, check=True)


def commands_after(program: str) -> Iterator[str]:
    """Yield the lines of the page that start a server."""
    for fence in FENCES:
        yield from (line for line in fence.splitlines() if line.startswith(program))


@pytest.fixture(scope="module", params=["uv", "pip"])
def installed(request: pytest.FixtureRequest, shell: dict[str, str]) -> Path:
    """Install with uv, then with pip, as the page says, and return where the programs are."""
    is_uv = request.param == "uv"
    if not is_uv:
        folder = python_with_venv()
        if folder is None:
            pytest.skip("no Python of 3.13 or newer here makes virtual environments")
        shell = shell | {"PATH": f"{folder}:{shell['PATH']}"}
    lines = next(fence for fence in FENCES if fence.startswith("uv tool") == is_uv)
    type_in(lines, shell)
    return Path(shell["HOME"]) / (".local/bin" if is_uv else "jonh/bin")


@pytest.mark.parametrize("program", ["jonh-stt", "jonh-tts"])
def test_it_runs(installed: Path, program: str, shell: dict[str, str]) -> None:
    """Each line that starts a server starts one, without a hub too, and it ends when it is told."""
    lines = list(commands_after(program))
    assert len(lines) == 2
    for line in lines:
        # Any free port, and no model of half a gigabyte.
        words = [word for word in line.split() if word != "--zeroconf"][1:]
        command = [
            str(installed / program),
            *words,
            "--uri",
            "tcp://127.0.0.1:0",
            "--hub-url",
            "off",
        ]
        server = subprocess.Popen(command, env=shell, stderr=subprocess.PIPE, text=True)
        assert server.stderr
        try:
            said = ""
            while "ready on" not in said:
                said = server.stderr.readline()
                assert said, line
        finally:
            server.send_signal(signal.SIGTERM)
            server.communicate(timeout=60)
        assert server.returncode == 0


def test_it_is_removed(installed: Path, shell: dict[str, str]) -> None:
    """The page's line for uv takes the programs away."""
    if installed.parent.name == ".local":
        type_in(re.findall(r"`(uv tool uninstall [^`]+)`", PAGE)[0], shell)
        assert not (installed / "jonh-stt").exists()
