"""A model server is away for an hour: one line when it goes, one when it is back."""

import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.config_entries import ConfigEntryState
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.jonh.const import DOMAIN
from tests.jonh.conftest import GROQ_AGENT, OLLAMA_AGENT, ask, set_up, speech
from tests.jonh.resilience.logs import defects
from tests.jonh.turns import DEAD_URL

if TYPE_CHECKING:
    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant

    from tests.fakes.groq import FakeGroq
    from tests.fakes.ollama import FakeOllama
    from tests.fakes.stand_in import StandIn

MINUTES = 60


@pytest.fixture(autouse=True)
def noon(freezer: FrozenDateTimeFactory) -> FrozenDateTimeFactory:
    """Let time pass when the test says so."""
    freezer.move_to(datetime(2026, 11, 2, 12, tzinfo=UTC))
    return freezer


async def pass_minutes(hass: HomeAssistant, freezer: FrozenDateTimeFactory, minutes: int) -> None:
    """Let time pass, minute by minute, and everything happen that is due."""
    for _ in range(minutes):
        freezer.tick(timedelta(minutes=1))
        async_fire_time_changed(hass)
        await hass.async_block_till_done(wait_background_tasks=True)


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what the log of the integration tells a person."""
    return [
        record.getMessage()
        for record in caplog.get_records("call")
        if record.levelno >= logging.INFO and record.name.startswith(f"custom_components.{DOMAIN}")
    ]


@pytest.mark.usefixtures("all_entities")
@pytest.mark.parametrize("kind", ["ollama", "groq"])
async def test_an_hour_away(
    home: HomeAssistant,
    ollama: FakeOllama,
    groq: FakeGroq,
    noon: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
    kind: str,
) -> None:
    """Nobody asks meanwhile; the server is found again by itself within a minute."""
    server: StandIn = ollama if kind == "ollama" else groq
    agent: dict[str, Any] = OLLAMA_AGENT if kind == "ollama" else GROQ_AGENT
    entry = await set_up(home, agent, **{f"{kind}_url": server.url})
    coordinator = entry.runtime_data.coordinators[kind]
    await pass_minutes(home, noon, 5)
    assert told(caplog) == []
    await server.__aexit__()
    if kind == "groq":
        # Nobody asks a cloud every minute whether it is there: a turn notices.
        await ask(home, "fale das abelhas")
        await home.async_block_till_done(wait_background_tasks=True)
        caplog.set_level(logging.INFO)
    await pass_minutes(home, noon, MINUTES)
    assert not coordinator.last_update_success
    assert len([line for line in told(caplog) if "Error fetching" in line]) == 1
    await server.__aenter__()
    await pass_minutes(home, noon, 1)
    assert coordinator.last_update_success
    await pass_minutes(home, noon, 5)
    lines = [line for line in told(caplog) if "No language model" not in line]
    assert [line.partition(" data")[0] for line in lines] == [
        f"Error fetching {coordinator.name}",
        f"Fetching {coordinator.name}",
    ]
    assert lines[1].endswith("recovered")
    server.script({"content": "Estou de volta."})
    assert speech(await ask(home, "e as abelhas")) == "Estou de volta."


async def test_away_from_the_beginning(
    home: HomeAssistant,
    ollama: FakeOllama,
    noon: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The entry loads without it, and the agent answers once it has come."""
    await ollama.__aexit__()
    entry = await set_up(home, OLLAMA_AGENT, ollama_url=ollama.url)
    assert entry.state is ConfigEntryState.LOADED
    await ask(home, "acenda a luz da sala")
    assert home.states.get("light.luz_da_sala").state == "on"  # type: ignore[union-attr]
    await pass_minutes(home, noon, MINUTES)
    await ollama.__aenter__()
    await pass_minutes(home, noon, 1)
    ollama.script({"content": "Oi."})
    assert speech(await ask(home, "fale das abelhas")) == "Oi."
    assert len(told(caplog)) == 2


async def test_turns_meanwhile_are_told_once_each(
    home: HomeAssistant, socket_enabled: None, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever asks a server that is away is told, and so is the log, without a traceback."""
    caplog.set_level(logging.INFO)
    await set_up(home, OLLAMA_AGENT, ollama_url=DEAD_URL)
    for _ in range(5):
        assert "Ollama" in speech(await ask(home, "fale das abelhas"))
    await home.async_block_till_done(wait_background_tasks=True)
    assert len([line for line in told(caplog) if "No language model" in line]) == 5
    assert len([line for line in told(caplog) if "Error fetching" in line]) == 1
    assert defects(caplog) == []
