"""Secrets are looked for in everything that leaves the house or is shown: none may be there."""

import json
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.config_entries import SOURCE_REAUTH, SOURCE_USER
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.issue_registry import IssueSeverity

from custom_components.jonh.agent.safety.pin import Pin
from custom_components.jonh.const import DOMAIN
from custom_components.jonh.diagnostics import async_get_config_entry_diagnostics
from custom_components.jonh.store import ARCHIVE
from tests.jonh.conftest import (
    BOTH_AGENT,
    GROQ_MODEL,
    OLLAMA_MODEL,
    ask,
    jonh_entry,
    satellite,
    speech,
)
from tests.jonh.devices import add_lock
from tests.jonh.test_system_health import health
from tests.jonh.turns import control

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry
    from pytest_homeassistant_custom_component.typing import (
        ClientSessionGenerator,
        WebSocketGenerator,
    )

    from tests.fakes.groq import FakeGroq
    from tests.fakes.ollama import FakeOllama

KEY = "gsk_kanarienvogel7"
USER, PASSWORD = "kanarienhalter", "kanarienfutter"
PIN = "48213579"
PROMPT = "Kanarienlied"
FACT = "Kanarienbauer"
SAID = "kanarienfeder"
SECRETS = (KEY, USER, PASSWORD, PIN, "4821 3579", PROMPT, FACT, SAID)
"""What nobody else writes, each in its own place; compared without regard to case."""
ITS_OWN = ("homeassistant.", "aiohttp.", "tests.", "asyncio")
"""Loggers of Home Assistant and of the tests; what Assist writes of a conversation is theirs."""
NEVER = (KEY, USER, PASSWORD)
"""What not even they may get to know; what is said to them and asked of a model they do."""


@dataclass
class Net:
    """Gathers what could be seen, by where."""

    caught: dict[str, str] = field(default_factory=dict)

    def add(self, where: str, what: Any) -> None:
        """Take something that somebody sees."""
        text = what if isinstance(what, str) else json.dumps(what, default=repr, ensure_ascii=False)
        self.caught[where] = f"{self.caught.get(where, '')}\n{text}".casefold()

    def add_state(self, hass: HomeAssistant) -> None:
        """Take what everybody sees who is logged in."""
        self.add("states", [state.as_dict() for state in hass.states.async_all()])
        self.add("issues", [repr(issue) for issue in ir.async_get(hass).issues.values()])
        flows = hass.config_entries.flow.async_progress(include_uninitialized=True)
        self.add("flows", [dict(flow) for flow in flows])

    def add_log(self, caplog: pytest.LogCaptureFixture) -> None:
        """Take the log, with the exceptions in it."""
        formatter = logging.Formatter("%(levelname)s %(name)s %(message)s")
        for record in caplog.get_records("call"):
            kind = "log of others" if record.name.startswith(ITS_OWN) else "log"
            self.add(kind, formatter.format(record))

    @property
    def leaks(self) -> list[str]:
        """Return which secrets were found where."""
        return [
            f"{secret} in {where}: ...{text[max(0, at - 160) : at + 60]}..."
            for where, text in self.caught.items()
            for secret in (NEVER if where == "log of others" else SECRETS)
            if (at := text.find(secret.casefold())) >= 0
        ]


@pytest.fixture
def net(caplog: pytest.LogCaptureFixture) -> Net:
    """Let everything be logged that anybody may log."""
    caplog.set_level(logging.DEBUG)
    for name in ("groq", "groq._base_client", "httpx", "httpcore", "ollama", DOMAIN):
        caplog.set_level(logging.DEBUG, name)
    return Net()


