"""The folder that the demo lives in: Home Assistant's configuration, logs, answers, one lock."""

import contextlib
import fcntl
import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from demo.errors import AlreadyRunningError, DemoError

if TYPE_CHECKING:
    from collections.abc import Iterator

CHECKOUT = Path(__file__).resolve().parent.parent
HOUSE = Path(__file__).resolve().parent / "house"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """TCP ports on loopback."""

    home_assistant: int
    stt: int
    tts: int

    @property
    def url(self) -> str:
        """Where a browser finds Home Assistant."""
        return f"http://127.0.0.1:{self.home_assistant}"


class Installation:
    """Everything that the demo keeps on disk, under one folder that may be deleted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.config = self.folder / "home-assistant"
        self.logs = self.folder / "logs"
        self.answer = self.folder / "answer.wav"
        self._lock = self.folder / "running.json"
        self._done = self.folder / "done.json"

    @contextlib.contextmanager
    def claim(self, ports: Ports) -> Iterator[None]:
        """Hold the folder for this launcher; raise AlreadyRunningError when another holds it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._lock.open("a+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as err:
                other = self.running()
                where = f" at {other.url}" if other else ""
                raise AlreadyRunningError(
                    f"the demo already runs{where} (folder {self.folder}). "
                    "Stop it with Ctrl-C in its terminal, or choose another folder with --home"
                ) from err
            lock.truncate(0)
            lock.write(json.dumps(asdict(ports)))
            lock.flush()
            try:
                yield
            finally:
                lock.truncate(0)

    def running(self) -> Ports | None:
        """Return the ports of the launcher that holds this folder, if one does."""
        if not self._lock.exists():
            return None
        with self._lock.open("r+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                text = lock.read()
                return Ports(**json.loads(text)) if text else None
        return None

    def clear(self) -> None:
        """Forget the house: the next start builds it from nothing."""
        shutil.rmtree(self.config, ignore_errors=True)
        self._done.unlink(missing_ok=True)

    def prepare(self, port: int) -> None:
        """Write what Home Assistant reads at its start."""
        component = CHECKOUT / "custom_components" / "jonh"
        if not component.is_dir():
            raise DemoError(f"{component} is missing: start scripts/run from a complete checkout")
        shutil.copytree(HOUSE, self.config, dirs_exist_ok=True)
        link = self.config / "custom_components" / "jonh"
        link.parent.mkdir(exist_ok=True)
        if link.is_symlink():
            link.unlink()
        link.symlink_to(component, target_is_directory=True)
        # A stored setting is used as it is; `http:` in YAML would only start a five-minute trial.
        self._store("http", 3, _http_settings(port))
        if not (self.config / ".storage" / "onboarding").exists():
            # The other steps would set up integrations that need the internet.
            self._store("onboarding", 4, {"done": ["core_config", "analytics", "integration"]})

    def is_done(self, part: str, digest: str) -> bool:
        """Tell whether a part of the setup was finished in exactly this form."""
        return self._finished().get(part) == digest

    def mark_done(self, part: str, digest: str) -> None:
        """Remember that a part of the setup is finished."""
        self._done.write_text(json.dumps({**self._finished(), part: digest}))

    def _finished(self) -> dict[str, str]:
        try:
            finished: dict[str, str] = json.loads(self._done.read_text())
        except FileNotFoundError, ValueError:
            return {}
        return finished

    def _store(self, key: str, version: int, data: dict[str, Any]) -> None:
        storage = self.config / ".storage"
        storage.mkdir(exist_ok=True)
        content = {"version": version, "minor_version": 1, "key": key, "data": data}
        part = storage / f"{key}.part"
        part.write_text(json.dumps(content))
        part.replace(storage / key)


def _http_settings(port: int) -> dict[str, Any]:
    settings = {
        "server_host": ["127.0.0.1"],
        "server_port": port,
        "cors_allowed_origins": [],
        "login_attempts_threshold": -1,
        "ip_ban_enabled": True,
        "ssl_profile": "intermediate_v6",
        "use_x_frame_options": True,
        "created_at": "2026-01-01T00:00:00+00:00",
        "error": None,
        "error_message": None,
    }
    return {"stable": settings, "pending": None, "yaml_migration_done": True}
