"""The names of the home, brought to our own speech recogniser, which then expects them.

They go to no other: a server is told only once it has said that it is jonh-stt.
"""

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
    ConfigEntryState,
)
from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.event import async_track_time_interval

from .const import LOGGER

if TYPE_CHECKING:
    from .agent.home import Home
    from .coordinator import JonhConfigEntry

WYOMING = "wyoming"
PROGRAM = "Jonh STT"
EVENT = "jonh-names"
NAMES_MAX = 1000
"""What jonh-stt takes; its prompt has room for some forty, the first ones."""
NAME_CHARS_MAX = 80
TIMEOUT_S = 5.0
INTERVAL = timedelta(hours=1)
"""A server that lost its data directory knows the names again after this long."""


@callback
def async_bring_names(hass: HomeAssistant, entry: JonhConfigEntry) -> None:
    """Bring the names now, whenever the home changes, and to each server that comes."""
    home = entry.runtime_data.home

    @callback
    def bring(only: ConfigEntry[Any] | None = None) -> None:
        entry.async_create_background_task(
            hass, _async_bring(hass, entry, only), "names for speech recognition"
        )

    @callback
    def on_entry(change: ConfigEntryChange, other: ConfigEntry[Any]) -> None:
        if change is ConfigEntryChange.UPDATED and _is_server(other):
            bring(other)

    @callback
    def on_time(_now: datetime) -> None:
        bring()

    entry.async_on_unload(home.async_add_listener(bring))
    entry.async_on_unload(async_track_time_interval(hass, on_time, INTERVAL))
    entry.async_on_unload(async_dispatcher_connect(hass, SIGNAL_CONFIG_ENTRY_CHANGED, on_entry))
    bring()


def names_of(home: Home) -> list[str]:
    """Return what people may say, the most useful first: rooms, then things, short ones first."""
    places = [name for area in home.areas for name in area.names]
    places += [name for floor in home.floors for name in (floor.name, *floor.aliases)]
    things = [name for entity in home.entities for name in entity.names]
    found = dict.fromkeys([*places, *sorted(things, key=len)])
    return [name for name in found if len(name) <= NAME_CHARS_MAX][:NAMES_MAX]


def _is_server(entry: ConfigEntry[Any]) -> bool:
    return entry.domain == WYOMING and entry.state is ConfigEntryState.LOADED


async def _async_bring(
    hass: HomeAssistant, entry: JonhConfigEntry, only: ConfigEntry[Any] | None
) -> None:
    servers = [only] if only else filter(_is_server, hass.config_entries.async_entries(WYOMING))
    for server in servers:
        names = names_of((await entry.runtime_data.home.async_index()).home)
        host, port = server.data[CONF_HOST], server.data[CONF_PORT]
        try:
            async with asyncio.timeout(TIMEOUT_S):
                is_told = await _async_tell(host, port, names)
        except (OSError, TimeoutError, ValueError, KeyError) as err:
            LOGGER.debug("The names of the home were not brought to %s:%s: %r", host, port, err)
        else:
            if is_told:
                LOGGER.debug("Brought %s names of the home to %s:%s", len(names), host, port)


async def _async_tell(host: str, port: int, names: list[str]) -> bool:
    """Tell a server the names, if it is ours, and wait until it has read them."""
    # Home Assistant installs it for the Wyoming integration, which has an entry by now.
    from wyoming.client import AsyncTcpClient
    from wyoming.event import Event
    from wyoming.info import Describe, Info
    from wyoming.ping import Ping, Pong

    async with AsyncTcpClient(host, port) as client:
        await client.write_event(Describe().event())
        event = await client.read_event()
        if event is None or not Info.is_type(event.type):
            return False
        programs = Info.from_event(event).asr
        if not programs or programs[0].name != PROGRAM:
            return False
        await client.write_event(Event(EVENT, {"names": names}))
        await client.write_event(Ping().event())
        event = await client.read_event()
        return event is not None and Pong.is_type(event.type)