async def set_up_with_secrets(
    hass: HomeAssistant, ollama: FakeOllama, groq: FakeGroq, **settings: Any
) -> MockConfigEntry:
    """Add an agent that knows every secret."""
    address = ollama.url.replace("://", f"://{USER}:{PASSWORD}@")
    groq.api_key = KEY
    entry = jonh_entry(
        {"ollama": {"url": address}, "groq": {"api_key": KEY, "base_url": groq.url}},
        BOTH_AGENT
        | {
            "prompt": f"Fale como um {PROMPT}.",
            "facts": [f"O vizinho chama-se {FACT}."],
            "pin_hash": Pin.create(PIN, bytes(16)).to_text(),
            "store_history": False,
            "fast_path": False,
        }
        | settings,
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return entry


@pytest.mark.usefixtures("all_entities")
async def test_a_life_of_turns_and_errors(
    home: HomeAssistant,
    ollama: FakeOllama,
    groq: FakeGroq,
    net: Net,
    caplog: pytest.LogCaptureFixture,
    hass_client: ClientSessionGenerator,
    hass_ws_client: WebSocketGenerator,
) -> None:
    """Answers, tools, a PIN, and every kind of failure whose text repeats what it was sent."""
    await add_lock(home)
    entry = await set_up_with_secrets(home, ollama, groq)
    echo = f"bad request: key {KEY}, prompt {PROMPT} {FACT}, said {SAID} at {USER}:{PASSWORD}"
    device = satellite(home)
    for server in (ollama, groq):
        server.script({"content": f"Sobre {SAID} sei pouco."})
    await ask(home, f"fale de {SAID}", device_id=device)
    ollama.script({"tool_calls": [{"name": "home_control", "arguments": {"action": SAID}}]})
    ollama.script({"content": f"{SAID}, pois."})
    await ask(home, f"faça {SAID}", device_id=device)
    for status in (400, 401, 403, 404, 413, 429, 500, 503):
        for server in (ollama, groq):
            server.script({"status": status, "code": "x", "error": echo})
        await ask(home, f"e {SAID}", device_id=device)
    for steps in (
        [{"error": echo}],
        [{"raw": f"{{{echo}\n"}],
        [{"content": f"{SAID} "}, {"error": echo}],
        [{"content": f"{SAID} "}, {"cut": True}],
        [{"tool_calls": [{"name": SAID, "arguments": {"name": [{SAID: SAID}]}}]}],
    ):
        for server in (ollama, groq):
            server.script(*steps)
            server.script(*steps)
        await ask(home, f"e {SAID} então", device_id=device)
        ollama.model.scripts.clear()
        groq.model.scripts.clear()
    await home.async_block_till_done(wait_background_tasks=True)
    for server in (ollama, groq):
        # Whichever is asked, after all that has failed.
        server.script(control("unlock", "Porta da Frente"))
    asked = await ask(home, "destranca a porta da frente", device_id=device)
    assert "PIN" in speech(asked)
    for server in (ollama, groq):
        server.requests.clear()
    await ask(home, "1111", device_id=device)
    done = await ask(home, "4821 3579", device_id=device)
    assert home.states.get("lock.porta_da_frente").state == "unlocked"  # type: ignore[union-attr]
    net.add("said", speech(done))
    net.add("remembered", [str(session.turns) for _, session in home.data[ARCHIVE]][-1:])
    net.caught["remembered"] = net.caught["remembered"].replace(SAID, "")
    for server in (ollama, groq):
        net.add(f"sent to {type(server).__name__}", [body for _, body in server.requests])
    net.add("diagnostics", await async_get_config_entry_diagnostics(home, entry))
    net.add("system health", await health(home, hass_ws_client))
    client = await hass_client()
    for path in ("health", "sessions/nothing", f"session/{SAID}"):
        response = await client.get(f"/api/jonh/{path}")
        net.add("HTTP", (await response.text()).replace(SAID, ""))
    net.add_state(home)
    net.add_log(caplog)
    assert net.leaks == []
    assert SAID in net.caught["log of others"], "the net is there to catch something"


async def test_setting_up_and_failing(
    home: HomeAssistant,
    ollama: FakeOllama,
    groq: FakeGroq,
    net: Net,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Forms that are refused, a key that is not taken any more, and the form that asks for it."""
    groq.api_key = "gsk_another"
    flow = await home.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    while flow["type"] == "menu":
        flow = await home.config_entries.flow.async_configure(
            flow["flow_id"], {"next_step_id": "groq"}
        )
    flow = await home.config_entries.flow.async_configure(flow["flow_id"], {"api_key": KEY})
    assert flow["errors"]
    net.add("form", {key: value for key, value in flow.items() if key != "data_schema"})
    home.config_entries.flow.async_abort(flow["flow_id"])

    entry = await set_up_with_secrets(home, ollama, groq)
    groq.api_key = "gsk_another"
    await entry.runtime_data.coordinators["groq"].async_refresh()
    await home.async_block_till_done(wait_background_tasks=True)
    (reauth,) = home.config_entries.flow.async_progress_by_handler(DOMAIN)
    assert reauth["context"]["source"] == SOURCE_REAUTH
    flow = await home.config_entries.flow.async_configure(reauth["flow_id"])
    flow = await home.config_entries.flow.async_configure(flow["flow_id"], {"api_key": f"{KEY}2"})
    net.add("form", {key: value for key, value in flow.items() if key != "data_schema"})
    await ollama.__aexit__()
    await entry.runtime_data.coordinators["ollama"].async_refresh()
    net.add("exception", repr(entry.runtime_data.coordinators["ollama"].last_exception))
    net.add("exception", repr(entry.runtime_data.coordinators["groq"].last_exception))
    net.add("diagnostics", await async_get_config_entry_diagnostics(home, entry))
    net.add("entry", [entry.title, entry.reason, repr(entry)])
    net.add_state(home)
    net.add_log(caplog)
    assert net.leaks == []


async def test_repairs_name_no_secret(
    home: HomeAssistant,
    ollama: FakeOllama,
    groq: FakeGroq,
    net: Net,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A model that is gone, one that cannot act, a window that is too small."""
    ollama.models[OLLAMA_MODEL].capabilities.remove("tools")
    groq.decommissioned = {GROQ_MODEL}
    await set_up_with_secrets(home, ollama, groq, num_ctx=512)
    async_expose_entity(home, "conversation", "input_boolean.luz", should_expose=True)
    for _ in range(2):
        await ask(home, f"fale de {SAID}")
    await home.async_block_till_done(wait_background_tasks=True)
    issues = ir.async_get(home).issues.values()
    assert len([issue for issue in issues if issue.domain == DOMAIN]) >= 1
    assert all(issue.severity is not IssueSeverity.CRITICAL for issue in issues)
    net.add_state(home)
    net.add_log(caplog)
    assert net.leaks == []


async def test_the_net_catches(home: HomeAssistant, net: Net) -> None:
    """Each place is looked at: a secret that is put there is found."""
    home.states.async_set("sensor.x", "y", {"key": KEY})
    ir.async_create_issue(
        home,
        DOMAIN,
        "x",
        is_fixable=False,
        severity=IssueSeverity.WARNING,
        translation_key="x",
        translation_placeholders={"what": PROMPT},
    )
    net.add_state(home)
    assert len(net.leaks) == 2
