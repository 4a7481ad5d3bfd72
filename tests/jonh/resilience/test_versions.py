"""What an earlier version wrote is read, what a later one wrote is left alone."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.config_entries import ConfigEntryState, ConfigSubentryDataWithId
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.jonh.const import DOMAIN
from custom_components.jonh.store import ARCHIVE, STORAGE_KEY, SessionArchive
from tests.jonh.conftest import ask, speech
from tests.jonh.resilience.logs import defects
from tests.jonh.turns import chats, said

if TYPE_CHECKING:
    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant

    from tests.fakes.groq import FakeGroq
    from tests.fakes.ollama import FakeOllama

RELEASES = Path(__file__).parents[1] / "releases"
"""Folders by version, with what that version writes into `.storage`."""
VERSIONS = sorted(folder.name for folder in RELEASES.iterdir())


def written(version: str, name: str) -> dict[str, Any]:
    """Return a file as a version wrote it."""
    data: dict[str, Any] = json.loads((RELEASES / version / f"{name}.json").read_text("utf-8"))
    return data


def entry_of(version: str, **urls: str) -> MockConfigEntry:
    """Return the entry that a version wrote, its services being those of the test."""
    stored = written(version, "entry")
    data = {key: dict(config) for key, config in stored["data"].items()}
    data["ollama"]["url"] = urls["ollama"]
    data["groq"]["base_url"] = urls["groq"]
    return MockConfigEntry(
        domain=DOMAIN,
        title=stored["title"],
        data=data,
        version=stored["version"],
        minor_version=stored["minor_version"],
        subentries_data=[ConfigSubentryDataWithId(**each) for each in stored["subentries"]],
    )


@pytest.mark.parametrize("version", VERSIONS)
async def test_what_was_written_is_read(
    home: HomeAssistant,
    ollama: FakeOllama,
    groq: FakeGroq,
    hass_storage: dict[str, Any],
    freezer: FrozenDateTimeFactory,
    version: str,
) -> None:
    """The agents are there with their settings, and go on with their conversations."""
    groq.api_key = "gsk_of_that_time"
    stored = written(version, "sessions")
    hass_storage[STORAGE_KEY] = stored
    (records,) = stored["data"]["agents"].values()
    last_s = max(turn["started_s"] for turn in records[0]["turns"])
    freezer.move_to(dt_util.utc_from_timestamp(last_s + 60))
    entry = entry_of(version, ollama=ollama.url, groq=groq.url)
    entry.add_to_hass(home)
    assert await home.config_entries.async_setup(entry.entry_id)
    await home.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    agents = [s for s in entry.subentries.values() if s.subentry_type == "conversation"]
    assert len(agents) == 1
    assert agents[0].data["prompt"] == "Fale pouco."
    assert len([s for s in entry.subentries.values() if s.subentry_type == "ai_task_data"]) == 1
    for coordinator in entry.runtime_data.coordinators.values():
        assert coordinator.last_update_success
    ollama.script({"content": "Ana."})
    result = await ask(home, "como me chamo mesmo", user_id=records[0]["users"][0])
    assert speech(result) == "Ana."
    assert "meu nome é Ana" in said(chats(ollama)[-1])
    # A number that nobody asked for is only noticed where there is a PIN.
    assert speech(await ask(home, "4821")) == "Não há nada para confirmar agora."


async def test_a_later_entry_is_refused_and_kept(
    home: HomeAssistant, ollama: FakeOllama, groq: FakeGroq, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever goes back a version is told, and finds everything again after going forth."""
    entry = entry_of(VERSIONS[-1], ollama=ollama.url, groq=groq.url)
    later = MockConfigEntry(
        domain=DOMAIN,
        title=entry.title,
        data=dict(entry.data) | {"of_tomorrow": {"url": "x"}},
        version=2,
        subentries_data=[
            ConfigSubentryDataWithId(
                data=dict(each.data),
                subentry_id=each.subentry_id,
                subentry_type=each.subentry_type,
                title=each.title,
                unique_id=None,
            )
            for each in entry.subentries.values()
        ],
    )
    later.add_to_hass(home)
    assert not await home.config_entries.async_setup(later.entry_id)
    assert later.state is ConfigEntryState.MIGRATION_ERROR
    assert later.version == 2
    assert "of_tomorrow" in later.data
    assert len(later.subentries) == len(entry.subentries)
    assert defects(caplog) == []
    assert ARCHIVE not in home.data


async def test_later_sessions_are_put_aside(
    home: HomeAssistant, ollama: FakeOllama, groq: FakeGroq, hass_storage: dict[str, Any]
) -> None:
    """They are not read, not overwritten, and the agent works without."""
    stored = written(VERSIONS[-1], "sessions") | {"version": 2}
    hass_storage[STORAGE_KEY] = stored
    path = Path(SessionArchive(home)._store.path)
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(stored), "utf-8")
    groq.api_key = "gsk_of_that_time"
    entry = entry_of(VERSIONS[-1], ollama=ollama.url, groq=groq.url)
    entry.add_to_hass(home)
    assert await home.config_entries.async_setup(entry.entry_id)
    await home.async_block_till_done()
    assert list(home.data[ARCHIVE]) == []
    aside = path.with_name(f"{path.name}.unreadable")
    assert json.loads(aside.read_text("utf-8")) == stored
    aside.unlink()
