"""Files of sessions that cannot be read, or only in part."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from custom_components.jonh.store import (
    ARCHIVE,
    STORAGE_KEY,
    UNREADABLE_SUFFIX,
    SessionArchive,
    async_load_sessions,
    async_remove_sessions,
    async_sessions,
)
from tests.jonh.test_store import AGENT, knows, load, restart, save, talk

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant


@pytest.mark.parametrize(
    "content",
    [
        pytest.param({"version": 99, "key": STORAGE_KEY, "data": {}}, id="a newer version"),
        pytest.param({"key": STORAGE_KEY, "data": {}}, id="no version"),
        pytest.param({"version": 1, "data": ["not", "ours"]}, id="another shape"),
        pytest.param(["nonsense"], id="no mapping"),
    ],
)
async def test_unreadable_file_is_put_aside(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
    content: Any,
) -> None:
    """The agents load without, it is said once, and the next conversation is written."""
    hass_storage[STORAGE_KEY] = content
    path = Path(SessionArchive(hass)._store.path)
    aside = path.with_name(path.name + UNREADABLE_SUFFIX)
    path.parent.mkdir(exist_ok=True)
    path.write_text("from another time", "utf-8")
    entry = await load(hass)
    assert aside.read_text("utf-8") == "from another time"
    assert not path.exists()
    assert caplog.text.count("Sessions cannot be read") == 1
    talk(async_sessions(hass, AGENT), "um")
    await restart(hass, entry)
    assert knows(async_sessions(hass, AGENT)) == ["um"]
    await async_remove_sessions(hass)
    assert not aside.exists()


async def test_unreadable_file_that_cannot_be_moved(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    """The agents load nevertheless."""
    hass_storage[STORAGE_KEY] = {"version": 99, "key": STORAGE_KEY, "data": {}}
    await load(hass)
    assert knows(async_sessions(hass, AGENT)) == []


@pytest.mark.parametrize("agents", [None, [], {AGENT: None}, {AGENT: [{}, "x"]}])
async def test_damaged_sessions_are_left_out(
    hass: HomeAssistant, hass_storage: dict[str, Any], agents: Any
) -> None:
    """What can be read is kept, the rest is as if it had never been."""
    entry = await load(hass)
    talk(async_sessions(hass, AGENT), "um", device_id="d1")
    await save(hass)
    good = hass_storage[STORAGE_KEY]["data"]["agents"][AGENT]
    hass_storage[STORAGE_KEY]["data"]["agents"] = agents
    del hass.data[ARCHIVE]
    await async_load_sessions(hass, entry)
    assert knows(async_sessions(hass, AGENT), device_id="d1") == []
    del hass.data[ARCHIVE]
    hass_storage[STORAGE_KEY]["data"]["agents"] = {AGENT: [{}, *good]}
    await async_load_sessions(hass, entry)
    assert knows(async_sessions(hass, AGENT), device_id="d1") == ["um"]
