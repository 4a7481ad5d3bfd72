"""What is remembered over a restart, exact to the second and to the message; and wrong clocks."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed, flush_store

from custom_components.jonh.const import CONF_STORE_HISTORY
from custom_components.jonh.store import ARCHIVE, SAVE_DELAY_S
from tests.jonh.conftest import OLLAMA_AGENT, ask, satellite, set_up
from tests.jonh.turns import chats, said

if TYPE_CHECKING:
    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from tests.fakes.ollama import FakeOllama

WINDOW_S = 3600
MAX_MESSAGES = 10
REQUEST = "PEDIDO: "
STORED = OLLAMA_AGENT | {CONF_STORE_HISTORY: True, "fast_path": False}
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def noon(freezer: FrozenDateTimeFactory) -> FrozenDateTimeFactory:
    """Let time pass when the test says so."""
    freezer.move_to(datetime(2026, 11, 2, 12, tzinfo=UTC))
    return freezer


def told(ollama: FakeOllama) -> list[str]:
    """Return what the model was told of earlier turns, the present request left out."""
    return said(chats(ollama)[-1])[:-1]


async def restart(home: HomeAssistant, entry: MockConfigEntry) -> None:
    """Write what is to be written, forget everything, and begin again."""
    assert await home.config_entries.async_unload(entry.entry_id)
    await flush_store(home.data[ARCHIVE]._store)
    del home.data[ARCHIVE]
    assert await home.config_entries.async_setup(entry.entry_id)
    await home.async_block_till_done()


async def talk(home: HomeAssistant, ollama: FakeOllama, device: str, text: str) -> None:
    """Have one turn."""
    ollama.script({"content": f"Sobre {text}, sim."})
    await ask(home, text, device_id=device)


@pytest.mark.parametrize("way", ["nothing", "a reload", "a restart"])
@pytest.mark.parametrize(
    ("later_s", "is_told"), [(WINDOW_S - 1, True), (WINDOW_S, True), (WINDOW_S + 1, False)]
)
async def test_the_edge_of_the_hour(
    home: HomeAssistant,
    ollama: FakeOllama,
    noon: FrozenDateTimeFactory,
    way: str,
    later_s: int,
    is_told: bool,
) -> None:
    """What was said an hour ago is known, what was said a second earlier is not."""
    entry = await set_up(home, STORED, ollama_url=ollama.url)
    device = satellite(home)
    await talk(home, ollama, device, "maçãs")
    noon.tick(timedelta(seconds=1800))
    await talk(home, ollama, device, "peras")
    noon.tick(timedelta(seconds=later_s - 1800))
    if way == "a reload":
        await home.config_entries.async_reload(entry.entry_id)
    elif way == "a restart":
        await restart(home, entry)
    await talk(home, ollama, device, "figos")
    expected = ["peras", "Sobre peras, sim."]
    assert told(ollama) == (["maçãs", "Sobre maçãs, sim.", *expected] if is_told else expected)


@pytest.mark.parametrize("turns", [4, 5, 6, 12])
async def test_the_edge_of_ten_messages(
    home: HomeAssistant, ollama: FakeOllama, noon: FrozenDateTimeFactory, turns: int
) -> None:
    """Ten messages are told after a restart, whole turns, the latest ones."""
    entry = await set_up(home, STORED, ollama_url=ollama.url)
    device = satellite(home)
    for number in range(turns):
        await talk(home, ollama, device, f"fruta {number}")
        noon.tick(timedelta(seconds=10))
    await restart(home, entry)
    await talk(home, ollama, device, "e agora")
    kept = range(max(0, turns - MAX_MESSAGES // 2), turns)
    assert told(ollama) == [text for n in kept for text in (f"fruta {n}", f"Sobre fruta {n}, sim.")]
    assert len(told(ollama)) == min(2 * turns, MAX_MESSAGES)


async def test_a_crash_loses_what_was_not_written_yet(
    home: HomeAssistant, ollama: FakeOllama, noon: FrozenDateTimeFactory
) -> None:
    """The last seconds only, and no more."""
    entry = await set_up(home, STORED, ollama_url=ollama.url)
    device = satellite(home)
    await talk(home, ollama, device, "maçãs")
    noon.tick(timedelta(seconds=SAVE_DELAY_S + 1))
    async_fire_time_changed(home)
    await home.async_block_till_done()
    await talk(home, ollama, device, "peras")
    # The power goes: nothing is written any more.
    home.data[ARCHIVE]._store.make_read_only()
    del home.data[ARCHIVE]
    await home.config_entries.async_reload(entry.entry_id)
    await talk(home, ollama, device, "figos")
    assert told(ollama) == ["maçãs", "Sobre maçãs, sim."]


async def test_a_clock_that_is_set_back(
    home: HomeAssistant, ollama: FakeOllama, noon: FrozenDateTimeFactory
) -> None:
    """The latest turn stays the latest, the order is that of the talk, the hour begins anew."""
    await set_up(home, STORED, ollama_url=ollama.url)
    device = satellite(home)
    for number in range(5):
        await talk(home, ollama, device, f"antes {number}")
        noon.tick(timedelta(seconds=10))
    noon.tick(-HOUR)
    for number in range(3):
        await talk(home, ollama, device, f"depois {number}")
        noon.tick(timedelta(seconds=10))
    requests = [text for text in told(ollama) if not text.startswith("Sobre")]
    assert requests == ["antes 2", "antes 3", "antes 4", "depois 0", "depois 1"]
    noon.tick(HOUR + timedelta(seconds=1))
    await talk(home, ollama, device, "bem depois")
    assert told(ollama) == []
    assert dt_util.utcnow().hour == 12


async def test_a_clock_that_is_set_forward(
    home: HomeAssistant, ollama: FakeOllama, noon: FrozenDateTimeFactory
) -> None:
    """What seems old is forgotten; the next turn is remembered as ever, and back again."""
    await set_up(home, STORED, ollama_url=ollama.url)
    device = satellite(home)
    await talk(home, ollama, device, "antes")
    noon.tick(HOUR + timedelta(seconds=1))
    await talk(home, ollama, device, "depois 0")
    assert told(ollama) == []
    noon.tick(-HOUR)
    await talk(home, ollama, device, "depois 1")
    assert told(ollama) == ["depois 0", "Sobre depois 0, sim."]
