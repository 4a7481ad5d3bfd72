"""An update keeps the model and the options; a backup carries neither model nor voice."""

import asyncio
import tarfile
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.fakes.hub import FakeHub
from tests.fakes.speech import STARTER_DIR, spoken
from tests.fakes.wyoming_client import connect
from tests.images.containers import (
    GATEWAY,
    PATIENCE_S,
    ROOT,
    Container,
    start_add_on,
    start_supervisor,
    wait_for,
)
from wyoming_servers.stt.protocol import NAMES_EVENT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.timeout(600)
MAX_BACKUP_BYTES = 1_000_000
OPTIONS = {"model": "tiny", "language": "pt-BR", "endpoint": "auto", "names": False}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Make the directory of an add-on, which all may enter as the Supervisor's."""
    folder = tmp_path / "data"
    for each in (folder, *folder.parents[:3]):
        each.mkdir(exist_ok=True)
        each.chmod(0o755)
    return folder


@pytest.fixture
def hub(network: str, data: Path) -> Iterator[FakeHub]:
    """Run a hub that has the small starter model under the name of tiny."""
    # The bridge has its address once a container is on it.
    supervisor = start_supervisor(network)
    files = {path.name: path.read_bytes() for path in (STARTER_DIR / "whisper").iterdir()}
    with FakeHub({"Systran/faster-whisper-tiny": files}, host=GATEWAY) as running:
        yield running
    supervisor.remove()


def _start(data: Path, network: str, hub_url: str) -> Container:
    container = start_add_on(
        "stt", data, OPTIONS, "--env", f"JONH_STT_HUB_URL={hub_url}", network=network
    )
    container.wait_until_logged(" ready on ")
    return container


def _backup(data: Path, target: Path) -> int:
    """Write what the Supervisor would, by its rule for `backup_exclude`; the bytes it takes."""
    config = yaml.safe_load((ROOT / "addons/jonh_stt/config.yaml").read_text("utf-8"))

    def kept(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
        path = PurePath(data) / PurePath(member.name).relative_to("data")
        excluded = any(path.match(pattern) for pattern in config["backup_exclude"])
        return None if excluded else member

    with tarfile.open(target, "w:gz") as archive:
        archive.add(data, "data", filter=kept)
    return target.stat().st_size


async def _names_and_words(container: Container) -> str:
    """Bring names, as the integration does, and have a sentence recognised."""
    from wyoming.event import Event

    async with connect(f"tcp://{container.address}:10300") as client:
        await client.send(Event(NAMES_EVENT, {"names": ["Pipoca"]}))
        event: Any = await client.transcribe(spoken("acenda a luz da sala").tobytes())
    return str(event.data["text"]).casefold()


async def test_an_update_fetches_nothing_and_a_backup_is_small(
    data: Path, network: str, hub: FakeHub, tmp_path: Path, report: Callable[[str], None]
) -> None:
    """First start: one fetch. Next container on the same data: none, and the hub may be gone."""
    first = _start(data, network, hub.url)
    model = data / "models" / "tiny" / "model.bin"
    async with asyncio.timeout(PATIENCE_S):
        # Until the model is there, a request is told so.
        while not (await _names_and_words(first)).startswith("acenda a luz"):  # noqa: ASYNC110
            await asyncio.sleep(0.5)
    asked = len(hub.requests)
    assert asked > 0
    assert first.stop() == 0
    first.remove()
    written = model.stat().st_mtime_ns

    second = _start(data, network, hub.url)
    try:
        assert (await _names_and_words(second)).startswith("acenda a luz")
        assert len(hub.requests) == asked
        assert model.stat().st_mtime_ns == written
        assert (data / "options.json").stat().st_mode & 0o777 == 0o600
        assert "Pipoca" in (data / "state" / "names.json").read_text("utf-8")
    finally:
        second.remove()

    archive = tmp_path / "backup.tar.gz"
    size = _backup(data, archive)
    models = sum(path.stat().st_size for path in (data / "models").rglob("*") if path.is_file())
    assert size <= MAX_BACKUP_BYTES < models
    with tarfile.open(archive) as backup:
        names = set(backup.getnames())
    assert {"data/options.json", "data/state/names.json"} <= names
    assert not [name for name in names if name.startswith("data/models/")]
    report(f"update: {asked} requests to the hub before, 0 after;"
           f" backup {size} bytes beside {models} bytes of models")  # fmt: skip


async def test_a_restored_backup_fetches_its_model_again(
    data: Path, network: str, hub: FakeHub
) -> None:
    """Without models, and with directories that became root's: the entry point gives them back."""
    (data / "state").mkdir(parents=True)
    (data / "models").mkdir()
    (data / "state" / "names.json").write_text('["Pipoca"]', "utf-8")
    container = _start(data, network, hub.url)
    try:
        wait_for("model", (data / "models" / "tiny" / "model.bin").is_file)
        for path in (data / "models", data / "state", data / "state" / "names.json"):
            assert path.stat().st_uid == 1000
        assert data.stat().st_uid == 0
    finally:
        container.remove()
