"""The folder of the demo: what is written, who holds it, what is remembered."""

import json
from typing import TYPE_CHECKING

import pytest

from demo.errors import AlreadyRunningError
from demo.installation import CHECKOUT, HOUSE, Installation, Ports

if TYPE_CHECKING:
    from pathlib import Path

PORTS = Ports(home_assistant=18123, stt=10301, tts=10201)


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    """Make an empty folder."""
    installation = Installation(tmp_path / "jonh")
    installation.folder.mkdir()
    return installation


def stored(installation: Installation, key: str) -> dict[str, object]:
    """Read one of Home Assistant's storage files."""
    content: dict[str, object] = json.loads((installation.config / ".storage" / key).read_text())
    assert content["key"] == key
    return content


def test_a_prepared_house_holds_the_configuration_and_this_checkouts_jonh(
    installation: Installation,
) -> None:
    """Home Assistant runs the integration as it stands here."""
    installation.prepare(PORTS.home_assistant)

    for path in HOUSE.rglob("*.yaml"):
        assert (installation.config / path.relative_to(HOUSE)).read_text() == path.read_text()
    link = installation.config / "custom_components" / "jonh"
    assert link.resolve() == CHECKOUT / "custom_components" / "jonh"


def test_home_assistant_listens_on_loopback_without_a_trial(installation: Installation) -> None:
    """A pending setting would be reverted to all interfaces after five minutes."""
    installation.prepare(PORTS.home_assistant)

    data = stored(installation, "http")["data"]
    assert isinstance(data, dict)
    assert data["stable"]["server_host"] == ["127.0.0.1"]
    assert data["stable"]["server_port"] == PORTS.home_assistant
    assert data["pending"] is None
    assert data["yaml_migration_done"] is True


def test_another_port_at_the_next_start_replaces_the_stored_one(installation: Installation) -> None:
    """The flag counts, not what an earlier start has stored."""
    installation.prepare(1)
    installation.prepare(2)

    data = stored(installation, "http")["data"]
    assert isinstance(data, dict)
    assert data["stable"]["server_port"] == 2


def test_a_finished_onboarding_is_left_alone(installation: Installation) -> None:
    """Only a new house skips the steps that need the internet."""
    installation.prepare(1)
    path = installation.config / ".storage" / "onboarding"
    path.write_text("what Home Assistant wrote")
    installation.prepare(1)

    assert path.read_text() == "what Home Assistant wrote"


def test_a_second_launcher_is_refused_and_told_where_the_first_is(
    installation: Installation,
) -> None:
    """Two Home Assistants in one folder would destroy it."""
    with (
        installation.claim(PORTS),
        pytest.raises(AlreadyRunningError, match=r"already runs at http://127\.0\.0\.1:18123"),
        Installation(installation.folder).claim(PORTS),
    ):
        pass


def test_running_tells_the_ports_only_while_a_launcher_holds_the_folder(
    installation: Installation,
) -> None:
    """A launcher that crashed leaves its file behind, but not its lock."""
    assert installation.running() is None
    with installation.claim(PORTS):
        assert installation.running() == PORTS
    assert installation.running() is None


def test_a_folder_can_be_claimed_again(installation: Installation) -> None:
    """The lock ends with its launcher."""
    with installation.claim(PORTS):
        pass
    other = Ports(home_assistant=1, stt=2, tts=3)
    with installation.claim(other):
        assert installation.running() == other


def test_what_is_done_is_remembered_until_it_changes_or_the_house_is_cleared(
    installation: Installation,
) -> None:
    """Each part counts for itself."""
    installation.prepare(1)
    installation.mark_done("house", "a")
    installation.mark_done("assistant", "b")

    assert installation.is_done("house", "a")
    assert not installation.is_done("house", "changed")
    assert installation.is_done("assistant", "b")

    installation.clear()
    assert not installation.is_done("house", "a")
    assert not installation.config.exists()


def test_an_unreadable_memory_counts_as_none(installation: Installation) -> None:
    """A launcher that lost its power in the middle of writing does the work again."""
    (installation.folder / "done.json").write_text("{")

    assert not installation.is_done("house", "a")
